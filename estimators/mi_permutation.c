#include "estimators/mi_permutation.h"

#include <math.h>

icl_status icl_block_permutation(const struct icl_stream *stream, size_t n, size_t block,
                                 struct icl_workspace *workspace, uint32_t *permutation, struct icl_error *err)
{
    if (block <= 1) {
        icl_random_permutation(stream, n, permutation);
        return ICL_OK;
    }
    const size_t blocks = n / block + (n % block != 0);
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *order = ICL_TAKE(workspace, blocks, uint32_t);
    if (order == NULL) return icl_fail_memory(err, "a permutation of blocks");
    icl_random_permutation(stream, blocks, order);
    size_t to = 0;
    for (size_t b = 0; b < blocks; b++) {
        const size_t begin = order[b] * block, length = n - begin < block ? n - begin : block;
        for (size_t i = 0; i < length; i++)
            permutation[to++] = (uint32_t)(begin + i);
    }
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

/* ---- estimates of a shuffled pair ----------------------------------------------------------------------------- */

icl_status icl_mi_shuffled_begin(const struct icl_column *x, const struct icl_column *y,
                                 const struct icl_mi_options *options, struct icl_workspace *workspace,
                                 struct icl_mi_shuffled *shuffled, struct icl_error *err)
{
    *shuffled = (struct icl_mi_shuffled){.x = x, .y = y, .options = *options};
    if (x->n != y->n) return icl_fail(err, ICL_ERR_INPUT, "columns of %zu and %zu rows", x->n, y->n);
    if (x->state != ICL_COLUMN_REGULAR || y->state != ICL_COLUMN_REGULAR) return ICL_OK;
    if (options->estimator == ICL_MI_PLUGIN)
        ICL_TRY(icl_pair_bins_make(x, y, options->bins, workspace, &shuffled->bins, err));
    if (options->estimator == ICL_MI_GAUSSIAN) {
        double *score_x = ICL_TAKE(workspace, x->n, double), *score_y = ICL_TAKE(workspace, x->n, double);
        if (score_x == NULL || score_y == NULL) return icl_fail_memory(err, "the scores of a permutation test");
        icl_mi_gaussian_scores(x, score_x);
        icl_mi_gaussian_scores(y, score_y);
        shuffled->score_x = score_x;
        shuffled->score_y = score_y;
    }
    return ICL_OK;
}

static icl_status shuffled_plugin(const struct icl_mi_shuffled *s, const uint32_t *permutation,
                                  struct icl_workspace *ws, double *mi, struct icl_error *err)
{
    uint64_t *count;
    ICL_TRY(icl_pair_bins_count(&s->bins, permutation, ws, &count, err));
    return icl_mi_table_corrected(count, s->bins.rows, s->bins.cols, s->options.correction, ws, mi, err);
}

static icl_status shuffled_gaussian(const struct icl_mi_shuffled *s, const uint32_t *permutation,
                                    struct icl_workspace *ws, double *mi, struct icl_error *err)
{
    const size_t n = s->x->n;
    double *score = ICL_TAKE(ws, n, double);
    if (score == NULL) return icl_fail_memory(err, "permuted scores");
    for (size_t i = 0; i < n; i++)
        score[i] = s->score_y[permutation[i]];
    return icl_mi_gaussian_of_scores(s->score_x, score, n, mi, err);
}

static icl_status shuffled_pair(const struct icl_mi_shuffled *s, const uint32_t *permutation, struct icl_workspace *ws,
                                double *mi, struct icl_error *err)
{
    struct icl_column permuted;
    struct icl_mi_result result;
    ICL_TRY(icl_column_permute(s->y, permutation, ws, &permuted, err));
    ICL_TRY(icl_mi_pair(s->x, &permuted, &s->options, ws, &result, err));
    *mi = result.mi;
    return ICL_OK;
}

icl_status icl_mi_shuffled_estimate(const struct icl_mi_shuffled *shuffled, const uint32_t *permutation,
                                    struct icl_workspace *workspace, double *mi, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const icl_status status = shuffled->bins.x != NULL    ? shuffled_plugin(shuffled, permutation, workspace, mi, err)
                              : shuffled->score_x != NULL ? shuffled_gaussian(shuffled, permutation, workspace, mi, err)
                                                          : shuffled_pair(shuffled, permutation, workspace, mi, err);
    icl_workspace_release(workspace, mark);
    return status;
}

/* ---- the test ------------------------------------------------------------------------------------------------- */

/* Fewer blocks have too few orders: 5! = 120. */
enum { LEAST_BLOCKS = 5 };

icl_status icl_permutation_check(size_t n, const struct icl_permutation_plan *plan, struct icl_error *err)
{
    if (plan->block > 1 && n / plan->block < LEAST_BLOCKS)
        return icl_fail(err, ICL_ERR_INPUT, "%zu rows make %zu blocks of %zu: at least %d are needed", n,
                        n / plan->block, plan->block, LEAST_BLOCKS);
    return ICL_OK;
}

bool icl_permutation_goes_on(const struct icl_permutation_plan *plan, const struct icl_permutation_progress *progress)
{
    return progress->done < plan->permutations && (plan->stop == 0 || progress->reached < plan->stop);
}

void icl_permutation_told(struct icl_permutation_progress *progress, double observed, double mi)
{
    progress->done++;
    if (mi >= observed - ICL_MI_ROUNDING) progress->reached++;
}

double icl_permutation_p(const struct icl_permutation_plan *plan, const struct icl_permutation_progress *progress)
{
    const bool stopped = plan->stop != 0 && progress->reached == plan->stop;
    return stopped ? (double)progress->reached / progress->done
                   : (progress->reached + 1.0) / (plan->permutations + 1.0);
}

icl_status icl_permutation_test(size_t n, double observed, const struct icl_permutation_plan *plan,
                                const struct icl_stream *stream, icl_permuted_estimate *estimate, void *context,
                                struct icl_workspace *workspace, double *p, struct icl_error *err)
{
    *p = NAN;
    if (isnan(observed) || plan->permutations == 0) return ICL_OK;
    ICL_TRY(icl_permutation_check(n, plan, err));
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct icl_stream shuffle = *stream;
    uint32_t *permutation = ICL_TAKE(workspace, n, uint32_t);
    if (permutation == NULL) return icl_fail_memory(err, "a permutation");
    struct icl_permutation_progress progress = {0, 0};
    while (icl_permutation_goes_on(plan, &progress)) {
        const struct icl_mark round = icl_workspace_mark(workspace);
        double mi;
        shuffle.step = progress.done;
        ICL_TRY(icl_block_permutation(&shuffle, n, plan->block, workspace, permutation, err));
        ICL_TRY(estimate(context, permutation, workspace, &mi, err));
        icl_permutation_told(&progress, observed, mi);
        icl_workspace_release(workspace, round);
    }
    *p = icl_permutation_p(plan, &progress);
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

static icl_status permuted_pair(void *context, const uint32_t *permutation, struct icl_workspace *ws, double *mi,
                                struct icl_error *err)
{
    const struct icl_mi_shuffled *shuffled = context;
    return icl_mi_shuffled_estimate(shuffled, permutation, ws, mi, err);
}

icl_status icl_mi_permutation_test(const struct icl_column *x, const struct icl_column *y,
                                   const struct icl_mi_options *options, double observed,
                                   const struct icl_permutation_plan *plan, const struct icl_stream *stream,
                                   struct icl_workspace *workspace, double *p, struct icl_error *err)
{
    *p = NAN;
    if (isnan(observed) || plan->permutations == 0) return ICL_OK;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct icl_mi_shuffled shuffled;
    ICL_TRY(icl_mi_shuffled_begin(x, y, options, workspace, &shuffled, err));
    const icl_status status =
        icl_permutation_test(x->n, observed, plan, stream, permuted_pair, &shuffled, workspace, p, err);
    icl_workspace_release(workspace, mark);
    return status;
}
