/* What methods and runs of the accuracy share. */
#ifndef ICLAB_EXPERIMENTS_ACCURACY_INTERNAL_H
#define ICLAB_EXPERIMENTS_ACCURACY_INTERNAL_H

#include "estimators/mutual_information.h"
#include "experiments/accuracy.h"
#include "experiments/tasks_internal.h"

enum { ICL_ACCURACY_METHODS_MAX = 64 };

/* Samples of a task, prepared once for all methods. */
struct icl_accuracy_sample {
    const struct icl_task *task;
    uint64_t seed;
    uint32_t replication;
    size_t n;
    double truth;
    struct icl_column column[ICL_TASK_COMPONENTS_MAX]; /* of each component, x first */
};

/* Method `index` on a sample: the estimate, for coverage its interval as well, for alarms the test. */
icl_status icl_accuracy_measure(const struct icl_accuracy_group *group, size_t index,
                                const struct icl_accuracy_sample *sample, struct icl_workspace *ws,
                                struct icl_accuracy_draw *draw, struct icl_error *err);

#endif
