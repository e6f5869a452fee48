/* The verdict engine: a rule fixed before the data, intervals of several estimators, one word. */
#ifndef ICLAB_EXPERIMENTS_VERDICT_H
#define ICLAB_EXPERIMENTS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "estimators/uncertainty.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a claim says of its quantity. */
enum icl_rule {
    ICL_RULE_EQUAL,    /* quantity = target, within the tolerance */
    ICL_RULE_AT_MOST,  /* quantity <= target + tolerance */
    ICL_RULE_AT_LEAST, /* quantity >= target - tolerance */
    ICL_RULE_MEASURE   /* no claim: report it */
};

enum icl_verdict {
    ICL_HOLDS,
    ICL_FAILS,
    ICL_UNDECIDED,
    ICL_MEASURED,
    ICL_SKIPPED, /* what it needs was not there */
    ICL_VERDICT_COUNT
};
extern const char *const icl_verdict_names[ICL_VERDICT_COUNT];

/* How an estimate was come by. Mutual information needs two kinds that agree; a plain moment stands alone. */
enum icl_evidence_kind {
    ICL_KIND_DIRECT,        /* a moment, a count, a closed form: no estimator to doubt */
    ICL_KIND_DECOMPOSITION, /* atoms split off, neighbours for the rest */
    ICL_KIND_NEIGHBOURS,    /* neighbours with ties: Mesner-Shalizi */
    ICL_KIND_BINS           /* tables with fixed bins */
};

struct icl_evidence {
    const char *estimator; /* a constant name */
    enum icl_evidence_kind kind;
    struct icl_interval interval; /* 95 % */
    size_t n;                     /* samples behind it */
    enum icl_verdict verdict;     /* of this evidence alone, set by icl_judge */
};

/* Equality: 95 % interval wholly inside target +- tolerance: holds; wholly outside: fails; else undecided. Bounds: the
 * same interval on the allowed side: holds; wholly beyond: fails. Its ends are one-sided 97.5 % limits, so that a bound
 * just at its edge is called right or wrong in 2.5 % of the runs each, as an equality is. An estimate or limit that is
 * nan: undecided. */
enum icl_verdict icl_judge_interval(enum icl_rule rule, double target, double tolerance,
                                    const struct icl_interval *interval);

/* What a set of evidence comes to. `leading` is the evidence that the report quotes: the DIRECT one,
 * otherwise the first whose interval is known: callers give the least biased first. */
struct icl_judgement {
    enum icl_verdict verdict;
    size_t leading;
    bool disagreement;     /* two kinds of estimator gave intervals that do not overlap */
    double samples_needed; /* if undecided: how many samples would decide, at these estimates; nan where none would */
};

/* Judges each evidence, then all together. The first DIRECT evidence decides alone. Otherwise the leading
 * one and one of another kind must give the same verdict and agree: overlapping intervals for an equality that holds,
 * the same side of the target for one that fails; failing that the verdict is `undecided`. Not any two: of three with a
 * bias each the two that err to one side would be found together twice as often as one errs alone. For a MEASURE rule
 * the verdict is `measured`, agreement is noted all the same. */
struct icl_judgement icl_judge(enum icl_rule rule, double target, double tolerance, struct icl_evidence *evidence,
                               size_t count);

#ifdef __cplusplus
}
#endif

#endif
