/* Activations in pieces of eight elements, for kernels: the unit that a byte of gates and two blocks of Philox serve.
 */
#ifndef ICLAB_KERNELS_CUDA_PIECES_H
#define ICLAB_KERNELS_CUDA_PIECES_H

#include "kernels/cuda/pack.h"
#include "kernels/shared/divider.h"

constexpr unsigned CUDA_PIECE = 8;

/* The whole piece of eight at `from` (`wide`: all at once), or its first `n`, the rest zeros. */
template <class T>
static __device__ __forceinline__ void cuda_load_piece(const T *from, unsigned n, bool wide, float (&x)[CUDA_PIECE])
{
    if (wide && n == CUDA_PIECE) {
        cuda_load_wide(from, x);
        return;
    }
#pragma unroll
    for (unsigned k = 0; k < CUDA_PIECE; k++)
        x[k] = k < n ? cuda_wide(from[k]) : 0.0F;
}
template <class T>
static __device__ __forceinline__ void cuda_store_piece(T *to, unsigned n, bool wide, const float (&x)[CUDA_PIECE])
{
    if (wide && n == CUDA_PIECE) {
        cuda_store_narrow(to, x);
        return;
    }
#pragma unroll
    for (unsigned k = 0; k < CUDA_PIECE; k++)
        if (k < n) to[k] = cuda_narrow<T>::of(x[k]);
}

/* The channel of the first element of piece `piece` (below 2^31), channels below 2^28. */
static __device__ __forceinline__ unsigned cuda_piece_channel(unsigned piece, const icl_divider &channels)
{
    std::uint32_t rest;
    (void)icl_divide(channels, piece, &rest);
    (void)icl_divide(channels, rest * CUDA_PIECE, &rest);
    return rest;
}

/* The values of eight consecutive channels from `first` on, going round at the end. */
static __device__ __forceinline__ void cuda_load_channels(const float *values, unsigned first, unsigned channels,
                                                          bool wide, float (&x)[CUDA_PIECE])
{
    if (wide && channels % 4 == 0) { /* and so is `first`, since pieces begin at multiples of eight */
        const unsigned second = first + 4 == channels ? 0 : first + 4;
        const cuda_pack<float, 4> a = cuda_load<4>(values + first), b = cuda_load<4>(values + second);
#pragma unroll
        for (unsigned k = 0; k < 4; k++)
            x[k] = a.at[k], x[k + 4] = b.at[k];
        return;
    }
    unsigned c = first;
#pragma unroll
    for (unsigned k = 0; k < CUDA_PIECE; k++) {
        x[k] = values[c];
        c = c + 1 == channels ? 0 : c + 1;
    }
}

#endif
