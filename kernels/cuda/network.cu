/* The rest of the layers of networks: a file each. */
#include "kernels/cuda/network.h"

void cuda_table_network(icl_device_kernels *table)
{
    void (*const fill[])(icl_device_layers *) = {cuda_table_step,   cuda_table_pool,     cuda_table_add,
                                                 cuda_table_loss,   cuda_table_optimise, cuda_table_batch,
                                                 cuda_table_summary};
    for (auto *one : fill)
        one(&table->layers);
}
