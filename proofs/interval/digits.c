#include "proofs/interval/digits.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* floor(log10 |x|), perhaps one more; certain to be no less. x is not 0. */
static slong decimal_exponent(const arb_t x)
{
    const slong bits = 64;
    arb_t size, ten;
    arf_t top;
    arb_init(size);
    arb_init(ten);
    arf_init(top);
    arb_get_abs_ubound_arf(top, x, bits);
    arb_set_arf(size, top);
    arb_log(size, size, bits);
    arb_const_log10(ten, bits);
    arb_div(size, size, ten, bits);
    arb_get_ubound_arf(top, size, bits);
    const slong exponent = arf_get_si(top, ARF_RND_FLOOR);
    arb_clear(size);
    arb_clear(ten);
    arf_clear(top);
    return exponent;
}

enum { ROUNDING_BITS = 512 }; /* far more than any `most` in use needs */

/* The nearest whole number to x 10^places, if it is one for every number of the ball. */
static bool rounded(fmpz_t whole, const arb_t x, slong places)
{
    arb_t scaled, power;
    arb_init(scaled);
    arb_init(power);
    arb_set_ui(power, 10);
    arb_pow_ui(power, power, (ulong)labs(places), ROUNDING_BITS);
    if (places >= 0)
        arb_mul(scaled, x, power, ROUNDING_BITS);
    else
        arb_div(scaled, x, power, ROUNDING_BITS);
    arb_set_d(power, 0.5);
    arb_add(scaled, scaled, power, ROUNDING_BITS);
    arb_floor(scaled, scaled, ROUNDING_BITS);
    const bool unique = arb_get_unique_fmpz(whole, scaled) != 0;
    arb_clear(scaled);
    arb_clear(power);
    return unique;
}

/* Writes whole / 10^places, places > 0, with a point; or whole 10^-places, for places <= 0. */
static void print_decimal(FILE *stream, const fmpz_t whole, slong places)
{
    char *text = fmpz_get_str(NULL, 10, whole);
    const char *digits = text + (text[0] == '-');
    const slong count = (slong)strlen(digits);
    if (text[0] == '-') fputc('-', stream);
    if (places <= 0) {
        fputs(digits, stream);
        for (slong i = places; i < 0; i++)
            fputc('0', stream);
    } else {
        if (count <= places) fputs("0.", stream);
        for (slong i = count; i < places; i++)
            fputc('0', stream);
        for (slong i = 0; i < count; i++) {
            if (i > 0 && i == count - places) fputc('.', stream);
            fputc(digits[i], stream);
        }
    }
    flint_free(text);
}

int print_certain_digits(FILE *stream, const arb_t x, int most)
{
    if (arb_is_finite(x) && !arb_contains_zero(x)) {
        fmpz_t whole;
        fmpz_init(whole);
        const slong exponent = decimal_exponent(x);
        int digits = most;
        while (digits > 0 && !rounded(whole, x, digits - 1 - exponent))
            digits--;
        if (digits > 0) {
            print_decimal(stream, whole, digits - 1 - exponent);
            /* where the exponent was one too many, the first digit is missing */
            const int length = (int)fmpz_sizeinbase(whole, 10);
            fmpz_clear(whole);
            return length < digits ? length : digits;
        }
        fmpz_clear(whole);
    }
    fputc('-', stream);
    return 0;
}
