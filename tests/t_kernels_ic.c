/* Batch normalisation and the fused IC layer: every fast version against the reference to the last bit, the reference
 * against sums in long double and against the layer put together from its parts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kernels_check.h"

/* Scale and shift of many magnitudes, one channel dead, one with a negative scale. */
struct affine {
    float *scale, *shift;
};

static struct affine make_affine(size_t channels)
{
    const struct affine made = {check_inputs(71, channels), check_inputs(72, channels)};
    for (size_t c = 0; c < channels; c++)
        if (c % 5 != 0 && made.scale[c] == 0.0F) made.scale[c] = -0.37F;
    return made;
}

static void free_affine(struct affine made)
{
    free(made.scale);
    free(made.shift);
}

/* Inputs with the values that arithmetic treats in its own way. */
static float *hard_inputs(uint64_t seed, size_t n)
{
    const float hard[] = {NAN, INFINITY, -INFINITY, 1e-45F, -1e-40F, 3.4e38F, -3.4e38F};
    float *x = check_inputs(seed, n);
    for (size_t i = 0; i < n; i += 97)
        x[i] = hard[i / 97 % (sizeof hard / sizeof *hard)];
    return x;
}

static void statistics_equal_reference(void **state)
{
    const struct kernels table = check_table(state);
    const size_t channels[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 64, 67};
    const size_t rows[] = {1, 2, 5, 4095, 4096, 4097, 3 * 4096 + 5, 4 * 4096, 5 * 4096 + 77};
    for (size_t k = 0; k < sizeof channels / sizeof *channels; k++) {
        const size_t c = channels[k];
        float *x = check_inputs(c, 5 * 4096 * c + 77 * c + 1);
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            const size_t off = r % 2; /* not on a vector boundary every second time */
            double *mean = check_poisoned_f64(c), *var = check_poisoned_f64(c);
            double *want_mean = check_poisoned_f64(c), *want_var = check_poisoned_f64(c);
            table.bn_statistics(x + off, rows[r], c, mean, var);
            icl_kernels_reference()->bn_statistics(x + off, rows[r], c, want_mean, want_var);
            check_same_f64(mean, want_mean, c + 1, "mean");
            check_same_f64(var, want_var, c + 1, "variance");
            free(mean);
            free(var);
            free(want_mean);
            free(want_var);
        }
        free(x);
    }
}

static void statistics_near_long_double(void **state)
{
    const struct kernels table = check_table(state);
    enum { ROWS = 9001, CHANNELS = 11 };
    float *x = check_inputs(5, ROWS * CHANNELS);
    for (size_t r = 0; r < ROWS; r++) {
        x[r * CHANNELS] = 3.25F;                     /* constant */
        x[r * CHANNELS + 1] = 1e6F + (float)(r % 2); /* far from zero */
    }
    double *mean = check_poisoned_f64(CHANNELS), *var = check_poisoned_f64(CHANNELS);
    table.bn_statistics(x, ROWS, CHANNELS, mean, var);
    for (size_t c = 0; c < CHANNELS; c++) {
        long double sum = 0.0L, square = 0.0L;
        for (size_t r = 0; r < ROWS; r++)
            sum += (long double)x[r * CHANNELS + c];
        const long double middle = sum / ROWS;
        for (size_t r = 0; r < ROWS; r++) {
            const long double d = (long double)x[r * CHANNELS + c] - middle;
            square += d * d;
        }
        const double true_var = (double)(square / ROWS), true_mean = (double)middle;
        check_near(mean[c], true_mean, 1e-13 * (fabs(true_mean) + sqrt(true_var)), "mean");
        check_near(var[c], true_var, 1e-12 * true_var, "variance");
    }
    assert_true(mean[0] == 3.25 && var[0] == 0.0);
    check_near(var[1], 0.25, 1e-8, "variance far from zero");
    free(x);
    free(mean);
    free(var);
}

/* A NaN stays in its channel. */
static void statistics_with_nan(void **state)
{
    const struct kernels table = check_table(state);
    enum { ROWS = 4100, CHANNELS = 19 };
    float *x = check_inputs(6, ROWS * CHANNELS);
    x[4097 * CHANNELS + 4] = NAN;
    double mean[CHANNELS], var[CHANNELS];
    table.bn_statistics(x, ROWS, CHANNELS, mean, var);
    for (size_t c = 0; c < CHANNELS; c++) {
        assert_int_equal(isnan(mean[c]) != 0, c == 4);
        assert_int_equal(isnan(var[c]) != 0, c == 4);
    }
    free(x);
}

static void apply_equals_reference(void **state)
{
    const struct kernels table = check_table(state);
    const size_t shapes[][2] = {{1, 1},    {3, 1},   {2000, 1}, {7, 3},   {345, 8},
                                {100, 64}, {3, 511}, {3, 512},  {5, 513}, {2, 3001}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        const size_t rows = shapes[s][0], channels = shapes[s][1], n = rows * channels;
        const struct affine affine = make_affine(channels);
        float *x = hard_inputs(s, n + 1), *got = check_poisoned_f32(n + 1), *want = check_poisoned_f32(n + 1);
        table.bn_apply(x + 1, rows, channels, affine.scale, affine.shift, got + 1);
        icl_kernels_reference()->bn_apply(x + 1, rows, channels, affine.scale, affine.shift, want + 1);
        check_same_f32(got, want, n + 2, "apply");
        table.bn_apply(x + 1, rows, channels, affine.scale, affine.shift, x + 1);
        check_same_f32(x + 1, want + 1, n, "apply in place");
        free_affine(affine);
        free(x);
        free(got);
        free(want);
    }
}

static struct icl_mask make_mask(enum icl_gate gate, double keep, bool rescale)
{
    return (struct icl_mask){.stream = {.seed = 0xfeedc0de12345678, .purpose = ICL_PURPOSE_MASK, .layer = 9, .step = 2},
                             .gate = gate,
                             .keep = keep,
                             .rescale = rescale};
}

static const struct icl_shape shapes[] = {{1, 1, 1},    {5, 1, 3},    {3, 7, 5},   {9, 49, 8},
                                          {2, 196, 16}, {3, 11, 67},  {2, 3, 511}, {2, 3, 512},
                                          {2, 3, 1025}, {1, 2, 2049}, {4, 700, 1}, {3, 1, 1500}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void forward_equals_reference(void **state)
{
    const struct kernels table = check_table(state);
    for (size_t s = 0; s < SHAPES; s++)
        for (int gate = 0; gate < ICL_GATE_COUNT; gate++)
            for (int k = 0; k < 3; k++) {
                const double keeps[] = {0.1, 0.95, 1.0};
                const struct icl_mask mask = make_mask((enum icl_gate)gate, keeps[k], (k + (int)s) % 2 == 0);
                const size_t channels = shapes[s].channels, n = shapes[s].samples * shapes[s].positions * channels;
                const struct affine affine = make_affine(channels);
                float *x = hard_inputs(s, n + 1);
                for (size_t first = 0; first < n; first = first * 3 + 1) {
                    const size_t count = n - first - (n - first > first % 5 ? first % 5 : 0);
                    float *got = check_poisoned_f32(count), *want = check_poisoned_f32(count);
                    table.ic_forward(x + first, &shapes[s], first, count, affine.scale, affine.shift, &mask, got);
                    icl_kernels_reference()->ic_forward(x + first, &shapes[s], first, count, affine.scale, affine.shift,
                                                        &mask, want);
                    check_same_f32(got, want, count + 1, "forward");
                    memcpy(got, x + first, count * sizeof *got);
                    table.ic_forward(got, &shapes[s], first, count, affine.scale, affine.shift, &mask, got);
                    check_same_f32(got, want, count + 1, "forward in place");
                    free(got);
                    free(want);
                }
                free_affine(affine);
                free(x);
            }
}

/* The layer is its parts: normalise, mask, multiply. */
static void forward_is_its_parts(void **state)
{
    const struct kernels table = check_table(state);
    for (size_t s = 0; s < SHAPES; s++)
        for (int gate = 0; gate < ICL_GATE_COUNT; gate++) {
            const struct icl_mask mask = make_mask((enum icl_gate)gate, 0.75, true);
            const size_t channels = shapes[s].channels, rows = shapes[s].samples * shapes[s].positions;
            const size_t n = rows * channels;
            const struct affine affine = make_affine(channels);
            float *x = hard_inputs(s, n), *got = check_poisoned_f32(n), *want = check_poisoned_f32(n);
            float *factor = check_poisoned_f32(n);
            table.ic_forward(x, &shapes[s], 0, n, affine.scale, affine.shift, &mask, got);
            table.bn_apply(x, rows, channels, affine.scale, affine.shift, want);
            table.mask_f32(&mask, &shapes[s], 0, n, factor);
            for (size_t i = 0; i < n; i++)
                want[i] *= factor[i];
            check_same_f32(got, want, n + 1, "parts");
            free_affine(affine);
            free(x);
            free(got);
            free(want);
            free(factor);
        }
}

static void forward_of_nothing(void **state)
{
    const struct kernels table = check_table(state);
    const struct icl_mask mask = make_mask(ICL_GATE_SHARED, 0.5, true);
    const float one = 1.0F;
    float y = 7.0F;
    table.ic_forward(&one, &shapes[0], 0, 0, &one, &one, &mask, &y);
    table.bn_apply(&one, 0, 1, &one, &one, &y);
    table.mask_f32(&mask, &shapes[0], 0, 0, &y);
    assert_true(y == 7.0F);
}

static void coefficients(void **state)
{
    (void)state;
    enum { CHANNELS = 6 };
    const double mean[CHANNELS] = {0.0, 1.5, -3.0, 1e4, 0.25, 2.0}, var[CHANNELS] = {1.0, 4.0, 0.0, 1e-8, 1e8, 0.3};
    const float gamma[CHANNELS] = {1.0F, 0.5F, 2.0F, -1.25F, 3.0F, 0.0F};
    const float beta[CHANNELS] = {0.0F, 1.0F, -2.0F, 0.5F, 7.0F, 4.0F};
    const double eps = 1e-5;
    for (int with = 0; with < 4; with++) {
        float scale[CHANNELS], shift[CHANNELS];
        memset(scale, 0xFF, sizeof scale); /* NaN */
        memset(shift, 0xFF, sizeof shift);
        icl_bn_coefficients(mean, var, with & 1 ? gamma : NULL, with & 2 ? beta : NULL, eps, CHANNELS, scale, shift);
        for (size_t c = 0; c < CHANNELS; c++) {
            const long double slope = (with & 1 ? (long double)gamma[c] : 1.0L) / sqrtl((long double)var[c] + 1e-5L);
            const long double level = (with & 2 ? (long double)beta[c] : 0.0L) - slope * (long double)mean[c];
            check_near((double)scale[c], (double)slope, 6e-8 * fabs((double)slope), "scale");
            check_near((double)shift[c], (double)level, 6e-8 * fabs((double)level), "shift");
        }
    }
    /* eps = 0 is allowed and counts exactly. */
    const double four = 4.0, three = 3.0;
    float scale, shift;
    icl_bn_coefficients(&three, &four, NULL, NULL, 0.0, 1, &scale, &shift);
    assert_true(scale == 0.5F && shift == -1.5F);
}

/* Normalised data has mean 0 and variance var / (var + eps). */
static void normalised_data(void **state)
{
    const struct kernels table = check_table(state);
    enum { ROWS = 5000, CHANNELS = 3 };
    const double eps = 0.5;
    float *x = check_inputs(8, ROWS * CHANNELS), *y = check_poisoned_f32(ROWS * CHANNELS);
    double mean[CHANNELS], var[CHANNELS], mean_y[CHANNELS], var_y[CHANNELS];
    float scale[CHANNELS], shift[CHANNELS];
    table.bn_statistics(x, ROWS, CHANNELS, mean, var);
    icl_bn_coefficients(mean, var, NULL, NULL, eps, CHANNELS, scale, shift);
    table.bn_apply(x, ROWS, CHANNELS, scale, shift, y);
    table.bn_statistics(y, ROWS, CHANNELS, mean_y, var_y);
    for (size_t c = 0; c < CHANNELS; c++) {
        check_near(mean_y[c], 0.0, 1e-6, "mean after");
        check_near(var_y[c], var[c] / (var[c] + eps), 1e-6, "variance after");
    }
    free(x);
    free(y);
}

/* The comparators see what they are there to see. */
static void comparators(void **state)
{
    (void)state;
    const float f[] = {1.0F, NAN, 0.0F, INFINITY}, g[] = {1.0F, NAN, -0.0F, INFINITY};
    assert_int_equal(check_first_difference_f32(f, f, 4), 4);
    assert_int_equal(check_first_difference_f32(f, g, 4), 2);
    const double a[] = {NAN, 1.0}, b[] = {1.0, NAN}, c[] = {nextafter(1.0, 2.0), 1.0};
    assert_int_equal(check_first_difference_f64(a, a, 2), 2);
    assert_int_equal(check_first_difference_f64(a, b, 2), 0);
    assert_int_equal(check_first_difference_f64(b, a, 2), 0);
    assert_int_equal(check_first_difference_f64(b, c, 2), 0);
    assert_true(check_is_near(NAN, NAN, 0.0) && check_is_near(-INFINITY, -INFINITY, 0.0));
    assert_true(!check_is_near(NAN, 1.0, INFINITY) && !check_is_near(1.0, NAN, INFINITY));
    assert_true(!check_is_near(INFINITY, -INFINITY, INFINITY) && !check_is_near(1.0, INFINITY, INFINITY));
    assert_true(check_is_near(1.0, 1.5, 0.5) && !check_is_near(1.0, 1.5, 0.49) && !check_is_near(1.0, 1.1, NAN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparators), ON_FAST(statistics_equal_reference), ON_ALL(statistics_near_long_double),
        ON_ALL(statistics_with_nan),   ON_FAST(apply_equals_reference),     ON_FAST(forward_equals_reference),
        ON_ALL(forward_is_its_parts),  ON_ALL(forward_of_nothing),          cmocka_unit_test(coefficients),
        ON_ALL(normalised_data),
    };
    return cmocka_run_group_tests_name("kernels/ic", tests, NULL, NULL);
}
