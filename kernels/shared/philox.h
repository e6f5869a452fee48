/* Philox4x32-10 and the map from stream and block to counter; for host and device. */
#ifndef ICLAB_KERNELS_SHARED_PHILOX_H
#define ICLAB_KERNELS_SHARED_PHILOX_H

#include <stdint.h>

#include "kernels/host_device.h"
#include "kernels/random.h"

enum { ICL_PHILOX_ROUNDS = 10 };

/* Multipliers and key increments of Salmon et al. (2011), tables 1 and 2. */
#define ICL_PHILOX_M0 UINT32_C(0xD2511F53)
#define ICL_PHILOX_M1 UINT32_C(0xCD9E8D57)
#define ICL_PHILOX_W0 UINT32_C(0x9E3779B9)
#define ICL_PHILOX_W1 UINT32_C(0xBB67AE85)

/* The part of key and counter that all blocks of a stream share. */
struct icl_philox_base {
    uint32_t key[2];
    uint32_t high[2]; /* counter words 2 and 3 */
};

ICL_HD struct icl_philox_base icl_philox_base_of(const struct icl_stream *stream)
{
    struct icl_philox_base base;
    base.key[0] = (uint32_t)stream->seed;
    base.key[1] = (uint32_t)(stream->seed >> 32);
    base.high[0] = stream->step;
    base.high[1] = (uint32_t)stream->purpose << 24 | (stream->layer & UINT32_C(0xFFFFFF));
    return base;
}

ICL_HD void icl_philox_rounds(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1,
                              uint32_t out[4])
{
    for (int round = 0; round < ICL_PHILOX_ROUNDS; round++) {
        const uint64_t p0 = (uint64_t)ICL_PHILOX_M0 * c0;
        const uint64_t p1 = (uint64_t)ICL_PHILOX_M1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += ICL_PHILOX_W0;
        k1 += ICL_PHILOX_W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* words[0..3] of one block. */
ICL_HD void icl_philox_block(const struct icl_philox_base *base, uint64_t block, uint32_t words[4])
{
    icl_philox_rounds((uint32_t)block, (uint32_t)(block >> 32), base->high[0], base->high[1], base->key[0],
                      base->key[1], words);
}

#endif
