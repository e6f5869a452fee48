/* Internal to relu*.c: the parts of the gated law of two rectified normals, and integrals over its axes. */
#ifndef ICLAB_PROOFS_INTERVAL_RELU_PARTS_H
#define ICLAB_PROOFS_INTERVAL_RELU_PARTS_H

#include "proofs/interval/integrate.h"
#include "proofs/interval/relu.h"

enum { GUARD = 40 };

/* What the parts of the gated law are made of. */
struct gated_relu {
    struct relu relu;
    arb_t both, keep[2], given[2], atom[2], corner; /* [0] of x, [1] of y: given[0] = P(h=1 | g=1) */
    bool symmetric;
};

void gated_init(struct gated_relu *gated, struct ratio rho, const struct gates *gates, slong bits);
void gated_clear(struct gated_relu *gated);

/* c(x) = 1 - given Phi(slope x), written without cancellation. */
struct axis {
    arb_srcptr slope, given;
    arb_srcptr mean; /* of given Phi(slope x) for x > 0; for the divergence only */
};

/* integral = that of phi f over [0, infinity), |f(x)| <= flat + square x^2; f takes a struct axis. */
void over_axis(arb_t integral, integrand *f, const struct axis *axis, const arb_t flat, const arb_t square, slong bits);

/* The divergence of (open, shut) = (1 - c, c) from their means: open ln(open/mean) + shut ln(shut/(1-mean)). */
integrand relu_divergence;

/* integral = that of phi c ln c. */
void integral_of_c_ln_c(arb_t integral, const arb_t slope, const arb_t given, slong bits);

/* integral = that of phi f for one of these: Phi(slope x) ln c, ln c. */
integrand relu_open_log_shut, relu_log_shut;
void integral_with_ln_c(arb_t integral, integrand *f, const arb_t slope, const arb_t given, slong bits);

#endif
