/* What a device does, checked against the reference on random inputs, and how long it takes, beside what it can reach:
 * `make gpu-check` and `iclab bench cuda`. */
#ifndef ICLAB_KERNELS_DEVICE_BENCH_H
#define ICLAB_KERNELS_DEVICE_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

struct icl_device_bench_options {
    uint64_t seed;    /* of all inputs */
    bool check, time; /* what is done; time: small sizes and no figures on an emulated device */
    const char *only; /* kernels whose name holds this text; NULL: all */
};

/* What came out of it. */
struct icl_device_bench_counts {
    size_t passed, failed, missing; /* checks; kernels of the table that are not there or have no check */
};

/* The best rates that were measured on the device; 0: not measured. */
struct icl_device_peaks {
    double copy;                 /* bytes a second, read and written */
    double f32, tf32, bf16, f64; /* operations a second of large products */
};

/* One line: name, versions, memory. */
void icl_device_describe(const struct icl_device *device, FILE *out);

/* Measures the copy of some GB and large products, and prints them as a table. On an emulated device: small ones, and
 * "-" for every figure. */
icl_status icl_bench_device_peaks(struct icl_device *device, FILE *out, struct icl_device_peaks *peaks,
                                  struct icl_error *err);

/* Every kernel of the table: its checks, then its times, a line for each size. Columns: kernel, form and size, seconds
 * (median), bytes or operations, rate, share of the peak in per cent, checks. Adds to *counts. A check that fails is a
 * line, not an error; a device that fails is one. */
icl_status icl_bench_device(struct icl_device *device, const struct icl_device_bench_options *options,
                            const struct icl_device_peaks *peaks, FILE *out, struct icl_device_bench_counts *counts,
                            struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
