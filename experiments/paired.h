/* Statistics of runs that are paired by their seed: differences, ratios of variances, rank correlations, and Holm's
 * correction for several claims at once. */
#ifndef ICLAB_EXPERIMENTS_PAIRED_H
#define ICLAB_EXPERIMENTS_PAIRED_H

#include <stddef.h>
#include <stdint.h>

#include "estimators/uncertainty.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An estimate over seeds. */
struct icl_comparison {
    struct icl_interval interval; /* 95 % */
    double p;                     /* two-sided, of the estimate being `target`; nan where there is no test */
    double effect;                /* the function says in what units */
    size_t n;                     /* seeds, or runs */
};

/* The mean of n values against `target`: Student's t with n - 1 degrees of freedom. Of differences within pairs this is
 * the paired t test. effect: (mean - target) / sd of the values (Cohen's d_z). n < 2: limits, p and effect are nan.
 * Values that are all equal: an interval without width, p 0 or 1, and an infinite effect (nan at the target). */
struct icl_comparison icl_compare_mean(const double *value, size_t n, double target);

/* The variance of x over that of y, n pairs (x[i], y[i]) of a bivariate normal law, which the interval assumes: with F
 * the ratio of the sample variances, r the correlation and K = 1 + 2 (1 - r^2) t^2 / (n - 2), t the quantile of
 * Student's t with n - 2 degrees of freedom, the limits are F (K -+ sqrt(K^2 - 1)). p: the test of Pitman (1939) and
 * Morgan (1939) that x + y and x - y are uncorrelated, which is the ratio being 1. effect: ln sqrt(F). n < 3 or a side
 * without variance: nan. */
struct icl_comparison icl_compare_variances(const double *x, const double *y, size_t n);

/* Spearman's rank correlation (ties: mid-ranks), its interval by Fisher's z with variance (1 + r^2/2) / (n - 3) (Bonett
 * and Wright 2000), p by Student's t with n - 2 degrees of freedom. effect: the estimate itself. n < 4 or a side that
 * is constant: nan. O(n^2). */
struct icl_comparison icl_compare_ranks(const double *x, const double *y, size_t n);

/* The probability that a value of `high` exceeds one of `low`, ties counted half (Mann and Whitney 1947): 1/2 where
 * neither says anything of the other. nan where one of them is empty. O(n m). */
double icl_exceedance(const double *high, size_t n, const double *low, size_t m);

/* The p values of a family as Holm (1979) adjusts them: sorted, the k-th smallest times (count - k + 1), at most 1 and
 * not below those before it. adjusted[i] <= alpha where claim i is rejected at the family level alpha. A p that is nan
 * is no member of the family and stays nan. O(count^2). */
void icl_holm(const double *p, size_t count, double *adjusted);

#ifdef __cplusplus
}
#endif

#endif
