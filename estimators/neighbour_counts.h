/* The counts that the kNN estimators of information take the digamma of. */
#ifndef ICLAB_ESTIMATORS_NEIGHBOUR_COUNTS_H
#define ICLAB_ESTIMATORS_NEIGHBOUR_COUNTS_H

#include "estimators/neighbours.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which samples count in coordinate a, d_a being the distance there. */
enum icl_count_rule {
    ICL_COUNT_INSIDE,   /* d_a < radius of the point */
    ICL_COUNT_WITHIN,   /* d_a <= radius */
    ICL_COUNT_IN_EXTENT /* d_a <= extent of the k neighbours in this coordinate */
};

/* Points with their margins: sorted[a] is coordinate a ascending, order[a] the samples in that order; NULL where that
 * is not known. */
struct icl_sorted_points {
    struct icl_points points;
    const double *sorted[ICL_MAX_COORDINATES];
    const uint32_t *order[ICL_MAX_COORDINATES];
};

/* icl_neighbours on points of known margins: much faster in the plane up to k = 31, the same elsewhere. All tied k-th
 * neighbours widen the extent in the plane. O(n log n), O(n) but for the counts in good cases. */
icl_status icl_neighbours_sorted(const struct icl_sorted_points *points, unsigned k, double *radius, uint32_t *within,
                                 double *const *extent, struct icl_workspace *workspace, struct icl_error *err);

/* counts[i * d + a] = samples that count for sample i in coordinate a, the sample itself included (unless
 * ICL_COUNT_INSIDE at radius 0: then 0). within[i] as in icl_neighbours; NULL: not wanted. */
icl_status icl_neighbour_counts(const struct icl_sorted_points *points, unsigned k, enum icl_count_rule rule,
                                uint32_t *within, uint32_t *counts, struct icl_workspace *workspace,
                                struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
