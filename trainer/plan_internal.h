/* How a network is computed: operations in the order they run on a tile of samples, cut into phases, and the memory of
 * every array. Made once by plan.c, carried out by executor.c. */
#ifndef ICLAB_TRAINER_PLAN_INTERNAL_H
#define ICLAB_TRAINER_PLAN_INTERNAL_H

#include "trainer/executor.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

enum operation_kind {
    OP_STAGE_SUMS, /* what the norm of a stage needs of its input */
    OP_STAGE_FORWARD,
    OP_CONV_FORWARD,
    OP_ADD,
    OP_MAX_POOL,
    OP_AVERAGE_POOL,
    OP_LOSS,
    OP_STAGE_BACKWARD_SUMS,
    OP_STAGE_BACKWARD,
    OP_CONV_BACKWARD_WEIGHTS,
    OP_CONV_BACKWARD_DATA,
    OP_ADD_BACKWARD,
    OP_MAX_POOL_BACKWARD,
    OP_AVERAGE_POOL_BACKWARD,
    OP_KINDS
};

/* One operation on a tile. What it writes, it writes over, or adds to where `add` says so: add[i] is about the gradient
 * of input i. */
struct operation {
    enum operation_kind kind;
    icl_node_id node;
    bool writes[2]; /* whether the gradient of input 0, 1 is wanted */
    bool add[2];
};

/* Operations first .. end-1 run tile by tile, lane by lane; then, when every lane is through, one thread combines the
 * norms of the stages norm_first .. norm_end-1 of `norm`. */
struct phase {
    size_t first, end;
    size_t norm_first, norm_end;
    bool backward; /* the norms are combined for the way back */
};

struct program {
    struct operation *operation;
    size_t operations;
    struct phase *phase;
    size_t phases;
    icl_node_id *norm; /* the stages to combine */
    size_t norms;
    size_t forward_phases; /* phases in which something runs forward */
};

/* An array in the arena: `size` floats a sample. Two arrays share memory where no phase touches both. */
struct buffer {
    size_t size, offset;
    size_t first_phase, last_phase; /* that touch it */
    bool used;
};

enum { MOST_TILE_SIZES = 8, ALIGNMENT = 64, FLOATS_ALIGNED = ALIGNMENT / sizeof(float) };

struct plan {
    const struct icl_network *network;
    const struct kernels *kernels;
    struct icl_executor_options options;

    size_t tile;                       /* samples of a whole tile, a power of two */
    size_t tile_size[MOST_TILE_SIZES]; /* tile, tile/2, ..., 1 */
    size_t tile_sizes;
    size_t lanes; /* at most */

    struct program step, forward, evaluate;

    bool *needs_gradient;  /* of nodes */
    size_t *output_of;     /* node -> buffer of its output; SIZE_MAX: the images */
    size_t *gradient_of;   /* node -> buffer of the gradient of its output; SIZE_MAX: none */
    struct buffer *buffer; /* 2 x nodes at most */
    size_t buffers;
    size_t arena; /* floats */

    size_t *gates;     /* node -> offset in the bytes of gates; stages with Bernoulli dropout */
    size_t *where;     /* node -> offset in the bytes of maxima; max pools */
    size_t byte_arena; /* bytes of both */

    struct icl_conv **conv;         /* of nodes; NULL elsewhere */
    size_t *packed, *lane_gradient; /* node -> offset of its packed weights and gradients, in floats */
    size_t packed_floats, lane_gradient_floats;
    size_t scratch, most_elements; /* bytes of conv scratch and floats of the largest output, a thread */
    struct icl_executor_memory memory;
};

icl_status plan_make(struct plan *plan, const struct icl_network *network, const struct icl_executor_options *options,
                     unsigned threads, struct icl_error *err);
void plan_free(struct plan *plan);

/* Floats of one sample of the node's output. */
static inline size_t node_elements(const struct icl_node *node)
{
    return node->height * node->width * node->channels;
}

static inline bool has_gates(const struct icl_node *node)
{
    return node->drop > 0.0 && node->gate != ICL_GATE_GAUSSIAN;
}

static inline struct icl_shape stage_shape(const struct icl_node *node, size_t samples)
{
    return (struct icl_shape){samples, node->height * node->width, node->channels};
}

#pragma GCC visibility pop

#endif
