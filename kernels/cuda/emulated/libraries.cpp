/* There is no library to open: products.cpp and conv.cpp are plain loops. */
#include "kernels/cuda/cuda_internal.h"

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
    return "no cuBLAS, no cuDNN";
}
