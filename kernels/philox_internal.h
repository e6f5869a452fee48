/* Philox4x32-10 and the map from stream and block to counter; inlined by random.c, the reference and the tests. */
#ifndef ICLAB_KERNELS_PHILOX_INTERNAL_H
#define ICLAB_KERNELS_PHILOX_INTERNAL_H

#include <stdint.h>

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

static inline struct icl_philox_base icl_philox_base(const struct icl_stream *stream)
{
    return (struct icl_philox_base){
        .key = {(uint32_t)stream->seed, (uint32_t)(stream->seed >> 32)},
        .high = {stream->step, (uint32_t)stream->purpose << 24 | (stream->layer & UINT32_C(0xFFFFFF))},
    };
}

/* words[0..3] of one block. */
static inline void icl_philox_block(const struct icl_philox_base *base, uint64_t block, uint32_t words[4])
{
    const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), base->high[0], base->high[1]};
    icl_philox4x32(counter, base->key, words);
}

#endif
