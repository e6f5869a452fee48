/* The Gaussian copula: stored answers, a plain second way, monotone maps, perfect dependence. */
#include "tests/estimators_support.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_psi.h>

enum { MOST = 3000 };

static double gaussian_of(const double *x, const double *y, size_t n)
{
    return mi_of(x, y, n, ICL_MI_GAUSSIAN, 0);
}

/* Ranks by counting, the quantile of GSL, Pearson's formula of raw sums. */
static double plain_gaussian(const double *x, const double *y, size_t n)
{
    long double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        double rank_x = 0.5, rank_y = 0.5;
        for (size_t j = 0; j < n; j++) {
            rank_x += x[j] < x[i] ? 1 : x[j] == x[i] ? 0.5 : 0;
            rank_y += y[j] < y[i] ? 1 : y[j] == y[i] ? 0.5 : 0;
        }
        const long double a = gsl_cdf_ugaussian_Pinv(rank_x / ((double)n + 1));
        const long double b = gsl_cdf_ugaussian_Pinv(rank_y / ((double)n + 1));
        sx += a;
        sy += b;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    const long double m = (long double)n;
    const long double r = (xy - sx * sy / m) / sqrtl((xx - sx * sx / m) * (yy - sy * sy / m));
    return (double)(-logl(1 - r * r) / 2) - (gsl_sf_psi(((double)n - 1) / 2) - gsl_sf_psi(((double)n - 2) / 2)) / 2;
}

static void check_answer(const struct answer *a)
{
    assert_near(gaussian_of(stored_sample(a->x), stored_sample(a->y), SAMPLES), a->value, 1e-12);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer("gaussian", check_answer);
}

static void agrees_with_the_plain_way(void **state)
{
    (void)state;
    static const size_t sizes[] = {4, 5, 10, 77, 300};
    double x[300], y[300];
    for (size_t s = 0; s < COUNT_OF(sizes); s++)
        for (int atoms = 0; atoms < 2; atoms++) {
            const struct pair_law law = {-0.5, atoms != 0, ICL_GATE_INDEPENDENT, sizes[s] > 10 && atoms ? 0.7 : 1};
            draw_pair(&law, 3 + s, sizes[s], x, y);
            x[0] = 2.5; /* not constant */
            y[1] = 2.5;
            assert_near(gaussian_of(x, y, sizes[s]), plain_gaussian(x, y, sizes[s]), 1e-11);
        }
}

/* Only ranks matter, and their direction does not. */
static void monotone_maps_change_nothing(void **state)
{
    (void)state;
    enum { N = 500 };
    double x[N], y[N], u[N], v[N];
    draw_pair(&(struct pair_law){0.6, false, ICL_GATE_INDEPENDENT, 1}, 41, N, x, y);
    for (size_t i = 0; i < N; i++) {
        u[i] = exp(x[i]);
        v[i] = -y[i] * y[i] * y[i];
    }
    assert_near(gaussian_of(u, v, N), gaussian_of(x, y, N), 1e-13);
    assert_near(gaussian_of(u, y, N), gaussian_of(x, y, N), 0);
}

/* r = 1 or -1 is infinite information (or huge, by rounding), never nan. */
static void perfect_dependence_is_no_nan(void **state)
{
    (void)state;
    double x[200], y[200];
    for (size_t n = 4; n <= 200; n++) {
        draw_normal(n, 0, n, x);
        for (size_t i = 0; i < n; i++)
            y[i] = -x[i];
        const double rising = gaussian_of(x, x, n), falling = gaussian_of(x, y, n);
        assert_true(rising > 12);
        assert_true(falling > 12);
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] * 3 + 1;
        assert_true(gaussian_of(x, y, n) > 12);
    }
}

static void too_few_samples_are_refused(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3}, y[] = {3, 1, 2};
    struct icl_column cx = column_of(x, 3), cy = column_of(y, 3);
    struct icl_mi_result result;
    struct icl_error err;
    assert_int_equal(
        icl_mi_pair(&cx, &cy, &(struct icl_mi_options){.estimator = ICL_MI_GAUSSIAN}, scratch(), &result, &err),
        ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "at least 4"));
    icl_column_free(&cx);
    icl_column_free(&cy);
}

/* Unbiased for Gaussian pairs even when few; a monotone image has the same truth; blind to a symmetric dependence. */
static void known_truths(void **state)
{
    (void)state;
    static double x[MOST], y[MOST];
    static const double rhos[] = {0, 0.75, -0.9};
    const unsigned seeds = 20;
    print_message("# seeds 1..%u\n", seeds);
    for (size_t r = 0; r < COUNT_OF(rhos); r++) {
        const struct pair_law law = {rhos[r], false, ICL_GATE_INDEPENDENT, 1};
        struct summary found = {0};
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            draw_pair(&law, seed, MOST, x, y);
            for (size_t i = 0; i < MOST; i++)
                x[i] *= sqrt(fabs(x[i]));
            summary_add(&found, gaussian_of(x, y, MOST));
        }
        assert_near(found.mean, true_mi(&law), 0.003 + 4 * summary_error(&found));
    }
    struct summary small = {0}, blind = {0};
    for (uint64_t seed = 1; seed <= 400; seed++) {
        draw_pair(&(struct pair_law){0, false, ICL_GATE_INDEPENDENT, 1}, seed, 20, x, y);
        summary_add(&small, gaussian_of(x, y, 20));
    }
    assert_near(small.mean, 0, 0.001 + 4 * summary_error(&small));
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        draw_normal(seed, 0, MOST, x);
        for (size_t i = 0; i < MOST; i++)
            y[i] = fabs(x[i]);
        summary_add(&blind, gaussian_of(x, y, MOST));
    }
    assert_near(blind.mean, 0, 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),   cmocka_unit_test(agrees_with_the_plain_way),
        cmocka_unit_test(monotone_maps_change_nothing), cmocka_unit_test(perfect_dependence_is_no_nan),
        cmocka_unit_test(too_few_samples_are_refused),  cmocka_unit_test(known_truths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
