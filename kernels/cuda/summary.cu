/* What came into a stage, stood behind its nonlinearity and left it, in one pass. Each thread counts bins in bytes of
 * its own in shared memory, a word for four bins, so that no two threads of a warp meet in a bank; before a byte can
 * overflow, the block adds them up. */
#include "kernels/cuda/network.h"
#include "kernels/cuda/pack.h"
#include "kernels/cuda/sums.h"
#include "kernels/shared/histogram.h"

#define ICL_REAL        float
#define ICL_TYPED(name) name##_f32
#include "kernels/shared/activation_body.h"

namespace
{
constexpr unsigned THREADS = 256, WARPS = THREADS / 32, BLOCKS = 1024, PLACES = 3, BINS = ICL_DEVICE_BINS,
                   WORDS = PLACES * BINS / 4;
/* Values of a place that a thread may count between two additions: a byte holds them, and 32 lanes' sums of 8 bytes
 * each are below 2^16. */
constexpr unsigned MOST = 255;
static_assert(BINS % 4 == 0 && BINS <= ICL_HISTOGRAM_MOST && MOST * THREADS < 1 << 16, "packed counts");

/* What `room` holds. */
struct block_part {
    double sum[PLACES], square[PLACES], near[PLACES];
    float least[PLACES], most[PLACES];
};
struct summary_room {
    std::uint32_t arrived, unused;
    unsigned long long histogram[PLACES * BINS];
    block_part part[BLOCKS];
};

struct summary_call {
    icl_nonlinearity act;
    icl_norm_place norm;
    std::size_t count;
    std::uint32_t channels;
    const float *scale, *shift;
    icl_histogram_floats floats;
};

/* What a thread has seen of the three places. */
struct counts {
    double sum[PLACES], square[PLACES];
    std::uint32_t near[PLACES];
    float least[PLACES], most[PLACES];
};

__device__ __forceinline__ void count_value(const summary_call &call, const float *first, std::uint32_t *words,
                                            unsigned place, float z, counts *seen)
{
    seen->sum[place] += static_cast<double>(z);
    seen->square[place] = cuda_add_square(seen->square[place], static_cast<double>(z));
    seen->least[place] = z < seen->least[place] ? z : seen->least[place];
    seen->most[place] = z > seen->most[place] ? z : seen->most[place];
    seen->near[place] += z >= call.floats.near_first && z < call.floats.near_end ? 1 : 0;
    if (!(z >= first[0] && z <= call.floats.last)) return;
    const std::uint32_t bin = icl_histogram_float_bin(first, call.floats.scale, BINS, z);
    words[(place * (BINS / 4) + bin / 4) * THREADS + threadIdx.x] += 1U << bin % 4 * 8;
}

/* Adds the bytes of all threads to `total` and puts them to 0. All threads come. */
__device__ __forceinline__ void add_counts(std::uint32_t *words, std::uint32_t *total)
{
    const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    __syncthreads();
    for (unsigned w = warp; w < WORDS; w += WARPS) {
        std::uint32_t even = 0, odd = 0; /* bytes 0 and 2, bytes 1 and 3, as halves of a word */
        for (unsigned t = lane; t < THREADS; t += 32) {
            const std::uint32_t word = words[w * THREADS + t];
            even += word & 0x00FF00FF;
            odd += word >> 8 & 0x00FF00FF;
            words[w * THREADS + t] = 0;
        }
        even = cuda_warp_sum(even);
        odd = cuda_warp_sum(odd);
        if (lane != 0) continue;
        total[4 * w] += even & 0xFFFF;
        total[4 * w + 1] += odd & 0xFFFF;
        total[4 * w + 2] += even >> 16;
        total[4 * w + 3] += odd >> 16;
    }
    __syncthreads();
}

__device__ __forceinline__ float warp_least(float value)
{
    for (int by = 16; by > 0; by /= 2) {
        const float other = __shfl_xor_sync(0xFFFFFFFFU, value, by);
        value = other < value ? other : value;
    }
    return value;
}

/* `part` of the threads of a block becomes that of the block in thread 0. All threads come. */
__device__ __forceinline__ void add_parts(block_part *part)
{
    __shared__ double shared[3 * PLACES * WARPS];
    __shared__ float shared_least[2 * PLACES][WARPS];
    double sums[3 * PLACES];
    for (unsigned p = 0; p < PLACES; p++) {
        sums[p] = part->sum[p];
        sums[PLACES + p] = part->square[p];
        sums[2 * PLACES + p] = part->near[p];
        const float least = warp_least(part->least[p]), most = -warp_least(-part->most[p]);
        if (threadIdx.x % 32 != 0) continue;
        shared_least[p][threadIdx.x / 32] = least;
        shared_least[PLACES + p][threadIdx.x / 32] = most;
    }
    cuda_block_sums<3 * PLACES, THREADS>(sums, shared);
    if (threadIdx.x != 0) return;
    for (unsigned p = 0; p < PLACES; p++) {
        part->sum[p] = sums[p];
        part->square[p] = sums[PLACES + p];
        part->near[p] = sums[2 * PLACES + p];
        for (unsigned w = 0; w < WARPS; w++) {
            const float least = shared_least[p][w], most = shared_least[PLACES + p][w];
            part->least[p] = least < part->least[p] ? least : part->least[p];
            part->most[p] = most > part->most[p] ? most : part->most[p];
        }
    }
}

__device__ __forceinline__ block_part nothing()
{
    block_part part;
    for (unsigned p = 0; p < PLACES; p++) {
        part.sum[p] = part.square[p] = part.near[p] = 0;
        part.least[p] = INFINITY;
        part.most[p] = -INFINITY;
    }
    return part;
}

/* The block's share goes into the room; the last block makes the summaries of all. */
__device__ __forceinline__ void finish(block_part part, const std::uint32_t *total, std::size_t count,
                                       summary_room *room, icl_device_summary *three)
{
    const unsigned t = threadIdx.x;
    add_parts(&part);
    if (t == 0) room->part[blockIdx.x] = part;
    if (t < PLACES * BINS && total[t] != 0) atomicAdd(&room->histogram[t], static_cast<unsigned long long>(total[t]));
    if (!cuda_is_last_block(&room->arrived)) return;
    part = nothing();
    for (unsigned b = t; b < gridDim.x; b += THREADS)
        for (unsigned p = 0; p < PLACES; p++) {
            const block_part &other = room->part[b];
            part.sum[p] += other.sum[p];
            part.square[p] += other.square[p];
            part.near[p] += other.near[p];
            part.least[p] = other.least[p] < part.least[p] ? other.least[p] : part.least[p];
            part.most[p] = other.most[p] > part.most[p] ? other.most[p] : part.most[p];
        }
    add_parts(&part);
    if (t < PLACES * BINS) {
        three[t / BINS].histogram[t % BINS] = room->histogram[t];
        room->histogram[t] = 0;
    }
    if (t != 0) return;
    for (unsigned p = 0; p < PLACES; p++) {
        three[p].sum = part.sum[p];
        three[p].square = part.square[p];
        three[p].near = static_cast<std::uint64_t>(part.near[p]);
        three[p].count = count;
        three[p].least = static_cast<double>(part.least[p]);
        three[p].most = static_cast<double>(part.most[p]);
    }
}

template <class T, unsigned N, bool ALIGNED, bool RESIDUAL>
__global__ __launch_bounds__(THREADS) void summary_kernel(summary_call call, const T *__restrict__ x,
                                                          const T *__restrict__ add, const T *__restrict__ y,
                                                          summary_room *room, icl_device_summary *three)
{
    __shared__ std::uint32_t words[WORDS * THREADS], total[PLACES * BINS];
    __shared__ float first[BINS];
    for (unsigned w = 0; w < WORDS; w++)
        words[w * THREADS + threadIdx.x] = 0;
    if (threadIdx.x < PLACES * BINS) total[threadIdx.x] = 0;
    if (threadIdx.x < BINS) first[threadIdx.x] = call.floats.first[threadIdx.x];
    __syncthreads();
    counts seen = {{}, {}, {}, {INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}};
    const std::size_t step = cuda_grid_threads() * N, start = cuda_grid_thread() * N;
    const std::uint32_t channel_step = static_cast<std::uint32_t>(step % call.channels);
    std::uint32_t channel = static_cast<std::uint32_t>(start % call.channels);
    const std::size_t turns = (call.count + step - 1) / step; /* of every thread, so that all come to the barriers */
    std::size_t at = start;
    for (std::size_t turn = 0; turn < turns; turn++, at += step) {
        if (turn > 0 && turn % (MOST / N) == 0) add_counts(words, total);
        if (at < call.count) {
            float in[N], out[N], residual[N] = {};
            if (ALIGNED && at + N <= call.count) {
                cuda_load_wide(x + at, in);
                cuda_load_wide(y + at, out);
                if constexpr (RESIDUAL) cuda_load_wide(add + at, residual);
            } else {
                for (unsigned k = 0; k < N; k++) {
                    const bool there = at + k < call.count;
                    in[k] = there ? cuda_wide(x[at + k]) : 0;
                    out[k] = there ? cuda_wide(y[at + k]) : 0;
                    if constexpr (RESIDUAL) residual[k] = there ? cuda_wide(add[at + k]) : 0;
                }
            }
            std::uint32_t c = channel;
#pragma unroll
            for (unsigned k = 0; k < N; k++) {
                if (at + k >= call.count) break;
                const bool affine = call.norm == ICL_NORM_BEFORE;
                const icl_stage_values_f32 values =
                    icl_stage_values_of_f32(call.norm, &call.act, in[k], RESIDUAL, RESIDUAL ? residual[k] : 0,
                                            affine ? call.scale[c] : 1, affine ? call.shift[c] : 0);
                count_value(call, first, words, 0, in[k], &seen);
                count_value(call, first, words, 1, values.active, &seen);
                count_value(call, first, words, 2, out[k], &seen);
                c = c + 1 == call.channels ? 0 : c + 1;
            }
        }
        channel += channel_step;
        if (channel >= call.channels) channel -= call.channels;
    }
    add_counts(words, total);
    block_part part;
    for (unsigned p = 0; p < PLACES; p++) {
        part.sum[p] = seen.sum[p];
        part.square[p] = seen.square[p];
        part.near[p] = seen.near[p];
        part.least[p] = seen.least[p];
        part.most[p] = seen.most[p];
    }
    finish(part, total, call.count, room, three);
}

/* ---- on the host ---- */

/* Two turns a thread at least, where there are so many numbers. */
unsigned blocks_of(std::size_t count)
{
    return cuda_blocks((count + 7) / 8, THREADS, BLOCKS);
}

std::size_t summary_room_bytes(const icl_shape *)
{
    return sizeof(summary_room);
}

template <class T>
void launch(cuda_device *device, const icl_device_stage &stage, const summary_call &call, void *room,
            icl_device_summary *three)
{
    constexpr unsigned N = cuda_pack_size<T>;
    const bool residual = stage.norm != ICL_NORM_AFTER && stage.add != nullptr;
    const bool aligned = cuda_is_aligned(stage.x) && cuda_is_aligned(stage.add) && cuda_is_aligned(stage.y);
    const auto kernel = residual ? (aligned ? summary_kernel<T, N, true, true> : summary_kernel<T, N, false, true>)
                                 : (aligned ? summary_kernel<T, N, true, false> : summary_kernel<T, N, false, false>);
    cuda_launch(device, "summary", kernel, blocks_of(call.count), THREADS, 0, call, static_cast<const T *>(stage.x),
                static_cast<const T *>(stage.add), static_cast<const T *>(stage.y), static_cast<summary_room *>(room),
                three);
}

void summarise(icl_device *device, const icl_device_stage *stage, const icl_device_ranges *ranges, void *room,
               icl_device_summary *three)
{
    summary_call call = {};
    call.act = stage->act;
    call.norm = stage->norm;
    call.count = stage->shape.samples * stage->shape.positions * stage->shape.channels;
    call.channels = static_cast<std::uint32_t>(stage->shape.channels);
    call.scale = stage->scale;
    call.shift = stage->shift;
    call.floats = icl_histogram_floats_of(ranges->low, ranges->high, BINS, ranges->near_low, ranges->near_high);
    if (stage->storage == ICL_STORAGE_F32)
        launch<float>(cuda_of(device), *stage, call, room, three);
    else
        launch<icl_bf16>(cuda_of(device), *stage, call, room, three);
}
} // namespace

void cuda_table_summary(icl_device_layers *layers)
{
    layers->summary_room = summary_room_bytes;
    layers->summarise = summarise;
}
