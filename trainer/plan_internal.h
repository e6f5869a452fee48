/* How a network is computed: operations in the order they run on a tile of samples, cut into phases, and the memory of
 * every array. Made once by plan.c, carried out by executor.c on the processor and by device_program.c on a device,
 * where one tile is the whole batch. */
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

/* An array in the arena: `size` elements a sample. Two arrays share memory where no moment touches both. A moment is a
 * phase, or an operation where operations run one after the other on the whole batch. */
struct buffer {
    size_t size, offset;
    size_t first, last; /* moments that touch it */
    bool used;
};

/* What a plan is made for. */
struct plan_form {
    size_t batch;         /* the largest n of a call */
    bool inference, keep; /* as in struct icl_executor_options */
    bool by_operation;    /* operations run on the whole batch, one after the other */
    size_t element;       /* bytes of an element of an activation */
    size_t alignment;     /* bytes: where arrays begin */
};

struct plan {
    const struct icl_network *network;
    struct plan_form form;

    struct program step, forward, evaluate;

    bool *needs_gradient;  /* of nodes */
    size_t *output_of;     /* node -> buffer of its output; SIZE_MAX: the images */
    size_t *gradient_of;   /* node -> buffer of the gradient of its output; SIZE_MAX: none */
    struct buffer *buffer; /* 2 x nodes at most */
    size_t buffers;
    size_t arena; /* elements */

    size_t *gates;     /* node -> offset in the bytes of gates; stages with Bernoulli dropout */
    size_t *where;     /* node -> offset in the bytes of maxima; max pools */
    size_t byte_arena; /* bytes of both */
};

icl_status plan_make(struct plan *plan, const struct icl_network *network, const struct plan_form *form,
                     struct icl_error *err);
void plan_free(struct plan *plan);

/* Whether the output of a node still stands where it was computed when `program` is through: after a way back, a buffer
 * of later moments may lie there. */
bool plan_output_stays(const struct plan *plan, const struct program *program, icl_node_id node);

static inline size_t round_up(size_t value, size_t unit)
{
    return (value + unit - 1) / unit * unit;
}

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
