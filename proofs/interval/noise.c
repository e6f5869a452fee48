#include "proofs/interval/noise.h"

#include "proofs/interval/check.h"
#include "proofs/interval/continuous.h"
#include "proofs/interval/relu.h"

enum { MOST_TERMS = 400, GUARD_BITS = 40 };

void noise_information_above(arb_t bound, struct ratio keep, slong bits)
{
    arb_t term;
    arb_init(term);
    arb_set_ratio(term, (struct ratio){(slong)keep.under - keep.over, keep.under}, bits);
    arb_log(term, term, bits);
    arb_const_euler(bound, bits);
    arb_sub(bound, bound, term, bits);
    arb_const_log2(term, bits);
    arb_add(bound, bound, term, bits);
    arb_mul_2exp_si(bound, bound, -1);
    arb_clear(term);
}

/* One coefficient a_k of P(x' > t | x). */
struct coefficient {
    arb_t s, cut;
    ulong k;
};

/* value = n(c) + (-1)^k n(-c) */
static void folded_noise(acb_t value, const acb_t c, const struct coefficient *coefficient, slong bits)
{
    acb_t other;
    acb_init(other);
    acb_sub_ui(value, c, 1, bits);
    acb_add_ui(other, c, 1, bits);
    acb_div_arb(value, value, coefficient->s, bits);
    acb_div_arb(other, other, coefficient->s, bits);
    acb_normal_density(value, value, bits);
    acb_normal_density(other, other, bits);
    if (coefficient->k % 2 == 0)
        acb_add(value, value, other, bits);
    else
        acb_sub(value, value, other, bits);
    acb_div_arb(value, value, coefficient->s, bits);
    acb_clear(other);
}

/* value = He_(k-1)(z) / sqrt(k!), value not z: with h_j = He_j / sqrt(j!), sqrt(j+1) h_(j+1) = z h_j - sqrt(j) h_(j-1).
 */
static void hermite(acb_t value, const acb_t z, ulong k, slong bits)
{
    acb_t before, next;
    arb_t root;
    acb_init(before);
    acb_init(next);
    arb_init(root);
    acb_one(value);
    for (ulong j = 0; j + 1 < k; j++) {
        arb_sqrt_ui(root, j, bits);
        acb_mul_arb(before, before, root, bits);
        acb_mul(next, z, value, bits);
        acb_sub(next, next, before, bits);
        arb_sqrt_ui(root, j + 1, bits);
        acb_div_arb(next, next, root, bits);
        acb_swap(before, value);
        acb_swap(value, next);
    }
    arb_sqrt_ui(root, k, bits);
    acb_div_arb(value, value, root, bits);
    acb_clear(before);
    acb_clear(next);
    arb_clear(root);
}

static int coefficient_at(acb_ptr value, const acb_t c, void *parameters, slong order, slong bits)
{
    (void)order; /* holomorphic but at 0, where t/c is not finite */
    const struct coefficient *coefficient = parameters;
    acb_t z, term;
    acb_init(z);
    acb_init(term);
    acb_inv(z, c, bits);
    acb_mul_arb(z, z, coefficient->cut, bits);
    folded_noise(value, c, coefficient, bits);
    if (coefficient->k == 0) {
        acb_normal_upper(term, z, bits);
    } else {
        acb_normal_density(term, z, bits);
        acb_mul(value, value, term, bits);
        hermite(term, z, coefficient->k, bits);
    }
    acb_mul(value, value, term, bits);
    acb_clear(z);
    acb_clear(term);
    return 0;
}

/* The integral over c > 0. By Cramer's inequality |He_n(z)| <= 1.09 e^(z^2/4) sqrt(n!), so that what stands beside the
 * noise is at most e^(-z^2/4), and so is P(N > z). Below c = t/20 that is e^-100, and beyond 1 + 12 s the noise has at
 * most a mass of 2 P(N > 12); both ends together are below 2^-99. */
static void coefficient_integral(arb_t value, const struct coefficient *coefficient, slong bits)
{
    arb_t from, to;
    mag_t ends;
    arb_init(from);
    arb_init(to);
    mag_init(ends);
    arb_div_ui(from, coefficient->cut, 20, bits);
    arb_mul_ui(to, coefficient->s, 12, bits);
    arb_add_ui(to, to, 1, bits);
    integrate_range(value, coefficient_at, coefficient, from, to, bits);
    mag_set_ui_2exp_si(ends, 1, -99);
    arb_add_error_mag(value, ends);
    arb_clear(from);
    arb_clear(to);
    mag_clear(ends);
}

/* The same for the cut 0, closed: 1/2, and (P(c > 0) - P(c < 0)) phi(0) He_(k-1)(0) / sqrt(k!). */
static void coefficient_at_zero(arb_t value, const struct coefficient *coefficient, slong bits)
{
    acb_t zero, term;
    arb_t shut;
    acb_init(zero);
    acb_init(term);
    arb_init(shut);
    if (coefficient->k == 0) {
        arb_set_d(value, 0.5);
    } else {
        arb_inv(shut, coefficient->s, bits);
        arb_normal_upper(shut, shut, bits);
        arb_mul_2exp_si(shut, shut, 1);
        arb_sub_ui(shut, shut, 1, bits);
        arb_neg(shut, shut);
        hermite(term, zero, coefficient->k, bits);
        arb_zero(value);
        arb_normal_density(value, value, bits);
        arb_mul(value, value, shut, bits);
        acb_mul_arb(term, term, value, bits);
        arb_set(value, acb_realref(term));
    }
    acb_clear(zero);
    acb_clear(term);
    arb_clear(shut);
}

/* terms = the least K with |rho|^(K+1) < 2^-20, which is as fine as the bound need be. */
static slong terms_wanted(const arb_t rho)
{
    arb_t power;
    mag_t size;
    arb_init(power);
    mag_init(size);
    arb_abs(power, rho);
    slong terms = 0;
    for (; terms < MOST_TERMS; terms++) {
        arb_get_mag(size, power);
        if (mag_cmp_2exp_si(size, -20) < 0) break;
        arb_mul(power, power, rho, MAG_BITS);
    }
    arb_clear(power);
    mag_clear(size);
    return terms;
}

/* sum += p ln(p / (a b)) for p = P(A, B), and the same for p = P(A, -B); each cell has a twin by symmetry. */
static void add_cells(arb_t sum, arb_srcptr a, arb_srcptr b, const arb_t rho, slong terms, slong bits)
{
    arb_t same, other, power, term;
    mag_t rest;
    arb_init(same);
    arb_init(other);
    arb_init(power);
    arb_init(term);
    mag_init(rest);
    arb_one(power);
    for (slong k = 0; k <= terms; k++) {
        arb_mul(term, a + k, b + k, bits);
        arb_mul(term, term, power, bits);
        arb_add(same, same, term, bits);
        arb_addmul_si(other, term, k % 2 == 0 ? 1 : -1, bits);
        arb_mul(power, power, rho, bits);
    }
    arb_mul(term, a, b, bits);
    arb_sqrt(term, term, bits);
    arb_mul(term, term, power, bits);
    arb_get_mag(rest, term);
    arb_add_error_mag(same, rest);
    arb_add_error_mag(other, rest);
    for (int sign = 0; sign < 2; sign++) {
        arb_mul(term, a, b, bits);
        arb_div(term, same, term, bits);
        arb_log(term, term, bits);
        arb_mul(term, term, same, bits);
        arb_mul_2exp_si(term, term, 1);
        arb_add(sum, sum, term, bits);
        arb_swap(same, other);
    }
    arb_clear(same);
    arb_clear(other);
    arb_clear(power);
    arb_clear(term);
    mag_clear(rest);
}

void noise_information_below(arb_t bound, struct ratio rho, struct ratio keep, const struct ratio *cuts, int count,
                             slong bits)
{
    struct coefficient coefficient;
    arb_t r;
    arb_init(r);
    arb_init(coefficient.s);
    arb_init(coefficient.cut);
    arb_set_ratio(coefficient.s, (struct ratio){(slong)keep.under - keep.over, (ulong)keep.over}, bits);
    arb_sqrt(coefficient.s, coefficient.s, bits);
    arb_set_ratio(r, rho, bits);
    const slong terms = terms_wanted(r), size = terms + 1;
    /* row c: of the cut before cell c, and then of the cell itself */
    arb_ptr cell = _arb_vec_init((count + 1) * size);
    for (int c = 0; c <= count; c++)
        for (slong k = 0; k <= terms; k++) {
            coefficient.k = (ulong)k;
            if (c == 0) {
                coefficient_at_zero(cell + k, &coefficient, bits);
            } else {
                arb_set_ratio(coefficient.cut, cuts[c - 1], bits);
                coefficient_integral(cell + c * size + k, &coefficient, bits);
            }
        }
    for (int c = 0; c < count; c++)
        _arb_vec_sub(cell + c * size, cell + c * size, cell + (c + 1) * size, size, bits);
    arb_zero(bound);
    for (int a = 0; a <= count; a++)
        for (int b = 0; b <= count; b++)
            add_cells(bound, cell + a * size, cell + b * size, r, terms, bits);
    _arb_vec_clear(cell, (count + 1) * size);
    arb_clear(r);
    arb_clear(coefficient.s);
    arb_clear(coefficient.cut);
}

/* ---- checks ---------------------------------------------------------------------------------------------------- */

struct noise_case {
    struct ratio rho, keep;
};

static void print_noise_case(FILE *stream, const void *a_case)
{
    const struct noise_case *c = a_case;
    fprintf(stream, "  normal pair, rho %ld/%lu, noise of keep %ld/%lu", (long)c->rho.over, (unsigned long)c->rho.under,
            (long)c->keep.over, (unsigned long)c->keep.under);
}

/* value = q^2 I */
static void quadratic(arb_t value, const struct noise_case *c, slong bits)
{
    const struct continuous_law pair = {.parameter = c->rho};
    arb_t keep;
    arb_init(keep);
    gaussian_information(value, &pair, bits);
    arb_set_ratio(keep, c->keep, bits);
    arb_mul(value, value, keep, bits);
    arb_mul(value, value, keep, bits);
    arb_clear(keep);
}

static void quadratic_is_too_little(arb_t left, arb_t right, const void *a_case, slong bits)
{
    static const struct ratio cuts[] = {{1, 1}, {3, 1}};
    const struct noise_case *c = a_case;
    quadratic(left, c, bits);
    noise_information_below(right, c->rho, c->keep, cuts, sizeof cuts / sizeof *cuts, bits / 2);
}

static void quadratic_is_too_much(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct noise_case *c = a_case;
    noise_information_above(left, c->keep, bits);
    quadratic(right, c, bits);
}

/* E ln|x| of a standard normal: -(gamma + ln 2)/2 is (psi(1/2) + ln 2)/2, the logarithmic moment of a chi-square. */
static void logarithmic_moment(arb_t left, arb_t right, const void *a_case, slong bits)
{
    (void)a_case;
    arb_set_d(right, 0.5);
    arb_digamma(right, right, bits);
    arb_const_log2(left, bits);
    arb_add(right, right, left, bits);
    arb_mul_2exp_si(right, right, -1);
    arb_neg(right, right);
    noise_information_above(left, (struct ratio){0, 1}, bits);
}

/* 1 + s^2 t^2, the even part of (1 + s t)^2 */
static int square_of_noise(acb_ptr value, const acb_t t, void *parameters, slong order, slong bits)
{
    (void)order;
    acb_mul(value, t, t, bits);
    acb_mul_arb(value, value, parameters, bits);
    acb_add_ui(value, value, 1, bits);
    return 0;
}

/* corr(x',y') of rectified normals from integrals, against q rho / (1 + (1-q) m^2), m = mean / sd. */
static void correlation(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct noise_case *c = a_case;
    const slong more = bits + GUARD_BITS;
    arb_t mean, variance, covariance, s2, one, square;
    arb_init(mean);
    arb_init(variance);
    arb_init(covariance);
    arb_init(s2);
    arb_init(one);
    arb_init(square);
    arb_one(one);
    arb_set_ratio(s2, (struct ratio){(slong)c->keep.under - c->keep.over, (ulong)c->keep.over}, more);
    const struct normal_weight weight = {.at = square_of_noise, .parameters = s2, .flat = one, .square = s2};
    integrate_normal(square, &weight, bits);
    arb_mul_2exp_si(square, square, 1); /* E(1+e)^2 */
    relu_moments(mean, variance, covariance, c->rho, true, bits);
    arb_mul(mean, mean, mean, more);
    arb_add(variance, variance, mean, more);
    arb_mul(variance, variance, square, more);
    arb_sub(variance, variance, mean, more);
    arb_div(left, covariance, variance, more);

    relu_moments(mean, variance, covariance, c->rho, false, bits);
    arb_mul(mean, mean, mean, more);
    arb_div(mean, mean, variance, more);
    arb_div(right, covariance, variance, more);
    arb_set_ratio(s2, c->keep, more);
    arb_mul(right, right, s2, more);
    arb_sub(s2, one, s2, more);
    arb_mul(mean, mean, s2, more);
    arb_add_ui(mean, mean, 1, more);
    arb_div(right, right, mean, more);
    arb_clear(mean);
    arb_clear(variance);
    arb_clear(covariance);
    arb_clear(s2);
    arb_clear(one);
    arb_clear(square);
}

static void c07_too_little(struct check_run *run)
{
    static const struct noise_case cases[] = {{{3, 4}, {1, 5}}, {{-3, 4}, {1, 5}}, {{1, 2}, {1, 5}}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        check_less(run, quadratic_is_too_little, print_noise_case, cases + c);
}

static void c07_too_much(struct check_run *run)
{
    static const struct noise_case cases[] = {
        {{999, 1000}, {4, 5}}, {{999, 1000}, {9, 10}}, {{-999, 1000}, {19, 20}}, {{9999, 10000}, {1, 2}}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        check_less(run, quadratic_is_too_much, print_noise_case, cases + c);
}

static void c07_moment(struct check_run *run)
{
    check_equal(run, logarithmic_moment, print_noise_case, &(struct noise_case){{0, 1}, {0, 1}});
}

static void c07_correlation(struct check_run *run)
{
    static const struct ratio keeps[] = {{1, 5}, {1, 2}, {4, 5}, {19, 20}}, rhos[] = {{3, 4}, {-1, 2}};
    for (int r = 0; r < 2; r++)
        for (int k = 0; k < 4; k++)
            check_equal(run, correlation, print_noise_case, &(struct noise_case){rhos[r], keeps[k]});
}

const struct check checks_noise[] = {
    {"c07_noise_above_quadratic", "normal pair, normal noise of keep .2: I(x';y') > q^2 I(x;y)", c07_too_little},
    {"c07_noise_below_quadratic", "nearly equal normals, normal noise: I(x';y') < q^2 I(x;y)", c07_too_much},
    {"c07_noise_moment", "E ln|x| of a standard normal is -(gamma + ln 2)/2", c07_moment},
    {"c07_noise_formula", "ReLU of a normal pair, normal noise: corr(x',y') from integrals = the formula",
     c07_correlation},
    {NULL, NULL, NULL},
};
