#include "estimators/tc_columns.h"

#include <math.h>
#include <string.h>

#include "estimators/grouped_neighbours.h"
#include "estimators/knn_sums_internal.h"
#include "estimators/patterns_internal.h"

enum { SAMPLES_PER_CELL = 10 };

bool icl_tc_takes(enum icl_mi_estimator estimator)
{
    return icl_mi_takes_groups(estimator) || estimator == ICL_MI_PLUGIN;
}

static enum icl_mi_estimator choose(const struct icl_column_group *set)
{
    const double n = (double)set->column[0]->n;
    double cells = 1, patterns = 1;
    size_t rich = 0;
    for (size_t c = 0; c < set->size; c++) {
        const double atoms = (double)set->column[c]->atom_count;
        if (atoms * atoms > n) return ICL_MI_MESNER_SHALIZI;
        if (atoms > ICL_MI_COARSE) rich++;
        cells *= atoms;
        patterns *= atoms + 1;
    }
    const bool crowded = rich >= 2 && SAMPLES_PER_CELL * cells > n;
    const bool fits = set->size <= ICL_TC_MOST_COLUMNS && patterns <= (double)ICL_TC_MOST_CELLS;
    return fits && !crowded ? ICL_MI_DECOMPOSITION : ICL_MI_MESNER_SHALIZI;
}

static icl_status run_knn(const struct icl_column_group *set, enum icl_mi_estimator estimator, unsigned k,
                          struct icl_workspace *ws, double *tc, struct icl_error *err)
{
    const size_t n = set->column[0]->n, d = set->size;
    const double **at = ICL_TAKE(ws, d, const double *);
    size_t *dimensions = ICL_TAKE(ws, d, size_t);
    uint32_t *within = ICL_TAKE(ws, n, uint32_t), *counts = ICL_TAKE(ws, d * n, uint32_t);
    if (!at || !dimensions || !within || !counts) return icl_fail_memory(err, "a kNN estimate");
    for (size_t c = 0; c < d; c++) {
        at[c] = set->column[c]->z;
        dimensions[c] = 1;
    }
    const struct icl_grouped_points points = {n, (unsigned)d, dimensions, at};
    return icl_grouped_estimate(&points, estimator, k, within, counts, ws, tc, err);
}

static icl_status run_plugin(const struct icl_column_group *set, unsigned bins, struct icl_workspace *ws, double *tc,
                             struct icl_error *err)
{
    const size_t n = set->column[0]->n, d = set->size;
    const unsigned wanted = bins != 0 ? bins : icl_default_bins(n, d);
    size_t *shape = ICL_TAKE(ws, d, size_t), *cell = ICL_TAKE(ws, n, size_t), cells = 1;
    uint32_t *bin = ICL_TAKE(ws, n, uint32_t);
    if (!shape || !cell || !bin) return icl_fail_memory(err, "the bins of a plug-in");
    memset(cell, 0, n * sizeof *cell);
    for (size_t c = 0; c < d; c++) {
        ICL_TRY(icl_quantile_bins(set->column[c], wanted, bin, &shape[c]));
        if (shape[c] > ICL_TC_MOST_CELLS / cells)
            return icl_fail(err, ICL_ERR_INPUT, "a table of %zu columns in %u bins has more than %d cells", d, wanted,
                            ICL_TC_MOST_CELLS);
        cells *= shape[c];
        for (size_t i = 0; i < n; i++)
            cell[i] = cell[i] * shape[c] + bin[i];
    }
    uint64_t *count = ICL_TAKE(ws, cells, uint64_t);
    if (count == NULL) return icl_fail_memory(err, "the table of a plug-in");
    memset(count, 0, cells * sizeof *count);
    for (size_t i = 0; i < n; i++)
        count[cell[i]]++;
    return icl_tc_table(count, shape, (unsigned)d, ws, tc, err);
}

static icl_status sum_pairs(const struct icl_column_group *set, const struct icl_mi_options *options,
                            struct icl_workspace *ws, struct icl_tc_result *result, struct icl_error *err)
{
    result->pairs = 0;
    for (size_t a = 0; a < set->size; a++)
        for (size_t b = a + 1; b < set->size; b++) {
            struct icl_mi_result pair;
            ICL_TRY(icl_mi_pair(set->column[a], set->column[b], options, ws, &pair, err));
            result->pairs += pair.mi;
            result->notes |= pair.notes;
        }
    return ICL_OK;
}

static icl_status run_regular(const struct icl_column_group *set, const struct icl_mi_options *options, unsigned k,
                              struct icl_workspace *ws, struct icl_tc_result *result, struct icl_error *err)
{
    if (options->estimator == ICL_MI_AUTO) result->estimator = choose(set);
    switch (result->estimator) {
    case ICL_MI_DECOMPOSITION:
        if (set->size > ICL_TC_MOST_COLUMNS)
            return icl_fail(err, ICL_ERR_INPUT, "the decomposition of %zu columns: must be 2 to %d", set->size,
                            ICL_TC_MOST_COLUMNS);
        ICL_TRY(icl_tc_decomposition(set->column, (unsigned)set->size, k, ws, &result->tc, err));
        break;
    case ICL_MI_PLUGIN:
        ICL_TRY(run_plugin(set, options->bins, ws, &result->tc, err));
        break;
    default:
        ICL_TRY(run_knn(set, result->estimator, k, ws, &result->tc, err));
    }
    return sum_pairs(set, &(struct icl_mi_options){.estimator = result->estimator, .k = k, .bins = options->bins}, ws,
                     result, err);
}

static icl_status run(const struct icl_column_group *set, const struct icl_mi_options *options,
                      struct icl_workspace *ws, struct icl_tc_result *result, struct icl_error *err)
{
    const size_t n = set->column[0]->n;
    const unsigned k = options->k != 0 ? options->k : ICL_MI_DEFAULT_K;
    struct icl_column_group kept;
    ICL_TRY(icl_column_group_regular(set, n, ws, &kept, &result->notes, err));
    if (options->estimator != ICL_MI_PLUGIN && n <= k)
        return icl_fail(err, ICL_ERR_INPUT, "%zu rows are too few for k = %u neighbours", n, k);
    const bool nonfinite = (result->notes & ICL_MI_NOTE_NONFINITE) != 0;
    if (!nonfinite && kept.size > 1) return run_regular(&kept, options, k, ws, result, err);
    if (options->estimator == ICL_MI_AUTO) result->estimator = ICL_MI_DECOMPOSITION;
    result->notes = nonfinite ? ICL_MI_NOTE_NONFINITE : ICL_MI_NOTE_CONSTANT;
    result->tc = result->pairs = nonfinite ? NAN : 0;
    return ICL_OK;
}

icl_status icl_tc_columns(const struct icl_column_group *set, const struct icl_mi_options *options,
                          struct icl_workspace *workspace, struct icl_tc_result *result, struct icl_error *err)
{
    *result = (struct icl_tc_result){NAN, NAN, options->estimator, 0};
    if (!icl_tc_takes(options->estimator))
        return icl_fail(err, ICL_ERR_USAGE, "%s has no form for total correlation",
                        (unsigned)options->estimator < ICL_MI_COUNT ? icl_mi_names[options->estimator]
                                                                    : "that estimator");
    if (set->size == 0) return icl_fail(err, ICL_ERR_INPUT, "a group of no columns");
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const icl_status status = run(set, options, workspace, result, err);
    icl_workspace_release(workspace, mark);
    return status;
}
