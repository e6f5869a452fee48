#include "proofs/interval/density.h"

struct part {
    const struct density *density;
    arb_t factor; /* mass / scale */
    arb_srcptr scale;
};

static int minus_f_log_f(acb_ptr value, const acb_t t, void *parameters, slong order, slong bits)
{
    const struct part *part = parameters;
    acb_t measure;
    acb_init(measure);
    part->density->at(value, measure, t, order != 0, part->density, bits);
    acb_mul_arb(value, value, part->factor, bits);
    acb_z_log_z(value, value, order != 0, bits);
    acb_mul(value, value, measure, bits);
    acb_mul_arb(value, value, part->scale, bits);
    acb_neg(value, value);
    acb_clear(measure);
    return 0;
}

static void part_tail(arb_t bound, const void *parameters, const arb_t from, slong bits)
{
    const struct part *part = parameters;
    arb_t power, most, exponent;
    arb_init(power);
    arb_init(most);
    arb_init(exponent);
    part->density->tail(power, most, part->density, from, bits);
    arb_mul(most, most, part->factor, bits);
    arb_sub_ui(most, most, 1, bits);
    if (arb_is_negative(most)) {
        arb_sub_ui(exponent, part->density->epsilon, 1, bits);
        arb_neg(exponent, exponent);
        arb_pow(bound, part->factor, exponent, bits);
        arb_mul(bound, bound, power, bits);
        arb_mul(bound, bound, part->scale, bits);
        arb_const_e(most, bits);
        arb_mul(most, most, part->density->epsilon, bits);
        arb_div(bound, bound, most, bits);
    } else {
        arb_pos_inf(bound);
    }
    arb_clear(power);
    arb_clear(most);
    arb_clear(exponent);
}

void part_entropy(arb_t value, const struct density *density, const arb_t mass, const arb_t scale, slong bits)
{
    struct part part = {.density = density, .scale = scale};
    arb_init(part.factor);
    arb_div(part.factor, mass, scale, bits + 40);
    integrate_half_line(value, minus_f_log_f, part_tail, &part, bits);
    arb_clear(part.factor);
}
