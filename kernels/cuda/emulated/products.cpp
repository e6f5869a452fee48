/* Dense products by plain loops, in the queue. */
#include <type_traits>
#include <vector>

#include "kernels/shared/bf16.h"
#include "kernels/cuda/emulated/rounding.h"
#include "kernels/cuda/products.h"

namespace
{
template <class T> T widened(T x)
{
    return x;
}
float widened(icl_bf16 x)
{
    return icl_bf16_to_float(x);
}
template <class T> void put(T &to, T x)
{
    to = x;
}
void put(icl_bf16 &to, float x)
{
    to = icl_bf16_from_float(x);
}

/* The matrix as (rows x cols) without gaps, wide enough to add in. */
template <class Wide, class T>
std::vector<Wide> gathered(const T *from, std::size_t stride, bool transposed, std::size_t rows, std::size_t cols,
                           bool tf32)
{
    std::vector<Wide> m(rows * cols);
    for (std::size_t r = 0; r < rows; r++)
        for (std::size_t c = 0; c < cols; c++) {
            Wide x = widened(transposed ? from[c * stride + r] : from[r * stride + c]);
            if constexpr (std::is_same_v<Wide, float>) x = tf32 ? icl_emulated::rounded_to_tf32(x) : x;
            m[r * cols + c] = x;
        }
    return m;
}

template <class In, class Wide, class Out> void multiply(const cuda_product &p)
{
    const bool tf32 = p.kind == CUDA_PRODUCT_TF32;
    const std::vector<Wide> a =
        gathered<Wide>(static_cast<const In *>(p.a), p.a_stride, p.transpose_a, p.rows, p.inner, tf32);
    const std::vector<Wide> b =
        gathered<Wide>(static_cast<const In *>(p.b), p.b_stride, p.transpose_b, p.inner, p.cols, tf32);
    std::vector<Wide> sum(p.cols);
    Out *c = static_cast<Out *>(p.c);
    for (std::size_t r = 0; r < p.rows; r++, c += p.c_stride) {
        for (Wide &s : sum)
            s = 0;
        for (std::size_t i = 0; i < p.inner; i++)
            for (std::size_t j = 0; j < p.cols; j++)
                sum[j] += a[r * p.inner + i] * b[i * p.cols + j];
        for (std::size_t j = 0; j < p.cols; j++)
            put(c[j], p.add ? widened(c[j]) + sum[j] : sum[j]);
    }
}
} // namespace

void cuda_multiply(cuda_device *device, const cuda_product *product)
{
    /* In the order of enum cuda_product_kind. */
    static void (*const kinds[])(const cuda_product &) = {
        multiply<float, float, float>, multiply<float, float, float>, multiply<icl_bf16, float, icl_bf16>,
        multiply<icl_bf16, float, float>, multiply<double, double, double>};
    if (device->status != ICL_OK) return;
    cuda_note(device, icl_emulated::enqueue(device->queue, [p = *product] { kinds[p.kind](p); }), "product");
}

void cuda_gram_f64(cuda_device *device, const double *columns, std::size_t rows, std::size_t cols, double *gram)
{
    if (device->status != ICL_OK) return;
    cuda_note(device,
              icl_emulated::enqueue(device->queue,
                                    [=] {
                                        for (std::size_t i = 0; i < cols; i++)
                                            for (std::size_t j = i; j < cols; j++) {
                                                double sum = 0.0;
                                                for (std::size_t r = 0; r < rows; r++)
                                                    sum += columns[i * rows + r] * columns[j * rows + r];
                                                gram[i * cols + j] = sum;
                                            }
                                    }),
              "products of columns");
}
