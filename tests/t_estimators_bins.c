/* Bins that are fixed once: where edges and atoms go, which bin a value falls in, tables of pairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "estimators/bins.h"
#include "kernels/random.h"
#include "tests/near.h"

static const uint64_t seed = 20190515;
static struct icl_workspace *ws;

static int begin(void **state)
{
    (void)state;
    return icl_workspace_create(&ws, NULL) == ICL_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    icl_workspace_free(ws);
    return 0;
}

static icl_status fit(struct icl_bins *bins, const double *value, size_t n, unsigned wanted, struct icl_error *err)
{
    struct icl_column column;
    assert_int_equal(icl_column_prepare(&column, value, n, 1, ws, NULL), ICL_OK);
    memset(bins, 0xa5, sizeof *bins);
    const icl_status status = icl_bins_fit(bins, &column, wanted, err);
    icl_column_free(&column);
    return status;
}

static void normals(uint32_t step, size_t n, double *value)
{
    const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, 3, step};
    icl_random_normal(&stream, 0, n, value);
}

/* The bin by its definition, no search. */
static size_t bin_of(const struct icl_bins *bins, double value)
{
    for (size_t a = 0; a < bins->atom_count; a++)
        if (bins->atom[a] == value) return a;
    size_t e = 0;
    while (e < bins->edge_count && value >= bins->edge[e])
        e++;
    return bins->atom_count + e;
}

static void a_density_is_cut_in_equal_counts(void **state)
{
    (void)state;
    enum { N = 1003 };
    double value[N];
    normals(0, N, value);
    static const unsigned wanted[] = {1, 2, 7, 12, 64};
    for (size_t w = 0; w < sizeof wanted / sizeof wanted[0]; w++) {
        struct icl_bins bins;
        assert_int_equal(fit(&bins, value, N, wanted[w], NULL), ICL_OK);
        assert_int_equal(bins.edge_count, wanted[w] - 1);
        assert_int_equal(bins.atom_count, 1); /* the value 0, where closed gates go */
        assert_near(bins.atom[0], 0, 0);
        assert_int_equal(icl_bins_count(&bins), wanted[w] + 1);
        size_t count[65] = {0};
        for (size_t i = 0; i < N; i++) {
            const size_t b = icl_bins_index(&bins, value[i]);
            assert_true(b < icl_bins_count(&bins));
            assert_int_equal(b, bin_of(&bins, value[i]));
            count[b]++;
        }
        assert_int_equal(count[0], 0);
        for (size_t b = 1; b <= wanted[w]; b++)
            assert_true(count[b] == N / wanted[w] || count[b] == N / wanted[w] + 1);
    }
}

static void atoms_have_bins_of_their_own(void **state)
{
    (void)state;
    enum { N = 900 };
    double value[N];
    normals(1, N, value);
    for (size_t i = 0; i < N / 3; i++)
        value[i] = i % 2 == 0 ? -.5 : 1.25;
    struct icl_bins bins;
    assert_int_equal(fit(&bins, value, N, 4, NULL), ICL_OK);
    assert_int_equal(bins.atom_count, 3);
    assert_int_equal(bins.edge_count, 3);
    assert_int_equal(icl_bins_count(&bins), 7);
    size_t count[7] = {0};
    for (size_t i = 0; i < N; i++)
        count[icl_bins_index(&bins, value[i])]++;
    assert_int_equal(count[icl_bins_index(&bins, -.5)], N / 6);
    assert_int_equal(count[icl_bins_index(&bins, 1.25)], N / 6);
    assert_int_equal(count[icl_bins_index(&bins, 0)], 0);
    for (size_t b = 3; b < 7; b++)
        assert_int_equal(count[b], N / 6);
    /* what lies between, beyond and beside an atom is not in it */
    assert_true(icl_bins_index(&bins, nextafter(-.5, 1)) >= 3);
    assert_int_equal(icl_bins_index(&bins, -1e300), 3);
    assert_int_equal(icl_bins_index(&bins, 1e300), 6);
    assert_int_equal(icl_bins_index(&bins, -0.0), icl_bins_index(&bins, 0.0));
    /* an edge belongs to the bin above it */
    for (size_t e = 0; e < bins.edge_count; e++) {
        assert_int_equal(icl_bins_index(&bins, bins.edge[e]), 4 + e);
        assert_int_equal(icl_bins_index(&bins, nextafter(bins.edge[e], -INFINITY)), 3 + e);
    }
}

static void zero_is_an_atom_once(void **state)
{
    (void)state;
    enum { N = 500 };
    double value[N];
    normals(2, N, value);
    for (size_t i = 0; i < N; i++)
        if (value[i] < 0) value[i] = 0;
    struct icl_bins bins;
    assert_int_equal(fit(&bins, value, N, 5, NULL), ICL_OK);
    assert_int_equal(bins.atom_count, 1);
    assert_near(bins.atom[0], 0, 0);
    assert_int_equal(bins.edge_count, 4);
}

/* A discrete column has no continuous part: its atoms, the value 0, and one bin for whatever else may come. */
static void a_discrete_column(void **state)
{
    (void)state;
    double value[90];
    for (size_t i = 0; i < 90; i++)
        value[i] = (double)(i % 3) + 1;
    struct icl_bins bins;
    assert_int_equal(fit(&bins, value, 90, 6, NULL), ICL_OK);
    assert_int_equal(bins.atom_count, 4);
    assert_int_equal(bins.edge_count, 0);
    assert_int_equal(icl_bins_count(&bins), 5);
    assert_int_equal(icl_bins_index(&bins, 1.5), 4);
    assert_near(bins.atom[icl_bins_index(&bins, 2)], 2, 0);
}

/* Ties that are no atoms (fewer than 6) cannot make two edges of one value. */
static void edges_that_coincide_are_merged(void **state)
{
    (void)state;
    double value[60];
    for (size_t i = 0; i < 60; i++)
        value[i] = i < 50 ? (double)i / 7 + 1 : 2.5 + (double)((i - 50) / 5);
    struct icl_bins bins;
    assert_int_equal(fit(&bins, value, 60, 60, NULL), ICL_OK);
    assert_true(bins.edge_count > 0 && bins.edge_count < 59);
    for (size_t e = 1; e < bins.edge_count; e++)
        assert_true(bins.edge[e] > bins.edge[e - 1]);
    for (size_t i = 0; i < 60; i++)
        assert_int_equal(icl_bins_index(&bins, value[i]), bin_of(&bins, value[i]));
}

static void more_bins_than_samples(void **state)
{
    (void)state;
    double value[10];
    normals(3, 10, value);
    struct icl_bins bins;
    assert_int_equal(fit(&bins, value, 10, 64, NULL), ICL_OK);
    assert_int_equal(bins.edge_count, 9);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    double value[700];
    normals(4, 700, value);
    struct icl_bins bins;
    struct icl_error err = {0};
    assert_int_equal(fit(&bins, value, 700, ICL_BINS_MOST_EDGES + 1, &err), ICL_OK);
    assert_int_equal(fit(&bins, value, 700, ICL_BINS_MOST_EDGES + 2, &err), ICL_ERR_INPUT);
    assert_int_equal(fit(&bins, value, 700, 0, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "0 bins"));
    for (size_t atoms = ICL_BINS_MOST_ATOMS - 1; atoms <= ICL_BINS_MOST_ATOMS; atoms++) {
        for (size_t i = 0; i < 700; i++)
            value[i] = (double)(i % atoms) + 1;
        assert_int_equal(fit(&bins, value, 700, 6, &err), atoms < ICL_BINS_MOST_ATOMS ? ICL_OK : ICL_ERR_INPUT);
    }
    assert_non_null(strstr(err.message, "64 atoms"));
}

static void tables_count_every_pair_once(void **state)
{
    (void)state;
    enum { N = 400 };
    double x[N], y[N];
    normals(5, N, x);
    normals(6, N, y);
    for (size_t i = 0; i < N; i++) {
        y[i] += x[i];
        if (i % 4 == 0) x[i] = 0;
        if (y[i] < 0) y[i] = 0;
    }
    struct icl_bins bins[2];
    assert_int_equal(fit(&bins[0], x, N, 5, NULL), ICL_OK);
    assert_int_equal(fit(&bins[1], y, N, 3, NULL), ICL_OK);
    const size_t rows = icl_bins_count(&bins[0]), cols = icl_bins_count(&bins[1]);
    double *count = calloc(rows * cols, sizeof *count), *naive = calloc(rows * cols, sizeof *naive);
    assert_true(count != NULL && naive != NULL && rows != cols);
    icl_bins_tabulate(&bins[0], x, &bins[1], y, N, count);
    icl_bins_tabulate(&bins[0], x, &bins[1], y, N, count); /* it adds */
    for (size_t i = 0; i < N; i++)
        naive[bin_of(&bins[0], x[i]) * cols + bin_of(&bins[1], y[i])] += 2;
    for (size_t c = 0; c < rows * cols; c++)
        assert_near(count[c], naive[c], 0);
    free(count);
    free(naive);
}

/* What the bins are for: a gate moves samples to the bin of 0 and leaves every other where it was. */
static void a_gate_moves_samples_to_zero_only(void **state)
{
    (void)state;
    enum { N = 300 };
    double x[N];
    normals(7, N, x);
    for (size_t i = 0; i < N; i += 3)
        x[i] = -.25;
    struct icl_bins bins;
    assert_int_equal(fit(&bins, x, N, 6, NULL), ICL_OK);
    const size_t zero = icl_bins_index(&bins, 0);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(icl_bins_index(&bins, x[i] * 0), zero);
        assert_int_equal(icl_bins_index(&bins, x[i] * 1), bin_of(&bins, x[i]));
        assert_true(bin_of(&bins, x[i]) != zero);
    }
}

int main(void)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_density_is_cut_in_equal_counts),
        cmocka_unit_test(atoms_have_bins_of_their_own),
        cmocka_unit_test(zero_is_an_atom_once),
        cmocka_unit_test(a_discrete_column),
        cmocka_unit_test(edges_that_coincide_are_merged),
        cmocka_unit_test(more_bins_than_samples),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(tables_count_every_pair_once),
        cmocka_unit_test(a_gate_moves_samples_to_zero_only),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
