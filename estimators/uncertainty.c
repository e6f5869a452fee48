#include "estimators/uncertainty.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PARTS = 10, LEAST_ROWS_PER_NEIGHBOUR = 4 };

static double sample_variance(const double *value, unsigned count)
{
    double mean = 0, squares = 0;
    for (unsigned i = 0; i < count; i++)
        mean += value[i] / count;
    for (unsigned i = 0; i < count; i++)
        squares += (value[i] - mean) * (value[i] - mean);
    return squares / (count - 1);
}

/* Splits the samples into `parts` by a random permutation and takes the variance of the estimate over the parts. */
static icl_status split_variance(icl_subsample_estimate *estimate, void *context, size_t n, unsigned parts,
                                 const struct icl_stream *stream, struct icl_workspace *ws, double *variance,
                                 struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    uint32_t *permutation = ICL_TAKE(ws, n, uint32_t), *part = ICL_TAKE(ws, n, uint32_t);
    uint32_t *chosen = ICL_TAKE(ws, n, uint32_t);
    if (!permutation || !part || !chosen) return icl_fail_memory(err, "a subsample");
    icl_random_permutation(stream, n, permutation);
    for (size_t i = 0; i < n; i++)
        part[permutation[i]] = (uint32_t)(i * parts / n);
    double value[MOST_PARTS];
    for (uint32_t p = 0; p < parts; p++) {
        size_t m = 0;
        for (size_t i = 0; i < n; i++)
            if (part[i] == p) chosen[m++] = (uint32_t)i;
        const struct icl_mark round = icl_workspace_mark(ws);
        ICL_TRY(estimate(context, chosen, m, ws, &value[p], err));
        icl_workspace_release(ws, round);
    }
    *variance = sample_variance(value, parts);
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

icl_status icl_subsample_error(size_t n, size_t least, icl_subsample_estimate *estimate, void *context,
                               const struct icl_stream *stream, struct icl_workspace *workspace, double *se,
                               struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    double sum = 0, weight = 0;
    struct icl_stream split = *stream;
    for (unsigned parts = 2; parts <= MOST_PARTS; parts++) {
        if (n / parts < least) break;
        split.step = parts;
        double variance = 0;
        ICL_TRY(split_variance(estimate, context, n, parts, &split, workspace, &variance, err));
        sum += (parts - 1.0) / parts * variance;
        weight += parts - 1.0;
    }
    *se = weight > 0 ? sqrt(sum / weight) : NAN;
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

/* A pair, ready to be cut. */
struct cut {
    const struct icl_column *x, *y;
    const struct icl_mi_options *options;
};

static icl_status estimate_part(void *context, const uint32_t *chosen, size_t m, struct icl_workspace *ws, double *mi,
                                struct icl_error *err)
{
    const struct cut *cut = context;
    struct icl_column x, y;
    struct icl_mi_result result;
    ICL_TRY(icl_column_subset(cut->x, chosen, m, ws, &x, err));
    ICL_TRY(icl_column_subset(cut->y, chosen, m, ws, &y, err));
    ICL_TRY(icl_mi_pair(&x, &y, cut->options, ws, &result, err));
    *mi = result.mi;
    return ICL_OK;
}

icl_status icl_mi_standard_error(const struct icl_column *x, const struct icl_column *y,
                                 const struct icl_mi_options *options, const struct icl_stream *stream,
                                 struct icl_workspace *workspace, double *se, struct icl_error *err)
{
    struct cut cut = {x, y, options};
    const unsigned k = options->k != 0 ? options->k : ICL_MI_DEFAULT_K;
    const size_t least = (size_t)LEAST_ROWS_PER_NEIGHBOUR * (k + 1);
    return icl_subsample_error(x->n, least, estimate_part, &cut, stream, workspace, se, err);
}

icl_status icl_mi_permutation_test(const struct icl_column *x, const struct icl_column *y,
                                   const struct icl_mi_options *options, double observed, unsigned permutations,
                                   const struct icl_stream *stream, struct icl_workspace *workspace, double *p,
                                   struct icl_error *err)
{
    *p = NAN;
    if (isnan(observed) || permutations == 0) return ICL_OK;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *permutation = ICL_TAKE(workspace, x->n, uint32_t);
    if (permutation == NULL) return icl_fail_memory(err, "a permutation");
    unsigned reached = 0;
    struct icl_stream shuffle = *stream;
    for (unsigned m = 0; m < permutations; m++) {
        const struct icl_mark round = icl_workspace_mark(workspace);
        struct icl_column permuted;
        struct icl_mi_result result;
        shuffle.step = m;
        icl_random_permutation(&shuffle, x->n, permutation);
        ICL_TRY(icl_column_permute(y, permutation, workspace, &permuted, err));
        ICL_TRY(icl_mi_pair(x, &permuted, options, workspace, &result, err));
        if (result.mi >= observed) reached++;
        icl_workspace_release(workspace, round);
    }
    *p = (reached + 1.0) / (permutations + 1.0);
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

icl_status icl_jackknife(const double *block, size_t blocks, size_t size, icl_statistic statistic, const void *context,
                         struct icl_interval *interval, struct icl_error *err)
{
    if (blocks < 2) return icl_fail(err, ICL_ERR_INPUT, "a jackknife over %zu blocks: at least 2 are needed", blocks);
    double *memory = calloc(2 * size + blocks, sizeof *memory);
    if (memory == NULL) return icl_fail_memory(err, "a jackknife");
    double *sum = memory, *mean = memory + size, *without = memory + 2 * size;
    for (size_t b = 0; b < blocks; b++)
        for (size_t i = 0; i < size; i++)
            sum[i] += block[b * size + i];
    for (size_t i = 0; i < size; i++)
        mean[i] = sum[i] / (double)blocks;
    interval->estimate = statistic(mean, size, context);
    for (size_t b = 0; b < blocks; b++) {
        for (size_t i = 0; i < size; i++)
            mean[i] = (sum[i] - block[b * size + i]) / (double)(blocks - 1);
        without[b] = statistic(mean, size, context);
    }
    icl_jackknife_interval(without, blocks, interval);
    free(memory);
    return ICL_OK;
}

void icl_jackknife_interval(const double *without, size_t blocks, struct icl_interval *interval)
{
    double centre = 0, squares = 0;
    for (size_t b = 0; b < blocks; b++)
        centre += without[b] / (double)blocks;
    for (size_t b = 0; b < blocks; b++)
        squares += (without[b] - centre) * (without[b] - centre);
    interval->df = (double)blocks - 1;
    interval->se = sqrt(interval->df / (double)blocks * squares);
    icl_interval_set(interval, .95);
}

static double quantile(const struct icl_interval *interval, double probability)
{
    return isinf(interval->df) ? gsl_cdf_ugaussian_Pinv(probability) : gsl_cdf_tdist_Pinv(probability, interval->df);
}

void icl_interval_set(struct icl_interval *interval, double level)
{
    interval->lo = icl_interval_lower(interval, (1 + level) / 2);
    interval->hi = icl_interval_upper(interval, (1 + level) / 2);
}

double icl_interval_lower(const struct icl_interval *interval, double level)
{
    return interval->estimate - quantile(interval, level) * interval->se;
}

double icl_interval_upper(const struct icl_interval *interval, double level)
{
    return interval->estimate + quantile(interval, level) * interval->se;
}
