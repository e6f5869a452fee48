/* c02: correlation behind independent gates. Atoms at 0 make no difference. */
#include "proofs/interval/cases.h"
#include "proofs/interval/formulas.h"

static bool draw_one_keep(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    draw_keeps(c, random, ONE_KEEP);
    put_independent_gates(c);
    return !fmpq_is_zero(c->keep);
}

static bool draw_two_keeps(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    draw_keeps(c, random, KEEP_EACH);
    put_independent_gates(c);
    return !fmpq_is_zero(c->keep) && !fmpq_is_zero(c->keep + 1);
}

static bool draw_centred(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    law_centre(&c->before, 3);
    draw_keeps(c, random, ONE_KEEP);
    put_independent_gates(c);
    return !fmpq_is_zero(c->keep);
}

/* Correlated, and one, both or neither of the means 0. */
static bool draw_correlated(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    law_centre(&c->before, (neuron_set)random_between(random, 0, 3));
    draw_keeps(c, random, ONE_KEEP_INSIDE);
    put_independent_gates(c);
    return !law_is_uncorrelated(&c->before, 0, 1);
}

static bool has_a_mean(const struct dropout_case *c)
{
    fmpq_t mean;
    fmpq_init(mean);
    bool has = false;
    for (slong k = 0; k < c->before.neurons && !has; k++) {
        law_mean(mean, &c->before, k);
        has = !fmpq_is_zero(mean);
    }
    fmpq_clear(mean);
    return has;
}

static void formula(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_correlation(left, &c->behind, 0, 1, bits);
    enclose_correlation_behind_gates(right, &c->before, c->keep, bits);
}

static void centred(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_correlation(left, &c->behind, 0, 1, bits);
    enclose_correlation(right, &c->before, 0, 1, bits);
    enclose_scale(right, c->keep, bits);
}

static void sizes(arb_t left, arb_t right, const void *a_case, slong bits)
{
    centred(left, right, a_case, bits);
    arb_abs(left, left);
    arb_abs(right, right);
}

static void c02_corr_formula(struct check_run *run)
{
    check_cases(run, draw_one_keep, check_equal, formula);
}

static void c02_corr_two_keeps(struct check_run *run)
{
    check_cases(run, draw_two_keeps, check_equal, formula);
}

static void c02_corr_centred(struct check_run *run)
{
    check_cases(run, draw_centred, check_equal, centred);
}

static void c02_corr_only_centred(struct check_run *run)
{
    check_cases_decided(run, draw_correlated, has_a_mean, sizes);
}

const struct check checks_c02[] = {
    {"c02_corr_formula", "corr(x',y') = q rho / sqrt((1+(1-q)m_x^2)(1+(1-q)m_y^2))", c02_corr_formula},
    {"c02_corr_two_keeps", "corr(x',y') = sqrt(q s) rho / sqrt((1+(1-q)m_x^2)(1+(1-s)m_y^2))", c02_corr_two_keeps},
    {"c02_corr_centred", "corr(x',y') = q rho, both means 0", c02_corr_centred},
    {"c02_corr_only_centred", "|corr(x',y')| < q |rho| if a mean is not 0, = if both are; rho != 0, 0 < q < 1",
     c02_corr_only_centred},
    {NULL, NULL, NULL},
};
