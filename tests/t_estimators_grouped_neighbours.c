/* Neighbours of points in groups of coordinates: trees and all distances against the plain reference to the last bit;
 * balls and nearest neighbours against loops. */
#include "tests/estimators_support.h"

#include "estimators/all_distances_internal.h"
#include "estimators/cpu/knn.h"

enum { MOST_POINTS = 260, MOST_COORDINATES = 104 };

static double coordinate[MOST_COORDINATES][MOST_POINTS];
static const double *at[MOST_COORDINATES];

enum kind { NORMAL, LATTICE, HALF_SILENT, ONE_VALUE, KINDS };

static void fill(enum kind kind, uint64_t seed, size_t coordinates, size_t n)
{
    for (uint32_t c = 0; c < coordinates; c++) {
        draw_normal(seed, c, n, coordinate[c]);
        for (size_t i = 0; i < n; i++) {
            double *value = &coordinate[c][i];
            if (c > 0) *value = 0.6 * coordinate[0][i] + 0.8 * *value;
            if (kind == LATTICE) *value = 0.1 * rint(8 * *value);
            if (kind == HALF_SILENT && *value < 0) *value = 0;
            if (kind == ONE_VALUE) *value = 0.3;
        }
        at[c] = coordinate[c];
    }
}

static const struct shape {
    unsigned groups;
    size_t dimensions[5];
} shapes[] = {
    {1, {1}},          {1, {9}},      {2, {1, 1}},    {2, {1, 2}},          {2, {3, 2}},
    {2, {4, 4}},       {2, {1, 8}},   {3, {1, 2, 3}}, {5, {1, 1, 1, 1, 1}}, {2, {5, 6}},
    {4, {1, 9, 1, 4}}, {2, {25, 25}}, {2, {50, 50}},
};

static size_t coordinates_of(const struct shape *shape)
{
    size_t sum = 0;
    for (unsigned g = 0; g < shape->groups; g++)
        sum += shape->dimensions[g];
    return sum;
}

struct found {
    uint32_t within[MOST_POINTS], counts[5 * MOST_POINTS];
};

static void compare(const struct shape *shape, const struct found *got, const struct found *wanted, size_t n)
{
    assert_memory_equal(got->within, wanted->within, n * sizeof *got->within);
    assert_memory_equal(got->counts, wanted->counts, shape->groups * n * sizeof *got->counts);
}

/* Every way of counting, on every processor's variant. */
static void counts_are_those_of_the_reference(void **state)
{
    (void)state;
    static const size_t sizes[] = {2, 9, 64, 131, MOST_POINTS};
    static const unsigned ks[] = {1, 3, 8, 40};
    static struct found wanted, got;
    uint64_t seed = 700;
    for (size_t s = 0; s < COUNT_OF(shapes); s++)
        for (size_t z = 0; z < COUNT_OF(sizes); z++)
            for (enum kind kind = NORMAL; kind < KINDS; kind++) {
                const struct shape *shape = &shapes[s];
                const size_t n = sizes[z];
                const unsigned k = ks[(s + z + kind) % COUNT_OF(ks)];
                const enum icl_count_rule rule = (enum icl_count_rule)((z + kind) % 3);
                if (k >= n) continue;
                fill(kind, seed++, coordinates_of(shape), n);
                const struct icl_grouped_points points = {n, shape->groups, shape->dimensions, at};
                memset(&wanted, 0xa5, sizeof wanted);
                assert_int_equal(
                    icl_grouped_counts_reference(&points, k, rule, wanted.within, wanted.counts, scratch(), NULL),
                    ICL_OK);
                memset(&got, 0x5a, sizeof got);
                assert_int_equal(icl_grouped_counts(&points, k, rule, got.within, got.counts, scratch(), NULL), ICL_OK);
                compare(shape, &got, &wanted, n);
                for (size_t v = 0; icl_knn_variants[v] != NULL; v++) {
                    if (!icl_knn_variants[v]->supported()) continue;
                    icl_knn_use(icl_knn_variants[v]);
                    memset(&got, 0x5a, sizeof got);
                    const struct icl_all_distances all = {
                        .k = k, .rule = rule, .within = got.within, .counts = got.counts};
                    assert_int_equal(icl_all_distances(&points, &all, scratch(), NULL), ICL_OK);
                    compare(shape, &got, &wanted, n);
                }
                icl_knn_use(NULL);
            }
}

/* Enough points for trees of 4 and more coordinates. */
static void trees_of_many_points(void **state)
{
    (void)state;
    enum { N = 5000, D = 5 };
    static double value[D][N];
    static uint32_t within[2][N], counts[2][2 * N];
    const double *const columns[D] = {value[0], value[1], value[2], value[3], value[4]};
    const size_t dimensions[2] = {2, 3};
    for (uint32_t c = 0; c < D; c++) {
        draw_normal(77, c, N, value[c]);
        for (size_t i = 0; i < N; i++)
            value[c][i] = i % 3 == 0 ? 0 : value[c][i];
    }
    const struct icl_grouped_points points = {N, 2, dimensions, columns};
    for (enum icl_count_rule rule = ICL_COUNT_INSIDE; rule <= ICL_COUNT_IN_EXTENT; rule++) {
        const struct icl_all_distances all = {.k = 4, .rule = rule, .within = within[1], .counts = counts[1]};
        assert_int_equal(icl_grouped_counts(&points, 4, rule, within[0], counts[0], scratch(), NULL), ICL_OK);
        assert_int_equal(icl_all_distances(&points, &all, scratch(), NULL), ICL_OK);
        assert_memory_equal(within[0], within[1], sizeof within[0]);
        assert_memory_equal(counts[0], counts[1], sizeof counts[0]);
    }
}

static double plain_distance(size_t coordinates, size_t i, size_t j)
{
    double largest = 0;
    for (size_t c = 0; c < coordinates; c++)
        largest = fmax(largest, fabs(coordinate[c][i] - coordinate[c][j]));
    return largest;
}

static void radii_and_balls(void **state)
{
    (void)state;
    enum { N = 150, K = 6 };
    static double radius[N];
    static uint32_t within[N], count[N];
    for (size_t d = 1; d <= 12; d++)
        for (enum kind kind = NORMAL; kind < ONE_VALUE; kind++) {
            fill(kind, 90 + d, d, N);
            const struct icl_grouped_points points = {N, 1, &d, at};
            assert_int_equal(icl_grouped_neighbours(&points, K, radius, within, scratch(), NULL), ICL_OK);
            for (size_t i = 0; i < N; i++) {
                size_t nearer = 0, up_to = 0;
                for (size_t j = 0; j < N; j++) {
                    nearer += j != i && plain_distance(d, i, j) < radius[i];
                    up_to += j != i && plain_distance(d, i, j) <= radius[i];
                }
                assert_true(nearer < K && up_to >= K);
                assert_int_equal(within[i], up_to);
                radius[i] *= i % 2 == 0 ? 1 : 1.5;
            }
            assert_int_equal(icl_grouped_within(&points, radius, count, scratch(), NULL), ICL_OK);
            for (size_t i = 0; i < N; i++) {
                size_t up_to = 0;
                for (size_t j = 0; j < N; j++)
                    up_to += plain_distance(d, i, j) <= radius[i];
                assert_int_equal(count[i], up_to);
            }
        }
}

static void balls_strict_or_not(void **state)
{
    (void)state;
    enum { N = 200 };
    static double radius[N];
    static uint32_t count[2][N];
    for (unsigned d = 1; d <= 5; d++)
        for (enum kind kind = NORMAL; kind < KINDS; kind++) {
            fill(kind, 40 + d, d, N);
            struct icl_points points = {.n = N, .dimensions = d};
            for (unsigned a = 0; a < d; a++)
                points.at[a] = at[a];
            for (size_t i = 0; i < N; i++) /* radii that are distances: the edge matters */
                radius[i] = i % 7 == 0 ? 0 : plain_distance(d, i, (i * 31 + 5) % N);
            for (int strict = 0; strict < 2; strict++)
                assert_int_equal(icl_ball_counts(&points, radius, strict != 0, count[strict], scratch(), NULL), ICL_OK);
            for (size_t i = 0; i < N; i++) {
                size_t nearer = 0, up_to = 0;
                for (size_t j = 0; j < N; j++) {
                    nearer += plain_distance(d, i, j) < radius[i];
                    up_to += plain_distance(d, i, j) <= radius[i];
                }
                assert_int_equal(count[0][i], up_to);
                assert_int_equal(count[1][i], nearer);
            }
        }
}

static void the_nearest_by_name(void **state)
{
    (void)state;
    enum { N = 180, K = 7 };
    static double radius[N];
    static uint32_t index[N * K];
    for (enum kind kind = NORMAL; kind < KINDS; kind++) {
        fill(kind, 55, 2, N);
        const struct icl_points points = {N, 2, {at[0], at[1]}};
        assert_int_equal(icl_nearest(&points, K, radius, NULL, index, scratch(), NULL), ICL_OK);
        for (size_t i = 0; i < N; i++) {
            size_t nearer = 0;
            for (size_t j = 0; j < N; j++)
                nearer += j != i && plain_distance(2, i, j) < radius[i];
            assert_true(nearer < K);
            for (size_t m = 0; m < K; m++) {
                const uint32_t j = index[i * K + m];
                assert_int_not_equal(j, i);
                assert_true(plain_distance(2, i, j) <= radius[i]);
                if (m > 0) assert_true(plain_distance(2, i, index[i * K + m - 1]) <= plain_distance(2, i, j));
                for (size_t l = 0; l < m; l++)
                    assert_int_not_equal(j, index[i * K + l]);
            }
            assert_near(plain_distance(2, i, index[i * K + K - 1]), radius[i], 0);
        }
    }
}

static void bad_k_is_refused(void **state)
{
    (void)state;
    static uint32_t counts[10];
    static double radius[10];
    fill(NORMAL, 3, 9, 5);
    for (size_t d = 1; d <= 9; d += 8) {
        const struct icl_grouped_points points = {5, 1, &d, at};
        static const unsigned ks[] = {0, 5, ICL_MAX_NEIGHBOURS + 1};
        for (size_t c = 0; c < COUNT_OF(ks); c++) {
            struct icl_error err = {0};
            assert_int_equal(icl_grouped_counts(&points, ks[c], ICL_COUNT_WITHIN, NULL, counts, scratch(), &err),
                             ICL_ERR_INPUT);
            assert_non_null(strstr(err.message, ks[c] == 5 ? "5 samples are too few for k = 5" : "must be 1 to 1000"));
            assert_int_equal(
                icl_grouped_counts_reference(&points, ks[c], ICL_COUNT_WITHIN, NULL, counts, scratch(), &err),
                ICL_ERR_INPUT);
            assert_int_equal(icl_grouped_neighbours(&points, ks[c], radius, NULL, scratch(), &err), ICL_ERR_INPUT);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_the_reference),
        cmocka_unit_test(trees_of_many_points),
        cmocka_unit_test(radii_and_balls),
        cmocka_unit_test(balls_strict_or_not),
        cmocka_unit_test(the_nearest_by_name),
        cmocka_unit_test(bad_k_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
