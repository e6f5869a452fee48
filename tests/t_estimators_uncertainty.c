/* Error bars and tests of estimates: recomputed from their definitions, and against what they promise. */
#include "tests/estimators_support.h"

#include <stdlib.h>

#include "estimators/uncertainty.h"

/* ---- jackknife ------------------------------------------------------------------------------------------------ */

static double first_value(const double *mean, size_t size, const void *context)
{
    (void)size;
    (void)context;
    return mean[0];
}

/* ln of the ratio, times the context. */
static double log_ratio(const double *mean, size_t size, const void *context)
{
    assert_int_equal(size, 2);
    return *(const double *)context * log(mean[0] / mean[1]);
}

static void jackknife_of_a_mean_is_the_textbook_error(void **state)
{
    (void)state;
    double block[50];
    for (size_t b = 2; b <= 50; b += 3) {
        draw_normal(b, 0, b, block);
        struct summary textbook = {0};
        for (size_t i = 0; i < b; i++)
            summary_add(&textbook, block[i]);
        struct icl_interval interval;
        assert_int_equal(icl_jackknife(block, b, 1, first_value, NULL, &interval, NULL), ICL_OK);
        assert_near(interval.estimate, textbook.mean, 1e-14);
        assert_near(interval.se, summary_error(&textbook), 1e-14);
        assert_near(interval.df, (double)b - 1, 0);
    }
}

static void jackknife_of_a_ratio_by_its_formula(void **state)
{
    (void)state;
    enum { B = 23 };
    double block[B][2];
    draw_uniform(5, 0, 2 * B, &block[0][0]);
    const double factor = 2.5;
    long double top = 0, bottom = 0, mean = 0, squares = 0, without[B];
    for (int b = 0; b < B; b++) {
        block[b][0] += 1 + block[b][1];
        top += block[b][0];
        bottom += block[b][1];
    }
    for (int b = 0; b < B; b++) {
        without[b] = factor * logl((top - block[b][0]) / (bottom - block[b][1]));
        mean += without[b] / B;
    }
    for (int b = 0; b < B; b++)
        squares += (without[b] - mean) * (without[b] - mean);
    struct icl_interval interval;
    assert_int_equal(icl_jackknife(&block[0][0], B, 2, log_ratio, &factor, &interval, NULL), ICL_OK);
    assert_near(interval.estimate, (double)(factor * logl(top / bottom)), 1e-13);
    assert_near(interval.se, (double)sqrtl((B - 1.0L) / B * squares), 1e-13);
    /* 22 degrees of freedom: t = 2.07387 */
    assert_near(interval.lo, interval.estimate - 2.073873067904 * interval.se, 1e-9);
    assert_near(interval.hi, interval.estimate + 2.073873067904 * interval.se, 1e-9);
    struct icl_error err;
    for (size_t blocks = 0; blocks < 2; blocks++) {
        assert_int_equal(icl_jackknife(&block[0][0], blocks, 2, log_ratio, &factor, &interval, &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, "at least 2"));
    }
}

/* ---- intervals ------------------------------------------------------------------------------------------------ */

static void check_quantile(const struct answer *a)
{
    struct icl_interval interval = {.estimate = 3, .se = 0.5, .df = a->k};
    const double level = strtod(a->x, NULL) / 100;
    assert_near(icl_interval_lower(&interval, level), 3 - 0.5 * a->value, 1e-9);
    assert_near(icl_interval_upper(&interval, level), 3 + 0.5 * a->value, 1e-9);
    icl_interval_set(&interval, 2 * level - 1); /* two-sided */
    assert_near(interval.lo, 3 - 0.5 * a->value, 1e-9);
    assert_near(interval.hi, 3 + 0.5 * a->value, 1e-9);
}

static void quantiles_of_student(void **state)
{
    (void)state;
    for_each_answer("t-quantile", check_quantile);
    struct icl_interval interval = {.estimate = -1, .se = 2, .df = INFINITY};
    icl_interval_set(&interval, 0.95);
    assert_near(interval.lo, -1 - 2 * 1.959963984540054, 1e-12);
    assert_near(interval.hi, -1 + 2 * 1.959963984540054, 1e-12);
    interval.se = NAN;
    icl_interval_set(&interval, 0.95);
    assert_true(isnan(interval.lo) && isnan(interval.hi));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jackknife_of_a_mean_is_the_textbook_error),
        cmocka_unit_test(jackknife_of_a_ratio_by_its_formula),
        cmocka_unit_test(quantiles_of_student),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
