/* The convolutions of a network by themselves: for trainer/bench.c. */
#ifndef ICLAB_TRAINER_BENCH_INTERNAL_H
#define ICLAB_TRAINER_BENCH_INTERNAL_H

#include "core/team.h"
#include "trainer/network.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

struct bench_convs;

/* For batches of `batch` images that the team's threads cut among them in tiles of `tile`. Network and team are
 * borrowed. Owned: bench_convs_free, NULL is allowed. */
icl_status bench_convs_create(const struct icl_network *network, size_t batch, size_t tile, struct icl_team *team,
                              struct bench_convs **convs, struct icl_error *err);
void bench_convs_free(struct bench_convs *convs);

/* What a step does with its convolutions, on values that mean nothing. */
icl_status bench_convs_run(struct bench_convs *convs, struct icl_error *err);

/* Multiply-adds of one image in a step. */
double bench_convs_multiply_adds(const struct icl_network *network);

#pragma GCC visibility pop

#endif
