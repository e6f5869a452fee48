/* Pairs on a device, played by the processor, against the processor's own path: laws with atoms, ties, lattices and
 * edges, every estimator a device has, permutations and their tests. */
#include "tests/estimators_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "estimators/device_pairs.h"
#include "estimators/plugin_pairs.h"
#include "tests/device_support.h"

enum { SEED = 20260711, MOST_COLUMNS = 12 };

/* ---- columns ------------------------------------------------------------------------------------------------------
 */

struct columns {
    size_t n, count;
    struct icl_column column[MOST_COLUMNS];
};

static void add_column(struct columns *columns, const double *value)
{
    assert_true(columns->count < MOST_COLUMNS);
    columns->column[columns->count++] = column_of(value, columns->n);
}

static void free_columns(struct columns *columns)
{
    while (columns->count > 0)
        icl_column_free(&columns->column[--columns->count]);
}

/* Laws that meet every branch: dependent normals, their ReLUs, rounded and quantised ones, few and many atoms, a
 * constant and a column with NaN. */
static struct columns all_laws(size_t n, uint64_t seed)
{
    struct columns all = {.n = n};
    double *base = malloc(n * sizeof *base), *noise = malloc(n * sizeof *noise), *value = malloc(n * sizeof *value);
    assert_true(base && noise && value);
    draw_normal(seed, 0, n, base);
    draw_normal(seed, 1, n, noise);
    add_column(&all, base); /* 0: normal */
    for (size_t i = 0; i < n; i++)
        value[i] = 0.6 * base[i] + 0.8 * noise[i];
    add_column(&all, value); /* 1: normal that depends on it */
    for (size_t i = 0; i < n; i++)
        value[i] = base[i] > 0 ? base[i] : 0;
    add_column(&all, value); /* 2: an atom at zero */
    for (size_t i = 0; i < n; i++)
        value[i] = noise[i] + base[i] > 0.5 ? noise[i] + base[i] : 0;
    add_column(&all, value); /* 3: another, dependent */
    for (size_t i = 0; i < n; i++)
        value[i] = rint(base[i] * (double)n / 9) / 8 + (i % 5 == 0 ? 0 : 1e-3 * noise[i]);
    add_column(&all, value); /* 4: some values tied */
    for (size_t i = 0; i < n; i++)
        value[i] = rint(8 * (noise[i] + 0.3 * base[i]));
    add_column(&all, value); /* 5: a lattice of many values */
    for (size_t i = 0; i < n; i++)
        value[i] = base[i] < -0.5 ? 0 : noise[i] < 0 ? 1 : 2;
    add_column(&all, value); /* 6: discrete */
    for (size_t i = 0; i < n; i++)
        value[i] = i % 7 == 0 ? -1 : i % 3 == 0 ? 2 : noise[i] * base[i];
    add_column(&all, value); /* 7: two atoms beside a density */
    for (size_t i = 0; i < n; i++)
        value[i] = rint(base[i] * (double)n / 5) * 0.5;
    add_column(&all, value); /* 8: repeats that are no atoms */
    for (size_t i = 0; i < n; i++)
        value[i] = 4;
    add_column(&all, value); /* 9: constant */
    value[n / 2] = NAN;
    add_column(&all, value); /* 10: not finite */
    free(base);
    free(noise);
    free(value);
    return all;
}

static size_t all_pairs(const struct columns *columns, struct icl_column_pair *pair)
{
    size_t count = 0;
    for (uint32_t x = 0; x < columns->count; x++)
        for (uint32_t y = x + 1; y < columns->count; y++)
            pair[count++] = (struct icl_column_pair){x, y};
    return count;
}
enum { MOST_PAIRS = MOST_COLUMNS * (MOST_COLUMNS - 1) / 2 };

/* ---- the device and the processor ---------------------------------------------------------------------------------
 */

static struct icl_device_mi *open_mi(struct icl_device *device, const struct columns *columns,
                                     const struct icl_mi_options *options)
{
    struct icl_device_mi *mi;
    struct icl_error err = {0};
    const struct icl_device_mi_task task = {
        .column = columns->column, .cols = columns->count, .options = *options, .threads = 1};
    if (icl_device_mi_open(device, &task, &mi, &err) != ICL_OK) fail_msg("%s", err.message);
    return mi;
}

/* A number is the other within 1e-12, or to the last bit. */
static bool agrees(double got, double expected, bool exact)
{
    if (isnan(got) || isnan(expected)) return isnan(got) && isnan(expected);
    return exact ? memcmp(&got, &expected, sizeof got) == 0 : fabs(got - expected) <= 1e-12;
}

static void check_result(const struct icl_mi_result *got, const struct icl_mi_result *expected, const char *what)
{
    const bool exact = expected->estimator == ICL_MI_PLUGIN;
    const double values[2][5] = {
        {got->mi, got->atoms, got->x_amplitude, got->y_amplitude, got->amplitudes},
        {expected->mi, expected->atoms, expected->x_amplitude, expected->y_amplitude, expected->amplitudes}};
    for (unsigned v = 0; v < 5; v++)
        if (!agrees(values[0][v], values[1][v], exact || v == 1))
            fail_msg("%s: value %u is %.17g, expected %.17g", what, v, values[0][v], values[1][v]);
    if (got->estimator != expected->estimator || got->notes != expected->notes)
        fail_msg("%s: estimator %u, notes %u, expected %u and %u", what, got->estimator, got->notes,
                 expected->estimator, expected->notes);
}

/* All pairs of the columns, there and here; `seen` collects the notes. */
static void compare_pairs(struct icl_device *device, const struct columns *columns,
                          const struct icl_mi_options *options, unsigned *seen)
{
    struct icl_column_pair pair[MOST_PAIRS];
    struct icl_mi_result got[MOST_PAIRS];
    struct icl_error err = {0};
    const size_t count = all_pairs(columns, pair);
    struct icl_device_mi *mi = open_mi(device, columns, options);
    if (icl_device_mi_pairs(mi, pair, count, got, &err) != ICL_OK) fail_msg("%s", err.message);
    for (size_t p = 0; p < count; p++) {
        struct icl_mi_result expected;
        char what[120];
        if (icl_mi_pair(&columns->column[pair[p].x], &columns->column[pair[p].y], options, scratch(), &expected,
                        &err) != ICL_OK)
            fail_msg("%s", err.message);
        snprintf(what, sizeof what, "seed %d, n %zu, %s k %u, pair %u:%u", SEED, columns->n,
                 icl_mi_names[options->estimator], options->k, pair[p].x, pair[p].y);
        check_result(&got[p], &expected, what);
        *seen |= expected.notes;
    }
    icl_device_mi_close(mi);
}

/* ---- pairs --------------------------------------------------------------------------------------------------------
 */

static void test_laws(void **state)
{
    static const struct {
        size_t n;
        struct icl_mi_options options;
    } cases[] = {
        {40, {.estimator = ICL_MI_AUTO}},
        {127, {.estimator = ICL_MI_AUTO}},
        {128, {.estimator = ICL_MI_DECOMPOSITION, .k = 3}},
        {129, {.estimator = ICL_MI_DECOMPOSITION}},
        {400, {.estimator = ICL_MI_AUTO}},
        {600, {.estimator = ICL_MI_DECOMPOSITION}},
        {200, {.estimator = ICL_MI_DECOMPOSITION, .k = 1}},
        {300, {.estimator = ICL_MI_DECOMPOSITION, .k = 7}},
        {256, {.estimator = ICL_MI_DECOMPOSITION, .k = 20}},
        {90, {.estimator = ICL_MI_DECOMPOSITION, .k = 28}},
        {120, {.estimator = ICL_MI_DECOMPOSITION, .k = 40}},
        {150, {.estimator = ICL_MI_KSG1}},
        {161, {.estimator = ICL_MI_KSG2}},
        {257, {.estimator = ICL_MI_KSG2, .k = 9}},
        {140, {.estimator = ICL_MI_MESNER_SHALIZI}},
        {97, {.estimator = ICL_MI_MESNER_SHALIZI, .k = 33}},
        {41, {.estimator = ICL_MI_PLUGIN}},
        {600, {.estimator = ICL_MI_PLUGIN, .bins = 11}},
        {1031, {.estimator = ICL_MI_PLUGIN}},
    };
    (void)state;
    unsigned seen = 0;
    struct icl_device *device = device_open();
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        struct columns columns = all_laws(cases[c].n, SEED + c);
        compare_pairs(device, &columns, &cases[c].options, &seen);
        free_columns(&columns);
    }
    device_close(device);
    assert_true((seen & ICL_MI_NOTE_CONSTANT) != 0 && (seen & ICL_MI_NOTE_NONFINITE) != 0);
    assert_true((seen & ICL_MI_NOTE_TERM_SKIPPED) != 0 && (seen & ICL_MI_NOTE_ATOMS) != 0);
}

/* Uniform columns and a pair on a rotated square: the density jumps, two numbers of neighbours are combined. */
static void test_edges(void **state)
{
    (void)state;
    const struct icl_mi_options options = {.estimator = ICL_MI_AUTO};
    unsigned seen = 0;
    struct icl_device *device = device_open();
    for (size_t n = 800; n <= 1300; n += 500) {
        struct columns columns = {.n = n};
        double *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b), *value = malloc(n * sizeof *value);
        assert_true(a && b && value);
        draw_uniform(SEED, 1, n, a);
        draw_uniform(SEED, 2, n, b);
        add_column(&columns, a);
        for (size_t i = 0; i < n; i++)
            value[i] = a[i] + 0.1 * b[i];
        add_column(&columns, value);
        for (size_t i = 0; i < n; i++)
            value[i] = a[i] < 0.5 ? b[i] : b[i] + 3;
        add_column(&columns, value);
        compare_pairs(device, &columns, &options, &seen);
        free_columns(&columns);
        free(a);
        free(b);
        free(value);
    }
    device_close(device);
    assert_true((seen & ICL_MI_NOTE_EDGES) != 0);
}

/* Columns whose values come in fours and fives, too rare for atoms: runs of ties across the bins of the pilots, which
 * then choose k. */
static void test_tied_pilots(void **state)
{
    enum { TIED = 1600, SEEDS = 4 };
    (void)state;
    unsigned seen = 0;
    double *x = malloc(TIED * sizeof *x), *y = malloc(TIED * sizeof *y), *z = malloc(TIED * sizeof *z);
    assert_true(x && y && z);
    struct icl_device *device = device_open();
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct columns columns = {.n = TIED};
        draw_normal(SEED + seed, 5, TIED / 5, z);
        draw_normal(SEED + seed, 6, TIED, y);
        for (size_t i = 0; i < TIED; i++) {
            x[i] = z[i % (TIED / 5)];
            y[i] = rint(300 * (0.5 * x[i] + 0.6 * y[i]));
            z[i % (TIED / 5)] += i < TIED / 2 ? 0 : 1e-3 * (double)(i % 2);
        }
        add_column(&columns, x);
        add_column(&columns, y);
        for (size_t i = 0; i < TIED; i++)
            y[i] = i % 3 == 0 ? 0 : x[i] + (i % 3 == 1 ? y[i] / 300 : 0);
        add_column(&columns, y);
        compare_pairs(device, &columns, &(struct icl_mi_options){.estimator = ICL_MI_DECOMPOSITION}, &seen);
        free_columns(&columns);
    }
    device_close(device);
    free(x);
    free(y);
    free(z);
}

/* Distances that are different doubles and the same float, and whole runs of equal ones: the list of floats cannot
 * tell them, the second walk must. */
static void test_close_distances(void **state)
{
    enum { CLOSE = 90 };
    static const enum icl_mi_estimator estimators[] = {ICL_MI_KSG1, ICL_MI_KSG2, ICL_MI_MESNER_SHALIZI};
    (void)state;
    double x[CLOSE], y[CLOSE];
    for (size_t i = 0; i < CLOSE; i++) {
        x[i] = (double)(i % 10) + 1e-9 * (double)(i * 7 % 13);
        y[i] = (double)(i / 10) + 1e-9 * (double)(i * 5 % 11);
    }
    unsigned seen = 0;
    struct icl_device *device = device_open();
    struct columns columns = {.n = CLOSE};
    add_column(&columns, x);
    add_column(&columns, y);
    for (unsigned e = 0; e < COUNT_OF(estimators); e++)
        for (unsigned k = 1; k <= 45; k += 4)
            compare_pairs(device, &columns, &(struct icl_mi_options){.estimator = estimators[e], .k = k}, &seen);
    free_columns(&columns);
    device_close(device);
}

/* More samples than fit a block's shared memory: points stay in the device's own. */
static void test_many_samples(void **state)
{
    enum { MANY = 14400 };
    (void)state;
    unsigned seen = 0;
    double *x = malloc(MANY * sizeof *x), *y = malloc(MANY * sizeof *y);
    assert_true(x && y);
    draw_normal(SEED, 3, MANY, x);
    draw_normal(SEED, 4, MANY, y);
    for (size_t i = 0; i < MANY; i++)
        y[i] = 0.95 * x[i] + 0.3 * y[i];
    struct icl_device *device = device_open();
    struct columns columns = {.n = MANY};
    add_column(&columns, x);
    add_column(&columns, y);
    compare_pairs(device, &columns, &(struct icl_mi_options){.estimator = ICL_MI_AUTO}, &seen);
    compare_pairs(device, &columns, &(struct icl_mi_options){.estimator = ICL_MI_DECOMPOSITION, .k = 3}, &seen);
    free_columns(&columns);
    free(x);
    free(y);
    device_close(device);
}

/* The same pairs in another order, and some of them twice. */
static void test_any_order(void **state)
{
    (void)state;
    struct icl_column_pair pair[MOST_PAIRS], turned[MOST_PAIRS + 3];
    struct icl_mi_result one[MOST_PAIRS], other[MOST_PAIRS + 3];
    struct icl_error err = {0};
    struct icl_device *device = device_open();
    struct columns columns = all_laws(150, SEED);
    const size_t count = all_pairs(&columns, pair);
    struct icl_device_mi *mi = open_mi(device, &columns, &(struct icl_mi_options){.estimator = ICL_MI_AUTO});
    for (size_t p = 0; p < count + 3; p++)
        turned[p] = pair[(count + 1 - p % count) % count];
    assert_int_equal(icl_device_mi_pairs(mi, pair, count, one, &err), ICL_OK);
    assert_true(icl_device_mi_left(mi) > 0 && icl_device_mi_left(mi) < count); /* constants and NaN */
    assert_int_equal(icl_device_mi_pairs(mi, turned, count + 3, other, &err), ICL_OK);
    for (size_t p = 0; p < count + 3; p++) {
        const double expected = one[(count + 1 - p % count) % count].mi;
        assert_true(agrees(other[p].mi, expected, true));
    }
    icl_device_mi_close(mi);
    free_columns(&columns);
    device_close(device);
}

/* A device of so little memory that `pairs` of n samples go at once: several batches, several rounds. */
static void shrink(struct icl_device *device, size_t n, size_t pairs)
{
    device->facts.memory = 3 * pairs * (icl_device_pair_scratch(n) + 100) + 1;
}

static void test_batches(void **state)
{
    (void)state;
    unsigned seen = 0;
    struct icl_device *device = device_open();
    for (size_t pairs = 1; pairs <= 19; pairs += 9) {
        struct columns columns = all_laws(100, SEED + pairs);
        shrink(device, columns.n, pairs);
        compare_pairs(device, &columns, &(struct icl_mi_options){.estimator = ICL_MI_AUTO}, &seen);
        compare_pairs(device, &columns, &(struct icl_mi_options){.estimator = ICL_MI_KSG2, .k = 2}, &seen);
        device->facts.memory = 200 * pairs;
        compare_pairs(device, &columns, &(struct icl_mi_options){.estimator = ICL_MI_PLUGIN}, &seen);
        free_columns(&columns);
    }
    device_close(device);
}

/* Device memory from far too little to enough: one line, or the right numbers by smaller batches. */
static void test_short_memory(void **state)
{
    (void)state;
    const struct icl_mi_options options = {.estimator = ICL_MI_AUTO};
    unsigned failed = 0, well = 0;
    struct columns columns = all_laws(100, SEED);
    struct icl_column_pair pair[MOST_PAIRS];
    struct icl_mi_result result[MOST_PAIRS];
    const size_t count = all_pairs(&columns, pair);
    for (unsigned bytes = 24000; bytes <= 100000; bytes += 3000) { /* the device itself takes some */
        char fault[32];
        snprintf(fault, sizeof fault, "memory:%u", bytes);
        assert_int_equal(setenv("ICLAB_EMULATED_FAULT", fault, 1), 0);
        struct icl_device *device = device_open();
        struct icl_device_mi *mi = NULL;
        struct icl_error err = {0};
        const struct icl_device_mi_task task = {
            .column = columns.column, .cols = columns.count, .options = options, .threads = 1};
        icl_status status = icl_device_mi_open(device, &task, &mi, &err);
        if (status == ICL_OK) status = icl_device_mi_pairs(mi, pair, count, result, &err);
        if (status != ICL_OK) {
            failed++;
            assert_int_equal(status, ICL_ERR_MEMORY);
            assert_non_null(strstr(err.message, "are wanted"));
            assert_null(strchr(err.message, '\n'));
        } else {
            well++;
            for (size_t p = 0; p < count; p++)
                assert_true(agrees(
                    result[p].mi,
                    result_of(columns.column[pair[p].x].value, columns.column[pair[p].y].value, columns.n, &options).mi,
                    false));
        }
        icl_device_mi_close(mi);
        device_close(device);
    }
    assert_int_equal(unsetenv("ICLAB_EMULATED_FAULT"), 0);
    assert_true(failed > 0 && well > 0);
    free_columns(&columns);
}

/* ---- permutations -------------------------------------------------------------------------------------------------
 */

static void test_permutations(void **state)
{
    static const struct {
        size_t n, block, count;
        uint32_t first;
    } cases[] = {{1, 0, 2, 0},  {2, 1, 5, 3},    {2, 2, 3, 0},   {77, 0, 40, 9}, {100, 7, 33, 5},
                 {98, 7, 3, 5}, {101, 50, 9, 0}, {64, 64, 2, 0}, {33, 40, 2, 1}, {300, 1, 33, 4000000000}};
    (void)state;
    const struct icl_stream stream = {SEED, ICL_PURPOSE_PERMUTE, 6, 12345};
    struct icl_device *device = device_open();
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        const size_t n = cases[c].n, numbers = n * cases[c].count;
        uint32_t *out = device_room(device, numbers * sizeof *out),
                 *inverse = device_room(device, numbers * sizeof *out);
        device->call->pairs.permutations(device, &stream, cases[c].first, cases[c].count, n, cases[c].block, out,
                                         inverse);
        uint32_t *expected = malloc(numbers * sizeof *expected), *back = malloc(numbers * sizeof *back);
        assert_true(expected && back);
        for (size_t m = 0; m < cases[c].count; m++) {
            struct icl_stream own = stream;
            struct icl_error err;
            own.step = cases[c].first + (uint32_t)m;
            assert_int_equal(icl_block_permutation(&own, n, cases[c].block, scratch(), expected + m * n, &err), ICL_OK);
            for (size_t i = 0; i < n; i++)
                back[m * n + expected[m * n + i]] = (uint32_t)i;
        }
        device_check_bytes(device, out, expected, numbers * sizeof *out, "permutations");
        device_check_bytes(device, inverse, back, numbers * sizeof *out, "inverse permutations");
        free(expected);
        free(back);
    }
    device_close(device);
}

static void test_p_values(void **state)
{
    static const struct {
        size_t n;
        struct icl_mi_options options;
        struct icl_permutation_plan plan;
        bool small; /* memory for a few pairs and permutations */
    } cases[] = {
        {60, {.estimator = ICL_MI_PLUGIN}, {37, 0, 0}, false},
        {60, {.estimator = ICL_MI_PLUGIN, .bins = 3}, {80, 0, 5}, false},
        {63, {.estimator = ICL_MI_PLUGIN}, {30, 10, 0}, true},
        {70, {.estimator = ICL_MI_AUTO}, {11, 0, 0}, false},
        {70, {.estimator = ICL_MI_AUTO}, {40, 9, 2}, false},
        {50, {.estimator = ICL_MI_AUTO}, {33, 0, 4}, true},
        {50, {.estimator = ICL_MI_KSG2, .k = 3}, {9, 0, 3}, false},
    };
    (void)state;
    const struct icl_stream stream = {SEED, ICL_PURPOSE_PERMUTE, 0, 7};
    struct icl_device *device = device_open();
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        struct columns columns = all_laws(cases[c].n, SEED + 100 + c);
        struct icl_column_pair pair[MOST_PAIRS];
        struct icl_mi_result result[MOST_PAIRS];
        struct icl_error err = {0};
        double observed[MOST_PAIRS], p[MOST_PAIRS];
        const uint64_t memory = device->facts.memory;
        if (cases[c].small) shrink(device, cases[c].n, 5);
        const size_t count = all_pairs(&columns, pair);
        struct icl_device_mi *mi = open_mi(device, &columns, &cases[c].options);
        assert_int_equal(icl_device_mi_pairs(mi, pair, count, result, &err), ICL_OK);
        for (size_t i = 0; i < count; i++)
            observed[i] = result[i].mi;
        if (icl_device_permutation_p(mi, pair, count, observed, &cases[c].plan, &stream, p, &err) != ICL_OK)
            fail_msg("%s", err.message);
        for (size_t i = 0; i < count; i++) {
            double expected;
            assert_int_equal(icl_mi_permutation_test(&columns.column[pair[i].x], &columns.column[pair[i].y],
                                                     &cases[c].options, observed[i], &cases[c].plan, &stream, scratch(),
                                                     &expected, &err),
                             ICL_OK);
            if (!agrees(p[i], expected, true))
                fail_msg("seed %d, case %zu, pair %u:%u: p is %.17g, expected %.17g", SEED, c, pair[i].x, pair[i].y,
                         p[i], expected);
        }
        device->facts.memory = memory;
        icl_device_mi_close(mi);
        free_columns(&columns);
    }
    device_close(device);
}

/* The permuted values themselves: one permutation reaches its own estimate, and not what is above it by a little more
 * than rounding. */
static void test_permuted_values(void **state)
{
    enum { PERMUTED = 600 };
    (void)state;
    const struct icl_mi_options options = {.estimator = ICL_MI_DECOMPOSITION};
    const struct icl_stream stream = {SEED, ICL_PURPOSE_PERMUTE, 0, 0};
    const struct icl_permutation_plan plan = {1, 0, 0};
    struct icl_device *device = device_open();
    struct columns columns = all_laws(PERMUTED, SEED);
    struct icl_column_pair pair[MOST_PAIRS];
    struct icl_error err = {0};
    double value[MOST_PAIRS], above[MOST_PAIRS], p[MOST_PAIRS], p_above[MOST_PAIRS];
    uint32_t permutation[PERMUTED];
    const size_t count = all_pairs(&columns, pair);
    icl_random_permutation(&stream, PERMUTED, permutation);
    for (size_t i = 0; i < count; i++) {
        const struct icl_mark mark = icl_workspace_mark(scratch());
        struct icl_mi_shuffled shuffled;
        assert_int_equal(icl_mi_shuffled_begin(&columns.column[pair[i].x], &columns.column[pair[i].y], &options,
                                               scratch(), &shuffled, &err),
                         ICL_OK);
        assert_int_equal(icl_mi_shuffled_estimate(&shuffled, permutation, scratch(), &value[i], &err), ICL_OK);
        above[i] = value[i] + 3 * ICL_MI_ROUNDING;
        icl_workspace_release(scratch(), mark);
    }
    struct icl_device_mi *mi = open_mi(device, &columns, &options);
    assert_int_equal(icl_device_permutation_p(mi, pair, count, value, &plan, &stream, p, &err), ICL_OK);
    assert_int_equal(icl_device_permutation_p(mi, pair, count, above, &plan, &stream, p_above, &err), ICL_OK);
    for (size_t i = 0; i < count; i++)
        if (!agrees(p[i], isnan(value[i]) ? NAN : 1, true) || !agrees(p_above[i], isnan(value[i]) ? NAN : 0.5, true))
            fail_msg("seed %d, pair %u:%u: p is %g and %g", SEED, pair[i].x, pair[i].y, p[i], p_above[i]);
    icl_device_mi_close(mi);
    free_columns(&columns);
    device_close(device);
}

/* ---- what goes wrong ----------------------------------------------------------------------------------------------
 */

static void test_refusals(void **state)
{
    (void)state;
    struct icl_device *device = device_open();
    struct columns columns = all_laws(50, SEED);
    struct icl_device_mi *mi = NULL;
    struct icl_error err = {0};
    struct icl_mi_result result;
    double p, observed = 0.1;
    struct icl_device_mi_task task = {.column = columns.column, .cols = columns.count, .threads = 1};
    const enum icl_mi_estimator without[] = {ICL_MI_GAUSSIAN, ICL_MI_LNC, ICL_MI_KDE, ICL_MI_COUNT};
    for (unsigned e = 0; e < COUNT_OF(without); e++) {
        task.options.estimator = without[e];
        assert_false(icl_device_mi_has(&task.options));
        assert_int_equal(icl_device_mi_open(device, &task, &mi, &err), ICL_ERR_USAGE);
        assert_null(mi);
    }
    task.options = (struct icl_mi_options){.estimator = ICL_MI_PLUGIN, .correction = ICL_CORRECTION_JAMES_STEIN};
    assert_int_equal(icl_device_mi_open(device, &task, &mi, &err), ICL_ERR_USAGE);

    mi = open_mi(device, &columns, &(struct icl_mi_options){.estimator = ICL_MI_DECOMPOSITION, .k = 50});
    const struct icl_column_pair pair = {0, 1}, beyond = {0, (uint32_t)columns.count};
    assert_int_equal(icl_device_mi_pairs(mi, &pair, 1, &result, &err), ICL_ERR_INPUT); /* as icl_mi_pair */
    assert_int_equal(icl_device_mi_pairs(mi, &beyond, 1, &result, &err), ICL_ERR_INPUT);
    assert_int_equal(icl_device_mi_pairs(mi, &pair, 0, &result, &err), ICL_OK);
    icl_device_mi_close(mi);

    mi = open_mi(device, &columns, &(struct icl_mi_options){.estimator = ICL_MI_PLUGIN});
    const struct icl_stream stream = {SEED, ICL_PURPOSE_PERMUTE, 0, 0};
    const struct icl_permutation_plan few_blocks = {10, 20, 0}, none = {0, 20, 0};
    assert_int_equal(icl_device_permutation_p(mi, &pair, 1, &observed, &few_blocks, &stream, &p, &err), ICL_ERR_INPUT);
    assert_int_equal(icl_device_permutation_p(mi, &pair, 1, &observed, &none, &stream, &p, &err), ICL_OK);
    assert_true(isnan(p));
    observed = NAN;
    assert_int_equal(icl_device_permutation_p(mi, &pair, 1, &observed, &few_blocks, &stream, &p, &err), ICL_OK);
    assert_true(isnan(p));
    icl_device_mi_close(mi);

    free_columns(&columns);
    icl_device_mi_close(NULL);
    device_close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_laws),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_close_distances),
        cmocka_unit_test(test_many_samples),
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_tied_pilots),
        cmocka_unit_test(test_short_memory),
        cmocka_unit_test(test_permutations),
        cmocka_unit_test(test_p_values),
        cmocka_unit_test(test_permuted_values),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
