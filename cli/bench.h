/* The parts of iclab bench. Each prints lines to standard output. */
#ifndef ICLAB_CLI_BENCH_H
#define ICLAB_CLI_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

/* What the command line asks for. */
struct cli_bench_settings {
    unsigned threads;         /* 0: one a processor */
    bool full;                /* --full: everything; otherwise what fits into a minute */
    const char *const *tasks; /* of the accuracy: names of experiments/tasks.h; task_count 0: all */
    size_t task_count;
    const char *net; /* of train; NULL: its own choice */
    int order;       /* an enum icl_order; below 0: its own choice */
    size_t batch;    /* 0: its own choice */
};

/* Times estimates of mutual information, one pair and all pairs, without atoms and silent half of the time. */
icl_status cli_bench_mi(const struct cli_bench_settings *settings, struct icl_error *err);

/* Runs the quick main job, as a process of its own, and prints its wall time
 * and peak memory. */
icl_status cli_bench_verify(const struct cli_bench_settings *settings, struct icl_error *err);

/* Measures how far the estimators are off on the tasks of experiments/tasks.h, and prints one table. Not a matter of
 * time: its bytes depend on `full` and the tasks only. */
icl_status cli_bench_accuracy(const struct cli_bench_settings *settings, struct icl_error *err);
/* Measures error rates and power of the verdicts; not a timing. */
icl_status cli_bench_verdicts(const struct cli_bench_settings *settings, struct icl_error *err);

/* Checks and times every kernel of a CUDA device, then whole training steps (kernels/device_bench.h, trainer/
 * device_bench.h). No device, or one that the processor plays: ICL_ERR_DEVICE, nothing printed. A check that fails:
 * ICL_ERR_NUMERIC behind the tables. $ICLAB_BENCH_EMULATED=1 takes an emulated device, for tests: no figure is printed.
 */
icl_status cli_bench_cuda(const struct cli_bench_settings *settings, struct icl_error *err);

/* Times training steps, the way forward and the convolutions alone, on random images; then what each kind of operation
 * takes of a step. */
icl_status cli_bench_train(const struct cli_bench_settings *settings, struct icl_error *err);

/* Sorts `count` >= 1 times and returns the median (the lower one of two). */
double cli_bench_median(double *seconds, int count);

#endif
