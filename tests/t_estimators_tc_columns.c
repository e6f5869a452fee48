/* Total correlation of columns by name: stored answers, the pair, exact tables, truths, refusals. */
#include "tests/estimators_support.h"

#include "estimators/tc_columns.h"

enum { MOST = 12, N = 3000 };

static double value[MOST][N];

static icl_status tc_of(const double *const *from, size_t count, size_t n, const struct icl_mi_options *options,
                        struct icl_tc_result *result, struct icl_error *err)
{
    struct icl_column column[MOST];
    const struct icl_column *pointer[MOST];
    for (size_t c = 0; c < count; c++) {
        column[c] = column_of(from[c], n);
        pointer[c] = &column[c];
    }
    const struct icl_column_group set = {pointer, count};
    const icl_status status = icl_tc_columns(&set, options, scratch(), result, err);
    for (size_t c = 0; c < count; c++)
        icl_column_free(&column[c]);
    return status;
}

static struct icl_tc_result result_by(const double *const *from, size_t count, size_t n,
                                      enum icl_mi_estimator estimator, unsigned k)
{
    const struct icl_mi_options options = {.estimator = estimator, .k = k};
    struct icl_error err = {0};
    struct icl_tc_result result;
    if (tc_of(from, count, n, &options, &result, &err) != ICL_OK) fail_msg("icl_tc_columns: %s", err.message);
    return result;
}

static const double *const columns[MOST] = {value[0], value[1], value[2], value[3], value[4],  value[5],
                                            value[6], value[7], value[8], value[9], value[10], value[11]};

/* Normals of all correlations 1/2. */
static void draw_dense(uint64_t seed, size_t count, double keep)
{
    static double common[N], gate[N];
    draw_normal(seed, 60, N, common);
    for (uint32_t c = 0; c < count; c++) {
        draw_normal(seed, c, N, value[c]);
        draw_uniform(seed, c + 100, N, gate);
        for (size_t i = 0; i < N; i++)
            value[c][i] = gate[i] < keep ? (common[i] + value[c][i]) * sqrt(0.5) : 0;
    }
}

static enum icl_mi_estimator checked;

static void check_answer(const struct answer *a)
{
    char names[NAME_SIZE];
    const double *from[MOST];
    size_t count = 0;
    strcpy(names, a->x);
    for (char *name = strtok(names, "+"); name != NULL; name = strtok(NULL, "+"))
        from[count++] = stored_sample(name);
    assert_near(result_by(from, count, SAMPLES, checked, a->k).tc, a->value, 1e-12);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    checked = ICL_MI_KSG1;
    for_each_answer_in("tests/vectors/group_estimates.tsv", "tc-ksg1", check_answer);
    checked = ICL_MI_MESNER_SHALIZI;
    for_each_answer_in("tests/vectors/group_estimates.tsv", "tc-mesner-shalizi", check_answer);
}

static void two_columns_are_the_pair(void **state)
{
    (void)state;
    static const enum icl_mi_estimator exact[] = {ICL_MI_KSG1, ICL_MI_KSG2, ICL_MI_MESNER_SHALIZI, ICL_MI_PLUGIN};
    for (size_t e = 0; e < COUNT_OF(exact); e++)
        for (int silent = 0; silent < 2; silent++) {
            draw_dense(3, 2, silent ? 0.6 : 1);
            const struct icl_tc_result r = result_by(columns, 2, N, exact[e], 4);
            assert_near(r.tc, r.pairs, 1e-13);
            assert_near(r.pairs, mi_of(value[0], value[1], N, exact[e], 4), 0);
        }
    draw_dense(3, 2, 0.6);
    const struct icl_tc_result r = result_by(columns, 2, N, ICL_MI_AUTO, 4);
    assert_int_equal(r.estimator, ICL_MI_DECOMPOSITION);
    assert_near(r.tc, r.pairs, 1e-12);
}

static void sums_of_pairs(void **state)
{
    (void)state;
    draw_dense(4, 5, 1);
    const struct icl_tc_result r = result_by(columns, 5, N, ICL_MI_KSG1, 3);
    double sum = 0;
    for (size_t a = 0; a < 5; a++)
        for (size_t b = a + 1; b < 5; b++)
            sum += mi_of(value[a], value[b], N, ICL_MI_KSG1, 3);
    assert_near(r.pairs, sum, 1e-12);
}

/* Exclusive or: no pair tells anything, all three tell ln 2; the table of exact counts is exact. */
static void exclusive_or(void **state)
{
    (void)state;
    for (size_t i = 0; i < N; i++) {
        value[0][i] = (double)(i % 2);
        value[1][i] = (double)(i / 2 % 2);
        value[2][i] = value[0][i] != value[1][i] ? 1 : 0;
    }
    const struct icl_tc_result r = result_by(columns, 3, N, ICL_MI_PLUGIN, 0);
    /* (4 cells - 6 margins + 2) / (2 N) = 0; the pairs lose (4 - 4 + 1) / (2 N) each */
    assert_near(r.tc, log(2), 1e-12);
    assert_near(r.pairs, -3.0 / (2 * N), 1e-12);
    assert_near(result_by(columns, 3, N, ICL_MI_AUTO, 0).tc, log(2), 1e-12);
}

static double dense_tc(double d)
{
    return -0.5 * log(pow(0.5, d - 1) * (1 + (d - 1) * 0.5));
}

static void gaussian_truths(void **state)
{
    (void)state;
    static const struct {
        size_t d;
        enum icl_mi_estimator estimator;
        double bias; /* of a kNN estimate at n = 3000, measured over other seeds */
    } cases[] = {{3, ICL_MI_AUTO, 0},    {4, ICL_MI_AUTO, 0},           {3, ICL_MI_KSG2, 0},
                 {6, ICL_MI_KSG1, -.02}, {6, ICL_MI_MESNER_SHALIZI, 0}, {12, ICL_MI_KSG1, -0.4}};
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        struct summary found = {0};
        for (uint64_t seed = 1; seed <= 5; seed++) {
            draw_dense(seed, cases[c].d, 1);
            summary_add(&found, result_by(columns, cases[c].d, N, cases[c].estimator, 0).tc);
        }
        print_message("# %zu columns, %s: %.4f +- %.4f, truth %.4f\n", cases[c].d, icl_mi_names[cases[c].estimator],
                      found.mean, summary_error(&found), dense_tc((double)cases[c].d));
        assert_near(found.mean, dense_tc((double)cases[c].d) + cases[c].bias, 0.025 + 4 * summary_error(&found));
    }
}

static void auto_chooses(void **state)
{
    (void)state;
    draw_dense(1, 5, 0.7);
    assert_int_equal(result_by(columns, 4, N, ICL_MI_AUTO, 0).estimator, ICL_MI_DECOMPOSITION);
    assert_int_equal(result_by(columns, 5, N, ICL_MI_AUTO, 0).estimator, ICL_MI_MESNER_SHALIZI);
    for (size_t c = 0; c < 3; c++) /* nine values each: 729 cells */
        for (size_t i = 0; i < N; i++)
            value[c][i] = fmax(-4, fmin(4, rint(2 * value[c][i])));
    assert_int_equal(result_by(columns, 3, N, ICL_MI_AUTO, 0).estimator, ICL_MI_MESNER_SHALIZI);
    assert_int_equal(result_by(columns, 2, N, ICL_MI_AUTO, 0).estimator, ICL_MI_DECOMPOSITION);
    draw_dense(1, 2, 1);
    for (size_t i = 0; i < N; i++)
        value[1][i] = rint(30 * value[1][i]);
    assert_int_equal(result_by(columns, 2, N, ICL_MI_AUTO, 0).estimator, ICL_MI_MESNER_SHALIZI);
}

static void odd_columns(void **state)
{
    (void)state;
    draw_dense(2, 4, 1);
    for (size_t i = 0; i < N; i++)
        value[3][i] = 7;
    const double without = result_by(columns, 3, N, ICL_MI_KSG1, 0).tc;
    assert_near(result_by(columns, 4, N, ICL_MI_KSG1, 0).tc, without, 0);
    const double *const lone[] = {value[3], value[0], value[3]};
    struct icl_tc_result r = result_by(lone, 3, N, ICL_MI_AUTO, 0);
    assert_near(r.tc, 0, 0);
    assert_near(r.pairs, 0, 0);
    assert_int_equal(r.notes, ICL_MI_NOTE_CONSTANT);
    assert_int_equal(r.estimator, ICL_MI_DECOMPOSITION);
    for (size_t i = 0; i < N; i++)
        value[3][i] = (double)(i % 2);
    assert_int_equal(result_by(columns, 4, N, ICL_MI_KSG2, 0).notes, ICL_MI_NOTE_ATOMS);
    assert_int_equal(result_by(columns, 4, N, ICL_MI_MESNER_SHALIZI, 0).notes, 0);
    assert_int_equal(result_by(columns, 3, N, ICL_MI_KSG2, 0).notes, 0);
    value[1][5] = INFINITY;
    r = result_by(columns, 3, N, ICL_MI_AUTO, 0);
    assert_true(isnan(r.tc) && isnan(r.pairs));
    assert_int_equal(r.notes, ICL_MI_NOTE_NONFINITE);
}

static void bad_calls_are_refused(void **state)
{
    (void)state;
    struct icl_tc_result result;
    struct icl_error err = {0};
    draw_dense(2, 12, 1);
    static const enum icl_mi_estimator without[] = {ICL_MI_GAUSSIAN, ICL_MI_LNC, ICL_MI_COUNT};
    for (size_t e = 0; e < COUNT_OF(without); e++) {
        const struct icl_mi_options options = {.estimator = without[e]};
        assert_int_equal(tc_of(columns, 3, N, &options, &result, &err), ICL_ERR_USAGE);
    }
    struct icl_mi_options options = {.estimator = ICL_MI_DECOMPOSITION};
    assert_int_equal(tc_of(columns, 5, N, &options, &result, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "2 to 4"));
    options = (struct icl_mi_options){.estimator = ICL_MI_PLUGIN, .bins = 1000};
    assert_int_equal(tc_of(columns, 3, N, &options, &result, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "1000 bins has more than 4194304 cells"));
    options.bins = 0;
    assert_int_equal(tc_of(columns, 9, N, &options, &result, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "9 variables"));
    options = (struct icl_mi_options){.estimator = ICL_MI_KSG1, .k = 9};
    assert_int_equal(tc_of(columns, 3, 9, &options, &result, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "9 rows are too few"));
    /* a refusal leaves no scratch memory taken */
    struct icl_column one = column_of(value[0], 9), two = column_of(value[1], 9);
    const struct icl_column *pointer[] = {&one, &two};
    const struct icl_column_group few = {pointer, 2};
    const struct icl_mark before = icl_workspace_mark(scratch());
    assert_int_equal(icl_tc_columns(&few, &options, scratch(), &result, &err), ICL_ERR_INPUT);
    const struct icl_mark after = icl_workspace_mark(scratch());
    assert_true(after.block == before.block && after.used == before.used);
    icl_column_free(&one);
    icl_column_free(&two);
    const struct icl_column_group none = {NULL, 0};
    assert_int_equal(icl_tc_columns(&none, &options, scratch(), &result, &err), ICL_ERR_INPUT);
    /* four columns of 60 values: 61^4 patterns */
    for (size_t c = 0; c < 4; c++)
        for (size_t i = 0; i < N; i++)
            value[c][i] = (double)((i + 7 * c) % 60);
    options = (struct icl_mi_options){.estimator = ICL_MI_DECOMPOSITION};
    assert_int_equal(tc_of(columns, 4, N, &options, &result, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "4 columns make more than 4194304 patterns"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),
        cmocka_unit_test(two_columns_are_the_pair),
        cmocka_unit_test(sums_of_pairs),
        cmocka_unit_test(exclusive_or),
        cmocka_unit_test(gaussian_truths),
        cmocka_unit_test(auto_chooses),
        cmocka_unit_test(odd_columns),
        cmocka_unit_test(bad_calls_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
