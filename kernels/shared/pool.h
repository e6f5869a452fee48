/* Where the windows of pools lie, and the choice of a maximum. */
#ifndef ICLAB_KERNELS_SHARED_POOL_H
#define ICLAB_KERNELS_SHARED_POOL_H

#include <stdbool.h>

#include "kernels/shared/divider.h"

/* Places first .. end-1; none where end <= first. */
struct icl_pool_places {
    uint32_t first, end;
};

/* The places of the window of output `out` that lie inside an image of `size`. */
ICL_HD struct icl_pool_places icl_pool_span(uint32_t out, uint32_t window, uint32_t stride, uint32_t padding,
                                            uint32_t size)
{
    const uint32_t start = out * stride; /* in the padded image */
    struct icl_pool_places inside;
    inside.first = start < padding ? padding - start : 0;
    inside.end = start + window > size + padding ? size + padding - start : window;
    return inside;
}

/* The outputs, of `outs`, whose windows cover place `at` of an image. */
ICL_HD struct icl_pool_places icl_pool_cover(uint32_t at, uint32_t window, struct icl_divider stride, uint32_t padding,
                                             uint32_t outs)
{
    const uint32_t padded = at + padding;
    uint32_t rest;
    struct icl_pool_places cover;
    cover.first = padded < window ? 0 : icl_divide(stride, padded - window, &rest) + 1;
    cover.end = icl_divide(stride, padded, &rest) + 1;
    if (cover.end > outs) cover.end = outs;
    return cover;
}

/* Whether `value`, which comes later in the window, is the maximum instead of `best`: the first of equal ones counts, a
 * NaN wins. Chooses without branching, for vectors; float or double. */
#define ICL_POOL_IS_MORE(value, best) ((!((value) <= (best))) & ((best) == (best)))

#endif
