/* Arrays in memory: `icl_array` as read from a file, `icl_columns` as the estimators want it. */
#ifndef ICLAB_CORE_ARRAY_H
#define ICLAB_CORE_ARRAY_H

#include <stddef.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ICL_MAX_DIMS = 8 };

/* Element types of .npy files. In memory values are always double. */
enum icl_dtype {
    ICL_F32,
    ICL_F64,
    ICL_I8,
    ICL_I16,
    ICL_I32,
    ICL_I64,
    ICL_U8,
    ICL_U16,
    ICL_U32,
    ICL_U64,
    ICL_BOOL,
    ICL_DTYPE_COUNT
};

/* A dense array of doubles in C order (last index fastest). `dtype` is the type it had in its file.
 * Integers beyond 2^53 are rounded to the nearest double. Owned: free with icl_array_free. */
struct icl_array {
    int ndim;
    size_t shape[ICL_MAX_DIMS];
    enum icl_dtype dtype;
    double *data;
};

/* A table of samples: column j (a neuron) is the contiguous data[j * rows .. (j+1) * rows - 1].
 * Columns j and k are positions of one channel where j / channel_cols == k / channel_cols.
 * Owned: free with icl_columns_free. */
struct icl_columns {
    size_t rows;
    size_t cols;
    size_t channel_cols; /* (N,C,H,W) by position: H*W; by channel: 1; otherwise cols, the table being one channel */
    double *data;
};

/* How a 4-D activation (N,C,H,W) becomes columns. */
enum icl_unit {
    ICL_UNIT_POSITION, /* a column is one (channel, position): C*H*W columns of N samples */
    ICL_UNIT_CHANNEL   /* a column is a channel, positions are samples: C columns of N*H*W samples */
};

/* Allocates rows x cols values, uninitialised. ICL_ERR_MEMORY on overflow or lack of memory. */
icl_status icl_columns_alloc(struct icl_columns *columns, size_t rows, size_t cols, struct icl_error *err);
void icl_columns_free(struct icl_columns *columns);
void icl_array_free(struct icl_array *array);

/* The number of elements of `array`: the product of its shape (1 for zero dimensions). */
size_t icl_array_size(const struct icl_array *array);

/* The shape as Python writes it: "()", "(3,)", "(3, 4)". Returns `buffer`. */
enum { ICL_SHAPE_TEXT_SIZE = ICL_MAX_DIMS * 22 + 4 }; /* 20 digits and ", " a dimension */
const char *icl_shape_text(const struct icl_array *array, char buffer[ICL_SHAPE_TEXT_SIZE]);

/* What each column of an array is made of: N samples of U trailing elements, `positions` of which make one column. */
struct icl_layout {
    size_t samples, cols, positions; /* trailing elements U = cols * positions */
    size_t rows;                     /* samples * positions */
    size_t channel_cols;             /* see struct icl_columns */
};

/* The layout that icl_columns_from_array gives `array`, of which only the shape is looked at; its errors too. */
icl_status icl_layout_of(const struct icl_array *array, enum icl_unit unit, const char *name, struct icl_layout *layout,
                         struct icl_error *err);

/* Arranges an array as columns. 1-D (N): one column. 2-D (N,C): C columns. 4-D (N,C,H,W): by `unit`; samples of a
 * channel run over (n,h,w) with w fastest. Other dimensions, 0 columns or 0 samples: ICL_ERR_INPUT
 * naming `name` and the shape. The result is new memory, owned by the caller; `out` is untouched on failure. O(size).
 */
icl_status icl_columns_from_array(const struct icl_array *array, enum icl_unit unit, const char *name,
                                  struct icl_columns *out, struct icl_error *err);

/* The pointer to column j. */
static inline double *icl_column(const struct icl_columns *columns, size_t j)
{
    return columns->data + j * columns->rows;
}

#ifdef __cplusplus
}
#endif

#endif
