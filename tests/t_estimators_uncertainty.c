/* Error bars and tests of estimates: recomputed from their definitions, and against what they promise. */
#include "tests/estimators_support.h"

#include <stdlib.h>

#include "estimators/mi_error.h"

static struct icl_stream subsample_stream(uint64_t seed)
{
    return (struct icl_stream){seed, ICL_PURPOSE_SUBSAMPLE, 3, 99};
}

static double standard_error_of(const double *x, const double *y, size_t n, const struct icl_mi_options *options,
                                uint64_t seed)
{
    const struct icl_stream stream = subsample_stream(seed);
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    double se;
    assert_int_equal(icl_mi_standard_error(&cx, &cy, options, &stream, scratch(), &se, NULL), ICL_OK);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return se;
}

/* ---- standard error ------------------------------------------------------------------------------------------- */

/* Holmes and Nemenman's formula over splits made by hand: part p holds the samples perm[i] with i s / n = p. */
static double plain_standard_error(const double *x, const double *y, size_t n, const struct icl_mi_options *options,
                                   unsigned most_parts, uint64_t seed)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    uint32_t *permutation = take_words(n);
    double *px = take_doubles(n), *py = take_doubles(n);
    long double sum = 0, weight = 0;
    for (unsigned s = 2; s <= most_parts; s++) {
        struct icl_stream stream = subsample_stream(seed);
        stream.step = s;
        icl_random_permutation(&stream, n, permutation);
        double value[10];
        long double mean = 0, variance = 0;
        for (unsigned p = 0; p < s; p++) {
            size_t m = 0;
            for (size_t i = 0; i < n; i++) {
                if (i * s / n != p) continue;
                px[m] = x[permutation[i]];
                py[m++] = y[permutation[i]];
            }
            value[p] = result_of(px, py, m, options).mi;
            mean += (long double)value[p] / s;
        }
        for (unsigned p = 0; p < s; p++)
            variance += (value[p] - mean) * (value[p] - mean) / (s - 1);
        sum += (long double)(s - 1) / s * variance;
        weight += s - 1;
    }
    icl_workspace_release(scratch(), mark);
    return (double)sqrtl(sum / weight);
}

/* The Gaussian copula sees ranks only, so that a subset and a fresh column are the same to it. */
static void standard_error_by_its_formula(void **state)
{
    (void)state;
    enum { N = 503 };
    double x[N], y[N];
    const struct icl_mi_options options = {.estimator = ICL_MI_GAUSSIAN};
    for (uint64_t seed = 1; seed <= 4; seed++) {
        draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 0.8}, seed, N, x, y);
        assert_near(standard_error_of(x, y, N, &options, seed), plain_standard_error(x, y, N, &options, 10, seed),
                    1e-13);
    }
    /* 100 samples, k = 5: parts of at least 24 samples, so two to four of them */
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 1}, 8, N, x, y);
    assert_near(standard_error_of(x, y, 100, &options, 8), plain_standard_error(x, y, 100, &options, 4, 8), 1e-13);
    assert_near(standard_error_of(x, y, 48, &options, 8), plain_standard_error(x, y, 48, &options, 2, 8), 1e-13);
    assert_true(isnan(standard_error_of(x, y, 47, &options, 8)));
    const struct icl_mi_options many = {.estimator = ICL_MI_KSG1, .k = 11};
    assert_true(isnan(standard_error_of(x, y, 95, &many, 8)));
    assert_true(isfinite(standard_error_of(x, y, 96, &many, 8)));
}

/* The true sd of the estimate over seeds, against the mean of the error bars. */
static void check_ratio(const char *name, const struct pair_law *law, size_t n, const struct icl_mi_options *options)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *x = take_doubles(n), *y = take_doubles(n);
    struct summary estimates = {0}, errors = {0};
    const unsigned seeds = 60;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        draw_pair(law, seed, n, x, y);
        summary_add(&estimates, result_of(x, y, n, options).mi);
        summary_add(&errors, standard_error_of(x, y, n, options, seed));
    }
    const double ratio = errors.mean / summary_sd(&estimates);
    print_message("# %s, seeds 1..%u: error bar / true sd = %.3f\n", name, seeds, ratio);
    assert_true(ratio > 0.6 && ratio < 1.6);
    icl_workspace_release(scratch(), mark);
}

static void standard_error_is_near_the_true_sd(void **state)
{
    (void)state;
    check_ratio("ksg1", &(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 1}, 1500,
                &(struct icl_mi_options){.estimator = ICL_MI_KSG1, .k = 5});
    check_ratio("auto, independent gates", &(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 0.6}, 1500,
                &(struct icl_mi_options){.estimator = ICL_MI_AUTO});
    check_ratio("auto, shared gate", &(struct pair_law){0.75, false, ICL_GATE_SHARED, 0.6}, 1500,
                &(struct icl_mi_options){.estimator = ICL_MI_AUTO});
    check_ratio("plug-in", &(struct pair_law){0.85, true, ICL_GATE_INDEPENDENT, 0.8}, 1500,
                &(struct icl_mi_options){.estimator = ICL_MI_PLUGIN, .bins = 5});
}

static void odd_columns_have_plain_errors(void **state)
{
    (void)state;
    enum { N = 100 };
    double x[N], y[N];
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 1}, 3, N, x, y);
    const struct icl_mi_options options = {.estimator = ICL_MI_AUTO};
    for (int kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < N; i++)
            x[i] = kind == 0 ? 4 : i == 50 ? INFINITY : (double)i;
        const double se = standard_error_of(x, y, N, &options, 1);
        assert_true(kind == 0 ? se == 0 : isnan(se));
    }
}

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
        cmocka_unit_test(standard_error_by_its_formula),
        cmocka_unit_test(standard_error_is_near_the_true_sd),
        cmocka_unit_test(odd_columns_have_plain_errors),
        cmocka_unit_test(jackknife_of_a_mean_is_the_textbook_error),
        cmocka_unit_test(jackknife_of_a_ratio_by_its_formula),
        cmocka_unit_test(quantiles_of_student),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
