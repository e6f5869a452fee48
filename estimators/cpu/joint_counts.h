/* Cells of joint tables from bitmaps, one variant an instruction set; the counts are whole numbers and the same in all.
 * Not part of the interface: for estimators/, its tests and its timings. */
#ifndef ICLAB_ESTIMATORS_CPU_JOINT_COUNTS_H
#define ICLAB_ESTIMATORS_CPU_JOINT_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bitmaps are filled up with zeros to a multiple of so many words, and begin at a multiple of 64 bytes. */
enum { ICL_JOINT_WORDS = 8 };

struct icl_joint_variant {
    const char *name;
    bool (*supported)(void);
    /* Above this many cells it is faster to tabulate the samples one by one. Measured, see docs/estimators.md. */
    size_t most_cells;
    /* count[i * stride + j] += the ones common to bitmap i of x and bitmap j of y, i < xs, j < ys. Bitmap i of x is
     * x[i * words ...]. A count stays below 2^32. */
    void (*count)(const uint64_t *x, size_t xs, const uint64_t *y, size_t ys, size_t words, uint32_t *count,
                  size_t stride);
    /* The peak to hold `count` against: `rounds` rounds over a few words that stay in the nearest cache, each word of x
     * with each of y; *words says how many were counted. Returns the sum, so that none can be left out. */
    uint64_t (*peak)(size_t rounds, double *words);
};

/* From the plainest to the fastest, ended by NULL, by the names and the order of icl_cpu_variants. */
extern const struct icl_joint_variant *const icl_joint_variants[];

/* The one in use: the fastest supported up to that of icl_cpu_best(), unless icl_joint_use has set another, as tests
 * do. */
const struct icl_joint_variant *icl_joint(void);
void icl_joint_use(const struct icl_joint_variant *variant); /* NULL: back to the choice of icl_cpu_best */

#endif
