#include "estimators/mi_groups.h"

#include <math.h>

#include "estimators/grouped_neighbours.h"
#include "estimators/knn_sums_internal.h"
#include "estimators/patterns_internal.h"

/* ---- choosing ------------------------------------------------------------------------------------------------- */

/* Cells of identities alone want this many samples each, as in icl_mi_choose; cells that hold continuous samples want
 * enough for a neighbour search of their own (measured in docs/estimators.md). */
enum { SAMPLES_PER_CELL = 10, SAMPLES_PER_CONTINUOUS_CELL = 100 };

/* What decides: the number of patterns, too many atoms for one column or patterns for the group, any continuous part.
 */
struct look {
    double patterns;
    bool fine, continuous;
};

static icl_status look_at(const struct icl_column_group *group, struct icl_workspace *ws, struct look *look,
                          struct icl_error *err)
{
    struct icl_patterns found;
    const struct icl_mark mark = icl_workspace_mark(ws);
    ICL_TRY(icl_patterns_find(group, ws, &found, err));
    icl_workspace_release(ws, mark);
    const double n = (double)group->column[0]->n, patterns = (double)found.count;
    *look = (struct look){patterns, patterns * patterns > n, false};
    for (size_t c = 0; c < group->size; c++)
        look->continuous = look->continuous || group->column[c]->continuous > 0;
    return ICL_OK;
}

icl_status icl_mi_groups_choose(const struct icl_column_group *x, const struct icl_column_group *y,
                                struct icl_workspace *workspace, enum icl_mi_estimator *estimator,
                                struct icl_error *err)
{
    struct look lx, ly;
    ICL_TRY(look_at(x, workspace, &lx, err));
    ICL_TRY(look_at(y, workspace, &ly, err));
    const double n = (double)x->column[0]->n, cells = lx.patterns * ly.patterns;
    const bool crowded =
        lx.continuous || ly.continuous
            ? cells > ICL_MI_COARSE && SAMPLES_PER_CONTINUOUS_CELL * cells > n
            : lx.patterns > ICL_MI_COARSE && ly.patterns > ICL_MI_COARSE && SAMPLES_PER_CELL * cells > n;
    *estimator = lx.fine || ly.fine || crowded ? ICL_MI_MESNER_SHALIZI : ICL_MI_DECOMPOSITION;
    return ICL_OK;
}

/* ---- estimators of densities and mixtures on z values --------------------------------------------------------- */

static icl_status run_knn(const struct icl_column_group *x, const struct icl_column_group *y,
                          enum icl_mi_estimator estimator, unsigned k, struct icl_workspace *ws, double *mi,
                          struct icl_error *err)
{
    const size_t n = x->column[0]->n, dimensions[2] = {x->size, y->size};
    const double **at = ICL_TAKE(ws, x->size + y->size, const double *);
    uint32_t *within = ICL_TAKE(ws, n, uint32_t), *counts = ICL_TAKE(ws, 2 * n, uint32_t);
    if (!at || !within || !counts) return icl_fail_memory(err, "a kNN estimate");
    for (size_t c = 0; c < x->size; c++)
        at[c] = x->column[c]->z;
    for (size_t c = 0; c < y->size; c++)
        at[x->size + c] = y->column[c]->z;
    const struct icl_grouped_points points = {n, 2, dimensions, at};
    return icl_grouped_estimate(&points, estimator, k, within, counts, ws, mi, err);
}

/* ---- public --------------------------------------------------------------------------------------------------- */

bool icl_mi_takes_groups(enum icl_mi_estimator estimator)
{
    return estimator == ICL_MI_AUTO || estimator == ICL_MI_DECOMPOSITION || estimator == ICL_MI_KSG1 ||
           estimator == ICL_MI_KSG2 || estimator == ICL_MI_MESNER_SHALIZI;
}

icl_status icl_column_group_regular(const struct icl_column_group *group, size_t n, struct icl_workspace *workspace,
                                    struct icl_column_group *kept, unsigned *notes, struct icl_error *err)
{
    const struct icl_column **column = ICL_TAKE(workspace, group->size, const struct icl_column *);
    if (column == NULL) return icl_fail_memory(err, "a group of columns");
    *kept = (struct icl_column_group){column, 0};
    for (size_t c = 0; c < group->size; c++) {
        if (group->column[c]->n != n)
            return icl_fail(err, ICL_ERR_INPUT, "columns of %zu and %zu rows", n, group->column[c]->n);
        if (group->column[c]->state == ICL_COLUMN_NONFINITE) *notes |= ICL_MI_NOTE_NONFINITE;
        if (group->column[c]->state == ICL_COLUMN_REGULAR) column[kept->size++] = group->column[c];
    }
    if (kept->size == 0) *notes |= ICL_MI_NOTE_CONSTANT;
    return ICL_OK;
}

static bool has_atoms(const struct icl_column_group *group)
{
    for (size_t c = 0; c < group->size; c++)
        if (group->column[c]->atom_count > 0) return true;
    return false;
}

static icl_status run(const struct icl_column_group *x, const struct icl_column_group *y,
                      const struct icl_mi_options *options, struct icl_workspace *ws, struct icl_mi_result *result,
                      struct icl_error *err)
{
    const size_t n = x->column[0]->n;
    const unsigned k = options->k != 0 ? options->k : ICL_MI_DEFAULT_K;
    struct icl_column_group kept_x, kept_y;
    ICL_TRY(icl_column_group_regular(x, n, ws, &kept_x, &result->notes, err));
    ICL_TRY(icl_column_group_regular(y, n, ws, &kept_y, &result->notes, err));
    if (n <= k) return icl_fail(err, ICL_ERR_INPUT, "%zu rows are too few for k = %u neighbours", n, k);
    if (result->notes != 0) {
        const bool nonfinite = (result->notes & ICL_MI_NOTE_NONFINITE) != 0;
        if (options->estimator == ICL_MI_AUTO) result->estimator = ICL_MI_DECOMPOSITION;
        result->notes = nonfinite ? ICL_MI_NOTE_NONFINITE : ICL_MI_NOTE_CONSTANT;
        result->mi = nonfinite ? NAN : 0;
        return ICL_OK;
    }
    if (kept_x.size == 1 && kept_y.size == 1)
        return icl_mi_pair(kept_x.column[0], kept_y.column[0], options, ws, result, err);
    if (options->estimator == ICL_MI_AUTO) ICL_TRY(icl_mi_groups_choose(&kept_x, &kept_y, ws, &result->estimator, err));
    if (result->estimator == ICL_MI_DECOMPOSITION)
        return icl_mi_groups_decomposition(&kept_x, &kept_y, k, ws, result, err);
    if (icl_mi_wants_densities(result->estimator) && (has_atoms(&kept_x) || has_atoms(&kept_y)))
        result->notes = ICL_MI_NOTE_ATOMS;
    return run_knn(&kept_x, &kept_y, result->estimator, k, ws, &result->mi, err);
}

icl_status icl_mi_groups(const struct icl_column_group *x, const struct icl_column_group *y,
                         const struct icl_mi_options *options, struct icl_workspace *workspace,
                         struct icl_mi_result *result, struct icl_error *err)
{
    *result = (struct icl_mi_result){NAN, options->estimator, 0, NAN, NAN, NAN, NAN};
    if (x->size == 0 || y->size == 0) return icl_fail(err, ICL_ERR_INPUT, "a group of no columns");
    if (x->size == 1 && y->size == 1) return icl_mi_pair(x->column[0], y->column[0], options, workspace, result, err);
    if (!icl_mi_takes_groups(options->estimator))
        return icl_fail(err, ICL_ERR_USAGE, "%s has no form for groups of columns",
                        (unsigned)options->estimator < ICL_MI_COUNT ? icl_mi_names[options->estimator]
                                                                    : "that estimator");
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const icl_status status = run(x, y, options, workspace, result, err);
    icl_workspace_release(workspace, mark);
    return status;
}
