/* Grouped neighbours from all distances between points, for many coordinates. Not installed. */
#ifndef ICLAB_ESTIMATORS_ALL_DISTANCES_INTERNAL_H
#define ICLAB_ESTIMATORS_ALL_DISTANCES_INTERNAL_H

#include "estimators/grouped_neighbours.h"

/* What icl_grouped_counts computes; every output may be NULL. `given`: the radii, instead of those of k neighbours. */
struct icl_all_distances {
    unsigned k;
    const double *given;
    enum icl_count_rule rule;
    double *radius;
    uint32_t *within, *counts;
};
icl_status icl_all_distances(const struct icl_grouped_points *points, const struct icl_all_distances *wanted,
                             struct icl_workspace *workspace, struct icl_error *err);

/* The k-th smallest of n distances by looking again and again, for the oracles: *radius; returns how many do not exceed
 * it, k or more. That of a point to itself has to be inf. O(k n). */
size_t icl_plain_radius(const double *distance, size_t n, unsigned k, double *radius);

#endif
