#include "kernels/kernels.h"

#include <math.h>
#include <pthread.h>

#include "kernels/cpu/variants.h"
#include "kernels/shared/norm.h"
#include "kernels/table_internal.h"

static struct kernels best_table;
static pthread_once_t best_once = PTHREAD_ONCE_INIT;

static void make_best(void)
{
    best_table = icl_reference_table;
    if (icl_cpu_wants_reference()) return;
    icl_cpu_best()->override(&best_table);
    best_table.name = icl_cpu_best()->name;
    icl_cpu_override_blas(&best_table);
    icl_cpu_override_conv(&best_table);
}

const struct kernels *icl_kernels_reference(void)
{
    return &icl_reference_table;
}

const struct kernels *icl_kernels(void)
{
    pthread_once(&best_once, make_best);
    return &best_table;
}

uint64_t icl_keep_threshold(double keep)
{
    if (!(keep > 0.0)) return 0;
    if (keep >= 1.0) return UINT64_C(1) << 32;
    return (uint64_t)(keep * 0x1p32 + 0.5);
}

double icl_gaussian_gate_sd(double keep)
{
    return sqrt((1.0 - keep) / keep);
}

void icl_bn_coefficients(const double *mean, const double *var, const float *gamma, const float *beta, double eps,
                         size_t channels, float *scale, float *shift)
{
    for (size_t c = 0; c < channels; c++)
        icl_norm_coefficients(mean[c], var[c], gamma == NULL ? 1.0 : (double)gamma[c],
                              beta == NULL ? 0.0 : (double)beta[c], eps, &scale[c], &shift[c]);
}
