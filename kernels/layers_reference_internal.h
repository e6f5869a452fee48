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

/* A table of the plain versions, `type` f32 or f64. */
#define ICL_LAYERS_REFERENCE(type)                                                                                     \
    {                                                                                                                  \
        ICL_STAGE_REFERENCE(type)                                                                                      \
    }

/* The members, a family each. */
#define ICL_STAGE_REFERENCE(type) .stage_sums = NULL,

#endif
