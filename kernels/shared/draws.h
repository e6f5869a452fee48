/* Single draws of a stream (kernels/random.h), for host and device. */
#ifndef ICLAB_KERNELS_SHARED_DRAWS_H
#define ICLAB_KERNELS_SHARED_DRAWS_H

#include "kernels/shared/normal_quantile.h"
#include "kernels/shared/philox.h"

/* The 32-bit draw of an element. */
ICL_HD uint32_t icl_draw_word(const struct icl_philox_base *base, uint64_t element)
{
    uint32_t words[4];
    icl_philox_block(base, element / 4, words);
    return words[element % 4];
}

/* The 64-bit draw of an element. */
ICL_HD uint64_t icl_draw_bits(const struct icl_philox_base *base, uint64_t element)
{
    uint32_t words[4];
    icl_philox_block(base, element / 2, words);
    return element % 2 == 0 ? icl_pair_bits(words) : icl_pair_bits(words + 2);
}

/* icl_random_uniform and icl_random_normal of one element. */
ICL_HD double icl_draw_uniform(const struct icl_philox_base *base, uint64_t element)
{
    return icl_uniform_from_bits(icl_draw_bits(base, element));
}
ICL_HD double icl_draw_normal(const struct icl_philox_base *base, uint64_t element)
{
    return icl_quantile_of(icl_draw_uniform(base, element));
}

/* The upper 64 bits of bits * bound: uniform on 0 .. bound-1. */
ICL_HD uint64_t icl_scale_bits(uint64_t bits, uint64_t bound)
{
#ifdef __CUDA_ARCH__
    return __umul64hi(bits, bound);
#else
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)bits * bound >> 64);
#endif
}

/* icl_random_below of one element. */
ICL_HD uint64_t icl_draw_below(const struct icl_philox_base *base, uint64_t element, uint64_t bound)
{
    return icl_scale_bits(icl_draw_bits(base, element), bound);
}

#endif
