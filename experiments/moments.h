/* Series of first and second moments of many neurons: pooled correlations and eigenvalues with intervals. */
#ifndef ICLAB_EXPERIMENTS_MOMENTS_H
#define ICLAB_EXPERIMENTS_MOMENTS_H

#include "experiments/series.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A block vector holds, for each of `keeps` keeps, d means and then the d x d matrix of mean products. */
static inline size_t icl_moments_size(size_t d)
{
    return d + d * d;
}

/* Fills the moments of one block at one keep from d columns of `rows` samples, column-major. out: d + d*d values. */
void icl_moments_fill(const double *columns, size_t rows, size_t d, double *out);

/* corr (d x d) and mean_over_sd (d, may be NULL) from the moments at one keep. A column without variance: nan. */
void icl_moments_correlation(const double *moments, size_t d, double *corr, double *mean_over_sd);

/* The eigenvalues of a symmetric d x d matrix, ascending. */
icl_status icl_eigenvalues(const double *matrix, size_t d, double *value, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
