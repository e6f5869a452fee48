/* Faulty gates: what a wrong implementation of dropout would draw, and what theory gives behind it. For planting faults
 * in a sweep (experiments/sweep.h) and for seeing whether the verdicts find them. */
#ifndef ICLAB_EXPERIMENTS_FAULTS_H
#define ICLAB_EXPERIMENTS_FAULTS_H

#include "experiments/sweep.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The joint law of the gates of x and y. The four probabilities sum to 1. */
struct icl_gate_table {
    double both, x_only, y_only, neither; /* open: both, that of x alone, that of y alone, none */
};

/* What is wrong; `size` says by how much. q is the keep that was asked for. */
enum icl_fault_kind {
    ICL_FAULT_NONE,       /* independent gates of keep q (size unused) */
    ICL_FAULT_CORRELATED, /* Pearson correlation `size` of the gates; each is open with probability q */
    ICL_FAULT_KEEP,       /* independent gates of keep `size` * q */
    ICL_FAULT_EXPONENT,   /* independent gates of keep q^(size/2): I' = q^size I without an atom at 0 */
    ICL_FAULT_POWER,      /* P(both open) = q^size; each is open with probability q */
    ICL_FAULT_BOTH,       /* P(both open) = size * q^2; each is open with probability q */
    ICL_FAULT_ONE_IN,     /* in a share `size` of the samples the gate of x serves y too */
    ICL_FAULT_ONE_MASK,   /* x and y are the same unit of two layers, which draw one mask (size 1) or two (size 0) */
    ICL_FAULT_COUNT
};

struct icl_fault {
    enum icl_fault_kind kind;
    double size;
};

/* The joint law of the gates under a fault at keep q in (0,1]. A law that cannot be (a probability below 0), or q
 * outside (0,1]: all four nan. */
struct icl_gate_table icl_fault_table(const struct icl_fault *fault, double keep);

/* Draws the gates (0 or 1) of `rows` samples: factor[2 i] of x, factor[2 i + 1] of y. An icl_gate_source: `fault` is a
 * struct icl_fault with a table at this keep. Gates of the first six kinds come from two words of the stream a sample,
 * y's threshold chosen by x's gate; ONE_IN takes a third word, which tells the samples of one gate; ONE_MASK numbers
 * its words as a layer does and takes y's from the layer ICL_SWEEP_LAYERS further on, or by the fault from that of x.
 */
void icl_fault_draw(const void *fault, const struct icl_stream *stream, double keep, size_t rows, double *factor);

/* I(g;h) of two gates, nats: sum p ln(p / product of margins) over the table. */
double icl_gate_information(const struct icl_gate_table *gates);

/* I(x';y') behind gates of this law, nats, for any pair without an atom at 0 of mutual information `mi` before:
 * I(g;h) + P(both) mi, by the chain rule (docs/theory.md, c01: x' tells g, and only two open gates let anything
 * through). With an atom at 0 it is an upper bound. */
double icl_gate_mi_after(const struct icl_gate_table *gates, double mi);

/* corr(x',y') / corr(x,y) for a pair of means 0: P(both) / sqrt(P(g) P(h)). */
double icl_gate_corr_factor(const struct icl_gate_table *gates);

#ifdef __cplusplus
}
#endif

#endif
