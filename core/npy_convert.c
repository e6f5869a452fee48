#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/npy_format.h"

/* Elements converted at a time: 4 KiB of the widest type, kept on the stack. */
enum { BLOCK = 512, WIDEST = 8 };

#define CONVERTERS(suffix, type, from_value)                                                                           \
    static void decode_##suffix(const unsigned char *restrict raw, double *restrict out, size_t count)                 \
    {                                                                                                                  \
        for (size_t i = 0; i < count; i++) {                                                                           \
            type value;                                                                                                \
            memcpy(&value, raw + i * sizeof value, sizeof value);                                                      \
            out[i] = (double)(from_value);                                                                             \
        }                                                                                                              \
    }                                                                                                                  \
    static void encode_##suffix(const double *restrict in, unsigned char *restrict raw, size_t count)                  \
    {                                                                                                                  \
        for (size_t i = 0; i < count; i++) {                                                                           \
            const type value = (type)in[i];                                                                            \
            memcpy(raw + i * sizeof value, &value, sizeof value);                                                      \
        }                                                                                                              \
    }

CONVERTERS(f4, float, value)
CONVERTERS(f8, double, value)
CONVERTERS(i1, int8_t, value)
CONVERTERS(i2, int16_t, value)
CONVERTERS(i4, int32_t, value)
CONVERTERS(i8, int64_t, value)
CONVERTERS(u1, uint8_t, value)
CONVERTERS(u2, uint16_t, value)
CONVERTERS(u4, uint32_t, value)
CONVERTERS(u8, uint64_t, value)
CONVERTERS(b1, uint8_t, value != 0)

/* `low` and `high` are the values that fit: low <= v < high for integers, low <= v <= high for finite floats. */
static const struct dtype_facts {
    const char *name;
    size_t size;
    bool whole;
    double low, high;
    void (*decode)(const unsigned char *restrict raw, double *restrict out, size_t count);
    void (*encode)(const double *restrict in, unsigned char *restrict raw, size_t count);
} facts[ICL_DTYPE_COUNT] = {
    [ICL_F32] = {"f4", 4, false, -(double)FLT_MAX, (double)FLT_MAX, decode_f4, encode_f4},
    [ICL_F64] = {"f8", 8, false, -DBL_MAX, DBL_MAX, decode_f8, encode_f8},
    [ICL_I8] = {"i1", 1, true, -0x1p7, 0x1p7, decode_i1, encode_i1},
    [ICL_I16] = {"i2", 2, true, -0x1p15, 0x1p15, decode_i2, encode_i2},
    [ICL_I32] = {"i4", 4, true, -0x1p31, 0x1p31, decode_i4, encode_i4},
    [ICL_I64] = {"i8", 8, true, -0x1p63, 0x1p63, decode_i8, encode_i8},
    [ICL_U8] = {"u1", 1, true, 0, 0x1p8, decode_u1, encode_u1},
    [ICL_U16] = {"u2", 2, true, 0, 0x1p16, decode_u2, encode_u2},
    [ICL_U32] = {"u4", 4, true, 0, 0x1p32, decode_u4, encode_u4},
    [ICL_U64] = {"u8", 8, true, 0, 0x1p64, decode_u8, encode_u8},
    [ICL_BOOL] = {"b1", 1, true, 0, 2, decode_b1, encode_b1},
};

const char *icl_dtype_name(enum icl_dtype dtype)
{
    return (unsigned)dtype < ICL_DTYPE_COUNT ? facts[dtype].name : "unknown";
}

size_t icl_dtype_size(enum icl_dtype dtype)
{
    return facts[dtype].size;
}

bool icl_dtype_find(const char *name, enum icl_dtype *dtype)
{
    for (int d = 0; d < ICL_DTYPE_COUNT; d++)
        if (strcmp(facts[d].name, name) == 0) {
            *dtype = (enum icl_dtype)d;
            return true;
        }
    return false;
}

bool icl_dtype_holds(enum icl_dtype dtype, double value)
{
    const struct dtype_facts *f = &facts[dtype];
    if (f->whole) return value >= f->low && value < f->high && value == trunc(value);
    return !isfinite(value) || (value >= f->low && value <= f->high);
}

static bool must_swap(bool big_endian)
{
    return big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

#define SWAP_LOOP(type, swap)                                                                                          \
    for (size_t i = 0; i < count; i++) {                                                                               \
        type value;                                                                                                    \
        memcpy(&value, raw + i * sizeof value, sizeof value);                                                          \
        value = swap(value);                                                                                           \
        memcpy(raw + i * sizeof value, &value, sizeof value);                                                          \
    }

static void swap_bytes(unsigned char *raw, size_t size, size_t count)
{
    if (size == 2)
        SWAP_LOOP(uint16_t, __builtin_bswap16)
    else if (size == 4)
        SWAP_LOOP(uint32_t, __builtin_bswap32)
    else if (size == 8)
        SWAP_LOOP(uint64_t, __builtin_bswap64)
}

void icl_npy_decode(enum icl_dtype dtype, bool big_endian, const unsigned char *raw, double *out, size_t count)
{
    const size_t size = facts[dtype].size;
    unsigned char block[BLOCK * WIDEST];
    for (size_t done = 0; done < count; done += BLOCK) {
        const size_t n = count - done < BLOCK ? count - done : BLOCK;
        /* Through a copy, because `raw` may lie in the tail of `out`. */
        memcpy(block, raw + done * size, n * size);
        if (must_swap(big_endian)) swap_bytes(block, size, n);
        facts[dtype].decode(block, out + done, n);
    }
}

void icl_npy_encode(enum icl_dtype dtype, bool big_endian, const double *in, unsigned char *raw, size_t count)
{
    facts[dtype].encode(in, raw, count);
    if (must_swap(big_endian)) swap_bytes(raw, facts[dtype].size, count);
}
