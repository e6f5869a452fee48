/* The rest of the layers of networks. */
#include "kernels/cuda/cuda_internal.h"

void cuda_table_network(icl_device_kernels *table)
{
    (void)table;
}
