/* Statistics of paired runs, against values worked out by hand or by other software, and by simulation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "experiments/paired.h"
#include "kernels/random.h"
#include "tests/near.h"

static const uint64_t seed = 1908;

static const double ic[] = {.871, .883, .869, .8755, .8902, .8641, .8777};
static const double base[] = {.8633, .8791, .8712, .8601, .8805, .8577, .8744};
enum { SEEDS = 7 };

/* t.test of R 4.2 on the same numbers. */
static void mean_of_differences(void **state)
{
    (void)state;
    double difference[SEEDS];
    for (size_t i = 0; i < SEEDS; i++)
        difference[i] = ic[i] - base[i];
    struct icl_comparison c = icl_compare_mean(difference, SEEDS, 0);
    assert_near(c.interval.estimate, .0442 / 7, 1e-12);
    assert_near(c.interval.lo, 0.00120179603354858, 1e-12);
    assert_near(c.interval.hi, 0.01142677539502289, 1e-12);
    assert_near(c.interval.df, 6, 0);
    assert_near(c.p, 0.02333366551074413, 1e-12);
    assert_near(c.effect, 1.14224979632242229, 1e-12);
    assert_int_equal(c.n, SEEDS);
    c = icl_compare_mean(difference, SEEDS, .01);
    assert_near(c.p, 0.128177386905534, 1e-12);
    assert_true(c.effect < 0);
}

static void means_at_the_edge(void **state)
{
    (void)state;
    static const double one[] = {.25}, same[] = {.5, .5, .5}, hole[] = {.5, NAN, .25};
    struct icl_comparison c = icl_compare_mean(one, 1, 0);
    assert_true(c.interval.estimate == .25 && isnan(c.interval.lo) && isnan(c.p) && isnan(c.effect));
    c = icl_compare_mean(one, 0, 0);
    assert_true(isnan(c.interval.estimate) && isnan(c.p));
    c = icl_compare_mean(same, 3, 0);
    assert_true(c.interval.lo == .5 && c.interval.hi == .5 && c.p == 0 && isinf(c.effect));
    c = icl_compare_mean(same, 3, .5);
    assert_true(c.p == 1 && isnan(c.effect));
    c = icl_compare_mean(hole, 3, 0);
    assert_true(isnan(c.interval.estimate) && isnan(c.interval.lo) && isnan(c.p));
}

/* The formulas of Pitman and Morgan in R; p is also that of cor.test(x + y, x - y). */
static void ratio_of_variances(void **state)
{
    (void)state;
    struct icl_comparison c = icl_compare_variances(ic, base, SEEDS);
    assert_near(c.interval.estimate, 0.926840283854508, 1e-12);
    assert_near(c.interval.lo, 0.263971929441257, 1e-12);
    assert_near(c.interval.hi, 3.254258562998725, 1e-11);
    assert_near(c.p, 0.889800705577469, 1e-12);
    assert_near(c.effect, log(0.926840283854508) / 2, 1e-12);
    assert_true(isnan(icl_compare_variances(ic, base, 2).interval.estimate));
    static const double flat[SEEDS] = {1, 1, 1, 1, 1, 1, 1};
    assert_true(isnan(icl_compare_variances(flat, base, SEEDS).interval.estimate));
    /* the other way about: the reciprocal */
    const struct icl_comparison d = icl_compare_variances(base, ic, SEEDS);
    assert_near(d.interval.lo, 1 / c.interval.hi, 1e-12);
    assert_near(d.p, c.p, 1e-12);
    double twice[SEEDS];
    for (size_t i = 0; i < SEEDS; i++)
        twice[i] = 2 * base[i];
    c = icl_compare_variances(twice, base, SEEDS); /* r = 1: no doubt left */
    assert_near(c.interval.estimate, 4, 1e-12);
    assert_near(c.interval.lo, 4, 1e-6);
    assert_true(c.p < 1e-6);
}

/* cor(method = "spearman") of R, its t test, and tanh(atanh(r) +- 1.96 se) of Bonett and Wright. */
static void rank_correlation(void **state)
{
    (void)state;
    static const double a[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3}, b[] = {2, 7, 1, 8, 2, 8, 1, 8, 2, 8};
    struct icl_comparison c = icl_compare_ranks(a, b, 10);
    assert_near(c.interval.estimate, 0.134715062810913, 1e-12);
    assert_near(c.interval.lo, -0.543148741389923, 1e-12);
    assert_near(c.interval.hi, 0.706263575665669, 1e-12);
    assert_near(c.p, 0.710600880522383, 1e-12);
    c = icl_compare_ranks(a, a, 10);
    assert_near(c.interval.estimate, 1, 1e-15);
    assert_true(isnan(icl_compare_ranks(a, b, 3).interval.estimate));
    static const double flat[10] = {0};
    assert_true(isnan(icl_compare_ranks(a, flat, 10).interval.estimate));
}

static void exceedance(void **state)
{
    (void)state;
    static const double high[] = {3, 1, 4, 1, 5}, low[] = {2, 1, 3};
    assert_near(icl_exceedance(high, 5, low, 3), 9.5 / 15, 1e-15); /* wilcox.test: W = 9.5 */
    assert_near(icl_exceedance(low, 3, high, 5), 5.5 / 15, 1e-15);
    assert_true(isnan(icl_exceedance(high, 5, low, 0)));
}

/* p.adjust(method = "holm") of R. */
static void holm(void **state)
{
    (void)state;
    static const double p[] = {.01, .04, .03, .005, .2, .01}, expected[] = {.05, .09, .09, .03, .2, .05};
    double adjusted[8];
    icl_holm(p, 6, adjusted);
    for (size_t i = 0; i < 6; i++)
        assert_near(adjusted[i], expected[i], 1e-15);
    static const double with_holes[] = {.01, NAN, .04, .03, .005, NAN, .2, .01};
    static const size_t place[] = {0, 2, 3, 4, 6, 7};
    icl_holm(with_holes, 8, adjusted);
    for (size_t i = 0; i < 6; i++)
        assert_near(adjusted[place[i]], expected[i], 1e-15);
    assert_true(isnan(adjusted[1]) && isnan(adjusted[5]));
    static const double large[] = {.6, .7};
    icl_holm(large, 2, adjusted);
    assert_true(adjusted[0] == 1 && adjusted[1] == 1);
}

/* Pairs that share a part of variance `shared`; y's own part is scaled by `spread`, x is shifted by `shift`. */
static void pairs_of(uint64_t run, size_t n, double shared, double spread, double shift, double *x, double *y)
{
    const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, 77, (uint32_t)run};
    double z[3 * 16];
    icl_random_normal(&stream, 0, 3 * n, z);
    for (size_t i = 0; i < n; i++) {
        x[i] = sqrt(shared) * z[i] + sqrt(1 - shared) * z[n + i] + shift;
        y[i] = spread * (sqrt(shared) * z[i] + sqrt(1 - shared) * z[2 * n + i]);
    }
}

/* 4000 runs of 10 pairs: a share of .05 has a standard error of .0034, so that .05 +- .012 is 3.5 of them. */
static void levels_and_power_by_simulation(void **state)
{
    (void)state;
    enum { RUNS = 4000, N = 10, FAMILY = 5 };
    size_t mean_misses = 0, mean_found = 0, ratio_misses = 0, ratio_found = 0, family_wrong = 0, family_found = 0;
    size_t uncorrected = 0, covers = 0;
    for (uint64_t run = 0; run < RUNS; run++) {
        double x[N], y[N], d[N], p[FAMILY], adjusted[FAMILY];
        pairs_of(run, N, .5, 1, 0, x, y);
        for (size_t i = 0; i < N; i++)
            d[i] = x[i] - y[i];
        const struct icl_comparison same = icl_compare_mean(d, N, 0);
        mean_misses += same.interval.lo > 0 || same.interval.hi < 0;
        const struct icl_comparison shifted = icl_compare_mean(d, N, -1.5); /* the sd of d is 1 */
        mean_found += shifted.p <= .05;
        ratio_misses += icl_compare_variances(x, y, N).p <= .05;
        pairs_of(RUNS + run, N, .5, .25, 0, x, y);
        const struct icl_comparison wide = icl_compare_variances(x, y, N);
        ratio_found += wide.interval.lo > 1;
        covers += wide.interval.lo <= 16 && wide.interval.hi >= 16;
        /* a family of four true nulls and a difference of two standard deviations */
        size_t wrong = 0, naive = 0;
        for (size_t k = 0; k < FAMILY; k++) {
            pairs_of(2 * RUNS + run * FAMILY + k, N, .5, 1, k == FAMILY - 1 ? 2 : 0, x, y);
            for (size_t i = 0; i < N; i++)
                d[i] = x[i] - y[i];
            p[k] = icl_compare_mean(d, N, 0).p;
        }
        icl_holm(p, FAMILY, adjusted);
        for (size_t k = 0; k + 1 < FAMILY; k++) {
            wrong += adjusted[k] <= .05;
            naive += p[k] <= .05;
        }
        family_wrong += wrong > 0;
        uncorrected += naive > 0;
        family_found += adjusted[FAMILY - 1] <= .05;
    }
    assert_near((double)mean_misses / RUNS, .05, .012);
    assert_near((double)ratio_misses / RUNS, .05, .012);
    assert_near((double)covers / RUNS, .95, .012);
    assert_true(mean_found > RUNS * 95 / 100);
    assert_true(ratio_found > RUNS * 95 / 100);
    /* Holm keeps the family at .05 (with one false hypothesis found, at the four that are left); without it 1 - .95^4
     */
    assert_near((double)family_wrong / RUNS, .05, .012);
    assert_near((double)uncorrected / RUNS, 1 - pow(.95, 4), .03);
    assert_true(family_found > RUNS * 95 / 100);
}

int main(void)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mean_of_differences),
        cmocka_unit_test(means_at_the_edge),
        cmocka_unit_test(ratio_of_variances),
        cmocka_unit_test(rank_correlation),
        cmocka_unit_test(exceedance),
        cmocka_unit_test(holm),
        cmocka_unit_test(levels_and_power_by_simulation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
