/* c07: multiplicative noise of mean 1, independent for each neuron. */
#include "proofs/interval/cases.h"
#include "proofs/interval/formulas.h"

static bool draw_noise(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    random_noise(&c->factors, random, 2);
    put_behind_factors(c);
    return true;
}

static bool draw_noise_centred(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    law_centre(&c->before, 3);
    random_noise(&c->factors, random, 2);
    put_behind_factors(c);
    return true;
}

static bool draw_like_gates(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    draw_keeps(c, random, ONE_KEEP_INSIDE);
    noise_like_gates(&c->factors, random, c->keep, 2);
    put_behind_factors(c);
    return true;
}

/* Noise that leaves every neuron to be told from its product: as many products as values and factors. */
static bool draw_told_apart(struct dropout_case *c, struct random *random)
{
    draw_like_gates(c, random);
    struct law values, factors, products;
    law_init(&values, 0);
    law_init(&factors, 0);
    law_init(&products, 0);
    bool apart = !law_independent_given(&c->before, 1, 2, 0);
    for (slong k = 0; k < 2; k++) {
        law_margin(&values, &c->before, 1u << k);
        law_margin(&factors, &c->factors, 1u << k);
        law_margin(&products, &c->behind, 1u << k);
        apart &= products.count == values.count * factors.count;
    }
    law_clear(&values);
    law_clear(&factors);
    law_clear(&products);
    return apart;
}

/* Noise under which values may have a product in common. */
static bool draw_colliding(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    noise_that_hides(&c->factors, random, &c->before);
    put_behind_factors(c);
    return true;
}

/* The noise is never 0, so that with it everything could be undone. */
static bool is_hidden(const struct dropout_case *c)
{
    return factors_are_hidden(&c->before, &c->factors, 1, 2);
}

static bool draw_hidden(struct dropout_case *c, struct random *random)
{
    draw_colliding(c, random);
    return is_hidden(c);
}

static void correlation(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    fmpq_t variance;
    fmpq_init(variance);
    enclose_correlation(left, &c->behind, 0, 1, bits);
    enclose_correlation(right, &c->before, 0, 1, bits);
    for (slong k = 0; k < 2; k++) {
        law_covariance(variance, &c->factors, k, k);
        enclose_spread_by_factor(right, &c->before, k, variance, bits);
    }
    fmpq_clear(variance);
}

/* rho / sqrt((1 + s^2)(1 + t^2)); rho / (1 + s^2) for noise of one variance. */
static void correlation_centred(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    fmpq_t product, variance;
    arb_t root;
    fmpq_init(product);
    fmpq_init(variance);
    arb_init(root);
    enclose_correlation(left, &c->behind, 0, 1, bits);
    enclose_correlation(right, &c->before, 0, 1, bits);
    law_covariance(product, &c->factors, 0, 0);
    law_covariance(variance, &c->factors, 1, 1);
    fmpq_add_si(product, product, 1);
    fmpq_add_si(variance, variance, 1);
    fmpq_mul(product, product, variance);
    arb_set_fmpq(root, product, bits);
    arb_rsqrt(root, root, bits);
    arb_mul(right, right, root, bits);
    fmpq_clear(product);
    fmpq_clear(variance);
    arb_clear(root);
}

/* Behind noise and behind gates. */
static void like_gates(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    struct law gates, behind_gates;
    law_init(&gates, 0);
    law_init(&behind_gates, 0);
    independent_gates(&gates, c->keep, 2);
    law_behind(&behind_gates, &c->before, &gates);
    enclose_correlation(left, &c->behind, 0, 1, bits);
    enclose_correlation(right, &behind_gates, 0, 1, bits);
    law_clear(&gates);
    law_clear(&behind_gates);
}

static void information(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_information(left, &c->behind, bits);
    enclose_information_by_entropies(right, &c->before, bits);
}

static void above_quadratic(arb_t left, arb_t right, const void *a_case, slong bits)
{
    information_times_keeps(right, left, a_case, bits);
}

static void c07_corr_noise(struct check_run *run)
{
    check_cases(run, draw_noise, check_equal, correlation);
}

static void c07_corr_centred(struct check_run *run)
{
    check_cases(run, draw_noise_centred, check_equal, correlation_centred);
}

static void c07_corr_like_gates(struct check_run *run)
{
    check_cases(run, draw_like_gates, check_equal, like_gates);
}

static void c07_mi_bound(struct check_run *run)
{
    check_cases_decided(run, draw_colliding, is_hidden, information);
}

static void c07_mi_strict(struct check_run *run)
{
    check_cases(run, draw_hidden, check_less, information);
}

static void c07_mi_told_apart(struct check_run *run)
{
    check_cases(run, draw_told_apart, check_equal, information);
}

static void c07_mi_not_quadratic(struct check_run *run)
{
    check_cases(run, draw_told_apart, check_less, above_quadratic);
}

const struct check checks_c07[] = {
    {"c07_corr_noise", "corr(x',y') = rho / sqrt((1+s^2(1+m_x^2))(1+t^2(1+m_y^2))), noise of variances s^2 and t^2",
     c07_corr_noise},
    {"c07_corr_centred", "corr(x',y') = rho / sqrt((1+s^2)(1+t^2)), both means 0", c07_corr_centred},
    {"c07_corr_like_gates", "noise of variance (1-q)/q changes corr exactly as gates of keep q", c07_corr_like_gates},
    {"c07_mi_bound", "I(x';y') < I(x;y) if the products hide noise that tells, = elsewhere", c07_mi_bound},
    {"c07_mi_strict", "I(x';y') < I(x;y), products that hide noise that tells", c07_mi_strict},
    {"c07_mi_told_apart", "I(x';y') = I(x;y), noise that leaves all products different", c07_mi_told_apart},
    {"c07_mi_not_quadratic", "q^2 I(x;y) < I(x';y'), the same noise of variance (1-q)/q, x and y dependent",
     c07_mi_not_quadratic},
    {NULL, NULL, NULL},
};
