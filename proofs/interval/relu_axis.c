#include "proofs/interval/relu_parts.h"

/* open = given Phi(slope x), shut = 1 - open */
static void axis_odds(acb_t open, acb_t shut, const acb_t x, const struct axis *axis, slong bits)
{
    arb_t rest;
    acb_t z;
    arb_init(rest);
    acb_init(z);
    acb_mul_arb(z, x, axis->slope, bits);
    acb_normal_upper(shut, z, bits);
    acb_neg(z, z);
    acb_normal_upper(open, z, bits);
    arb_sub_ui(rest, axis->given, 1, bits);
    arb_neg(rest, rest);
    acb_mul_arb(z, open, rest, bits);
    acb_add(shut, shut, z, bits);
    acb_mul_arb(open, open, axis->given, bits);
    arb_clear(rest);
    acb_clear(z);
}

/* c ln c */
static int shut_log_shut(acb_ptr value, const acb_t x, void *parameters, slong order, slong bits)
{
    acb_t open;
    acb_init(open);
    axis_odds(open, value, x, parameters, bits);
    acb_z_log_z(value, value, order != 0, bits);
    acb_clear(open);
    return 0;
}

int relu_divergence(acb_ptr value, const acb_t x, void *parameters, slong order, slong bits)
{
    const struct axis *axis = parameters;
    acb_t open, shut, term;
    arb_t mean;
    acb_init(open);
    acb_init(shut);
    acb_init(term);
    arb_init(mean);
    axis_odds(open, shut, x, axis, bits);
    acb_z_log_z(value, open, order != 0, bits);
    acb_z_log_z(term, shut, order != 0, bits);
    acb_add(value, value, term, bits);
    arb_log(mean, axis->mean, bits);
    acb_mul_arb(open, open, mean, bits);
    acb_sub(value, value, open, bits);
    arb_neg(mean, axis->mean);
    arb_log1p(mean, mean, bits);
    acb_mul_arb(shut, shut, mean, bits);
    acb_sub(value, value, shut, bits);
    acb_clear(open);
    acb_clear(shut);
    acb_clear(term);
    arb_clear(mean);
    return 0;
}

int relu_open_log_shut(acb_ptr value, const acb_t x, void *parameters, slong order, slong bits)
{
    const struct axis *axis = parameters;
    acb_t open;
    acb_init(open);
    axis_odds(open, value, x, axis, bits);
    acb_log_analytic(value, value, order != 0, bits);
    acb_mul(value, value, open, bits);
    acb_div_arb(value, value, axis->given, bits);
    acb_clear(open);
    return 0;
}

int relu_log_shut(acb_ptr value, const acb_t x, void *parameters, slong order, slong bits)
{
    acb_t open;
    acb_init(open);
    axis_odds(open, value, x, parameters, bits);
    acb_log_analytic(value, value, order != 0, bits);
    acb_clear(open);
    return 0;
}

void over_axis(arb_t integral, integrand *f, const struct axis *axis, const arb_t flat, const arb_t square, slong bits)
{
    const struct normal_weight weight = {.at = f, .parameters = axis, .flat = flat, .square = square};
    integrate_normal(integral, &weight, bits);
}

/* |c ln c| <= 1/e for c in [0,1]. */
void integral_of_c_ln_c(arb_t integral, const arb_t slope, const arb_t given, slong bits)
{
    arb_t one, zero;
    arb_init(one);
    arb_init(zero);
    arb_one(one);
    const struct axis axis = {.slope = slope, .given = given};
    over_axis(integral, shut_log_shut, &axis, one, zero, bits);
    arb_clear(one);
    arb_clear(zero);
}

/* |ln c| <= -ln Phi(-|z|) <= z^2 + 2, z = slope x, because Phi(-z) >= phi(z) int_0^1 e^(-z t - t^2/2) dt
 * >= phi(z) e^(-z - 1/2), and z + z^2/2 <= z^2 + 1/2. */
void integral_with_ln_c(arb_t integral, integrand *f, const arb_t slope, const arb_t given, slong bits)
{
    arb_t two, square;
    arb_init(two);
    arb_init(square);
    arb_set_ui(two, 2);
    arb_mul(square, slope, slope, MAG_BITS);
    const struct axis axis = {.slope = slope, .given = given};
    over_axis(integral, f, &axis, two, square, bits);
    arb_clear(two);
    arb_clear(square);
}
