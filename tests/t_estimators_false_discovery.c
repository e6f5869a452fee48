/* q-values: published example, the definition by brute force, nan, errors. */
#include <math.h>
#include <stdlib.h>

#include "estimators/false_discovery.h"
#include "kernels/random.h"
#include "tests/estimators_support.h"

/* The 15 p-values of Benjamini & Hochberg 1995, section 4.1: at .05 the four smallest are discoveries. */
static const double published[15] = {.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344,
                                     .0459, .3240, .4262, .5719, .6528, .7590, 1.0000};

static void test_published(void **state)
{
    (void)state;
    double q[15];
    struct icl_error err;
    assert_int_equal(icl_false_discovery(published, 15, ICL_FDR_BENJAMINI_HOCHBERG, q, &err), ICL_OK);
    size_t discoveries = 0;
    for (size_t i = 0; i < 15; i++)
        discoveries += q[i] <= .05;
    assert_int_equal(discoveries, 4);
    assert_near(q[0], .0015, 1e-15);
    assert_near(q[3], .0095 * 15 / 4, 1e-15);
    assert_near(q[7], .0344 * 15 / 8, 1e-15);
    assert_near(q[6], .0298 * 15 / 7, 1e-15); /* .0639 is already below its follower's .0645 */
    assert_near(q[14], 1, 0);
}

/* q by its meaning: the least rate a, over all candidates a = c m p / s, at which the step-up rule rejects i. */
static double plain(const double *p, size_t count, double factor, size_t i)
{
    double best = 1;
    for (size_t s = 0; s < count; s++) {
        if (isnan(p[s]) || p[s] < p[i]) continue;
        size_t rank = 0;
        for (size_t j = 0; j < count; j++)
            rank += p[j] <= p[s];
        const double rate = factor * p[s] / (double)rank;
        if (rate < best) best = rate;
    }
    return best;
}

static void test_against_definition(void **state)
{
    (void)state;
    enum { MOST = 97 };
    for (uint64_t seed = 1; seed <= 20; seed++) {
        double p[MOST], q[MOST];
        const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, 0, 0};
        const size_t count = 1 + (size_t)(seed * 31 % MOST);
        icl_random_uniform(&stream, 0, count, p);
        size_t m = 0;
        double harmonic = 0;
        for (size_t i = 0; i < count; i++) {
            p[i] = i % 7 == 3 ? NAN : i % 5 == 1 ? floor(8 * p[i]) / 8 : p[i] * p[i] * p[i];
            if (!isnan(p[i])) harmonic += 1 / (double)++m;
        }
        for (int rule = 0; rule < 2; rule++) {
            struct icl_error err;
            assert_int_equal(icl_false_discovery(p, count, (enum icl_fdr_rule)rule, q, &err), ICL_OK);
            for (size_t i = 0; i < count; i++) {
                if (isnan(p[i]))
                    assert_true(isnan(q[i]));
                else
                    assert_near(q[i], plain(p, count, (rule ? harmonic : 1) * (double)m, i), 1e-14);
            }
        }
    }
}

/* Of independent tests without any effect, at most a share a of runs may have a discovery at q <= a. */
static void test_rate(void **state)
{
    (void)state;
    enum { RUNS = 2000, TESTS = 50 };
    size_t false_runs = 0;
    for (uint32_t run = 0; run < RUNS; run++) {
        double p[TESTS];
        const struct icl_stream stream = {20240917, ICL_PURPOSE_LAW, run, 0};
        struct icl_error err;
        icl_random_uniform(&stream, 0, TESTS, p);
        assert_int_equal(icl_false_discovery(p, TESTS, ICL_FDR_BENJAMINI_HOCHBERG, p, &err), ICL_OK);
        size_t found = 0;
        for (size_t i = 0; i < TESTS; i++)
            found += p[i] <= .1;
        false_runs += found > 0;
    }
    /* exactly .1 in theory (Simes); four standard deviations of a share of 2000 */
    assert_true(fabs((double)false_runs / RUNS - .1) < 4 * sqrt(.1 * .9 / RUNS));
}

static void test_errors(void **state)
{
    (void)state;
    struct icl_error err;
    double q[3] = {7, 7, 7};
    const double bad[3][3] = {{.1, -.01, .5}, {.1, .2, 1.01}, {INFINITY, .1, .2}};
    for (int b = 0; b < 3; b++) {
        assert_int_equal(icl_false_discovery(bad[b], 3, ICL_FDR_BENJAMINI_HOCHBERG, q, &err), ICL_ERR_INPUT);
        assert_near(q[0], 7, 0);
    }
    assert_int_equal(icl_false_discovery(NULL, 0, ICL_FDR_BENJAMINI_HOCHBERG, NULL, &err), ICL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published),
        cmocka_unit_test(test_against_definition),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
