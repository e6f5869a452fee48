/* Normalised mutual information: stored answers, closed forms, where there is none. */
#include "tests/enclosures.h"
#include "tests/estimators_support.h"

#include "estimators/entropy.h"
#include "estimators/mi_normalised.h"

static double normalised(const double *x, const double *y, size_t n, double mi, enum icl_mi_normalisation kind,
                         enum icl_count_correction correction)
{
    double found;
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    assert_int_equal(icl_mi_normalise(mi, &cx, &cy, kind, correction, scratch(), &found, NULL), ICL_OK);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return found;
}

static enum icl_mi_normalisation kind_under_test;

static void check_answer(const struct answer *a)
{
    const double *x = stored_sample(a->x), *y = stored_sample(a->y);
    const struct icl_mi_options options = {.estimator = ICL_MI_PLUGIN, .correction = ICL_CORRECTION_NONE};
    const double mi = result_of(x, y, SAMPLES, &options).mi;
    assert_near(normalised(x, y, SAMPLES, mi, kind_under_test, ICL_CORRECTION_NONE), a->value, 1e-13);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum icl_mi_normalisation kind;
    } means[] = {{"nmi-min", ICL_MI_NORMALISE_ENTROPY_MIN},
                 {"nmi-geometric", ICL_MI_NORMALISE_ENTROPY_GEOMETRIC},
                 {"nmi-arithmetic", ICL_MI_NORMALISE_ENTROPY_ARITHMETIC},
                 {"nmi-max", ICL_MI_NORMALISE_ENTROPY_MAX}};
    for (size_t m = 0; m < COUNT_OF(means); m++) {
        kind_under_test = means[m].kind;
        for_each_answer(means[m].name, check_answer);
    }
}

/* A Gaussian pair of correlation rho has rho, whatever its sign. */
static void correlation_of_a_gaussian(void **state)
{
    (void)state;
    for (double rho = -0.98; rho < 1; rho += 0.07)
        assert_near(icl_informational_correlation(-log1p(-rho * rho) / 2), fabs(rho), 1e-12);
    assert_near(icl_informational_correlation(1e-20), sqrt(2e-20), 1e-24);
    assert_near(icl_informational_correlation(0), 0, 0);
    assert_near(icl_informational_correlation(-0.01), 0, 0);
    assert_near(icl_informational_correlation(INFINITY), 1, 0);
    assert_near(icl_informational_correlation(NAN), NAN, 0);
    const double x[] = {1, 2, 3, 4, 5, 6}, y[] = {3, 1, 5, 6, 2, 4};
    assert_near(
        normalised(x, y, 6, enclosed("gauss", 0.75, ICL_GATE_INDEPENDENT, 1, "mi"), ICL_MI_NORMALISE_CORRELATION, 0),
        0.75, 1e-14);
}

static void over_entropies_by_hand(void **state)
{
    (void)state;
    static const struct {
        enum icl_mi_normalisation kind;
        double value;
    } cases[] = {{ICL_MI_NORMALISE_ENTROPY_MIN, 0.4 / 0.5},
                 {ICL_MI_NORMALISE_ENTROPY_GEOMETRIC, 0.4 / 0.75},
                 {ICL_MI_NORMALISE_ENTROPY_ARITHMETIC, 0.4 / 0.8125},
                 {ICL_MI_NORMALISE_ENTROPY_MAX, 0.4 / 1.125}};
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        assert_near(icl_mi_over_entropy(0.4, 0.5, 1.125, cases[c].kind), cases[c].value, 1e-15);
        assert_near(icl_mi_over_entropy(0.4, 1.125, 0.5, cases[c].kind), cases[c].value, 1e-15);
        assert_near(icl_mi_over_entropy(-0.1, 1, 1, cases[c].kind), -0.1, 1e-15); /* raw */
        assert_near(icl_mi_over_entropy(0.4, INFINITY, 0.5, cases[c].kind), NAN, 0);
        assert_near(icl_mi_over_entropy(0.4, 0.5, NAN, cases[c].kind), NAN, 0);
        assert_near(icl_mi_over_entropy(0, 0, 0, cases[c].kind), NAN, 0);
        assert_near(icl_mi_over_entropy(NAN, 1, 1, cases[c].kind), NAN, 0);
    }
    assert_near(icl_mi_over_entropy(0.4, 1, 1, ICL_MI_NORMALISE_NONE), NAN, 0);
    assert_near(icl_mi_over_entropy(0.4, 1, 1, ICL_MI_NORMALISE_CORRELATION), NAN, 0);
    assert_near(icl_mi_over_entropy(0.4, 1, 1, ICL_MI_NORMALISATION_COUNT), NAN, 0);
}

/* I(x;x): H(x), or infinite. */
static void a_column_with_itself(void **state)
{
    (void)state;
    enum { N = 90 };
    double x[N], mi;
    for (size_t i = 0; i < N; i++)
        x[i] = (double)(i % 9 / 2);
    const double counts[] = {20, 20, 20, 20, 10};
    double h = 0;
    for (size_t c = 0; c < COUNT_OF(counts); c++)
        h -= counts[c] / N * log(counts[c] / N);
    struct icl_column column = column_of(x, N);
    assert_int_equal(icl_mi_self(&column, ICL_CORRECTION_NONE, scratch(), &mi, NULL), ICL_OK);
    assert_near(mi, h, 1e-14);
    assert_int_equal(icl_mi_self(&column, ICL_CORRECTION_MILLER_MADOW, scratch(), &mi, NULL), ICL_OK);
    assert_near(mi, h + 4. / (2 * N), 1e-14);
    for (enum icl_mi_normalisation kind = ICL_MI_NORMALISE_ENTROPY_MIN; kind < ICL_MI_NORMALISATION_COUNT; kind++)
        assert_near(normalised(x, x, N, h, kind, ICL_CORRECTION_NONE), 1, 1e-14);
    icl_column_free(&column);

    draw_normal(1, 0, N, x);
    for (size_t i = 0; i < N; i++)
        x[i] = fmax(x[i], 0); /* an atom, and a density beside it */
    column = column_of(x, N);
    assert_int_equal(icl_mi_self(&column, ICL_CORRECTION_NONE, scratch(), &mi, NULL), ICL_OK);
    assert_near(mi, INFINITY, 0);
    icl_column_free(&column);
    for (enum icl_mi_normalisation kind = ICL_MI_NORMALISE_ENTROPY_MIN; kind < ICL_MI_NORMALISATION_COUNT; kind++)
        assert_near(normalised(x, x, N, 2, kind, ICL_CORRECTION_NONE), NAN, 0);

    for (size_t i = 0; i < N; i++)
        x[i] = 4;
    column = column_of(x, N);
    assert_int_equal(icl_mi_self(&column, ICL_CORRECTION_NSB, scratch(), &mi, NULL), ICL_OK);
    assert_near(mi, 0, 0);
    icl_column_free(&column);
    x[7] = NAN;
    column = column_of(x, N);
    assert_int_equal(icl_mi_self(&column, ICL_CORRECTION_NSB, scratch(), &mi, NULL), ICL_OK);
    assert_near(mi, NAN, 0);
    icl_column_free(&column);
}

static void names_and_refusals(void **state)
{
    (void)state;
    static const char *const names[] = {
        "none", "correlation", "entropy-min", "entropy-geometric", "entropy-arithmetic", "entropy-max"};
    assert_int_equal(COUNT_OF(names), ICL_MI_NORMALISATION_COUNT);
    for (size_t k = 0; k < COUNT_OF(names); k++)
        assert_string_equal(icl_mi_normalisation_names[k], names[k]);
    assert_null(icl_mi_normalisation_names[ICL_MI_NORMALISATION_COUNT]);
    const double x[] = {1, 1, 1, 2, 2, 2}, y[] = {1, 1, 2, 2, 1, 2};
    assert_near(normalised(x, y, 6, 0.1, ICL_MI_NORMALISE_NONE, 0), NAN, 0);
    double found;
    struct icl_error err;
    struct icl_column cx = column_of(x, 6), cy = column_of(y, 6);
    assert_int_equal(icl_mi_normalise(0.1, &cx, &cy, ICL_MI_NORMALISATION_COUNT, 0, scratch(), &found, &err),
                     ICL_ERR_USAGE);
    assert_int_equal(
        icl_mi_normalise(0.1, &cx, &cy, ICL_MI_NORMALISE_ENTROPY_MAX, ICL_CORRECTION_COUNT, scratch(), &found, &err),
        ICL_ERR_USAGE);
    icl_column_free(&cx);
    icl_column_free(&cy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers), cmocka_unit_test(correlation_of_a_gaussian),
        cmocka_unit_test(over_entropies_by_hand),     cmocka_unit_test(a_column_with_itself),
        cmocka_unit_test(names_and_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
