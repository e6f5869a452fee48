/* Stages forward and backward. A thread takes pieces of eight elements: one byte of gates, two blocks of Philox. */
#include <type_traits>

#include "kernels/cuda/activation.h"

namespace
{
constexpr unsigned THREADS = 256, MOST_BLOCKS = 1U << 20;

unsigned pieces_of(std::size_t count)
{
    return static_cast<unsigned>((count + CUDA_PIECE - 1) / CUDA_PIECE);
}

/* The elements of a piece, with what its channels need. */
template <class T, int NORM> struct piece_of_stage {
    std::size_t first;
    unsigned n, channel;
    float x[CUDA_PIECE], add[CUDA_PIECE] = {}, scale[CUDA_PIECE], shift[CUDA_PIECE];

    __device__ __forceinline__ piece_of_stage(const cuda_stage<T> &a, unsigned piece)
    {
        first = static_cast<std::size_t>(piece) * CUDA_PIECE;
        n = a.count - first < CUDA_PIECE ? static_cast<unsigned>(a.count - first) : CUDA_PIECE;
        channel = cuda_piece_channel(piece, a.by_channels);
        cuda_load_piece(a.x + first, n, a.wide_data, x);
        if (NORM != ICL_NORM_AFTER && a.add != nullptr) cuda_load_piece(a.add + first, n, a.wide_data, add);
        if (NORM != ICL_NORM_ABSENT) {
            cuda_load_channels(a.scale, channel, a.channels, a.wide_channels, scale);
            cuda_load_channels(a.shift, channel, a.channels, a.wide_channels, shift);
        }
    }

    __device__ __forceinline__ icl_stage_values_f32 values(const cuda_stage<T> &a, unsigned k) const
    {
        return icl_stage_values_of_f32(static_cast<icl_norm_place>(NORM), &a.act, x[k], a.add != nullptr, add[k],
                                       NORM != ICL_NORM_ABSENT ? scale[k] : 0.0F,
                                       NORM != ICL_NORM_ABSENT ? shift[k] : 0.0F);
    }
};

template <class T, int NORM, int GATE> __global__ __launch_bounds__(THREADS) void forward_kernel(cuda_stage<T> a)
{
    const icl_gates gates = cuda_gates_now(a.gates, a.now);
    const unsigned pieces = static_cast<unsigned>((a.count + CUDA_PIECE - 1) / CUDA_PIECE);
    for (std::size_t p = cuda_grid_thread(); p < pieces; p += cuda_grid_threads()) {
        const unsigned piece = static_cast<unsigned>(p);
        const piece_of_stage<T, NORM> here(a, piece);
        float y[CUDA_PIECE], tap[CUDA_PIECE], factor[CUDA_PIECE];
        if (GATE != CUDA_GATE_NONE) {
            const unsigned bits = cuda_piece_factors<GATE>(gates, a.open, piece, 0, factor);
            if (a.bits != nullptr) a.bits[piece] = static_cast<std::uint8_t>(bits);
        }
#pragma unroll
        for (unsigned k = 0; k < CUDA_PIECE; k++) {
            const icl_stage_values_f32 v = here.values(a, k);
            tap[k] = a.tap == ICL_TAP_RELU ? v.active : v.kept;
            y[k] = GATE == CUDA_GATE_NONE ? v.kept : v.kept * factor[k];
        }
        if (a.tap_output != nullptr) cuda_store_piece(a.tap_output + here.first, here.n, a.wide_data, tap);
        cuda_store_piece(a.y + here.first, here.n, a.wide_data, y);
    }
}

template <class T>
__device__ __forceinline__ void save_gradient(T *to, std::size_t first, unsigned n, bool wide, bool add,
                                              float (&gradient)[CUDA_PIECE])
{
    if (add) {
        float old[CUDA_PIECE];
        cuda_load_piece(to + first, n, wide, old);
#pragma unroll
        for (unsigned k = 0; k < CUDA_PIECE; k++)
            gradient[k] = old[k] + gradient[k];
    }
    cuda_store_piece(to + first, n, wide, gradient);
}

template <class T, int NORM, int GATE> __global__ __launch_bounds__(THREADS) void backward_kernel(cuda_stage<T> a)
{
    const icl_gates gates = cuda_gates_now(a.gates, a.now);
    const unsigned pieces = static_cast<unsigned>((a.count + CUDA_PIECE - 1) / CUDA_PIECE);
    constexpr icl_norm_place norm = static_cast<icl_norm_place>(NORM);
    for (std::size_t p = cuda_grid_thread(); p < pieces; p += cuda_grid_threads()) {
        const unsigned piece = static_cast<unsigned>(p);
        const piece_of_stage<T, NORM> here(a, piece);
        float dy[CUDA_PIECE], dtap[CUDA_PIECE] = {}, factor[CUDA_PIECE] = {}, k1[CUDA_PIECE], k2[CUDA_PIECE],
                              k3[CUDA_PIECE];
        cuda_load_piece(a.dy + here.first, here.n, a.wide_data, dy);
        if (a.dtap != nullptr) cuda_load_piece(a.dtap + here.first, here.n, a.wide_data, dtap);
        if (GATE != CUDA_GATE_NONE)
            (void)cuda_piece_factors<GATE>(gates, a.open, piece, GATE == CUDA_GATE_BITS ? a.bits[piece] : 0U, factor);
        if (NORM != ICL_NORM_ABSENT) {
            cuda_load_channels(a.slope, here.channel, a.channels, a.wide_channels, k1);
            cuda_load_channels(a.slope + a.channels, here.channel, a.channels, a.wide_channels, k2);
            cuda_load_channels(a.slope + 2 * a.channels, here.channel, a.channels, a.wide_channels, k3);
        }
        float dx[CUDA_PIECE], dadd[CUDA_PIECE];
#pragma unroll
        for (unsigned k = 0; k < CUDA_PIECE; k++) {
            const icl_stage_values_f32 v = here.values(a, k);
            dadd[k] = icl_stage_dz_f32(norm, &a.act, a.tap, v.argument, dy[k], GATE != CUDA_GATE_NONE, factor[k],
                                       a.dtap != nullptr, dtap[k]);
            dx[k] = icl_stage_dx_f32(norm, &a.act, a.tap, &v, dadd[k], a.dtap != nullptr, dtap[k],
                                     NORM != ICL_NORM_ABSENT ? k1[k] : 0.0F, NORM != ICL_NORM_ABSENT ? k2[k] : 0.0F,
                                     NORM != ICL_NORM_ABSENT ? k3[k] : 0.0F);
        }
        if (a.dx != nullptr) save_gradient(a.dx, here.first, here.n, a.wide_data, a.add_dx, dx);
        if (a.dadd != nullptr) save_gradient(a.dadd, here.first, here.n, a.wide_data, a.add_dadd, dadd);
    }
}

/* out in float32: what stood inside the stage. */
template <class T, int NORM>
__global__ __launch_bounds__(THREADS) void probe_kernel(cuda_stage<T> a, icl_tap place, float *out)
{
    const unsigned pieces = static_cast<unsigned>((a.count + CUDA_PIECE - 1) / CUDA_PIECE);
    for (std::size_t p = cuda_grid_thread(); p < pieces; p += cuda_grid_threads()) {
        const piece_of_stage<T, NORM> here(a, static_cast<unsigned>(p));
        float seen[CUDA_PIECE];
#pragma unroll
        for (unsigned k = 0; k < CUDA_PIECE; k++) {
            const icl_stage_values_f32 v = here.values(a, k);
            seen[k] = place == ICL_TAP_RELU ? v.active : v.kept;
        }
        cuda_store_piece(out + here.first, here.n, a.wide_data, seen);
    }
}

unsigned blocks_of(std::size_t count)
{
    return cuda_blocks(pieces_of(count), THREADS, MOST_BLOCKS);
}

void stage_forward(icl_device *base, const icl_device_stage *stage)
{
    cuda_device *device = cuda_of(base);
    if (!cuda_stage_fits(device, &stage->shape)) return;
    cuda_with_stage(stage, cuda_gates_forward(stage), [=](const auto &a, auto norm, auto gate) {
        cuda_launch(device, "stage_forward", forward_kernel<std::remove_pointer_t<decltype(a.y)>, norm(), gate()>,
                    blocks_of(a.count), THREADS, 0, a);
    });
}

void stage_backward(icl_device *base, const icl_device_stage *stage)
{
    cuda_device *device = cuda_of(base);
    if (!cuda_stage_fits(device, &stage->shape)) return;
    cuda_with_stage(stage, cuda_gates_backward(stage), [=](const auto &a, auto norm, auto gate) {
        cuda_launch(device, "stage_backward", backward_kernel<std::remove_pointer_t<decltype(a.y)>, norm(), gate()>,
                    blocks_of(a.count), THREADS, 0, a);
    });
}

void stage_probe(icl_device *base, const icl_device_stage *stage, icl_tap place, float *out)
{
    cuda_device *device = cuda_of(base);
    if (!cuda_stage_fits(device, &stage->shape)) return;
    cuda_with_stage(stage, CUDA_GATE_NONE, [=](const auto &whole, auto norm, auto) {
        auto a = whole;
        a.wide_data = a.wide_data && cuda_is_aligned(out);
        cuda_launch(device, "stage_probe", probe_kernel<std::remove_pointer_t<decltype(a.y)>, norm()>,
                    blocks_of(a.count), THREADS, 0, a, place, out);
    });
}
} // namespace

bool cuda_stage_fits(cuda_device *device, const icl_shape *shape)
{
    const double elements = static_cast<double>(shape->samples) * static_cast<double>(shape->positions) *
                            static_cast<double>(shape->channels);
    if (elements < 0x1p31 * CUDA_PIECE && shape->channels < (1U << 28)) return true;
    cuda_note_text(device, ICL_ERR_USAGE, "a stage of more than 2^34 elements");
    return false;
}

cuda_gate_source cuda_gates_forward(const icl_device_stage *stage)
{
    if (!stage->dropout) return CUDA_GATE_NONE;
    return stage->mask.gate == ICL_GATE_INDEPENDENT ? CUDA_GATE_WORD : CUDA_GATE_ANY;
}

cuda_gate_source cuda_gates_backward(const icl_device_stage *stage)
{
    if (stage->dropout && stage->gates != nullptr && stage->mask.gate != ICL_GATE_GAUSSIAN) return CUDA_GATE_BITS;
    return cuda_gates_forward(stage);
}

void cuda_table_stage(icl_device_kernels *table)
{
    table->layers.stage_forward = stage_forward;
    table->layers.stage_backward = stage_backward;
    table->layers.stage_probe = stage_probe;
}
