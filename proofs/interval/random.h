/* Reproducible random numbers for the choice of laws: splitmix64 (Steele, Lea, Flood 2014). */
#ifndef ICLAB_PROOFS_INTERVAL_RANDOM_H
#define ICLAB_PROOFS_INTERVAL_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

/* A stream of its own for each seed and name, so that a check draws the same laws whichever others run. */
struct random random_start(uint64_t seed, const char *name);

uint64_t random_bits(struct random *random);

/* A whole number from least to most (up to a bias below 2^-40 for spans below 2^24). */
long random_between(struct random *random, long least, long most);

#endif
