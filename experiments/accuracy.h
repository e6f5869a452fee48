/* How far estimates of mutual information are off on the tasks: bias, spread, coverage of intervals, false alarms. */
#ifndef ICLAB_EXPERIMENTS_ACCURACY_H
#define ICLAB_EXPERIMENTS_ACCURACY_H

#include <stdbool.h>

#include "experiments/tasks.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a group of replications is to show, and its word in tables. */
enum icl_accuracy_kind {
    ICL_ACCURACY_ERROR,    /* "error": bias and spread */
    ICL_ACCURACY_COVERAGE, /* "coverage": how often the 95 % interval holds the truth */
    ICL_ACCURACY_ALARMS,   /* "false-alarms": how often the permutation test calls an independent pair dependent */
    ICL_ACCURACY_KINDS
};
extern const char *const icl_accuracy_kind_names[ICL_ACCURACY_KINDS];

/* The level of the intervals, and that of the tests. */
#define ICL_ACCURACY_LEVEL 0.95
#define ICL_ACCURACY_ALPHA 0.05

/* An estimator as it is measured. In order: all of enum icl_mi_estimator, then the decomposition with a number of
 * neighbours that is given ("decomposition --k 3", ...). */
struct icl_accuracy_method {
    const char *name;
    bool vectors; /* takes tasks of more than 1 x 1, too */
    bool variant; /* an estimator above it with another option */
    /* Its cost is quadratic in n, and a plan leaves it out above this: a quick one, a full one. 0: never. */
    size_t most_n_quick, most_n_full;
};
/* False past the last; at most 64. */
bool icl_accuracy_method_at(size_t index, struct icl_accuracy_method *method);

/* Replications 0 .. replications-1 of a task at one n, each seen by all methods whose bit is set (bit i: method i). */
struct icl_accuracy_group {
    enum icl_accuracy_kind kind;
    const struct icl_task *task;
    size_t n, replications; /* replications >= 2 */
    uint64_t methods;
    unsigned permutations; /* of ICL_ACCURACY_ALARMS */
};

/* What `iclab bench accuracy` measures: n = 100 to 10 000 (quick: to ICL_ACCURACY_VECTOR_N on tasks of more than 1 x 1,
 * where neighbours are sought among many), ten seeds. `full` adds those, the tasks of 25 dimensions and up,
 * fixed numbers of neighbours, coverage and false alarms. `names` (name_count 0: all) restricts it to some tasks; a
 * name that is not known: ICL_ERR_USAGE. *groups is owned by the caller (free). */
enum { ICL_ACCURACY_VECTOR_N = 3000 };
icl_status icl_accuracy_plan(bool full, const char *const *names, size_t name_count, struct icl_accuracy_group **groups,
                             size_t *count, struct icl_error *err);

/* One estimate. */
struct icl_accuracy_draw {
    double mi, se; /* nats; se: nan where it was not asked for, or not to be had */
    bool hit;      /* the interval holds the truth; the test called the pair dependent */
};

/* What is known of one method on one group, nats. A number that was not measured is nan. */
struct icl_accuracy_row {
    const struct icl_accuracy_group *group;
    const char *method;
    double truth;
    double mean_error, mean_error_se; /* mean of estimate - truth; its standard error sd / sqrt(replications) */
    double sd, rmse;                  /* of one estimate: about its mean (n - 1), about the truth */
    double mean_se;                   /* the mean of the standard errors that were to be had */
    double rate, rate_lo, rate_hi;    /* of hits, with its 95 % interval (Wilson 1927) */
};

/* Fills the numbers of a row from `count` >= 2 draws; sums in their order. An estimate that is nan makes the first four
 * nan. */
void icl_accuracy_summary(enum icl_accuracy_kind kind, const struct icl_accuracy_draw *draws, size_t count,
                          double truth, struct icl_accuracy_row *row);

/* Runs the groups on `threads` threads (0: all processors): a row for each (group, method), in order. The numbers are
 * pure functions of (groups, seed), whatever the threads. *rows is owned by the caller (free) and points into
 * `groups`. Shows progress on standard error unless `quiet`. */
icl_status icl_accuracy_run(const struct icl_accuracy_group *groups, size_t count, uint64_t seed, unsigned threads,
                            bool quiet, struct icl_accuracy_row **rows, size_t *row_count, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
