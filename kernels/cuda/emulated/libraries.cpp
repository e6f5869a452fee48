/* Convolutions and products. */
#include "kernels/cuda/cuda_internal.h"

void cuda_table_convolution(icl_device_kernels *table)
{
    (void)table;
}

icl_status cuda_libraries_open(cuda_device *device, struct icl_error *err)
{
    (void)device;
    (void)err;
    return ICL_OK;
}

void cuda_libraries_close(cuda_device *device)
{
    (void)device;
}

const char *cuda_libraries_version(const cuda_device *device)
{
    (void)device;
    return "none";
}
