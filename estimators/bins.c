#include "estimators/bins.h"

icl_status icl_bins_fit(struct icl_bins *bins, const struct icl_column *column, unsigned wanted, struct icl_error *err)
{
    *bins = (struct icl_bins){0};
    if (column->atom_count + 1 > ICL_BINS_MOST_ATOMS || wanted < 1 || wanted > ICL_BINS_MOST_EDGES + 1)
        return icl_fail(err, ICL_ERR_INPUT, "%zu atoms and %u bins: at most %d and %d can be used", column->atom_count,
                        wanted, ICL_BINS_MOST_ATOMS - 1, ICL_BINS_MOST_EDGES + 1);
    bool zero = false;
    for (size_t a = 0; a < column->atom_count; a++) {
        bins->atom[bins->atom_count++] = column->atom[a].value;
        if (column->atom[a].value == 0) zero = true;
    }
    if (!zero) bins->atom[bins->atom_count++] = 0;
    size_t seen = 0;
    for (size_t r = 0; r < column->n; r++) {
        const uint32_t i = column->order[r];
        if (column->group[i] != 0) continue;
        const double value = column->value[i];
        const bool starts_bin =
            seen > 0 && seen * wanted / column->continuous != (seen - 1) * wanted / column->continuous;
        if (starts_bin && (bins->edge_count == 0 || value > bins->edge[bins->edge_count - 1]))
            bins->edge[bins->edge_count++] = value;
        seen++;
    }
    return ICL_OK;
}

size_t icl_bins_index(const struct icl_bins *bins, double value)
{
    for (size_t a = 0; a < bins->atom_count; a++)
        if (value == bins->atom[a]) return a;
    size_t below = 0;
    for (size_t e = 0; e < bins->edge_count; e++)
        below += bins->edge[e] <= value;
    return bins->atom_count + below;
}

void icl_bins_tabulate(const struct icl_bins *bins_x, const double *x, const struct icl_bins *bins_y, const double *y,
                       size_t n, double *count)
{
    const size_t cols = icl_bins_count(bins_y);
    for (size_t i = 0; i < n; i++)
        count[icl_bins_index(bins_x, x[i]) * cols + icl_bins_index(bins_y, y[i])] += 1;
}
