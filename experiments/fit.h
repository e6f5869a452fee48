/* The fit I = I0 q^b to a series over the keeps. */
#ifndef ICLAB_EXPERIMENTS_FIT_H
#define ICLAB_EXPERIMENTS_FIT_H

#include "experiments/series.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A power law with intervals, and the whitening it was weighted with. */
struct icl_power_fit {
    struct icl_interval exponent, amplitude; /* b and I0 */
    size_t levels;
    double keep[ICL_MOST_LEVELS], level[ICL_MOST_LEVELS]; /* the points */
    double se[ICL_MOST_LEVELS];
    double curve[ICL_MOST_LEVELS], lo[ICL_MOST_LEVELS], hi[ICL_MOST_LEVELS]; /* I0 q^b and its 95 % band at the keeps */
};

/* Fits on the linear scale (a logarithm fails where estimates are negative) by generalised least squares. The weights
 * come from the covariance of the points: the two parameters of its form under independent gates (fit.c) are fitted to
 * the covariance over blocks, because a full one from so few blocks has no reliable inverse. Intervals: jackknife over
 * blocks of the whole fit, weights included, so that they also hold where the points follow no power law and the
 * exponent depends on the weights. Levenberg-Marquardt of GSL; ICL_ERR_NUMERIC if it does not converge. At least 3
 * blocks. */
icl_status icl_fit_power(const struct icl_series *series, const double *keep, struct icl_power_fit *fit,
                         struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
