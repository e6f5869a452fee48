/* Correlated normals and their total correlation, each number two ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "experiments/multinormal.h"
#include "tests/near.h"

static const uint64_t seed = 20190515;

/* Positive definite, no structure. */
static const double R4[16] = {1,     0.62,  -0.31, 0.17, 0.62, 1,     0.093, -0.24, //
                              -0.31, 0.093, 1,     0.41, 0.17, -0.24, 0.41,  1};

/* The determinant by expansion along the first row: slow, and independent of Cholesky. */
static double determinant(size_t d, const double *A)
{
    if (d == 0) return 1;
    double sum = 0, sign = 1, minor[64];
    assert_true((d - 1) * (d - 1) <= 64);
    for (size_t skip = 0; skip < d; skip++, sign = -sign) {
        size_t filled = 0;
        for (size_t i = 1; i < d; i++)
            for (size_t j = 0; j < d; j++)
                if (j != skip) minor[filled++] = A[i * d + j];
        sum += sign * A[skip] * determinant(d - 1, minor);
    }
    return sum;
}

static double tc_of(size_t d, const double *R)
{
    double tc = NAN;
    assert_int_equal(icl_total_correlation_normal(d, R, &tc, NULL), ICL_OK);
    return tc;
}

static double tc_after(size_t d, const double *R, double keep)
{
    double tc = NAN;
    assert_int_equal(icl_total_correlation_after_gates(d, R, keep, &tc, NULL), ICL_OK);
    return tc;
}

static void equicorrelated(size_t d, double rho, double *R)
{
    for (size_t i = 0; i < d * d; i++)
        R[i] = i % (d + 1) == 0 ? 1 : rho;
}

/* det of the equicorrelated matrix: (1-rho)^(d-1) (1 + (d-1) rho). */
static double equicorrelated_tc(size_t d, double rho)
{
    return d == 0 ? 0 : -0.5 * (((double)d - 1) * log(1 - rho) + log(1 + ((double)d - 1) * rho));
}

static void total_correlation_two_ways(void **state)
{
    (void)state;
    assert_near(tc_of(0, R4), 0, 0);
    assert_near(tc_of(1, R4), 0, 0);
    const double R2[4] = {1, -0.75, -0.75, 1};
    assert_near(tc_of(2, R2), 0.413339286592, 1e-12);
    assert_near(tc_of(4, R4), -0.5 * log(determinant(4, R4)), 1e-14);
    for (size_t d = 2; d <= 40; d += 19) {
        double R[1600];
        equicorrelated(d, 0.37, R);
        assert_near(tc_of(d, R), equicorrelated_tc(d, 0.37), 1e-12);
    }
}

static void after_gates_two_ways(void **state)
{
    (void)state;
    const double keeps[] = {0, 0.2, 0.5, 0.83, 0.95, 1};
    for (size_t k = 0; k < sizeof keeps / sizeof *keeps; k++) {
        const double q = keeps[k];
        const double R2[4] = {1, 0.6, 0.6, 1};
        assert_near(tc_after(0, R2, q), 0, 0);
        assert_near(tc_after(1, R2, q), 0, 0);
        assert_near(tc_after(2, R2, q), q * q * tc_of(2, R2), 1e-15);

        /* d = 4 written out: pairs, triples, all. */
        double expected = pow(q, 4) * -0.5 * log(determinant(4, R4));
        for (size_t i = 0; i < 4; i++) {
            double without[9];
            size_t filled = 0;
            for (size_t a = 0; a < 4; a++)
                for (size_t b = 0; b < 4; b++)
                    if (a != i && b != i) without[filled++] = R4[a * 4 + b];
            expected += pow(q, 3) * (1 - q) * -0.5 * log(determinant(3, without));
            for (size_t j = 0; j < i; j++)
                expected += q * q * (1 - q) * (1 - q) * -0.5 * log(1 - R4[i * 4 + j] * R4[i * 4 + j]);
        }
        assert_near(tc_after(4, R4, q), expected, 1e-14);

        /* Equicorrelated: a binomial mean. */
        enum { D = 11 };
        double R[D * D], mean = 0, choose = 1;
        equicorrelated(D, 0.37, R);
        for (size_t s = 0; s <= D; s++) {
            mean += choose * pow(q, (double)s) * pow(1 - q, (double)(D - s)) * equicorrelated_tc(s, 0.37);
            choose = choose * (double)(D - s) / (double)(s + 1);
        }
        assert_near(tc_after(D, R, q), mean, 1e-12);
    }
}

static void sampler_moments(void **state)
{
    (void)state;
    enum { N = 200000, D = 4 };
    print_message("seed %llu\n", (unsigned long long)seed);
    double *x = malloc(sizeof(double) * N * D);
    assert_non_null(x);
    assert_int_equal(icl_law_multinormal(D, R4, seed, 3, N, x, NULL), ICL_OK);
    for (size_t i = 0; i < D; i++) {
        double mean = 0;
        for (size_t k = 0; k < N; k++)
            mean += x[i * N + k];
        assert_near(mean / N, 0, 5 / sqrt(N));
        for (size_t j = 0; j <= i; j++) {
            double product = 0;
            for (size_t k = 0; k < N; k++)
                product += x[i * N + k] * x[j * N + k];
            const double r = R4[i * D + j]; /* Var(x_i x_j) = 1 + r^2 */
            assert_near(product / N, r, 5 * sqrt((1 + r * r) / N));
        }
    }
    free(x);
}

static void sampler_is_a_function_of_its_arguments(void **state)
{
    (void)state;
    enum { N = 1000, D = 4 };
    double a[N * D], b[N * D], few[7 * D];
    assert_int_equal(icl_law_multinormal(D, R4, seed, 3, N, a, NULL), ICL_OK);
    memset(b, 0xff, sizeof b);
    assert_int_equal(icl_law_multinormal(D, R4, seed, 3, N, b, NULL), ICL_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(icl_law_multinormal(D, R4, seed, 3, 7, few, NULL), ICL_OK);
    for (size_t j = 0; j < D; j++)
        assert_memory_equal(few + j * 7, a + j * N, 7 * sizeof(double));
    assert_int_equal(icl_law_multinormal(D, R4, seed, 4, N, b, NULL), ICL_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(icl_law_multinormal(D, R4, seed + 1, 3, N, b, NULL), ICL_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(icl_law_multinormal(0, R4, seed, 3, N, b, NULL), ICL_OK);
    assert_int_equal(icl_law_multinormal(D, R4, seed, 3, 0, b, NULL), ICL_OK);
}

static void bad_matrices_are_refused(void **state)
{
    (void)state;
    const struct {
        size_t at;
        double value;
        const char *message;
    } cases[] = {
        {0, 1.5, "diagonal 0"}, {10, 0, "diagonal 2"},       {1, 0.3, "not symmetric"},
        {8, NAN, "not finite"}, {2, INFINITY, "not finite"}, {5, NAN, "not finite"},
    };
    double x[4], tc = -7;
    struct icl_error err;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double R[16];
        memcpy(R, R4, sizeof R);
        R[cases[c].at] = cases[c].value;
        assert_int_equal(icl_total_correlation_normal(4, R, &tc, &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, cases[c].message));
        assert_int_equal(icl_total_correlation_after_gates(4, R, 0.5, &tc, &err), ICL_ERR_INPUT);
        assert_int_equal(icl_law_multinormal(4, R, seed, 0, 1, x, &err), ICL_ERR_INPUT);
    }
    /* Not a correlation matrix of anything, and a singular one. GSL must not abort. */
    const double impossible[9] = {1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1}, singular[4] = {1, 1, 1, 1};
    assert_int_equal(icl_total_correlation_normal(3, impossible, &tc, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "positive definite"));
    assert_int_equal(icl_total_correlation_after_gates(3, impossible, 0.5, &tc, &err), ICL_ERR_INPUT);
    assert_int_equal(icl_law_multinormal(3, impossible, seed, 0, 1, x, &err), ICL_ERR_INPUT);
    assert_int_equal(icl_total_correlation_normal(2, singular, &tc, &err), ICL_ERR_INPUT);

    const double keeps[] = {-0.01, 1.01, NAN};
    for (size_t k = 0; k < 3; k++)
        assert_int_equal(icl_total_correlation_after_gates(4, R4, keeps[k], &tc, &err), ICL_ERR_USAGE);
    assert_int_equal(icl_total_correlation_after_gates(ICL_TOTAL_CORRELATION_SUBSETS_MAX + 1, R4, 0.5, &tc, &err),
                     ICL_ERR_USAGE);
    assert_int_equal(icl_total_correlation_normal(ICL_MULTINORMAL_MAX + 1, R4, &tc, &err), ICL_ERR_USAGE);
    assert_near(tc, -7, 0); /* untouched by all that */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(total_correlation_two_ways),
        cmocka_unit_test(after_gates_two_ways),
        cmocka_unit_test(sampler_moments),
        cmocka_unit_test(sampler_is_a_function_of_its_arguments),
        cmocka_unit_test(bad_matrices_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
