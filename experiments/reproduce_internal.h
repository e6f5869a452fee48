/* A figure being reproduced. Shared by reproduce*.c. */
#ifndef ICLAB_EXPERIMENTS_REPRODUCE_INTERNAL_H
#define ICLAB_EXPERIMENTS_REPRODUCE_INTERNAL_H

#include "core/table.h"
#include "experiments/reproduce.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

enum { FIGURE_ARMS = 8, FIGURE_SCRIPTS = 4, FIGURE_DATA = 4, FIGURE_NAME = 64, FIGURE_PATH = 4096 };

/* What is compared: a kind of network, trained once for each seed. */
struct figure_arm {
    const char *label;
    double x; /* its place on the axis of a sweep; elsewhere its number */
    enum icl_order order;
    double drop;
    enum icl_skip skip;
    enum icl_conversion conversion;
};

struct figure_size {
    const char *net;
    size_t seeds, epochs, limit, valid_limit, side;
};

struct plan;

struct figure_kind {
    struct icl_figure text;
    const char *stem;              /* of its tables */
    const char *data[FIGURE_DATA]; /* the data set it is about, then its stand-ins; ended by NULL */
    void (*recipe)(struct icl_train_spec *spec, bool full); /* all but data, network, arm, sizes and seed */
    struct figure_size quick, full;
    struct figure_arm arm[FIGURE_ARMS]; /* ended by a NULL label; the first is what the others are compared with */
    size_t record_steps;
    icl_status (*write)(const struct plan *plan, struct icl_error *err); /* further tables; may be NULL */
    const char *script[FIGURE_SCRIPTS];                                  /* of plots/, ended by NULL */
};

/* The table of figures (reproduce_figures.c). */
extern const struct figure_kind figure_kinds[];
extern const size_t figure_kind_count;

struct plan {
    const struct figure_kind *kind;
    const struct icl_reproduce_options *options;
    struct figure_size size;       /* as asked for */
    const char *data, *stands_for; /* NULL: the data set is the one it is about */
    size_t arms;
    struct icl_run *run; /* arms x seeds */
};

/* The run of an arm and a seed (from 0). */
static inline const struct icl_run *plan_run(const struct plan *plan, size_t arm, size_t seed)
{
    return &plan->run[arm * plan->size.seeds + seed];
}

/* Over the runs of an arm, of those values that are numbers. */
struct spread {
    size_t n;
    double mean, sd, se, lo, hi; /* lo, hi: 95 % limits of the mean by Student's t; nan with fewer than two */
    double median, lowest, highest;
};
/* Sorts `value`, nan last. */
struct spread spread_of(double *value, size_t n);

/* ---- tables (reproduce_tables.c, reproduce_statistics.c) ---- */

/* Opens OUT/tables/STEM.tsv, or STEM_`suffix`.tsv. */
icl_status open_figure_table(struct icl_table *table, const struct plan *plan, const char *suffix, const char *what,
                             const char *names, struct icl_error *err);
/* Closes it if all went well, drops it otherwise; returns the first failure. */
icl_status end_figure_table(struct icl_table *table, icl_status status, struct icl_error *err);

/* OUT/runs/NAME/FILE. */
icl_status run_file(const struct plan *plan, const struct icl_run *run, const char *file, char path[FIGURE_PATH],
                    struct icl_error *err);

icl_status write_figure_tables(const struct plan *plan, struct icl_error *err);
icl_status write_statistics(const struct plan *plan, struct icl_error *err);

/* What the terminal is told of the arms. */
icl_status print_arms(const struct plan *plan, FILE *terminal, struct icl_error *err);

#pragma GCC visibility pop

#endif
