/* Total correlation (multi-information) of several neurons, nats: sum of entropies minus the joint entropy. */
#ifndef ICLAB_ESTIMATORS_TOTAL_CORRELATION_H
#define ICLAB_ESTIMATORS_TOTAL_CORRELATION_H

#include "estimators/column.h"
#include "estimators/neighbours.h"

#ifdef __cplusplus
extern "C" {
#endif

/* kNN estimate for any mixture of densities and atoms, the Mesner-Shalizi form for d variables:
 * <psi(kt) + (d-1) psi(n) - sum_a psi(n_a)>, counts with ties, the point itself excluded. sorted[a] is coordinate a
 * ascending. d = 2 is their mutual information. Give the z of prepared columns: they keep the ties of lattice values.
 * O(n log n) for small d. */
icl_status icl_tc_mesner_shalizi(const struct icl_points *points, const double *const *sorted, unsigned k,
                                 struct icl_workspace *workspace, double *tc, struct icl_error *err);

/* Plug-in of a d-way table of counts, shape[a] levels of variable a, last variable fastest, minus the Miller-Madow bias
 * (K_joint - sum K_a + d - 1) / (2N) over occupied cells. An empty table: 0. */
icl_status icl_tc_table(const uint64_t *count, const size_t *shape, unsigned dimensions,
                        struct icl_workspace *workspace, double *tc, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
