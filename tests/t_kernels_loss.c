/* Softmax cross-entropy against the definition in long double, gradients against differences, extreme logits. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kernels_check.h"

enum { SAMPLES = 61, CLASSES = 10 };

/* Logits of several scales, labels over all classes. */
static void make_inputs(double logits[SAMPLES * CLASSES], uint32_t labels[SAMPLES], double scale)
{
    const struct icl_stream stream = {.seed = 0x93a1f05b7c2e8d46, .purpose = ICL_PURPOSE_LAW, .layer = 3};
    icl_random_normal(&stream, 0, (size_t)SAMPLES * CLASSES, logits);
    for (size_t i = 0; i < (size_t)SAMPLES * CLASSES; i++)
        logits[i] = scale * logits[i] + (double)(i / CLASSES);
    for (size_t n = 0; n < SAMPLES; n++)
        labels[n] = (uint32_t)icl_random_below(&stream, 5000 + n, CLASSES);
}

/* -sum_k target_k log softmax_k by log-sum-exp, in long double. */
static long double exact_loss(const double *logits, uint32_t label, double smoothing)
{
    long double top = (long double)logits[0], sum = 0.0L, loss = 0.0L;
    for (int k = 1; k < CLASSES; k++)
        top = fmaxl(top, (long double)logits[k]);
    for (int k = 0; k < CLASSES; k++)
        sum += expl((long double)logits[k] - top);
    for (int k = 0; k < CLASSES; k++) {
        const long double target =
            (k == (int)label ? 1.0L - (long double)smoothing : 0.0L) + (long double)smoothing / CLASSES;
        loss += target * (top + logl(sum) - (long double)logits[k]);
    }
    return loss;
}

static void loss_near_long_double(void **state)
{
    (void)state;
    double logits[SAMPLES * CLASSES];
    uint32_t labels[SAMPLES];
    const double scales[] = {1e-3, 1.0, 30.0}, smoothings[] = {0.0, 0.1, 0.7};
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            make_inputs(logits, labels, scales[a]);
            for (size_t n = 0; n < SAMPLES; n++) {
                double loss = 0.25;
                size_t correct = 7;
                icl_layers_reference_f64.cross_entropy(logits + n * CLASSES, labels + n, 1, CLASSES, smoothings[b], 1.0,
                                                       NULL, &loss, &correct);
                const double expected = (double)exact_loss(logits + n * CLASSES, labels[n], smoothings[b]);
                check_near(loss - 0.25, expected, 1e-14 * (1 + scales[a] * 5),
                           "loss"); /* some roundings of the logits */
            }
        }
}

/* Sums over samples: those of one go in order, so the bits are known. */
static void sums_and_counts(void **state)
{
    const struct kernels table = check_table(state);
    double wide[SAMPLES * CLASSES], loss = 0.0, one_by_one = 0.0;
    uint32_t labels[SAMPLES];
    float logits[SAMPLES * CLASSES], gradient[SAMPLES * CLASSES], alone[SAMPLES * CLASSES];
    size_t correct = 0, count = 0, expected = 0;
    make_inputs(wide, labels, 2.0);
    for (size_t i = 0; i < (size_t)SAMPLES * CLASSES; i++)
        logits[i] = (float)wide[i];
    table.layers.cross_entropy(logits, labels, SAMPLES, CLASSES, 0.1, 0.125, gradient, &loss, &correct);
    for (size_t n = 0; n < SAMPLES; n++) {
        icl_layers_reference_f32.cross_entropy(logits + n * CLASSES, labels + n, 1, CLASSES, 0.1, 0.125,
                                               alone + n * CLASSES, &one_by_one, &count);
        bool largest = true;
        for (uint32_t k = 0; k < CLASSES; k++)
            largest = largest && (k == labels[n] || logits[n * CLASSES + k] < logits[n * CLASSES + labels[n]]);
        expected += largest;
    }
    check_same_f64(&loss, &one_by_one, 1, "loss");
    check_same_f32(gradient, alone, (size_t)SAMPLES * CLASSES, "gradient");
    assert_int_equal(correct, count);
    assert_int_equal(correct, expected);
    assert_true(correct > 0 && correct < SAMPLES);
    /* Without a gradient the same. */
    double without = 0.0;
    correct = 0;
    table.layers.cross_entropy(logits, labels, SAMPLES, CLASSES, 0.1, 0.125, NULL, &without, &correct);
    check_same_f64(&without, &loss, 1, "loss without a gradient");
    assert_int_equal(correct, expected);
}

static void gradient_is_the_difference(void **state)
{
    (void)state;
    double logits[SAMPLES * CLASSES], gradient[SAMPLES * CLASSES], loss = 0.0;
    uint32_t labels[SAMPLES];
    size_t correct = 0;
    const double smoothings[] = {0.0, 0.1}, weight = 1.0 / SAMPLES, step = 1e-4;
    make_inputs(logits, labels, 2.0);
    for (int s = 0; s < 2; s++) {
        icl_layers_reference_f64.cross_entropy(logits, labels, SAMPLES, CLASSES, smoothings[s], weight, gradient, &loss,
                                               &correct);
        for (size_t n = 0; n < SAMPLES; n++) {
            double sum = 0.0;
            for (size_t k = 0; k < CLASSES; k++) {
                double moved[CLASSES];
                memcpy(moved, logits + n * CLASSES, sizeof moved);
                moved[k] += step;
                const long double above = exact_loss(moved, labels[n], smoothings[s]);
                moved[k] -= 2 * step;
                const long double difference = (above - exact_loss(moved, labels[n], smoothings[s])) / (2 * step);
                /* third derivatives are at most 1: step^2 / 6 times weight, and rounding */
                check_near(gradient[n * CLASSES + k], weight * (double)difference, weight * 1e-8, "gradient");
                sum += gradient[n * CLASSES + k];
            }
            check_near(sum, 0.0, weight * 1e-15 * CLASSES, "sum of a gradient");
        }
    }
}

static void one(const float *logits, uint32_t label, double smoothing, double *loss, size_t *correct, float *gradient)
{
    *loss = 0.0;
    *correct = 0;
    for (int k = 0; k < 3; k++)
        gradient[k] = NAN;
    icl_layers_reference_f32.cross_entropy(logits, &label, 1, 3, smoothing, 1.0, gradient, loss, correct);
}

static void extreme_logits(void **state)
{
    (void)state;
    double loss;
    size_t correct;
    float g[3];
    one((float[]){FLT_MAX, -FLT_MAX, 0}, 0, 0.0, &loss, &correct, g);
    check_near(loss, 0.0, 0.0, "certain and right");
    assert_int_equal(correct, 1);
    check_near((double)g[0], 0.0, 0.0, "its gradient");
    one((float[]){FLT_MAX, -FLT_MAX, 0}, 1, 0.0, &loss, &correct, g);
    check_near(loss, 2.0 * (double)FLT_MAX, 0.0, "certain and wrong");
    assert_int_equal(correct, 0);
    check_near((double)g[0], 1.0, 0.0, "gradient of the winner");
    check_near((double)g[1], -1.0, 0.0, "gradient of the label");
    one((float[]){1e30F, 1e30F, 1e30F}, 2, 0.0, &loss, &correct, g);
    check_near(loss, log(3.0), 1e-15, "three equal");
    assert_int_equal(correct, 0); /* the first of equal ones is the prediction */
    one((float[]){1e30F, 1e30F, 1e30F}, 0, 0.3, &loss, &correct, g);
    check_near(loss, log(3.0), 1e-15, "three equal, smoothed");
    assert_int_equal(correct, 1);
    one((float[]){0, -INFINITY, 0}, 2, 0.0, &loss, &correct, g);
    check_near(loss, log(2.0), 1e-15, "an impossible class");
    check_near((double)g[1], 0.0, 0.0, "its gradient");
    one((float[]){0, -INFINITY, 0}, 1, 0.0, &loss, &correct, g);
    check_near(loss, INFINITY, 0.0, "the impossible class is right");
    one((float[]){0, -INFINITY, 0}, 2, 0.1, &loss, &correct, g);
    check_near(loss, INFINITY, 0.0, "the impossible class has a share of the target");
}

static void nan_logits(void **state)
{
    (void)state;
    for (int place = 0; place < 3; place++)
        for (uint32_t label = 0; label < 3; label++) {
            float logits[] = {3, 2, 1}, g[3];
            double loss;
            size_t correct;
            logits[place] = NAN;
            one(logits, label, 0.1, &loss, &correct, g);
            assert_true(isnan(loss));
            assert_int_equal(correct, 0);
            for (int k = 0; k < 3; k++)
                assert_true(isnan(g[k]));
        }
    double loss;
    size_t correct;
    float g[3];
    one((float[]){INFINITY, 0, 0}, 0, 0.0, &loss, &correct, g);
    assert_true(isnan(loss));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_near_long_double),
        ON_ALL(sums_and_counts),
        cmocka_unit_test(gradient_is_the_difference),
        cmocka_unit_test(extreme_logits),
        cmocka_unit_test(nan_logits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
