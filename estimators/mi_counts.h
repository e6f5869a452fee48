/* Information of tables of whole counts, in fixed point: sums of n ln n that no order of summation can change. */
#ifndef ICLAB_ESTIMATORS_MI_COUNTS_H
#define ICLAB_ESTIMATORS_MI_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* With N samples in cells n_c and the margins n_a of d variables,
 *     TC = (sum_c n_c ln n_c - sum_a sum n_a ln n_a + (d-1) N ln N) / N
 * (d = 2: the mutual information), the plug-in of Kullback and Leibler. Each n ln n is rounded once, to a whole number
 * of 2^-shift; these are added exactly. So a table gives the same bits in whatever order, by however many threads and
 * with whatever instructions its cells are added, and the same as the table turned over. The error is that of a double
 * n ln n, about 1e-16 ln N. */

/* The shift for tables of `total` samples: N ln N takes 58 bits, so that no sum over 8 variables leaves 64. */
int icl_counts_shift(uint64_t total);

/* count ln count, in units of 2^-shift nats; 0 for 0. */
int64_t icl_counts_term(uint64_t count, int shift);

/* TC in nats from the sums over cells and over all margins, minus Miller and Madow's bias
 * (cells - levels + d - 1) / (2 N) where `cells` of the joint table and `levels` of all margins are occupied. An empty
 * table: 0. */
double icl_counts_information(int64_t joint, int64_t margins, unsigned dimensions, uint64_t total);
double icl_counts_miller_madow(size_t cells, size_t levels, unsigned dimensions, uint64_t total);

/* The terms of 0 .. min(total, ICL_COUNT_TERMS_MOST), for tables of `total` samples. Read-only after it is made:
 * threads may share it. */
enum { ICL_COUNT_TERMS_MOST = 1 << 20 };
struct icl_count_terms {
    uint64_t total;
    int shift;
    size_t limit; /* term[0 .. limit-1] */
    int64_t *term;
};

/* O(limit). Owned by the caller: icl_count_terms_free, safe on zeros. */
icl_status icl_count_terms_make(struct icl_count_terms *terms, uint64_t total, struct icl_error *err);
void icl_count_terms_free(struct icl_count_terms *terms);

/* icl_counts_term(count, terms->shift). */
static inline int64_t icl_count_term(const struct icl_count_terms *terms, uint64_t count)
{
    return count < terms->limit ? terms->term[count] : icl_counts_term(count, terms->shift);
}

#ifdef __cplusplus
}
#endif

#endif
