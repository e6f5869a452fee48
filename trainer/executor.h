/* Computes a network on batches: forward, backward, evaluation. All memory is planned before and taken once.
 *
 * A batch of n samples is cut into lanes, a lane into tiles; lanes and tiles depend on the network, options.batch and n
 * alone. A lane is worked on by one thread, tile after tile; what lanes add up (batch statistics, gradients) is added
 * in the order of the lanes. So the bits do not depend on the number of threads. */
#ifndef ICLAB_TRAINER_EXECUTOR_H
#define ICLAB_TRAINER_EXECUTOR_H

#include "core/team.h"
#include "trainer/network.h"

#ifdef __cplusplus
extern "C" {
#endif

struct icl_executor;

struct icl_executor_options {
    size_t batch;         /* the largest n of a call */
    uint64_t seed;        /* key of the masks */
    double norm_epsilon;  /* 1e-5 */
    double norm_momentum; /* weight of the new statistics in the running ones, .1; the running variance is unbiased,
                           * and stays as it is where a norm sees one row only (one sample, 1x1): y = shift there */
    bool inference;       /* no gradients: only icl_executor_forward, in any mode */
    bool keep;            /* every node's output stays, after a way back, too: more memory, for the recorder */
    bool profile;         /* take the time of every kind of operation */
    const struct kernels *kernels; /* NULL: icl_kernels() */
};

/* Bytes that an executor takes, by what they are for. */
struct icl_executor_memory {
    size_t parameters, activations, gradients, scratch, total;
};

/* Plans and takes the memory. The network and the team are borrowed and must outlive the executor. The parameters are
 * zeros: fill icl_executor_parameters(). */
icl_status icl_executor_create(const struct icl_network *network, const struct icl_executor_options *options,
                               struct icl_team *team, struct icl_executor **executor, struct icl_error *err);
void icl_executor_free(struct icl_executor *executor);
/* What icl_executor_create will take for `threads` threads, without taking it. */
icl_status icl_executor_measure(const struct icl_network *network, const struct icl_executor_options *options,
                                unsigned threads, struct icl_executor_memory *memory, struct icl_error *err);

enum icl_mode {
    ICL_MODE_TRAIN,    /* batch statistics, which move the running ones; dropout */
    ICL_MODE_EVALUATE, /* running statistics, gates open */
    ICL_MODE_BATCH,    /* batch statistics, which move nothing; gates open */
    ICL_MODE_DROP      /* as TRAIN, but nothing moves: for measurements */
};

struct icl_batch_result {
    double loss; /* mean over the samples, nats; may be nan or inf */
    size_t correct;
};

/* images (n, height, width, channels), labels below the network's outputs, n <= options.batch. `step` is the step of
 * the masks. The labels may be NULL: then result may be, too. */
icl_status icl_executor_forward(struct icl_executor *executor, enum icl_mode mode, const float *images,
                                const uint32_t *labels, size_t n, uint32_t step, double smoothing,
                                struct icl_batch_result *result, struct icl_error *err);
/* Forward in mode TRAIN, then backward: the gradient of the mean loss is in icl_executor_gradient(). */
icl_status icl_executor_gradient_step(struct icl_executor *executor, const float *images, const uint32_t *labels,
                                      size_t n, uint32_t step, double smoothing, struct icl_batch_result *result,
                                      struct icl_error *err);

/* Flat arrays of the network's parameter_count, in its order. Weights changed from outside count from the next call on.
 */
float *icl_executor_parameters(struct icl_executor *executor);
const float *icl_executor_gradient(const struct icl_executor *executor);
/* Running means, then running variances: 2 x norm_channels doubles. They begin as 0 and 1. */
double *icl_executor_running(struct icl_executor *executor);
/* Mean and biased variance of the last batch in modes TRAIN, BATCH and DROP, laid out alike. */
const double *icl_executor_batch_statistics(const struct icl_executor *executor);

/* The output of a node for the samples of the last call, (n, height, width, channels); valid until the next call (of
 * the input: the images of that call, as long as the caller keeps them). NULL
 * after a gradient_step if its memory has served something else since: options.keep prevents that. */
const float *icl_executor_output(const struct icl_executor *executor, icl_node_id node);

/* How many samples the last call was given; 0 before the first, or if it was refused. */
size_t icl_executor_samples(const struct icl_executor *executor);

/* What the stage `node` gave in the last call at a place inside it, recomputed from its input (the images of that call,
 * which have to be there still, if the stage reads them): `place` RELU: behind the nonlinearity, NORM: right before the
 * dropout. out: n x height x width x channels. ICL_ERR_USAGE if the node is no
 * stage or its inputs have gone. */
icl_status icl_executor_probe(struct icl_executor *executor, icl_node_id node, enum icl_tap place, float *out,
                              struct icl_error *err);

/* The kinds of operation and the seconds they took so far, over all threads (options.profile): seconds[0 .. kinds-1];
 * returns their number. name[] are constants. NULL arrays are left out. */
size_t icl_executor_profile(const struct icl_executor *executor, const char **name, double *seconds);

#ifdef __cplusplus
}
#endif

#endif
