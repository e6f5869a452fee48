/* A network on a device at work: shared by device_layout.c (where things lie), device_program.c (memory and interface)
 * and device_operations.c (what an operation puts into the queue). */
#ifndef ICLAB_TRAINER_DEVICE_PROGRAM_INTERNAL_H
#define ICLAB_TRAINER_DEVICE_PROGRAM_INTERNAL_H

#include "trainer/device_program.h"
#include "trainer/plan_internal.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

/* Bytes on which arrays begin, and numbers on which a parameter and the channels of a norm begin. */
enum { DEVICE_ALIGNMENT = 256, DEVICE_NUMBERS = DEVICE_ALIGNMENT / sizeof(float) };

/* The order of the parameters on a device: all weights that are multiplied, so that one conversion takes them all; the
 * biases; the scales of all norms and then their shifts, in the order of the running statistics, so that one call makes
 * the coefficients of all norms. */
struct device_layout {
    size_t *parameter; /* place in network->parameter -> offset, in floats */
    size_t *norm;      /* node -> offset of its channels in the arrays of norms */
    size_t weights;    /* floats of the part that is multiplied, from 0 */
    size_t scales, shifts;
    size_t count;    /* floats of all */
    size_t channels; /* of all norms, gaps included */
};
icl_status device_layout_make(struct device_layout *layout, const struct icl_network *network, struct icl_error *err);
void device_layout_free(struct device_layout *layout);

/* The call being put into the queue, or the last one. */
struct device_call {
    const struct program *program; /* NULL: none */
    enum icl_mode mode;
    struct icl_device_batch batch;
    struct icl_device_conv *const *conv; /* of nodes, for batch.n images; NULL elsewhere */
};

/* A convolution of a number of images, and what it was planned from. */
struct device_conv {
    struct icl_device_conv_form form;
    struct icl_device_conv *conv;
};

struct icl_device_executor {
    struct icl_device *device;
    const struct icl_network *network;
    struct icl_device_executor_options options; /* without `rest` */
    struct plan plan;
    struct device_layout layout;
    struct device_call call;

    size_t *size, sizes;              /* the n that calls may have */
    struct icl_device_conv **conv_of; /* sizes x nodes; those of equal shape are the same */
    struct device_conv *conv;         /* every one of them once */
    size_t convs;

    void *memory; /* all that follows */
    struct icl_executor_memory measure;
    float *parameters, *gradient;
    void *weights; /* as they are multiplied: in options.storage */
    char *arena;
    uint8_t *bytes;               /* gates and places of maxima */
    double *running, *batch;      /* means, then variances: 2 x layout.channels */
    float *scale, *shift, *slope; /* channels, channels, 3 x channels */
    double *partial;              /* of norms */
    void *scratch;                /* of convolutions */
};

/* Puts e->call into the queue. */
void device_call_enqueue(struct icl_device_executor *e);

/* The output of a node, or its gradient: NULL where there is none. */
void *device_output(const struct icl_device_executor *e, icl_node_id node);
void *device_gradient(const struct icl_device_executor *e, icl_node_id node);

/* The stage of a node in the call, forward. */
struct icl_device_stage device_stage(const struct icl_device_executor *e, icl_node_id node);

#pragma GCC visibility pop

#endif
