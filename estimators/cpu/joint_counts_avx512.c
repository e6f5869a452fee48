#if defined(__x86_64__)

#include <immintrin.h>

#include <stdbool.h>
#include <stdint.h>

#define ICL_TARGET __attribute__((target("avx512f,avx512vpopcntdq")))
#define ICL_LANES  8
#define ICL_ROWS   3
#define ICL_COLS   5
#define ICL_OP     static inline __attribute__((always_inline)) ICL_TARGET

#define ICL_CHAINS      12
#define ICL_MOST_CELLS  650
#define ICL_HIDE(value) __asm__ volatile("" : "+v"(value))

typedef __m512i vec;

ICL_OP vec load(const uint64_t *from)
{
    return _mm512_load_si512(from);
}
ICL_OP vec zero(void)
{
    return _mm512_setzero_si512();
}
ICL_OP vec add_ones(vec sum, vec a, vec b)
{
    return _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_and_si512(a, b)));
}
ICL_OP uint64_t total(vec sum)
{
    return (uint64_t)_mm512_reduce_add_epi64(sum);
}

static bool supported(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq");
}

#include "estimators/cpu/joint_counts_body.h"

const struct icl_joint_variant icl_joint_avx512 = ICL_JOINT_VARIANT("avx512");

#endif
