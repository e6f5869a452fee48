/* c01: mutual information behind gates, no neuron with an atom at 0. */
#include "proofs/interval/cases.h"
#include "proofs/interval/formulas.h"

static bool draw_one_keep(struct dropout_case *c, struct random *random)
{
    draw_pair(c, random);
    draw_keeps(c, random, ONE_KEEP);
    put_independent_gates(c);
    return true;
}

static bool draw_two_keeps(struct dropout_case *c, struct random *random)
{
    draw_pair(c, random);
    draw_keeps(c, random, KEEP_EACH);
    put_independent_gates(c);
    return true;
}

static bool draw_any_gates(struct dropout_case *c, struct random *random)
{
    draw_pair(c, random);
    put_random_gates(c, random);
    return true;
}

static void any_gates(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_information(left, &c->behind, bits);
    enclose_information_behind_seen_gates(right, &c->before, &c->factors, bits);
}

static void c01_mi_quadratic(struct check_run *run)
{
    check_cases(run, draw_one_keep, check_equal, information_times_keeps);
}

static void c01_mi_two_keeps(struct check_run *run)
{
    check_cases(run, draw_two_keeps, check_equal, information_times_keeps);
}

static void c01_mi_any_gates(struct check_run *run)
{
    check_cases(run, draw_any_gates, check_equal, any_gates);
}

const struct check checks_c01[] = {
    {"c01_mi_quadratic", "I(x';y') = q^2 I(x;y), independent gates, no atom at 0", c01_mi_quadratic},
    {"c01_mi_two_keeps", "I(x';y') = q s I(x;y), gates of means q and s, no atom at 0", c01_mi_two_keeps},
    {"c01_mi_any_gates", "I(x';y') = I(g;h) + P(both open) I(x;y), any law of the gates, no atom at 0",
     c01_mi_any_gates},
    {NULL, NULL, NULL},
};
