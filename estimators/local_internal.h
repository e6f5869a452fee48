/* Local terms: the estimates whose value is a mean over the samples, with that which is averaged. Not installed. */
#ifndef ICLAB_ESTIMATORS_LOCAL_INTERNAL_H
#define ICLAB_ESTIMATORS_LOCAL_INTERNAL_H

#include "estimators/mutual_information.h"

/* The function without `_local` each; `local` (one value a sample, NULL: not wanted) gets the terms whose mean is the
 * estimate up to rounding. Ross: samples in classes of one have the term 0. */
icl_status icl_tc_ksg1_local(const struct icl_sorted_points *points, unsigned k, struct icl_workspace *workspace,
                             double *tc, double *local, struct icl_error *err);
icl_status icl_tc_mesner_shalizi_local(const struct icl_sorted_points *points, unsigned k,
                                       struct icl_workspace *workspace, double *tc, double *local,
                                       struct icl_error *err);
icl_status icl_mi_ross_local(const double *x, const uint32_t *order, const uint32_t *label, size_t n, size_t classes,
                             unsigned k, struct icl_workspace *workspace, double *mi, double *local,
                             struct icl_error *err);

/* What the error of an estimate follows from: n var(estimate) is about var(value) + excess. */
struct icl_local {
    double *value; /* by sample */
    double excess; /* what neighbours that are common to several samples add, and what smoothing takes away */
};

/* n times the variance of KSG1's estimate, less the variance of its n local terms. Measured on independent pairs, where
 * every term is noise of the neighbours: docs/estimators.md. */
double icl_local_excess(unsigned k, const double *term, size_t n);

/* The whole pair as a plane of z values, in the workspace. */
icl_status icl_mi_plane(const struct icl_column *x, const struct icl_column *y, struct icl_workspace *ws,
                        struct icl_sorted_points *plane, struct icl_error *err);
/* Its mean lacks the correction of counts. */
icl_status icl_mi_plugin_local(const struct icl_column *x, const struct icl_column *y, unsigned bins,
                               enum icl_count_correction correction, struct icl_workspace *workspace, double *mi,
                               double *local, struct icl_error *err);
/* local[i] += ln(n_ij N / (n_i n_j)) of the cell row[i], col[i]. */
icl_status icl_local_table(const uint64_t *count, size_t rows, size_t cols, const uint32_t *row, const uint32_t *col,
                           size_t n, struct icl_workspace *workspace, double *local, struct icl_error *err);

/* ---- edges ---- */

/* Does the joint density of normal scores x, y jump somewhere? *edges is set. O(m), no random numbers. */
icl_status icl_find_edges(const double *x, const double *y, size_t m, struct icl_workspace *workspace, bool *edges,
                          struct icl_error *err);

#endif
