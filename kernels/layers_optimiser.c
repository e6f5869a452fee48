/* SGD and Adam in float and in double. */
#include <math.h>

#include "kernels/layers_reference_internal.h"

#define ICL_BODY(name) void ICL_TYPED(icl_##name)
#define ICL_INDEPENDENT

#define ICL_REAL        float
#define ICL_TYPED(name) name##_f32
#define ICL_SQRT        sqrtf
#include "kernels/reference/optimiser_body.h"
#undef ICL_REAL
#undef ICL_TYPED
#undef ICL_SQRT
#define ICL_REAL        double
#define ICL_TYPED(name) name##_f64
#define ICL_SQRT        sqrt
#include "kernels/reference/optimiser_body.h"
