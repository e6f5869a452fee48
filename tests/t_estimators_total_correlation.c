/* Total correlation of several neurons: stored answers, plain second ways, Gaussian truths. */
#include "tests/estimators_support.h"

#include "estimators/total_correlation.h"
#include "experiments/multinormal.h"

enum { MOST = 4, N = 3000 };

static icl_status knn(const double *const *at, unsigned d, size_t n, unsigned k, double *tc, struct icl_error *err)
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
    const icl_status status = icl_tc_mesner_shalizi(&points, sorted, k, scratch(), tc, err);
    icl_workspace_release(scratch(), mark);
    return status;
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

/* ---- tables --------------------------------------------------------------------------------------------------- */

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
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),
        cmocka_unit_test(agrees_with_the_plain_way),
        cmocka_unit_test(gaussian_truths),
        cmocka_unit_test(tables_agree_with_the_plain_way),
        cmocka_unit_test(special_tables),
        cmocka_unit_test(too_few_samples_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
