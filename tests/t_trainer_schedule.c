/* Learning rates and momenta at steps, against closed forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/near.h"
#include "trainer/spec.h"

/* The defaults: linear .6 -> 2 over 30 %, then -> .1. */
static struct icl_train_spec thread_spec(void)
{
    struct icl_train_spec spec;
    icl_train_spec_default(&spec);
    return spec;
}

/* From a to b by the other common formulas: weights of the ends, sin^2 of the half angle. */
static double line(double a, double b, double f)
{
    return a * (1 - f) + b * f;
}
static double half_cosine(double a, double b, double f)
{
    const double s = sin(1.57079632679489661923 * f);
    return line(a, b, s * s);
}

static void rates_follow_their_curves(void **state)
{
    (void)state;
    const double tolerance = 1e-15 * 8; /* a few roundings of numbers up to 2 */
    const size_t steps = 1000;
    for (int curve = 0; curve < 2; curve++)
        for (size_t step = 0; step < steps; step += 7) {
            struct icl_train_spec spec = thread_spec();
            spec.schedule = curve == 0 ? ICL_SCHEDULE_LINEAR : ICL_SCHEDULE_COSINE;
            spec.momentum = 0.95;
            spec.momentum_low = 0.85;
            double (*between)(double, double, double) = curve == 0 ? line : half_cosine;
            const double at = (double)step / 1000.0;
            const bool up = step < 300;
            const double f = up ? at / 0.3 : (at - 0.3) / 0.7;
            double rate, momentum;
            icl_train_spec_rate(&spec, step, steps, &rate, &momentum);
            assert_near(rate, up ? between(0.6, 2, f) : between(2, 0.1, f), tolerance);
            assert_near(momentum, up ? between(0.95, 0.85, f) : between(0.85, 0.95, f), tolerance);
            spec.momentum_low = -1;
            icl_train_spec_rate(&spec, step, steps, &rate, &momentum);
            assert_true(momentum == 0.95);
        }
}

static void rates_at_the_corners(void **state)
{
    (void)state;
    double rate, momentum;
    struct icl_train_spec spec = thread_spec();
    icl_train_spec_rate(&spec, 0, 590, &rate, NULL);
    assert_true(rate == 0.6);
    icl_train_spec_rate(&spec, 177, 590, &rate, NULL); /* 30 % */
    assert_near(rate, 2.0, 1e-15);
    icl_train_spec_rate(&spec, 589, 590, &rate, NULL);
    assert_near(rate, 0.1 + 1.9 / (0.7 * 590), 1e-14); /* one step before the end */
    spec.warm = 0;
    icl_train_spec_rate(&spec, 0, 590, &rate, NULL);
    assert_true(rate == 2.0);
    spec.warm = 1;
    icl_train_spec_rate(&spec, 295, 590, &rate, &momentum);
    assert_near(rate, 1.3, 1e-15);
    assert_true(momentum == 0.0);
    spec.schedule = ICL_SCHEDULE_CONSTANT;
    icl_train_spec_rate(&spec, 17, 590, &rate, NULL);
    assert_true(rate == 2.0);
}

static void rates_fall_at_milestones(void **state)
{
    (void)state;
    struct icl_train_spec spec = thread_spec();
    spec.schedule = ICL_SCHEDULE_STEP;
    spec.epochs = 10;
    spec.rate = 0.8;
    spec.rate_factor = 0.3;
    spec.milestones = 3;
    memcpy(spec.milestone, (size_t[8]){2, 5, 9}, sizeof spec.milestone);
    const int passed[10] = {0, 0, 1, 1, 1, 2, 2, 2, 2, 3};
    for (size_t step = 0; step < 110; step++) {
        double rate, momentum;
        icl_train_spec_rate(&spec, step, 110, &rate, &momentum);
        assert_near(rate, 0.8 * pow(0.3, passed[step / 11]), 1e-15);
        assert_true(momentum == spec.momentum);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_follow_their_curves),
        cmocka_unit_test(rates_at_the_corners),
        cmocka_unit_test(rates_fall_at_milestones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
