/* What a step is told and what it tells. */
#include "kernels/cuda/network.h"

namespace
{
__global__ void advance_kernel(const icl_device_step *schedule, std::uint32_t *place, icl_device_step *now,
                               icl_device_outcome *current)
{
    if (threadIdx.x != 0) return;
    const std::uint32_t at = *place;
    *now = schedule[at];
    *place = at + 1;
    const std::uint32_t diverged = current->diverged;
    *current = icl_device_outcome{};
    current->diverged = diverged;
}

__global__ void settle_kernel(const icl_device_step *now, const icl_device_outcome *current,
                              icl_device_outcome *outcomes)
{
    if (threadIdx.x == 0) outcomes[now->slot] = *current;
}

void advance(icl_device *device, const icl_device_step *schedule, std::uint32_t *place, icl_device_step *now,
             icl_device_outcome *current)
{
    cuda_launch(cuda_of(device), "advance", advance_kernel, 1, 32, 0, schedule, place, now, current);
}

void settle(icl_device *device, const icl_device_step *now, const icl_device_outcome *current,
            icl_device_outcome *outcomes)
{
    cuda_launch(cuda_of(device), "settle", settle_kernel, 1, 32, 0, now, current, outcomes);
}
} // namespace

void cuda_table_step(icl_device_layers *layers)
{
    layers->advance = advance;
    layers->settle = settle;
}
