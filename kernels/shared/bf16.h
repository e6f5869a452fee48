/* bfloat16: the upper half of a float32, rounded to nearest, ties to even; for host and device. A NaN stays one. */
#ifndef ICLAB_KERNELS_SHARED_BF16_H
#define ICLAB_KERNELS_SHARED_BF16_H

#include <stdint.h>
#include <string.h>

#include "kernels/host_device.h"

struct icl_bf16 {
    uint16_t bits;
};

ICL_HD float icl_bf16_to_float(struct icl_bf16 x)
{
    const uint32_t bits = (uint32_t)x.bits << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

ICL_HD struct icl_bf16 icl_bf16_from_float(float value)
{
    uint32_t bits;
    struct icl_bf16 x;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t rounded = bits + UINT32_C(0x7FFF) + (bits >> 16 & 1);
    /* Rounding would carry a NaN of large payload over to zero. */
    x.bits = (uint16_t)((value != value ? (bits | UINT32_C(0x400000)) : rounded) >> 16);
    return x;
}

#endif
