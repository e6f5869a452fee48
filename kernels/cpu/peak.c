#include "kernels/cpu/peak.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Chains that do not wait for each other: more than latency (4) times units (2). */
enum { CHAINS = 12 };

#if defined(__x86_64__)

static __attribute__((target("avx512f"))) double run_avx512(unsigned rounds)
{
    __m512d sum[CHAINS], factor = _mm512_set1_pd(0.5), term = _mm512_set1_pd(0.25);
    for (size_t i = 0; i < CHAINS; i++)
        sum[i] = _mm512_setzero_pd();
    for (unsigned round = 0; round < rounds; round++)
        for (size_t i = 0; i < CHAINS; i++)
            sum[i] = _mm512_fmadd_pd(sum[i], factor, term);
    for (size_t i = 0; i < CHAINS; i++)
        __asm__ volatile("" : "+v"(sum[i]));
    return 2.0 * 8 * CHAINS * rounds;
}

static __attribute__((target("avx2,fma"))) double run_avx2(unsigned rounds)
{
    __m256d sum[CHAINS], factor = _mm256_set1_pd(0.5), term = _mm256_set1_pd(0.25);
    for (size_t i = 0; i < CHAINS; i++)
        sum[i] = _mm256_setzero_pd();
    for (unsigned round = 0; round < rounds; round++)
        for (size_t i = 0; i < CHAINS; i++)
            sum[i] = _mm256_fmadd_pd(sum[i], factor, term);
    for (size_t i = 0; i < CHAINS; i++)
        __asm__ volatile("" : "+x"(sum[i]));
    return 2.0 * 4 * CHAINS * rounds;
}

#endif

/* Sums of a product each, in the vectors every processor of the architecture has. */
static double run_portable(unsigned rounds)
{
    volatile double seed = 0.25;
    double sum[CHAINS] = {0.0};
    const double term = seed, factor = 2.0 * seed;
    for (unsigned round = 0; round < rounds; round++)
        for (size_t i = 0; i < CHAINS; i++)
            sum[i] = sum[i] * factor + term;
    for (size_t i = 0; i < CHAINS; i++)
        seed = sum[i];
    return 2.0 * CHAINS * rounds;
}

double icl_cpu_multiply_add(unsigned rounds)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return run_avx512(rounds);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return run_avx2(rounds);
#endif
    return run_portable(rounds);
}

static inline __attribute__((always_inline)) void negate(const float *restrict from, size_t count, float *restrict to)
{
    for (size_t i = 0; i < count; i++)
        to[i] = -from[i];
}

#if defined(__x86_64__)
static __attribute__((target("avx2"))) void negate_avx2(const float *from, size_t count, float *to)
{
    negate(from, count, to);
}
#endif

void icl_cpu_negate(const float *from, size_t count, float *to)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        negate_avx2(from, count, to);
        return;
    }
#endif
    negate(from, count, to);
}
