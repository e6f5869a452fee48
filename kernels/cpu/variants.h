/* The fast versions of the streaming kernels, one variant an instruction set, all made of kernels/cpu/body.h. Not part
 * of the interface: for kernels/ and its tests. */
#ifndef ICLAB_KERNELS_CPU_VARIANTS_H
#define ICLAB_KERNELS_CPU_VARIANTS_H

#include <stdbool.h>

#include "kernels/kernels.h"
#include "kernels/shared/philox.h"

#ifdef __cplusplus
extern "C" {
#endif

struct icl_cpu_variant {
    const char *name;
    bool (*supported)(void);
    /* words[0 .. 4 blocks - 1] = blocks block, block + 1, ... of the stream. */
    void (*blocks)(const struct icl_philox_base *base, uint64_t block, size_t blocks, uint32_t *words);
    /* What icl_random_uniform and icl_random_normal give, first + count <= 2^63, count <= ICL_DRAW_BATCH. */
    void (*uniforms)(const struct icl_philox_base *base, uint64_t first, size_t count, double *u);
    void (*normals)(const struct icl_philox_base *base, uint64_t first, size_t count, double *z);
    /* Puts this variant's streaming kernels over those of `table`. */
    void (*override)(struct kernels *table);
};

/* Variants from the plainest to the fastest, ended by NULL; those of another architecture are not in the list. The
 * first one, "portable", runs everywhere. */
extern const struct icl_cpu_variant *const icl_cpu_variants[];

/* The last supported variant, or the one that ICLAB_KERNELS names if it is supported; chosen once. ICLAB_KERNELS=
 * reference means the portable one here: the random stream has no other plain version. */
const struct icl_cpu_variant *icl_cpu_best(void);

/* True if the environment says ICLAB_KERNELS=reference. */
bool icl_cpu_wants_reference(void);

/* Puts the product of OpenBLAS over that of `table` if the library can be loaded; false if not. Call it once. */
bool icl_cpu_override_blas(struct kernels *table);

/* Puts the convolutions of oneDNN in `table`. The library is loaded by the first plan (or name); where it cannot be, or
 * where it offers nothing for a shape, they are the plain ones. False if this build knows no such library. */
bool icl_cpu_override_conv(struct kernels *table);

#ifdef __cplusplus
}
#endif

#endif
