/* oneDNN is no part of gpu-check: the processor's convolutions are the plain ones. */
#include "kernels/cpu/variants.h"

bool icl_cpu_override_conv(struct kernels *table)
{
    (void)table;
    return false;
}
