/* Ross terms of the atom decomposition: counts as estimators/mi_ross.c. */
#include "kernels/cuda/pairs_internal.h"
#include "kernels/shared/margin.h"

namespace
{

enum { ROSS_THREADS = 512 };

/* The samples of each class of the continuous part; `begin` then says where those of two and more begin in a list of
 * them all, and where it ends. One thread for the sums: classes are few. */
__device__ void class_sizes(const pair_column &own, const pair_column &label, std::uint32_t n, std::uint32_t *size,
                            std::uint32_t *begin)
{
    for (unsigned c = threadIdx.x; c < label.groups; c += blockDim.x)
        size[c] = 0;
    __syncthreads();
    for (std::uint32_t i = threadIdx.x; i < n; i += blockDim.x)
        if (own.group[i] == 0) atomicAdd(size + label.group[own.other(i)], 1U);
    __syncthreads();
    if (threadIdx.x == 0) {
        begin[0] = 0;
        for (unsigned c = 0; c < label.groups; c++)
            begin[c + 1] = begin[c] + (size[c] < 2 ? 0 : size[c]);
    }
    __syncthreads();
}

/* The class of place p of the list of all classes: the last one that begins at p or before; empty ones begin where the
 * next does. */
__device__ unsigned class_at(const std::uint32_t *begin, unsigned classes, std::uint32_t p)
{
    unsigned first = 0, size = classes;
    while (size > 1) {
        const unsigned half = size / 2;
        const bool later = begin[first + half] <= p;
        first = later ? first + half : first;
        size = later ? size - half : half;
    }
    return first;
}

__global__ void __launch_bounds__(ROSS_THREADS) ross_kernel(pair_batch b)
{
    CUDA_SHARED(std::uint32_t, size);
    const unsigned side = blockIdx.y;
    icl_device_terms *const out = b.out + blockIdx.x;
    const unsigned k = out->side_k[side];
    if (k == 0) return;
    const std::uint32_t n = static_cast<std::uint32_t>(b.samples.n);
    const icl_device_pair pair = b.pair[blockIdx.x];
    const pair_column own = pair_side(b.samples, pair, side), label = pair_side(b.samples, pair, 1 - side);
    const pair_scratch s = pair_scratch_of(b.scratch, n, blockIdx.x);
    double *const all = s.ascending(side), *const by_class = s.beside(side);
    std::uint32_t *const class_of = s.sample() + side * n, *const begin = size + label.groups;

    class_sizes(own, label, n, size, begin);
    const std::uint32_t kept = block_select(
        n,
        [&](std::uint32_t r) {
            const std::uint32_t i = own.order[r];
            return own.group[i] == 0 && size[label.group[own.other(i)]] >= 2;
        },
        [&](std::uint32_t r, std::uint32_t to) {
            const std::uint32_t i = own.order[r];
            all[to] = own.value[i];
            class_of[to] = label.group[own.other(i)];
        });
    for (unsigned c = 0; c < label.groups; c++)
        if (size[c] >= 2)
            block_select(
                kept, [&](std::uint32_t p) { return class_of[p] == c; },
                [&](std::uint32_t p, std::uint32_t to) { by_class[begin[c] + to] = all[p]; });

    const double *const psi = b.samples.digamma;
    double sum = 0;
    for (std::uint32_t p = threadIdx.x; p < kept; p += blockDim.x) {
        const unsigned c = class_at(begin, label.groups, p);
        const double *const list = by_class + begin[c];
        const double value = by_class[p];
        const double radius = icl_margin_kth(list, size[c], p - begin[c], size[c] - 1 < k ? size[c] - 1 : k);
        const std::uint32_t same = icl_margin_within(list, size[c], value, radius, false) - 1;
        const std::uint32_t any = icl_margin_within(all, kept, value, radius, false);
        sum += psi[same] - psi[size[c]] - psi[any - 1];
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        out->side[side] = sum;
        out->side_samples[side] = kept;
    }
}

} // namespace

void cuda_pairs_ross(cuda_device *device, const pair_batch &batch)
{
    if (batch.samples.group == nullptr || batch.way.most_groups < 2) return;
    const std::size_t shared = (2 * static_cast<std::size_t>(batch.way.most_groups) + 1) * sizeof(std::uint32_t);
    cuda_launch(device, "Ross terms", ross_kernel, dim3(batch.count, 2), pair_threads(batch.samples.n, ROSS_THREADS),
                shared, batch);
}
