/* Distance correlation: stored answers, whole distance matrices, exact cases, scale and offset, edges. */
#include "tests/estimators_support.h"

#include <stdlib.h>

#include "estimators/correlation_test.h"
#include "estimators/distance_correlation.h"

static struct icl_distance distance_of(const double *x, const double *y, size_t n)
{
    struct icl_distance result;
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    assert_int_equal(icl_distance_correlation(&cx, &cy, scratch(), &result, NULL), ICL_OK);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return result;
}

/* The centred distances by their definition; `corrected`: U-centred. Returns n x n values from the workspace. */
static double *plain_centred(const double *x, size_t n, bool corrected)
{
    double *a = take_doubles(n * n), *row = take_doubles(n);
    long double all = 0;
    for (size_t i = 0; i < n; i++) {
        long double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += fabsl((long double)x[i] - x[j]);
        row[i] = (double)sum;
        all += sum;
    }
    const double m = (double)n, one = corrected ? m - 2 : m, two = corrected ? (m - 1) * (m - 2) : m * m;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            a[i * n + j] =
                corrected && i == j ? 0 : fabs(x[i] - x[j]) - row[i] / one - row[j] / one + (double)all / two;
    return a;
}

static double plain_covariance(const double *x, const double *y, size_t n, bool corrected)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    const double *a = plain_centred(x, n, corrected), *b = plain_centred(y, n, corrected);
    long double sum = 0;
    for (size_t k = 0; k < n * n; k++)
        sum += (long double)a[k] * b[k];
    icl_workspace_release(scratch(), mark);
    return (double)(sum / (corrected ? (long double)n * (n - 3) : (long double)n * n));
}

static double scale_of(const double *x, const double *y, size_t n)
{
    return sqrt(plain_covariance(x, x, n, false) * plain_covariance(y, y, n, false));
}

static void check_answer(const struct answer *a, size_t member, double tolerance)
{
    const double *x = stored_sample(a->x), *y = stored_sample(a->y);
    const struct icl_distance d = distance_of(x, y, a->k);
    const double got[] = {d.covariance, d.correlation, d.covariance_corrected, d.correlation_corrected};
    const double size = member % 2 == 0 ? scale_of(x, y, a->k) : 1;
    assert_near(got[member] / size, a->value / size, tolerance);
}

static void check_covariance(const struct answer *a)
{
    check_answer(a, 0, 1e-12);
}

/* The root widens what is near 0. */
static void check_correlation(const struct answer *a)
{
    check_answer(a, 1, 1e-11);
}

static void check_covariance_corrected(const struct answer *a)
{
    check_answer(a, 2, 1e-12);
}

static void check_correlation_corrected(const struct answer *a)
{
    check_answer(a, 3, 1e-12);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer_in("tests/vectors/dependence.tsv", "distance-covariance", check_covariance);
    for_each_answer_in("tests/vectors/dependence.tsv", "distance", check_correlation);
    for_each_answer_in("tests/vectors/dependence.tsv", "distance-covariance-corrected", check_covariance_corrected);
    for_each_answer_in("tests/vectors/dependence.tsv", "distance-corrected", check_correlation_corrected);
}

static void agrees_with_whole_matrices(void **state)
{
    (void)state;
    static const size_t sizes[] = {4, 5, 6, 8, 9, 31, 64, 65, 350};
    double x[350], y[350];
    for (uint64_t seed = 1; seed <= 6; seed++)
        for (size_t s = 0; s < COUNT_OF(sizes); s++) {
            const size_t n = sizes[s];
            draw_pair(&(struct pair_law){seed < 3 ? 0 : .6, seed % 2 == 0, ICL_GATE_INDEPENDENT, .8}, 30 + seed, n, x,
                      y);
            for (size_t i = 0; i < n; i++) {
                x[i] = seed == 5 ? rint(3 * x[i]) : seed == 6 ? exp(4 * x[i]) : x[i];
                y[i] = 100 + 40 * (seed == 3 ? x[i] * x[i] + .1 * y[i] : y[i]);
            }
            x[0] = 1.25;
            x[1] = -2;
            y[n - 1] = 3.5;
            y[n - 2] = -7;
            const struct icl_distance d = distance_of(x, y, n);
            const double xx = plain_covariance(x, x, n, false), yy = plain_covariance(y, y, n, false);
            const double ux = plain_covariance(x, x, n, true), uy = plain_covariance(y, y, n, true);
            const double xy = plain_covariance(x, y, n, false), uxy = plain_covariance(x, y, n, true);
            const double size = sqrt(xx * yy);
            assert_near(d.covariance / size, xy / size, 1e-12);
            assert_near(d.correlation * d.correlation, xy / size, 1e-12);
            assert_near(d.covariance_corrected / size, uxy / size, 1e-12);
            /* The tail of exp(4 x) leaves its U-centred variance small beside the distances it is made of. */
            if (ux > 1e-6 * xx) assert_near(d.correlation_corrected, uxy / sqrt(ux * uy), 1e-10);
        }
}

static void scale_and_offset_change_nothing(void **state)
{
    (void)state;
    enum { N = 400 };
    static const struct {
        double scale, offset, tolerance;
    } maps[] = {{1e-9, 0, 1e-13}, {1e7, 0, 1e-13},    {1, 1e7, 1e-8},
                {-4, 1, 1e-13},   {1e-200, 0, 1e-13}, {1e200, 0, 1e-13}};
    double x[N], y[N], u[N];
    draw_pair(&(struct pair_law){0.6, true, ICL_GATE_INDEPENDENT, 0.8}, 9, N, x, y);
    const struct icl_distance d = distance_of(x, y, N);
    for (size_t m = 0; m < COUNT_OF(maps); m++) {
        for (size_t i = 0; i < N; i++)
            u[i] = maps[m].scale * x[i] + maps[m].offset;
        const struct icl_distance moved = distance_of(u, y, N);
        assert_near(moved.correlation, d.correlation, maps[m].tolerance);
        assert_near(moved.correlation_corrected, d.correlation_corrected, maps[m].tolerance);
        const double size = fabs(maps[m].scale);
        assert_near(moved.covariance / size / d.covariance, 1, 10 * maps[m].tolerance);
        assert_near(moved.covariance_corrected / size / d.covariance_corrected, 1, 10 * maps[m].tolerance);
    }
}

/* Two binary columns: distances are 0 and 1, V^2 = 4 (p11 - p1. p.1)^2 and the correlation |phi|. */
static void binary_columns_in_closed_form(void **state)
{
    (void)state;
    static const unsigned cells[][4] = {{3, 2, 1, 4}, {50, 1, 2, 47}, {5, 30, 60, 5}, {997, 1, 1, 1}};
    double x[1000], y[1000];
    for (size_t c = 0; c < COUNT_OF(cells); c++) {
        size_t n = 0;
        double one_x = 0, one_y = 0;
        for (unsigned cell = 0; cell < 4; cell++)
            for (unsigned k = 0; k < cells[c][cell]; k++, n++) {
                one_x += x[n] = cell / 2;
                one_y += y[n] = cell % 2;
            }
        const double m = (double)n, px = one_x / m, py = one_y / m, both = cells[c][3] / m;
        const struct icl_distance d = distance_of(x, y, n);
        assert_near(d.covariance, 4 * pow(both - px * py, 2), 1e-14);
        assert_near(d.correlation, fabs(both - px * py) / sqrt(px * (1 - px) * py * (1 - py)), 1e-12);
    }
}

/* No bias: the mean over independent pairs is 0, while V^2 is above. What V sees is not linear: y = x^2 and a circle.
 */
static void corrected_one_has_no_bias(void **state)
{
    (void)state;
    enum { N = 25, SEEDS = 600 };
    struct summary corrected = {0}, biased = {0};
    double x[N], y[N];
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        draw_pair(&(struct pair_law){0, seed % 2 == 0, ICL_GATE_INDEPENDENT, 1}, 900 + seed, N, x, y);
        const struct icl_distance d = distance_of(x, y, N);
        summary_add(&corrected, d.correlation_corrected);
        summary_add(&biased, d.correlation * d.correlation);
    }
    assert_near(corrected.mean, 0, 4 * summary_error(&corrected));
    assert_true(biased.mean > 10 * summary_error(&biased));
}

static void sees_what_is_not_linear(void **state)
{
    (void)state;
    enum { N = 2000 };
    static double x[N], y[N], turn[N];
    draw_uniform(77, 1, N, turn);
    draw_normal(77, 2, N, x);
    for (size_t i = 0; i < N; i++)
        y[i] = x[i] * x[i];
    assert_true(icl_distance_p(distance_of(x, y, N).correlation_corrected, N) < 1e-10);
    for (size_t i = 0; i < N; i++) {
        x[i] = cos(6.283185307179586 * turn[i]);
        y[i] = sin(6.283185307179586 * turn[i]);
    }
    assert_true(icl_distance_p(distance_of(x, y, N).correlation_corrected, N) < 1e-10);
}

static void edges(void **state)
{
    (void)state;
    enum { N = 1000 };
    double x[N], y[N];
    const double up[] = {1, 2, 5, 9, 9.5}, same[] = {3, 3, 3, 3, 3}, bad[] = {1, NAN, 2, 3, 4};
    for (int which = 0; which < 2; which++) {
        const struct icl_distance none = distance_of(up, which ? bad : same, 5);
        assert_true(isnan(none.covariance) && isnan(none.correlation));
        assert_true(isnan(none.covariance_corrected) && isnan(none.correlation_corrected));
    }
    const struct icl_distance few = distance_of(up, up, 3);
    assert_near(few.correlation, 1, 1e-14);
    assert_true(isnan(few.covariance_corrected) && isnan(few.correlation_corrected));
    assert_near(distance_of(up, up, 2).covariance, .25, 1e-15); /* d = 1: V^2 = (2 m / n^2)^2 d^2, m = 1 */
    assert_near(distance_of(up, up, 5).correlation, 1, 1e-14);
    assert_near(distance_of(up, up, 5).correlation_corrected, 1, 1e-13);
    /* one sample off: all its U-centred distances are 0 */
    draw_normal(5, 1, N, y);
    for (size_t n = 4; n <= N; n = 3 * n + 1) {
        memset(x, 0, sizeof x);
        x[n / 3] = 7.3;
        const struct icl_distance lone = distance_of(x, y, n);
        assert_near(lone.correlation_corrected, 0, 0);
        assert_true(lone.correlation > 0);
        x[n / 2] = 7.3; /* two are not */
        assert_true(distance_of(x, x, n).correlation_corrected > .999);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),
        cmocka_unit_test(agrees_with_whole_matrices),
        cmocka_unit_test(scale_and_offset_change_nothing),
        cmocka_unit_test(binary_columns_in_closed_form),
        cmocka_unit_test(corrected_one_has_no_bias),
        cmocka_unit_test(sees_what_is_not_linear),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests_name("estimators/distance_correlation", tests, NULL, NULL);
}
