/* Nearest-neighbour estimates of pairs: the stages one after the other. */
#include "kernels/cuda/pairs_internal.h"

static void neighbours(icl_device *base, const icl_device_samples *samples, const icl_device_way *way,
                       const icl_device_pair *pairs, size_t count, void *scratch, icl_device_terms *out)
{
    if (count == 0) return;
    cuda_device *const device = cuda_of(base);
    const pair_batch batch = {*samples, *way, pairs, static_cast<unsigned>(count), static_cast<double *>(scratch), out};
    cuda_pairs_choose(device, batch);
    cuda_pairs_plane(device, batch);
    cuda_pairs_ross(device, batch);
}

void cuda_table_neighbours(icl_device_kernels *table)
{
    table->pairs.neighbours = neighbours;
}
