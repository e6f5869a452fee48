/* p-values of independence from a formula, where the null distribution of an estimate is known: no draws, no seed. */
#ifndef ICLAB_ESTIMATORS_MI_ANALYTIC_NULL_H
#define ICLAB_ESTIMATORS_MI_ANALYTIC_NULL_H

#include "estimators/mutual_information.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The likelihood-ratio test of a table of counts. */
struct icl_g_test {
    double g;        /* 2 N I, I the plug-in without correction, nats */
    double df;       /* (r-1)(c-1) over occupied rows and columns */
    double williams; /* what g is divided by, >= 1 */
    double p;        /* P(chi2(df) >= g / williams); 1 where df = 0 */
};

/* G test of independence of a table (rows x cols, row-major, N samples): g = 2 N I is chi2((r-1)(c-1)) for large counts
 * (Wilks 1938); divided by q = 1 + (N sum 1/n_i - 1)(N sum 1/n_j - 1) / (6 N (r-1)(c-1)) its mean is that of chi2 to
 * order 1/N^2 (Williams 1976). Assumes independent samples and expected counts n_i n_j / N of some units; in sparse
 * tables (expected counts of 1 and below) p is too large or too small: docs/estimators.md has figures. O(rows cols). */
icl_status icl_g_test(const uint64_t *count, size_t rows, size_t cols, struct icl_workspace *workspace,
                      struct icl_g_test *test, struct icl_error *err);

/* p of the Gaussian copula's estimate `mi` (nats, as icl_mi_gaussian gives it) of n >= 4 independent samples:
 * r^2/(1-r^2) = exp(2 (mi + bias)) - 1, and (n-2) r^2/(1-r^2) is F(1, n-2), that is the square of Student's t. Exact
 * for normal samples; normal scores are a fixed set of numbers in random order, whose r has the same first four moments
 * up to 1/n. Two-sided in r, since mi is. nan -> nan. O(1). */
double icl_gaussian_null_p(double mi, size_t n);

/* Is there a formula for this estimator? ICL_MI_PLUGIN and ICL_MI_GAUSSIAN. */
bool icl_mi_has_analytic_null(enum icl_mi_estimator estimator);

/* p of a pair whose estimate by `options` (its estimator one of the above, otherwise ICL_ERR_USAGE) is `mi`: the G test
 * of the table of the plug-in, or icl_gaussian_null_p. A constant column: 1; a non-finite one: nan. O(n). */
icl_status icl_mi_analytic_p(const struct icl_column *x, const struct icl_column *y,
                             const struct icl_mi_options *options, double mi, struct icl_workspace *workspace,
                             double *p, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
