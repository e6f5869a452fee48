/* .npy files written piece by piece, of arrays that are never whole in memory. */
#ifndef ICLAB_CORE_NPY_STREAM_H
#define ICLAB_CORE_NPY_STREAM_H

#include "core/array.h"
#include "core/atomic_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A .npy file being written: C order, the byte order of this machine, version 1.0. */
struct icl_npy_stream {
    struct icl_atomic_file file;
    size_t size, left; /* bytes of an element; elements still to come */
};

/* Opens `path` for an array of this shape (its data are not looked at) and type. */
icl_status icl_npy_stream_open(struct icl_npy_stream *stream, const char *path, const struct icl_array *shape,
                               enum icl_dtype dtype, struct icl_error *err);
/* Appends `count` elements of the type, as they are in memory. Failed writes are told by the close. */
void icl_npy_stream_write(struct icl_npy_stream *stream, const void *elements, size_t count);
/* The file appears. ICL_ERR_NUMERIC if more or fewer elements were written than the shape has (a bug in the caller). */
icl_status icl_npy_stream_close(struct icl_npy_stream *stream, struct icl_error *err);
/* Drops what was written. Safe after a close and on a zeroed struct. */
void icl_npy_stream_abort(struct icl_npy_stream *stream);

/* The 128 bytes before the data of such a file, for an array that grows in its first dimension: the length of the
 * header does not depend on it. At most 4 dimensions. */
enum { ICL_NPY_GROWING_HEADER = 128 };
void icl_npy_growing_header(const struct icl_array *shape, enum icl_dtype dtype,
                            unsigned char header[ICL_NPY_GROWING_HEADER]);

#ifdef __cplusplus
}
#endif

#endif
