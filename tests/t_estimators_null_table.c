/* The shared null table: its draws made again by hand, its interpolation, calibration, agreement with permutations. */
#include "tests/estimators_support.h"

#include <stdlib.h>

#include "estimators/mi_null_table.h"
#include "estimators/mi_permutation.h"

enum { N = 120, DRAWS = 61, SEED = 77 };

static const struct icl_mi_options decomposition = {.estimator = ICL_MI_AUTO}, plugin = {.estimator = ICL_MI_PLUGIN};

/* n values of which `atoms` are `atom` and the others `map` of normal ones, in random order. */
static void draw_column(uint64_t seed, uint32_t role, size_t n, size_t atoms, double atom, double (*map)(double),
                        double *x)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    const struct icl_stream stream = test_stream(seed, role + 50);
    uint32_t *place = take_words(n);
    double *value = take_doubles(n);
    draw_normal(seed, role, n, value);
    icl_random_permutation(&stream, n, place);
    for (size_t i = 0; i < n; i++)
        x[place[i]] = i < atoms ? atom : map(value[i]);
    icl_workspace_release(scratch(), mark);
}

static double identity(double x)
{
    return x;
}

static struct icl_null_class class_of(const struct icl_column *column)
{
    return icl_null_class_of(column);
}

static double table_p(struct icl_mi_null_table *table, const struct icl_column *x, const struct icl_column *y,
                      double observed)
{
    struct icl_error err = {0};
    double p = 7;
    icl_mi_null_table_ask(table, class_of(x), class_of(y));
    if (icl_mi_null_table_fill(table, 2, &err) != ICL_OK) fail_msg("%s", err.message);
    if (icl_mi_null_table_p(table, class_of(x), class_of(y), observed, &p, &err) != ICL_OK) fail_msg("%s", err.message);
    return p;
}

static struct icl_mi_null_table *table_of(size_t n, const struct icl_mi_options *options, unsigned draws, uint64_t seed)
{
    struct icl_mi_null_table *table;
    assert_int_equal(icl_mi_null_table_create(&table, n, options, draws, seed, NULL), ICL_OK);
    return table;
}

/* ---- by hand -------------------------------------------------------------------------------------------------- */

/* The grid as documented: evenly spaced in asin(sqrt(share)) from 6 atoms to n - 2. */
static size_t grid_atoms(size_t n, unsigned g)
{
    const double low = asin(sqrt(6 / (double)n)), high = asin(sqrt(1 - 2 / (double)n));
    return (size_t)rint((double)n * pow(sin(low + (high - low) * (g - 1) / (ICL_NULL_POINTS - 1)), 2));
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double odd_map(double x)
{
    return exp(3 * x) - 40;
}

/* The draws of the cell of g <= h atoms, ascending: columns with those atoms, whatever their values, the second one
 * permuted by the stream of cell h (h + 1) / 2 + g. */
static void draws_by_hand(unsigned g, unsigned h, const struct icl_mi_options *options, double *value)
{
    double x[N], y[N], shuffled[N];
    uint32_t permutation[N];
    const size_t ax = g > 0 ? grid_atoms(N, g) : 0, ay = h > 0 ? grid_atoms(N, h) : 0;
    /* ascending: the order of the samples is that of their ranks. The plug-in counts bins from the longer tail, which
     * changes no distribution but these draws: the values of the table. */
    const bool even = options->estimator == ICL_MI_PLUGIN;
    for (size_t i = 0; i < N; i++) {
        x[i] = i < ax ? even ? 0 : -50 : even ? (double)(i + 1 - ax) : odd_map(-2 + 4 * (double)i / N);
        y[i] = i < ay ? even ? 0 : -9 : even ? (double)(i + 1 - ay) : pow((double)i / N, 3);
    }
    for (uint32_t d = 0; d < DRAWS; d++) {
        const struct icl_stream stream = {SEED, ICL_PURPOSE_PERMUTE, h * (h + 1) / 2 + g + 1, d};
        icl_random_permutation(&stream, N, permutation);
        for (size_t i = 0; i < N; i++)
            shuffled[i] = y[permutation[i]];
        value[d] = result_of(x, shuffled, N, options).mi;
    }
    qsort(value, DRAWS, sizeof *value, ascending);
}

static double p_by_hand(const double *value, double observed)
{
    unsigned reached = 0;
    for (unsigned d = 0; d < DRAWS; d++)
        reached += value[d] >= observed - 1e-12;
    return (reached + 1.0) / (DRAWS + 1.0);
}

/* Observed values below, on, between and above the draws. */
static void check_values(struct icl_mi_null_table *table, const struct icl_column *x, const struct icl_column *y,
                         const double *value)
{
    for (unsigned d = 0; d < DRAWS; d += 5) {
        assert_near(table_p(table, x, y, value[d]), p_by_hand(value, value[d]), 0);
        assert_near(table_p(table, y, x, value[d] + 1e-9), p_by_hand(value, value[d] + 1e-9), 0);
    }
    assert_near(table_p(table, x, y, value[0] - 1), 1, 0);
    assert_near(table_p(table, x, y, value[DRAWS - 1] + 1), 1.0 / (DRAWS + 1), 0);
    assert_near(table_p(table, x, y, NAN), NAN, 0);
}

static void draws_on_the_grid(void **state)
{
    (void)state;
    static const unsigned points[][2] = {{0, 0}, {0, 1}, {1, 1}, {3, 11}, {0, 16}, {16, 16}};
    double x[N], y[N], value[DRAWS];
    for (int way = 0; way < 2; way++) {
        const struct icl_mi_options *options = way == 0 ? &decomposition : &plugin;
        struct icl_mi_null_table *table = table_of(N, options, DRAWS, SEED);
        for (size_t c = 0; c < COUNT_OF(points); c++) {
            const unsigned g = points[c][0], h = points[c][1];
            draw_column(c, 1, N, g > 0 ? grid_atoms(N, g) : 0, 0.3, identity, x);
            draw_column(c, 2, N, h > 0 ? grid_atoms(N, h) : 0, -7, odd_map, y);
            struct icl_column cx = column_of(x, N), cy = column_of(y, N);
            assert_true(icl_mi_null_table_serves(table, class_of(&cx), class_of(&cy)));
            draws_by_hand(g, h, options, value);
            check_values(table, &cx, &cy, value);
            icl_column_free(&cx);
            icl_column_free(&cy);
        }
        icl_mi_null_table_free(table);
    }
}

/* x between two points, y between two or on one: quantiles interpolated by angle. */
static void draws_between_grid_points(void **state)
{
    (void)state;
    static const struct {
        unsigned g, h;
        size_t more_x, more_y; /* atoms beyond those of the point */
    } cases[] = {{2, 7, 1, 0}, {9, 9, 2, 3}, {12, 4, 3, 1}, {0, 8, 0, 4}};
    double x[N], y[N], corner[4][DRAWS], value[DRAWS];
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        const unsigned g = cases[c].g, h = cases[c].h;
        const size_t ax = g > 0 ? grid_atoms(N, g) + cases[c].more_x : 0, ay = grid_atoms(N, h) + cases[c].more_y;
        double weight[2] = {0, 0};
        const unsigned at[2] = {g, h};
        const size_t atoms[2] = {ax, ay};
        for (int side = 0; side < 2; side++) {
            if (at[side] == 0) continue;
            const double low = asin(sqrt((double)grid_atoms(N, at[side]) / N));
            const double high = asin(sqrt((double)grid_atoms(N, at[side] + 1) / N));
            weight[side] = (asin(sqrt((double)atoms[side] / N)) - low) / (high - low);
            assert_true(weight[side] >= 0 && weight[side] < 1);
        }
        for (unsigned k = 0; k < 4; k++) {
            const unsigned a = g + k / 2, b = h + k % 2;
            draws_by_hand(a < b ? a : b, a < b ? b : a, &decomposition, corner[k]);
        }
        for (unsigned d = 0; d < DRAWS; d++)
            value[d] = (1 - weight[0]) * ((1 - weight[1]) * corner[0][d] + weight[1] * corner[1][d]) +
                       weight[0] * ((1 - weight[1]) * corner[2][d] + weight[1] * corner[3][d]);
        draw_column(c, 1, N, ax, 0, identity, x);
        draw_column(c, 2, N, ay, 0, identity, y);
        struct icl_column cx = column_of(x, N), cy = column_of(y, N);
        struct icl_mi_null_table *table = table_of(N, &decomposition, DRAWS, SEED);
        for (unsigned d = 0; d < DRAWS; d += 3) { /* by 1e-9 off the draws: sums in another order round elsewhere */
            assert_near(table_p(table, &cx, &cy, value[d] - 1e-9), p_by_hand(value, value[d] - 1e-9), 0);
            assert_near(table_p(table, &cx, &cy, value[d] + 1e-9), p_by_hand(value, value[d] + 1e-9), 0);
        }
        icl_mi_null_table_free(table);
        icl_column_free(&cx);
        icl_column_free(&cy);
    }
}

/* ---- what it promises ----------------------------------------------------------------------------------------- */

/* Random shares of atoms off the grid: p <= .1 in one of ten pairs, and p as from permutations of the pair. */
static void check_calibration(const struct icl_mi_options *options, size_t n, unsigned pairs)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *x = take_doubles(n), *y = take_doubles(n);
    struct summary p = {0}, rejected = {0}, shift = {0};
    enum { MANY = 399 };
    struct icl_mi_null_table *table = NULL;
    for (uint64_t seed = 1; seed <= pairs; seed++) {
        double share[2];
        draw_uniform(seed, 9, 2, share);
        draw_column(seed, 1, n, (size_t)(.95 * share[0] * (double)n), 0, identity, x);
        draw_column(seed, 2, n, (size_t)(.95 * share[1] * (double)n), 1, identity, y);
        struct icl_column cx = column_of(x, n), cy = column_of(y, n);
        if (seed % 250 == 1) { /* a new table: the noise of one is common to its pairs */
            icl_mi_null_table_free(table);
            table = table_of(n, options, MANY, seed);
        }
        struct icl_mi_result result;
        assert_int_equal(icl_mi_pair(&cx, &cy, options, scratch(), &result, NULL), ICL_OK);
        if (cx.atom_count <= 1 && cy.atom_count <= 1 && icl_mi_null_table_serves(table, class_of(&cx), class_of(&cy))) {
            const double found = table_p(table, &cx, &cy, result.mi);
            summary_add(&p, found);
            summary_add(&rejected, found <= .1);
            if (seed % 20 == 0) {
                const struct icl_stream stream = {seed, ICL_PURPOSE_PERMUTE, 0, 0};
                struct icl_mi_options used = *options;
                used.estimator = result.estimator;
                double own;
                assert_int_equal(icl_mi_permutation_test(&cx, &cy, &used, result.mi,
                                                         &(struct icl_permutation_plan){.permutations = MANY}, &stream,
                                                         scratch(), &own, NULL),
                                 ICL_OK);
                /* in units of its Monte-Carlo error */
                summary_add(&shift, (found - own) / sqrt((2 * own * (1 - own) + 1.0 / MANY) / MANY));
            }
        }
        icl_column_free(&cx);
        icl_column_free(&cy);
    }
    icl_mi_null_table_free(table);
    print_message("# %s, %u pairs: mean p %.4f, p <= .1: %.4f; table - permutation: %.2f +- %.2f errors\n",
                  icl_mi_names[options->estimator], p.count, p.mean, rejected.mean, shift.mean, summary_sd(&shift));
    assert_true(p.count > pairs * .9);
    assert_near(p.mean, .5, 3.5 * .2887 / sqrt(p.count));
    assert_near(rejected.mean, .1, 3.5 * sqrt(.09 / p.count));
    assert_near(shift.mean, 0, .4);
    assert_true(summary_sd(&shift) < 1.4);
    icl_workspace_release(scratch(), mark);
}

static void p_is_uniform_under_independence(void **state)
{
    (void)state;
    check_calibration(&decomposition, 200, 1500);
    check_calibration(&plugin, 400, 1500);
}

static void neither_threads_nor_other_pairs_count(void **state)
{
    (void)state;
    double x[N], y[N], z[N];
    draw_column(1, 1, N, 31, 0, identity, x);
    draw_column(1, 2, N, 77, 0, identity, y);
    draw_column(1, 3, N, 0, 0, identity, z);
    struct icl_column cx = column_of(x, N), cy = column_of(y, N), cz = column_of(z, N);
    struct icl_mi_null_table *one = table_of(N, &decomposition, 40, 3), *three = table_of(N, &decomposition, 40, 3);
    struct icl_mi_null_table *other = table_of(N, &decomposition, 40, 4);
    icl_mi_null_table_ask(three, class_of(&cz), class_of(&cx));
    icl_mi_null_table_ask(three, class_of(&cx), class_of(&cy));
    icl_mi_null_table_ask(three, class_of(&cz), class_of(&cz));
    assert_int_equal(icl_mi_null_table_fill(three, 3, NULL), ICL_OK);
    icl_mi_null_table_ask(one, class_of(&cx), class_of(&cy));
    assert_int_equal(icl_mi_null_table_fill(one, 1, NULL), ICL_OK);
    unsigned differ = 0;
    for (double observed = -.1; observed < .1; observed += .002) {
        double p, again;
        assert_int_equal(icl_mi_null_table_p(one, class_of(&cx), class_of(&cy), observed, &p, NULL), ICL_OK);
        assert_int_equal(icl_mi_null_table_p(three, class_of(&cx), class_of(&cy), observed, &again, NULL), ICL_OK);
        assert_near(p, again, 0);
        differ += table_p(other, &cx, &cy, observed) != p;
    }
    assert_true(differ > 5); /* another seed is another table */
    icl_mi_null_table_free(one);
    icl_mi_null_table_free(three);
    icl_mi_null_table_free(other);
    icl_column_free(&cx);
    icl_column_free(&cy);
    icl_column_free(&cz);
}

/* ---- who is served -------------------------------------------------------------------------------------------- */

static void only_what_ranks_decide_is_served(void **state)
{
    (void)state;
    double x[N], y[N], bad[N];
    draw_column(1, 1, N, 31, 0, identity, x);
    draw_column(1, 2, N, 20, 0, identity, y);
    struct icl_mi_null_table *table = table_of(N, &decomposition, 9, 3);
    struct icl_column cx = column_of(x, N), cy = column_of(y, N), shorter = column_of(x, N - 1);
    assert_true(icl_mi_null_table_serves(table, class_of(&cx), class_of(&cy)));
    assert_false(icl_mi_null_table_serves(table, class_of(&cx), class_of(&shorter)));
    struct icl_error err;
    double p = 7;
    assert_int_equal(icl_mi_null_table_p(table, class_of(&cx), class_of(&cy), 0, &p, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "not filled"));
    assert_int_equal(icl_mi_null_table_p(table, class_of(&cx), class_of(&shorter), 0, &p, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "does not serve"));
    assert_true(isnan(p));
    for (int kind = 0; kind < 5; kind++) {
        for (size_t i = 0; i < N; i++) {
            const double many[] = {fmin(y[i], .5), rint(2 * y[i]), i < 60 ? y[i - i % 2] : y[i], 3,
                                   i == 7 ? INFINITY : y[i]};
            bad[i] = many[kind]; /* two atoms, whole numbers, ties, constant, not finite */
        }
        struct icl_column c = column_of(bad, N);
        assert_int_equal(icl_mi_null_table_serves(table, class_of(&cx), class_of(&c)), kind >= 3);
        assert_int_equal(icl_mi_null_table_serves(table, class_of(&c), class_of(&cx)), kind >= 3);
        icl_mi_null_table_ask(table, class_of(&cx), class_of(&c)); /* passed over */
        if (kind >= 3) {
            assert_near(table_p(table, &cx, &c, kind == 3 ? 0 : NAN), kind == 3 ? 1 : NAN, 0);
            assert_near(table_p(table, &c, &cx, 0), kind == 3 ? 1 : NAN, 0);
        }
        icl_column_free(&c);
    }
    icl_column_free(&cx);
    icl_column_free(&cy);
    icl_column_free(&shorter);
    icl_mi_null_table_free(table);
}

static void errors_come_through(void **state)
{
    (void)state;
    struct icl_mi_null_table *table;
    struct icl_error err;
    for (int e = 0; e <= ICL_MI_COUNT; e++) {
        const bool sharable = e == ICL_MI_AUTO || e == ICL_MI_DECOMPOSITION || e == ICL_MI_PLUGIN;
        const struct icl_mi_options options = {.estimator = (enum icl_mi_estimator)e};
        assert_int_equal(icl_mi_null_sharable(options.estimator), sharable);
        assert_int_equal(icl_mi_null_table_create(&table, N, &options, 9, 1, &err), sharable ? ICL_OK : ICL_ERR_USAGE);
        icl_mi_null_table_free(table);
    }
    assert_int_equal(icl_mi_null_table_create(&table, N, &plugin, 0, 1, &err), ICL_ERR_INPUT);
    assert_null(table);
    assert_int_equal(icl_mi_null_table_create(&table, 1, &plugin, 9, 1, &err), ICL_ERR_INPUT);
    assert_int_equal(icl_mi_null_table_create(&table, N, &plugin, 1000000, 1, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "1000000 draws: at most 877240 fit"));
    double x[N];
    draw_normal(1, 1, N, x);
    /* too few rows for k: the table stays empty, and can be freed */
    struct icl_column cz = column_of(x, 4);
    table = table_of(4, &decomposition, 9, 1);
    icl_mi_null_table_ask(table, class_of(&cz), class_of(&cz));
    assert_int_equal(icl_mi_null_table_fill(table, 2, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "too few"));
    double p;
    assert_int_equal(icl_mi_null_table_p(table, class_of(&cz), class_of(&cz), 0, &p, &err), ICL_ERR_INPUT);
    icl_mi_null_table_free(table);
    icl_column_free(&cz);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_on_the_grid),
        cmocka_unit_test(draws_between_grid_points),
        cmocka_unit_test(p_is_uniform_under_independence),
        cmocka_unit_test(neither_threads_nor_other_pairs_count),
        cmocka_unit_test(only_what_ranks_decide_is_served),
        cmocka_unit_test(errors_come_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
