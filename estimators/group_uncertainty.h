/* Error bars and tests for the mutual information of groups of columns. */
#ifndef ICLAB_ESTIMATORS_GROUP_UNCERTAINTY_H
#define ICLAB_ESTIMATORS_GROUP_UNCERTAINTY_H

#include "estimators/mi_error.h"
#include "estimators/mi_groups.h"
#include "estimators/mi_permutation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* icl_mi_interval for icl_mi_groups: of single columns the same; of more, from disjoint subsamples, every column of
 * both groups being cut alike. */
icl_status icl_mi_groups_interval(const struct icl_column_group *x, const struct icl_column_group *y,
                                  const struct icl_mi_options *options, const struct icl_sampling *sampling,
                                  struct icl_workspace *workspace, struct icl_interval *interval,
                                  struct icl_error *err);

/* icl_mi_permutation_test for icl_mi_groups: the rows of y, all its columns alike, are permuted. Of single columns the
 * same p with the same stream. */
icl_status icl_mi_groups_permutation_test(const struct icl_column_group *x, const struct icl_column_group *y,
                                          const struct icl_mi_options *options, double observed,
                                          const struct icl_permutation_plan *plan, const struct icl_stream *stream,
                                          struct icl_workspace *workspace, double *p, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
