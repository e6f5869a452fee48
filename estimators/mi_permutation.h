/* Permutation test of independence, and the estimates with permuted samples that it and the null table rest on. */
#ifndef ICLAB_ESTIMATORS_MI_PERMUTATION_H
#define ICLAB_ESTIMATORS_MI_PERMUTATION_H

#include "estimators/mutual_information.h"
#include "kernels/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a permutation test is to do. */
struct icl_permutation_plan {
    unsigned permutations; /* M; 0: no test, p is nan */
    size_t block;          /* so many consecutive samples stay together; 0 and 1: each goes its own way */
    unsigned stop;         /* h: end as soon as h permuted values have reached the observed one; 0: never */
};

/* How far a test has come. */
struct icl_permutation_progress {
    unsigned done, reached; /* permutations; those whose estimate reached the observed one */
};

/* Equal estimates can differ by the rounding of sums in another order: so far apart, nats, they are equal. */
#define ICL_MI_ROUNDING 1e-12

/* p-value of independence against `observed`, the estimate of the pair as it is: y is permuted M times,
 * p = (b + 1) / (M + 1) with b the permuted estimates not below `observed` by more than ICL_MI_ROUNDING (Davison &
 * Hinkley 1997, 4.3). Never 0.
 * Exact where all orders of y are equally likely under the null, whatever the law of x and of y, atoms included: p <= a
 * happens at most as often as a, and equally often for a = j/(M+1) where estimates do not tie.
 *
 * stop = h: if the h-th value that reaches `observed` is that of permutation m, the test ends with p = h / m (Besag &
 * Clifford 1991): as exact, and about h (1 + ln(M/h)) estimates instead of M for an independent pair.
 *
 * block = L: for samples that depend on their predecessors. Blocks of L consecutive samples are permuted (the last one
 * may be shorter). It needs blocks much longer than the memory of the samples, and many of them; then it is
 * approximate: what binds samples across the ends of blocks is lost. Fewer than 5 whole blocks: ICL_ERR_INPUT.
 *
 * A constant column: p = 1; a non-finite one, or observed = nan: nan. `stream` picks the permutations (its step is set
 * here: the number of the permutation). Costs M estimates without what depends on one column alone: the bins of the
 * plug-in, the scores of the Gaussian copula, ranks and atoms of all. */
icl_status icl_mi_permutation_test(const struct icl_column *x, const struct icl_column *y,
                                   const struct icl_mi_options *options, double observed,
                                   const struct icl_permutation_plan *plan, const struct icl_stream *stream,
                                   struct icl_workspace *workspace, double *p, struct icl_error *err);

/* The same of any estimate from n samples, one side of which is permuted: sample i goes with permutation[i]. */
typedef icl_status icl_permuted_estimate(void *context, const uint32_t *permutation, struct icl_workspace *workspace,
                                         double *mi, struct icl_error *err);
icl_status icl_permutation_test(size_t n, double observed, const struct icl_permutation_plan *plan,
                                const struct icl_stream *stream, icl_permuted_estimate *estimate, void *context,
                                struct icl_workspace *workspace, double *p, struct icl_error *err);

/* ---- its parts ---- */

/* Fewer than 5 whole blocks: ICL_ERR_INPUT. */
icl_status icl_permutation_check(size_t n, const struct icl_permutation_plan *plan, struct icl_error *err);

/* Does the test want another estimate? It is then told: that of permutation progress->done. At the end: p. */
bool icl_permutation_goes_on(const struct icl_permutation_plan *plan, const struct icl_permutation_progress *progress);
void icl_permutation_told(struct icl_permutation_progress *progress, double observed, double mi);
double icl_permutation_p(const struct icl_permutation_plan *plan, const struct icl_permutation_progress *progress);

/* A pair whose y is about to be permuted, again and again. */
struct icl_mi_shuffled {
    const struct icl_column *x, *y;
    struct icl_mi_options options;
    struct icl_pair_bins bins; /* plug-in; otherwise bins.x is NULL */
    double *score_x, *score_y; /* Gaussian copula: normal scores; NULL otherwise */
};

/* Does once what no permutation changes. The columns must outlive it; its arrays lie in the workspace. O(n). */
icl_status icl_mi_shuffled_begin(const struct icl_column *x, const struct icl_column *y,
                                 const struct icl_mi_options *options, struct icl_workspace *workspace,
                                 struct icl_mi_shuffled *shuffled, struct icl_error *err);

/* The estimate of icl_mi_pair, to the last bit, of x and of y's samples in the order permutation[0 .. n-1]. */
icl_status icl_mi_shuffled_estimate(const struct icl_mi_shuffled *shuffled, const uint32_t *permutation,
                                    struct icl_workspace *workspace, double *mi, struct icl_error *err);

/* A random order of 0 .. n-1 that keeps blocks of `block` together; block 0 and 1: icl_random_permutation. O(n). */
icl_status icl_block_permutation(const struct icl_stream *stream, size_t n, size_t block,
                                 struct icl_workspace *workspace, uint32_t *permutation, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
