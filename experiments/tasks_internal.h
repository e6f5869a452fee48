/* What sampler and truth of the tasks share. */
#ifndef ICLAB_EXPERIMENTS_TASKS_INTERNAL_H
#define ICLAB_EXPERIMENTS_TASKS_INTERNAL_H

#include "experiments/laws.h"
#include "experiments/tasks.h"

/* The most components a task has. */
enum { ICL_TASK_COMPONENTS_MAX = 100 };

/* The correlation of components i and j of (x, y). */
double icl_task_correlation(const struct icl_task *task, size_t i, size_t j);

/* The law of an ICL_TASK_LAW with the task's rho. */
icl_status icl_task_law(const struct icl_task *task, struct icl_law *law, struct icl_error *err);

#endif
