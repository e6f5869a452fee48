/* Information of tables of whole counts in fixed point: the arithmetic of estimators/mi_counts.h, where it is
 * explained. `n_log_n` are values n ln n of the host's logarithm, so that a device gives the same bits. */
#ifndef ICLAB_KERNELS_SHARED_COUNTS_H
#define ICLAB_KERNELS_SHARED_COUNTS_H

#include <math.h>
#include <stdint.h>

#include "kernels/host_device.h"

/* The shift for tables whose total N gives N ln N = `most`: that takes 58 bits. N < 2: give 0. */
ICL_HD int icl_fixed_shift(double most)
{
    return most > 0 ? 57 - ilogb(most) : 0;
}

/* n ln n in units of 2^-shift. */
ICL_HD int64_t icl_fixed_term(double n_log_n, int shift)
{
    return (int64_t)llrint(ldexp(n_log_n, shift));
}

/* The sums over cells and over all margins, and the term of the total N > 0, to nats. */
ICL_HD double icl_fixed_information(int64_t joint, int64_t margins, unsigned dimensions, int64_t total_term, int shift,
                                    double total)
{
    const int64_t sum = joint - margins + (int64_t)(dimensions - 1) * total_term;
    return ldexp((double)sum, -shift) / total;
}

/* Miller and Madow's bias, of N > 0 samples. */
ICL_HD double icl_fixed_miller_madow(double cells, double levels, unsigned dimensions, double total)
{
    return (cells - levels + (double)dimensions - 1) / (2 * total);
}

#endif
