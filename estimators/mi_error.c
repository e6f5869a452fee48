#include "estimators/mi_error.h"

#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <string.h>

#include "estimators/local_internal.h"
#include "estimators/mi_decomposition_internal.h"

/* ---- parts of a pair ------------------------------------------------------------------------------------------ */

enum { LEAST_BLOCKS = 8 };

struct pair {
    const struct icl_column *x, *y;
    const struct icl_mi_options *options;
};

size_t icl_mi_least_part(const struct icl_mi_options *options)
{
    const unsigned k = options->k != 0 ? options->k : ICL_MI_DEFAULT_K;
    return (size_t)ICL_SUBSAMPLE_ROWS_PER_NEIGHBOUR * (k + 1);
}

static icl_status cut_pair(const struct pair *pair, const uint32_t *chosen, size_t m, struct icl_workspace *ws,
                           struct icl_column *x, struct icl_column *y, struct icl_error *err)
{
    ICL_TRY(icl_column_subset(pair->x, chosen, m, ws, x, err));
    return icl_column_subset(pair->y, chosen, m, ws, y, err);
}

static icl_status part_estimate(void *context, const uint32_t *chosen, size_t m, struct icl_workspace *ws,
                                double *value, struct icl_error *err)
{
    const struct pair *pair = context;
    struct icl_column x, y;
    struct icl_mi_result result;
    ICL_TRY(cut_pair(pair, chosen, m, ws, &x, &y, err));
    ICL_TRY(icl_mi_pair(&x, &y, pair->options, ws, &result, err));
    value[0] = result.mi;
    return ICL_OK;
}

icl_status icl_mi_block_error(const struct icl_column *x, const struct icl_column *y,
                              const struct icl_mi_options *options, const struct icl_sampling *sampling,
                              struct icl_workspace *workspace, double *se, struct icl_error *err)
{
    struct pair pair = {x, y, options};
    const struct icl_cut cut = icl_cut_of(x->n, icl_mi_least_part(options), sampling);
    return icl_subsample_error(&cut, part_estimate, &pair, workspace, se, err);
}

icl_status icl_mi_standard_error(const struct icl_column *x, const struct icl_column *y,
                                 const struct icl_mi_options *options, const struct icl_stream *stream,
                                 struct icl_workspace *workspace, double *se, struct icl_error *err)
{
    return icl_mi_block_error(x, y, options, &(struct icl_sampling){*stream, 1}, workspace, se, err);
}

/* ---- local terms ---------------------------------------------------------------------------------------------- */

/* Variance of the mean of the values times n, and its degrees of freedom: of a variance from n values with kurtosis g,
 * 2 n / (g - 1); of one from B block sums, B - 1. */
static double spread(const double *value, size_t n, size_t block, double *df)
{
    if (block <= 1) block = 1;
    const size_t blocks = n / block;
    double mean = 0, second = 0, fourth = 0;
    for (size_t i = 0; i < blocks * block; i++)
        mean += value[i];
    mean /= (double)blocks;
    for (size_t b = 0; b < blocks; b++) {
        double sum = -mean;
        for (size_t i = b * block; i < (b + 1) * block; i++)
            sum += value[i];
        second += sum * sum;
        fourth += sum * sum * sum * sum;
    }
    const double degrees = (double)blocks - 1;
    *df = degrees;
    if (block == 1 && second > 0) {
        const double kurtosis = fourth / second * ((double)n / second);
        *df = kurtosis > 1 ? fmin(2 * (double)n / (kurtosis - 1), degrees) : degrees;
    }
    return second / degrees / (double)block;
}

/* The estimators that are means of local terms; false: not one of them. */
static bool has_local(enum icl_mi_estimator estimator)
{
    return estimator == ICL_MI_DECOMPOSITION || estimator == ICL_MI_KSG1 || estimator == ICL_MI_PLUGIN;
}

static icl_status ksg1_local(const struct icl_column *x, const struct icl_column *y, unsigned k,
                             struct icl_workspace *ws, double *mi, double *local, struct icl_error *err)
{
    struct icl_sorted_points plane;
    ICL_TRY(icl_mi_plane(x, y, ws, &plane, err));
    return icl_tc_ksg1_local(&plane, k, ws, mi, local, err);
}

static icl_status local_terms(const struct icl_column *x, const struct icl_column *y,
                              const struct icl_mi_options *options, struct icl_workspace *ws, double *mi,
                              struct icl_local *local, struct icl_error *err)
{
    local->excess = 0;
    if (options->estimator == ICL_MI_PLUGIN)
        return icl_mi_plugin_local(x, y, options->bins, options->correction, ws, mi, local->value, err);
    if (options->estimator == ICL_MI_KSG1) {
        const unsigned k = options->k != 0 ? options->k : ICL_MI_DEFAULT_K;
        ICL_TRY(ksg1_local(x, y, k, ws, mi, local->value, err));
        local->excess = icl_local_excess(k, local->value, x->n);
        return ICL_OK;
    }
    struct icl_mi_result result = {.mi = NAN};
    const struct icl_decomposition way = {.k = options->k, .correction = options->correction, .local = local};
    ICL_TRY(icl_mi_decompose(x, y, &way, ws, &result, err));
    *mi = result.mi;
    return ICL_OK;
}

/* Terms of independent columns are all noise of the neighbours: they vary by psi'(k) - common, and n times the variance
 * of their mean is that + .53/k + common. Those of dependent columns vary by more, though not by as much as the
 * logarithms that they stand for, which are smoothed over the k neighbours. */
double icl_local_excess(unsigned k, const double *term, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += term[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (term[i] - mean) * (term[i] - mean);
    const double common = 2.4 / sqrt((double)k * (double)n), noise = gsl_sf_psi_1_int((int)k) - common;
    const double smoothed = 3 * sqrt((double)k / (double)n) * fmax(squares / (double)n - noise, 0);
    return .53 / k + common + smoothed;
}

icl_status icl_mi_interval(const struct icl_column *x, const struct icl_column *y, const struct icl_mi_options *options,
                           const struct icl_sampling *sampling, struct icl_workspace *workspace,
                           struct icl_interval *interval, struct icl_error *err)
{
    struct icl_mi_result result;
    *interval = (struct icl_interval){NAN, NAN, INFINITY, NAN, NAN};
    if (sampling->block > 1 && x->n / sampling->block < LEAST_BLOCKS)
        return icl_fail(err, ICL_ERR_INPUT, "%zu rows make fewer than %d blocks of %zu", x->n, LEAST_BLOCKS,
                        sampling->block);
    struct icl_mi_options used = *options;
    const bool regular = x->state == ICL_COLUMN_REGULAR && y->state == ICL_COLUMN_REGULAR;
    if (options->estimator == ICL_MI_AUTO && regular && x->n == y->n) used.estimator = icl_mi_choose(x, y);
    if (!regular || x->n != y->n || !has_local(used.estimator)) {
        ICL_TRY(icl_mi_pair(x, y, &used, workspace, &result, err));
        interval->estimate = result.mi;
        const struct icl_cut cut = icl_cut_of(x->n, icl_mi_least_part(&used), sampling);
        interval->df = icl_subsample_df(&cut);
        if (regular)
            ICL_TRY(icl_mi_block_error(x, y, &used, sampling, workspace, &interval->se, err));
        else
            interval->se = isnan(result.mi) ? NAN : 0;
    } else {
        if (icl_mi_takes_neighbours(used.estimator) && x->n <= (used.k != 0 ? used.k : ICL_MI_DEFAULT_K))
            return icl_mi_pair(x, y, &used, workspace, &result, err); /* says what is wrong */
        const struct icl_mark mark = icl_workspace_mark(workspace);
        struct icl_local local = {ICL_TAKE(workspace, x->n, double), 0};
        if (local.value == NULL) return icl_fail_memory(err, "local terms");
        ICL_TRY(local_terms(x, y, &used, workspace, &interval->estimate, &local, err));
        const double variance = spread(local.value, x->n, sampling->block, &interval->df) + local.excess;
        interval->se = sqrt(fmax(variance, 0) / (double)x->n);
        icl_workspace_release(workspace, mark);
    }
    icl_interval_set(interval, .95);
    return ICL_OK;
}

/* ---- drift ---------------------------------------------------------------------------------------------------- */

static icl_status part_interval(void *context, const uint32_t *chosen, size_t m, struct icl_workspace *ws,
                                double *value, struct icl_error *err)
{
    const struct pair *pair = context;
    const struct icl_sampling independent = {{0}, 1}; /* blocks are not what they were, errors are compared only */
    struct icl_column x, y;
    struct icl_interval interval;
    ICL_TRY(cut_pair(pair, chosen, m, ws, &x, &y, err));
    ICL_TRY(icl_mi_interval(&x, &y, pair->options, &independent, ws, &interval, err));
    value[0] = interval.estimate;
    value[1] = interval.se;
    return ICL_OK;
}

enum { DRIFT_PARTS = 4, DRIFT_K = 4, DRIFT_FACTOR = 4 };

static double in_errors(double difference, double one, double other)
{
    const double se = fmax(one, other);
    return se > 0 ? difference / se : difference == 0 ? 0 : NAN;
}

icl_status icl_mi_find_drift(const struct icl_column *x, const struct icl_column *y,
                             const struct icl_mi_options *options, const struct icl_sampling *sampling,
                             struct icl_workspace *workspace, struct icl_mi_drift *drift, struct icl_error *err)
{
    struct icl_interval whole, wide;
    struct icl_mi_options narrow = *options;
    *drift = (struct icl_mi_drift){NAN, NAN};
    ICL_TRY(icl_mi_interval(x, y, options, sampling, workspace, &whole, err));
    if (x->state != ICL_COLUMN_REGULAR || y->state != ICL_COLUMN_REGULAR) return ICL_OK;
    if (options->estimator == ICL_MI_AUTO) narrow.estimator = icl_mi_choose(x, y); /* of parts as of the whole */
    struct pair pair = {x, y, &narrow};
    const struct icl_cut cut = icl_cut_of(x->n, icl_mi_least_part(&narrow), sampling);
    if (icl_can_cut(&cut, DRIFT_PARTS)) {
        double value[DRIFT_PARTS][2], mean = 0, squares = 0;
        ICL_TRY(icl_for_each_part(&cut, DRIFT_PARTS, part_interval, &pair, workspace, value, err));
        for (unsigned p = 0; p < DRIFT_PARTS; p++) {
            mean += value[p][0] / DRIFT_PARTS;
            squares += value[p][1] * value[p][1];
        }
        drift->over_n = in_errors(mean - whole.estimate, whole.se, sqrt(squares) / DRIFT_PARTS);
    }
    struct icl_mi_options broad = narrow;
    narrow.k = options->k != 0 ? options->k : DRIFT_K;
    broad.k = DRIFT_FACTOR * narrow.k;
    if (!icl_mi_takes_neighbours(narrow.estimator) || x->n <= broad.k) return ICL_OK;
    ICL_TRY(icl_mi_interval(x, y, &narrow, sampling, workspace, &whole, err));
    ICL_TRY(icl_mi_interval(x, y, &broad, sampling, workspace, &wide, err));
    drift->over_k = in_errors(wide.estimate - whole.estimate, whole.se, wide.se);
    return ICL_OK;
}
