/* Laws of pairs with a density: differential entropies and mutual information by a closed form (or a series), and a
 * second time by integrals of F ln F alone. Everything in nats. */
#ifndef ICLAB_PROOFS_INTERVAL_CONTINUOUS_H
#define ICLAB_PROOFS_INTERVAL_CONTINUOUS_H

#include "proofs/interval/integrate.h"
#include "proofs/interval/ratio.h"

enum side { SIDE_X, SIDE_Y };

struct continuous_law;

/* The enclosures are to about `bits` bits; an integral that does not converge gives [-inf, inf]. */
typedef void law_entropy(arb_t value, const struct continuous_law *law, enum side side, slong bits);
typedef void law_information(arb_t value, const struct continuous_law *law, slong bits);
typedef void margin_part(arb_t part, const struct continuous_law *law, enum side side, const arb_t mass,
                         const arb_t scale, slong bits);
typedef void pair_part(arb_t part, const struct continuous_law *law, const arb_t mass, const arb_t scale, slong bits);

struct continuous_law {
    const char *name;
    struct ratio parameter; /* rho, or what the family calls it below */
    struct ratio second;    /* of a family with two parameters */

    /* The first way: differential entropy of a margin, mutual information. */
    law_entropy *entropy;
    law_information *information;

    /* The second way: -integral of F ln F, F = mass f / scale the density of a part of that mass of a law that is
     * stretched by `scale`, f the density of the margin, or of the pair (`scale` is then the product of two stretches).
     * mass, scale > 0. */
    margin_part *margin;
    pair_part *pair;
};

/* The laws of the checks, ended by one without a name. */
extern const struct continuous_law continuous_laws[];

/* gaussian.c: standard normal margins, correlation rho = parameter. */
law_entropy gaussian_entropy;
law_information gaussian_information;
margin_part gaussian_margin;
pair_part gaussian_pair;

/* student.c: bivariate Student t, rho = parameter, nu = second degrees of freedom, dispersion of unit diagonal. */
law_entropy student_entropy;
law_information student_information;
margin_part student_margin;
pair_part student_pair;

/* bimodal.c: x = a s + e, y = a s + f, s = +-1 fair, e and f standard normal, a = parameter. */
law_entropy bimodal_entropy;
law_information bimodal_information;
margin_part bimodal_margin;
pair_part bimodal_pair;

/* uniform.c: x and u uniform on (0,1), y = x + w u, w = parameter in (0,1]. */
law_entropy uniform_entropy;
law_information uniform_information;
margin_part uniform_margin;
pair_part uniform_pair;

/* copula.c: uniform margins on (0,1). Farlie-Gumbel-Morgenstern: density 1 + t (1 - 2x) (1 - 2y), t = parameter in
 * (-1,1). Gaussian: (Phi(u), Phi(v)) of a normal pair of correlation rho = parameter. */
law_entropy copula_entropy;
margin_part copula_margin;
law_information fgm_information;
pair_part fgm_pair, gaussian_copula_pair;

#endif
