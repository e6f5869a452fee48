/* Mutual information of two groups of neurons (vectors x and y), nats, raw: the kNN family in the maximum norm. */
#ifndef ICLAB_ESTIMATORS_MI_GROUPS_H
#define ICLAB_ESTIMATORS_MI_GROUPS_H

#include "estimators/mutual_information.h"

#ifdef __cplusplus
extern "C" {
#endif

/* size >= 1 prepared columns of the same n. Nothing is owned. */
struct icl_column_group {
    const struct icl_column *const *column;
    size_t size;
};

/* Is there a form of it for groups? auto, decomposition, ksg1, ksg2, mesner-shalizi. */
bool icl_mi_takes_groups(enum icl_mi_estimator estimator);

/* I(X;Y) of two groups by the estimator of `options`; k = 0: ICL_MI_DEFAULT_K. One column against one column is
 * icl_mi_pair. Otherwise, with z values as coordinates and distances in the maximum norm over a group:
 * - ksg1: psi(k) + psi(n) - <psi(nx+1) + psi(ny+1)>, nx the samples strictly nearer in X than the k-th neighbour over
 *   all coordinates. Kraskov, Stoegbauer & Grassberger (2004), eq. 8 (their x and y may be vectors).
 * - ksg2: psi(k) - 1/k + psi(n) - <psi(nx) + psi(ny)>, nx the samples within eps_x in X. eps_x is ONE number a group,
 * the largest distance in X among the k neighbours; so the boxes have two sides, and the term is 1/k. The same, eq. 9.
 * - mesner-shalizi: <psi(kt) + psi(n) - psi(nx) - psi(ny)>, counts with ties (Mesner & Shalizi 2019, for vectors).
 * - decomposition: icl_mi_groups_decomposition. auto: icl_mi_groups_choose.
 * Constant columns tell nothing and are left out; a group of constants has MI 0, a column with NaN or inf makes it nan,
 * with a note each. Other estimators: ICL_ERR_USAGE. n <= k, columns of different n: ICL_ERR_INPUT.
 * Cost: icl_grouped_counts; memory O(n columns). The bias of all kNN estimates grows with the number of coordinates. */
icl_status icl_mi_groups(const struct icl_column_group *x, const struct icl_column_group *y,
                         const struct icl_mi_options *options, struct icl_workspace *workspace,
                         struct icl_mi_result *result, struct icl_error *err);

/* The estimator that AUTO stands for, in the spirit of icl_mi_choose: Mesner-Shalizi
 * - where a group has more than sqrt(n) atom patterns, as it has if a column has as many atoms,
 * - where a column has a continuous part, there are more than ICL_MI_COARSE pairs of patterns, and fewer than 100
 * samples for each,
 * - where all is discrete, both groups have more than ICL_MI_COARSE patterns, and there are fewer than 10 samples for
 * each pair of them; the decomposition elsewhere. Columns must be regular. O(n columns). */
icl_status icl_mi_groups_choose(const struct icl_column_group *x, const struct icl_column_group *y,
                                struct icl_workspace *workspace, enum icl_mi_estimator *estimator,
                                struct icl_error *err);

/* Decomposition by atoms. The identity of a group is its pattern: the tuple of its columns' atom identities, A and B.
 * A is a function of X and B of Y, so by the chain rule
 *   I(X;Y) = I(A;B) + sum_a P(a) I(X_a; B | A=a) + sum_b P(b) I(A; Y_b | B=b) + sum_ab P(ab) I(X_a; Y_b | A=a, B=b),
 * X_a the columns of X that are continuous in the pattern a (the others are fixed by a). A plug-in with the
 * Miller-Madow correction over occupied patterns, a Ross term (icl_mi_ross_vector) for each pattern of one side, a KSG1
 * term (Mesner-Shalizi where a column is tied, or the distances of more than 1/ICL_TIED_SHARE of the samples: the
 * scores of few samples in many columns) for each pair of patterns. Coordinates are the normal scores of each
 * column's continuous part. A term of at most k samples counts as 0 and leaves ICL_MI_NOTE_TERM_SKIPPED: with many
 * gates most patterns are that rare, and the estimate is then that of the table alone. Columns must be regular; k >= 1.
 * Memory O(n columns) whatever the number of patterns. Fills all of `result` but its estimator. */
icl_status icl_mi_groups_decomposition(const struct icl_column_group *x, const struct icl_column_group *y, unsigned k,
                                       struct icl_workspace *workspace, struct icl_mi_result *result,
                                       struct icl_error *err);

/* Ross (2014) for a vector: I(x;label) of n samples with `dimensions` coordinates at[a][i] and labels 0 .. classes-1:
 * psi(n) - <psi(n_class) - psi(kt) + psi(m)>, kt the samples of the own class within its min(k, n_class - 1)-th
 * neighbour, ties counted, m those of all classes, both without the point. Classes of one sample are dropped; at most k
 * samples left: *mi = nan. For one coordinate the same as icl_mi_ross up to rounding. */
icl_status icl_mi_ross_vector(const double *const *at, size_t dimensions, const uint32_t *label, size_t n,
                              size_t classes, unsigned k, struct icl_workspace *workspace, double *mi,
                              struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
