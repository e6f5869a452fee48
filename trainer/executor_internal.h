/* An executor at work: shared by executor.c (memory and interface), execute.c (the team's walk through a program) and
 * operations.c (what an operation does to a tile). */
#ifndef ICLAB_TRAINER_EXECUTOR_INTERNAL_H
#define ICLAB_TRAINER_EXECUTOR_INTERNAL_H

#include <stdatomic.h>

#include "trainer/plan_internal.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

enum { MOST_TILE_SIZES = 8, ALIGNMENT = 64 };

/* How the processor carries out a plan (plan_processor.c). */
struct processor_plan {
    const struct kernels *kernels;
    size_t tile;                       /* samples of a whole tile, a power of two */
    size_t tile_size[MOST_TILE_SIZES]; /* tile, tile/2, ..., 1 */
    size_t tile_sizes;
    size_t lanes; /* at most */

    struct icl_conv **conv;         /* of nodes; NULL elsewhere */
    size_t *packed, *lane_gradient; /* node -> offset of its packed weights and gradients, in floats */
    size_t packed_floats, lane_gradient_floats;
    size_t scratch, most_elements; /* bytes of conv scratch and floats of the largest output, a thread */
    struct icl_executor_memory memory;
};

/* Makes the plan of the network as well. */
icl_status processor_plan_make(struct processor_plan *cpu, struct plan *plan, const struct icl_network *network,
                               const struct icl_executor_options *options, unsigned threads, struct icl_error *err);
void processor_plan_free(struct processor_plan *cpu, struct plan *plan);

/* What a lane adds up. */
struct lane {
    double *sums;    /* 2 x norm_channels: a pair of sums for every norm, each as sum[channels], other[channels] */
    float *gradient; /* packed gradients of all convolutions */
    double loss;
    size_t correct;
    struct icl_error error;             /* of its first failed operation */
    _Alignas(64) atomic_size_t claimed; /* phases of the run that were begun */
};

/* What a thread needs for itself. */
struct worker_space {
    void *scratch;    /* of convolutions */
    float *temporary; /* a tile of the largest output */
    double seconds[OP_KINDS];
    struct icl_error error; /* of packing or unpacking */
};

/* The call being carried out. */
struct call {
    const struct program *program;
    enum icl_mode mode;
    const float *images;
    const uint32_t *labels;
    size_t n;
    uint32_t step;
    double smoothing;
};

struct icl_executor {
    struct icl_executor_options options;
    struct plan plan;
    struct processor_plan cpu;
    struct icl_team *team;
    struct call call;
    float *parameters, *gradient;
    float *packed;
    float *arena;
    uint8_t *bytes;
    float *scale, *shift, *slope; /* of norms: channels, channels, 3 x channels */
    double *running, *batch;      /* means, then variances */
    struct lane *lane;
    struct worker_space *space;
    struct icl_stage *stage; /* of nodes */
    struct icl_mask *mask;   /* of nodes */
    atomic_size_t next_item;
};

/* Samples first .. first+count-1 of a tile. */
struct tile {
    size_t first, count;
    struct lane *lane;
    struct worker_space *space;
};

/* Carries out one operation on a tile. */
icl_status operation_run(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                         struct icl_error *err);

/* Carries out e->call with the team, from the packing of the weights to the sum of the gradients. */
icl_status execute(struct icl_executor *e, struct icl_error *err);

/* Where the output of a node, or its gradient, begins for sample `first`. */
float *output_at(const struct icl_executor *e, icl_node_id node, size_t first);
float *gradient_at(const struct icl_executor *e, icl_node_id node, size_t first);

#pragma GCC visibility pop

#endif
