#if defined(__x86_64__)

#include <immintrin.h>

#include <stdbool.h>
#include <stdint.h>

#define ICL_TARGET __attribute__((target("avx2")))
#define ICL_LANES  4
#define ICL_ROWS   2
#define ICL_COLS   3
#define ICL_OP     static inline __attribute__((always_inline)) ICL_TARGET

#define ICL_CHAINS      4
#define ICL_MOST_CELLS  130
#define ICL_HIDE(value) __asm__ volatile("" : "+x"(value))

typedef __m256i vec;

ICL_OP vec load(const uint64_t *from)
{
    return _mm256_load_si256((const __m256i *)(const void *)from);
}
ICL_OP vec zero(void)
{
    return _mm256_setzero_si256();
}
/* The ones of each half byte from a table of 16. */
ICL_OP vec add_ones(vec sum, vec a, vec b)
{
    const vec table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2,
                                       3, 2, 3, 3, 4);
    const vec half = _mm256_set1_epi8(15), both = _mm256_and_si256(a, b);
    const vec low = _mm256_shuffle_epi8(table, _mm256_and_si256(both, half));
    const vec high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(both, 4), half));
    return _mm256_add_epi64(sum, _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256()));
}
ICL_OP uint64_t total(vec sum)
{
    uint64_t lane[ICL_LANES];
    _mm256_storeu_si256((__m256i *)(void *)lane, sum);
    return lane[0] + lane[1] + lane[2] + lane[3];
}

static bool supported(void)
{
    return __builtin_cpu_supports("avx2");
}

#include "estimators/cpu/joint_counts_body.h"

const struct icl_joint_variant icl_joint_avx2 = ICL_JOINT_VARIANT("avx2");

#endif
