/* Dropout masks: thresholds, who shares a gate, rates, noise, and that a mask depends on counters alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kernels_check.h"

static const struct icl_shape shape = {.samples = 37, .positions = 49, .channels = 13};
enum { ELEMENTS = 37 * 49 * 13 };

static struct icl_mask make_mask(enum icl_gate gate, double keep, bool rescale)
{
    return (struct icl_mask){
        .stream = {.seed = 0x51b0c3d2e4f56789, .purpose = ICL_PURPOSE_MASK, .layer = 3, .step = 41},
        .gate = gate,
        .keep = keep,
        .rescale = rescale,
    };
}

static float *factors(const struct kernels *table, const struct icl_mask *mask)
{
    float *factor = check_poisoned_f32(ELEMENTS);
    table->mask_f32(mask, &shape, 0, ELEMENTS, factor);
    assert_true(isnan(factor[ELEMENTS]));
    return factor;
}

static void threshold(void **state)
{
    (void)state;
    assert_int_equal(icl_keep_threshold(1.0), UINT64_C(1) << 32);
    assert_int_equal(icl_keep_threshold(0.5), UINT64_C(1) << 31);
    assert_int_equal(icl_keep_threshold(0x1p-32), 1);
    assert_int_equal(icl_keep_threshold(0x1.8p-32), 2);
    assert_int_equal(icl_keep_threshold(0x1.7p-32), 1);
    assert_int_equal(icl_keep_threshold(1.0 - 0x1p-32), UINT32_MAX);
    assert_int_equal(icl_keep_threshold(nextafter(1.0, 0.0)), UINT64_C(1) << 32);
    assert_int_equal(icl_keep_threshold(0.95), 4080218931); /* .95 * 2^32 = 4080218931.2 */
    assert_int_equal(icl_keep_threshold(0.0), 0);
    assert_int_equal(icl_keep_threshold(-1.0), 0);
    assert_int_equal(icl_keep_threshold(NAN), 0);
    assert_int_equal(icl_keep_threshold(2.0), UINT64_C(1) << 32);
}

static void keep_one_opens_all(void **state)
{
    const struct kernels table = check_table(state);
    for (int gate = 0; gate < ICL_GATE_COUNT; gate++)
        for (int rescale = 0; rescale < 2; rescale++) {
            const struct icl_mask mask = make_mask((enum icl_gate)gate, 1.0, rescale != 0);
            float *factor = factors(&table, &mask);
            for (size_t i = 0; i < ELEMENTS; i++)
                assert_true(factor[i] == 1.0F);
            free(factor);
        }
}

/* A gate is open exactly when its word is below the threshold: tried at the word itself and the one after it. */
static void threshold_is_exact(void **state)
{
    const struct kernels table = check_table(state);
    enum { LEVELS = 40 };
    struct icl_mask mask = make_mask(ICL_GATE_INDEPENDENT, 0.5, false);
    for (size_t e = 0; e < LEVELS; e++) {
        uint32_t word;
        icl_random_words(&mask.stream, e, 1, &word);
        float factor[64];
        mask.keep = (double)word * 0x1p-32;
        assert_int_equal(icl_keep_threshold(mask.keep), word);
        table.mask_f32(&mask, &shape, 0, 64, factor);
        assert_true(factor[e] == 0.0F);
        mask.keep = ((double)word + 1.0) * 0x1p-32;
        table.mask_f32(&mask, &shape, 0, 64, factor);
        assert_true(factor[e] == 1.0F);
    }
    /* So small a probability that the threshold is 0: closed, whatever the word. */
    mask.keep = 0x1p-40;
    float *factor = factors(&table, &mask);
    for (size_t i = 0; i < ELEMENTS; i++)
        assert_true(factor[i] == 0.0F);
    free(factor);
}

static void elements_use_their_draws(void **state)
{
    const struct kernels table = check_table(state);
    for (int shared = 0; shared < 2; shared++) {
        const struct icl_mask mask = make_mask(shared ? ICL_GATE_SHARED : ICL_GATE_INDEPENDENT, 0.3, false);
        float *factor = factors(&table, &mask);
        size_t e = 0;
        for (size_t n = 0; n < shape.samples; n++)
            for (size_t p = 0; p < shape.positions; p++)
                for (size_t c = 0; c < shape.channels; c++, e++) {
                    uint32_t word;
                    icl_random_words(&mask.stream, shared ? n * shape.channels + c : e, 1, &word);
                    assert_true(factor[e] == (word < icl_keep_threshold(0.3) ? 1.0F : 0.0F));
                }
        free(factor);
    }
}

static void chunks_agree(void **state)
{
    const struct kernels table = check_table(state);
    for (int gate = 0; gate < ICL_GATE_COUNT; gate++) {
        const struct icl_mask mask = make_mask((enum icl_gate)gate, 0.7, true);
        float *whole = factors(&table, &mask);
        double *whole_f64 = check_poisoned_f64(ELEMENTS);
        table.mask_f64(&mask, &shape, 0, ELEMENTS, whole_f64);
        assert_true(isnan(whole_f64[ELEMENTS]));
        for (size_t piece = 1; piece < 6000; piece = piece * 3 + 2) {
            float *parts = check_poisoned_f32(ELEMENTS);
            double *parts_f64 = check_poisoned_f64(ELEMENTS);
            for (size_t done = 0, count; done < ELEMENTS; done += count) {
                count = ELEMENTS - done < piece ? ELEMENTS - done : piece;
                table.mask_f32(&mask, &shape, done, count, parts + done);
                table.mask_f64(&mask, &shape, done, count, parts_f64 + done);
            }
            check_same_f32(parts, whole, ELEMENTS, "float chunks");
            check_same_f64(parts_f64, whole_f64, ELEMENTS, "double chunks");
            free(parts);
            free(parts_f64);
        }
        for (size_t i = 0; i < ELEMENTS; i++)
            assert_true(whole[i] == (float)whole_f64[i]);
        free(whole);
        free(whole_f64);
    }
}

static void shared_gate_is_shared(void **state)
{
    const struct kernels table = check_table(state);
    const struct icl_mask mask = make_mask(ICL_GATE_SHARED, 0.5, false);
    float *factor = factors(&table, &mask);
    size_t differing = 0;
    for (size_t n = 0; n < shape.samples; n++) {
        const float *sample = factor + n * shape.positions * shape.channels;
        for (size_t p = 1; p < shape.positions; p++)
            check_same_f32(sample + p * shape.channels, sample, shape.channels, "position");
        differing += n > 0 && memcmp(sample, factor, shape.channels * sizeof *sample) != 0;
    }
    assert_int_equal(differing, shape.samples - 1); /* 13 gates the same by chance: 2^-13 for each of 36 samples */
    free(factor);
}

/* With one position a shared gate is an independent one. */
static void dense_shared_is_independent(void **state)
{
    const struct kernels table = check_table(state);
    const struct icl_shape dense = {.samples = 7, .positions = 1, .channels = 1501};
    enum { COUNT = 7 * 1501 };
    float *shared = check_poisoned_f32(COUNT), *independent = check_poisoned_f32(COUNT);
    struct icl_mask mask = make_mask(ICL_GATE_SHARED, 0.4, true);
    table.mask_f32(&mask, &dense, 0, COUNT, shared);
    mask.gate = ICL_GATE_INDEPENDENT;
    table.mask_f32(&mask, &dense, 0, COUNT, independent);
    check_same_f32(shared, independent, COUNT, "dense");
    free(shared);
    free(independent);
}

/* The number of open gates lies within 4.5 binomial standard deviations, and the open factor is 1 or 1/keep. */
static void open_rate_and_rescale(void **state)
{
    const struct kernels table = check_table(state);
    const double keeps[] = {0.01, 0.5, 0.7, 0.95, 0.99};
    for (size_t k = 0; k < sizeof keeps / sizeof *keeps; k++)
        for (int rescale = 0; rescale < 2; rescale++) {
            const double keep = keeps[k];
            const struct icl_mask mask = make_mask(ICL_GATE_INDEPENDENT, keep, rescale != 0);
            const double open_factor = rescale ? 1.0 / keep : 1.0;
            float *factor = factors(&table, &mask);
            double *factor_f64 = check_poisoned_f64(ELEMENTS);
            table.mask_f64(&mask, &shape, 0, ELEMENTS, factor_f64);
            double open = 0.0;
            for (size_t i = 0; i < ELEMENTS; i++) {
                assert_true(factor[i] == 0.0F || factor[i] == (float)open_factor);
                assert_true(factor_f64[i] == (factor[i] == 0.0F ? 0.0 : open_factor));
                open += factor[i] != 0.0F;
            }
            check_near(open, keep * ELEMENTS, 4.5 * sqrt(keep * (1.0 - keep) * ELEMENTS), "open gates");
            free(factor);
            free(factor_f64);
        }
}

static void gaussian_mean_and_variance(void **state)
{
    const struct kernels table = check_table(state);
    const double keeps[] = {0.5, 0.8, 0.95};
    for (size_t k = 0; k < sizeof keeps / sizeof *keeps; k++) {
        const double variance = (1.0 - keeps[k]) / keeps[k];
        const struct icl_mask mask = make_mask(ICL_GATE_GAUSSIAN, keeps[k], k == 1); /* rescale is ignored */
        double *factor = check_poisoned_f64(ELEMENTS);
        table.mask_f64(&mask, &shape, 0, ELEMENTS, factor);
        double mean = 0.0, square = 0.0;
        for (size_t i = 0; i < ELEMENTS; i++) {
            double normal;
            if (i < 600) {
                icl_random_normal(&mask.stream, i, 1, &normal);
                const double expected = 1.0 + sqrt(variance) * normal;
                check_near(factor[i], expected, 4e-15, "factor");
            }
            mean += factor[i] / ELEMENTS;
            square += (factor[i] - 1.0) * (factor[i] - 1.0) / ELEMENTS;
        }
        check_near(mean, 1.0, 4.5 * sqrt(variance / ELEMENTS), "mean");
        check_near(square, variance, 4.5 * variance * sqrt(2.0 / ELEMENTS), "variance");
        free(factor);
    }
}

/* Another purpose, layer, step or seed is another mask: two independent ones agree in q^2 + (1-q)^2 of the places. */
static void other_counters_are_other_masks(void **state)
{
    const struct kernels table = check_table(state);
    const double keep = 0.6, agreement = keep * keep + (1.0 - keep) * (1.0 - keep);
    const struct icl_mask mask = make_mask(ICL_GATE_INDEPENDENT, keep, false);
    struct icl_mask other[4] = {mask, mask, mask, mask};
    other[0].stream.purpose = ICL_PURPOSE_NOISE;
    other[1].stream.layer++;
    other[2].stream.step++;
    other[3].stream.seed++;
    float *base = factors(&table, &mask), *again = factors(&table, &mask);
    check_same_f32(again, base, ELEMENTS, "the same counters");
    for (size_t k = 0; k < 4; k++) {
        float *factor = factors(&table, &other[k]);
        double same = 0.0;
        for (size_t i = 0; i < ELEMENTS; i++)
            same += factor[i] == base[i];
        check_near(same / ELEMENTS, agreement, 4.5 * sqrt(agreement * (1.0 - agreement) / ELEMENTS), "agreement");
        free(factor);
    }
    free(base);
    free(again);
}

/* Every variant, both widths, to the last bit of the reference; few and many channels, starts anywhere. */
static void equals_reference(void **state)
{
    const struct kernels table = check_table(state);
    const struct kernels *reference = icl_kernels_reference();
    const struct icl_shape shapes[] = {{5, 1, 1},   {3, 7, 5},    {9, 196, 8}, {2, 3, 512},
                                       {2, 3, 513}, {2, 2, 2311}, {4, 300, 1}};
    const double keeps[] = {0.05, 0.9, 1.0};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int gate = 0; gate < ICL_GATE_COUNT; gate++)
            for (size_t k = 0; k < 3; k++) {
                const struct icl_mask mask = make_mask((enum icl_gate)gate, keeps[k], k != 0);
                const size_t n = shapes[s].samples * shapes[s].positions * shapes[s].channels;
                for (size_t first = 0; first < n; first = first * 5 + 3) {
                    const size_t count = n - first - (first % 7 < n - first ? first % 7 : 0);
                    float *got = check_poisoned_f32(count), *want = check_poisoned_f32(count);
                    double *got_f64 = check_poisoned_f64(count), *want_f64 = check_poisoned_f64(count);
                    table.mask_f32(&mask, &shapes[s], first, count, got);
                    table.mask_f64(&mask, &shapes[s], first, count, got_f64);
                    reference->mask_f32(&mask, &shapes[s], first, count, want);
                    reference->mask_f64(&mask, &shapes[s], first, count, want_f64);
                    check_same_f32(got, want, count + 1, "float"); /* and the poison behind the end */
                    check_same_f64(got_f64, want_f64, count + 1, "double");
                    free(got);
                    free(want);
                    free(got_f64);
                    free(want_f64);
                }
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threshold),
        ON_ALL(keep_one_opens_all),
        ON_ALL(threshold_is_exact),
        ON_ALL(elements_use_their_draws),
        ON_ALL(chunks_agree),
        ON_ALL(shared_gate_is_shared),
        ON_ALL(dense_shared_is_independent),
        ON_ALL(open_rate_and_rescale),
        ON_ALL(gaussian_mean_and_variance),
        ON_ALL(other_counters_are_other_masks),
        ON_FAST(equals_reference),
    };
    return cmocka_run_group_tests_name("kernels/mask", tests, NULL, NULL);
}
