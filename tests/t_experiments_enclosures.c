/* Every truth of the laws against the table of rigorous enclosures, which no code of the library had a part in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "experiments/laws.h"
#include "experiments/many.h"
#include "experiments/moments.h"
#include "experiments/multinormal.h"
#include "tests/enclosures.h"
#include "tests/near.h"

/* Closed forms, sums and integrals are good to a few units in the last place of what they add up, which is of order 1.
 */
static const double relative = 1e-12, absolute = 1e-15;

/* What was compared; what has no counterpart. */
static unsigned compared, without;
static double worst;

static void compare_values(const struct enclosure *row, double truth, double value)
{
    const double error = fabs(truth - value);
    if (!is_near(truth, value, fmax(relative * fabs(value), absolute)))
        fail_msg("%s %s, gate %d, keep %g, %s: %.17g, enclosed %.17g", row->law, row->parameter, row->gate, row->keep,
                 row->quantity, truth, value);
    if (error > worst) worst = error;
    compared++;
}

static void compare(const struct enclosure *row, double truth)
{
    compare_values(row, truth, row->value);
}

/* rho of the law, or that of the row. */
static struct icl_law law_of(const struct enclosure *row)
{
    struct icl_law law = *icl_law_by_name(row->law);
    if (strncmp(row->parameter, "rho=", 4) == 0) law.rho = strtod(row->parameter + 4, NULL);
    if (strcmp(row->law, "gauss") == 0) law.corr = law.rho; /* with another rho it is the caller's to set */
    return law;
}

static double mi_of(const struct enclosure *row, double keep)
{
    const struct icl_law law = law_of(row);
    double value = NAN;
    assert_int_equal(law.mi_after(&law, row->gate, keep, &value, NULL), ICL_OK);
    return value;
}

static void check_mi(const struct enclosure *row)
{
    compare(row, mi_of(row, row->keep));
    if (row->keep == 1) {
        const struct icl_law law = law_of(row);
        double value = NAN;
        assert_int_equal(law.mi(&law, &value, NULL), ICL_OK);
        compare(row, value);
    }
}

static void check_ratio(const struct enclosure *row)
{
    if (row->keep == 0)
        without++; /* a limit */
    else
        compare_values(row, mi_of(row, row->keep), row->value * row->keep * row->keep * mi_of(row, 1));
}

static void check_entropy(const struct enclosure *row)
{
    const struct icl_law law = law_of(row);
    double value = NAN;
    assert_int_equal(law.entropy_after(&law, row->keep, &value, NULL), ICL_OK);
    compare(row, value);
}

static void check_correlation(const struct enclosure *row)
{
    const struct icl_law law = law_of(row);
    compare(row, icl_dropout_correlation(row->gate, row->keep, law.corr, law.mean_over_sd, law.mean_over_sd));
    if (row->keep == 1) compare(row, law.corr);
    if (row->gate == ICL_GATE_INDEPENDENT)
        compare(row,
                icl_dropout_correlation(ICL_GATE_GAUSSIAN, row->keep, law.corr, law.mean_over_sd, law.mean_over_sd));
}

static void check_mean(const struct enclosure *row)
{
    compare(row, icl_law_by_name(row->law)->mean_over_sd);
}

static void check_total(const struct enclosure *row)
{
    struct icl_trio trio;
    double value = NAN;
    assert_int_equal(icl_trio_create(&trio, 1, 2, 100, NULL), ICL_OK);
    assert_int_equal(icl_total_correlation_after_gates(ICL_TRIO, trio.correlation, row->keep, &value, NULL), ICL_OK);
    compare(row, value);
    icl_trio_free(&trio);
}

static void check_condition(const struct enclosure *row)
{
    enum { D = ICL_OCTET };
    struct icl_octet octet;
    double matrix[D * D], value[D];
    assert_int_equal(icl_octet_create(&octet, 1, 2, 100, NULL), ICL_OK);
    for (int i = 0; i < D * D; i++)
        matrix[i] = row->keep * octet.correlation[i] + (i % (D + 1) == 0 ? 1 - row->keep : 0);
    assert_int_equal(icl_eigenvalues(matrix, D, value, NULL), ICL_OK);
    compare(row, value[D - 1] / value[0]);
    icl_octet_free(&octet);
}

/* The exponent has no function of its own: a central difference quotient of ln I'; at keep 1 one from below, which is
 * good for nothing beyond rho = .75, where I' is far from smooth. */
static void check_exponent(const struct enclosure *row)
{
    const double q = row->keep, step = q < 1 ? 1e-4 : 1e-6;
    double slope;
    if (q < 1) {
        slope = q * (log(mi_of(row, q + step)) - log(mi_of(row, q - step))) / (2 * step);
        assert_near(slope, row->value, 2e-5 * row->value);
    } else if (law_of(row).rho <= 0.75) {
        slope = (3 * log(mi_of(row, 1)) - 4 * log(mi_of(row, 1 - step)) + log(mi_of(row, 1 - 2 * step))) / (2 * step);
        assert_near(slope, row->value, 1e-3);
    } else {
        without++;
        return;
    }
    compared++;
}

static const struct {
    const char *quantity;
    void (*check)(const struct enclosure *row);
} checks[] = {
    {"mi", check_mi},
    {"ratio", check_ratio},
    {"entropy", check_entropy},
    {"correlation", check_correlation},
    {"exponent", check_exponent},
    {"mean_over_sd", check_mean},
    {"total_correlation", check_total},
    {"condition", check_condition},
};
enum { CHECKS = sizeof checks / sizeof *checks };

static void check_row(const struct enclosure *row)
{
    if (strncmp(row->law, "normal", 6) != 0 && icl_law_by_name(row->law) == NULL) {
        without++;
        return;
    }
    for (size_t c = 0; c < CHECKS; c++)
        if (strcmp(row->quantity, checks[c].quantity) == 0) {
            checks[c].check(row);
            return;
        }
    fail_msg("enclosures.tsv: nothing to compare %s with", row->quantity);
}

static void truths_are_enclosed(void **state)
{
    (void)state;
    const unsigned rows = for_each_enclosure(check_row);
    print_message("# %u rows, %u comparisons, largest difference %.1e; %u rows without a counterpart\n", rows, compared,
                  worst, without);
    assert_true(compared > 1000);
    assert_int_equal(without, 9 + 2 + 65); /* limits; two exponents at keep 1; rows of uniform and fgm */
}

/* Every law, at every keep of the sweeps, has its MI there. */
static void every_law_is_there(void **state)
{
    (void)state;
    static const char *const parameters[] = {"rho=0.75", "nu=5 rho=0.6", "a=1.5", "-"};
    for (size_t l = 0; icl_law_at(l) != NULL; l++)
        for (size_t k = 0; k < ICL_KEEPS; k++)
            for (int gate = 0; gate < 2; gate++) {
                double value = NAN;
                for (size_t p = 0; p < 4 && isnan(value); p++)
                    value = find_enclosure(icl_law_at(l)->name, parameters[p],
                                           gate ? ICL_GATE_SHARED : ICL_GATE_INDEPENDENT, icl_keeps[k], "mi");
                if (isnan(value)) fail_msg("no mi of %s at keep %g", icl_law_at(l)->name, icl_keeps[k]);
            }
    assert_true(isnan(find_enclosure("gauss", "rho=0.75", ICL_GATE_INDEPENDENT, 0.5, "momentum")));
    assert_near(enclosed("relu", 0.75, ICL_GATE_INDEPENDENT, 0.8, "mi"), 0.12632674, 5e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(truths_are_enclosed), cmocka_unit_test(every_law_is_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
