/* Batches on a device: the bytes of the trainer's, flips, moves and labels included. */
#include <math.h>

#include "device_storage.h"
#include "device_support.h"
#include "trainer/data_internal.h"

struct batch_case {
    const char *name;
    size_t n;
    uint32_t first, epoch, pad;
    bool flip, ordered;
};

/* Odd sizes, one channel and three, moves as large as the image, images longer than a block's run. */
static const struct batch_case CASES[] = {
    {"planted-10x12x3-7", 37, 5, 0, 2, true, true},     {"planted-10x12x3-7", 41, 0, 3, 0, true, false},
    {"planted-5x7x1-3", 61, 9, 1, 7, true, true},       {"planted-5x7x1-3", 20, 3, 2, 3, false, true},
    {"planted-9x9x3-4", 33, 1, 65535, 0, false, false}, {"planted-32x32x3-10", 19, 7, 12, 4, true, true},
    {"planted-40x44x3-5", 6, 2, 8, 40, true, true},     {"planted-40x44x3-5", 0, 2, 8, 4, true, true}};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES, IMAGES = 70 };

static struct icl_data *open_data(const char *name)
{
    struct icl_data *data;
    struct icl_error err;
    if (icl_data_open(name, ICL_SPLIT_TRAIN, IMAGES, 0, NULL, &data, &err) != ICL_OK) fail_msg("%s", err.message);
    return data;
}

static void batches_are_the_trainers(void **state)
{
    (void)state;
    const uint64_t seed = 0x8f1bbcdc5a827999;
    for (size_t k = 0; k < CASE_COUNT; k++)
        for (size_t way = 0; way < 4; way++) {
            const struct batch_case *c = &CASES[k];
            const enum icl_storage storage = STORAGES[way % 2];
            const size_t shift = way / 2;
            assert_true(c->first + c->n <= IMAGES);
            struct icl_data *data = open_data(c->name);
            const struct icl_data_info *info = icl_data_info(data);
            const size_t size = info->height * info->width * info->channels, count = c->n * size;
            struct icl_device *device = device_open();
            struct icl_error err;
            uint32_t order[IMAGES], all_labels[IMAGES], *labels = calloc(c->n + 1, sizeof *labels);
            float *images = check_poisoned_f32(count + 1);
            assert_non_null(labels);
            const struct icl_stream stream = {.seed = 23 + k, .purpose = ICL_PURPOSE_SHUFFLE};
            icl_random_permutation(&stream, IMAGES, order);
            for (size_t i = 0; i < IMAGES; i++)
                all_labels[i] = icl_data_label(data, i);

            const struct icl_augmentation augmentation = {.flip = c->flip, .pad = c->pad};
            if (icl_data_batch(data, &augmentation, seed, c->epoch, c->ordered ? order + c->first : NULL, c->first,
                               c->n, NULL, images, labels, &err) != ICL_OK)
                fail_msg("%s", err.message);

            struct icl_device_images there = {.pixels = device_put(device, data->pixels, IMAGES * size),
                                              .labels = device_put(device, all_labels, sizeof all_labels),
                                              .height = info->height,
                                              .width = info->width,
                                              .channels = info->channels};
            memcpy(there.scale, data->scale, sizeof there.scale);
            memcpy(there.shift, data->shift, sizeof there.shift);
            const struct icl_device_moves moves = {.seed = seed, .flip = c->flip, .pad = c->pad};
            const bool plain = !c->flip && c->pad == 0;
            const struct icl_device_step now = {.step = 77, .epoch = c->epoch, .first = c->first};
            char *out = storage_room(device, storage, count + shift);
            out = out == NULL ? NULL : out + shift * icl_storage_bytes(storage);
            uint32_t *labels_out = device_room(device, c->n * sizeof *labels_out);
            device->call->layers.batch(device, &there, plain ? NULL : &moves,
                                       c->ordered ? device_put(device, order, sizeof order) : NULL,
                                       device_put(device, &now, sizeof now), c->n, storage, out, labels_out);
            storage_check_same(device, storage, out, images, count, c->name);
            device_check_bytes(device, labels_out, labels, c->n * sizeof *labels, "labels");
            device_close(device);
            icl_data_close(data);
            free(labels), free(images);
        }
}

/* The same batch whatever the batch around it: a draw belongs to the image, not to its place in the batch. */
static void draws_belong_to_images(void **state)
{
    (void)state;
    enum { N = 24, ALONE = 5 };
    struct icl_data *data = open_data("planted-9x9x3-4");
    const struct icl_data_info *info = icl_data_info(data);
    const size_t size = info->height * info->width * info->channels;
    struct icl_device *device = device_open();
    uint32_t order[IMAGES], all_labels[IMAGES] = {0};
    for (uint32_t i = 0; i < IMAGES; i++)
        order[i] = IMAGES - 1 - i;
    struct icl_device_images there = {.pixels = device_put(device, data->pixels, IMAGES * size),
                                      .labels = device_put(device, all_labels, sizeof all_labels),
                                      .height = info->height,
                                      .width = info->width,
                                      .channels = info->channels,
                                      .scale = {1, 1, 1}};
    const struct icl_device_moves moves = {.seed = 5, .flip = true, .pad = 3};
    const uint32_t *order_there = device_put(device, order, sizeof order);
    float *whole = device_room_floats(device, N * size), *one = device_room_floats(device, size), *moved;
    uint32_t *labels_out = device_room(device, N * sizeof *labels_out);
    const struct icl_device_step now[2] = {{.epoch = 4, .first = 11}, {.epoch = 4, .first = 11 + ALONE}};
    const struct icl_device_step *now_there = device_put(device, now, sizeof now);
    device->call->layers.batch(device, &there, &moves, order_there, now_there, N, ICL_STORAGE_F32, whole, labels_out);
    device->call->layers.batch(device, &there, &moves, order_there, now_there + 1, 1, ICL_STORAGE_F32, one, labels_out);
    moved = device_get_floats(device, whole + ALONE * size, size);
    device_check_same_f32(device, one, moved, size, "alone");
    size_t as_they_are = 0, zeros = 0; /* pixels of the whole batch */
    float *all = device_get_floats(device, whole, N * size);
    for (size_t i = 0; i < N; i++)
        for (size_t e = 0; e < size; e++) {
            as_they_are += all[i * size + e] == (float)data->pixels[order[11 + i] * size + e];
            zeros += all[i * size + e] == 0;
        }
    assert_true(as_they_are < N * size / 2 && zeros > N * size / 20);
    device_close(device);
    icl_data_close(data);
    free(moved), free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(batches_are_the_trainers),
                                       cmocka_unit_test(draws_belong_to_images)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
