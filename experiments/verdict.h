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
    ICL_RULE_MEASURE,  /* no claim: report it */
    ICL_RULE_ORDER /* quantity > target: "better than", decided with all other orders of the run (icl_judge_orders) */
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
    double p;                     /* ICL_RULE_ORDER: two-sided, of the quantity being the target */
    double effect;                /* effect size where the evidence has one of its own, else nan */
};

/* Equality: 95 % interval wholly inside target +- tolerance: holds; wholly outside: fails; else undecided. Bounds: the
 * same interval on the allowed side: holds; wholly beyond: fails. Its ends are one-sided 97.5 % limits, so that a bound
 * just at its edge is called right or wrong in 2.5 % of the runs each, as an equality is. Order: the interval above the
 * target: holds; below: fails. An estimate or limit that is nan: undecided. */
enum icl_verdict icl_judge_interval(enum icl_rule rule, double target, double tolerance,
                                    const struct icl_interval *interval);

/* What a set of evidence comes to. `leading` is the evidence that the report quotes: the DIRECT one,
 * otherwise the first whose interval is known: callers give the least biased first. */
struct icl_judgement {
    enum icl_verdict verdict;
    size_t leading;
    bool disagreement;     /* two kinds of estimator gave intervals that do not overlap */
    double samples_needed; /* if undecided: how many samples would decide, at these estimates; nan where none would */
    double p_adjusted;     /* of an order, by icl_judge_orders; else nan */
};

/* Judges each evidence, then all together. The first DIRECT evidence decides alone. Otherwise the leading
 * one and one of another kind must give the same verdict and agree: overlapping intervals for an equality that holds,
 * the same side of the target for one that fails; failing that the verdict is `undecided`. Not any two: of three with a
 * bias each the two that err to one side would be found together twice as often as one errs alone. For a MEASURE rule
 * the verdict is `measured`, agreement is noted all the same. */
struct icl_judgement icl_judge(enum icl_rule rule, double target, double tolerance, struct icl_evidence *evidence,
                               size_t count);

/* A claim that its quantity lies above `target`, with its evidence; what it comes to goes into `judgement`. */
struct icl_order_claim {
    const struct icl_evidence *evidence;
    double target;
    struct icl_judgement *judgement;
};

/* Judges the orders of a run together. The p values are adjusted by Holm's procedure (paired.h): the verdict is `holds`
 * or `fails`, by the side of the estimate, where the adjusted p is at most .05, otherwise `undecided`; so that a run in
 * which all orders are ties decides one of them in at most 5 % of the cases. samples_needed counts what the evidence
 * counts in n (seeds), at the level of the first step of the procedure. */
icl_status icl_judge_orders(const struct icl_order_claim *order, size_t count, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
