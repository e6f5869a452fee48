/* The first stage against a direct convolution in double, and the laws of its weights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "kernels/random.h"
#include "tests/near.h"
#include "trainer/first_stage.h"

static const uint64_t seed = 20260711;

static struct icl_images random_images(size_t count, size_t height, size_t width)
{
    const size_t total = count * height * width;
    struct icl_images images = {.count = count, .height = height, .width = width, .pixels = malloc(total)};
    assert_non_null(images.pixels);
    const struct icl_stream stream = {.seed = seed, .purpose = ICL_PURPOSE_CHOICE};
    for (size_t i = 0; i < total; i++)
        images.pixels[i] = (uint8_t)icl_random_below(&stream, i, 256);
    return images;
}

static struct icl_activation forward(const struct icl_images *images, uint64_t key, unsigned threads)
{
    struct icl_activation out = {0};
    assert_int_equal(icl_first_stage_forward(images, key, threads, &out, NULL), ICL_OK);
    return out;
}

/* Output (sample, y, x, channel) before ReLU by the definition, in double; *scale is the sum of the absolute terms. */
static double direct(const struct icl_images *images, const double *weights, double mean, double sd, size_t sample,
                     size_t y, size_t x, size_t channel, double *scale)
{
    double sum = 0;
    *scale = 0;
    for (long ky = -2; ky <= 2; ky++)
        for (long kx = -2; kx <= 2; kx++) {
            const long row = 2 * (long)y + ky, col = 2 * (long)x + kx;
            if (row < 0 || col < 0 || row >= (long)images->height || col >= (long)images->width) continue;
            const size_t at = (sample * images->height + (size_t)row) * images->width + (size_t)col;
            const double value = (images->pixels[at] / 255.0 - mean) / sd;
            const double weight = weights[(size_t)((ky + 2) * 5 + kx + 2) * 8 + channel];
            sum += value * weight;
            *scale += fabs(value * weight);
        }
    return sum;
}

static void equals_the_direct_convolution(void **state)
{
    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    const size_t shapes[][3] = {{3, 28, 28}, {300, 7, 6}, {5, 1, 1}, {2, 1, 9}, {2, 10, 2}, {1, 5, 5}, {129, 3, 4}};
    double weights[200];
    const struct icl_stream stream = {.seed = seed, .purpose = ICL_PURPOSE_WEIGHT, .layer = 0, .step = 0};
    icl_random_normal(&stream, 0, 200, weights);
    for (size_t i = 0; i < 200; i++)
        weights[i] *= sqrt(2.0 / 25);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        struct icl_images images = random_images(shapes[s][0], shapes[s][1], shapes[s][2]);
        const size_t total = images.count * images.height * images.width;
        double mean = 0, var = 0;
        for (size_t i = 0; i < total; i++)
            mean += images.pixels[i] / 255.0 / (double)total;
        for (size_t i = 0; i < total; i++)
            var += pow(images.pixels[i] / 255.0 - mean, 2) / (double)total;
        struct icl_activation out = forward(&images, seed, 2);
        assert_int_equal(out.samples, images.count);
        assert_int_equal(out.height, (images.height + 1) / 2);
        assert_int_equal(out.width, (images.width + 1) / 2);
        assert_int_equal(out.channels, 8);
        const float *actual = out.data;
        for (size_t n = 0; n < out.samples; n++)
            for (size_t y = 0; y < out.height; y++)
                for (size_t x = 0; x < out.width; x++)
                    for (size_t c = 0; c < 8; c++) {
                        double scale = 0;
                        const double sum = direct(&images, weights, mean, sqrt(var), n, y, x, c, &scale);
                        assert_near((double)*actual++, fmax(sum, 0), 1e-5 * scale);
                    }
        icl_activation_free(&out);
        assert_null(out.data);
        icl_images_free(&images);
    }
}

static void bytes_do_not_depend_on_threads(void **state)
{
    (void)state;
    struct icl_images images = random_images(1000, 12, 11);
    struct icl_activation one = forward(&images, seed, 1);
    const size_t size = one.samples * one.height * one.width * one.channels * sizeof *one.data;
    const unsigned threads[] = {2, 3, 7, 16, 0};
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        struct icl_activation many = forward(&images, seed, threads[t]);
        assert_memory_equal(one.data, many.data, size);
        icl_activation_free(&many);
    }
    struct icl_activation other = forward(&images, seed + 1, 1);
    assert_memory_not_equal(one.data, other.data, size);
    icl_activation_free(&other);
    icl_activation_free(&one);
    icl_images_free(&images);
}

static void half_of_the_outputs_are_zero(void **state)
{
    (void)state;
    struct icl_images images = random_images(50, 28, 28);
    size_t zeros = 0, total = 0;
    for (uint64_t key = 0; key < 40; key++) {
        struct icl_activation out = forward(&images, seed + key, 0);
        const size_t values = out.samples * out.height * out.width * out.channels;
        for (size_t i = 0; i < values; i++) {
            assert_true(out.data[i] >= 0 && isfinite(out.data[i]) && !signbit(out.data[i]));
            zeros += out.data[i] == 0;
        }
        total += values;
        icl_activation_free(&out);
    }
    assert_near((double)zeros / (double)total, 0.5, 0.02);
    icl_images_free(&images);
}

/* Two one-pixel images, black and white, are -1 and +1 when normalised: the outputs are the positive and the negative
 * part of the middle weights. Over many seeds those are N(0, 2/25). */
static void weights_have_variance_two_over_fan_in(void **state)
{
    (void)state;
    enum { SEEDS = 4000 };
    uint8_t black_and_white[2] = {0, 255};
    const struct icl_images images = {.count = 2, .height = 1, .width = 1, .pixels = black_and_white};
    double sum = 0, squares = 0;
    for (uint64_t key = 0; key < SEEDS; key++) {
        struct icl_activation out = forward(&images, seed + key, 1);
        for (size_t c = 0; c < 8; c++) {
            const double weight = (double)out.data[8 + c] - (double)out.data[c];
            sum += weight;
            squares += weight * weight;
        }
        icl_activation_free(&out);
    }
    const double n = 8.0 * SEEDS, var = 2.0 / 25;
    assert_near(sum / n, 0, 5 * sqrt(var / n));
    assert_near(squares / n, var, 5 * var * sqrt(2 / n));
}

static void refuses_what_cannot_be_normalised(void **state)
{
    (void)state;
    uint8_t equal[8] = {9, 9, 9, 9, 9, 9, 9, 9};
    const struct icl_images cases[] = {{2, 2, 2, equal}, {0, 2, 2, equal}, {2, 0, 2, equal}, {2, 2, 0, equal}};
    for (size_t c = 0; c < 4; c++) {
        struct icl_activation out = {.samples = 77};
        struct icl_error err;
        assert_int_equal(icl_first_stage_forward(&cases[c], seed, 1, &out, &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, c == 0 ? "equal" : "nothing"));
        assert_int_equal(out.samples, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_direct_convolution),     cmocka_unit_test(bytes_do_not_depend_on_threads),
        cmocka_unit_test(half_of_the_outputs_are_zero),      cmocka_unit_test(weights_have_variance_two_over_fan_in),
        cmocka_unit_test(refuses_what_cannot_be_normalised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
