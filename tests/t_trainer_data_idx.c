/* MNIST's format as a data set: images with labels, what is refused, what memory it holds. */
#include "tests/data_support.h"

#include "trainer/data.h"
#include "trainer/images.h"

enum { COUNT = 12, SIDE = 28, PIXELS = SIDE * SIDE };

static const uint32_t image_size[3] = {COUNT, SIDE, SIDE}, label_size[1] = {COUNT};
static uint8_t pixels[COUNT * PIXELS], labels[COUNT];

static const char *image_path(void)
{
    return placed("mnist/train-images-idx3-ubyte");
}

static const char *label_path(void)
{
    return placed("mnist/train-labels-idx1-ubyte");
}

static int write_good(void **state)
{
    (void)state;
    uint64_t random = 17;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)random_bits(&random);
    for (size_t i = 0; i < COUNT; i++)
        labels[i] = (uint8_t)(i * 7 % 10);
    write_idx(image_path(), 0x803, 3, image_size, pixels, sizeof pixels);
    write_idx(label_path(), 0x801, 1, label_size, labels, sizeof labels);
    return 0;
}

static void reads_images_with_their_labels(void **state)
{
    (void)state;
    struct icl_error err;
    const size_t limits[] = {0, 1, 5, COUNT, COUNT + 1};
    for (size_t l = 0; l < sizeof limits / sizeof *limits; l++) {
        struct icl_data *data;
        assert_ok(icl_data_open("mnist", ICL_SPLIT_TRAIN, limits[l], 0, folder, &data, &err));
        const struct icl_data_info *info = icl_data_info(data);
        const size_t count = limits[l] == 0 || limits[l] > COUNT ? COUNT : limits[l];
        assert_int_equal(info->count, count);
        assert_string_equal(info->name, "mnist");
        assert_int_equal(info->height, SIDE);
        assert_int_equal(info->width, SIDE);
        assert_int_equal(info->channels, 1);
        assert_int_equal(info->classes, 10);
        assert_null(icl_data_class_name(data, 3));
        float *images = malloc(count * PIXELS * sizeof *images);
        uint32_t got[COUNT];
        assert_ok(icl_data_batch(data, NULL, 1, 0, NULL, 0, count, NULL, images, got, &err));
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(got[i], labels[i]);
            assert_int_equal(icl_data_label(data, i), labels[i]);
        }
        for (size_t i = 0; i < count * PIXELS; i++) {
            /* One rounding of scale and shift each, and one of product and sum: some 2^-22 of values up to 3. */
            const double wanted = (pixels[i] / 255. - (double)info->mean[0]) / (double)info->sd[0];
            assert_true(fabs((double)images[i] - wanted) < 2e-6);
        }
        free(images);
        icl_data_close(data);
    }
}

/* Memory: pixels, two bytes a label, and a few hundred for the rest. */
static void says_what_memory_it_holds(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_data *data[2];
    assert_ok(icl_data_open("mnist", ICL_SPLIT_TRAIN, 0, 0, folder, &data[0], &err));
    assert_ok(icl_data_open("mnist", ICL_SPLIT_TRAIN, 4, 0, folder, &data[1], &err));
    assert_int_equal(icl_data_info(data[0])->memory - icl_data_info(data[1])->memory, 8 * (PIXELS + 2));
    assert_true(icl_data_info(data[1])->memory > 4 * (PIXELS + 2));
    assert_true(icl_data_info(data[1])->memory < 4 * (PIXELS + 2) + 2048);
    icl_data_close(data[0]);
    icl_data_close(data[1]);
}

/* Opening fails with a line that holds each of the words, and hands nothing out. */
#define assert_refused(split, ...)                                                                                     \
    do {                                                                                                               \
        struct icl_error refused_;                                                                                     \
        struct icl_data *untouched_ = (struct icl_data *)&refused_;                                                    \
        const icl_status status_ = icl_data_open("mnist", split, 0, 0, folder, &untouched_, &refused_);                \
        assert_failure(status_, ICL_ERR_INPUT, &refused_, __VA_ARGS__);                                                \
        assert_ptr_equal(untouched_, &refused_);                                                                       \
    } while (0)

static void refuses_bad_labels(void **state)
{
    (void)state;
    uint8_t bad[COUNT];
    memcpy(bad, labels, sizeof bad);
    bad[7] = 10;
    write_idx(label_path(), 0x801, 1, label_size, bad, sizeof bad);
    assert_refused(ICL_SPLIT_TRAIN, "train-labels-idx1-ubyte", "byte 15", "label 10", "10 classes");
    bad[7] = 255;
    write_idx(label_path(), 0x801, 1, label_size, bad, sizeof bad);
    assert_refused(ICL_SPLIT_TRAIN, "label 255");
    write_idx(label_path(), 0x803, 1, label_size, labels, sizeof labels);
    assert_refused(ICL_SPLIT_TRAIN, "train-labels-idx1-ubyte", "byte 0", "these are images");
    write_idx(label_path(), 0x801, 1, label_size, labels, COUNT - 1);
    assert_refused(ICL_SPLIT_TRAIN, "train-labels-idx1-ubyte", "the labels", "ends there");
    uint8_t more[COUNT + 1] = {0};
    write_idx(label_path(), 0x801, 1, label_size, more, sizeof more);
    assert_refused(ICL_SPLIT_TRAIN, "train-labels-idx1-ubyte", "byte 20", "more data");
    const uint32_t none[] = {0}, huge[] = {UINT32_MAX};
    write_idx(label_path(), 0x801, 1, none, labels, 0);
    assert_refused(ICL_SPLIT_TRAIN, "byte 4", "count 0");
    write_idx(label_path(), 0x801, 1, huge, labels, sizeof labels);
    assert_refused(ICL_SPLIT_TRAIN, "the labels", "ends there");
    write_bytes(label_path(), "\0\0", 2);
    assert_refused(ICL_SPLIT_TRAIN, "the header", "ends there");
}

static void refuses_files_that_do_not_belong_together(void **state)
{
    (void)state;
    const uint32_t fewer[] = {COUNT - 1}, other[] = {COUNT, 27, SIDE};
    write_idx(label_path(), 0x801, 1, fewer, labels, COUNT - 1);
    assert_refused(ICL_SPLIT_TRAIN, "11 labels", "12 images");
    write_idx(label_path(), 0x801, 1, label_size, labels, sizeof labels);
    write_idx(image_path(), 0x803, 3, other, pixels, (size_t)COUNT * 27 * SIDE);
    assert_refused(ICL_SPLIT_TRAIN, "27 x 28", "28 x 28");
    write_idx(image_path(), 0x801, 3, image_size, pixels, sizeof pixels);
    assert_refused(ICL_SPLIT_TRAIN, "these are labels");
    write_idx(image_path(), 0x803, 3, image_size, pixels, sizeof pixels - 1);
    assert_refused(ICL_SPLIT_TRAIN, "train-images-idx3-ubyte", "ends there");
}

static void says_what_is_missing(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_data *data;
    assert_refused(ICL_SPLIT_VALID, "t10k-images-idx3-ubyte", "not there");
    assert_int_equal(unlink(label_path()), 0);
    assert_refused(ICL_SPLIT_TRAIN, "train-labels-idx1-ubyte", "not there");
    assert_failure(icl_data_open("mnist", ICL_SPLIT_TRAIN, 0, 0, "/nowhere", &data, &err), ICL_ERR_INPUT, &err,
                   "/nowhere/mnist", "iclab data fetch mnist");
    assert_failure(icl_data_open("mnist", ICL_SPLIT_TRAIN, 0, 32, folder, &data, &err), ICL_ERR_USAGE, &err, "28 x 28");
}

static void labels_alone(void **state)
{
    (void)state;
    struct icl_error err;
    size_t count = 77;
    uint8_t *got = NULL;
    assert_ok(icl_labels_read(label_path(), 10, 3, &count, &got, &err));
    assert_int_equal(count, 3);
    assert_memory_equal(got, labels, 3);
    free(got);
    got = labels;
    /* Label 7 is the second. */
    assert_failure(icl_labels_read(label_path(), 7, 0, &count, &got, &err), ICL_ERR_INPUT, &err, "byte 9", "label 7");
    assert_failure(icl_labels_read("/nowhere", 7, 0, &count, &got, &err), ICL_ERR_INPUT, &err, "/nowhere");
    assert_int_equal(count, 3);
    assert_ptr_equal(got, labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_images_with_their_labels, write_good),
        cmocka_unit_test_setup(says_what_memory_it_holds, write_good),
        cmocka_unit_test_setup(refuses_bad_labels, write_good),
        cmocka_unit_test_setup(refuses_files_that_do_not_belong_together, write_good),
        cmocka_unit_test_setup(says_what_is_missing, write_good),
        cmocka_unit_test_setup(labels_alone, write_good),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
