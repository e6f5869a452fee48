#include "estimators/cpu/joint_counts.h"

#include <stdatomic.h>
#include <string.h>

#include "kernels/cpu/variants.h"

extern const struct icl_joint_variant icl_joint_portable, icl_joint_avx2, icl_joint_avx512;

const struct icl_joint_variant *const icl_joint_variants[] = {
    &icl_joint_portable,
#if defined(__x86_64__)
    &icl_joint_avx2,
    &icl_joint_avx512,
#endif
    NULL,
};

static const struct icl_joint_variant *_Atomic in_use;

static const struct icl_joint_variant *choose(void)
{
    const char *best = icl_cpu_best()->name;
    const struct icl_joint_variant *chosen = icl_joint_variants[0];
    for (size_t v = 0; icl_joint_variants[v] != NULL; v++) {
        if (icl_joint_variants[v]->supported()) chosen = icl_joint_variants[v];
        if (strcmp(icl_joint_variants[v]->name, best) == 0) break;
    }
    return chosen;
}

const struct icl_joint_variant *icl_joint(void)
{
    const struct icl_joint_variant *variant = atomic_load_explicit(&in_use, memory_order_acquire);
    if (variant == NULL) { /* threads that race here choose the same */
        variant = choose();
        atomic_store_explicit(&in_use, variant, memory_order_release);
    }
    return variant;
}

void icl_joint_use(const struct icl_joint_variant *variant)
{
    atomic_store_explicit(&in_use, variant, memory_order_release);
}
