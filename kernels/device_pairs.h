/* Estimators on a device: all pairs of columns from one upload. Counts are whole numbers and the same as the
 * processor's; sums of digammas differ by rounding alone. */
#ifndef ICLAB_KERNELS_DEVICE_PAIRS_H
#define ICLAB_KERNELS_DEVICE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "kernels/host_device.h"
#include "kernels/random.h"

#ifdef __cplusplus
extern "C" {
#endif

struct icl_device;

/* A pair of columns; column y is read through permutation `permutation` of the list (sample i goes with y's sample
 * permutation[i]), or as it is. */
enum { ICL_DEVICE_AS_IT_IS = -1 };
struct icl_device_pair {
    uint32_t x, y;
    int32_t permutation;
};

/* Permutations in device memory: permutation m at m * n, and where each sample went. Both NULL: there are none. */
struct icl_device_permutations {
    const uint32_t *to, *from; /* from[to[i]] = i */
};

/* ---- joint tables ------------------------------------------------------------------------------------------------
 */

/* Columns in bins. Device memory; a column begins every `stride` numbers, a multiple of 8. */
struct icl_device_bins {
    size_t n, stride;
    const uint16_t *bin;  /* of a sample */
    const uint32_t *bins; /* of a column */
    const int64_t *term;  /* of a count 0 .. n: n ln n in fixed point (estimators/mi_counts.h) */
    struct icl_device_permutations permutations;
};

/* What a joint table comes to. */
struct icl_device_table {
    int64_t terms;     /* the sum of term[count] over its cells */
    uint32_t occupied; /* cells that hold samples */
    uint32_t unused;
};

/* ---- nearest neighbours ------------------------------------------------------------------------------------------
 */

/* Columns with a continuous part and atoms. Device memory; a column begins every `stride` numbers. */
struct icl_device_samples {
    size_t n, stride;
    const double *value;    /* of a sample: where there are no groups, every sample's; else of the continuous part */
    const uint32_t *order;  /* samples by ascending value; equal ones by index */
    const uint16_t *group;  /* of a sample: 0 in the continuous part, a + 1 on atom a; NULL: all are continuous */
    const uint8_t *bin;     /* pilot bin of a sample of the continuous part; NULL as `group` */
    const uint32_t *groups; /* of a column, 1 + its atoms; NULL as `group` */
    const uint32_t *continuous; /* samples in the continuous part of a column; NULL as `group` */
    const double *n_log_n;      /* n ln n of a count 0 .. n; 0 for 0 */
    const double *digamma;      /* of 0 .. n + 1; what stands at 0 is not read */
    struct icl_device_permutations permutations;
};

/* Which samples count in one coordinate: as enum icl_count_rule of estimators/neighbour_counts.h. */
enum icl_device_rule {
    ICL_DEVICE_KSG1,   /* strictly inside the radius */
    ICL_DEVICE_KSG2,   /* within the neighbours' extent */
    ICL_DEVICE_WITHIN, /* within the radius, as Mesner & Shalizi */
    ICL_DEVICE_BY_TIES /* KSG1, or WITHIN for a column whose continuous part is tied: `tied` */
};

/* How a batch of pairs is estimated. */
struct icl_device_way {
    enum icl_device_rule rule;
    unsigned k;           /* neighbours; 0: each term chooses its own (kernels/shared/pilot.h), and edges are sought */
    const uint32_t *tied; /* of a column, device memory: for BY_TIES */
    uint32_t most_together; /* samples of which no pair has more where both are continuous */
    uint32_t most_cells;    /* as many cells has the largest table of groups, of ICL_DEVICE_MOST_CELLS at most */
    uint32_t most_groups;   /* of a column, of ICL_DEVICE_MOST_GROUPS at most */
};
enum { ICL_DEVICE_MOST_CELLS = 16384, ICL_DEVICE_MOST_GROUPS = 1024, ICL_DEVICE_MOST_BINS_CELLS = 49152 };

enum icl_device_edges {
    ICL_DEVICE_NO_EDGES,
    ICL_DEVICE_EDGES,        /* `wide` holds the mean at 4 k neighbours */
    ICL_DEVICE_EDGES_UNSURE, /* too near a limit for sums in another order: taken as none */
};

/* What is found of a pair; a term that has too few samples has the sum 0 and 0 samples. */
struct icl_device_terms {
    double atoms;             /* the information of the identities, nats */
    double side[2];           /* Ross terms, x's amplitude about y's identity and y's about x's: sum over the samples */
    double plane, wide;       /* sum over the samples where both are continuous, with k and with 4 k neighbours */
    uint32_t side_samples[2]; /* in a Ross term */
    uint32_t together;        /* samples where both are continuous */
    uint32_t side_k[2], k;    /* neighbours of the terms */
    uint32_t edges;           /* enum icl_device_edges */
    uint32_t within;          /* 1: the plane was counted by WITHIN */
    uint32_t unused;
};

/* Bytes of scratch for a pair of n samples. */
ICL_HD size_t icl_device_pair_scratch(size_t n)
{
    return 6 * ((n + 4 + 15) / 16 * 16) * sizeof(double);
}

/* Every function puts its work into the device's queue (kernels/device.h) and fails there. */
struct icl_device_pairs {
    /* correlation (cols x cols) of `values` (cols columns of rows numbers, one behind the other), as icl_correlation of
     * kernels/kernels.h; `centred` is room for as many. */
    void (*correlation)(struct icl_device *device, const double *values, size_t rows, size_t cols, double *centred,
                        double *correlation);

    /* permutation m of out (count x n): icl_block_permutation of the stream with step first + m; `inverse` (count x n)
     * says where each sample went. O(n) steps one after the other, all permutations at once. */
    void (*permutations)(struct icl_device *device, const struct icl_stream *stream, uint32_t first, size_t count,
                         size_t n, size_t block, uint32_t *out, uint32_t *inverse);

    /* out[p] of the joint table of pair p < count, whose largest has `most_cells` cells, of
     * ICL_DEVICE_MOST_BINS_CELLS at most. Device memory. O(n + cells) a pair. */
    void (*tables)(struct icl_device *device, const struct icl_device_bins *bins, const struct icl_device_pair *pairs,
                   size_t count, uint32_t most_cells, struct icl_device_table *out);

    /* out[p] of the terms of pair p < count: of the atom decomposition, or where there are no groups of the plane
     * alone. `scratch`: count * icl_device_pair_scratch(n) bytes. Device memory. A pair costs about O(n sqrt(n k)); up
     * to O(n^2) where most values of a column are equal. */
    void (*neighbours)(struct icl_device *device, const struct icl_device_samples *samples,
                       const struct icl_device_way *way, const struct icl_device_pair *pairs, size_t count,
                       void *scratch, struct icl_device_terms *out);
};

#ifdef __cplusplus
}
#endif

#endif
