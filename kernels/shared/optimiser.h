/* One number's step of SGD and of Adam, once for each ICL_REAL; no include guard on purpose. Constants are worked out
 * in double and rounded once. */
#include "kernels/host_device.h"

/* What is the same for all numbers of a step. */
struct ICL_TYPED(icl_step_factors) {
    ICL_REAL coupled, shrink;            /* decay: in the gradient, or of the weight */
    ICL_REAL rate, momentum;             /* SGD */
    ICL_REAL beta1, rest1, beta2, rest2; /* Adam */
    ICL_REAL step, scale, epsilon;
};

ICL_HD struct ICL_TYPED(icl_step_factors) ICL_TYPED(icl_sgd_factors)(const struct ICL_TYPED(icl_update) * update)
{
    struct ICL_TYPED(icl_step_factors) f;
    f.coupled = (ICL_REAL)(update->decoupled ? 0.0 : update->decay);
    f.shrink = (ICL_REAL)(update->decoupled ? update->rate * update->decay : 0.0);
    f.rate = (ICL_REAL)update->rate;
    f.momentum = (ICL_REAL)update->momentum;
    f.beta1 = f.rest1 = f.beta2 = f.rest2 = f.step = f.scale = f.epsilon = 0;
    return f;
}

/* rate (m / c1) / (sqrt(v / c2) + epsilon) with one division and one root a number. */
ICL_HD struct ICL_TYPED(icl_step_factors) ICL_TYPED(icl_adam_factors)(const struct ICL_TYPED(icl_update) * update)
{
    struct ICL_TYPED(icl_step_factors) f = ICL_TYPED(icl_sgd_factors)(update);
    f.beta1 = (ICL_REAL)update->momentum;
    f.rest1 = (ICL_REAL)(1.0 - update->momentum);
    f.beta2 = (ICL_REAL)update->beta2;
    f.rest2 = (ICL_REAL)(1.0 - update->beta2);
    f.step = (ICL_REAL)(update->rate / update->correction1);
    f.scale = (ICL_REAL)(1.0 / sqrt(update->correction2));
    f.epsilon = (ICL_REAL)update->epsilon;
    return f;
}

/* The new weight; without momentum. */
ICL_HD ICL_REAL ICL_TYPED(icl_sgd_plain)(const struct ICL_TYPED(icl_step_factors) * f, ICL_REAL gradient, ICL_REAL w)
{
    const ICL_REAL g = gradient + f->coupled * w;
    return w - f->shrink * w - f->rate * g;
}

/* The new weight and velocity. */
ICL_HD ICL_REAL ICL_TYPED(icl_sgd_element)(const struct ICL_TYPED(icl_step_factors) * f, ICL_REAL gradient,
                                           ICL_REAL *velocity, ICL_REAL w)
{
    const ICL_REAL g = gradient + f->coupled * w;
    *velocity = f->momentum * *velocity + g;
    return w - f->shrink * w - f->rate * *velocity;
}

/* The new weight, m and v. */
ICL_HD ICL_REAL ICL_TYPED(icl_adam_element)(const struct ICL_TYPED(icl_step_factors) * f, ICL_REAL gradient,
                                            ICL_REAL *m, ICL_REAL *v, ICL_REAL w)
{
    const ICL_REAL g = gradient + f->coupled * w;
    *m = f->beta1 * *m + f->rest1 * g;
    *v = f->beta2 * *v + f->rest2 * g * g;
    return w - f->shrink * w - f->step * *m / (ICL_SQRT(*v) * f->scale + f->epsilon);
}
