/* p-values and intervals: stored answers, integrals, simulated level, errors. */
#include "tests/estimators_support.h"

#include <gsl/gsl_cdf.h>
#include <stdlib.h>

#include "estimators/correlation.h"
#include "estimators/correlation_test.h"
#include "estimators/distance_correlation.h"

static double correlation_of(const struct answer *a, bool ranks)
{
    struct icl_column x = column_of(stored_sample(a->x), a->k), y = column_of(stored_sample(a->y), a->k);
    double r = icl_pearson(&x, &y);
    if (ranks) assert_int_equal(icl_spearman(&x, &y, scratch(), &r, NULL), ICL_OK);
    icl_column_free(&x);
    icl_column_free(&y);
    return r;
}

/* At r = .99 a last bit of r is 100 of 1 - r^2, to the power of n/2: digits of p are lost as n eps / (1 - r^2). */
static void check_p(const struct answer *a, bool ranks)
{
    const double r = correlation_of(a, ranks), got = icl_correlation_p(r, a->k);
    if (fabs(r) > 1 - 1e-12)
        assert_near(got, a->value, 1e-12);
    else
        assert_near(got, a->value, 1e-8 * a->value + 1e-300);
}

static void check_pearson_p(const struct answer *a)
{
    check_p(a, false);
}

static void check_spearman_p(const struct answer *a)
{
    check_p(a, true);
}

static void check_spearman(const struct answer *a)
{
    assert_near(correlation_of(a, true), a->value, 1e-13);
}

static void check_end(const struct answer *a, size_t end)
{
    double ends[2];
    const double r = correlation_of(a, false);
    assert_int_equal(icl_correlation_interval(ICL_CORRELATION_PEARSON, r, a->k, .95, &ends[0], &ends[1], NULL), ICL_OK);
    assert_near(ends[end], a->value, 1e-12);
}

static void check_low(const struct answer *a)
{
    check_end(a, 0);
}

static void check_high(const struct answer *a)
{
    check_end(a, 1);
}

static void agree_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer_in("tests/vectors/dependence.tsv", "spearman", check_spearman);
    for_each_answer_in("tests/vectors/dependence.tsv", "pearson-p", check_pearson_p);
    for_each_answer_in("tests/vectors/dependence.tsv", "spearman-p", check_spearman_p);
    for_each_answer_in("tests/vectors/dependence.tsv", "pearson-low", check_low);
    for_each_answer_in("tests/vectors/dependence.tsv", "pearson-high", check_high);
}

/* The density of r under independence is (1 - r^2)^((n-4)/2) / B(1/2, (n-2)/2): its tails by Simpson's rule. */
static void p_is_the_tail_of_the_density(void **state)
{
    (void)state;
    enum { STEPS = 200000 };
    static const size_t sizes[] = {5, 8, 30, 200};
    static const double r[] = {0, .01, -.2, .5, .9};
    for (size_t s = 0; s < COUNT_OF(sizes); s++)
        for (size_t k = 0; k < COUNT_OF(r); k++) {
            const double n = (double)sizes[s], from = acos(fabs(r[k])), h = from / STEPS;
            double sum = 0; /* r = cos a, a from 0 to acos |r| */
            for (int i = 0; i <= STEPS; i++)
                sum += (i == 0 || i == STEPS ? 1 : i % 2 == 1 ? 4 : 2) * pow(sin(h * i), n - 3);
            const double beta = exp(lgamma(.5) + lgamma((n - 2) / 2) - lgamma((n - 1) / 2));
            assert_near(icl_correlation_p(r[k], sizes[s]), 2 * sum * h / 3 / beta, 1e-10);
        }
    assert_near(icl_correlation_p(.3, 4), .7, 1e-14); /* n = 4: r is uniform */
    assert_near(icl_correlation_p(1, 3), 0, 0);
    assert_near(icl_correlation_p(-1, 3), 0, 0);
    assert_near(icl_correlation_p(0, 3), 1, 1e-15);
    assert_true(isnan(icl_correlation_p(NAN, 30)) && isnan(icl_correlation_p(.5, 2)));
    assert_near(icl_correlation_p(.5, 100000), 0, 0);
}

static void kendall_and_distance_tails(void **state)
{
    (void)state;
    static const double z[] = {0, .5, -1.5, 4, 9};
    for (size_t k = 0; k < COUNT_OF(z); k++) {
        const struct icl_kendall kendall = {.s = 7 * z[k], .variance = 49};
        const double wanted = 2 * gsl_cdf_ugaussian_Q(fabs(z[k]));
        assert_near(icl_kendall_p(&kendall) / wanted, 1, 1e-12);
        const double chi = z[k] * z[k];
        assert_near(icl_distance_p((chi - 1) / 50, 50) / gsl_cdf_chisq_Q(chi, 1), 1, 1e-11);
    }
    assert_near(icl_distance_p(-.03, 50), 1, 0); /* n R + 1 below 0 */
    assert_true(isnan(icl_distance_p(NAN, 50)));
}

/* Share of p <= alpha over independent pairs of `law`, for Pearson, Spearman and the distance. */
static void rejections(const struct pair_law *law, size_t n, double alpha, uint64_t seeds, double share[3])
{
    double x[200], y[200], rho;
    share[0] = share[1] = share[2] = 0;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        draw_pair(law, seed, n, x, y);
        struct icl_column cx = column_of(x, n), cy = column_of(y, n);
        struct icl_distance d;
        assert_int_equal(icl_spearman(&cx, &cy, scratch(), &rho, NULL), ICL_OK);
        assert_int_equal(icl_distance_correlation(&cx, &cy, scratch(), &d, NULL), ICL_OK);
        share[0] += (icl_correlation_p(icl_pearson(&cx, &cy), n) <= alpha) / (double)seeds;
        share[1] += (icl_correlation_p(rho, n) <= alpha) / (double)seeds;
        share[2] += (icl_distance_p(d.correlation_corrected, n) <= alpha) / (double)seeds;
        icl_column_free(&cx);
        icl_column_free(&cy);
    }
}

/* 3000 pairs: the share has an se of .004 at .05. The distance test may stay below its level, never above. */
static void level_is_kept(void **state)
{
    (void)state;
    enum { SEEDS = 3000 };
    static const struct pair_law laws[] = {{0, false, ICL_GATE_INDEPENDENT, 1}, {0, true, ICL_GATE_INDEPENDENT, .8}};
    const double alpha = .05, se = sqrt(alpha * (1 - alpha) / SEEDS);
    print_message("# seeds 1 to %d\n", SEEDS);
    for (size_t l = 0; l < COUNT_OF(laws); l++) {
        double share[3];
        rejections(&laws[l], 60, alpha, SEEDS, share);
        assert_near(share[0], alpha, 4 * se);
        assert_near(share[1], alpha, 4 * se);
        assert_true(share[2] < alpha + 4 * se && share[2] > .01);
    }
}

/* Intervals hold the true correlation of a Gaussian pair 95 times of 100; Spearman's truth is 6/pi asin(rho/2). */
static void intervals_cover(void **state)
{
    (void)state;
    enum { SEEDS = 2000, N = 60 };
    const double rho = .6, truth[2] = {rho, 6 / 3.141592653589793 * asin(rho / 2)};
    double x[N], y[N], r[2], covered[2] = {0, 0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        draw_pair(&(struct pair_law){rho, false, ICL_GATE_INDEPENDENT, 1}, seed, N, x, y);
        struct icl_column cx = column_of(x, N), cy = column_of(y, N);
        r[0] = icl_pearson(&cx, &cy);
        assert_int_equal(icl_spearman(&cx, &cy, scratch(), &r[1], NULL), ICL_OK);
        for (int kind = 0; kind < 2; kind++) {
            double lo, hi;
            assert_int_equal(icl_correlation_interval((enum icl_correlation_kind)kind, r[kind], N, .95, &lo, &hi, NULL),
                             ICL_OK);
            covered[kind] += (lo <= truth[kind] && truth[kind] <= hi) / (double)SEEDS;
        }
        icl_column_free(&cx);
        icl_column_free(&cy);
    }
    for (int kind = 0; kind < 2;
         kind++) /* se .005; Spearman's se is an approximation, and rho is biased by about .01 */
        assert_near(covered[kind], .95, .02);
}

static void interval_by_hand_and_errors(void **state)
{
    (void)state;
    double lo, hi;
    struct icl_error err;
    /* atanh .5 = .549306..., 1.959964 / sqrt(25) = .391993 */
    assert_int_equal(icl_correlation_interval(ICL_CORRELATION_PEARSON, .5, 28, .95, &lo, &hi, &err), ICL_OK);
    assert_near(lo, tanh(.5493061443340549 - .3919927969080109), 1e-12);
    assert_near(hi, tanh(.5493061443340549 + .3919927969080109), 1e-12);
    assert_int_equal(icl_correlation_interval(ICL_CORRELATION_SPEARMAN, .5, 28, .95, &lo, &hi, &err), ICL_OK);
    assert_near(lo, tanh(.5493061443340549 - .3919927969080109 * sqrt(1.125)), 1e-12);
    assert_int_equal(icl_correlation_interval(ICL_CORRELATION_PEARSON, -1, 28, .9, &lo, &hi, &err), ICL_OK);
    assert_true(lo == -1 && hi == -1);
    assert_int_equal(icl_correlation_interval(ICL_CORRELATION_PEARSON, .5, 3, .9, &lo, &hi, &err), ICL_OK);
    assert_true(isnan(lo) && isnan(hi));
    assert_int_equal(icl_correlation_interval(ICL_CORRELATION_PEARSON, NAN, 30, .9, &lo, &hi, &err), ICL_OK);
    assert_true(isnan(lo) && isnan(hi));
    const double levels[] = {0, 1, -1, 2, NAN};
    for (size_t k = 0; k < COUNT_OF(levels); k++)
        assert_int_equal(icl_correlation_interval(ICL_CORRELATION_PEARSON, .5, 30, levels[k], &lo, &hi, &err),
                         ICL_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agree_with_stored_answers),
        cmocka_unit_test(p_is_the_tail_of_the_density),
        cmocka_unit_test(kendall_and_distance_tails),
        cmocka_unit_test(level_is_kept),
        cmocka_unit_test(intervals_cover),
        cmocka_unit_test(interval_by_hand_and_errors),
    };
    return cmocka_run_group_tests_name("estimators/correlation_test", tests, NULL, NULL);
}
