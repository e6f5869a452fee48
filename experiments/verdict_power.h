/* How often verdicts are wrong, and which faults they find: the claim code and the verdict engine on sweeps whose gates
 * are right, deviate by just the tolerance, or carry a planted fault. */
#ifndef ICLAB_EXPERIMENTS_VERDICT_POWER_H
#define ICLAB_EXPERIMENTS_VERDICT_POWER_H

#include "experiments/faults.h"
#include "experiments/registry.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Data that rows judge: a sweep over the keeps 1 and `keep`, or over all of icl_keeps, with these gates, once a run. */
struct icl_plant {
    const char *gates; /* what the gates are, for the table */
    struct icl_fault fault;
    const char *law; /* without an atom at 0 and centred, so that theory gives every deviation */
    double keep;     /* 0: all */
    size_t blocks, rows;
    unsigned series;    /* of enum icl_sweep_series */
    size_t runs, quick; /* how many independent runs, and how many of a quick measurement */
};

/* What a row is about, and with it which rate is judged. */
enum icl_power_kind {
    ICL_POWER_TRUE,      /* the claim is true: `fails` in at most 5 % of the runs */
    ICL_POWER_TOLERANCE, /* the deviation is the tolerance: `holds` in at most 5 % */
    ICL_POWER_FAULT,     /* a fault: `fails` in at least 95 % */
    ICL_POWER_SHORT,     /* a fault with too few samples: nothing is required */
    ICL_POWER_KIND_COUNT
};
extern const char *const icl_power_kind_names[ICL_POWER_KIND_COUNT];

struct icl_power_row {
    enum icl_power_kind kind;
    size_t plant;         /* number of its data */
    const char *id;       /* as in claims.tsv: its claim chooses the code; one that stands there is repeated here */
    const char *quantity; /* these were written down before any data */
    enum icl_rule rule;
    double target, tolerance;
};

struct icl_power_design {
    const struct icl_plant *plant;
    size_t plants;
    const struct icl_power_row *row;
    size_t rows;
};

/* The design of `iclab bench verdicts`. */
extern const struct icl_power_design icl_power_design;

struct icl_power_result {
    const struct icl_power_row *row;
    const struct icl_plant *plant;
    double deviation; /* the quantity by theory, minus the target */
    size_t runs, count[ICL_VERDICT_COUNT];
    /* over the runs: mean and sd of the leading estimate, mean of its standard error, and its most frequent estimator
     */
    double estimate, sd, se;
    const char *leading;
};

/* The rate that is judged, the bound it has to keep, and its one-sided 99 % limit on the wrong side (Clopper and
 * Pearson 1934): the upper one of an error, the lower one of a power. */
struct icl_power_rate {
    double rate, bound, required; /* required: nan for ICL_POWER_SHORT */
    const char *ok;               /* yes: the bound is kept; no: the rate is not; few: too few runs to tell; - */
};
struct icl_power_rate icl_power_rate(const struct icl_power_result *result);

/* The one-sided `level` limits of a probability of which `count` of `runs` were seen. */
double icl_rate_upper(size_t count, size_t runs, double level);
double icl_rate_lower(size_t count, size_t runs, double level);

/* What theory gives for the quantity of a claim ("ratio@q", "local-exponent@q", "exponent", "slope", "coactive@q")
 * behind gates at this keep; of the fitted exponent and of a slope over several keeps, where it is one and the same at
 * each of them; for a centred pair without an atom at 0 of mutual information `mi`. Another quantity: nan. */
double icl_power_truth(const char *quantity, const struct icl_gate_table *gates, double keep, double mi);

/* Runs a design on `threads` threads and fills results[0 .. design->rows - 1]. A run is a pure function of (seed,
 * plant, run): the results do not depend on threads. Unknown laws or claims, or a plant whose gates cannot be:
 * ICL_ERR_INPUT.
 */
icl_status icl_power_measure(const struct icl_power_design *design, bool quick, uint64_t seed, unsigned threads,
                             bool quiet, struct icl_power_result *results, struct icl_error *err);

/* Writes the results as a table ("-": standard output), its `#` lines from `header`. */
icl_status icl_power_write(const struct icl_power_result *results, size_t count, const char *path, const char *header,
                           struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
