/* Batches that are made on the device. */
#include <stdio.h>
#include <string.h>

#include "kernels/device_bench/trial_internal.h"

static const struct batch_form {
    size_t count, height, width, channels, n;
    bool moves, flip, order;
    uint32_t pad;
    enum icl_storage storage;
} batch_checked[] =
    {
        {40, 9, 7, 3, 13, false, false, true, 0, ICL_STORAGE_F32},
        {30, 8, 8, 1, 17, false, false, false, 0, ICL_STORAGE_F32},
        {50, 12, 10, 3, 21, true, true, true, 4, ICL_STORAGE_F32},
        {20, 6, 6, 3, 9, true, true, true, 0, ICL_STORAGE_F32},
        {20, 7, 9, 1, 11, true, false, true, 2, ICL_STORAGE_F32},
        {40, 8, 8, 3, 16, true, true, true, 4, ICL_STORAGE_BF16},
        {33, 5, 6, 1, 33, false, false, true, 0, ICL_STORAGE_BF16},
},
  batch_measured[] = {
      {50000, 32, 32, 3, 32768, true, true, true, 4, ICL_STORAGE_F32},
      {50000, 32, 32, 3, 32768, true, true, true, 4, ICL_STORAGE_BF16},
      {60000, 28, 28, 1, 50000, false, false, true, 0, ICL_STORAGE_F32},
};

enum { FIRST = 3, EPOCH = 6 };

struct batch_trial {
    struct batch_form form;
    struct icl_device_images images;
    uint8_t *pixels;
    uint32_t *labels, *order;
    struct trial_area *pixel, *label, *orders, *now, *chosen;
    struct trial_numbers out;
};

static void batch_make(struct trial *t)
{
    struct batch_trial *b = t->state = trial_host(t, sizeof *b);
    if (b == NULL) return;
    b->form = t->measuring ? batch_measured[t->form] : batch_checked[t->form];
    if (t->tiny) b->form.count = 16, b->form.n = 4;
    struct batch_form *f = &b->form;
    const size_t image = f->height * f->width * f->channels;
    const size_t own = t->measuring && f->count > 1024 ? 1024 : f->count; /* images that are drawn */
    b->images = (struct icl_device_images){.height = f->height, .width = f->width, .channels = f->channels};
    for (size_t c = 0; c < f->channels; c++) {
        b->images.scale[c] = (float)(.01 + .01 * trial_uniform(t));
        b->images.shift[c] = (float)(-1 - trial_uniform(t));
    }
    const size_t words = (own * image + 3) / 4;
    b->pixels = trial_host(t, words * 4);
    b->labels = trial_host(t, f->count * sizeof *b->labels);
    b->order = trial_host(t, (f->n + FIRST) * sizeof *b->order);
    if (t->status != ICL_OK) return;
    trial_words(t, words, (uint32_t *)(void *)b->pixels);
    trial_words(t, f->count, b->labels);
    trial_words(t, f->n + FIRST, b->order);
    for (size_t i = 0; i < f->n + FIRST; i++)
        b->order[i] %= (uint32_t)f->count;
    if (!f->order && f->n + FIRST > f->count) f->n = f->count - FIRST;
    b->pixel = trial_upload(t, b->pixels, own * image, f->count * image);
    b->label = trial_upload(t, b->labels, f->count * 4, f->count * 4);
    if (f->order) b->orders = trial_upload(t, b->order, (f->n + FIRST) * 4, (f->n + FIRST) * 4);
    b->now = trial_step(t, &(struct icl_device_step){.epoch = EPOCH, .first = FIRST});
    b->chosen = trial_area(t, f->n * 4);
    b->out = trial_room(t, f->storage, f->n * image);
    snprintf(t->label, sizeof t->label, "%s, %zux%zux%zux%zu%s", trial_storage_name(f->storage), f->n, f->height,
             f->width, f->channels, f->moves ? ", moved" : "");
    t->peak = TRIAL_COPY;
    t->amount = (double)(f->n * image) * (double)(1 + icl_storage_bytes(f->storage)) + 12.0 * (double)f->n;
}

static void batch_work(struct trial *t)
{
    const struct batch_trial *b = t->state;
    struct icl_device_images images = b->images;
    images.pixels = trial_at(t, b->pixel);
    images.labels = trial_at(t, b->label);
    const struct icl_device_moves moves = {t->stream.seed, b->form.flip, b->form.pad};
    t->call->layers.batch(t->device, &images, b->form.moves ? &moves : NULL, trial_at(t, b->orders),
                          trial_at(t, b->now), b->form.n, b->form.storage, trial_at(t, b->out.area),
                          trial_at(t, b->chosen));
}

/* A number below `bound` that belongs to a sample (trainer/data_augment.c: layer 0 flips, 1 moves down, 2 right). */
static long draw(const struct trial *t, uint32_t sample, uint32_t layer, uint64_t bound)
{
    const struct icl_stream stream = {t->stream.seed, ICL_PURPOSE_AUGMENT, layer, EPOCH};
    return (long)icl_random_below(&stream, sample, bound);
}

static void place_image(const struct trial *t, const struct batch_trial *b, uint32_t sample, float *out)
{
    const struct batch_form *f = &b->form;
    const long height = (long)f->height, width = (long)f->width, pad = f->moves ? (long)f->pad : 0;
    const bool flip = f->moves && f->flip && draw(t, sample, 0, 2) == 1;
    const long dy = pad > 0 ? draw(t, sample, 1, 2 * (uint64_t)pad + 1) - pad : 0;
    const long dx = pad > 0 ? draw(t, sample, 2, 2 * (uint64_t)pad + 1) - pad : 0;
    for (long y = 0; y < height; y++)
        for (long x = 0; x < width; x++)
            for (size_t c = 0; c < f->channels; c++) {
                const long from_y = y + dy, moved = x + dx, from_x = flip ? width - 1 - moved : moved;
                float value = 0.0F;
                if (from_y >= 0 && from_y < height && moved >= 0 && moved < width) {
                    const size_t pixel = (size_t)((sample * height + from_y) * width + from_x) * f->channels + c;
                    value = (float)b->pixels[pixel] * b->images.scale[c] + b->images.shift[c];
                }
                *out++ = trial_rounded(f->storage, value);
            }
}

static void batch_check(struct trial *t)
{
    const struct batch_trial *b = t->state;
    const struct batch_form *f = &b->form;
    const size_t image = f->height * f->width * f->channels;
    float *want = trial_host(t, f->n * image * sizeof *want);
    uint32_t *labels = trial_host(t, f->n * sizeof *labels);
    if (t->status != ICL_OK) return;
    for (size_t i = 0; i < f->n; i++) {
        const uint32_t sample = f->order ? b->order[FIRST + i] : (uint32_t)(FIRST + i);
        labels[i] = b->labels[sample];
        place_image(t, b, sample, want + i * image);
    }
    trial_same_bytes(t, "labels", trial_read(t, b->chosen), labels, f->n * sizeof *labels);
    trial_same(t, "images", trial_read_floats(t, &b->out), want, f->n * image);
}

const struct trial_row trial_rows_batch[] = {
    {"batch", {TRIAL_LAYER(batch)}, 7, 3, batch_make, batch_work, batch_check, NULL},
    {0},
};
