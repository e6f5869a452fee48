/* Pools, sums, conversions. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/device_bench/trial_internal.h"

/* ---- pools ------------------------------------------------------------------------------------------------------ */

struct pool_form {
    struct icl_pool_shape shape;
    size_t images;
    enum icl_storage storage;
    bool add;
};

static const struct pool_form max_checked[] = {
    {{11, 9, 8, 3, 2, 1, 6, 5}, 3, ICL_STORAGE_F32, false}, {{8, 8, 5, 2, 2, 0, 4, 4}, 4, ICL_STORAGE_F32, true},
    {{7, 10, 3, 3, 1, 1, 7, 10}, 2, ICL_STORAGE_F32, true}, {{11, 9, 16, 3, 2, 1, 6, 5}, 3, ICL_STORAGE_BF16, false},
    {{9, 9, 1, 3, 2, 1, 5, 5}, 5, ICL_STORAGE_BF16, true},
};
static const struct pool_form average_checked[] = {
    {{8, 8, 64, 8, 8, 0, 1, 1}, 5, ICL_STORAGE_F32, false}, {{7, 7, 10, 2, 2, 0, 4, 4}, 3, ICL_STORAGE_F32, true},
    {{4, 4, 3, 4, 4, 0, 1, 1}, 7, ICL_STORAGE_F32, true},   {{8, 8, 24, 8, 8, 0, 1, 1}, 3, ICL_STORAGE_BF16, false},
    {{7, 7, 16, 2, 2, 0, 4, 4}, 3, ICL_STORAGE_BF16, true},
};
/* XResNet's stem, and the ends of ResNet and XResNet. */
static const struct pool_form max_measured[] = {
    {{64, 64, 64, 3, 2, 1, 32, 32}, 512, ICL_STORAGE_F32, false},
    {{64, 64, 64, 3, 2, 1, 32, 32}, 1024, ICL_STORAGE_BF16, false},
};
static const struct pool_form average_measured[] = {
    {{8, 8, 64, 8, 8, 0, 1, 1}, 16384, ICL_STORAGE_F32, false},
    {{32, 32, 64, 2, 2, 0, 16, 16}, 1024, ICL_STORAGE_BF16, false},
};

struct pool_trial {
    struct pool_form form;
    size_t in, out; /* numbers */
    struct trial_numbers x, y, dy, dx;
    struct trial_area *where;
    float *before;
    uint8_t *places;
};

static struct pool_trial *make_pool(struct trial *t, const struct pool_form *checked, const struct pool_form *measured)
{
    struct pool_trial *p = t->state = trial_host(t, sizeof *p);
    if (p == NULL) return NULL;
    p->form = t->measuring ? measured[t->form] : checked[t->form];
    if (t->tiny) p->form.images = 1;
    const struct icl_pool_shape *s = &p->form.shape;
    p->in = p->form.images * s->height * s->width * s->channels;
    p->out = p->form.images * s->out_height * s->out_width * s->channels;
    snprintf(t->label, sizeof t->label, "%s, %zux%zux%zux%zu, window %zu, stride %zu",
             trial_storage_name(p->form.storage), p->form.images, s->height, s->width, s->channels, s->window,
             s->stride);
    t->peak = TRIAL_COPY;
    return p;
}

static double pool_bytes(const struct pool_trial *p, double ins, double outs)
{
    return (ins * (double)p->in + outs * (double)p->out) * (double)icl_storage_bytes(p->form.storage);
}

static void forward_make(struct trial *t, struct pool_trial *p)
{
    if (p == NULL) return;
    p->x = trial_normal(t, p->form.storage, p->in, 0, 1);
    p->y = trial_room(t, p->form.storage, p->out);
    t->amount = pool_bytes(p, 1, 1);
}

static void backward_make(struct trial *t, struct pool_trial *p)
{
    if (p == NULL) return;
    p->dy = trial_normal(t, p->form.storage, p->out, 0, 1);
    p->dx = p->form.add ? trial_normal(t, p->form.storage, p->in, 0, 1) : trial_room(t, p->form.storage, p->in);
    p->before = p->form.add && !t->measuring ? p->dx.host : NULL;
    t->amount = pool_bytes(p, 1.0 + p->form.add, 1);
}

/* want = what was there + what the reference gives, to be compared by the caller. */
static float *onto(struct trial *t, const struct pool_trial *p, const float *given)
{
    float *want = trial_host(t, p->in * sizeof *want);
    for (size_t i = 0; want != NULL && i < p->in; i++)
        want[i] = p->before == NULL ? given[i] : p->before[i] + given[i];
    return want;
}

/* Sums of a few numbers in another order. */
static void check_sums(struct trial *t, const char *what, const struct trial_numbers *got, const float *want)
{
    const bool wide = got->storage == ICL_STORAGE_F32;
    const float *values = trial_read_floats(t, got);
    trial_near(t, what, values, want, got->count, wide ? 1e-6 : 0x1p-8, wide ? 2e-6 : 1e-4);
}

/* ---- maxima ---- */

static void max_forward_make(struct trial *t)
{
    struct pool_trial *p = make_pool(t, max_checked, max_measured);
    forward_make(t, p);
    if (t->status != ICL_OK) return;
    if (!t->measuring && t->form % 2 == 0) { /* few values, so that maxima are often equal */
        for (size_t i = 0; i < p->in; i++)
            p->x.host[i] = nearbyintf(p->x.host[i]);
        p->x.area = trial_store(t, p->form.storage, p->x.host, p->in, p->in);
    }
    p->where = trial_area(t, p->out);
    t->amount += (double)p->out;
}

static void max_forward_work(struct trial *t)
{
    const struct pool_trial *p = t->state;
    t->call->layers.max_pool_forward(t->device, p->form.storage, &p->form.shape, p->form.images, trial_at(t, p->x.area),
                                     trial_at(t, p->y.area), trial_at(t, p->where));
}

static void max_forward_check(struct trial *t)
{
    const struct pool_trial *p = t->state;
    float *y = trial_host(t, p->out * sizeof *y);
    uint8_t *where = trial_host(t, p->out);
    if (t->status != ICL_OK) return;
    t->reference->layers.max_pool_forward(&p->form.shape, p->form.images, p->x.host, y, where);
    trial_same(t, "y", trial_read_floats(t, &p->y), y, p->out);
    trial_same_bytes(t, "places", trial_read(t, p->where), where, p->out);
}

static void max_backward_make(struct trial *t)
{
    struct pool_trial *p = make_pool(t, max_checked, max_measured);
    backward_make(t, p);
    if (p == NULL || t->status != ICL_OK) return;
    /* Places of real maxima: any other might lie outside the image. */
    struct icl_pool_shape one = p->form.shape;
    one.channels = 1;
    const size_t image = one.height * one.width, places = one.out_height * one.out_width;
    float *x = trial_host(t, image * sizeof *x), *y = trial_host(t, places * sizeof *y);
    uint8_t *where = trial_host(t, places);
    p->places = trial_host(t, places * p->form.shape.channels * (t->measuring ? 1 : p->form.images));
    if (t->status != ICL_OK) return;
    const size_t channels = p->form.shape.channels, images = t->measuring ? 1 : p->form.images;
    for (size_t n = 0; n < images; n++)
        for (size_t c = 0; c < channels; c++) {
            for (size_t i = 0; i < image; i++)
                x[i] = (float)trial_uniform(t);
            t->reference->layers.max_pool_forward(&one, 1, x, y, where);
            for (size_t i = 0; i < places; i++)
                p->places[(n * places + i) * channels + c] = where[i];
        }
    p->where = trial_upload(t, p->places, images * places * channels, p->out);
    t->amount += (double)p->out;
}

static void max_backward_work(struct trial *t)
{
    const struct pool_trial *p = t->state;
    t->call->layers.max_pool_backward(t->device, p->form.storage, &p->form.shape, p->form.images,
                                      trial_at(t, p->dy.area), trial_at(t, p->where), trial_at(t, p->dx.area),
                                      p->form.add);
}

static void max_backward_check(struct trial *t)
{
    const struct pool_trial *p = t->state;
    float *dx = trial_host(t, p->in * sizeof *dx);
    if (t->status != ICL_OK) return;
    t->reference->layers.max_pool_backward(&p->form.shape, p->form.images, p->dy.host, p->places, dx);
    check_sums(t, "dx", &p->dx, onto(t, p, dx));
}

/* ---- means ---- */

static void average_forward_make(struct trial *t)
{
    forward_make(t, make_pool(t, average_checked, average_measured));
}

static void average_forward_work(struct trial *t)
{
    const struct pool_trial *p = t->state;
    t->call->layers.average_pool_forward(t->device, p->form.storage, &p->form.shape, p->form.images,
                                         trial_at(t, p->x.area), trial_at(t, p->y.area));
}

static void average_forward_check(struct trial *t)
{
    const struct pool_trial *p = t->state;
    float *y = trial_host(t, p->out * sizeof *y);
    if (t->status != ICL_OK) return;
    t->reference->layers.average_pool_forward(&p->form.shape, p->form.images, p->x.host, y);
    check_sums(t, "y", &p->y, y);
}

static void average_backward_make(struct trial *t)
{
    backward_make(t, make_pool(t, average_checked, average_measured));
}

static void average_backward_work(struct trial *t)
{
    const struct pool_trial *p = t->state;
    t->call->layers.average_pool_backward(t->device, p->form.storage, &p->form.shape, p->form.images,
                                          trial_at(t, p->dy.area), trial_at(t, p->dx.area), p->form.add);
}

static void average_backward_check(struct trial *t)
{
    const struct pool_trial *p = t->state;
    float *dx = trial_host(t, p->in * sizeof *dx);
    if (t->status != ICL_OK) return;
    t->reference->layers.average_pool_backward(&p->form.shape, p->form.images, p->dy.host, dx);
    check_sums(t, "dx", &p->dx, onto(t, p, dx));
}

/* ---- sums and conversions --------------------------------------------------------------------------------------- */

struct pair_form {
    enum icl_storage from, to;
    size_t count;
};
static const struct pair_form pairs_checked[] = {{ICL_STORAGE_F32, ICL_STORAGE_F32, 1},
                                                 {ICL_STORAGE_F32, ICL_STORAGE_BF16, 4099},
                                                 {ICL_STORAGE_BF16, ICL_STORAGE_F32, 2050},
                                                 {ICL_STORAGE_BF16, ICL_STORAGE_BF16, 1023}};
static const struct pair_form pairs_measured[] = {{ICL_STORAGE_F32, ICL_STORAGE_BF16, (size_t)1 << 27},
                                                  {ICL_STORAGE_BF16, ICL_STORAGE_F32, (size_t)1 << 27}};

struct pair_trial {
    struct pair_form form;
    struct trial_numbers a, b, y;
};

static struct pair_trial *make_pair(struct trial *t)
{
    struct pair_trial *p = t->state = trial_host(t, sizeof *p);
    if (p == NULL) return NULL;
    p->form = t->measuring ? pairs_measured[t->form] : pairs_checked[t->form];
    if (t->tiny) p->form.count = 512;
    t->peak = TRIAL_COPY;
    p->a = trial_normal(t, p->form.from, p->form.count, 0, 3);
    return p;
}

static void add_make(struct trial *t)
{
    struct pair_trial *p = make_pair(t);
    if (p == NULL) return;
    p->b = trial_normal(t, p->form.from, p->form.count, 1, 1);
    p->y = trial_room(t, p->form.from, p->form.count);
    snprintf(t->label, sizeof t->label, "%s, %zu", trial_storage_name(p->form.from), p->form.count);
    t->amount = 3.0 * (double)p->form.count * (double)icl_storage_bytes(p->form.from);
}

static void add_work(struct trial *t)
{
    const struct pair_trial *p = t->state;
    t->call->layers.add(t->device, p->form.from, trial_at(t, p->a.area), trial_at(t, p->b.area), p->form.count,
                        trial_at(t, p->y.area));
}

static void add_check(struct trial *t)
{
    const struct pair_trial *p = t->state;
    float *want = trial_host(t, p->form.count * sizeof *want);
    for (size_t i = 0; want != NULL && i < p->form.count; i++)
        want[i] = p->a.host[i] + p->b.host[i];
    trial_same_stored(t, "sum", &p->y, want);
}

static void convert_make(struct trial *t)
{
    struct pair_trial *p = make_pair(t);
    if (p == NULL) return;
    p->y = trial_room(t, p->form.to, p->form.count);
    snprintf(t->label, sizeof t->label, "%s to %s, %zu", trial_storage_name(p->form.from),
             trial_storage_name(p->form.to), p->form.count);
    t->amount = (double)p->form.count * (double)(icl_storage_bytes(p->form.from) + icl_storage_bytes(p->form.to));
}

static void convert_work(struct trial *t)
{
    const struct pair_trial *p = t->state;
    t->call->layers.convert(t->device, p->form.from, trial_at(t, p->a.area), p->form.count, p->form.to,
                            trial_at(t, p->y.area));
}

/* Rounded exactly, in both storages. */
static void convert_check(struct trial *t)
{
    const struct pair_trial *p = t->state;
    float *want = trial_host(t, p->form.count * sizeof *want);
    for (size_t i = 0; want != NULL && i < p->form.count; i++)
        want[i] = trial_rounded(p->form.to, p->a.host[i]);
    trial_same(t, "converted", trial_read_floats(t, &p->y), want, p->form.count);
}

const struct trial_row trial_rows_pool[] = {
    {"max_pool_forward",
     {TRIAL_LAYER(max_pool_forward)},
     5,
     2,
     max_forward_make,
     max_forward_work,
     max_forward_check,
     NULL},
    {"max_pool_backward",
     {TRIAL_LAYER(max_pool_backward)},
     5,
     2,
     max_backward_make,
     max_backward_work,
     max_backward_check,
     NULL},
    {"average_pool_forward",
     {TRIAL_LAYER(average_pool_forward)},
     5,
     2,
     average_forward_make,
     average_forward_work,
     average_forward_check,
     NULL},
    {"average_pool_backward",
     {TRIAL_LAYER(average_pool_backward)},
     5,
     2,
     average_backward_make,
     average_backward_work,
     average_backward_check,
     NULL},
    {"add", {TRIAL_LAYER(add)}, 4, 2, add_make, add_work, add_check, NULL},
    {"convert", {TRIAL_LAYER(convert)}, 4, 2, convert_make, convert_work, convert_check, NULL},
    {0},
};
