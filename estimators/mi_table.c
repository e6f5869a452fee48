#include <math.h>
#include <string.h>

#include "estimators/entropy_counts_internal.h"
#include "estimators/mutual_information.h"
#include "estimators/total_correlation.h"

/* The table without its empty rows and columns, and its margins. */
struct table {
    struct icl_counts joint, row, col;
};

static struct icl_counts as_counts(const uint64_t *count, size_t cells)
{
    struct icl_counts counts = {.count = count, .cells = cells};
    for (size_t c = 0; c < cells; c++) {
        counts.occupied += count[c] > 0;
        counts.total += (double)count[c];
    }
    return counts;
}

/* Moves the occupied entries to the front; the number of them. */
static size_t squeeze(uint64_t *count, size_t cells)
{
    size_t kept = 0;
    for (size_t c = 0; c < cells; c++)
        if (count[c] > 0) count[kept++] = count[c];
    return kept;
}

static icl_status make_table(const uint64_t *count, size_t rows, size_t cols, struct icl_workspace *ws,
                             struct table *table, struct icl_error *err)
{
    uint64_t *joint = ICL_TAKE(ws, rows * cols, uint64_t), *row = ICL_TAKE(ws, rows, uint64_t);
    uint64_t *col = ICL_TAKE(ws, cols, uint64_t);
    if (joint == NULL || row == NULL || col == NULL) return icl_fail_memory(err, "a table");
    memset(row, 0, rows * sizeof *row);
    memset(col, 0, cols * sizeof *col);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            row[i] += count[i * cols + j];
            col[j] += count[i * cols + j];
        }
    size_t kept = 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            if (row[i] > 0 && col[j] > 0) joint[kept++] = count[i * cols + j];
    table->joint = as_counts(joint, kept);
    table->row = as_counts(row, squeeze(row, rows));
    table->col = as_counts(col, squeeze(col, cols));
    return ICL_OK;
}

/* James-Stein: the information of the one shrunk table, so that margins and joint belong together and it is never
 * negative. A margin of a shrunk table is the margin shrunk by the same weight. */
static double shrunk(const struct table *table)
{
    const double a = icl_shrinkage(&table->joint);
    const struct icl_counts *const parts[] = {&table->row, &table->col, &table->joint};
    double entropy[3] = {0, 0, 0};
    for (int p = 0; p < 3; p++)
        for (size_t c = 0; c < parts[p]->cells; c++)
            entropy[p] +=
                icl_surprise(a / (double)parts[p]->cells + (1 - a) * ((double)parts[p]->count[c] / parts[p]->total));
    return entropy[0] + entropy[1] - entropy[2];
}

icl_status icl_mi_table_corrected(const uint64_t *count, size_t rows, size_t cols, enum icl_count_correction correction,
                                  struct icl_workspace *workspace, double *mi, struct icl_error *err)
{
    if ((unsigned)correction >= ICL_CORRECTION_COUNT)
        return icl_fail(err, ICL_ERR_USAGE, "no correction of counts has the number %u", (unsigned)correction);
    if (correction == ICL_CORRECTION_MILLER_MADOW)
        return icl_tc_table(count, (const size_t[]){rows, cols}, 2, workspace, mi, err);
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct table table;
    ICL_TRY(make_table(count, rows, cols, workspace, &table, err));
    *mi = 0;
    icl_status status = ICL_OK;
    if (correction == ICL_CORRECTION_JAMES_STEIN && table.joint.total > 0) {
        *mi = shrunk(&table);
    } else {
        const struct icl_counts *const parts[] = {&table.row, &table.col, &table.joint};
        for (int p = 0; p < 3 && status == ICL_OK; p++) {
            struct icl_count_entropy h;
            status = icl_entropy_counts(parts[p]->count, parts[p]->cells, correction, workspace, &h, err);
            *mi += p < 2 ? h.entropy : -h.entropy;
        }
    }
    icl_workspace_release(workspace, mark);
    return status;
}
