/* Convolutions and linear layers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/device_bench/trial_internal.h"

#define F32  ICL_STORAGE_F32, ICL_PRODUCT_F32
#define TF32 ICL_STORAGE_F32, ICL_PRODUCT_TF32
#define BF16 ICL_STORAGE_BF16, ICL_PRODUCT_F32
static const struct conv_form {
    struct icl_conv_shape shape;
    size_t images;
    enum icl_storage storage;
    enum icl_product_rule rule;
    bool add;
} conv_checked[] = {
    /* height, width, in, out, window, stride, padding, out_height, out_width, bias */
    {{8, 8, 8, 16, 3, 1, 1, 8, 8, false}, 3, F32, false},  {{9, 7, 8, 8, 3, 2, 1, 5, 4, false}, 2, F32, true},
    {{14, 14, 1, 8, 5, 2, 2, 7, 7, true}, 3, F32, false},  {{8, 8, 16, 24, 1, 2, 0, 4, 4, false}, 2, F32, true},
    {{1, 1, 64, 10, 1, 1, 0, 1, 1, true}, 17, F32, false}, {{11, 11, 3, 16, 3, 2, 1, 6, 6, false}, 2, F32, false},
    {{6, 6, 5, 7, 3, 1, 1, 6, 6, true}, 2, F32, true},     {{8, 8, 16, 16, 3, 1, 1, 8, 8, false}, 2, TF32, false},
    {{1, 1, 64, 10, 1, 1, 0, 1, 1, true}, 13, TF32, true}, {{8, 8, 16, 16, 3, 1, 1, 8, 8, false}, 2, BF16, false},
    {{9, 9, 8, 16, 3, 2, 1, 5, 5, true}, 2, BF16, true},   {{14, 14, 1, 8, 5, 2, 2, 7, 7, false}, 2, BF16, false},
    {{1, 1, 64, 10, 1, 1, 0, 1, 1, true}, 9, BF16, false},
};

/* Of ResNet (batches of 128), XResNet on 128x128 (32) and the thread's net (512), each by the three rules. */
#define RULES(...)                                                                                                     \
    {__VA_ARGS__, F32, false}, {__VA_ARGS__, TF32, false},                                                             \
    {                                                                                                                  \
        __VA_ARGS__, BF16, false                                                                                       \
    }
#define SHAPE(...)                                                                                                     \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
static const struct conv_form conv_measured[] = {
    RULES(SHAPE(32, 32, 16, 16, 3, 1, 1, 32, 32, false), 128),
    RULES(SHAPE(16, 16, 32, 32, 3, 1, 1, 16, 16, false), 128),
    RULES(SHAPE(8, 8, 64, 64, 3, 1, 1, 8, 8, false), 128),
    RULES(SHAPE(32, 32, 64, 64, 3, 1, 1, 32, 32, false), 32),
    RULES(SHAPE(8, 8, 256, 256, 3, 1, 1, 8, 8, false), 32),
    RULES(SHAPE(28, 28, 1, 8, 5, 2, 2, 14, 14, false), 512),
};

struct conv_trial {
    struct conv_form form;
    size_t in, out, weights; /* numbers */
    struct icl_device_conv *conv;
    struct trial_numbers x, w, bias, y, dy, dx, dw, dbias;
    struct trial_area *scratch;
    float *before;
};

/* How far a product may be from the reference, relative to the sum of the absolute terms; bf16 factors are exact. */
static double factor_of(const struct conv_form *form)
{
    return form->storage == ICL_STORAGE_F32 && form->rule == ICL_PRODUCT_TF32 ? 0x1p-9 : 1e-5;
}

static double relative_of(const struct trial_numbers *numbers)
{
    return numbers->storage == ICL_STORAGE_F32 ? 0.0 : 0x1p-8;
}

static struct conv_trial *make_conv(struct trial *t)
{
    static const enum trial_peak peaks[] = {TRIAL_F32, TRIAL_TF32};
    struct conv_trial *c = t->state = trial_host(t, sizeof *c);
    if (c == NULL) return NULL;
    c->form = t->measuring ? conv_measured[t->form] : conv_checked[t->form];
    if (t->tiny) c->form.images = 1;
    struct icl_conv_shape *s = &c->form.shape;
    c->in = c->form.images * s->height * s->width * s->in;
    c->out = c->form.images * s->out_height * s->out_width * s->out;
    c->weights = s->out * s->window * s->window * s->in;
    const char *rule = c->form.storage == ICL_STORAGE_BF16 ? "bf16" : c->form.rule == ICL_PRODUCT_F32 ? "f32" : "tf32";
    snprintf(t->label, sizeof t->label, "%s, %zux%zux%zux%zu to %zu, window %zu, stride %zu%s", rule, c->form.images,
             s->height, s->width, s->in, s->out, s->window, s->stride, s->bias ? ", bias" : "");
    t->peak = c->form.storage == ICL_STORAGE_BF16 ? TRIAL_BF16 : peaks[c->form.rule];
    t->amount = 2.0 * (double)c->out * (double)(s->window * s->window * s->in);
    const struct icl_device_conv_form form = {.shape = *s,
                                              .images = c->form.images,
                                              .storage = c->form.storage,
                                              .rule = c->form.rule,
                                              .input_gradient = true,
                                              .weight_gradient = true};
    struct icl_error err;
    trial_fail(t, t->call->layers.conv_plan(t->device, &form, &c->conv, &err), &err);
    if (t->status != ICL_OK) return NULL;
    c->scratch = trial_area(t, t->call->layers.conv_scratch(c->conv));
    const double sd = sqrt(2.0 / (double)(s->window * s->window * s->in));
    c->w = trial_normal(t, c->form.storage, c->weights, 0, sd);
    return c;
}

static void conv_end(struct trial *t)
{
    const struct conv_trial *c = t->state;
    if (c != NULL) t->call->layers.conv_release(t->device, c->conv);
}

/* |values|, for the sums of absolute terms. */
static float *absolute(struct trial *t, const float *values, size_t count)
{
    float *out = trial_host(t, count * sizeof *out);
    for (size_t i = 0; out != NULL && i < count; i++)
        out[i] = fabsf(values[i]);
    return out;
}

/* ---- forward ---- */

static void forward_make(struct trial *t)
{
    struct conv_trial *c = make_conv(t);
    if (c == NULL) return;
    c->x = trial_normal(t, c->form.storage, c->in, .2, 1);
    if (c->form.shape.bias) c->bias = trial_normal(t, ICL_STORAGE_F32, c->form.shape.out, 0, 1);
    c->y = trial_room(t, c->form.storage, c->out);
}

static void forward_work(struct trial *t)
{
    const struct conv_trial *c = t->state;
    t->call->layers.conv_forward(t->device, c->conv, trial_at(t, c->x.area), trial_at(t, c->w.area),
                                 trial_at(t, c->bias.area), trial_at(t, c->y.area), trial_at(t, c->scratch));
}

static void forward_check(struct trial *t)
{
    const struct conv_trial *c = t->state;
    const struct icl_conv_shape *s = &c->form.shape;
    float *y = trial_host(t, c->out * sizeof *y), *bound = trial_host(t, c->out * sizeof *bound);
    const float *x = absolute(t, c->x.host, c->in), *w = absolute(t, c->w.host, c->weights);
    const float *bias = s->bias ? absolute(t, c->bias.host, s->out) : NULL;
    if (t->status != ICL_OK) return;
    t->reference->layers.conv_forward(s, c->form.images, c->x.host, c->w.host, c->bias.host, y);
    t->reference->layers.conv_forward(s, c->form.images, x, w, bias, bound);
    /* bf16: the sum and, with a bias, what it is added to are rounded. */
    const double factor = factor_of(&c->form), relative = relative_of(&c->y);
    for (size_t i = 0; i < c->out; i++) {
        const double sum = (double)y[i] - (s->bias ? (double)c->bias.host[i % s->out] : 0.0);
        bound[i] = (float)(factor * (double)bound[i] + (s->bias ? relative * fabs(sum) : 0.0));
    }
    trial_within(t, "y", trial_read_floats(t, &c->y), y, bound, c->out, 1, relative, 0);
}

/* ---- the gradient of the input ---- */

static void data_make(struct trial *t)
{
    struct conv_trial *c = make_conv(t);
    if (c == NULL) return;
    c->dy = trial_normal(t, c->form.storage, c->out, 0, 1);
    c->dx = c->form.add ? trial_normal(t, c->form.storage, c->in, 0, 1) : trial_room(t, c->form.storage, c->in);
    c->before = c->form.add ? c->dx.host : NULL;
}

static void data_work(struct trial *t)
{
    const struct conv_trial *c = t->state;
    t->call->layers.conv_backward_data(t->device, c->conv, trial_at(t, c->dy.area), trial_at(t, c->w.area),
                                       trial_at(t, c->dx.area), c->form.add, trial_at(t, c->scratch));
}

static void data_check(struct trial *t)
{
    const struct conv_trial *c = t->state;
    const struct icl_conv_shape *s = &c->form.shape;
    float *dx = trial_host(t, c->in * sizeof *dx), *bound = trial_host(t, c->in * sizeof *bound);
    const float *dy = absolute(t, c->dy.host, c->out), *w = absolute(t, c->w.host, c->weights);
    if (t->status != ICL_OK) return;
    t->reference->layers.conv_backward_data(s, c->form.images, c->dy.host, c->w.host, dx);
    t->reference->layers.conv_backward_data(s, c->form.images, dy, w, bound);
    for (size_t i = 0; c->before != NULL && i < c->in; i++) {
        dx[i] += c->before[i];
        bound[i] += fabsf(c->before[i]);
    }
    /* What is added may be rounded once before, to bf16. */
    trial_within(t, "dx", trial_read_floats(t, &c->dx), dx, bound, c->in,
                 factor_of(&c->form) + (c->form.add ? relative_of(&c->dx) : 0.0), relative_of(&c->dx), 1e-30);
}

/* ---- the gradient of the weights ---- */

static void weights_make(struct trial *t)
{
    struct conv_trial *c = make_conv(t);
    if (c == NULL) return;
    c->x = trial_normal(t, c->form.storage, c->in, .2, 1);
    c->dy = trial_normal(t, c->form.storage, c->out, 0, 1);
    c->dw = trial_room(t, ICL_STORAGE_F32, c->weights);
    if (c->form.shape.bias) c->dbias = trial_room(t, ICL_STORAGE_F32, c->form.shape.out);
}

static void weights_work(struct trial *t)
{
    const struct conv_trial *c = t->state;
    t->call->layers.conv_backward_weights(t->device, c->conv, trial_at(t, c->x.area), trial_at(t, c->dy.area),
                                          trial_at(t, c->dw.area), trial_at(t, c->dbias.area), trial_at(t, c->scratch));
}

static void weights_check(struct trial *t)
{
    const struct conv_trial *c = t->state;
    const struct icl_conv_shape *s = &c->form.shape;
    float *dw = trial_host(t, c->weights * sizeof *dw), *bound = trial_host(t, c->weights * sizeof *bound);
    float *dbias = trial_host(t, s->out * sizeof *dbias), *bias_bound = trial_host(t, s->out * sizeof *bias_bound);
    const float *x = absolute(t, c->x.host, c->in), *dy = absolute(t, c->dy.host, c->out);
    if (t->status != ICL_OK) return;
    t->reference->layers.conv_backward_weights(s, c->form.images, c->x.host, c->dy.host, dw, s->bias ? dbias : NULL);
    t->reference->layers.conv_backward_weights(s, c->form.images, x, dy, bound, s->bias ? bias_bound : NULL);
    /* Of bf16 activations the library gives bf16 gradients, which are widened. */
    const double relative = c->form.storage == ICL_STORAGE_F32 ? 0.0 : 0x1p-8;
    trial_within(t, "dweights", trial_read_floats(t, &c->dw), dw, bound, c->weights, factor_of(&c->form), relative,
                 1e-30);
    if (s->bias) trial_within(t, "dbias", trial_read_floats(t, &c->dbias), dbias, bias_bound, s->out, 1e-5, 0, 1e-30);
}

#define CONV_MEMBERS TRIAL_LAYER(conv_plan), TRIAL_LAYER(conv_release), TRIAL_LAYER(conv_scratch)
enum { CHECKS = sizeof conv_checked / sizeof *conv_checked, MEASURES = sizeof conv_measured / sizeof *conv_measured };

const struct trial_row trial_rows_conv[] = {
    {"conv_forward",
     {CONV_MEMBERS, TRIAL_LAYER(conv_forward)},
     CHECKS,
     MEASURES,
     forward_make,
     forward_work,
     forward_check,
     conv_end},
    {"conv_backward_data",
     {CONV_MEMBERS, TRIAL_LAYER(conv_backward_data)},
     CHECKS,
     MEASURES,
     data_make,
     data_work,
     data_check,
     conv_end},
    {"conv_backward_weights",
     {CONV_MEMBERS, TRIAL_LAYER(conv_backward_weights)},
     CHECKS,
     MEASURES,
     weights_make,
     weights_work,
     weights_check,
     conv_end},
    {0},
};
