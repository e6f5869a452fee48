/* Standard errors from disjoint subsamples, of any estimate. */
#ifndef ICLAB_ESTIMATORS_SUBSAMPLE_H
#define ICLAB_ESTIMATORS_SUBSAMPLE_H

#include <stdbool.h>

#include "estimators/workspace.h"
#include "kernels/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the samples were drawn. block <= 1: independent of each other. block = L: in the order of time, dependent over
 * fewer than L samples. `stream` picks the splits of a subsampling (its step is set by the functions below). */
struct icl_sampling {
    struct icl_stream stream;
    size_t block;
};

/* An estimate by neighbours wants so many samples of a part for each neighbour and the point itself. */
enum { ICL_SUBSAMPLE_ROWS_PER_NEIGHBOUR = 4 };

/* n samples to be cut into parts of whole blocks (the last block may be shorter), `least` samples a part. */
struct icl_cut {
    size_t n, block, blocks, least;
    struct icl_stream stream;
};
struct icl_cut icl_cut_of(size_t n, size_t least, const struct icl_sampling *sampling);

/* Are parts large enough, and of four blocks or more where samples are dependent? */
bool icl_can_cut(const struct icl_cut *cut, unsigned parts);

/* An estimate from the samples chosen[0..m-1] (ascending); *value has room for two numbers. */
typedef icl_status icl_subsample_estimate(void *context, const uint32_t *chosen, size_t m, struct icl_workspace *ws,
                                          double *value, struct icl_error *err);

/* Cuts the samples into `parts` disjoint parts, each block to one of them at random, and estimates from each. */
icl_status icl_for_each_part(const struct icl_cut *cut, unsigned parts, icl_subsample_estimate *estimate, void *context,
                             struct icl_workspace *workspace, double (*value)[2], struct icl_error *err);

/* Standard error of an estimate (Holmes & Nemenman 2019): for s = 2 .. 10, as far as the samples can be cut, v_s is the
 * sample variance of the estimate over s parts, and se^2 = sum (s-1)/s v_s / sum (s-1); nan where they cannot be cut at
 * all. The bootstrap would be wrong for neighbours: repeated samples are at distance 0. Costs about nine estimates. */
icl_status icl_subsample_error(const struct icl_cut *cut, icl_subsample_estimate *estimate, void *context,
                               struct icl_workspace *workspace, double *se, struct icl_error *err);

/* Its degrees of freedom for an interval. Were the splits independent of one another they would add up, to sum (s-1),
 * 45 for all nine; ICL_SUBSAMPLING_DF was measured for these (docs/estimators.md). Few samples or blocks allow few
 * splits: the share of that which their sum has, at least 1. */
enum { ICL_SUBSAMPLING_DF = 35 };
double icl_subsample_df(const struct icl_cut *cut);

#ifdef __cplusplus
}
#endif

#endif
