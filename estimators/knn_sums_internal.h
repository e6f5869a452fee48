/* The means of digammas that end every kNN estimate of information among d spaces, from the counts of
 * icl_neighbour_counts or icl_grouped_counts (the point itself included). Not installed. */
#ifndef ICLAB_ESTIMATORS_KNN_SUMS_INTERNAL_H
#define ICLAB_ESTIMATORS_KNN_SUMS_INTERNAL_H

#include "estimators/grouped_neighbours.h"
#include "estimators/mi_groups.h"

/* psi: a table of digammas up to n + 1.
 * ksg1: psi(k) + (d-1) psi(n) - <sum_a psi(n_a + 1)>, counts of ICL_COUNT_INSIDE.
 * ksg2: psi(k) - (d-1)/k + (d-1) psi(n) - <sum_a psi(n_a)>, counts of ICL_COUNT_IN_EXTENT.
 * mesner_shalizi: <psi(kt) + (d-1) psi(n) - sum_a psi(n_a)>, counts of ICL_COUNT_WITHIN, kt of `within`. */
double icl_ksg1_of(const uint32_t *counts, size_t n, size_t d, unsigned k, const double *psi);
double icl_ksg2_of(const uint32_t *counts, size_t n, size_t d, unsigned k, const double *psi);
double icl_mesner_shalizi_of(const uint32_t *within, const uint32_t *counts, size_t n, size_t d, const double *psi);

/* ICL_MI_KSG1, KSG2 or MESNER_SHALIZI of grouped points; `within` (n) and `counts` (n groups) are scratch. */
icl_status icl_grouped_estimate(const struct icl_grouped_points *points, enum icl_mi_estimator estimator, unsigned k,
                                uint32_t *within, uint32_t *counts, struct icl_workspace *workspace, double *value,
                                struct icl_error *err);

#endif
