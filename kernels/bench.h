/* Timings of the kernel table against the reference and against what the machine can do. */
#ifndef ICLAB_KERNELS_BENCH_H
#define ICLAB_KERNELS_BENCH_H

#include <stdio.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes a TSV table, one line a kernel: name, size, median seconds of the reference and of the fast version, their
 * ratio, the rate of the fast version and its unit, and the share of the machine's peak that it reaches. `repetitions`
 * (1 or more; 0: 5) go round all kernels, so that a slow moment of the machine falls on all. Peaks, the best of all
 * rounds: copying (memcpy or a plain loop, arrays as large) for kernels that stream, multiply-adds in double for
 * products. One thread, a second or two for each five repetitions. `out` stays open. */
icl_status icl_bench_kernels(FILE *out, unsigned repetitions, struct icl_error *err);

/* Writes a second table: the correlation of all pairs of 10000 x 256, 512 and 1024 normal values (icl_correlation:
 * centring, products, finishing) on one thread and on two where there are two, between products of large squares in the
 * same rounds. Median seconds, the rate of operations that are needed (n c (c+1) for c columns), its share of the
 * product in double on as many threads (one each), and of the multiply-adds. Some seconds for each five repetitions. */
icl_status icl_bench_products(FILE *out, unsigned repetitions, struct icl_error *err);

/* Writes a third table: the IC layer (stage_sums and stage_forward, stage_backward_sums and stage_backward) on arrays
 * of 264 MiB together, on all processors, beside copies of such arrays in the same rounds. Median seconds, and how many
 * times as long it takes as the faster copy needs for the bytes that must be read and written once: x and y, or x, dy
 * and dx. Some seconds for each five repetitions. */
icl_status icl_bench_stages(FILE *out, unsigned repetitions, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
