/* Standard errors from disjoint subsamples, of any estimate. */
#ifndef ICLAB_ESTIMATORS_SUBSAMPLE_H
#define ICLAB_ESTIMATORS_SUBSAMPLE_H

#include "estimators/workspace.h"
#include "kernels/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An estimate from the samples chosen[0..m-1] (ascending). */
typedef icl_status icl_subsample_estimate(void *context, const uint32_t *chosen, size_t m, struct icl_workspace *ws,
                                          double *value, struct icl_error *err);

/* Standard error of an estimate from n samples (Holmes & Nemenman 2019): for s = 2 .. 10 the samples are split at
 * random into s parts, v_s is the sample variance of the estimate over the parts, and se^2 = sum (s-1)/s v_s / sum
 * (s-1). Splits that leave a part with fewer than `least` samples are left out; if none is left, *se = nan. The
 * bootstrap would be wrong for neighbours: repeated samples are at distance 0. `stream` picks the splits (its step is
 * set here). Costs about nine estimates. */
icl_status icl_subsample_error(size_t n, size_t least, icl_subsample_estimate *estimate, void *context,
                               const struct icl_stream *stream, struct icl_workspace *workspace, double *se,
                               struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
