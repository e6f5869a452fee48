/* Mutual information of many pairs of neurons on a device: one upload, the same numbers as the processor's. */
#ifndef ICLAB_ESTIMATORS_DEVICE_PAIRS_H
#define ICLAB_ESTIMATORS_DEVICE_PAIRS_H

#include "estimators/mi_permutation.h"
#include "estimators/mutual_information.h"
#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which estimators a device has: auto, the atom decomposition, KSG1, KSG2, Mesner-Shalizi and the plug-in; tables with
 * the correction of Miller and Madow. Of others, and of error bars and drifts, it has nothing. */
bool icl_device_mi_has(const struct icl_mi_options *options);

/* Columns on a device and what one estimator needs of them. */
struct icl_device_mi;

/* The columns, and how they are estimated. */
struct icl_device_mi_task {
    const struct icl_column *column; /* `cols` prepared ones of one length; those in no pair may be zeros. Borrowed */
    size_t cols;
    struct icl_mi_options options;
    unsigned threads; /* of the processor, for pairs that are left to it; 0: all */
    /* Called in the calling thread whenever some more pairs (icl_device_mi_pairs) or estimates
     * (icl_device_permutation_p, which may end with fewer than it could need) are done; NULL: not wanted. */
    void (*advance)(void *context, size_t done);
    void *context;
};

/* Takes the columns to the device, 2 to 30 bytes a sample. Another estimator than icl_device_mi_has: ICL_ERR_USAGE; not
 * enough memory there: ICL_ERR_MEMORY. The device and the columns must outlive it. Owned: icl_device_mi_close (NULL is
 * allowed). */
icl_status icl_device_mi_open(struct icl_device *device, const struct icl_device_mi_task *task,
                              struct icl_device_mi **opened, struct icl_error *err);
void icl_device_mi_close(struct icl_device_mi *mi);

/* Column numbers. */
struct icl_column_pair {
    uint32_t x, y;
};

/* result[p] (NULL: not wanted) as icl_mi_pair of pair p < count and the options gives it: the plug-in, constant and
 * non-finite columns to the last bit, the others to the rounding of their sums: every count, choice of k and note is
 * the same. Pairs that the device does not serve are estimated by the processor first: constants, columns of 1024 atoms
 * and more, tables of atoms with more than 16384 cells or of bins with more than 49152. The rest goes through the
 * device in batches, as many pairs as its memory holds; while one is computed, the one before is read.
 * Errors: those of icl_mi_pair; ICL_ERR_DEVICE, ICL_ERR_MEMORY. A pair costs O(n sqrt(n k)), the plug-in O(n). */
icl_status icl_device_mi_pairs(struct icl_device_mi *mi, const struct icl_column_pair *pair, size_t count,
                               struct icl_mi_result *result, struct icl_error *err);

/* p[i] of icl_mi_permutation_test of pair i < count against observed[i]: the same number to the last bit. Estimates are
 * judged in the order of the permutations; with plan->stop some more than needed are computed. Permuted values that
 * reach the observed one only by rounding differ from it by far less than ICL_MI_ROUNDING, whoever has summed them: so
 * both ways judge alike, but for a value that falls by chance within 1e-14 or so of observed - ICL_MI_ROUNDING. */
icl_status icl_device_permutation_p(struct icl_device_mi *mi, const struct icl_column_pair *pair, size_t count,
                                    const double *observed, const struct icl_permutation_plan *plan,
                                    const struct icl_stream *stream, double *p, struct icl_error *err);

/* Estimates so far that the processor made because the device does not serve them. */
size_t icl_device_mi_left(const struct icl_device_mi *mi);

#ifdef __cplusplus
}
#endif

#endif
