/* Training on a device: whole steps checked against the processor's, and how long they take. */
#ifndef ICLAB_TRAINER_DEVICE_BENCH_H
#define ICLAB_TRAINER_DEVICE_BENCH_H

#include "kernels/device_bench.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The first 20 losses of small batches on the device and on the processor, float32, same masks: a line a network, with
 * the largest difference, which may be 1e-3 (relative to the first loss where that is above 1). `only` chooses among
 * the networks. On an emulated device: a small network alone. Adds to *counts. */
icl_status icl_bench_device_losses(struct icl_device *device, const struct icl_device_bench_options *options, FILE *out,
                                   struct icl_device_bench_counts *counts, struct icl_error *err);

/* Whole training steps, recorded and done again: a batch made of bytes on the device, forward, backward, the norm of
 * the gradient, SGD. A line for each of five networks, two orders and three precisions: median seconds a step, images a
 * second, operations of the convolutions, their rate and its share of the peak. On an emulated device: a small network,
 * and "-" for every figure. */
icl_status icl_bench_device_steps(struct icl_device *device, const struct icl_device_bench_options *options,
                                  const struct icl_device_peaks *peaks, FILE *out,
                                  struct icl_device_bench_counts *counts, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
