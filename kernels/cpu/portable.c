/* The body without an instruction set of its own: what the compiler makes of it for any processor. */
#include "kernels/cpu/variants.h"

#define ICL_TARGET
#define ICL_LANES 2

/* LANES blocks at a time, one lane a block, in loops the compiler turns into vectors. */
static void whole_blocks(const struct icl_philox_base *base, uint64_t block, size_t blocks, uint32_t *words)
{
    enum { LANES = 4 };
    size_t done = 0;
    const struct icl_philox_base own = *base; /* which `words` cannot overlap */
    for (; done + LANES <= blocks; done += LANES) {
        uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
        for (unsigned i = 0; i < LANES; i++) {
            c0[i] = (uint32_t)(block + done + i);
            c1[i] = (uint32_t)((block + done + i) >> 32);
            c2[i] = own.high[0];
            c3[i] = own.high[1];
        }
        uint32_t k0 = own.key[0], k1 = own.key[1];
        for (int round = 0; round < ICL_PHILOX_ROUNDS; round++) {
            for (unsigned i = 0; i < LANES; i++) {
                const uint64_t p0 = (uint64_t)ICL_PHILOX_M0 * c0[i];
                const uint64_t p1 = (uint64_t)ICL_PHILOX_M1 * c2[i];
                c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
                c1[i] = (uint32_t)p1;
                c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
                c3[i] = (uint32_t)p0;
            }
            k0 += ICL_PHILOX_W0;
            k1 += ICL_PHILOX_W1;
        }
        uint32_t *out = words + 4 * done;
        for (unsigned i = 0; i < LANES; i++) {
            out[4 * i] = c0[i];
            out[4 * i + 1] = c1[i];
            out[4 * i + 2] = c2[i];
            out[4 * i + 3] = c3[i];
        }
    }
    for (; done < blocks; done++)
        icl_philox_block(&own, block + done, words + 4 * done);
}

/* The gates of 8 factors as bits, the first in the lowest, and the factors of 8 gates. */
static inline uint8_t pack_gates8(const float *factor)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < 8; i++)
        bits |= (factor[i] != 0.0F ? 1U : 0U) << i;
    return (uint8_t)bits;
}

static inline void unpack_gates8(uint8_t bits, float open, float *factor)
{
    for (unsigned i = 0; i < 8; i++)
        factor[i] = (bits >> i & 1) != 0 ? open : 0.0F;
}

/* Which of 8 words are below the threshold; the factors of gates i .. on of `bits`, i a multiple of their number. */
static inline uint8_t draw_gates8(const uint32_t *words, uint32_t threshold)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < 8; i++)
        bits |= (words[i] < threshold ? 1U : 0U) << i;
    return (uint8_t)bits;
}

typedef float gate_factors4 __attribute__((vector_size(16)));

static inline gate_factors4 gate_vector(const uint8_t *bits, size_t i, float open)
{
    const unsigned on = (unsigned)bits[i / 8] >> i % 8;
    return (gate_factors4){on & 1 ? open : 0.0F, on & 2 ? open : 0.0F, on & 4 ? open : 0.0F, on & 8 ? open : 0.0F};
}

static bool supported(void)
{
    return true;
}

#include "kernels/cpu/body.h"

const struct icl_cpu_variant icl_cpu_portable = ICL_BODY_VARIANT("portable");
