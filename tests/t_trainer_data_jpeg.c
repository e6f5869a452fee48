/* JPEG files: against a plain decoding, in colour, grey and CMYK, and every kind of damage. */
#include <sys/stat.h>

#include "tests/data_support.h"

#include "trainer/data_internal.h"

static struct icl_error err;
static struct icl_scratch scratch[3];

static struct icl_crop whole(const void *context, size_t height, size_t width)
{
    (void)context;
    return (struct icl_crop){0, 0, height, width};
}

static struct icl_crop given(const void *context, size_t height, size_t width)
{
    const struct icl_crop *crop = context;
    assert_true(crop->y + crop->height <= height && crop->x + crop->width <= width);
    return *crop;
}

static int free_scratch(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        free(scratch[i].memory);
    memset(scratch, 0, sizeof scratch);
    return 0;
}

enum { HEIGHT = 90, WIDTH = 130 };
static uint8_t rgb[HEIGHT * WIDTH * 3];

/* At its own size the image comes back within what quality 95 loses. */
static void colour_comes_back(void **state)
{
    (void)state;
    static float out[HEIGHT * WIDTH * 3];
    const char *path = in_folder("colour.jpg");
    for (int progressive = 0; progressive < 2; progressive++) {
        paint_smooth(rgb, HEIGHT, WIDTH, 3, .3);
        write_jpeg(path, rgb, HEIGHT, WIDTH, 3, 95, progressive == 1);
        assert_ok(icl_jpeg_read(path, whole, NULL, HEIGHT, WIDTH, scratch, out, &err));
        for (size_t i = 0; i < sizeof rgb; i++)
            assert_true(fabs((double)out[i] - rgb[i]) < 8); /* quality 95: some 3 levels, edges of blocks more */
    }
}

static void grey_has_three_equal_channels(void **state)
{
    (void)state;
    static uint8_t grey[HEIGHT * WIDTH];
    static float out[HEIGHT * WIDTH * 3];
    const char *path = in_folder("grey.jpg");
    paint_smooth(grey, HEIGHT, WIDTH, 1, 1.1);
    write_jpeg(path, grey, HEIGHT, WIDTH, 1, 95, false);
    assert_ok(icl_jpeg_read(path, whole, NULL, HEIGHT, WIDTH, scratch, out, &err));
    for (size_t i = 0; i < sizeof grey; i++) {
        assert_true(fabs((double)out[3 * i] - grey[i]) < 8);
        assert_same((double)out[3 * i], (double)out[3 * i + 1]);
        assert_same((double)out[3 * i], (double)out[3 * i + 2]);
    }
}

/* libjpeg writes Adobe's marker into CMYK files, and Adobe's are inverted: red = cyan x black / 255. */
static void cmyk_is_converted(void **state)
{
    (void)state;
    enum { SIDE = 16 };
    uint8_t cmyk[SIDE * SIDE * 4];
    static float out[SIDE * SIDE * 3];
    const uint8_t inks[4] = {200, 120, 60, 220};
    for (size_t i = 0; i < sizeof cmyk; i++)
        cmyk[i] = inks[i % 4];
    write_jpeg(in_folder("cmyk.jpg"), cmyk, SIDE, SIDE, 4, 100, false);
    assert_ok(icl_jpeg_read(in_folder("cmyk.jpg"), whole, NULL, SIDE, SIDE, scratch, out, &err));
    for (size_t i = 0; i < SIDE * SIDE * 3; i++)
        assert_true(fabs((double)out[i] - inks[i % 3] * 220. / 255) < 3); /* three roundings */
}

/* A part, at every scale the library can decode at: against the mean colour of the smooth source there. */
static void parts_at_every_scale(void **state)
{
    (void)state;
    enum { BIG = 400 };
    static uint8_t big[BIG * BIG * 3];
    static float out[BIG * BIG * 3];
    const char *path = in_folder("big.JPEG");
    paint_smooth(big, BIG, BIG, 3, 2.);
    write_jpeg(path, big, BIG, BIG, 3, 95, false);
    const struct icl_crop crops[] = {{0, 0, BIG, BIG}, {16, 40, 200, 300}, {101, 33, 97, 211}, {399, 399, 1, 1}};
    for (size_t c = 0; c < sizeof crops / sizeof *crops; c++)
        for (size_t side = 8; side <= 360; side = side * 5 / 3) {
            const struct icl_crop *crop = &crops[c];
            assert_ok(icl_jpeg_read(path, given, crop, side, side, scratch, out, &err));
            const double step_y = (double)crop->height / (double)side, step_x = (double)crop->width / (double)side;
            for (size_t i = 0; i < side * side * 3; i++) {
                const double y = (double)crop->y + ((double)(i / 3 / side) + .5) * step_y - .5;
                const double x = (double)crop->x + ((double)(i / 3 % side) + .5) * step_x - .5;
                const double wanted = 128 + 60 * sin(2. + .11 * x + (double)(i % 3)) + 50 * cos(.07 * y - 2.);
                /* The triangle flattens a wave of .11 a pixel by its width; at the rim it is cut. */
                const double slack = 8 + 3 * fmax(step_x, 1) + 2 * fmax(step_y, 1);
                if (!(fabs((double)out[i] - wanted) < slack))
                    fail_msg("part %zu to %zu: value %zu is %g, not %g", c, side, i, (double)out[i], wanted);
            }
        }
}

/* Refused with one line that names the file and holds the reason; nothing on standard error. */
static void assert_refused(const void *bytes, size_t size, const char *reason)
{
    static float out[64 * 64 * 3];
    const char *path = in_folder("bad.jpg");
    const int saved = dup(STDERR_FILENO);
    FILE *said = tmpfile();
    assert_non_null(said);
    write_bytes(path, bytes, size);
    fflush(stderr);
    assert_true(dup2(fileno(said), STDERR_FILENO) >= 0);
    const icl_status status = icl_jpeg_read(path, whole, NULL, 64, 64, scratch, out, &err);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    assert_int_equal(lseek(fileno(said), 0, SEEK_END), 0);
    fclose(said);
    assert_failure(status, ICL_ERR_INPUT, &err, "bad.jpg: ", reason);
}

static void damage_is_named(void **state)
{
    (void)state;
    size_t size;
    for (int progressive = 0; progressive < 2; progressive++) {
        paint_smooth(rgb, HEIGHT, WIDTH, 3, .3);
        write_jpeg(in_folder("good.jpg"), rgb, HEIGHT, WIDTH, 3, 90, progressive == 1);
        char *bytes = read_bytes(in_folder("good.jpg"), &size);
        /* Cut short anywhere, the end marker included. */
        for (size_t cut = 2; cut < size; cut += cut < 700 ? 13 : 57)
            assert_refused(bytes, cut, "");
        assert_refused(bytes, size - 1, "remature end");
        assert_refused(bytes, size - 2, "remature end");
        assert_refused(bytes, size / 2, "remature end");
        /* A header that lies: 65,500 pixels each way, then fewer, but more than the bytes can hold. */
        char *at = memmem(bytes, size, progressive ? "\xff\xc2" : "\xff\xc0", 2);
        assert_non_null(at);
        memcpy(at + 5, "\xff\xdc\xff\xdc", 4);
        assert_refused(bytes, size, "65500 x 65500 pixels are too many");
        memcpy(at + 5, "\x27\x10\x27\x10", 4);
        assert_refused(bytes, size, "10000 x 10000 pixels are too many for a file of its size");
        memcpy(at + 5, "\0\0\0\1", 4);
        assert_refused(bytes, size, "");
        free(bytes);
    }
    assert_refused("", 0, "empty");
    assert_refused("\x89PNG\r\n\x1a\n0123456789", 18, "Not a JPEG file");
    assert_refused("\xff\xd8\xff\xd9", 4, "");
    assert_failure(icl_jpeg_read(in_folder("none.jpg"), whole, NULL, 8, 8, scratch, NULL, &err), ICL_ERR_INPUT, &err,
                   "none.jpg");
    assert_failure(icl_jpeg_read(folder, whole, NULL, 8, 8, scratch, NULL, &err), ICL_ERR_INPUT, &err, folder);
}

/* Bytes behind the image, as some of ILSVRC2012 have, do no harm. */
/* Whoever opens a pipe waits for a writer, who may never come. */
static void a_pipe_is_refused(void **state)
{
    (void)state;
    float out[3];
    const char *path = in_folder("pipe.jpg");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(icl_jpeg_read(path, NULL, NULL, 1, 1, scratch, out, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "pipe.jpg: is no plain file"));
}

static void bytes_behind_the_end_do_no_harm(void **state)
{
    (void)state;
    static float out[HEIGHT * WIDTH * 3];
    size_t size;
    write_jpeg(in_folder("good.jpg"), rgb, HEIGHT, WIDTH, 3, 90, false);
    char *bytes = read_bytes(in_folder("good.jpg"), &size);
    bytes = realloc(bytes, size + 9);
    assert_non_null(bytes);
    memcpy(bytes + size, "trailing", 9);
    write_bytes(in_folder("good.jpg"), bytes, size + 9);
    assert_ok(icl_jpeg_read(in_folder("good.jpg"), whole, NULL, HEIGHT, WIDTH, scratch, out, &err));
    free(bytes);
}

/* Any byte changed: an image or one line, never more. */
static void random_damage(void **state)
{
    (void)state;
    static float out[32 * 32 * 3];
    size_t size;
    uint64_t random = 41;
    size_t refused = 0;
    write_jpeg(in_folder("good.jpg"), rgb, 40, 40, 3, 80, true);
    char *bytes = read_bytes(in_folder("good.jpg"), &size);
    for (int trial = 0; trial < 400; trial++) {
        const size_t at = random_bits(&random) % size;
        const char kept = bytes[at];
        bytes[at] = (char)random_bits(&random);
        write_bytes(in_folder("odd.jpg"), bytes, size);
        bytes[at] = kept;
        const icl_status status = icl_jpeg_read(in_folder("odd.jpg"), whole, NULL, 32, 32, scratch, out, &err);
        if (status == ICL_OK) continue;
        refused++;
        assert_failure(status, ICL_ERR_INPUT, &err, "odd.jpg: ");
    }
    assert_true(refused > 20);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(colour_comes_back, free_scratch),
        cmocka_unit_test_teardown(grey_has_three_equal_channels, free_scratch),
        cmocka_unit_test_teardown(cmyk_is_converted, free_scratch),
        cmocka_unit_test_teardown(parts_at_every_scale, free_scratch),
        cmocka_unit_test_teardown(damage_is_named, free_scratch),
        cmocka_unit_test_teardown(a_pipe_is_refused, free_scratch),
        cmocka_unit_test_teardown(bytes_behind_the_end_do_no_harm, free_scratch),
        cmocka_unit_test_teardown(random_damage, free_scratch),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
