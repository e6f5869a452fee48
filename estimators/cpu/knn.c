#include "estimators/cpu/knn.h"

#include <stdatomic.h>
#include <string.h>

#include "kernels/cpu/variants.h"

extern const struct icl_knn_variant icl_knn_portable, icl_knn_avx2, icl_knn_avx512;

const struct icl_knn_variant *const icl_knn_variants[] = {
    &icl_knn_portable,
#if defined(__x86_64__)
    &icl_knn_avx2,
    &icl_knn_avx512,
#endif
    NULL,
};

static const struct icl_knn_variant *_Atomic in_use;

static const struct icl_knn_variant *choose(void)
{
    const char *best = icl_cpu_best()->name;
    const struct icl_knn_variant *chosen = icl_knn_variants[0];
    for (size_t v = 0; icl_knn_variants[v] != NULL; v++) {
        if (icl_knn_variants[v]->supported()) chosen = icl_knn_variants[v];
        if (strcmp(icl_knn_variants[v]->name, best) == 0) break;
    }
    return chosen;
}

const struct icl_knn_variant *icl_knn(void)
{
    const struct icl_knn_variant *variant = atomic_load_explicit(&in_use, memory_order_acquire);
    if (variant == NULL) { /* threads that race here choose the same */
        variant = choose();
        atomic_store_explicit(&in_use, variant, memory_order_release);
    }
    return variant;
}

void icl_knn_use(const struct icl_knn_variant *variant)
{
    atomic_store_explicit(&in_use, variant, memory_order_release);
}
