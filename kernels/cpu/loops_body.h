/* Pooling, addition and optimisers for the instruction set of the file that includes kernels/cpu/body.h: the plain
 * loops again, which a compiler makes vectors of. */
#define ICL_REAL        float
#define ICL_TYPED(name) name##_f32
#define ICL_BODY(name)  static ICL_TARGET void name##_loop
#define ICL_SQRT        sqrtf
#include "kernels/reference/optimiser_body.h"
#include "kernels/reference/pool_body.h"
#undef ICL_REAL
#undef ICL_TYPED
#undef ICL_BODY
#undef ICL_SQRT

#include "kernels/cpu/max_pool_body.h"

static void override_loops(struct icl_layers_f32 *layers)
{
    layers->max_pool_forward = max_pool_forward_fast;
    layers->max_pool_backward = max_pool_backward_fast;
    layers->average_pool_forward = average_pool_forward_loop;
    layers->average_pool_backward = average_pool_backward_loop;
    layers->add = add_loop;
    layers->sgd = sgd_loop;
    layers->adam = adam_loop;
}
