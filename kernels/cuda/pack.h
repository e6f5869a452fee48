/* Accesses of 16 bytes: several numbers of an array at a time, worked on as float. */
#ifndef ICLAB_KERNELS_CUDA_PACK_H
#define ICLAB_KERNELS_CUDA_PACK_H

#include <type_traits>

#include "kernels/cuda/cuda_internal.h"
#include "kernels/shared/bf16.h"

static __device__ __forceinline__ float cuda_wide(float value)
{
    return value;
}
static __device__ __forceinline__ float cuda_wide(icl_bf16 value)
{
    return icl_bf16_to_float(value);
}

template <class T> struct cuda_narrow;
template <> struct cuda_narrow<float> {
    static __device__ __forceinline__ float of(float value)
    {
        return value;
    }
};
template <> struct cuda_narrow<icl_bf16> {
    static __device__ __forceinline__ icl_bf16 of(float value)
    {
        return icl_bf16_from_float(value);
    }
};

/* N numbers side by side, moved at once; at most 16 bytes a move. */
template <class T, unsigned N> struct alignas(sizeof(T) * N < 16 ? sizeof(T) * N : 16) cuda_pack {
    T at[N];
};

/* The numbers of a type that 16 bytes hold. */
template <class T> constexpr unsigned cuda_pack_size = 16 / sizeof(T);

template <unsigned N, class T> static __device__ __forceinline__ cuda_pack<T, N> cuda_load(const T *from)
{
    return *reinterpret_cast<const cuda_pack<T, N> *>(from);
}

/* N numbers as float. Pairs of bf16 go through a word of 32 bits: a shift or a mask a number. */
template <unsigned N, class T> static __device__ __forceinline__ void cuda_load_wide(const T *from, float (&to)[N])
{
    if constexpr (std::is_same_v<T, icl_bf16> && N % 2 == 0) {
        const cuda_pack<std::uint32_t, N / 2> words = cuda_load<N / 2>(reinterpret_cast<const std::uint32_t *>(from));
#pragma unroll
        for (unsigned k = 0; k < N; k++)
            to[k] = cuda_wide(icl_bf16{static_cast<std::uint16_t>(words.at[k / 2] >> k % 2 * 16)});
    } else {
        const cuda_pack<T, N> pack = cuda_load<N>(from);
#pragma unroll
        for (unsigned k = 0; k < N; k++)
            to[k] = cuda_wide(pack.at[k]);
    }
}

template <unsigned N, class T> static __device__ __forceinline__ void cuda_store_narrow(T *to, const float (&from)[N])
{
    if constexpr (std::is_same_v<T, icl_bf16> && N % 2 == 0) {
        cuda_pack<std::uint32_t, N / 2> words;
#pragma unroll
        for (unsigned k = 0; k < N / 2; k++)
            words.at[k] = std::uint32_t{icl_bf16_from_float(from[2 * k]).bits} |
                          std::uint32_t{icl_bf16_from_float(from[2 * k + 1]).bits} << 16;
        *reinterpret_cast<cuda_pack<std::uint32_t, N / 2> *>(to) = words;
    } else {
        cuda_pack<T, N> pack;
#pragma unroll
        for (unsigned k = 0; k < N; k++)
            pack.at[k] = cuda_narrow<T>::of(from[k]);
        *reinterpret_cast<cuda_pack<T, N> *>(to) = pack;
    }
}

/* Whether packs may be read and written there. NULL is everywhere. */
static inline bool cuda_is_aligned(const void *pointer)
{
    return reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0;
}

#endif
