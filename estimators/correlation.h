/* Pearson and Spearman correlation of pairs and of all pairs. */
#ifndef ICLAB_ESTIMATORS_CORRELATION_H
#define ICLAB_ESTIMATORS_CORRELATION_H

#include "core/array.h"
#include "estimators/column.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Pearson's r of a pair, from the standardised columns; nan if a column is constant or not finite. Plain sums, O(n). */
double icl_pearson(const struct icl_column *x, const struct icl_column *y);

/* Spearman's rho: Pearson's r of average ranks; nan as above. */
icl_status icl_spearman(const struct icl_column *x, const struct icl_column *y, struct icl_workspace *workspace,
                        double *rho, struct icl_error *err);

struct icl_device;

/* Prepares every column of a table, shared among threads. *prepared: cols entries, owned by the caller:
 * icl_prepared_free. */
icl_status icl_columns_prepare(const struct icl_columns *columns, unsigned threads, struct icl_column **prepared,
                               struct icl_error *err);
void icl_prepared_free(struct icl_column *prepared, size_t cols);

/* The correlation matrices of all columns (cols x cols each, row-major, either may be NULL), through the products of
 * the kernel table: agree with the pairwise functions to 1e-12. Rows and columns of a constant or non-finite neuron are
 * nan, all others are as without it. The same bits for every number of threads. O(rows cols^2). `device` NULL: on the
 * processor; otherwise there (kernels/device_correlation.h), and agreeing to 1e-12. */
icl_status icl_correlation_matrices(struct icl_device *device, const struct icl_column *prepared, size_t cols,
                                    unsigned threads, double *pearson, double *spearman, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
