/* Random cases of the claims: a law of neurons, what multiplies them, and the law behind it. */
#ifndef ICLAB_PROOFS_INTERVAL_CASES_H
#define ICLAB_PROOFS_INTERVAL_CASES_H

#include "proofs/interval/check.h"
#include "proofs/interval/information.h"
#include "proofs/interval/random_law.h"

struct dropout_case {
    struct law before;  /* of the neurons */
    struct law between; /* what batch norm, or another map, makes of them; empty if nothing lies between */
    struct law factors; /* gates or noise, independent of the neurons */
    struct law behind;  /* of factor times neuron */
    fmpq *keep;         /* of each gate; 1 where there is none */
    neuron_set groups[2];
};

/* Makes one case; false if it is not of the kind that a statement is about, so that another has to be drawn. */
typedef bool draw_case(struct dropout_case *c, struct random *random);

/* check_equal and its like. */
typedef void judge_case(struct check_run *run, enclose_sides *sides, print_case *print, const void *a_case);

/* Judges a statement on run->laws random cases. */
void check_cases(struct check_run *run, draw_case *draw, judge_case *judge, enclose_sides *sides);

/* Judges left < right where is_strict says so, and left = right elsewhere; is_strict has to decide exactly. */
typedef bool is_strict_case(const struct dropout_case *c);
void check_cases_decided(struct check_run *run, draw_case *draw, is_strict_case *is_strict, enclose_sides *sides);

/* Steps of drawing a case. Keeps: one for all neurons, or one each; from 0 to 1, or strictly inside. */
enum keeps { ONE_KEEP, KEEP_EACH, ONE_KEEP_INSIDE, KEEP_EACH_INSIDE };
void draw_keeps(struct dropout_case *c, struct random *random, enum keeps keeps);
void put_independent_gates(struct dropout_case *c);
void put_shared_gate(struct dropout_case *c);
void put_random_gates(struct dropout_case *c, struct random *random);
void put_behind_factors(struct dropout_case *c);

/* A pair without atoms at 0, with atoms on one side or both, and with neither, either or both. */
enum { PAIR_VALUES = 8 };
void draw_pair(struct dropout_case *c, struct random *random);
void draw_pair_with_atoms(struct dropout_case *c, struct random *random);
void draw_any_pair(struct dropout_case *c, struct random *random);

/* The sides I(x'; y'), by the ratios of the law behind the gates, and q s I(x; y), by the entropies in front. */
enclose_sides information_times_keeps;

/* Whether seeing the factors beside their products tells one side of a law more about the other: exactly if
 * I(x'; y') < I(f, x'; h, y'). For groups of neurons a and b. */
bool factors_are_hidden(const struct law *before, const struct law *factors, neuron_set a, neuron_set b);

#endif
