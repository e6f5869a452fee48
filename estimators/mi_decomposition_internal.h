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

icl_status icl_mi_decompose(const struct icl_column *x, const struct icl_column *y, const struct icl_decomposition *way,
                            struct icl_workspace *workspace, struct icl_mi_result *result, struct icl_error *err);

#endif
