/* Entropy of one neuron: discrete, continuous, and mixed (atoms and a density), nats. */
#ifndef ICLAB_ESTIMATORS_ENTROPY_H
#define ICLAB_ESTIMATORS_ENTROPY_H

#include "estimators/column.h"
#include "estimators/entropy_counts.h"
#include "kernels/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Entropy of a column.
 * discrete: -sum p ln p of the atom identities (the continuous part counts as one more value), corrected for its bias
 *           (estimators/entropy_counts.h; the cells are the values that occur); all there is of a column whose every
 *           value is an atom.
 * continuous: differential entropy of the continuous part, Kozachenko & Leonenko (1987) with k neighbours:
 *           psi(m) - psi(k) + ln 2 + <ln eps>, eps the distance to the k-th neighbour; 0 without a continuous part.
 *           -inf if more than k values coincide (a density cannot do that).
 * mixed: discrete + P(continuous part) * continuous: entropy relative to Lebesgue measure plus a unit point mass at
 *           each atom. Depends on the scale of the values through the continuous part, as differential entropy does.
 * A constant column: all 0. Non-finite: all nan. */
struct icl_entropy {
    double discrete, continuous, mixed;
    double continuous_share; /* P(continuous part) */
};

/* k = 0: ICL_ENTROPY_DEFAULT_K. A continuous part of at most k samples: ICL_ERR_INPUT, with
 * discrete and continuous_share as they are. O(n (k + 1)). The first has the
 * discrete part by Miller-Madow. */
enum { ICL_ENTROPY_DEFAULT_K = 4 };
icl_status icl_entropy_estimate(const struct icl_column *column, unsigned k, struct icl_workspace *workspace,
                                struct icl_entropy *entropy, struct icl_error *err);
icl_status icl_entropy_corrected(const struct icl_column *column, unsigned k, enum icl_count_correction correction,
                                 struct icl_workspace *workspace, struct icl_entropy *entropy, struct icl_error *err);

/* Standard error of `mixed` by disjoint subsamples (icl_subsample_error), parts with 4 (k + 1) samples or more of the
 * continuous part to be expected; nan where there are too few. 0 for a constant column, nan for a non-finite one. About
 * nine times the cost of the estimate. */
icl_status icl_entropy_standard_error(const struct icl_column *column, unsigned k, enum icl_count_correction correction,
                                      const struct icl_stream *stream, struct icl_workspace *workspace, double *se,
                                      struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
