/* Random finite laws, gates and noise with rational probabilities that sum to exactly 1. */
#ifndef ICLAB_PROOFS_INTERVAL_RANDOM_LAW_H
#define ICLAB_PROOFS_INTERVAL_RANDOM_LAW_H

#include "proofs/interval/finite_law.h"
#include "proofs/interval/random.h"

/* A joint law of `neurons` neurons of 2 to most_values values each: of any shape, with cells of probability 0, skewed
 * over six orders of magnitude, nearly or exactly independent, or nearly deterministic. The neurons of the set `atoms`
 * are 0 with a positive probability, the others never. Every neuron takes at least two values. */
void random_law(struct law *law, struct random *random, slong neurons, neuron_set atoms, long most_values);

/* A rational other than 0, of a small numerator and denominator. */
void random_rational(fmpq_t value, struct random *random);

/* A keep strictly between 0 and 1, often near an end: 1/1000, 999/1000. */
void random_keep_inside(fmpq_t keep, struct random *random);

/* A keep from 0 to 1, both possible. */
void random_keep(fmpq_t keep, struct random *random);

/* The law of independent gates with these keeps, of one gate for all neurons, and any joint law of gates, some states
 * perhaps of probability 0. */
void independent_gates(struct law *gates, const fmpq *keep, slong neurons);
void shared_gate(struct law *gates, const fmpq_t keep, slong neurons);
void random_gates(struct law *gates, struct random *random, slong neurons);

/* The law of independent factors of mean 1 with two to four values each, 0 not among them. */
void random_noise(struct law *factors, struct random *random, slong neurons);

/* The law of independent factors of mean 1 and variance (1-q)/q, as that of a gate of keep 0 < q < 1 divided by q, with
 * two values other than 0 each. */
void noise_like_gates(struct law *factors, struct random *random, const fmpq_t keep, slong neurons);

/* The law of independent factors of mean 1 with two values each, in the ratio of two values of the neuron, so that two
 * of its values have a product in common. */
void noise_that_hides(struct law *factors, struct random *random, const struct law *law);

/* Subtracts the means of the neurons of a set. */
void law_centre(struct law *law, neuron_set set);

#endif
