#include <math.h>
#include <string.h>

#include "estimators/local_internal.h"
#include "estimators/total_correlation.h"

enum { LEAST_BINS = 2, MOST_BINS = 64 };

double icl_mi_table(const uint64_t *count, size_t rows, size_t cols, struct icl_workspace *workspace)
{
    const size_t shape[2] = {rows, cols};
    double mi;
    return icl_tc_table(count, shape, 2, workspace, &mi, NULL) == ICL_OK ? mi : NAN;
}

unsigned icl_default_bins(size_t n, size_t columns)
{
    unsigned bins = LEAST_BINS;
    for (; bins < MOST_BINS; bins++) { /* in whole numbers: a root may fall just short of one */
        double samples = 4;
        for (size_t a = 0; a <= columns; a++)
            samples *= bins + 1;
        if (samples > (double)n) break;
    }
    return bins;
}

icl_status icl_quantile_bins(const struct icl_column *column, unsigned bins, uint32_t *bin, size_t *bins_used)
{
    size_t continuous_bins = bins != 0 ? bins : icl_default_bins(column->n, 2);
    if (column->continuous < continuous_bins) continuous_bins = column->continuous;
    /* atoms take the numbers from 0, the bins of the continuous part follow */
    size_t seen = 0;
    uint32_t number = 0;
    double last = NAN;
    for (size_t r = 0; r < column->n; r++) {
        const uint32_t i = column->order[column->from_top ? column->n - 1 - r : r];
        if (column->group[i] != 0) {
            bin[i] = column->group[i] - 1;
            continue;
        }
        /* equal values stay in one bin */
        if (column->value[i] != last) number = (uint32_t)(seen * continuous_bins / column->continuous);
        last = column->value[i];
        bin[i] = (uint32_t)column->atom_count + number;
        seen++;
    }
    *bins_used = column->atom_count + continuous_bins;
    return ICL_OK;
}

icl_status icl_pair_bins_make(const struct icl_column *x, const struct icl_column *y, unsigned bins,
                              struct icl_workspace *workspace, struct icl_pair_bins *made, struct icl_error *err)
{
    *made =
        (struct icl_pair_bins){ICL_TAKE(workspace, x->n, uint32_t), ICL_TAKE(workspace, x->n, uint32_t), x->n, 0, 0};
    if (made->x == NULL || made->y == NULL) return icl_fail_memory(err, "the bins of a pair");
    ICL_TRY(icl_quantile_bins(x, bins, made->x, &made->rows));
    return icl_quantile_bins(y, bins, made->y, &made->cols);
}

icl_status icl_pair_bins_count(const struct icl_pair_bins *bins, const uint32_t *order, struct icl_workspace *workspace,
                               uint64_t **count, struct icl_error *err)
{
    const size_t cells = bins->rows * bins->cols;
    uint64_t *table = *count = ICL_TAKE(workspace, cells, uint64_t);
    if (table == NULL) return icl_fail_memory(err, "the table of a pair");
    memset(table, 0, cells * sizeof *table);
    for (size_t i = 0; i < bins->n; i++)
        table[bins->x[i] * bins->cols + bins->y[order != NULL ? order[i] : i]]++;
    return ICL_OK;
}

icl_status icl_local_table(const uint64_t *count, size_t rows, size_t cols, const uint32_t *row, const uint32_t *col,
                           size_t n, struct icl_workspace *workspace, double *local, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    double *ratio = ICL_TAKE(workspace, rows * cols, double), *margin = ICL_TAKE(workspace, rows + cols, double);
    if (ratio == NULL || margin == NULL) return icl_fail_memory(err, "the cells of a table");
    memset(margin, 0, (rows + cols) * sizeof *margin);
    for (size_t c = 0; c < rows * cols; c++) {
        margin[c / cols] += (double)count[c];
        margin[rows + c % cols] += (double)count[c];
    }
    for (size_t c = 0; c < rows * cols; c++)
        ratio[c] = count[c] > 0 ? log((double)count[c] / margin[c / cols] * ((double)n / margin[rows + c % cols])) : 0;
    for (size_t i = 0; i < n; i++)
        local[i] += ratio[row[i] * cols + col[i]];
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

icl_status icl_mi_plugin(const struct icl_column *x, const struct icl_column *y, unsigned bins,
                         struct icl_workspace *workspace, double *mi, struct icl_error *err)
{
    return icl_mi_plugin_corrected(x, y, bins, ICL_CORRECTION_MILLER_MADOW, workspace, mi, err);
}

icl_status icl_mi_plugin_corrected(const struct icl_column *x, const struct icl_column *y, unsigned bins,
                                   enum icl_count_correction correction, struct icl_workspace *workspace, double *mi,
                                   struct icl_error *err)
{
    return icl_mi_plugin_local(x, y, bins, correction, workspace, mi, NULL, err);
}

icl_status icl_mi_plugin_local(const struct icl_column *x, const struct icl_column *y, unsigned bins,
                               enum icl_count_correction correction, struct icl_workspace *workspace, double *mi,
                               double *local, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct icl_pair_bins bin;
    uint64_t *count;
    ICL_TRY(icl_pair_bins_make(x, y, bins, workspace, &bin, err));
    ICL_TRY(icl_pair_bins_count(&bin, NULL, workspace, &count, err));
    const icl_status status = icl_mi_table_corrected(count, bin.rows, bin.cols, correction, workspace, mi, err);
    if (local != NULL && status == ICL_OK) {
        memset(local, 0, bin.n * sizeof *local);
        ICL_TRY(icl_local_table(count, bin.rows, bin.cols, bin.x, bin.y, bin.n, workspace, local, err));
    }
    icl_workspace_release(workspace, mark);
    return status;
}
