/* What is measured, quick and full. */
#include "experiments/accuracy_internal.h"

#include <stdlib.h>
#include <string.h>

static const size_t sizes[] = {100, 500, 1000, 3000, 5000, 10000};
enum {
    SIZES = sizeof sizes / sizeof *sizes,
    SEEDS = 10,
    HIGH_DIMENSION = 25,
    COVERAGE_REPLICATIONS = 2000,
    ALARM_REPLICATIONS = 3000,
    PERMUTATIONS = 99 /* alpha (permutations + 1) is a whole number: the test has exactly that level */
};

/* I > 0 on all of them. */
static const char *const covered[] = {"binormal",         "half-cube",         "additive-75",
                                      "binormal+gates50", "binormal+shared50", "binormal+relu+gates80"};
static const struct {
    size_t n;
    bool all; /* every method; otherwise `auto` alone */
} coverage_sizes[] = {{1000, true}, {5000, false}, {10000, false}};
static const size_t alarm_sizes[] = {200, 1000};
/* Who is tested on independent pairs. */
static const char *const testing[] = {"auto", "plugin"};

/* The plan as it grows; with groups == NULL it is only counted. */
struct plan {
    bool full;
    const char *const *names;
    size_t name_count;
    struct icl_accuracy_group *groups;
    size_t count;
};

static bool is_named(const struct plan *plan, const struct icl_task *task)
{
    for (size_t i = 0; i < plan->name_count; i++)
        if (strcmp(plan->names[i], task->name) == 0) return true;
    return false;
}

static void add(struct plan *plan, const struct icl_accuracy_group *group)
{
    if (group->methods == 0 || (plan->name_count > 0 && !is_named(plan, group->task))) return;
    if (plan->groups != NULL) plan->groups[plan->count] = *group;
    plan->count++;
}

/* Every method that fits the task and does not take too long. */
static uint64_t methods_for(const struct plan *plan, const struct icl_task *task, size_t n, bool variants)
{
    const bool vectors = task->a > 1 || task->b > 1;
    uint64_t methods = 0;
    struct icl_accuracy_method method;
    for (size_t i = 0; icl_accuracy_method_at(i, &method); i++) {
        const size_t most_n = plan->full ? method.most_n_full : method.most_n_quick;
        if ((method.vectors || !vectors) && (variants || !method.variant) && (most_n == 0 || n <= most_n))
            methods |= UINT64_C(1) << i;
    }
    return methods;
}

static uint64_t method_named(const char *name)
{
    struct icl_accuracy_method method;
    for (size_t i = 0; icl_accuracy_method_at(i, &method); i++)
        if (strcmp(method.name, name) == 0) return UINT64_C(1) << i;
    return 0;
}

static void add_errors(struct plan *plan)
{
    const struct icl_task *task;
    for (size_t t = 0; (task = icl_task_at(t)) != NULL; t++) {
        if (!plan->full && task->a >= HIGH_DIMENSION && !is_named(plan, task)) continue;
        for (size_t s = 0; s < SIZES; s++) {
            if (!plan->full && task->a + task->b > 2 && sizes[s] > ICL_ACCURACY_VECTOR_N) continue;
            add(plan, &(struct icl_accuracy_group){.kind = ICL_ACCURACY_ERROR,
                                                   .task = task,
                                                   .n = sizes[s],
                                                   .replications = SEEDS,
                                                   .methods = methods_for(plan, task, sizes[s], plan->full)});
        }
    }
}

static void add_coverage(struct plan *plan)
{
    for (size_t c = 0; c < sizeof covered / sizeof *covered; c++)
        for (size_t s = 0; s < sizeof coverage_sizes / sizeof *coverage_sizes; s++) {
            const struct icl_task *task = icl_task_by_name(covered[c]);
            const size_t n = coverage_sizes[s].n;
            add(plan, &(struct icl_accuracy_group){.kind = ICL_ACCURACY_COVERAGE,
                                                   .task = task,
                                                   .n = n,
                                                   .replications = COVERAGE_REPLICATIONS,
                                                   .methods = coverage_sizes[s].all ? methods_for(plan, task, n, false)
                                                                                    : method_named("auto")});
        }
}

static void add_alarms(struct plan *plan)
{
    for (size_t s = 0; s < sizeof alarm_sizes / sizeof *alarm_sizes; s++) {
        struct icl_accuracy_group group = {.kind = ICL_ACCURACY_ALARMS,
                                           .task = icl_task_by_name("half-silent"),
                                           .n = alarm_sizes[s],
                                           .replications = ALARM_REPLICATIONS,
                                           .permutations = PERMUTATIONS};
        for (size_t e = 0; e < sizeof testing / sizeof *testing; e++)
            group.methods |= method_named(testing[e]);
        add(plan, &group);
    }
}

static void make(struct plan *plan)
{
    plan->count = 0;
    add_errors(plan);
    if (!plan->full) return;
    add_coverage(plan);
    add_alarms(plan);
}

icl_status icl_accuracy_plan(bool full, const char *const *names, size_t name_count, struct icl_accuracy_group **groups,
                             size_t *count, struct icl_error *err)
{
    struct plan plan = {.full = full, .names = names, .name_count = name_count};
    for (size_t i = 0; i < name_count; i++)
        if (icl_task_by_name(names[i]) == NULL)
            return icl_fail(err, ICL_ERR_USAGE, "no task is called '%.60s'", names[i]);
    make(&plan);
    plan.groups = malloc((plan.count + 1) * sizeof *plan.groups);
    if (plan.groups == NULL) return icl_fail_memory(err, "the plan of the accuracy");
    make(&plan);
    *groups = plan.groups;
    *count = plan.count;
    return ICL_OK;
}
