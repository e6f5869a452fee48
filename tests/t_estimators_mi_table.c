/* Mutual information of tables with each correction: second ways, what must not matter, where options carry it. */
#include "tests/estimators_support.h"

#include "estimators/entropy.h"

enum { MOST = 8 };

static double corrected(const uint64_t *count, size_t rows, size_t cols, enum icl_count_correction correction)
{
    double mi;
    struct icl_error err;
    const struct icl_mark before = icl_workspace_mark(scratch());
    if (icl_mi_table_corrected(count, rows, cols, correction, scratch(), &mi, &err) != ICL_OK)
        fail_msg("%s: %s", icl_correction_names[correction], err.message);
    const struct icl_mark after = icl_workspace_mark(scratch());
    assert_true(before.block == after.block && before.used == after.used);
    return mi;
}

static double entropy_of(const uint64_t *count, size_t cells, enum icl_count_correction correction)
{
    struct icl_count_entropy found;
    assert_int_equal(icl_entropy_counts(count, cells, correction, scratch(), &found, NULL), ICL_OK);
    return found.entropy;
}

/* Every row and column has a sample. */
static void draw_table(uint64_t seed, size_t rows, size_t cols, size_t samples, uint64_t *count)
{
    const struct icl_stream stream = test_stream(seed, 11);
    memset(count, 0, rows * cols * sizeof *count);
    for (size_t e = 0; e < rows + cols; e++)
        count[e % rows * cols + e % cols]++;
    for (size_t e = 0; e < samples; e++) {
        const size_t i = icl_random_below(&stream, 2 * e, rows);
        count[i * cols + (i + icl_random_below(&stream, 2 * e + 1, 2)) % cols]++;
    }
}

static void margins_of(const uint64_t *count, size_t rows, size_t cols, uint64_t *row, uint64_t *col)
{
    memset(row, 0, rows * sizeof *row);
    memset(col, 0, cols * sizeof *col);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            row[i] += count[i * cols + j];
            col[j] += count[i * cols + j];
        }
}

/* The information of the shrunk joint table, cell by cell. */
static double plain_shrunk(const uint64_t *count, size_t rows, size_t cols)
{
    double n = 0, squares = 0, distance = 0, p[MOST * MOST], px[MOST] = {0}, py[MOST] = {0}, mi = 0;
    const double uniform = 1 / (double)(rows * cols);
    for (size_t c = 0; c < rows * cols; c++)
        n += (double)count[c];
    for (size_t c = 0; c < rows * cols; c++) {
        squares += pow((double)count[c] / n, 2);
        distance += pow(uniform - (double)count[c] / n, 2);
    }
    const double weight = fmin(1, (1 - squares) / ((n - 1) * distance));
    for (size_t c = 0; c < rows * cols; c++) {
        p[c] = weight * uniform + (1 - weight) * (double)count[c] / n;
        px[c / cols] += p[c];
        py[c % cols] += p[c];
    }
    for (size_t c = 0; c < rows * cols; c++)
        if (p[c] > 0) mi += p[c] * log(p[c] / (px[c / cols] * py[c % cols]));
    return mi;
}

static void agrees_with_the_plain_ways(void **state)
{
    (void)state;
    uint64_t count[MOST * MOST], row[MOST], col[MOST];
    for (uint64_t seed = 1; seed <= 30; seed++) {
        const size_t rows = 1 + seed % 7, cols = 1 + seed * 3 % 8;
        draw_table(seed, rows, cols, 5 + 7 * seed, count);
        margins_of(count, rows, cols, row, col);
        for (int c = 0; c < ICL_CORRECTION_COUNT; c++) {
            const enum icl_count_correction correction = (enum icl_count_correction)c;
            const double wanted = c == ICL_CORRECTION_JAMES_STEIN
                                      ? plain_shrunk(count, rows, cols)
                                      : entropy_of(row, rows, correction) + entropy_of(col, cols, correction) -
                                            entropy_of(count, rows * cols, correction);
            assert_near(corrected(count, rows, cols, correction), wanted, 1e-13);
        }
        assert_near(corrected(count, rows, cols, ICL_CORRECTION_MILLER_MADOW), plain_table(count, rows, cols), 1e-14);
    }
}

/* Miller-Madow is what a table always had, to the last bit; 0 in zeroed options. */
static void the_default_keeps_its_bytes(void **state)
{
    (void)state;
    uint64_t count[MOST * MOST];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        const size_t rows = 1 + seed % 7, cols = 1 + seed * 3 % 8;
        draw_table(seed, rows, cols, 4 * seed, count);
        count[seed % cols] = 0;
        assert_near(corrected(count, rows, cols, (enum icl_count_correction)0),
                    icl_mi_table(count, rows, cols, scratch()), 0);
    }
}

static void empty_rows_and_columns_do_not_count(void **state)
{
    (void)state;
    const uint64_t tight[] = {7, 1, 0, 3, 9, 2, 2, 4}; /* 2 x 4 */
    const uint64_t spaced[] = {7, 1, 0, 0, 3, 0, 0, 0, 0, 0, 9, 2, 0, 2, 4};
    const uint64_t empty[6] = {0};
    uint64_t turned[8];
    for (size_t i = 0; i < 8; i++)
        turned[i % 4 * 2 + i / 4] = tight[i];
    for (int c = 0; c < ICL_CORRECTION_COUNT; c++) {
        const enum icl_count_correction correction = (enum icl_count_correction)c;
        assert_near(corrected(turned, 4, 2, correction), corrected(tight, 2, 4, correction), 1e-14);
        assert_near(corrected(spaced, 3, 5, correction), corrected(tight, 2, 4, correction), 1e-15);
        assert_near(corrected(empty, 2, 3, correction), 0, 0);
        /* one row tells nothing; Grassberger's entropy of one cell is only nearly 0 */
        assert_near(corrected(tight, 1, 8, correction), 0, c == ICL_CORRECTION_GRASSBERGER ? 1e-3 : 1e-15);
    }
    /* a shrunk table has no less than no information, also where the samples are few */
    for (uint64_t seed = 1; seed <= 50; seed++) {
        uint64_t few[MOST * MOST];
        draw_table(seed, 6, 6, 3, few);
        assert_true(corrected(few, 6, 6, ICL_CORRECTION_JAMES_STEIN) >= -1e-15);
    }
}

/* 4 x 4 cells, 60 samples, no dependence: what is left of the bias of .075 of the plug-in. */
static void errors_without_dependence(void **state)
{
    (void)state;
    enum { SEEDS = 200, N = 60 };
    static const double most[ICL_CORRECTION_COUNT] = {.012, .095, .02, .01, .01, .012};
    print_message("# seeds 1..%d\n", SEEDS);
    struct summary found[ICL_CORRECTION_COUNT] = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct icl_stream stream = test_stream(seed, 12);
        uint64_t count[16] = {0};
        for (size_t e = 0; e < N; e++)
            count[4 * icl_random_below(&stream, 2 * e, 4) + icl_random_below(&stream, 2 * e + 1, 4)]++;
        for (int c = 0; c < ICL_CORRECTION_COUNT; c++)
            summary_add(&found[c], corrected(count, 4, 4, (enum icl_count_correction)c));
    }
    for (int c = 0; c < ICL_CORRECTION_COUNT; c++)
        print_message("# %s: mean %+.4f, sd %.4f\n", icl_correction_names[c], found[c].mean, summary_sd(&found[c]));
    for (int c = 0; c < ICL_CORRECTION_COUNT; c++)
        assert_true(fabs(found[c].mean) <= most[c]);
    assert_true(found[ICL_CORRECTION_NONE].mean > .06);
}

/* Options reach the plug-in's table and the table of atom identities; the other terms stay. */
static void options_carry_the_correction(void **state)
{
    (void)state;
    enum { N = 300 };
    double x[N], y[N];
    draw_pair(&(struct pair_law){0.6, true, ICL_GATE_INDEPENDENT, 0.8}, 4, N, x, y);
    uint64_t identity[4] = {0};
    for (size_t i = 0; i < N; i++)
        identity[2 * (x[i] == 0) + (y[i] == 0)]++;
    const struct icl_mi_result plain = result_of(x, y, N, &(struct icl_mi_options){.estimator = ICL_MI_DECOMPOSITION});
    const double binned = mi_of(x, y, N, ICL_MI_PLUGIN, 0);
    for (int c = 0; c < ICL_CORRECTION_COUNT; c++) {
        const enum icl_count_correction correction = (enum icl_count_correction)c;
        struct icl_mi_options options = {.estimator = ICL_MI_DECOMPOSITION, .correction = correction};
        const struct icl_mi_result found = result_of(x, y, N, &options);
        assert_near(found.atoms, corrected(identity, 2, 2, correction), 1e-14);
        assert_near(found.x_amplitude, plain.x_amplitude, 0);
        assert_near(found.y_amplitude, plain.y_amplitude, 0);
        assert_near(found.amplitudes, plain.amplitudes, 0);
        options.estimator = ICL_MI_PLUGIN;
        const double other = result_of(x, y, N, &options).mi;
        assert_true(c == 0 ? other == binned : fabs(other - binned) > 1e-5);
    }
    /* on whole numbers the plug-in is the table */
    uint64_t count[9] = {0};
    const struct icl_stream stream = test_stream(5, 0);
    for (size_t i = 0; i < N; i++) {
        x[i] = (double)icl_random_below(&stream, 2 * i, 3);
        y[i] = (double)((icl_random_below(&stream, 2 * i + 1, 2) + (size_t)x[i]) % 3);
        count[3 * (size_t)x[i] + (size_t)y[i]]++;
    }
    for (int c = 0; c < ICL_CORRECTION_COUNT; c++) {
        const enum icl_count_correction correction = (enum icl_count_correction)c;
        const struct icl_mi_options options = {.estimator = ICL_MI_PLUGIN, .correction = correction};
        assert_near(result_of(x, y, N, &options).mi, corrected(count, 3, 3, correction), 1e-14);
    }
}

static void a_bad_correction_is_refused(void **state)
{
    (void)state;
    const uint64_t count[] = {1, 2, 3, 4};
    const double x[] = {1, 2, 4, 3, 7, 5}, y[] = {1, 3, 2, 5, 2.5, 0};
    double mi;
    struct icl_error err;
    assert_int_equal(icl_mi_table_corrected(count, 2, 2, ICL_CORRECTION_COUNT, scratch(), &mi, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "number 6"));
    static const enum icl_mi_estimator counting[] = {ICL_MI_PLUGIN, ICL_MI_DECOMPOSITION, ICL_MI_KDE};
    struct icl_column cx = column_of(x, 6), cy = column_of(y, 6);
    for (size_t e = 0; e < COUNT_OF(counting); e++) {
        const struct icl_mi_options options = {.estimator = counting[e], .correction = ICL_CORRECTION_COUNT};
        struct icl_mi_result result;
        assert_int_equal(icl_mi_pair(&cx, &cy, &options, scratch(), &result, &err), ICL_ERR_USAGE);
    }
    icl_column_free(&cx);
    icl_column_free(&cy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_ways),          cmocka_unit_test(the_default_keeps_its_bytes),
        cmocka_unit_test(empty_rows_and_columns_do_not_count), cmocka_unit_test(errors_without_dependence),
        cmocka_unit_test(options_carry_the_correction),        cmocka_unit_test(a_bad_correction_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
