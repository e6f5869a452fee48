/* Sums of two arrays, and changes of storage. A thread has PACKS packs, a block's length of packs apart. */
#include "kernels/cuda/network.h"
#include "kernels/cuda/pack.h"

namespace
{
constexpr unsigned THREADS = 256, PACKS = 4;

/* y may be a or b: every number is read before it is written, by the same thread. */
template <class T, unsigned N>
__global__ __launch_bounds__(THREADS) void add_kernel(const T *a, const T *b, std::size_t count, T *y)
{
    const std::size_t first = (static_cast<std::size_t>(blockIdx.x) * PACKS * THREADS + threadIdx.x) * N;
    constexpr std::size_t stride = std::size_t{THREADS} * N;
    cuda_pack<T, N> one[PACKS], other[PACKS];
#pragma unroll
    for (unsigned p = 0; p < PACKS; p++) {
        const std::size_t at = first + p * stride;
        if (at + N > count) continue;
        one[p] = cuda_load<N>(a + at);
        other[p] = cuda_load<N>(b + at);
    }
#pragma unroll
    for (unsigned p = 0; p < PACKS; p++) {
        const std::size_t at = first + p * stride;
        if (at + N <= count) {
            float sum[N];
            for (unsigned k = 0; k < N; k++)
                sum[k] = cuda_wide(one[p].at[k]) + cuda_wide(other[p].at[k]);
            cuda_store_narrow(y + at, sum);
        } else {
            for (std::size_t i = at; i < count; i++)
                y[i] = cuda_narrow<T>::of(cuda_wide(a[i]) + cuda_wide(b[i]));
        }
    }
}

template <class From, class To, unsigned N>
__global__ __launch_bounds__(THREADS) void convert_kernel(const From *__restrict__ in, std::size_t count,
                                                          To *__restrict__ out)
{
    const std::size_t first = (static_cast<std::size_t>(blockIdx.x) * PACKS * THREADS + threadIdx.x) * N;
    constexpr std::size_t stride = std::size_t{THREADS} * N;
    float value[PACKS][N];
#pragma unroll
    for (unsigned p = 0; p < PACKS; p++)
        if (first + p * stride + N <= count) cuda_load_wide(in + first + p * stride, value[p]);
#pragma unroll
    for (unsigned p = 0; p < PACKS; p++) {
        const std::size_t at = first + p * stride;
        if (at + N <= count)
            cuda_store_narrow(out + at, value[p]);
        else
            for (std::size_t i = at; i < count; i++)
                out[i] = cuda_narrow<To>::of(cuda_wide(in[i]));
    }
}

unsigned blocks_of(std::size_t count, unsigned n)
{
    const std::size_t block = std::size_t{THREADS} * PACKS * n;
    return static_cast<unsigned>((count + block - 1) / block);
}

template <class T> void add_typed(cuda_device *device, const T *a, const T *b, std::size_t count, T *y)
{
    constexpr unsigned N = cuda_pack_size<T>;
    if (cuda_is_aligned(a) && cuda_is_aligned(b) && cuda_is_aligned(y))
        cuda_launch(device, "add", add_kernel<T, N>, blocks_of(count, N), THREADS, 0, a, b, count, y);
    else
        cuda_launch(device, "add", add_kernel<T, 1>, blocks_of(count, 1), THREADS, 0, a, b, count, y);
}

template <class From, class To> void convert_typed(cuda_device *device, const void *in, std::size_t count, void *out)
{
    constexpr unsigned N = 4;
    const From *from = static_cast<const From *>(in);
    To *to = static_cast<To *>(out);
    if (cuda_is_aligned(in) && cuda_is_aligned(out))
        cuda_launch(device, "convert", convert_kernel<From, To, N>, blocks_of(count, N), THREADS, 0, from, count, to);
    else
        cuda_launch(device, "convert", convert_kernel<From, To, 1>, blocks_of(count, 1), THREADS, 0, from, count, to);
}

void add(icl_device *device, icl_storage storage, const void *a, const void *b, std::size_t count, void *y)
{
    if (count == 0) return;
    if (storage == ICL_STORAGE_F32)
        add_typed(cuda_of(device), static_cast<const float *>(a), static_cast<const float *>(b), count,
                  static_cast<float *>(y));
    else
        add_typed(cuda_of(device), static_cast<const icl_bf16 *>(a), static_cast<const icl_bf16 *>(b), count,
                  static_cast<icl_bf16 *>(y));
}

void convert(icl_device *device, icl_storage from, const void *in, std::size_t count, icl_storage to, void *out)
{
    if (count == 0) return;
    if (from == to)
        device->call->copy(device, in, count * icl_storage_bytes(from), out);
    else if (to == ICL_STORAGE_BF16)
        convert_typed<float, icl_bf16>(cuda_of(device), in, count, out);
    else
        convert_typed<icl_bf16, float>(cuda_of(device), in, count, out);
}
} // namespace

void cuda_table_add(icl_device_layers *layers)
{
    layers->add = add;
    layers->convert = convert;
}
