/* Pooling and addition in float and in double. */
#include <string.h>

#include "kernels/layers_reference_internal.h"

#define ICL_INDEPENDENT
#define ICL_BODY(name) void ICL_TYPED(icl_##name)

#define ICL_REAL        float
#define ICL_TYPED(name) name##_f32
#include "kernels/reference/pool_body.h"
#undef ICL_REAL
#undef ICL_TYPED
#define ICL_REAL        double
#define ICL_TYPED(name) name##_f64
#include "kernels/reference/pool_body.h"
