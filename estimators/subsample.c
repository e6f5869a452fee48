#include "estimators/subsample.h"

#include <math.h>

enum { MOST_PARTS = 10, LEAST_BLOCKS_PER_PART = 4 };

struct icl_cut icl_cut_of(size_t n, size_t least, const struct icl_sampling *sampling)
{
    const size_t block = sampling->block > 1 ? sampling->block : 1;
    return (struct icl_cut){n, block, n / block + (n % block != 0), least, sampling->stream};
}

bool icl_can_cut(const struct icl_cut *cut, unsigned parts)
{
    return cut->n / parts >= cut->least && (cut->block == 1 || cut->blocks / parts >= LEAST_BLOCKS_PER_PART);
}

icl_status icl_for_each_part(const struct icl_cut *cut, unsigned parts, icl_subsample_estimate *estimate, void *context,
                             struct icl_workspace *ws, double (*value)[2], struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    uint32_t *permutation = ICL_TAKE(ws, cut->blocks, uint32_t), *part = ICL_TAKE(ws, cut->blocks, uint32_t);
    uint32_t *chosen = ICL_TAKE(ws, cut->n, uint32_t);
    if (!permutation || !part || !chosen) return icl_fail_memory(err, "a subsample");
    struct icl_stream split = cut->stream;
    split.step = parts;
    icl_random_permutation(&split, cut->blocks, permutation);
    for (size_t b = 0; b < cut->blocks; b++)
        part[permutation[b]] = (uint32_t)(b * parts / cut->blocks);
    for (uint32_t p = 0; p < parts; p++) {
        size_t m = 0;
        for (size_t i = 0; i < cut->n; i++)
            if (part[i / cut->block] == p) chosen[m++] = (uint32_t)i;
        const struct icl_mark round = icl_workspace_mark(ws);
        ICL_TRY(estimate(context, chosen, m, ws, value[p], err));
        icl_workspace_release(ws, round);
    }
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

static double sample_variance(double (*value)[2], unsigned count)
{
    double mean = 0, squares = 0;
    for (unsigned i = 0; i < count; i++)
        mean += value[i][0] / count;
    for (unsigned i = 0; i < count; i++)
        squares += (value[i][0] - mean) * (value[i][0] - mean);
    return squares / (count - 1);
}

icl_status icl_subsample_error(const struct icl_cut *cut, icl_subsample_estimate *estimate, void *context,
                               struct icl_workspace *workspace, double *se, struct icl_error *err)
{
    double sum = 0, weight = 0, value[MOST_PARTS][2];
    for (unsigned parts = 2; parts <= MOST_PARTS && icl_can_cut(cut, parts); parts++) {
        ICL_TRY(icl_for_each_part(cut, parts, estimate, context, workspace, value, err));
        const double variance = sample_variance(value, parts);
        sum += (parts - 1.0) / parts * variance;
        weight += parts - 1.0;
    }
    *se = weight > 0 ? sqrt(sum / weight) : NAN;
    return ICL_OK;
}

double icl_subsample_df(const struct icl_cut *cut)
{
    unsigned sum = 0;
    for (unsigned parts = 2; parts <= MOST_PARTS && icl_can_cut(cut, parts); parts++)
        sum += parts - 1;
    return fmax(1, (double)ICL_SUBSAMPLING_DF * sum / (MOST_PARTS * (MOST_PARTS - 1) / 2));
}
