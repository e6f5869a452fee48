/* One simulated null distribution for all pairs of columns: where an estimate rests on ranks, what it does under
 * independence depends on n, on how many samples are atoms in x and in y, and on nothing else of the data. */
#ifndef ICLAB_ESTIMATORS_MI_NULL_TABLE_H
#define ICLAB_ESTIMATORS_MI_NULL_TABLE_H

#include "estimators/mutual_information.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The share of atoms takes these many grid points between its least and its greatest value, evenly spaced in
 * asin(sqrt(share)), and share 0. The draws of a whole table take at most ICL_NULL_MOST_BYTES. */
enum { ICL_NULL_POINTS = 16 };
#define ICL_NULL_MOST_BYTES ((size_t)1 << 30)

/* M draws of the estimate of independent columns for each pair of grid points that was asked for. */
struct icl_mi_null_table;

/* Can the null of this estimator be shared at all? The decomposition and the plug-in (AUTO: where it becomes the
 * former); not those that measure distances of values (ksg1, ksg2, mesner-shalizi), nor the Gaussian copula, whose
 * scores depend on where in the order the atom stands and whose exact null is in estimators/mi_analytic_null.h. */
bool icl_mi_null_sharable(enum icl_mi_estimator estimator);

/* A table without draws for columns of n samples, `draws` >= 1 a grid point. Draws are functions of (seed, n, grid
 * points, number of the draw). Owned by the caller: icl_mi_null_table_free, safe on NULL. An estimator that is not
 * sharable: ICL_ERR_USAGE. More draws than fit (877 240): ICL_ERR_INPUT. */
icl_status icl_mi_null_table_create(struct icl_mi_null_table **table, size_t n, const struct icl_mi_options *options,
                                    unsigned draws, uint64_t seed, struct icl_error *err);
void icl_mi_null_table_free(struct icl_mi_null_table *table);

/* What the null needs to know of a column: so much can be kept when the column itself is gone. Of a zeroed class
 * nothing is known, and no table serves it. */
struct icl_null_class {
    size_t n, atoms; /* samples in the atom; 0: none */
    enum icl_column_state state;
    bool by_ranks; /* at most one atom, and a continuous part of which few values repeat */
};
struct icl_null_class icl_null_class_of(const struct icl_column *column);

/* Has the table an answer for this pair? Both are of the table's n and by_ranks (AUTO then means the decomposition), or
 * one is constant or not finite. Otherwise: icl_mi_permutation_test. */
bool icl_mi_null_table_serves(const struct icl_mi_null_table *table, struct icl_null_class x, struct icl_null_class y);

/* Asks for the grid points about a pair that is served; others are passed over. O(1). */
void icl_mi_null_table_ask(struct icl_mi_null_table *table, struct icl_null_class x, struct icl_null_class y);

/* Simulates what was asked for, on `threads` threads (0: all processors). At most ICL_NULL_POINTS^2 / 2 times M
 * estimates, whatever the number of pairs. The draws of a grid point depend neither on the threads nor on what else was
 * asked for. */
icl_status icl_mi_null_table_fill(struct icl_mi_null_table *table, unsigned threads, struct icl_error *err);

/* p = (b + 1) / (M + 1), b the null values not below `observed` (by more than ICL_MI_ROUNDING): never 0,
 * never below 1 / (M + 1). Null values of a pair between grid points: the quantiles of its (at most four) neighbours,
 * interpolated linearly in asin(sqrt(share)). A constant column: 1; observed = nan: nan. The pair must be served and
 * asked for before the fill, otherwise ICL_ERR_INPUT. Pairs share their draws: their p-values go up and down together
 * by the noise of the table, about sqrt(p (1 - p) / M). O(log M); threads may call it at the same time. */
icl_status icl_mi_null_table_p(const struct icl_mi_null_table *table, struct icl_null_class x, struct icl_null_class y,
                               double observed, double *p, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
