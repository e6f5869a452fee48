/* The exact mutual information of the tasks, in nats. */
#include "experiments/tasks_internal.h"

#include <math.h>
#include <stdlib.h>

#include "experiments/laws_truth.h"
#include "experiments/multinormal.h"

/* Which components of (x, y) are looked at: the first `a` are x's. */
struct survivors {
    size_t a, b;
    size_t member[ICL_TASK_COMPONENTS_MAX];
};

/* ------------------------------------------------- between groups, no gates */

static icl_status total_correlation(const struct icl_task *task, const size_t *member, size_t count, double *tc,
                                    struct icl_error *err)
{
    double *R = malloc((count * count + 1) * sizeof *R);
    if (R == NULL) return icl_fail_memory(err, "a correlation matrix");
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            R[i * count + j] = icl_task_correlation(task, member[i], member[j]);
    const icl_status status = icl_total_correlation_normal(count, R, tc, err);
    free(R);
    return status;
}

/* -ln(det R / (det R_x det R_y)) / 2. */
static icl_status normal_information(const struct icl_task *task, const struct survivors *s, double *mi,
                                     struct icl_error *err)
{
    double of_x = 0, of_y = 0, joint = 0;
    ICL_TRY(total_correlation(task, s->member, s->a, &of_x, err));
    ICL_TRY(total_correlation(task, s->member + s->a, s->b, &of_y, err));
    ICL_TRY(total_correlation(task, s->member, s->a + s->b, &joint, err));
    *mi = joint - of_x - of_y;
    return ICL_OK;
}

/* With identity dispersion only the common scale ties the components; the margins of a Student t have the same nu. */
static icl_status student_information(const struct icl_task *task, const struct survivors *s, double *mi,
                                      struct icl_error *err)
{
    (void)err;
    const double nu = task->parameter, a = (double)s->a, b = (double)s->b;
    *mi = icl_student_vector_entropy(nu, a) + icl_student_vector_entropy(nu, b) - icl_student_vector_entropy(nu, a + b);
    return ICL_OK;
}

/* h(y) - h(y given x), h(y given x) = ln 2e. The density of y is a trapezoid of height m = min(1, 1/2e): a plateau and
 * two ramps, each as wide as the smaller of 1 and 2e. A ramp of width w adds w m (1/4 - ln(m)/2), the plateau
 * -|1 - 2e| m ln m. */
static icl_status additive_information(const struct icl_task *task, const struct survivors *s, double *mi,
                                       struct icl_error *err)
{
    (void)s;
    (void)err;
    const double width = 2 * task->parameter, ramp = fmin(1, width), height = fmin(1, 1 / width);
    *mi = 2 * ramp * height * (0.25 - log(height) / 2) - fabs(1 - width) * height * log(height) - log(width);
    return ICL_OK;
}

typedef icl_status family_information(const struct icl_task *task, const struct survivors *s, double *mi,
                                      struct icl_error *err);

static family_information *const informations[ICL_TASK_FAMILIES] = {
    [ICL_TASK_DENSE] = normal_information,
    [ICL_TASK_PAIRS] = normal_information,
    [ICL_TASK_STUDENT] = student_information,
    [ICL_TASK_ADDITIVE] = additive_information,
};

/* -------------------------------------------------------------------- gates */

/* The components of (x, y) whose bits are set. */
static struct survivors survivors_of(const struct icl_task *task, uint32_t open)
{
    struct survivors s = {0};
    for (size_t i = 0; i < task->a + task->b; i++)
        if (open >> i & 1) {
            s.member[s.a + s.b] = i;
            *(i < task->a ? &s.a : &s.b) += 1;
        }
    return s;
}

static icl_status mean_over_survivors(const struct icl_task *task, double keep, double *mi, struct icl_error *err)
{
    const size_t d = task->a + task->b;
    if (d > ICL_TASK_GATED_MAX)
        return icl_fail(err, ICL_ERR_USAGE, "task %s: %zu components behind gates, at most %d", task->name, d,
                        ICL_TASK_GATED_MAX);
    double sum = 0;
    for (uint32_t open = 0; open < UINT32_C(1) << d; open++) {
        const struct survivors s = survivors_of(task, open);
        if (s.a == 0 || s.b == 0) continue; /* nothing is left to tell */
        const double survive = (double)(s.a + s.b);
        double of_these = 0;
        ICL_TRY(informations[task->family](task, &s, &of_these, err));
        sum += pow(keep, survive) * pow(1 - keep, (double)d - survive) * of_these;
    }
    *mi = sum;
    return ICL_OK;
}

static icl_status whole_information(const struct icl_task *task, double *mi, struct icl_error *err)
{
    struct survivors all = {.a = task->a, .b = task->b};
    for (size_t i = 0; i < all.a + all.b; i++)
        all.member[i] = i;
    return informations[task->family](task, &all, mi, err);
}

static icl_status no_exact_value(const struct icl_task *task, struct icl_error *err)
{
    return icl_fail(err, ICL_ERR_USAGE, "task %s: no exact value is known for this image", task->name);
}

/* The images that leave 0 where it is keep what the law says of the pair behind gates. */
static icl_status law_information(const struct icl_task *task, double *mi, struct icl_error *err)
{
    struct icl_law law;
    ICL_TRY(icl_task_law(task, &law, err));
    const bool moves_zero = task->image == ICL_TASK_NORMAL_CDF && law.atom_at_zero && task->keep < 1;
    if (task->image == ICL_TASK_RELU || moves_zero) return no_exact_value(task, err);
    return law.mi_after(&law, task->gate, task->keep, mi, err);
}

icl_status icl_task_truth(const struct icl_task *task, double *mi, struct icl_error *err)
{
    const bool shared = task->gate == ICL_GATE_SHARED;
    if (task->a + task->b > ICL_TASK_COMPONENTS_MAX)
        return icl_fail(err, ICL_ERR_USAGE, "task %s: more than %d components", task->name, ICL_TASK_COMPONENTS_MAX);
    if (!(task->keep >= 0 && task->keep <= 1) || task->gate == ICL_GATE_GAUSSIAN)
        return icl_fail(err, ICL_ERR_USAGE, "task %s: gates of keep %g", task->name, task->keep);
    if (task->family == ICL_TASK_LAW) return law_information(task, mi, err);
    if (task->image == ICL_TASK_RELU) {
        if (task->family != ICL_TASK_STUDENT || task->a != 1 || task->b != 1 || (shared && task->keep < 1))
            return no_exact_value(task, err);
        return mean_over_survivors(task, task->keep / 2, mi, err);
    }
    if (task->keep < 1 && !shared) return mean_over_survivors(task, task->keep, mi, err);
    ICL_TRY(whole_information(task, mi, err));
    if (task->keep < 1) *mi = icl_binary_entropy(task->keep) + task->keep * *mi;
    return ICL_OK;
}
