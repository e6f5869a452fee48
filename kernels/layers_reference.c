#include "kernels/layers_reference_internal.h"

const struct icl_layers_f32 icl_layers_reference_f32 = ICL_LAYERS_REFERENCE(f32);
const struct icl_layers_f64 icl_layers_reference_f64 = ICL_LAYERS_REFERENCE(f64);
