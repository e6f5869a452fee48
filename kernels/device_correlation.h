/* The correlation of all columns on a device. */
#ifndef ICLAB_KERNELS_DEVICE_CORRELATION_H
#define ICLAB_KERNELS_DEVICE_CORRELATION_H

#include "kernels/device.h"
#include "kernels/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As icl_correlation of kernels/kernels.h, from one upload of the columns: agrees with it to 1e-12. Device memory for
 * the columns twice and the matrix: ICL_ERR_MEMORY where that is not there; ICL_ERR_DEVICE where the device fails. */
icl_status icl_device_correlation(struct icl_device *device, icl_column_values values, const void *context, size_t rows,
                                  size_t cols, double *correlation, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
