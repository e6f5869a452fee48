/* Norms and steps of optimisers: one pass over the parameters, squares added in double (kernels/cuda/sums.h). */
#include "kernels/cuda/network.h"
#include "kernels/cuda/pack.h"
#include "kernels/cuda/sums.h"

#define ICL_REAL        float
#define ICL_TYPED(name) name##_f32
#define ICL_SQRT        sqrtf
#include "kernels/shared/optimiser.h"

namespace
{
constexpr unsigned THREADS = 256, N = 4, BLOCKS = 1024;

/* What `room` holds: the squares of each block. */
struct sum_room {
    std::uint32_t arrived, unused;
    double partial[BLOCKS];
};

unsigned blocks_of(std::size_t count)
{
    return cuda_blocks((count + N - 1) / N, THREADS, BLOCKS);
}

/* Numbers first .. first+3, or those of them before `count`. */
template <bool ALIGNED>
__device__ __forceinline__ void read(const float *from, std::size_t first, std::size_t count, float (&to)[N])
{
    if (ALIGNED && first + N <= count) {
        cuda_load_wide(from + first, to);
        return;
    }
    for (unsigned k = 0; k < N; k++)
        to[k] = first + k < count ? from[first + k] : 0;
}

template <bool ALIGNED>
__device__ __forceinline__ void write(float *to, std::size_t first, std::size_t count, const float (&from)[N])
{
    if (ALIGNED && first + N <= count) {
        cuda_store_narrow(to + first, from);
        return;
    }
    for (unsigned k = 0; k < N; k++)
        if (first + k < count) to[first + k] = from[k];
}

/* The root of the sum over the grid, in every thread of the block that ends last; false in the others. */
__device__ __forceinline__ bool finish_norm(double sum, sum_room *room, double *norm)
{
    __shared__ double shared[THREADS / 32];
    double value[1] = {sum};
    cuda_block_sums<1, THREADS>(value, shared);
    if (threadIdx.x == 0) room->partial[blockIdx.x] = value[0];
    if (!cuda_is_last_block(&room->arrived)) return false;
    value[0] = 0;
    for (unsigned b = threadIdx.x; b < gridDim.x; b += THREADS)
        value[0] += room->partial[b];
    cuda_block_sums<1, THREADS>(value, shared);
    *norm = sqrt(value[0]);
    return threadIdx.x == 0;
}

__device__ __forceinline__ bool is_finite(double value)
{
    return value - value == 0;
}

template <bool ALIGNED>
__global__ __launch_bounds__(THREADS) void norm_kernel(const float *__restrict__ gradient, std::size_t count,
                                                       sum_room *room, icl_device_outcome *current)
{
    double sum = 0;
    const std::size_t step = cuda_grid_threads() * N;
#pragma unroll 4
    for (std::size_t i = cuda_grid_thread() * N; i < count; i += step) {
        float g[N];
        read<ALIGNED>(gradient, i, count, g);
        for (unsigned k = 0; k < N; k++)
            sum = cuda_add_square(sum, static_cast<double>(g[k]));
    }
    double norm;
    if (!finish_norm(sum, room, &norm)) return;
    current->gradient_norm = norm;
    if (!is_finite(norm) || !is_finite(current->loss)) current->diverged = 1;
}

/* What a step works on, without gaps: the emulated device looks at every word of an argument for stray pointers. */
struct update_call {
    double decay, beta2, epsilon;
    const float *gradient;
    float *first, *second, *weights;
    std::size_t count, decoupled;
};

/* The optimisers. Each changes the weights w and its state from the gradient. */
enum class rule { SGD, MOMENTUM, ADAM };

template <rule RULE>
__device__ __forceinline__ void change(const icl_step_factors_f32 &factors, const float (&g)[N], float (&first)[N],
                                       float (&second)[N], float (&w)[N])
{
    for (unsigned k = 0; k < N; k++)
        w[k] = RULE == rule::ADAM       ? icl_adam_element_f32(&factors, g[k], &first[k], &second[k], w[k])
               : RULE == rule::MOMENTUM ? icl_sgd_element_f32(&factors, g[k], &first[k], w[k])
                                        : icl_sgd_plain_f32(&factors, g[k], w[k]);
}

template <rule RULE>
__device__ __forceinline__ icl_step_factors_f32 factors_of(const update_call &update, const icl_device_step *now)
{
    icl_update_f32 numbers;
    numbers.rate = now->rate;
    numbers.momentum = now->momentum;
    numbers.decay = update.decay;
    numbers.decoupled = update.decoupled != 0;
    numbers.beta2 = update.beta2;
    numbers.epsilon = update.epsilon;
    numbers.correction1 = now->correction1;
    numbers.correction2 = now->correction2;
    return RULE == rule::ADAM ? icl_adam_factors_f32(&numbers) : icl_sgd_factors_f32(&numbers);
}

template <rule RULE, bool ALIGNED>
__global__ __launch_bounds__(THREADS) void update_kernel(update_call update, const icl_device_step *now, sum_room *room,
                                                         icl_device_outcome *current)
{
    __shared__ icl_step_factors_f32 shared_factors;
    __shared__ bool shared_skip;
    if (threadIdx.x == 0) {
        shared_factors = factors_of<RULE>(update, now);
        shared_skip = current->diverged != 0;
    }
    __syncthreads();
    const icl_step_factors_f32 factors = shared_factors;
    const bool skip = shared_skip;
    const std::size_t count = update.count, step = cuda_grid_threads() * N;
    double sum = 0;
#pragma unroll 2
    for (std::size_t i = cuda_grid_thread() * N; i < count; i += step) {
        float g[N], w[N], first[N] = {}, second[N] = {};
        read<ALIGNED>(update.weights, i, count, w);
        if (!skip) {
            read<ALIGNED>(update.gradient, i, count, g);
            if constexpr (RULE != rule::SGD) read<ALIGNED>(update.first, i, count, first);
            if constexpr (RULE == rule::ADAM) read<ALIGNED>(update.second, i, count, second);
            change<RULE>(factors, g, first, second, w);
            write<ALIGNED>(update.weights, i, count, w);
            if constexpr (RULE != rule::SGD) write<ALIGNED>(update.first, i, count, first);
            if constexpr (RULE == rule::ADAM) write<ALIGNED>(update.second, i, count, second);
        }
        for (unsigned k = 0; k < N; k++)
            sum = i + k < count ? cuda_add_square(sum, static_cast<double>(w[k])) : sum;
    }
    double norm;
    if (!finish_norm(sum, room, &norm)) return;
    current->weight_norm = norm;
    if (!is_finite(norm)) current->diverged = 1;
}

/* ---- on the host ---- */

std::size_t update_room(std::size_t)
{
    return sizeof(sum_room);
}

void gradient_norm(icl_device *device, const float *gradient, std::size_t count, void *room,
                   icl_device_outcome *current)
{
    const auto kernel = cuda_is_aligned(gradient) ? norm_kernel<true> : norm_kernel<false>;
    cuda_launch(cuda_of(device), "gradient norm", kernel, blocks_of(count), THREADS, 0, gradient, count,
                static_cast<sum_room *>(room), current);
}

template <rule RULE>
void launch(cuda_device *device, const icl_device_update &update, const icl_device_step *now, void *room,
            icl_device_outcome *current)
{
    const update_call call = {update.decay,  update.beta2,   update.epsilon, update.gradient,           update.first,
                              update.second, update.weights, update.count,   update.decoupled ? 1U : 0U};
    const bool aligned = cuda_is_aligned(update.gradient) && cuda_is_aligned(update.weights) &&
                         cuda_is_aligned(update.first) && cuda_is_aligned(update.second);
    const auto kernel = aligned ? update_kernel<RULE, true> : update_kernel<RULE, false>;
    cuda_launch(device, "update", kernel, blocks_of(update.count), THREADS, 0, call, now, static_cast<sum_room *>(room),
                current);
}

void update(icl_device *device, const icl_device_update *update, const icl_device_step *now, void *room,
            icl_device_outcome *current)
{
    if (update->adam)
        launch<rule::ADAM>(cuda_of(device), *update, now, room, current);
    else if (update->first != nullptr)
        launch<rule::MOMENTUM>(cuda_of(device), *update, now, room, current);
    else
        launch<rule::SGD>(cuda_of(device), *update, now, room, current);
}
} // namespace

void cuda_table_optimise(icl_device_layers *layers)
{
    layers->update_room = update_room;
    layers->gradient_norm = gradient_norm;
    layers->update = update;
}
