/* The highest rates of this machine, as yardsticks: multiply-adds for products, copying for what streams. */
#ifndef ICLAB_KERNELS_CPU_PEAK_H
#define ICLAB_KERNELS_CPU_PEAK_H

#include <stddef.h>

/* Runs `rounds` rounds of independent multiply-adds in double, in the widest vectors this machine has, and returns how
 * many operations (two a multiply-add) that were. */
double icl_cpu_multiply_add(unsigned rounds);

/* to[i] = -from[i]: a copy that stays a loop, where memcpy may choose to go round the caches. */
void icl_cpu_negate(const float *from, size_t count, float *to);

#endif
