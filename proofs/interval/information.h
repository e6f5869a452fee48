/* Entropy, information and correlation of finite laws, enclosed. All information in nats. Margins are formed exactly,
 * and only the logarithms are rounded. What has two functions is computed by two routes, which meet in no formula. */
#ifndef ICLAB_PROOFS_INTERVAL_INFORMATION_H
#define ICLAB_PROOFS_INTERVAL_INFORMATION_H

#include "proofs/interval/finite_law.h"

/* -sum p ln p over the joint law of the neurons of a set. */
void enclose_entropy(arb_t entropy, const struct law *law, neuron_set set, slong bits);

/* H_b(p) = -p ln p - (1-p) ln(1-p) for 0 <= p <= 1. */
void enclose_binary_entropy(arb_t entropy, const fmpq_t p, slong bits);

/* Total correlation of the groups of neurons sets[0..count): sum of p ln (p / product of the margins). For two groups
 * it is their mutual information. The sets have to be disjoint. */
void enclose_dependence(arb_t dependence, const struct law *law, const neuron_set *sets, slong count, slong bits);

/* The same as sum of H(set) - H(all). */
void enclose_dependence_by_entropies(arb_t dependence, const struct law *law, const neuron_set *sets, slong count,
                                     slong bits);

/* I(x_0; x_1) of a pair, as the sum of p ln (p / product of margins), and as H(x) + H(y) - H(x, y). */
void enclose_information(arb_t information, const struct law *pair, slong bits);
void enclose_information_by_entropies(arb_t information, const struct law *pair, slong bits);

/* I(a; b | given) = H(a,given) + H(b,given) - H(a,b,given) - H(given). */
void enclose_conditional_information(arb_t information, const struct law *law, neuron_set a, neuron_set b,
                                     neuron_set given, slong bits);

/* KL(p || q) = sum p ln (p / q); +infinity where q has no mass and p has. */
void enclose_divergence(arb_t divergence, const struct law *p, const struct law *q, slong bits);

/* cov / sqrt(var var), of exact moments; not finite if a variance is 0. */
void enclose_correlation(arb_t correlation, const struct law *law, slong neuron, slong other, slong bits);

/* value *= factor, and value += factor * term, for an exact factor. */
void enclose_scale(arb_t value, const fmpq *factor, slong bits);
void enclose_addmul(arb_t value, const fmpq *factor, const arb_t term, slong bits);

#endif
