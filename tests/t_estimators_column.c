/* Columns: sorting, atoms, z, scores, subsets and permutations, average ranks; and the scratch memory under them. */
#include "tests/estimators_support.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <stdlib.h>

/* ---- sorting -------------------------------------------------------------------------------------------------- */

struct entry {
    double value;
    uint32_t index;
};

static int by_value_then_index(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static void check_order(const double *value, size_t n)
{
    struct icl_column c = column_of(value, n);
    struct entry *sorted = calloc(n, sizeof *sorted);
    assert_non_null(sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (struct entry){value[i], (uint32_t)i};
    qsort(sorted, n, sizeof *sorted, by_value_then_index);
    for (size_t r = 0; r < n; r++)
        assert_int_equal(c.order[r], sorted[r].index);
    free(sorted);
    icl_column_free(&c);
}

static void the_order_is_that_of_qsort(void **state)
{
    (void)state;
    const double awkward[] = {0.0,      -0.0,
                              5e-324,   -5e-324,
                              1e-310,   -1e-310,
                              DBL_MIN,  -DBL_MIN,
                              1e300,    -1e300,
                              1,        -1,
                              0.0,      -0.0,
                              3,        -1e300,
                              1e300,    -3,
                              5e-324,   2e-308,
                              1.5,      -0.0,
                              1e-16,    -1e16,
                              1e16,     2,
                              -DBL_MIN, 1 + DBL_EPSILON,
                              1,        1 - DBL_EPSILON / 2};
    check_order(awkward, COUNT_OF(awkward));
    for (size_t n = 2; n < COUNT_OF(awkward); n++)
        check_order(awkward + COUNT_OF(awkward) - n, n);

    enum { MOST = 3000 };
    static double value[MOST];
    static const size_t sizes[] = {2, 3, 100, 2048, MOST};
    for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        const size_t n = sizes[s];
        draw_normal(11 + s, 0, n, value);
        check_order(value, n);
        for (size_t i = 0; i < n; i++)
            value[i] = ldexp(value[i], (int)(1900 * value[i]) % 900); /* every exponent */
        check_order(value, n);
        for (size_t i = 0; i < n; i++)
            value[i] = i % 3 == 0 ? -0.0 : i % 3 == 1 ? 0.0 : (double)(i % 17); /* ties: stable */
        check_order(value, n);
    }
}

/* Half a key does not tell these apart, so that the sort has to fall back on whole ones: values that crowd at one point
 * beside a far outlier, few or many of them, ties among them; on either side of SMALL. */
static void crowded_values_are_sorted(void **state)
{
    (void)state;
    enum { MOST = 5000 };
    static double value[MOST];
    static const size_t sizes[] = {3, 40, 700, 4095, 4096, MOST};
    static const double outlier[] = {1e300, -1e300, 1e3, 0};
    for (size_t s = 0; s < COUNT_OF(sizes); s++)
        for (size_t o = 0; o < COUNT_OF(outlier); o++)
            for (int crowd = 1; crowd <= 64; crowd *= 8) {
                const size_t n = sizes[s];
                draw_normal(31 + s, (uint32_t)o, n, value);
                for (size_t i = 0; i < n; i++) {
                    const double tied = i % 5 == 2 ? rint(4 * value[i]) / 4 : value[i];
                    value[i] = (double)(i % (size_t)crowd) + 1 + 1e-13 * tied;
                }
                value[n / 2] = outlier[o];
                check_order(value, n);
            }
}

static void the_stride_skips(void **state)
{
    (void)state;
    const double table[] = {3, -1, 1, -1, 2, -1};
    struct icl_column c;
    assert_int_equal(icl_column_prepare(&c, table, 3, 2, scratch(), NULL), ICL_OK);
    assert_int_equal(c.order[0], 1);
    assert_int_equal(c.order[1], 2);
    assert_int_equal(c.order[2], 0);
    icl_column_free(&c);
    icl_column_free(&c); /* twice is nothing */
    icl_column_free(NULL);
}

/* ---- atoms ---------------------------------------------------------------------------------------------------- */

/* Checks the atoms against a count of every value, given the least count of an atom. */
static void check_atoms(const double *value, size_t n, size_t threshold)
{
    struct icl_column c = column_of(value, n);
    double *sorted = calloc(n, sizeof *sorted);
    assert_non_null(sorted);
    plain_sort(value, n, sorted);
    size_t atoms = 0, continuous = 0, tied = 0;
    for (size_t r = 0, end; r < n; r = end) {
        for (end = r; end < n && sorted[end] == sorted[r]; end++) {
        }
        const bool atom = end - r >= threshold;
        if (atom) {
            assert_true(atoms < c.atom_count);
            assert_true(c.atom[atoms].value == sorted[r] &&
                        !signbit(c.atom[atoms].value + 0.0 * sorted[r]) == !signbit(sorted[r] + 0.0));
            assert_int_equal(c.atom[atoms].count, end - r);
            atoms++;
        } else {
            continuous += end - r;
            if (end - r > 1) tied += end - r;
        }
        for (size_t i = 0; i < n; i++)
            if (value[i] == sorted[r]) assert_int_equal(c.group[i], atom ? atoms : 0);
    }
    assert_int_equal(c.atom_count, atoms);
    assert_int_equal(c.continuous, continuous);
    assert_int_equal(c.tied, tied > continuous / 8);
    free(sorted);
    icl_column_free(&c);
}

static void atoms_follow_the_rules(void **state)
{
    (void)state;
    enum { N = 400 };
    double value[N];
    /* a density */
    draw_normal(3, 0, N, value);
    check_atoms(value, N, ICL_ATOM_MIN_COUNT);
    /* a value that occurs five times is no atom, six times is one */
    for (int times = 5; times <= 6; times++) {
        draw_normal(3, 0, N, value);
        for (int i = 0; i < times; i++)
            value[7 + 31 * i] = 0.25;
        check_atoms(value, N, ICL_ATOM_MIN_COUNT);
        struct icl_column c = column_of(value, N);
        assert_int_equal(c.atom_count, times == 6);
        assert_false(c.tied); /* five of the many */
        icl_column_free(&c);
    }
    /* pairs of equal values: tied when more than an eighth of the samples are in one */
    for (int pairs = N / 16; pairs <= N / 16 + 1; pairs++) {
        draw_normal(3, 0, N, value);
        for (int i = 0; i < pairs; i++)
            value[2 * i] = value[2 * i + 1];
        check_atoms(value, N, ICL_ATOM_MIN_COUNT);
        struct icl_column c = column_of(value, N);
        assert_int_equal(c.tied, pairs > N / 16);
        icl_column_free(&c);
    }
    /* dropout output, closed gates of both signs of zero; two atoms; an atom that is not at zero */
    draw_normal(4, 0, N, value);
    for (int i = 0; i < N; i += 2)
        value[i] *= 0;
    check_atoms(value, N, ICL_ATOM_MIN_COUNT);
    for (int i = 0; i < N; i++)
        value[i] = fmin(6, fmax(0, 3 + 4 * value[i]));
    check_atoms(value, N, ICL_ATOM_MIN_COUNT);
    for (int i = 0; i < N; i++)
        value[i] = (value[i] - 1.7) / 0.3;
    check_atoms(value, N, ICL_ATOM_MIN_COUNT);
    /* discrete: every value is an atom, the rare ones too */
    for (int i = 0; i < N; i++)
        value[i] = i == 5 ? -9 : i % 4;
    check_atoms(value, N, 1);
    /* once against repeatedly: four values once and four repeated is discrete, five once is not */
    for (int singles = 4; singles <= 5; singles++) {
        for (int i = 0; i < N; i++)
            value[i] = i < singles ? 100 + i : i % 4;
        check_atoms(value, N, singles == 4 ? 1 : ICL_ATOM_MIN_COUNT);
    }
    /* a density rounded to two digits repeats everywhere: discrete. To four digits: a few ties, no atoms. */
    draw_normal(5, 0, N, value);
    for (int i = 0; i < N; i++)
        value[i] = rint(value[i] * 20) / 20;
    check_atoms(value, N, 1);
    draw_normal(5, 0, N, value);
    for (int i = 0; i < N; i++)
        value[i] = rint(value[i] * 5000) / 5000;
    check_atoms(value, N, ICL_ATOM_MIN_COUNT);
}

/* Single precision is no reason to see atoms, and at large n the least count grows. */
static void rounded_densities_have_no_atoms(void **state)
{
    (void)state;
    enum { N = 200000, SHARE = N / ICL_ATOM_MIN_SHARE };
    double *value = take_doubles(N);
    draw_normal(6, 0, N, value);
    for (size_t i = 0; i < N; i++)
        value[i] = (double)(float)value[i];
    struct icl_column c = column_of(value, N);
    assert_int_equal(c.atom_count, 0);
    assert_int_equal(c.continuous, N);
    icl_column_free(&c);
    for (int times = SHARE - 1; times <= SHARE; times++) {
        for (int i = 0; i < times; i++)
            value[i] = 0.5;
        c = column_of(value, N);
        assert_int_equal(c.atom_count, times == SHARE);
        icl_column_free(&c);
    }
}

/* ---- z and scores --------------------------------------------------------------------------------------------- */

static void z_is_standardised_at_every_scale(void **state)
{
    (void)state;
    enum { N = 500 };
    double value[N], plain[N], scaled[N];
    draw_normal(7, 0, N, value);
    for (int i = 0; i < N; i++)
        value[i] = exp(value[i]);
    plain_standardise(value, N, plain);
    static const struct {
        double scale, offset, tolerance;
    } maps[] = {{1, 0, 1e-13},      {1e-9, 0, 1e-13},  {1e7, 0, 1e-13},   {1, 1e7, 1e-8},    {-3.3, 17, 1e-13},
                {1e-200, 0, 1e-13}, {1e200, 0, 1e-13}, {1e305, 0, 1e-13}, {1e-300, 0, 1e-13}};
    for (size_t m = 0; m < COUNT_OF(maps); m++) {
        for (int i = 0; i < N; i++)
            scaled[i] = maps[m].scale * value[i] + maps[m].offset;
        struct icl_column c = column_of(scaled, N);
        assert_int_equal(c.state, ICL_COLUMN_REGULAR);
        for (int i = 0; i < N; i++)
            assert_near(c.z[i], maps[m].scale < 0 ? -plain[i] : plain[i], maps[m].tolerance * (1 + fabs(plain[i])));
        if (m == 0) {
            double mean = 0;
            for (int i = 0; i < N; i++)
                mean += value[i] / N;
            assert_near(c.mean, mean, 1e-13);
            assert_near(c.sd, (value[3] - mean) / plain[3], 1e-12);
        }
        icl_column_free(&c);
    }
    const double extreme[] = {-DBL_MAX, DBL_MAX, 0, DBL_MAX};
    struct icl_column c = column_of(extreme, 4);
    assert_near(c.sd / DBL_MAX, sqrt(11.0 / 16), 1e-15);
    assert_near(c.z[0], -1.25 / sqrt(11.0 / 16), 1e-6);
    icl_column_free(&c);
}

/* Equal differences of lattice values are equal differences of z, whatever rounding the scale has brought. */
static void lattices_keep_their_ties(void **state)
{
    (void)state;
    enum { N = 300 };
    static const struct {
        double scale, offset;
    } maps[] = {{1, 0}, {1e-9, 0}, {1e7, 0}, {1, 1e7}, {-0.1, 0.3}, {1.0 / 3, 1e3}, {1e-300, 0}, {1e300, 0}};
    static const int spreads[] = {1, 3, 24, 1000, 0}; /* steps per unit of the normal law */
    static const int gapped[] = {0, 9, 15, 21};       /* the step, 3, is no gap */
    double normal[N], whole[N], value[N];
    draw_normal(8, 0, N, normal);
    for (size_t s = 0; s < COUNT_OF(spreads); s++) {
        for (int i = 0; i < N; i++)
            whole[i] = spreads[s] == 0 ? gapped[i % 4] : rint(spreads[s] * normal[i]) * (i % 2 == 0 ? 6 : 10);
        double plain[N];
        plain_standardise(whole, N, plain);
        for (size_t m = 0; m < COUNT_OF(maps); m++)
            for (int single = 0; single < 2; single++) {
                if (single && (fabs(maps[m].scale) > 1e30 || fabs(maps[m].scale) < 1e-30 || maps[m].offset > 1))
                    continue;
                if (single && spreads[s] > 100) continue; /* finer than floats can tell from a density */
                for (int i = 0; i < N; i++) {
                    value[i] = maps[m].scale * whole[i] + maps[m].offset;
                    if (single) value[i] = (double)(float)value[i];
                }
                struct icl_column c = column_of(value, N);
                const double sign = maps[m].scale < 0 ? -1 : 1;
                for (int i = 1; i < N; i++) {
                    const double step = spreads[s] == 0 ? 3 : 2, apart = (whole[1] - whole[0]) / step;
                    const double unit = (c.z[1] - c.z[0]) / apart;
                    assert_near(c.z[i] - c.z[0], unit * (whole[i] - whole[0]) / step, 0);
                    assert_near(sign * (c.z[i] - c.z[0]), plain[i] - plain[0], 1e-6 * (1 + fabs(plain[i] - plain[0])));
                }
                icl_column_free(&c);
            }
    }
}

/* The score is the normal quantile of the average rank within the continuous part. */
static void scores_are_normal_quantiles(void **state)
{
    (void)state;
    enum { N = 300 };
    double value[N], sorted[N];
    draw_normal(9, 0, N, value);
    for (int i = 0; i < N; i++)
        value[i] = i % 3 == 0 ? 1.5 : i % 10 == 1 ? 0.125 * (i % 40) : value[i];
    struct icl_column c = column_of(value, N);
    assert_int_equal(c.atom[0].value == 1.5 || c.atom[c.atom_count - 1].value == 1.5, 1);
    size_t m = 0;
    for (int i = 0; i < N; i++)
        if (c.group[i] == 0) sorted[m++] = value[i];
    assert_int_equal(m, c.continuous);
    for (int i = 0; i < N; i++) {
        if (c.group[i] != 0) {
            assert_near(c.score[i], 0, 0);
            continue;
        }
        double below = 0, equal = 0;
        for (size_t j = 0; j < m; j++) {
            below += sorted[j] < value[i];
            equal += sorted[j] == value[i];
        }
        assert_near(c.score[i], icl_normal_quantile((below + equal / 2) / (double)m), 1e-13);
    }
    icl_column_free(&c);
}

/* A column turned round has the same scores turned round, to the last bit. */
static void scores_are_antisymmetric(void **state)
{
    (void)state;
    enum { N = 1001 };
    double value[N], turned[N];
    draw_normal(14, 0, N, value);
    for (int i = 0; i < N; i++) {
        value[i] = i % 3 == 0 ? 0.5 : value[i];
        turned[i] = -value[i];
    }
    struct icl_column c = column_of(value, N), t = column_of(turned, N);
    for (int i = 0; i < N; i++)
        assert_near(t.score[i], -c.score[i], 0);
    icl_column_free(&c);
    icl_column_free(&t);
}

/* The table of a workspace is the function, whichever number of ranks was asked for before. */
static void score_tables_follow_the_ranks(void **state)
{
    (void)state;
    static const size_t ranks[] = {1, 2, 7, 1000, 7, 999, 1001, 0, 2};
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    for (size_t t = 0; t < COUNT_OF(ranks); t++) {
        const size_t m = ranks[t];
        const double *score = icl_workspace_normal_scores(ws, m);
        assert_non_null(score);
        for (size_t r = 0; r < m; r++) {
            assert_near(score[r], icl_normal_score((double)r + .5, (double)m), 0);
            assert_near(score[r], -score[m - 1 - r], 0);
            assert_near(score[r], gsl_cdf_ugaussian_Pinv(((double)r + .5) / (double)m), 1e-12);
        }
    }
    icl_workspace_free(ws);
}

/* ---- derived columns ------------------------------------------------------------------------------------------ */

static void check_same(const struct icl_column *a, const struct icl_column *b)
{
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->atom_count, b->atom_count);
    assert_int_equal(a->continuous, b->continuous);
    for (size_t i = 0; i < a->n; i++) {
        assert_near(a->value[i], b->value[i], 0);
        assert_near(a->z[i], b->z[i], 1e-13);
        assert_near(a->score[i], b->score[i], 0);
        assert_int_equal(a->group[i], b->group[i]);
        assert_near(a->value[a->order[i]], b->value[b->order[i]], 0);
    }
    for (size_t j = 0; j < a->atom_count; j++)
        assert_near(a->atom[j].value, b->atom[j].value, 0);
}

static void a_permuted_column_is_a_fresh_one(void **state)
{
    (void)state;
    enum { N = 257 };
    double value[N], moved[N];
    uint32_t permutation[N];
    draw_normal(10, 0, N, value);
    const struct icl_stream stream = test_stream(10, 1);
    icl_random_permutation(&stream, N, permutation);
    for (int kind = 0; kind < 3; kind++) {
        for (int i = 0; i < N; i++)
            value[i] = kind == 1 && i % 2 == 0 ? -0.0 : kind == 2 ? rint(3 * value[i]) : value[i];
        for (int i = 0; i < N; i++)
            moved[i] = value[permutation[i]];
        const struct icl_mark mark = icl_workspace_mark(scratch());
        struct icl_column parent = column_of(value, N), fresh = column_of(moved, N), derived;
        assert_int_equal(icl_column_permute(&parent, permutation, scratch(), &derived, NULL), ICL_OK);
        check_same(&derived, &fresh);
        icl_workspace_release(scratch(), mark);
        icl_column_free(&parent);
        icl_column_free(&fresh);
        icl_column_free(&derived); /* owns nothing */
    }
}

static void a_subset_keeps_what_the_parent_knows(void **state)
{
    (void)state;
    enum { N = 301, SHARE = 100 };
    double value[N], part[N];
    uint32_t chosen[N];
    draw_normal(12, 0, N, value);
    for (int i = 0; i < N; i++)
        value[i] = i % 4 == 0 ? 0 : value[i];
    size_t m = 0;
    for (int i = 2; i < N; i += 3) {
        part[m] = value[i];
        chosen[m++] = (uint32_t)i;
    }
    const struct icl_mark mark = icl_workspace_mark(scratch());
    struct icl_column parent = column_of(value, N), fresh = column_of(part, m), derived;
    assert_int_equal(icl_column_subset(&parent, chosen, m, scratch(), &derived, NULL), ICL_OK);
    assert_int_equal(derived.n, m);
    assert_int_equal(derived.state, ICL_COLUMN_REGULAR);
    assert_int_equal(derived.atom_count, 1);
    assert_int_equal(derived.continuous, fresh.continuous);
    for (size_t j = 0; j < m; j++) {
        assert_int_equal(derived.order[j], fresh.order[j]);
        assert_near(derived.value[j], part[j], 0);
        assert_near(derived.z[j], parent.z[chosen[j]], 0);
        assert_near(derived.score[j], parent.score[chosen[j]], 0);
        assert_int_equal(derived.group[j], fresh.group[j]);
    }
    /* only zeros are left */
    m = 0;
    for (uint32_t i = 0; i < N; i += 4)
        chosen[m++] = i;
    assert_int_equal(icl_column_subset(&parent, chosen, m, scratch(), &derived, NULL), ICL_OK);
    assert_int_equal(derived.state, ICL_COLUMN_CONSTANT);
    struct icl_error err;
    assert_int_equal(icl_column_subset(&parent, chosen, 1, scratch(), &derived, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "1 rows"));
    icl_workspace_release(scratch(), mark);
    icl_column_free(&parent);
    icl_column_free(&fresh);
}

static void average_ranks_are_counts(void **state)
{
    (void)state;
    enum { N = 200 };
    double value[N], rank[N];
    draw_normal(13, 0, N, value);
    for (int i = 0; i < N; i++)
        value[i] = i % 2 == 0 ? rint(2 * value[i]) : value[i];
    struct icl_column c = column_of(value, N);
    icl_column_average_ranks(&c, rank);
    for (int i = 0; i < N; i++) {
        double below = 0, equal = 0;
        for (int j = 0; j < N; j++) {
            below += value[j] < value[i];
            equal += value[j] == value[i];
        }
        assert_near(rank[i], below + (equal + 1) / 2, 0);
    }
    icl_column_free(&c);
}

/* ---- states and refusals -------------------------------------------------------------------------------------- */

static void odd_columns_are_recognised(void **state)
{
    (void)state;
    double value[] = {-0.0, 0.0, 0.0, -0.0};
    struct icl_column c = column_of(value, 4), derived;
    const uint32_t some[] = {0, 2, 3, 1};
    assert_int_equal(c.state, ICL_COLUMN_CONSTANT);
    assert_near(c.mean, 0, 0);
    assert_near(c.sd, 0, 0);
    for (int i = 0; i < 4; i++) {
        assert_near(c.z[i], 0, 0);
        assert_false(signbit(c.value[i]));
    }
    assert_int_equal(icl_column_subset(&c, some, 3, scratch(), &derived, NULL), ICL_OK);
    assert_int_equal(derived.state, ICL_COLUMN_CONSTANT);
    icl_column_free(&c);

    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t b = 0; b < 3; b++) {
        value[2] = bad[b];
        c = column_of(value, 4);
        assert_int_equal(c.state, ICL_COLUMN_NONFINITE);
        assert_true(isnan(c.mean) && isnan(c.sd));
        assert_int_equal(c.atom_count, 0);
        assert_int_equal(icl_column_subset(&c, some, 2, scratch(), &derived, NULL), ICL_OK);
        assert_int_equal(derived.state, ICL_COLUMN_NONFINITE);
        assert_int_equal(icl_column_permute(&c, some, scratch(), &derived, NULL), ICL_OK);
        assert_int_equal(derived.state, ICL_COLUMN_NONFINITE);
        icl_column_free(&c);
    }

    /* neighbouring values far from 0, and the smallest numbers there are: spread enough, or constant, never nan */
    const double near_one[] = {1, 1 + DBL_EPSILON, 1, 1};
    c = column_of(near_one, 4);
    assert_int_equal(c.state, ICL_COLUMN_REGULAR);
    assert_near(c.z[1] - c.z[0], 1 / (sqrt(3) / 4), 1e-6);
    icl_column_free(&c);
    const double tiny[] = {0, 5e-324, 0, 0};
    c = column_of(tiny, 4);
    assert_int_equal(c.state, ICL_COLUMN_CONSTANT);
    for (int i = 0; i < 4; i++)
        assert_near(c.z[i], 0, 0);
    assert_near(c.sd, 0, 0);
    assert_int_equal(icl_column_subset(&c, some, 4, scratch(), &derived, NULL), ICL_OK);
    assert_int_equal(derived.state, ICL_COLUMN_CONSTANT);
    icl_column_free(&c);
}

static void too_few_or_too_many_rows_are_refused(void **state)
{
    (void)state;
    const double value[] = {1, 2};
    struct icl_column c;
    struct icl_error err;
    for (size_t n = 0; n < 2; n++) {
        assert_int_equal(icl_column_prepare(&c, value, n, 1, scratch(), &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, "at least 2"));
        icl_column_free(&c);
    }
    assert_int_equal(icl_column_prepare(&c, value, (size_t)1 << 31, 1, scratch(), &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "at most"));
}

/* ---- scratch memory ------------------------------------------------------------------------------------------- */

static void check_digamma(const struct answer *a)
{
    const double *psi = icl_workspace_digamma(scratch(), a->k);
    assert_non_null(psi);
    assert_near(psi[a->k], a->value, 4e-16 * fmax(1, fabs(a->value)));
}

static void digamma_agrees_with_two_libraries(void **state)
{
    (void)state;
    for_each_answer("digamma", check_digamma);
    const double *psi = icl_workspace_digamma(scratch(), 5000);
    for (size_t n = 1; n <= 5000; n++)
        assert_near(psi[n], psi_of(n), 5e-15);
    assert_near(psi[0], -INFINITY, 0);
}

static void scratch_memory_is_a_stack(void **state)
{
    (void)state;
    struct icl_workspace *ws, **several;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    const struct icl_mark start = icl_workspace_mark(ws);
    unsigned char *first = icl_workspace_take(ws, 100, 1);
    memset(first, 7, 100);
    for (size_t size = 1; size < 100000000; size *= 7) {
        unsigned char *more = icl_workspace_take(ws, size, 1);
        assert_non_null(more);
        assert_int_equal((uintptr_t)more % 64, 0);
        more[0] = more[size - 1] = 9;
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(first[i], 7);
    assert_non_null(icl_workspace_take(ws, 0, 8));
    assert_null(icl_workspace_take(ws, SIZE_MAX / 4, 8));
    assert_null(icl_workspace_take(ws, SIZE_MAX / 2, 1));
    icl_workspace_release(ws, start);
    assert_ptr_equal(icl_workspace_take(ws, 1, 1), first);
    icl_workspace_free(ws);
    icl_workspace_free(NULL);
    assert_int_equal(icl_workspaces_create(&several, 3, NULL), ICL_OK);
    assert_non_null(several[2]);
    icl_workspaces_free(several, 3);
    icl_workspaces_free(NULL, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_is_that_of_qsort),
        cmocka_unit_test(crowded_values_are_sorted),
        cmocka_unit_test(the_stride_skips),
        cmocka_unit_test(atoms_follow_the_rules),
        cmocka_unit_test(rounded_densities_have_no_atoms),
        cmocka_unit_test(z_is_standardised_at_every_scale),
        cmocka_unit_test(lattices_keep_their_ties),
        cmocka_unit_test(scores_are_normal_quantiles),
        cmocka_unit_test(scores_are_antisymmetric),
        cmocka_unit_test(score_tables_follow_the_ranks),
        cmocka_unit_test(a_permuted_column_is_a_fresh_one),
        cmocka_unit_test(a_subset_keeps_what_the_parent_knows),
        cmocka_unit_test(average_ranks_are_counts),
        cmocka_unit_test(odd_columns_are_recognised),
        cmocka_unit_test(too_few_or_too_many_rows_are_refused),
        cmocka_unit_test(digamma_agrees_with_two_libraries),
        cmocka_unit_test(scratch_memory_is_a_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
