#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "kernels/cpu/variants.h"

#define ICL_TARGET __attribute__((target("avx2")))
#define ICL_LANES  4

/* A 32-bit word a 64-bit lane, so that the product of two needs no unpacking; what stands in a lane's upper half is
 * never read. UNROLL vectors of four blocks hide the latency of the multiplication. */
static ICL_TARGET void whole_blocks(const struct icl_philox_base *base, uint64_t block, size_t blocks, uint32_t *words)
{
    enum { LANES = 4, UNROLL = 2 };
    /* Blocks 0 2 1 3: the unpacking at the end puts them in order. */
    const __m256i lane = _mm256_setr_epi64x(0, 2, 1, 3);
    const __m256i m0 = _mm256_set1_epi64x(ICL_PHILOX_M0), m1 = _mm256_set1_epi64x(ICL_PHILOX_M1);
    size_t done = 0;
    for (; done + LANES * UNROLL <= blocks; done += LANES * UNROLL) {
        __m256i c0[UNROLL], c1[UNROLL], c2[UNROLL], c3[UNROLL];
        for (unsigned i = 0; i < UNROLL; i++) {
            c0[i] = _mm256_add_epi64(_mm256_set1_epi64x((int64_t)(block + done + LANES * i)), lane);
            c1[i] = _mm256_srli_epi64(c0[i], 32);
            c2[i] = _mm256_set1_epi64x(base->high[0]);
            c3[i] = _mm256_set1_epi64x(base->high[1]);
        }
        uint32_t k0 = base->key[0], k1 = base->key[1];
        for (int round = 0; round < ICL_PHILOX_ROUNDS; round++) {
            const __m256i key0 = _mm256_set1_epi64x(k0), key1 = _mm256_set1_epi64x(k1);
            for (unsigned i = 0; i < UNROLL; i++) {
                const __m256i p0 = _mm256_mul_epu32(c0[i], m0), p1 = _mm256_mul_epu32(c2[i], m1);
                c0[i] = _mm256_xor_si256(_mm256_srli_epi64(p1, 32), _mm256_xor_si256(c1[i], key0));
                c1[i] = p1;
                c2[i] = _mm256_xor_si256(_mm256_srli_epi64(p0, 32), _mm256_xor_si256(c3[i], key1));
                c3[i] = p0;
            }
            k0 += ICL_PHILOX_W0;
            k1 += ICL_PHILOX_W1;
        }
        for (unsigned i = 0; i < UNROLL; i++) {
            const __m256i low = _mm256_blend_epi32(c0[i], _mm256_slli_epi64(c1[i], 32), 0xAA);
            const __m256i high = _mm256_blend_epi32(c2[i], _mm256_slli_epi64(c3[i], 32), 0xAA);
            __m256i *out = (__m256i *)(void *)(words + 4 * (done + LANES * i));
            _mm256_storeu_si256(out, _mm256_unpacklo_epi64(low, high));
            _mm256_storeu_si256(out + 1, _mm256_unpackhi_epi64(low, high));
        }
    }
    for (; done < blocks; done++)
        icl_philox_block(base, block + done, words + 4 * done);
}

/* The gates of 8 factors as bits, the first in the lowest, and the factors of 8 gates. */
static inline ICL_TARGET uint8_t pack_gates8(const float *factor)
{
    return (uint8_t)_mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(factor), _mm256_setzero_ps(), _CMP_NEQ_UQ));
}

static inline ICL_TARGET void unpack_gates8(uint8_t bits, float open, float *factor)
{
    const __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const __m256i on = _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(bits), bit), bit);
    _mm256_storeu_ps(factor, _mm256_and_ps(_mm256_castsi256_ps(on), _mm256_set1_ps(open)));
}

/* Which of 8 words are below the threshold; the factors of gates i .. on of `bits`, i a multiple of their number. */
static inline ICL_TARGET uint8_t draw_gates8(const uint32_t *words, uint32_t threshold)
{
    /* There is a comparison for signed numbers only. */
    const __m256i sign = _mm256_set1_epi32(INT32_MIN);
    const __m256i word = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(const void *)words), sign);
    const __m256i below = _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)(threshold ^ UINT32_C(0x80000000))), word);
    return (uint8_t)_mm256_movemask_ps(_mm256_castsi256_ps(below));
}

static inline ICL_TARGET __m256 gate_vector(const uint8_t *bits, size_t i, float open)
{
    const __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const __m256i on = _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(bits[i / 8]), bit), bit);
    return _mm256_and_ps(_mm256_castsi256_ps(on), _mm256_set1_ps(open));
}

static bool supported(void)
{
    return __builtin_cpu_supports("avx2");
}

#include "kernels/cpu/body.h"

const struct icl_cpu_variant icl_cpu_avx2 = ICL_BODY_VARIANT("avx2");

#endif
