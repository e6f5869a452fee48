/* Decimal digits of an enclosed number that are certain. */
#ifndef ICLAB_PROOFS_INTERVAL_DIGITS_H
#define ICLAB_PROOFS_INTERVAL_DIGITS_H

#include <stdio.h>

#include "proofs/interval/arb_headers.h"

/* Prints x rounded to as many significant digits, `most` or fewer, as every number of the ball rounds to alike: never
 * an exponent, no sign but minus. Returns how many; 0, and prints "-", where not even one is certain. */
int print_certain_digits(FILE *stream, const arb_t x, int most);

#endif
