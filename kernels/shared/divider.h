/* Division of 31-bit whole numbers by one that is known before, as a multiplication and a shift (Granlund and
 * Montgomery 1994, figure 4.1: with l = ceil(log2 d) and m = floor(2^32 (2^l - d) / d) + 1, n / d is
 * (floor(m n / 2^32) + n) / 2^l; n below 2^31 keeps the sum below 2^32). */
#ifndef ICLAB_KERNELS_SHARED_DIVIDER_H
#define ICLAB_KERNELS_SHARED_DIVIDER_H

#include <stdint.h>

#include "kernels/host_device.h"

struct icl_divider {
    uint32_t by, factor, shift;
};

/* 1 <= by < 2^31. */
ICL_HD struct icl_divider icl_divider_of(uint32_t by)
{
    struct icl_divider divider = {by, 0, 0};
    while ((UINT64_C(1) << divider.shift) < by)
        divider.shift++;
    divider.factor = (uint32_t)((((UINT64_C(1) << divider.shift) - by) << 32) / by + 1);
    return divider;
}

/* The quotient of n < 2^31; *rest = n modulo the divisor. */
ICL_HD uint32_t icl_divide(struct icl_divider divider, uint32_t n, uint32_t *rest)
{
    const uint32_t high = (uint32_t)((uint64_t)divider.factor * n >> 32), quotient = (high + n) >> divider.shift;
    *rest = n - quotient * divider.by;
    return quotient;
}

#endif
