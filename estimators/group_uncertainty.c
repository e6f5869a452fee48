#include "estimators/group_uncertainty.h"

#include <math.h>

#include "estimators/mi_error.h"

enum { LEAST_ROWS_PER_NEIGHBOUR = 4 }; /* as for a pair */

/* What makes a derived column: icl_column_subset or icl_column_permute. */
static icl_status derive(const struct icl_column *parent, const uint32_t *chosen, size_t m, bool subset,
                         struct icl_workspace *ws, struct icl_column *out, struct icl_error *err)
{
    return subset ? icl_column_subset(parent, chosen, m, ws, out, err)
                  : icl_column_permute(parent, chosen, ws, out, err);
}

/* The group of the samples chosen[0..m-1], a subset or a permutation; in the workspace. */
static icl_status derive_group(const struct icl_column_group *parent, const uint32_t *chosen, size_t m, bool subset,
                               struct icl_workspace *ws, struct icl_column_group *out, struct icl_error *err)
{
    const struct icl_column **pointer = ICL_TAKE(ws, parent->size, const struct icl_column *);
    struct icl_column *column = ICL_TAKE(ws, parent->size, struct icl_column);
    if (pointer == NULL || column == NULL) return icl_fail_memory(err, "a group of columns");
    for (size_t c = 0; c < parent->size; c++) {
        ICL_TRY(derive(parent->column[c], chosen, m, subset, ws, &column[c], err));
        pointer[c] = &column[c];
    }
    *out = (struct icl_column_group){pointer, parent->size};
    return ICL_OK;
}

struct cut {
    const struct icl_column_group *x, *y;
    const struct icl_mi_options *options;
};

static icl_status estimate_part(void *context, const uint32_t *chosen, size_t m, struct icl_workspace *ws, double *mi,
                                struct icl_error *err)
{
    const struct cut *cut = context;
    struct icl_column_group x, y;
    struct icl_mi_result result;
    ICL_TRY(derive_group(cut->x, chosen, m, true, ws, &x, err));
    ICL_TRY(derive_group(cut->y, chosen, m, true, ws, &y, err));
    ICL_TRY(icl_mi_groups(&x, &y, cut->options, ws, &result, err));
    *mi = result.mi;
    return ICL_OK;
}

icl_status icl_mi_groups_standard_error(const struct icl_column_group *x, const struct icl_column_group *y,
                                        const struct icl_mi_options *options, const struct icl_stream *stream,
                                        struct icl_workspace *workspace, double *se, struct icl_error *err)
{
    struct cut cut = {x, y, options};
    const unsigned k = options->k != 0 ? options->k : ICL_MI_DEFAULT_K;
    return icl_subsample_error(x->column[0]->n, (size_t)LEAST_ROWS_PER_NEIGHBOUR * (k + 1), estimate_part, &cut, stream,
                               workspace, se, err);
}

icl_status icl_mi_groups_permutation_test(const struct icl_column_group *x, const struct icl_column_group *y,
                                          const struct icl_mi_options *options, double observed, unsigned permutations,
                                          const struct icl_stream *stream, struct icl_workspace *workspace, double *p,
                                          struct icl_error *err)
{
    *p = NAN;
    if (isnan(observed) || permutations == 0) return ICL_OK;
    const size_t n = x->column[0]->n;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *permutation = ICL_TAKE(workspace, n, uint32_t);
    if (permutation == NULL) return icl_fail_memory(err, "a permutation");
    unsigned reached = 0;
    struct icl_stream shuffle = *stream;
    for (unsigned m = 0; m < permutations; m++) {
        const struct icl_mark round = icl_workspace_mark(workspace);
        struct icl_column_group permuted;
        struct icl_mi_result result;
        shuffle.step = m;
        icl_random_permutation(&shuffle, n, permutation);
        ICL_TRY(derive_group(y, permutation, n, false, workspace, &permuted, err));
        ICL_TRY(icl_mi_groups(x, &permuted, options, workspace, &result, err));
        if (result.mi >= observed) reached++;
        icl_workspace_release(workspace, round);
    }
    *p = (reached + 1.0) / (permutations + 1.0);
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
