/* What methods and runs of the accuracy share. */
#ifndef ICLAB_EXPERIMENTS_ACCURACY_INTERNAL_H
#define ICLAB_EXPERIMENTS_ACCURACY_INTERNAL_H

#include "estimators/mutual_information.h"
#include "experiments/accuracy.h"

enum { ICL_ACCURACY_METHODS_MAX = 64 };

/* Samples of a task, prepared once for all methods. */
struct icl_accuracy_sample {
    const struct icl_task *task;
    uint64_t seed;
    uint32_t replication;
    size_t n;
    double truth;
    double *columns;          /* as icl_task_sample fills them */
    struct icl_column *ready; /* of each component; 1 x 1 tasks only, otherwise NULL */
};

/* Method `index` on a sample: the estimate, for coverage its interval as well, for alarms the test. */
icl_status icl_accuracy_measure(const struct icl_accuracy_group *group, size_t index,
                                const struct icl_accuracy_sample *sample, struct icl_workspace *ws,
                                struct icl_accuracy_draw *draw, struct icl_error *err);

#endif
