/* Batch norms and what activations look like. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/device_bench/stage_internal.h"

static const double epsilon = 1e-5, momentum = .1;

struct norm_trial {
    struct stage_trial *s; /* first: what stage_on_device and others find */
    size_t channels;
    double rows;
    struct trial_numbers gamma, beta, dgamma, dbeta, scale, shift, slope;
    struct trial_area *running_mean, *running_variance, *mean, *variance, *partial;
    double *before_mean, *before_variance, *batch_mean, *batch_variance;
};

/* ---- the reference (trainer/execute.c: combine_forward, combine_backward) ---- */

static void reference_statistics(struct trial *t, const struct stage_trial *s, double rows, double *mean,
                                 double *variance)
{
    const size_t channels = s->plain.shape.channels;
    const struct icl_stage_data_f32 data = stage_on_host(s);
    double *square = trial_host(t, channels * sizeof *square);
    if (square == NULL) return;
    memset(mean, 0, channels * sizeof *mean);
    t->reference->layers.stage_sums(&s->plain, &data, mean, square);
    for (size_t c = 0; c < channels; c++) {
        mean[c] /= rows;
        variance[c] = fmax(square[c] / rows - mean[c] * mean[c], 0.0);
    }
}

static double *doubles(struct trial *t, size_t count, double from, double to)
{
    double *values = trial_host(t, count * sizeof *values);
    for (size_t i = 0; values != NULL && i < count; i++)
        values[i] = from + (to - from) * trial_uniform(t);
    return values;
}

static struct trial_area *up(struct trial *t, const double *values, size_t count)
{
    return trial_upload(t, values, count * sizeof *values, count * sizeof *values);
}

static struct norm_trial *make_norm(struct trial *t)
{
    struct stage_trial *s = stage_trial_make(t);
    struct norm_trial *n = t->state = trial_host(t, sizeof *n);
    if (s == NULL || n == NULL) return NULL;
    n->s = s;
    n->channels = s->plain.shape.channels;
    n->rows = (double)(s->plain.shape.samples * s->plain.shape.positions);
    n->gamma = trial_normal(t, ICL_STORAGE_F32, n->channels, 1, .3);
    n->beta = trial_normal(t, ICL_STORAGE_F32, n->channels, 0, .5);
    n->before_mean = doubles(t, n->channels, -1, 1);
    n->before_variance = doubles(t, n->channels, .1, 3);
    n->running_mean = up(t, n->before_mean, n->channels);
    n->running_variance = up(t, n->before_variance, n->channels);
    n->partial = trial_zeros(t, t->call->layers.norm_room(&s->plain.shape));
    t->peak = TRIAL_COPY;
    return t->status == ICL_OK ? n : NULL;
}

static struct icl_device_norm norm_on_device(const struct trial *t, const struct norm_trial *n)
{
    return (struct icl_device_norm){.epsilon = epsilon,
                                    .momentum = momentum,
                                    .moves = t->form % 4 != 1,
                                    .gamma = trial_at(t, n->gamma.area),
                                    .beta = trial_at(t, n->beta.area),
                                    .dgamma = trial_at(t, n->dgamma.area),
                                    .dbeta = trial_at(t, n->dbeta.area),
                                    .running_mean = trial_at(t, n->running_mean),
                                    .running_variance = trial_at(t, n->running_variance),
                                    .mean = trial_at(t, n->mean),
                                    .variance = trial_at(t, n->variance),
                                    .scale = trial_at(t, n->scale.area),
                                    .shift = trial_at(t, n->shift.area),
                                    .slope = trial_at(t, n->slope.area),
                                    .partial = trial_at(t, n->partial)};
}

/* ---- forward ---- */

static void forward_make(struct trial *t)
{
    struct norm_trial *n = make_norm(t);
    if (n == NULL) return;
    n->mean = trial_area(t, n->channels * sizeof(double));
    n->variance = trial_area(t, n->channels * sizeof(double));
    n->scale = trial_room(t, ICL_STORAGE_F32, n->channels);
    n->shift = trial_room(t, ICL_STORAGE_F32, n->channels);
    t->amount = (double)n->s->count * (double)icl_storage_bytes(n->s->form->storage);
}

/* Twice when checking: the second finds `partial` as the first left it. */
static void forward_work(struct trial *t)
{
    const struct norm_trial *n = t->state;
    const struct icl_device_stage stage = stage_on_device(t, n->s);
    const struct icl_device_norm norm = norm_on_device(t, n);
    t->call->layers.norm_forward(t->device, &stage, &norm);
    if (!t->measuring) t->call->layers.norm_forward(t->device, &stage, &norm);
}

static void forward_check(struct trial *t)
{
    const struct norm_trial *n = t->state;
    const size_t channels = n->channels;
    double *mean = trial_host(t, channels * sizeof *mean), *variance = trial_host(t, channels * sizeof *variance);
    float *scale = trial_host(t, channels * sizeof *scale), *shift = trial_host(t, channels * sizeof *shift);
    if (t->status != ICL_OK) return;
    reference_statistics(t, n->s, n->rows, mean, variance);
    trial_near_f64(t, "mean", trial_read(t, n->mean), mean, channels, 1e-6, 1e-6);
    trial_near_f64(t, "variance", trial_read(t, n->variance), variance, channels, 1e-5, 1e-6);
    icl_bn_coefficients(mean, variance, n->gamma.host, n->beta.host, epsilon, channels, scale, shift);
    trial_near(t, "scale", trial_read_floats(t, &n->scale), scale, channels, 1e-5, 1e-6);
    trial_near(t, "shift", trial_read_floats(t, &n->shift), shift, channels, 1e-5, 1e-5);
    for (size_t c = 0; c < channels; c++)
        for (int turn = 0; turn < 2 && t->form % 4 != 1; turn++) {
            n->before_mean[c] += momentum * (mean[c] - n->before_mean[c]);
            n->before_variance[c] += momentum * (variance[c] * n->rows / (n->rows - 1.0) - n->before_variance[c]);
        }
    const double tolerance = t->form % 4 != 1 ? 1e-5 : 0.0;
    trial_near_f64(t, "running mean", trial_read(t, n->running_mean), n->before_mean, channels, tolerance, tolerance);
    trial_near_f64(t, "running variance", trial_read(t, n->running_variance), n->before_variance, channels, tolerance,
                   tolerance);
}

/* ---- of the running statistics ---- */

static void running_make(struct trial *t)
{
    struct norm_trial *n = make_norm(t);
    if (n == NULL) return;
    n->scale = trial_room(t, ICL_STORAGE_F32, n->channels);
    n->shift = trial_room(t, ICL_STORAGE_F32, n->channels);
}

static void running_work(struct trial *t)
{
    const struct norm_trial *n = t->state;
    const struct icl_device_norm norm = norm_on_device(t, n);
    t->call->layers.norm_running(t->device, n->channels, &norm);
}

static void running_check(struct trial *t)
{
    const struct norm_trial *n = t->state;
    float *scale = trial_host(t, n->channels * sizeof *scale), *shift = trial_host(t, n->channels * sizeof *shift);
    if (t->status != ICL_OK) return;
    icl_bn_coefficients(n->before_mean, n->before_variance, n->gamma.host, n->beta.host, epsilon, n->channels, scale,
                        shift);
    trial_same(t, "scale", trial_read_floats(t, &n->scale), scale, n->channels);
    trial_same(t, "shift", trial_read_floats(t, &n->shift), shift, n->channels);
}

/* ---- backward ---- */

static void backward_make(struct trial *t)
{
    struct norm_trial *n = make_norm(t);
    if (n == NULL) return;
    struct stage_trial *s = n->s;
    s->dy = trial_normal(t, s->form->storage, s->count, .2, 1);
    if (s->form->tap != ICL_TAP_NONE) s->dtap = trial_normal(t, s->form->storage, s->count, 0, .5);
    n->batch_mean = doubles(t, n->channels, -1, 1);
    n->batch_variance = doubles(t, n->channels, .1, 3);
    if (t->status != ICL_OK) return;
    if (!t->measuring) reference_statistics(t, s, n->rows, n->batch_mean, n->batch_variance);
    n->mean = up(t, n->batch_mean, n->channels);
    n->variance = up(t, n->batch_variance, n->channels);
    n->scale = s->scale; /* what the stage did: not what these statistics would give, which changes nothing here */
    n->shift = s->shift;
    n->slope = trial_room(t, ICL_STORAGE_F32, 3 * n->channels);
    n->dgamma = trial_room(t, ICL_STORAGE_F32, n->channels);
    n->dbeta = trial_room(t, ICL_STORAGE_F32, n->channels);
    if (s->gates != NULL && t->status == ICL_OK) {
        s->y = trial_room(t, s->form->storage, s->count);
        if (s->form->tap != ICL_TAP_NONE) s->tap = trial_room(t, s->form->storage, s->count);
        for (t->set = 0; t->status == ICL_OK && t->set < t->sets; t->set++) {
            const struct icl_device_stage stage = stage_on_device(t, s);
            t->call->layers.stage_forward(t->device, &stage);
        }
        t->set = 0;
    }
    t->amount = (2.0 + s->form->add) * (double)s->count * (double)icl_storage_bytes(s->form->storage) +
                (s->gates != NULL ? (double)s->count / 8 : 0.0);
}

static void backward_work(struct trial *t)
{
    const struct norm_trial *n = t->state;
    const struct icl_device_stage stage = stage_on_device(t, n->s);
    const struct icl_device_norm norm = norm_on_device(t, n);
    t->call->layers.norm_backward(t->device, &stage, &norm);
    if (!t->measuring) t->call->layers.norm_backward(t->device, &stage, &norm);
}

static void backward_check(struct trial *t)
{
    const struct norm_trial *n = t->state;
    const size_t channels = n->channels;
    const struct icl_stage_data_f32 data = stage_on_host(n->s);
    double *sum = trial_host(t, channels * sizeof *sum), *product = trial_host(t, channels * sizeof *product);
    float *want = trial_host(t, 5 * channels * sizeof *want);
    if (t->status != ICL_OK) return;
    t->reference->layers.stage_backward_sums(&n->s->plain, &data, sum, product);
    float *dgamma = want + 3 * channels, *dbeta = want + 4 * channels;
    for (size_t c = 0; c < channels; c++) {
        const double sd = sqrt(n->batch_variance[c] + epsilon), scale = (double)n->scale.host[c];
        const double dxhat = (product[c] - n->batch_mean[c] * sum[c]) / sd, b = dxhat / sd;
        dgamma[c] = (float)dxhat;
        dbeta[c] = (float)sum[c];
        want[c] = n->scale.host[c];
        want[channels + c] = (float)(-scale * b / n->rows);
        want[2 * channels + c] = (float)(-scale * (sum[c] - b * n->batch_mean[c]) / n->rows);
    }
    /* Sums of `rows` terms of about 1, whose own sums are small. */
    const double terms = sqrt(n->rows);
    trial_near(t, "dgamma", trial_read_floats(t, &n->dgamma), dgamma, channels, 1e-5, 1e-5 * terms);
    trial_near(t, "dbeta", trial_read_floats(t, &n->dbeta), dbeta, channels, 1e-5, 1e-5 * terms);
    const float *slope = trial_read_floats(t, &n->slope);
    if (slope == NULL) return;
    trial_same(t, "slope k1", slope, want, channels);
    trial_near(t, "slope k2, k3", slope + channels, want + channels, 2 * channels, 1e-5, 3e-5 / terms);
}

/* ---- summaries ---- */

struct summary_trial {
    struct stage_trial *s; /* first, as above */
    struct icl_device_ranges ranges;
    struct trial_area *room, *three;
    float *seen[3]; /* came in, behind the nonlinearity, left */
};

static void summary_make(struct trial *t)
{
    struct stage_trial *s = stage_trial_make(t);
    struct summary_trial *m = t->state = trial_host(t, sizeof *m);
    if (s == NULL || m == NULL) return;
    m->s = s;
    m->ranges = (struct icl_device_ranges){-2, 3.5, -.05, .05};
    m->room = trial_zeros(t, t->call->layers.summary_room(&s->plain.shape));
    m->three = trial_area(t, 3 * sizeof(struct icl_device_summary));
    t->peak = TRIAL_COPY;
    t->amount = (2.0 + s->form->add) * (double)s->count * (double)icl_storage_bytes(s->form->storage);
    if (t->measuring) {
        s->y = trial_normal(t, s->form->storage, s->count, 0, 1);
        return;
    }
    /* The numbers come from the reference, so that only the counting is checked. */
    struct icl_stage plain = s->plain;
    struct icl_stage_data_f32 data = stage_on_host(s);
    float *y = trial_host(t, s->count * sizeof *y), *relu = trial_host(t, s->count * sizeof *relu);
    if (t->status != ICL_OK) return;
    data.y = y;
    data.tap = relu;
    plain.tap = ICL_TAP_RELU;
    t->reference->layers.stage_forward(&plain, &data);
    for (size_t i = 0; i < s->count; i++)
        y[i] = trial_rounded(s->form->storage, y[i]);
    s->y =
        (struct trial_numbers){s->form->storage, s->count, trial_store(t, s->form->storage, y, s->count, s->count), y};
    m->seen[0] = s->x.host;
    m->seen[1] = relu;
    m->seen[2] = y;
}

static void summary_work(struct trial *t)
{
    const struct summary_trial *m = t->state;
    const struct icl_device_stage stage = stage_on_device(t, m->s);
    t->call->layers.summarise(t->device, &stage, &m->ranges, trial_at(t, m->room), trial_at(t, m->three));
    if (!t->measuring)
        t->call->layers.summarise(t->device, &stage, &m->ranges, trial_at(t, m->room), trial_at(t, m->three));
}

static void summary_check(struct trial *t)
{
    static const char *const names[] = {"came in", "behind the nonlinearity", "left"};
    const struct summary_trial *m = t->state;
    const struct icl_device_summary *three = trial_read(t, m->three);
    const struct icl_device_ranges *r = &m->ranges;
    const struct icl_nonlinearity none = {0};
    for (int p = 0; three != NULL && p < 3; p++) {
        struct icl_device_summary want = {.count = m->s->count, .least = INFINITY, .most = -INFINITY};
        double size = 0.0;
        t->reference->layers.summarise(&none, m->seen[p], m->s->count, r->low, r->high, ICL_DEVICE_BINS, r->near_low,
                                       r->near_high, &want.sum, &want.square, want.histogram, &want.near);
        for (size_t i = 0; i < m->s->count; i++) {
            want.least = fmin(want.least, (double)m->seen[p][i]);
            want.most = fmax(want.most, (double)m->seen[p][i]);
            size += fabs((double)m->seen[p][i]);
        }
        trial_near_f64(t, names[p], &three[p].sum, &want.sum, 1, 0, 1e-6 * size);
        trial_near_f64(t, names[p], &three[p].square, &want.square, 1, 1e-6, 0);
        trial_near_f64(t, names[p], &three[p].least, &want.least, 1, 0, 0);
        trial_near_f64(t, names[p], &three[p].most, &want.most, 1, 0, 0);
        if (three[p].near != want.near || three[p].count != want.count) trial_problem(t, "%s: counts", names[p]);
        trial_same_bytes(t, "histogram", three[p].histogram, want.histogram, sizeof want.histogram);
    }
}

enum { NORMS = 12, FORMS = 15, MEASURED = 6 };

const struct trial_row trial_rows_norm[] = {
    {"norm_forward",
     {TRIAL_LAYER(norm_forward), TRIAL_LAYER(norm_room)},
     NORMS,
     MEASURED,
     forward_make,
     forward_work,
     forward_check,
     NULL},
    {"norm_running",
     {TRIAL_LAYER(norm_running), TRIAL_LAYER(norm_room)},
     3,
     0,
     running_make,
     running_work,
     running_check,
     NULL},
    {"norm_backward",
     {TRIAL_LAYER(norm_backward), TRIAL_LAYER(norm_room), TRIAL_LAYER(stage_forward)},
     NORMS,
     MEASURED,
     backward_make,
     backward_work,
     backward_check,
     NULL},
    {"summarise",
     {TRIAL_LAYER(summarise), TRIAL_LAYER(summary_room)},
     FORMS,
     MEASURED,
     summary_make,
     summary_work,
     summary_check,
     NULL},
    {0},
};
