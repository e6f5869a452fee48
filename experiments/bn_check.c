#include "experiments/bn_check.h"

#include "estimators/correlation.h"
#include "estimators/mutual_information.h"

static const double EPSILON = 1e-5;

static const struct icl_mi_options estimators[ICL_MI_SERIES] = {
    [ICL_BY_DECOMPOSITION] = {.estimator = ICL_MI_DECOMPOSITION},
    [ICL_BY_PLUGIN] = {.estimator = ICL_MI_PLUGIN, .bins = ICL_SWEEP_BINS},
    [ICL_BY_NEIGHBOURS] = {.estimator = ICL_MI_MESNER_SHALIZI},
};

icl_status icl_bn_check_create(struct icl_bn_check *check, uint64_t seed, size_t blocks, size_t rows,
                               struct icl_error *err)
{
    *check = (struct icl_bn_check){.law = icl_law_by_name("relu"), .seed = seed, .blocks = blocks, .rows = rows};
    const struct icl_series series = {
        .blocks = blocks, .size = ICL_BN_LEVELS, .levels = ICL_BN_LEVELS, .n = blocks * rows};
    icl_status status = ICL_OK;
    for (size_t e = 0; e < ICL_MI_SERIES && status == ICL_OK; e++) {
        check->mi[e] = series;
        icl_series_name(&check->mi[e], e);
        status = icl_series_alloc(&check->mi[e], err);
    }
    check->correlation = series;
    check->correlation.estimator = "pearson";
    if (status == ICL_OK) status = icl_series_alloc(&check->correlation, err);
    if (status != ICL_OK) icl_bn_check_free(check);
    return status;
}

void icl_bn_check_free(struct icl_bn_check *check)
{
    for (int e = 0; e < ICL_MI_SERIES; e++)
        icl_series_free(&check->mi[e]);
    icl_series_free(&check->correlation);
}

/* y = BN(x) over rows of two channels, statistics of each `batch` rows. */
static void batch_norm(const float *x, size_t rows, size_t batch, float *y)
{
    const struct kernels *kernels = icl_kernels();
    for (size_t from = 0; from < rows; from += batch) {
        const size_t count = rows - from < batch ? rows - from : batch;
        double mean[2], var[2];
        float scale[2], shift[2];
        kernels->bn_statistics(x + 2 * from, count, 2, mean, var);
        icl_bn_coefficients(mean, var, NULL, NULL, EPSILON, 2, scale, shift);
        kernels->bn_apply(x + 2 * from, count, 2, scale, shift, y + 2 * from);
    }
}

static icl_status measure(struct icl_bn_check *c, size_t slot, const float *pairs, double *x, double *y,
                          struct icl_workspace *ws, struct icl_error *err)
{
    for (size_t i = 0; i < c->rows; i++) {
        x[i] = (double)pairs[2 * i];
        y[i] = (double)pairs[2 * i + 1];
    }
    struct icl_column cx, cy = {0};
    ICL_TRY(icl_column_prepare(&cx, x, c->rows, 1, ws, err));
    icl_status status = icl_column_prepare(&cy, y, c->rows, 1, ws, err);
    for (int e = 0; e < ICL_MI_SERIES && status == ICL_OK; e++) {
        struct icl_mi_result result;
        status = icl_mi_pair(&cx, &cy, &estimators[e], ws, &result, err);
        c->mi[e].block[slot] = result.mi;
    }
    if (status == ICL_OK) c->correlation.block[slot] = icl_pearson(&cx, &cy);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return status;
}

icl_status icl_bn_check_block(struct icl_bn_check *check, size_t b, struct icl_workspace *workspace,
                              struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const size_t rows = check->rows;
    double *x = ICL_TAKE(workspace, rows, double), *y = ICL_TAKE(workspace, rows, double);
    float *pairs = ICL_TAKE(workspace, 2 * rows, float), *normed = ICL_TAKE(workspace, 2 * rows, float);
    if (!x || !y || !pairs || !normed) return icl_fail_memory(err, "a block of samples");
    check->law->sample(check->law, check->seed, (uint32_t)b, rows, x, y);
    for (size_t i = 0; i < rows; i++) {
        pairs[2 * i] = (float)x[i];
        pairs[2 * i + 1] = (float)y[i];
    }
    const size_t slot = b * ICL_BN_LEVELS;
    ICL_TRY(measure(check, slot + ICL_BN_BEFORE, pairs, x, y, workspace, err));
    batch_norm(pairs, rows, rows, normed);
    ICL_TRY(measure(check, slot + ICL_BN_FIXED, normed, x, y, workspace, err));
    batch_norm(pairs, rows, ICL_BN_BATCH, normed);
    ICL_TRY(measure(check, slot + ICL_BN_BATCHED, normed, x, y, workspace, err));
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
