/* The kernel table: compute primitives behind one set of function pointers. icl_kernels_reference() is plain C and
 * stays the oracle; icl_kernels() is the same table with the faster versions this machine can run put over it.
 * Every override returns the same bits as the reference, but for the products of BLAS (1e-12 relative). */
#ifndef ICLAB_KERNELS_KERNELS_H
#define ICLAB_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "kernels/conv.h"
#include "kernels/layers.h"
#include "kernels/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* round(keep * 2^32), in 0 .. 2^32. */
uint64_t icl_keep_threshold(double keep);

/* Batch normalisation of one channel is y = scale x + shift, scale = gamma / sqrt(var + eps), shift = beta - scale
 * mean. */
struct kernels {
    const char *name;      /* "reference", "portable", "avx2", "avx512" */
    const char *blas;      /* "reference" or "openblas" */
    const char *blas_core; /* openblas_get_corename(), or "none" */

    /* factor[i] = multiplier of element first + i: 0, 1 or 1/keep, or 1 + e. i < count. */
    void (*mask_f32)(const struct icl_mask *mask, const struct icl_shape *shape, size_t first, size_t count,
                     float *factor);
    void (*mask_f64)(const struct icl_mask *mask, const struct icl_shape *shape, size_t first, size_t count,
                     double *factor);

    /* Per-channel mean and biased variance of x (rows, channels), channel fastest; sums in double, in row order within
     * fixed shards of 4096 rows that are added in order. mean and var hold `channels` values. */
    void (*bn_statistics)(const float *x, size_t rows, size_t channels, double *mean, double *var);

    /* y = scale[c] x + shift[c]; y may be x. */
    void (*bn_apply)(const float *x, size_t rows, size_t channels, const float *scale, const float *shift, float *y);

    /* The IC layer after ReLU, fused: y = (scale[c] x + shift[c]) * factor(mask, element), elements first ..
     * first+count-1 of an activation of `shape`, x and y pointing at the first of them. One pass, no mask stored. y may
     * be x. */
    void (*ic_forward)(const float *x, const struct icl_shape *shape, size_t first, size_t count, const float *scale,
                       const float *shift, const struct icl_mask *mask, float *y);

    /* gram (cols x cols, symmetric, filled whole) = sum over rows of x_i x_j; x is column-major rows x cols, columns
     * contiguous and `stride` apart. One thread; callers shard rows and add the shards in order. */
    void (*gram)(const double *x, size_t rows, size_t cols, size_t stride, double *gram);

    /* out (a_cols x b_cols, row-major) = sum over rows of a_i b_j; a and b laid out as x above. One thread.
     * product_f32 multiplies and adds in single precision: a yardstick for `iclab bench`. */
    void (*product)(const double *a, const double *b, size_t rows, size_t a_cols, size_t b_cols, size_t stride,
                    double *out);
    void (*product_f32)(const float *a, const float *b, size_t rows, size_t a_cols, size_t b_cols, size_t stride,
                        float *out);

    struct icl_layers_f32 layers; /* layers of networks */
    struct icl_conv_kernels conv; /* convolutions, planned ahead */
};

const struct kernels *icl_kernels_reference(void);

/* The fastest table for this machine, made once, thread-safe. OpenBLAS is loaded at run time (libopenblas.so.0) with
 * OPENBLAS_CORETYPE set to what the processor can do unless the user set it, and with its own threads off; without it
 * the reference product stays. Environment ICLAB_KERNELS=reference keeps the plain table, =portable or =avx2 goes no
 * further than that. The first call sets and restores environment variables: make it before other threads read them. */
const struct kernels *icl_kernels(void);

/* scale and shift of the docstring of struct kernels; eps >= 0. Arrays of `channels`. gamma, beta NULL: 1 and 0. */
void icl_bn_coefficients(const double *mean, const double *var, const float *gamma, const float *beta, double eps,
                         size_t channels, float *scale, float *shift);

/* The values of a column: where they are, or `room`, filled with them. Called by several threads at once. */
typedef const double *(*icl_column_values)(const void *context, size_t column, double *room);

/* correlation (cols x cols) of the columns that `values` gives: centred on the column means first, then the products of
 * all columns in fixed tiles and strips of rows, added in order: the same bits for every number of threads. 1 on the
 * diagonal, within -1 and 1; nan for a constant column and for one that holds NaN, and for no other. Squares of the
 * values and their sums must not overflow. Work O(rows cols^2), memory for a copy of the columns. */
icl_status icl_correlation(const struct kernels *kernels, icl_column_values values, const void *context, size_t rows,
                           size_t cols, unsigned threads, double *correlation, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
