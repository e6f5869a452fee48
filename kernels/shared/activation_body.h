/* The nonlinearity and the stage around it, one element at a time, once for each ICL_REAL; for host and device; no
 * include guard on purpose. Every rounding of a stage stands here: act(v) = min((v < 0 ? leak v : v) - sub, most),
 * where leak 0 makes 0 of -infinity too, and NaN stays NaN drop(t) = t factor, the factor (0, 1, 1/keep, 1 + e) rounded
 * to ICL_REAL first dn = k1 dz + (k2 n + k3) */

/* act without the minimum. */
ICL_HD ICL_REAL ICL_TYPED(icl_rectify)(const struct icl_nonlinearity *act, ICL_REAL v)
{
    const ICL_REAL leak = (ICL_REAL)act->leak, below = leak == 0 ? 0 : leak * v;
    return (v < 0 ? below : v) - (ICL_REAL)act->sub;
}

ICL_HD ICL_REAL ICL_TYPED(icl_act)(const struct icl_nonlinearity *act, ICL_REAL v)
{
    if (!act->on) return v;
    const ICL_REAL z = ICL_TYPED(icl_rectify)(act, v), most = (ICL_REAL)act->most;
    return z > most ? most : z;
}

/* The gradient of act's argument v from that of its value. */
ICL_HD ICL_REAL ICL_TYPED(icl_act_backward)(const struct icl_nonlinearity *act, ICL_REAL v, ICL_REAL gradient)
{
    if (!act->on) return gradient;
    if (ICL_TYPED(icl_rectify)(act, v) > (ICL_REAL)act->most) return 0;
    const ICL_REAL leak = (ICL_REAL)act->leak, below = leak == 0 ? 0 : leak * gradient;
    return v <= 0 ? below : gradient;
}

/* n, what is normalised. */
ICL_HD ICL_REAL ICL_TYPED(icl_normed)(enum icl_norm_place norm, const struct icl_nonlinearity *act, ICL_REAL x)
{
    return norm == ICL_NORM_AFTER ? ICL_TYPED(icl_act)(act, x) : x;
}

/* What stands at the places of an element on the way forward. */
struct ICL_TYPED(icl_stage_values) {
    ICL_REAL argument; /* of act */
    ICL_REAL active;   /* act of it */
    ICL_REAL normed;   /* n: what is normalised; 0 without a norm */
    ICL_REAL kept;     /* right before the dropout */
};

/* From x, the residual (if there is one) and the channel's scale and shift (not looked at without a norm). Whether a
 * value is there is said beside it: no address is taken, so that a device keeps all in registers. */
ICL_HD struct ICL_TYPED(icl_stage_values)
    ICL_TYPED(icl_stage_values_of)(enum icl_norm_place norm, const struct icl_nonlinearity *act, ICL_REAL x,
                                   bool has_add, ICL_REAL add, ICL_REAL scale, ICL_REAL shift)
{
    struct ICL_TYPED(icl_stage_values) v;
    v.argument = x;
    v.normed = 0;
    if (norm == ICL_NORM_BEFORE) {
        v.normed = x;
        v.argument = scale * x + shift;
    }
    if (norm != ICL_NORM_AFTER && has_add) v.argument += add;
    v.active = v.kept = ICL_TYPED(icl_act)(act, v.argument);
    if (norm == ICL_NORM_AFTER) {
        v.normed = v.active;
        v.kept = scale * v.normed + shift;
    }
    return v;
}

/* dz, the gradient of the norm's output (of act's argument without a norm), from that of the stage's output, the factor
 * of the dropout and the gradient of the tap, if there are any. */
ICL_HD ICL_REAL ICL_TYPED(icl_stage_dz)(enum icl_norm_place norm, const struct icl_nonlinearity *act, enum icl_tap tap,
                                        ICL_REAL argument, ICL_REAL dy, bool has_factor, ICL_REAL factor, bool has_dtap,
                                        ICL_REAL dtap)
{
    ICL_REAL gradient = dy;
    if (has_factor) gradient *= factor;
    /* Without a norm behind the nonlinearity both taps are here. */
    if (has_dtap && (tap == ICL_TAP_NORM || norm != ICL_NORM_AFTER)) gradient += dtap;
    return norm == ICL_NORM_AFTER ? gradient : ICL_TYPED(icl_act_backward)(act, argument, gradient);
}

/* dx from dz and the channel's k1, k2, k3 (not looked at without a norm). */
ICL_HD ICL_REAL ICL_TYPED(icl_stage_dx)(enum icl_norm_place norm, const struct icl_nonlinearity *act, enum icl_tap tap,
                                        const struct ICL_TYPED(icl_stage_values) * values, ICL_REAL dz, bool has_dtap,
                                        ICL_REAL dtap, ICL_REAL k1, ICL_REAL k2, ICL_REAL k3)
{
    ICL_REAL gradient = dz;
    if (norm != ICL_NORM_ABSENT) gradient = k1 * dz + (k2 * values->normed + k3);
    if (norm == ICL_NORM_AFTER) {
        if (has_dtap && tap == ICL_TAP_RELU) gradient += dtap;
        gradient = ICL_TYPED(icl_act_backward)(act, values->argument, gradient);
    }
    return gradient;
}
