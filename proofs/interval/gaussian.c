#include "proofs/interval/continuous.h"
#include "proofs/interval/density.h"

/* ln(2 pi e) / 2 */
void gaussian_entropy(arb_t value, const struct continuous_law *law, enum side side, slong bits)
{
    (void)law;
    (void)side;
    arb_const_pi(value, bits);
    arb_mul_2exp_si(value, value, 1);
    arb_log(value, value, bits);
    arb_add_ui(value, value, 1, bits);
    arb_mul_2exp_si(value, value, -1);
}

/* -ln(1 - rho^2) / 2 */
void gaussian_information(arb_t value, const struct continuous_law *law, slong bits)
{
    arb_set_ratio(value, law->parameter, bits);
    arb_mul(value, value, value, bits);
    arb_neg(value, value);
    arb_log1p(value, value, bits);
    arb_mul_2exp_si(value, value, -1);
    arb_neg(value, value);
}

/* t = |x|: two places each. */
static void normal_at(acb_t f, acb_t measure, const acb_t t, bool analytic, const struct density *density, slong bits)
{
    (void)analytic;
    (void)density;
    acb_normal_density(f, t, bits);
    acb_set_ui(measure, 2);
}

/* bound = e^(-from^2/4) */
static void quarter_square(arb_t bound, const arb_t from, slong bits)
{
    arb_mul(bound, from, from, bits);
    arb_mul_2exp_si(bound, bound, -2);
    arb_neg(bound, bound);
    arb_exp(bound, bound, bits);
}

/* f <= e^(-t^2/2), and for T >= 2 the integral of 2 e^(-t^2/4) over [T, infinity) is at most 4 e^(-T^2/4) / T. */
static void normal_tail(arb_t power, arb_t most, const struct density *density, const arb_t from, slong bits)
{
    (void)density;
    quarter_square(power, from, bits);
    arb_mul(most, power, power, bits);
    arb_mul_2exp_si(power, power, 2);
    arb_div(power, power, from, bits);
}

void gaussian_margin(arb_t part, const struct continuous_law *law, enum side side, const arb_t mass, const arb_t scale,
                     slong bits)
{
    (void)law;
    (void)side;
    arb_t half;
    arb_init(half);
    arb_set_d(half, 0.5);
    const struct density density = {.at = normal_at, .tail = normal_tail, .epsilon = half};
    part_entropy(part, &density, mass, scale, bits);
    arb_clear(half);
}

/* t = the square root of (x^2 - 2 rho x y + y^2) / s^2, s^2 = 1 - rho^2: ellipses of area pi s t^2, where the density
 * is e^(-t^2/2) / (2 pi s). The parameter of the density is 2 pi s. */
static void ellipse_at(acb_t f, acb_t measure, const acb_t t, bool analytic, const struct density *density, slong bits)
{
    (void)analytic;
    acb_mul_arb(measure, t, density->parameters, bits);
    acb_mul(f, t, t, bits);
    acb_mul_2exp_si(f, f, -1);
    acb_neg(f, f);
    acb_exp(f, f, bits);
    acb_div_arb(f, f, density->parameters, bits);
}

/* The integral of t e^(-t^2/4) over [T, infinity) is 2 e^(-T^2/4); f^(1/2) measure is (2 pi s)^(1/2) times that. */
static void ellipse_tail(arb_t power, arb_t most, const struct density *density, const arb_t from, slong bits)
{
    arb_t root;
    arb_init(root);
    quarter_square(power, from, bits);
    arb_mul(most, power, power, bits);
    arb_div(most, most, density->parameters, bits);
    arb_sqrt(root, density->parameters, bits);
    arb_mul(power, power, root, bits);
    arb_mul_2exp_si(power, power, 1);
    arb_clear(root);
}

void gaussian_pair(arb_t part, const struct continuous_law *law, const arb_t mass, const arb_t scale, slong bits)
{
    const slong more = bits + 40;
    arb_t half, area, pi;
    arb_init(half);
    arb_init(area);
    arb_init(pi);
    arb_set_d(half, 0.5);
    arb_set_ratio(area, law->parameter, more);
    arb_mul(area, area, area, more);
    arb_sub_ui(area, area, 1, more);
    arb_neg(area, area);
    arb_sqrt(area, area, more);
    arb_const_pi(pi, more);
    arb_mul(area, area, pi, more);
    arb_mul_2exp_si(area, area, 1);
    const struct density density = {.at = ellipse_at, .tail = ellipse_tail, .epsilon = half, .parameters = area};
    part_entropy(part, &density, mass, scale, bits);
    arb_clear(half);
    arb_clear(area);
    arb_clear(pi);
}
