/* What claims judge: statistics of the levels of a series. Level 0 is before the dropout. */
#ifndef ICLAB_EXPERIMENTS_QUANTITIES_H
#define ICLAB_EXPERIMENTS_QUANTITIES_H

#include "experiments/series.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a quantity may need beside the levels; unused members are 0. */
struct icl_quantity_context {
    const double *keep;   /* the keep of each level */
    size_t at;            /* the level that is asked for */
    double expected;      /* a value of theory */
    const double *factor; /* a factor of theory for each level */
    size_t d;             /* neurons, for spectra: levels are d ascending eigenvalues a keep */
};

/* level[at] / (q^2 level[0]): 1 where the quadratic law holds. */
double icl_quadratic_ratio(const double *level, size_t levels, const void *context);

/* (level[at] / level[0]) / expected: 1 where the ratio is that of theory. */
double icl_theory_ratio(const double *level, size_t levels, const void *context);

/* ln(level[at] / level[0]) / ln q: the exponent between level 0 and `at`. */
double icl_local_exponent(const double *level, size_t levels, const void *context);

/* The mean over the levels behind 0 of level - (H_b(q) + q level[0]): 0 for the MI of a shared gate and for the entropy
 * behind a gate. */
double icl_gate_excess(const double *level, size_t levels, const void *context);

/* level[at] - level[0]. */
double icl_rise(const double *level, size_t levels, const void *context);

/* Least squares through the origin of the levels behind 0 on factor * level[0]: 1 where level = factor * level[0]. */
double icl_slope(const double *level, size_t levels, const void *context);

/* level[at] as it is. */
double icl_level_itself(const double *level, size_t levels, const void *context);

/* Of the spectra: eigenvalue or condition number behind the dropout over that of the law q l + 1 - q. */
double icl_largest_eigenvalue_ratio(const double *level, size_t levels, const void *context);
double icl_smallest_eigenvalue_ratio(const double *level, size_t levels, const void *context);
double icl_condition_ratio(const double *level, size_t levels, const void *context);

#ifdef __cplusplus
}
#endif

#endif
