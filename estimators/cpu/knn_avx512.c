#if defined(__x86_64__)

#include <immintrin.h>

#include <stdbool.h>

#define ICL_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,bmi,popcnt")))
#define ICL_LANES  8
#define ICL_OP     static inline __attribute__((always_inline)) ICL_TARGET

typedef __m512d vec;

ICL_OP vec load(const double *from)
{
    return _mm512_loadu_pd(from);
}
ICL_OP void store(double *to, vec a)
{
    _mm512_storeu_pd(to, a);
}
ICL_OP vec set(double a)
{
    return _mm512_set1_pd(a);
}
ICL_OP vec sub(vec a, vec b)
{
    return _mm512_sub_pd(a, b);
}
ICL_OP vec magnitude(vec a)
{
    return _mm512_abs_pd(a);
}
ICL_OP vec least(vec a, vec b)
{
    return _mm512_min_pd(a, b);
}
ICL_OP vec most(vec a, vec b)
{
    return _mm512_max_pd(a, b);
}
ICL_OP bool any_nearer(vec a, vec below, vec up_to)
{
    return _mm512_mask_cmp_pd_mask(_mm512_cmp_pd_mask(a, below, _CMP_LT_OQ), a, up_to, _CMP_LE_OQ) != 0;
}
ICL_OP bool any_within(vec a, vec r)
{
    return _mm512_cmp_pd_mask(a, r, _CMP_LE_OQ) != 0;
}
ICL_OP vec add_within(vec sum, vec a, vec r)
{
    return _mm512_mask_add_pd(sum, _mm512_cmp_pd_mask(a, r, _CMP_LE_OQ), sum, _mm512_set1_pd(1));
}
ICL_OP vec most_within(vec largest, vec a, vec r, vec b)
{
    return _mm512_mask_max_pd(largest, _mm512_cmp_pd_mask(a, r, _CMP_LE_OQ), largest, b);
}
ICL_OP unsigned bits_less(vec a, vec b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ);
}
ICL_OP unsigned low_ones(unsigned bits)
{
    return (unsigned)__builtin_popcount(bits);
}

static bool supported(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("popcnt");
}

#include "estimators/cpu/knn_body.h"

const struct icl_knn_variant icl_knn_avx512 = ICL_KNN_VARIANT("avx512");

#endif
