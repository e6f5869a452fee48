/* c08: any number of neurons behind independent gates. */
#include "proofs/interval/cases.h"

enum { MOST_TOGETHER = 4 };

/* Two to four neurons, of fewer values the more they are, behind gates of a keep each. */
static void draw_neurons(struct dropout_case *c, struct random *random, bool atoms)
{
    const slong neurons = random_between(random, 2, MOST_TOGETHER);
    const neuron_set with_atoms = atoms ? (neuron_set)random_between(random, 0, (1l << neurons) - 1) : 0;
    random_law(&c->before, random, neurons, with_atoms, MOST_TOGETHER + 3 - neurons);
    draw_keeps(c, random, KEEP_EACH);
    put_independent_gates(c);
}

/* Two groups without a common neuron; some neurons may be in neither. */
static void draw_groups(struct dropout_case *c, struct random *random)
{
    do {
        c->groups[0] = c->groups[1] = 0;
        for (slong k = 0; k < c->before.neurons; k++) {
            const long group = random_between(random, 0, 4);
            if (group < 4) c->groups[group / 2] |= 1u << k;
        }
    } while (c->groups[0] == 0 || c->groups[1] == 0);
}

static bool draw_no_atoms(struct dropout_case *c, struct random *random)
{
    draw_neurons(c, random, false);
    draw_groups(c, random);
    return true;
}

static bool draw_any(struct dropout_case *c, struct random *random)
{
    draw_neurons(c, random, true);
    draw_groups(c, random);
    return true;
}

/* P(the open gates are those of `open`) */
static void put_state_probability(fmpq_t probability, const fmpq *keep, slong neurons, neuron_set open)
{
    fmpq_t closed;
    fmpq_init(closed);
    fmpq_one(probability);
    for (slong k = 0; k < neurons; k++) {
        fmpq_one(closed);
        fmpq_sub(closed, closed, keep + k);
        fmpq_mul(probability, probability, open >> k & 1 ? keep + k : closed);
    }
    fmpq_clear(closed);
}

/* sum over subsets S of P(S open) times the dependence of the sets cut down to S. */
static void average_over_survivors(arb_t average, const struct dropout_case *c, const neuron_set *sets, slong count,
                                   slong bits)
{
    const slong neurons = c->before.neurons;
    fmpq_t probability;
    arb_t dependence;
    fmpq_init(probability);
    arb_init(dependence);
    arb_zero(average);
    for (neuron_set open = 0; open < 1u << neurons; open++) {
        neuron_set left[MOST_TOGETHER];
        for (slong s = 0; s < count; s++)
            left[s] = sets[s] & open;
        enclose_dependence_by_entropies(dependence, &c->before, left, count, bits);
        put_state_probability(probability, c->keep, neurons, open);
        enclose_addmul(average, probability, dependence, bits);
    }
    fmpq_clear(probability);
    arb_clear(dependence);
}

static const neuron_set each[MOST_TOGETHER] = {1, 2, 4, 8};

static void total_correlation(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_dependence(left, &c->behind, each, c->before.neurons, bits);
    average_over_survivors(right, c, each, c->before.neurons, bits);
}

static void groups(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_dependence(left, &c->behind, c->groups, 2, bits);
    average_over_survivors(right, c, c->groups, 2, bits);
}

/* Seen gates are hidden again, one neuron after the other. Hiding gate k costs I(g_k; rest | x'_k), where the rest is
 * x' of the neurons before k, and (g, x') of those after k. */
static bool is_hidden_in_total(const struct dropout_case *c)
{
    const slong neurons = c->before.neurons;
    struct law seen;
    law_init(&seen, 0);
    law_behind_seen(&seen, &c->before, &c->factors);
    bool hidden = false;
    for (slong k = 0; k < neurons && !hidden; k++) {
        const neuron_set all = (1u << neurons) - 1, up_to = (2u << k) - 1;
        const neuron_set values = (all & ~(1u << k)) << neurons, gates = all & ~up_to;
        hidden = !law_independent_given(&seen, 1u << k, values | gates, 1u << (k + neurons));
    }
    law_clear(&seen);
    return hidden;
}

static bool is_hidden_in_groups(const struct dropout_case *c)
{
    return factors_are_hidden(&c->before, &c->factors, c->groups[0], c->groups[1]);
}

static void c08_tc_average(struct check_run *run)
{
    check_cases(run, draw_no_atoms, check_equal, total_correlation);
}

static void c08_tc_bound(struct check_run *run)
{
    check_cases_decided(run, draw_any, is_hidden_in_total, total_correlation);
}

static void c08_mi_groups(struct check_run *run)
{
    check_cases(run, draw_no_atoms, check_equal, groups);
}

static void c08_mi_groups_bound(struct check_run *run)
{
    check_cases_decided(run, draw_any, is_hidden_in_groups, groups);
}

const struct check checks_c08[] = {
    {"c08_tc_average", "TC(x') = sum over S of P(S open) TC(x_S), 2 to 4 neurons, a keep each, no atom at 0",
     c08_tc_average},
    {"c08_tc_bound", "TC(x') <= the same average with atoms at 0; < exactly if zeros hide gates that tell",
     c08_tc_bound},
    {"c08_mi_groups", "I(x'_A;x'_B) = sum over S of P(S open) I(x_(A,S);x_(B,S)), no atom at 0", c08_mi_groups},
    {"c08_mi_groups_bound", "I(x'_A;x'_B) <= the same average with atoms at 0; < exactly if zeros hide gates that tell",
     c08_mi_groups_bound},
    {NULL, NULL, NULL},
};
