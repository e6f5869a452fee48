/* Masks as arrays of factors. */
#include "kernels/cuda/activation.h"

namespace
{
constexpr unsigned THREADS = 256, MOST_BLOCKS = 1U << 20;

__global__ __launch_bounds__(THREADS) void mask_kernel(icl_gates gates, const icl_device_step *now, std::size_t first,
                                                       std::size_t count, float *factor)
{
    const icl_gates mine = cuda_gates_now(gates, now);
    for (std::size_t i = cuda_grid_thread(); i < count; i += cuda_grid_threads())
        factor[i] = static_cast<float>(icl_gate_factor(&mine, first + i));
}

/* Independent gates from element 0 of a piece on: two blocks of Philox for eight factors. */
__global__ __launch_bounds__(THREADS) void pieces_kernel(icl_gates gates, const icl_device_step *now,
                                                         unsigned first_piece, std::size_t count, bool wide,
                                                         float *factor)
{
    const icl_gates mine = cuda_gates_now(gates, now);
    const float open = static_cast<float>(gates.open);
    for (std::size_t p = cuda_grid_thread(); p * CUDA_PIECE < count; p += cuda_grid_threads()) {
        const std::size_t at = p * CUDA_PIECE;
        float mask[CUDA_PIECE];
        (void)cuda_piece_factors<CUDA_GATE_WORD>(mine, open, first_piece + static_cast<unsigned>(p), 0, mask);
        cuda_store_piece(factor + at, count - at < CUDA_PIECE ? static_cast<unsigned>(count - at) : CUDA_PIECE, wide,
                         mask);
    }
}

void mask_factors(icl_device *base, const icl_mask *mask, const icl_shape *shape, const icl_device_step *now,
                  std::size_t first, std::size_t count, float *factor)
{
    cuda_device *device = cuda_of(base);
    const icl_gates gates = icl_gates_of(mask, shape);
    if (count == 0) return;
    if (mask->gate == ICL_GATE_INDEPENDENT && first % CUDA_PIECE == 0 && (first + count) / CUDA_PIECE < 1U << 31)
        cuda_launch(device, "mask", pieces_kernel, cuda_blocks(count / CUDA_PIECE + 1, THREADS, MOST_BLOCKS), THREADS,
                    0, gates, now, static_cast<unsigned>(first / CUDA_PIECE), count, cuda_is_aligned(factor), factor);
    else
        cuda_launch(device, "mask", mask_kernel, cuda_blocks(count, THREADS, MOST_BLOCKS), THREADS, 0, gates, now,
                    first, count, factor);
}
} // namespace

void cuda_table_mask(icl_device_kernels *table)
{
    table->layers.mask = mask_factors;
}
