/* The atom decomposition with another estimator of its last term. Not installed. */
#ifndef ICLAB_ESTIMATORS_MI_DECOMPOSITION_INTERNAL_H
#define ICLAB_ESTIMATORS_MI_DECOMPOSITION_INTERNAL_H

#include "estimators/local_internal.h"

/* I(x;y) of n samples of two densities, as normal scores. */
typedef icl_status icl_density_mi(const double *x, const double *y, size_t n, struct icl_workspace *ws, double *mi,
                                  struct icl_error *err);

struct icl_decomposition {
    unsigned k;                           /* 0: each term chooses its own */
    enum icl_count_correction correction; /* of the table of atom identities */
    icl_density_mi *amplitudes;           /* where both are continuous; NULL: k nearest neighbours */
    size_t least;                         /* samples that `amplitudes` needs */
    struct icl_local *local;              /* of neighbours and tables; NULL: not wanted */
};

/* The terms before they are weighted; nan where one could not be estimated. */
struct icl_decomposition_terms {
    double identities, x_about_y, y_about_x, amplitudes;
    size_t together; /* samples where both are continuous */
};

/* Fills the parts and the sum of `result` with the weighted terms: one that could not be estimated counts as 0 and
 * leaves a note. */
void icl_mi_decomposition_sum(const struct icl_column *x, const struct icl_column *y,
                              const struct icl_decomposition_terms *terms, struct icl_mi_result *result);

icl_status icl_mi_decompose(const struct icl_column *x, const struct icl_column *y, const struct icl_decomposition *way,
                            struct icl_workspace *workspace, struct icl_mi_result *result, struct icl_error *err);

#endif
