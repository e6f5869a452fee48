/* The IDX reader: files written here, plain and gzipped, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "trainer/images.h"

enum { COUNT = 5, HEIGHT = 4, WIDTH = 3, PIXELS = COUNT * HEIGHT * WIDTH, HEADER = 16, SIZE = HEADER + PIXELS };

static char folder[64], path[128];
static uint8_t good[SIZE];

static uint8_t pixel_at(size_t i)
{
    return (uint8_t)(i * 101 + 7);
}

static void put_size(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/iclab_images_XXXXXX");
    if (mkdtemp(folder) == NULL) return 1;
    snprintf(path, sizeof path, "%s/images", folder);
    put_size(good, 0x803);
    put_size(good + 4, COUNT);
    put_size(good + 8, HEIGHT);
    put_size(good + 12, WIDTH);
    for (size_t i = 0; i < PIXELS; i++)
        good[HEADER + i] = pixel_at(i);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_plain(const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_gzipped(const uint8_t *bytes, size_t size)
{
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)size), size);
    assert_int_equal(gzclose(file), Z_OK);
}

static void (*const writers[])(const uint8_t *, size_t) = {write_plain, write_gzipped};

/* The file is refused with one line that names it and holds `reason`, and nothing is handed out. */
static void assert_refused(const char *name, size_t limit, const char *reason)
{
    uint8_t untouched;
    struct icl_images images = {.count = 77, .pixels = &untouched};
    struct icl_error err;
    memset(&err, 0x7f, sizeof err);
    assert_int_equal(icl_images_read(name, limit, &images, &err), ICL_ERR_INPUT);
    assert_int_equal(err.status, ICL_ERR_INPUT);
    if (strncmp(err.message, name, strlen(name)) != 0 || strstr(err.message, reason) == NULL) {
        print_error("'%s' should start with %s and say %s\n", err.message, name, reason);
        fail();
    }
    if (*name != '\0') assert_null(strstr(err.message + strlen(name), name)); /* named once */
    assert_int_equal(images.count, 77);
    assert_ptr_equal(images.pixels, &untouched);
    assert_int_equal(icl_images_read(name, limit, &images, NULL), ICL_ERR_INPUT);
}

static void reads_plain_and_gzipped(void **state)
{
    (void)state;
    const size_t limits[] = {0, 1, COUNT - 1, COUNT, COUNT + 1, SIZE_MAX};
    for (size_t w = 0; w < 2; w++) {
        writers[w](good, SIZE);
        for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
            struct icl_images images;
            const size_t expected = limits[i] == 0 || limits[i] > COUNT ? COUNT : limits[i];
            assert_int_equal(icl_images_read(path, limits[i], &images, NULL), ICL_OK);
            assert_int_equal(images.count, expected);
            assert_int_equal(images.height, HEIGHT);
            assert_int_equal(images.width, WIDTH);
            assert_memory_equal(images.pixels, good + HEADER, expected * HEIGHT * WIDTH);
            icl_images_free(&images);
            assert_null(images.pixels);
            assert_int_equal(images.count, 0);
            icl_images_free(&images);
        }
    }
}

/* Larger than the first piece of memory, so that it has to grow, in odd steps. */
static void reads_large_files(void **state)
{
    (void)state;
    enum { SIDE = 997, MANY = 35 };
    const size_t pixels = (size_t)SIDE * SIDE * MANY;
    uint8_t *bytes = malloc(HEADER + pixels);
    assert_non_null(bytes);
    memcpy(bytes, good, HEADER);
    put_size(bytes + 4, MANY);
    put_size(bytes + 8, SIDE);
    put_size(bytes + 12, SIDE);
    for (size_t i = 0; i < pixels; i++)
        bytes[HEADER + i] = pixel_at(i ^ i >> 8);
    write_plain(bytes, HEADER + pixels);
    struct icl_images images;
    assert_int_equal(icl_images_read(path, 0, &images, NULL), ICL_OK);
    assert_int_equal(images.count, MANY);
    assert_memory_equal(images.pixels, bytes + HEADER, pixels);
    icl_images_free(&images);
    free(bytes);
}

static void refuses_what_is_not_a_file(void **state)
{
    (void)state;
    char missing[160];
    snprintf(missing, sizeof missing, "%s/missing", folder);
    assert_refused(missing, 0, "cannot open");
    assert_refused(folder, 0, "byte 0");
    assert_refused(folder, 0, "directory");
    assert_refused("", 0, "cannot open");
    unlink(path);
    assert_int_equal(symlink(path, path), 0); /* a link to itself */
    assert_refused(path, 0, "cannot open");
    assert_int_equal(unlink(path), 0); /* or writing would follow it */
}

static void refuses_files_cut_anywhere(void **state)
{
    (void)state;
    for (size_t size = 0; size < SIZE; size++) {
        char place[40];
        snprintf(place, sizeof place, "byte %zu:", size);
        for (size_t w = 0; w < 2; w++) {
            writers[w](good, size);
            assert_refused(path, 0, size < HEADER ? "the header" : "the images");
            assert_refused(path, 0, place);
            assert_refused(path, 0, "the file ends there");
        }
    }
}

/* The compressed file itself is cut, or a bit of it turned. */
static void refuses_broken_gzip(void **state)
{
    (void)state;
    uint8_t packed[4 * SIZE];
    write_gzipped(good, SIZE);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(packed, 1, sizeof packed, file);
    assert_int_equal(fclose(file), 0);
    for (size_t cut = 0; cut < size; cut++) {
        write_plain(packed, cut);
        assert_refused(path, 0, "byte ");
    }
    packed[size - 6] ^= 0x10; /* the check sum */
    write_plain(packed, size);
    assert_refused(path, 0, "incorrect data check");
}

static void refuses_wrong_magic(void **state)
{
    (void)state;
    const struct {
        uint32_t magic;
        const char *reason;
    } cases[] = {{0x801, "labels"},     {0x802, "0x00000802"},      {0x804, "0x00000804"},
                 {0xb03, "0x00000b03"}, {0x03080000, "0x03080000"}, {0x10803, "0x00010803"}};
    uint8_t bytes[SIZE];
    memcpy(bytes, good, SIZE);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (size_t w = 0; w < 2; w++) {
            put_size(bytes, cases[c].magic);
            writers[w](bytes, SIZE);
            assert_refused(path, 0, cases[c].reason);
            assert_refused(path, 0, "byte 0:");
        }
}

static void refuses_bad_sizes(void **state)
{
    (void)state;
    const uint32_t top = UINT32_MAX;
    const struct {
        uint32_t count, height, width;
        const char *reason;
    } cases[] = {
        {0, HEIGHT, WIDTH, "byte 4: count 0"},
        {COUNT, 0, WIDTH, "byte 8: height 0"},
        {COUNT, HEIGHT, 0, "byte 12: width 0"},
        {top, top, top, "too many"},
        {1u << 31, 1u << 31, 4, "too many"}, /* 2^64: would wrap to 0 */
        {1u << 31, 1u << 31, 2, "too many"}, /* 2^63: more than a pointer difference holds */
        /* sizes that fit, but no such file: refused before the memory is asked for */
        {top, HEIGHT, WIDTH, "byte 76:"},
        {1, top, 1u << 30, "byte 76:"},
        {COUNT + 1, HEIGHT, WIDTH, "byte 76:"},
        {COUNT - 1, HEIGHT, WIDTH, "byte 64: more data"},
    };
    uint8_t bytes[SIZE];
    memcpy(bytes, good, SIZE);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (size_t w = 0; w < 2; w++) {
            put_size(bytes + 4, cases[c].count);
            put_size(bytes + 8, cases[c].height);
            put_size(bytes + 12, cases[c].width);
            writers[w](bytes, SIZE);
            assert_refused(path, 0, cases[c].reason);
        }
}

static void finds_fashion_mnist(void **state)
{
    (void)state;
    char found[256], expected[256];
    struct icl_error err;
    const char *const names[] = {"train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"};
    assert_int_equal(setenv("ICLAB_FASHION_MNIST", folder, 1), 0);
    assert_int_equal(icl_fashion_mnist_path(found, sizeof found, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, folder));
    assert_non_null(strstr(err.message, "dataset-fashion-mnist"));
    for (size_t i = 0; i < 2; i++) { /* the gzipped one is preferred when both are there */
        snprintf(expected, sizeof expected, "%s/%s", folder, names[i]);
        FILE *file = fopen(expected, "wb");
        assert_non_null(file);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(icl_fashion_mnist_path(found, sizeof found, &err), ICL_OK);
        assert_string_equal(found, expected);
    }
    assert_int_equal(icl_fashion_mnist_path(found, strlen(expected), &err), ICL_ERR_INPUT);
    assert_int_equal(icl_fashion_mnist_path(found, strlen(expected) + 1, &err), ICL_OK);
    for (size_t i = 0; i < 2; i++) {
        snprintf(expected, sizeof expected, "%s/%s", folder, names[i]);
        assert_int_equal(unlink(expected), 0);
    }
    assert_int_equal(unsetenv("ICLAB_FASHION_MNIST"), 0);
}

static void reads_fashion_mnist_where_it_is_installed(void **state)
{
    (void)state;
    char found[256];
    struct icl_error err;
    if (icl_fashion_mnist_path(found, sizeof found, &err) != ICL_OK) {
        print_message("SKIP: %s\n", err.message);
        skip();
    }
    struct icl_images images;
    assert_int_equal(icl_images_read(found, 1000, &images, &err), ICL_OK);
    assert_int_equal(images.count, 1000);
    assert_int_equal(images.height, 28);
    assert_int_equal(images.width, 28);
    double mean = 0;
    for (size_t i = 0; i < 784000; i++)
        mean += images.pixels[i] / (255.0 * 784000);
    assert_true(mean > 0.27 && mean < 0.30); /* .286 over all 60,000 */
    icl_images_free(&images);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_plain_and_gzipped),
        cmocka_unit_test(reads_large_files),
        cmocka_unit_test(refuses_what_is_not_a_file),
        cmocka_unit_test(refuses_files_cut_anywhere),
        cmocka_unit_test(refuses_broken_gzip),
        cmocka_unit_test(refuses_wrong_magic),
        cmocka_unit_test(refuses_bad_sizes),
        cmocka_unit_test(finds_fashion_mnist),
        cmocka_unit_test(reads_fashion_mnist_where_it_is_installed),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
