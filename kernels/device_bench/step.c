/* What a training step does beside its layers: schedule, loss, norms of gradients, optimisers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/device_bench/trial_internal.h"

/* ---- schedule and outcomes -------------------------------------------------------------------------------------- */

enum { STEPS = 5, AT = 3 };

struct schedule_trial {
    struct icl_device_step schedule[STEPS];
    struct icl_device_outcome outcomes[STEPS], current;
    struct trial_area *steps, *place, *now, *outcome, *all;
};

static void schedule_make(struct trial *t)
{
    struct schedule_trial *s = t->state = trial_host(t, sizeof *s);
    if (s == NULL) return;
    snprintf(t->label, sizeof t->label, "%d steps", STEPS);
    for (unsigned k = 0; k < STEPS; k++) {
        s->schedule[k] =
            (struct icl_device_step){.step = 100 + k, .epoch = k / 2, .first = 17 * k, .slot = STEPS - 1 - k};
        s->schedule[k].rate = trial_uniform(t);
        s->schedule[k].momentum = trial_uniform(t);
        s->schedule[k].correction1 = trial_uniform(t);
        s->schedule[k].correction2 = trial_uniform(t);
    }
    s->current = (struct icl_device_outcome){trial_uniform(t), 12, trial_uniform(t), 3.25, t->form % 2, 0};
    const uint32_t place = AT;
    s->steps = trial_upload(t, s->schedule, sizeof s->schedule, sizeof s->schedule);
    s->place = trial_upload(t, &place, sizeof place, sizeof place);
    s->now = trial_area(t, sizeof *s->schedule);
    s->outcome = trial_upload(t, &s->current, sizeof s->current, sizeof s->current);
    s->all = trial_area(t, sizeof s->outcomes);
}

static void advance_work(struct trial *t)
{
    const struct schedule_trial *s = t->state;
    t->call->layers.advance(t->device, trial_at(t, s->steps), trial_at(t, s->place), trial_at(t, s->now),
                            trial_at(t, s->outcome));
}

static void advance_check(struct trial *t)
{
    const struct schedule_trial *s = t->state;
    const struct icl_device_outcome *outcome = trial_read(t, s->outcome);
    const uint32_t next = AT + 1;
    trial_same_bytes(t, "now", trial_read(t, s->now), &s->schedule[AT], sizeof *s->schedule);
    trial_same_bytes(t, "place", trial_read(t, s->place), &next, sizeof next);
    if (outcome == NULL) return;
    if (outcome->loss != 0.0 || outcome->correct != 0 || outcome->gradient_norm != 0.0 || outcome->weight_norm != 0.0)
        trial_problem(t, "the outcome is not zeros");
    if (outcome->diverged != s->current.diverged) trial_problem(t, "diverged changed");
}

static void settle_work(struct trial *t)
{
    const struct schedule_trial *s = t->state;
    t->call->layers.advance(t->device, trial_at(t, s->steps), trial_at(t, s->place), trial_at(t, s->now),
                            trial_at(t, s->outcome));
    t->call->layers.settle(t->device, trial_at(t, s->now), trial_at(t, s->outcome), trial_at(t, s->all));
}

static void settle_check(struct trial *t)
{
    const struct schedule_trial *s = t->state;
    const struct icl_device_outcome *outcome = trial_read(t, s->outcome);
    const unsigned char *all = trial_read(t, s->all);
    if (outcome == NULL || all == NULL) return;
    unsigned char want[sizeof s->outcomes];
    memset(want, TRIAL_POISON, sizeof want);
    memcpy(want + s->schedule[AT].slot * sizeof *outcome, outcome, sizeof *outcome);
    trial_same_bytes(t, "outcomes", all, want, sizeof want);
}

/* ---- loss ------------------------------------------------------------------------------------------------------- */

static const struct loss_form {
    size_t samples, classes;
    double smoothing;
    enum icl_storage storage;
    bool gradient;
    double sd; /* of the logits */
} loss_checked[] =
    {
        {130, 10, 0, ICL_STORAGE_F32, true, 3},   {37, 10, .1, ICL_STORAGE_F32, true, 1},
        {5, 1000, .1, ICL_STORAGE_F32, true, 10}, {64, 2, 0, ICL_STORAGE_F32, false, 60},
        {33, 10, .1, ICL_STORAGE_BF16, true, 3},  {1, 37, 0, ICL_STORAGE_BF16, true, 1},
},
  loss_measured[] = {
      {512, 10, 0, ICL_STORAGE_F32, true, 3}, /* a batch */
      {1 << 16, 1000, .1, ICL_STORAGE_F32, true, 3},
      {1 << 16, 1000, .1, ICL_STORAGE_BF16, true, 3},
};

struct loss_trial {
    struct loss_form form;
    double weight;
    struct trial_numbers logits, dlogits;
    uint32_t *labels;
    struct trial_area *label, *outcome;
};

static void loss_make(struct trial *t)
{
    struct loss_trial *l = t->state = trial_host(t, sizeof *l);
    if (l == NULL) return;
    l->form = t->measuring ? loss_measured[t->form] : loss_checked[t->form];
    if (t->tiny) l->form.samples = 8;
    const size_t samples = l->form.samples, classes = l->form.classes, numbers = samples * classes;
    l->weight = 1.0 / (double)samples;
    l->logits = trial_normal(t, l->form.storage, numbers, 0, l->form.sd);
    l->labels = trial_host(t, samples * sizeof *l->labels);
    if (l->labels == NULL) return;
    trial_words(t, samples, l->labels);
    for (size_t n = 0; n < samples; n++)
        l->labels[n] %= (uint32_t)classes;
    l->label = trial_upload(t, l->labels, samples * sizeof *l->labels, samples * sizeof *l->labels);
    if (l->form.gradient) l->dlogits = trial_room(t, l->form.storage, numbers);
    l->outcome = trial_zeros(t, sizeof(struct icl_device_outcome));
    snprintf(t->label, sizeof t->label, "%s, %zux%zu, smoothing %g", trial_storage_name(l->form.storage), samples,
             classes, l->form.smoothing);
    t->peak = TRIAL_COPY;
    t->amount = 2.0 * (double)numbers * (double)icl_storage_bytes(l->form.storage) + 4.0 * (double)samples;
}

static void loss_work(struct trial *t)
{
    const struct loss_trial *l = t->state;
    t->call->layers.cross_entropy(t->device, l->form.storage, trial_at(t, l->logits.area), trial_at(t, l->label),
                                  l->form.samples, l->form.classes, l->form.smoothing, l->weight,
                                  trial_at(t, l->dlogits.area), trial_at(t, l->outcome));
}

static void loss_check(struct trial *t)
{
    const struct loss_trial *l = t->state;
    const struct icl_device_outcome *outcome = trial_read(t, l->outcome);
    const size_t numbers = l->form.samples * l->form.classes;
    float *dlogits = trial_host(t, numbers * sizeof *dlogits);
    if (outcome == NULL || dlogits == NULL) return;
    double loss = 0.0;
    size_t correct = 0;
    t->reference->layers.cross_entropy(l->logits.host, l->labels, l->form.samples, l->form.classes, l->form.smoothing,
                                       l->weight, dlogits, &loss, &correct);
    trial_near_f64(t, "loss", &outcome->loss, &loss, 1, 1e-6, 1e-6);
    if (outcome->correct != correct)
        trial_problem(t, "%llu are right, not %zu", (unsigned long long)outcome->correct, correct);
    const bool wide = l->form.storage == ICL_STORAGE_F32;
    if (l->form.gradient)
        trial_near(t, "dlogits", trial_read_floats(t, &l->dlogits), dlogits, numbers, wide ? 1e-5 : 0x1p-8,
                   1e-6 * l->weight);
}

/* ---- norms and optimisers --------------------------------------------------------------------------------------- */

static const struct update_form {
    bool adam, velocity, decoupled;
    double decay;
    uint32_t diverged;
    size_t count;
} update_checked[] =
    {
        {false, false, false, 0, 0, 1003},   {false, true, false, 5e-4, 0, 20011}, {false, true, true, 1e-2, 0, 4096},
        {true, false, false, 1e-3, 0, 5001}, {true, false, true, 1e-2, 0, 333},    {false, true, false, 0, 1, 2000},
        {false, false, false, 1e-4, 0, 1},
},
  update_measured[] = {
      {false, false, false, 0, 0, (size_t)1 << 27},
      {false, true, false, 5e-4, 0, (size_t)1 << 27},
      {true, false, true, 1e-2, 0, (size_t)1 << 27},
};

struct update_trial {
    struct update_form form;
    struct icl_device_step step;
    struct trial_numbers gradient, first, second, weights;
    struct trial_area *room, *outcome, *now;
    struct icl_device_outcome before;
};

static void update_make(struct trial *t)
{
    struct update_trial *u = t->state = trial_host(t, sizeof *u);
    if (u == NULL) return;
    u->form = t->measuring ? update_measured[t->form] : update_checked[t->form];
    if (t->tiny) u->form.count = 512;
    const struct update_form *f = &u->form;
    u->step = (struct icl_device_step){.rate = .1, .momentum = .9, .correction1 = .271, .correction2 = .0297};
    u->before = (struct icl_device_outcome){.loss = 1.5, .correct = 3, .diverged = f->diverged};
    u->gradient = trial_normal(t, ICL_STORAGE_F32, f->count, 0, 1);
    u->weights = trial_normal(t, ICL_STORAGE_F32, f->count, 0, 1);
    if (f->adam || f->velocity) u->first = trial_normal(t, ICL_STORAGE_F32, f->count, 0, .5);
    if (f->adam) { /* squares */
        u->second = trial_normal(t, ICL_STORAGE_F32, f->count, 8, 1);
    }
    u->room = trial_zeros(t, t->call->layers.update_room(f->count));
    u->outcome = trial_upload(t, &u->before, sizeof u->before, sizeof u->before);
    u->now = trial_step(t, &u->step);
    snprintf(t->label, sizeof t->label, "%s%s, %zu",
             f->adam       ? "adam"
             : f->velocity ? "sgd, momentum"
                           : "sgd",
             f->decay > 0 ? f->decoupled ? ", decoupled decay" : ", decay" : "", f->count);
    t->peak = TRIAL_COPY;
    t->amount = 4.0 * (double)f->count * (f->adam ? 7 : f->velocity ? 5 : 3);
}

static struct icl_device_update update_on_device(const struct trial *t)
{
    const struct update_trial *u = t->state;
    return (struct icl_device_update){.adam = u->form.adam,
                                      .decay = u->form.decay,
                                      .beta2 = .99,
                                      .epsilon = 1e-8,
                                      .decoupled = u->form.decoupled,
                                      .gradient = trial_at(t, u->gradient.area),
                                      .first = trial_at(t, u->first.area),
                                      .second = trial_at(t, u->second.area),
                                      .weights = trial_at(t, u->weights.area),
                                      .count = u->form.count};
}

static void update_work(struct trial *t)
{
    const struct update_trial *u = t->state;
    const struct icl_device_update update = update_on_device(t);
    t->call->layers.update(t->device, &update, trial_at(t, u->now), trial_at(t, u->room), trial_at(t, u->outcome));
}

static double norm_of(const float *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

static void update_check(struct trial *t)
{
    const struct update_trial *u = t->state;
    const struct update_form *f = &u->form;
    const struct icl_update_f32 update = {.rate = u->step.rate,
                                          .momentum = u->step.momentum,
                                          .decay = f->decay,
                                          .decoupled = f->decoupled,
                                          .beta2 = .99,
                                          .epsilon = 1e-8,
                                          .correction1 = u->step.correction1,
                                          .correction2 = u->step.correction2};
    if (f->diverged == 0) { /* else nothing moves */
        if (f->adam)
            t->reference->layers.adam(&update, u->gradient.host, f->count, u->first.host, u->second.host,
                                      u->weights.host);
        else
            t->reference->layers.sgd(&update, u->gradient.host, f->count, u->first.host, u->weights.host);
    }
    trial_same(t, "weights", trial_read_floats(t, &u->weights), u->weights.host, f->count);
    if (u->first.area != NULL) trial_same(t, "first moments", trial_read_floats(t, &u->first), u->first.host, f->count);
    if (u->second.area != NULL)
        trial_same(t, "second moments", trial_read_floats(t, &u->second), u->second.host, f->count);
    const struct icl_device_outcome *outcome = trial_read(t, u->outcome);
    const double norm = norm_of(u->weights.host, f->count);
    if (outcome == NULL) return;
    if (f->diverged == 0) trial_near_f64(t, "weight norm", &outcome->weight_norm, &norm, 1, 1e-9, 0);
    if (outcome->diverged != f->diverged) trial_problem(t, "diverged is %u", outcome->diverged);
}

static void gradient_norm_make(struct trial *t)
{
    update_make(t);
    t->amount = 4.0 * (double)((struct update_trial *)t->state)->form.count;
}

static void gradient_norm_work(struct trial *t)
{
    const struct update_trial *u = t->state;
    t->call->layers.gradient_norm(t->device, trial_at(t, u->gradient.area), u->form.count, trial_at(t, u->room),
                                  trial_at(t, u->outcome));
}

static void gradient_norm_check(struct trial *t)
{
    const struct update_trial *u = t->state;
    const struct icl_device_outcome *outcome = trial_read(t, u->outcome);
    const double norm = norm_of(u->gradient.host, u->form.count);
    if (outcome == NULL) return;
    trial_near_f64(t, "gradient norm", &outcome->gradient_norm, &norm, 1, 1e-9, 0);
    if (outcome->diverged != u->before.diverged) trial_problem(t, "diverged is %u", outcome->diverged);
    struct icl_error err; /* a value that is no number is noticed */
    const float nan = NAN;
    t->call->upload(t->device, &nan, sizeof nan, (float *)trial_at(t, u->gradient.area) + u->form.count - 1);
    gradient_norm_work(t);
    trial_fail(t, t->call->finish(t->device, &err), &err);
    outcome = trial_read(t, u->outcome);
    if (outcome != NULL && outcome->diverged == 0) trial_problem(t, "a NaN in the gradient goes unnoticed");
}

const struct trial_row trial_rows_step[] = {
    {"advance", {TRIAL_LAYER(advance)}, 2, 0, schedule_make, advance_work, advance_check, NULL},
    {"settle", {TRIAL_LAYER(settle), TRIAL_LAYER(advance)}, 2, 0, schedule_make, settle_work, settle_check, NULL},
    {"cross_entropy", {TRIAL_LAYER(cross_entropy)}, 6, 3, loss_make, loss_work, loss_check, NULL},
    {"gradient_norm",
     {TRIAL_LAYER(gradient_norm), TRIAL_LAYER(update_room)},
     7,
     1,
     gradient_norm_make,
     gradient_norm_work,
     gradient_norm_check,
     NULL},
    {"update", {TRIAL_LAYER(update), TRIAL_LAYER(update_room)}, 7, 3, update_make, update_work, update_check, NULL},
    {0},
};
