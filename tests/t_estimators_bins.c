/* Bins that stay fixed: fitted once, used on other samples of the neuron. */
#include "tests/estimators_support.h"

#include "estimators/bins.h"

enum { N = 500 };

static struct icl_bins bins_of(const double *x, size_t n, unsigned wanted)
{
    struct icl_bins bins;
    struct icl_column c = column_of(x, n);
    assert_int_equal(icl_bins_fit(&bins, &c, wanted, NULL), ICL_OK);
    icl_column_free(&c);
    return bins;
}

/* Equal counts of a density, in ascending order; closed gates go to a bin of their own although there were none. */
static void a_density_falls_into_equal_bins(void **state)
{
    (void)state;
    double x[N];
    draw_normal(1, 0, N, x);
    for (unsigned wanted = 1; wanted <= ICL_BINS_MOST_EDGES + 1; wanted++) {
        const struct icl_bins bins = bins_of(x, N, wanted);
        size_t count[ICL_BINS_MOST_EDGES + 2] = {0};
        assert_int_equal(bins.atom_count, 1);
        assert_int_equal(icl_bins_count(&bins), wanted + 1);
        assert_int_equal(icl_bins_index(&bins, 0), 0);
        assert_int_equal(icl_bins_index(&bins, -0.0), 0);
        assert_int_equal(icl_bins_index(&bins, -1e300), 1);
        assert_int_equal(icl_bins_index(&bins, 1e300), wanted);
        for (size_t i = 0; i < N; i++) {
            const size_t index = icl_bins_index(&bins, x[i]);
            assert_in_range(index, 1, wanted);
            count[index]++;
            for (size_t j = 0; j < N; j += 17)
                assert_true(x[j] < x[i] || icl_bins_index(&bins, x[j]) >= index);
        }
        for (unsigned b = 1; b <= wanted; b++)
            assert_in_range(count[b], N / wanted, N / wanted + (N % wanted != 0));
    }
}

/* Fitted before a dropout, used after it: open gates keep their bins. An atom elsewhere keeps its own. */
static void bins_serve_before_and_after(void **state)
{
    (void)state;
    double x[N], gate[N];
    draw_normal(2, 0, N, x);
    draw_uniform(2, 1, N, gate);
    for (size_t i = 0; i < N; i++)
        x[i] = fmax(x[i], -0.5);
    const struct icl_bins bins = bins_of(x, N, 5);
    assert_int_equal(bins.atom_count, 2);
    assert_near(bins.atom[0], -0.5, 0);
    assert_near(bins.atom[1], 0, 0);
    assert_int_equal(icl_bins_count(&bins), 7);
    double count[49] = {0}, plain[49] = {0};
    double after[N];
    for (size_t i = 0; i < N; i++) {
        after[i] = gate[i] < 0.6 ? x[i] : x[i] * 0;
        size_t edges = 0;
        for (size_t e = 0; e < bins.edge_count; e++)
            edges += x[i] >= bins.edge[e];
        const size_t own = x[i] == -0.5 ? 0 : 2 + edges;
        plain[own * 7 + (gate[i] < 0.6 ? own : 1)] += 1;
    }
    icl_bins_tabulate(&bins, x, &bins, after, N, count);
    for (size_t c = 0; c < 49; c++)
        assert_near(count[c], plain[c], 0);
    icl_bins_tabulate(&bins, x, &bins, after, N, count); /* adds */
    for (size_t c = 0; c < 49; c++)
        assert_near(count[c], 2 * plain[c], 0);
}

/* A zero that is an atom already is not put in twice; edges on ties are merged. */
static void atoms_and_edges_are_merged(void **state)
{
    (void)state;
    double x[N];
    draw_normal(3, 0, N, x);
    for (size_t i = 0; i < N; i++)
        x[i] = fmax(x[i], 0);
    struct icl_bins bins = bins_of(x, N, 4);
    assert_int_equal(bins.atom_count, 1);
    assert_int_equal(bins.edge_count, 3);
    double few[20];
    for (size_t i = 0; i < 20; i++)
        few[i] = i < 4 ? 1 : i < 8 ? 2 : 3 + (double)i;
    bins = bins_of(few, 20, 10); /* edges at every second sample: those among the ones and twos coincide */
    for (size_t e = 1; e < bins.edge_count; e++)
        assert_true(bins.edge[e] > bins.edge[e - 1]);
    assert_true(bins.edge_count < 9);
}

static void too_many_are_refused(void **state)
{
    (void)state;
    double x[ICL_BINS_MOST_ATOMS * 2];
    struct icl_bins bins;
    struct icl_error err;
    for (size_t i = 0; i < COUNT_OF(x); i++)
        x[i] = (double)(i / 2) + 1;
    struct icl_column c = column_of(x, COUNT_OF(x));
    assert_int_equal(c.atom_count, ICL_BINS_MOST_ATOMS);
    assert_int_equal(icl_bins_fit(&bins, &c, 4, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "64 atoms"));
    icl_column_free(&c);
    c = column_of(x, COUNT_OF(x) - 2);
    assert_int_equal(icl_bins_fit(&bins, &c, 4, &err), ICL_OK);
    assert_int_equal(bins.atom_count, ICL_BINS_MOST_ATOMS);
    assert_int_equal(icl_bins_fit(&bins, &c, 0, &err), ICL_ERR_INPUT);
    assert_int_equal(icl_bins_fit(&bins, &c, ICL_BINS_MOST_EDGES + 2, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "65 bins"));
    icl_column_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_density_falls_into_equal_bins),
        cmocka_unit_test(bins_serve_before_and_after),
        cmocka_unit_test(atoms_and_edges_are_merged),
        cmocka_unit_test(too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
