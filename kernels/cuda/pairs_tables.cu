/* Joint tables of binned columns: counts in shared memory, sums of whole numbers. */
#include "kernels/cuda/pairs_internal.h"

namespace
{

constexpr unsigned TABLE_THREADS = 256;
enum { AT_ONCE = 8 /* bins in 16 bytes */, COPIES_BYTES = 16 << 10 };

struct table_batch {
    icl_device_bins bins;
    const icl_device_pair *pair;
    std::uint32_t copies; /* of a table: its warps take turns, so that fewer meet in a cell */
    icl_device_table *out;
};

/* The bins of samples 8 g .. 8 g + 7; those behind the last sample are not used. */
__device__ __forceinline__ void bins_at(const std::uint16_t *bin, std::uint32_t g, std::uint32_t (&eight)[AT_ONCE])
{
    const uint4 four = reinterpret_cast<const uint4 *>(bin)[g];
    const std::uint32_t word[4] = {four.x, four.y, four.z, four.w};
#pragma unroll
    for (unsigned e = 0; e < AT_ONCE; e++)
        eight[e] = word[e / 2] >> (16 * (e % 2)) & 0xFFFFU;
}

__global__ void __launch_bounds__(TABLE_THREADS) table_kernel(table_batch b)
{
    CUDA_SHARED(std::uint32_t, count);
    const icl_device_pair pair = b.pair[blockIdx.x];
    const std::uint32_t n = static_cast<std::uint32_t>(b.bins.n), cols = b.bins.bins[pair.y];
    const std::uint32_t cells = b.bins.bins[pair.x] * cols;
    const std::uint16_t *const x = b.bins.bin + pair.x * b.bins.stride, *const y = b.bins.bin + pair.y * b.bins.stride;
    const std::uint32_t *const to =
        pair.permutation < 0 ? nullptr : b.bins.permutations.to + static_cast<std::size_t>(pair.permutation) * n;
    for (std::uint32_t c = threadIdx.x; c < cells * b.copies; c += blockDim.x)
        count[c] = 0;
    __syncthreads();
    std::uint32_t *const own = count + threadIdx.x / 32 % b.copies * cells;
    for (std::uint32_t g = threadIdx.x; g * AT_ONCE < n; g += blockDim.x) {
        std::uint32_t row[AT_ONCE], col[AT_ONCE];
        const std::uint32_t first = g * AT_ONCE, left = n - first;
        bins_at(x, g, row);
        if (to == nullptr)
            bins_at(y, g, col);
        else
#pragma unroll
            for (unsigned e = 0; e < AT_ONCE; e++)
                col[e] = e < left ? y[to[first + e]] : 0;
#pragma unroll
        for (unsigned e = 0; e < AT_ONCE; e++)
            if (e < left) atomicAdd(own + row[e] * cols + col[e], 1U);
    }
    __syncthreads();
    std::int64_t terms = 0;
    unsigned occupied = 0;
    for (std::uint32_t c = threadIdx.x; c < cells; c += blockDim.x) {
        std::uint32_t sum = count[c];
        for (std::uint32_t copy = 1; copy < b.copies; copy++)
            sum += count[copy * cells + c];
        terms += b.bins.term[sum];
        occupied += sum != 0;
    }
    terms = block_sum(terms);
    occupied = block_sum(occupied);
    if (threadIdx.x == 0) b.out[blockIdx.x] = icl_device_table{terms, occupied, 0};
}

void tables(icl_device *base, const icl_device_bins *bins, const icl_device_pair *pairs, size_t count,
            uint32_t most_cells, icl_device_table *out)
{
    if (count == 0) return;
    cuda_device *const device = cuda_of(base);
    const unsigned threads = bins->n <= 1024 ? 64 : TABLE_THREADS;
    const std::size_t bytes = most_cells * sizeof(std::uint32_t);
    std::uint32_t copies = threads / 32;
    while (copies > 1 && copies * bytes > COPIES_BYTES)
        copies /= 2;
    const table_batch batch = {*bins, pairs, copies, out};
    pairs_allow_shared(device, table_kernel);
    cuda_launch(device, "joint tables", table_kernel, static_cast<unsigned>(count), threads, copies * bytes, batch);
}

} // namespace

void cuda_table_tables(icl_device_kernels *table)
{
    table->pairs.tables = tables;
}
