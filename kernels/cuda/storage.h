/* Numbers of either storage as float32, and many of them at once. */
#ifndef ICLAB_KERNELS_CUDA_STORAGE_H
#define ICLAB_KERNELS_CUDA_STORAGE_H

#include <cstdint>

#include "kernels/bf16.h"
#include "kernels/cuda/cuda_internal.h"

static __device__ __forceinline__ float cuda_wide(float x)
{
    return x;
}
static __device__ __forceinline__ float cuda_wide(icl_bf16 x)
{
    return icl_bf16_to_f32(x);
}
static __device__ __forceinline__ void cuda_store(float &to, float x)
{
    to = x;
}
static __device__ __forceinline__ void cuda_store(icl_bf16 &to, float x)
{
    to = icl_bf16_from_f32(x);
}

/* `count` numbers that are read and written by one access; count * sizeof(T) bytes, a power of two up to 16. */
template <class T, unsigned count> struct alignas(sizeof(T) * count) cuda_pack {
    T value[count];
};

static inline bool cuda_aligned(const void *memory, std::size_t bytes)
{
    return reinterpret_cast<std::uintptr_t>(memory) % bytes == 0;
}

#endif
