#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/input.h"
#include "core/npy_format.h"
#include "core/transpose.h"

/* No array of ICL_MAX_DIMS dimensions needs a longer header, whatever the padding. */
enum { LONGEST_HEADER = 1 << 20 };

static icl_status truncated(const struct icl_input *input, const char *what, struct icl_error *err)
{
    return icl_fail(err, ICL_ERR_INPUT, "%s: byte %" PRIu64 ": the file ends inside the %s", input->name, input->offset,
                    what);
}

/* Magic, version, length of the dictionary. */
static icl_status read_preamble(struct icl_input *input, size_t *header_length, struct icl_error *err)
{
    unsigned char bytes[ICL_NPY_MAGIC_SIZE + 2];
    size_t got;
    ICL_TRY(icl_input_read(input, bytes, sizeof bytes, &got, err));
    if (got == 0) return icl_fail(err, ICL_ERR_INPUT, "%s: byte 0: the file is empty", input->name);
    const size_t magic = got < ICL_NPY_MAGIC_SIZE ? got : ICL_NPY_MAGIC_SIZE;
    if (memcmp(bytes, ICL_NPY_MAGIC, magic) != 0) {
        const bool zipped = got >= 4 && memcmp(bytes, "PK\3\4", 4) == 0;
        return icl_fail(err, ICL_ERR_INPUT, "%s: byte 0: not a .npy file: %s", input->name,
                        zipped ? "this is a .npz archive, unpack it first" : "the magic \\x93NUMPY is missing");
    }
    if (got < sizeof bytes) return truncated(input, "magic and version", err);
    const unsigned version = bytes[ICL_NPY_MAGIC_SIZE];
    const unsigned minor = bytes[ICL_NPY_MAGIC_SIZE + 1];
    if (version < 1 || version > 3 || minor != 0)
        return icl_fail(err, ICL_ERR_INPUT, "%s: byte 6: format version %u.%u is not supported (want 1.0 to 3.0)",
                        input->name, version, minor);
    unsigned char field[4] = {0};
    const size_t field_size = version == 1 ? 2 : 4;
    ICL_TRY(icl_input_read(input, field, field_size, &got, err));
    if (got < field_size) return truncated(input, "header length", err);
    *header_length = (size_t)field[0] | (size_t)field[1] << 8 | (size_t)field[2] << 16 | (size_t)field[3] << 24;
    return ICL_OK;
}

icl_status icl_npy_read_header(struct icl_input *input, struct icl_npy_format *format, struct icl_array *array,
                               struct icl_error *err)
{
    size_t length = 0;
    ICL_TRY(read_preamble(input, &length, err));
    if (input->size_known && length > input->size - input->offset)
        return icl_fail(err, ICL_ERR_INPUT,
                        "%s: byte %" PRIu64 ": a header of %zu bytes is longer than the rest of the file (%" PRIu64 ")",
                        input->name, input->offset, length, input->size - input->offset);
    if (length > LONGEST_HEADER)
        return icl_fail(err, ICL_ERR_INPUT, "%s: byte %" PRIu64 ": a header of %zu bytes is too long (at most %d)",
                        input->name, input->offset, length, (int)LONGEST_HEADER);
    const size_t start = (size_t)input->offset;
    unsigned char *text;
    size_t got;
    ICL_TRY(icl_input_read_all(input, length, &text, &got, err));
    const icl_status status = got < length
                                  ? truncated(input, "header", err)
                                  : icl_npy_parse_header(input->name, (char *)text, got, start, format, array, err);
    free(text);
    return status;
}

static icl_status too_short(const struct icl_input *input, uint64_t end, uint64_t wanted, uint64_t there,
                            struct icl_error *err)
{
    return icl_fail(err, ICL_ERR_INPUT,
                    "%s: byte %" PRIu64 ": the file ends inside the data: %" PRIu64 " bytes wanted, %" PRIu64 " there",
                    input->name, end, wanted, there);
}

static icl_status too_long(const struct icl_input *input, uint64_t end, struct icl_error *err)
{
    return icl_fail(err, ICL_ERR_INPUT, "%s: byte %" PRIu64 ": something follows the data", input->name, end);
}

icl_status icl_npy_check_size(const struct icl_input *input, size_t raw_size, struct icl_error *err)
{
    const uint64_t there = input->size - input->offset;
    if (there < raw_size) return too_short(input, input->size, raw_size, there, err);
    if (there > raw_size) return too_long(input, input->offset + raw_size, err);
    return ICL_OK;
}

/* Reads the `raw_size` bytes of data into the tail of `capacity` bytes of new memory, from a file of known size. */
static icl_status read_sized(struct icl_input *input, size_t raw_size, size_t capacity, unsigned char **memory,
                             struct icl_error *err)
{
    ICL_TRY(icl_npy_check_size(input, raw_size, err));
    unsigned char *bytes = malloc(capacity + 1);
    if (bytes == NULL) return icl_fail_memory(err, input->name);
    size_t got = 0;
    icl_status status = icl_input_read(input, bytes + (capacity - raw_size), raw_size, &got, err);
    /* The file may have been cut while it was read. */
    if (status == ICL_OK && got < raw_size) status = too_short(input, input->offset, raw_size, got, err);
    if (status == ICL_OK)
        *memory = bytes;
    else
        free(bytes);
    return status;
}

/* The same from a pipe or device: how much there is shows only at its end. */
static icl_status read_stream(struct icl_input *input, size_t raw_size, size_t capacity, unsigned char **memory,
                              struct icl_error *err)
{
    unsigned char *bytes = NULL;
    size_t got = 0;
    ICL_TRY(icl_input_read_all(input, raw_size, &bytes, &got, err));
    unsigned char beyond;
    size_t more = 0;
    icl_status status = icl_input_read(input, &beyond, 1, &more, err);
    if (status == ICL_OK && got < raw_size) status = too_short(input, input->offset, raw_size, got, err);
    if (status == ICL_OK && more > 0) status = too_long(input, input->offset - more, err);
    unsigned char *larger = status == ICL_OK ? realloc(bytes, capacity + 1) : NULL;
    if (larger == NULL) {
        free(bytes);
        return status == ICL_OK ? icl_fail_memory(err, input->name) : status;
    }
    memmove(larger + (capacity - raw_size), larger, raw_size);
    *memory = larger;
    return ICL_OK;
}

/* Replaces the Fortran-ordered data of `array` by the same in C order. */
static icl_status fortran_to_c(const struct icl_input *input, struct icl_array *array, struct icl_error *err)
{
    /* In memory, Fortran order is C order with the axes reversed. */
    size_t reversed[ICL_MAX_DIMS];
    for (int k = 0; k < array->ndim; k++)
        reversed[k] = array->shape[array->ndim - 1 - k];
    const size_t count = icl_array_size(array);
    double *ordered = malloc(count > 0 ? count * sizeof *ordered : 1);
    if (ordered == NULL) return icl_fail_memory(err, input->name);
    icl_reverse_axes(array->data, ordered, reversed, array->ndim);
    free(array->data);
    array->data = ordered;
    return ICL_OK;
}

icl_status icl_npy_read_input(struct icl_input *input, struct icl_array *out, struct icl_error *err)
{
    struct icl_npy_format format = {0};
    struct icl_array array = {0};
    ICL_TRY(icl_npy_read_header(input, &format, &array, err));
    const size_t count = icl_array_size(&array);
    const size_t raw_size = count * icl_dtype_size(array.dtype);
    const size_t capacity = count * sizeof(double);
    unsigned char *memory = NULL;
    ICL_TRY((input->size_known ? read_sized : read_stream)(input, raw_size, capacity, &memory, err));
    /* No element is wider than a double, so the raw data fit into the tail and are converted in place. */
    array.data = (double *)(void *)memory;
    icl_npy_decode(array.dtype, format.big_endian, memory + (capacity - raw_size), array.data, count);
    if (format.fortran_order && array.ndim > 1) {
        const icl_status status = fortran_to_c(input, &array, err);
        if (status != ICL_OK) {
            icl_array_free(&array);
            return status;
        }
    }
    *out = array;
    return ICL_OK;
}

icl_status icl_npy_read(const char *path, struct icl_array *out, struct icl_error *err)
{
    struct icl_input input;
    ICL_TRY(icl_input_open(&input, path, err));
    const icl_status status = icl_npy_read_input(&input, out, err);
    icl_input_close(&input);
    return status;
}
