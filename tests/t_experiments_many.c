/* Three and eight neurons behind gates: total correlation, marginal tables, eigenvalues, against the exact laws. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/threads.h"
#include "estimators/correlation.h"
#include "estimators/mutual_information.h"
#include "estimators/total_correlation.h"
#include "experiments/many.h"
#include "experiments/moments.h"
#include "experiments/multinormal.h"
#include "experiments/quantities.h"
#include "tests/kernels_check.h"
#include "tests/near.h"

static const uint64_t seed = 20190515;

enum { DECOMPOSITION, PLUGIN, NEIGHBOURS };

#ifdef __SANITIZE_ADDRESS__
enum { BLOCKS = 6, ROWS = 800, OCTET_BLOCKS = 20, OCTET_ROWS = 2000 };
#else
enum { BLOCKS = 8, ROWS = 2000, OCTET_BLOCKS = 20, OCTET_ROWS = 5000 };
#endif

static struct icl_interval level_of_series(const struct icl_series *series, size_t at)
{
    struct icl_interval interval;
    const struct icl_quantity_context context = {.at = at};
    assert_int_equal(icl_series_interval(series, icl_level_itself, &context, &interval, NULL), ICL_OK);
    return interval;
}

/* The level is the truth, but for a bias between `low` and `high` and five standard errors. */
static void assert_law(const struct icl_series *series, size_t at, double truth, double low, double high)
{
    const struct icl_interval level = level_of_series(series, at);
    const double error = level.estimate - truth;
    if (!(error >= low - 5 * level.se && error <= high + 5 * level.se))
        fail_msg("%s, level %zu: %.6f +- %.6f, by the law %.6f", series->estimator, at, level.estimate, level.se,
                 truth);
}

/* ---- the trio ------------------------------------------------------------------------------------------------- */

static icl_status trio_job(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)worker;
    struct icl_workspace *ws;
    ICL_TRY(icl_workspace_create(&ws, err));
    const icl_status status = icl_trio_block(context, item, ws, err);
    icl_workspace_free(ws);
    return status;
}

static void same_series(const struct icl_series *a, const struct icl_series *b)
{
    check_same_f64(a->block, b->block, a->blocks * a->size, a->estimator);
}

static void trio_blocks_depend_on_their_number_only(void **state)
{
    (void)state;
    enum { FEW = 3, SHORT = 300 };
    struct icl_trio ascending, descending;
    assert_int_equal(icl_trio_create(&ascending, seed, FEW, SHORT, NULL), ICL_OK);
    assert_int_equal(icl_trio_create(&descending, seed, FEW, SHORT, NULL), ICL_OK);
    assert_int_equal(icl_parallel_for(2, FEW, trio_job, &ascending, NULL), ICL_OK);
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    for (size_t b = FEW; b-- > 0;)
        assert_int_equal(icl_trio_block(&descending, b, ws, NULL), ICL_OK);
    icl_workspace_free(ws);
    for (size_t e = 0; e < ICL_MI_SERIES; e++)
        same_series(&ascending.tc[e], &descending.tc[e]);
    icl_trio_free(&ascending);
    icl_trio_free(&descending);
    icl_trio_free(&descending);
}

/* The truth of two of the three, behind gates. */
static double pair_truth(const struct icl_trio *trio, size_t i, size_t j, double keep)
{
    const double rho = trio->correlation[i * ICL_TRIO + j];
    return keep * keep * -.5 * log1p(-rho * rho);
}

static void trio_comes_to_the_law(void **state)
{
    (void)state;
    struct icl_trio trio;
    assert_int_equal(icl_trio_create(&trio, seed, BLOCKS, ROWS, NULL), ICL_OK);
    assert_int_equal(icl_parallel_for(1, BLOCKS, trio_job, &trio, NULL), ICL_OK);
    /* bins lose a fifth of three neurons' information, neighbours' biases are hundredths at these numbers */
    static const double loss[ICL_MI_SERIES] = {0, .22, 0}, low[ICL_MI_SERIES] = {-.02, -.002, -.03},
                        high[ICL_MI_SERIES] = {.02, .002, .04};
    for (size_t e = 0; e < ICL_MI_SERIES; e++) {
        const struct icl_series *s = &trio.tc[e];
        for (size_t l = 0; l < ICL_KEEPS; l++) {
            double tc;
            assert_int_equal(icl_total_correlation_after_gates(ICL_TRIO, trio.correlation, icl_keeps[l], &tc, NULL),
                             ICL_OK);
            assert_law(s, ICL_TRIO_TC + l, tc, low[e] - loss[e] * tc, high[e]);
            const double mi = pair_truth(&trio, 0, 1, icl_keeps[l]);
            assert_law(s, ICL_TRIO_I12 + l, mi, low[e] - loss[e] * mi, high[e]);
        }
        const double i13 = pair_truth(&trio, 0, 2, 1), i23 = pair_truth(&trio, 1, 2, 1);
        assert_law(s, ICL_TRIO_I13, i13, low[e] - loss[e] * i13, high[e]);
        assert_law(s, ICL_TRIO_I23, i23, low[e] - loss[e] * i23, high[e]);
        /* the pairs are told apart: correlations .75, .5, .3 */
        double level[ICL_TRIO_LEVELS], covariance[ICL_TRIO_LEVELS * ICL_TRIO_LEVELS];
        assert_int_equal(icl_series_covariance(s, level, covariance, NULL), ICL_OK);
        assert_true(level[ICL_TRIO_I12] > level[ICL_TRIO_I13] && level[ICL_TRIO_I13] > level[ICL_TRIO_I23]);
    }
    icl_trio_free(&trio);
}

/* The levels of the tables a second way: the three-way table is rebuilt from the series, its margins summed by index.
 */
static void marginal_tables(void **state)
{
    (void)state;
    enum { SIDE = ICL_TRIO_BINS + 1 }; /* the bins of a density and that of the value 0 */
    struct icl_trio trio;
    assert_int_equal(icl_trio_create(&trio, seed, 2, 500, NULL), ICL_OK);
    struct icl_series *s = &trio.tc[PLUGIN];
    assert_int_equal(s->size, ICL_KEEPS * SIDE * SIDE * SIDE);
    /* any numbers will do: no symmetry, some cells empty */
    const struct icl_stream stream = {seed, ICL_PURPOSE_CHOICE, 4, 0};
    for (size_t c = 0; c < 2 * s->size; c++)
        s->block[c] = c % 5 == 1 ? 0 : (double)icl_random_below(&stream, c, 20);
    double level[ICL_TRIO_LEVELS], covariance[ICL_TRIO_LEVELS * ICL_TRIO_LEVELS];
    assert_int_equal(icl_series_covariance(s, level, covariance, NULL), ICL_OK);
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    static const size_t pairs[3][2] = {{0, 1}, {0, 2}, {1, 2}};
    static const size_t levels[3] = {ICL_TRIO_I12, ICL_TRIO_I13, ICL_TRIO_I23};
    for (size_t keep = 0; keep < ICL_KEEPS; keep++) {
        double cube[SIDE * SIDE * SIDE], tc;
        for (size_t c = 0; c < SIDE * SIDE * SIDE; c++)
            cube[c] = (s->block[keep * SIDE * SIDE * SIDE + c] + s->block[s->size + keep * SIDE * SIDE * SIDE + c]) / 2;
        const size_t cubic[3] = {SIDE, SIDE, SIDE};
        assert_int_equal(icl_tc_weighted(cube, cubic, 3, 1000, ws, &tc, NULL), ICL_OK);
        assert_near(level[ICL_TRIO_TC + keep], tc, 1e-13);
        for (size_t p = 0; p < (keep == 0 ? 3 : 1); p++) {
            double square[SIDE * SIDE] = {0};
            for (size_t i = 0; i < SIDE; i++)
                for (size_t j = 0; j < SIDE; j++)
                    for (size_t k = 0; k < SIDE; k++) {
                        const size_t at[3] = {i, j, k};
                        square[at[pairs[p][0]] * SIDE + at[pairs[p][1]]] += cube[(i * SIDE + j) * SIDE + k];
                    }
            assert_int_equal(icl_tc_weighted(square, cubic, 2, 1000, ws, &tc, NULL), ICL_OK);
            assert_near(level[levels[p] + (p == 0 ? keep : 0)], tc, 1e-13);
        }
    }
    icl_workspace_free(ws);
    icl_trio_free(&trio);
}

/* ---- two of them ---------------------------------------------------------------------------------------------- */

/* A pair with an atom each, no value of the densities twice: the decomposition of any number of columns is that of two.
 */
static void two_columns_are_a_pair(void **state)
{
    (void)state;
    enum { N = 1500 };
    const double R[4] = {1, .6, .6, 1};
    double value[2 * N];
    assert_int_equal(icl_law_multinormal(2, R, seed, 7, N, value, NULL), ICL_OK);
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    for (int atoms = 0; atoms < 3; atoms++) { /* none; one in x; one in each and a second in y */
        for (size_t i = 0; i < N; i++) {
            if (atoms > 0 && value[i] < 0) value[i] = 0;
            if (atoms > 1 && value[N + i] < -.3) value[N + i] = value[N + i] < -1 ? 7 : 0;
        }
        struct icl_column x, y;
        assert_int_equal(icl_column_prepare(&x, value, N, 1, ws, NULL), ICL_OK);
        assert_int_equal(icl_column_prepare(&y, value + N, N, 1, ws, NULL), ICL_OK);
        const struct icl_column *both[2] = {&x, &y};
        for (unsigned k = 1; k <= 9; k += 4) {
            struct icl_mi_result pair;
            double tc;
            assert_int_equal(icl_mi_decomposition(&x, &y, k, ws, &pair, NULL), ICL_OK);
            assert_int_equal(icl_tc_decomposition(both, 2, k, ws, &tc, NULL), ICL_OK);
            assert_near(tc, pair.mi, 1e-12);
            assert_true(tc > .05);
        }
        icl_column_free(&x);
        icl_column_free(&y);
    }
    icl_workspace_free(ws);
}

/* ---- the octet ------------------------------------------------------------------------------------------------ */

/* q R + (1-q) Id. */
static void behind_gates(const double *R, double keep, double *out)
{
    for (size_t c = 0; c < ICL_OCTET * ICL_OCTET; c++)
        out[c] = c % (ICL_OCTET + 1) == 0 ? 1 : keep * R[c];
}

static void octet_comes_to_the_law(void **state)
{
    (void)state;
    struct icl_octet octet;
    assert_int_equal(icl_octet_create(&octet, seed, OCTET_BLOCKS, OCTET_ROWS, NULL), ICL_OK);
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    for (size_t b = OCTET_BLOCKS; b-- > 0;)
        assert_int_equal(icl_octet_block(&octet, b, ws, NULL), ICL_OK);
    icl_workspace_free(ws);
    double before[ICL_OCTET];
    assert_int_equal(icl_eigenvalues(octet.correlation, ICL_OCTET, before, NULL), ICL_OK);
    assert_true(before[ICL_OCTET - 1] / before[0] > 30); /* ill conditioned, as it is meant to be */
    for (size_t l = 0; l < ICL_KEEPS; l++) {
        const double q = icl_keeps[l];
        double matrix[ICL_OCTET * ICL_OCTET], truth[ICL_OCTET];
        behind_gates(octet.correlation, q, matrix);
        assert_int_equal(icl_eigenvalues(matrix, ICL_OCTET, truth, NULL), ICL_OK);
        for (size_t r = 0; r < ICL_OCTET; r++) {
            assert_near(truth[r], q * before[r] + 1 - q, 1e-13); /* the law, two ways */
            /* eigenvalues of a sample spread apart by about (d / n) l */
            const double spread = 10.0 * ICL_OCTET / (OCTET_BLOCKS * OCTET_ROWS) * truth[ICL_OCTET - 1];
            assert_law(&octet.spectrum, l * ICL_OCTET + r, truth[r], -spread, spread);
        }
        assert_law(&octet.spectrum, ICL_OCTET_SLOPE + l, 1, -1e-4, 1e-4);
    }
    const struct icl_interval first = level_of_series(&octet.spectrum, ICL_OCTET_SLOPE);
    assert_near(first.estimate, 1, 1e-14);
    icl_octet_free(&octet);
    icl_octet_free(&octet);
}

/* ---- moments -------------------------------------------------------------------------------------------------- */

static void moments_two_ways(void **state)
{
    (void)state;
    enum { D = 5, N = 700 };
    double columns[D * N], moments[D + D * D], corr[D * D], m[D];
    const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, 4, 0};
    icl_random_normal(&stream, 0, D * N, columns);
    for (size_t j = 0; j < D; j++)
        for (size_t i = 0; i < N; i++)
            columns[j * N + i] = (double)j - 2 + .5 * columns[j * N + i] + .4 * columns[i];
    assert_int_equal(icl_moments_size(D), D + D * D);
    icl_moments_fill(columns, N, D, moments);
    icl_moments_correlation(moments, D, corr, m);
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    struct icl_column prepared[D];
    for (size_t j = 0; j < D; j++)
        assert_int_equal(icl_column_prepare(&prepared[j], columns + j * N, N, 1, ws, NULL), ICL_OK);
    for (size_t i = 0; i < D; i++) {
        assert_near(moments[i], prepared[i].mean, 1e-12);
        assert_near(m[i], prepared[i].mean / prepared[i].sd, 1e-12);
        assert_near(corr[i * D + i], 1, 0);
        for (size_t j = 0; j < D; j++) {
            double product = 0;
            for (size_t r = 0; r < N; r++)
                product += columns[i * N + r] * columns[j * N + r] / N;
            assert_near(moments[D + i * D + j], product, 1e-12);
            if (i != j) assert_near(corr[i * D + j], icl_pearson(&prepared[i], &prepared[j]), 1e-12);
        }
    }
    for (size_t j = 0; j < D; j++)
        icl_column_free(&prepared[j]);
    icl_workspace_free(ws);
}

/* A neuron that never changes has no correlation; the others keep theirs. */
static void a_constant_column_is_nan(void **state)
{
    (void)state;
    enum { D = 3, N = 1000 };
    static const double constants[] = {0, 2, .1, -1e7};
    for (size_t c = 0; c < sizeof constants / sizeof constants[0]; c++) {
        double columns[D * N], moments[D + D * D], corr[D * D], m[D];
        const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, 4, 1};
        icl_random_normal(&stream, 0, D * N, columns);
        for (size_t i = 0; i < N; i++) {
            columns[N + i] = constants[c];
            columns[2 * N + i] += columns[i];
        }
        icl_moments_fill(columns, N, D, moments);
        icl_moments_correlation(moments, D, corr, m);
        for (size_t j = 0; j < D; j++) {
            assert_near(corr[D + j], NAN, 0);
            assert_near(corr[j * D + 1], NAN, 0);
        }
        assert_near(corr[2], M_SQRT1_2, .1);
        assert_near(corr[0], 1, 0);
        double value[D];
        struct icl_error err = {0};
        assert_int_equal(icl_eigenvalues(corr, D, value, &err), ICL_ERR_NUMERIC);
        assert_non_null(strstr(err.message, "not finite"));
    }
}

/* By hand: 2 x 2, and a permuted diagonal. */
static void eigenvalues_by_hand(void **state)
{
    (void)state;
    const double pair[4] = {1, -.75, -.75, 1}, diagonal[9] = {3, 0, 0, 0, -1, 0, 0, 0, 2};
    double value[3];
    assert_int_equal(icl_eigenvalues(pair, 2, value, NULL), ICL_OK);
    assert_near(value[0], .25, 1e-15);
    assert_near(value[1], 1.75, 1e-15);
    assert_int_equal(icl_eigenvalues(diagonal, 3, value, NULL), ICL_OK);
    assert_near(value[0], -1, 1e-15);
    assert_near(value[1], 2, 1e-15);
    assert_near(value[2], 3, 1e-15);
}

int main(void)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trio_blocks_depend_on_their_number_only),
        cmocka_unit_test(trio_comes_to_the_law),
        cmocka_unit_test(marginal_tables),
        cmocka_unit_test(two_columns_are_a_pair),
        cmocka_unit_test(octet_comes_to_the_law),
        cmocka_unit_test(moments_two_ways),
        cmocka_unit_test(a_constant_column_is_nan),
        cmocka_unit_test(eigenvalues_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
