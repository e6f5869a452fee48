#include "core/npy_stream.h"

#include <string.h>

#include "core/input.h"
#include "core/npy_format.h"

static struct icl_npy_format native(enum icl_dtype dtype)
{
    return (struct icl_npy_format){.dtype = dtype, .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__};
}

icl_status icl_npy_stream_open(struct icl_npy_stream *stream, const char *path, const struct icl_array *shape,
                               enum icl_dtype dtype, struct icl_error *err)
{
    const struct icl_npy_format format = native(dtype);
    unsigned char header[ICL_NPY_HEADER_TEXT_SIZE];
    *stream = (struct icl_npy_stream){.size = icl_dtype_size(dtype), .left = icl_array_size(shape)};
    ICL_TRY(icl_atomic_open(&stream->file, path, err));
    fwrite(header, 1, icl_npy_format_header(shape, &format, header), stream->file.stream);
    return ICL_OK;
}

void icl_npy_stream_write(struct icl_npy_stream *stream, const void *elements, size_t count)
{
    /* One too many leaves a count that no longer ends at 0. */
    stream->left -= count;
    fwrite(elements, stream->size, count, stream->file.stream);
}

icl_status icl_npy_stream_close(struct icl_npy_stream *stream, struct icl_error *err)
{
    if (stream->left == 0) return icl_atomic_commit(&stream->file, err);
    char name[ICL_INPUT_NAME_SIZE];
    icl_shown_path(stream->file.path != NULL ? stream->file.path : "-", "standard output", name);
    icl_npy_stream_abort(stream);
    return icl_fail(err, ICL_ERR_NUMERIC, "%s: not as many elements as its shape has", name);
}

void icl_npy_stream_abort(struct icl_npy_stream *stream)
{
    icl_atomic_abort(&stream->file);
}

void icl_npy_growing_header(const struct icl_array *shape, enum icl_dtype dtype,
                            unsigned char header[ICL_NPY_GROWING_HEADER])
{
    const struct icl_npy_format format = native(dtype);
    unsigned char text[ICL_NPY_HEADER_TEXT_SIZE];
    size_t used = icl_npy_format_header(shape, &format, text);
    /* Padded once more where it is shorter: spaces before the newline, and the length at bytes 8 and 9. */
    if (used > ICL_NPY_GROWING_HEADER) used = ICL_NPY_GROWING_HEADER;
    memcpy(header, text, used);
    memset(header + used - 1, ' ', ICL_NPY_GROWING_HEADER - used + 1);
    header[ICL_NPY_GROWING_HEADER - 1] = '\n';
    header[8] = ICL_NPY_GROWING_HEADER - 10;
    header[9] = 0;
}
