/* Dense products by cuBLAS. It counts columns first: a row-major matrix is the transpose of what it sees, and C = A B
 * becomes C^T = B^T A^T. */
#include <cstdio>

#include "kernels/cuda/nvidia/libraries.h"
#include "kernels/cuda/products.h"

namespace
{
struct kind_of_product {
    cudaDataType factors, result;
    cublasComputeType_t sums;
};

/* In the order of enum cuda_product_kind. PEDANTIC: float32 as it is, in no other arithmetic. */
constexpr kind_of_product kinds[] = {{CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_PEDANTIC},
                                     {CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32},
                                     {CUDA_R_16BF, CUDA_R_16BF, CUBLAS_COMPUTE_32F},
                                     {CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F},
                                     {CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F}};

void note(cuda_device *device, cublasStatus_t status, const char *what)
{
    if (status == CUBLAS_STATUS_SUCCESS) return;
    char text[200];
    std::snprintf(text, sizeof text, "%s: cuBLAS: %s (%s)", what, cublasGetStatusString(status),
                  cublasGetStatusName(status));
    cuda_note_text(device, status == CUBLAS_STATUS_ALLOC_FAILED ? ICL_ERR_MEMORY : ICL_ERR_DEVICE, text);
}

std::int64_t narrow(std::size_t n)
{
    return static_cast<std::int64_t>(n);
}
} // namespace

void cuda_multiply(cuda_device *device, const cuda_product *product)
{
    if (device->status != ICL_OK) return;
    const cuda_product &p = *product;
    const kind_of_product &kind = kinds[p.kind];
    const bool wide = p.kind == CUDA_PRODUCT_F64;
    const double one = 1.0, zero = 0.0;
    const float one_f = 1.0F, zero_f = 0.0F;
    const void *alpha = wide ? static_cast<const void *>(&one) : &one_f;
    const void *beta = wide ? static_cast<const void *>(p.add ? &one : &zero) : p.add ? &one_f : &zero_f;
    const cublasOperation_t op_a = p.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N;
    const cublasOperation_t op_b = p.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N;
    note(device,
         cublasGemmEx_64(device->libraries->blas, op_b, op_a, narrow(p.cols), narrow(p.rows), narrow(p.inner), alpha,
                         p.b, kind.factors, narrow(p.b_stride), p.a, kind.factors, narrow(p.a_stride), beta, p.c,
                         kind.result, narrow(p.c_stride), kind.sums, CUBLAS_GEMM_DEFAULT),
         "product");
}

void cuda_gram_f64(cuda_device *device, const double *columns, std::size_t rows, std::size_t cols, double *gram)
{
    if (device->status != ICL_OK) return;
    const double one = 1.0, zero = 0.0;
    /* The columns are those of a matrix (rows x cols) as cuBLAS sees it; its lower triangle is our upper one. */
    note(device,
         cublasDsyrk_64(device->libraries->blas, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T, narrow(cols), narrow(rows), &one,
                        columns, narrow(rows), &zero, gram, narrow(cols)),
         "products of columns");
}
