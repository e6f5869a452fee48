/* Total correlation (multi-information) of several neurons, nats: sum of entropies minus the joint entropy. */
#ifndef ICLAB_ESTIMATORS_TOTAL_CORRELATION_H
#define ICLAB_ESTIMATORS_TOTAL_CORRELATION_H

#include "estimators/column.h"
#include "estimators/neighbour_counts.h"

#ifdef __cplusplus
extern "C" {
#endif

/* kNN estimate for any mixture of densities and atoms, the Mesner-Shalizi form for d variables:
 * <psi(kt) + (d-1) psi(n) - sum_a psi(n_a)>, counts with ties, the point itself excluded. sorted[a] is coordinate a
 * ascending. d = 2 is their mutual information. Give the z of prepared columns: they keep the ties of lattice values.
 * O(n log n) for small d. */
icl_status icl_tc_mesner_shalizi(const struct icl_points *points, const double *const *sorted, unsigned k,
                                 struct icl_workspace *workspace, double *tc, struct icl_error *err);

/* The same for densities, the Kraskov-Stoegbauer-Grassberger (2004) form of their first algorithm for d variables:
 * psi(k) + (d-1) psi(n) - <sum_a psi(n_a + 1)>, n_a the points strictly nearer in coordinate a than the k-th neighbour.
 * d = 2 is KSG1. Meaningless on atoms. */
icl_status icl_tc_ksg1(const struct icl_points *points, const double *const *sorted, unsigned k,
                       struct icl_workspace *workspace, double *tc, struct icl_error *err);

/* The same two where the orders of the margins are known as well: faster in the plane. */
icl_status icl_tc_mesner_shalizi_sorted(const struct icl_sorted_points *points, unsigned k,
                                        struct icl_workspace *workspace, double *tc, struct icl_error *err);
icl_status icl_tc_ksg1_sorted(const struct icl_sorted_points *points, unsigned k, struct icl_workspace *workspace,
                              double *tc, struct icl_error *err);

/* Atom decomposition for d <= ICL_TC_MOST_COLUMNS columns. With A_a the atom identity of column a (0 = continuous
 * part): TC(x) = TC(A) + sum_a P(A_a=0) I(x_a; A_others | A_a=0) + sum_s P(s) TC(x_S | A = s), S the continuous columns
 * of the pattern s: a table, one Ross term a column, one KSG1 term for each pattern of two or more continuous columns.
 * Terms with at most k samples count as 0. d = 2 is icl_mi_decomposition with a fixed k, but for columns that are tied.
 * A column that is constant or not finite, or more than ICL_TC_MOST_CELLS possible patterns (the product of the numbers
 * of atoms, one more for each column): ICL_ERR_INPUT. */
enum { ICL_TC_MOST_COLUMNS = 4, ICL_TC_MOST_CELLS = 1 << 22 };
icl_status icl_tc_decomposition(const struct icl_column *const *columns, unsigned d, unsigned k,
                                struct icl_workspace *workspace, double *tc, struct icl_error *err);

/* Plug-in of a d-way table of counts, shape[a] levels of variable a, last variable fastest, minus the Miller-Madow bias
 * (K_joint - sum K_a + d - 1) / (2N) over occupied cells. An empty table: 0. */
icl_status icl_tc_table(const uint64_t *count, const size_t *shape, unsigned dimensions,
                        struct icl_workspace *workspace, double *tc, struct icl_error *err);

/* The same of a table of weights (means of counts over blocks, for instance), with the Miller-Madow term of `samples`
 * samples. */
icl_status icl_tc_weighted(const double *weight, const size_t *shape, unsigned dimensions, double samples,
                           struct icl_workspace *workspace, double *tc, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
