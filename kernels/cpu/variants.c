#include "kernels/cpu/variants.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

extern const struct icl_cpu_variant icl_cpu_portable, icl_cpu_avx2, icl_cpu_avx512;

const struct icl_cpu_variant *const icl_cpu_variants[] = {
    &icl_cpu_portable,
#if defined(__x86_64__)
    &icl_cpu_avx2,
    &icl_cpu_avx512,
#endif
    NULL,
};

static const struct icl_cpu_variant *best;
static pthread_once_t best_once = PTHREAD_ONCE_INIT;

bool icl_cpu_wants_reference(void)
{
    const char *wanted = getenv("ICLAB_KERNELS");
    return wanted != NULL && strcmp(wanted, "reference") == 0;
}

static void choose(void)
{
    const char *wanted = getenv("ICLAB_KERNELS");
    best = icl_cpu_variants[0];
    if (icl_cpu_wants_reference()) return;
    for (size_t i = 1; icl_cpu_variants[i] != NULL; i++) {
        if (wanted != NULL && strcmp(wanted, best->name) == 0) return;
        if (icl_cpu_variants[i]->supported()) best = icl_cpu_variants[i];
    }
}

const struct icl_cpu_variant *icl_cpu_best(void)
{
    pthread_once(&best_once, choose);
    return best;
}
