/* c05: mutual information behind gates, with atoms at 0. */
#include "proofs/interval/cases.h"
#include "proofs/interval/formulas.h"
#include "proofs/interval/keep_series.h"

static const neuron_set x_only = 1, y_only = 2;

static bool draw_two_keeps(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    draw_keeps(c, random, KEEP_EACH);
    put_independent_gates(c);
    return true;
}

static bool draw_any_gates(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    put_random_gates(c, random);
    return true;
}

/* Whether the other neuron depends on 1[neuron = 0]. */
static bool is_told_of_zero(const struct law *pair, slong neuron)
{
    struct law indicated;
    law_init(&indicated, 0);
    law_activity(&indicated, pair, 1u << neuron);
    const bool told = !law_independent_given(&indicated, x_only, y_only, 0);
    law_clear(&indicated);
    return told;
}

/* The condition of the claim, for gates of two keeps: the gate of the side with the atom may close and may open, and
 * the other side is not closed for good. Without an atom nothing depends on 1[x = 0]. */
static bool is_strict(const struct dropout_case *c)
{
    if (fmpq_is_zero(c->keep) || fmpq_is_zero(c->keep + 1)) return false;
    for (slong k = 0; k < 2; k++)
        if (!fmpq_is_one(c->keep + k) && is_told_of_zero(&c->before, k)) return true;
    return false;
}

static bool is_strict_for_gates(const struct dropout_case *c)
{
    return factors_are_hidden(&c->before, &c->factors, x_only, y_only);
}

static bool is_told(const struct dropout_case *c)
{
    return is_told_of_zero(&c->before, 0) || is_told_of_zero(&c->before, 1);
}

/* Dependent neurons, and an atom of which the other side learns nothing: neurons that are silenced independently of all
 * else, y perhaps not. Or y has an atom of the other kind, but its gate is always open. */
static bool draw_untold(struct dropout_case *c, struct random *random)
{
    const bool open = random_between(random, 0, 1);
    struct law pair, silent;
    law_init(&pair, 0);
    law_init(&silent, 0);
    random_law(&pair, random, 2, open ? y_only : 0, PAIR_VALUES);
    fmpq *share = _fmpq_vec_init(2);
    random_keep_inside(share, random);
    random_keep_inside(share + 1, random);
    if (open) fmpq_one(share + 1);
    independent_gates(&silent, share, 2);
    law_behind(&c->before, &pair, &silent);
    draw_keeps(c, random, KEEP_EACH_INSIDE);
    if (open) fmpq_one(c->keep + 1);
    put_independent_gates(c);
    _fmpq_vec_clear(share, 2);
    law_clear(&pair);
    law_clear(&silent);
    return !law_independent_given(&c->before, x_only, y_only, 0);
}

static bool draw_told(struct dropout_case *c, struct random *random)
{
    draw_pair_with_atoms(c, random);
    draw_keeps(c, random, ONE_KEEP_INSIDE);
    put_independent_gates(c);
    return is_told(c);
}

/* Whether every value that the other neuron takes is possible given neuron = 0, so that the divergence is finite. */
static bool leaves_all_possible(const struct law *pair, slong neuron)
{
    struct law given, values, values_given;
    law_init(&given, 0);
    law_init(&values, 0);
    law_init(&values_given, 0);
    bool all = true;
    if (law_given_zero(&given, pair, neuron)) {
        law_margin(&values, pair, neuron == 0 ? y_only : x_only);
        law_margin(&values_given, &given, neuron == 0 ? y_only : x_only);
        all = values.count == values_given.count;
    }
    law_clear(&given);
    law_clear(&values);
    law_clear(&values_given);
    return all;
}

static bool draw_with_local_exponent(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    return leaves_all_possible(&c->before, 0) && leaves_all_possible(&c->before, 1) &&
           !law_independent_given(&c->before, x_only, y_only, 0);
}

static bool draw_pair_in_front(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    return true;
}

static void any_gates(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_information(left, &c->behind, bits);
    enclose_information_behind_seen_gates(right, &c->before, &c->factors, bits);
}

/* I(g;h) + P(both open) I(x;y) - I(x';y') = I(g; h,y' | x') + I(x'; h | y') */
static void gap(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    any_gates(right, left, a_case, bits);
    arb_sub(left, left, right, bits);
    enclose_information_hidden(right, &c->before, &c->factors, bits);
}

/* value += KL(law of the other neuron || the same given neuron = 0), if the neuron has an atom. */
static void add_divergence_from_zero(arb_t value, const struct law *pair, slong neuron, slong bits)
{
    struct law given, margin, margin_given;
    arb_t divergence;
    law_init(&given, 0);
    law_init(&margin, 0);
    law_init(&margin_given, 0);
    arb_init(divergence);
    if (law_given_zero(&given, pair, neuron)) {
        law_margin(&margin, pair, neuron == 0 ? y_only : x_only);
        law_margin(&margin_given, &given, neuron == 0 ? y_only : x_only);
        enclose_divergence(divergence, &margin, &margin_given, bits);
        arb_add(value, value, divergence, bits);
    }
    law_clear(&given);
    law_clear(&margin);
    law_clear(&margin_given);
    arb_clear(divergence);
}

/* d ln I' / d ln q at q = 1, from I' = series in r = 1 - q: minus the second coefficient over the first. */
static void local_exponent(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    arb_poly_t series;
    arb_t information;
    arb_poly_init(series);
    arb_init(information);
    enclose_keep_series(series, &c->before, AT_OPEN, 2, bits);
    arb_poly_get_coeff_arb(left, series, 1);
    arb_poly_get_coeff_arb(information, series, 0);
    arb_div(left, left, information, bits);
    arb_neg(left, left);
    arb_zero(right);
    add_divergence_from_zero(right, &c->before, 0, bits);
    add_divergence_from_zero(right, &c->before, 1, bits);
    enclose_information_by_entropies(information, &c->before, bits);
    arb_div(right, right, information, bits);
    arb_add_ui(right, right, 2, bits);
    arb_poly_clear(series);
    arb_clear(information);
}

/* lim I' / q^2 for q -> 0: sum over x, y != 0 of p ln(p / p_x p_y), + P(x != 0) P(y != 0) - P(x, y != 0). */
static void small_keep_limit(arb_t limit, const struct law *pair, slong bits)
{
    struct law active, x, y, independent;
    fmpq_t both, apart;
    arb_t term;
    law_init(&active, 0);
    law_init(&x, 0);
    law_init(&y, 0);
    law_init(&independent, 0);
    fmpq_init(both);
    fmpq_init(apart);
    arb_init(term);
    law_margin(&x, pair, x_only);
    law_margin(&y, pair, y_only);
    law_product(&independent, &x, &y);
    law_nonzero(both, pair, x_only | y_only);
    arb_zero(limit);
    if (law_given_nonzero(&active, pair, x_only | y_only)) {
        enclose_divergence(limit, &active, &independent, bits);
        arb_set_fmpq(term, both, bits);
        arb_log(term, term, bits);
        arb_add(limit, limit, term, bits);
        enclose_scale(limit, both, bits);
    }
    law_nonzero(apart, &independent, x_only | y_only);
    fmpq_sub(both, apart, both);
    arb_one(term);
    enclose_addmul(limit, both, term, bits);
    law_clear(&active);
    law_clear(&x);
    law_clear(&y);
    law_clear(&independent);
    fmpq_clear(both);
    fmpq_clear(apart);
    arb_clear(term);
}

static void small_keep(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    arb_poly_t series;
    arb_poly_init(series);
    enclose_keep_series(series, &c->before, AT_CLOSED, 3, bits);
    arb_poly_get_coeff_arb(left, series, 2);
    small_keep_limit(right, &c->before, bits);
    arb_poly_clear(series);
}

static void small_keep_bound(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    small_keep_limit(left, &c->before, bits);
    enclose_information_by_entropies(right, &c->before, bits);
}

static void c05_mi_bound(struct check_run *run)
{
    check_cases_decided(run, draw_two_keeps, is_strict, information_times_keeps);
}

static void c05_mi_strict(struct check_run *run)
{
    check_cases(run, draw_told, check_less, information_times_keeps);
}

static void c05_mi_untold(struct check_run *run)
{
    check_cases(run, draw_untold, check_equal, information_times_keeps);
}

static void c05_mi_any_gates(struct check_run *run)
{
    check_cases_decided(run, draw_any_gates, is_strict_for_gates, any_gates);
}

static void c05_mi_gap(struct check_run *run)
{
    check_cases(run, draw_any_gates, check_equal, gap);
}

static void c05_mi_local_exponent(struct check_run *run)
{
    check_cases(run, draw_with_local_exponent, check_equal, local_exponent);
}

static void c05_mi_small_keep(struct check_run *run)
{
    check_cases(run, draw_pair_in_front, check_equal, small_keep);
}

static void c05_mi_small_keep_bound(struct check_run *run)
{
    check_cases_decided(run, draw_pair_in_front, is_told, small_keep_bound);
}

const struct check checks_c05[] = {
    {"c05_mi_bound", "I(x';y') < q s I(x;y) if an atom at 0 tells the other side and its gate may close, = elsewhere",
     c05_mi_bound},
    {"c05_mi_strict", "I(x';y') < q^2 I(x;y), 0 < q < 1, an atom at 0 that tells the other side", c05_mi_strict},
    {"c05_mi_untold", "I(x';y') = q s I(x;y), dependent neurons, an atom at 0 that tells the other side nothing",
     c05_mi_untold},
    {"c05_mi_any_gates", "I(x';y') <= I(g;h) + P(both open) I(x;y), any gates; < exactly if zeros hide gates that tell",
     c05_mi_any_gates},
    {"c05_mi_gap", "I(g;h) + P(both open) I(x;y) - I(x';y') = I(g; h,y'|x') + I(x'; h|y'), any gates", c05_mi_gap},
    {"c05_mi_local_exponent", "d ln I'/d ln q at q = 1 is 2 + [KL(p_y||p_y|x=0) + KL(p_x||p_x|y=0)] / I",
     c05_mi_local_exponent},
    {"c05_mi_small_keep", "lim I'/q^2, q to 0, is sum over x,y != 0 of p ln(p/p_x p_y), + P(x!=0) P(y!=0) - P(x,y!=0)",
     c05_mi_small_keep},
    {"c05_mi_small_keep_bound", "lim I'/q^2, q to 0, < I(x;y) if an atom at 0 tells the other side, = elsewhere",
     c05_mi_small_keep_bound},
    {NULL, NULL, NULL},
};
