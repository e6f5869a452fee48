/* How far off an estimate of mutual information is: standard errors, intervals, drift. */
#ifndef ICLAB_ESTIMATORS_MI_ERROR_H
#define ICLAB_ESTIMATORS_MI_ERROR_H

#include "estimators/mutual_information.h"
#include "estimators/subsample.h"
#include "estimators/uncertainty.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Standard error of icl_mi_pair by disjoint subsamples (Holmes & Nemenman 2019): for s = 2 .. 10 the samples are split
 * at random into s parts, v_s is the sample variance of the estimate over the parts, and
 * se^2 = sum (s-1)/s v_s / sum (s-1). Splits that leave a part with fewer than 4 (k+1) samples are left out; if none
 * is left, *se = nan. The bootstrap would be wrong here: repeated samples are neighbours at distance 0.
 * `stream` picks the splits (its step is set here). Costs about nine estimates. */
icl_status icl_mi_standard_error(const struct icl_column *x, const struct icl_column *y,
                                 const struct icl_mi_options *options, const struct icl_stream *stream,
                                 struct icl_workspace *workspace, double *se, struct icl_error *err);

/* The same for samples in the order of time: parts are made of whole blocks of `block` neighbouring samples (the last
 * one shorter), each to a part at random. Splits into more than a quarter as many parts as there are blocks are left
 * out. block <= 1 is icl_mi_standard_error. */
icl_status icl_mi_block_error(const struct icl_column *x, const struct icl_column *y,
                              const struct icl_mi_options *options, const struct icl_sampling *sampling,
                              struct icl_workspace *workspace, double *se, struct icl_error *err);

/* icl_mi_pair with its standard error and 95 % interval, estimate +- t se.
 *
 * Decomposition (so AUTO, but on lattices), KSG1, plug-in: the estimate is a mean of local terms, about
 * ln p(x,y) / (p(x) p(y)), the efficient influence function of I plus I itself. se^2 = (variance of the terms + excess)
 * / n, where the excess is what the terms, made from common neighbours, have in common (docs/estimators.md); df from
 * the fourth moment of the terms. Costs hardly more than the estimate. With blocks: from the sums over whole blocks,
 * df = blocks - 1.
 * Others: icl_mi_block_error with icl_subsample_df.
 *
 * It measures spread, not bias. Truths at I = 0 lie at the edge of what is possible: use a permutation test there.
 * Constant columns: 0 +- 0; NaN or inf in a column, or too few samples for any split: nan. Fewer than 8 blocks:
 * ICL_ERR_INPUT. */
icl_status icl_mi_interval(const struct icl_column *x, const struct icl_column *y, const struct icl_mi_options *options,
                           const struct icl_sampling *sampling, struct icl_workspace *workspace,
                           struct icl_interval *interval, struct icl_error *err);

/* Samples that a part of a pair or of groups has to have: four for each neighbour and the point itself. */
size_t icl_mi_least_part(const struct icl_mi_options *options);

/* Does the estimate drift (Holmes & Nemenman 2019)? Both numbers are differences over the larger of the two standard
 * errors; beyond +-ICL_MI_DRIFT_LIMIT no interval of this estimate is to be trusted, its bias is of the size of its
 * error. nan where it cannot be said.
 *   over_n: mean estimate of four parts of n/4 samples (of whole blocks), less the estimate from all. Where the bias
 *           goes as n^-1/2, the bias of the whole is as large as this difference; as 1/n, a third of it.
 *   over_k: the estimate with 4 k neighbours, less that with k: `options.k`, or 4 in place of a pilot's choice. nan for
 *           estimators without neighbours. */
enum { ICL_MI_DRIFT_LIMIT = 2 };
struct icl_mi_drift {
    double over_n, over_k;
};
icl_status icl_mi_find_drift(const struct icl_column *x, const struct icl_column *y,
                             const struct icl_mi_options *options, const struct icl_sampling *sampling,
                             struct icl_workspace *workspace, struct icl_mi_drift *drift, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
