/* Batches from a data set of bytes: a block has a run of one image's numbers. */
#include "kernels/cuda/network.h"
#include "kernels/cuda/pack.h"
#include "kernels/shared/augment.h"
#include "kernels/shared/divider.h"

namespace
{
constexpr unsigned THREADS = 256, N = 4, PACKS = 4, RUN = THREADS * N * PACKS;

struct batch_call {
    icl_device_images images;
    icl_device_moves moves; /* flip false, pad 0: none */
    icl_divider channels, width;
    std::uint32_t size, runs; /* numbers of an image, blocks an image */
    const std::uint32_t *order;
    const icl_device_step *now;
    std::uint32_t *labels_out;
};

/* The value of number `at` of an image whose pixels are given. */
__device__ __forceinline__ float value_at(const batch_call &call, const icl_move &move, const std::uint8_t *pixels,
                                          std::uint32_t at)
{
    std::uint32_t channel, x;
    const std::uint32_t pixel = icl_divide(call.channels, at, &channel), y = icl_divide(call.width, pixel, &x);
    const std::int32_t row =
        icl_moved_row(&move, static_cast<std::int32_t>(y), static_cast<std::int32_t>(call.images.height));
    const std::int32_t column =
        icl_moved_column(&move, static_cast<std::int32_t>(x), static_cast<std::int32_t>(call.width.by));
    if (row < 0 || column < 0) return 0;
    const std::uint32_t from =
        (static_cast<std::uint32_t>(row) * call.width.by + static_cast<std::uint32_t>(column)) * call.channels.by +
        channel;
    return icl_normalised(static_cast<float>(pixels[from]), call.images.scale[channel], call.images.shift[channel]);
}

/* Three threads draw, one number each. */
__device__ __forceinline__ icl_move draw_move(const batch_call &call, std::uint32_t index)
{
    __shared__ icl_move move;
    const icl_device_moves &moves = call.moves;
    const std::uint32_t epoch = call.now->epoch;
    if (threadIdx.x == 0) move.flip = moves.flip && icl_draw_flip(moves.seed, epoch, index);
    if (threadIdx.x == 1)
        move.dy = moves.pad == 0 ? 0 : icl_draw_shift(moves.seed, epoch, index, ICL_AUGMENT_DOWN, moves.pad);
    if (threadIdx.x == 2)
        move.dx = moves.pad == 0 ? 0 : icl_draw_shift(moves.seed, epoch, index, ICL_AUGMENT_RIGHT, moves.pad);
    __syncthreads();
    return move;
}

template <class T, bool ALIGNED>
__global__ __launch_bounds__(THREADS) void batch_kernel(batch_call call, T *__restrict__ out)
{
    const std::uint32_t image = blockIdx.x / call.runs, run = blockIdx.x % call.runs;
    const std::uint32_t place = call.now->first + image;
    const std::uint32_t index = call.order == nullptr ? place : call.order[place];
    const icl_move move = draw_move(call, index);
    const std::uint8_t *pixels = call.images.pixels + static_cast<std::size_t>(index) * call.size;
    T *to = out + static_cast<std::size_t>(image) * call.size;
    if (run == 0 && threadIdx.x == 0) call.labels_out[image] = call.images.labels[index];
#pragma unroll
    for (unsigned p = 0; p < PACKS; p++) {
        const std::uint32_t at = run * RUN + (p * THREADS + threadIdx.x) * N;
        float value[N];
        for (unsigned k = 0; k < N; k++)
            value[k] = at + k < call.size ? value_at(call, move, pixels, at + k) : 0;
        if (ALIGNED && at + N <= call.size)
            cuda_store_narrow(to + at, value);
        else
            for (unsigned k = 0; k < N; k++)
                if (at + k < call.size) to[at + k] = cuda_narrow<T>::of(value[k]);
    }
}

template <class T> void launch(cuda_device *device, const batch_call &call, std::size_t n, void *out)
{
    /* Every image then begins at a whole pack. */
    const bool aligned = cuda_is_aligned(out) && call.size % N == 0;
    const auto kernel = aligned ? batch_kernel<T, true> : batch_kernel<T, false>;
    cuda_launch(device, "batch", kernel, static_cast<unsigned>(n * call.runs), THREADS, 0, call, static_cast<T *>(out));
}

void batch(icl_device *device, const icl_device_images *images, const icl_device_moves *moves,
           const std::uint32_t *order, const icl_device_step *now, std::size_t n, icl_storage storage, void *out,
           std::uint32_t *labels_out)
{
    if (n == 0) return;
    batch_call call = {};
    call.images = *images;
    if (moves != nullptr) call.moves = *moves;
    call.size = static_cast<std::uint32_t>(images->height * images->width * images->channels);
    call.runs = (call.size + RUN - 1) / RUN;
    call.channels = icl_divider_of(static_cast<std::uint32_t>(images->channels));
    call.width = icl_divider_of(static_cast<std::uint32_t>(images->width));
    call.order = order;
    call.now = now;
    call.labels_out = labels_out;
    if (storage == ICL_STORAGE_F32)
        launch<float>(cuda_of(device), call, n, out);
    else
        launch<icl_bf16>(cuda_of(device), call, n, out);
}
} // namespace

void cuda_table_batch(icl_device_layers *layers)
{
    layers->batch = batch;
}
