/* Figures of the paper and of the thread, from training runs to pictures. */
#ifndef ICLAB_EXPERIMENTS_REPRODUCE_H
#define ICLAB_EXPERIMENTS_REPRODUCE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "experiments/runs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A figure, for lists. */
struct icl_figure {
    const char *name;   /* thread-comparison */
    const char *source; /* paper | thread | theory: where it is from */
    const char *title;
    const char *data; /* the data set that it is about, and what stands in for it where it is not there */
};

/* The figures in their order; NULL past the last. */
const struct icl_figure *icl_figure_at(size_t index);

struct icl_reproduce_options {
    const char *figure;
    bool full;
    uint64_t seeds, epochs, limit; /* 0: those of the figure at this size; limit: training images */
    const char *data, *net;        /* NULL: the figure's */
    /* Threads, folders, stop and so on; with `leave` the runs only, and no tables. */
    struct icl_runs_options runs;
};

/* Does the runs of a figure (icl_runs_do), writes OUT/tables and draws OUT/figures. What it was and where it is goes to
 * `terminal` (NULL: nowhere). Tables: NAME (an arm a row: final accuracy over the seeds, and its difference to the
 * first arm paired by seed), NAME_runs (a run a row), NAME_curves (by epoch), and what else the figure shows; NAME with
 * _ for
 * -. Their bytes behind the `#` lines depend on figure, sizes and data alone. Data that is missing: ICL_ERR_INPUT, and
 * nothing is written. *stopped: as of icl_runs_do. */
icl_status icl_reproduce(const struct icl_reproduce_options *options, FILE *terminal, bool *stopped,
                         struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
