#include "proofs/interval/formulas.h"

void enclose_information_behind_seen_gates(arb_t information, const struct law *pair, const struct law *gates,
                                           slong bits)
{
    arb_t neurons;
    fmpq_t both;
    arb_init(neurons);
    fmpq_init(both);
    enclose_information_by_entropies(information, gates, bits);
    enclose_information_by_entropies(neurons, pair, bits);
    law_nonzero(both, gates, 3);
    enclose_addmul(information, both, neurons, bits);
    arb_clear(neurons);
    fmpq_clear(both);
}

void enclose_information_hidden(arb_t information, const struct law *pair, const struct law *gates, slong bits)
{
    enum { G = 1, H = 2, X = 4, Y = 8 };
    struct law seen;
    arb_t other;
    law_init(&seen, 0);
    arb_init(other);
    law_behind_seen(&seen, pair, gates);
    enclose_conditional_information(information, &seen, G, H | Y, X, bits);
    enclose_conditional_information(other, &seen, X, H, Y, bits);
    arb_add(information, information, other, bits);
    arb_clear(other);
    law_clear(&seen);
}

void enclose_spread_by_factor(arb_t value, const struct law *law, slong neuron, const fmpq_t factor_variance,
                              slong bits)
{
    fmpq_t spread, variance, one;
    arb_t root;
    fmpq_init(spread);
    fmpq_init(variance);
    fmpq_init(one);
    arb_init(root);
    fmpq_one(one);
    law_mean(spread, law, neuron);
    law_covariance(variance, law, neuron, neuron);
    fmpq_mul(spread, spread, spread);
    fmpq_div(spread, spread, variance);
    fmpq_add(spread, spread, one);
    fmpq_mul(spread, spread, factor_variance);
    fmpq_add(spread, spread, one);
    arb_set_fmpq(root, spread, bits);
    arb_sqrt(root, root, bits);
    arb_div(value, value, root, bits);
    fmpq_clear(spread);
    fmpq_clear(variance);
    fmpq_clear(one);
    arb_clear(root);
}

void enclose_correlation_behind_gates(arb_t correlation, const struct law *pair, const fmpq *keep, slong bits)
{
    fmpq_t closed, mean, variance;
    arb_t root;
    fmpq_init(closed);
    fmpq_init(mean);
    fmpq_init(variance);
    arb_init(root);
    enclose_correlation(correlation, pair, 0, 1, bits);
    for (slong k = 0; k < 2; k++) {
        law_mean(mean, pair, k);
        law_covariance(variance, pair, k, k);
        fmpq_mul(mean, mean, mean);
        fmpq_div(mean, mean, variance);
        fmpq_one(closed);
        fmpq_sub(closed, closed, keep + k);
        fmpq_mul(mean, mean, closed);
        fmpq_one(closed);
        fmpq_add(mean, mean, closed);
        fmpq_div(mean, keep + k, mean);
        arb_set_fmpq(root, mean, bits);
        arb_sqrt(root, root, bits);
        arb_mul(correlation, correlation, root, bits);
    }
    fmpq_clear(closed);
    fmpq_clear(mean);
    fmpq_clear(variance);
    arb_clear(root);
}
