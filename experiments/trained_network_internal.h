/* What is measured on the network of a finished run: activations of its stages, gradients, running statistics. */
#ifndef ICLAB_EXPERIMENTS_TRAINED_NETWORK_INTERNAL_H
#define ICLAB_EXPERIMENTS_TRAINED_NETWORK_INTERNAL_H

#include "experiments/panel.h"
#include "trainer/trained.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

enum { MOST_STAGES = 8, MOST_WEIGHT_LAYERS = 64 };

/* A stage with batch norm behind the nonlinearity and dropout behind that, as it is evaluated. */
struct trained_stage {
    char name[32];
    bool behind_drop; /* whether a dropout stands before it */
    size_t channels;
    struct icl_neurons neurons; /* activations behind the nonlinearity; the trained norm; units drawn */
    bool has_neurons;           /* at least two units are active */
    /* blocks of moments: by channel the mean and the mean square of what is normalised. One level: the mean over the
     * channels of ln((running variance + eps) / (variance + eps)), whose exponential is the ratio */
    struct icl_series variance;
    double *running_variance; /* by channel */
};

struct trained_network {
    struct icl_train_spec spec;
    size_t images, correct; /* of the validation split */
    struct trained_stage stage[MOST_STAGES];
    size_t stages;
};

/* Sends the validation images through the network of the run in `folder`, in `blocks` blocks. A network without such a
 * stage has 0 of them; with more than MOST_STAGES the first ones are taken. Owned: trained_network_free. */
icl_status trained_network_measure(const char *folder, const char *root, uint64_t seed, size_t blocks, unsigned threads,
                                   struct trained_network *network, struct icl_error *err);
/* The quantity of `variance`: the ratio itself. */
double trained_variance_ratio(const double *level, size_t levels, const void *context);
void trained_network_free(struct trained_network *network);

/* Signs of the gradients of weights, and means of their inputs: a weight layer behind a stage. */
struct gradient_layer {
    char name[32];
    size_t weights; /* of an output unit */
};

/* Blocks of batches of GRADIENT_BATCH validation images in mode TRAIN. A block vector holds for each layer the sign
 * agreement (the share of the pairs of weights of an output unit whose gradients have one sign, 1/2 for signs that are
 * independent and fair; mean over the units that have a gradient) and then for each layer the shift of its inputs
 * (|mean| / sd over samples and places; mean over the channels that vary). */
struct gradient_signs {
    struct gradient_layer layer[MOST_WEIGHT_LAYERS];
    size_t layers;
    struct icl_series series;
};
enum { GRADIENT_BATCH = 512 };
icl_status gradient_signs_measure(const char *folder, const char *root, size_t blocks, unsigned threads,
                                  struct gradient_signs *signs, struct icl_error *err);
void gradient_signs_free(struct gradient_signs *signs);

/* The sign agreement of the gradients of one output unit, nan with fewer than two that are not 0. */
double sign_agreement(const float *gradient, size_t count);
/* The shift of inputs (samples x places, channels). */
double input_shift(const float *input, size_t rows, size_t channels);

#pragma GCC visibility pop

#endif
