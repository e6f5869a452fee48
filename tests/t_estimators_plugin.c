/* Tables and quantile bins: stored answers, plain second ways, discrete laws. */
#include "tests/enclosures.h"
#include "tests/estimators_support.h"

#include <stdlib.h>

#include "experiments/laws.h"

/* ---- tables --------------------------------------------------------------------------------------------------- */

static void tables_agree_with_the_plain_way(void **state)
{
    (void)state;
    for (size_t rows = 1; rows <= 6; rows++)
        for (size_t cols = 1; cols <= 6; cols++)
            for (uint64_t seed = 1; seed <= 5; seed++) {
                uint64_t count[36] = {0};
                const struct icl_stream stream = test_stream(seed, (uint32_t)(10 * rows + cols));
                for (uint64_t e = 0; e < 40; e++) {
                    const size_t i = icl_random_below(&stream, 2 * e, rows);
                    count[i * cols + (i + icl_random_below(&stream, 2 * e + 1, 2)) % cols] += 1 + e % 3;
                }
                assert_near(icl_mi_table(count, rows, cols, scratch()), plain_table(count, rows, cols), 1e-14);
            }
    const uint64_t empty[6] = {0};
    assert_near(icl_mi_table(empty, 2, 3, scratch()), 0, 0);
}

/* P(0,0) = P(1,1) = .35: by hand. */
static void binary_table_by_hand(void **state)
{
    (void)state;
    const uint64_t count[] = {35, 15, 15, 35};
    assert_near(icl_mi_table(count, 2, 2, scratch()), 0.7 * log(1.4) + 0.3 * log(0.6) - 1.0 / 200, 1e-15);
    const uint64_t diagonal[] = {50, 0, 0, 50};
    assert_near(icl_mi_table(diagonal, 2, 2, scratch()), M_LN2 + 1.0 / 200, 1e-15);
}

/* scikit-learn knows no correction: it is added back. */
static void check_uncorrected(const struct answer *a)
{
    enum { LEVELS = 5 };
    uint64_t count[LEVELS * LEVELS] = {0};
    const double *x = stored_sample(a->x), *y = stored_sample(a->y);
    double joint = 0, kx = 0, ky = 0;
    bool row[LEVELS] = {false}, col[LEVELS] = {false};
    for (size_t i = 0; i < SAMPLES; i++) {
        count[(size_t)x[i] * LEVELS + (size_t)y[i]]++;
        row[(size_t)x[i]] = col[(size_t)y[i]] = true;
    }
    for (size_t c = 0; c < LEVELS * LEVELS; c++)
        joint += count[c] > 0;
    for (size_t l = 0; l < LEVELS; l++) {
        kx += row[l];
        ky += col[l];
    }
    assert_near(icl_mi_table(count, LEVELS, LEVELS, scratch()) + (joint - kx - ky + 1) / (2 * SAMPLES), a->value,
                1e-13);
}

static void check_answer(const struct answer *a)
{
    const struct icl_mi_options options = {.estimator = ICL_MI_PLUGIN, .bins = a->k};
    assert_near(result_of(stored_sample(a->x), stored_sample(a->y), SAMPLES, &options).mi, a->value, 1e-13);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer("table", check_uncorrected);
    for_each_answer("plugin", check_answer);
}

/* ---- bins ----------------------------------------------------------------------------------------------------- */

static void bins_are_of_equal_count(void **state)
{
    (void)state;
    enum { N = 360 };
    double x[N];
    uint32_t bin[N];
    size_t used;
    draw_normal(31, 0, N, x);
    struct icl_column c = column_of(x, N);
    for (unsigned bins = 1; bins <= 12; bins++) {
        size_t count[12] = {0};
        assert_int_equal(icl_quantile_bins(&c, bins, bin, &used), ICL_OK);
        assert_int_equal(used, bins);
        for (size_t i = 0; i < N; i++) {
            assert_in_range(bin[i], 0, bins - 1);
            count[bin[i]]++;
            for (size_t j = 0; j < N; j++)
                assert_true(x[j] <= x[i] || (c.from_top ? bin[j] <= bin[i] : bin[j] >= bin[i]));
        }
        for (unsigned b = 0; b < bins; b++)
            assert_in_range(count[b], N / bins, N / bins + (N % bins != 0));
    }
    /* more bins than samples: one each */
    assert_int_equal(icl_quantile_bins(&c, 5000, bin, &used), ICL_OK);
    assert_int_equal(used, N);
    icl_column_free(&c);
}

static void an_atom_is_a_bin_of_its_own(void **state)
{
    (void)state;
    enum { N = 300 };
    double x[N];
    uint32_t bin[N];
    size_t used;
    draw_normal(32, 0, N, x);
    for (size_t i = 0; i < N; i++)
        x[i] = fmin(1, fmax(-0.5, x[i]));
    struct icl_column c = column_of(x, N);
    assert_int_equal(c.atom_count, 2);
    assert_int_equal(icl_quantile_bins(&c, 4, bin, &used), ICL_OK);
    assert_int_equal(used, 6);
    for (size_t i = 0; i < N; i++) {
        if (x[i] == -0.5)
            assert_int_equal(bin[i], 0);
        else if (x[i] == 1)
            assert_int_equal(bin[i], 1);
        else
            assert_in_range(bin[i], 2, 5);
    }
    icl_column_free(&c);
}

/* Values that repeat a few times in a density may not be torn apart by an edge. */
static void equal_values_share_a_bin(void **state)
{
    (void)state;
    enum { N = 100 };
    double x[N];
    uint32_t bin[N];
    size_t used;
    for (size_t i = 0; i < N; i++)
        x[i] = i < 60 ? (double)i : 100 + (double)(i / 3);
    struct icl_column c = column_of(x, N);
    assert_int_equal(c.atom_count, 0);
    assert_true(c.tied);
    for (unsigned bins = 2; bins < 60; bins++) {
        assert_int_equal(icl_quantile_bins(&c, bins, bin, &used), ICL_OK);
        for (size_t i = 1; i < N; i++)
            assert_true(x[i] != x[i - 1] || bin[i] == bin[i - 1]);
    }
    icl_column_free(&c);
}

/* floor((n/4)^(1/3)) within 2 .. 64, exact at the cubes. */
static void the_default_number_of_bins(void **state)
{
    (void)state;
    enum { MOST = 4 * 66 * 66 * 66 };
    double *x = malloc(MOST * sizeof *x);
    uint32_t *bin = malloc(MOST * sizeof *bin);
    assert_true(x != NULL && bin != NULL);
    for (size_t i = 0; i < MOST; i++)
        x[i] = (double)i;
    for (size_t m = 1; m <= 66; m += m < 20 ? 1 : 23)
        for (int below = 0; below < 2; below++) {
            const size_t n = 4 * m * m * m - (size_t)below, root = m - (size_t)below;
            size_t used;
            struct icl_column c = column_of(x, n);
            assert_int_equal(icl_quantile_bins(&c, 0, bin, &used), ICL_OK);
            assert_int_equal(used, root < 2 ? 2 : root > 64 ? 64 : root);
            icl_column_free(&c);
        }
    free(x);
    free(bin);
}

/* ---- the estimator -------------------------------------------------------------------------------------------- */

/* Bins by counting smaller values, and the table as it is written. */
static void agrees_with_the_plain_way(void **state)
{
    (void)state;
    enum { N = 500, BINS = 6 };
    double x[N], y[N];
    for (uint64_t seed = 1; seed <= 5; seed++) {
        draw_pair(&(struct pair_law){0.7, true, ICL_GATE_INDEPENDENT, 0.8}, seed, N, x, y);
        uint64_t count[(BINS + 1) * (BINS + 1)] = {0};
        for (size_t i = 0; i < N; i++) {
            size_t cell[2];
            for (int side = 0; side < 2; side++) {
                const double *v = side == 0 ? x : y;
                size_t continuous = 0;
                bool member[N];
                for (size_t j = 0; j < N; j++)
                    continuous += member[j] = v[j] != 0;
                cell[side] = v[i] == 0 ? BINS : plain_depth(v, member, N, i) * BINS / continuous;
            }
            count[cell[0] * (BINS + 1) + cell[1]]++;
        }
        const struct icl_mi_options options = {.estimator = ICL_MI_PLUGIN, .bins = BINS};
        assert_near(result_of(x, y, N, &options).mi, plain_table(count, BINS + 1, BINS + 1), 1e-13);
    }
}

static void truths(void **state)
{
    (void)state;
    enum { N = 5000 };
    static double x[N], y[N];
    const unsigned seeds = 10;
    print_message("# seeds 1..%u\n", seeds);
    /* discrete laws, where nothing is lost */
    static const char *const names[] = {"discrete", "binary"};
    for (size_t l = 0; l < COUNT_OF(names); l++) {
        const struct icl_law *law = icl_law_by_name(names[l]);
        struct summary found = {0};
        double truth;
        assert_int_equal(law->mi(law, &truth, NULL), ICL_OK);
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            law->sample(law, seed, 0, N, x, y);
            summary_add(&found, mi_of(x, y, N, ICL_MI_PLUGIN, 0));
        }
        assert_near(found.mean, truth, 1e-4 + 4 * summary_error(&found));
    }
    /* independence: Miller and Madow take the bias away, .01 of it with 10 x 10 bins */
    struct summary none = {0};
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        draw_pair(&(struct pair_law){0, false, ICL_GATE_INDEPENDENT, 1}, seed, N, x, y);
        summary_add(&none, mi_of(x, y, N, ICL_MI_PLUGIN, 0));
    }
    assert_near(none.mean, 0, 4e-4 + 4 * summary_error(&none));
    /* a density loses to the bins, and never gains */
    struct summary normal = {0};
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        draw_pair(&(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 1}, seed, N, x, y);
        summary_add(&normal, mi_of(x, y, N, ICL_MI_PLUGIN, 0));
    }
    assert_true(normal.mean < enclosed("gauss", 0.75, ICL_GATE_INDEPENDENT, 1, "mi") && normal.mean > 0.34);
}

/* b bins of each of d columns from 4 b^(d+1) samples on, 2 to 64. */
static void default_bins_at_the_powers(void **state)
{
    (void)state;
    for (size_t d = 1; d <= 6; d++)
        for (unsigned b = 3; b <= 12; b++) {
            size_t n = 4;
            for (size_t a = 0; a <= d; a++)
                n *= b;
            assert_int_equal(icl_default_bins(n - 1, d), b - 1);
            assert_int_equal(icl_default_bins(n, d), b);
        }
    assert_int_equal(icl_default_bins(1, 2), 2);
    assert_int_equal(icl_default_bins((size_t)1 << 40, 2), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_bins_at_the_powers), cmocka_unit_test(tables_agree_with_the_plain_way),
        cmocka_unit_test(binary_table_by_hand),       cmocka_unit_test(agrees_with_stored_answers),
        cmocka_unit_test(bins_are_of_equal_count),    cmocka_unit_test(an_atom_is_a_bin_of_its_own),
        cmocka_unit_test(equal_values_share_a_bin),   cmocka_unit_test(the_default_number_of_bins),
        cmocka_unit_test(agrees_with_the_plain_way),  cmocka_unit_test(truths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
