/* Neighbours of points whose coordinates fall into groups (vectors x, y, ...), and their counts within each group: the
 * geometry of information about vectors. */
#ifndef ICLAB_ESTIMATORS_GROUPED_NEIGHBOURS_H
#define ICLAB_ESTIMATORS_GROUPED_NEIGHBOURS_H

#include "estimators/neighbour_counts.h"

#ifdef __cplusplus
extern "C" {
#endif

/* n points in `groups` spaces: group g has dimensions[g] >= 1 coordinates. Coordinate c of point i is at[c][i], group
 * by group: first the dimensions[0] of group 0. Nothing is copied or owned; any number of coordinates. Values and their
 * differences are finite. */
struct icl_grouped_points {
    size_t n;
    unsigned groups;
    const size_t *dimensions;
    const double *const *at;
};

/* Distances are in the maximum norm: d_g over the coordinates of group g, d over all of them. radius of a point: d to
 * its k-th neighbour (itself excluded). For each group g, counts[i * groups + g] = samples j, i itself included, with
 *   ICL_COUNT_INSIDE     d_g < radius of i (radius 0: no sample, not even i),
 *   ICL_COUNT_WITHIN     d_g <= radius,
 *   ICL_COUNT_IN_EXTENT  d_g <= the largest d_g of the samples with d <= radius: ONE extent a group, not a coordinate.
 * within[i] = #{j != i: d <= radius}; NULL: not wanted. Errors as icl_neighbours.
 * Few coordinates: k-d trees, O(n log n) and up. Many: all distances, O(n^2 coordinates), vectorised, with memory
 * O(n coordinates). The same bits as icl_grouped_counts_reference. */
icl_status icl_grouped_counts(const struct icl_grouped_points *points, unsigned k, enum icl_count_rule rule,
                              uint32_t *within, uint32_t *counts, struct icl_workspace *workspace,
                              struct icl_error *err);

/* The same from the words above, point by point: O(n^2 coordinates). The oracle. */
icl_status icl_grouped_counts_reference(const struct icl_grouped_points *points, unsigned k, enum icl_count_rule rule,
                                        uint32_t *within, uint32_t *counts, struct icl_workspace *workspace,
                                        struct icl_error *err);

/* Radius and within alone. */
icl_status icl_grouped_neighbours(const struct icl_grouped_points *points, unsigned k, double *radius, uint32_t *within,
                                  struct icl_workspace *workspace, struct icl_error *err);

/* count[i] = #{j: d <= radius[i]}, i itself included, over all coordinates. */
icl_status icl_grouped_within(const struct icl_grouped_points *points, const double *radius, uint32_t *count,
                              struct icl_workspace *workspace, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
