/* Intervals from blocks: the jackknife. Error bars of a single estimate are in estimators/mi_error.h, tests of
 * independence in estimators/mi_permutation.h and mi_null_table.h. */
#ifndef ICLAB_ESTIMATORS_UNCERTAINTY_H
#define ICLAB_ESTIMATORS_UNCERTAINTY_H

#include "estimators/mutual_information.h"
#include "kernels/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A number, or several, computed from the mean of block vectors (`size` values). */
typedef double (*icl_statistic)(const double *mean, size_t size, const void *context);
typedef void (*icl_statistics)(const double *mean, size_t size, double *value, const void *context);

/* The statistics (`count` numbers) of the mean over all of `blocks` >= 2 blocks, and without each of them: without[b *
 * count .. + count - 1], NULL: not wanted. Block b holds the vector block[b * size .. + size - 1]. O(blocks size) and
 * blocks + 1 calls. */
icl_status icl_leave_one_out(const double *block, size_t blocks, size_t size, icl_statistics statistics,
                             const void *context, size_t count, double *all, double *without, struct icl_error *err);

/* An estimate with its standard error and the 95 % interval from Student's t with `df` degrees of freedom. */
struct icl_interval {
    double estimate, se, df, lo, hi;
};

/* Delete-one jackknife over independent blocks: the statistic of the mean vector is the estimate, and se^2 = (B-1)/B
 * sum (s_(b) - mean s_(.))^2 with s_(b) the statistic without block b (Efron & Stein 1981). Takes the whole covariance
 * of the vector into account. df = B - 1; B >= 2. O(B size).
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
