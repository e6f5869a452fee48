#include "proofs/interval/integrate.h"
#include "proofs/interval/relu_parts.h"

/* c(x) = 1 - given Phi(slope x), written without cancellation. */
struct axis {
    arb_srcptr slope, given;
    arb_srcptr mean; /* of given Phi(slope x) for x > 0; for the divergence only */
};

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

/* (1 - c) ln(1 - c) */
static int open_log_open(acb_ptr value, const acb_t x, void *parameters, slong order, slong bits)
{
    acb_t shut;
    acb_init(shut);
    axis_odds(value, shut, x, parameters, bits);
    acb_z_log_z(value, value, order != 0, bits);
    acb_clear(shut);
    return 0;
}

/* -(1 - c) ln mean - c ln(1 - mean) */
static int against_mean(acb_ptr value, const acb_t x, void *parameters, slong order, slong bits)
{
    (void)order;
    const struct axis *axis = parameters;
    acb_t shut;
    arb_t logarithm;
    acb_init(shut);
    arb_init(logarithm);
    axis_odds(value, shut, x, axis, bits);
    arb_log(logarithm, axis->mean, bits);
    acb_mul_arb(value, value, logarithm, bits);
    arb_neg(logarithm, axis->mean);
    arb_log1p(logarithm, logarithm, bits);
    acb_mul_arb(shut, shut, logarithm, bits);
    acb_add(value, value, shut, bits);
    acb_neg(value, value);
    acb_clear(shut);
    arb_clear(logarithm);
    return 0;
}

enum { FAR = 16 }; /* from here on asymptotic series serve U to more than 128 bits */

/* ln c. Where nothing but Phi(-z) is left of c, z = slope x, and z is large: ln Phi(-z) = -z^2/2 + ln erfcx(z/sqrt(2))
 * - ln 2 with erfcx(w) = e^(w^2) erfc(w) = U(1/2, 1/2, w^2) / sqrt(pi), which varies little over a wide ball. */
static void log_of_shut(acb_t value, const acb_t shut, const acb_t x, const struct axis *axis, bool analytic,
                        slong bits)
{
    acb_t square, half;
    arb_t least;
    acb_init(square);
    acb_init(half);
    arb_init(least);
    acb_mul_arb(square, x, axis->slope, bits);
    arb_sub_ui(least, acb_realref(square), FAR, bits);
    if (arb_is_one(axis->given) && arb_is_positive(least)) {
        acb_set_d(half, 0.5);
        acb_mul(square, square, square, bits);
        acb_mul_2exp_si(square, square, -1);
        acb_hypgeom_u(value, half, half, square, bits);
        acb_log_analytic(value, value, analytic, bits);
        acb_sub(value, value, square, bits);
        arb_const_pi(least, bits);
        arb_mul_2exp_si(least, least, 2);
        arb_log(least, least, bits);
        arb_mul_2exp_si(least, least, -1); /* ln(2 sqrt(pi)) */
        acb_sub_arb(value, value, least, bits);
    } else {
        acb_log_analytic(value, shut, analytic, bits);
    }
    acb_clear(square);
    acb_clear(half);
    arb_clear(least);
}

static int open_log_shut(acb_ptr value, const acb_t x, void *parameters, slong order, slong bits)
{
    const struct axis *axis = parameters;
    acb_t open, shut;
    acb_init(open);
    acb_init(shut);
    axis_odds(open, shut, x, axis, bits);
    log_of_shut(value, shut, x, axis, order != 0, bits);
    acb_mul(value, value, open, bits);
    acb_div_arb(value, value, axis->given, bits);
    acb_clear(open);
    acb_clear(shut);
    return 0;
}

static int log_shut(acb_ptr value, const acb_t x, void *parameters, slong order, slong bits)
{
    acb_t open, shut;
    acb_init(open);
    acb_init(shut);
    axis_odds(open, shut, x, parameters, bits);
    log_of_shut(value, shut, x, parameters, order != 0, bits);
    acb_clear(open);
    acb_clear(shut);
    return 0;
}

static void over_axis(arb_t integral, integrand *f, const struct axis *axis, const arb_t flat, const arb_t square,
                      slong bits)
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

/* Three integrals, for where c or 1 - c falls fast its logarithm is hard to follow, but c ln c is soon too small to
 * count. |against_mean| <= -ln mean - ln(1 - mean). */
void integral_of_divergence(arb_t integral, const arb_t slope, const arb_t given, const arb_t mean, slong bits)
{
    arb_t flat, zero, term;
    arb_init(flat);
    arb_init(zero);
    arb_init(term);
    const struct axis axis = {.slope = slope, .given = given, .mean = mean};
    arb_sub_ui(flat, mean, 1, bits);
    arb_neg(flat, flat);
    arb_mul(flat, flat, mean, bits);
    arb_log(flat, flat, bits);
    arb_neg(flat, flat);
    over_axis(integral, against_mean, &axis, flat, zero, bits);
    arb_one(flat);
    over_axis(term, open_log_open, &axis, flat, zero, bits);
    arb_add(integral, integral, term, bits + GUARD);
    over_axis(term, shut_log_shut, &axis, flat, zero, bits);
    arb_add(integral, integral, term, bits + GUARD);
    arb_clear(flat);
    arb_clear(zero);
    arb_clear(term);
}

/* |ln c| <= -ln Phi(-|z|) <= z^2 + 2, z = slope x, because Phi(-z) >= phi(z) int_0^1 e^(-z t - t^2/2) dt
 * >= phi(z) e^(-z - 1/2), and z + z^2/2 <= z^2 + 1/2. */
static void integral_with_ln_c(arb_t integral, integrand *f, const arb_t slope, const arb_t given, slong bits)
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

void integral_of_ln_c(arb_t integral, const arb_t slope, const arb_t given, slong bits)
{
    integral_with_ln_c(integral, log_shut, slope, given, bits);
}

void integral_of_open_ln_c(arb_t integral, const arb_t slope, const arb_t given, slong bits)
{
    integral_with_ln_c(integral, open_log_shut, slope, given, bits);
}
