#include "estimators/subsample.h"

#include <math.h>

enum { MOST_PARTS = 10 };

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
