/* Permutations of a stream, as icl_block_permutation: each is a walk of its own, all go at once. */
#include "kernels/cuda/pairs_internal.h"
#include "kernels/shared/draws.h"

namespace
{

enum { WALKERS = 32, COPY_THREADS = 256, MOST_BLOCKS = 4096 };

struct permutation_batch {
    icl_stream stream;                  /* its step is that of the first permutation */
    std::size_t count, n, block, units; /* units: blocks of `block` samples, the last one maybe shorter */
};

__device__ __forceinline__ icl_philox_base base_of(const permutation_batch &b, std::size_t permutation)
{
    icl_stream stream = b.stream;
    stream.step += static_cast<std::uint32_t>(permutation);
    return icl_philox_base_of(&stream);
}

__device__ __forceinline__ void place_unit(std::uint32_t *order, std::uint32_t unit, std::uint64_t bits)
{
    const std::size_t j = icl_scale_bits(bits, unit + std::uint64_t{1});
    if (j != unit) order[unit] = order[j];
    order[j] = unit;
}

/* icl_random_permutation of the units; permutation m at order + m n. */
__global__ void __launch_bounds__(WALKERS) walk_kernel(permutation_batch b, std::uint32_t *order)
{
    const std::size_t m = cuda_grid_thread();
    if (m >= b.count) return;
    const icl_philox_base base = base_of(b, m);
    std::uint32_t *const own = order + m * b.n;
    for (std::uint32_t unit = 0; unit < b.units; unit += 2) {
        std::uint32_t words[4];
        icl_philox_block(&base, unit / 2, words);
        place_unit(own, unit, icl_pair_bits(words));
        if (unit + 1 < b.units) place_unit(own, unit + 1, icl_pair_bits(words + 2));
    }
}

/* From an order of units to one of samples. The last unit came last: its draw says where the short one stands. */
__global__ void __launch_bounds__(COPY_THREADS)
    spread_kernel(permutation_batch b, const std::uint32_t *order, std::uint32_t *out)
{
    const std::size_t lacking = b.units * b.block - b.n;
    for (std::size_t t = cuda_grid_thread(); t < b.count * b.n; t += cuda_grid_threads()) {
        const std::size_t m = t / b.n, i = t % b.n;
        const icl_philox_base base = base_of(b, m);
        const std::size_t brief = icl_draw_below(&base, b.units - 1, b.units);
        const std::size_t behind = brief * b.block + b.block - lacking; /* where what follows the short one begins */
        const std::size_t place = i < behind ? i : i + lacking;
        out[t] = static_cast<std::uint32_t>(order[m * b.n + place / b.block] * b.block + place % b.block);
    }
}

__global__ void __launch_bounds__(COPY_THREADS)
    invert_kernel(permutation_batch b, const std::uint32_t *permutation, std::uint32_t *inverse)
{
    for (std::size_t t = cuda_grid_thread(); t < b.count * b.n; t += cuda_grid_threads())
        inverse[t / b.n * b.n + permutation[t]] = static_cast<std::uint32_t>(t % b.n);
}

void permutations(icl_device *base, const icl_stream *stream, uint32_t first, size_t count, size_t n, size_t block,
                  uint32_t *out, uint32_t *inverse)
{
    if (count == 0 || n == 0) return;
    cuda_device *const device = cuda_of(base);
    permutation_batch batch = {*stream, count, n, block, block <= 1 ? n : (n + block - 1) / block};
    batch.stream.step = first;
    const unsigned walkers = static_cast<unsigned>((count + WALKERS - 1) / WALKERS);
    const unsigned blocks = cuda_blocks(count * n, COPY_THREADS, MOST_BLOCKS);
    std::uint32_t *const order = block <= 1 ? out : inverse; /* the inverse comes last */
    cuda_launch(device, "permutations", walk_kernel, walkers, WALKERS, 0, batch, order);
    if (block > 1) cuda_launch(device, "permutations", spread_kernel, blocks, COPY_THREADS, 0, batch, order, out);
    cuda_launch(device, "permutations", invert_kernel, blocks, COPY_THREADS, 0, batch, out, inverse);
}

} // namespace

void cuda_table_permutations(icl_device_kernels *table)
{
    table->pairs.permutations = permutations;
}
