#include "proofs/interval/continuous.h"
#include "proofs/interval/density.h"

static void ln_cosh(acb_t value, const acb_t z, bool analytic, slong bits)
{
    acb_cosh(value, z, bits);
    acb_log_analytic(value, value, analytic, bits);
}

/* ln cosh(a (a + z)) + ln cosh(a (a - z)): both halves of the line. */
static int folded_ln_cosh(acb_ptr value, const acb_t z, void *parameters, slong order, slong bits)
{
    const arb_srcptr a = parameters;
    acb_t other;
    acb_init(other);
    acb_add_arb(value, z, a, bits);
    acb_mul_arb(value, value, a, bits);
    acb_sub_arb(other, z, a, bits);
    acb_mul_arb(other, other, a, bits);
    ln_cosh(value, value, order != 0, bits);
    ln_cosh(other, other, order != 0, bits);
    acb_add(value, value, other, bits);
    acb_clear(other);
    return 0;
}

/* The entropy of a s + e: its density is phi(x) e^(-a^2/2) cosh(a x), so that h = ln(2 pi e)/2 + a^2 - E ln cosh(a x);
 * by symmetry the mean may be taken at s = 1. 0 <= ln cosh w <= |w|, and a z <= a (1 + z^2) / 2. */
static void two_humps_entropy(arb_t value, const arb_t a, slong bits)
{
    arb_t mean, flat;
    arb_init(mean);
    arb_init(flat);
    arb_mul(value, a, a, bits);
    arb_mul_2exp_si(flat, value, 1);
    arb_add(flat, flat, a, bits);
    const struct normal_weight weight = {.at = folded_ln_cosh, .parameters = a, .flat = flat, .square = a};
    integrate_normal(mean, &weight, bits);
    arb_sub(value, value, mean, bits);
    gaussian_entropy(mean, NULL, SIDE_X, bits);
    arb_add(value, value, mean, bits);
    arb_clear(mean);
    arb_clear(flat);
}

/* a sqrt(2): where the humps stand on the diagonal. */
static void along(arb_t a, const struct continuous_law *law, slong bits)
{
    arb_t shift;
    arb_init(shift);
    arb_set_ratio(shift, law->parameter, bits);
    arb_sqrt_ui(a, 2, bits);
    arb_mul(a, a, shift, bits);
    arb_clear(shift);
}

void bimodal_entropy(arb_t value, const struct continuous_law *law, enum side side, slong bits)
{
    (void)side;
    arb_t a;
    arb_init(a);
    arb_set_ratio(a, law->parameter, bits + 40);
    two_humps_entropy(value, a, bits);
    arb_clear(a);
}

/* Turned by 45 degrees, the pair is two independent coordinates: (x+y)/sqrt(2) has two humps at a sqrt(2), and
 * (x-y)/sqrt(2) is standard normal. */
void bimodal_information(arb_t value, const struct continuous_law *law, slong bits)
{
    arb_t a, entropy;
    arb_init(a);
    arb_init(entropy);
    bimodal_entropy(value, law, SIDE_X, bits);
    arb_mul_2exp_si(value, value, 1);
    along(a, law, bits + 40);
    two_humps_entropy(entropy, a, bits);
    arb_sub(value, value, entropy, bits);
    gaussian_entropy(entropy, law, SIDE_X, bits);
    arb_sub(value, value, entropy, bits);
    arb_clear(a);
    arb_clear(entropy);
}

/* f = (phi(t-a) + phi(t+a)) / 2, t = |x|: two places each. */
static void humps_at(acb_t f, acb_t measure, const acb_t t, bool analytic, const struct density *density, slong bits)
{
    (void)analytic;
    acb_sub_arb(f, t, density->parameters, bits);
    acb_normal_density(f, f, bits);
    acb_add_arb(measure, t, density->parameters, bits);
    acb_normal_density(measure, measure, bits);
    acb_add(f, f, measure, bits);
    acb_mul_2exp_si(f, f, -1);
    acb_set_ui(measure, 2);
}

/* f <= phi(t-a) <= e^(-(t-a)^2/2), and for d = T - a >= 1 the integral of 2 e^(-(t-a)^2/4) over [T, infinity) is at
 * most 4 e^(-d^2/4) / d. */
static void humps_tail(arb_t power, arb_t most, const struct density *density, const arb_t from, slong bits)
{
    arb_t distance;
    arb_init(distance);
    arb_sub(distance, from, density->parameters, bits);
    arb_mul(power, distance, distance, bits);
    arb_mul_2exp_si(power, power, -2);
    arb_neg(power, power);
    arb_exp(power, power, bits);
    arb_mul(most, power, power, bits);
    arb_mul_2exp_si(power, power, 2);
    arb_sub_ui(distance, distance, 1, bits);
    if (!arb_is_nonnegative(distance)) arb_pos_inf(power);
    arb_clear(distance);
}

static void humps_part(arb_t part, const arb_t a, const arb_t mass, const arb_t scale, slong bits)
{
    arb_t half;
    arb_init(half);
    arb_set_d(half, 0.5);
    const struct density density = {.at = humps_at, .tail = humps_tail, .epsilon = half, .parameters = a};
    part_entropy(part, &density, mass, scale, bits);
    arb_clear(half);
}

void bimodal_margin(arb_t part, const struct continuous_law *law, enum side side, const arb_t mass, const arb_t scale,
                    slong bits)
{
    (void)side;
    arb_t a;
    arb_init(a);
    arb_set_ratio(a, law->parameter, bits + 40);
    humps_part(part, a, mass, scale, bits);
    arb_clear(a);
}

/* Of the two independent coordinates the humps take the mass and the scale. */
void bimodal_pair(arb_t part, const struct continuous_law *law, const arb_t mass, const arb_t scale, slong bits)
{
    arb_t a, one, across;
    arb_init(a);
    arb_init(one);
    arb_init(across);
    arb_one(one);
    along(a, law, bits + 40);
    humps_part(part, a, mass, scale, bits);
    gaussian_margin(across, law, SIDE_X, one, one, bits);
    arb_addmul(part, across, mass, bits + 40);
    arb_clear(a);
    arb_clear(one);
    arb_clear(across);
}
