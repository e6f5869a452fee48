/* The parts of the .npy format that reader and writer share. Internal to core/. */
#ifndef ICLAB_CORE_NPY_FORMAT_H
#define ICLAB_CORE_NPY_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/npy.h"

enum { ICL_NPY_MAGIC_SIZE = 6, ICL_NPY_HEADER_TEXT_SIZE = 512 };
#define ICL_NPY_MAGIC "\x93NUMPY"

/* Bytes of one element. */
size_t icl_dtype_size(enum icl_dtype dtype);

/* Finds the type called `name` (without byte order). False if there is none. */
bool icl_dtype_find(const char *name, enum icl_dtype *dtype);

/* Converts `count` packed elements to doubles. `raw` may be the tail of the memory of `out` (it ends where out[count]
 * would start): no element is overwritten before it was read. */
void icl_npy_decode(enum icl_dtype dtype, bool big_endian, const unsigned char *raw, double *out, size_t count);

/* The same backwards; every value must fit (see icl_dtype_holds). `raw` and `in` must not overlap. */
void icl_npy_encode(enum icl_dtype dtype, bool big_endian, const double *in, unsigned char *raw, size_t count);

/* True if the type can hold `value`: integers exactly, floats with rounding but without overflow. */
bool icl_dtype_holds(enum icl_dtype dtype, double value);

/* Reads the Python dictionary text[0..length-1], which starts at byte `offset` of the file `name`, into `format` (not
 * its version) and the shape and dtype of `array`. The text must end with a zero byte at text[length]. */
icl_status icl_npy_parse_header(const char *name, const char *text, size_t length, size_t offset,
                                struct icl_npy_format *format, struct icl_array *array, struct icl_error *err);

struct icl_input;

/* Reads magic, version and dictionary: shape and dtype of `array`, and `format`. The data follow. */
icl_status icl_npy_read_header(struct icl_input *input, struct icl_npy_format *format, struct icl_array *array,
                               struct icl_error *err);

/* For an input of known size: are just `raw_size` bytes left? */
icl_status icl_npy_check_size(const struct icl_input *input, size_t raw_size, struct icl_error *err);

/* Writes magic, version, length and dictionary, padded so that the data start at a multiple of 64 bytes.
 * Returns the number of bytes. */
size_t icl_npy_format_header(const struct icl_array *array, const struct icl_npy_format *format,
                             unsigned char buffer[ICL_NPY_HEADER_TEXT_SIZE]);

#endif
