/* Samples of the tasks: draws of a family, its image, then the gates. */
#include "experiments/tasks_internal.h"

#include <math.h>
#include <stdlib.h>

#include "experiments/multinormal.h"
#include "kernels/random.h"

enum { CHUNK = 1024 /* draws kept on the stack at a time */ };

/* Streams of the tasks: the normals of a chi-square, and the uniforms. */
enum { CHI_SQUARE = ICL_TASK_LAYER, NU_MAX = 1000, UNIFORM = CHI_SQUARE + NU_MAX, NOISE, GATE_LAYER };

/* Where the samples of a task come from. */
struct draw {
    uint64_t seed;
    uint32_t replication;
};

static struct icl_stream stream_of(struct draw draw, uint32_t layer)
{
    return (struct icl_stream){.seed = draw.seed, .purpose = ICL_PURPOSE_LAW, .layer = layer, .step = draw.replication};
}

/* ----------------------------------------------------------------- families */

static icl_status sample_law(const struct icl_task *task, struct draw draw, size_t n, double *columns,
                             struct icl_error *err)
{
    struct icl_law law;
    ICL_TRY(icl_task_law(task, &law, err));
    law.sample(&law, draw.seed, draw.replication, n, columns, columns + n);
    return ICL_OK;
}

static icl_status sample_normal(const struct icl_task *task, struct draw draw, size_t n, double *columns,
                                struct icl_error *err)
{
    const size_t d = task->a + task->b;
    double *R = malloc(d * d * sizeof *R);
    if (R == NULL) return icl_fail_memory(err, "a correlation matrix");
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            R[i * d + j] = icl_task_correlation(task, i, j);
    const icl_status status = icl_law_multinormal(d, R, draw.seed, draw.replication, n, columns, err);
    free(R);
    return status;
}

/* Independent normals over one sqrt(chi2 / nu), chi2 the sum of nu squared normals. */
static icl_status sample_student(const struct icl_task *task, struct draw draw, size_t n, double *columns,
                                 struct icl_error *err)
{
    const double nu = task->parameter;
    if (!(nu >= 1 && nu <= NU_MAX && nu == floor(nu)))
        return icl_fail(err, ICL_ERR_USAGE, "task %s: %g degrees of freedom are not 1 .. %d", task->name, nu, NU_MAX);
    ICL_TRY(sample_normal(task, draw, n, columns, err));
    double normal[CHUNK], chi2[CHUNK];
    for (size_t start = 0; start < n; start += CHUNK) {
        const size_t count = n - start < CHUNK ? n - start : CHUNK;
        for (size_t i = 0; i < count; i++)
            chi2[i] = 0;
        for (uint32_t k = 0; k < (uint32_t)nu; k++) {
            const struct icl_stream stream = stream_of(draw, CHI_SQUARE + k);
            icl_random_normal(&stream, start, count, normal);
            for (size_t i = 0; i < count; i++)
                chi2[i] += normal[i] * normal[i];
        }
        for (size_t i = 0; i < count; i++)
            for (size_t j = 0; j < task->a + task->b; j++)
                columns[j * n + start + i] *= sqrt(nu / chi2[i]);
    }
    return ICL_OK;
}

static icl_status sample_additive(const struct icl_task *task, struct draw draw, size_t n, double *columns,
                                  struct icl_error *err)
{
    (void)err;
    const struct icl_stream first = stream_of(draw, UNIFORM), second = stream_of(draw, NOISE);
    double *x = columns, *y = columns + n;
    icl_random_uniform(&first, 0, n, x);
    icl_random_uniform(&second, 0, n, y);
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] + task->parameter * (2 * y[i] - 1);
    return ICL_OK;
}

typedef icl_status family_sampler(const struct icl_task *task, struct draw draw, size_t n, double *columns,
                                  struct icl_error *err);

static family_sampler *const samplers[ICL_TASK_FAMILIES] = {
    [ICL_TASK_LAW] = sample_law,         [ICL_TASK_DENSE] = sample_normal,      [ICL_TASK_PAIRS] = sample_normal,
    [ICL_TASK_STUDENT] = sample_student, [ICL_TASK_ADDITIVE] = sample_additive,
};

/* ------------------------------------------------------------------- images */

/* The one function of the samplers that is libm's. */
static double normal_cdf(double t)
{
    return 0.5 * erfc(-t / M_SQRT2);
}

static double half_cube(double t)
{
    return t * sqrt(fabs(t));
}

static double relu(double t)
{
    return t > 0 ? t : 0;
}

static double (*const images[ICL_TASK_IMAGES])(double) = {
    [ICL_TASK_NORMAL_CDF] = normal_cdf, [ICL_TASK_HALF_CUBE] = half_cube, [ICL_TASK_RELU] = relu};

/* -------------------------------------------------------------------- gates */

static void shut_gates(const struct icl_task *task, struct draw draw, size_t n, double *columns)
{
    /* two positions of one channel share a gate; two channels of one position do not */
    const size_t d = task->a + task->b;
    const bool shared = task->gate == ICL_GATE_SHARED;
    const struct icl_shape shape = {n, shared ? d : 1, shared ? 1 : d};
    const struct icl_mask mask = {
        .stream = {draw.seed, ICL_PURPOSE_MASK, GATE_LAYER, draw.replication}, .gate = task->gate, .keep = task->keep};
    double factor[ICL_TASK_COMPONENTS_MAX];
    for (size_t i = 0; i < n; i++) {
        icl_kernels()->mask_f64(&mask, &shape, i * d, d, factor);
        for (size_t j = 0; j < d; j++)
            if (factor[j] == 0) columns[j * n + i] = 0;
    }
}

icl_status icl_task_sample(const struct icl_task *task, uint64_t seed, uint32_t replication, size_t n, double *columns,
                           struct icl_error *err)
{
    const struct draw draw = {seed, replication};
    const size_t d = task->a + task->b;
    if (d > ICL_TASK_COMPONENTS_MAX)
        return icl_fail(err, ICL_ERR_USAGE, "task %s: %zu components, at most %d", task->name, d,
                        ICL_TASK_COMPONENTS_MAX);
    ICL_TRY(samplers[task->family](task, draw, n, columns, err));
    double (*const image)(double) = images[task->image];
    if (image != NULL)
        for (size_t i = 0; i < d * n; i++)
            columns[i] = image(columns[i]);
    if (task->keep < 1) shut_gates(task, draw, n, columns);
    return ICL_OK;
}
