/* The laws of a neuron pair under dropout: what theory gives for the pair after it, from its values before. */
#ifndef ICLAB_ESTIMATORS_DROPOUT_LAW_H
#define ICLAB_ESTIMATORS_DROPOUT_LAW_H

#include <stdbool.h>

#include "kernels/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* x' = g x and y' = h y with gates of mean q = keep in (0,1]: independent; shared, g = h; or Gaussian, g = 1 + e with
 * e ~ N(0, (1-q)/q), independent for x and y. Scaling the result by 1/q changes none of these values. */

/* Does the law give the value itself, or an upper bound of it? */
enum icl_dropout_law_kind { ICL_LAW_EQUAL, ICL_LAW_BOUND, ICL_LAW_KIND_COUNT };

/* "equal", "bound". */
extern const char *const icl_dropout_law_kind_names[ICL_LAW_KIND_COUNT];

/* H_b(q) = -q ln q - (1-q) ln(1-q), nats; 0 at q = 0 and q = 1, nan outside [0,1]. */
double icl_binary_entropy(double q);

/* The correlation after, exact for any law: rho is the correlation before, m_x and m_y are mean / sd before.
 * Independent and Gaussian: q rho / sqrt((1+(1-q)m_x^2)(1+(1-q)m_y^2)).
 * Shared: (rho + (1-q) m_x m_y) / the same root. */
double icl_dropout_correlation(enum icl_gate gate, double keep, double rho, double m_x, double m_y);

/* The mutual information after, nats, `mi` being that before. Independent: q^2 mi. Shared: H_b(q) + q mi.
 * Gaussian: mi (no more can come out of noise than went in). */
double icl_dropout_mi(enum icl_gate gate, double keep, double mi);

/* Bernoulli gates: equal where neither x nor y is 0 with positive probability; an atom at 0 hides the gate, and the
 * value is a bound. Gaussian: a bound. keep = 1: equal always, nothing is dropped. */
enum icl_dropout_law_kind icl_dropout_mi_kind(enum icl_gate gate, double keep, bool atom_at_zero);

#ifdef __cplusplus
}
#endif

#endif
