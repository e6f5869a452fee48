/* One step of an optimiser, once for each ICL_REAL; no include guard on purpose. Constants are worked out in double and
 * rounded once. The fast variants are this source again. */

ICL_BODY(sgd)
(const struct ICL_TYPED(icl_update) * update, const ICL_REAL *gradient, size_t count, ICL_REAL *velocity, ICL_REAL *w)
{
    const ICL_REAL rate = (ICL_REAL)update->rate, momentum = (ICL_REAL)update->momentum;
    const ICL_REAL coupled = (ICL_REAL)(update->decoupled ? 0.0 : update->decay);
    const ICL_REAL shrink = (ICL_REAL)(update->decoupled ? update->rate * update->decay : 0.0);
    if (velocity == NULL) {
        ICL_INDEPENDENT
        for (size_t i = 0; i < count; i++) {
            const ICL_REAL g = gradient[i] + coupled * w[i];
            w[i] = w[i] - shrink * w[i] - rate * g;
        }
        return;
    }
    ICL_INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        const ICL_REAL g = gradient[i] + coupled * w[i];
        velocity[i] = momentum * velocity[i] + g;
        w[i] = w[i] - shrink * w[i] - rate * velocity[i];
    }
}

ICL_BODY(adam)
(const struct ICL_TYPED(icl_update) * update, const ICL_REAL *gradient, size_t count, ICL_REAL *m, ICL_REAL *v,
 ICL_REAL *w)
{
    const ICL_REAL beta1 = (ICL_REAL)update->momentum, rest1 = (ICL_REAL)(1.0 - update->momentum);
    const ICL_REAL beta2 = (ICL_REAL)update->beta2, rest2 = (ICL_REAL)(1.0 - update->beta2);
    const ICL_REAL coupled = (ICL_REAL)(update->decoupled ? 0.0 : update->decay);
    const ICL_REAL shrink = (ICL_REAL)(update->decoupled ? update->rate * update->decay : 0.0);
    /* rate (m / c1) / (sqrt(v / c2) + epsilon) with one division and one root an element. */
    const ICL_REAL step = (ICL_REAL)(update->rate / update->correction1);
    const ICL_REAL scale = (ICL_REAL)(1.0 / sqrt(update->correction2)), epsilon = (ICL_REAL)update->epsilon;
    ICL_INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        const ICL_REAL g = gradient[i] + coupled * w[i];
        m[i] = beta1 * m[i] + rest1 * g;
        v[i] = beta2 * v[i] + rest2 * g * g;
        w[i] = w[i] - shrink * w[i] - step * m[i] / (ICL_SQRT(v[i]) * scale + epsilon);
    }
}
