/* Planted faults and what the verdicts make of them: the gates are what the faults say, their effect is that of theory,
 * runs are counted right, and the design repeats the registry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "estimators/mutual_information.h"
#include "experiments/quantities.h"
#include "experiments/verdict_power.h"
#include "tests/near.h"

static const uint64_t seed = 20190515;

/* ---- the law of the gates ------------------------------------------------------------------------------------- */

static const struct icl_fault faults[] = {
    {ICL_FAULT_NONE, 0},     {ICL_FAULT_CORRELATED, .1}, {ICL_FAULT_KEEP, .98},
    {ICL_FAULT_POWER, 1.9},  {ICL_FAULT_BOTH, 1.08},     {ICL_FAULT_ONE_IN, .05},
    {ICL_FAULT_ONE_MASK, 1}, {ICL_FAULT_ONE_MASK, 0},    {ICL_FAULT_EXPONENT, 1.9},
};
enum { FAULTS = sizeof faults / sizeof faults[0] };

static struct icl_gate_table table_at(enum icl_fault_kind kind, double size, double keep)
{
    const struct icl_fault fault = {kind, size};
    return icl_fault_table(&fault, keep);
}

/* At keep 1/2, by hand. */
static void tables_by_hand(void **state)
{
    (void)state;
    const struct {
        double x_open, y_open, both;
    } expected[FAULTS] = {{.5, .5, .25},
                          {.5, .5, .275},
                          {.49, .49, .2401},
                          {.5, .5, .26794336563407328},
                          {.5, .5, .27},
                          {.5, .5, .2625},
                          {.5, .5, .5},
                          {.5, .5, .25},
                          {.5176324619206888, .5176324619206888, .26794336563407328}};
    for (size_t f = 0; f < FAULTS; f++) {
        const struct icl_gate_table t = icl_fault_table(&faults[f], .5);
        assert_near(t.both, expected[f].both, 1e-15);
        assert_near(t.both + t.x_only, expected[f].x_open, 1e-15);
        assert_near(t.both + t.y_only, expected[f].y_open, 1e-15);
        assert_near(t.both + t.x_only + t.y_only + t.neither, 1, 1e-15);
    }
    /* the correlation of the gates at another keep: (P(both) - q^2) / (q (1 - q)) */
    const struct icl_gate_table t = table_at(ICL_FAULT_CORRELATED, .1, .8);
    assert_near((t.both - .64) / .16, .1, 1e-14);
}

static void gates_that_cannot_be_are_nan(void **state)
{
    (void)state;
    const struct icl_gate_table impossible[] = {
        table_at(ICL_FAULT_POWER, .5, .5),       table_at(ICL_FAULT_CORRELATED, -.5, .9),
        table_at(ICL_FAULT_KEEP, 1.2, .9),       table_at(ICL_FAULT_BOTH, 2.1, .5),
        table_at(ICL_FAULT_NONE, 0, 0),          table_at(ICL_FAULT_NONE, 0, 1.01),
        table_at(ICL_FAULT_NONE, 0, NAN),        table_at(ICL_FAULT_CORRELATED, NAN, .5),
        table_at(ICL_FAULT_CORRELATED, 1.1, .5), table_at(ICL_FAULT_BOTH, -.1, .5),
    };
    for (size_t i = 0; i < sizeof impossible / sizeof impossible[0]; i++) {
        assert_near(impossible[i].both, NAN, 0);
        assert_near(impossible[i].neither, NAN, 0);
        assert_near(icl_gate_information(&impossible[i]), NAN, 0);
    }
    /* the ends of what can be: no dropout, one gate, gates that exclude each other */
    assert_near(table_at(ICL_FAULT_NONE, 0, 1).both, 1, 0);
    assert_near(table_at(ICL_FAULT_CORRELATED, 1, .25).both, .25, 0);
    assert_near(table_at(ICL_FAULT_CORRELATED, -1, .5).both, 0, 0);
}

/* Shares of 400 000 samples against the table, within 4 standard errors; the two ONE_MASK faults are two layers. */
static void drawn_gates_have_their_law(void **state)
{
    (void)state;
    enum { ROWS = 4003, STEPS = 100 };
    static const double keeps[] = {.5, .8, .3};
    double *factor = malloc(2 * ROWS * sizeof *factor);
    assert_non_null(factor);
    for (size_t f = 0; f < FAULTS; f++) {
        for (size_t k = 0; k < sizeof keeps / sizeof keeps[0]; k++) {
            const struct icl_gate_table t = icl_fault_table(&faults[f], keeps[k]);
            size_t count[4] = {0};
            for (uint32_t step = 0; step < STEPS; step++) {
                const struct icl_stream stream = {seed, ICL_PURPOSE_MASK, 7 + (uint32_t)k, step};
                icl_fault_draw(&faults[f], &stream, keeps[k], ROWS, factor);
                for (size_t i = 0; i < ROWS; i++) {
                    assert_true((factor[2 * i] == 0 || factor[2 * i] == 1) &&
                                (factor[2 * i + 1] == 0 || factor[2 * i + 1] == 1));
                    count[2 * (factor[2 * i] == 0) + (factor[2 * i + 1] == 0)]++;
                }
            }
            const double n = ROWS * STEPS, p[4] = {t.both, t.x_only, t.y_only, t.neither};
            for (int c = 0; c < 4; c++)
                assert_near((double)count[c] / n, p[c], 4 * sqrt(p[c] * (1 - p[c]) / n));
            assert_near((double)(count[0] + count[1]) / n, p[0] + p[1], 4 * sqrt((p[0] + p[1]) * (p[2] + p[3]) / n));
            assert_near((double)(count[0] + count[2]) / n, p[0] + p[2], 4 * sqrt((p[0] + p[2]) * (p[1] + p[3]) / n));
        }
    }
    free(factor);
}

/* The words are where the header says: the mask of one layer, or of two. */
static void layers_draw_their_own_masks(void **state)
{
    (void)state;
    enum { ROWS = 2500 };
    double factor[2][2 * ROWS];
    uint32_t first[ROWS], second[ROWS];
    const struct icl_stream stream = {seed, ICL_PURPOSE_MASK, 3, 5};
    struct icl_stream other = stream;
    other.layer += ICL_SWEEP_LAYERS;
    icl_random_words(&stream, 0, ROWS, first);
    icl_random_words(&other, 0, ROWS, second);
    for (int one = 0; one < 2; one++) {
        const struct icl_fault fault = {ICL_FAULT_ONE_MASK, one};
        icl_fault_draw(&fault, &stream, .7, ROWS, factor[one]);
    }
    const uint64_t open = icl_keep_threshold(.7);
    for (size_t i = 0; i < ROWS; i++) {
        assert_near(factor[0][2 * i], first[i] < open, 0);
        assert_near(factor[0][2 * i + 1], second[i] < open, 0);
        assert_near(factor[1][2 * i], first[i] < open, 0);
        assert_near(factor[1][2 * i + 1], first[i] < open, 0);
    }
}

/* The samples of one gate are told by words that no gate has. */
static void one_gate_is_told_by_a_third_word(void **state)
{
    (void)state;
    enum { ROWS = 2500 };
    double factor[2 * ROWS];
    uint32_t words[3 * ROWS];
    const struct icl_stream stream = {seed, ICL_PURPOSE_MASK, 3, 5};
    const struct icl_fault fault = {ICL_FAULT_ONE_IN, .2};
    icl_random_words(&stream, 0, 3 * ROWS, words);
    icl_fault_draw(&fault, &stream, .7, ROWS, factor);
    const uint64_t open = icl_keep_threshold(.7), share = icl_keep_threshold(.2);
    for (size_t i = 0; i < ROWS; i++) {
        assert_near(factor[2 * i], words[2 * i] < open, 0);
        assert_near(factor[2 * i + 1], words[2 * i + (words[2 * ROWS + i] >= share)] < open, 0);
    }
}

/* ---- what theory gives ---------------------------------------------------------------------------------------- */

/* A law of x and y on three values each, none of them 0, all means 0, with dependence of every order. */
enum { VALUES = 3 };
static const double value[VALUES] = {-1, .5, 2};
static const double law[VALUES][VALUES] = {{.40, .10, .05}, {.08, .10, .10}, {.07, .08, .02}};

/* The plug-in of probabilities, by sums of its own. */
static double information(size_t side, const double *p)
{
    double sum = 0;
    for (size_t i = 0; i < side; i++) {
        for (size_t j = 0; j < side; j++) {
            double row = 0, col = 0;
            for (size_t o = 0; o < side; o++) {
                row += p[i * side + o];
                col += p[o * side + j];
            }
            if (p[i * side + j] > 0) sum += p[i * side + j] * log(p[i * side + j] / (row * col));
        }
    }
    return sum;
}

/* I' over the whole table of (x',y'), 0 included, against the chain rule; I(g;h) against the plug-in of counts. */
static void effects_are_those_of_enumeration(void **state)
{
    (void)state;
    enum { SIDE = VALUES + 1 };
    const double before = information(VALUES, &law[0][0]);
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    for (size_t f = 0; f < FAULTS; f++) {
        for (int tenth = 3; tenth < 10; tenth += 2) {
            const struct icl_gate_table t = icl_fault_table(&faults[f], tenth / 10.);
            double joint[SIDE * SIDE] = {0}; /* the last value is 0 */
            for (size_t i = 0; i < VALUES; i++) {
                for (size_t j = 0; j < VALUES; j++) {
                    joint[i * SIDE + j] += t.both * law[i][j];
                    joint[i * SIDE + VALUES] += t.x_only * law[i][j];
                    joint[VALUES * SIDE + j] += t.y_only * law[i][j];
                    joint[VALUES * SIDE + VALUES] += t.neither * law[i][j];
                }
            }
            assert_near(icl_gate_mi_after(&t, before), information(SIDE, joint), 1e-13);
            const double gates[4] = {t.both, t.x_only, t.y_only, t.neither};
            assert_near(icl_gate_information(&t), information(2, gates), 1e-15);
            /* 10^14 counts: the plug-in's bias and rounding are below 1e-12 */
            uint64_t count[4];
            for (int c = 0; c < 4; c++)
                count[c] = (uint64_t)llround(1e14 * gates[c]);
            assert_near(icl_gate_information(&t), icl_mi_table(count, 2, 2, ws), 1e-12);
        }
    }
    icl_workspace_free(ws);
}

/* corr(x',y') of x' = g x, y' = h y with centred values: products of zero means. */
static void the_correlation_is_that_of_moments(void **state)
{
    (void)state;
    double mean[2] = {0, 0}, square[2] = {0, 0}, cross = 0;
    for (size_t i = 0; i < VALUES; i++) {
        for (size_t j = 0; j < VALUES; j++) {
            mean[0] += law[i][j] * value[i];
            mean[1] += law[i][j] * value[j];
        }
    }
    for (size_t i = 0; i < VALUES; i++) {
        for (size_t j = 0; j < VALUES; j++) {
            const double x = value[i] - mean[0], y = value[j] - mean[1];
            square[0] += law[i][j] * x * x;
            square[1] += law[i][j] * y * y;
            cross += law[i][j] * x * y;
        }
    }
    for (size_t f = 0; f < FAULTS; f++) {
        const struct icl_gate_table t = icl_fault_table(&faults[f], .6);
        const double before = cross / sqrt(square[0] * square[1]);
        const double after = t.both * cross / sqrt((t.both + t.x_only) * square[0] * (t.both + t.y_only) * square[1]);
        assert_near(icl_gate_corr_factor(&t), after / before, 1e-14);
    }
}

/* The five faults at keep .5 on the Gaussian pair of rho .75, I = -ln(1 - .75^2) / 2, by hand. */
static void truths_by_hand(void **state)
{
    (void)state;
    const double mi = -.5 * log(1 - .75 * .75);
    const struct {
        struct icl_fault fault;
        double ratio, slope, share;
    } cases[] = {
        {{ICL_FAULT_NONE, 0}, 1, 1, 1},
        /* (.55 ln 1.1 + .45 ln .9) / (.25 I) + 1.1 */
        {{ICL_FAULT_CORRELATED, .1}, 1.1 + (.55 * log(1.1) + .45 * log(.9)) / (.25 * mi), 1.1, 1.1},
        {{ICL_FAULT_KEEP, .98}, .9604, .98, .9604},
        {{ICL_FAULT_POWER, 1.9}, 1.0967208222588318, 1.0717734625362931, 1.0717734625362931},
        {{ICL_FAULT_ONE_IN, .05}, 1.05 + (.525 * log(1.05) + .475 * log(.95)) / (.25 * mi), 1.05, 1.05},
        {{ICL_FAULT_ONE_MASK, 1}, 2 + log(2) / (.25 * mi), 2, 2},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const struct icl_gate_table t = icl_fault_table(&cases[c].fault, .5);
        assert_near(icl_power_truth("ratio@.5", &t, .5, mi), cases[c].ratio, 1e-9);
        assert_near(icl_power_truth("local-exponent@.5", &t, .5, mi), 2 - log(cases[c].ratio) / log(2), 1e-9);
        assert_near(icl_power_truth("slope", &t, .5, mi), cases[c].slope, 1e-12);
        assert_near(icl_power_truth("coactive@.5", &t, .5, mi), cases[c].share, 1e-12);
        assert_near(icl_power_truth("excess", &t, .5, mi), NAN, 0);
    }
}

/* ---- rates ---------------------------------------------------------------------------------------------------- */

/* P(at most `count` of `runs`), from the ratio of neighbouring terms, as logarithms: the first may be very small. */
static double binomial_below(size_t count, size_t runs, double p)
{
    double term = (double)runs * log1p(-p), sum = exp(term);
    for (size_t k = 1; k <= count; k++) {
        term += log((double)(runs - k + 1) / (double)k * p / (1 - p));
        sum += exp(term);
    }
    return sum;
}

static void limits_are_clopper_and_pearson(void **state)
{
    (void)state;
    static const size_t runs[] = {7, 100, 400, 1000};
    for (size_t r = 0; r < sizeof runs / sizeof runs[0]; r++) {
        for (size_t count = 0; count < runs[r]; count += 1 + runs[r] / 9) {
            const double upper = icl_rate_upper(count, runs[r], .99);
            assert_near(binomial_below(count, runs[r], upper), .01, 1e-9);
            assert_near(icl_rate_lower(runs[r] - count, runs[r], .99), 1 - upper, 1e-12);
        }
        assert_near(icl_rate_upper(runs[r], runs[r], .99), 1, 0);
        assert_near(icl_rate_lower(0, runs[r], .99), 0, 0);
        assert_near(icl_rate_upper(0, runs[r], .95), 1 - pow(.05, 1. / (double)runs[r]), 1e-12);
    }
}

static void words_of_a_rate(void **state)
{
    (void)state;
    static const struct {
        enum icl_power_kind kind;
        size_t holds, fails, runs;
        double rate;
        const char *ok;
    } cases[] = {
        {ICL_POWER_TRUE, 900, 0, 1000, 0, "yes"},
        {ICL_POWER_TRUE, 0, 33, 1000, .033, "yes"},
        {ICL_POWER_TRUE, 0, 45, 1000, .045, "few"},
        {ICL_POWER_TRUE, 0, 51, 1000, .051, "no"},
        {ICL_POWER_TOLERANCE, 33, 900, 1000, .033, "yes"},
        {ICL_POWER_TOLERANCE, 51, 0, 1000, .051, "no"},
        {ICL_POWER_TOLERANCE, 0, 9, 10, 0, "few"},
        {ICL_POWER_FAULT, 0, 200, 200, 1, "yes"},
        {ICL_POWER_FAULT, 0, 10, 10, 1, "few"},
        {ICL_POWER_FAULT, 9, 189, 200, .945, "no"},
        {ICL_POWER_SHORT, 0, 50, 200, .25, "-"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const struct icl_power_row row = {.kind = cases[c].kind};
        const struct icl_power_result result = {
            .row = &row, .runs = cases[c].runs, .count = {[ICL_HOLDS] = cases[c].holds, [ICL_FAILS] = cases[c].fails}};
        const struct icl_power_rate rate = icl_power_rate(&result);
        assert_near(rate.rate, cases[c].rate, 1e-15);
        assert_string_equal(rate.ok, cases[c].ok);
        const bool power = cases[c].kind == ICL_POWER_FAULT || cases[c].kind == ICL_POWER_SHORT;
        assert_true(power ? rate.bound <= rate.rate : rate.bound >= rate.rate);
        assert_near(rate.required, cases[c].kind == ICL_POWER_SHORT ? NAN : power ? .95 : .05, 0);
    }
}

/* ---- measurements --------------------------------------------------------------------------------------------- */

enum { RUNS = 12, FEW = 5, BLOCKS = 6, ROWS = 300, RIGHT = 0, ONE_MASK, MORE, DISCRETE };

static const struct icl_plant plants[] = {
    [RIGHT] = {"independent", {ICL_FAULT_NONE, 0}, "gauss", .5, BLOCKS, ROWS, ICL_SWEEP_CORRELATION, RUNS, FEW},
    [ONE_MASK] = {"one mask",
                  {ICL_FAULT_ONE_MASK, 1},
                  "student",
                  .5,
                  BLOCKS,
                  ROWS,
                  ICL_SWEEP_CORRELATION | ICL_SWEEP_COACTIVE,
                  RUNS,
                  FEW},
    [MORE] = {"more", {ICL_FAULT_BOTH, 1.1}, "gauss", .5, BLOCKS, ROWS, ICL_SWEEP_COACTIVE, RUNS, FEW},
    [DISCRETE] = {"one in two", {ICL_FAULT_ONE_IN, .5}, "discrete", .5, BLOCKS, ROWS, ICL_SWEEP_MI, 3, 3},
};
static const struct icl_power_row rows[] = {
    {ICL_POWER_TRUE, RIGHT, "c02.gauss.room", "slope", ICL_RULE_EQUAL, 1, .9},
    {ICL_POWER_TRUE, RIGHT, "c02.gauss.edge", "slope", ICL_RULE_AT_MOST, 1, 0},
    {ICL_POWER_FAULT, ONE_MASK, "c02.student.slope", "slope", ICL_RULE_EQUAL, 1, .02},
    {ICL_POWER_FAULT, ONE_MASK, "c01.student.coactive", "coactive@.5", ICL_RULE_EQUAL, 1, .02},
    {ICL_POWER_TOLERANCE, MORE, "c01.gauss.coactive", "coactive@.5", ICL_RULE_AT_MOST, 1, .1},
    {ICL_POWER_FAULT, DISCRETE, "c01.discrete.ratio", "ratio@.5", ICL_RULE_EQUAL, 1, .08},
};
enum { MEASURED = sizeof rows / sizeof rows[0], TRUE_ROOM = 0, EDGE = 1, COUNTED = 4, BY_MI = 5 };
static const struct icl_power_design design = {plants, sizeof plants / sizeof plants[0], rows, MEASURED};

static void measure(bool quick, unsigned threads, struct icl_power_result *results)
{
    struct icl_error err = {0};
    if (icl_power_measure(&design, quick, seed, threads, true, results, &err) != ICL_OK) fail_msg("%s", err.message);
}

static void certain_rows_come_out_as_they_must(void **state)
{
    (void)state;
    struct icl_power_result results[MEASURED];
    measure(false, 2, results);
    for (size_t r = 0; r < MEASURED; r++) {
        const struct icl_power_result *result = &results[r];
        const size_t runs = plants[rows[r].plant].runs;
        assert_ptr_equal(result->row, &rows[r]);
        assert_ptr_equal(result->plant, &plants[rows[r].plant]);
        assert_int_equal(result->runs, runs);
        assert_int_equal(result->count[ICL_HOLDS] + result->count[ICL_FAILS] + result->count[ICL_UNDECIDED], runs);
        if (rows[r].kind == ICL_POWER_FAULT) assert_int_equal(result->count[ICL_FAILS], runs);
        /* the mean estimate is the truth within five standard errors of the mean, and some bias of small samples */
        const double truth = result->deviation + rows[r].target;
        assert_near(result->estimate, truth, 5 * result->sd / sqrt((double)runs) + .02 * truth);
        assert_true(result->se > 0 && result->sd > 0);
    }
    assert_int_equal(results[TRUE_ROOM].count[ICL_HOLDS], RUNS);
    assert_near(results[COUNTED].deviation, .1, 1e-12);
    assert_string_equal(results[EDGE].leading, "pearson");
    assert_string_equal(results[COUNTED].leading, "count");
    assert_string_equal(results[BY_MI].leading, "plugin"); /* no atom, independent gates */
    /* fewer runs are the first ones */
    measure(true, 1, results);
    assert_int_equal(results[EDGE].runs, FEW);
    assert_int_equal(results[TRUE_ROOM].count[ICL_HOLDS], FEW);
}

/* The runs of one row once more, from the seeds that the header gives, and the verdicts of its intervals. */
static void counts_are_those_of_the_runs(void **state)
{
    (void)state;
    struct icl_power_result results[MEASURED];
    measure(false, 2, results);
    size_t count[ICL_VERDICT_COUNT] = {0};
    double sum = 0, squares = 0, errors = 0;
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    for (uint64_t run = 0; run < RUNS; run++) {
        const struct icl_sweep_plan plan = {.law = icl_law_by_name("gauss"),
                                            .seed = seed + ((uint64_t)(MORE + 1) << 40) + (run << 16),
                                            .blocks = BLOCKS,
                                            .rows = ROWS,
                                            .levels = 2,
                                            .keep = {1, .5},
                                            .series = ICL_SWEEP_COACTIVE,
                                            .source = icl_fault_draw,
                                            .context = &plants[MORE].fault};
        struct icl_sweep sweep;
        assert_int_equal(icl_sweep_create_planned(&sweep, &plan, NULL), ICL_OK);
        for (size_t b = 0; b < BLOCKS; b++)
            assert_int_equal(icl_sweep_block(&sweep, b, ws, NULL), ICL_OK);
        const struct icl_quantity_context context = {.keep = plan.keep, .at = 1};
        struct icl_interval interval;
        assert_int_equal(icl_series_interval(&sweep.coactive, icl_quadratic_ratio, &context, &interval, NULL), ICL_OK);
        count[icl_judge_interval(ICL_RULE_AT_MOST, 1, .1, &interval)]++;
        sum += interval.estimate;
        squares += interval.estimate * interval.estimate;
        errors += interval.se;
        icl_sweep_free(&sweep);
    }
    icl_workspace_free(ws);
    const struct icl_power_result *result = &results[COUNTED];
    for (int v = 0; v < ICL_VERDICT_COUNT; v++)
        assert_int_equal(result->count[v], count[v]);
    assert_near(result->estimate, sum / RUNS, 1e-13);
    assert_near(result->sd, sqrt((squares - sum * sum / RUNS) / (RUNS - 1)), 1e-9);
    assert_near(result->se, errors / RUNS, 1e-13);
}

static void results_do_not_depend_on_threads(void **state)
{
    (void)state;
    struct icl_power_result one[MEASURED], more[MEASURED];
    measure(false, 1, one);
    measure(false, 3, more);
    for (size_t r = 0; r < MEASURED; r++) {
        assert_memory_equal(one[r].count, more[r].count, sizeof one[r].count);
        assert_near(one[r].estimate, more[r].estimate, 0);
        assert_near(one[r].sd, more[r].sd, 0);
        assert_near(one[r].se, more[r].se, 0);
        assert_string_equal(one[r].leading, more[r].leading);
    }
}

static void assert_refused(const struct icl_plant *plant, const struct icl_power_row *row)
{
    const struct icl_power_design bad = {plant, 1, row, 1};
    struct icl_power_result result;
    struct icl_error err = {0};
    assert_int_equal(icl_power_measure(&bad, false, seed, 1, true, &result, &err), ICL_ERR_INPUT);
    assert_true(err.message[0] != '\0');
}

static void what_cannot_be_measured_is_refused(void **state)
{
    (void)state;
    struct icl_plant plant = plants[RIGHT];
    struct icl_power_row row = rows[0];
    plant.law = "nothing";
    assert_refused(&plant, &row);
    plant.law = "relu"; /* an atom: theory gives a bound only */
    assert_refused(&plant, &row);
    plant = plants[RIGHT];
    plant.fault = (struct icl_fault){ICL_FAULT_BOTH, 3};
    assert_refused(&plant, &row);
    plant = plants[RIGHT];
    row.plant = 1;
    assert_refused(&plant, &row);
    row = rows[0];
    row.id = "c77.gauss.slope";
    assert_refused(&plant, &row);
    row = rows[0];
    row.quantity = "weight"; /* the claim's own error */
    assert_refused(&plant, &row);
}

static void the_table_has_its_columns(void **state)
{
    (void)state;
    struct icl_power_result results[MEASURED];
    measure(true, 2, results);
    char path[] = "/tmp/icl_verdicts_XXXXXX", line[1024];
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    assert_int_equal(icl_power_write(results, MEASURED, path, "first\nsecond", NULL), ICL_OK);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    static const char *const head[] = {
        "# first\n", "# second\n",
        ("row\tkind\tgates\tlaw\tkeep\tn\tquantity\trule\ttarget\ttolerance\tdeviation\truns\tholds\tfails\tundecided\t"
         "judged\trate\tbound\trequired\tok\testimate\tsd\tse\tleading\n")};
    for (size_t l = 0; l < sizeof head / sizeof head[0]; l++) {
        assert_non_null(fgets(line, sizeof line, in));
        assert_string_equal(line, head[l]);
    }
    for (size_t r = 0; r < MEASURED; r++) {
        assert_non_null(fgets(line, sizeof line, in));
        size_t tabs = 0;
        for (const char *c = line; *c != '\0'; c++)
            tabs += *c == '\t';
        assert_int_equal(tabs, 23);
    }
    assert_null(fgets(line, sizeof line, in));
    fclose(in);
    /* one row in full */
    in = fopen(path, "r");
    assert_non_null(in);
    for (size_t l = 0; l < 3 + 1; l++)
        assert_non_null(fgets(line, sizeof line, in));
    static const char start[] =
        "c02.gauss.room\ttrue\tindependent\tgauss\t0.5\t1800\tslope\t=\t1\t0.9\t0\t5\t5\t0\t0\tfails\t"
        "0\t0.601893\t0.05\tfew\t";
    assert_memory_equal(line, start, sizeof start - 1);
    fclose(in);
    unlink(path);
    assert_int_equal(icl_power_write(results, MEASURED, "/nonexistent/table", NULL, NULL), ICL_ERR_IO);
}

/* ---- the design of the program -------------------------------------------------------------------------------- */

static void the_design_repeats_the_registry(void **state)
{
    (void)state;
    struct icl_registry registry;
    size_t repeated = 0, found[ICL_FAULT_COUNT] = {0};
    assert_int_equal(icl_registry_load(&registry, NULL), ICL_OK);
    for (size_t r = 0; r < icl_power_design.rows; r++) {
        const struct icl_power_row *row = &icl_power_design.row[r];
        assert_true(row->plant < icl_power_design.plants);
        const struct icl_plant *plant = &icl_power_design.plant[row->plant];
        for (size_t c = 0; c < registry.count; c++) {
            const struct icl_claim *claim = &registry.claim[c];
            if (strcmp(claim->id, row->id) != 0) continue;
            repeated++;
            assert_string_equal(claim->law, plant->law);
            assert_string_equal(claim->quantity, row->quantity);
            assert_int_equal(claim->rule, row->rule);
            assert_near(claim->target, row->target, 0);
            assert_near(claim->tolerance, row->tolerance, 0);
        }
        const struct icl_law *pair = icl_law_by_name(plant->law);
        double mi;
        assert_int_equal(pair->mi(pair, &mi, NULL), ICL_OK);
        const double at = plant->keep != 0 ? plant->keep : .7; /* any keep: theory gives the same at all */
        const struct icl_gate_table gates = icl_fault_table(&plant->fault, at);
        const double deviation = icl_power_truth(row->quantity, &gates, at, mi) - row->target;
        if (row->kind == ICL_POWER_TRUE) assert_near(deviation, 0, 1e-12);
        if (row->kind == ICL_POWER_TOLERANCE) {
            assert_near(fabs(deviation), row->tolerance, 1e-12);
            if (row->rule == ICL_RULE_AT_MOST) assert_true(deviation > 0);
            if (row->rule == ICL_RULE_AT_LEAST) assert_true(deviation < 0);
        }
        if (row->kind == ICL_POWER_FAULT) {
            found[plant->fault.kind]++;
            assert_true(fabs(deviation) > row->tolerance && plant->runs >= 100);
        }
    }
    assert_true(repeated > 5);
    static const enum icl_fault_kind promised[] = {ICL_FAULT_CORRELATED, ICL_FAULT_KEEP, ICL_FAULT_POWER,
                                                   ICL_FAULT_ONE_IN, ICL_FAULT_ONE_MASK};
    for (size_t p = 0; p < sizeof promised / sizeof promised[0]; p++)
        assert_true(found[promised[p]] > 0);
    icl_registry_free(&registry);
}

int main(void)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_by_hand),
        cmocka_unit_test(gates_that_cannot_be_are_nan),
        cmocka_unit_test(drawn_gates_have_their_law),
        cmocka_unit_test(layers_draw_their_own_masks),
        cmocka_unit_test(one_gate_is_told_by_a_third_word),
        cmocka_unit_test(effects_are_those_of_enumeration),
        cmocka_unit_test(the_correlation_is_that_of_moments),
        cmocka_unit_test(truths_by_hand),
        cmocka_unit_test(limits_are_clopper_and_pearson),
        cmocka_unit_test(words_of_a_rate),
        cmocka_unit_test(certain_rows_come_out_as_they_must),
        cmocka_unit_test(counts_are_those_of_the_runs),
        cmocka_unit_test(results_do_not_depend_on_threads),
        cmocka_unit_test(what_cannot_be_measured_is_refused),
        cmocka_unit_test(the_table_has_its_columns),
        cmocka_unit_test(the_design_repeats_the_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
