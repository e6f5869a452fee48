/* The plug-in of many pairs: tables from bitmaps beside plain counting, values beside icl_mi_pair to the last bit. */
#include "tests/estimators_support.h"

#include <stdlib.h>

#include "estimators/cpu/joint_counts.h"
#include "estimators/mi_counts.h"
#include "estimators/plugin_pairs.h"

/* ---- sums in fixed point -------------------------------------------------------------------------------------- */

static void terms_are_rounded_once(void **state)
{
    (void)state;
    const uint64_t totals[] = {
        2, 3, 10, 1000, 123457, 1u << 20, UINT64_C(1) << 31, UINT64_C(1) << 40, UINT64_C(1) << 60};
    for (size_t t = 0; t < COUNT_OF(totals); t++) {
        const int shift = icl_counts_shift(totals[t]);
        const double most = (double)totals[t] * log((double)totals[t]);
        assert_true(ldexp(most, shift) < 0x1p58 && ldexp(most, shift) >= 0x1p57);
        assert_int_equal(icl_counts_term(0, shift), 0);
        assert_int_equal(icl_counts_term(1, shift), 0);
        for (uint64_t c = 2; c <= totals[t] && c < UINT64_C(1) << 60; c = c * 3 + 1) {
            const long double exact = ldexpl((long double)c * logl((long double)c), shift);
            /* half a unit, and three roundings of a double: of c, of the logarithm, of the product */
            assert_true(fabsl((long double)icl_counts_term(c, shift) - exact) <= .5L + exact * 3 * 0x1p-53L);
        }
    }
}

static void tables_of_terms(void **state)
{
    (void)state;
    struct icl_count_terms terms;
    const uint64_t totals[] = {0, 1, 2, 777, (UINT64_C(1) << 20) + 70000};
    for (size_t t = 0; t < COUNT_OF(totals); t++) {
        assert_int_equal(icl_count_terms_make(&terms, totals[t], NULL), ICL_OK);
        assert_int_equal(terms.total, totals[t]);
        assert_true(terms.limit <= (size_t)ICL_COUNT_TERMS_MOST + 1);
        for (uint64_t c = 0; c <= totals[t]; c += 1 + c / 1000)
            assert_int_equal(icl_count_term(&terms, c), icl_counts_term(c, icl_counts_shift(totals[t])));
        assert_int_equal(icl_count_term(&terms, totals[t]), icl_counts_term(totals[t], icl_counts_shift(totals[t])));
        icl_count_terms_free(&terms);
        icl_count_terms_free(&terms);
    }
}

/* A table with one row or column tells nothing, to the last bit; one turned over tells the same. */
static void sums_have_no_order(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint64_t count[7 * 9], turned[7 * 9];
        const struct icl_stream stream = test_stream(seed, 0);
        for (uint64_t c = 0; c < 63; c++)
            count[c] = icl_random_below(&stream, c, 1000);
        for (size_t i = 0; i < 7; i++)
            for (size_t j = 0; j < 9; j++)
                turned[j * 7 + i] = count[i * 9 + j];
        const double one = icl_mi_table(count, 7, 9, scratch()), other = icl_mi_table(turned, 9, 7, scratch());
        assert_memory_equal(&one, &other, sizeof one);
        assert_near(one, plain_table(count, 7, 9), 1e-14);
        assert_true(icl_mi_table(count, 63, 1, scratch()) == 0);
        assert_true(icl_mi_table(count, 1, 63, scratch()) == 0);
    }
}

/* ---- tables --------------------------------------------------------------------------------------------------- */

enum { MOST_SAMPLES = 20500 };

/* Two columns of correlation .75; `kind` 1: half silent, 2: whole numbers of many levels, 3: half silent and capped. */
static void draw_columns(unsigned kind, uint64_t seed, size_t n, struct icl_column *x, struct icl_column *y)
{
    static double value[2][MOST_SAMPLES];
    draw_normal(seed, 0, n, value[0]);
    draw_normal(seed, 1, n, value[1]);
    for (size_t i = 0; i < n; i++)
        value[1][i] = .75 * value[0][i] + sqrt(1 - .75 * .75) * value[1][i];
    for (size_t i = 0; i < n; i++)
        for (unsigned c = 0; c < 2; c++) {
            double *v = &value[c][i];
            if (kind == 1 || kind == 3) *v = fmax(*v, 0);
            if (kind == 3) *v = fmin(*v, 1 + c);
            if (kind == 2) *v = rint(30 * *v);
        }
    *x = column_of(value[0], n);
    *y = column_of(value[1], n);
}

static void check_table(const struct icl_column *x, const struct icl_column *y, unsigned bins_x, unsigned bins_y)
{
    struct icl_binned bx, by;
    const size_t n = x->n;
    const struct icl_mark mark = icl_workspace_mark(scratch());
    uint32_t *number_x = take_words(n), *number_y = take_words(n);
    size_t rows, cols;
    assert_int_equal(icl_quantile_bins(x, bins_x, number_x, &rows), ICL_OK);
    assert_int_equal(icl_quantile_bins(y, bins_y, number_y, &cols), ICL_OK);
    assert_int_equal(icl_binned_make(&bx, x, bins_x, NULL), ICL_OK);
    assert_int_equal(icl_binned_make(&by, y, bins_y, NULL), ICL_OK);
    assert_int_equal(bx.bins, rows);
    assert_int_equal(by.bins, cols);
    assert_int_equal(bx.bitmap != NULL, rows <= ICL_BINNED_MOST_BITMAPS);
    uint32_t *count = take_words(rows * cols + 1), *plain = take_words(rows * cols);
    memset(plain, 0, rows * cols * sizeof *plain);
    memset(count, 0xab, (rows * cols + 1) * sizeof *count);
    for (size_t i = 0; i < n; i++)
        plain[number_x[i] * cols + number_y[i]]++;
    icl_binned_table(&bx, &by, count);
    assert_memory_equal(count, plain, rows * cols * sizeof *count);
    assert_int_equal(count[rows * cols], 0xabababab);
    icl_binned_free(&bx);
    icl_binned_free(&by);
    icl_workspace_release(scratch(), mark);
}

/* Sizes about a word, a padded bitmap, and the words that are counted at a time. */
static const size_t sizes[] = {12, 63, 64, 65, 511, 512, 513, 1500, 10239, 10241, MOST_SAMPLES};
static const unsigned bin_counts[] = {1, 2, 3, 4, 5, 6, 7, 9, 11, 16, 17, 33, 64, 70};

static void check_tables(void)
{
    for (size_t s = 0; s < COUNT_OF(sizes); s++)
        for (unsigned kind = 0; kind < 4; kind++) {
            struct icl_column x, y;
            draw_columns(kind, 10 + s, sizes[s], &x, &y);
            for (size_t b = 0; b < COUNT_OF(bin_counts); b++)
                check_table(&x, &y, bin_counts[b], bin_counts[(5 * b + 3) % COUNT_OF(bin_counts)]);
            icl_column_free(&x);
            icl_column_free(&y);
        }
}

/* Runs `check` with every variant of this machine, by bitmaps wherever there are any, sample by sample, and as the
 * variant itself chooses. */
static void with_every_variant(void (*check)(void))
{
    for (size_t v = 0; icl_joint_variants[v] != NULL; v++) {
        if (!icl_joint_variants[v]->supported()) continue; /* told by the_choice_of_variants */
        const size_t most_cells[] = {SIZE_MAX, 0, icl_joint_variants[v]->most_cells};
        for (size_t m = 0; m < COUNT_OF(most_cells); m++) {
            struct icl_joint_variant variant = *icl_joint_variants[v];
            variant.most_cells = most_cells[m];
            icl_joint_use(&variant);
            check();
            icl_joint_use(NULL);
        }
    }
}

static void tables_agree_with_plain_counting(void **state)
{
    (void)state;
    with_every_variant(check_tables);
}

/* The margins of the last row and column are not looked at where bitmaps are counted: a bitmap of all samples is the
 * margin of the other column. */
static void words_are_counted(void **state)
{
    (void)state;
    enum { WORDS = 168, MOST = 11 };
    uint64_t *x = icl_workspace_take(scratch(), MOST * WORDS, sizeof *x);
    uint64_t *y = icl_workspace_take(scratch(), MOST * WORDS, sizeof *y);
    assert_true(x != NULL && y != NULL);
    const struct icl_stream stream = test_stream(5, 0);
    for (uint64_t w = 0; w < MOST * WORDS; w++) {
        x[w] = icl_random_below(&stream, 4 * w, UINT64_C(1) << 32) << 32 |
               icl_random_below(&stream, 4 * w + 1, UINT64_C(1) << 32);
        y[w] = icl_random_below(&stream, 4 * w + 2, UINT64_C(1) << 32) << 32 |
               icl_random_below(&stream, 4 * w + 3, UINT64_C(1) << 32);
    }
    for (size_t v = 0; icl_joint_variants[v] != NULL; v++) {
        if (!icl_joint_variants[v]->supported()) continue;
        for (size_t xs = 0; xs <= MOST; xs++)
            for (size_t ys = 0; ys <= MOST; ys++) {
                uint32_t count[MOST * (MOST + 1)], wanted[MOST * (MOST + 1)];
                for (size_t c = 0; c < COUNT_OF(count); c++)
                    count[c] = wanted[c] = (uint32_t)(17 * c);
                for (size_t i = 0; i < xs; i++)
                    for (size_t j = 0; j < ys; j++)
                        for (size_t w = 0; w < WORDS; w++)
                            for (uint64_t both = x[i * WORDS + w] & y[j * WORDS + w]; both != 0; both &= both - 1)
                                wanted[i * (MOST + 1) + j]++;
                icl_joint_variants[v]->count(x, xs, y, ys, WORDS, count, MOST + 1);
                assert_memory_equal(count, wanted, sizeof count);
            }
        double words = 0;
        assert_true(icl_joint_variants[v]->peak(1000, &words) > 0);
        assert_true(words >= 4000);
    }
}

static void the_choice_of_variants(void **state)
{
    (void)state;
    const struct icl_joint_variant *chosen = icl_joint();
    assert_true(chosen->supported());
    icl_joint_use(icl_joint_variants[0]);
    assert_ptr_equal(icl_joint(), icl_joint_variants[0]);
    icl_joint_use(NULL);
    assert_ptr_equal(icl_joint(), chosen);
    assert_string_equal(icl_joint_variants[0]->name, "portable");
    unsigned left_out = 0;
    for (size_t v = 0; icl_joint_variants[v] != NULL; v++)
        left_out += !icl_joint_variants[v]->supported();
    if (left_out > 0) skip();
}

/* ---- values --------------------------------------------------------------------------------------------------- */

static void check_value(const struct icl_column *x, const struct icl_column *y, unsigned bins)
{
    const struct icl_mi_options options = {.estimator = ICL_MI_PLUGIN, .bins = bins};
    struct icl_mi_result wanted, got, turned;
    struct icl_binned bx, by;
    struct icl_count_terms terms;
    assert_int_equal(icl_mi_pair(x, y, &options, scratch(), &wanted, NULL), ICL_OK);
    assert_int_equal(icl_binned_make(&bx, x, bins, NULL), ICL_OK);
    assert_int_equal(icl_binned_make(&by, y, bins, NULL), ICL_OK);
    assert_int_equal(icl_count_terms_make(&terms, x->n, NULL), ICL_OK);
    assert_int_equal(icl_plugin_pair(&bx, &by, &terms, scratch(), &got, NULL), ICL_OK);
    assert_int_equal(icl_plugin_pair(&by, &bx, &terms, scratch(), &turned, NULL), ICL_OK);
    assert_true(isnan(wanted.mi) == isnan(got.mi));
    if (!isnan(wanted.mi)) {
        assert_memory_equal(&got.mi, &wanted.mi, sizeof got.mi);
        assert_memory_equal(&turned.mi, &wanted.mi, sizeof got.mi);
    }
    assert_int_equal(got.estimator, wanted.estimator);
    assert_int_equal(got.notes, wanted.notes);
    assert_true(isnan(got.atoms) && isnan(got.x_amplitude) && isnan(got.y_amplitude) && isnan(got.amplitudes));
    icl_count_terms_free(&terms);
    icl_binned_free(&bx);
    icl_binned_free(&by);
}

static void check_values(void)
{
    const unsigned bins[] = {0, 2, 8, 16, 40};
    for (size_t s = 0; s < COUNT_OF(sizes); s++)
        for (unsigned kind = 0; kind < 4; kind++) {
            struct icl_column x, y;
            draw_columns(kind, 30 + s, sizes[s], &x, &y);
            for (size_t b = 0; b < COUNT_OF(bins); b++)
                check_value(&x, &y, bins[b]);
            icl_column_free(&x);
            icl_column_free(&y);
        }
}

static void values_are_those_of_one_pair(void **state)
{
    (void)state;
    with_every_variant(check_values);
}

static void odd_columns(void **state)
{
    (void)state;
    enum { N = 200 };
    double value[3][N];
    draw_normal(3, 0, N, value[0]);
    for (size_t i = 0; i < N; i++) {
        value[1][i] = 4;
        value[2][i] = i == 77 ? NAN : value[0][i];
    }
    struct icl_column c[3];
    for (size_t k = 0; k < 3; k++)
        c[k] = column_of(value[k], N);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            check_value(&c[i], &c[j], 8);
    struct icl_column shorter = column_of(value[0], N - 1);
    struct icl_binned b[2];
    struct icl_count_terms terms;
    struct icl_mi_result result;
    struct icl_error err;
    assert_int_equal(icl_binned_make(&b[0], &c[0], 8, &err), ICL_OK);
    assert_int_equal(icl_binned_make(&b[1], &shorter, 8, &err), ICL_OK);
    assert_int_equal(icl_count_terms_make(&terms, N, &err), ICL_OK);
    assert_int_equal(icl_plugin_pair(&b[0], &b[1], &terms, scratch(), &result, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "200 and 199 rows"));
    icl_count_terms_free(&terms);
    icl_binned_free(&b[0]);
    icl_binned_free(&b[0]);
    icl_binned_free(&b[1]);
    icl_column_free(&shorter);
    for (size_t k = 0; k < 3; k++)
        icl_column_free(&c[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_are_rounded_once),
        cmocka_unit_test(tables_of_terms),
        cmocka_unit_test(sums_have_no_order),
        cmocka_unit_test(tables_agree_with_plain_counting),
        cmocka_unit_test(words_are_counted),
        cmocka_unit_test(the_choice_of_variants),
        cmocka_unit_test(values_are_those_of_one_pair),
        cmocka_unit_test(odd_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
