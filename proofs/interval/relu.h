/* x = max(u,0), y = max(v,0) of a normal pair (u,v) of correlation rho, and what gates do to it. Notation: phi and Phi
 * the standard normal density and distribution function, s = sqrt(1 - rho^2), k = rho / s, so that
 * P(v > 0 | u = x) = Phi(k x); q and r the means of the gates g and h, p11 = P(g=h=1). */
#ifndef ICLAB_PROOFS_INTERVAL_RELU_H
#define ICLAB_PROOFS_INTERVAL_RELU_H

#include <stdbool.h>

#include "proofs/interval/gates.h"

/* Closed integrals over the quadrant u, v > 0 (Rosenbaum 1961). */
struct relu {
    arb_t rho, s, slope;
    arb_t quadrant; /* Q = P(u,v > 0) = 1/4 + asin(rho) / (2 pi) */
    arb_t square;   /* E[u^2; u,v > 0] = Q + rho s / (2 pi) */
    arb_t product;  /* E[u v; u,v > 0] = rho Q + s / (2 pi) */
    arb_t inside;   /* A = integral of phi2 ln(phi2 / (phi phi)) = -Q ln(s^2)/2 + (rho/s^2) (product - rho square) */
};

void relu_init(struct relu *relu, struct ratio rho, slong bits);
void relu_clear(struct relu *relu);

/* mi = I(gx;hy). The joint law has an atom, two densities on the axes and one inside the quadrant. With the margins'
 * atoms a = 1 - q/2 and b = 1 - r/2, the joint atom p00 = 1 - q/2 - r/2 + p11 Q, and c(x) = 1 - (p11/q) Phi(k x), which
 * is P(y' = 0 | x' = x):
 *   p00 ln(p00/(a b)) + q int phi c ln(c/b) + the same for y + p11 (A + Q ln(p11/(q r))). */
void relu_information(arb_t mi, struct ratio rho, const struct gates *gates, slong bits);

/* The same by the identity of four terms, A = 1[x' > 0], B = 1[y' > 0], with integrals of its own:
 *   I(A;B) + P(A) I(x';B | A=1) + P(B) I(A;y' | B=1) + P(A,B) I(x';y' | A=B=1). */
void relu_information_by_terms(arb_t mi, struct ratio rho, const struct gates *gates, slong bits);

/* The same behind a batch norm, which puts the atom of max(u,0) elsewhere: the law of (gx,hy) in its nine parts. */
void relubn_information(arb_t mi, struct ratio rho, const struct gates *gates, slong bits);

/* exponent = d ln I' / d ln q for independent gates of one mean `keep`, by differentiating the formula for I'. */
void relu_exponent(arb_t exponent, struct ratio rho, struct ratio keep, slong bits);

/* The same at keep 1 by theory: 2 + [KL(p_y || p_y|x=0) + KL(p_x || p_x|y=0)] / I. */
void relu_exponent_by_divergence(arb_t exponent, struct ratio rho, slong bits);

/* limit = that of I' / (q^2 I) as q -> 0: (A - Q + 1/4) / I. */
void relu_ratio_limit(arb_t limit, struct ratio rho, slong bits);

/* H(gx) relative to length and a point mass at 0; behind a batch norm that divides by `sd` relative to length and point
 * masses at 0 and at the moved atom. Closed; `by_integral`: the density's part by integration of F ln F. */
void relu_entropy(arb_t entropy, struct ratio keep, bool by_integral, slong bits);
void relubn_entropy(arb_t entropy, struct ratio keep, const arb_t sd, bool by_integral, slong bits);

/* mean = 1/sqrt(2 pi), variance = 1/2 - 1/(2 pi), covariance = product - 1/(2 pi) of (x, y); with `by_integral` from
 * integrals. */
void relu_moments(arb_t mean, arb_t variance, arb_t covariance, struct ratio rho, bool by_integral, slong bits);

/* The closed Q, square and product again, as integrals: for a check. which: 0, 1, 2. */
void relu_quadrant_by_integral(arb_t value, struct ratio rho, int which, slong bits);

#endif
