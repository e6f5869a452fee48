/* Masks and stages. */
#include "kernels/device_bench/stage_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- forms ------------------------------------------------------------------------------------------------------ */

#define F32  ICL_STORAGE_F32
#define BF16 ICL_STORAGE_BF16
/* name, norm, act, leaky, dropout, add, kept gates, add to gradients, gate, tap, storage, shape. Those with a norm
 * first. Shapes: rows that no block size divides, channels below, at and above the width of a vector. */
const struct stage_form stage_checked[] = {
    {"conv-bn-relu", ICL_NORM_BEFORE, 1, 0, 0, 0, 0, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, F32, {7, 25, 16}},
    {"ic", ICL_NORM_AFTER, 1, 0, 1, 0, 1, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, F32, {9, 21, 8}},
    {"ic, 3 channels, gates drawn anew",
     ICL_NORM_AFTER,
     1,
     1,
     1,
     0,
     0,
     1,
     ICL_GATE_INDEPENDENT,
     ICL_TAP_RELU,
     F32,
     {5, 17, 3}},
    {"ic, shared gates, tap", ICL_NORM_AFTER, 1, 0, 1, 0, 1, 0, ICL_GATE_SHARED, ICL_TAP_NORM, F32, {6, 13, 32}},
    {"ic, noise", ICL_NORM_AFTER, 1, 0, 1, 0, 0, 0, ICL_GATE_GAUSSIAN, ICL_TAP_NONE, F32, {4, 12, 20}},
    {"bn, residual, relu, dropout",
     ICL_NORM_BEFORE,
     1,
     0,
     1,
     1,
     1,
     1,
     ICL_GATE_INDEPENDENT,
     ICL_TAP_NONE,
     F32,
     {3, 30, 64}},
    {"bn, no relu", ICL_NORM_BEFORE, 0, 0, 0, 0, 0, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, F32, {130, 1, 10}},
    {"ic, many channels", ICL_NORM_AFTER, 1, 0, 1, 0, 1, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, F32, {2, 9, 136}},
    {"ic, one channel", ICL_NORM_AFTER, 1, 0, 1, 0, 1, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, F32, {11, 19, 1}},
    {"ic", ICL_NORM_AFTER, 1, 0, 1, 0, 1, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, BF16, {5, 21, 16}},
    {"bn, residual, relu", ICL_NORM_BEFORE, 1, 0, 0, 1, 0, 1, ICL_GATE_INDEPENDENT, ICL_TAP_RELU, BF16, {4, 15, 24}},
    {"ic, general relu, tap", ICL_NORM_AFTER, 1, 1, 1, 0, 1, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NORM, BF16, {3, 33, 5}},
    {"relu", ICL_NORM_ABSENT, 1, 0, 0, 0, 0, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, F32, {6, 11, 12}},
    {"general relu, residual, dropout",
     ICL_NORM_ABSENT,
     1,
     1,
     1,
     1,
     1,
     0,
     ICL_GATE_INDEPENDENT,
     ICL_TAP_RELU,
     F32,
     {3, 29, 7}},
    {"relu, dropout", ICL_NORM_ABSENT, 1, 0, 1, 0, 1, 1, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, BF16, {4, 10, 16}},
};
const unsigned stage_checks = sizeof stage_checked / sizeof *stage_checked, stage_norm_checks = 12;

const struct stage_form stage_measured[] = {
    {"ic", ICL_NORM_AFTER, 1, 0, 1, 0, 1, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, F32, {1024, 1024, 64}},
    {"conv-bn-relu", ICL_NORM_BEFORE, 1, 0, 0, 0, 0, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, F32, {1024, 1024, 64}},
    {"bn, residual, relu",
     ICL_NORM_BEFORE,
     1,
     0,
     0,
     1,
     0,
     0,
     ICL_GATE_INDEPENDENT,
     ICL_TAP_NONE,
     F32,
     {1024, 1024, 64}},
    {"ic", ICL_NORM_AFTER, 1, 0, 1, 0, 1, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, F32, {4096, 1024, 16}},
    {"ic", ICL_NORM_AFTER, 1, 0, 1, 0, 1, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, BF16, {2048, 1024, 64}},
    {"conv-bn-relu", ICL_NORM_BEFORE, 1, 0, 0, 0, 0, 0, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, BF16, {2048, 1024, 64}},
};
const unsigned stage_measures = sizeof stage_measured / sizeof *stage_measured;

/* ---- making ----------------------------------------------------------------------------------------------------- */

static const uint32_t step_number = 41;
static const double keep = .8;

static struct icl_shape shape_of(const struct trial *t, const struct stage_form *form)
{
    return t->tiny ? (struct icl_shape){2, 8, form->shape.channels} : form->shape;
}

static float *kept_values(struct trial *t, const struct trial_numbers *numbers)
{
    return t->measuring ? NULL : numbers->host;
}

struct stage_trial *stage_trial_make(struct trial *t)
{
    const struct stage_form *form = t->measuring ? &stage_measured[t->form] : &stage_checked[t->form];
    struct stage_trial *s = t->state = trial_host(t, sizeof *s);
    const struct icl_shape shape = shape_of(t, form);
    snprintf(t->label, sizeof t->label, "%s, %s, %zux%zux%zu", form->name, trial_storage_name(form->storage),
             shape.samples, shape.positions, shape.channels);
    if (s == NULL) return NULL;
    s->form = form;
    s->mask = (struct icl_mask){{t->stream.seed, ICL_PURPOSE_MASK, 3, step_number}, form->gate, keep, true};
    s->plain = (struct icl_stage){
        .norm = form->norm,
        .act = {form->act, form->leaky ? .1F : 0.F, form->leaky ? .4F : 0.F, form->leaky ? 2.F : INFINITY},
        .tap = form->tap,
        .shape = shape,
        .mask = form->dropout ? &s->mask : NULL};
    s->count = shape.samples * shape.positions * shape.channels;
    s->x = trial_normal(t, form->storage, s->count, .3, 1.5);
    if (form->add) s->add = trial_normal(t, form->storage, s->count, 0, 1);
    s->scale = trial_normal(t, ICL_STORAGE_F32, shape.channels, 1, .3);
    s->shift = trial_normal(t, ICL_STORAGE_F32, shape.channels, 0, .5);
    if (form->dropout && form->kept_gates && form->gate != ICL_GATE_GAUSSIAN)
        s->gates = trial_area(t, icl_device_gate_bytes(&shape, shape.samples));
    s->step = trial_step(t, &(struct icl_device_step){.step = step_number});
    return t->status == ICL_OK ? s : NULL;
}

/* The arrays of the way back; the gates are those that a way forward has written. */
static void make_gradients(struct trial *t, struct stage_trial *s)
{
    const struct stage_form *form = s->form;
    s->dy = trial_normal(t, form->storage, s->count, 0, 1);
    if (form->tap != ICL_TAP_NONE) s->dtap = trial_normal(t, form->storage, s->count, 0, .5);
    s->slope = trial_normal(t, ICL_STORAGE_F32, 3 * s->plain.shape.channels, 0, 1);
    s->dx = form->add_to ? trial_normal(t, form->storage, s->count, 0, 1) : trial_room(t, form->storage, s->count);
    s->before_dx = kept_values(t, &s->dx);
    if (!form->add) return;
    s->dadd = form->add_to ? trial_normal(t, form->storage, s->count, 0, 1) : trial_room(t, form->storage, s->count);
    s->before_dadd = kept_values(t, &s->dadd);
}

struct icl_device_stage stage_on_device(const struct trial *t, const struct stage_trial *s)
{
    const struct stage_form *form = s->form;
    struct icl_mask mask = s->mask;
    mask.stream.step = 7; /* not this one: that of `now` */
    return (struct icl_device_stage){.norm = form->norm,
                                     .act = s->plain.act,
                                     .tap = form->tap,
                                     .shape = s->plain.shape,
                                     .storage = form->storage,
                                     .dropout = form->dropout,
                                     .mask = mask,
                                     .now = trial_at(t, s->step),
                                     .x = trial_at(t, s->x.area),
                                     .add = trial_at(t, s->add.area),
                                     .scale = trial_at(t, s->scale.area),
                                     .shift = trial_at(t, s->shift.area),
                                     .gates = trial_at(t, s->gates),
                                     .y = trial_at(t, s->y.area),
                                     .tap_output = trial_at(t, s->tap.area),
                                     .dy = trial_at(t, s->dy.area),
                                     .dtap = trial_at(t, s->dtap.area),
                                     .slope = trial_at(t, s->slope.area),
                                     .dx = trial_at(t, s->dx.area),
                                     .dadd = trial_at(t, s->dadd.area),
                                     .add_dx = form->add_to,
                                     .add_dadd = form->add_to};
}

struct icl_stage_data_f32 stage_on_host(const struct stage_trial *s)
{
    return (struct icl_stage_data_f32){.samples = s->plain.shape.samples,
                                       .x = s->x.host,
                                       .add = s->add.host,
                                       .scale = s->scale.host,
                                       .shift = s->shift.host,
                                       .dy = s->dy.host,
                                       .dtap = s->dtap.host,
                                       .slope = s->slope.host,
                                       .add_dx = s->form->add_to,
                                       .add_dadd = s->form->add_to};
}

/* Bytes of `arrays` arrays of the stage's size, and of the gates where they are kept. */
static double bytes_of(const struct stage_trial *s, double arrays)
{
    const double numbers = (double)s->count;
    return arrays * numbers * (double)icl_storage_bytes(s->form->storage) + (s->gates != NULL ? numbers / 8 : 0.0);
}

/* ---- forward ---------------------------------------------------------------------------------------------------- */

static void forward_make(struct trial *t)
{
    struct stage_trial *s = stage_trial_make(t);
    if (s == NULL) return;
    s->y = trial_room(t, s->form->storage, s->count);
    if (s->form->tap != ICL_TAP_NONE) s->tap = trial_room(t, s->form->storage, s->count);
    t->peak = TRIAL_COPY;
    t->amount = bytes_of(s, 2.0 + s->form->add);
}

static void forward_work(struct trial *t)
{
    const struct icl_device_stage stage = stage_on_device(t, t->state);
    t->call->layers.stage_forward(t->device, &stage);
}

/* The bits of the gates are the masks of the reference, whose samples begin at a byte of their own. */
static void check_gates(struct trial *t, const struct stage_trial *s, const uint8_t *want)
{
    const uint8_t *got = trial_read(t, s->gates);
    const size_t a_sample = s->plain.shape.positions * s->plain.shape.channels;
    const size_t bytes = icl_gate_bytes(&s->plain.shape);
    for (size_t e = 0; got != NULL && e < s->count; e++) {
        const size_t i = e % a_sample;
        const unsigned open = got[e / 8] >> (e % 8) & 1U;
        if (open == (want[e / a_sample * bytes + i / 8] >> (i % 8) & 1U)) continue;
        trial_problem(t, "gate %zu of %zu is %u", e, s->count, open);
        return;
    }
}

static void forward_check(struct trial *t)
{
    const struct stage_trial *s = t->state;
    struct icl_stage_data_f32 data = stage_on_host(s);
    data.y = trial_host(t, s->count * sizeof *data.y);
    if (s->form->tap != ICL_TAP_NONE) data.tap = trial_host(t, s->count * sizeof *data.tap);
    if (s->gates != NULL) data.gates = trial_host(t, icl_gate_bytes(&s->plain.shape) * s->plain.shape.samples);
    if (t->status != ICL_OK) return;
    t->reference->layers.stage_forward(&s->plain, &data);
    trial_same_stored(t, "y", &s->y, data.y);
    if (data.tap != NULL) trial_same_stored(t, "tap", &s->tap, data.tap);
    if (s->gates != NULL) check_gates(t, s, data.gates);
}

/* ---- backward --------------------------------------------------------------------------------------------------- */

static void backward_make(struct trial *t)
{
    struct stage_trial *s = stage_trial_make(t);
    if (s == NULL) return;
    if (s->gates != NULL) { /* written by a way forward */
        s->y = trial_room(t, s->form->storage, s->count);
        if (s->form->tap != ICL_TAP_NONE) s->tap = trial_room(t, s->form->storage, s->count);
        for (t->set = 0; t->status == ICL_OK && t->set < t->sets; t->set++)
            forward_work(t);
        t->set = 0;
    }
    make_gradients(t, s);
    t->peak = TRIAL_COPY;
    t->amount = bytes_of(s, 3.0 + 2.0 * s->form->add + s->form->add_to * (1.0 + s->form->add));
}

static void backward_work(struct trial *t)
{
    const struct icl_device_stage stage = stage_on_device(t, t->state);
    t->call->layers.stage_backward(t->device, &stage);
}

static float *copy_of(struct trial *t, const float *values, size_t count)
{
    float *copy = trial_host(t, count * sizeof *copy);
    if (copy != NULL && values != NULL) memcpy(copy, values, count * sizeof *copy);
    return copy;
}

static void backward_check(struct trial *t)
{
    const struct stage_trial *s = t->state;
    struct icl_stage_data_f32 data = stage_on_host(s);
    data.dx = copy_of(t, s->before_dx, s->count);
    if (s->form->add) data.dadd = copy_of(t, s->before_dadd, s->count);
    if (t->status != ICL_OK) return;
    t->reference->layers.stage_backward(&s->plain, &data);
    trial_same_stored(t, "dx", &s->dx, data.dx);
    if (s->form->add) trial_same_stored(t, "dadd", &s->dadd, data.dadd);
}

/* ---- what stood inside ------------------------------------------------------------------------------------------ */

static const enum icl_tap places[2] = {ICL_TAP_RELU, ICL_TAP_NORM};

static void probe_make(struct trial *t)
{
    struct stage_trial *s = stage_trial_make(t);
    if (s == NULL) return;
    s->y = trial_room(t, ICL_STORAGE_F32, s->count);
    s->tap = trial_room(t, ICL_STORAGE_F32, s->count);
    t->peak = TRIAL_COPY;
    t->amount = (double)s->count * (double)(icl_storage_bytes(s->form->storage) * (1U + s->form->add) + 4U);
    if (!t->measuring) t->amount *= 2;
}

static void probe_work(struct trial *t)
{
    const struct stage_trial *s = t->state;
    const struct icl_device_stage stage = stage_on_device(t, s);
    t->call->layers.stage_probe(t->device, &stage, ICL_TAP_RELU, trial_at(t, s->y.area));
    if (!t->measuring) t->call->layers.stage_probe(t->device, &stage, ICL_TAP_NORM, trial_at(t, s->tap.area));
}

/* The reference gives them as its second output, without dropout. */
static void probe_check(struct trial *t)
{
    const struct stage_trial *s = t->state;
    const struct trial_numbers *got[2] = {&s->y, &s->tap};
    for (int p = 0; p < 2; p++) {
        struct icl_stage plain = s->plain;
        struct icl_stage_data_f32 data = stage_on_host(s);
        plain.mask = NULL;
        plain.tap = places[p];
        data.y = trial_host(t, s->count * sizeof *data.y);
        data.tap = trial_host(t, s->count * sizeof *data.tap);
        if (t->status != ICL_OK) return;
        t->reference->layers.stage_forward(&plain, &data);
        trial_same_stored(t, p == 0 ? "behind the nonlinearity" : "before the dropout", got[p], data.tap);
    }
}

/* ---- masks ------------------------------------------------------------------------------------------------------ */

static const struct mask_form {
    enum icl_gate gate;
    bool rescale, now;
    size_t first, count;
    struct icl_shape shape;
    double keep;
} mask_checked[] =
    {
        {ICL_GATE_INDEPENDENT, true, true, 0, 1001, {8, 25, 8}, .5},
        {ICL_GATE_INDEPENDENT, false, false, 37, 999, {8, 25, 8}, .95},
        {ICL_GATE_SHARED, true, true, 5, 1103, {9, 25, 6}, .7},
        {ICL_GATE_GAUSSIAN, true, false, 3, 777, {8, 25, 8}, .8},
        {ICL_GATE_GAUSSIAN, true, true, 0, 1024, {8, 25, 8}, .95},
        {ICL_GATE_INDEPENDENT, true, true, ((size_t)1 << 34) + 1, 500, {(size_t)1 << 33, 1, 4}, 1.0},
},
  mask_measured[] = {
      {ICL_GATE_INDEPENDENT, true, true, 0, (size_t)1 << 26, {1024, 1024, 64}, .95},
      {ICL_GATE_SHARED, true, true, 0, (size_t)1 << 26, {1024, 1024, 64}, .95},
      {ICL_GATE_GAUSSIAN, true, true, 0, (size_t)1 << 26, {1024, 1024, 64}, .95},
};

struct mask_trial {
    struct mask_form form;
    struct icl_mask mask;
    struct trial_area *step;
    struct trial_numbers factor;
};

static void mask_make(struct trial *t)
{
    static const char *const names[] = {"independent", "shared", "gaussian"};
    struct mask_trial *m = t->state = trial_host(t, sizeof *m);
    if (m == NULL) return;
    m->form = t->measuring ? mask_measured[t->form] : mask_checked[t->form];
    if (t->tiny) m->form.count = 512;
    m->mask = (struct icl_mask){{t->stream.seed, ICL_PURPOSE_MASK, 5, m->form.now ? 1 : step_number},
                                m->form.gate,
                                m->form.keep,
                                m->form.rescale};
    if (m->form.now) m->step = trial_step(t, &(struct icl_device_step){.step = step_number});
    m->factor = trial_room(t, ICL_STORAGE_F32, m->form.count);
    snprintf(t->label, sizeof t->label, "%s, %zu from %zu", names[m->form.gate], m->form.count, m->form.first);
    t->peak = TRIAL_COPY;
    t->amount = 4.0 * (double)m->form.count;
}

static void mask_work(struct trial *t)
{
    const struct mask_trial *m = t->state;
    t->call->layers.mask(t->device, &m->mask, &m->form.shape, trial_at(t, m->step), m->form.first, m->form.count,
                         trial_at(t, m->factor.area));
}

static void mask_check(struct trial *t)
{
    const struct mask_trial *m = t->state;
    struct icl_mask mask = m->mask;
    mask.stream.step = step_number;
    float *want = trial_host(t, m->form.count * sizeof *want);
    if (want == NULL) return;
    t->reference->mask_f32(&mask, &m->form.shape, m->form.first, m->form.count, want);
    trial_same(t, "factors", trial_read_floats(t, &m->factor), want, m->form.count);
}

/* Counts of forms, as numbers that a table of constants may hold. */
enum {
    CHECKS = sizeof stage_checked / sizeof *stage_checked,
    MEASURES = sizeof stage_measured / sizeof *stage_measured
};

const struct trial_row trial_rows_stage[] = {
    {"mask",
     {TRIAL_LAYER(mask)},
     sizeof mask_checked / sizeof *mask_checked,
     sizeof mask_measured / sizeof *mask_measured,
     mask_make,
     mask_work,
     mask_check,
     NULL},
    {"stage_forward", {TRIAL_LAYER(stage_forward)}, CHECKS, MEASURES, forward_make, forward_work, forward_check, NULL},
    {"stage_backward",
     {TRIAL_LAYER(stage_backward), TRIAL_LAYER(stage_forward)},
     CHECKS,
     MEASURES,
     backward_make,
     backward_work,
     backward_check,
     NULL},
    {"stage_probe", {TRIAL_LAYER(stage_probe)}, CHECKS, 1, probe_make, probe_work, probe_check, NULL},
    {0},
};
