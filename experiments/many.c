#include "experiments/many.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimators/bins.h"
#include "estimators/mutual_information.h"
#include "estimators/total_correlation.h"
#include "experiments/moments.h"
#include "experiments/multinormal.h"

/* Layers of the masks: beyond those of the pair sweeps. */
enum { TRIO_LAYER = 1 << 16, OCTET_LAYER = 1 << 17 };
struct trio_bins {
    struct icl_bins of[ICL_TRIO];
    size_t shape[ICL_TRIO], cells;
};

/* out = d columns with gates of their own at each keep. */
static icl_status gated(const double *columns, size_t rows, size_t d, uint64_t seed, uint32_t layer, uint32_t step,
                        size_t keep, struct icl_workspace *ws, double *out, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *factor = ICL_TAKE(ws, rows * d, double);
    if (factor == NULL) return icl_fail_memory(err, "gates");
    const struct icl_shape shape = {rows, 1, d};
    const struct icl_mask mask = {.stream = {seed, ICL_PURPOSE_MASK, layer + (uint32_t)keep, step},
                                  .gate = ICL_GATE_INDEPENDENT,
                                  .keep = icl_keeps[keep]};
    icl_kernels()->mask_f64(&mask, &shape, 0, rows * d, factor);
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < rows; i++)
            out[j * rows + i] = columns[j * rows + i] * factor[i * d + j];
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

/* ---- the trio ------------------------------------------------------------------------------------------------- */

/* Sums a three-way table over its last variable, or over the first or second. */
static void marginal(const struct trio_bins *bins, const double *table, size_t dropped, double *pair)
{
    const size_t *s = bins->shape;
    const size_t kept[2] = {dropped == 0 ? 1 : 0, dropped == 2 ? 1 : 2};
    memset(pair, 0, s[kept[0]] * s[kept[1]] * sizeof *pair);
    for (size_t c = 0; c < bins->cells; c++) {
        const size_t index[ICL_TRIO] = {c / (s[1] * s[2]), c / s[2] % s[1], c % s[2]};
        pair[index[kept[0]] * s[kept[1]] + index[kept[1]]] += table[c];
    }
}

static double marginal_mi(const struct icl_series *series, const struct trio_bins *bins, const double *table,
                          size_t dropped, struct icl_workspace *ws)
{
    const size_t shape[2] = {bins->shape[dropped == 0 ? 1 : 0], bins->shape[dropped == 2 ? 1 : 2]};
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *pair = ICL_TAKE(ws, shape[0] * shape[1], double), mi = NAN;
    if (pair != NULL) {
        marginal(bins, table, dropped, pair);
        icl_tc_weighted(pair, shape, 2, (double)series->n, ws, &mi, NULL);
    }
    icl_workspace_release(ws, mark);
    return mi;
}

static void trio_levels(const struct icl_series *series, const double *mean, double *level)
{
    const struct trio_bins *bins = series->context;
    for (size_t l = 0; l < series->levels; l++)
        level[l] = NAN;
    struct icl_workspace *ws;
    if (icl_workspace_create(&ws, NULL) != ICL_OK) return;
    for (size_t keep = 0; keep < ICL_KEEPS; keep++) {
        const double *table = mean + keep * bins->cells;
        icl_tc_weighted(table, bins->shape, ICL_TRIO, (double)series->n, ws, &level[ICL_TRIO_TC + keep], NULL);
        level[ICL_TRIO_I12 + keep] = marginal_mi(series, bins, table, 2, ws);
    }
    level[ICL_TRIO_I13] = marginal_mi(series, bins, mean, 1, ws);
    level[ICL_TRIO_I23] = marginal_mi(series, bins, mean, 0, ws);
    icl_workspace_free(ws);
}

static icl_status fix_trio_bins(struct icl_trio *trio, struct icl_workspace *ws, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *columns = ICL_TAKE(ws, ICL_TRIO * trio->rows, double);
    if (columns == NULL) return icl_fail_memory(err, "a pilot block");
    ICL_TRY(
        icl_law_multinormal(ICL_TRIO, trio->correlation, trio->seed, (uint32_t)trio->blocks, trio->rows, columns, err));
    trio->bins->cells = 1;
    for (size_t j = 0; j < ICL_TRIO; j++) {
        struct icl_column column;
        ICL_TRY(icl_column_prepare(&column, columns + j * trio->rows, trio->rows, 1, ws, err));
        const icl_status status = icl_bins_fit(&trio->bins->of[j], &column, ICL_TRIO_BINS, err);
        icl_column_free(&column);
        ICL_TRY(status);
        trio->bins->shape[j] = icl_bins_count(&trio->bins->of[j]);
        trio->bins->cells *= trio->bins->shape[j];
    }
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

icl_status icl_trio_create(struct icl_trio *trio, uint64_t seed, size_t blocks, size_t rows, struct icl_error *err)
{
    *trio = (struct icl_trio){
        .correlation = {1, .75, .5, .75, 1, .3, .5, .3, 1}, .seed = seed, .blocks = blocks, .rows = rows};
    trio->bins = calloc(1, sizeof *trio->bins);
    struct icl_workspace *ws = NULL;
    icl_status status = trio->bins != NULL ? icl_workspace_create(&ws, err) : icl_fail_memory(err, "bins");
    if (status == ICL_OK) status = fix_trio_bins(trio, ws, err);
    icl_workspace_free(ws);
    for (size_t e = 0; e < ICL_MI_SERIES && status == ICL_OK; e++) {
        struct icl_series *series = &trio->tc[e];
        *series = (struct icl_series){
            .blocks = blocks, .n = blocks * rows, .levels = ICL_TRIO_LEVELS, .size = ICL_TRIO_LEVELS};
        icl_series_name(series, e);
        if (e == ICL_BY_PLUGIN) {
            series->size = ICL_KEEPS * trio->bins->cells;
            series->to_levels = trio_levels;
            series->context = trio->bins;
        }
        status = icl_series_alloc(series, err);
    }
    if (status != ICL_OK) icl_trio_free(trio);
    return status;
}

void icl_trio_free(struct icl_trio *trio)
{
    for (int e = 0; e < ICL_MI_SERIES; e++)
        icl_series_free(&trio->tc[e]);
    free(trio->bins);
    trio->bins = NULL;
}

static void tabulate_trio(const struct trio_bins *bins, const double *columns, size_t rows, double *count)
{
    for (size_t i = 0; i < rows; i++) {
        size_t cell = 0;
        for (size_t j = 0; j < ICL_TRIO; j++)
            cell = cell * bins->shape[j] + icl_bins_index(&bins->of[j], columns[j * rows + i]);
        count[cell] += 1;
    }
}

/* One estimate for some of the three columns. */
static icl_status trio_estimate(int by, const struct icl_column *prepared, const size_t *which, unsigned d,
                                struct icl_workspace *ws, double *tc, struct icl_error *err)
{
    const struct icl_column *columns[ICL_TRIO];
    for (unsigned a = 0; a < d; a++)
        columns[a] = &prepared[which[a]];
    if (by == ICL_BY_DECOMPOSITION) return icl_tc_decomposition(columns, d, ICL_MI_DEFAULT_K, ws, tc, err);
    const size_t rows = prepared[0].n;
    const struct icl_mark mark = icl_workspace_mark(ws);
    struct icl_points points = {rows, d, {NULL}};
    const double *sorted[ICL_TRIO];
    for (unsigned a = 0; a < d; a++) {
        double *ascending = ICL_TAKE(ws, rows, double);
        if (ascending == NULL) return icl_fail_memory(err, "sorted columns");
        for (size_t r = 0; r < rows; r++)
            ascending[r] = columns[a]->z[columns[a]->order[r]];
        points.at[a] = columns[a]->z;
        sorted[a] = ascending;
    }
    const icl_status status = icl_tc_mesner_shalizi(&points, sorted, ICL_MI_DEFAULT_K, ws, tc, err);
    icl_workspace_release(ws, mark);
    return status;
}

/* The levels of one keep by one estimator. */
static icl_status trio_levels_of_keep(int by, const struct icl_column *prepared, size_t keep, double *level,
                                      struct icl_workspace *ws, struct icl_error *err)
{
    static const struct {
        size_t which[ICL_TRIO], level;
        unsigned d;
        bool before_only;
    } wanted[] = {{{0, 1, 2}, ICL_TRIO_TC, 3, false},
                  {{0, 1}, ICL_TRIO_I12, 2, false},
                  {{0, 2}, ICL_TRIO_I13, 2, true},
                  {{1, 2}, ICL_TRIO_I23, 2, true}};
    for (size_t w = 0; w < sizeof wanted / sizeof wanted[0]; w++) {
        if (wanted[w].before_only && keep != 0) continue;
        const size_t slot = wanted[w].level + (wanted[w].before_only ? 0 : keep);
        ICL_TRY(trio_estimate(by, prepared, wanted[w].which, wanted[w].d, ws, &level[slot], err));
    }
    return ICL_OK;
}

static icl_status trio_neighbours(struct icl_trio *trio, size_t b, size_t keep, const double *columns,
                                  struct icl_workspace *ws, struct icl_error *err)
{
    struct icl_column prepared[ICL_TRIO] = {0};
    icl_status status = ICL_OK;
    for (size_t j = 0; j < ICL_TRIO && status == ICL_OK; j++)
        status = icl_column_prepare(&prepared[j], columns + j * trio->rows, trio->rows, 1, ws, err);
    for (int by = 0; by < ICL_MI_SERIES && status == ICL_OK; by++) {
        if (by == ICL_BY_PLUGIN) continue;
        status = trio_levels_of_keep(by, prepared, keep, trio->tc[by].block + b * trio->tc[by].size, ws, err);
    }
    for (size_t j = 0; j < ICL_TRIO; j++)
        icl_column_free(&prepared[j]);
    return status;
}

icl_status icl_trio_block(struct icl_trio *trio, size_t b, struct icl_workspace *workspace, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const size_t rows = trio->rows;
    double *columns = ICL_TAKE(workspace, ICL_TRIO * rows, double),
           *behind = ICL_TAKE(workspace, ICL_TRIO * rows, double);
    if (columns == NULL || behind == NULL) return icl_fail_memory(err, "a block of samples");
    ICL_TRY(icl_law_multinormal(ICL_TRIO, trio->correlation, trio->seed, (uint32_t)b, rows, columns, err));
    struct icl_series *plugin = &trio->tc[ICL_BY_PLUGIN];
    for (size_t keep = 0; keep < ICL_KEEPS; keep++) {
        ICL_TRY(gated(columns, rows, ICL_TRIO, trio->seed, TRIO_LAYER, (uint32_t)b, keep, workspace, behind, err));
        tabulate_trio(trio->bins, behind, rows, plugin->block + b * plugin->size + keep * trio->bins->cells);
        ICL_TRY(trio_neighbours(trio, b, keep, behind, workspace, err));
    }
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

/* ---- the octet ------------------------------------------------------------------------------------------------ */

static void octet_levels(const struct icl_series *series, const double *mean, double *level)
{
    double before[ICL_OCTET * ICL_OCTET], after[ICL_OCTET * ICL_OCTET];
    for (size_t l = 0; l < series->levels; l++)
        level[l] = NAN;
    icl_moments_correlation(mean, ICL_OCTET, before, NULL);
    for (size_t keep = 0; keep < ICL_KEEPS; keep++) {
        icl_moments_correlation(mean + keep * icl_moments_size(ICL_OCTET), ICL_OCTET, after, NULL);
        icl_eigenvalues(after, ICL_OCTET, level + keep * ICL_OCTET, NULL);
        double cross = 0, square = 0;
        for (size_t c = 0; c < ICL_OCTET * ICL_OCTET; c++) {
            if (c / ICL_OCTET == c % ICL_OCTET) continue;
            cross += before[c] * after[c];
            square += before[c] * before[c];
        }
        level[ICL_OCTET_SLOPE + keep] = cross / square / icl_keeps[keep];
    }
}

icl_status icl_octet_create(struct icl_octet *octet, uint64_t seed, size_t blocks, size_t rows, struct icl_error *err)
{
    *octet = (struct icl_octet){.seed = seed, .blocks = blocks, .rows = rows};
    for (size_t i = 0; i < ICL_OCTET; i++)
        for (size_t j = 0; j < ICL_OCTET;
             j++) /* a common factor of .4 and neighbours closer than others: ill conditioned */
            octet->correlation[i * ICL_OCTET + j] = i == j ? 1 : .4 + .55 * pow(.8, fabs((double)i - (double)j));
    octet->spectrum = (struct icl_series){.estimator = "eigenvalues",
                                          .kind = ICL_KIND_DIRECT,
                                          .blocks = blocks,
                                          .n = blocks * rows,
                                          .levels = ICL_OCTET_LEVELS,
                                          .size = ICL_KEEPS * icl_moments_size(ICL_OCTET),
                                          .to_levels = octet_levels};
    return icl_series_alloc(&octet->spectrum, err);
}

void icl_octet_free(struct icl_octet *octet)
{
    icl_series_free(&octet->spectrum);
}

icl_status icl_octet_block(struct icl_octet *octet, size_t b, struct icl_workspace *workspace, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const size_t rows = octet->rows;
    double *columns = ICL_TAKE(workspace, ICL_OCTET * rows, double);
    double *behind = ICL_TAKE(workspace, ICL_OCTET * rows, double);
    if (columns == NULL || behind == NULL) return icl_fail_memory(err, "a block of samples");
    ICL_TRY(icl_law_multinormal(ICL_OCTET, octet->correlation, octet->seed, (uint32_t)b, rows, columns, err));
    double *block = octet->spectrum.block + b * octet->spectrum.size;
    for (size_t keep = 0; keep < ICL_KEEPS; keep++) {
        ICL_TRY(gated(columns, rows, ICL_OCTET, octet->seed, OCTET_LAYER, (uint32_t)b, keep, workspace, behind, err));
        icl_moments_fill(behind, rows, ICL_OCTET, block + keep * icl_moments_size(ICL_OCTET));
    }
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
