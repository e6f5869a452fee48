/* Tests of independence for coefficients of dependence, and confidence intervals of correlations. */
#ifndef ICLAB_ESTIMATORS_CORRELATION_TEST_H
#define ICLAB_ESTIMATORS_CORRELATION_TEST_H

#include <stddef.h>

#include "core/status.h"
#include "estimators/kendall.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Two-sided p-value of r = 0 among n samples: t = r sqrt((n-2)/(1-r^2)) in Student's t with n-2 degrees of freedom.
 * Exact for Pearson's r where one column is normal and the other independent of it. An approximation for Spearman's rho
 * (ties are in rho itself): at n = 20, .0096 to .0112 of independent pairs have p <= .01, .001 to .0018 have p <= .001.
 * Rare values break it for both: see docs/estimators.md. |r| = 1: 0. r nan or n < 3: nan. O(1). */
double icl_correlation_p(double r, size_t n);

/* Two-sided p-value of Kendall's s in the normal law of its variance (ties included), without continuity correction. An
 * approximation: at n = 10, .042 to .048 of independent pairs have p <= .05. nan if s is. O(1). */
double icl_kendall_p(const struct icl_kendall *kendall);

/* One-sided p-value of a corrected distance correlation R among n samples: P(chi2_1 >= n R + 1), 1 where n R + 1 <= 0
 * (Shen, Panda & Vogelstein 2022). The law of n R + 1 is a mixture of chi-squares that this one covers in the far tail:
 * conservative for p below about .08 and n of 100 and more (.02 to .05 of independent pairs have p <= .05); too small a
 * p above that, and for fewer samples (at n = 10, .072 have p <= .05). For a sharp p permute y (icl_column_permute) and
 * compute R anew. R nan: nan. O(1). */
double icl_distance_p(double corrected, size_t n);

enum icl_correlation_kind { ICL_CORRELATION_PEARSON, ICL_CORRELATION_SPEARMAN };

/* Confidence interval at two-sided `level` in (0,1) by Fisher's z: tanh(atanh(r) -+ q se), q the normal quantile, se =
 * 1 / sqrt(n-3) for Pearson's r of normal columns (Fisher 1921), sqrt((1 + r^2/2) / (n-3)) for Spearman's rho (Bonett &
 * Wright 2000; sound for |rho| up to .95). r = 1 or -1: both ends r. r nan or n < 4: nan. Another level:
 * ICL_ERR_INPUT. O(1). */
icl_status icl_correlation_interval(enum icl_correlation_kind kind, double r, size_t n, double level, double *lo,
                                    double *hi, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
