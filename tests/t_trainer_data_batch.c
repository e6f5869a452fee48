/* Batches and augmentation on planted images: what comes out of which draw, on any number of threads. */
#include "tests/core_support.h"

#include "kernels/random.h"
#include "trainer/data.h"
#include "trainer/data_internal.h"

enum { N = 96, H = 10, W = 12, C = 3, SIZE = H * W * C };
static struct icl_data *data;
static float plain[N * SIZE], got[N * SIZE];
static uint32_t labels[N];
static struct icl_error err;

static int open_data(void **state)
{
    (void)state;
    if (icl_data_open("planted-10x12x3-7", ICL_SPLIT_TRAIN, N, 0, NULL, &data, &err) != ICL_OK) return 1;
    return icl_data_batch(data, NULL, 0, 0, NULL, 0, N, NULL, plain, labels, &err) != ICL_OK;
}

static int close_data(void **state)
{
    (void)state;
    icl_data_close(data);
    return 0;
}

static void same_bytes_on_any_number_of_threads(void **state)
{
    (void)state;
    static float other[N * SIZE];
    const struct icl_augmentation all = {.resized_crop = true, .flip = true, .pad = 3};
    uint32_t index[N], other_labels[N];
    for (uint32_t i = 0; i < N; i++)
        index[i] = i * 35 % N;
    assert_ok(icl_data_batch(data, &all, 9, 4, index, 0, N, NULL, got, labels, &err));
    for (unsigned threads = 1; threads <= 5; threads += 2) {
        struct icl_team *team;
        assert_ok(icl_team_create(threads, &team, &err));
        memset(other, 0x7f, sizeof other);
        memset(other_labels, 0x7f, sizeof other_labels);
        assert_ok(icl_data_batch(data, &all, 9, 4, index, 0, N, team, other, other_labels, &err));
        assert_memory_equal(other, got, sizeof got);
        assert_memory_equal(other_labels, labels, sizeof labels);
        icl_team_free(team);
    }
    for (size_t i = 0; i < N; i++)
        assert_int_equal(labels[i], icl_data_label(data, index[i]));
}

/* Each sample depends on seed, epoch and its place in the data set, not on its place in the batch. */
static void a_function_of_seed_epoch_and_place(void **state)
{
    (void)state;
    const struct icl_augmentation all = {.resized_crop = true, .flip = true, .pad = 2};
    static float one[SIZE];
    uint32_t label;
    assert_ok(icl_data_batch(data, &all, 9, 4, NULL, 0, N, NULL, got, labels, &err));
    for (uint32_t i = 0; i < N; i += 5) {
        assert_ok(icl_data_batch(data, &all, 9, 4, &i, 0, 1, NULL, one, &label, &err));
        assert_memory_equal(one, got + i * SIZE, sizeof one);
    }
    size_t by_epoch = 0, by_seed = 0;
    for (size_t i = 0; i < N; i++) {
        assert_ok(icl_data_batch(data, &all, 9, 5, NULL, i, 1, NULL, one, &label, &err));
        by_epoch += memcmp(one, got + i * SIZE, sizeof one) != 0;
        assert_ok(icl_data_batch(data, &all, 10, 4, NULL, i, 1, NULL, one, &label, &err));
        by_seed += memcmp(one, got + i * SIZE, sizeof one) != 0;
    }
    assert_true(by_epoch > N - 3);
    assert_true(by_seed > N - 3);
}

/* Every flipped and moved image is found among the 2 x 7 x 7 that there can be, and each choice comes up. */
static void flips_and_moves(void **state)
{
    (void)state;
    enum { PAD = 3, MOVES = 2 * PAD + 1 };
    const struct icl_augmentation augmentation = {.flip = true, .pad = PAD};
    size_t flips = 0, down[MOVES] = {0}, right[MOVES] = {0};
    for (uint32_t epoch = 0; epoch < 4; epoch++) {
        assert_ok(icl_data_batch(data, &augmentation, 3, epoch, NULL, 0, N, NULL, got, labels, &err));
        for (size_t i = 0; i < N; i++) {
            size_t found = 0;
            for (int flip = 0; flip < 2; flip++)
                for (int dy = -PAD; dy <= PAD; dy++)
                    for (int dx = -PAD; dx <= PAD; dx++) {
                        bool equal = true;
                        for (int y = 0; y < H && equal; y++)
                            for (int x = 0; x < W && equal; x++)
                                for (int c = 0; c < C && equal; c++) {
                                    const int sy = y + dy, sx = x + dx;
                                    const bool in = sy >= 0 && sy < H && sx >= 0 && sx < W;
                                    const int from = flip ? W - 1 - sx : sx;
                                    const float wanted = in ? plain[i * SIZE + (size_t)((sy * W + from) * C + c)] : 0;
                                    equal = got[i * SIZE + (size_t)((y * W + x) * C + c)] == wanted;
                                }
                        if (!equal) continue;
                        found++;
                        flips += (size_t)flip;
                        down[dy + PAD]++;
                        right[dx + PAD]++;
                    }
            assert_int_equal(found, 1);
        }
    }
    /* 384 draws: a half within 5 standard deviations of 9.8, a seventh within 5 of 6.9. */
    assert_true(flips > 192 - 49 && flips < 192 + 49);
    for (size_t m = 0; m < MOVES; m++) {
        assert_true(down[m] > 55 - 35 && down[m] < 55 + 35);
        assert_true(right[m] > 55 - 35 && right[m] < 55 + 35);
    }
}

static void crops_are_within_their_bounds(void **state)
{
    (void)state;
    const size_t sizes[][2] = {{100, 100}, {80, 300}, {300, 80}, {37, 41}, {1, 1}, {2, 500}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const size_t height = sizes[s][0], width = sizes[s][1];
        double least = 1, most = 0, narrowest = 9, widest = 0, area = 0, logarithm = 0;
        enum { DRAWS = 2000 };
        for (uint32_t i = 0; i < DRAWS; i++) {
            const struct icl_crop crop = icl_draw_crop(5, 2, i, height, width);
            assert_true(crop.height >= 1 && crop.width >= 1);
            assert_true(crop.y + crop.height <= height && crop.x + crop.width <= width);
            const double part = (double)(crop.height * crop.width) / (double)(height * width);
            const double ratio = (double)crop.width / (double)crop.height;
            least = fmin(least, part);
            most = fmax(most, part);
            narrowest = fmin(narrowest, ratio);
            widest = fmax(widest, ratio);
            area += part / DRAWS;
            logarithm += log(ratio) / DRAWS;
        }
        if (s > 0) continue;
        /* A square of 100: rounding to whole pixels moves area and ratio by up to 2 %. */
        assert_true(least > .34 && least < .37);
        assert_true(most > .95 && most <= 1);
        assert_true(narrowest > .73 && narrowest < .78);
        assert_true(widest < 1.37 && widest > 1.29);
        /* Attempts that do not fit take away from the largest: the mean of area is below .675. */
        assert_true(area > .60 && area < .66);
        assert_true(fabs(logarithm) < .02);
    }
    const struct icl_crop centre = icl_centre_crop(160, 240);
    assert_int_equal(centre.height, 140);
    assert_int_equal(centre.width, 140);
    assert_int_equal(centre.y, 10);
    assert_int_equal(centre.x, 50);
    assert_int_equal(icl_centre_crop(1, 1).height, 1);
}

/* The same by the definition: every source within the box weighs by a triangle about the middle of the result. */
static double resized(const struct icl_picture *p, const struct icl_box *box, size_t height, size_t width, size_t y,
                      size_t x, size_t c)
{
    const double sy = box->height / (double)height, sx = box->width / (double)width;
    const double cy = box->y + ((double)y + .5) * sy, cx = box->x + ((double)x + .5) * sx;
    double sum = 0, weights = 0;
    for (size_t j = 0; j < p->height; j++)
        for (size_t i = 0; i < p->width; i++) {
            if ((double)j + 1 <= box->y || (double)j >= box->y + box->height) continue;
            if ((double)i + 1 <= box->x || (double)i >= box->x + box->width) continue;
            const double a = 1 - fabs((double)j + .5 - cy) / fmax(sy, 1),
                         b = 1 - fabs((double)i + .5 - cx) / fmax(sx, 1);
            if (a <= 0 || b <= 0) continue;
            sum += a * b * p->pixels[j * p->stride + i * p->channels + c];
            weights += a * b;
        }
    return sum / weights;
}

static void resizes_by_a_triangle(void **state)
{
    (void)state;
    enum { ROWS = 41, COLUMNS = 29, STRIDE = COLUMNS * 3 + 5 };
    static uint8_t pixels[ROWS * STRIDE];
    uint64_t random = 23;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)random_bits(&random);
    const struct icl_box boxes[] = {{0, 0, ROWS, COLUMNS},    {3, 5, 20, 11},     {0.4, 1.7, 40.3, 27.1},
                                    {10.5, 10.25, .75, 1.25}, {40, 28, 1, 1},     {0, 0, 1, COLUMNS},
                                    {0.9, 0, 30, 28.999},     {38.2, 3, 2.8, 9.5}};
    const size_t sizes[][2] = {{16, 16}, {41, 29}, {1, 1}, {60, 7}, {3, 64}};
    struct icl_scratch scratch = {0};
    for (size_t channels = 1; channels <= 3; channels++)
        for (size_t b = 0; b < sizeof boxes / sizeof *boxes; b++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
                const struct icl_picture picture = {pixels, ROWS, COLUMNS, channels, STRIDE};
                const size_t height = sizes[s][0], width = sizes[s][1];
                float *out = malloc(height * width * channels * sizeof *out);
                assert_ok(icl_resize(&picture, &boxes[b], height, width, &scratch, out, &err));
                for (size_t i = 0; i < height * width * channels; i++) {
                    const double wanted = resized(&picture, &boxes[b], height, width, i / channels / width,
                                                  i / channels % width, i % channels);
                    /* Up to 200 terms of at most 255 in float. */
                    if (!(fabs((double)out[i] - wanted) < 1e-3))
                        fail_msg("box %zu, %zu x %zu: %g instead of %g", b, height, width, (double)out[i], wanted);
                }
                free(out);
            }
    free(scratch.memory);
}

static void a_crop_of_memory_is_resized(void **state)
{
    (void)state;
    const struct icl_augmentation augmentation = {.resized_crop = true};
    const struct icl_data_info *info = icl_data_info(data);
    struct icl_scratch scratch = {0};
    assert_ok(icl_data_batch(data, &augmentation, 6, 1, NULL, 0, N, NULL, got, labels, &err));
    for (uint32_t i = 0; i < N; i += 7) {
        const struct icl_crop crop = icl_draw_crop(6, 1, i, H, W);
        const struct icl_box box = {(double)crop.y, (double)crop.x, (double)crop.height, (double)crop.width};
        uint8_t bytes[SIZE];
        for (size_t k = 0; k < SIZE; k++)
            bytes[k] = (uint8_t)lrint(
                255 * ((double)plain[i * SIZE + k] * (double)info->sd[k % C] + (double)info->mean[k % C]));
        const struct icl_picture picture = {bytes, H, W, C, (size_t)W * C};
        for (size_t k = 0; k < SIZE; k++) {
            const double value = resized(&picture, &box, H, W, k / C / W, k / C % W, k % C);
            const double wanted = (value / 255 - (double)info->mean[k % C]) / (double)info->sd[k % C];
            assert_true(fabs((double)got[i * SIZE + k] - wanted) < 2e-5); /* as above, over 255 sd */
        }
    }
    free(scratch.memory);
}

static void samples_that_are_not_there(void **state)
{
    (void)state;
    const uint32_t index[] = {0, N};
    memset(got, 0, sizeof got);
    assert_failure(icl_data_batch(data, NULL, 0, 0, index, 0, 2, NULL, got, labels, &err), ICL_ERR_USAGE, &err,
                   "sample 96", "has 96");
    assert_failure(icl_data_batch(data, NULL, 0, 0, NULL, N - 1, 2, NULL, got, labels, &err), ICL_ERR_USAGE, &err,
                   "95 to 96");
    assert_failure(icl_data_batch(data, NULL, 0, 0, NULL, SIZE_MAX, 2, NULL, got, labels, &err), ICL_ERR_USAGE, &err,
                   "has 96");
    assert_ok(icl_data_batch(data, NULL, 0, 0, NULL, N, 0, NULL, got, labels, &err));
}

/* The label is the rule's in 19 of 20, or by chance: the rule is written out here once more. */
static void planted_labels_follow_the_rule(void **state)
{
    (void)state;
    const uint64_t seed = UINT64_C(0x69636c61622d3031);
    const struct icl_stream directions = {seed, ICL_PURPOSE_LAW, 0, 0};
    for (uint32_t split = 0; split < 2; split++) {
        enum { CLASSES = 10, FEATURES = 7 };
        struct icl_data *planted;
        assert_ok(icl_data_open("planted", (enum icl_split)split, 0, 0, "/nowhere", &planted, &err));
        const struct icl_data_info *info = icl_data_info(planted);
        const struct icl_stream strengths = {seed, ICL_PURPOSE_LAW, 1, split};
        double a[CLASSES * FEATURES], b[FEATURES];
        icl_random_normal(&directions, 0, CLASSES * FEATURES, a);
        size_t right = 0, per_class[CLASSES] = {0};
        for (size_t i = 0; i < info->count; i++) {
            icl_random_normal(&strengths, i * FEATURES, FEATURES, b);
            size_t best = 0;
            double score[CLASSES];
            for (size_t k = 0; k < CLASSES; k++) {
                double length = 0;
                score[k] = 0;
                for (size_t j = 0; j < FEATURES; j++) {
                    length = hypot(length, a[k * FEATURES + j]);
                    score[k] += a[k * FEATURES + j] * (j < 3 ? b[j] : (b[j] * b[j] - 1) * sqrt(.5));
                }
                score[k] /= length;
                if (score[k] > score[best]) best = k;
            }
            right += icl_data_label(planted, i) == best;
            per_class[icl_data_label(planted, i)]++;
        }
        /* 1 - .05 x .9 = .955; 5 standard deviations of 2,000 are .023. */
        const double share = (double)right / (double)info->count;
        assert_true(share > .932 && share < .978);
        for (size_t k = 0; k < CLASSES; k++)
            assert_true(per_class[k] > info->count / 40);
        icl_data_close(planted);
    }
}

/* Brightness and gratings can be read off the pixels, and the values are normalised as promised. */
static void planted_pixels_show_the_rule(void **state)
{
    (void)state;
    struct icl_data *planted;
    enum { SIDE = 16, COUNT = 1000, VALUES = SIDE * SIDE * 3, BATCH = 250 };
    float *images = malloc(BATCH * VALUES * sizeof *images);
    uint32_t some[BATCH];
    assert_ok(icl_data_open("planted", ICL_SPLIT_TRAIN, COUNT, 0, NULL, &planted, &err));
    const struct icl_stream strengths = {UINT64_C(0x69636c61622d3031), ICL_PURPOSE_LAW, 1, 0};
    double sum = 0, square = 0;
    for (size_t i = 0; i < COUNT; i++) {
        if (i % BATCH == 0) assert_ok(icl_data_batch(planted, NULL, 0, 0, NULL, i, BATCH, NULL, images, some, &err));
        double b[7], mean[3] = {0}, grating[4] = {0};
        icl_random_normal(&strengths, i * 7, 7, b);
        bool clipped = false;
        for (size_t k = 0; k < VALUES; k++) {
            const double value = (double)images[i % BATCH * VALUES + k];
            const double pixel = 255 * (value * .197 + .5);
            const size_t y = k / 3 / SIDE, x = k / 3 % SIDE;
            const size_t phase[] = {x, y, x + y, x + SIDE - y};
            sum += value;
            square += value * value;
            mean[k % 3] += pixel / (VALUES / 3);
            clipped = clipped || pixel < .5 || pixel > 254.5;
            for (size_t j = 0; j < 4; j++)
                grating[j] += (phase[j] % 4 < 2 ? pixel : -pixel) / VALUES;
        }
        if (clipped) continue;
        /* Noise of standard deviation 18.5 over 256 or 768 pixels: 5 of 1.16, 5 of .67. */
        for (size_t c = 0; c < 3; c++)
            assert_true(fabs(mean[c] - 127.5 - 24 * b[c]) < 5.8);
        for (size_t j = 0; j < 4; j++)
            assert_true(fabs(grating[j] - 20 * b[3 + j]) < 3.4);
    }
    const double n = (double)COUNT * VALUES;
    assert_true(fabs(sum / n) < .05 && fabs(sqrt(square / n) - 1) < .03);
    free(images);
    icl_data_close(planted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_on_any_number_of_threads),
        cmocka_unit_test(a_function_of_seed_epoch_and_place),
        cmocka_unit_test(flips_and_moves),
        cmocka_unit_test(crops_are_within_their_bounds),
        cmocka_unit_test(resizes_by_a_triangle),
        cmocka_unit_test(a_crop_of_memory_is_resized),
        cmocka_unit_test(samples_that_are_not_there),
        cmocka_unit_test(planted_labels_follow_the_rule),
        cmocka_unit_test(planted_pixels_show_the_rule),
    };
    return cmocka_run_group_tests(tests, open_data, close_data);
}
