/* -integral of F ln F for a density that is a function of one coordinate t on [0, infinity). */
#ifndef ICLAB_PROOFS_INTERVAL_DENSITY_H
#define ICLAB_PROOFS_INTERVAL_DENSITY_H

#include "proofs/interval/integrate.h"

/* How a density f lies over t: f(t), and the length or area of the places that have coordinate t, per dt. */
struct density {
    void (*at)(acb_t f, acb_t measure, const acb_t t, bool analytic, const struct density *density, slong bits);

    /* For some epsilon in (0,1): *power >= integral of f^(1-epsilon) measure over [from, infinity), and *most >= f
     * there. */
    void (*tail)(arb_t power, arb_t most, const struct density *density, const arb_t from, slong bits);
    arb_srcptr epsilon;
    const void *parameters; /* of `at` and `tail` */
};

/* part = -integral of F ln F over all of space, F = mass f / scale, measure stretched by `scale`; mass, scale > 0.
 * Beyond a point where F <= 1 the tail is bounded with |F ln F| <= F^(1-epsilon) / (e epsilon), which holds because
 * -F^epsilon ln F is largest at F = e^(-1/epsilon). */
void part_entropy(arb_t part, const struct density *density, const arb_t mass, const arb_t scale, slong bits);

#endif
