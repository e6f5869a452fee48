/* Entropies and moments of rectified normals behind a gate, closed and by integrals. */
#include "proofs/interval/continuous.h"
#include "proofs/interval/relu_parts.h"

/* value -= mass ln mass */
static void subtract_atom(arb_t value, const arb_t mass, slong bits)
{
    arb_t term;
    arb_init(term);
    arb_x_log_x(term, mass, bits);
    arb_sub(value, value, term, bits);
    arb_clear(term);
}

/* part = -int F ln F, F = keep phi / stretch the density of half a normal law of mass `keep` that was stretched: half
 * of that over the line, which is keep (h(phi) - ln(keep / stretch)). */
static void half_normal_part(arb_t part, const arb_t keep, const arb_t stretch, bool by_integral, slong bits)
{
    if (by_integral) {
        gaussian_margin(part, NULL, SIDE_X, keep, stretch, bits);
    } else {
        arb_t term;
        arb_init(term);
        gaussian_entropy(part, NULL, SIDE_X, bits + GUARD);
        arb_div(term, keep, stretch, bits + GUARD);
        arb_log(term, term, bits + GUARD);
        arb_sub(part, part, term, bits + GUARD);
        arb_mul(part, part, keep, bits + GUARD);
        arb_clear(term);
    }
    arb_mul_2exp_si(part, part, -1);
}

/* An atom 1 - q/2 and the density q phi on x > 0. */
void relu_entropy(arb_t entropy, struct ratio keep, bool by_integral, slong bits)
{
    const slong more = bits + GUARD;
    arb_t q, one;
    arb_init(q);
    arb_init(one);
    arb_one(one);
    arb_set_ratio(q, keep, more);
    half_normal_part(entropy, q, one, by_integral, bits);
    arb_set_ratio(q, (struct ratio){2 * (slong)keep.under - keep.over, 2 * keep.under}, more);
    subtract_atom(entropy, q, more);
    arb_clear(q);
    arb_clear(one);
}

/* Atoms 1 - q at 0 and q/2 elsewhere, and the density q sd phi(sd z + mean) of z = (x - mean) / sd. */
void relubn_entropy(arb_t entropy, struct ratio keep, const arb_t sd, bool by_integral, slong bits)
{
    const slong more = bits + GUARD;
    arb_t q, stretch;
    arb_init(q);
    arb_init(stretch);
    arb_inv(stretch, sd, more);
    arb_set_ratio(q, keep, more);
    half_normal_part(entropy, q, stretch, by_integral, bits);
    arb_mul_2exp_si(q, q, -1);
    subtract_atom(entropy, q, more);
    arb_set_ratio(q, (struct ratio){(slong)keep.under - keep.over, keep.under}, more);
    subtract_atom(entropy, q, more);
    arb_clear(q);
    arb_clear(stretch);
}

/* x^power P(v > 0 | u = x), or power alone where the slope is not given. */
struct moment {
    arb_srcptr slope;
    ulong power;
};

static int moment_at(acb_ptr value, const acb_t x, void *parameters, slong order, slong bits)
{
    (void)order;
    const struct moment *moment = parameters;
    acb_t active;
    acb_init(active);
    acb_pow_ui(value, x, moment->power, bits);
    if (moment->slope != NULL) {
        acb_mul_arb(active, x, moment->slope, bits);
        acb_neg(active, active);
        acb_normal_upper(active, active, bits);
        acb_mul(value, value, active, bits);
    }
    acb_clear(active);
    return 0;
}

/* integral = that of phi x^power P over [0, infinity): x^power <= 1 + x^2 for a power up to 2. */
static void moment_integral(arb_t integral, arb_srcptr slope, ulong power, slong bits)
{
    arb_t one;
    arb_init(one);
    arb_one(one);
    const struct moment moment = {.slope = slope, .power = power};
    const struct normal_weight weight = {.at = moment_at, .parameters = &moment, .flat = one, .square = one};
    integrate_normal(integral, &weight, bits);
    arb_clear(one);
}

/* phi(x) x phi(slope x): bounded by 1 + x^2, too. */
static int crossing_at(acb_ptr value, const acb_t x, void *parameters, slong order, slong bits)
{
    (void)order;
    acb_mul_arb(value, x, parameters, bits);
    acb_normal_density(value, value, bits);
    acb_mul(value, value, x, bits);
    return 0;
}

/* E[v; v > 0 | u = x] = rho x Phi(k x) + s phi(k x). */
static void product_by_integral(arb_t value, const struct relu *relu, slong bits)
{
    arb_t one;
    arb_init(one);
    arb_one(one);
    const struct normal_weight weight = {.at = crossing_at, .parameters = relu->slope, .flat = one, .square = one};
    integrate_normal(value, &weight, bits);
    arb_mul(value, value, relu->s, bits + GUARD);
    moment_integral(one, relu->slope, 2, bits);
    arb_addmul(value, one, relu->rho, bits + GUARD);
    arb_clear(one);
}

void relu_quadrant_by_integral(arb_t value, struct ratio rho, int which, slong bits)
{
    struct relu relu;
    relu_init(&relu, rho, bits + GUARD);
    if (which == 2)
        product_by_integral(value, &relu, bits);
    else
        moment_integral(value, relu.slope, which == 1 ? 2 : 0, bits);
    relu_clear(&relu);
}

void relu_moments(arb_t mean, arb_t variance, arb_t covariance, struct ratio rho, bool by_integral, slong bits)
{
    const slong more = bits + GUARD;
    struct relu relu;
    relu_init(&relu, rho, more);
    if (by_integral) {
        moment_integral(mean, NULL, 1, bits);
        moment_integral(variance, NULL, 2, bits);
        product_by_integral(covariance, &relu, bits);
    } else {
        arb_zero(mean);
        arb_normal_density(mean, mean, more);
        arb_set_d(variance, 0.5);
        arb_set(covariance, relu.product);
    }
    arb_submul(variance, mean, mean, more);
    arb_submul(covariance, mean, mean, more);
    relu_clear(&relu);
}
