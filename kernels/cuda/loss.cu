/* Softmax cross-entropy: a warp has a sample. */
#include "kernels/cuda/network.h"
#include "kernels/cuda/pack.h"
#include "kernels/cuda/sums.h"
#include "kernels/shared/loss.h"

namespace
{
constexpr unsigned THREADS = 256, WARPS = THREADS / 32, BLOCKS = THREADS;

/* What cuda_device.room holds here: the sums of each block. */
struct loss_room {
    std::uint32_t arrived, unused;
    double loss[BLOCKS], correct[BLOCKS];
};
static_assert(sizeof(loss_room) <= CUDA_ROOM, "the room of a device");

/* The largest logit and the first place that has it; not numbers count as -infinity. */
struct largest {
    float value;
    std::uint32_t place;
};

__device__ __forceinline__ largest larger_of(largest a, largest b)
{
    return b.value > a.value || (b.value == a.value && b.place < a.place) ? b : a;
}

/* The sums of a sample, in every lane of its warp. */
struct sample_sums {
    double top, sum, offsets;
    bool correct;
};

template <class T>
__device__ __forceinline__ sample_sums look_at(const T *logits, std::uint32_t classes, std::uint32_t label)
{
    const std::uint32_t lane = threadIdx.x % 32;
    largest best = {-INFINITY, classes};
    bool ordered = true;
    for (std::uint32_t k = lane; k < classes; k += 32) {
        const float value = cuda_wide(logits[k]);
        best = larger_of(best, largest{value, k});
        ordered &= value == value;
    }
    for (int by = 16; by > 0; by /= 2)
        best = larger_of(
            best, largest{__shfl_xor_sync(0xFFFFFFFFU, best.value, by), __shfl_xor_sync(0xFFFFFFFFU, best.place, by)});
    sample_sums s = {static_cast<double>(best.value), 0, 0, false};
    s.correct = __all_sync(0xFFFFFFFFU, ordered) != 0 && best.place == label;
    for (std::uint32_t k = lane; k < classes; k += 32) {
        const double offset = static_cast<double>(cuda_wide(logits[k])) - s.top;
        s.sum += exp(offset);
        s.offsets += offset;
    }
    s.sum = cuda_warp_sum(s.sum);
    s.offsets = cuda_warp_sum(s.offsets);
    return s;
}

template <class T>
__global__ __launch_bounds__(THREADS) void loss_kernel(const T *logits, const std::uint32_t *labels,
                                                       std::uint32_t samples, std::uint32_t classes, double smoothing,
                                                       double weight, T *dlogits, loss_room *room,
                                                       icl_device_outcome *current)
{
    __shared__ double shared[2 * WARPS];
    const std::uint32_t lane = threadIdx.x % 32;
    double total[2] = {0, 0};
    for (std::uint32_t n = blockIdx.x * WARPS + threadIdx.x / 32; n < samples; n += gridDim.x * WARPS) {
        const T *mine = logits + static_cast<std::size_t>(n) * classes;
        const std::uint32_t label = labels[n];
        const sample_sums s = look_at(mine, classes, label);
        if (lane == 0) {
            const double offset = static_cast<double>(cuda_wide(mine[label])) - s.top;
            total[0] += icl_loss_of_sample(s.sum, offset, s.offsets, smoothing, classes);
            total[1] += s.correct ? 1 : 0;
        }
        if (dlogits == nullptr) continue;
        T *out = dlogits + static_cast<std::size_t>(n) * classes;
        for (std::uint32_t k = lane; k < classes; k += 32) {
            const double exponential = exp(static_cast<double>(cuda_wide(mine[k])) - s.top);
            out[k] = cuda_narrow<T>::of(
                static_cast<float>(icl_loss_gradient(exponential, s.sum, k == label, smoothing, classes, weight)));
        }
    }
    cuda_block_sums<2, THREADS>(total, shared);
    if (threadIdx.x == 0) {
        room->loss[blockIdx.x] = total[0];
        room->correct[blockIdx.x] = total[1];
    }
    if (!cuda_is_last_block(&room->arrived)) return;
    const bool there = threadIdx.x < gridDim.x;
    total[0] = there ? room->loss[threadIdx.x] : 0;
    total[1] = there ? room->correct[threadIdx.x] : 0;
    cuda_block_sums<2, THREADS>(total, shared);
    if (threadIdx.x != 0) return;
    current->loss = total[0];
    current->correct = static_cast<std::uint64_t>(total[1]);
}

template <class T>
void launch(cuda_device *device, const void *logits, const std::uint32_t *labels, std::size_t samples,
            std::size_t classes, double smoothing, double weight, void *dlogits, icl_device_outcome *current)
{
    cuda_launch(device, "cross-entropy", loss_kernel<T>, cuda_blocks(samples, WARPS, BLOCKS), THREADS, 0,
                static_cast<const T *>(logits), labels, static_cast<std::uint32_t>(samples),
                static_cast<std::uint32_t>(classes), smoothing, weight, static_cast<T *>(dlogits),
                static_cast<loss_room *>(device->room), current);
}

void cross_entropy(icl_device *device, icl_storage storage, const void *logits, const std::uint32_t *labels,
                   std::size_t samples, std::size_t classes, double smoothing, double weight, void *dlogits,
                   icl_device_outcome *current)
{
    const auto put = storage == ICL_STORAGE_F32 ? launch<float> : launch<icl_bf16>;
    put(cuda_of(device), logits, labels, samples, classes, smoothing, weight, dlogits, current);
}
} // namespace

void cuda_table_loss(icl_device_layers *layers)
{
    layers->cross_entropy = cross_entropy;
}
