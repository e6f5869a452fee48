/* The benchmark of training steps: its parts run, its counts are those of the network. How fast it is is no test. */
#include <stdio.h>
#include <string.h>

#include "tests/kernels_check.h"
#include "trainer/bench.h"

static struct icl_train_spec make_spec(const char *net, enum icl_order order, size_t batch, size_t limit)
{
    struct icl_train_spec spec;
    icl_train_spec_default(&spec);
    snprintf(spec.net, sizeof spec.net, "%s", net);
    snprintf(spec.data, sizeof spec.data, "planted-28x28x1-10");
    spec.order = order;
    spec.batch = batch;
    spec.limit = limit;
    icl_train_spec_normalise(&spec);
    return spec;
}

/* Batches that threads and tiles do not divide. */
static void parts_run(void **state)
{
    (void)state;
    static const enum icl_order orders[] = {ICL_ORDER_CONV_BN_RELU, ICL_ORDER_IC, ICL_ORDER_NONE};
    for (size_t o = 0; o < 3; o++)
        for (unsigned threads = 1; threads <= 3; threads += 2) {
            const struct icl_train_spec spec = make_spec("thread07", orders[o], 37, 80);
            struct icl_train_bench *bench = NULL;
            struct icl_error err;
            assert_int_equal(icl_train_bench_create(&spec, threads, &bench, &err), ICL_OK);
            assert_int_equal(icl_train_bench_threads(bench), threads);
            for (int part = 0; part < ICL_TRAIN_BENCH_PARTS; part++) {
                double seconds = -1;
                assert_int_equal(icl_train_bench_run(bench, (enum icl_train_bench_part)part, 3, &seconds, &err),
                                 ICL_OK);
                assert_true(seconds > 0);
            }
            icl_train_bench_free(bench);
        }
}

static void multiply_adds_by_hand(void **state)
{
    (void)state;
    /* Weights times places of the output; the first convolution has no gradient of its input. */
    static const struct {
        const char *net;
        double first, others;
    } nets[] = {
        {"thread06", 25. * 8 * 196, 9. * 8 * 16 * 49 + 9. * 16 * 32 * 16 + 9. * 32 * 32 * 4 + 320},
        {"thread07", 25. * 8 * 196, 9. * 8 * 16 * 49 + 9. * 16 * 32 * 16 + 9. * 32 * 64 * 4 + 9. * 64 * 64 * 1 + 640},
    };
    for (size_t k = 0; k < 2; k++) {
        const struct icl_train_spec spec = make_spec(nets[k].net, ICL_ORDER_IC, 8, 16);
        struct icl_train_bench *bench = NULL;
        struct icl_error err;
        assert_int_equal(icl_train_bench_create(&spec, 1, &bench, &err), ICL_OK);
        assert_true(icl_train_bench_multiply_adds(bench) == 2 * nets[k].first + 3 * nets[k].others);
        icl_train_bench_free(bench);
    }
}

static void profile_is_whole(void **state)
{
    (void)state;
    const struct icl_train_spec spec = make_spec("thread06", ICL_ORDER_IC, 32, 64);
    struct icl_train_bench *bench = NULL;
    struct icl_error err;
    const char *name[ICL_TRAIN_BENCH_KINDS];
    double share[ICL_TRAIN_BENCH_KINDS], sum = 0;
    size_t kinds = 0, convolutions = 0;
    assert_int_equal(icl_train_bench_create(&spec, 2, &bench, &err), ICL_OK);
    assert_int_equal(icl_train_bench_profile(bench, 3, name, share, &kinds, &err), ICL_OK);
    assert_in_range(kinds, 1, ICL_TRAIN_BENCH_KINDS);
    for (size_t k = 0; k < kinds; k++) {
        assert_true(share[k] >= 0 && share[k] <= 1);
        sum += share[k];
        convolutions += strncmp(name[k], "convolution", 11) == 0 && share[k] > 0;
    }
    check_near(sum, 1, 1e-12, "the shares"); /* a handful of roundings */
    assert_int_equal(convolutions, 3);
    icl_train_bench_free(bench);
}

static void bad_requests(void **state)
{
    (void)state;
    struct icl_train_bench *bench = NULL;
    struct icl_error err;
    struct icl_train_spec spec = make_spec("thread07", ICL_ORDER_IC, 80, 79);
    assert_int_equal(icl_train_bench_create(&spec, 1, &bench, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "80 of 79 images"));
    spec = make_spec("thread08", ICL_ORDER_IC, 8, 16);
    assert_int_equal(icl_train_bench_create(&spec, 1, &bench, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "thread08"));
    spec = make_spec("thread07", ICL_ORDER_IC, 8, 16);
    snprintf(spec.data, sizeof spec.data, "planted-0x0x0-0");
    assert_int_not_equal(icl_train_bench_create(&spec, 1, &bench, &err), ICL_OK);
    assert_null(bench);
    icl_train_bench_free(NULL);

    spec = make_spec("thread06", ICL_ORDER_NONE, 8, 16);
    double seconds = 0;
    assert_int_equal(icl_train_bench_create(&spec, 1, &bench, &err), ICL_OK);
    assert_int_equal(icl_train_bench_run(bench, ICL_TRAIN_BENCH_PARTS, 1, &seconds, &err), ICL_ERR_USAGE);
    icl_train_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_run),
        cmocka_unit_test(multiply_adds_by_hand),
        cmocka_unit_test(profile_is_whole),
        cmocka_unit_test(bad_requests),
    };
    return cmocka_run_group_tests_name("trainer_bench", tests, NULL, NULL);
}
