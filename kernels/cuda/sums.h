/* Sums over all threads of a grid in an order that depends on the grid alone: lanes of a warp by halves, warps in turn,
 * then the blocks, which the block that ends last adds up. */
#ifndef ICLAB_KERNELS_CUDA_SUMS_H
#define ICLAB_KERNELS_CUDA_SUMS_H

#include "kernels/cuda/cuda_internal.h"

/* sum + value^2: the product of two floats is exact in double, so one rounding or two are the same. */
static __device__ __forceinline__ double cuda_add_square(double sum, double value)
{
#ifdef ICL_EMULATED
    return sum + value * value;
#else
    return fma(value, value, sum);
#endif
}

/* The sum of the lanes of a warp, in every lane. All 32 must come. */
template <class T> static __device__ __forceinline__ T cuda_warp_sum(T value)
{
    for (int by = 16; by > 0; by /= 2)
        value += __shfl_xor_sync(0xFFFFFFFFU, value, by);
    return value;
}

/* value[k] = the sum of value[k] over the block's THREADS threads, right in thread 0 only. `room`: K * THREADS / 32
 * doubles of shared memory, in use until the next barrier. */
template <unsigned K, unsigned THREADS>
static __device__ __forceinline__ void cuda_block_sums(double (&value)[K], double *room)
{
    constexpr unsigned WARPS = THREADS / 32;
    for (unsigned k = 0; k < K; k++) {
        value[k] = cuda_warp_sum(value[k]);
        if (threadIdx.x % 32 == 0) room[k * WARPS + threadIdx.x / 32] = value[k];
    }
    __syncthreads();
    if (threadIdx.x != 0) return;
    for (unsigned k = 0; k < K; k++) {
        value[k] = room[k * WARPS];
        for (unsigned w = 1; w < WARPS; w++)
            value[k] += room[k * WARPS + w];
    }
}

/* Whether this block is the last of its row of the grid (a counter for each blockIdx.y) to come here; then it sees what
 * all threads of the others wrote before, and *counter is 0 again. All threads of the block come, and get the same
 * answer. One fence is enough: the barrier before it orders the writes of the block. */
static __device__ __forceinline__ bool cuda_is_last_block(std::uint32_t *counter)
{
    __shared__ bool last;
    __syncthreads();
    if (threadIdx.x == 0) {
        __threadfence();
        last = atomicInc(counter, gridDim.x - 1) == gridDim.x - 1;
        __threadfence();
    }
    __syncthreads();
    return last;
}

#endif
