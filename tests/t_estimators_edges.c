/* Edges of a joint density: where they are seen, and what becomes of the estimate. */
#include "tests/estimators_support.h"

#include "estimators/local_internal.h"

enum { MOST = 10000 };
static double x[MOST], y[MOST];

/* x uniform, y = x + noise of -e .. e. */
static void draw_band(uint64_t seed, size_t n, double e)
{
    draw_uniform(seed, 0, n, x);
    draw_uniform(seed, 1, n, y);
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] + e * (2 * y[i] - 1);
}

static bool found_in(size_t n)
{
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    bool edges;
    assert_int_equal(icl_find_edges(cx.score, cy.score, n, scratch(), &edges, NULL), ICL_OK);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return edges;
}

/* ---- the plain way -------------------------------------------------------------------------------------------- */

/* Samples within the square of `side` that begins at (a, b); scores of 0 have no side. */
static size_t in_square(const double *sx, const double *sy, size_t n, double a, double b, double side)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += sx[i] != 0 && sy[i] != 0 && sx[i] >= a && sx[i] < a + side && sy[i] >= b && sy[i] < b + side;
    return count;
}

/* Pairs of squares of `width` fine cells that touch, beginning at every half of their side: chi-square less 1. */
static double plain_differences(const double *sx, const double *sy, size_t n, int cells, int width)
{
    static size_t count[100][100];
    const double cell = 7.2 / cells, side = width * cell;
    const int squares = (cells - width) / (width / 2) + 1;
    double sum = 0;
    for (int i = 0; i < squares; i++)
        for (int j = 0; j < squares; j++)
            count[i][j] = in_square(sx, sy, n, -3.6 + i * side / 2, -3.6 + j * side / 2, side);
    for (int i = 0; i < squares; i++)
        for (int j = 0; j < squares; j++)
            for (int right = 0; right < 2; right++) {
                if (i + 2 * (1 - right) >= squares || j + 2 * right >= squares) continue;
                const double a = (double)count[i][j], b = (double)count[i + 2 * (1 - right)][j + 2 * right];
                if (a + b > 0) sum += (a - b) * (a - b) / (a + b) - 1;
            }
    return sum / 4;
}

static bool plain_edges(const double *sx, const double *sy, size_t n)
{
    if (n < 800) return false;
    int cells = 4 * (int)floor(7 * pow((double)n / 1000, 0.25) + 0.5);
    if (cells > 96) cells = 96;
    double found[3];
    for (int s = 0; s < 3; s++)
        found[s] = plain_differences(sx, sy, n, cells, 2 << s);
    const double jump = found[0] - 0.3125 * found[1] + found[2] / 64;
    return jump > 60 && jump > 0.22 * found[0];
}

/* Bands of many widths and Gaussians of many correlations, so that either answer is given often. */
static void agrees_with_the_plain_way(void **state)
{
    (void)state;
    enum { N = 900 };
    unsigned seen = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        if (seed % 2 == 0)
            draw_band(seed, N, 0.4 + 0.02 * (double)seed);
        else
            draw_pair(&(struct pair_law){0.7 + 0.005 * (double)seed, false, ICL_GATE_INDEPENDENT, 1}, seed, N, x, y);
        struct icl_column cx = column_of(x, N), cy = column_of(y, N);
        const bool want = plain_edges(cx.score, cy.score, N);
        icl_column_free(&cx);
        icl_column_free(&cy);
        assert_int_equal(found_in(N), want);
        seen += want;
    }
    print_message("# edges in %u of 40 samples\n", seen);
    assert_true(seen >= 10 && seen <= 30);
}

/* ---- what it sees --------------------------------------------------------------------------------------------- */

static void edges_are_seen_and_slopes_are_not(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        static const size_t sizes[] = {2500, 5000, 10000};
        for (size_t s = 0; s < COUNT_OF(sizes); s++) {
            draw_band(seed, sizes[s], 0.1);
            assert_true(found_in(sizes[s]));
            if (s > 0) {
                draw_band(seed, sizes[s], 0.75);
                assert_true(found_in(sizes[s]));
            }
            for (int sign = -1; sign <= 1; sign++) {
                draw_pair(&(struct pair_law){0.75 * sign, false, ICL_GATE_INDEPENDENT, 1}, seed, sizes[s], x, y);
                assert_false(found_in(sizes[s]));
            }
        }
    }
    draw_band(1, 799, 0.05);
    assert_false(found_in(799)); /* too few to tell */
    draw_band(1, 800, 0.05);
    assert_true(found_in(800));
}

/* Turned round, exchanged, shuffled, or under a rising map: the same answer, also where it is a close one. */
static void the_answer_is_of_the_pair_only(void **state)
{
    (void)state;
    enum { N = 1001 };
    double u[N], v[N];
    uint32_t order[N];
    unsigned seen = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        draw_band(seed, N, 0.8);
        const bool found = found_in(N);
        const struct icl_stream stream = test_stream(seed, 5);
        icl_random_permutation(&stream, N, order);
        for (size_t i = 0; i < N; i++) {
            u[i] = exp(-2 * x[order[i]]);
            v[i] = pow(y[order[i]] + 1, 3);
        }
        memcpy(x, v, sizeof v);
        memcpy(y, u, sizeof u);
        assert_int_equal(found_in(N), found);
        seen += found;
    }
    assert_true(seen > 10 && seen < 60);
}

/* ---- the estimate --------------------------------------------------------------------------------------------- */

static void two_numbers_of_neighbours_are_combined(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        unsigned k;
    } cases[] = {{1000, 4}, {2500, 6}, {3000, 7}, {10000, 7}};
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        draw_band(c, cases[c].n, 0.1);
        struct icl_mi_options options = {.estimator = ICL_MI_DECOMPOSITION};
        const struct icl_mi_result found = result_of(x, y, cases[c].n, &options);
        assert_int_equal(found.notes, ICL_MI_NOTE_EDGES);
        options.k = cases[c].k;
        const struct icl_mi_result near = result_of(x, y, cases[c].n, &options);
        assert_int_equal(near.notes, 0); /* a number that is given is taken */
        options.k *= 4;
        assert_near(found.mi, 2 * near.mi - result_of(x, y, cases[c].n, &options).mi, 1e-14);
    }
}

/* Additive noise of .1 and .75: .1 - ln .2 and 1/3. */
static void bands_are_estimated_without_bias(void **state)
{
    (void)state;
    static const double widths[] = {0.1, 0.75};
    const double truths[] = {0.1 - log(0.2), 1.0 / 3};
    for (size_t w = 0; w < 2; w++) {
        struct summary found = {0};
        for (uint64_t seed = 1; seed <= 40; seed++) {
            draw_band(seed, 5000, widths[w]);
            summary_add(&found, mi_of(x, y, 5000, ICL_MI_AUTO, 0));
        }
        print_message("# width %g, seeds 1..40: mean error %+.4f +- %.4f\n", widths[w], found.mean - truths[w],
                      summary_error(&found));
        assert_near(found.mean, truths[w], 0.002 + 3 * summary_error(&found));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_way),        cmocka_unit_test(edges_are_seen_and_slopes_are_not),
        cmocka_unit_test(the_answer_is_of_the_pair_only),   cmocka_unit_test(two_numbers_of_neighbours_are_combined),
        cmocka_unit_test(bands_are_estimated_without_bias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
