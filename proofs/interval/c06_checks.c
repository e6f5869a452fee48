/* c06: one gate for both neurons. */
#include "proofs/interval/cases.h"

static bool draw_no_atoms(struct dropout_case *c, struct random *random)
{
    draw_pair(c, random);
    draw_keeps(c, random, ONE_KEEP);
    put_shared_gate(c);
    return true;
}

static bool draw_any(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    draw_keeps(c, random, ONE_KEEP);
    put_shared_gate(c);
    return true;
}

static bool draw_open(struct dropout_case *c, struct random *random)
{
    draw_any(c, random);
    return !fmpq_is_zero(c->keep);
}

static bool draw_centred(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    law_centre(&c->before, 3);
    draw_keeps(c, random, ONE_KEEP);
    put_shared_gate(c);
    return !fmpq_is_zero(c->keep);
}

/* Independent neurons behind a gate that moves: what they share is the gate. */
static bool draw_independent(struct dropout_case *c, struct random *random)
{
    draw_pair(c, random);
    draw_keeps(c, random, ONE_KEEP_INSIDE);
    put_shared_gate(c);
    return law_independent_given(&c->before, 1, 2, 0);
}

/* A zero of one neuron alone leaves the gate open to doubt, until the other tells; but one side has to know it alone.
 */
static bool is_hidden(const struct dropout_case *c)
{
    return (law_has_atom(&c->before, 0) || law_has_atom(&c->before, 1)) && !fmpq_is_zero(c->keep) &&
           !fmpq_is_one(c->keep);
}

/* H_b(q) + q I(x;y) */
static void shared(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    arb_t gate;
    arb_init(gate);
    enclose_information(left, &c->behind, bits);
    enclose_information_by_entropies(right, &c->before, bits);
    enclose_scale(right, c->keep, bits);
    enclose_binary_entropy(gate, c->keep, bits);
    arb_add(right, right, gate, bits);
    arb_clear(gate);
}

static void raised(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_information_by_entropies(left, &c->before, bits);
    enclose_information(right, &c->behind, bits);
}

/* (rho + (1-q) m_x m_y) / sqrt((1 + (1-q) m_x^2)(1 + (1-q) m_y^2)) */
static void correlation(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    fmpq_t closed, mean[2], variance[2], value;
    arb_t root;
    fmpq_init(closed);
    fmpq_init(value);
    arb_init(root);
    fmpq_one(closed);
    fmpq_sub(closed, closed, c->keep);
    enclose_correlation(left, &c->behind, 0, 1, bits);
    enclose_correlation(right, &c->before, 0, 1, bits);
    for (slong k = 0; k < 2; k++) {
        fmpq_init(mean[k]);
        fmpq_init(variance[k]);
        law_mean(mean[k], &c->before, k);
        law_covariance(variance[k], &c->before, k, k);
    }
    fmpq_mul(value, variance[0], variance[1]);
    arb_set_fmpq(root, value, bits);
    arb_rsqrt(root, root, bits);
    fmpq_mul(value, mean[0], mean[1]);
    fmpq_mul(value, value, closed);
    enclose_addmul(right, value, root, bits);
    for (slong k = 0; k < 2; k++) {
        fmpq_mul(mean[k], mean[k], mean[k]);
        fmpq_div(mean[k], mean[k], variance[k]);
        fmpq_mul(mean[k], mean[k], closed);
        fmpq_add_si(mean[k], mean[k], 1);
        arb_set_fmpq(root, mean[k], bits);
        arb_rsqrt(root, root, bits);
        arb_mul(right, right, root, bits);
        fmpq_clear(mean[k]);
        fmpq_clear(variance[k]);
    }
    fmpq_clear(closed);
    fmpq_clear(value);
    arb_clear(root);
}

static void same_correlation(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_correlation(left, &c->behind, 0, 1, bits);
    enclose_correlation(right, &c->before, 0, 1, bits);
}

static void c06_mi_shared(struct check_run *run)
{
    check_cases(run, draw_no_atoms, check_equal, shared);
}

static void c06_mi_bound(struct check_run *run)
{
    check_cases_decided(run, draw_any, is_hidden, shared);
}

static void c06_mi_raised(struct check_run *run)
{
    check_cases(run, draw_independent, check_less, raised);
}

static void c06_corr_formula(struct check_run *run)
{
    check_cases(run, draw_open, check_equal, correlation);
}

static void c06_corr_centred(struct check_run *run)
{
    check_cases(run, draw_centred, check_equal, same_correlation);
}

const struct check checks_c06[] = {
    {"c06_mi_shared", "I(x';y') = H_b(q) + q I(x;y), one gate for both, no atom at 0", c06_mi_shared},
    {"c06_mi_bound", "I(x';y') < H_b(q) + q I(x;y) with an atom at 0 and 0 < q < 1, = elsewhere; one gate for both",
     c06_mi_bound},
    {"c06_mi_raised", "I(x;y) < I(x';y'), x and y independent, one gate of 0 < q < 1 for both", c06_mi_raised},
    {"c06_corr_formula", "corr(x',y') = (rho + (1-q) m_x m_y) / sqrt((1+(1-q)m_x^2)(1+(1-q)m_y^2)), one gate for both",
     c06_corr_formula},
    {"c06_corr_centred", "corr(x',y') = rho, both means 0, one gate for both", c06_corr_centred},
    {NULL, NULL, NULL},
};
