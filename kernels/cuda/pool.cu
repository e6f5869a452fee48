/* Pools: a thread has a pack of channels of one pixel. Ways back gather from the windows that cover a pixel, in the
 * order in which the reference adds them. */
#include "kernels/cuda/network.h"
#include "kernels/cuda/pack.h"
#include "kernels/shared/pool.h"

namespace
{
constexpr unsigned THREADS = 256;
/* With fewer packs than this, single numbers keep more threads busy. */
constexpr std::size_t FEW_PACKS = 1 << 16;

/* The pools of some images, few enough for 31 bits. */
struct pool_call {
    std::uint32_t height, width, channels, window, stride, padding, out_height, out_width;
    icl_divider groups, columns, rows, stride_by; /* packs of a pixel, then the side that is walked over */
    std::uint32_t threads;
};

/* What a thread has to do. */
struct pool_place {
    std::uint32_t image, row, column, channel;
};

template <unsigned N> __device__ __forceinline__ bool find_place(const pool_call &call, pool_place *place)
{
    const std::uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x;
    if (thread >= call.threads) return false;
    std::uint32_t group;
    const std::uint32_t pixel = icl_divide(call.groups, thread, &group);
    const std::uint32_t line = icl_divide(call.columns, pixel, &place->column);
    place->image = icl_divide(call.rows, line, &place->row);
    place->channel = group * N;
    return true;
}

/* A window of one output: its rows and columns inside the image, and the element at which they begin. */
struct pool_window {
    icl_pool_places rows, columns;
    std::uint32_t corner;
};

__device__ __forceinline__ pool_window find_window(const pool_call &call, std::uint32_t image, std::uint32_t out_row,
                                                   std::uint32_t out_column)
{
    pool_window w;
    w.rows = icl_pool_span(out_row, call.window, call.stride, call.padding, call.height);
    w.columns = icl_pool_span(out_column, call.window, call.stride, call.padding, call.width);
    const std::uint32_t row = out_row * call.stride + w.rows.first - call.padding;
    const std::uint32_t column = out_column * call.stride + w.columns.first - call.padding;
    w.corner = ((image * call.height + row) * call.width + column) * call.channels;
    return w;
}

__device__ __forceinline__ std::uint32_t output_at(const pool_call &call, std::uint32_t image, std::uint32_t row,
                                                   std::uint32_t column, std::uint32_t channel)
{
    return ((image * call.out_height + row) * call.out_width + column) * call.channels + channel;
}

template <class T, unsigned N>
__global__ __launch_bounds__(THREADS) void max_forward(pool_call call, const T *__restrict__ x, T *__restrict__ y,
                                                       std::uint8_t *__restrict__ where)
{
    pool_place place;
    if (!find_place<N>(call, &place)) return;
    const pool_window window = find_window(call, place.image, place.row, place.column);
    const T *line = x + window.corner + place.channel;
    float best[N];
    cuda_pack<std::uint8_t, N> at;
    cuda_load_wide(line, best);
    for (unsigned k = 0; k < N; k++)
        at.at[k] = static_cast<std::uint8_t>(window.rows.first * call.window + window.columns.first);
    for (std::uint32_t ky = window.rows.first; ky < window.rows.end; ky++, line += call.width * call.channels) {
        const T *pixel = line;
        for (std::uint32_t kx = window.columns.first; kx < window.columns.end; kx++, pixel += call.channels) {
            float value[N];
            cuda_load_wide(pixel, value);
            for (unsigned k = 0; k < N; k++) {
                const bool more = ICL_POOL_IS_MORE(value[k], best[k]);
                best[k] = more ? value[k] : best[k];
                at.at[k] = more ? static_cast<std::uint8_t>(ky * call.window + kx) : at.at[k];
            }
        }
    }
    const std::uint32_t out = output_at(call, place.image, place.row, place.column, place.channel);
    cuda_store_narrow(y + out, best);
    if (where != nullptr) *reinterpret_cast<cuda_pack<std::uint8_t, N> *>(where + out) = at;
}

template <class T, unsigned N>
__global__ __launch_bounds__(THREADS) void average_forward(pool_call call, const T *__restrict__ x, T *__restrict__ y)
{
    pool_place place;
    if (!find_place<N>(call, &place)) return;
    const pool_window window = find_window(call, place.image, place.row, place.column);
    const std::uint32_t rows = window.rows.end - window.rows.first, columns = window.columns.end - window.columns.first;
    const T *line = x + window.corner + place.channel;
    float sum[N] = {};
    for (std::uint32_t r = 0; r < rows; r++, line += call.width * call.channels)
        for (std::uint32_t c = 0; c < columns; c++) {
            float value[N];
            cuda_load_wide(line + c * call.channels, value);
            for (unsigned k = 0; k < N; k++)
                sum[k] += value[k];
        }
    const float count = static_cast<float>(rows * columns);
    for (unsigned k = 0; k < N; k++)
        sum[k] /= count;
    cuda_store_narrow(y + output_at(call, place.image, place.row, place.column, place.channel), sum);
}

/* The gradient that the pixel at `place` gets through all windows that cover it. */
template <bool MAXIMUM, class T, unsigned N>
__device__ __forceinline__ void gather(const pool_call &call, const pool_place &place, const T *__restrict__ dy,
                                       const std::uint8_t *__restrict__ where, float (&sum)[N])
{
    const icl_pool_places rows = icl_pool_cover(place.row, call.window, call.stride_by, call.padding, call.out_height);
    const icl_pool_places columns =
        icl_pool_cover(place.column, call.window, call.stride_by, call.padding, call.out_width);
    for (std::uint32_t row = rows.first; row < rows.end; row++)
        for (std::uint32_t column = columns.first; column < columns.end; column++) {
            const std::uint32_t out = output_at(call, place.image, row, column, place.channel);
            float gradient[N];
            cuda_load_wide(dy + out, gradient);
            if constexpr (MAXIMUM) {
                const cuda_pack<std::uint8_t, N> at = cuda_load<N>(where + out);
                const std::uint32_t here = (place.row + call.padding - row * call.stride) * call.window +
                                           (place.column + call.padding - column * call.stride);
                for (unsigned k = 0; k < N; k++)
                    sum[k] += at.at[k] == here ? gradient[k] : 0;
            } else {
                const pool_window window = find_window(call, place.image, row, column);
                const float count = static_cast<float>((window.rows.end - window.rows.first) *
                                                       (window.columns.end - window.columns.first));
                for (unsigned k = 0; k < N; k++)
                    sum[k] += gradient[k] / count;
            }
        }
}

template <bool MAXIMUM, class T, unsigned N>
__global__ __launch_bounds__(THREADS) void backward(pool_call call, const T *__restrict__ dy,
                                                    const std::uint8_t *__restrict__ where, T *__restrict__ dx,
                                                    bool add)
{
    pool_place place;
    if (!find_place<N>(call, &place)) return;
    T *to = dx + ((place.image * call.height + place.row) * call.width + place.column) * call.channels + place.channel;
    float sum[N] = {};
    gather<MAXIMUM>(call, place, dy, where, sum);
    if (add) {
        float before[N];
        cuda_load_wide(to, before);
        for (unsigned k = 0; k < N; k++)
            sum[k] = before[k] + sum[k];
    }
    cuda_store_narrow(to, sum);
}

/* ---- on the host ---- */

/* What a pool is asked for. */
struct request {
    const icl_pool_shape *shape;
    std::size_t images;
    const void *from; /* x, or dy */
    void *to;         /* y, or dx */
    std::uint8_t *where;
    bool back, maximum, add;
};

template <class T, unsigned N>
void launch(cuda_device *device, const request &r, const pool_call &call, const T *from, T *to, std::uint8_t *where)
{
    const unsigned blocks = (call.threads + THREADS - 1) / THREADS;
    if (r.back && r.maximum)
        cuda_launch(device, "maximum pool backward", backward<true, T, N>, blocks, THREADS, 0, call, from, where, to,
                    r.add);
    else if (r.back)
        cuda_launch(device, "average pool backward", backward<false, T, N>, blocks, THREADS, 0, call, from, nullptr, to,
                    r.add);
    else if (r.maximum)
        cuda_launch(device, "maximum pool", max_forward<T, N>, blocks, THREADS, 0, call, from, to, where);
    else
        cuda_launch(device, "average pool", average_forward<T, N>, blocks, THREADS, 0, call, from, to);
}

template <class T, unsigned N> void in_packs(cuda_device *device, const request &r)
{
    const icl_pool_shape *s = r.shape;
    const std::size_t inside = s->height * s->width * s->channels, outside = s->out_height * s->out_width * s->channels;
    const std::size_t larger = inside > outside ? inside : outside;
    const std::size_t fit = (std::size_t{1} << 31) / larger, most = fit == 0 ? 1 : fit;
    const auto narrow = [](std::size_t value) { return static_cast<std::uint32_t>(value); };
    pool_call call = {narrow(s->height),
                      narrow(s->width),
                      narrow(s->channels),
                      narrow(s->window),
                      narrow(s->stride),
                      narrow(s->padding),
                      narrow(s->out_height),
                      narrow(s->out_width),
                      icl_divider_of(narrow(s->channels / N)),
                      icl_divider_of(narrow(r.back ? s->width : s->out_width)),
                      icl_divider_of(narrow(r.back ? s->height : s->out_height)),
                      icl_divider_of(narrow(s->stride)),
                      0};
    for (std::size_t first = 0; first < r.images; first += most) {
        const std::size_t images = r.images - first < most ? r.images - first : most;
        call.threads = narrow(images * (r.back ? inside : outside) / N);
        launch<T, N>(device, r, call, static_cast<const T *>(r.from) + first * (r.back ? outside : inside),
                     static_cast<T *>(r.to) + first * (r.back ? inside : outside),
                     r.where == nullptr ? nullptr : r.where + first * outside);
    }
}

template <class T> void pool(cuda_device *device, const request &r)
{
    constexpr unsigned N = cuda_pack_size<T>;
    const std::size_t pixels = r.back ? r.shape->height * r.shape->width : r.shape->out_height * r.shape->out_width;
    const bool wide = r.shape->channels % N == 0 && r.images * pixels * (r.shape->channels / N) >= FEW_PACKS &&
                      cuda_is_aligned(r.from) && cuda_is_aligned(r.to) && cuda_is_aligned(r.where);
    if (wide)
        in_packs<T, N>(device, r);
    else
        in_packs<T, 1>(device, r);
}

void dispatch(icl_device *device, icl_storage storage, const request &r)
{
    if (r.images == 0) return;
    if (storage == ICL_STORAGE_F32)
        pool<float>(cuda_of(device), r);
    else
        pool<icl_bf16>(cuda_of(device), r);
}

void max_pool_forward(icl_device *device, icl_storage storage, const icl_pool_shape *shape, std::size_t images,
                      const void *x, void *y, std::uint8_t *where)
{
    dispatch(device, storage, {shape, images, x, y, where, false, true, false});
}

void max_pool_backward(icl_device *device, icl_storage storage, const icl_pool_shape *shape, std::size_t images,
                       const void *dy, const std::uint8_t *where, void *dx, bool add)
{
    dispatch(device, storage, {shape, images, dy, dx, const_cast<std::uint8_t *>(where), true, true, add});
}

void average_pool_forward(icl_device *device, icl_storage storage, const icl_pool_shape *shape, std::size_t images,
                          const void *x, void *y)
{
    dispatch(device, storage, {shape, images, x, y, nullptr, false, false, false});
}

void average_pool_backward(icl_device *device, icl_storage storage, const icl_pool_shape *shape, std::size_t images,
                           const void *dy, void *dx, bool add)
{
    dispatch(device, storage, {shape, images, dy, dx, nullptr, true, false, add});
}
} // namespace

void cuda_table_pool(icl_device_layers *layers)
{
    layers->max_pool_forward = max_pool_forward;
    layers->max_pool_backward = max_pool_backward;
    layers->average_pool_forward = average_pool_forward;
    layers->average_pool_backward = average_pool_backward;
}
