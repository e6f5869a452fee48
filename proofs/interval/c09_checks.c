/* c09: the correlation matrix behind independent gates of one keep, for centred neurons. */
#include "proofs/interval/cases.h"
#include "proofs/interval/spectrum.h"

enum { MOST_TOGETHER = 4 };

static bool have_spread(const struct law *law)
{
    for (slong k = 0; k < law->neurons; k++)
        if (!law_has_spread(law, k)) return false;
    return true;
}

/* (x_1, .., x_n-1) -> (x_1, .., x_n-1, x_1 - 2 x_2 + 3 x_3) */
static void append_combination(fmpq *image, const fmpq *values, const void *context)
{
    static const slong factor[] = {1, -2, 3};
    const slong neurons = *(const slong *)context;
    fmpq_t term;
    fmpq_init(term);
    fmpq_zero(image + neurons);
    for (slong k = 0; k < neurons; k++) {
        fmpq_set(image + k, values + k);
        fmpq_set_si(term, factor[k], 1);
        fmpq_addmul(image + neurons, values + k, term);
    }
    fmpq_clear(term);
}

/* Two to four centred neurons, of which one may be a combination of the others, so that R is singular. */
static void draw_neurons(struct dropout_case *c, struct random *random, bool singular)
{
    const slong neurons = random_between(random, 2, MOST_TOGETHER), drawn = singular ? neurons - 1 : neurons;
    const neuron_set atoms = (neuron_set)random_between(random, 0, (1l << drawn) - 1);
    random_law(&c->before, random, drawn, atoms, MOST_TOGETHER + 2 - neurons);
    if (singular) {
        struct law independent;
        law_init(&independent, 0);
        law_copy(&independent, &c->before);
        law_push(&c->before, neurons, &independent, append_combination, &drawn);
        law_clear(&independent);
    }
    law_centre(&c->before, (1u << neurons) - 1);
}

static bool draw_open(struct dropout_case *c, struct random *random)
{
    draw_neurons(c, random, random_between(random, 0, 2) == 0);
    draw_keeps(c, random, ONE_KEEP);
    put_independent_gates(c);
    return have_spread(&c->before) && !fmpq_is_zero(c->keep);
}

static bool draw_inside(struct dropout_case *c, struct random *random)
{
    draw_neurons(c, random, random_between(random, 0, 2) == 0);
    draw_keeps(c, random, ONE_KEEP_INSIDE);
    put_independent_gates(c);
    return have_spread(&c->before);
}

static bool is_regular(const struct dropout_case *c)
{
    return !correlation_is_singular(&c->before);
}

/* v^T R v for v = (1, -2, 3, 5), which no wrong entry leaves alone but by chance. */
static void quadratic_form(arb_t form, const struct law *law, slong bits)
{
    static const slong v[MOST_TOGETHER] = {1, -2, 3, 5};
    arb_t entry;
    arb_init(entry);
    arb_zero(form);
    for (slong i = 0; i < law->neurons; i++)
        for (slong j = 0; j < law->neurons; j++) {
            enclose_correlation(entry, law, i, j, bits);
            arb_addmul_si(form, entry, v[i] * v[j], bits);
        }
    arb_clear(entry);
}

static void matrix(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    static const slong length[MOST_TOGETHER] = {1, 1 + 4, 1 + 4 + 9, 1 + 4 + 9 + 25};
    fmpq_t rest;
    arb_t identity;
    fmpq_init(rest);
    arb_init(identity);
    quadratic_form(left, &c->behind, bits);
    quadratic_form(right, &c->before, bits);
    enclose_scale(right, c->keep, bits);
    fmpq_one(rest);
    fmpq_sub(rest, rest, c->keep);
    arb_set_si(identity, length[c->before.neurons - 1]);
    enclose_addmul(right, rest, identity, bits);
    fmpq_clear(rest);
    arb_clear(identity);
}

/* The sum of |coefficients| of det(q t + 1-q - R') - q^n det(t - R), an exact rational, and 0. */
static void characteristic(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    fmpq_poly_t behind, before, line;
    fmpq_t sum, coefficient;
    fmpq_poly_init(behind);
    fmpq_poly_init(before);
    fmpq_poly_init(line);
    fmpq_init(sum);
    fmpq_init(coefficient);
    correlation_polynomial(behind, &c->behind);
    correlation_polynomial(before, &c->before);
    fmpq_one(coefficient);
    fmpq_sub(coefficient, coefficient, c->keep);
    fmpq_poly_set_coeff_fmpq(line, 0, coefficient);
    fmpq_poly_set_coeff_fmpq(line, 1, c->keep);
    fmpq_poly_compose(behind, behind, line);
    for (slong k = 0; k < c->before.neurons; k++)
        fmpq_poly_scalar_mul_fmpq(before, before, c->keep);
    fmpq_poly_sub(behind, behind, before);
    for (slong k = 0; k < fmpq_poly_length(behind); k++) {
        fmpq_poly_get_coeff_fmpq(coefficient, behind, k);
        fmpq_abs(coefficient, coefficient);
        fmpq_add(sum, sum, coefficient);
    }
    arb_set_fmpq(left, sum, bits);
    arb_zero(right);
    fmpq_poly_clear(behind);
    fmpq_poly_clear(before);
    fmpq_poly_clear(line);
    fmpq_clear(sum);
    fmpq_clear(coefficient);
}

/* value = q value + 1 - q */
static void mix_with_one(arb_t value, const fmpq *keep, slong bits)
{
    arb_sub_ui(value, value, 1, bits);
    enclose_scale(value, keep, bits);
    arb_add_ui(value, value, 1, bits);
}

static void condition_behind(arb_t condition, const struct dropout_case *c, slong bits)
{
    arb_t smallest;
    arb_init(smallest);
    enclose_spectrum(smallest, condition, &c->behind, bits);
    arb_div(condition, condition, smallest, bits);
    arb_clear(smallest);
}

/* (q l_max + 1-q) / (q l_min + 1-q), or with 0 for l_min */
static void condition_formula(arb_t condition, const struct dropout_case *c, bool smallest_is_zero, slong bits)
{
    arb_t smallest;
    arb_init(smallest);
    enclose_spectrum(smallest, condition, &c->before, bits);
    if (smallest_is_zero) arb_zero(smallest);
    mix_with_one(smallest, c->keep, bits);
    mix_with_one(condition, c->keep, bits);
    arb_div(condition, condition, smallest, bits);
    arb_clear(smallest);
}

static void condition(arb_t left, arb_t right, const void *a_case, slong bits)
{
    condition_behind(left, a_case, bits);
    condition_formula(right, a_case, false, bits);
}

static void condition_bound(arb_t left, arb_t right, const void *a_case, slong bits)
{
    condition_behind(left, a_case, bits);
    condition_formula(right, a_case, true, bits);
}

static void c09_correlation_matrix(struct check_run *run)
{
    check_cases(run, draw_open, check_equal, matrix);
}

static void c09_eigenvalues(struct check_run *run)
{
    check_cases(run, draw_open, check_equal, characteristic);
}

static void c09_condition(struct check_run *run)
{
    check_cases(run, draw_inside, check_equal, condition);
}

static void c09_condition_bound(struct check_run *run)
{
    check_cases_decided(run, draw_inside, is_regular, condition_bound);
}

const struct check checks_c09[] = {
    {"c09_correlation_matrix", "v^T R' v = q v^T R v + (1-q) v^T v, centred neurons, gates of one keep",
     c09_correlation_matrix},
    {"c09_eigenvalues", "det(q t + 1-q - R') = q^n det(t - R) as polynomials: eigenvalues l become q l + 1-q",
     c09_eigenvalues},
    {"c09_condition", "cond(R') = (q l_max + 1-q) / (q l_min + 1-q), 0 < q < 1", c09_condition},
    {"c09_condition_bound", "cond(R') < (q l_max + 1-q) / (1-q) if R is regular, = if it is singular; 0 < q < 1",
     c09_condition_bound},
    {NULL, NULL, NULL},
};
