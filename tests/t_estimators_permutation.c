/* The permutation test: recomputed from its definition, exact under independence, blocks, early stop. */
#include "tests/estimators_support.h"

#include <stdlib.h>

#include "estimators/mi_permutation.h"

static struct icl_stream permute_stream(uint64_t seed)
{
    return (struct icl_stream){seed, ICL_PURPOSE_PERMUTE, 5, 99};
}

static double p_of(const double *x, const double *y, size_t n, const struct icl_mi_options *options, double observed,
                   const struct icl_permutation_plan *plan, uint64_t seed)
{
    const struct icl_stream stream = permute_stream(seed);
    struct icl_error err = {0};
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    double p;
    if (icl_mi_permutation_test(&cx, &cy, options, observed, plan, &stream, scratch(), &p, &err) != ICL_OK)
        fail_msg("%s", err.message);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return p;
}

/* ---- its definition ------------------------------------------------------------------------------------------- */

static const struct icl_mi_options ways[] = {
    {.estimator = ICL_MI_KSG1, .k = 3}, {.estimator = ICL_MI_AUTO},         {.estimator = ICL_MI_PLUGIN, .bins = 3},
    {.estimator = ICL_MI_GAUSSIAN},     {.estimator = ICL_MI_KSG2, .k = 4}, {.estimator = ICL_MI_PLUGIN},
};

enum { N = 80, M = 37 };

/* The permuted estimates, each from columns prepared afresh. */
static void permuted_estimates(const double *x, const double *y, const struct icl_mi_options *options, uint64_t seed,
                               double *value)
{
    uint32_t permutation[N];
    double shuffled[N];
    for (uint32_t m = 0; m < M; m++) {
        struct icl_stream stream = permute_stream(seed);
        stream.step = m;
        icl_random_permutation(&stream, N, permutation);
        for (size_t i = 0; i < N; i++)
            shuffled[i] = y[permutation[i]];
        value[m] = result_of(x, shuffled, N, options).mi;
    }
}

static void p_value_by_its_formula(void **state)
{
    (void)state;
    double x[N], y[N], value[M];
    for (size_t w = 0; w < COUNT_OF(ways); w++)
        for (uint64_t seed = 1; seed <= 6; seed++) {
            draw_pair(&(struct pair_law){0.2, false, ICL_GATE_INDEPENDENT, 0.8}, seed, N, x, y);
            const double observed = result_of(x, y, N, &ways[w]).mi;
            permuted_estimates(x, y, &ways[w], seed, value);
            unsigned reached = 0, third = 0;
            for (unsigned m = 0; m < M; m++) {
                reached += value[m] >= observed - ICL_MI_ROUNDING;
                if (reached == 3 && third == 0) third = m + 1;
            }
            const double p = p_of(x, y, N, &ways[w], observed, &(struct icl_permutation_plan){M, 0, 0}, seed);
            assert_near(p, (reached + 1.0) / (M + 1.0), 0);
            assert_near(p_of(x, y, N, &ways[w], observed, &(struct icl_permutation_plan){M, 1, 0}, seed), p, 0);
            const double early = p_of(x, y, N, &ways[w], observed, &(struct icl_permutation_plan){M, 0, 3}, seed);
            assert_near(early, third > 0 ? 3.0 / third : p, 0);
        }
    /* a value that permutations reach counts; the smallest p is 1/(M+1) */
    for (size_t i = 0; i < N; i++)
        x[i] = y[i] = (double)(i % 2);
    const struct icl_permutation_plan plan = {.permutations = M};
    const double own = result_of(x, y, N, &ways[2]).mi;
    assert_near(p_of(x, y, N, &ways[2], own, &plan, 1), 1.0 / (M + 1), 0);
    assert_near(p_of(x, y, N, &ways[2], -1, &plan, 1), 1, 0);
    /* a permuted value that ties with the observed one has reached it: the third permutation's own */
    draw_pair(&(struct pair_law){0.2, false, ICL_GATE_INDEPENDENT, 1}, 9, N, x, y);
    for (size_t w = 0; w < COUNT_OF(ways); w++) {
        permuted_estimates(x, y, &ways[w], 9, value);
        unsigned reached = 0;
        for (unsigned m = 0; m < M; m++)
            reached += value[m] >= value[2] - ICL_MI_ROUNDING;
        assert_near(p_of(x, y, N, &ways[w], value[2], &plan, 9), (reached + 1.0) / (M + 1.0), 0);
    }
}

/* Of two columns of 0 and 1 every estimate depends on the number of common ones alone, and the Gaussian copula rises
 * with its distance from what independence expects: in whole numbers no tie is lost, whatever is added in which order.
 */
static void ties_are_not_lost_to_rounding(void **state)
{
    (void)state;
    enum { ROWS = 30 };
    const struct icl_mi_options options = {.estimator = ICL_MI_GAUSSIAN};
    unsigned ties = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        double x[ROWS], y[ROWS];
        const struct icl_stream draw = {seed, ICL_PURPOSE_LAW, 3, 0};
        icl_random_uniform(&draw, 0, ROWS, x);
        icl_random_uniform(&draw, ROWS, ROWS, y);
        long ones_x = 0, ones_y = 0, both = 0;
        for (size_t i = 0; i < ROWS; i++) {
            x[i] = x[i] < 0.4;
            y[i] = y[i] < 0.3;
            ones_x += x[i] != 0;
            ones_y += y[i] != 0;
            both += x[i] != 0 && y[i] != 0;
        }
        const long own = labs(ROWS * both - ones_x * ones_y);
        unsigned reached = 0;
        for (uint32_t m = 0; m < M; m++) {
            uint32_t permutation[ROWS];
            struct icl_stream stream = permute_stream(seed);
            stream.step = m;
            icl_random_permutation(&stream, ROWS, permutation);
            long common = 0;
            for (size_t i = 0; i < ROWS; i++)
                common += x[i] != 0 && y[permutation[i]] != 0;
            const long far = labs(ROWS * common - ones_x * ones_y);
            reached += far >= own;
            ties += far == own;
        }
        const double observed = result_of(x, y, ROWS, &options).mi;
        assert_near(p_of(x, y, ROWS, &options, observed, &(struct icl_permutation_plan){M, 0, 0}, seed),
                    (reached + 1.0) / (M + 1.0), 0);
    }
    assert_true(ties > 20); /* or nothing was tried */
}

/* With M = 19 the p-value of independent neurons is uniform on 1/20 .. 20/20: mean .525, sd .2883. With a stop at h = 2
 * P(p <= a) is a for a of the form 2/m and below the least of these. */
static void p_value_is_uniform_under_independence(void **state)
{
    (void)state;
    double x[60], y[60];
    const struct icl_mi_options options = {.estimator = ICL_MI_AUTO};
    const unsigned seeds = 600;
    struct summary p = {0}, rejected = {0}, early = {0};
    print_message("# seeds 1..%u\n", seeds);
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        draw_pair(&(struct pair_law){0, false, ICL_GATE_INDEPENDENT, 0.5}, seed, 60, x, y);
        const double observed = result_of(x, y, 60, &options).mi;
        const double found = p_of(x, y, 60, &options, observed, &(struct icl_permutation_plan){19, 0, 0}, seed);
        summary_add(&p, found);
        summary_add(&rejected, found <= 0.1);
        summary_add(&early,
                    p_of(x, y, 60, &options, observed, &(struct icl_permutation_plan){19, 0, 2}, seed) <= 0.2 + 1e-9);
    }
    print_message("# mean p %.3f, p <= .1: %.3f, with a stop p <= .2: %.3f\n", p.mean, rejected.mean, early.mean);
    assert_near(p.mean, 0.525, 3 * 0.2883 / sqrt(seeds));
    assert_near(summary_sd(&p), 0.2883, 4 * 0.2883 / sqrt(2.0 * seeds));
    assert_near(rejected.mean, 0.1, 3 * sqrt(0.09 / seeds));
    assert_near(early.mean, 0.2, 3 * sqrt(0.16 / seeds));
    /* and dependence is found */
    draw_pair(&(struct pair_law){0.9, false, ICL_GATE_INDEPENDENT, 1}, 1, 60, x, y);
    assert_near(p_of(x, y, 60, &options, result_of(x, y, 60, &options).mi, &(struct icl_permutation_plan){19, 0, 0}, 1),
                1.0 / 20, 0);
}

/* ---- blocks --------------------------------------------------------------------------------------------------- */

static void blocks_stay_together(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 17, 100, 101};
    static const size_t lengths[] = {0, 1, 2, 3, 10, 33, 100};
    uint32_t order[101];
    size_t moved = 0;
    for (size_t s = 0; s < COUNT_OF(sizes); s++)
        for (size_t l = 0; l < COUNT_OF(lengths); l++) {
            const size_t n = sizes[s], block = lengths[l] > 1 ? lengths[l] : 1;
            const struct icl_stream stream = permute_stream(s);
            assert_int_equal(icl_block_permutation(&stream, n, lengths[l], scratch(), order, NULL), ICL_OK);
            bool seen[101] = {false};
            for (size_t i = 0; i < n; i++) {
                assert_true(order[i] < n && !seen[order[i]]);
                seen[order[i]] = true;
                moved += order[i] != i;
                /* who is not the first of a block follows its predecessor */
                if (order[i] % block != 0) assert_int_equal(order[i], order[i - 1] + 1);
            }
        }
    assert_true(moved > 700);
    /* every order of three blocks, the last one short, about equally often: 600 +- 4 sd */
    unsigned count[27] = {0};
    for (uint32_t step = 0; step < 3600; step++) {
        struct icl_stream stream = permute_stream(3);
        stream.step = step;
        assert_int_equal(icl_block_permutation(&stream, 11, 4, scratch(), order, NULL), ICL_OK);
        unsigned word = 0;
        for (size_t i = 0; i < 11; i++)
            if (order[i] % 4 == 0) word = 3 * word + order[i] / 4;
        count[word]++;
    }
    unsigned orders = 0;
    for (size_t w = 0; w < 27; w++) {
        if (count[w] == 0) continue;
        orders++;
        assert_near(count[w], 600, 4 * sqrt(600 * 5.0 / 6));
    }
    assert_int_equal(orders, 6);
}

/* x_t = phi x_(t-1) + noise, twice, independently. */
static void draw_memory(double phi, uint64_t seed, size_t n, double *x, double *y)
{
    draw_normal(seed, 1, n, x);
    draw_normal(seed, 2, n, y);
    for (size_t i = 1; i < n; i++) {
        x[i] = phi * x[i - 1] + sqrt(1 - phi * phi) * x[i];
        y[i] = phi * y[i - 1] + sqrt(1 - phi * phi) * y[i];
    }
}

/* Samples with a memory (phi = .9: about 19 of them are worth one): single samples permuted give false alarms in half
 * of the cases, blocks of 50 in about 5 %. */
static void blocks_bear_with_memory(void **state)
{
    (void)state;
    enum { LONG = 1000 };
    const unsigned seeds = 250;
    double x[LONG], y[LONG];
    const struct icl_mi_options options = {.estimator = ICL_MI_GAUSSIAN};
    struct summary plain = {0}, blocks = {0};
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        draw_memory(0.9, seed, LONG, x, y);
        const double observed = result_of(x, y, LONG, &options).mi;
        summary_add(&plain,
                    p_of(x, y, LONG, &options, observed, &(struct icl_permutation_plan){99, 0, 0}, seed) <= .05);
        summary_add(&blocks,
                    p_of(x, y, LONG, &options, observed, &(struct icl_permutation_plan){99, 50, 0}, seed) <= .05);
    }
    print_message("# seeds 1..%u: false alarms %.3f without blocks, %.3f with\n", seeds, plain.mean, blocks.mean);
    assert_true(plain.mean > .4);
    assert_true(blocks.mean < .05 + 4 * sqrt(.05 * .95 / seeds));
}

/* ---- odd columns, errors -------------------------------------------------------------------------------------- */

static void odd_columns_have_plain_values(void **state)
{
    (void)state;
    double x[N], y[N];
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 1}, 3, N, x, y);
    for (size_t w = 0; w < COUNT_OF(ways); w++)
        for (int kind = 0; kind < 2; kind++) {
            for (size_t i = 0; i < N; i++)
                x[i] = kind == 0 ? 4 : i == 50 ? INFINITY : (double)i;
            const double observed = kind == 0 ? 0 : NAN;
            const struct icl_permutation_plan plan = {.permutations = 19};
            assert_near(p_of(x, y, N, &ways[w], observed, &plan, 1), kind == 0 ? 1 : NAN, 0);
            assert_near(p_of(y, x, N, &ways[w], observed, &plan, 1), kind == 0 ? 1 : NAN, 0);
        }
}

static void errors_come_through(void **state)
{
    (void)state;
    double x[N], y[N];
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 1}, 3, N, x, y);
    struct icl_column cx = column_of(x, 4), cy = column_of(y, 4), cz = column_of(y, 3), lx = column_of(x, N),
                      ly = column_of(y, N);
    const struct icl_stream stream = permute_stream(1);
    const struct icl_mi_options options = {.estimator = ICL_MI_KSG1, .k = 4}, plugin = {.estimator = ICL_MI_PLUGIN};
    struct icl_permutation_plan plan = {.permutations = 3};
    struct icl_error err;
    double p;
    assert_int_equal(icl_mi_permutation_test(&cx, &cy, &options, 0, &plan, &stream, scratch(), &p, &err),
                     ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "k = 4"));
    assert_int_equal(icl_mi_permutation_test(&cx, &cz, &options, 0, &plan, &stream, scratch(), &p, &err),
                     ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "4 and 3 rows"));
    plan.block = 17; /* 80 rows: 4 whole blocks */
    assert_int_equal(icl_mi_permutation_test(&lx, &ly, &plugin, 0, &plan, &stream, scratch(), &p, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "80 rows make 4 blocks of 17: at least 5 are needed"));
    plan.block = 16;
    assert_int_equal(icl_mi_permutation_test(&lx, &ly, &plugin, 0, &plan, &stream, scratch(), &p, &err), ICL_OK);
    assert_true(p >= .25);
    plan.permutations = 0;
    assert_int_equal(icl_mi_permutation_test(&cx, &cy, &options, 0, &plan, &stream, scratch(), &p, &err), ICL_OK);
    assert_true(isnan(p));
    icl_column_free(&cx);
    icl_column_free(&cy);
    icl_column_free(&cz);
    icl_column_free(&lx);
    icl_column_free(&ly);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ties_are_not_lost_to_rounding),
        cmocka_unit_test(p_value_by_its_formula),
        cmocka_unit_test(p_value_is_uniform_under_independence),
        cmocka_unit_test(blocks_stay_together),
        cmocka_unit_test(blocks_bear_with_memory),
        cmocka_unit_test(odd_columns_have_plain_values),
        cmocka_unit_test(errors_come_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
