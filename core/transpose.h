/* Transposition by tiles. Internal to core/. */
#ifndef ICLAB_CORE_TRANSPOSE_H
#define ICLAB_CORE_TRANSPOSE_H

#include <stddef.h>

/* out[j * out_stride + i] = in[i * in_stride + j] for i < rows, j < cols. The memory must not overlap. */
void icl_transpose(const double *in, size_t in_stride, double *out, size_t out_stride, size_t rows, size_t cols);

/* Reverses the axes of the C-ordered `in` of shape[0..ndim-1]: C order to Fortran order, or back when given the
 * reversed shape. The memory must not overlap. */
void icl_reverse_axes(const double *in, double *out, const size_t *shape, int ndim);

#endif
