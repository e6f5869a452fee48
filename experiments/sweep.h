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

/* What a sweep can measure. */
enum icl_sweep_series {
    ICL_SWEEP_MI = 1,          /* mutual information, by every estimator */
    ICL_SWEEP_CORRELATION = 2, /* Pearson */
    ICL_SWEEP_ENTROPY = 4,     /* of x' */
    ICL_SWEEP_COACTIVE = 8,    /* the share of samples in which neither x' nor y' is 0 */
    ICL_SWEEP_ALL = 15
};

/* Where the gates of a block come from: fills `factor` (2 rows values) with the multipliers of x and y, sample by
 * sample. A pure function of its arguments; it may draw any element of the stream, and of the same stream at another
 * layer of the ICL_SWEEP_LAYERS beside it. */
typedef void (*icl_gate_source)(const void *context, const struct icl_stream *stream, double keep, size_t rows,
                                double *factor);
enum { ICL_SWEEP_LAYERS = 1 << 16 };

/* What a sweep is made of; members left 0 mean what their comments say. */
struct icl_sweep_plan {
    const struct icl_law *law;
    enum icl_gate gate;
    uint64_t seed;
    size_t blocks, rows;    /* rows: samples a block */
    size_t levels;          /* 0: all of icl_keeps */
    double keep[ICL_KEEPS]; /* of each level; keep[0] = 1 */
    unsigned series;        /* of enum icl_sweep_series; 0: all. What is not measured stays 0 */
    icl_gate_source source; /* NULL: the masks of `gate`, as a layer draws them */
    const void *context;    /* of the source; borrowed */
};

struct icl_sweep {
    const struct icl_law *law;
    enum icl_gate gate;
    uint64_t seed;
    size_t blocks, rows, levels;
    double keep[ICL_KEEPS];              /* of each level */
    struct icl_series mi[ICL_MI_SERIES]; /* decomposition; plug-in with bins fixed before the dropout; Mesner-Shalizi */
    struct icl_series correlation;       /* Pearson */
    struct icl_series entropy;           /* of x': relative to Lebesgue measure and point masses at the atoms */
    struct icl_series coactive;          /* P(x' != 0 and y' != 0) */
    struct sweep_bins *bins;
    unsigned measured; /* of enum icl_sweep_series */
    icl_gate_source source;
    const void *context;
};

/* Allocates the series and fixes the bins on a pilot block (step `blocks`, used for nothing else). More than ICL_KEEPS
 * levels: ICL_ERR_USAGE. */
icl_status icl_sweep_create_planned(struct icl_sweep *sweep, const struct icl_sweep_plan *plan, struct icl_error *err);

/* The plan of the main job: every keep, every series. */
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
