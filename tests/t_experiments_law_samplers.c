/* Samplers against their laws: moments, distributions, cells, information, and purity in (seed, step). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "experiments/laws.h"
#include "tests/near.h"

enum { N = 200000 };
static const uint64_t seed = 1905059280;

static double *x, *y; /* N values each */

static int allocate(void **state)
{
    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    x = malloc(N * sizeof *x);
    y = malloc(N * sizeof *y);
    return x == NULL || y == NULL;
}

static int release(void **state)
{
    (void)state;
    free(x);
    free(y);
    return 0;
}

static const struct icl_law *draw(const char *name, uint32_t step)
{
    const struct icl_law *law = icl_law_by_name(name);
    assert_non_null(law);
    memset(x, 0xff, N * sizeof *x); /* NaN: nothing may be left undrawn */
    memset(y, 0xff, N * sizeof *y);
    law->sample(law, seed, step, N, x, y);
    return law;
}

/* The mean of value[i] is within 5 of its standard errors of `expected`. */
static void assert_mean(const double *value, double expected, const char *what)
{
    double mean = 0, var = 0;
    for (size_t i = 0; i < N; i++)
        mean += value[i] / N;
    for (size_t i = 0; i < N; i++)
        var += (value[i] - mean) * (value[i] - mean) / N;
    const double error = sqrt(var / N);
    if (!is_near(mean, expected, 5 * error + 1e-12)) {
        print_error("%s is %.9g +- %.2g, expected %.9g\n", what, mean, error, expected);
        fail();
    }
}

static void moments(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double mean, var;
    } cases[] = {{"gauss", 0, 1},      {"student", 0, 5.0 / 3}, {"bimodal", 0, 3.25},
                 {"discrete", 0, 2.2}, {"binary", 0.5, 0.25},   {"relu", 1 / sqrt(2 * M_PI), 0.5 - 0.5 / M_PI},
                 {"relubn", 0, 1}};
    double *value = malloc(N * sizeof *value);
    assert_non_null(value);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const struct icl_law *law = draw(cases[c].name, 0);
        const double mean = cases[c].mean, var = cases[c].var, rho = law->corr;
        assert_near(law->mean_over_sd, mean / sqrt(var), 1e-14);
        assert_mean(x, mean, "mean of x");
        assert_mean(y, mean, "mean of y");
        for (size_t i = 0; i < N; i++)
            value[i] = (x[i] - mean) * (x[i] - mean);
        assert_mean(value, var, "variance of x");
        for (size_t i = 0; i < N; i++)
            value[i] = (y[i] - mean) * (y[i] - mean);
        assert_mean(value, var, "variance of y");
        /* the influence function of the correlation at the law */
        for (size_t i = 0; i < N; i++) {
            const double a = (x[i] - mean) / sqrt(var), b = (y[i] - mean) / sqrt(var);
            value[i] = a * b - rho / 2 * (a * a + b * b);
        }
        assert_mean(value, 0, "correlation - its law");
    }
    free(value);
}

static int compare(const void *a, const void *b)
{
    const double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static double student_cdf(double t)
{
    return gsl_cdf_tdist_P(t, 5);
}

static double bimodal_cdf(double t)
{
    return 0.5 * (gsl_cdf_ugaussian_P(t - 1.5) + gsl_cdf_ugaussian_P(t + 1.5));
}

static double relu_cdf(double t)
{
    return t < 0 ? 0 : gsl_cdf_ugaussian_P(t);
}

static double relubn_cdf(double t)
{
    return relu_cdf(nearbyint((t * sqrt(0.5 - 0.5 / M_PI) + 1 / sqrt(2 * M_PI)) * 1e14) / 1e14);
}

/* Kolmogorov: sqrt(N) D exceeds 2.7 with probability 1e-6. At ties only the whole step counts. */
static void assert_distribution(double *value, double (*cdf)(double))
{
    qsort(value, N, sizeof *value, compare);
    double distance = 0;
    for (size_t i = 0, next; i < N; i = next) {
        for (next = i + 1; next < N && value[next] == value[i]; next++) {
        }
        const double p = cdf(value[i]), above = fabs((double)next / N - p);
        const double below = next == i + 1 ? fabs((double)i / N - p) : 0;
        distance = fmax(distance, fmax(above, below));
    }
    assert_true(distance < 2.7 / sqrt(N));
}

static void distributions(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double (*cdf)(double);
    } cases[] = {{"gauss", gsl_cdf_ugaussian_P},
                 {"student", student_cdf},
                 {"bimodal", bimodal_cdf},
                 {"relu", relu_cdf},
                 {"relubn", relubn_cdf}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        draw(cases[c].name, 1);
        assert_distribution(x, cases[c].cdf);
        assert_distribution(y, cases[c].cdf);
    }
}

static void cells(void **state)
{
    (void)state;
    /* place of (x,y): 5 (x + 2) + y + 2 */
    const double discrete[25] = {.10, .06, 0,   .03, .01, .06, .14, 0,   .07, .03, 0,   0,  0,
                                 0,   0,   .03, .07, 0,   .14, .06, .01, .03, 0,   .06, .10};
    const double binary[25] = {[12] = .35, [13] = .15, [17] = .15, [18] = .35};
    const struct {
        const char *name;
        const double *p;
        double freedom;
    } cases[] = {{"discrete", discrete, 15}, {"binary", binary, 3}};
    for (size_t c = 0; c < 2; c++) {
        draw(cases[c].name, 2);
        double counts[25] = {0}, chi2 = 0;
        for (size_t i = 0; i < N; i++) {
            assert_true(fabs(x[i]) <= 2 && fabs(y[i]) <= 2 && x[i] == floor(x[i]) && y[i] == floor(y[i]));
            counts[(int)(x[i] + 2) * 5 + (int)(y[i] + 2)]++;
        }
        for (int i = 0; i < 25; i++) {
            const double expected = N * cases[c].p[i];
            if (expected == 0)
                assert_near(counts[i], 0, 0);
            else
                chi2 += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        assert_true(gsl_cdf_chisq_Q(chi2, cases[c].freedom) > 1e-5);
        assert_true(gsl_cdf_chisq_P(chi2, cases[c].freedom) > 1e-5);
    }
}

/* ------------------------- ln(p(x,y) / (p(x) p(y))), whose mean is the mutual information */

static double normal_ratio(double u, double v, double rho)
{
    const double s2 = 1 - rho * rho;
    return -0.5 * log(s2) + (2 * rho * u * v - rho * rho * (u * u + v * v)) / (2 * s2);
}

static double gauss_ratio(double u, double v)
{
    return normal_ratio(u, v, 0.75);
}

static double student_ratio(double u, double v)
{
    const double form = (u * u - 1.2 * u * v + v * v) / 0.64;
    const double joint = -3.5 * log1p(form / 5) - log(2 * M_PI * 0.8);
    const double scale = log(8 / (3 * sqrt(5) * M_PI)); /* Gamma(3) / (Gamma(5/2) sqrt(5 pi)) */
    return joint - 2 * scale + 3 * (log1p(u * u / 5) + log1p(v * v / 5));
}

static double bimodal_ratio(double u, double v)
{
    return log(cosh(1.5 * (u + v)) / (cosh(1.5 * u) * cosh(1.5 * v)));
}

static double relu_ratio(double u, double v)
{
    if (u > 0 && v > 0) return normal_ratio(u, v, 0.75);
    if (u == 0 && v == 0) return log(0.25 + asin(0.75) / (2 * M_PI)) - 2 * log(0.5);
    return log(2 * gsl_cdf_ugaussian_Q(0.75 / sqrt(0.4375) * (u + v))); /* the positive one of the two */
}

static void information(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double (*ratio)(double, double);
    } cases[] = {{"gauss", gauss_ratio}, {"student", student_ratio}, {"bimodal", bimodal_ratio}, {"relu", relu_ratio}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const struct icl_law *law = draw(cases[c].name, 3);
        double mi = NAN;
        assert_int_equal(law->mi(law, &mi, NULL), ICL_OK);
        for (size_t i = 0; i < N; i++)
            x[i] = cases[c].ratio(x[i], y[i]);
        assert_mean(x, mi, cases[c].name);
    }
}

/* The ratio of gated relu; P(v <= 0 or shut | u = x, open) = 1 - given P(v > 0 | u = x). */
static double gated_relu_ratio(double u, double v, double keep, double given)
{
    const double p0 = 1 - keep / 2, quadrant = 0.25 + asin(0.75) / (2 * M_PI);
    if (u > 0 && v > 0) return normal_ratio(u, v, 0.75) + log(given / keep);
    if (u == 0 && v == 0) return log((1 - keep + keep * given * quadrant) / (p0 * p0));
    return log((1 - given * gsl_cdf_ugaussian_P(0.75 / sqrt(0.4375) * (u + v))) / p0);
}

static void information_after_gates(void **state)
{
    (void)state;
    const double keep = 0.8;
    double *gates = malloc(2 * N * sizeof *gates);
    assert_non_null(gates);
    const struct icl_stream stream = {.seed = seed, .purpose = ICL_PURPOSE_MASK};
    icl_random_uniform(&stream, 0, 2 * N, gates);
    for (int shared = 0; shared < 2; shared++) {
        const struct icl_law *law = draw("relu", 4);
        double mi = NAN;
        assert_int_equal(law->mi_after(law, shared ? ICL_GATE_SHARED : ICL_GATE_INDEPENDENT, keep, &mi, NULL), ICL_OK);
        for (size_t i = 0; i < N; i++) {
            const double u = gates[2 * i] < keep ? x[i] : 0, v = gates[2 * i + (shared ? 0 : 1)] < keep ? y[i] : 0;
            x[i] = gated_relu_ratio(u, v, keep, shared ? 1 : keep);
        }
        assert_mean(x, mi, "gated relu");
    }
    free(gates);
}

/* ------------------------------------------------------------------- purity */

static void functions_of_seed_and_step(void **state)
{
    (void)state;
    enum { FEW = 3001, FEWER = 1030 };
    static double a[2][FEW], b[2][FEW];
    for (size_t i = 0; icl_law_at(i) != NULL; i++) {
        const struct icl_law *law = icl_law_at(i);
        law->sample(law, seed, 5, FEW, a[0], a[1]);
        memset(b, 0xff, sizeof b);
        law->sample(law, seed, 5, FEW, b[0], b[1]);
        assert_memory_equal(a, b, sizeof a);
        law->sample(law, seed, 5, FEWER, b[0], b[1]); /* the first samples do not depend on n */
        assert_memory_equal(a, b, sizeof a);
        law->sample(law, seed, 6, FEW, b[0], b[1]);
        assert_memory_not_equal(a[0], b[0], sizeof a[0]);
        law->sample(law, seed + 1, 5, FEW, b[0], b[1]);
        assert_memory_not_equal(a[0], b[0], sizeof a[0]);
        law->sample(law, seed, 5, 0, NULL, NULL);
    }
}

static double correlation(const double *a, const double *b)
{
    double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    for (size_t i = 0; i < N; i++) {
        ma += a[i] / N;
        mb += b[i] / N;
    }
    for (size_t i = 0; i < N; i++) {
        aa += (a[i] - ma) * (a[i] - ma);
        bb += (b[i] - mb) * (b[i] - mb);
        ab += (a[i] - ma) * (b[i] - mb);
    }
    return ab / sqrt(aa * bb);
}

/* Blocks, seeds, laws and neighbouring samples are uncorrelated (two finite laws use one uniform a sample: other laws
 * are compared with `gauss`). */
static void blocks_are_independent(void **state)
{
    (void)state;
    double *u = malloc(2 * N * sizeof *u), *v = u + N;
    assert_non_null(u);
    for (size_t i = 0; icl_law_at(i) != NULL; i++) {
        const struct icl_law *law = draw(icl_law_at(i)->name, 7), *gauss = icl_law_by_name("gauss");
        law->sample(law, seed, 8, N, u, v);
        assert_near(correlation(x, u), 0, 5 / sqrt(N));
        assert_near(correlation(x, v), 0, 5 / sqrt(N));
        law->sample(law, seed + 1, 7, N, u, v);
        assert_near(correlation(x, u), 0, 5 / sqrt(N));
        memcpy(u, x + 1, (N - 1) * sizeof *u);
        u[N - 1] = x[0];
        assert_near(correlation(x, u), 0, 5 / sqrt(N));
        if (law == gauss) continue;
        gauss->sample(gauss, seed, 7, N, u, v);
        assert_near(correlation(x, u), 0, 5 / sqrt(N));
        assert_near(correlation(y, v), 0, 5 / sqrt(N));
    }
    free(u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments),
        cmocka_unit_test(distributions),
        cmocka_unit_test(cells),
        cmocka_unit_test(information),
        cmocka_unit_test(information_after_gates),
        cmocka_unit_test(functions_of_seed_and_step),
        cmocka_unit_test(blocks_are_independent),
    };
    return cmocka_run_group_tests(tests, allocate, release);
}
