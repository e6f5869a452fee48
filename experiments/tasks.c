/* The table of tasks. */
#include "experiments/tasks_internal.h"

#include <math.h>
#include <string.h>

/* clang-format off */
#define NO_GATES    ICL_GATE_INDEPENDENT, 1
#define GATES(keep) ICL_GATE_INDEPENDENT, keep
#define SHARED(keep) ICL_GATE_SHARED, keep

static const struct icl_task tasks[] = {
    /* name                       a   b   family            law        parameter  image                gates */
    {"binormal",                  1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_PLAIN,      NO_GATES},
    {"normal-cdf",                1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_NORMAL_CDF, NO_GATES},
    {"half-cube",                 1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_HALF_CUBE,  NO_GATES},
    {"additive-10",               1,  1,  ICL_TASK_ADDITIVE, NULL,       .10,  ICL_TASK_PLAIN,      NO_GATES},
    {"additive-75",               1,  1,  ICL_TASK_ADDITIVE, NULL,       .75,  ICL_TASK_PLAIN,      NO_GATES},
    {"student-1",                 1,  1,  ICL_TASK_STUDENT,  NULL,       1,    ICL_TASK_PLAIN,      NO_GATES},

    {"binormal+gates50",          1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_PLAIN,      GATES(.5)},
    {"normal-cdf+gates50",        1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_NORMAL_CDF, GATES(.5)},
    {"half-cube+gates50",         1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_HALF_CUBE,  GATES(.5)},
    {"additive-10+gates50",       1,  1,  ICL_TASK_ADDITIVE, NULL,       .10,  ICL_TASK_PLAIN,      GATES(.5)},
    {"additive-75+gates50",       1,  1,  ICL_TASK_ADDITIVE, NULL,       .75,  ICL_TASK_PLAIN,      GATES(.5)},
    {"student-1+gates50",         1,  1,  ICL_TASK_STUDENT,  NULL,       1,    ICL_TASK_PLAIN,      GATES(.5)},
    {"binormal+shared50",         1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_PLAIN,      SHARED(.5)},
    {"normal-cdf+shared50",       1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_NORMAL_CDF, SHARED(.5)},
    {"half-cube+shared50",        1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_HALF_CUBE,  SHARED(.5)},
    {"additive-10+shared50",      1,  1,  ICL_TASK_ADDITIVE, NULL,       .10,  ICL_TASK_PLAIN,      SHARED(.5)},
    {"additive-75+shared50",      1,  1,  ICL_TASK_ADDITIVE, NULL,       .75,  ICL_TASK_PLAIN,      SHARED(.5)},
    {"student-1+shared50",        1,  1,  ICL_TASK_STUDENT,  NULL,       1,    ICL_TASK_PLAIN,      SHARED(.5)},
    {"binormal+relu+gates80",     1,  1,  ICL_TASK_LAW,      "relu",     .75,  ICL_TASK_PLAIN,      GATES(.8)},
    {"half-cube+relu+gates80",    1,  1,  ICL_TASK_LAW,      "relu",     .75,  ICL_TASK_HALF_CUBE,  GATES(.8)},
    {"student-1+relu+gates80",    1,  1,  ICL_TASK_STUDENT,  NULL,       1,    ICL_TASK_RELU,       GATES(.8)},

    {"binormal-00",               1,  1,  ICL_TASK_LAW,      "gauss",    0,    ICL_TASK_PLAIN,      NO_GATES},
    {"binormal-30",               1,  1,  ICL_TASK_LAW,      "gauss",    .3,   ICL_TASK_PLAIN,      NO_GATES},
    {"binormal-90",               1,  1,  ICL_TASK_LAW,      "gauss",    .9,   ICL_TASK_PLAIN,      NO_GATES},
    {"binormal-99",               1,  1,  ICL_TASK_LAW,      "gauss",    .99,  ICL_TASK_PLAIN,      NO_GATES},
    {"binormal+gates90",          1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_PLAIN,      GATES(.9)},
    {"binormal+gates10",          1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_PLAIN,      GATES(.1)},
    {"binormal+shared10",         1,  1,  ICL_TASK_LAW,      "gauss",    .75,  ICL_TASK_PLAIN,      SHARED(.1)},
    {"half-silent",               1,  1,  ICL_TASK_LAW,      "gauss",    0,    ICL_TASK_PLAIN,      GATES(.5)},
    {"discrete",                  1,  1,  ICL_TASK_LAW,      "discrete", NAN,  ICL_TASK_PLAIN,      NO_GATES},
    {"discrete+gates50",          1,  1,  ICL_TASK_LAW,      "discrete", NAN,  ICL_TASK_PLAIN,      GATES(.5)},
    {"discrete+shared50",         1,  1,  ICL_TASK_LAW,      "discrete", NAN,  ICL_TASK_PLAIN,      SHARED(.5)},

    {"dense-2",                   2,  2,  ICL_TASK_DENSE,    NULL,       .5,   ICL_TASK_PLAIN,      NO_GATES},
    {"dense-3",                   3,  3,  ICL_TASK_DENSE,    NULL,       .5,   ICL_TASK_PLAIN,      NO_GATES},
    {"dense-5",                   5,  5,  ICL_TASK_DENSE,    NULL,       .5,   ICL_TASK_PLAIN,      NO_GATES},
    {"dense-25",                  25, 25, ICL_TASK_DENSE,    NULL,       .5,   ICL_TASK_PLAIN,      NO_GATES},
    {"dense-50",                  50, 50, ICL_TASK_DENSE,    NULL,       .5,   ICL_TASK_PLAIN,      NO_GATES},
    {"pairs-2",                   2,  2,  ICL_TASK_PAIRS,    NULL,       .8,   ICL_TASK_PLAIN,      NO_GATES},
    {"pairs-3",                   3,  3,  ICL_TASK_PAIRS,    NULL,       .8,   ICL_TASK_PLAIN,      NO_GATES},
    {"pairs-5",                   5,  5,  ICL_TASK_PAIRS,    NULL,       .8,   ICL_TASK_PLAIN,      NO_GATES},
    {"pairs-25",                  25, 25, ICL_TASK_PAIRS,    NULL,       .8,   ICL_TASK_PLAIN,      NO_GATES},
    {"student-2-2-2",             2,  2,  ICL_TASK_STUDENT,  NULL,       2,    ICL_TASK_PLAIN,      NO_GATES},
    {"student-3-3-3",             3,  3,  ICL_TASK_STUDENT,  NULL,       3,    ICL_TASK_PLAIN,      NO_GATES},
    {"dense-2+gates50",           2,  2,  ICL_TASK_DENSE,    NULL,       .5,   ICL_TASK_PLAIN,      GATES(.5)},
    {"dense-2+shared50",          2,  2,  ICL_TASK_DENSE,    NULL,       .5,   ICL_TASK_PLAIN,      SHARED(.5)},
    {"pairs-3+gates50",           3,  3,  ICL_TASK_PAIRS,    NULL,       .8,   ICL_TASK_PLAIN,      GATES(.5)},
    {"pairs-3+shared50",          3,  3,  ICL_TASK_PAIRS,    NULL,       .8,   ICL_TASK_PLAIN,      SHARED(.5)},
    {"student-2-2-2+gates50",     2,  2,  ICL_TASK_STUDENT,  NULL,       2,    ICL_TASK_PLAIN,      GATES(.5)},
    {"student-2-2-2+shared50",    2,  2,  ICL_TASK_STUDENT,  NULL,       2,    ICL_TASK_PLAIN,      SHARED(.5)},
};
/* clang-format on */
enum { TASKS = sizeof tasks / sizeof *tasks };

const struct icl_task *icl_task_at(size_t index)
{
    return index < TASKS ? &tasks[index] : NULL;
}

const struct icl_task *icl_task_by_name(const char *name)
{
    for (size_t i = 0; i < TASKS; i++)
        if (strcmp(tasks[i].name, name) == 0) return &tasks[i];
    return NULL;
}

double icl_task_correlation(const struct icl_task *task, size_t i, size_t j)
{
    enum { PAIRED = 2 }; /* pairs of ICL_TASK_PAIRS */
    const size_t low = i < j ? i : j, high = i < j ? j : i;
    if (i == j) return 1;
    if (task->family == ICL_TASK_DENSE) return task->parameter;
    return task->family == ICL_TASK_PAIRS && low < PAIRED && high == task->a + low ? task->parameter : 0;
}

icl_status icl_task_law(const struct icl_task *task, struct icl_law *law, struct icl_error *err)
{
    const struct icl_law *known = task->law != NULL ? icl_law_by_name(task->law) : NULL;
    if (known == NULL) return icl_fail(err, ICL_ERR_USAGE, "task %s: its law is not known", task->name);
    *law = *known;
    if (!isnan(task->parameter)) law->rho = task->parameter;
    return ICL_OK;
}
