/* How the kernel table is put together: not part of the interface, for kernels/ and its tests. */
#ifndef ICLAB_KERNELS_TABLE_INTERNAL_H
#define ICLAB_KERNELS_TABLE_INTERNAL_H

#include "kernels/kernels.h"

enum { ICL_BN_SHARD_ROWS = 4096 };

/* What one element's gate can be: closed gives 0, open gives `open`. A gate is open when its word is below `threshold`.
 */
struct icl_gate_rule {
    uint64_t threshold;
    double open;
};

static inline struct icl_gate_rule icl_gate_rule(const struct icl_mask *mask)
{
    return (struct icl_gate_rule){icl_keep_threshold(mask->keep), mask->rescale ? 1.0 / mask->keep : 1.0};
}

/* The standard deviation of e in the factor 1 + e of a Gaussian gate. */
double icl_gaussian_gate_sd(double keep);

/* The reference versions, one a member of the table. */
extern const struct kernels icl_reference_table;

#endif
