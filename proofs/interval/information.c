#include "proofs/interval/information.h"

enum { MOST_SETS = MOST_NEURONS };

/* value += p ln r */
static void add_log(arb_t value, const fmpq *p, const fmpq *r, slong bits)
{
    arb_t log;
    arb_init(log);
    arb_set_fmpq(log, r, bits);
    arb_log(log, log, bits);
    enclose_addmul(value, p, log, bits);
    arb_clear(log);
}

void enclose_addmul(arb_t value, const fmpq *factor, const arb_t term, slong bits)
{
    arb_t exact;
    arb_init(exact);
    arb_set_fmpq(exact, factor, bits);
    arb_addmul(value, exact, term, bits);
    arb_clear(exact);
}

void enclose_scale(arb_t value, const fmpq *factor, slong bits)
{
    arb_t exact;
    arb_init(exact);
    arb_set_fmpq(exact, factor, bits);
    arb_mul(value, value, exact, bits);
    arb_clear(exact);
}

void enclose_entropy(arb_t entropy, const struct law *law, neuron_set set, slong bits)
{
    struct law margin;
    law_init(&margin, 0);
    law_margin(&margin, law, set);
    arb_zero(entropy);
    for (slong i = 0; i < margin.count; i++)
        add_log(entropy, &margin.outcomes[i].mass, &margin.outcomes[i].mass, bits);
    arb_neg(entropy, entropy);
    law_clear(&margin);
}

void enclose_binary_entropy(arb_t entropy, const fmpq_t p, slong bits)
{
    fmpq_t rest;
    fmpq_init(rest);
    fmpq_set_si(rest, 1, 1);
    fmpq_sub(rest, rest, p);
    arb_zero(entropy);
    if (!fmpq_is_zero(p)) add_log(entropy, p, p, bits);
    if (!fmpq_is_zero(rest)) add_log(entropy, rest, rest, bits);
    arb_neg(entropy, entropy);
    fmpq_clear(rest);
}

static neuron_set union_of(const neuron_set *sets, slong count)
{
    neuron_set all = 0;
    for (slong s = 0; s < count; s++)
        all |= sets[s];
    return all;
}

/* The values of the neurons of a set, for a point of the joint law of `all`. */
static void pick(fmpq *values, const fmpq *point, neuron_set set, neuron_set all)
{
    for (; all != 0; all >>= 1, set >>= 1) {
        if (set & 1) fmpq_set(values++, point);
        point += all & 1;
    }
}

void enclose_dependence(arb_t dependence, const struct law *law, const neuron_set *sets, slong count, slong bits)
{
    const neuron_set all = union_of(sets, count);
    struct law joint, margins[MOST_SETS];
    law_init(&joint, 0);
    law_margin(&joint, law, all);
    for (slong s = 0; s < count; s++) {
        law_init(margins + s, 0);
        law_margin(margins + s, law, sets[s]);
    }
    fmpq *values = _fmpq_vec_init(law->neurons);
    fmpq_t ratio;
    fmpq_init(ratio);
    arb_zero(dependence);
    for (slong i = 0; i < joint.count; i++) {
        const struct outcome *outcome = joint.outcomes + i;
        fmpq_set(ratio, &outcome->mass);
        for (slong s = 0; s < count; s++) {
            pick(values, outcome->values, sets[s], all);
            fmpq_div(ratio, ratio, law_mass(margins + s, values));
        }
        add_log(dependence, &outcome->mass, ratio, bits);
    }
    fmpq_clear(ratio);
    _fmpq_vec_clear(values, law->neurons);
    for (slong s = 0; s < count; s++)
        law_clear(margins + s);
    law_clear(&joint);
}

void enclose_dependence_by_entropies(arb_t dependence, const struct law *law, const neuron_set *sets, slong count,
                                     slong bits)
{
    arb_t entropy;
    arb_init(entropy);
    arb_zero(dependence);
    for (slong s = 0; s < count; s++) {
        enclose_entropy(entropy, law, sets[s], bits);
        arb_add(dependence, dependence, entropy, bits);
    }
    enclose_entropy(entropy, law, union_of(sets, count), bits);
    arb_sub(dependence, dependence, entropy, bits);
    arb_clear(entropy);
}

static const neuron_set pair_of_neurons[] = {1, 2};

void enclose_information(arb_t information, const struct law *pair, slong bits)
{
    enclose_dependence(information, pair, pair_of_neurons, 2, bits);
}

void enclose_information_by_entropies(arb_t information, const struct law *pair, slong bits)
{
    enclose_dependence_by_entropies(information, pair, pair_of_neurons, 2, bits);
}

void enclose_conditional_information(arb_t information, const struct law *law, neuron_set a, neuron_set b,
                                     neuron_set given, slong bits)
{
    const neuron_set sets[] = {a | given, b | given, a | b | given, given};
    arb_t entropy;
    arb_init(entropy);
    arb_zero(information);
    for (int s = 0; s < 4; s++) {
        enclose_entropy(entropy, law, sets[s], bits);
        if (s < 2)
            arb_add(information, information, entropy, bits);
        else
            arb_sub(information, information, entropy, bits);
    }
    arb_clear(entropy);
}

void enclose_divergence(arb_t divergence, const struct law *p, const struct law *q, slong bits)
{
    fmpq_t ratio;
    fmpq_init(ratio);
    arb_zero(divergence);
    for (slong i = 0; i < p->count; i++) {
        const fmpq *other = law_mass(q, p->outcomes[i].values);
        if (other == NULL) {
            arb_pos_inf(divergence);
            break;
        }
        fmpq_div(ratio, &p->outcomes[i].mass, other);
        add_log(divergence, &p->outcomes[i].mass, ratio, bits);
    }
    fmpq_clear(ratio);
}

void enclose_correlation(arb_t correlation, const struct law *law, slong neuron, slong other, slong bits)
{
    fmpq_t covariance, variance, product;
    fmpq_init(covariance);
    fmpq_init(variance);
    fmpq_init(product);
    law_covariance(covariance, law, neuron, other);
    law_covariance(product, law, neuron, neuron);
    law_covariance(variance, law, other, other);
    fmpq_mul(product, product, variance);
    arb_t root;
    arb_init(root);
    arb_set_fmpq(root, product, bits);
    arb_sqrt(root, root, bits);
    arb_set_fmpq(correlation, covariance, bits);
    arb_div(correlation, correlation, root, bits);
    arb_clear(root);
    fmpq_clear(covariance);
    fmpq_clear(variance);
    fmpq_clear(product);
}
