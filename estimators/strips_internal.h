/* The points of a plane in strips: what the fast neighbour search of estimators/cpu walks through. Not installed.
 *
 * A family of strips covers its points by ranges of one coordinate (`across`); inside a strip the points are sorted by
 * the other one (`along`). Equal values of `across` never part, so an atom is one strip of no width, however many
 * points it holds. Points that share one value of `along` in great number would defeat the sorting: these lie in a
 * second family whose strips are lines of one such value, with the coordinates in exchanged roles.
 *
 * Each strip is enclosed by ICL_STRIP_GUARD positions whose `along` is -inf before and +inf behind it: a walk ends
 * there without a look at the strip's bounds. */
#ifndef ICLAB_ESTIMATORS_STRIPS_INTERNAL_H
#define ICLAB_ESTIMATORS_STRIPS_INTERNAL_H

#include "estimators/neighbours.h"

enum { ICL_STRIP_GUARD = 16 };

/* The positions begin .. end-1; their `across` is within low .. high. */
struct icl_strip {
    uint32_t begin, end;
    double low, high;
};

/* Where a walk last entered a strip, and in which round. */
struct icl_strip_cursor {
    uint32_t round, position;
};

/* `count` strips, ascending and disjoint in `across`; the arrays have `positions` elements, guards included. */
struct icl_strips {
    unsigned across_axis; /* the coordinate that is `across`: 0 or 1 */
    size_t count, positions;
    struct icl_strip *strip;
    double *across, *along;
    uint32_t *sample;
    struct icl_strip_cursor *cursor; /* scratch of the search, one a strip */
};

enum { ICL_STRIP_FAMILIES = 2 };
struct icl_strip_index {
    struct icl_strips family[ICL_STRIP_FAMILIES];
};

/* The first of the positions from .. to-1 of an ascending list whose value is at least x, or `to`. */
static inline size_t icl_first_at_least(const double *ascending, size_t from, size_t to, double x)
{
    for (size_t size = to - from; size > 0;) {
        const size_t half = size / 2;
        const bool below = ascending[from + half] < x;
        from = below ? from + half + 1 : from;
        size = below ? size - half - 1 : half;
    }
    return from;
}

/* sorted[a], order[a]: coordinate a ascending and the samples in that order. The index lies in the workspace. O(n). */
icl_status icl_strips_build(const struct icl_points *plane, const double *const *sorted, const uint32_t *const *order,
                            struct icl_workspace *workspace, struct icl_strip_index *index, struct icl_error *err);

#endif
