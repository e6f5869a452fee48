/* Timing of convolutions: what is counted, how batches are cut, errors. Never how long it took. */
#include <string.h>

#include "kernels/bench_conv.h"
#include "tests/kernels_check.h"

static const struct icl_conv_shape SHAPES[] = {
    {.height = 8,
     .width = 6,
     .in = 1,
     .out = 8,
     .window = 3,
     .stride = 2,
     .padding = 1,
     .out_height = 4,
     .out_width = 3,
     .bias = true},
    {.height = 4, .width = 3, .in = 8, .out = 5, .window = 1, .stride = 1, .out_height = 4, .out_width = 3},
};

static void counts_operations(void **state)
{
    (void)state;
    /* 2 operations a weight, position and image: two ways for the first, three for the second. */
    const double expected = 2.0 * 11 * 12 * (2 * 8 * 9 * 1 + 3 * 5 * 8);
    const struct icl_conv_kernels *kernels[] = {&icl_kernels()->conv, &icl_conv_reference};
    for (int k = 0; k < 2; k++)
        for (unsigned threads = 1; threads <= 3; threads++)
            for (size_t tile = 1; tile <= 16; tile += 5) { /* 11 images: whole tiles, a rest, one tile */
                struct icl_bench_conv_times times = {-1, -1, -1};
                struct icl_error err = {0};
                if (icl_bench_conv(kernels[k], SHAPES, 2, 11, tile, threads, 3, &times, &err) != ICL_OK)
                    fail_msg("%s", err.message);
                check_near(times.operations, expected, 0.0, "operations");
                assert_true(times.least > 0.0 && times.least <= times.median && times.median < 60.0);
            }
}

static void errors(void **state)
{
    (void)state;
    const size_t bad[][4] = {{0, 4, 2, 1}, {2, 0, 2, 1}, {2, 4, 0, 1}, {2, 4, 2, 0}};
    struct icl_bench_conv_times times;
    struct icl_error err = {0};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(icl_bench_conv(&icl_conv_reference, SHAPES, bad[i][0], bad[i][1], bad[i][2], 1,
                                        (unsigned)bad[i][3], &times, &err),
                         ICL_ERR_USAGE);
        assert_non_null(strstr(err.message, "timing convolutions"));
    }
    struct icl_conv_shape wrong[] = {SHAPES[0], SHAPES[1]};
    wrong[1].out_width = 7;
    assert_int_equal(icl_bench_conv(&icl_conv_reference, wrong, 2, 4, 2, 1, 1, &times, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "the output is 4x3, not 4x7"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_operations), cmocka_unit_test(errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
