/* Counts of the samples of one neuron within an interval, for many intervals. Not installed. */
#ifndef ICLAB_ESTIMATORS_MARGINS_INTERNAL_H
#define ICLAB_ESTIMATORS_MARGINS_INTERNAL_H

#include "estimators/neighbours.h"

/* Ascending values under a tree of ICL_MARGIN_FAN branches a node: level 0 is the list itself, level l+1 holds the last
 * value of every full node of level l. A search loads one node a level and counts the values on one side. The last node
 * of each level, filled up with +inf, lies in `rest`, so that no list needs padding. */
enum { ICL_MARGIN_FAN = 8, ICL_MARGIN_LEVELS = 12 };
struct icl_margin {
    size_t n;
    unsigned levels;
    const double *level[ICL_MARGIN_LEVELS];
    size_t full[ICL_MARGIN_LEVELS]; /* full nodes of a level */
    double rest[ICL_MARGIN_LEVELS][ICL_MARGIN_FAN];
};

/* `ascending` (n values) must outlive the margin; the levels above it lie in the workspace. O(n / ICL_MARGIN_FAN). */
icl_status icl_margin_build(const double *ascending, size_t n, struct icl_workspace *workspace,
                            struct icl_margin *margin, struct icl_error *err);

/* count[i] = icl_count_within(sorted, n, x[i], r[i], strict) for i < points. */
void icl_margin_count(const struct icl_margin *margin, const double *x, const double *r, size_t points, bool strict,
                      uint32_t *count);

/* order[r] = the sample of rank r, equal values by index: the order of a list whose sorted values are known. O(n log
 * n).
 */
icl_status icl_margin_order(const double *ascending, const double *value, size_t n, uint32_t *order,
                            struct icl_workspace *workspace, struct icl_error *err);

#endif
