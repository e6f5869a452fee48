/* Nulls with a formula: p-values of scipy, chi2 and t recomputed from estimates, calibration, odd columns, errors. */
#include "tests/estimators_support.h"

#include <gsl/gsl_cdf.h>

#include "estimators/mi_analytic_null.h"

static const struct icl_mi_options plugin = {.estimator = ICL_MI_PLUGIN}, gaussian = {.estimator = ICL_MI_GAUSSIAN};

/* ---- G test --------------------------------------------------------------------------------------------------- */

/* scipy 1.17.1: g, _, df, _ = stats.chi2_contingency(t, correction=False, lambda_="log-likelihood") without empty rows
 * and columns; q = 1 + (N*(1/t.sum(1)).sum()-1) * (N*(1/t.sum(0)).sum()-1) / (6*N*df); p = stats.chi2.sf(g/q, df) */
static void g_test_of_scipy(void **state)
{
    (void)state;
    static const struct {
        size_t rows, cols;
        uint64_t count[16];
        double g, df, williams, p;
    } known[] = {
        {2, 3, {12, 5, 9, 3, 14, 7}, 10.39187251524736, 2, 1.0405359920902684, 0.006781757376714441},
        {3, 4, {30, 2, 0, 11, 4, 21, 9, 1, 8, 8, 17, 3}, 79.53985183973718, 6, 1.034189402191022, 1.5509219415877e-14},
        {2, 2, {1, 0, 0, 9}, 6.501659467828966, 1, 2.703909465020576, 0.12098365401830782},
        {2, 3, {50, 40, 0, 45, 52, 0}, 1.5708723171119612, 1, 1.0080391564283646, 0.21190777591083532},
        {4,
         4,
         {3, 1, 0, 2, 0, 2, 1, 1, 4, 0, 3, 2, 1, 2, 2, 0},
         15.486403238491956,
         9,
         1.1982098765432099,
         0.1660470557943836},
    };
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        struct icl_g_test test;
        assert_int_equal(icl_g_test(known[i].count, known[i].rows, known[i].cols, scratch(), &test, NULL), ICL_OK);
        assert_near(test.g, known[i].g, 1e-12 * known[i].g);
        assert_near(test.df, known[i].df, 0);
        assert_near(test.williams, known[i].williams, 1e-13);
        assert_near(test.p, known[i].p, 1e-10 * known[i].p);
    }
    /* nothing to test */
    struct icl_g_test test;
    assert_int_equal(icl_g_test((const uint64_t[]){4, 0, 9}, 1, 3, scratch(), &test, NULL), ICL_OK);
    assert_near(test.p, 1, 0);
    assert_int_equal(icl_g_test((const uint64_t[]){0, 0, 0, 0}, 2, 2, scratch(), &test, NULL), ICL_OK);
    assert_near(test.p, 1, 0);
    assert_near(test.df, 0, 0);
}

static double p_of(const double *x, const double *y, size_t n, const struct icl_mi_options *options)
{
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    const double mi = result_of(x, y, n, options).mi;
    double p = 7;
    assert_int_equal(icl_mi_analytic_p(&cx, &cy, options, mi, scratch(), &p, NULL), ICL_OK);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return p;
}

/* From the estimate back: 2 N times (the plug-in with its correction taken off). Expected counts are high enough for
 * the correction of Williams to stay small; it is applied to the bins' own counts. */
static void p_of_the_plugin_from_its_estimate(void **state)
{
    (void)state;
    enum { N = 900, BINS = 4 };
    double x[N], y[N];
    uint32_t bx[N], by[N];
    const struct icl_mi_options options = {.estimator = ICL_MI_PLUGIN, .bins = BINS};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        draw_pair(&(struct pair_law){.08, seed % 3 == 0, ICL_GATE_INDEPENDENT, seed % 2 == 0 ? .6 : 1}, seed, N, x, y);
        struct icl_column cx = column_of(x, N), cy = column_of(y, N);
        size_t rows, cols, cells = 0;
        assert_int_equal(icl_quantile_bins(&cx, BINS, bx, &rows), ICL_OK);
        assert_int_equal(icl_quantile_bins(&cy, BINS, by, &cols), ICL_OK);
        double joint[BINS + 2][BINS + 2] = {{0}}, row[BINS + 2] = {0}, col[BINS + 2] = {0}, over_x = 0, over_y = 0;
        for (size_t i = 0; i < N; i++) {
            cells += joint[bx[i]][by[i]] == 0;
            joint[bx[i]][by[i]] += 1;
            row[bx[i]] += 1;
            col[by[i]] += 1;
        }
        for (size_t i = 0; i < rows; i++)
            over_x += N / row[i];
        for (size_t j = 0; j < cols; j++)
            over_y += N / col[j];
        const double correction = ((double)cells - (double)rows - (double)cols + 1) / (2.0 * N);
        const double g = 2.0 * N * (result_of(x, y, N, &options).mi + correction);
        const double df = (double)(rows - 1) * (double)(cols - 1);
        const double q = 1 + (over_x - 1) * (over_y - 1) / (6.0 * N * df);
        assert_near(p_of(x, y, N, &options), gsl_cdf_chisq_Q(g / q, df), 1e-11);
        icl_column_free(&cx);
        icl_column_free(&cy);
    }
}

/* ---- Gaussian copula ------------------------------------------------------------------------------------------ */

/* scipy 1.17.1: s = [stats.norm.ppf(stats.rankdata(v) / (len(v) + 1)) for v in (x, y)]; stats.pearsonr(*s).pvalue */
static void p_of_scores_of_scipy(void **state)
{
    (void)state;
    static const struct {
        const char *x, *y;
        double p;
    } known[] = {
        {"g1", "t1", 0.3330786980980333},      {"e1", "c2", 0.6927654149398847},  {"g2", "i1", 0.03994845549885778},
        {"g1", "g2", 1.3269291174857482e-127}, {"t2", "z1", 0.15878456369246446}, {"z2", "m1", 3.557918593511841e-54},
        {"m2", "e1", 8.552760955373216e-116},  {"r1", "c2", 0.7481747965371873},
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        assert_near(p_of(stored_sample(known[i].x), stored_sample(known[i].y), SAMPLES, &gaussian), known[i].p,
                    1e-8 * known[i].p);
    /* r = 0 leaves minus the bias, and rounding may leave less */
    const double x[] = {1, 2, 3, 4, 5, 6}, y[] = {1, -1, 0, 0, -1, 1};
    assert_near(p_of(x, y, 6, &gaussian), 1, 1e-7);
    assert_near(icl_gaussian_null_p(-1, 6), 1, 0);
    assert_near(icl_gaussian_null_p(INFINITY, 6), 0, 0);
    assert_near(icl_gaussian_null_p(NAN, 6), NAN, 0);
}

/* ---- calibration ---------------------------------------------------------------------------------------------- */

/* Independent pairs with random shares of zeros: p uniform to within its error. A G or a t off by 10 % moves the share
 * of p <= .05 by .019 and more, five errors. */
static void p_is_uniform_under_independence(void **state)
{
    (void)state;
    enum { N = 400, PAIRS = 3500 };
    double x[N], y[N], share[2], gate[N];
    struct summary mean[2] = {{0}}, rejected[2] = {{0}};
    for (uint64_t seed = 1; seed <= PAIRS; seed++) {
        double *const side[] = {x, y};
        draw_uniform(seed, 1, 2, share);
        for (uint32_t s = 0; s < 2; s++) {
            draw_normal(seed, 2 + s, N, side[s]);
            draw_uniform(seed, 4 + s, N, gate);
            for (size_t i = 0; i < N; i++)
                if (gate[i] < .6 * share[s]) side[s][i] = 0;
        }
        for (int way = 0; way < 2; way++) {
            const double p = p_of(x, y, N, way == 0 ? &plugin : &gaussian);
            summary_add(&mean[way], p);
            summary_add(&rejected[way], p <= .05);
        }
    }
    for (int way = 0; way < 2; way++) {
        print_message("# %s: mean p %.4f, p <= .05: %.4f\n", way == 0 ? "plugin" : "gaussian", mean[way].mean,
                      rejected[way].mean);
        assert_near(mean[way].mean, .5, .02);
        assert_near(rejected[way].mean, .05, .0125); /* 3.4 errors */
    }
}

/* ---- odd columns, errors -------------------------------------------------------------------------------------- */

static void odd_columns_and_errors(void **state)
{
    (void)state;
    enum { N = 50 };
    double x[N], y[N], p;
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 1}, 3, N, x, y);
    for (int kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < N; i++)
            x[i] = kind == 0 ? 4 : i == 20 ? NAN : (double)i;
        for (int way = 0; way < 2; way++) {
            assert_near(p_of(x, y, N, way == 0 ? &plugin : &gaussian), kind == 0 ? 1 : NAN, 0);
            assert_near(p_of(y, x, N, way == 0 ? &plugin : &gaussian), kind == 0 ? 1 : NAN, 0);
        }
    }
    struct icl_column cy = column_of(y, N), shorter = column_of(y, N - 1);
    struct icl_error err;
    assert_int_equal(icl_mi_analytic_p(&cy, &shorter, &plugin, 0, scratch(), &p, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "50 and 49 rows"));
    for (int e = 0; e <= ICL_MI_COUNT; e++) {
        const struct icl_mi_options options = {.estimator = (enum icl_mi_estimator)e};
        const bool there = e == ICL_MI_PLUGIN || e == ICL_MI_GAUSSIAN;
        assert_int_equal(icl_mi_has_analytic_null(options.estimator), there);
        assert_int_equal(icl_mi_analytic_p(&cy, &cy, &options, 0, scratch(), &p, &err), there ? ICL_OK : ICL_ERR_USAGE);
    }
    icl_column_free(&cy);
    icl_column_free(&shorter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g_test_of_scipy),        cmocka_unit_test(p_of_the_plugin_from_its_estimate),
        cmocka_unit_test(p_of_scores_of_scipy),   cmocka_unit_test(p_is_uniform_under_independence),
        cmocka_unit_test(odd_columns_and_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
