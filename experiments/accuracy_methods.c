/* The estimators whose accuracy is measured. */
#include "experiments/accuracy_internal.h"

#include <math.h>
#include <string.h>

#include "estimators/mi_error.h"
#include "estimators/mi_groups.h"
#include "estimators/mi_permutation.h"

/* Slow estimators: the largest n they are measured at; 0: all. */
static const struct {
    const char *name;
    size_t most_n_quick, most_n_full;
} slow[] = {{"kde", 1000, 0}};

static const struct {
    const char *name;
    struct icl_mi_options options;
} variants[] = {
    {"decomposition --k 3", {.estimator = ICL_MI_DECOMPOSITION, .k = 3}},
    {"decomposition --k 5", {.estimator = ICL_MI_DECOMPOSITION, .k = 5}},
    {"decomposition --k 10", {.estimator = ICL_MI_DECOMPOSITION, .k = 10}},
    {"decomposition --k 20", {.estimator = ICL_MI_DECOMPOSITION, .k = 20}},
};
enum { VARIANTS = sizeof variants / sizeof *variants, METHODS = ICL_MI_COUNT + VARIANTS };

_Static_assert((int)METHODS <= (int)ICL_ACCURACY_METHODS_MAX, "a bit for each method");

bool icl_accuracy_method_at(size_t index, struct icl_accuracy_method *method)
{
    if (index >= METHODS) return false;
    *method = (struct icl_accuracy_method){.variant = index >= ICL_MI_COUNT};
    method->name = method->variant ? variants[index - ICL_MI_COUNT].name : icl_mi_names[index];
    method->vectors = !method->variant && icl_mi_takes_groups((enum icl_mi_estimator)index);
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++)
        if (strcmp(method->name, slow[i].name) == 0) {
            method->most_n_quick = slow[i].most_n_quick;
            method->most_n_full = slow[i].most_n_full;
        }
    return true;
}

static struct icl_mi_options options_of(size_t index)
{
    if (index >= ICL_MI_COUNT) return variants[index - ICL_MI_COUNT].options;
    return (struct icl_mi_options){.estimator = (enum icl_mi_estimator)index};
}

/* The stream of one replication. */
static struct icl_stream stream_of(const struct icl_accuracy_sample *sample, enum icl_purpose purpose)
{
    return (struct icl_stream){.seed = sample->seed, .purpose = purpose, .layer = sample->replication};
}

static icl_status cover(const struct icl_accuracy_sample *sample, const struct icl_mi_options *options,
                        struct icl_workspace *ws, struct icl_accuracy_draw *draw, struct icl_error *err)
{
    const struct icl_sampling sampling = {.stream = stream_of(sample, ICL_PURPOSE_SUBSAMPLE)};
    struct icl_interval interval;
    ICL_TRY(icl_mi_interval(&sample->column[0], &sample->column[1], options, &sampling, ws, &interval, err));
    draw->se = interval.se;
    icl_interval_set(&interval, ICL_ACCURACY_LEVEL);
    draw->hit = interval.lo <= sample->truth && sample->truth <= interval.hi;
    return ICL_OK;
}

static icl_status test(const struct icl_accuracy_sample *sample, const struct icl_mi_options *options,
                       unsigned permutations, struct icl_workspace *ws, struct icl_accuracy_draw *draw,
                       struct icl_error *err)
{
    const struct icl_stream stream = stream_of(sample, ICL_PURPOSE_PERMUTE);
    double p = NAN;
    const struct icl_permutation_plan plan = {.permutations = permutations};
    ICL_TRY(icl_mi_permutation_test(&sample->column[0], &sample->column[1], options, draw->mi, &plan, &stream, ws, &p,
                                    err));
    draw->hit = p <= ICL_ACCURACY_ALPHA;
    return ICL_OK;
}

/* icl_mi_groups with one column a side is icl_mi_pair, for the estimators that know groups. */
static icl_status estimate(const struct icl_accuracy_sample *sample, const struct icl_mi_options *options,
                           struct icl_workspace *ws, struct icl_mi_result *result, struct icl_error *err)
{
    const size_t a = sample->task->a, b = sample->task->b;
    if (a == 1 && b == 1) return icl_mi_pair(&sample->column[0], &sample->column[1], options, ws, result, err);
    const struct icl_column *component[ICL_TASK_COMPONENTS_MAX];
    for (size_t j = 0; j < a + b; j++)
        component[j] = &sample->column[j];
    const struct icl_column_group x = {component, a}, y = {component + a, b};
    return icl_mi_groups(&x, &y, options, ws, result, err);
}

icl_status icl_accuracy_measure(const struct icl_accuracy_group *group, size_t index,
                                const struct icl_accuracy_sample *sample, struct icl_workspace *ws,
                                struct icl_accuracy_draw *draw, struct icl_error *err)
{
    struct icl_mi_options options = options_of(index);
    struct icl_mi_result result = {.mi = NAN};
    if (group->kind != ICL_ACCURACY_ERROR && (sample->task->a > 1 || sample->task->b > 1))
        return icl_fail(err, ICL_ERR_USAGE, "task %s: intervals and tests are for pairs", sample->task->name);
    ICL_TRY(estimate(sample, &options, ws, &result, err));
    *draw = (struct icl_accuracy_draw){.mi = result.mi, .se = NAN};
    /* parts and permutations are judged by the estimator of the whole */
    options.estimator = result.estimator;
    if (group->kind == ICL_ACCURACY_COVERAGE) return cover(sample, &options, ws, draw, err);
    if (group->kind == ICL_ACCURACY_ALARMS) return test(sample, &options, group->permutations, ws, draw, err);
    return ICL_OK;
}
