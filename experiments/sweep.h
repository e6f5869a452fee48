/* A sweep: one law, one kind of gate, every keep; samples in independent blocks, several estimators a block. */
#ifndef ICLAB_EXPERIMENTS_SWEEP_H
#define ICLAB_EXPERIMENTS_SWEEP_H

#include "experiments/laws.h"
#include "experiments/series.h"

#ifdef __cplusplus
extern "C" {
#endif

/* keep = 1 .97 .95 .9 .8 .7 .5 .3 .2 .1; level 0 is the pair before the dropout. */
enum { ICL_KEEPS = 10 };
extern const double icl_keeps[ICL_KEEPS];

/* The index of a keep in icl_keeps; ICL_KEEPS if it is not there. */
size_t icl_keep_index(double keep);

enum { ICL_SWEEP_BINS = 12 };

struct icl_sweep {
    const struct icl_law *law;
    enum icl_gate gate;
    uint64_t seed;
    size_t blocks, rows;                 /* rows: samples a block */
    struct icl_series mi[ICL_MI_SERIES]; /* decomposition; plug-in with bins fixed before the dropout; Mesner-Shalizi */
    struct icl_series correlation;       /* Pearson */
    struct icl_series entropy;           /* of x': relative to Lebesgue measure and point masses at the atoms */
    struct sweep_bins *bins;
};

/* Allocates the series and fixes the bins on a pilot block (step `blocks`, used for nothing else). */
icl_status icl_sweep_create(struct icl_sweep *sweep, const struct icl_law *law, enum icl_gate gate, uint64_t seed,
                            size_t blocks, size_t rows, struct icl_error *err);
void icl_sweep_free(struct icl_sweep *sweep);

/* Computes block b of every series. Independent of all other blocks: call in parallel, in any order. */
icl_status icl_sweep_block(struct icl_sweep *sweep, size_t b, struct icl_workspace *workspace, struct icl_error *err);

/* Computes the pooled decomposition at keep number `keep` from the samples of all blocks: at keep .1 a block leaves too
 * few co-active samples for an estimate without bias. As independent as the blocks. */
icl_status icl_sweep_pooled(struct icl_sweep *sweep, size_t keep, struct icl_workspace *workspace,
                            struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
