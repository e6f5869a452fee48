/* Numbers as text: strict, exact and independent of any locale. */
#ifndef ICLAB_CORE_NUMBER_H
#define ICLAB_CORE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum icl_number_outcome {
    ICL_NUMBER_OK,
    ICL_NUMBER_GARBAGE, /* not a number, or something besides the number */
    ICL_NUMBER_RANGE    /* a number that the type cannot hold */
};

/* Reads the whole of text[0..length-1] as a decimal number, rounded to nearest: "-1.5e3", "nan", "inf", "+Infinity"
 * (any case); no spaces, no hexadecimal. Underflow gives the nearest double; overflow is ICL_NUMBER_RANGE. text[length]
 * must be readable (a delimiter or the ending zero). `value` is untouched unless the outcome is ICL_NUMBER_OK. */
enum icl_number_outcome icl_parse_double(const char *text, size_t length, double *value);

/* Reads the whole text as a count. "1e5" and "2.5e3" are counts, "1.5" and "-1" are not. Exact up to 2^64-1. */
enum icl_number_outcome icl_parse_count(const char *text, size_t length, uint64_t *value);

/* The shortest of 15, 16 or 17 digits that reads back to the same double; "nan", "inf", "-inf". Returns `buffer`. */
enum { ICL_NUMBER_SIZE = 32 };
const char *icl_format_number(double value, char buffer[ICL_NUMBER_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
