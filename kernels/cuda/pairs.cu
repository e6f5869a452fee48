/* Estimators on pairs of columns. */
#include "kernels/cuda/pairs_internal.h"

void cuda_table_pairs(icl_device_kernels *table)
{
    cuda_table_permutations(table);
    cuda_table_tables(table);
    cuda_table_neighbours(table);
}
