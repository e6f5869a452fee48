/* The arithmetic of batch norm for one channel, for host and device. */
#ifndef ICLAB_KERNELS_SHARED_NORM_H
#define ICLAB_KERNELS_SHARED_NORM_H

#include <math.h>

#include "kernels/host_device.h"

/* scale = gamma / sqrt(variance + epsilon), shift = beta - scale mean. */
ICL_HD void icl_norm_coefficients(double mean, double variance, double gamma, double beta, double epsilon, float *scale,
                                  float *shift)
{
    const double slope = gamma / sqrt(variance + epsilon);
    *scale = (float)slope;
    *shift = (float)(beta - slope * mean);
}

/* Mean and biased variance from the sums of n and n^2 over `rows`. */
ICL_HD void icl_norm_moments(double sum, double square, double rows, double *mean, double *variance)
{
    *mean = sum / rows;
    *variance = square / rows - *mean * *mean;
    if (*variance < 0.0) *variance = 0.0; /* rounding; a NaN stays */
}

/* Moves the running statistics; their variance is unbiased, and stays where one row says nothing about it. */
ICL_HD void icl_norm_move(double mean, double variance, double rows, double momentum, double *running_mean,
                          double *running_variance)
{
    *running_mean += momentum * (mean - *running_mean);
    if (rows == 1.0) return;
    const double unbiased = variance * rows / (rows - 1.0);
    *running_variance += momentum * (unbiased - *running_variance);
}

/* From the sums of dz and of dz n: the gradients of gamma and beta, and k1, k2, k3 of icl_stage_dx
 * (kernels/layers_template.h: stage_backward). */
ICL_HD void icl_norm_gradients(double sum, double product, double mean, double variance, double epsilon, float scale,
                               double rows, float *dgamma, float *dbeta, float k[3])
{
    const double sd = sqrt(variance + epsilon), a = sum;
    const double dxhat = (product - mean * a) / sd, b = dxhat / sd;
    *dgamma = (float)dxhat;
    *dbeta = (float)a;
    k[0] = scale;
    k[1] = (float)(-(double)scale * b / rows);
    k[2] = (float)(-(double)scale * (a - b * mean) / rows);
}

#endif
