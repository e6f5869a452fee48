#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "kernels/cpu/variants.h"

/* 512-bit vectors where they are written by hand. Loops left to the compiler get 256 bits: they stream, and 64-byte
 * accesses to data on 16-byte boundaries, as malloc gives, all cross a cache line (half the speed, measured). */
#if defined(__clang__)
#define ICL_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl"), min_vector_width(256)))
#else
#define ICL_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,prefer-vector-width=256")))
#endif
#define ICL_LANES 8

/* As in avx2.c, with eight blocks a vector and one instruction for the two exclusive ors. */
static ICL_TARGET void whole_blocks(const struct icl_philox_base *base, uint64_t block, size_t blocks, uint32_t *words)
{
    enum { LANES = 8, UNROLL = 4, XOR3 = 0x96 };
    const __m512i lane = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
    const __m512i m0 = _mm512_set1_epi64(ICL_PHILOX_M0), m1 = _mm512_set1_epi64(ICL_PHILOX_M1);
    size_t done = 0;
    for (; done + LANES * UNROLL <= blocks; done += LANES * UNROLL) {
        __m512i c0[UNROLL], c1[UNROLL], c2[UNROLL], c3[UNROLL];
        for (unsigned i = 0; i < UNROLL; i++) {
            c0[i] = _mm512_add_epi64(_mm512_set1_epi64((int64_t)(block + done + LANES * i)), lane);
            c1[i] = _mm512_srli_epi64(c0[i], 32);
            c2[i] = _mm512_set1_epi64(base->high[0]);
            c3[i] = _mm512_set1_epi64(base->high[1]);
        }
        uint32_t k0 = base->key[0], k1 = base->key[1];
        for (int round = 0; round < ICL_PHILOX_ROUNDS; round++) {
            const __m512i key0 = _mm512_set1_epi64(k0), key1 = _mm512_set1_epi64(k1);
            for (unsigned i = 0; i < UNROLL; i++) {
                const __m512i p0 = _mm512_mul_epu32(c0[i], m0), p1 = _mm512_mul_epu32(c2[i], m1);
                c0[i] = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), c1[i], key0, XOR3);
                c1[i] = p1;
                c2[i] = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), c3[i], key1, XOR3);
                c3[i] = p0;
            }
            k0 += ICL_PHILOX_W0;
            k1 += ICL_PHILOX_W1;
        }
        for (unsigned i = 0; i < UNROLL; i++) {
            const __m512i low = _mm512_mask_blend_epi32(0xAAAA, c0[i], _mm512_slli_epi64(c1[i], 32));
            const __m512i high = _mm512_mask_blend_epi32(0xAAAA, c2[i], _mm512_slli_epi64(c3[i], 32));
            uint32_t *out = words + 4 * (done + LANES * i);
            _mm512_storeu_si512(out, _mm512_unpacklo_epi64(low, high));
            _mm512_storeu_si512(out + 16, _mm512_unpackhi_epi64(low, high));
        }
    }
    for (; done < blocks; done++)
        icl_philox_block(base, block + done, words + 4 * done);
}

/* The gates of 8 factors as bits, the first in the lowest, and the factors of 8 gates. */
static inline ICL_TARGET uint8_t pack_gates8(const float *factor)
{
    return (uint8_t)_mm256_cmp_ps_mask(_mm256_loadu_ps(factor), _mm256_setzero_ps(), _CMP_NEQ_UQ);
}

static inline ICL_TARGET void unpack_gates8(uint8_t bits, float open, float *factor)
{
    _mm256_storeu_ps(factor, _mm256_maskz_mov_ps(bits, _mm256_set1_ps(open)));
}

/* Which of 8 words are below the threshold; the factors of gates i .. on of `bits`, i a multiple of their number. */
static inline ICL_TARGET uint8_t draw_gates8(const uint32_t *words, uint32_t threshold)
{
    const __m256i word = _mm256_loadu_si256((const __m256i *)(const void *)words);
    return (uint8_t)_mm256_cmplt_epu32_mask(word, _mm256_set1_epi32((int32_t)threshold));
}

static inline ICL_TARGET __m512 gate_vector(const uint8_t *bits, size_t i, float open)
{
    uint16_t on;
    memcpy(&on, bits + i / 8, sizeof on);
    return _mm512_maskz_mov_ps(on, _mm512_set1_ps(open));
}

static bool supported(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

#include "kernels/cpu/body.h"

const struct icl_cpu_variant icl_cpu_avx512 = ICL_BODY_VARIANT("avx512");

#endif
