/* Rigorous integrals of real functions that continue holomorphically: Arb's adaptive Gauss-Legendre quadrature
 * (Petras 2002; Johansson 2018) on finite ranges, and proved bounds of what lies beyond them. */
#ifndef ICLAB_PROOFS_INTERVAL_INTEGRATE_H
#define ICLAB_PROOFS_INTERVAL_INTEGRATE_H

#include <stdbool.h>

#include "proofs/interval/arb_headers.h"

/* Encloses the integrand on the ball z, in the form that acb_calc_integrate wants: `order` 1 asks for a holomorphic
 * function on all of z, and the value has to be not finite where it is not; `order` 0 asks for bounds only. */
typedef int integrand(acb_ptr value, const acb_t z, void *parameters, slong order, slong bits);

/* bound = an upper bound of the integral of |f| over [from, infinity); infinite where none is known. */
typedef void tail_bound(arb_t bound, const void *parameters, const arb_t from, slong bits);

/* integral = the integral of f over [from, to], to about `bits` bits. Without convergence: [-inf, inf]. */
void integrate_range(arb_t integral, integrand *f, const void *parameters, const arb_t from, const arb_t to,
                     slong bits);

/* integral = that of f over [0, infinity): up to a point beyond which the tail is below 2^-bits, and the tail. */
void integrate_half_line(arb_t integral, integrand *f, tail_bound *tail, const void *parameters, slong bits);

/* A weight w of the standard normal density phi, with |w(x)| <= flat + square x^2 for real x >= 0. */
struct normal_weight {
    integrand *at;
    const void *parameters;
    arb_srcptr flat, square;
};

/* integral = that of phi w over [0, infinity). */
void integrate_normal(arb_t integral, const struct normal_weight *weight, slong bits);

/* value = z ln z, 0 at 0, on the principal branch. A ball that meets the branch cut: not finite if `analytic`, and
 * otherwise the bound |z ln z| <= r (pi - ln r) where |z| <= r <= 1. */
void acb_z_log_z(acb_t value, const acb_t z, bool analytic, slong bits);

/* value = x ln x for a ball of reals x >= 0: continued by 0; balls that reach 0 as above. */
void arb_x_log_x(arb_t value, const arb_t x, slong bits);

/* value = P(N > z) of a standard normal N, and its density; both entire in z. */
void acb_normal_upper(acb_t value, const acb_t z, slong bits);
void acb_normal_density(acb_t value, const acb_t z, slong bits);
void arb_normal_upper(arb_t value, const arb_t z, slong bits);
void arb_normal_density(arb_t value, const arb_t z, slong bits);

#endif
