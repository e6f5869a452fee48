/* Nearest neighbours in the maximum norm, and counts of neighbours: the geometry under every kNN estimator. */
#ifndef ICLAB_ESTIMATORS_NEIGHBOURS_H
#define ICLAB_ESTIMATORS_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "estimators/workspace.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ICL_MAX_NEIGHBOURS = 1000, ICL_MAX_COORDINATES = 8 };

/* n points in `dimensions` coordinates: coordinate a of point i is at[a][i]. Values and their differences are finite.
 */
struct icl_points {
    size_t n;
    unsigned dimensions;
    const double *at[ICL_MAX_COORDINATES];
};

/* Distances d_ij = max_a |x_aj - x_ai|; radius[i] = distance of point i to its k-th neighbour (itself excluded).
 * within[i] = #{j != i: d_ij <= radius[i]}, at least k, more where distances are tied; NULL: not wanted.
 * extent[a][i] = max |x_aj - x_ai| over the k neighbours j, all of several tied k-th ones; NULL: not wanted. Errors: k
 * >= n or k > ICL_MAX_NEIGHBOURS: ICL_ERR_INPUT. k-d tree with a search that starts at the point's own leaf: O(n log n
 * + n k) on data of low dimension, atoms included. The results are the same bits as icl_neighbours_reference. */
icl_status icl_neighbours(const struct icl_points *points, unsigned k, double *radius, uint32_t *within,
                          double *const *extent, struct icl_workspace *workspace, struct icl_error *err);

/* The same by brute force, O(n^2): the oracle. */
icl_status icl_neighbours_reference(const struct icl_points *points, unsigned k, double *radius, uint32_t *within,
                                    double *const *extent, struct icl_workspace *workspace, struct icl_error *err);

/* index[i k .. i k + k - 1]: the samples that are the k nearest neighbours of point i, ascending in distance (which of
 * several tied ones, and in which order, depends on the samples only). The rest as icl_neighbours. */
icl_status icl_nearest(const struct icl_points *points, unsigned k, double *radius, uint32_t *within, uint32_t *index,
                       struct icl_workspace *workspace, struct icl_error *err);

/* count[i] = #{j: d_ij < radius[i]} (strict) or <= radius[i], the point itself included (0 where a strict radius is 0).
 * The same k-d tree: O(n log n) and what lies on the edges of the balls. */
icl_status icl_ball_counts(const struct icl_points *points, const double *radius, bool strict, uint32_t *count,
                           struct icl_workspace *workspace, struct icl_error *err);

/* #{j: |sorted[j] - x| < r} (strict) or <= r. `sorted` ascending, n < 2^32 values. The difference itself is compared,
 * not x +- r, which rounds otherwise. O(log n). */
size_t icl_count_within(const double *sorted, size_t n, double x, double r, bool strict);

/* The distance from position p of an ascending list to its k-th nearest other member (k < size < 2^32). O(k). */
double icl_kth_distance(const double *ascending, size_t size, size_t p, unsigned k);

#ifdef __cplusplus
}
#endif

#endif
