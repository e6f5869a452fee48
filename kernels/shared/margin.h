/* Ascending lists: how many values lie within a distance, and where the k-th nearest one does. */
#ifndef ICLAB_KERNELS_SHARED_MARGIN_H
#define ICLAB_KERNELS_SHARED_MARGIN_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernels/host_device.h"

/* #{j: |sorted[j] - x| < r} (strict) or <= r among n values. The difference itself is compared, not x +- r, which
 * rounds otherwise: x - sorted[j] falls and sorted[j] - x rises with j, in floating point as well, so that two
 * bisections find the ends. O(log n). */
ICL_HD uint32_t icl_margin_within(const double *sorted, uint32_t n, double x, double r, bool strict)
{
    uint32_t first = 0, size = n;
    while (size > 0) {
        const uint32_t half = size / 2;
        const double gap = x - sorted[first + half];
        const bool outside = strict ? gap >= r : gap > r;
        first = outside ? first + half + 1 : first;
        size = outside ? size - half - 1 : half;
    }
    uint32_t last = first;
    size = n - first;
    while (size > 0) {
        const uint32_t half = size / 2;
        const double gap = sorted[last + half] - x;
        const bool inside = strict ? gap < r : gap <= r;
        last = inside ? last + half + 1 : last;
        size = inside ? size - half - 1 : half;
    }
    return last - first;
}

/* The distance from position p to its k-th nearest other member, k < size. O(k). */
ICL_HD double icl_margin_kth(const double *ascending, uint32_t size, uint32_t p, uint32_t k)
{
    const double own = ascending[p];
    uint32_t left = p, right = p; /* the window left .. right holds the point and the neighbours found */
    double distance = 0;
    for (uint32_t found = 0; found < k; found++) {
        const double below = left > 0 ? own - ascending[left - 1] : (double)INFINITY;
        const double above = right + 1 < size ? ascending[right + 1] - own : (double)INFINITY;
        if (below <= above) {
            distance = below;
            left--;
        } else {
            distance = above;
            right++;
        }
    }
    return distance;
}

#endif
