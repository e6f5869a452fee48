/* Error bars and tests for the mutual information of groups of columns. */
#ifndef ICLAB_ESTIMATORS_GROUP_UNCERTAINTY_H
#define ICLAB_ESTIMATORS_GROUP_UNCERTAINTY_H

#include "estimators/mi_groups.h"
#include "kernels/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* icl_mi_standard_error for icl_mi_groups: every column of both groups is cut alike. For single columns the same. */
icl_status icl_mi_groups_standard_error(const struct icl_column_group *x, const struct icl_column_group *y,
                                        const struct icl_mi_options *options, const struct icl_stream *stream,
                                        struct icl_workspace *workspace, double *se, struct icl_error *err);

/* p-value of independence against `observed`: the rows of y (all its columns alike) are permuted `permutations` times,
 * p = (b + 1) / (m + 1) with b the permuted estimates not below `observed`. A group of constants: 1; a non-finite
 * column: nan. For single columns the p of icl_mi_permutation_test with the same stream. */
icl_status icl_mi_groups_permutation_test(const struct icl_column_group *x, const struct icl_column_group *y,
                                          const struct icl_mi_options *options, double observed, unsigned permutations,
                                          const struct icl_stream *stream, struct icl_workspace *workspace, double *p,
                                          struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
