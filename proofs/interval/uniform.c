#include "proofs/interval/continuous.h"

/* y has a density that rises from 0 to 1 on (0,w), stays, and falls to 0 on (1,1+w): h(y) = w/2. */
void uniform_entropy(arb_t value, const struct continuous_law *law, enum side side, slong bits)
{
    if (side == SIDE_X) {
        arb_zero(value);
    } else {
        arb_set_ratio(value, law->parameter, bits);
        arb_mul_2exp_si(value, value, -1);
    }
}

/* Given x, y is uniform on a length of w: h(y) - ln w. */
void uniform_information(arb_t value, const struct continuous_law *law, slong bits)
{
    arb_t width;
    arb_init(width);
    arb_set_ratio(width, law->parameter, bits);
    arb_mul_2exp_si(value, width, -1);
    arb_log(width, width, bits);
    arb_sub(value, value, width, bits);
    arb_clear(width);
}

/* A density `factor` everywhere, of total mass `mass`. */
static void constant_part(arb_t part, const arb_t mass, const arb_t factor, slong bits)
{
    arb_log(part, factor, bits);
    arb_mul(part, part, mass, bits);
    arb_neg(part, part);
}

/* -F ln F, F = factor t: the ramp over (0,1) in units of its width. */
static int ramp(acb_ptr value, const acb_t t, void *parameters, slong order, slong bits)
{
    acb_mul_arb(value, t, parameters, bits);
    acb_z_log_z(value, value, order != 0, bits);
    acb_neg(value, value);
    return 0;
}

void uniform_margin(arb_t part, const struct continuous_law *law, enum side side, const arb_t mass, const arb_t scale,
                    slong bits)
{
    const slong more = bits + 40;
    arb_t factor, width, from, to, ramps;
    arb_init(factor);
    arb_init(width);
    arb_init(from);
    arb_init(to);
    arb_init(ramps);
    arb_div(factor, mass, scale, more);
    if (side == SIDE_X) {
        constant_part(part, mass, factor, more);
    } else {
        arb_set_ratio(width, law->parameter, more);
        arb_one(to);
        integrate_range(ramps, ramp, factor, from, to, bits);
        arb_mul(ramps, ramps, width, more);
        arb_mul_2exp_si(ramps, ramps, 1); /* up and down */
        arb_mul(ramps, ramps, scale, more);
        arb_sub(to, to, width, more); /* the plateau */
        arb_mul(to, to, mass, more);
        constant_part(part, to, factor, more);
        arb_add(part, part, ramps, more);
    }
    arb_clear(factor);
    arb_clear(width);
    arb_clear(from);
    arb_clear(to);
    arb_clear(ramps);
}

/* The density 1/w on an area w. */
void uniform_pair(arb_t part, const struct continuous_law *law, const arb_t mass, const arb_t scale, slong bits)
{
    const slong more = bits + 40;
    arb_t factor, width;
    arb_init(factor);
    arb_init(width);
    arb_set_ratio(width, law->parameter, more);
    arb_div(factor, mass, scale, more);
    arb_div(factor, factor, width, more);
    constant_part(part, mass, factor, more);
    arb_clear(factor);
    arb_clear(width);
}
