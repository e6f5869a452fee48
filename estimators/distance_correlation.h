/* Distance covariance and correlation: 0 in the limit only for independent columns, whatever the dependence. */
#ifndef ICLAB_ESTIMATORS_DISTANCE_CORRELATION_H
#define ICLAB_ESTIMATORS_DISTANCE_CORRELATION_H

#include "estimators/column.h"

#ifdef __cplusplus
extern "C" {
#endif

/* With a_ij = |x_i - x_j|, b_ij = |y_i - y_j|: A_ij = a_ij - mean of row i - mean of column j + mean of all, and the
 * U-centred a_ij - a_i./(n-2) - a_.j/(n-2) + a_../((n-1)(n-2)) with a dot for a sum, 0 where i = j. Covariances are in
 * units of x times units of y. */
struct icl_distance {
    double covariance;  /* sum A_ij B_ij / n^2, not below 0: the square V^2 of Szekely, Rizzo & Bakirov 2007 */
    double correlation; /* root of V^2 / sqrt(V^2(x) V^2(y)), 0 to 1; biased upwards, by about 1/n in its square */
    double covariance_corrected;  /* the same with U-centred distances over n(n-3): no bias (Szekely & Rizzo 2014) */
    double correlation_corrected; /* of those, without the root: mean near 0 under independence, can be negative */
};

/* Distance correlation of a pair by a merge sort that carries sums (Huo & Szekely 2016; Chaudhuri & Hu 2019). The
 * distances are those of z, so no correlation depends on scale and offset. n < 4: the corrected members are nan. A
 * column that has all its U-centred distances 0 (one sample off, all others equal) has a corrected correlation of 0.
 * All members nan if a column is constant or not finite. Rounding is about n 1e-16 of what `correlation_corrected`
 * fluctuates by. Two columns of one length. O(n log n). */
icl_status icl_distance_correlation(const struct icl_column *x, const struct icl_column *y,
                                    struct icl_workspace *workspace, struct icl_distance *result,
                                    struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
