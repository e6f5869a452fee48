/* .npy files, format versions 1.0 to 3.0 (NumPy enhancement proposal 1 and numpy.lib.format). */
#ifndef ICLAB_CORE_NPY_H
#define ICLAB_CORE_NPY_H

#include <stdbool.h>

#include "core/array.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How an array is laid out in the file. All zero: float32, little endian, C order, version 1.0. */
struct icl_npy_format {
    enum icl_dtype dtype;
    bool big_endian;
    bool fortran_order;
    int version; /* 1, 2 or 3; 0 stands for 1 */
};

/* Reads `path` ("-": standard input) whole. float32, float64, bool, every integer type, both byte orders, C and
 * Fortran order. Missing, empty, truncated, over-long, a directory, wrong magic, a header longer than the file, an
 * unreadable header, object or other dtypes, more than ICL_MAX_DIMS dimensions: ICL_ERR_INPUT with a message that names
 * file, byte offset or header key, and reason. `out` is owned by the caller and untouched on failure. O(size). */
icl_status icl_npy_read(const char *path, struct icl_array *out, struct icl_error *err);

/* Writes `array` to `path` ("-": standard output) in `format`, atomically: the file appears whole or not at all.
 * Values that the dtype cannot hold (an integer: out of range, NaN, not whole; a float: finite but out of range) are
 * ICL_ERR_INPUT, naming the element. A format that does not exist is ICL_ERR_USAGE. */
icl_status icl_npy_write(const char *path, const struct icl_array *array, const struct icl_npy_format *format,
                         struct icl_error *err);

/* The NumPy name of a type without byte order ("f4", "i8", "b1"). */
const char *icl_dtype_name(enum icl_dtype dtype);

#ifdef __cplusplus
}
#endif

#endif
