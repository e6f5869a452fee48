#include "proofs/interval/relu_parts.h"

/* With a = 1 - q/2, p00 = 1 - q + q^2 Q, c = 1 - q Phi(k x), J = int phi c ln c, M = int phi Phi(k x) ln c:
 * I' = p00 ln(p00/a^2) + 2q (J - (1/2 - qQ) ln a) + q^2 A, and dJ/dq = -M - Q, so that
 * dI'/dq = (2qQ - 1)(ln(p00/a^2) + 1) + p00/a + 2 (J - (1/2 - qQ) ln a) + 2q (-M - Q + Q ln a + (1/2 - qQ)/(2a)) + 2qA.
 */
void relu_exponent(arb_t exponent, struct ratio rho, struct ratio keep, slong bits)
{
    const slong more = bits + GUARD;
    const struct gates gates = gates_independent(keep.over, keep.over, (slong)keep.under);
    struct gated_relu gated;
    arb_t mi, j, m, log_atom, rest, term;
    arb_init(mi);
    arb_init(j);
    arb_init(m);
    arb_init(log_atom);
    arb_init(rest);
    arb_init(term);
    gated_init(&gated, rho, &gates, more);
    const arb_srcptr q = gated.keep[0], a = gated.atom[0], quadrant = gated.relu.quadrant;
    relu_information(mi, rho, &gates, bits);
    integral_of_c_ln_c(j, gated.relu.slope, q, bits);
    integral_of_open_ln_c(m, gated.relu.slope, q, bits);
    arb_log(log_atom, a, more);
    arb_set_d(rest, 0.5);
    arb_submul(rest, q, quadrant, more); /* 1/2 - qQ */

    arb_log(term, gated.corner, more);
    arb_submul_ui(term, log_atom, 2, more);
    arb_add_ui(term, term, 1, more);
    arb_mul(term, term, rest, more);
    arb_mul_si(exponent, term, -2, more);
    arb_div(term, gated.corner, a, more);
    arb_add(exponent, exponent, term, more);
    arb_submul(j, rest, log_atom, more);
    arb_addmul_ui(exponent, j, 2, more);

    arb_div(term, rest, a, more);
    arb_mul_2exp_si(term, term, -1);
    arb_addmul(term, quadrant, log_atom, more);
    arb_sub(term, term, quadrant, more);
    arb_sub(term, term, m, more);
    arb_add(term, term, gated.relu.inside, more);
    arb_mul(term, term, q, more);
    arb_addmul_ui(exponent, term, 2, more);

    arb_mul(exponent, exponent, q, more);
    arb_div(exponent, exponent, mi, more);
    gated_clear(&gated);
    arb_clear(mi);
    arb_clear(j);
    arb_clear(m);
    arb_clear(log_atom);
    arb_clear(rest);
    arb_clear(term);
}

/* Given x = 0, that is u <= 0, y has an atom 2Q and the density 2 phi(y) Phi(-k y); without it 1/2 and phi(y):
 * KL = (1/2) ln(1/(4Q)) - int phi ln(2 Phi(-k y)), and the integral of phi ln 2 is (ln 2)/2. */
void relu_exponent_by_divergence(arb_t exponent, struct ratio rho, slong bits)
{
    const slong more = bits + GUARD;
    const struct gates open = {1, 0, 0, 1};
    struct relu relu;
    arb_t one, term;
    arb_init(one);
    arb_init(term);
    arb_one(one);
    relu_init(&relu, rho, more);
    integral_of_ln_c(exponent, relu.slope, one, bits);
    arb_mul_2exp_si(term, relu.quadrant, 3); /* 4Q from the atom, 2 from ln 2 */
    arb_log(term, term, more);
    arb_mul_2exp_si(term, term, -1);
    arb_add(exponent, exponent, term, more);
    relu_information(term, rho, &open, bits);
    arb_div(exponent, exponent, term, more);
    arb_mul_si(exponent, exponent, -2, more);
    arb_add_ui(exponent, exponent, 2, more);
    relu_clear(&relu);
    arb_clear(one);
    arb_clear(term);
}

void relu_ratio_limit(arb_t limit, struct ratio rho, slong bits)
{
    const struct gates open = {1, 0, 0, 1};
    struct relu relu;
    arb_t mi;
    arb_init(mi);
    relu_init(&relu, rho, bits + GUARD);
    arb_set_d(limit, 0.25);
    arb_sub(limit, limit, relu.quadrant, bits + GUARD);
    arb_add(limit, limit, relu.inside, bits + GUARD);
    relu_information(mi, rho, &open, bits);
    arb_div(limit, limit, mi, bits + GUARD);
    relu_clear(&relu);
    arb_clear(mi);
}
