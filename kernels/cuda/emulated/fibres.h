/* Carries out a kernel: every thread of a block is a fibre. */
#ifndef ICLAB_EMULATED_FIBRES_H
#define ICLAB_EMULATED_FIBRES_H

#include <cuda_runtime.h>

namespace icl_emulated
{
void run_kernel(dim3 grid, dim3 block, std::size_t shared, const char *name, const std::function<void()> &body);
}

#endif
