/* Total correlation of several neurons: stored answers, plain second ways, Gaussian truths. */
#include "tests/estimators_support.h"

#include "estimators/total_correlation.h"
#include "experiments/multinormal.h"

enum { MOST = 4, N = 3000 };

typedef icl_status (*knn_estimator)(const struct icl_points *, const double *const *, unsigned, struct icl_workspace *,
                                    double *, struct icl_error *);

static icl_status knn_by(knn_estimator estimator, const double *const *at, unsigned d, size_t n, unsigned k, double *tc,
                         struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    struct icl_points points = {.n = n, .dimensions = d};
    const double *sorted[MOST];
    for (unsigned a = 0; a < d; a++) {
        double *ascending = take_doubles(n);
        plain_sort(at[a], n, ascending);
        sorted[a] = ascending;
        points.at[a] = at[a];
    }
    const icl_status status = estimator(&points, sorted, k, scratch(), tc, err);
    icl_workspace_release(scratch(), mark);
    return status;
}

static icl_status knn(const double *const *at, unsigned d, size_t n, unsigned k, double *tc, struct icl_error *err)
{
    return knn_by(icl_tc_mesner_shalizi, at, d, n, k, tc, err);
}

/* Sum of the entropies of the margins minus the joint entropy, each with Miller's correction: no logarithm of a ratio
 * is shared with the program. */
static double plain_entropy(const uint64_t *count, size_t cells)
{
    double total = 0, sum = 0, occupied = 0;
    for (size_t c = 0; c < cells; c++)
        total += (double)count[c];
    for (size_t c = 0; c < cells; c++) {
        if (count[c] == 0) continue;
        sum -= (double)count[c] / total * log((double)count[c] / total);
        occupied += 1;
    }
    return sum + (occupied - 1) / (2 * total);
}

static void check_answer(const struct answer *a)
{
    char names[NAME_SIZE];
    strcpy(names, a->x);
    struct icl_column column[MOST];
    const double *at[MOST];
    unsigned d = 0;
    for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
        column[d] = column_of(stored_sample(name), SAMPLES);
        at[d] = column[d].z;
        d++;
    }
    double tc;
    assert_int_equal(knn(at, d, SAMPLES, a->k, &tc, NULL), ICL_OK);
    assert_near(tc, a->value, 1e-12);
    while (d-- > 0)
        icl_column_free(&column[d]);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer("total-correlation", check_answer);
}

static void agrees_with_the_plain_way(void **state)
{
    (void)state;
    enum { FEW = 150 };
    double value[MOST][FEW], tc;
    const double *at[MOST];
    for (unsigned d = 1; d <= MOST; d++)
        for (unsigned k = 1; k <= 13; k += 3)
            for (int atoms = 0; atoms < 2; atoms++) {
                for (unsigned a = 0; a < d; a++) {
                    draw_normal(60 + k, a, FEW, value[a]);
                    for (size_t i = 0; i < FEW; i++)
                        value[a][i] = atoms ? fmax(value[a][i] + 0.5 * value[0][i], 0) : value[a][i] + value[0][i];
                    at[a] = value[a];
                }
                assert_int_equal(knn(at, d, FEW, k, &tc, NULL), ICL_OK);
                assert_near(tc, plain_total_correlation(at, d, FEW, k), 1e-12);
                if (atoms) continue;
                assert_int_equal(knn_by(icl_tc_ksg1, at, d, FEW, k, &tc, NULL), ICL_OK);
                assert_near(tc, plain_tc_ksg1(at, d, FEW, k), 1e-12);
            }
}

/* Three normals of all correlations .5, and behind gates. */
static void gaussian_truths(void **state)
{
    (void)state;
    static const double R[] = {1, 0.5, 0.5, 0.5, 1, 0.5, 0.5, 0.5, 1};
    static double value[3 * N], gate[N];
    const double *const at[] = {value, value + N, value + 2 * N};
    const unsigned seeds = 6;
    print_message("# seeds 1..%u\n", seeds);
    for (int gates = 0; gates < 2; gates++) {
        struct summary found = {0};
        double truth, tc;
        assert_int_equal(icl_total_correlation_after_gates(3, R, gates ? 0.7 : 1, &truth, NULL), ICL_OK);
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            assert_int_equal(icl_law_multinormal(3, R, seed, 0, N, value, NULL), ICL_OK);
            for (uint32_t a = 0; a < 3 && gates; a++) {
                draw_uniform(seed, a, N, gate);
                for (size_t i = 0; i < N; i++)
                    value[a * N + i] *= gate[i] < 0.7;
            }
            assert_int_equal(knn(at, 3, N, 5, &tc, NULL), ICL_OK);
            summary_add(&found, tc);
        }
        assert_near(found.mean, truth, 0.03 + 4 * summary_error(&found));
    }
}

/* ---- decomposition -------------------------------------------------------------------------------------------- */

static icl_status decompose(const double *const *at, unsigned d, size_t n, unsigned k, double *tc,
                            struct icl_error *err)
{
    struct icl_column column[MOST + 1];
    const struct icl_column *columns[MOST + 1];
    for (unsigned a = 0; a < d; a++) {
        column[a] = column_of(at[a], n);
        columns[a] = &column[a];
    }
    const icl_status status = icl_tc_decomposition(columns, d, k, scratch(), tc, err);
    while (d-- > 0)
        icl_column_free(&column[d]);
    return status;
}

/* Gated normals and a rectified one: each has its only atom at zero. */
static void draw_silent(uint64_t seed, unsigned d, size_t n, double *value)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *gate = take_doubles(n), *common = take_doubles(n);
    draw_normal(seed, 30, n, common);
    for (unsigned a = 0; a < d; a++) {
        draw_normal(seed, a, n, value + a * n);
        draw_uniform(seed, 40 + a, n, gate);
        for (size_t i = 0; i < n; i++) {
            const double v = value[a * n + i] + common[i];
            value[a * n + i] = a == 1 ? fmax(v, 0) : gate[i] < 0.7 ? v : 0;
        }
    }
    icl_workspace_release(scratch(), mark);
}

/* The formula, sample sets picked by loops; pattern bit a: column a is at its atom. */
static double plain_decomposition(const double *value, unsigned d, size_t n, unsigned k)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    uint32_t *pattern = take_words(n), *label = take_words(n);
    uint64_t count[1 << MOST] = {0}, margin[2];
    double *part = take_doubles(n * d), joint = 0, tc = 0;
    for (size_t i = 0; i < n; i++) {
        pattern[i] = 0;
        for (unsigned a = 0; a < d; a++)
            pattern[i] |= (value[a * n + i] == 0 ? 1U : 0U) << a;
        count[pattern[i]]++;
    }
    joint = plain_entropy(count, (size_t)1 << d);
    for (unsigned a = 0; a < d; a++) { /* identities, and what an amplitude tells of the others' */
        size_t m = 0;
        margin[0] = margin[1] = 0;
        struct icl_column own = column_of(value + a * n, n);
        for (size_t i = 0; i < n; i++) {
            margin[pattern[i] >> a & 1]++;
            if ((pattern[i] >> a & 1) != 0) continue;
            part[m] = own.score[i];
            label[m++] = pattern[i];
        }
        icl_column_free(&own);
        tc += plain_entropy(margin, 2);
        if (m > k) tc += (double)m / (double)n * plain_ross(part, label, m, k);
    }
    for (uint32_t s = 0; s < 1U << d; s++) { /* amplitudes about each other, on normal scores of their own columns */
        const double *at[MOST];
        unsigned continuous = 0;
        for (unsigned a = 0; a < d; a++) {
            if ((s >> a & 1) != 0) continue;
            struct icl_column c = column_of(value + a * n, n);
            size_t m = 0;
            for (size_t i = 0; i < n; i++)
                if (pattern[i] == s) part[continuous * n + m++] = c.score[i];
            at[continuous] = part + continuous * n;
            continuous++;
            icl_column_free(&c);
        }
        if (continuous >= 2 && count[s] > k)
            tc += (double)count[s] / (double)n * plain_tc_ksg1(at, continuous, count[s], k);
    }
    icl_workspace_release(scratch(), mark);
    return tc - joint;
}

static void the_decomposition_by_its_formula(void **state)
{
    (void)state;
    enum { FEW = 300 };
    static double value[MOST * FEW];
    const double *const at[] = {value, value + FEW, value + 2 * FEW, value + 3 * FEW};
    for (unsigned d = 2; d <= MOST; d++)
        for (unsigned k = 1; k <= 13; k += 4) {
            double tc;
            draw_silent(80 + k, d, FEW, value);
            assert_int_equal(decompose(at, d, FEW, k, &tc, NULL), ICL_OK);
            assert_near(tc, plain_decomposition(value, d, FEW, k), 1e-12);
            if (d > 2) continue;
            const struct icl_mi_options options = {.estimator = ICL_MI_DECOMPOSITION, .k = k};
            assert_near(tc, result_of(at[0], at[1], FEW, &options).mi, 1e-12);
        }
}

/* Three normals behind gates: the exact value, and no bias to speak of. */
static void the_truth_behind_gates(void **state)
{
    (void)state;
    static const double R[] = {1, 0.5, 0.5, 0.5, 1, 0.5, 0.5, 0.5, 1};
    static double value[3 * N], gate[N];
    const double *const at[] = {value, value + N, value + 2 * N};
    const unsigned seeds = 10;
    print_message("# seeds 1..%u\n", seeds);
    struct summary found = {0};
    double truth, tc;
    assert_int_equal(icl_total_correlation_after_gates(3, R, 0.7, &truth, NULL), ICL_OK);
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        assert_int_equal(icl_law_multinormal(3, R, seed, 0, N, value, NULL), ICL_OK);
        for (uint32_t a = 0; a < 3; a++) {
            draw_uniform(seed, a, N, gate);
            for (size_t i = 0; i < N; i++)
                value[a * N + i] *= gate[i] < 0.7;
        }
        assert_int_equal(decompose(at, 3, N, 5, &tc, NULL), ICL_OK);
        summary_add(&found, tc);
    }
    assert_near(found.mean, truth, 0.006 + 4 * summary_error(&found));
}

static void odd_columns_are_refused(void **state)
{
    (void)state;
    double x[] = {1, 2, 4, 3, 9}, y[] = {2, 1, 3, 3.5, 0}, tc;
    const double *const at[] = {x, y, x, y, x};
    struct icl_error err;
    assert_int_equal(decompose(at, 1, 5, 2, &tc, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "2 to 4"));
    assert_int_equal(decompose(at, 5, 5, 2, &tc, &err), ICL_ERR_INPUT);
    struct icl_column whole = column_of(x, 5), part = column_of(y, 4);
    const struct icl_column *const unequal[] = {&whole, &part};
    assert_int_equal(icl_tc_decomposition(unequal, 2, 2, scratch(), &tc, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "5 and 4 rows"));
    icl_column_free(&whole);
    icl_column_free(&part);
    y[1] = NAN;
    assert_int_equal(decompose(at, 2, 5, 2, &tc, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "column 1"));
    for (int i = 0; i < 5; i++)
        x[i] = y[i] = 4;
    assert_int_equal(decompose(at, 2, 5, 2, &tc, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "column 0 is constant"));
}

/* ---- tables --------------------------------------------------------------------------------------------------- */

static void tables_agree_with_the_plain_way(void **state)
{
    (void)state;
    enum { A = 3, B = 4, C = 5 };
    const size_t shape[] = {A, B, C};
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint64_t count[A][B][C] = {0}, a_margin[A] = {0}, b_margin[B] = {0}, c_margin[C] = {0};
        const struct icl_stream stream = test_stream(seed, 0);
        for (uint64_t e = 0; e < 30 * seed; e++) {
            const size_t a = icl_random_below(&stream, 3 * e, A);
            const size_t b = (a + icl_random_below(&stream, 3 * e + 1, B - 1)) % B;
            const size_t c = (b + icl_random_below(&stream, 3 * e + 2, C - 2)) % C;
            count[a][b][c]++;
            a_margin[a]++;
            b_margin[b]++;
            c_margin[c]++;
        }
        double tc;
        assert_int_equal(icl_tc_table(&count[0][0][0], shape, 3, scratch(), &tc, NULL), ICL_OK);
        assert_near(tc,
                    plain_entropy(a_margin, A) + plain_entropy(b_margin, B) + plain_entropy(c_margin, C) -
                        plain_entropy(&count[0][0][0], (size_t)A * B * C),
                    1e-13);
    }
}

/* Weights of any size are shares; the correction is that of the samples. */
static void weights_are_shares(void **state)
{
    (void)state;
    const uint64_t count[] = {12, 3, 0, 5, 20, 7};
    const size_t shape[] = {2, 3};
    double weight[6], tc, weighted;
    assert_int_equal(icl_tc_table(count, shape, 2, scratch(), &tc, NULL), ICL_OK);
    for (int scale = -3; scale <= 3; scale++) {
        for (int c = 0; c < 6; c++)
            weight[c] = ldexp((double)count[c], scale) * 1.3;
        assert_int_equal(icl_tc_weighted(weight, shape, 2, 47, scratch(), &weighted, NULL), ICL_OK);
        assert_near(weighted, tc, 1e-15);
        /* ten times the samples: a tenth of the correction (5 cells - 2 - 3 + 1) / (2 47) */
        assert_int_equal(icl_tc_weighted(weight, shape, 2, 470, scratch(), &weighted, NULL), ICL_OK);
        assert_near(weighted, tc + 1.0 / 94 - 1.0 / 940, 1e-15);
    }
    /* levels without a sample change nothing: no row between the two, no last column */
    const double wide[] = {12, 3, 0, 0, 0, 0, 0, 0, 5, 20, 7, 0};
    const size_t wide_shape[] = {3, 4};
    assert_int_equal(icl_tc_weighted(wide, wide_shape, 2, 47, scratch(), &weighted, NULL), ICL_OK);
    assert_near(weighted, tc, 1e-15);
}

static void special_tables(void **state)
{
    (void)state;
    const uint64_t empty[4] = {0}, one[3] = {5, 7, 1};
    const size_t shape[ICL_MAX_COORDINATES + 1] = {2, 2}, single[] = {3};
    double tc = -7;
    assert_int_equal(icl_tc_table(empty, shape, 2, scratch(), &tc, NULL), ICL_OK);
    assert_near(tc, 0, 0);
    assert_int_equal(icl_tc_table(one, single, 1, scratch(), &tc, NULL), ICL_OK);
    assert_near(tc, 0, 1e-15);
    struct icl_error err;
    assert_int_equal(icl_tc_table(one, shape, 0, scratch(), &tc, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "0 variables"));
    assert_int_equal(icl_tc_table(one, shape, ICL_MAX_COORDINATES + 1, scratch(), &tc, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "1 to 8"));
}

static void too_few_samples_are_refused(void **state)
{
    (void)state;
    const double x[] = {1, 2, 4}, *const at[] = {x, x, x};
    struct icl_error err;
    double tc;
    assert_int_equal(knn(at, 3, 3, 3, &tc, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "3 samples are too few"));
    assert_int_equal(knn_by(icl_tc_ksg1, at, 3, 3, 3, &tc, &err), ICL_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),
        cmocka_unit_test(agrees_with_the_plain_way),
        cmocka_unit_test(gaussian_truths),
        cmocka_unit_test(tables_agree_with_the_plain_way),
        cmocka_unit_test(special_tables),
        cmocka_unit_test(weights_are_shares),
        cmocka_unit_test(the_decomposition_by_its_formula),
        cmocka_unit_test(the_truth_behind_gates),
        cmocka_unit_test(odd_columns_are_refused),
        cmocka_unit_test(too_few_samples_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
