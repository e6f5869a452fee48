/* Elements of activations in pieces of eight, for kernels: 16-byte loads and stores of float32 and bf16, and the
 * channel of an element without a division. */
#ifndef ICLAB_KERNELS_CUDA_VECTORS_H
#define ICLAB_KERNELS_CUDA_VECTORS_H

#include "kernels/cuda/cuda_internal.h"
#include "kernels/shared/bf16.h"

constexpr unsigned CUDA_PIECE = 8;

static __device__ __forceinline__ float cuda_float(float x)
{
    return x;
}
static __device__ __forceinline__ float cuda_float(icl_bf16 x)
{
    return icl_bf16_to_float(x);
}
static __device__ __forceinline__ void cuda_store(float *to, float x)
{
    *to = x;
}
static __device__ __forceinline__ void cuda_store(icl_bf16 *to, float x)
{
    *to = icl_bf16_from_float(x);
}

/* N = 1, 4 or 8 consecutive elements; `from` and `to` lie on N elements or 16 bytes. */
template <int N> static __device__ __forceinline__ void cuda_load(const float *from, float (&x)[N])
{
    if constexpr (N == 1) {
        x[0] = *from;
    } else {
#pragma unroll
        for (int k = 0; k < N; k += 4) {
            const float4 four = *reinterpret_cast<const float4 *>(from + k);
            x[k] = four.x;
            x[k + 1] = four.y;
            x[k + 2] = four.z;
            x[k + 3] = four.w;
        }
    }
}
static __device__ __forceinline__ void cuda_split(unsigned both, float &low, float &high)
{
    low = icl_bf16_to_float(icl_bf16{static_cast<std::uint16_t>(both)});
    high = icl_bf16_to_float(icl_bf16{static_cast<std::uint16_t>(both >> 16)});
}
static __device__ __forceinline__ unsigned cuda_join(float low, float high)
{
    return static_cast<unsigned>(icl_bf16_from_float(low).bits) | static_cast<unsigned>(icl_bf16_from_float(high).bits)
                                                                      << 16;
}
template <int N> static __device__ __forceinline__ void cuda_load(const icl_bf16 *from, float (&x)[N])
{
    if constexpr (N == 1) {
        x[0] = cuda_float(*from);
    } else if constexpr (N == 4) {
        const uint2 four = *reinterpret_cast<const uint2 *>(from);
        cuda_split(four.x, x[0], x[1]);
        cuda_split(four.y, x[2], x[3]);
    } else {
        const uint4 eight = *reinterpret_cast<const uint4 *>(from);
        cuda_split(eight.x, x[0], x[1]);
        cuda_split(eight.y, x[2], x[3]);
        cuda_split(eight.z, x[4], x[5]);
        cuda_split(eight.w, x[6], x[7]);
    }
}
template <int N> static __device__ __forceinline__ void cuda_save(float *to, const float (&x)[N])
{
    if constexpr (N == 1) {
        *to = x[0];
    } else {
#pragma unroll
        for (int k = 0; k < N; k += 4)
            *reinterpret_cast<float4 *>(to + k) = float4{x[k], x[k + 1], x[k + 2], x[k + 3]};
    }
}
template <int N> static __device__ __forceinline__ void cuda_save(icl_bf16 *to, const float (&x)[N])
{
    if constexpr (N == 1)
        *to = icl_bf16_from_float(x[0]);
    else if constexpr (N == 4)
        *reinterpret_cast<uint2 *>(to) = uint2{cuda_join(x[0], x[1]), cuda_join(x[2], x[3])};
    else
        *reinterpret_cast<uint4 *>(to) =
            uint4{cuda_join(x[0], x[1]), cuda_join(x[2], x[3]), cuda_join(x[4], x[5]), cuda_join(x[6], x[7])};
}

/* Whether an array may be read and written 16 bytes at a time. */
static inline bool cuda_is_wide(const void *memory)
{
    return reinterpret_cast<std::uintptr_t>(memory) % 16 == 0;
}

/* The whole piece of eight at `from` (`wide`: all at once), or its first `n`, the rest zeros. */
template <class T>
static __device__ __forceinline__ void cuda_load_piece(const T *from, unsigned n, bool wide, float (&x)[CUDA_PIECE])
{
    if (wide && n == CUDA_PIECE) {
        cuda_load(from, x);
        return;
    }
#pragma unroll
    for (unsigned k = 0; k < CUDA_PIECE; k++)
        x[k] = k < n ? cuda_float(from[k]) : 0.0F;
}
template <class T>
static __device__ __forceinline__ void cuda_save_piece(T *to, unsigned n, bool wide, const float (&x)[CUDA_PIECE])
{
    if (wide && n == CUDA_PIECE) {
        cuda_save(to, x);
        return;
    }
#pragma unroll
    for (unsigned k = 0; k < CUDA_PIECE; k++)
        if (k < n) cuda_store(to + k, x[k]);
}

/* Remainders by a divisor that is known before the launch (Granlund and Montgomery 1994), of numbers below 2^31. */
struct cuda_divisor {
    unsigned divisor, multiplier, shift;
};
static inline cuda_divisor cuda_divisor_of(std::size_t divisor)
{
    const unsigned d = static_cast<unsigned>(divisor);
    unsigned shift = 0;
    while ((std::uint64_t{1} << shift) < d)
        shift++;
    const std::uint64_t m = ((std::uint64_t{1} << 32) * ((std::uint64_t{1} << shift) - d)) / d + 1;
    return cuda_divisor{d, static_cast<unsigned>(m), shift};
}
static __device__ __forceinline__ unsigned cuda_quotient(unsigned n, const cuda_divisor &by)
{
    return (__umulhi(by.multiplier, n) + n) >> by.shift;
}
static __device__ __forceinline__ unsigned cuda_remainder(unsigned n, const cuda_divisor &by)
{
    return n - cuda_quotient(n, by) * by.divisor;
}

/* The channel of the first element of piece `piece` (below 2^31), channels below 2^28. */
static __device__ __forceinline__ unsigned cuda_piece_channel(unsigned piece, const cuda_divisor &channels)
{
    return cuda_remainder(cuda_remainder(piece, channels) * CUDA_PIECE, channels);
}

/* The values of eight consecutive channels from `first` on, going round at the end. */
static __device__ __forceinline__ void cuda_load_channels(const float *values, unsigned first, unsigned channels,
                                                          bool wide, float (&x)[CUDA_PIECE])
{
    if (wide && channels % 4 == 0) { /* and so is `first`, since pieces begin at multiples of eight */
        const unsigned second = first + 4 == channels ? 0 : first + 4;
        const float4 a = *reinterpret_cast<const float4 *>(values + first);
        const float4 b = *reinterpret_cast<const float4 *>(values + second);
        x[0] = a.x, x[1] = a.y, x[2] = a.z, x[3] = a.w;
        x[4] = b.x, x[5] = b.y, x[6] = b.z, x[7] = b.w;
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
