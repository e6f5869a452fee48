#include "proofs/interval/integrate.h"
#include "proofs/interval/relu_parts.h"

void relu_init(struct relu *relu, struct ratio rho, slong bits)
{
    arb_t two_pi, term;
    arb_init(two_pi);
    arb_init(term);
    arb_init(relu->rho);
    arb_init(relu->s);
    arb_init(relu->slope);
    arb_init(relu->quadrant);
    arb_init(relu->square);
    arb_init(relu->product);
    arb_init(relu->inside);
    arb_set_ratio(relu->rho, rho, bits);
    arb_mul(term, relu->rho, relu->rho, bits);
    arb_sub_ui(term, term, 1, bits);
    arb_neg(term, term); /* s^2 */
    arb_sqrt(relu->s, term, bits);
    arb_div(relu->slope, relu->rho, relu->s, bits);
    arb_const_pi(two_pi, bits);
    arb_mul_2exp_si(two_pi, two_pi, 1);
    arb_asin(relu->quadrant, relu->rho, bits);
    arb_div(relu->quadrant, relu->quadrant, two_pi, bits);
    arb_set_d(relu->square, 0.25);
    arb_add(relu->quadrant, relu->quadrant, relu->square, bits);
    arb_div(relu->product, relu->s, two_pi, bits);
    arb_mul(relu->square, relu->product, relu->rho, bits);
    arb_add(relu->square, relu->square, relu->quadrant, bits);
    arb_addmul(relu->product, relu->rho, relu->quadrant, bits);
    arb_mul(relu->inside, relu->rho, relu->square, bits);
    arb_sub(relu->inside, relu->product, relu->inside, bits);
    arb_mul(relu->inside, relu->inside, relu->rho, bits);
    arb_div(relu->inside, relu->inside, term, bits);
    arb_log(term, term, bits);
    arb_mul_2exp_si(term, term, -1);
    arb_submul(relu->inside, term, relu->quadrant, bits);
    arb_clear(two_pi);
    arb_clear(term);
}

void relu_clear(struct relu *relu)
{
    arb_clear(relu->rho);
    arb_clear(relu->s);
    arb_clear(relu->slope);
    arb_clear(relu->quadrant);
    arb_clear(relu->square);
    arb_clear(relu->product);
    arb_clear(relu->inside);
}

void gated_init(struct gated_relu *gated, struct ratio rho, const struct gates *gates, slong bits)
{
    relu_init(&gated->relu, rho, bits);
    arb_init(gated->both);
    arb_init(gated->corner);
    arb_set_ratio(gated->both, gates_both(gates), bits);
    arb_mul(gated->corner, gated->both, gated->relu.quadrant, bits);
    gated->symmetric = gates->only_x == gates->only_y;
    for (int i = 0; i < 2; i++) {
        arb_init(gated->keep[i]);
        arb_init(gated->given[i]);
        arb_init(gated->atom[i]);
        arb_set_ratio(gated->keep[i], i == 0 ? gates_keep_x(gates) : gates_keep_y(gates), bits);
        const slong open = gates->both + (i == 0 ? gates->only_x : gates->only_y);
        arb_set_ratio(gated->given[i], (struct ratio){gates->both, (ulong)open}, bits);
        arb_mul_2exp_si(gated->atom[i], gated->keep[i], -1);
        arb_sub(gated->corner, gated->corner, gated->atom[i], bits);
        arb_sub_ui(gated->atom[i], gated->atom[i], 1, bits);
        arb_neg(gated->atom[i], gated->atom[i]);
    }
    arb_add_ui(gated->corner, gated->corner, 1, bits);
}

void gated_clear(struct gated_relu *gated)
{
    relu_clear(&gated->relu);
    arb_clear(gated->both);
    arb_clear(gated->corner);
    for (int i = 0; i < 2; i++) {
        arb_clear(gated->keep[i]);
        arb_clear(gated->given[i]);
        arb_clear(gated->atom[i]);
    }
}

/* sum += mass ln(joint / (one other)) */
static void add_mass_log(arb_t sum, const arb_t mass, const arb_t joint, const arb_t one, const arb_t other, slong bits)
{
    arb_t ratio;
    arb_init(ratio);
    arb_mul(ratio, one, other, bits);
    arb_div(ratio, joint, ratio, bits);
    arb_log(ratio, ratio, bits);
    arb_addmul(sum, ratio, mass, bits);
    arb_clear(ratio);
}

/* sum += p11 (A + Q ln(p11/(q r))): the part inside the quadrant. */
static void add_inside(arb_t sum, const struct gated_relu *gated, slong bits)
{
    arb_t mass;
    arb_init(mass);
    arb_addmul(sum, gated->both, gated->relu.inside, bits);
    arb_mul(mass, gated->both, gated->relu.quadrant, bits);
    add_mass_log(sum, mass, gated->both, gated->keep[0], gated->keep[1], bits);
    arb_clear(mass);
}

/* value = q int phi c ln(c/b) of side i: the integral of phi c is 1/2 - given Q. */
static void axis_part(arb_t value, const struct gated_relu *gated, int i, slong bits)
{
    arb_t mass, log_atom;
    arb_init(mass);
    arb_init(log_atom);
    integral_of_c_ln_c(value, gated->relu.slope, gated->given[i], bits);
    arb_set_d(mass, 0.5);
    arb_submul(mass, gated->given[i], gated->relu.quadrant, bits + GUARD);
    arb_log(log_atom, gated->atom[1 - i], bits + GUARD);
    arb_submul(value, mass, log_atom, bits + GUARD);
    arb_mul(value, value, gated->keep[i], bits + GUARD);
    arb_clear(mass);
    arb_clear(log_atom);
}

void relu_information(arb_t mi, struct ratio rho, const struct gates *gates, slong bits)
{
    const slong more = bits + GUARD;
    struct gated_relu gated;
    arb_t term;
    arb_init(term);
    gated_init(&gated, rho, gates, more);
    arb_zero(mi);
    add_mass_log(mi, gated.corner, gated.corner, gated.atom[0], gated.atom[1], more);
    add_inside(mi, &gated, more);
    for (int i = 0; i < 2; i++) {
        if (i == 0 || !gated.symmetric) axis_part(term, &gated, i, bits);
        arb_add(mi, mi, term, more);
    }
    gated_clear(&gated);
    arb_clear(term);
}

/* value = P(A) I(x';B | A=1) of side i. */
static void amplitude_about_gate(arb_t value, const struct gated_relu *gated, int i, slong bits)
{
    arb_t mean;
    arb_init(mean);
    arb_mul(mean, gated->given[i], gated->relu.quadrant, bits + GUARD);
    arb_mul_2exp_si(mean, mean, 1);
    integral_of_divergence(value, gated->relu.slope, gated->given[i], mean, bits);
    arb_mul(value, value, gated->keep[i], bits + GUARD);
    arb_clear(mean);
}

/* sum += the information of the table (p11, p1 - p11; p2 - p11, ...) of A and B. */
static void add_gate_about_gate(arb_t sum, const struct gated_relu *gated, slong bits)
{
    arb_t active[2], cell;
    arb_init(cell);
    for (int i = 0; i < 2; i++) {
        arb_init(active[i]);
        arb_mul_2exp_si(active[i], gated->keep[i], -1);
    }
    add_mass_log(sum, gated->corner, gated->corner, gated->atom[0], gated->atom[1], bits);
    for (int i = 0; i < 2; i++) {
        arb_set(cell, active[i]);
        arb_submul(cell, gated->both, gated->relu.quadrant, bits);
        add_mass_log(sum, cell, cell, active[i], gated->atom[1 - i], bits);
    }
    arb_mul(cell, gated->both, gated->relu.quadrant, bits);
    add_mass_log(sum, cell, cell, active[0], active[1], bits);
    arb_clear(cell);
    for (int i = 0; i < 2; i++)
        arb_clear(active[i]);
}

/* sum += P(A,B) I(x';y' | A=B=1) = p11 (A + Q ln Q - 2 int phi Phi(k x) ln Phi(k x)). */
static void add_amplitude_about_amplitude(arb_t sum, const struct gated_relu *gated, slong bits)
{
    arb_t one, term, minus;
    arb_init(one);
    arb_init(term);
    arb_init(minus);
    arb_one(one);
    arb_neg(minus, gated->relu.slope);
    integral_of_c_ln_c(term, minus, one, bits);
    arb_mul_2exp_si(term, term, 1);
    arb_sub(term, gated->relu.inside, term, bits + GUARD);
    arb_x_log_x(one, gated->relu.quadrant, bits + GUARD);
    arb_add(term, term, one, bits + GUARD);
    arb_addmul(sum, term, gated->both, bits + GUARD);
    arb_clear(one);
    arb_clear(term);
    arb_clear(minus);
}

void relu_information_by_terms(arb_t mi, struct ratio rho, const struct gates *gates, slong bits)
{
    const slong more = bits + GUARD;
    struct gated_relu gated;
    arb_t term;
    arb_init(term);
    gated_init(&gated, rho, gates, more);
    arb_zero(mi);
    add_gate_about_gate(mi, &gated, more);
    add_amplitude_about_amplitude(mi, &gated, bits);
    for (int i = 0; i < 2; i++) {
        if (i == 0 || !gated.symmetric) amplitude_about_gate(term, &gated, i, bits);
        arb_add(mi, mi, term, more);
    }
    gated_clear(&gated);
    arb_clear(term);
}

/* Where one gate is shut, the joint law is a product inside the part: such parts give the gates' own terms, p ln(p /
 * product) of the whole part. Where both are open: the moved atoms p11 Q against (q/2)(r/2), the axes p11 phi Phi(-k x)
 * against q phi r/2, and the inside. */
void relubn_information(arb_t mi, struct ratio rho, const struct gates *gates, slong bits)
{
    const slong more = bits + GUARD;
    struct gated_relu gated;
    arb_t one, term, mass, ratio, drop[2], cell;
    arb_init(one);
    arb_init(term);
    arb_init(mass);
    arb_init(ratio);
    arb_init(cell);
    arb_one(one);
    gated_init(&gated, rho, gates, more);
    for (int i = 0; i < 2; i++) {
        arb_init(drop[i]);
        arb_sub(drop[i], one, gated.keep[i], more);
    }
    arb_zero(mi);
    arb_set_ratio(cell, gates_none(gates), more);
    if (gates_none(gates).over > 0) add_mass_log(mi, cell, cell, drop[0], drop[1], more);
    arb_set_ratio(cell, (struct ratio){gates->only_x, (ulong)gates->total}, more);
    if (gates->only_x > 0) add_mass_log(mi, cell, cell, gated.keep[0], drop[1], more);
    arb_set_ratio(cell, (struct ratio){gates->only_y, (ulong)gates->total}, more);
    if (gates->only_y > 0) add_mass_log(mi, cell, cell, drop[0], gated.keep[1], more);
    /* the moved atoms */
    arb_mul(mass, gated.both, gated.relu.quadrant, more);
    arb_mul_2exp_si(term, gated.keep[0], -2);
    add_mass_log(mi, mass, mass, term, gated.keep[1], more);
    add_inside(mi, &gated, more);
    /* both axes: p11 int phi Phi(-k x) [ln Phi(-k x) + ln(2 p11/(q r))], the mass is p11 (1/2 - Q) */
    integral_of_c_ln_c(term, gated.relu.slope, one, bits);
    arb_mul(term, term, gated.both, more);
    arb_set_d(mass, 0.5);
    arb_sub(mass, mass, gated.relu.quadrant, more);
    arb_mul(mass, mass, gated.both, more);
    arb_mul_2exp_si(ratio, gated.both, 1);
    add_mass_log(term, mass, ratio, gated.keep[0], gated.keep[1], more);
    arb_addmul_ui(mi, term, 2, more);
    for (int i = 0; i < 2; i++)
        arb_clear(drop[i]);
    gated_clear(&gated);
    arb_clear(one);
    arb_clear(term);
    arb_clear(mass);
    arb_clear(ratio);
    arb_clear(cell);
}
