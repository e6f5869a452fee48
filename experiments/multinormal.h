/* Many correlated normals, and the exact total correlation before and after independent gates (claims c08, c09).
 * Correlation matrices R are d x d, row after row; symmetric with a unit diagonal and positive definite, otherwise
 * ICL_ERR_INPUT. */
#ifndef ICLAB_EXPERIMENTS_MULTINORMAL_H
#define ICLAB_EXPERIMENTS_MULTINORMAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Streams of purpose LAW, layers ICL_MULTINORMAL_LAYER + component: beyond those of the laws of pairs. */
enum { ICL_MULTINORMAL_LAYER = 4096, ICL_MULTINORMAL_MAX = 4096, ICL_TOTAL_CORRELATION_SUBSETS_MAX = 20 };

/* n independent samples of d <= ICL_MULTINORMAL_MAX standard normals of correlation R. Component j is the contiguous
 * columns[j * n .. (j+1) * n - 1]. A pure function of (R, seed, step); the first samples do not depend on n.
 * Work O(n d^2). */
icl_status icl_law_multinormal(size_t d, const double *R, uint64_t seed, uint32_t step, size_t n, double *columns,
                               struct icl_error *err);

/* *tc = TC = sum of the entropies of the components - joint entropy = -ln(det R) / 2. Work O(d^3). */
icl_status icl_total_correlation_normal(size_t d, const double *R, double *tc, struct icl_error *err);

/* *tc = TC of the components behind independent gates of `keep`: the mean of TC(x_S) over the surviving subsets S,
 * sum over S of keep^|S| (1-keep)^(d-|S|) TC(x_S). d <= ICL_TOTAL_CORRELATION_SUBSETS_MAX, keep in [0,1], otherwise
 * ICL_ERR_USAGE. Work O(2^d d^3). */
icl_status icl_total_correlation_after_gates(size_t d, const double *R, double keep, double *tc, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
