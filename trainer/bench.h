/* How fast a network is trained: whole steps, the way forward, and what the convolutions alone would take. */
#ifndef ICLAB_TRAINER_BENCH_H
#define ICLAB_TRAINER_BENCH_H

#include "core/status.h"
#include "trainer/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

enum icl_train_bench_part {
    ICL_TRAIN_BENCH_STEP,    /* a batch made of bytes, forward, backward, the weights changed */
    ICL_TRAIN_BENCH_FORWARD, /* of a training step: batch statistics and dropout, no batch made */
    /* The convolutions of a step by themselves: forward, the gradient of the weights, and that of the input but for the
     * convolutions that read the images. Threads share the images and never wait for one another. Image by image a
     * thread's whole share, layer after layer, or in tiles of 32 that go through all layers: the faster one bounds what
     * steps made of these convolutions can reach. */
    ICL_TRAIN_BENCH_CONVOLUTIONS,
    ICL_TRAIN_BENCH_CONVOLUTION_TILES,
    ICL_TRAIN_BENCH_PARTS
};

/* A network at the beginning of its training, with its data and threads. */
struct icl_train_bench;

/* Opens the training split of spec->data (spec->limit images) and builds the network of the specification. threads 0:
 * all processors. Owned: icl_train_bench_free. */
icl_status icl_train_bench_create(const struct icl_train_spec *spec, unsigned threads, struct icl_train_bench **bench,
                                  struct icl_error *err);
/* NULL is allowed. */
void icl_train_bench_free(struct icl_train_bench *bench);

/* Repeats the part `count` times, on whole batches, and says how long all of them took. Steps train the network at a
 * constant rate of .01. */
icl_status icl_train_bench_run(struct icl_train_bench *bench, enum icl_train_bench_part part, size_t count,
                               double *seconds, struct icl_error *err);

unsigned icl_train_bench_threads(const struct icl_train_bench *bench);

/* Multiply-adds of the convolutions of one image in a step: what ICL_TRAIN_BENCH_CONVOLUTIONS does. */
double icl_train_bench_multiply_adds(const struct icl_train_bench *bench);

/* The kinds of operation of a step, and which part of the time of all operations each took in `count` steps; parts sum
 * to 1. name[] are constants. Returns their number, at most ICL_TRAIN_BENCH_KINDS. Makes an executor of its own: the
 * clocks are not in the way of the others. */
enum { ICL_TRAIN_BENCH_KINDS = 32 };
icl_status icl_train_bench_profile(struct icl_train_bench *bench, size_t count, const char *name[ICL_TRAIN_BENCH_KINDS],
                                   double share[ICL_TRAIN_BENCH_KINDS], size_t *kinds, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
