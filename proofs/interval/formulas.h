/* The right sides that more than one claim needs, computed from the law in front of the gates. */
#ifndef ICLAB_PROOFS_INTERVAL_FORMULAS_H
#define ICLAB_PROOFS_INTERVAL_FORMULAS_H

#include "proofs/interval/information.h"

/* I(g;h) + P(g, h both not 0) I(x;y), by entropies. */
void enclose_information_behind_seen_gates(arb_t information, const struct law *pair, const struct law *gates,
                                           slong bits);

/* I(g; h,y' | x') + I(x'; h | y'): what x' and y' lose against (g, x') and (h, y'), by entropies. */
void enclose_information_hidden(arb_t information, const struct law *pair, const struct law *gates, slong bits);

/* sqrt(q s) rho / sqrt((1 + (1-q) m_x^2)(1 + (1-s) m_y^2)), m = mean / sd, keeps q and s above 0. */
void enclose_correlation_behind_gates(arb_t correlation, const struct law *pair, const fmpq *keep, slong bits);

/* value /= sqrt(1 + v (1 + m^2)): a factor of mean 1 and variance v multiplies the variance sigma^2 by 1 + v (1 + m^2),
 * with m = mean / sd of the neuron. */
void enclose_spread_by_factor(arb_t value, const struct law *law, slong neuron, const fmpq_t factor_variance,
                              slong bits);

#endif
