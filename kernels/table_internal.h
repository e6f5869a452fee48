/* How the kernel table is put together: not part of the interface, for kernels/ and its tests. */
#ifndef ICLAB_KERNELS_TABLE_INTERNAL_H
#define ICLAB_KERNELS_TABLE_INTERNAL_H

#include "kernels/kernels.h"
#include "kernels/shared/gate.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ICL_BN_SHARD_ROWS = 4096 };

/* What one element's gate can be: closed gives 0, open gives `open`. A gate is open when its word is below `threshold`.
 */
struct icl_gate_rule {
    uint64_t threshold;
    double open;
};

static inline struct icl_gate_rule icl_gate_rule_of(const struct icl_mask *mask)
{
    struct icl_gate_rule rule;
    rule.threshold = icl_keep_threshold(mask->keep);
    rule.open = mask->rescale ? 1.0 / mask->keep : 1.0;
    return rule;
}

/* The standard deviation of e in the factor 1 + e of a Gaussian gate. */
double icl_gaussian_gate_sd(double keep);

/* The mask made ready for single elements of an activation of that shape. */
static inline struct icl_gates icl_gates_of(const struct icl_mask *mask, const struct icl_shape *shape)
{
    const struct icl_gate_rule rule = icl_gate_rule_of(mask);
    struct icl_gates gates;
    gates.base = icl_philox_base_of(&mask->stream);
    gates.gate = mask->gate;
    gates.threshold = rule.threshold;
    gates.open = rule.open;
    gates.sd = icl_gaussian_gate_sd(mask->keep);
    gates.plane = shape->positions * shape->channels;
    gates.channels = shape->channels;
    return gates;
}

/* The reference versions, one a member of the table. */
extern const struct kernels icl_reference_table;

#ifdef __cplusplus
}
#endif

#endif
