/* Mutual information of all pairs on a device, by the clock on the wall. */
#ifndef ICLAB_ESTIMATORS_DEVICE_BENCH_H
#define ICLAB_ESTIMATORS_DEVICE_BENCH_H

#include "kernels/device_bench.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All pairs of 512 columns of 10,000 samples, by KSG1 with 3 neighbours and by the atom decomposition with half of each
 * column at zero: a line each with the median of three runs from prepared columns to estimates (upload, ranks, kernels,
 * what is read back), and the largest difference of 16 estimates from those of the processor, which may be 1e-9. The
 * peer's limit for KSG is 10 seconds. On an emulated device: a few short columns, and "-" for the seconds. Adds to
 * *counts. */
icl_status icl_bench_device_pairs(struct icl_device *device, uint64_t seed, FILE *out,
                                  struct icl_device_bench_counts *counts, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
