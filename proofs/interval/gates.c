#include "proofs/interval/gates.h"

#include "proofs/interval/integrate.h"

/* sum += sign p ln p */
static void add_p_log_p(arb_t sum, struct ratio p, int sign, slong bits)
{
    arb_t term;
    arb_init(term);
    if (p.over > 0) {
        arb_set_ratio(term, p, bits);
        arb_x_log_x(term, term, bits);
    }
    arb_addmul_si(sum, term, sign, bits);
    arb_clear(term);
}

void binary_entropy(arb_t value, struct ratio ratio, slong bits)
{
    arb_zero(value);
    add_p_log_p(value, ratio, -1, bits);
    add_p_log_p(value, (struct ratio){(slong)ratio.under - ratio.over, ratio.under}, -1, bits);
}

void gates_information(arb_t value, const struct gates *gates, slong bits)
{
    arb_t term;
    arb_zero(value);
    if (gates_are_independent(gates)) return;
    arb_init(term);
    const ulong total = (ulong)gates->total;
    const struct ratio cells[] = {gates_both(gates), {gates->only_x, total}, {gates->only_y, total}, gates_none(gates)};
    for (int i = 0; i < 4; i++)
        add_p_log_p(value, cells[i], 1, bits);
    binary_entropy(term, gates_keep_x(gates), bits);
    arb_add(value, value, term, bits);
    binary_entropy(term, gates_keep_y(gates), bits);
    arb_add(value, value, term, bits);
    arb_clear(term);
}

void gates_print(FILE *stream, const struct gates *gates)
{
    fprintf(stream, "gates: P(1,1) = %ld/%ld, P(1,0) = %ld/%ld, P(0,1) = %ld/%ld", (long)gates->both,
            (long)gates->total, (long)gates->only_x, (long)gates->total, (long)gates->only_y, (long)gates->total);
}
