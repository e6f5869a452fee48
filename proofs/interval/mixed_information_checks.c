/* The identity of four terms for laws with an atom at 0. */
#include "proofs/interval/cases.h"

static bool draw_any_law(struct dropout_case *c, struct random *random)
{
    draw_any_pair(c, random);
    put_random_gates(c, random);
    return true;
}

/* sum += P(neurons of `open` not 0) I(x; y | those not 0), with the neurons of `gates` replaced by whether they are 0.
 */
static void add_part(arb_t sum, const struct law *pair, neuron_set open, neuron_set gates, slong bits)
{
    struct law seen, given;
    fmpq_t mass;
    arb_t part;
    law_init(&seen, 0);
    law_init(&given, 0);
    fmpq_init(mass);
    arb_init(part);
    law_activity(&seen, pair, gates);
    law_nonzero(mass, pair, open);
    if (law_given_nonzero(&given, &seen, open)) {
        enclose_information_by_entropies(part, &given, bits);
        enclose_addmul(sum, mass, part, bits);
    }
    law_clear(&seen);
    law_clear(&given);
    fmpq_clear(mass);
    arb_clear(part);
}

static void four_terms(arb_t left, arb_t right, const void *a_case, slong bits)
{
    enum { X = 1, Y = 2 };
    const struct dropout_case *c = a_case;
    enclose_information(left, &c->behind, bits);
    arb_zero(right);
    add_part(right, &c->behind, 0, X | Y, bits);
    add_part(right, &c->behind, X, Y, bits);
    add_part(right, &c->behind, Y, X, bits);
    add_part(right, &c->behind, X | Y, 0, bits);
}

static void mixed_information_identity(struct check_run *run)
{
    check_cases(run, draw_any_law, check_equal, four_terms);
}

const struct check checks_mixed_information[] = {
    {"mixed_information_identity",
     "I(x';y') = I(A;B) + P(A) I(x';B|A=1) + P(B) I(A;y'|B=1) + P(A,B) I(x';y'|A=B=1), A = 1[x'!=0], B = 1[y'!=0]",
     mixed_information_identity},
    {NULL, NULL, NULL},
};
