/* Multiplicative normal noise: x' = x (1 + e), y' = y (1 + f), e and f independent N(0, s^2), s^2 = (1-q)/q, of a
 * normal pair (x,y) of correlation rho. I(x';y') is no one-dimensional integral; it is enclosed between two bounds. */
#ifndef ICLAB_PROOFS_INTERVAL_NOISE_H
#define ICLAB_PROOFS_INTERVAL_NOISE_H

#include "proofs/interval/ratio.h"

/* An upper bound of I(x';y'), whatever rho: ln(1/(1-q))/2 + (gamma + ln 2)/2. For I(x';y') <= I(x;x') by data
 * processing, and that is h(x') - E ln|x| - h(e) with h(x') <= ln(2 pi e (1+s^2))/2 (the largest entropy of its
 * variance), (1+s^2)/s^2 = 1/(1-q), and E ln|x| = -(gamma + ln 2)/2. */
void noise_information_above(arb_t bound, struct ratio keep, slong bits);

/* A lower bound: the information between the cells into which x' and y' fall, data processing again. The cells are the
 * sign and, for |x'|, the intervals that `cuts` > 0, in rising order, make of (0, infinity); cuts <= NOISE_MOST_CUTS.
 *
 * With Mehler's expansion of the normal pair and g_A(x) = P(x' in A | x) = sum over k of a_k He_k(x) / sqrt(k!),
 *   P(x' in A, y' in B) = sum over k of rho^k a_k b_k,
 * of which what follows k = K is at most |rho|^(K+1) sqrt(P(A) P(B)): Cauchy-Schwarz, and by Bessel's inequality the
 * sum of a_k^2 is at most E g_A(x)^2 <= P(A). For A = (t, infinity), with the density n of 1 + e and k >= 1, a_k =
 * integral over c > 0 of [n(c) + (-1)^k n(-c)] phi(t/c) He_(k-1)(t/c) / sqrt(k!). */
enum { NOISE_MOST_CUTS = 8 };
void noise_information_below(arb_t bound, struct ratio rho, struct ratio keep, const struct ratio *cuts, int count,
                             slong bits);

#endif
