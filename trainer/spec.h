/* The specification of a training run: everything its result depends on, and nothing else. */
#ifndef ICLAB_TRAINER_SPEC_H
#define ICLAB_TRAINER_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "trainer/data.h"
#include "trainer/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How activations are kept, and what is multiplied (kernels/device_layers.h); all but f32 on a device alone. */
enum icl_precision {
    ICL_PRECISION_F32,
    ICL_PRECISION_TF32, /* kept in float32, factors of products rounded to 10 bits of mantissa */
    ICL_PRECISION_BF16  /* activations and their gradients kept and multiplied in bfloat16 */
};
/* What stands between two weight layers. */
enum icl_order {
    ICL_ORDER_CONV_BN_RELU, /* conv -> BN -> ReLU */
    ICL_ORDER_IC,           /* ReLU -> BN -> dropout -> conv */
    ICL_ORDER_BN_AFTER,     /* ReLU -> BN -> conv */
    ICL_ORDER_DROP_ONLY,    /* ReLU -> dropout -> conv */
    ICL_ORDER_NONE          /* ReLU -> conv */
};
/* Where the shortcut of a residual block sets out. */
enum icl_skip { ICL_SKIP_CONV, ICL_SKIP_RELU, ICL_SKIP_IC, ICL_SKIP_BETWEEN };
/* naive: each conv layer is swapped where it stands (the first stage acts on the input image, the last conv has nothing
 * behind it); full: a stage behind every conv, none before the first. */
enum icl_conversion { ICL_CONVERSION_FULL, ICL_CONVERSION_NAIVE };
enum icl_optimiser { ICL_OPTIMISER_SGD, ICL_OPTIMISER_ADAM };
enum icl_schedule {
    ICL_SCHEDULE_CONSTANT, /* rate */
    ICL_SCHEDULE_STEP,     /* rate x rate_factor after each of the milestones */
    ICL_SCHEDULE_LINEAR,   /* rate_start -> rate over the fraction warm, then -> rate_end, by straight lines */
    ICL_SCHEDULE_COSINE    /* the same by half cosines: with momentum_low also one-cycle */
};

struct icl_train_spec {
    char data[64], net[32];
    size_t limit, valid_limit, size; /* images at most, 0: all; side of the images, 0: the data's own */
    enum icl_order order;
    enum icl_skip skip;
    enum icl_conversion conversion;
    bool general_relu; /* leak .1, sub .4, most 6; otherwise plain ReLU */
    double drop;
    enum icl_gate gate;
    size_t epochs, batch;
    enum icl_optimiser optimiser;
    double momentum, beta2, epsilon, decay;
    bool decoupled;
    enum icl_schedule schedule;
    double rate, rate_start, rate_end, warm;
    double momentum_low; /* momentum moves down to it and back against the rate; < 0: it stays */
    double rate_factor;
    size_t milestone[8], milestones; /* in epochs */
    double smoothing;
    struct icl_augmentation augmentation;
    enum icl_precision precision;
    uint64_t seed;
};

/* The defaults: thread07 on Fashion-MNIST, order ic, plain ReLU, drop .05, 5 epochs of 512, SGD without momentum,
 * linear .6 -> 2 (30 %) -> .1, seed 0. With Adam `momentum` is beta1: nothing changes it from 0 by itself. */
void icl_train_spec_default(struct icl_train_spec *spec);

/* Gives every member that has no effect its default, and each of several words for one network the same word:
 *  - an order without dropout has drop 0; without dropout the gates are independent;
 *  - SGD has the default beta2 and epsilon; without decay nothing is decoupled;
 *  - members of the schedules that are not used; momentum_low < 0 becomes -1; milestones at or behind the last epoch
 * go;
 *  - skip: `conv` in networks without blocks; `relu` where a block has one place only (conv-bn-relu, naive) and where a
 *    stage is its ReLU alone; otherwise `between` is `ic` without dropout, and `relu` without BN.
 * Text, name and network are those of the normalised specification: callers need not do it before, but check it first.
 */
void icl_train_spec_normalise(struct icl_train_spec *spec);

/* One "key value" a line for every member, always all and in the same order, numbers by their shortest exact form:
 * equal specifications (normalised) have equal texts. `precision` alone is left out where it is f32, which it is where
 * it is missing: the names of runs from before there was a choice stay. `buffer` of ICL_SPEC_TEXT bytes. */
enum { ICL_SPEC_TEXT = 2048 };
void icl_train_spec_text(const struct icl_train_spec *spec, char *buffer);
/* The reverse; keys in any order, empty lines and lines that begin with # are skipped. An unknown, repeated or missing
 * key or a bad value: ICL_ERR_INPUT naming it and the line. Values are not weighed against each other: see check. */
icl_status icl_train_spec_parse(const char *text, struct icl_train_spec *spec, struct icl_error *err);
/* Values that make no sense together: ICL_ERR_USAGE naming the option. Members without effect are not looked at, but a
 * skip place or a conversion that the network or the order does not have is an error (skip `conv`, the default, never
 * is). */
icl_status icl_train_spec_check(const struct icl_train_spec *spec, struct icl_error *err);
/* The name of the run's folder: net, order, "naive", skip place (where there are several), drop in per cent, seed, and
 * 12 hexadecimal digits of a checksum (FNV-1a, folded) of the text: "resnet20-ic-conv-drop05-s3-0123456789ab". `buffer`
 * of ICL_SPEC_NAME bytes. */
enum { ICL_SPEC_NAME = 128 };
void icl_train_spec_name(const struct icl_train_spec *spec, char *buffer);

/* Learning rate and momentum (may be NULL) at `step` of `steps` (0 .. steps - 1), epochs of steps / epochs steps. With
 * position = step / steps, LINEAR and COSINE go from a to b over [from, to] by a + f (b - a) with f = (position - from)
 * / (to - from) or (1 - cos(pi f)) / 2: rate_start -> rate over [0, warm), then rate -> rate_end; momentum goes to
 * momentum_low and back by the same curves. STEP: rate x rate_factor^(milestones <= epoch), epochs counted from 0. */
void icl_train_spec_rate(const struct icl_train_spec *spec, size_t step, size_t steps, double *rate, double *momentum);

/* The words of the command line and of the text, each list ends with NULL. */
extern const char *const icl_order_names[], *const icl_skip_names[], *const icl_conversion_names[],
                                                                         *const icl_optimiser_names[],
                                                                             *const icl_schedule_names[],
                                                                                 *const icl_train_gate_names[],
                                                                                     *const icl_precision_names[];

/* Builds the network of a specification (normalised; docs/networks.md) for images of the data's shape
 * (trainer/networks.c: the table of architectures). Unknown name: ICL_ERR_USAGE that lists those known. Owned:
 * icl_network_free. */
icl_status icl_network_build(const struct icl_train_spec *spec, size_t height, size_t width, size_t channels,
                             size_t classes, struct icl_network *network, struct icl_error *err);
/* Names of the architectures, ended by NULL, and a line about each. */
extern const char *const icl_network_names[];
const char *icl_network_summary(const char *name);

#ifdef __cplusplus
}
#endif

#endif
