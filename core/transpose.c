#include "core/transpose.h"

#include <string.h>

#include "core/array.h"

/* A tile of 32 x 32 doubles (8 KiB in, 8 KiB out) stays in the first-level cache. */
enum { TILE = 32 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void icl_transpose(const double *restrict in, size_t in_stride, double *restrict out, size_t out_stride, size_t rows,
                   size_t cols)
{
    for (size_t j0 = 0; j0 < cols; j0 += TILE) {
        const size_t j1 = smaller(j0 + TILE, cols);
        for (size_t i0 = 0; i0 < rows; i0 += TILE) {
            const size_t i1 = smaller(i0 + TILE, rows);
            for (size_t j = j0; j < j1; j++)
                for (size_t i = i0; i < i1; i++)
                    out[j * out_stride + i] = in[i * in_stride + j];
        }
    }
}

void icl_reverse_axes(const double *in, double *out, const size_t *shape, int ndim)
{
    size_t in_stride[ICL_MAX_DIMS];
    size_t out_stride[ICL_MAX_DIMS];
    size_t count = 1;
    for (int k = 0; k < ndim; k++) {
        out_stride[k] = count;
        count *= shape[k];
    }
    if (count == 0) return;
    if (ndim < 2) {
        memcpy(out, in, count * sizeof *out);
        return;
    }
    in_stride[ndim - 1] = 1;
    for (int k = ndim - 1; k > 0; k--)
        in_stride[k - 1] = in_stride[k] * shape[k];
    /* The last axis is contiguous in `in`, the first in `out`: those two make a matrix, the others are walked through.
     */
    const int last = ndim - 1;
    size_t index[ICL_MAX_DIMS] = {0};
    size_t in_at = 0;
    size_t out_at = 0;
    for (;;) {
        icl_transpose(in + in_at, in_stride[0], out + out_at, out_stride[last], shape[0], shape[last]);
        int k = last - 1;
        for (; k > 0; k--) {
            in_at += in_stride[k];
            out_at += out_stride[k];
            if (++index[k] < shape[k]) break;
            in_at -= shape[k] * in_stride[k];
            out_at -= shape[k] * out_stride[k];
            index[k] = 0;
        }
        if (k <= 0) return;
    }
}
