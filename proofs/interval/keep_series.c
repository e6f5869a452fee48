#include "proofs/interval/keep_series.h"

/* The four states of two gates, and the law of the pair behind gates in that state. */
enum { STATES = 4 };

/* P(open) or P(closed) as a polynomial in the variable of the series. */
static void gate_polynomial(fmpq_poly_t p, bool open, enum keep_series_at at)
{
    const bool grows = open == (at == AT_CLOSED);
    fmpq_poly_zero(p);
    if (!grows) fmpq_poly_set_si(p, 1);
    fmpq_poly_set_coeff_si(p, 1, grows ? 1 : -1);
}

static void state_polynomial(fmpq_poly_t p, int state, neuron_set seen, enum keep_series_at at)
{
    fmpq_poly_t gate;
    fmpq_poly_init(gate);
    fmpq_poly_set_si(p, 1);
    for (int k = 0; k < 2; k++) {
        if (!(seen >> k & 1)) continue;
        gate_polynomial(gate, state >> k & 1, at);
        fmpq_poly_mul(p, p, gate);
    }
    fmpq_poly_clear(gate);
}

/* The mass behind the gates at a point of the neurons of a set, as a polynomial: sum over the states of their gates. A
 * state of the other gate would only split the mass in two, so that it is held open. */
static void mass_polynomial(fmpq_poly_t p, const struct law *behind_state, neuron_set seen, const fmpq *values,
                            enum keep_series_at at)
{
    struct law margin;
    fmpq_poly_t term;
    law_init(&margin, 0);
    fmpq_poly_init(term);
    fmpq_poly_zero(p);
    for (int state = 0; state < STATES; state++) {
        if ((~(unsigned)state & 3u & ~seen) != 0) continue;
        law_margin(&margin, behind_state + state, seen);
        const fmpq *mass = law_mass(&margin, values);
        if (mass == NULL) continue;
        state_polynomial(term, state, seen, at);
        fmpq_poly_scalar_mul_fmpq(term, term, mass);
        fmpq_poly_add(p, p, term);
    }
    fmpq_poly_clear(term);
    law_clear(&margin);
}

static slong valuation(const fmpq_poly_t p)
{
    slong order = 0;
    while (fmpz_is_zero(fmpq_poly_numref(p) + order))
        order++;
    return order;
}

/* series += joint ln(joint / product), to `terms` terms. */
static void add_term(arb_poly_t series, const fmpq_poly_t joint, const fmpq_poly_t product, slong terms, slong bits)
{
    const slong order = valuation(joint);
    arb_poly_t log, mass;
    fmpq_poly_t ratio, divisor;
    arb_poly_init(log);
    arb_poly_init(mass);
    fmpq_poly_init(ratio);
    fmpq_poly_init(divisor);
    fmpq_poly_shift_right(ratio, joint, order);
    fmpq_poly_shift_right(divisor, product, order);
    if (valuation(product) == order) {
        fmpq_poly_div_series(ratio, ratio, divisor, terms);
        arb_poly_set_fmpq_poly(log, ratio, bits);
        arb_poly_log_series(log, log, terms, bits);
    } else {
        arb_poly_one(log);
        arb_indeterminate(arb_poly_get_coeff_ptr(log, 0));
    }
    arb_poly_set_fmpq_poly(mass, joint, bits);
    arb_poly_mullow(log, log, mass, terms, bits);
    arb_poly_add(series, series, log, bits);
    arb_poly_clear(log);
    arb_poly_clear(mass);
    fmpq_poly_clear(ratio);
    fmpq_poly_clear(divisor);
}

static void put_states(struct law *behind_state, const struct law *pair)
{
    fmpq *gate = _fmpq_vec_init(2), *shift = _fmpq_vec_init(2);
    for (int state = 0; state < STATES; state++) {
        for (int k = 0; k < 2; k++)
            fmpq_set_si(gate + k, state >> k & 1, 1);
        law_init(behind_state + state, 0);
        law_affine(behind_state + state, pair, gate, shift);
    }
    _fmpq_vec_clear(gate, 2);
    _fmpq_vec_clear(shift, 2);
}

/* All points that have mass behind some state of the gates. */
static void put_support(struct law *support, const struct law *behind_state)
{
    law_reset(support, 2);
    for (int state = 0; state < STATES; state++)
        for (slong i = 0; i < behind_state[state].count; i++)
            law_add(support, behind_state[state].outcomes[i].values, &behind_state[state].outcomes[i].mass);
}

void enclose_keep_series(arb_poly_t series, const struct law *pair, enum keep_series_at at, slong terms, slong bits)
{
    struct law behind_state[STATES], support;
    fmpq_poly_t joint, product, other;
    fmpq_poly_init(joint);
    fmpq_poly_init(product);
    fmpq_poly_init(other);
    law_init(&support, 0);
    put_states(behind_state, pair);
    put_support(&support, behind_state);
    arb_poly_zero(series);
    for (slong i = 0; i < support.count; i++) {
        const fmpq *values = support.outcomes[i].values;
        mass_polynomial(joint, behind_state, 3, values, at);
        mass_polynomial(product, behind_state, 1, values, at);
        mass_polynomial(other, behind_state, 2, values + 1, at);
        fmpq_poly_mul(product, product, other);
        add_term(series, joint, product, terms, bits);
    }
    for (int state = 0; state < STATES; state++)
        law_clear(behind_state + state);
    law_clear(&support);
    fmpq_poly_clear(joint);
    fmpq_poly_clear(product);
    fmpq_poly_clear(other);
}
