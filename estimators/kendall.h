/* Kendall's rank correlation, its variance under independence, and its test. */
#ifndef ICLAB_ESTIMATORS_KENDALL_H
#define ICLAB_ESTIMATORS_KENDALL_H

#include "estimators/column.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Pairs of samples are concordant where x and y rise together, discordant where one rises as the other falls, and
 * neither where they tie in x or y. With n0 = n (n-1)/2 pairs, T of them tied in x and U in y: */
struct icl_kendall {
    double tau_a;    /* s / n0 */
    double tau_b;    /* s / sqrt((n0 - T) (n0 - U)): reaches -1 and 1 with ties too */
    double s;        /* concordant minus discordant pairs; exact to 2^53 */
    double variance; /* of s over all permutations of y, ties included: s has mean 0 under independence */
};

/* Kendall's tau of a pair (Kendall 1938, 1945) by counting the inversions of a merge sort (Knight 1966). The variance
 * is Kendall's (1970, chapter 4), exact for the tied groups of t in x and u in y: [n(n-1)(2n+5) - sum t(t-1)(2t+5) -
 * sum u(u-1)(2u+5)] / 18 + sum t(t-1) sum u(u-1) / (2n(n-1))
 *   + sum t(t-1)(t-2) sum u(u-1)(u-2) / (9n(n-1)(n-2)).
 * Depends on the order of the values alone. All members nan if a column is constant or not finite. Two columns of one
 * length. O(n log n). */
icl_status icl_kendall(const struct icl_column *x, const struct icl_column *y, struct icl_workspace *workspace,
                       struct icl_kendall *result, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
