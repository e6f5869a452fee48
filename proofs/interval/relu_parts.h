/* Internal to relu*.c: the parts of the gated law of two rectified normals, and integrals over its axes. */
#ifndef ICLAB_PROOFS_INTERVAL_RELU_PARTS_H
#define ICLAB_PROOFS_INTERVAL_RELU_PARTS_H

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

/* Integrals over x > 0 of c(x) = 1 - given Phi(slope x): that of phi c ln c. */
void integral_of_c_ln_c(arb_t integral, const arb_t slope, const arb_t given, slong bits);

/* That of phi times the divergence of (1-c, c) from their means: (1-c) ln((1-c)/mean) + c ln(c/(1-mean)). */
void integral_of_divergence(arb_t integral, const arb_t slope, const arb_t given, const arb_t mean, slong bits);

/* That of phi ln c; and of phi Phi(slope x) ln c. */
void integral_of_ln_c(arb_t integral, const arb_t slope, const arb_t given, slong bits);
void integral_of_open_ln_c(arb_t integral, const arb_t slope, const arb_t given, slong bits);

#endif
