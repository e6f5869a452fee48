/* Dense products on a device: cuBLAS, or plain loops where the processor plays the device. Matrices are row-major. The
 * same arguments give the same bits each time. Everything goes into the queue and may be recorded. */
#ifndef ICLAB_KERNELS_CUDA_PRODUCTS_H
#define ICLAB_KERNELS_CUDA_PRODUCTS_H

#include "kernels/cuda/cuda_internal.h"

/* What the factors are and how they are multiplied and added; the result is of the same type but where it says so. */
enum cuda_product_kind {
    CUDA_PRODUCT_F32,         /* float32 throughout */
    CUDA_PRODUCT_TF32,        /* float32, the factors rounded to 10 bits of mantissa */
    CUDA_PRODUCT_BF16,        /* bf16, added in float32, the sum rounded */
    CUDA_PRODUCT_BF16_TO_F32, /* bf16, the sum kept in float32 */
    CUDA_PRODUCT_F64          /* float64 throughout */
};

/* c (rows x cols) = A B, or c + A B. A (rows x inner) is `a`, or the transpose of `a` (inner x rows); B (inner x cols)
 * is `b`, or the transpose of `b` (cols x inner). Strides count elements from one row to the next, of a, b and c as
 * they lie in memory. No size is 0. */
struct cuda_product {
    enum cuda_product_kind kind;
    bool transpose_a, transpose_b;
    std::size_t rows, cols, inner;
    const void *a;
    std::size_t a_stride;
    const void *b;
    std::size_t b_stride;
    void *c;
    std::size_t c_stride;
    bool add;
};

/* Fails in the queue. rows * cols * inner products. */
void cuda_multiply(cuda_device *device, const cuda_product *product);

/* gram (cols x cols), on and above the diagonal: the inner products of `cols` columns of `rows` doubles, one column
 * behind the other. What lies below the diagonal is not written. */
void cuda_gram_f64(cuda_device *device, const double *columns, std::size_t rows, std::size_t cols, double *gram);

#endif
