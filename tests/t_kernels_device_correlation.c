/* Correlation of all pairs on a device against that of the processor and against the definition in long double. */
#include <math.h>

#include "device_support.h"

/* cols columns of rows normal numbers, one behind the other; each the sum of its own and its neighbour's, so that
 * correlations are of every size. */
static double *make_columns(size_t rows, size_t cols, uint32_t layer)
{
    const struct icl_stream stream = {.seed = 0x91f4c2d75b8036ea, .purpose = ICL_PURPOSE_LAW, .layer = layer};
    double *x = check_poisoned_f64(rows * cols);
    icl_random_normal(&stream, 0, rows * cols, x);
    for (size_t c = 1; c < cols; c++)
        for (size_t r = 0; r < rows; r++)
            x[c * rows + r] += 0.2 * (double)(c % 7) * x[(c - 1) * rows + r];
    return x;
}

struct columns {
    const double *x;
    size_t rows;
};

static const double *column_of(const void *context, size_t c, double *room)
{
    const struct columns *columns = context;
    (void)room;
    return columns->x + c * columns->rows;
}

static double *expected_of(const double *x, size_t rows, size_t cols)
{
    struct icl_error err;
    double *expected = check_poisoned_f64(cols * cols);
    const struct columns columns = {x, rows};
    if (icl_correlation(icl_kernels(), column_of, &columns, rows, cols, 1, expected, &err) != ICL_OK)
        fail_msg("%s", err.message);
    return expected;
}

/* free() */
static double *correlation_of(struct icl_device *device, const double *x, size_t rows, size_t cols)
{
    double *there = device_doubles(device, x, rows * cols), *centred = device_room_doubles(device, rows * cols);
    double *out = device_room_doubles(device, cols * cols);
    device->call->pairs.correlation(device, there, rows, cols, centred, out);
    return device_get_doubles(device, out, cols * cols);
}

static void check_columns(struct icl_device *device, const double *x, size_t rows, size_t cols)
{
    double *expected = expected_of(x, rows, cols), *got = correlation_of(device, x, rows, cols);
    for (size_t i = 0; i < cols; i++)
        for (size_t j = 0; j < cols; j++) {
            const double value = got[i * cols + j];
            if (!check_is_near(value, expected[i * cols + j], 1e-12))
                fail_msg("%zu rows, columns %zu and %zu of %zu: %.17g, expected %.17g", rows, i, j, cols, value,
                         expected[i * cols + j]);
            assert_false(value > 1.0 || value < -1.0);
            check_same_f64(&value, &got[j * cols + i], 1, "symmetry");
            if (i == j) assert_true(value == 1.0 || isnan(value));
        }
    free(expected), free(got);
}

static void as_the_processor(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{1, 1}, {1, 5}, {2, 3}, {3, 33}, {511, 2}, {512, 7}, {513, 32}, {1029, 70}};
    struct icl_device *device = device_open();
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        double *x = make_columns(sizes[k][0], sizes[k][1], (uint32_t)k);
        check_columns(device, x, sizes[k][0], sizes[k][1]);
        free(x);
    }
    device_close(device);
}

/* The definition, in long double. */
static void as_defined(void **state)
{
    (void)state;
    const size_t rows = 777, cols = 9;
    double *x = make_columns(rows, cols, 20);
    for (size_t i = 0; i < rows * cols; i++)
        x[i] += 1e6 * (double)(i / rows);
    struct icl_device *device = device_open();
    double *got = correlation_of(device, x, rows, cols);
    for (size_t i = 0; i < cols; i++)
        for (size_t j = 0; j < cols; j++) {
            long double mean[2] = {0, 0}, product = 0, square[2] = {0, 0};
            for (size_t r = 0; r < rows; r++)
                mean[0] += x[i * rows + r], mean[1] += x[j * rows + r];
            for (size_t r = 0; r < rows; r++) {
                const long double a = x[i * rows + r] - mean[0] / rows, b = x[j * rows + r] - mean[1] / rows;
                product += a * b, square[0] += a * a, square[1] += b * b;
            }
            check_near(got[i * cols + j], (double)(product / sqrtl(square[0] * square[1])), 1e-12, "definition");
        }
    free(x), free(got);
    device_close(device);
}

/* Constant columns, what is not a number or not finite, copies and mirror images, very small and very large ones:
 * NaN, 1 and -1 where the processor has them. */
static void odd_columns(void **state)
{
    (void)state;
    enum { ROWS = 600, COLS = 12 };
    double *x = make_columns(ROWS, COLS, 40);
    for (size_t r = 0; r < ROWS; r++) {
        x[1 * ROWS + r] = 0.1;
        x[2 * ROWS + r] = x[r];
        x[3 * ROWS + r] = 3.0 - 2.0 * x[r];
        x[4 * ROWS + r] *= 1e-200;
        x[5 * ROWS + r] *= 1e-150;
        x[6 * ROWS + r] *= 1e150;
        x[7 * ROWS + r] = x[7 * ROWS + r] * 1e-3 + 1e9;
        x[11 * ROWS + r] = r == 300;
    }
    x[8 * ROWS + 599] = NAN;
    x[9 * ROWS + 1] = INFINITY;
    x[10 * ROWS] = -INFINITY;
    struct icl_device *device = device_open();
    check_columns(device, x, ROWS, COLS);
    double *got = correlation_of(device, x, ROWS, COLS);
    static const bool is_nan[COLS] = {[1] = true, [4] = true, [8] = true, [9] = true, [10] = true};
    for (size_t i = 0; i < COLS; i++)
        assert_int_equal(isnan(got[i * COLS + i]) != 0, is_nan[i]);
    check_near(got[2], 1.0, 1e-15, "a copy");
    check_near(got[3], -1.0, 1e-15, "a mirror image");
    free(x), free(got);
    device_close(device);
}

static void same_bits_twice(void **state)
{
    (void)state;
    double *x = make_columns(700, 40, 60);
    struct icl_device *device = device_open();
    double *once = correlation_of(device, x, 700, 40), *again = correlation_of(device, x, 700, 40);
    check_same_f64(again, once, 40 * 40, "the same correlations");
    free(x), free(once), free(again);
    device_close(device);
}

static void errors(void **state)
{
    (void)state;
    struct icl_error err = {0};
    struct icl_device *device = device_open();
    double *memory = device_room_doubles(device, 16);
    device->call->pairs.correlation(device, memory, 0, 3, memory, memory);
    assert_int_equal(device->call->finish(device, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "no samples"));
    device->call->pairs.correlation(device, memory, 3, 3000000, memory, memory);
    assert_int_equal(device->call->finish(device, &err), ICL_ERR_USAGE);
    device->call->pairs.correlation(device, memory, 3, 0, memory, memory);
    device_finish(device);
    device_close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_processor), cmocka_unit_test(as_defined),
                                       cmocka_unit_test(odd_columns), cmocka_unit_test(same_bits_twice),
                                       cmocka_unit_test(errors)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
