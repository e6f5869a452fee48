/* c03: entropy behind a gate. */
#include "proofs/interval/cases.h"

static void draw_neuron(struct dropout_case *c, struct random *random, neuron_set atoms, enum keeps keeps)
{
    random_law(&c->before, random, 1, atoms, PAIR_VALUES);
    draw_keeps(c, random, keeps);
    put_independent_gates(c);
}

static bool draw_no_atom(struct dropout_case *c, struct random *random)
{
    draw_neuron(c, random, 0, ONE_KEEP);
    return true;
}

static bool draw_atom(struct dropout_case *c, struct random *random)
{
    draw_neuron(c, random, 1, ONE_KEEP);
    return true;
}

static bool draw_any(struct dropout_case *c, struct random *random)
{
    draw_neuron(c, random, (neuron_set)random_between(random, 0, 1), ONE_KEEP);
    return true;
}

static bool is_hidden(const struct dropout_case *c)
{
    return law_has_atom(&c->before, 0) && !fmpq_is_zero(c->keep) && !fmpq_is_one(c->keep);
}

/* q H(x) + H_b(q) */
static void mixed_entropy(arb_t entropy, const struct dropout_case *c, slong bits)
{
    arb_t gate;
    arb_init(gate);
    enclose_entropy(entropy, &c->before, 1, bits);
    enclose_scale(entropy, c->keep, bits);
    enclose_binary_entropy(gate, c->keep, bits);
    arb_add(entropy, entropy, gate, bits);
    arb_clear(gate);
}

static void mix(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_entropy(left, &c->behind, 1, bits);
    mixed_entropy(right, c, bits);
}

/* What is missing is t H_b((1-q)/t), t = P(x' = 0) = 1 - q + q P(x = 0). */
static void gap(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    arb_t entropy;
    fmpq_t zero, closed;
    arb_init(entropy);
    fmpq_init(zero);
    fmpq_init(closed);
    mixed_entropy(left, c, bits);
    enclose_entropy(entropy, &c->behind, 1, bits);
    arb_sub(left, left, entropy, bits);
    law_nonzero(zero, &c->before, 1);
    fmpq_mul(zero, zero, c->keep);
    fmpq_one(closed);
    fmpq_sub(zero, closed, zero);
    fmpq_sub(closed, closed, c->keep);
    fmpq_div(closed, closed, zero);
    enclose_binary_entropy(right, closed, bits);
    enclose_scale(right, zero, bits);
    arb_clear(entropy);
    fmpq_clear(zero);
    fmpq_clear(closed);
}

static void c03_entropy_mix(struct check_run *run)
{
    check_cases(run, draw_no_atom, check_equal, mix);
}

static void c03_entropy_bound(struct check_run *run)
{
    check_cases_decided(run, draw_any, is_hidden, mix);
}

static void c03_entropy_gap(struct check_run *run)
{
    check_cases(run, draw_atom, check_equal, gap);
}

const struct check checks_c03[] = {
    {"c03_entropy_mix", "H(x') = q H(x) + H_b(q), no atom at 0", c03_entropy_mix},
    {"c03_entropy_bound", "H(x') < q H(x) + H_b(q) with an atom at 0 and 0 < q < 1, = elsewhere", c03_entropy_bound},
    {"c03_entropy_gap", "q H(x) + H_b(q) - H(x') = t H_b((1-q)/t), t = P(x'=0)", c03_entropy_gap},
    {NULL, NULL, NULL},
};
