/* A neuron prepared for the estimators: sorted once, its atoms found once, used in every pair. */
#ifndef ICLAB_ESTIMATORS_COLUMN_H
#define ICLAB_ESTIMATORS_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "estimators/workspace.h"

#ifdef __cplusplus
extern "C" {
#endif

enum icl_column_state {
    ICL_COLUMN_REGULAR,
    ICL_COLUMN_CONSTANT, /* every value is the same: MI 0, no correlation */
    ICL_COLUMN_NONFINITE /* holds NaN or inf: every result is nan */
};

/* A value that repeats often enough to carry probability. */
struct icl_atom {
    double value;
    size_t count;
};

/* How often a value must repeat among n samples to be an atom: the larger of ICL_ATOM_MIN_COUNT and n /
 * ICL_ATOM_MIN_SHARE (a few exact repeats happen by chance in rounded data). */
enum { ICL_ATOM_MIN_COUNT = 6, ICL_ATOM_MIN_SHARE = 16384, ICL_TIED_SHARE = 8 };

struct icl_column {
    size_t n;
    enum icl_column_state state;
    double mean, sd;       /* sd: biased (1/n) */
    double *value;         /* n samples; -0.0 has become 0.0 */
    double *z;             /* (value - mean) / sd; see below for lattices */
    double *score;         /* normal score of the rank within the continuous part (average ranks); 0 on atoms */
    uint32_t *order;       /* order[r] = sample of rank r; equal values in order of their index */
    uint32_t *group;       /* 0: continuous part; a + 1: atom a */
    struct icl_atom *atom; /* atom_count atoms, ascending by value */
    size_t atom_count;
    size_t continuous; /* samples in the continuous part */
    bool tied;         /* values repeat inside the continuous part */
    bool from_top; /* the upper tail is the longer one: bins are counted from it, whichever way the column is turned */
    void *memory;  /* owns all arrays above; NULL where a workspace owns them */
};

/* Values on a lattice (low + m step: whole numbers, quantised activations) get z on a lattice too: equal differences
 * of values are equal differences of z to the last bit, at every scale and offset. To that end z may be off by a common
 * shift of half a step and a common factor within 2^-22 of 1. */

/* Prepares a column from n samples, `stride` elements apart.
 *
 * Atoms: a value is an atom when it occurs often enough (see above). If no more values occur once than occur
 * repeatedly, the column is discrete and every value is an atom, however rare. n < 2 or n >= 2^31: ICL_ERR_INPUT.
 * Owned by the caller: icl_column_free. O(n) radix sort. */
icl_status icl_column_prepare(struct icl_column *column, const double *value, size_t n, size_t stride,
                              struct icl_workspace *workspace, struct icl_error *err);
void icl_column_free(struct icl_column *column);

/* The column of the samples chosen[0..m-1] (ascending), with the atoms, z and scores of the parent: no sort. Its arrays
 * lie in the workspace (do not free). The state is decided anew. O(n). */
icl_status icl_column_subset(const struct icl_column *parent, const uint32_t *chosen, size_t m,
                             struct icl_workspace *workspace, struct icl_column *out, struct icl_error *err);

/* The column whose sample i is the parent's sample permutation[i]; equal values in any order. Arrays in the workspace.
 * O(n). */
icl_status icl_column_permute(const struct icl_column *parent, const uint32_t *permutation,
                              struct icl_workspace *workspace, struct icl_column *out, struct icl_error *err);

/* rank[i] = average rank of sample i, from 1 to n; ties get the mean of the ranks they span. O(n). */
void icl_column_average_ranks(const struct icl_column *column, double *rank);

#ifdef __cplusplus
}
#endif

#endif
