#include <stdlib.h>
#include <string.h>

#include "core/atomic_file.h"
#include "core/input.h"
#include "core/npy_format.h"
#include "core/number.h"
#include "core/transpose.h"

/* Elements encoded at a time: 32 KiB of the widest type. */
enum { BLOCK = 4096, WIDEST = 8 };

/* Says where in C order element `at` stands: "(2, 0, 1)". */
static void index_of(const struct icl_array *array, size_t at, struct icl_array *index)
{
    index->ndim = array->ndim;
    for (int k = array->ndim; k-- > 0;) {
        index->shape[k] = at % array->shape[k];
        at /= array->shape[k];
    }
}

static icl_status check_values(const char *name, const struct icl_array *array, enum icl_dtype dtype,
                               struct icl_error *err)
{
    const size_t count = icl_array_size(array);
    for (size_t i = 0; i < count; i++) {
        if (icl_dtype_holds(dtype, array->data[i])) continue;
        struct icl_array index;
        index_of(array, i, &index);
        char place[ICL_SHAPE_TEXT_SIZE];
        char number[ICL_NUMBER_SIZE];
        return icl_fail(err, ICL_ERR_INPUT, "%s: element %s: %s does not fit into the type '%s'", name,
                        icl_shape_text(&index, place), icl_format_number(array->data[i], number),
                        icl_dtype_name(dtype));
    }
    return ICL_OK;
}

/* Errors of the stream are found by the commit. */
static void write_values(FILE *stream, const double *values, size_t count, const struct icl_npy_format *format)
{
    unsigned char block[BLOCK * WIDEST];
    const size_t size = icl_dtype_size(format->dtype);
    for (size_t done = 0; done < count && !ferror(stream); done += BLOCK) {
        const size_t n = count - done < BLOCK ? count - done : BLOCK;
        icl_npy_encode(format->dtype, format->big_endian, values + done, block, n);
        fwrite(block, size, n, stream);
    }
}

icl_status icl_npy_write(const char *path, const struct icl_array *array, const struct icl_npy_format *format,
                         struct icl_error *err)
{
    char name[ICL_INPUT_NAME_SIZE];
    icl_shown_path(path, "standard output", name);
    if (array->ndim < 0 || array->ndim > ICL_MAX_DIMS || (unsigned)format->dtype >= ICL_DTYPE_COUNT ||
        format->version < 0 || format->version > 3)
        return icl_fail(err, ICL_ERR_USAGE, "%s: impossible .npy format: %d dimensions, type %d, version %d", name,
                        array->ndim, (int)format->dtype, format->version);
    ICL_TRY(check_values(name, array, format->dtype, err));
    const size_t count = icl_array_size(array);
    double *reordered = NULL;
    if (format->fortran_order && array->ndim > 1 && count > 0) {
        reordered = malloc(count * sizeof *reordered);
        if (reordered == NULL) return icl_fail_memory(err, name);
        icl_reverse_axes(array->data, reordered, array->shape, array->ndim);
    }
    struct icl_atomic_file file;
    icl_status status = icl_atomic_open(&file, path, err);
    if (status == ICL_OK) {
        unsigned char header[ICL_NPY_HEADER_TEXT_SIZE];
        fwrite(header, 1, icl_npy_format_header(array, format, header), file.stream);
        write_values(file.stream, reordered != NULL ? reordered : array->data, count, format);
        status = icl_atomic_commit(&file, err);
    }
    free(reordered);
    return status;
}
