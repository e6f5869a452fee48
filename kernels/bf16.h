/* bfloat16 as it is kept: the upper half of a float32, 8 bits of exponent and 7 of mantissa. */
#ifndef ICLAB_KERNELS_BF16_H
#define ICLAB_KERNELS_BF16_H

#include <stdint.h>
#include <string.h>

#include "kernels/host_device.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct icl_bf16 {
    uint16_t bits;
} icl_bf16;

/* Exact. */
ICL_HD float icl_bf16_to_f32(icl_bf16 x)
{
    const uint32_t bits = (uint32_t)x.bits << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Rounded to nearest, ties to even; beyond the largest: infinity; NaN stays NaN, and quiet. */
ICL_HD icl_bf16 icl_bf16_from_f32(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    icl_bf16 rounded;
    if ((bits & 0x7FFFFFFFU) > 0x7F800000U)
        rounded.bits = (uint16_t)(bits >> 16 | 0x40U);
    else
        rounded.bits = (uint16_t)((bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16);
    return rounded;
}

#ifdef __cplusplus
}
#endif

#endif
