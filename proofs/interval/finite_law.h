/* Joint laws of a few neurons on finitely many rational points, with rational probabilities: everything here is exact.
 */
#ifndef ICLAB_PROOFS_INTERVAL_FINITE_LAW_H
#define ICLAB_PROOFS_INTERVAL_FINITE_LAW_H

#include <stdbool.h>
#include <stdio.h>

#include "proofs/interval/arb_headers.h"

enum { MOST_NEURONS = 8 };

struct outcome {
    fmpq *values; /* one a neuron */
    fmpq mass;    /* > 0 */
};

/* Outcomes in ascending order of their values, each point once. */
struct law {
    slong neurons, count, room;
    struct outcome *outcomes;
};

/* A set of neurons: bit i stands for neuron i. */
typedef unsigned neuron_set;

/* A law of `neurons` neurons with no mass yet. law_clear frees it. */
void law_init(struct law *law, slong neurons);
void law_clear(struct law *law);

/* Makes it again a law of `neurons` neurons with no mass. */
void law_reset(struct law *law, slong neurons);

/* Adds mass >= 0 at a point. */
void law_add(struct law *law, const fmpq *values, const fmpq_t mass);

/* The mass at a point, or NULL for none; it belongs to the law. */
const fmpq *law_mass(const struct law *law, const fmpq *values);

void law_total(fmpq_t total, const struct law *law);

/* Divides by the total mass. */
void law_normalise(struct law *law);

void law_copy(struct law *copy, const struct law *law);

/* Prints n/d, and the law as (values) mass for each outcome. */
void rational_print(FILE *stream, const fmpq *value);
void law_print(FILE *stream, const struct law *law);

/* Writes values[] of the image of a point. */
typedef void point_map(fmpq *image, const fmpq *values, const void *context);

/* The law of map(x); `out` may not be `law`. */
void law_push(struct law *out, slong out_neurons, const struct law *law, point_map *map, const void *context);

/* The joint law of some of the neurons, in their order. */
void law_margin(struct law *out, const struct law *law, neuron_set kept);

/* The law of all (x, y), x of one law and y of another, independent. */
void law_product(struct law *out, const struct law *first, const struct law *second);

/* The law of (f_i x_i) for factors f independent of x: gates, and any multiplicative noise. */
void law_behind(struct law *out, const struct law *law, const struct law *factors);

/* The law of (f_1, .., f_n, f_1 x_1, .., f_n x_n): what is seen of the neurons when the factors are seen too. */
void law_behind_seen(struct law *out, const struct law *law, const struct law *factors);

/* The law of (scale_i x_i + shift_i). */
void law_affine(struct law *out, const struct law *law, const fmpq *scale, const fmpq *shift);

/* The law of (max(x_i, 0)). */
void law_relu(struct law *out, const struct law *law);

/* The law with the values of the neurons of a set replaced by 1[x_i != 0]. */
void law_activity(struct law *out, const struct law *law, neuron_set set);

/* The law given that the neurons of a set are not 0; false, and a law of no mass, if that has probability 0. */
bool law_given_nonzero(struct law *out, const struct law *law, neuron_set nonzero);

/* The law given that a neuron is 0; false, and a law of no mass, if that has probability 0. */
bool law_given_zero(struct law *out, const struct law *law, slong neuron);

/* P(neuron i is not 0 for all i of a set). */
void law_nonzero(fmpq_t mass, const struct law *law, neuron_set nonzero);

bool law_has_atom(const struct law *law, slong neuron);
bool law_has_spread(const struct law *law, slong neuron); /* two values or more */

/* Whether the neurons of two sets are independent given those of a third; decided exactly. The sets have to be
 * disjoint, and may be empty. */
bool law_independent_given(const struct law *law, neuron_set a, neuron_set b, neuron_set given);

void law_mean(fmpq_t mean, const struct law *law, slong neuron);
bool law_is_uncorrelated(const struct law *law, slong neuron, slong other);
void law_covariance(fmpq_t covariance, const struct law *law, slong neuron, slong other);

#endif
