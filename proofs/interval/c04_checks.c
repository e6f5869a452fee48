/* c04: batch norm of fixed statistics, an affine map of each neuron. */
#include "proofs/interval/cases.h"

/* Fills `between` with scale x + shift for random scales other than 0; all shifts 0 if `shifted` is false. */
static void put_affine(struct dropout_case *c, struct random *random, bool shifted)
{
    const slong neurons = c->before.neurons;
    fmpq *scale = _fmpq_vec_init(neurons), *shift = _fmpq_vec_init(neurons);
    for (slong k = 0; k < neurons; k++) {
        random_rational(scale + k, random);
        if (shifted) random_rational(shift + k, random);
    }
    law_affine(&c->between, &c->before, scale, shift);
    _fmpq_vec_clear(scale, neurons);
    _fmpq_vec_clear(shift, neurons);
}

static bool draw_affine(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    put_affine(c, random, true);
    return true;
}

/* Dropout of scaled neurons, as of 1/q: zeros stay zeros, so that atoms may be there. */
static bool draw_rescaled(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    put_affine(c, random, false);
    draw_keeps(c, random, KEEP_EACH);
    put_independent_gates(c);
    return true;
}

/* ReLU, and batch norm that subtracts the means; rational scales stand for gamma / sigma. */
static bool put_ic_layer(struct dropout_case *c, struct random *random)
{
    struct law raw;
    law_init(&raw, 0);
    random_law(&raw, random, 2, 0, PAIR_VALUES);
    law_relu(&c->before, &raw);
    law_clear(&raw);
    put_affine(c, random, false);
    law_centre(&c->between, 3);
    return law_has_spread(&c->before, 0) && law_has_spread(&c->before, 1);
}

/* Values other than the moved atom have to miss 0 as well, which density has for sure and a finite law not. */
static bool draw_ic_layer(struct dropout_case *c, struct random *random)
{
    const bool spread = put_ic_layer(c, random);
    draw_keeps(c, random, ONE_KEEP);
    put_independent_gates(c);
    return spread && !law_has_atom(&c->between, 0) && !law_has_atom(&c->between, 1) &&
           (law_has_atom(&c->before, 0) || law_has_atom(&c->before, 1));
}

static bool draw_ic_layer_open(struct dropout_case *c, struct random *random)
{
    const bool spread = put_ic_layer(c, random);
    draw_keeps(c, random, ONE_KEEP);
    put_independent_gates(c);
    return spread && !fmpq_is_zero(c->keep);
}

/* A learned shift brings a mean back. */
static bool draw_ic_layer_shifted(struct dropout_case *c, struct random *random)
{
    const bool spread = put_ic_layer(c, random);
    struct law centred;
    law_init(&centred, 0);
    law_copy(&centred, &c->between);
    fmpq *scale = _fmpq_vec_init(2), *shift = _fmpq_vec_init(2);
    for (slong k = 0; k < 2; k++) {
        fmpq_one(scale + k);
        random_rational(shift + k, random);
    }
    law_affine(&c->between, &centred, scale, shift);
    _fmpq_vec_clear(scale, 2);
    _fmpq_vec_clear(shift, 2);
    law_clear(&centred);
    draw_keeps(c, random, ONE_KEEP_INSIDE);
    put_independent_gates(c);
    return spread && !law_is_uncorrelated(&c->before, 0, 1);
}

static void same_information(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_information(left, &c->between, bits);
    enclose_information_by_entropies(right, &c->before, bits);
}

static void same_correlation(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_correlation(left, &c->between, 0, 1, bits);
    enclose_correlation(right, &c->before, 0, 1, bits);
    arb_abs(left, left);
    arb_abs(right, right);
}

static void same_information_behind(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    struct law unscaled;
    law_init(&unscaled, 0);
    law_behind(&unscaled, &c->before, &c->factors);
    enclose_information(left, &c->behind, bits);
    enclose_information_by_entropies(right, &unscaled, bits);
    law_clear(&unscaled);
}

static void ic_correlation(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_correlation(left, &c->behind, 0, 1, bits);
    enclose_correlation(right, &c->before, 0, 1, bits);
    arb_abs(left, left);
    arb_abs(right, right);
    enclose_scale(right, c->keep, bits);
}

static void c04_mi_affine(struct check_run *run)
{
    check_cases(run, draw_affine, check_equal, same_information);
}

static void c04_corr_affine(struct check_run *run)
{
    check_cases(run, draw_affine, check_equal, same_correlation);
}

static void c04_mi_rescaled(struct check_run *run)
{
    check_cases(run, draw_rescaled, check_equal, same_information_behind);
}

static void c04_mi_ic_layer(struct check_run *run)
{
    check_cases(run, draw_ic_layer, check_equal, information_times_keeps);
}

static void c04_corr_ic_layer(struct check_run *run)
{
    check_cases(run, draw_ic_layer_open, check_equal, ic_correlation);
}

static void c04_corr_shift(struct check_run *run)
{
    check_cases(run, draw_ic_layer_shifted, check_less, ic_correlation);
}

const struct check checks_c04[] = {
    {"c04_mi_affine", "I(a x + b; c y + d) = I(x;y), a and c not 0", c04_mi_affine},
    {"c04_corr_affine", "|corr(a x + b, c y + d)| = |corr(x,y)|, a and c not 0", c04_corr_affine},
    {"c04_mi_rescaled", "I(g a x; h c y) = I(g x; h y), a and c not 0: rescaled dropout", c04_mi_rescaled},
    {"c04_mi_ic_layer", "ReLU, batch norm, gates: I behind = q^2 I(relu u; relu v)", c04_mi_ic_layer},
    {"c04_corr_ic_layer", "ReLU, batch norm without shift, gates: |corr| behind = q |corr(relu u, relu v)|",
     c04_corr_ic_layer},
    {"c04_corr_shift", "ReLU, batch norm with a shift, gates of 0 < q < 1: |corr| behind < q |corr(relu u, relu v)|",
     c04_corr_shift},
    {NULL, NULL, NULL},
};
