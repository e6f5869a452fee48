#include "core/number.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* Exponents beyond this are all the same to a double and to a count; capping them keeps the arithmetic in an int. */
enum { EXPONENT_CAP = 100000 };

/* A decimal number taken apart: value = digits * 10^exponent, exactly unless `inexact`. */
struct decimal {
    bool negative;
    bool inexact; /* more significant digits than 64 bits hold */
    uint64_t digits;
    int exponent;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads digits at `at`, adds them to `out`; each one moves the exponent by `step`. Returns the first other character.
 */
static const char *take_digits(const char *at, const char *end, int step, struct decimal *out)
{
    for (; at < end && is_digit(*at); at++) {
        const unsigned digit = (unsigned)(*at - '0');
        uint64_t next;
        if (out->inexact || __builtin_mul_overflow(out->digits, 10u, &next) ||
            __builtin_add_overflow(next, digit, &next)) {
            /* Only its place counts from here on; zeros after the point cost nothing. */
            if (digit != 0 || step == 0) out->inexact = true;
            if (step == 0 && out->exponent < EXPONENT_CAP) out->exponent++;
            continue;
        }
        out->digits = next;
        if (step != 0 && out->exponent > -EXPONENT_CAP) out->exponent += step;
    }
    return at;
}

/* [sign] digits [. digits] [e [sign] digits], the whole text. */
static bool parse_decimal(const char *text, const char *end, struct decimal *out)
{
    *out = (struct decimal){0};
    const char *at = text;
    if (at < end && (*at == '-' || *at == '+')) out->negative = *at++ == '-';
    const char *integer = at;
    at = take_digits(at, end, 0, out);
    ptrdiff_t seen = at - integer;
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        at = take_digits(at, end, -1, out);
        seen += at - fraction;
    }
    if (seen == 0) return false;
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        bool below = false;
        if (at < end && (*at == '-' || *at == '+')) below = *at++ == '-';
        const char *first = at;
        int power = 0;
        for (; at < end && is_digit(*at); at++)
            if (power < EXPONENT_CAP) power = power * 10 + (*at - '0');
        if (at == first) return false;
        out->exponent += below ? -power : power;
    }
    return at == end;
}

static bool parse_special(const char *text, size_t length, double *value)
{
    const bool sign = length > 0 && (*text == '-' || *text == '+');
    const bool negative = sign && *text == '-';
    text += sign;
    length -= sign;
    if (length == 3 && strncasecmp(text, "nan", 3) == 0)
        *value = NAN;
    else if ((length == 3 && strncasecmp(text, "inf", 3) == 0) ||
             (length == 8 && strncasecmp(text, "infinity", 8) == 0))
        *value = negative ? -INFINITY : INFINITY;
    else
        return false;
    return true;
}

/* The "C" locale: a constant of the C library, so nothing is allocated for it and nothing has to be freed. */
static locale_t plain_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

enum icl_number_outcome icl_parse_double(const char *text, size_t length, double *value)
{
    /* The powers of ten that a double holds exactly. */
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const int largest = (int)(sizeof tens / sizeof *tens) - 1;
    const uint64_t exact_digits = UINT64_C(1) << 53;
    struct decimal decimal;
    if (!parse_decimal(text, text + length, &decimal))
        return parse_special(text, length, value) ? ICL_NUMBER_OK : ICL_NUMBER_GARBAGE;
    /* Both factors are exact, so the one operation rounds correctly; nearly all numbers of tables end here. */
    if (!decimal.inexact && decimal.digits <= exact_digits && decimal.exponent >= -largest &&
        decimal.exponent <= largest) {
        const double digits = (double)decimal.digits;
        const double size = decimal.exponent < 0 ? digits / tens[-decimal.exponent] : digits * tens[decimal.exponent];
        *value = decimal.negative ? -size : size;
        return ICL_NUMBER_OK;
    }
    char *end;
    const double rounded = strtod_l(text, &end, plain_locale());
    if (end != text + length) return ICL_NUMBER_GARBAGE;
    if (isinf(rounded)) return ICL_NUMBER_RANGE;
    *value = rounded;
    return ICL_NUMBER_OK;
}

enum icl_number_outcome icl_parse_count(const char *text, size_t length, uint64_t *value)
{
    struct decimal decimal;
    if (!parse_decimal(text, text + length, &decimal) || *text == '-') return ICL_NUMBER_GARBAGE;
    if (decimal.inexact) return ICL_NUMBER_RANGE;
    uint64_t count = decimal.digits;
    for (int e = decimal.exponent; e < 0 && count != 0; e++) {
        if (count % 10 != 0) return ICL_NUMBER_GARBAGE;
        count /= 10;
    }
    for (int e = decimal.exponent; e > 0 && count != 0; e--)
        if (__builtin_mul_overflow(count, 10u, &count)) return ICL_NUMBER_RANGE;
    *value = count;
    return ICL_NUMBER_OK;
}

const char *icl_format_number(double value, char buffer[ICL_NUMBER_SIZE])
{
    if (!isfinite(value)) {
        snprintf(buffer, ICL_NUMBER_SIZE, "%s", isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
        return buffer;
    }
    /* 15 digits survive text -> double -> text, 17 survive double -> text -> double. */
    const locale_t plain = plain_locale();
    const locale_t before = uselocale(plain);
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, ICL_NUMBER_SIZE, "%.*g", digits, value);
        if (strtod_l(buffer, NULL, plain) == value) break;
    }
    uselocale(before);
    return buffer;
}
