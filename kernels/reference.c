/* The plain versions: short loops, one element at a time, nothing shared with the fast versions but the block function
 * and the normal quantile. They stay the oracle. */
#include <math.h>
#include <stdlib.h>

#include "kernels/conv_internal.h"
#include "kernels/layers_reference_internal.h"
#include "kernels/table_internal.h"

static void mask_f64(const struct icl_mask *mask, const struct icl_shape *shape, size_t first, size_t count,
                     double *factor)
{
    const struct icl_gates gates = icl_gates_of(mask, shape);
    for (size_t i = 0; i < count; i++)
        factor[i] = icl_gate_factor(&gates, first + i);
}

static void mask_f32(const struct icl_mask *mask, const struct icl_shape *shape, size_t first, size_t count,
                     float *factor)
{
    const struct icl_gates gates = icl_gates_of(mask, shape);
    for (size_t i = 0; i < count; i++)
        factor[i] = (float)icl_gate_factor(&gates, first + i);
}

/* total[c] = sum over rows of (x - centre)^power, shard by shard. */
static double shard_sum(const float *x, size_t rows, size_t channels, double centre, int power)
{
    double total = 0.0;
    for (size_t start = 0; start < rows; start += ICL_BN_SHARD_ROWS) {
        const size_t end = rows - start < ICL_BN_SHARD_ROWS ? rows : start + ICL_BN_SHARD_ROWS;
        double shard = 0.0;
        for (size_t r = start; r < end; r++) {
            const double d = (double)x[r * channels] - centre;
            shard += power == 2 ? d * d : d;
        }
        total += shard;
    }
    return total;
}

static void bn_statistics(const float *x, size_t rows, size_t channels, double *mean, double *var)
{
    for (size_t c = 0; c < channels; c++) {
        mean[c] = shard_sum(x + c, rows, channels, 0.0, 1) / (double)rows;
        var[c] = shard_sum(x + c, rows, channels, mean[c], 2) / (double)rows;
    }
}

static void bn_apply(const float *x, size_t rows, size_t channels, const float *scale, const float *shift, float *y)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < channels; c++)
            y[r * channels + c] = scale[c] * x[r * channels + c] + shift[c];
}

static void ic_forward(const float *x, const struct icl_shape *shape, size_t first, size_t count, const float *scale,
                       const float *shift, const struct icl_mask *mask, float *y)
{
    /* Pieces, so that the three passes need no memory of the size of x. */
    enum { PIECE = 1024 };
    float factor[PIECE];
    for (size_t done = 0, piece; done < count; done += piece) {
        piece = count - done < PIECE ? count - done : PIECE;
        mask_f32(mask, shape, first + done, piece, factor);
        for (size_t i = done; i < done + piece; i++) {
            const size_t c = (first + i) % shape->channels;
            y[i] = scale[c] * x[i] + shift[c];
        }
        for (size_t i = 0; i < piece; i++)
            y[done + i] *= factor[i];
    }
}

static void gram(const double *x, size_t rows, size_t cols, size_t stride, double *out)
{
    for (size_t i = 0; i < cols; i++)
        for (size_t j = i; j < cols; j++) {
            double sum = 0.0;
            for (size_t r = 0; r < rows; r++)
                sum += x[i * stride + r] * x[j * stride + r];
            out[i * cols + j] = sum;
            out[j * cols + i] = sum;
        }
}

static void product(const double *a, const double *b, size_t rows, size_t a_cols, size_t b_cols, size_t stride,
                    double *out)
{
    for (size_t i = 0; i < a_cols; i++)
        for (size_t j = 0; j < b_cols; j++) {
            double sum = 0.0;
            for (size_t r = 0; r < rows; r++)
                sum += a[i * stride + r] * b[j * stride + r];
            out[i * b_cols + j] = sum;
        }
}

static void product_f32(const float *a, const float *b, size_t rows, size_t a_cols, size_t b_cols, size_t stride,
                        float *out)
{
    for (size_t i = 0; i < a_cols; i++)
        for (size_t j = 0; j < b_cols; j++) {
            float sum = 0.0F;
            for (size_t r = 0; r < rows; r++)
                sum += a[i * stride + r] * b[j * stride + r];
            out[i * b_cols + j] = sum;
        }
}

const struct kernels icl_reference_table = {
    .name = "reference",
    .blas = "reference",
    .blas_core = "none",
    .mask_f32 = mask_f32,
    .mask_f64 = mask_f64,
    .bn_statistics = bn_statistics,
    .bn_apply = bn_apply,
    .ic_forward = ic_forward,
    .gram = gram,
    .product = product,
    .product_f32 = product_f32,
    .layers = ICL_LAYERS_REFERENCE(f32),
    .conv = ICL_CONV_REFERENCE_KERNELS,
};
