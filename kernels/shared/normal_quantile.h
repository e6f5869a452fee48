/* From random bits to uniforms and normals, in + - * / sqrt and bit operations only: inlined by random.c, by devices
 * and, for wider vectors, by the variants of kernels/cpu/, with the same bits in each. */
#ifndef ICLAB_KERNELS_SHARED_NORMAL_QUANTILE_H
#define ICLAB_KERNELS_SHARED_NORMAL_QUANTILE_H

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __CUDACC__
#define ICL_INLINE static __forceinline__ __host__ __device__
#else
#define ICL_INLINE static inline __attribute__((always_inline))
#endif

ICL_INLINE double icl_bits_to_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

ICL_INLINE uint64_t icl_double_to_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The 64 bits of an element: two words, low half first. */
ICL_INLINE uint64_t icl_pair_bits(const uint32_t pair[2])
{
    return (uint64_t)pair[1] << 32 | pair[0];
}

/* (2 m + 1) / 2^53 with m the upper 52 bits: 1 + m/2^52 is built from its bits, and the subtraction is exact. */
ICL_INLINE double icl_uniform_from_bits(uint64_t bits)
{
    return icl_bits_to_double(bits >> 12 | UINT64_C(0x3FF0000000000000)) - (1.0 - 0x1p-53);
}

/* log(x) + k log 2 for normal x > 0; relative error below 2e-16 (t_kernels_random measures it).
 * x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); with s = f / (2 + f): log(1 + f) = 2 atanh(s) = f - s (f - R),
 * R = 2 (z/3 + z^2/5 + ...), z = s^2 < 0.0295; the first term left out is below 2^-60. */
ICL_INLINE double icl_log_scaled(double x, int64_t k)
{
    /* 0x3FE6A09E667F3BCD are the bits of sqrt(1/2). Subtracting them makes the exponent field step there. */
    const uint64_t from_half_root = icl_double_to_bits(x) - UINT64_C(0x3FE6A09E667F3BCD);
    const uint64_t fraction = from_half_root & UINT64_C(0x000FFFFFFFFFFFFF);
    const double f = icl_bits_to_double(fraction + UINT64_C(0x3FE6A09E667F3BCD)) - 1.0;
    /* The signed exponent, biased to be a positive 52-bit number so that it becomes a double by its bits alone. */
    const uint64_t biased = (from_half_root >> 52) ^ UINT64_C(0x800);
    const double field = icl_bits_to_double(biased | UINT64_C(0x4330000000000000)) - (0x1p52 + 0x800);
    const double exponent = field + (double)k;

    const double s = f / (2.0 + f);
    const double z = s * s;
    double series = 1.0 / 23.0;
    series = series * z + 1.0 / 21.0;
    series = series * z + 1.0 / 19.0;
    series = series * z + 1.0 / 17.0;
    series = series * z + 1.0 / 15.0;
    series = series * z + 1.0 / 13.0;
    series = series * z + 1.0 / 11.0;
    series = series * z + 1.0 / 9.0;
    series = series * z + 1.0 / 7.0;
    series = series * z + 1.0 / 5.0;
    series = series * z + 1.0 / 3.0;
    const double rest = 2.0 * z * series;

    /* log 2 in two parts; the upper one has 33 bits, so that its product with an exponent is exact. */
    const double log2_high = 0x1.62e42fefp-1;
    const double log2_low = 0x1.473de6af278edp-34;
    return exponent * log2_high + (f - (s * (f - rest) - exponent * log2_low));
}

ICL_INLINE double icl_horner8(double x, double c7, double c6, double c5, double c4, double c3, double c2, double c1,
                              double c0)
{
    return ((((((c7 * x + c6) * x + c5) * x + c4) * x + c3) * x + c2) * x + c1) * x + c0;
}

/* Wichura's three rational functions (Applied Statistics 37, 1988, AS 241, PPND16). |q| = |u - 1/2| <= 0.425. */
ICL_INLINE double icl_quantile_central(double q)
{
    const double r = 0.180625 - q * q;
    const double upper = icl_horner8(r, 2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
                                     4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
                                     1.3314166789178437745e+2, 3.3871328727963666080e+0);
    const double lower = icl_horner8(r, 5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4,
                                     2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
                                     4.2313330701600911252e+1, 1.0);
    return q * upper / lower;
}

/* The size of the quantile for r = sqrt(-log p) <= 5, p the smaller tail. */
ICL_INLINE double icl_quantile_tail(double root)
{
    const double r = root - 1.6;
    const double upper = icl_horner8(r, 7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                                     1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
                                     4.63033784615654529590e+0, 1.42343711074968357734e+0);
    const double lower = icl_horner8(r, 1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
                                     1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
                                     2.05319162663775882187e+0, 1.0);
    return upper / lower;
}

/* The same for r > 5. */
ICL_INLINE double icl_quantile_far_tail(double root)
{
    const double r = root - 5.0;
    const double upper = icl_horner8(r, 2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                                     2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
                                     5.46378491116411436990e+0, 6.65790464350110377720e+0);
    const double lower = icl_horner8(r, 2.04426310338993978564e-15, 1.42151175831644588870e-7,
                                     1.84631831751005468180e-5, 7.86869131145613259100e-4, 1.48753612908506148525e-2,
                                     1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0);
    return upper / lower;
}

#define ICL_QUANTILE_CENTRE 0.425
#define ICL_QUANTILE_FAR    5.0

/* icl_normal_quantile of kernels/random.h. */
ICL_INLINE double icl_quantile_of(double u)
{
    if (!(u > 0.0 && u < 1.0)) return u == 0.0 ? -INFINITY : u == 1.0 ? INFINITY : NAN;
    const double q = u - 0.5;
    if (fabs(q) <= ICL_QUANTILE_CENTRE) return icl_quantile_central(q);
    const double p = q < 0.0 ? u : 1.0 - u;
    /* A subnormal has no exponent field to read: it is scaled up first. */
    const double log_p = p < DBL_MIN ? icl_log_scaled(p * 0x1p54, -54) : icl_log_scaled(p, 0);
    const double root = sqrt(-log_p);
    const double size = root > ICL_QUANTILE_FAR ? icl_quantile_far_tail(root) : icl_quantile_tail(root);
    return q < 0.0 ? -size : size;
}

enum { ICL_DRAW_BATCH = 256 };

/* z[i] = quantile of u[i] in (2^-1022, 1 - 2^-53), i < count <= ICL_DRAW_BATCH. All values go through the central
 * branch; the seventh that belong to the tails are collected, done together and put back. Nothing branches on a random
 * bit: a wrong guess of the processor costs more than all the arithmetic of a value. */
ICL_INLINE void icl_quantile_batch(const double *u, size_t count, double *z)
{
    uint32_t place[ICL_DRAW_BATCH];
    uint64_t outside[ICL_DRAW_BATCH];
    double side[ICL_DRAW_BATCH], root[ICL_DRAW_BATCH], tail[ICL_DRAW_BATCH];
    size_t tails = 0;
    for (size_t i = 0; i < count; i++)
        z[i] = icl_quantile_central(u[i] - 0.5);
    for (size_t i = 0; i < count; i++)
        outside[i] = fabs(u[i] - 0.5) > ICL_QUANTILE_CENTRE ? 1 : 0;
    for (size_t i = 0; i < count; i++) {
        place[tails] = (uint32_t)i;
        tails += outside[i];
    }
    for (size_t i = 0; i < tails; i++)
        side[i] = u[place[i]];
    for (size_t i = 0; i < tails; i++)
        root[i] = sqrt(-icl_log_scaled(side[i] < 0.5 ? side[i] : 1.0 - side[i], 0));
    for (size_t i = 0; i < tails; i++)
        tail[i] = icl_quantile_tail(root[i]);
    for (size_t i = 0; i < tails; i++)
        if (root[i] > ICL_QUANTILE_FAR) tail[i] = icl_quantile_far_tail(root[i]); /* one of 10^11 */
    for (size_t i = 0; i < tails; i++)
        z[place[i]] = copysign(tail[i], side[i] - 0.5);
}

#endif
