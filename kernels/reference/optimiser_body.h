/* One step of an optimiser, once for each ICL_REAL; no include guard on purpose. The fast variants are this source
 * again. */
#include "kernels/shared/optimiser.h"

ICL_BODY(sgd)
(const struct ICL_TYPED(icl_update) * update, const ICL_REAL *gradient, size_t count, ICL_REAL *velocity, ICL_REAL *w)
{
    const struct ICL_TYPED(icl_step_factors) factors = ICL_TYPED(icl_sgd_factors)(update);
    if (velocity == NULL) {
        ICL_INDEPENDENT
        for (size_t i = 0; i < count; i++)
            w[i] = ICL_TYPED(icl_sgd_plain)(&factors, gradient[i], w[i]);
        return;
    }
    ICL_INDEPENDENT
    for (size_t i = 0; i < count; i++)
        w[i] = ICL_TYPED(icl_sgd_element)(&factors, gradient[i], &velocity[i], w[i]);
}

ICL_BODY(adam)
(const struct ICL_TYPED(icl_update) * update, const ICL_REAL *gradient, size_t count, ICL_REAL *m, ICL_REAL *v,
 ICL_REAL *w)
{
    const struct ICL_TYPED(icl_step_factors) factors = ICL_TYPED(icl_adam_factors)(update);
    ICL_INDEPENDENT
    for (size_t i = 0; i < count; i++)
        w[i] = ICL_TYPED(icl_adam_element)(&factors, gradient[i], &m[i], &v[i], w[i]);
}
