/* Pooling and addition: by the definition, gradients by differences, every version against the plain one to the bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kernels_check.h"

static struct icl_pool_shape make_shape(size_t height, size_t width, size_t channels, size_t window, size_t stride,
                                        size_t padding, bool up)
{
    const size_t round = up ? stride - 1 : 0; /* windows that begin inside count, or only whole ones */
    return (struct icl_pool_shape){.height = height,
                                   .width = width,
                                   .channels = channels,
                                   .window = window,
                                   .stride = stride,
                                   .padding = padding,
                                   .out_height = (height + 2 * padding - window + round) / stride + 1,
                                   .out_width = (width + 2 * padding - window + round) / stride + 1};
}

static size_t x_count(const struct icl_pool_shape *s, size_t images)
{
    return images * s->height * s->width * s->channels;
}

static size_t y_count(const struct icl_pool_shape *s, size_t images)
{
    return images * s->out_height * s->out_width * s->channels;
}

/* Shapes of networks, and odd ones; channels around the lengths of vectors. */
static const size_t SHAPES[][7] = {
    {16, 16, 64, 3, 2, 1, 0}, {7, 7, 3, 2, 2, 0, 1},   {8, 8, 16, 8, 1, 0, 0}, {5, 9, 17, 3, 2, 1, 0},
    {4, 3, 1, 1, 1, 0, 0},    {9, 6, 33, 2, 3, 0, 0},  {6, 7, 8, 5, 1, 2, 0},  {1, 1, 100, 1, 1, 0, 0},
    {10, 4, 15, 3, 1, 2, 0},  {3, 3, 31, 15, 1, 7, 0},
};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof *SHAPES };

static struct icl_pool_shape shape_of(size_t k)
{
    const size_t *s = SHAPES[k];
    return make_shape(s[0], s[1], s[2], s[3], s[4], s[5], s[6] != 0);
}

static double *normals(size_t n, uint32_t layer)
{
    const struct icl_stream stream = {.seed = 0x6f4e0d93b8a7125c, .purpose = ICL_PURPOSE_LAW, .layer = layer};
    double *x = check_poisoned_f64(n);
    icl_random_normal(&stream, 0, n, x);
    return x;
}

/* What the window of output (oy, ox) holds of one channel, in order; returns how many. */
static size_t window_values(const struct icl_pool_shape *s, const double *x, size_t n, size_t oy, size_t ox, size_t c,
                            double *values, size_t *places, size_t *elements)
{
    size_t count = 0;
    for (long ky = 0; ky < (long)s->window; ky++)
        for (long kx = 0; kx < (long)s->window; kx++) {
            const long row = (long)(oy * s->stride) + ky - (long)s->padding;
            const long column = (long)(ox * s->stride) + kx - (long)s->padding;
            if (row < 0 || column < 0 || row >= (long)s->height || column >= (long)s->width) continue;
            elements[count] = ((n * s->height + (size_t)row) * s->width + (size_t)column) * s->channels + c;
            places[count] = (size_t)ky * s->window + (size_t)kx;
            values[count] = x[elements[count]];
            count++;
        }
    return count;
}

/* Forward and back by the definition, all in one walk over the windows. */
static void plain_is_the_definition(void **state)
{
    (void)state;
    const struct icl_layers_f64 *plain = &icl_layers_reference_f64;
    for (size_t k = 0; k < SHAPE_COUNT; k++) {
        const struct icl_pool_shape s = shape_of(k);
        const size_t images = 3, nx = x_count(&s, images), ny = y_count(&s, images);
        double *x = normals(nx, 1), *dy = normals(ny, 2), *most = check_poisoned_f64(ny),
               *mean = check_poisoned_f64(ny);
        double *dmost = check_poisoned_f64(nx), *dmean = check_poisoned_f64(nx);
        double *expected_dmost = calloc(nx, sizeof *x), *expected_dmean = calloc(nx, sizeof *x);
        uint8_t *where = calloc(ny, 1);
        assert_true(expected_dmost != NULL && expected_dmean != NULL && where != NULL);
        for (size_t i = 0; i < nx; i++) /* many equal ones */
            if (i % 3 == 0) x[i] = rint(2 * x[i]) / 2;
        plain->max_pool_forward(&s, images, x, most, where);
        plain->average_pool_forward(&s, images, x, mean);
        plain->max_pool_backward(&s, images, dy, where, dmost);
        plain->average_pool_backward(&s, images, dy, dmean);
        size_t e = 0;
        for (size_t n = 0; n < images; n++)
            for (size_t oy = 0; oy < s.out_height; oy++)
                for (size_t ox = 0; ox < s.out_width; ox++)
                    for (size_t c = 0; c < s.channels; c++, e++) {
                        double values[225] = {0}, sum = 0.0;
                        size_t places[225], elements[225], largest = 0;
                        const size_t count = window_values(&s, x, n, oy, ox, c, values, places, elements);
                        for (size_t i = 0; i < count; i++) {
                            if (values[i] > values[largest]) largest = i;
                            sum += values[i];
                            expected_dmean[elements[i]] += dy[e] / (double)count;
                        }
                        check_near(most[e], values[largest], 0.0, "maximum");
                        assert_int_equal(where[e], places[largest]);
                        check_near(mean[e], sum / (double)count, 1e-14, "mean");
                        expected_dmost[elements[largest]] += dy[e];
                    }
        for (size_t i = 0; i < nx; i++) {
            check_near(dmost[i], expected_dmost[i], 1e-13, "gradient of the maximum");
            check_near(dmean[i], expected_dmean[i], 1e-13, "gradient of the mean");
        }
        free(x), free(dy), free(most), free(mean), free(dmost), free(dmean), free(where);
        free(expected_dmost), free(expected_dmean);
    }
}

/* The way back is the transpose of the way forward: the mean is linear, the maximum is where its places do not move. */
static void gradients_are_differences(void **state)
{
    (void)state;
    const struct icl_layers_f64 *plain = &icl_layers_reference_f64;
    const struct icl_pool_shape s = make_shape(6, 5, 3, 3, 2, 1, true);
    const size_t images = 2, nx = x_count(&s, images), ny = y_count(&s, images);
    double *x = normals(nx, 1), *dy = normals(ny, 2), *y = check_poisoned_f64(ny), *dx = check_poisoned_f64(nx);
    uint8_t *where = calloc(ny, 1);
    assert_non_null(where);
    for (int mean = 0; mean < 2; mean++) {
        plain->max_pool_forward(&s, images, x, y, where);
        if (mean)
            plain->average_pool_backward(&s, images, dy, dx);
        else
            plain->max_pool_backward(&s, images, dy, where, dx);
        for (size_t i = 0; i < nx; i++) {
            const double old = x[i], step = 1e-6;
            double loss[2] = {0.0, 0.0};
            for (int side = 0; side < 2; side++) {
                x[i] = old + (side ? step : -step);
                if (mean)
                    plain->average_pool_forward(&s, images, x, y);
                else
                    plain->max_pool_forward(&s, images, x, y, NULL);
                for (size_t o = 0; o < ny; o++)
                    loss[side] += dy[o] * y[o];
            }
            x[i] = old;
            check_near(dx[i], (loss[1] - loss[0]) / (2 * step), 1e-7, "gradient"); /* rounding of the losses / step */
        }
    }
    free(x), free(dy), free(y), free(dx), free(where);
}

static void nan_wins(void **state)
{
    enum { CHANNELS = 48 }; /* vectors */
    const struct kernels table = check_table(state);
    struct icl_pool_shape row = make_shape(1, 4, CHANNELS, 1, 1, 0, false);
    row.window = 4, row.out_width = 1; /* a window higher than the image is cut */
    float x[4 * CHANNELS], y[CHANNELS];
    uint8_t where[CHANNELS];
    for (size_t nan = 0; nan < 4; nan++) {
        for (size_t i = 0; i < 4 * CHANNELS; i++)
            x[i] = (float)((i * 7) % 11) - 20.0F;
        for (size_t c = 0; c < CHANNELS; c += 2) { /* every second channel has one, and another behind it */
            x[nan * CHANNELS + c] = NAN;
            x[3 * CHANNELS + c] = NAN;
        }
        table.layers.max_pool_forward(&row, 1, x, y, where);
        for (size_t c = 0; c < CHANNELS; c++) {
            assert_int_equal(isnan(y[c]) != 0, c % 2 == 0);
            if (c % 2 == 0) assert_int_equal(where[c], nan);
        }
    }
    /* Minus infinity is a value like others. */
    for (size_t i = 0; i < 4 * CHANNELS; i++)
        x[i] = -INFINITY;
    table.layers.max_pool_forward(&row, 1, x, y, where);
    for (size_t c = 0; c < CHANNELS; c++) {
        check_near((double)y[c], -INFINITY, 0.0, "maximum of minus infinity");
        assert_int_equal(where[c], 0);
    }
}

static void f32_is_the_plain_one(void **state)
{
    const struct kernels table = check_table(state);
    const struct icl_layers_f32 *plain = &icl_kernels_reference()->layers;
    for (size_t k = 0; k < SHAPE_COUNT; k++) {
        const struct icl_pool_shape s = shape_of(k);
        const size_t images = 2, nx = x_count(&s, images), ny = y_count(&s, images);
        float *x = check_inputs(k, nx), *dy = check_inputs(k + 50, ny), *y[3], *dx[2];
        uint8_t *where[2];
        x[nx / 2 + nx / 5] = NAN;
        dy[ny / 3] = INFINITY;
        for (int i = 0; i < 2; i++) {
            dx[i] = check_poisoned_f32(nx);
            where[i] = calloc(ny, 1);
            assert_non_null(where[i]);
        }
        for (int i = 0; i < 3; i++)
            y[i] = check_poisoned_f32(ny);
        table.layers.max_pool_forward(&s, images, x, y[0], where[0]);
        plain->max_pool_forward(&s, images, x, y[1], where[1]);
        table.layers.max_pool_forward(&s, images, x, y[2], NULL);
        check_same_f32(y[0], y[1], ny, "maximum");
        check_same_f32(y[2], y[1], ny, "maximum without places");
        assert_memory_equal(where[0], where[1], ny);
        table.layers.max_pool_backward(&s, images, dy, where[0], dx[0]);
        plain->max_pool_backward(&s, images, dy, where[0], dx[1]);
        check_same_f32(dx[0], dx[1], nx, "gradient of the maximum");
        table.layers.average_pool_forward(&s, images, x, y[0]);
        plain->average_pool_forward(&s, images, x, y[1]);
        check_same_f32(y[0], y[1], ny, "mean");
        table.layers.average_pool_backward(&s, images, dy, dx[0]);
        plain->average_pool_backward(&s, images, dy, dx[1]);
        check_same_f32(dx[0], dx[1], nx, "gradient of the mean");
        for (int i = 0; i < 2; i++)
            free(dx[i]), free(where[i]);
        for (int i = 0; i < 3; i++)
            free(y[i]);
        free(x), free(dy);
    }
}

static void addition(void **state)
{
    const struct kernels table = check_table(state);
    for (size_t count = 0; count < 70; count++) {
        float *a = check_inputs(1, 70), *b = check_inputs(2, 70), *y = check_poisoned_f32(70), expected[70];
        for (size_t i = 0; i < 70; i++)
            expected[i] = i < count ? a[i] + b[i] : NAN;
        table.layers.add(a, b, count, y);
        check_same_f32(y, expected, 70, "sum");
        for (size_t i = count; i < 70; i++)
            expected[i] = b[i];
        table.layers.add(a, b, count, b);
        check_same_f32(b, expected, 70, "sum over the second");
        for (size_t i = 0; i < count; i++)
            expected[i] = a[i] + expected[i];
        for (size_t i = count; i < 70; i++)
            expected[i] = a[i];
        table.layers.add(a, b, count, a);
        check_same_f32(a, expected, 70, "sum over the first");
        free(a), free(b), free(y);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_is_the_definition),
        cmocka_unit_test(gradients_are_differences),
        ON_ALL(nan_wins),
        ON_ALL(f32_is_the_plain_one),
        ON_ALL(addition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
