/* Series of blocks and the statistics that claims judge: each number two ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_cdf.h>
#include <string.h>

#include "estimators/dropout_law.h"
#include "estimators/mutual_information.h"
#include "experiments/laws.h"
#include "experiments/multinormal.h"
#include "experiments/quantities.h"
#include "experiments/sweep.h"
#include "tests/near.h"

static const uint64_t seed = 20190515;

enum { BLOCKS = 7, LEVELS = 4 };

/* BLOCKS x LEVELS correlated numbers around 1 .. LEVELS. */
static void fill(double *block, uint32_t step)
{
    const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, 1, step};
    double normal[BLOCKS * LEVELS];
    icl_random_normal(&stream, 0, BLOCKS * LEVELS, normal);
    for (size_t b = 0; b < BLOCKS; b++)
        for (size_t l = 0; l < LEVELS; l++)
            block[b * LEVELS + l] = (double)l + 1 + .2 * normal[b * LEVELS] + .1 * normal[b * LEVELS + l];
}

static struct icl_series plain_series(double *block)
{
    return (struct icl_series){
        .estimator = "test", .blocks = BLOCKS, .size = LEVELS, .block = block, .n = 700, .levels = LEVELS};
}

/* ---- the jackknife -------------------------------------------------------------------------------------------- */

/* Mean of the blocks other than `without` (BLOCKS: of all), summed block by block. */
static void mean_of(const double *block, size_t without, double *mean)
{
    for (size_t l = 0; l < LEVELS; l++) {
        double sum = 0, count = 0;
        for (size_t b = 0; b < BLOCKS; b++) {
            if (b == without) continue;
            sum += block[b * LEVELS + l];
            count += 1;
        }
        mean[l] = sum / count;
    }
}

static double ratio(const double *level, size_t levels, const void *context)
{
    (void)context;
    return level[levels - 1] / level[0];
}

static void intervals_are_jackknives(void **state)
{
    (void)state;
    double block[BLOCKS * LEVELS], mean[LEVELS], without[BLOCKS];
    fill(block, 0);
    const struct icl_series series = plain_series(block);
    struct icl_interval interval;
    assert_int_equal(icl_series_interval(&series, ratio, NULL, &interval, NULL), ICL_OK);
    mean_of(block, BLOCKS, mean);
    assert_near(interval.estimate, mean[3] / mean[0], 1e-14);
    double average = 0, variance = 0;
    for (size_t b = 0; b < BLOCKS; b++) {
        mean_of(block, b, mean);
        without[b] = mean[3] / mean[0];
        average += without[b] / BLOCKS;
    }
    for (size_t b = 0; b < BLOCKS; b++)
        variance += (without[b] - average) * (without[b] - average) * (BLOCKS - 1) / BLOCKS;
    assert_near(interval.se, sqrt(variance), 1e-14);
    assert_near(interval.df, BLOCKS - 1, 0);
    const double reach = gsl_cdf_tdist_Pinv(.975, BLOCKS - 1) * sqrt(variance);
    assert_near(interval.lo, interval.estimate - reach, 1e-13);
    assert_near(interval.hi, interval.estimate + reach, 1e-13);
}

/* Of means the jackknife's covariance is the sample covariance over the blocks divided by their number. */
static void covariance_of_means(void **state)
{
    (void)state;
    double block[BLOCKS * LEVELS], mean[LEVELS], level[LEVELS], covariance[LEVELS * LEVELS];
    fill(block, 1);
    const struct icl_series series = plain_series(block);
    assert_int_equal(icl_series_covariance(&series, level, covariance, NULL), ICL_OK);
    mean_of(block, BLOCKS, mean);
    for (size_t k = 0; k < LEVELS; k++) {
        assert_near(level[k], mean[k], 1e-14);
        for (size_t l = 0; l < LEVELS; l++) {
            double sum = 0;
            for (size_t b = 0; b < BLOCKS; b++)
                sum += (block[b * LEVELS + k] - mean[k]) * (block[b * LEVELS + l] - mean[l]);
            assert_near(covariance[k * LEVELS + l], sum / (BLOCKS - 1) / BLOCKS, 1e-15);
        }
    }
}

static void reversed_logarithms(const struct icl_series *series, const double *mean, double *level)
{
    for (size_t l = 0; l < series->levels; l++)
        level[l] = log(mean[series->size - 1 - l]);
}

/* Of any levels its diagonal is the squared standard error of each. */
static void covariance_and_intervals_agree(void **state)
{
    (void)state;
    double block[BLOCKS * LEVELS], level[3], covariance[9];
    fill(block, 2);
    struct icl_series series = plain_series(block);
    series.levels = 3; /* fewer than the blocks hold */
    series.to_levels = reversed_logarithms;
    assert_int_equal(icl_series_covariance(&series, level, covariance, NULL), ICL_OK);
    for (size_t l = 0; l < 3; l++) {
        struct icl_interval interval;
        const struct icl_quantity_context context = {.at = l};
        assert_int_equal(icl_series_interval(&series, icl_level_itself, &context, &interval, NULL), ICL_OK);
        assert_near(level[l], interval.estimate, 1e-15);
        assert_near(sqrt(covariance[l * 3 + l]), interval.se, 1e-14);
        for (size_t k = 0; k < l; k++)
            assert_near(covariance[l * 3 + k], covariance[k * 3 + l], 0);
    }
}

static void one_block_has_no_error(void **state)
{
    (void)state;
    double block[BLOCKS * LEVELS], level[LEVELS], covariance[LEVELS * LEVELS];
    fill(block, 3);
    struct icl_series series = plain_series(block);
    series.blocks = 1;
    struct icl_interval interval;
    struct icl_error err = {0};
    assert_int_equal(icl_series_interval(&series, ratio, NULL, &interval, &err), ICL_ERR_INPUT);
    assert_int_equal(icl_series_covariance(&series, level, covariance, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "at least 2"));
}

static void memory_starts_as_zeros(void **state)
{
    (void)state;
    struct icl_series series = {.blocks = 3, .size = 5};
    assert_int_equal(icl_series_alloc(&series, NULL), ICL_OK);
    for (size_t i = 0; i < 15; i++)
        assert_near(series.block[i], 0, 0);
    icl_series_free(&series);
    icl_series_free(&series);
    assert_null(series.block);
}

/* ---- tables --------------------------------------------------------------------------------------------------- */

enum { ROWS = 5, COLS = 3, TABLES = 2, CELLS = ROWS * COLS };

static void levels_of_tables_are_plug_in_estimates(void **state)
{
    (void)state;
    const struct icl_stream stream = {seed, ICL_PURPOSE_CHOICE, 1, 0};
    uint64_t count[LEVELS * TABLES * CELLS];
    double mean[LEVELS * TABLES * CELLS], level[LEVELS];
    for (size_t c = 0; c < LEVELS * TABLES * CELLS; c++) /* a row and single cells stay empty */
        count[c] = c % CELLS / COLS == 2 || c % 7 == 3 ? 0 : icl_random_below(&stream, c, 40) + 1;
    for (size_t t = 0; t < LEVELS * TABLES; t++) { /* the first cell makes every table one of 900 samples */
        uint64_t sum = 0;
        for (size_t c = 1; c < CELLS; c++)
            sum += count[t * CELLS + c];
        count[t * CELLS] = 900 - sum;
    }
    const size_t blocks = 6;
    for (size_t c = 0; c < LEVELS * TABLES * CELLS; c++)
        mean[c] = (double)count[c] / (double)blocks;
    const struct icl_series series = {
        .blocks = blocks, .n = 900, .levels = LEVELS, .rows = ROWS, .cols = COLS, .tables = TABLES};
    icl_levels_of_tables(&series, mean, level);
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    for (size_t l = 0; l < LEVELS; l++) {
        double sum = 0;
        for (size_t t = 0; t < TABLES; t++)
            sum += icl_mi_table(count + (l * TABLES + t) * CELLS, ROWS, COLS, ws);
        assert_near(level[l], sum / TABLES, 1e-13);
        assert_true(level[l] > .01);
    }
    icl_workspace_free(ws);
}

/* By hand: a diagonal table has the entropy of its margin, ln 2, less (2 - 4 + 1) / 2n. */
static void levels_of_tables_by_hand(void **state)
{
    (void)state;
    const double mean[8] = {5, 0, 0, 5, 2, 2, 2, 2};
    double level[2];
    const struct icl_series series = {.blocks = 4, .n = 40, .levels = 2, .rows = 2, .cols = 2, .tables = 1};
    icl_levels_of_tables(&series, mean, level);
    assert_near(level[0], log(2) + 1 / 80.0, 1e-15);
    assert_near(level[1], -1 / 80.0, 1e-15);
    const double empty[8] = {0};
    icl_levels_of_tables(&series, empty, level);
    assert_near(level[0], 0, 0);
}

/* ---- quantities by hand --------------------------------------------------------------------------------------- */

static void quantities_by_hand(void **state)
{
    (void)state;
    const double keep[] = {1, .5, .25}, factor[] = {7, 2, 1}, level[] = {.8, .3, .1};
    struct icl_quantity_context c = {.keep = keep, .at = 1, .expected = .75, .factor = factor};
    assert_near(icl_quadratic_ratio(level, 3, &c), 1.5, 1e-15);               /* .3 / (.25 * .8) */
    assert_near(icl_theory_ratio(level, 3, &c), .5, 1e-15);                   /* .375 / .75 */
    assert_near(icl_local_exponent(level, 3, &c), 1.4150374992788437, 1e-14); /* log2(8/3) */
    assert_near(icl_rise(level, 3, &c), -.5, 1e-15);
    assert_near(icl_level_itself(level, 3, &c), .3, 0);
    assert_near(icl_slope(level, 3, &c), .7 / (5 * .8),
                1e-15); /* (.3*2 + .1*1) / ((4 + 1) * .8); level 0 is left out */
    c.at = 2;
    assert_near(icl_quadratic_ratio(level, 3, &c), 2, 1e-14);
    assert_near(icl_rise(level, 3, &c), -.7, 1e-15);
    /* H_b(.5) = ln 2, H_b(.25) = 2 ln 2 - .75 ln 3 */
    const double excess = (.3 - (log(2) + .4) + .1 - (2 * log(2) - .75 * log(3) + .2)) / 2;
    assert_near(icl_gate_excess(level, 3, &c), excess, 1e-15);
    /* nothing is made of levels that have no logarithm */
    const double negative[] = {.8, -.01, 0};
    c.at = 1;
    assert_near(icl_local_exponent(negative, 3, &c), NAN, 0);
}

static void spectra_by_hand(void **state)
{
    (void)state;
    const double keep[] = {1, .5}, level[] = {.25, .5, 2.25, .7, .9, 1.4};
    const struct icl_quantity_context c = {.keep = keep, .at = 1, .d = 3};
    assert_near(icl_largest_eigenvalue_ratio(level, 6, &c), 1.4 / 1.625, 1e-15);
    assert_near(icl_smallest_eigenvalue_ratio(level, 6, &c), .7 / .625, 1e-15);
    assert_near(icl_condition_ratio(level, 6, &c), 2 / 2.6, 1e-15); /* 2 over 1.625 / .625 */
    const struct icl_quantity_context before = {.keep = keep, .at = 0, .d = 3};
    assert_near(icl_condition_ratio(level, 6, &before), 1, 1e-15);
}

/* ---- quantities of exact levels ------------------------------------------------------------------------------- */

static void exact_mi(const struct icl_law *law, enum icl_gate gate, double *level)
{
    for (size_t l = 0; l < ICL_KEEPS; l++)
        assert_int_equal(law->mi_after(law, gate, icl_keeps[l], &level[l], NULL), ICL_OK);
}

/* Laws without an atom at zero: every statistic of the quadratic and of the shared law is at its target. */
static void exact_levels_meet_the_targets(void **state)
{
    (void)state;
    double level[ICL_KEEPS], factor[ICL_KEEPS];
    const struct icl_law *law;
    size_t atomless = 0;
    for (size_t i = 0; (law = icl_law_at(i)) != NULL; i++) {
        struct icl_quantity_context c = {.keep = icl_keeps, .factor = factor};
        for (size_t l = 0; l < ICL_KEEPS; l++) {
            factor[l] =
                icl_dropout_correlation(ICL_GATE_INDEPENDENT, icl_keeps[l], 1, law->mean_over_sd, law->mean_over_sd);
            level[l] = icl_dropout_correlation(ICL_GATE_INDEPENDENT, icl_keeps[l], law->corr, law->mean_over_sd,
                                               law->mean_over_sd);
        }
        assert_near(icl_slope(level, ICL_KEEPS, &c), 1, 1e-14);
        c.factor = icl_keeps; /* the plain factor is right for centred laws and too large for others */
        const double plain = icl_slope(level, ICL_KEEPS, &c);
        if (law->centred)
            assert_near(plain, 1, 1e-12);
        else
            assert_true(plain < .98);
        exact_mi(law, ICL_GATE_INDEPENDENT, level);
        for (c.at = 1; c.at < ICL_KEEPS; c.at++) {
            c.expected = level[c.at] / level[0];
            assert_near(icl_theory_ratio(level, ICL_KEEPS, &c), 1, 1e-14);
            if (law->atom_at_zero) {
                assert_true(icl_quadratic_ratio(level, ICL_KEEPS, &c) < 1 - 1e-3);
                assert_true(icl_local_exponent(level, ICL_KEEPS, &c) > 2.01);
            } else {
                assert_near(icl_quadratic_ratio(level, ICL_KEEPS, &c), 1, 1e-9);
                assert_near(icl_local_exponent(level, ICL_KEEPS, &c), 2, 1e-8);
            }
        }
        exact_mi(law, ICL_GATE_SHARED, level);
        if (law->atom_at_zero) continue;
        atomless++;
        assert_near(icl_gate_excess(level, ICL_KEEPS, &c), 0, 1e-9);
        for (size_t l = 0; l < ICL_KEEPS; l++)
            assert_int_equal(law->entropy_after(law, icl_keeps[l], &level[l], NULL), ICL_OK);
        assert_near(icl_gate_excess(level, ICL_KEEPS, &c), 0, 1e-9);
    }
    assert_int_equal(atomless, 5);
    /* the entropies of the others are below the mixture */
    static const char *const with_atom[] = {"binary", "relu"};
    for (size_t w = 0; w < 2; w++) {
        law = icl_law_by_name(with_atom[w]);
        const struct icl_quantity_context c = {.keep = icl_keeps};
        for (size_t l = 0; l < ICL_KEEPS; l++)
            assert_int_equal(law->entropy_after(law, icl_keeps[l], &level[l], NULL), ICL_OK);
        assert_true(icl_gate_excess(level, ICL_KEEPS, &c) < -.05);
    }
}

/* The law of c09 on a 2 x 2 matrix: eigenvalues 1 -+ rho become 1 -+ q rho. */
static void exact_spectra_meet_the_targets(void **state)
{
    (void)state;
    double level[2 * ICL_KEEPS];
    for (size_t l = 0; l < ICL_KEEPS; l++) {
        level[2 * l] = 1 - .9 * icl_keeps[l];
        level[2 * l + 1] = 1 + .9 * icl_keeps[l];
    }
    struct icl_quantity_context c = {.keep = icl_keeps, .d = 2};
    for (c.at = 0; c.at < ICL_KEEPS; c.at++) {
        assert_near(icl_largest_eigenvalue_ratio(level, 2 * ICL_KEEPS, &c), 1, 1e-14);
        assert_near(icl_smallest_eigenvalue_ratio(level, 2 * ICL_KEEPS, &c), 1, 1e-14);
        assert_near(icl_condition_ratio(level, 2 * ICL_KEEPS, &c), 1, 1e-13);
    }
}

int main(void)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_jackknives),
        cmocka_unit_test(covariance_of_means),
        cmocka_unit_test(covariance_and_intervals_agree),
        cmocka_unit_test(one_block_has_no_error),
        cmocka_unit_test(memory_starts_as_zeros),
        cmocka_unit_test(levels_of_tables_are_plug_in_estimates),
        cmocka_unit_test(levels_of_tables_by_hand),
        cmocka_unit_test(quantities_by_hand),
        cmocka_unit_test(spectra_by_hand),
        cmocka_unit_test(exact_levels_meet_the_targets),
        cmocka_unit_test(exact_spectra_meet_the_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
