#include "core/array.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/transpose.h"

icl_status icl_columns_alloc(struct icl_columns *columns, size_t rows, size_t cols, struct icl_error *err)
{
    size_t count;
    size_t bytes;
    if (__builtin_mul_overflow(rows, cols, &count) || __builtin_mul_overflow(count, sizeof(double), &bytes) ||
        bytes > PTRDIFF_MAX)
        return icl_fail(err, ICL_ERR_MEMORY, "out of memory for %zu x %zu values", rows, cols);
    double *data = malloc(bytes > 0 ? bytes : 1);
    if (data == NULL) return icl_fail(err, ICL_ERR_MEMORY, "out of memory for %zu x %zu values", rows, cols);
    *columns = (struct icl_columns){.rows = rows, .cols = cols, .channel_cols = cols, .data = data};
    return ICL_OK;
}

void icl_columns_free(struct icl_columns *columns)
{
    free(columns->data);
    *columns = (struct icl_columns){0};
}

void icl_array_free(struct icl_array *array)
{
    free(array->data);
    *array = (struct icl_array){0};
}

static size_t product(const size_t *shape, int from, int to)
{
    size_t n = 1;
    for (int k = from; k < to; k++)
        n *= shape[k];
    return n;
}

size_t icl_array_size(const struct icl_array *array)
{
    return product(array->shape, 0, array->ndim);
}

const char *icl_shape_text(const struct icl_array *array, char buffer[ICL_SHAPE_TEXT_SIZE])
{
    size_t used = (size_t)snprintf(buffer, ICL_SHAPE_TEXT_SIZE, "(");
    for (int k = 0; k < array->ndim; k++)
        used +=
            (size_t)snprintf(buffer + used, ICL_SHAPE_TEXT_SIZE - used, "%s%zu", k > 0 ? ", " : "", array->shape[k]);
    snprintf(buffer + used, ICL_SHAPE_TEXT_SIZE - used, "%s)", array->ndim == 1 ? "," : "");
    return buffer;
}

/* in is (N,C,P), out is (C,N,P): whole runs of P positions move. */
static void gather_channels(const double *in, double *out, size_t n_samples, size_t n_channels, size_t n_positions)
{
    for (size_t n = 0; n < n_samples; n++)
        for (size_t c = 0; c < n_channels; c++)
            memcpy(out + (c * n_samples + n) * n_positions, in + (n * n_channels + c) * n_positions,
                   n_positions * sizeof *out);
}

icl_status icl_layout_of(const struct icl_array *array, enum icl_unit unit, const char *name, struct icl_layout *layout,
                         struct icl_error *err)
{
    char shape[ICL_SHAPE_TEXT_SIZE];
    icl_shape_text(array, shape);
    if (array->ndim != 1 && array->ndim != 2 && array->ndim != 4)
        return icl_fail(err, ICL_ERR_INPUT, "%s: shape %s: want (samples), (samples, neurons) or (N, C, H, W)", name,
                        shape);
    const bool by_channel = array->ndim == 4 && unit == ICL_UNIT_CHANNEL;
    const size_t samples = array->shape[0];
    const size_t positions = by_channel ? product(array->shape, 2, 4) : 1;
    const size_t cols = by_channel ? array->shape[1] : product(array->shape, 1, array->ndim);
    const size_t rows = samples * positions;
    if (cols == 0) return icl_fail(err, ICL_ERR_INPUT, "%s: shape %s: there are no columns", name, shape);
    if (rows == 0) return icl_fail(err, ICL_ERR_INPUT, "%s: shape %s: there are no samples", name, shape);
    const size_t plane = array->ndim == 4 ? product(array->shape, 2, 4) : cols;
    *layout = (struct icl_layout){samples, cols, positions, rows, by_channel ? 1 : plane};
    return ICL_OK;
}

icl_status icl_columns_from_array(const struct icl_array *array, enum icl_unit unit, const char *name,
                                  struct icl_columns *out, struct icl_error *err)
{
    struct icl_layout layout;
    ICL_TRY(icl_layout_of(array, unit, name, &layout, err));
    struct icl_columns columns;
    ICL_TRY(icl_columns_alloc(&columns, layout.rows, layout.cols, err));
    columns.channel_cols = layout.channel_cols;
    if (layout.positions > 1)
        gather_channels(array->data, columns.data, layout.samples, layout.cols, layout.positions);
    else
        icl_transpose(array->data, layout.cols, columns.data, layout.rows, layout.rows, layout.cols);
    *out = columns;
    return ICL_OK;
}
