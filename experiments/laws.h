/* Laws of neuron pairs with known answers: samplers and exact mutual information before and after a dropout. */
#ifndef ICLAB_EXPERIMENTS_LAWS_H
#define ICLAB_EXPERIMENTS_LAWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "estimators/dropout_law.h" /* icl_binary_entropy */
#include "kernels/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A joint law of (x, y), exchangeable: x and y have one marginal. All samplers are pure functions of (seed, step):
 * purpose LAW, layer index * 8 + role (roles are the several streams a law needs), see kernels/random.h. A copy of
 * gauss, student, relu or relubn with another `rho` in (-1,1) is a law too: sampler and truths read the field; `corr`
 * is then for the caller to set. */
struct icl_law {
    const char *name;        /* "gauss", "student", ... as in claims.tsv */
    const char *description; /* one line for tables and the report */
    uint32_t index;          /* the place in the registry, part of the sampler's counters */
    bool discrete;           /* finitely many values */
    bool atom_at_zero;       /* P(x=0) > 0 or P(y=0) > 0 */
    bool centred;            /* both means are 0 */
    double rho;              /* the parameter of dependence; also the Pearson correlation where `corr` says so */
    double corr;             /* the exact Pearson correlation of (x,y) */
    double mean_over_sd;     /* m = mu/sigma, the same for x and y */

    /* Fills x and y (n values each) with independent samples; `step` picks the block. */
    void (*sample)(const struct icl_law *law, uint64_t seed, uint32_t step, size_t n, double *x, double *y);

    /* Exact I(x;y) in nats; closed form or integral to 1e-8. rho outside (-1,1): ICL_ERR_USAGE. */
    icl_status (*mi)(const struct icl_law *law, double *mi, struct icl_error *err);

    /* Exact I(x';y') after Bernoulli gates of `keep` in [0,1] (independent or shared; not Gaussian), to 1e-7 nats.
     * Laws without an atom at zero: keep^2 I and H_b(keep) + keep I (theory of c01, c06).
     * Another gate, or keep outside [0,1]: ICL_ERR_USAGE. */
    icl_status (*mi_after)(const struct icl_law *law, enum icl_gate gate, double keep, double *mi,
                           struct icl_error *err);

    /* Exact entropy of x in nats, to 1e-8: discrete laws relative to counting, continuous ones to Lebesgue measure,
     * relu and relubn to Lebesgue measure plus a point mass at the atom. */
    icl_status (*entropy)(const struct icl_law *law, double *entropy, struct icl_error *err);

    /* Exact entropy of x' = g x (not rescaled), the reference measure having a point mass at zero as well.
     * Laws without an atom at zero: keep H + H_b(keep) (theory of c03). keep outside [0,1]: ICL_ERR_USAGE. */
    icl_status (*entropy_after)(const struct icl_law *law, double keep, double *entropy, struct icl_error *err);
};

/* The laws of the registry, in fixed order:
 *   gauss      bivariate normal, rho = .75
 *   student    bivariate Student t, nu = 5, rho = .6 (heavy tails), scaled as drawn (not to unit variance)
 *   bimodal    x = 1.5 s + e, y = 1.5 s + f, s = +-1 fair, e and f independent standard normal
 *   discrete   a 4x4 law on {-2,-1,1,2}^2 with positive dependence, no atom at zero, zero means
 *   binary     x,y in {0,1}, P(0,0)=P(1,1)=.35, P(0,1)=P(1,0)=.15: an atom at zero
 *   relu       x = max(u,0), y = max(v,0), (u,v) bivariate normal rho = .75: what dropout straight after ReLU meets
 *   relubn     relu standardised by its exact mean and sd: ReLU -> BN, the atom moved away from zero
 * Returns NULL past the last. */
const struct icl_law *icl_law_at(size_t index);
const struct icl_law *icl_law_by_name(const char *name);

/* Entropy in nats of the finite law p (size values summing to 1); terms of p = 0 are 0. */
double icl_entropy_of_law(const double *p, size_t size);

#ifdef __cplusplus
}
#endif

#endif
