/* Error bars and tests for estimates: subsampling, permutation, jackknife over blocks. */
#ifndef ICLAB_ESTIMATORS_UNCERTAINTY_H
#define ICLAB_ESTIMATORS_UNCERTAINTY_H

#include "estimators/mutual_information.h"
#include "kernels/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An estimate from the samples chosen[0..m-1] (ascending). */
typedef icl_status icl_subsample_estimate(void *context, const uint32_t *chosen, size_t m, struct icl_workspace *ws,
                                          double *value, struct icl_error *err);

/* Standard error of an estimate from n samples, from disjoint subsamples as below; parts have at least `least` samples.
 */
icl_status icl_subsample_error(size_t n, size_t least, icl_subsample_estimate *estimate, void *context,
                               const struct icl_stream *stream, struct icl_workspace *workspace, double *se,
                               struct icl_error *err);

/* Standard error of icl_mi_pair by disjoint subsamples (Holmes & Nemenman 2019): for s = 2 .. 10 the samples are split
 * at random into s parts, v_s is the sample variance of the estimate over the parts, and
 * se^2 = sum (s-1)/s v_s / sum (s-1). Splits that leave a part with fewer than 4 (k+1) samples are left out; if none
 * is left, *se = nan. The bootstrap would be wrong here: repeated samples are neighbours at distance 0.
 * `stream` picks the splits (its step is set here). Costs about nine estimates. */
icl_status icl_mi_standard_error(const struct icl_column *x, const struct icl_column *y,
                                 const struct icl_mi_options *options, const struct icl_stream *stream,
                                 struct icl_workspace *workspace, double *se, struct icl_error *err);

/* p-value of independence against `observed`: y is permuted `permutations` times, p = (b + 1) / (m + 1) with b the
 * permuted estimates not below `observed`. Never 0. A constant column: 1; a non-finite one: nan. */
icl_status icl_mi_permutation_test(const struct icl_column *x, const struct icl_column *y,
                                   const struct icl_mi_options *options, double observed, unsigned permutations,
                                   const struct icl_stream *stream, struct icl_workspace *workspace, double *p,
                                   struct icl_error *err);

/* A number computed from the mean of block vectors (`size` values). */
typedef double (*icl_statistic)(const double *mean, size_t size, const void *context);

/* An estimate with its standard error and the 95 % interval from Student's t with `df` degrees of freedom. */
struct icl_interval {
    double estimate, se, df, lo, hi;
};

/* Delete-one jackknife over independent blocks: block b holds the vector block[b * size .. + size - 1]; the statistic
 * of the mean vector is the estimate, and se^2 = (B-1)/B sum (s_(b) - mean s_(.))^2 with s_(b) the statistic without
 * block b (Efron & Stein 1981). Takes the whole covariance of the vector into account. df = B - 1; B >= 2. O(B size).
 */
icl_status icl_jackknife(const double *block, size_t blocks, size_t size, icl_statistic statistic, const void *context,
                         struct icl_interval *interval, struct icl_error *err);

/* Its last step: se, df, lo and hi of an interval from its estimates without each of `blocks` >= 2 blocks. */
void icl_jackknife_interval(const double *without, size_t blocks, struct icl_interval *interval);

/* Fills lo and hi of an interval from estimate, se and df (inf: normal) for the two-sided level, .95 for instance. */
void icl_interval_set(struct icl_interval *interval, double level);

/* lo at one-sided `level`: estimate - t se; hi: estimate + t se. */
double icl_interval_lower(const struct icl_interval *interval, double level);
double icl_interval_upper(const struct icl_interval *interval, double level);

#ifdef __cplusplus
}
#endif

#endif
