/* What a device can do at best: a copy of some GB, and large products through the library that networks use. */
#include <stdio.h>

#include "kernels/device_bench/trial_internal.h"

/* ---- the copy ---- */

struct copy_trial {
    struct trial_area *from, *to;
    size_t bytes;
};

static void copy_make(struct trial *t)
{
    struct copy_trial *c = t->state = trial_host(t, sizeof *c);
    if (c == NULL) return;
    c->bytes = t->tiny ? 1 << 12 : (size_t)2 << 30;
    const struct trial_numbers from = trial_normal(t, ICL_STORAGE_F32, c->bytes / 4, 0, 1);
    c->from = from.area;
    c->to = trial_area(t, c->bytes);
    snprintf(t->label, sizeof t->label, "%zu MiB", c->bytes >> 20);
    t->peak = TRIAL_COPY;
    t->amount = 2.0 * (double)c->bytes;
}

static void copy_work(struct trial *t)
{
    const struct copy_trial *c = t->state;
    t->call->copy(t->device, trial_at(t, c->from), c->bytes, trial_at(t, c->to));
}

/* ---- products, as linear layers ---- */

static const struct {
    enum icl_storage storage;
    enum icl_product_rule rule;
    enum trial_peak peak;
} products[] = {{ICL_STORAGE_F32, ICL_PRODUCT_F32, TRIAL_F32},
                {ICL_STORAGE_F32, ICL_PRODUCT_TF32, TRIAL_TF32},
                {ICL_STORAGE_BF16, ICL_PRODUCT_F32, TRIAL_BF16}};
enum { SIDE = 8192, TINY_SIDE = 8 };

struct product_trial {
    struct icl_device_conv *conv;
    struct trial_numbers x, w, y;
    struct trial_area *scratch;
};

static void product_make(struct trial *t)
{
    struct product_trial *p = t->state = trial_host(t, sizeof *p);
    if (p == NULL) return;
    const size_t side = t->tiny ? TINY_SIDE : SIDE;
    const enum icl_storage storage = products[t->form].storage;
    const struct icl_device_conv_form form = {.shape = {1, 1, side, side, 1, 1, 0, 1, 1, false},
                                              .images = side,
                                              .storage = storage,
                                              .rule = products[t->form].rule};
    struct icl_error err;
    trial_fail(t, t->call->layers.conv_plan(t->device, &form, &p->conv, &err), &err);
    if (t->status != ICL_OK) return;
    p->x = trial_normal(t, storage, side * side, 0, 1);
    p->w = trial_normal(t, storage, side * side, 0, .01);
    p->y = trial_room(t, storage, side * side);
    p->scratch = trial_area(t, t->call->layers.conv_scratch(p->conv));
    snprintf(t->label, sizeof t->label, "%zu x %zu x %zu", side, side, side);
    t->peak = products[t->form].peak;
    t->amount = 2.0 * (double)side * (double)side * (double)side;
}

static void product_work(struct trial *t)
{
    const struct product_trial *p = t->state;
    t->call->layers.conv_forward(t->device, p->conv, trial_at(t, p->x.area), trial_at(t, p->w.area), NULL,
                                 trial_at(t, p->y.area), trial_at(t, p->scratch));
}

static void product_end(struct trial *t)
{
    const struct product_trial *p = t->state;
    if (p != NULL) t->call->layers.conv_release(t->device, p->conv);
}

/* ---- products in double, as correlations ---- */

struct double_trial {
    size_t rows, cols;
    struct trial_area *values, *centred, *correlation;
};

static void double_make(struct trial *t)
{
    struct double_trial *d = t->state = trial_host(t, sizeof *d);
    if (d == NULL) return;
    enum { DRAWN = 1 << 16 };
    d->rows = t->tiny ? 16 : SIDE;
    d->cols = t->tiny ? 4 : SIDE;
    double *values = trial_host(t, DRAWN * sizeof *values);
    if (values == NULL) return;
    icl_random_normal(&t->stream, 0, DRAWN, values);
    d->values = trial_upload(t, values, DRAWN * 8, d->rows * d->cols * 8);
    d->centred = trial_area(t, d->rows * d->cols * 8);
    d->correlation = trial_area(t, d->cols * d->cols * 8);
    snprintf(t->label, sizeof t->label, "correlation, %zu columns of %zu", d->cols, d->rows);
    t->peak = TRIAL_F64;
    t->amount = (double)d->rows * (double)d->cols * (double)(d->cols + 1);
}

static void double_work(struct trial *t)
{
    const struct double_trial *d = t->state;
    t->call->pairs.correlation(t->device, trial_at(t, d->values), d->rows, d->cols, trial_at(t, d->centred),
                               trial_at(t, d->correlation));
}

static const struct trial_row rows[] = {
    {"peak, copy", {TRIAL_MEMBER(copy)}, 0, 1, copy_make, copy_work, NULL, NULL},
    {"peak, product",
     {TRIAL_LAYER(conv_plan), TRIAL_LAYER(conv_scratch), TRIAL_LAYER(conv_release), TRIAL_LAYER(conv_forward)},
     0,
     3,
     product_make,
     product_work,
     NULL,
     product_end},
    {"peak, product", {TRIAL_PAIRS(correlation)}, 0, 1, double_make, double_work, NULL, NULL},
    {0},
};

icl_status icl_bench_device_peaks(struct icl_device *device, FILE *out, struct icl_device_peaks *peaks,
                                  struct icl_error *err)
{
    double rates[TRIAL_NO_PEAK] = {0};
    *peaks = (struct icl_device_peaks){0};
    trial_print_head(device, out);
    for (const struct trial_row *row = rows; row->name != NULL; row++)
        ICL_TRY(trial_measure_row(device, row, out, rates, err));
    *peaks = (struct icl_device_peaks){.copy = rates[TRIAL_COPY],
                                       .f32 = rates[TRIAL_F32],
                                       .tf32 = rates[TRIAL_TF32],
                                       .bf16 = rates[TRIAL_BF16],
                                       .f64 = rates[TRIAL_F64]};
    return ICL_OK;
}
