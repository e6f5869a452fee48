/* Pearson and Spearman: stored answers, a plain second way, the matrices of all pairs. */
#include "tests/estimators_support.h"

#include <stdlib.h>

#include "estimators/correlation.h"

/* The textbook's sums in long double. */
static double plain_pearson(const double *x, const double *y, size_t n)
{
    long double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mx += (long double)x[i] / (long double)n;
        my += (long double)y[i] / (long double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return (double)(xy / sqrtl(xx * yy));
}

static void plain_ranks(const double *x, size_t n, double *rank)
{
    for (size_t i = 0; i < n; i++) {
        rank[i] = 0.5;
        for (size_t j = 0; j < n; j++)
            rank[i] += x[j] < x[i] ? 1 : x[j] == x[i] ? 0.5 : 0;
    }
}

static double pearson_of(const double *x, const double *y, size_t n)
{
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    const double r = icl_pearson(&cx, &cy);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return r;
}

static double spearman_of(const double *x, const double *y, size_t n)
{
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    double rho;
    assert_int_equal(icl_spearman(&cx, &cy, scratch(), &rho, NULL), ICL_OK);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return rho;
}

static void check_pearson(const struct answer *a)
{
    assert_near(pearson_of(stored_sample(a->x), stored_sample(a->y), SAMPLES), a->value, 1e-13);
}

static void check_spearman(const struct answer *a)
{
    assert_near(spearman_of(stored_sample(a->x), stored_sample(a->y), SAMPLES), a->value, 1e-13);
}

static void agree_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer("pearson", check_pearson);
    for_each_answer("spearman", check_spearman);
}

static void agree_with_the_plain_way(void **state)
{
    (void)state;
    static const size_t sizes[] = {2, 3, 10, 400};
    double x[400], y[400], rx[400], ry[400];
    for (size_t s = 0; s < COUNT_OF(sizes); s++)
        for (int relu = 0; relu < 2; relu++) {
            const size_t n = sizes[s];
            draw_pair(&(struct pair_law){-0.6, relu != 0, ICL_GATE_INDEPENDENT, n > 10 ? 0.8 : 1}, 5, n, x, y);
            x[0] = 1.25;
            y[1] = 3.5;
            plain_ranks(x, n, rx);
            plain_ranks(y, n, ry);
            assert_near(pearson_of(x, y, n), plain_pearson(x, y, n), 1e-13);
            assert_near(spearman_of(x, y, n), plain_pearson(rx, ry, n), 1e-13);
        }
}

/* Two independent neurons, silent half of the time: ranks by order of arrival would give .31. */
static void silent_neurons_are_not_correlated(void **state)
{
    (void)state;
    enum { N = 20000 };
    static double x[N], y[N];
    print_message("# seed 6\n");
    draw_pair(&(struct pair_law){0, true, ICL_GATE_INDEPENDENT, 1}, 6, N, x, y);
    assert_near(spearman_of(x, y, N), 0, 4 / sqrt(N));
    assert_near(pearson_of(x, y, N), 0, 4 / sqrt(N));
}

static void scale_and_offset_change_nothing(void **state)
{
    (void)state;
    enum { N = 400 };
    static const struct {
        double scale, offset, tolerance;
    } maps[] = {{1e-9, 0, 1e-14}, {1e7, 0, 1e-14},    {1, 1e7, 1e-8},
                {-4, 1, 1e-14},   {1e-200, 0, 1e-14}, {1e200, 0, 1e-14}};
    double x[N], y[N], u[N];
    draw_pair(&(struct pair_law){0.6, true, ICL_GATE_INDEPENDENT, 0.8}, 9, N, x, y);
    for (size_t m = 0; m < COUNT_OF(maps); m++) {
        const double sign = maps[m].scale < 0 ? -1 : 1;
        for (size_t i = 0; i < N; i++)
            u[i] = maps[m].scale * x[i] + maps[m].offset;
        assert_near(sign * pearson_of(u, y, N), pearson_of(x, y, N), maps[m].tolerance);
        assert_near(sign * spearman_of(u, y, N), spearman_of(x, y, N), 1e-14);
    }
    assert_near(pearson_of(x, x, N), 1, 1e-15);
    assert_near(spearman_of(x, x, N), 1, 1e-15);
}

/* ---- all pairs ------------------------------------------------------------------------------------------------ */

enum { ROWS = 2500, COLS = 13, CONSTANT = 4, BROKEN = 9 };

static void fill_table(struct icl_columns *columns)
{
    assert_int_equal(icl_columns_alloc(columns, ROWS, COLS, NULL), ICL_OK);
    for (size_t j = 0; j < COLS; j++) {
        double *column = icl_column(columns, j);
        draw_normal(70, (uint32_t)j, ROWS, column);
        for (size_t i = 0; i < ROWS; i++) {
            column[i] = column[i] + 0.5 * (j > 0 ? icl_column(columns, 0)[i] : 0);
            if (j % 3 == 2) column[i] = fmax(column[i], 0);
            if (j % 5 == 3) column[i] = 1e7 + rint(column[i]);
        }
    }
}

static void matrices_are_the_pairs(void **state)
{
    (void)state;
    static double pearson[3][COLS * COLS], spearman[3][COLS * COLS];
    struct icl_columns table;
    struct icl_column *prepared;
    fill_table(&table);
    for (unsigned threads = 1; threads <= 3; threads++) {
        assert_int_equal(icl_columns_prepare(&table, threads, &prepared, NULL), ICL_OK);
        assert_int_equal(
            icl_correlation_matrices(NULL, prepared, COLS, threads, pearson[threads - 1], spearman[threads - 1], NULL),
            ICL_OK);
        if (threads == 1) {
            for (size_t i = 0; i < COLS; i++)
                for (size_t j = 0; j < COLS; j++) {
                    double rho;
                    assert_near(pearson[0][i * COLS + j], icl_pearson(&prepared[i], &prepared[j]), 1e-12);
                    assert_int_equal(icl_spearman(&prepared[i], &prepared[j], scratch(), &rho, NULL), ICL_OK);
                    assert_near(spearman[0][i * COLS + j], rho, 1e-12);
                    if (i == j) assert_true(pearson[0][i * COLS + j] == 1 && spearman[0][i * COLS + j] == 1);
                }
        } else { /* the same bits for every number of threads */
            assert_memory_equal(pearson[threads - 1], pearson[0], sizeof pearson[0]);
            assert_memory_equal(spearman[threads - 1], spearman[0], sizeof spearman[0]);
        }
        icl_prepared_free(prepared, COLS);
    }
    icl_columns_free(&table);
}

/* A constant and a broken column are nan; every other pair has the bits it had before. */
static void bad_columns_change_no_other_pair(void **state)
{
    (void)state;
    static double before[2][COLS * COLS], after[2][COLS * COLS];
    struct icl_columns table;
    struct icl_column *prepared;
    fill_table(&table);
    for (int bad = 0; bad < 2; bad++) {
        if (bad) {
            icl_column(&table, BROKEN)[7] = NAN;
            for (size_t i = 0; i < ROWS; i++)
                icl_column(&table, CONSTANT)[i] = 0.1;
        }
        assert_int_equal(icl_columns_prepare(&table, 2, &prepared, NULL), ICL_OK);
        double(*out)[COLS * COLS] = bad ? after : before;
        assert_int_equal(icl_correlation_matrices(NULL, prepared, COLS, 2, out[0], out[1], NULL), ICL_OK);
        if (bad) {
            double rho = 7;
            assert_true(isnan(icl_pearson(&prepared[0], &prepared[BROKEN])));
            assert_true(isnan(icl_pearson(&prepared[CONSTANT], &prepared[1])));
            assert_int_equal(icl_spearman(&prepared[CONSTANT], &prepared[1], scratch(), &rho, NULL), ICL_OK);
            assert_true(isnan(rho));
            assert_int_equal(icl_spearman(&prepared[0], &prepared[BROKEN], scratch(), &rho, NULL), ICL_OK);
            assert_true(isnan(rho));
        }
        icl_prepared_free(prepared, COLS);
    }
    for (int which = 0; which < 2; which++)
        for (size_t i = 0; i < COLS; i++)
            for (size_t j = 0; j < COLS; j++) {
                const bool lost = i == CONSTANT || j == CONSTANT || i == BROKEN || j == BROKEN;
                assert_near(after[which][i * COLS + j], lost ? NAN : before[which][i * COLS + j], 0);
            }
    icl_columns_free(&table);
}

static void edges(void **state)
{
    (void)state;
    /* only one matrix wanted; no columns; too few rows */
    double data[] = {1, 2, 4, 8, 3, 1}, r[4];
    struct icl_columns table = {.rows = 3, .cols = 2, .data = data};
    struct icl_column *prepared = NULL;
    assert_int_equal(icl_columns_prepare(&table, 0, &prepared, NULL), ICL_OK); /* 0: as many threads as processors */
    assert_int_equal(icl_correlation_matrices(NULL, prepared, 2, 1, NULL, r, NULL), ICL_OK);
    assert_near(r[1], -1, 1e-15);
    assert_int_equal(icl_correlation_matrices(NULL, prepared, 2, 1, r, NULL, NULL), ICL_OK);
    assert_near(r[1], plain_pearson(data, data + 3, 3), 1e-14);
    assert_int_equal(icl_correlation_matrices(NULL, prepared, 0, 1, r, r, NULL), ICL_OK);
    icl_prepared_free(prepared, 2);
    icl_prepared_free(NULL, 2);
    table.rows = 1;
    struct icl_error err;
    assert_int_equal(icl_columns_prepare(&table, 2, &prepared, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "at least 2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agree_with_stored_answers),
        cmocka_unit_test(agree_with_the_plain_way),
        cmocka_unit_test(silent_neurons_are_not_correlated),
        cmocka_unit_test(scale_and_offset_change_nothing),
        cmocka_unit_test(matrices_are_the_pairs),
        cmocka_unit_test(bad_columns_change_no_other_pair),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
