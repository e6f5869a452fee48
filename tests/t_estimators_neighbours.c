/* The k-d tree against brute force, to the last bit, on friendly and unfriendly points; counts in an interval. */
#include "tests/estimators_support.h"

#include <float.h>

enum { MOST_POINTS = 700, MOST_DIMENSIONS = 5 };

static double coordinate[MOST_DIMENSIONS][MOST_POINTS];

/* ---- unfriendly points ---------------------------------------------------------------------------------------- */

typedef void (*scatter)(uint64_t seed, unsigned axis, size_t n, double *out);

static void gaussian(uint64_t seed, unsigned axis, size_t n, double *out)
{
    draw_normal(seed, axis, n, out);
}

static void lattice(uint64_t seed, unsigned axis, size_t n, double *out)
{
    draw_normal(seed, axis, n, out);
    for (size_t i = 0; i < n; i++)
        out[i] = rint(3 * out[i]);
}

/* 0.1 is no double: differences of equal steps differ in the last bit. */
static void rounded_lattice(uint64_t seed, unsigned axis, size_t n, double *out)
{
    draw_normal(seed, axis, n, out);
    for (size_t i = 0; i < n; i++)
        out[i] = 0.1 * rint(20 * out[i]);
}

static void half_silent(uint64_t seed, unsigned axis, size_t n, double *out)
{
    draw_normal(seed, axis, n, out);
    for (size_t i = 0; i < n; i++) {
        const struct icl_stream stream = test_stream(seed, axis + 50);
        if (icl_random_below(&stream, i, 2) == 0) out[i] = 0;
    }
}

static void all_equal(uint64_t seed, unsigned axis, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = 0.1 + (double)seed + axis;
}

static void two_values(uint64_t seed, unsigned axis, size_t n, double *out)
{
    const struct icl_stream stream = test_stream(seed, axis);
    for (size_t i = 0; i < n; i++)
        out[i] = icl_random_below(&stream, i, 50) == 0 ? 1 : 0;
}

static void clusters(uint64_t seed, unsigned axis, size_t n, double *out)
{
    draw_normal(seed, axis, n, out);
    for (size_t i = 0; i < n; i++)
        out[i] = 1e3 * (double)(i % 5) + 1e-7 * out[i];
}

static void heavy_tails(uint64_t seed, unsigned axis, size_t n, double *out)
{
    draw_uniform(seed, axis, n, out);
    for (size_t i = 0; i < n; i++)
        out[i] = pow(fabs(out[i] - 0.5), -20) * (out[i] < 0.5 ? -1 : 1);
}

/* Ascending, then descending: bad for a selection by the median of three. */
static void organ_pipe(uint64_t seed, unsigned axis, size_t n, double *out)
{
    (void)seed;
    for (size_t i = 0; i < n; i++)
        out[i] = (double)((axis % 2 == 0) == (i < n / 2) ? i : n - i);
}

static void one_line(uint64_t seed, unsigned axis, size_t n, double *out)
{
    draw_normal(seed, 0, n, out);
    for (size_t i = 0; i < n; i++)
        out[i] *= axis % 2 == 0 ? 1 : -1;
}

static const struct {
    const char *name;
    scatter fill;
} kinds[] = {{"gaussian", gaussian},       {"lattice", lattice},         {"rounded lattice", rounded_lattice},
             {"half silent", half_silent}, {"all equal", all_equal},     {"two values", two_values},
             {"clusters", clusters},       {"heavy tails", heavy_tails}, {"organ pipe", organ_pipe},
             {"one line", one_line}};

static struct icl_points scattered(size_t kind, uint64_t seed, unsigned d, size_t n)
{
    struct icl_points points = {.n = n, .dimensions = d};
    for (unsigned a = 0; a < d; a++) {
        kinds[kind].fill(seed, a, n, coordinate[a]);
        points.at[a] = coordinate[a];
    }
    return points;
}

/* ---- the two searches ----------------------------------------------------------------------------------------- */

struct found {
    double radius[MOST_POINTS], extent[MOST_DIMENSIONS][MOST_POINTS];
    uint32_t within[MOST_POINTS];
};

/* Outputs are poisoned first, so that one that was not written shows. */
static void poison(struct found *found, double *axes[MOST_DIMENSIONS])
{
    memset(found, 0xa5, sizeof *found);
    for (unsigned a = 0; a < MOST_DIMENSIONS; a++)
        axes[a] = found->extent[a];
}

/* With ties any of the tied neighbours may have been taken: then the extent is bounded only. */
static void compare(const char *name, const struct icl_points *points, unsigned k)
{
    static struct found tree, plain;
    double *tree_axes[MOST_DIMENSIONS], *plain_axes[MOST_DIMENSIONS];
    poison(&tree, tree_axes);
    poison(&plain, plain_axes);
    assert_int_equal(icl_neighbours(points, k, tree.radius, tree.within, tree_axes, scratch(), NULL), ICL_OK);
    assert_int_equal(icl_neighbours_reference(points, k, plain.radius, plain.within, plain_axes, scratch(), NULL),
                     ICL_OK);
    for (size_t i = 0; i < points->n; i++) {
        if (!(tree.radius[i] == plain.radius[i]) || tree.within[i] != plain.within[i])
            fail_msg("%s, %zu points in %u dimensions, k = %u, point %zu: radius %a for %a, within %u for %u", name,
                     points->n, points->dimensions, k, i, tree.radius[i], plain.radius[i], tree.within[i],
                     plain.within[i]);
        double widest = 0;
        for (unsigned a = 0; a < points->dimensions; a++) {
            widest = fmax(widest, tree.extent[a][i]);
            assert_true(plain.within[i] == k ? tree.extent[a][i] == plain.extent[a][i]
                                             : tree.extent[a][i] <= plain.extent[a][i]);
        }
        assert_true(widest == plain.radius[i]);
    }
}

static void the_tree_is_the_brute_force(void **state)
{
    (void)state;
    static const unsigned dimensions[] = {1, 2, 3, 5};
    static const unsigned ks[] = {1, 2, 3, 5, 11, 20};
    static const size_t sizes[] = {100, MOST_POINTS};
    const size_t runs = 2;
    for (size_t kind = 0; kind < COUNT_OF(kinds); kind++)
        for (size_t d = 0; d < COUNT_OF(dimensions); d++)
            for (size_t s = 0; s < runs; s++) {
                const struct icl_points points = scattered(kind, 40 + d, dimensions[d], sizes[s]);
                for (size_t c = 0; c < COUNT_OF(ks); c++)
                    compare(kinds[kind].name, &points, ks[c]);
            }
}

/* Every k from 1 to 20 with every number of points from k + 1 on: leaves that are not full, one node, two. */
static void few_points_are_enough(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < COUNT_OF(kinds); kind++)
        for (size_t n = 2; n <= 45; n++) {
            const struct icl_points points = scattered(kind, n, 2, n);
            for (unsigned k = 1; k <= 20 && k < n; k++)
                compare(kinds[kind].name, &points, k);
        }
}

static void a_thousand_neighbours_are_the_most(void **state)
{
    (void)state;
    enum { N = ICL_MAX_NEIGHBOURS + 1 };
    static double x[N + 1], radius[N + 1], plain[N + 1];
    uint32_t within[N + 1];
    draw_normal(1, 0, N + 1, x);
    struct icl_points points = {.n = N, .dimensions = 1, .at = {x}};
    assert_int_equal(icl_neighbours(&points, N - 1, radius, within, NULL, scratch(), NULL), ICL_OK);
    for (size_t i = 0; i < N; i++) {
        double farthest = 0;
        for (size_t j = 0; j < N; j++)
            farthest = fmax(farthest, fabs(x[j] - x[i]));
        assert_true(radius[i] == farthest);
        assert_int_equal(within[i], N - 1);
    }
    /* outputs that are not wanted */
    assert_int_equal(icl_neighbours(&points, 3, radius, NULL, NULL, scratch(), NULL), ICL_OK);
    assert_int_equal(icl_neighbours_reference(&points, 3, plain, NULL, NULL, scratch(), NULL), ICL_OK);
    assert_memory_equal(radius, plain, sizeof(double) * N);

    struct icl_error err;
    points.n = N + 1;
    assert_int_equal(icl_neighbours(&points, N, radius, within, NULL, scratch(), &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "1 to 1000"));
    assert_int_equal(icl_neighbours(&points, 0, radius, within, NULL, scratch(), &err), ICL_ERR_INPUT);
    points.n = 7;
    for (unsigned k = 7; k < 9; k++) {
        assert_int_equal(icl_neighbours(&points, k, radius, within, NULL, scratch(), &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, "7 samples"));
        assert_int_equal(icl_neighbours_reference(&points, k, radius, within, NULL, scratch(), &err), ICL_ERR_INPUT);
    }
    assert_int_equal(icl_neighbours(&points, 6, radius, within, NULL, scratch(), &err), ICL_OK);
}

/* The oracle itself, against points whose answer is plain to see. */
static void the_oracle_by_hand(void **state)
{
    (void)state;
    const double x[] = {0, 1, 3, 3, 10}, y[] = {0, 0, 2, -2, 0};
    const struct icl_points points = {.n = 5, .dimensions = 2, .at = {x, y}};
    double radius[5], ex[5], ey[5], *const extent[] = {ex, ey};
    uint32_t within[5];
    assert_int_equal(icl_neighbours_reference(&points, 2, radius, within, extent, scratch(), NULL), ICL_OK);
    static const double want_radius[] = {3, 2, 3, 3, 7}, want_ex[] = {3, 2, 3, 3, 7}, want_ey[] = {2, 2, 2, 2, 2};
    static const uint32_t want_within[] = {3, 3, 2, 2, 2};
    for (int i = 0; i < 5; i++) {
        assert_near(radius[i], want_radius[i], 0);
        assert_int_equal(within[i], want_within[i]);
        assert_near(ex[i], want_ex[i], 0);
        assert_near(ey[i], want_ey[i], 0);
    }
}

/* ---- intervals ------------------------------------------------------------------------------------------------ */

/* Radii that are distances themselves, where strict and not strict differ, and their neighbours among the doubles. */
static void counts_are_those_of_a_loop(void **state)
{
    (void)state;
    enum { N = 120 };
    static double x[N], sorted[N];
    for (size_t kind = 0; kind < COUNT_OF(kinds); kind++) {
        kinds[kind].fill(77, 0, N, x);
        plain_sort(x, N, sorted);
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j += 7) {
                const double distance = fabs(sorted[j] - sorted[i]);
                const double radii[] = {distance, nextafter(distance, INFINITY), nextafter(distance, 0), 0, INFINITY};
                for (size_t r = 0; r < COUNT_OF(radii); r++)
                    for (int strict = 0; strict < 2; strict++) {
                        const size_t self = !strict || radii[r] > 0;
                        assert_int_equal(icl_count_within(sorted, N, sorted[i], radii[r], strict),
                                         plain_count(sorted, N, i, radii[r], strict) + self);
                    }
            }
    }
    const double one[] = {4};
    assert_int_equal(icl_count_within(one, 0, 4, 1, false), 0);
    assert_int_equal(icl_count_within(one, 1, 5, 1, false), 1);
    assert_int_equal(icl_count_within(one, 1, 5, 1, true), 0);
}

/* x + r rounds: 0.1 + 0.2 is above 0.3, so that an end of the interval computed first takes in a point too many or
 * loses one. */
static void the_difference_is_compared(void **state)
{
    (void)state;
    const double sorted[] = {0.1, 0.3};
    const double r = 0.2, gap = 0.3 - 0.1;
    assert_true(gap < r && 0.1 + r > 0.3); /* the trap is there */
    assert_int_equal(icl_count_within(sorted, 2, 0.1, gap, false), 2);
    assert_int_equal(icl_count_within(sorted, 2, 0.1, gap, true), 1);
    assert_int_equal(icl_count_within(sorted, 2, 0.3, gap, false), 2);
    /* far from zero the ends of the interval fall on the points beside it */
    const double far[] = {1e16, 1e16 + 2, 1e16 + 4};
    assert_int_equal(icl_count_within(far, 3, 1e16 + 2, 1, false), 1);
    assert_int_equal(icl_count_within(far, 3, 1e16 + 2, 1.999, false), 1);
    assert_int_equal(icl_count_within(far, 3, 1e16 + 2, 2, true), 1);
    assert_int_equal(icl_count_within(far, 3, 1e16 + 2, 2, false), 3);
}

static void kth_distances_are_those_of_a_sort(void **state)
{
    (void)state;
    enum { N = 40 };
    static double x[N], sorted[N];
    for (size_t kind = 0; kind < COUNT_OF(kinds); kind++) {
        kinds[kind].fill(78, 0, N, x);
        plain_sort(x, N, sorted);
        const double *const at[] = {sorted};
        for (size_t p = 0; p < N; p++)
            for (unsigned k = 1; k < N; k++)
                assert_true(icl_kth_distance(sorted, N, p, k) == plain_radius(at, 1, N, p, k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_is_the_brute_force),        cmocka_unit_test(few_points_are_enough),
        cmocka_unit_test(a_thousand_neighbours_are_the_most), cmocka_unit_test(the_oracle_by_hand),
        cmocka_unit_test(counts_are_those_of_a_loop),         cmocka_unit_test(the_difference_is_compared),
        cmocka_unit_test(kth_distances_are_those_of_a_sort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
