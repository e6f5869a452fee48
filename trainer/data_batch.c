/* Batches: samples are taken one by one by whoever is free, and each depends on nothing but itself. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "trainer/data_internal.h"

/* Samples that a worker takes at a time from memory; image files are taken one by one. */
enum { SHARE = 16 };

struct batch {
    const struct icl_data *data;
    const struct icl_augmentation *augmentation; /* NULL: none */
    uint64_t seed;
    uint32_t epoch;
    const uint32_t *index;
    size_t first, n;
    float *images;
    uint32_t *labels;
    _Atomic size_t next;
    pthread_mutex_t lock; /* of what follows: the first sample that failed */
    size_t failed;        /* n: none */
    icl_status status;
    struct icl_error error;
};

/* A sample's part of the work, and where the pixels of a file come from. */
struct sample {
    const struct batch *batch;
    size_t at; /* in the batch */
    uint32_t index;
};

static struct icl_crop choose_crop(const void *context, size_t height, size_t width)
{
    const struct sample *sample = context;
    const struct batch *batch = sample->batch;
    if (batch->augmentation == NULL || !batch->augmentation->resized_crop) return icl_centre_crop(height, width);
    return icl_draw_crop(batch->seed, batch->epoch, sample->index, height, width);
}

/* Values 0 .. 255 in place. */
static void normalise(const struct icl_data *data, size_t count, float *value)
{
    size_t i = 0;
    for (; i + ICL_NORMALISE_RUN <= count; i += ICL_NORMALISE_RUN)
        for (size_t k = 0; k < ICL_NORMALISE_RUN; k++)
            value[i + k] = icl_normalised(value[i + k], data->scale[k], data->shift[k]);
    for (size_t k = 0; i + k < count; k++)
        value[i + k] = icl_normalised(value[i + k], data->scale[k], data->shift[k]);
}

/* The image as it is in the data set, cropped where that is wanted. */
static icl_status fetch(const struct sample *sample, struct icl_scratch scratch[4], float *image, struct icl_error *err)
{
    const struct batch *batch = sample->batch;
    const struct icl_data *data = batch->data;
    const struct icl_data_info *info = &data->info;
    const size_t size = info->height * info->width * info->channels;
    if (data->files != NULL) {
        char path[ICL_DATA_PATH];
        ICL_TRY(icl_image_files_path(data->files, sample->index, path, err));
        ICL_TRY(icl_jpeg_read(path, choose_crop, sample, info->height, info->width, scratch, image, err));
    } else if (batch->augmentation != NULL && batch->augmentation->resized_crop) {
        const struct icl_picture picture = {data->pixels + sample->index * size, info->height, info->width,
                                            info->channels, info->width * info->channels};
        const struct icl_crop crop = choose_crop(sample, info->height, info->width);
        const struct icl_box box = {(double)crop.y, (double)crop.x, (double)crop.height, (double)crop.width};
        ICL_TRY(icl_resize(&picture, &box, info->height, info->width, scratch, image, err));
    } else {
        icl_normalise_bytes(data, data->pixels + sample->index * size, size, image);
        return ICL_OK;
    }
    normalise(data, size, image);
    return ICL_OK;
}

static icl_status make(struct batch *batch, size_t at, struct icl_scratch scratch[4], struct icl_error *err)
{
    const struct icl_data_info *info = &batch->data->info;
    const size_t size = info->height * info->width * info->channels;
    float *image = batch->images + at * size;
    const struct sample sample = {batch, at, batch->index != NULL ? batch->index[at] : (uint32_t)(batch->first + at)};
    ICL_TRY(fetch(&sample, scratch, image, err));
    batch->labels[at] = batch->data->labels[sample.index];
    if (batch->augmentation == NULL) return ICL_OK;
    const struct icl_move move = icl_draw_move(batch->augmentation, batch->seed, batch->epoch, sample.index);
    ICL_TRY(icl_scratch_reserve(&scratch[3], info->width * info->channels * sizeof(float), err));
    icl_move_image(&move, info->height, info->width, info->channels, image, scratch[3].memory);
    return ICL_OK;
}

static void note_failure(struct batch *batch, size_t at, icl_status status, const struct icl_error *error)
{
    pthread_mutex_lock(&batch->lock);
    if (at < batch->failed) {
        batch->failed = at;
        batch->status = status;
        batch->error = *error;
    }
    pthread_mutex_unlock(&batch->lock);
}

/* Samples are handed out in their order, so that all before one that fails are made and the first failure is known. */
static void work(void *context, unsigned worker)
{
    (void)worker;
    struct batch *batch = context;
    struct icl_scratch scratch[4] = {{0}};
    const size_t share = batch->data->files != NULL ? 1 : SHARE;
    icl_status status = ICL_OK;
    while (status == ICL_OK) {
        const size_t begin = atomic_fetch_add(&batch->next, share);
        if (begin >= batch->n) break;
        const size_t end = batch->n - begin < share ? batch->n : begin + share;
        for (size_t at = begin; at < end && status == ICL_OK; at++) {
            struct icl_error error;
            status = make(batch, at, scratch, &error);
            if (status == ICL_OK) continue;
            note_failure(batch, at, status, &error);
            atomic_store(&batch->next, batch->n);
        }
    }
    for (size_t k = 0; k < 4; k++)
        free(scratch[k].memory);
}

static icl_status check_samples(const struct icl_data_info *info, const uint32_t *index, size_t first, size_t n,
                                struct icl_error *err)
{
    if (index == NULL && (first > info->count || n > info->count - first))
        return icl_fail(err, ICL_ERR_USAGE, "samples %zu to %zu: %s has %zu", first, first + n - 1, info->name,
                        info->count);
    for (size_t i = 0; index != NULL && i < n; i++)
        if (index[i] >= info->count)
            return icl_fail(err, ICL_ERR_USAGE, "sample %lu: %s has %zu", (unsigned long)index[i], info->name,
                            info->count);
    return ICL_OK;
}

icl_status icl_data_batch(const struct icl_data *data, const struct icl_augmentation *augmentation, uint64_t seed,
                          uint32_t epoch, const uint32_t *index, size_t first, size_t n, struct icl_team *team,
                          float *images, uint32_t *labels, struct icl_error *err)
{
    ICL_TRY(check_samples(&data->info, index, first, n, err));
    const bool plain =
        augmentation == NULL || (!augmentation->flip && !augmentation->resized_crop && augmentation->pad == 0);
    struct batch batch = {.data = data,
                          .augmentation = plain ? NULL : augmentation,
                          .seed = seed,
                          .epoch = epoch,
                          .index = index,
                          .first = first,
                          .n = n,
                          .images = images,
                          .labels = labels,
                          .lock = PTHREAD_MUTEX_INITIALIZER,
                          .failed = n};
    if (team != NULL)
        icl_team_run(team, work, &batch);
    else
        work(&batch, 0);
    pthread_mutex_destroy(&batch.lock);
    return batch.status == ICL_OK ? ICL_OK : icl_fail(err, batch.status, "%s", batch.error.message);
}
