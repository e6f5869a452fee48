/* The fit of I = I0 q^b: exact powers come back, the interval of the exponent covers, negative levels do no harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_cdf.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/fit.h"
#include "experiments/sweep.h"
#include "tests/near.h"

static const uint64_t seed = 20190515;

enum { BLOCKS = 20 };

static struct icl_series series_of(double *block)
{
    return (struct icl_series){
        .estimator = "test", .blocks = BLOCKS, .size = ICL_KEEPS, .block = block, .n = 200000, .levels = ICL_KEEPS};
}

/* BLOCKS x ICL_KEEPS values: amplitude q^exponent with noise as a sweep has it: a part that all keeps of a block share,
 * and one of each keep by itself, smaller where little is left. */
static void simulate(double amplitude, double exponent, double noise, uint32_t step, double *block)
{
    const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, 2, step};
    double normal[BLOCKS * (ICL_KEEPS + 1)];
    icl_random_normal(&stream, 0, BLOCKS * (ICL_KEEPS + 1), normal);
    for (size_t b = 0; b < BLOCKS; b++) {
        const double *z = normal + b * (ICL_KEEPS + 1);
        for (size_t l = 0; l < ICL_KEEPS; l++) {
            const double power = pow(icl_keeps[l], exponent);
            block[b * ICL_KEEPS + l] =
                amplitude * power + noise * (.6 * power * z[ICL_KEEPS] + .8 * sqrt(power + .05) * z[l]);
        }
    }
}

static void exact_powers_come_back(void **state)
{
    (void)state;
    static const double exponents[] = {2, 1, 3.7, .25, 0, -.5}, amplitudes[] = {.4133, 1e-6, 250, -3};
    double block[BLOCKS * ICL_KEEPS];
    for (size_t x = 0; x < sizeof exponents / sizeof exponents[0]; x++) {
        for (size_t a = 0; a < sizeof amplitudes / sizeof amplitudes[0]; a++) {
            simulate(amplitudes[a], exponents[x], 1e-12 * amplitudes[a], 0, block);
            const struct icl_series series = series_of(block);
            struct icl_power_fit fit;
            struct icl_error err = {0};
            if (icl_fit_power(&series, icl_keeps, &fit, &err) != ICL_OK)
                fail_msg("%g q^%g: %s", amplitudes[a], exponents[x], err.message);
            assert_near(fit.exponent.estimate, exponents[x], 1e-8);
            assert_near(fit.amplitude.estimate / amplitudes[a], 1, 1e-8);
            assert_true(fit.exponent.se < 1e-8);
        }
    }
}

/* No noise at all, in no level or in some: the weights must not fail. */
static void levels_without_variance(void **state)
{
    (void)state;
    double block[BLOCKS * ICL_KEEPS];
    struct icl_power_fit fit;
    for (size_t quiet = 1; quiet <= ICL_KEEPS; quiet += 3) {
        simulate(.75, 1.625, 1e-4, 1, block);
        for (size_t b = 0; b < BLOCKS; b++)
            for (size_t l = 0; l < quiet; l++)
                block[b * ICL_KEEPS + l] = .75 * pow(icl_keeps[l], 1.625);
        const struct icl_series series = series_of(block);
        struct icl_error err = {0};
        if (icl_fit_power(&series, icl_keeps, &fit, &err) != ICL_OK) fail_msg("%zu levels: %s", quiet, err.message);
        assert_near(fit.exponent.estimate, 1.625, quiet == ICL_KEEPS ? 1e-8 : 1e-3);
        assert_near(fit.amplitude.estimate, .75, quiet == ICL_KEEPS ? 1e-8 : 1e-3);
        assert_near(fit.se[0], 0, 1e-15);
    }
}

/* What the fit hands on besides the two intervals: points, curve and band. */
static void points_and_curve(void **state)
{
    (void)state;
    double block[BLOCKS * ICL_KEEPS], level[ICL_KEEPS], covariance[ICL_KEEPS * ICL_KEEPS];
    simulate(.4, 2, .01, 2, block);
    const struct icl_series series = series_of(block);
    struct icl_power_fit fit;
    assert_int_equal(icl_fit_power(&series, icl_keeps, &fit, NULL), ICL_OK);
    assert_int_equal(icl_series_covariance(&series, level, covariance, NULL), ICL_OK);
    assert_int_equal(fit.levels, ICL_KEEPS);
    for (size_t l = 0; l < ICL_KEEPS; l++) {
        assert_near(fit.keep[l], icl_keeps[l], 0);
        assert_near(fit.level[l], level[l], 0);
        assert_near(fit.se[l], sqrt(covariance[l * (ICL_KEEPS + 1)]), 1e-15);
        assert_near(fit.curve[l], fit.amplitude.estimate * pow(icl_keeps[l], fit.exponent.estimate), 1e-12);
        assert_true(fit.lo[l] < fit.curve[l] && fit.curve[l] < fit.hi[l]);
    }
    /* at keep 1 the curve is the amplitude */
    assert_near(fit.lo[0], fit.amplitude.lo, 1e-12);
    assert_near(fit.hi[0], fit.amplitude.hi, 1e-12);
}

/* Scaling what is fitted scales the amplitude alone. */
static void units_do_not_matter(void **state)
{
    (void)state;
    double block[BLOCKS * ICL_KEEPS];
    simulate(.4, 2, .01, 3, block);
    struct icl_series series = series_of(block);
    struct icl_power_fit nats, scaled;
    assert_int_equal(icl_fit_power(&series, icl_keeps, &nats, NULL), ICL_OK);
    for (size_t i = 0; i < BLOCKS * ICL_KEEPS; i++)
        block[i] *= 1e-4 / log(2);
    assert_int_equal(icl_fit_power(&series, icl_keeps, &scaled, NULL), ICL_OK);
    assert_near(scaled.exponent.estimate, nats.exponent.estimate, 1e-7);
    assert_near(scaled.exponent.se / nats.exponent.se, 1, 1e-5);
    assert_near(scaled.amplitude.estimate * log(2) * 1e4, nats.amplitude.estimate, 1e-7);
}

/* The 95 % interval of the exponent: neither too narrow nor too wide by a binomial test at 99.9 %, and no bias beyond
 * what the mean over the trials can show. */
static void the_interval_covers(void **state)
{
    (void)state;
    enum { TRIALS = 400 };
    double block[BLOCKS * ICL_KEEPS];
    const struct icl_series series = series_of(block);
    struct icl_power_fit fit;
    size_t exponent = 0, amplitude = 0;
    double sum = 0, squares = 0, errors = 0;
    for (uint32_t t = 0; t < TRIALS; t++) {
        simulate(.4133, 2, .01, 100 + t, block);
        assert_int_equal(icl_fit_power(&series, icl_keeps, &fit, NULL), ICL_OK);
        exponent += fit.exponent.lo <= 2 && 2 <= fit.exponent.hi;
        amplitude += fit.amplitude.lo <= .4133 && .4133 <= fit.amplitude.hi;
        sum += fit.exponent.estimate - 2;
        squares += (fit.exponent.estimate - 2) * (fit.exponent.estimate - 2);
        errors += fit.exponent.se * fit.exponent.se;
    }
    const double half = gsl_cdf_ugaussian_Pinv(.9995) * sqrt(TRIALS * .95 * .05);
    print_message("# the interval covers the exponent %zu times, the amplitude %zu times of %d\n", exponent, amplitude,
                  TRIALS);
    assert_near((double)exponent, .95 * TRIALS, half);
    assert_near((double)amplitude, .95 * TRIALS, half);
    assert_near(sum / TRIALS, 0, 4 * sqrt(squares) / TRIALS);
    /* the standard error is the spread of the estimate: 15 % is four times what 400 trials leave open */
    assert_near(sqrt(errors / squares), 1, .15);
}

/* Nothing is left at small keeps: levels are noise of both signs there, and a logarithm would fail. */
static void negative_levels_do_no_harm(void **state)
{
    (void)state;
    enum { TRIALS = 200 };
    double block[BLOCKS * ICL_KEEPS];
    const struct icl_series series = series_of(block);
    struct icl_power_fit fit;
    size_t covered = 0, negative = 0;
    for (uint32_t t = 0; t < TRIALS; t++) {
        simulate(.05, 4, .02, 1000 + t, block);
        assert_int_equal(icl_fit_power(&series, icl_keeps, &fit, NULL), ICL_OK);
        negative += fit.level[ICL_KEEPS - 1] < 0;
        covered += fit.exponent.lo <= 4 && 4 <= fit.exponent.hi;
    }
    assert_true(negative > TRIALS / 4);
    const double half = gsl_cdf_ugaussian_Pinv(.9995) * sqrt(TRIALS * .95 * .05);
    assert_near((double)covered, .95 * TRIALS, half);
}

/* What has no fit gets a status and a line, never a number. */
static void no_fit_is_an_error(void **state)
{
    (void)state;
    double block[BLOCKS * ICL_KEEPS];
    struct icl_power_fit fit;
    struct icl_error err = {0};
    struct icl_series series = series_of(block);
    simulate(.4, 2, .01, 4, block);
    block[7] = NAN;
    assert_int_equal(icl_fit_power(&series, icl_keeps, &fit, &err), ICL_ERR_NUMERIC);
    assert_non_null(strstr(err.message, "'test'"));
    block[7] = INFINITY;
    assert_int_equal(icl_fit_power(&series, icl_keeps, &fit, &err), ICL_ERR_NUMERIC);
    simulate(.4, 2, .01, 4, block);
    series.blocks = 1;
    assert_int_equal(icl_fit_power(&series, icl_keeps, &fit, &err), ICL_ERR_INPUT);
    /* levels that grow without end as keep falls: no power of keep reaches them in the steps allowed */
    series = series_of(block);
    for (size_t b = 0; b < BLOCKS; b++)
        for (size_t l = 0; l < ICL_KEEPS; l++)
            block[b * ICL_KEEPS + l] = l == ICL_KEEPS - 1 ? 1e300 * (1 + 1e-3 * (double)b) : 1e-300 * (double)(b % 3);
    const icl_status status = icl_fit_power(&series, icl_keeps, &fit, &err);
    if (status == ICL_OK)
        assert_true(isfinite(fit.exponent.estimate) && isfinite(fit.exponent.se));
    else
        assert_int_equal(status, ICL_ERR_NUMERIC);
}

int main(void)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_powers_come_back), cmocka_unit_test(levels_without_variance),
        cmocka_unit_test(points_and_curve),       cmocka_unit_test(units_do_not_matter),
        cmocka_unit_test(the_interval_covers),    cmocka_unit_test(negative_levels_do_no_harm),
        cmocka_unit_test(no_fit_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
