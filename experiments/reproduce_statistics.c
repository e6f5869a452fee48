/* Activations by layer and step, of the first seed of every arm: moments and histograms. */
#include <math.h>
#include <string.h>

#include "core/cells.h"
#include "core/npy.h"
#include "experiments/reproduce_internal.h"

/* A heat-map is this many steps wide at most: more would not be seen, and make a large table. */
enum { MOST_COLUMNS = 200 };

/* ---- moments -------------------------------------------------------------------------------------------------- */

static const char *const copied[] = {"step", "epoch", "stage", "place", "mean", "sd", "near_zero"};
enum { COPIED = sizeof copied / sizeof *copied, FIRST_NUMBER = 4 };

static icl_status copy_moments(struct icl_table *table, const struct plan *plan, size_t arm,
                               const struct icl_cells *cells, struct icl_error *err)
{
    size_t column[COPIED];
    for (size_t c = 0; c < COPIED; c++)
        ICL_TRY(icl_cells_column(cells, copied[c], &column[c], err));
    for (size_t r = 0; r < cells->rows; r++) {
        icl_table_text(table, plan->kind->arm[arm].label);
        for (size_t c = 0; c < COPIED; c++) {
            double value;
            if (c < FIRST_NUMBER) {
                icl_table_text(table, icl_cell(cells, r, column[c]));
                continue;
            }
            ICL_TRY(icl_cell_number(cells, r, column[c], &value, err));
            icl_table_number(table, value);
        }
    }
    return ICL_OK;
}

static icl_status write_moments(const struct plan *plan, struct icl_error *err)
{
    struct icl_table table;
    ICL_TRY(open_figure_table(
        &table, plan, "layers",
        "activations of the training batches of seed 1 by step (from 0), stage and place; sd is biased\n"
        "place: input (what comes into the stage), relu (behind the nonlinearity), output (what the next weights get)\n"
        "near_zero: share in [-.35, .70) with GeneralReLU, [0, .5) with ReLU",
        "arm\tstep\tepoch\tstage\tplace\tmean\tsd\tnear_zero", err));
    icl_status status = ICL_OK;
    for (size_t a = 0; a < plan->arms && status == ICL_OK; a++) {
        char path[FIGURE_PATH];
        struct icl_cells cells;
        status = run_file(plan, plan_run(plan, a, 0), "layers.tsv", path, err);
        if (status == ICL_OK) status = icl_cells_read(path, &cells, err);
        if (status != ICL_OK) break;
        status = copy_moments(&table, plan, a, &cells, err);
        icl_cells_free(&cells);
    }
    return end_figure_table(&table, status, err);
}

/* ---- histograms ----------------------------------------------------------------------------------------------- */

/* Counts of `records` steps: (records, stages, ICL_HISTOGRAM_BINS). */
static icl_status copy_histograms(struct icl_table *table, const struct plan *plan, size_t arm,
                                  const struct icl_array *counts, const char *path, struct icl_error *err)
{
    if (counts->ndim != 3 || counts->shape[2] != ICL_HISTOGRAM_BINS)
        return icl_fail(err, ICL_ERR_INPUT, "%s: no histograms of %d bins", path, ICL_HISTOGRAM_BINS);
    const struct icl_run *run = plan_run(plan, arm, 0);
    const double low = run->spec.general_relu ? -7 : 0, high = run->spec.general_relu ? 7 : 10;
    const size_t records = counts->shape[0], stages = counts->shape[1];
    const size_t stride = (records + MOST_COLUMNS - 1) / MOST_COLUMNS;
    for (size_t stage = 0; stage < stages; stage++)
        for (size_t r = 0; r < records; r += stride)
            for (size_t b = 0; b < ICL_HISTOGRAM_BINS; b++) {
                const double count = counts->data[(r * stages + stage) * ICL_HISTOGRAM_BINS + b];
                icl_table_text(table, plan->kind->arm[arm].label);
                icl_table_count(table, stage + 1);
                icl_table_count(table, r * plan->kind->record_steps);
                icl_table_number(table, low + (high - low) * ((double)b + .5) / ICL_HISTOGRAM_BINS);
                icl_table_number(table, log1p(count));
            }
    return ICL_OK;
}

static icl_status write_histograms(const struct plan *plan, struct icl_error *err)
{
    struct icl_table table;
    ICL_TRY(open_figure_table(&table, plan, "histograms",
                              "histograms of the activations behind the nonlinearity, training batches of seed 1\n"
                              "value: the middle of a bin; log_count: ln(1 + count)",
                              "arm\tstage\tstep\tvalue\tlog_count", err));
    icl_status status = ICL_OK;
    for (size_t a = 0; a < plan->arms && status == ICL_OK; a++) {
        char path[FIGURE_PATH];
        struct icl_array counts;
        status = run_file(plan, plan_run(plan, a, 0), "histograms.npy", path, err);
        if (status == ICL_OK) status = icl_npy_read(path, &counts, err);
        if (status != ICL_OK) break;
        status = copy_histograms(&table, plan, a, &counts, path, err);
        icl_array_free(&counts);
    }
    return end_figure_table(&table, status, err);
}

icl_status write_statistics(const struct plan *plan, struct icl_error *err)
{
    ICL_TRY(write_moments(plan, err));
    return write_histograms(plan, err);
}
