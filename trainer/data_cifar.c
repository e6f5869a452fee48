/* CIFAR-10 and CIFAR-100, the binary form: records of one or two labels and the planes of an image, channel by
 * channel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/input.h"
#include "trainer/data_internal.h"

enum { RECORDS_AT_ONCE = 128, COARSE_CLASSES = 20 };

/* The files of a split in their order; the labels of a record: the last is the fine one. */
struct layout {
    size_t labels;
    const char *const *files[2];
};
static const char *const cifar10_train[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                            "data_batch_4.bin", "data_batch_5.bin", NULL};
static const char *const cifar10_valid[] = {"test_batch.bin", NULL};
static const char *const cifar100_train[] = {"train.bin", NULL};
static const char *const cifar100_valid[] = {"test.bin", NULL};
static const struct layout cifar10 = {1, {cifar10_train, cifar10_valid}};
static const struct layout cifar100 = {2, {cifar100_train, cifar100_valid}};

/* A file being read into a data set. */
struct reading {
    const struct layout *layout;
    struct icl_data *data;
    struct icl_input input;
    uint8_t *record; /* RECORDS_AT_ONCE of them */
};

static icl_status take_record(struct reading *r, const uint8_t *record, uint64_t place, struct icl_error *err)
{
    struct icl_data_info *info = &r->data->info;
    const size_t fine = r->layout->labels - 1, plane = info->height * info->width;
    for (size_t k = 0; k <= fine; k++) {
        const size_t classes = k < fine ? COARSE_CLASSES : info->classes;
        if (record[k] >= classes)
            return icl_fail(err, ICL_ERR_INPUT, "%s: byte %llu: label %u, but there are %zu %sclasses", r->input.name,
                            (unsigned long long)(place + k), record[k], classes, k < fine ? "coarse " : "");
    }
    uint8_t *pixel = r->data->pixels + info->count * plane * info->channels;
    for (size_t c = 0; c < info->channels; c++)
        for (size_t i = 0; i < plane; i++)
            pixel[i * info->channels + c] = record[fine + 1 + c * plane + i];
    r->data->labels[info->count++] = record[fine];
    return ICL_OK;
}

static icl_status grow(struct icl_data *data, size_t count, struct icl_error *err)
{
    const struct icl_data_info *info = &data->info;
    uint8_t *pixels = realloc(data->pixels, count * info->height * info->width * info->channels);
    if (pixels != NULL) data->pixels = pixels;
    uint16_t *labels = realloc(data->labels, count * sizeof *labels);
    if (labels != NULL) data->labels = labels;
    return pixels != NULL && labels != NULL ? ICL_OK : icl_fail_memory(err, "images");
}

/* Reads the open file; `limit` images in all. */
static icl_status read_records(struct reading *r, size_t limit, struct icl_error *err)
{
    struct icl_data_info *info = &r->data->info;
    const size_t size = r->layout->labels + info->height * info->width * info->channels;
    if (!r->input.size_known || r->input.size == 0 || r->input.size % size != 0)
        return icl_fail(err, ICL_ERR_INPUT, "%s: %llu bytes, but its records have %zu", r->input.name,
                        (unsigned long long)r->input.size, size);
    size_t left = r->input.size / size;
    if (limit != 0 && left > limit - info->count) left = limit - info->count;
    if (left > UINT32_MAX - info->count) return icl_fail(err, ICL_ERR_INPUT, "%s: too many records", r->input.name);
    ICL_TRY(grow(r->data, info->count + left, err));
    for (uint64_t place = 0; left > 0;) {
        const size_t wanted = left < RECORDS_AT_ONCE ? left : RECORDS_AT_ONCE;
        size_t got = 0;
        ICL_TRY(icl_input_read(&r->input, r->record, wanted * size, &got, err));
        if (got < wanted * size)
            return icl_fail(err, ICL_ERR_INPUT, "%s: byte %llu: the file ends there", r->input.name,
                            (unsigned long long)(place + got));
        for (size_t i = 0; i < wanted; i++, place += size)
            ICL_TRY(take_record(r, r->record + i * size, place, err));
        left -= wanted;
    }
    return ICL_OK;
}

static icl_status read_file(struct reading *r, const char *folder, const char *name, size_t limit,
                            struct icl_error *err)
{
    char path[ICL_DATA_PATH];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || length >= ICL_DATA_PATH)
        return icl_fail(err, ICL_ERR_INPUT, "%.200s: the name of the folder is too long", folder);
    ICL_TRY(icl_input_open(&r->input, path, err));
    const icl_status status = read_records(r, limit, err);
    icl_input_close(&r->input);
    return status;
}

icl_status icl_data_read_cifar(const struct icl_data_request *request, struct icl_data *data, struct icl_error *err)
{
    const struct layout *layout = strcmp(request->choice->set.name, "cifar-100") == 0 ? &cifar100 : &cifar10;
    const struct icl_data_info *info = &data->info;
    struct reading reading = {.layout = layout, .data = data};
    reading.record = malloc(RECORDS_AT_ONCE * (layout->labels + info->height * info->width * info->channels));
    icl_status status = reading.record != NULL ? ICL_OK : icl_fail_memory(err, "images");
    for (const char *const *name = layout->files[request->split]; *name != NULL && status == ICL_OK; name++) {
        if (request->limit != 0 && info->count == request->limit) break;
        status = read_file(&reading, request->folder, *name, request->limit, err);
    }
    free(reading.record);
    return status;
}
