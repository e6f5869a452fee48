/* Batch norms: one pass over the rows, whose last block ends the work. Sums in double, in an order that depends on the
 * shape alone. */
#include <type_traits>

#include "kernels/cuda/activation.h"
#include "kernels/cuda/sums.h"
#include "kernels/shared/norm.h"

namespace
{
constexpr unsigned THREADS = 512, MOST_BLOCKS = 264, ROWS_AHEAD = 4, STRIP = 32 /* channels */;

/* How a block's threads lie over rows and channels: `across` threads of N channels each beside one another, `down`
 * rows. grid.x walks over the rows, grid.y over strips of channels. Narrow strips keep short what the last block of
 * each has to add: at most MOST_BLOCKS x STRIP pairs for all strips together, or one pair a channel. */
struct layout {
    unsigned across, down, blocks, strips;
};

layout layout_of(std::size_t rows, std::size_t channels, unsigned n)
{
    layout l{};
    const unsigned vectors = static_cast<unsigned>(channels / n), most = STRIP / n;
    l.across = vectors < most ? vectors : most;
    l.strips = (vectors + l.across - 1) / l.across;
    l.down = THREADS / l.across;
    const std::size_t each = static_cast<std::size_t>(l.down) * ROWS_AHEAD;
    const std::size_t blocks = (rows + each - 1) / each;
    const unsigned limit = l.strips < MOST_BLOCKS ? MOST_BLOCKS / l.strips : 1;
    l.blocks = blocks < limit ? static_cast<unsigned>(blocks) : limit;
    return l;
}

/* The room: counters of the strips first, then a pair of partial sums a channel and block. */
constexpr std::size_t COUNTERS = 4096;

std::size_t norm_room(const icl_shape *shape)
{
    constexpr std::size_t narrow = static_cast<std::size_t>(MOST_BLOCKS) * STRIP;
    const std::size_t pairs = shape->channels > narrow ? shape->channels : narrow;
    return COUNTERS * sizeof(unsigned) + pairs * 2 * sizeof(double);
}

/* What the last block does with the sums of a channel. */
struct finish_forward {
    icl_device_norm norm;
    double rows;
    __device__ __forceinline__ void operator()(unsigned c, double sum, double square) const
    {
        double mean, variance;
        icl_norm_moments(sum, square, rows, &mean, &variance);
        norm.mean[c] = mean;
        norm.variance[c] = variance;
        if (norm.moves)
            icl_norm_move(mean, variance, rows, norm.momentum, &norm.running_mean[c], &norm.running_variance[c]);
        icl_norm_coefficients(mean, variance, static_cast<double>(norm.gamma[c]), static_cast<double>(norm.beta[c]),
                              norm.epsilon, &norm.scale[c], &norm.shift[c]);
    }
};

struct finish_backward {
    icl_device_norm norm;
    double rows;
    unsigned channels;
    __device__ __forceinline__ void operator()(unsigned c, double sum, double product) const
    {
        float k[3];
        icl_norm_gradients(sum, product, norm.mean[c], norm.variance[c], norm.epsilon, norm.scale[c], rows,
                           &norm.dgamma[c], &norm.dbeta[c], k);
        for (unsigned i = 0; i < 3; i++)
            norm.slope[i * channels + c] = k[i];
    }
};

/* sum[2 k] += a, sum[2 k + 1] += a b for the N elements at `e`: forward a = b = n, backward a = dz, b = n. */
template <class T, int NORM, int GATE, int N, bool BACKWARD> struct terms {
    const cuda_stage<T> &a;
    const icl_gates &gates;
    float scale[N], shift[N];

    __device__ __forceinline__ terms(const cuda_stage<T> &a_, const icl_gates &gates_, unsigned channel)
        : a(a_), gates(gates_)
    {
        if (BACKWARD && NORM == ICL_NORM_BEFORE) {
#pragma unroll
            for (int k = 0; k < N; k++) {
                scale[k] = a.scale[channel + static_cast<unsigned>(k)];
                shift[k] = a.shift[channel + static_cast<unsigned>(k)];
            }
        }
    }

    __device__ __forceinline__ void add(std::size_t e, const float (&x)[N], const float (&dy)[N],
                                        double (&sum)[2 * N]) const
    {
        constexpr icl_norm_place norm = static_cast<icl_norm_place>(NORM);
        float residual[N] = {}, dtap[N] = {};
        unsigned bits = 0;
        if (BACKWARD) {
            if (NORM != ICL_NORM_AFTER && a.add != nullptr) cuda_load_wide(a.add + e, residual);
            if (a.dtap != nullptr) cuda_load_wide(a.dtap + e, dtap);
            if (GATE == CUDA_GATE_BITS) bits = static_cast<unsigned>(a.bits[e / 8]) >> (e % 8);
        }
#pragma unroll
        for (int k = 0; k < N; k++) {
            float first = icl_normed_f32(norm, &a.act, x[k]);
            const float second = first;
            if (BACKWARD) {
                float factor = 1.0F;
                if (GATE == CUDA_GATE_BITS) factor = (bits >> k & 1) != 0 ? a.open : 0.0F;
                if (GATE == CUDA_GATE_WORD || GATE == CUDA_GATE_ANY)
                    factor = static_cast<float>(icl_gate_factor(&gates, e + static_cast<unsigned>(k)));
                const icl_stage_values_f32 v = icl_stage_values_of_f32(
                    norm, &a.act, x[k], a.add != nullptr, residual[k], NORM == ICL_NORM_BEFORE ? scale[k] : 0.0F,
                    NORM == ICL_NORM_BEFORE ? shift[k] : 0.0F);
                first = icl_stage_dz_f32(norm, &a.act, a.tap, v.argument, dy[k], GATE != CUDA_GATE_NONE, factor,
                                         a.dtap != nullptr, dtap[k]);
            }
            sum[2 * k] += static_cast<double>(first);
            sum[2 * k + 1] += static_cast<double>(first) * static_cast<double>(second);
        }
    }
};

/* Adds the rows of a block's threads, row by row of threads: `room` has 2 N doubles a thread. */
template <int N>
__device__ void add_block(double (&sum)[2 * N], double *room, unsigned across, unsigned down, bool works)
{
    const unsigned row = threadIdx.x / across;
    double *const mine = room + static_cast<std::size_t>(threadIdx.x);
#pragma unroll
    for (int k = 0; k < 2 * N; k++)
        if (works) mine[static_cast<unsigned>(k) * THREADS] = sum[k];
    for (unsigned left = down; left > 1;) {
        const unsigned half = (left + 1) / 2;
        __syncthreads();
        if (works && row + half < left) {
#pragma unroll
            for (int k = 0; k < 2 * N; k++)
                mine[static_cast<unsigned>(k) * THREADS] += mine[static_cast<unsigned>(k) * THREADS + half * across];
        }
        left = half;
    }
    __syncthreads();
}

template <class T, int NORM, int GATE, int N, bool BACKWARD, class Finish>
__global__ __launch_bounds__(THREADS) void norm_kernel(cuda_stage<T> a, std::size_t rows, unsigned across,
                                                       unsigned down, unsigned *counters, double *partial,
                                                       Finish finish)
{
    __shared__ double room[2 * N * THREADS];
    const icl_gates gates = cuda_gates_now(a.gates, a.now);
    const unsigned vectors = a.channels / N;
    const unsigned column = threadIdx.x % across, row = threadIdx.x / across;
    const unsigned vector = blockIdx.y * across + column;
    const bool works = row < down && vector < vectors;
    const unsigned channel = vector * N;
    double sum[2 * N];
#pragma unroll
    for (int k = 0; k < 2 * N; k++)
        sum[k] = 0.0;
    if (works) {
        const terms<T, NORM, GATE, N, BACKWARD> own(a, gates, channel);
        const std::size_t step = static_cast<std::size_t>(gridDim.x) * down;
        std::size_t r = static_cast<std::size_t>(blockIdx.x) * down + row;
        for (; r + (ROWS_AHEAD - 1) * step < rows; r += ROWS_AHEAD * step) {
            float x[ROWS_AHEAD][N], dy[ROWS_AHEAD][N];
#pragma unroll
            for (unsigned ahead = 0; ahead < ROWS_AHEAD; ahead++) {
                const std::size_t e = (r + ahead * step) * a.channels + channel;
                cuda_load_wide(a.x + e, x[ahead]);
                if (BACKWARD) cuda_load_wide(a.dy + e, dy[ahead]);
            }
#pragma unroll
            for (unsigned ahead = 0; ahead < ROWS_AHEAD; ahead++)
                own.add((r + ahead * step) * a.channels + channel, x[ahead], dy[ahead], sum);
        }
        for (; r < rows; r += step) {
            float x[N], dy[N];
            const std::size_t e = r * a.channels + channel;
            cuda_load_wide(a.x + e, x);
            if (BACKWARD) cuda_load_wide(a.dy + e, dy);
            own.add(e, x, dy, sum);
        }
    }
    add_block<N>(sum, room, across, down, works);

    /* The block's own sums; then whoever comes last adds those of all blocks, in their order. */
    double *const strip = partial + static_cast<std::size_t>(2) * a.channels * blockIdx.x;
    if (works && row == 0) {
#pragma unroll
        for (int k = 0; k < 2 * N; k++)
            strip[2 * channel + static_cast<unsigned>(k)] = room[static_cast<unsigned>(k) * THREADS + threadIdx.x];
    }
    if (!cuda_is_last_block(&counters[blockIdx.y])) return;

    /* Threads beside one another take channels, threads below one another shares of the blocks. */
    const unsigned first_channel = blockIdx.y * across * N;
    const unsigned mine = a.channels - first_channel < across * N ? a.channels - first_channel : across * N;
    const unsigned side = mine < THREADS ? mine : THREADS, shares = THREADS / side;
    const unsigned share = threadIdx.x / side, each = (gridDim.x + shares - 1) / shares;
    for (unsigned begin = 0; begin < mine; begin += side) {
        const unsigned c = begin + threadIdx.x % side;
        const bool takes = share < shares && c < mine;
        double both[2] = {0.0, 0.0};
        for (unsigned b = share * each; takes && b < (share + 1) * each && b < gridDim.x; b++) {
            const double2 pair = *reinterpret_cast<const double2 *>(
                partial + static_cast<std::size_t>(2) * (static_cast<std::size_t>(a.channels) * b + first_channel + c));
            both[0] += pair.x;
            both[1] += pair.y;
        }
        __syncthreads();
        if (takes) {
            room[threadIdx.x] = both[0];
            room[THREADS + threadIdx.x] = both[1];
        }
        __syncthreads();
        if (share != 0 || c >= mine) continue;
        for (unsigned s = 1; s < shares; s++) {
            both[0] += room[s * side + threadIdx.x];
            both[1] += room[THREADS + s * side + threadIdx.x];
        }
        finish(first_channel + c, both[0], both[1]);
    }
}

template <class T, int NORM, int GATE, int N, bool BACKWARD, class Finish>
void launch_norm(cuda_device *device, const char *name, const cuda_stage<T> &a, double *room, const Finish &finish)
{
    const std::size_t rows = a.count / a.channels;
    const layout l = layout_of(rows, a.channels, N);
    if (l.strips > COUNTERS) {
        cuda_note_text(device, ICL_ERR_USAGE, "a norm of more channels than there is room for");
        return;
    }
    unsigned *counters = reinterpret_cast<unsigned *>(room);
    double *partial = room + COUNTERS * sizeof(unsigned) / sizeof(double);
    cuda_launch(device, name, norm_kernel<T, NORM, GATE, N, BACKWARD, Finish>, dim3(l.blocks, l.strips), THREADS, 0, a,
                rows, l.across, l.down, counters, partial, finish);
}

void norm_forward(icl_device *base, const icl_device_stage *stage, const icl_device_norm *norm)
{
    cuda_device *device = cuda_of(base);
    if (!cuda_stage_fits(device, &stage->shape) || stage->norm == ICL_NORM_ABSENT) return;
    const finish_forward finish{*norm, static_cast<double>(stage->shape.samples * stage->shape.positions)};
    cuda_with_stage(stage, CUDA_GATE_NONE, [=](const auto &a, auto place, auto gate) {
        typedef std::remove_pointer_t<decltype(a.y)> T;
        if constexpr (gate() == CUDA_GATE_NONE && place() != ICL_NORM_ABSENT) {
            if (a.wide_data && a.channels % 4 == 0)
                launch_norm<T, place(), CUDA_GATE_NONE, 4, false>(device, "norm_forward", a, norm->partial, finish);
            else
                launch_norm<T, place(), CUDA_GATE_NONE, 1, false>(device, "norm_forward", a, norm->partial, finish);
        }
    });
}

void norm_backward(icl_device *base, const icl_device_stage *stage, const icl_device_norm *norm)
{
    cuda_device *device = cuda_of(base);
    if (!cuda_stage_fits(device, &stage->shape) || stage->norm == ICL_NORM_ABSENT) return;
    const finish_backward finish{*norm, static_cast<double>(stage->shape.samples * stage->shape.positions),
                                 static_cast<unsigned>(stage->shape.channels)};
    cuda_with_stage(stage, cuda_gates_backward(stage), [=](const auto &a, auto place, auto gate) {
        typedef std::remove_pointer_t<decltype(a.y)> T;
        if constexpr (place() != ICL_NORM_ABSENT) {
            if (a.wide_data && a.channels % 4 == 0)
                launch_norm<T, place(), gate(), 4, true>(device, "norm_backward", a, norm->partial, finish);
            else
                launch_norm<T, place(), gate(), 1, true>(device, "norm_backward", a, norm->partial, finish);
        }
    });
}

__global__ void running_kernel(unsigned channels, icl_device_norm norm)
{
    const std::size_t c = cuda_grid_thread();
    if (c >= channels) return;
    icl_norm_coefficients(norm.running_mean[c], norm.running_variance[c], static_cast<double>(norm.gamma[c]),
                          static_cast<double>(norm.beta[c]), norm.epsilon, &norm.scale[c], &norm.shift[c]);
}

void norm_running(icl_device *base, std::size_t channels, const icl_device_norm *norm)
{
    cuda_launch(cuda_of(base), "norm_running", running_kernel, static_cast<unsigned>((channels + 255) / 256), 256, 0,
                static_cast<unsigned>(channels), *norm);
}
} // namespace

void cuda_table_norm(icl_device_kernels *table)
{
    table->layers.norm_room = norm_room;
    table->layers.norm_forward = norm_forward;
    table->layers.norm_running = norm_running;
    table->layers.norm_backward = norm_backward;
}
