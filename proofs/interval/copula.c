#include "proofs/interval/continuous.h"

void copula_entropy(arb_t value, const struct continuous_law *law, enum side side, slong bits)
{
    (void)law;
    (void)side;
    (void)bits;
    arb_zero(value);
}

/* part = -mass ln(mass / scale): the density 1 of either margin, thinned and stretched. */
void copula_margin(arb_t part, const struct continuous_law *law, enum side side, const arb_t mass, const arb_t scale,
                   slong bits)
{
    (void)law;
    (void)side;
    arb_div(part, mass, scale, bits + 40);
    arb_log(part, part, bits + 40);
    arb_mul(part, part, mass, bits + 40);
    arb_neg(part, part);
}

/* With w = (1-2x)(1-2y) the information is E (1 + t w) ln(1 + t w) = sum over even k >= 2 of t^k E w^k / (k (k-1)), and
 * E w^k = 1 / (k+1)^2. What follows the term of k is below t^k / (1 - t^2). */
void fgm_information(arb_t value, const struct continuous_law *law, slong bits)
{
    const slong more = bits + 20;
    arb_t square, power, term, rest;
    mag_t size;
    arb_init(square);
    arb_init(power);
    arb_init(term);
    arb_init(rest);
    mag_init(size);
    arb_set_ratio(square, law->parameter, more);
    arb_mul(square, square, square, more);
    arb_one(power);
    arb_sub_ui(rest, square, 1, more);
    arb_neg(rest, rest);
    arb_inv(rest, rest, more);
    arb_zero(value);
    for (ulong k = 2;; k += 2) {
        arb_mul(power, power, square, more);
        arb_div_ui(term, power, k * (k - 1) * (k + 1) * (k + 1), more);
        arb_add(value, value, term, more);
        arb_mul(term, power, rest, more);
        arb_get_mag(size, term);
        if (mag_cmp_2exp_si(size, -more) < 0) break;
    }
    arb_add_error_mag(value, size);
    arb_clear(square);
    arb_clear(power);
    arb_clear(term);
    arb_clear(rest);
    mag_clear(size);
}

/* w lies on (-1,1) with the density -ln|w| / 2, a product of two uniform variables. Both signs together:
 * -ln w [ (1+tw) ln(1+tw) + (1-tw) ln(1-tw) ] / 2. The bracket is at most 2 |t w|^2 where |t w| <= 1/2, by its series:
 * near w = 0 the whole is at most |w ln w| |t|^2 |w|. */
static int fgm_at(acb_ptr value, const acb_t w, void *parameters, slong order, slong bits)
{
    acb_t bracket, one;
    mag_t size;
    acb_init(bracket);
    acb_init(one);
    mag_init(size);
    acb_mul_arb(bracket, w, parameters, bits);
    acb_get_mag(size, bracket);
    if (acb_contains_zero(w) && order == 0 && mag_cmp_2exp_si(size, -1) <= 0) {
        acb_z_log_z(value, w, false, bits);
        acb_mul_arb(bracket, bracket, parameters, bits);
        acb_mul(value, value, bracket, bits);
        acb_get_mag(size, value);
        acb_zero(value);
        acb_add_error_mag(value, size);
    } else {
        acb_add_ui(one, bracket, 1, bits);
        acb_z_log_z(one, one, order != 0, bits);
        acb_sub_ui(bracket, bracket, 1, bits);
        acb_neg(bracket, bracket);
        acb_z_log_z(bracket, bracket, order != 0, bits);
        acb_add(bracket, bracket, one, bits);
        acb_log_analytic(value, w, order != 0, bits);
        acb_mul(value, value, bracket, bits);
        acb_mul_2exp_si(value, value, -1);
        acb_neg(value, value);
    }
    acb_clear(bracket);
    acb_clear(one);
    mag_clear(size);
    return 0;
}

/* The density c of the pair has mass 1, so that -int F ln F = -mass ln(mass/scale) - mass int c ln c. */
void fgm_pair(arb_t part, const struct continuous_law *law, const arb_t mass, const arb_t scale, slong bits)
{
    arb_t t, from, to, integral;
    arb_init(t);
    arb_init(from);
    arb_init(to);
    arb_init(integral);
    arb_set_ratio(t, law->parameter, bits + 40);
    arb_one(to);
    integrate_range(integral, fgm_at, t, from, to, bits);
    copula_margin(part, law, SIDE_X, mass, scale, bits);
    arb_submul(part, integral, mass, bits + 40);
    arb_clear(t);
    arb_clear(from);
    arb_clear(to);
    arb_clear(integral);
}

/* h(Phi(u), Phi(v)) = h(u, v) + 2 E ln phi(u), both by integration. */
void gaussian_copula_pair(arb_t part, const struct continuous_law *law, const arb_t mass, const arb_t scale, slong bits)
{
    arb_t one, entropy, margin;
    arb_init(one);
    arb_init(entropy);
    arb_init(margin);
    arb_one(one);
    gaussian_pair(entropy, law, one, one, bits);
    gaussian_margin(margin, law, SIDE_X, one, one, bits);
    arb_submul_ui(entropy, margin, 2, bits + 40);
    copula_margin(part, law, SIDE_X, mass, scale, bits);
    arb_addmul(part, entropy, mass, bits + 40);
    arb_clear(one);
    arb_clear(entropy);
    arb_clear(margin);
}
