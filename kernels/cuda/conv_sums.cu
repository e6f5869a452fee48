/* Biases and their gradients: a number a channel added to every row, and sums over all rows. */
#include "kernels/cuda/conv_pieces.h"
#include "kernels/cuda/pack.h"

namespace
{
constexpr unsigned threads = 256;

/* Threads of a block side by side along a row of `cols` things; the others of the block take rows of their own. */
unsigned lanes_for(std::size_t cols)
{
    unsigned lanes = 1;
    while (lanes < threads && lanes < cols)
        lanes *= 2;
    return lanes;
}

unsigned blocks_across(std::size_t cols, unsigned lanes)
{
    return static_cast<unsigned>((cols + lanes - 1) / lanes);
}

/* ---- biases ---- */

/* `cols` is channels / N. */
template <class T, unsigned N>
__global__ void add_bias_kernel(const float *bias, std::size_t rows, std::size_t cols, T *y)
{
    const std::size_t c = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (c >= cols) return;
    float mine[N], values[N];
#pragma unroll
    for (unsigned i = 0; i < N; i++)
        mine[i] = bias[c * N + i];
    for (std::size_t r = static_cast<std::size_t>(blockIdx.y) * blockDim.y + threadIdx.y; r < rows;
         r += static_cast<std::size_t>(gridDim.y) * blockDim.y) {
        T *at = y + (r * cols + c) * N;
        cuda_load_wide<N>(at, values);
#pragma unroll
        for (unsigned i = 0; i < N; i++)
            values[i] += mine[i];
        cuda_store_narrow<N>(at, values);
    }
}

template <class T, unsigned N>
void add_bias(cuda_device *device, const float *bias, std::size_t rows, std::size_t channels, void *y)
{
    const std::size_t cols = channels / N;
    const unsigned lanes = lanes_for(cols);
    const dim3 block(lanes, threads / lanes);
    const dim3 grid(blocks_across(cols, lanes), cuda_blocks(rows, 4 * block.y, 4096));
    cuda_launch(device, "bias", add_bias_kernel<T, N>, grid, block, 0, bias, rows, cols, static_cast<T *>(y));
}

/* ---- sums over rows ---- */

/* A block sums `threads / lanes` interleaved sets of rows of its piece (blockIdx.y) of the matrix, then adds the sets
 * in a tree. */
template <class T, class Out>
__global__ void row_sums_kernel(const T *matrix, std::size_t rows, std::size_t cols, Out *sums)
{
    CUDA_SHARED(double, set);
    const std::size_t c = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    const std::size_t first = rows * blockIdx.y / gridDim.y, end = rows * (blockIdx.y + 1) / gridDim.y;
    double sum = 0.0;
    if (c < cols) {
#pragma unroll 4
        for (std::size_t r = first + threadIdx.y; r < end; r += blockDim.y)
            sum += static_cast<double>(cuda_wide(matrix[r * cols + c]));
    }
    double *mine = set + threadIdx.y * blockDim.x + threadIdx.x;
    *mine = sum;
    for (unsigned half = blockDim.y / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.y < half) *mine += mine[half * blockDim.x];
    }
    if (threadIdx.y == 0 && c < cols) sums[blockIdx.y * cols + c] = static_cast<Out>(*mine);
}

/* The pieces' sums, piece by piece. */
__global__ void piece_sums_kernel(const double *pieces, unsigned count, std::size_t cols, float *sums)
{
    for (std::size_t c = cuda_grid_thread(); c < cols; c += cuda_grid_threads()) {
        double sum = 0.0;
#pragma unroll 8
        for (unsigned p = 0; p < count; p++)
            sum += pieces[p * cols + c];
        sums[c] = static_cast<float>(sum);
    }
}

unsigned pieces_of(std::size_t rows, std::size_t channels)
{
    constexpr std::size_t least = 1 << 14; /* numbers of a piece */
    return cuda_blocks(rows * channels, least, rows < 256 ? static_cast<unsigned>(rows) : 256);
}

template <class T>
void row_sums(cuda_device *device, const void *matrix, std::size_t rows, std::size_t channels, void *room, float *sums)
{
    const unsigned lanes = lanes_for(channels), pieces = pieces_of(rows, channels);
    const dim3 block(lanes, threads / lanes), grid(blocks_across(channels, lanes), pieces);
    const std::size_t shared = threads * sizeof(double);
    const T *m = static_cast<const T *>(matrix);
    if (pieces == 1) {
        cuda_launch(device, "sums", row_sums_kernel<T, float>, grid, block, shared, m, rows, channels, sums);
        return;
    }
    double *partial = static_cast<double *>(room);
    cuda_launch(device, "sums", row_sums_kernel<T, double>, grid, block, shared, m, rows, channels, partial);
    cuda_launch(device, "sums", piece_sums_kernel, dim3(cuda_blocks(channels, 64, 1U << 20)), dim3(64), 0, partial,
                pieces, channels, sums);
}
} // namespace

void cuda_add_bias(cuda_device *device, icl_storage storage, const float *bias, std::size_t rows, std::size_t channels,
                   void *y)
{
    /* [storage][whole 16 bytes] */
    static void (*const kinds[2][2])(cuda_device *, const float *, std::size_t, std::size_t,
                                     void *) = {{add_bias<float, 1>, add_bias<float, cuda_pack_size<float>>},
                                                {add_bias<icl_bf16, 1>, add_bias<icl_bf16, cuda_pack_size<icl_bf16>>}};
    const bool whole = channels * icl_storage_bytes(storage) % 16 == 0 && cuda_is_aligned(y);
    kinds[storage][whole](device, bias, rows, channels, y);
}

std::size_t cuda_row_sums_room(std::size_t rows, std::size_t channels)
{
    const unsigned pieces = pieces_of(rows, channels);
    return pieces == 1 ? 0 : pieces * channels * sizeof(double);
}

void cuda_row_sums(cuda_device *device, icl_storage storage, const void *matrix, std::size_t rows, std::size_t channels,
                   void *room, float *sums)
{
    (storage == ICL_STORAGE_F32 ? row_sums<float> : row_sums<icl_bf16>)(device, matrix, rows, channels, room, sums);
}
