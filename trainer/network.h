/* Networks as graphs: nodes in the order they are computed, each with one output of (height, width, channels) a sample.
 * A graph says what is computed and with which parameters; trainer/executor.h computes it. */
#ifndef ICLAB_TRAINER_NETWORK_H
#define ICLAB_TRAINER_NETWORK_H

#include <stdio.h>

#include "core/status.h"
#include "kernels/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A node: its place in network->node. The place of a node comes after those of its inputs. */
typedef size_t icl_node_id;
#define ICL_NO_NODE ((icl_node_id)-1)

enum icl_node_kind {
    ICL_NODE_INPUT,
    ICL_NODE_CONV, /* a linear layer, too: the convolution of a 1x1 image */
    ICL_NODE_STAGE,
    ICL_NODE_TAP, /* the second output of a stage: computed by the stage itself */
    ICL_NODE_ADD,
    ICL_NODE_MAX_POOL,
    ICL_NODE_AVERAGE_POOL
};

/* What a parameter is: how it is initialised and whether weight decay may leave it out. */
enum icl_parameter_kind {
    ICL_PARAMETER_CONV,
    ICL_PARAMETER_LINEAR,
    ICL_PARAMETER_BIAS,
    ICL_PARAMETER_SCALE,
    ICL_PARAMETER_SHIFT
};

/* A run of the flat array of parameters. Weights are (out, window, window, in). */
struct icl_parameter {
    char name[48]; /* "conv1.weight", "stage2.scale" */
    enum icl_parameter_kind kind;
    size_t offset, count;
    size_t shape[4], dimensions;
    size_t fan_in;
    float initial; /* scale: 1, or 0 where a block begins as the identity */
};

struct icl_node {
    enum icl_node_kind kind;
    char name[32]; /* "conv3", "stage2": numbered within the kind from 1 */
    icl_node_id
        input[2]; /* ICL_NO_NODE where there is none. STAGE: input[1] is the residual; TAP: input[0] the stage */
    size_t height, width, channels; /* of the output, a sample */
    struct icl_conv_shape conv;
    struct icl_pool_shape pool;
    /* STAGE */
    enum icl_norm_place norm;
    struct icl_nonlinearity act;
    enum icl_tap tap;
    icl_node_id tap_node; /* the TAP node that goes with it */
    double drop;          /* 0: no dropout */
    enum icl_gate gate;
    uint32_t layer;     /* number of the stage from 0: the `layer` of its mask's stream */
    size_t norm_offset; /* where its channels begin in the arrays of running means and variances */
    /* places in network->parameter; unused ones are SIZE_MAX */
    size_t weight, bias; /* CONV */
    size_t scale, shift; /* STAGE with a norm */
};

struct icl_network {
    struct icl_node *node;
    size_t nodes, node_room;
    struct icl_parameter *parameter;
    size_t parameters, parameter_room;
    size_t parameter_count; /* numbers in the flat array */
    size_t norm_channels;   /* channels of all norms together */
    size_t stages, convs;
    icl_node_id output;
    struct icl_error error; /* the first failure while building: later calls do nothing */
};

/* Builders. Each appends a node and returns it; on a failure (memory, shapes that do not fit) the network remembers the
 * first error and every later call returns ICL_NO_NODE: look once, with icl_network_finish. */
void icl_network_init(struct icl_network *network);
icl_node_id icl_network_input(struct icl_network *network, size_t height, size_t width, size_t channels);
icl_node_id icl_network_conv(struct icl_network *network, icl_node_id input, size_t out, size_t window, size_t stride,
                             bool bias);                                                    /* padding window / 2 */
icl_node_id icl_network_linear(struct icl_network *network, icl_node_id input, size_t out); /* of a 1x1 image, biased */
/* What a stage does; `tap` as in struct icl_stage, residual ICL_NO_NODE: none. */
struct icl_stage_form {
    enum icl_norm_place norm;
    struct icl_nonlinearity act;
    double drop;
    enum icl_gate gate;
    enum icl_tap tap;
    bool start_at_zero; /* scale begins at 0: the block begins as its shortcut */
};
/* *tap (may be NULL) becomes the TAP node, or ICL_NO_NODE. */
icl_node_id icl_network_stage(struct icl_network *network, icl_node_id input, icl_node_id residual,
                              const struct icl_stage_form *form, icl_node_id *tap);
icl_node_id icl_network_add(struct icl_network *network, icl_node_id a, icl_node_id b);
/* window at most 15. */
icl_node_id icl_network_max_pool(struct icl_network *network, icl_node_id input, size_t window, size_t stride,
                                 size_t padding);
/* Average over windows, the last ones cut where they leave the image (ceil); a window that would begin outside is left
 * out. */
icl_node_id icl_network_average_pool(struct icl_network *network, icl_node_id input, size_t window, size_t stride);
icl_node_id icl_network_global_pool(struct icl_network *network, icl_node_id input);

/* Ends the building: `output` gives the logits, and every other node is read by a later one. Returns the first error,
 * naming the node. */
icl_status icl_network_finish(struct icl_network *network, icl_node_id output, struct icl_error *err);
void icl_network_free(struct icl_network *network);

/* Prints the network as a table of aligned columns, a line a node (name, inputs, what it does, output shape of a
 * sample, parameters), then the sums. A stream that cannot be written: ICL_ERR_IO. */
icl_status icl_network_describe(const struct icl_network *network, FILE *stream, struct icl_error *err);

/* Fills `values` (parameter_count): convolutions N(0, 2 / ((1 + leak^2) fan_in)) (He et al. 2015), biases of
 * convolutions 0, linear weights and biases uniform on +-1/sqrt(fan_in), scales and shifts as the network says. Stream
 * purpose WEIGHT, layer = place of the parameter, element = its place in memory order. */
void icl_network_initialise(const struct icl_network *network, uint64_t seed, double leak, float *values);

#ifdef __cplusplus
}
#endif

#endif
