#if defined(__x86_64__)

#include <immintrin.h>

#include <stdbool.h>

#define ICL_TARGET __attribute__((target("avx2,bmi,popcnt")))
#define ICL_LANES  4
#define ICL_OP     static inline __attribute__((always_inline)) ICL_TARGET

typedef __m256d vec;

ICL_OP vec load(const double *from)
{
    return _mm256_loadu_pd(from);
}
ICL_OP void store(double *to, vec a)
{
    _mm256_storeu_pd(to, a);
}
ICL_OP vec set(double a)
{
    return _mm256_set1_pd(a);
}
ICL_OP vec sub(vec a, vec b)
{
    return _mm256_sub_pd(a, b);
}
ICL_OP vec magnitude(vec a)
{
    return _mm256_andnot_pd(_mm256_set1_pd(-0.0), a);
}
ICL_OP vec least(vec a, vec b)
{
    return _mm256_min_pd(a, b);
}
ICL_OP vec most(vec a, vec b)
{
    return _mm256_max_pd(a, b);
}
ICL_OP vec where_within(vec a, vec r)
{
    return _mm256_cmp_pd(a, r, _CMP_LE_OQ);
}
ICL_OP bool any_nearer(vec a, vec below, vec up_to)
{
    return !_mm256_testz_pd(_mm256_cmp_pd(a, below, _CMP_LT_OQ), where_within(a, up_to));
}
ICL_OP bool any_within(vec a, vec r)
{
    return _mm256_movemask_pd(where_within(a, r)) != 0;
}
ICL_OP vec add_within(vec sum, vec a, vec r)
{
    return _mm256_add_pd(sum, _mm256_and_pd(where_within(a, r), _mm256_set1_pd(1)));
}
ICL_OP vec most_within(vec largest, vec a, vec r, vec b)
{
    return _mm256_max_pd(largest, _mm256_and_pd(where_within(a, r), b));
}
ICL_OP unsigned bits_less(vec a, vec b)
{
    return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_LT_OQ));
}
ICL_OP unsigned low_ones(unsigned bits)
{
    return (unsigned)__builtin_popcount(bits);
}

static bool supported(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}

#include "estimators/cpu/knn_body.h"

const struct icl_knn_variant icl_knn_avx2 = ICL_KNN_VARIANT("avx2");

#endif
