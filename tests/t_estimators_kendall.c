/* Kendall's tau: stored answers, pairs counted one by one, the variance by all permutations, edges. */
#include "tests/estimators_support.h"

#include <stdlib.h>

#include "estimators/correlation_test.h"
#include "estimators/kendall.h"

static struct icl_kendall kendall_of(const double *x, const double *y, size_t n)
{
    struct icl_kendall result;
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    assert_int_equal(icl_kendall(&cx, &cy, scratch(), &result, NULL), ICL_OK);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return result;
}

static int sign_of(double d)
{
    return (d > 0) - (d < 0);
}

static double plain_s(const double *x, const double *y, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            s += sign_of(x[i] - x[j]) * sign_of(y[i] - y[j]);
    return s;
}

/* Pairs that do not tie in x. */
static double plain_untied(const double *x, size_t n)
{
    double untied = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            untied += x[i] != x[j];
    return untied;
}

static void check_tau(const struct answer *a)
{
    const struct icl_kendall k = kendall_of(stored_sample(a->x), stored_sample(a->y), a->k);
    assert_near(k.tau_b, a->value, 1e-14);
}

static void check_p(const struct answer *a)
{
    const struct icl_kendall k = kendall_of(stored_sample(a->x), stored_sample(a->y), a->k);
    /* Of a p-value exp(-z^2/2) all digits of z count z times: 1e-10 at p = 1e-100. */
    assert_near(icl_kendall_p(&k) / a->value, 1, 1e-10);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer_in("tests/vectors/dependence.tsv", "kendall-b", check_tau);
    for_each_answer_in("tests/vectors/dependence.tsv", "kendall-p", check_p);
}

static void agrees_with_the_plain_way(void **state)
{
    (void)state;
    static const size_t sizes[] = {2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 300};
    double x[300], y[300];
    for (uint64_t seed = 1; seed <= 12; seed++)
        for (size_t s = 0; s < COUNT_OF(sizes); s++) {
            const size_t n = sizes[s];
            draw_pair(&(struct pair_law){seed % 3 == 0 ? -.7 : .4, seed % 2 == 0, ICL_GATE_INDEPENDENT, .8}, seed, n, x,
                      y);
            for (size_t i = 0; i < n && seed > 8; i++) { /* coarse on both sides */
                x[i] = rint(2 * x[i]);
                y[i] = rint((double)seed / 4 * y[i]);
            }
            x[0] = 1.25; /* not constant */
            y[n - 1] = -3.5;
            const double s_wanted = plain_s(x, y, n), all = (double)n * (double)(n - 1) / 2;
            const struct icl_kendall k = kendall_of(x, y, n), turned = kendall_of(y, x, n);
            assert_near(k.s, s_wanted, 0);
            assert_near(k.tau_a, s_wanted / all, 1e-15);
            assert_near(k.tau_b, s_wanted / sqrt(plain_untied(x, n) * plain_untied(y, n)), 1e-14);
            assert_near(turned.s, k.s, 0);
            assert_near(turned.variance, k.variance, 1e-12 * k.variance);
        }
}

/* Var s over all 7! permutations of y, for tied groups of several sizes on both sides. */
static void variance_is_that_of_all_permutations(void **state)
{
    (void)state;
    enum { N = 7 };
    static const double cases[][2][N] = {
        {{1, 2, 3, 4, 5, 6, 7}, {1, 2, 3, 4, 5, 6, 7}}, {{1, 1, 3, 4, 5, 6, 7}, {1, 2, 2, 2, 5, 6, 7}},
        {{1, 1, 1, 4, 4, 4, 7}, {1, 1, 2, 2, 5, 5, 5}}, {{0, 0, 0, 0, 0, 1, 1}, {0, 0, 0, 1, 1, 1, 1}},
        {{0, 0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 0, 1}},
    };
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        const double *x = cases[c][0];
        double y[N], mean = 0, square = 0;
        size_t turn[N] = {0}, count = 0;
        memcpy(y, cases[c][1], sizeof y);
        const double variance = kendall_of(x, y, N).variance;
        for (size_t i = 0; i < N;) { /* Heap's permutations */
            if (count == 0 || turn[i] < i) {
                if (count > 0) {
                    const size_t other = i % 2 == 0 ? 0 : turn[i];
                    const double swap = y[other];
                    y[other] = y[i];
                    y[i] = swap;
                    turn[i]++;
                    i = 0;
                }
                const double s = plain_s(x, y, N);
                mean += s;
                square += s * s;
                count++;
            } else {
                turn[i++] = 0;
            }
        }
        assert_int_equal(count, 5040);
        assert_near(mean, 0, 0);
        assert_near(variance, square / 5040, 1e-12 * variance);
    }
}

/* Independent neurons behind a ReLU and gates: p is uniform. 400 p-values, .001 critical value of Kolmogorov's distance
 * 1.95 / sqrt(400). */
static void p_is_uniform_under_independence(void **state)
{
    (void)state;
    enum { RUNS = 400, N = 200 };
    double p[RUNS], sorted[RUNS], x[N], y[N], distance = 0;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        draw_pair(&(struct pair_law){0, true, ICL_GATE_INDEPENDENT, .8}, seed, N, x, y);
        const struct icl_kendall k = kendall_of(x, y, N);
        p[seed - 1] = icl_kendall_p(&k);
    }
    plain_sort(p, RUNS, sorted);
    for (size_t i = 0; i < RUNS; i++)
        distance = fmax(distance, fmax(fabs(sorted[i] - (double)i / RUNS), fabs(sorted[i] - (double)(i + 1) / RUNS)));
    assert_true(distance < 1.95 / sqrt(RUNS));
}

static void edges(void **state)
{
    (void)state;
    const double up[] = {1, 2, 5, 9, 9.5}, down[] = {8, 4, 2, 1, -7}, same[] = {3, 3, 3, 3, 3},
                 bad[] = {1, NAN, 2, 3, 4};
    assert_near(kendall_of(up, up, 5).tau_b, 1, 0);
    assert_near(kendall_of(up, down, 5).tau_b, -1, 0);
    assert_near(kendall_of(up, down, 2).tau_b, -1, 0);
    assert_near(kendall_of(up, down, 2).variance, 1, 1e-15);
    for (int which = 0; which < 2; which++) {
        const struct icl_kendall none = kendall_of(up, which ? bad : same, 5);
        assert_true(isnan(none.tau_a) && isnan(none.tau_b) && isnan(none.s) && isnan(none.variance));
        assert_true(isnan(icl_kendall_p(&none)));
    }
    /* order alone counts */
    double x[60], y[60], bent[60];
    draw_pair(&(struct pair_law){.5, false, ICL_GATE_INDEPENDENT, 1}, 3, 60, x, y);
    for (size_t i = 0; i < 60; i++)
        bent[i] = 1e9 + exp(3 * x[i]);
    assert_near(kendall_of(bent, y, 60).tau_b, kendall_of(x, y, 60).tau_b, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),
        cmocka_unit_test(agrees_with_the_plain_way),
        cmocka_unit_test(variance_is_that_of_all_permutations),
        cmocka_unit_test(p_is_uniform_under_independence),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests_name("estimators/kendall", tests, NULL, NULL);
}
