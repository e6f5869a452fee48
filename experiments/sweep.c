#include "experiments/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimators/bins.h"
#include "estimators/correlation.h"
#include "estimators/entropy.h"
#include "estimators/mutual_information.h"

const double icl_keeps[ICL_KEEPS] = {1, .97, .95, .9, .8, .7, .5, .3, .2, .1};

struct sweep_bins {
    struct icl_bins x, y;
};

size_t icl_keep_index(double keep)
{
    size_t j = 0;
    while (j < ICL_KEEPS && icl_keeps[j] != keep)
        j++;
    return j;
}

/* The layer number of a mask: each law, gate and keep draws gates of its own. */
static uint32_t mask_layer(const struct icl_law *law, enum icl_gate gate, size_t keep)
{
    uint32_t index = 0;
    while (icl_law_at(index) != law)
        index++;
    return (index * ICL_GATE_COUNT + (uint32_t)gate) * ICL_KEEPS + (uint32_t)keep;
}

static icl_status fix_bins(struct icl_sweep *s, struct icl_workspace *ws, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *x = ICL_TAKE(ws, s->rows, double), *y = ICL_TAKE(ws, s->rows, double);
    if (x == NULL || y == NULL) return icl_fail_memory(err, "a pilot block");
    s->law->sample(s->law, s->seed, (uint32_t)s->blocks, s->rows, x, y);
    struct icl_bins *const bins[2] = {&s->bins->x, &s->bins->y};
    for (int side = 0; side < 2; side++) {
        struct icl_column column;
        ICL_TRY(icl_column_prepare(&column, side == 0 ? x : y, s->rows, 1, ws, err));
        const icl_status status = icl_bins_fit(bins[side], &column, ICL_SWEEP_BINS, err);
        icl_column_free(&column);
        ICL_TRY(status);
    }
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

/* A plan with what was left 0 filled in, taken over into the sweep. */
static icl_status take_plan(struct icl_sweep *sweep, const struct icl_sweep_plan *plan, struct icl_error *err)
{
    *sweep = (struct icl_sweep){.law = plan->law,
                                .gate = plan->gate,
                                .seed = plan->seed,
                                .blocks = plan->blocks,
                                .rows = plan->rows,
                                .levels = plan->levels != 0 ? plan->levels : ICL_KEEPS,
                                .measured = plan->series != 0 ? plan->series : ICL_SWEEP_ALL,
                                .source = plan->source,
                                .context = plan->context};
    if (plan->levels > ICL_KEEPS)
        return icl_fail(err, ICL_ERR_USAGE, "a sweep over %zu keeps: at most %d", plan->levels, ICL_KEEPS);
    memcpy(sweep->keep, plan->levels != 0 ? plan->keep : icl_keeps, sizeof sweep->keep);
    return ICL_OK;
}

static icl_status make_series(struct icl_sweep *s, struct icl_error *err)
{
    const struct icl_series scalar = {
        .blocks = s->blocks, .size = s->levels, .levels = s->levels, .n = s->blocks * s->rows};
    struct icl_series *const all[] = {&s->mi[ICL_BY_DECOMPOSITION],
                                      &s->mi[ICL_BY_NEIGHBOURS],
                                      &s->mi[ICL_BY_PLUGIN],
                                      &s->correlation,
                                      &s->entropy,
                                      &s->coactive};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        *all[i] = scalar;
    for (size_t e = 0; e < ICL_MI_SERIES; e++)
        icl_series_name(&s->mi[e], e);
    struct icl_series *plugin = &s->mi[ICL_BY_PLUGIN];
    plugin->rows = icl_bins_count(&s->bins->x);
    plugin->cols = icl_bins_count(&s->bins->y);
    plugin->tables = 1;
    plugin->size = s->levels * plugin->rows * plugin->cols;
    plugin->to_levels = icl_levels_of_tables;
    s->correlation.estimator = "pearson";
    s->entropy.estimator = "kozachenko-leonenko";
    s->coactive.estimator = "count";
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ICL_TRY(icl_series_alloc(all[i], err));
    struct icl_series *leading = &s->mi[ICL_BY_DECOMPOSITION];
    leading->pooled = calloc(s->levels, sizeof *leading->pooled);
    return leading->pooled != NULL ? ICL_OK : icl_fail_memory(err, "pooled estimates");
}

icl_status icl_sweep_create_planned(struct icl_sweep *sweep, const struct icl_sweep_plan *plan, struct icl_error *err)
{
    ICL_TRY(take_plan(sweep, plan, err));
    sweep->bins = calloc(1, sizeof *sweep->bins);
    struct icl_workspace *ws = NULL;
    icl_status status = sweep->bins != NULL ? icl_workspace_create(&ws, err) : icl_fail_memory(err, "bins");
    if (status == ICL_OK && (sweep->measured & ICL_SWEEP_MI) != 0) status = fix_bins(sweep, ws, err);
    icl_workspace_free(ws);
    if (status == ICL_OK) status = make_series(sweep, err);
    if (status != ICL_OK) icl_sweep_free(sweep);
    return status;
}

icl_status icl_sweep_create(struct icl_sweep *sweep, const struct icl_law *law, enum icl_gate gate, uint64_t seed,
                            size_t blocks, size_t rows, struct icl_error *err)
{
    const struct icl_sweep_plan plan = {.law = law, .gate = gate, .seed = seed, .blocks = blocks, .rows = rows};
    return icl_sweep_create_planned(sweep, &plan, err);
}

void icl_sweep_free(struct icl_sweep *sweep)
{
    for (size_t i = 0; i < ICL_MI_SERIES; i++)
        icl_series_free(&sweep->mi[i]);
    icl_series_free(&sweep->correlation);
    icl_series_free(&sweep->entropy);
    icl_series_free(&sweep->coactive);
    free(sweep->bins);
    sweep->bins = NULL;
}

/* factor: the multipliers of x and y in each row of block b at level `keep`. */
static void draw_gates(const struct icl_sweep *s, size_t b, size_t keep, double *factor)
{
    /* two positions of one channel share a gate; two channels of one position do not */
    const bool shared = s->gate == ICL_GATE_SHARED;
    const struct icl_shape shape = {s->rows, shared ? 2 : 1, shared ? 1 : 2};
    const struct icl_mask mask = {
        .stream = {s->seed, s->gate == ICL_GATE_GAUSSIAN ? ICL_PURPOSE_NOISE : ICL_PURPOSE_MASK,
                   mask_layer(s->law, s->gate, keep), (uint32_t)b},
        .gate = s->gate,
        .keep = s->keep[keep],
    };
    if (s->source != NULL && keep > 0)
        s->source(s->context, &mask.stream, mask.keep, s->rows, factor);
    else
        icl_kernels()->mask_f64(&mask, &shape, 0, 2 * s->rows, factor);
}

/* The pair behind the dropout, x' = g x and y' = h y; x and y are two channels of one position. */
static icl_status apply_gates(const struct icl_sweep *s, size_t b, size_t keep, const double *x, const double *y,
                              struct icl_workspace *ws, double *gx, double *gy, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *factor = ICL_TAKE(ws, 2 * s->rows, double);
    if (factor == NULL) return icl_fail_memory(err, "gates");
    draw_gates(s, b, keep, factor);
    for (size_t i = 0; i < s->rows; i++) {
        gx[i] = x[i] * factor[2 * i];
        gy[i] = y[i] * factor[2 * i + 1];
    }
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

static icl_status measure_mi(struct icl_sweep *s, size_t b, size_t keep, const struct icl_column *x,
                             const struct icl_column *y, struct icl_workspace *ws, struct icl_error *err)
{
    static const struct {
        int series;
        struct icl_mi_options options;
    } estimators[] = {{ICL_BY_DECOMPOSITION, {.estimator = ICL_MI_DECOMPOSITION}},
                      {ICL_BY_NEIGHBOURS, {.estimator = ICL_MI_MESNER_SHALIZI}}};
    for (size_t e = 0; e < sizeof estimators / sizeof estimators[0]; e++) {
        struct icl_mi_result result;
        ICL_TRY(icl_mi_pair(x, y, &estimators[e].options, ws, &result, err));
        s->mi[estimators[e].series].block[b * s->levels + keep] = result.mi;
    }
    struct icl_series *plugin = &s->mi[ICL_BY_PLUGIN];
    icl_bins_tabulate(&s->bins->x, x->value, &s->bins->y, y->value, s->rows,
                      plugin->block + b * plugin->size + keep * plugin->rows * plugin->cols);
    return ICL_OK;
}

static double coactive_share(const struct icl_column *x, const struct icl_column *y)
{
    size_t both = 0;
    for (size_t i = 0; i < x->n; i++)
        both += x->value[i] != 0 && y->value[i] != 0;
    return (double)both / (double)x->n;
}

/* Everything that is measured of one block at one keep. */
static icl_status measure(struct icl_sweep *s, size_t b, size_t keep, const double *x, const double *y,
                          struct icl_workspace *ws, struct icl_error *err)
{
    struct icl_column cx, cy;
    ICL_TRY(icl_column_prepare(&cx, x, s->rows, 1, ws, err));
    icl_status status = icl_column_prepare(&cy, y, s->rows, 1, ws, err);
    if (status != ICL_OK) {
        icl_column_free(&cx);
        return status;
    }
    const size_t slot = b * s->levels + keep;
    if ((s->measured & ICL_SWEEP_MI) != 0) status = measure_mi(s, b, keep, &cx, &cy, ws, err);
    if ((s->measured & ICL_SWEEP_CORRELATION) != 0) s->correlation.block[slot] = icl_pearson(&cx, &cy);
    if ((s->measured & ICL_SWEEP_COACTIVE) != 0) s->coactive.block[slot] = coactive_share(&cx, &cy);
    if (status == ICL_OK && (s->measured & ICL_SWEEP_ENTROPY) != 0) {
        struct icl_entropy entropy;
        status = icl_entropy_estimate(&cx, 0, ws, &entropy, err);
        if (status == ICL_OK) s->entropy.block[slot] = entropy.mixed;
    }
    icl_column_free(&cx);
    icl_column_free(&cy);
    return status;
}

icl_status icl_sweep_block(struct icl_sweep *sweep, size_t b, struct icl_workspace *workspace, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    double *x = ICL_TAKE(workspace, sweep->rows, double), *y = ICL_TAKE(workspace, sweep->rows, double);
    double *gx = ICL_TAKE(workspace, sweep->rows, double), *gy = ICL_TAKE(workspace, sweep->rows, double);
    if (!x || !y || !gx || !gy) return icl_fail_memory(err, "a block of samples");
    sweep->law->sample(sweep->law, sweep->seed, (uint32_t)b, sweep->rows, x, y);
    for (size_t keep = 0; keep < sweep->levels; keep++) {
        ICL_TRY(apply_gates(sweep, b, keep, x, y, workspace, gx, gy, err));
        ICL_TRY(measure(sweep, b, keep, gx, gy, workspace, err));
    }
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

icl_status icl_sweep_pooled(struct icl_sweep *sweep, size_t keep, struct icl_workspace *workspace,
                            struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const size_t rows = sweep->rows, n = sweep->blocks * rows;
    double *x = ICL_TAKE(workspace, n, double), *y = ICL_TAKE(workspace, n, double);
    if (x == NULL || y == NULL) return icl_fail_memory(err, "the samples of all blocks");
    for (size_t b = 0; b < sweep->blocks; b++) {
        sweep->law->sample(sweep->law, sweep->seed, (uint32_t)b, rows, x + b * rows, y + b * rows);
        ICL_TRY(apply_gates(sweep, b, keep, x + b * rows, y + b * rows, workspace, x + b * rows, y + b * rows, err));
    }
    struct icl_column cx, cy = {0};
    struct icl_mi_result result = {0};
    ICL_TRY(icl_column_prepare(&cx, x, n, 1, workspace, err));
    icl_status status = icl_column_prepare(&cy, y, n, 1, workspace, err);
    if (status == ICL_OK) status = icl_mi_decomposition(&cx, &cy, 0, workspace, &result, err);
    sweep->mi[ICL_BY_DECOMPOSITION].pooled[keep] = result.mi;
    icl_column_free(&cx);
    icl_column_free(&cy);
    icl_workspace_release(workspace, mark);
    return status;
}
