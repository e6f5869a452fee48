/* The header of a .npy file: a Python dictionary with the keys 'descr', 'fortran_order' and 'shape'. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/npy_format.h"

enum { WORD_SIZE = 32, ALIGNMENT = 64 };

struct cursor {
    const char *name;
    const char *begin, *at, *end;
    size_t offset; /* of `begin` in the file */
    struct icl_error *err;
};

static icl_status unreadable(const struct cursor *c, const char *reason)
{
    return icl_fail(c->err, ICL_ERR_INPUT, "%s: byte %zu: unreadable header: %s", c->name,
                    c->offset + (size_t)(c->at - c->begin), reason);
}

static void skip_space(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || (*c->at >= '\t' && *c->at <= '\r')))
        c->at++;
}

/* Takes `wanted`, after spaces, if it is next. */
static bool take(struct cursor *c, char wanted)
{
    skip_space(c);
    if (c->at == c->end || *c->at != wanted) return false;
    c->at++;
    return true;
}

static icl_status take_string(struct cursor *c, char word[WORD_SIZE])
{
    skip_space(c);
    if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) return unreadable(c, "a quoted string is wanted");
    const char quote = *c->at;
    const char *first = c->at + 1;
    const char *last = memchr(first, quote, (size_t)(c->end - first));
    if (last == NULL) return unreadable(c, "a quote is not closed");
    const size_t length = (size_t)(last - first);
    if (length >= WORD_SIZE) return unreadable(c, "a string is too long");
    if (memchr(first, '\\', length) != NULL || memchr(first, '\0', length) != NULL)
        return unreadable(c, "a string holds a backslash or a zero byte");
    memcpy(word, first, length);
    word[length] = '\0';
    c->at = last + 1;
    return ICL_OK;
}

static icl_status take_descr(struct cursor *c, struct icl_npy_format *format)
{
    if (take(c, '['))
        return icl_fail(c->err, ICL_ERR_INPUT, "%s: header key 'descr': structured dtypes are not supported", c->name);
    char word[WORD_SIZE];
    ICL_TRY(take_string(c, word));
    const bool has_order = word[0] != '\0' && strchr("<>=|", word[0]) != NULL;
    enum icl_dtype dtype;
    if (!icl_dtype_find(word + has_order, &dtype) || (word[0] == '|' && icl_dtype_size(dtype) > 1))
        return icl_fail(c->err, ICL_ERR_INPUT,
                        "%s: header key 'descr': dtype '%s' is not supported (want f4, f8, i1 to i8, u1 to u8 or b1)",
                        c->name, word);
    format->dtype = dtype;
    format->big_endian = word[0] == '>' || (word[0] != '<' && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    return ICL_OK;
}

static icl_status take_bool(struct cursor *c, bool *value)
{
    skip_space(c);
    const size_t left = (size_t)(c->end - c->at);
    if (left >= 4 && memcmp(c->at, "True", 4) == 0) {
        *value = true;
        c->at += 4;
    } else if (left >= 5 && memcmp(c->at, "False", 5) == 0) {
        *value = false;
        c->at += 5;
    } else {
        return unreadable(c, "key 'fortran_order' wants True or False");
    }
    return ICL_OK;
}

static icl_status take_dimension(struct cursor *c, int k, size_t *value)
{
    skip_space(c);
    if (c->at < c->end && *c->at == '-')
        return icl_fail(c->err, ICL_ERR_INPUT, "%s: header key 'shape': dimension %d is negative", c->name, k);
    const char *first = c->at;
    size_t n = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++)
        if (__builtin_mul_overflow(n, (size_t)10, &n) || __builtin_add_overflow(n, (size_t)(*c->at - '0'), &n))
            return icl_fail(c->err, ICL_ERR_INPUT, "%s: header key 'shape': dimension %d is too large", c->name, k);
    if (c->at == first) return unreadable(c, "key 'shape' wants a tuple of whole numbers");
    if (c->at < c->end && *c->at == 'L') c->at++; /* Python 2 wrote long integers so */
    *value = n;
    return ICL_OK;
}

static icl_status take_shape(struct cursor *c, struct icl_array *array)
{
    if (!take(c, '(')) return unreadable(c, "key 'shape' wants a tuple of whole numbers");
    array->ndim = 0;
    while (!take(c, ')')) {
        if (array->ndim == ICL_MAX_DIMS)
            return icl_fail(c->err, ICL_ERR_INPUT, "%s: header key 'shape': more than %d dimensions", c->name,
                            (int)ICL_MAX_DIMS);
        ICL_TRY(take_dimension(c, array->ndim, &array->shape[array->ndim]));
        array->ndim++;
        if (take(c, ',')) continue;
        /* "(3)" is a number in Python, "(3,)" a tuple. */
        if (array->ndim == 1 || !take(c, ')')) return unreadable(c, "key 'shape' wants commas between its numbers");
        break;
    }
    /* Dimensions of 0 are left out, so that every partial product is known to fit as well. */
    size_t bytes = sizeof(double);
    for (int k = 0; k < array->ndim; k++)
        if (array->shape[k] != 0 && (__builtin_mul_overflow(bytes, array->shape[k], &bytes) || bytes > PTRDIFF_MAX)) {
            char text[ICL_SHAPE_TEXT_SIZE];
            return icl_fail(c->err, ICL_ERR_INPUT, "%s: header key 'shape': %s has more elements than memory can hold",
                            c->name, icl_shape_text(array, text));
        }
    return ICL_OK;
}

icl_status icl_npy_parse_header(const char *name, const char *text, size_t length, size_t offset,
                                struct icl_npy_format *format, struct icl_array *array, struct icl_error *err)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    enum { KEY_COUNT = sizeof keys / sizeof *keys };
    bool seen[KEY_COUNT] = {false};
    struct cursor c = {name, text, text, text + length, offset, err};
    if (!take(&c, '{')) return unreadable(&c, "a '{' is wanted");
    while (!take(&c, '}')) {
        char word[WORD_SIZE];
        ICL_TRY(take_string(&c, word));
        int key = 0;
        while (key < KEY_COUNT && strcmp(keys[key], word) != 0)
            key++;
        if (key == KEY_COUNT) return icl_fail(err, ICL_ERR_INPUT, "%s: header key '%s' is unknown", name, word);
        if (seen[key]) return icl_fail(err, ICL_ERR_INPUT, "%s: header key '%s' appears twice", name, word);
        seen[key] = true;
        if (!take(&c, ':')) return unreadable(&c, "a ':' is wanted");
        if (key == 0) ICL_TRY(take_descr(&c, format));
        if (key == 1) ICL_TRY(take_bool(&c, &format->fortran_order));
        if (key == 2) ICL_TRY(take_shape(&c, array));
        if (take(&c, ',')) continue;
        if (!take(&c, '}')) return unreadable(&c, "a ',' or '}' is wanted");
        break;
    }
    skip_space(&c);
    if (c.at != c.end) return unreadable(&c, "something follows the '}'");
    for (int key = 0; key < KEY_COUNT; key++)
        if (!seen[key]) return icl_fail(err, ICL_ERR_INPUT, "%s: header key '%s' is missing", name, keys[key]);
    array->dtype = format->dtype;
    return ICL_OK;
}

size_t icl_npy_format_header(const struct icl_array *array, const struct icl_npy_format *format,
                             unsigned char buffer[ICL_NPY_HEADER_TEXT_SIZE])
{
    const unsigned version = format->version == 0 ? 1 : (unsigned)format->version;
    const size_t length_size = version == 1 ? 2 : 4;
    const size_t start = ICL_NPY_MAGIC_SIZE + 2 + length_size;
    const char order = icl_dtype_size(format->dtype) == 1 ? '|' : format->big_endian ? '>' : '<';
    char shape[ICL_SHAPE_TEXT_SIZE];
    const int printed =
        snprintf((char *)buffer + start, ICL_NPY_HEADER_TEXT_SIZE - start,
                 "{'descr': '%c%s', 'fortran_order': %s, 'shape': %s, }", order, icl_dtype_name(format->dtype),
                 format->fortran_order ? "True" : "False", icl_shape_text(array, shape));
    const size_t used = start + (size_t)printed;
    const size_t total = (used + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    memset(buffer + used, ' ', total - used);
    buffer[total - 1] = '\n';
    memcpy(buffer, ICL_NPY_MAGIC, ICL_NPY_MAGIC_SIZE);
    buffer[ICL_NPY_MAGIC_SIZE] = (unsigned char)version;
    buffer[ICL_NPY_MAGIC_SIZE + 1] = 0;
    for (size_t k = 0; k < length_size; k++)
        buffer[ICL_NPY_MAGIC_SIZE + 2 + k] = (unsigned char)((total - start) >> (8 * k) & 0xff);
    return total;
}
