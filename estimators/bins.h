/* Bins that are fixed once and used on other samples of the same neuron: before and after a dropout, block by block. */
#ifndef ICLAB_ESTIMATORS_BINS_H
#define ICLAB_ESTIMATORS_BINS_H

#include "estimators/column.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ICL_BINS_MOST_ATOMS = 64, ICL_BINS_MOST_EDGES = 63 };

/* A value v belongs to atom a if it equals atom[a] exactly, otherwise to atom_count + #{edges <= v}. */
struct icl_bins {
    size_t atom_count, edge_count;
    double atom[ICL_BINS_MOST_ATOMS];
    double edge[ICL_BINS_MOST_EDGES];
};

/* Equal-count bins (at most `bins`; edges that coincide are merged) of the continuous part of `column`, a bin for each
 * of its atoms, and one for the value 0, where a dropout puts its closed gates. ICL_BINS_MOST_ATOMS atoms or more, or
 * more than ICL_BINS_MOST_EDGES + 1 bins: ICL_ERR_INPUT. */
icl_status icl_bins_fit(struct icl_bins *bins, const struct icl_column *column, unsigned wanted, struct icl_error *err);

/* The number of bins: every index is below it. */
static inline size_t icl_bins_count(const struct icl_bins *bins)
{
    return bins->atom_count + bins->edge_count + 1;
}

size_t icl_bins_index(const struct icl_bins *bins, double value);

/* Adds each pair (x[i], y[i]) to the table `count` (icl_bins_count(x) rows, icl_bins_count(y) columns). */
void icl_bins_tabulate(const struct icl_bins *bins_x, const double *x, const struct icl_bins *bins_y, const double *y,
                       size_t n, double *count);

#ifdef __cplusplus
}
#endif

#endif
