#include <string.h>

#include "kernels/host_device.h"
#include "kernels/layers_reference_internal.h"
#include "kernels/table_internal.h"

#define ICL_REAL        float
#define ICL_TYPED(name) name##_f32
#include "kernels/reference/stage_body.h"
#undef ICL_REAL
#undef ICL_TYPED
#define ICL_REAL        double
#define ICL_TYPED(name) name##_f64
#include "kernels/reference/stage_body.h"
#undef ICL_REAL
#undef ICL_TYPED
