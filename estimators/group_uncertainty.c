#include "estimators/group_uncertainty.h"

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

struct groups {
    const struct icl_column_group *x, *y;
    const struct icl_mi_options *options;
};

static icl_status estimate_part(void *context, const uint32_t *chosen, size_t m, struct icl_workspace *ws, double *mi,
                                struct icl_error *err)
{
    const struct groups *groups = context;
    struct icl_column_group x, y;
    struct icl_mi_result result;
    ICL_TRY(derive_group(groups->x, chosen, m, true, ws, &x, err));
    ICL_TRY(derive_group(groups->y, chosen, m, true, ws, &y, err));
    ICL_TRY(icl_mi_groups(&x, &y, groups->options, ws, &result, err));
    *mi = result.mi;
    return ICL_OK;
}

icl_status icl_mi_groups_interval(const struct icl_column_group *x, const struct icl_column_group *y,
                                  const struct icl_mi_options *options, const struct icl_sampling *sampling,
                                  struct icl_workspace *workspace, struct icl_interval *interval, struct icl_error *err)
{
    if (x->size == 1 && y->size == 1)
        return icl_mi_interval(x->column[0], y->column[0], options, sampling, workspace, interval, err);
    struct icl_mi_result result;
    struct groups groups = {x, y, options};
    const struct icl_cut cut = icl_cut_of(x->column[0]->n, icl_mi_least_part(options), sampling);
    ICL_TRY(icl_mi_groups(x, y, options, workspace, &result, err));
    *interval = (struct icl_interval){.estimate = result.mi, .df = icl_subsample_df(&cut)};
    ICL_TRY(icl_subsample_error(&cut, estimate_part, &groups, workspace, &interval->se, err));
    icl_interval_set(interval, .95);
    return ICL_OK;
}

static icl_status permuted_groups(void *context, const uint32_t *permutation, struct icl_workspace *ws, double *mi,
                                  struct icl_error *err)
{
    const struct groups *groups = context;
    struct icl_column_group permuted;
    struct icl_mi_result result;
    ICL_TRY(derive_group(groups->y, permutation, groups->y->column[0]->n, false, ws, &permuted, err));
    ICL_TRY(icl_mi_groups(groups->x, &permuted, groups->options, ws, &result, err));
    *mi = result.mi;
    return ICL_OK;
}

icl_status icl_mi_groups_permutation_test(const struct icl_column_group *x, const struct icl_column_group *y,
                                          const struct icl_mi_options *options, double observed,
                                          const struct icl_permutation_plan *plan, const struct icl_stream *stream,
                                          struct icl_workspace *workspace, double *p, struct icl_error *err)
{
    struct groups groups = {x, y, options};
    return icl_permutation_test(x->column[0]->n, observed, plan, stream, permuted_groups, &groups, workspace, p, err);
}
