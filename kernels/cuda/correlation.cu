/* Correlation of all pairs of columns: every column centred on its mean, the products of all columns, then the lengths
 * out of the diagonal. As kernels/correlation_matrix.c, but for the order of the sums. */
#include "kernels/cuda/products.h"
#include "kernels/cuda/sums.h"

namespace
{
constexpr unsigned threads = 512, tile = 32, tile_rows = 8;

/* The sum of `mine` over the block, in every thread. */
__device__ __forceinline__ double block_sum(double mine)
{
    __shared__ double room[threads / 32];
    __shared__ double sum;
    double value[1] = {mine};
    cuda_block_sums<1, threads>(value, room);
    if (threadIdx.x == 0) sum = value[0];
    __syncthreads();
    return sum;
}

/* A block a column: centred = x - mean. The mean beyond the first value: an offset costs no digits, and a constant
 * column gets its constant to the last bit. */
__global__ void centre_kernel(const double *values, std::size_t rows, double *centred)
{
    const double *x = values + blockIdx.x * rows;
    double *to = centred + blockIdx.x * rows;
    const double origin = x[0];
    double sum = 0.0;
#pragma unroll 4
    for (std::size_t r = threadIdx.x; r < rows; r += threads)
        sum += x[r] - origin;
    const double mean = origin + block_sum(sum) / static_cast<double>(rows);
#pragma unroll 4
    for (std::size_t r = threadIdx.x; r < rows; r += threads)
        to[r] = x[r] - mean;
}

/* What makes a column's length 1; NaN without a length. */
__device__ __forceinline__ double factor_of(const double *gram, std::size_t cols, std::size_t c)
{
    const double squares = gram[c * cols + c];
    return squares > 0.0 ? 1.0 / sqrt(squares) : nan("");
}

__device__ __forceinline__ double clipped(double value)
{
    return value > 1.0 ? 1.0 : value < -1.0 ? -1.0 : value;
}

/* A block a tile above the diagonal, or on it: the tile and its mirror image, both written along rows. The diagonal
 * itself is read by all blocks and left as it is. */
__global__ void finish_kernel(std::size_t cols, double *gram)
{
    __shared__ double part[tile][tile + 1];
    if (blockIdx.x < blockIdx.y) return;
    const std::size_t top = static_cast<std::size_t>(blockIdx.y) * tile;
    const std::size_t left = static_cast<std::size_t>(blockIdx.x) * tile;
    const std::size_t j = left + threadIdx.x;
    const double factor = j < cols ? factor_of(gram, cols, j) : 0.0;
    for (unsigned k = threadIdx.y; k < tile; k += tile_rows) {
        const std::size_t i = top + k;
        if (i >= j || j >= cols) continue;
        const double value = clipped(gram[i * cols + j] * (factor_of(gram, cols, i) * factor));
        gram[i * cols + j] = value;
        part[k][threadIdx.x] = value;
    }
    __syncthreads();
    const std::size_t mirrored_j = top + threadIdx.x;
    for (unsigned k = threadIdx.y; k < tile; k += tile_rows) {
        const std::size_t mirrored_i = left + k;
        if (mirrored_i < cols && mirrored_j < mirrored_i) gram[mirrored_i * cols + mirrored_j] = part[threadIdx.x][k];
    }
}

/* 1, or NaN where a column has no length or none that is a number. */
__global__ void diagonal_kernel(std::size_t cols, double *gram)
{
    for (std::size_t c = cuda_grid_thread(); c < cols; c += cuda_grid_threads()) {
        const double factor = factor_of(gram, cols, c), value = gram[c * cols + c] * (factor * factor);
        gram[c * cols + c] = value != value ? value : 1.0;
    }
}

void correlation(icl_device *base, const double *values, std::size_t rows, std::size_t cols, double *centred,
                 double *result)
{
    cuda_device *device = cuda_of(base);
    if (cols == 0) return;
    if (rows == 0) {
        cuda_note_text(device, ICL_ERR_INPUT, "correlation: no samples");
        return;
    }
    if (cols > std::size_t{65535} * tile) {
        cuda_note_text(device, ICL_ERR_USAGE, "correlation: more than 2097120 columns");
        return;
    }
    const unsigned edges = static_cast<unsigned>((cols + tile - 1) / tile);
    cuda_launch(device, "centre", centre_kernel, dim3(static_cast<unsigned>(cols)), dim3(threads), 0, values, rows,
                centred);
    cuda_gram_f64(device, centred, rows, cols, result);
    cuda_launch(device, "correlation", finish_kernel, dim3(edges, edges), dim3(tile, tile_rows), 0, cols, result);
    cuda_launch(device, "diagonal", diagonal_kernel, dim3(cuda_blocks(cols, 128, 1024)), dim3(128), 0, cols, result);
}
} // namespace

void cuda_table_correlation(icl_device_kernels *table)
{
    table->pairs.correlation = correlation;
}
