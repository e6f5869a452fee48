/* What the benchmarks of kernels/ share. */
#ifndef ICLAB_KERNELS_BENCH_INTERNAL_H
#define ICLAB_KERNELS_BENCH_INTERNAL_H

/* The median of `count` >= 1 values, which are put in order. */
double icl_bench_median(double *values, unsigned count);

#endif
