/* The plain layers: their names, and the table of them as initialisers. One source a family (kernels/reference/
 * *_body.h), compiled for float and for double by kernels/layers_*.c. */
#ifndef ICLAB_KERNELS_LAYERS_REFERENCE_INTERNAL_H
#define ICLAB_KERNELS_LAYERS_REFERENCE_INTERNAL_H

#include "kernels/layers.h"

#define ICL_REAL        float
#define ICL_TYPED(name) name##_f32
#include "kernels/reference/declarations.h"
#undef ICL_REAL
#undef ICL_TYPED
#define ICL_REAL        double
#define ICL_TYPED(name) name##_f64
#include "kernels/reference/declarations.h"
#undef ICL_REAL
#undef ICL_TYPED

/* The chains in which stage_sums and stage_backward_sums add up the rows of a sample: with few channels several, so
 * that additions need not wait for each other. */
enum { ICL_STAGE_CHAINS = 32 };

static inline size_t icl_stage_chains(size_t channels)
{
    return channels < ICL_STAGE_CHAINS ? ICL_STAGE_CHAINS / channels : 1;
}

/* A table of the plain versions, `type` f32 or f64. */
#define ICL_LAYERS_REFERENCE(type)                                                                                     \
    {                                                                                                                  \
        ICL_STAGE_REFERENCE(type)                                                                                      \
        ICL_CONV_REFERENCE(type) ICL_POOL_REFERENCE(type) ICL_LOSS_REFERENCE(type) ICL_OPTIMISER_REFERENCE(type)       \
    }

/* The members, a family each. */
#define ICL_STAGE_REFERENCE(type)                                                                                      \
    .stage_sums = icl_stage_sums_##type, .stage_forward = icl_stage_forward_##type,                                    \
    .stage_backward_sums = icl_stage_backward_sums_##type, .stage_backward = icl_stage_backward_##type,                \
    .summarise = icl_summarise_##type,

#define ICL_CONV_REFERENCE(type)                                                                                       \
    .conv_forward = icl_conv_forward_##type, .conv_backward_data = icl_conv_backward_data_##type,                      \
    .conv_backward_weights = icl_conv_backward_weights_##type,
#define ICL_POOL_REFERENCE(type)                                                                                       \
    .max_pool_forward = icl_max_pool_forward_##type, .max_pool_backward = icl_max_pool_backward_##type,                \
    .average_pool_forward = icl_average_pool_forward_##type,                                                           \
    .average_pool_backward = icl_average_pool_backward_##type, .add = icl_add_##type,
#define ICL_LOSS_REFERENCE(type)      .cross_entropy = icl_cross_entropy_##type,
#define ICL_OPTIMISER_REFERENCE(type) .sgd = icl_sgd_##type, .adam = icl_adam_##type,

#endif
