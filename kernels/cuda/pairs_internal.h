/* What the kernels on pairs of columns share: sums and selections by a block, a pair as two columns that may be
 * permuted, the scratch of a pair. */
#ifndef ICLAB_KERNELS_CUDA_PAIRS_INTERNAL_H
#define ICLAB_KERNELS_CUDA_PAIRS_INTERNAL_H

#include "kernels/cuda/cuda_internal.h"

/* ---- what each file gives ----------------------------------------------------------------------------------------
 */

void cuda_table_permutations(icl_device_kernels *table);
void cuda_table_tables(icl_device_kernels *table);
void cuda_table_neighbours(icl_device_kernels *table);

/* The stages of `neighbours`, each a kernel or several, one block a pair. */
struct pair_batch {
    icl_device_samples samples;
    icl_device_way way;
    const icl_device_pair *pair;
    unsigned count;
    double *scratch;
    icl_device_terms *out;
};
void cuda_pairs_choose(cuda_device *device, const pair_batch &batch); /* identities, pilots, what is co-continuous */
void cuda_pairs_plane(cuda_device *device, const pair_batch &batch);
void cuda_pairs_ross(cuda_device *device, const pair_batch &batch); /* last: it uses the scratch of the plane again */

/* Dynamic shared memory of a block at most. Static arrays come on top: 227 KiB are there. */
enum { PAIR_MOST_SHARED = 224 << 10 };
/* Lets a kernel have that much; once before its first launch. */
template <class... Parameters> void pairs_allow_shared(cuda_device *device, void (*kernel)(Parameters...))
{
    cuda_note(device, cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, PAIR_MOST_SHARED),
              "shared memory");
}

/* Threads of a block for pairs of n samples: of the shape alone, so that the order of sums is. */
static inline unsigned pair_threads(std::size_t n, unsigned most)
{
    return n <= 1024 ? 128 : most;
}

/* ---- a block ----------------------------------------------------------------------------------------------------- */

/* The sum over the threads of the block, in an order of the block's size alone; every thread gets it. */
template <class T> static __device__ T block_sum(T value)
{
    __shared__ T part[32];
    const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    for (unsigned by = 16; by > 0; by /= 2)
        value += __shfl_down_sync(0xFFFFFFFFU, value, by);
    __syncthreads(); /* an earlier sum may still be read */
    if (lane == 0) part[warp] = value;
    __syncthreads();
    T sum = part[0];
    for (unsigned w = 1; w < warps; w++)
        sum += part[w];
    return sum;
}

/* emit(i, r) for the r-th i < count with chosen(i), in order; returns how many there are. What is emitted is seen by
 * the whole block afterwards. Each warp owns a run of whole groups of 32. */
template <class Chosen, class Emit>
static __device__ __forceinline__ unsigned block_select(unsigned count, Chosen chosen, Emit emit)
{
    __shared__ unsigned found[32];
    const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    const unsigned share = (count + blockDim.x - 1) / blockDim.x * 32;
    const unsigned begin = warp * share < count ? warp * share : count;
    const unsigned end = count - begin < share ? count : begin + share;
    unsigned own = 0;
    for (unsigned i = begin; i < end; i += 32)
        own += static_cast<unsigned>(__popc(__ballot_sync(0xFFFFFFFFU, i + lane < end && chosen(i + lane))));
    __syncthreads();
    if (lane == 0) found[warp] = own;
    __syncthreads();
    unsigned to = 0, all = 0;
    for (unsigned w = 0; w < warps; w++) {
        if (w < warp) to += found[w];
        all += found[w];
    }
    for (unsigned i = begin; i < end; i += 32) {
        const bool yes = i + lane < end && chosen(i + lane);
        const unsigned mask = __ballot_sync(0xFFFFFFFFU, yes);
        if (yes) emit(i + lane, to + static_cast<unsigned>(__popc(mask & ((1U << lane) - 1))));
        to += static_cast<unsigned>(__popc(mask));
    }
    __syncthreads();
    return all;
}

/* ---- a pair ------------------------------------------------------------------------------------------------------ */

/* A column of a pair. `across[i]` is the sample of the other column that goes with sample i of this one; NULL: i. */
struct pair_column {
    const double *value;
    const std::uint32_t *order, *across;
    const std::uint16_t *group; /* NULL: all are continuous */
    const std::uint8_t *bin;
    std::uint32_t groups, continuous;

    __device__ __forceinline__ std::uint32_t other(std::uint32_t i) const
    {
        return across != nullptr ? across[i] : i;
    }
    __device__ __forceinline__ bool is_continuous(std::uint32_t i) const
    {
        return group == nullptr || group[i] == 0;
    }
};

/* side 0: x, 1: y. */
static __device__ __forceinline__ pair_column pair_side(const icl_device_samples &s, const icl_device_pair &pair,
                                                        unsigned side)
{
    const std::uint32_t c = side == 0 ? pair.x : pair.y;
    const std::size_t from = c * s.stride;
    pair_column column{};
    column.value = s.value + from;
    column.order = s.order + from;
    column.groups = 1;
    column.continuous = static_cast<std::uint32_t>(s.n);
    if (s.group != nullptr) {
        column.group = s.group + from;
        column.bin = s.bin + from;
        column.groups = s.groups[c];
        column.continuous = s.continuous[c];
    }
    if (pair.permutation >= 0)
        column.across =
            (side == 0 ? s.permutations.to : s.permutations.from) + static_cast<std::size_t>(pair.permutation) * s.n;
    return column;
}

/* The scratch of a pair. First, of the samples where both are continuous, x ascending with y in that order, y ascending
 * with x in that order, and a reach for each; then for each Ross term the values of the class of each, and of all. */
struct pair_scratch {
    double *own;
    std::size_t room; /* of an array */

    /* Places -1 and n are there, too. */
    __device__ __forceinline__ double *ascending(unsigned axis) const
    {
        return own + axis * room + 1;
    }
    __device__ __forceinline__ double *beside(unsigned axis) const
    {
        return own + (2 + axis) * room;
    }
    __device__ __forceinline__ double *reach() const
    {
        return own + 4 * room;
    }
    __device__ __forceinline__ std::uint32_t *sample() const /* 2 n */
    {
        return reinterpret_cast<std::uint32_t *>(own + 5 * room);
    }
};

static __device__ __forceinline__ pair_scratch pair_scratch_of(double *scratch, std::size_t n, std::size_t pair)
{
    const std::size_t room = icl_device_pair_scratch(n) / sizeof(double) / 6;
    return pair_scratch{scratch + pair * 6 * room, room};
}

#endif
