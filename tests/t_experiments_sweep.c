/* Sweeps: blocks depend on nothing but their number, every series comes to the exact law, gates are where they should
 * be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/threads.h"
#include "estimators/dropout_law.h"
#include "experiments/quantities.h"
#include "experiments/sweep.h"
#include "tests/kernels_check.h"
#include "tests/near.h"

static const uint64_t seed = 20190515;

/* The order of the MI series, as sweep.h has it. */
enum { DECOMPOSITION, PLUGIN, NEIGHBOURS };

#ifdef __SANITIZE_ADDRESS__
enum { BLOCKS = 8, ROWS = 1500 };
#else
enum { BLOCKS = 10, ROWS = 3000 };
#endif

static const struct icl_law *law_of(const char *name)
{
    const struct icl_law *law = icl_law_by_name(name);
    assert_non_null(law);
    return law;
}

static void create(struct icl_sweep *sweep, const char *law, enum icl_gate gate, size_t blocks, size_t rows)
{
    assert_int_equal(icl_sweep_create(sweep, law_of(law), gate, seed, blocks, rows, NULL), ICL_OK);
}

static icl_status block_job(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct icl_sweep *sweep = context;
    struct icl_workspace *ws;
    (void)worker;
    ICL_TRY(icl_workspace_create(&ws, err));
    /* the blocks, then the pooled estimates of the keeps */
    const icl_status status = item < sweep->blocks ? icl_sweep_block(sweep, item, ws, err)
                                                   : icl_sweep_pooled(sweep, item - sweep->blocks, ws, err);
    icl_workspace_free(ws);
    return status;
}

static void run(struct icl_sweep *sweep, unsigned threads)
{
    struct icl_error err = {0};
    if (icl_parallel_for(threads, sweep->blocks + ICL_KEEPS, block_job, sweep, &err) != ICL_OK)
        fail_msg("%s: %s", sweep->law->name, err.message);
}

/* ---- blocks --------------------------------------------------------------------------------------------------- */

static void same_series(const struct icl_series *a, const struct icl_series *b)
{
    assert_int_equal(a->blocks, b->blocks);
    assert_int_equal(a->size, b->size);
    check_same_f64(a->block, b->block, a->blocks * a->size, a->estimator);
    assert_int_equal(a->pooled == NULL, b->pooled == NULL);
    if (a->pooled != NULL) check_same_f64(a->pooled, b->pooled, a->levels, a->estimator);
}

static void same_sweep(const struct icl_sweep *a, const struct icl_sweep *b)
{
    for (size_t e = 0; e < ICL_MI_SERIES; e++)
        same_series(&a->mi[e], &b->mi[e]);
    same_series(&a->correlation, &b->correlation);
    same_series(&a->entropy, &b->entropy);
    same_series(&a->coactive, &b->coactive);
}

/* Ascending on one thread with a workspace of their own; descending in one workspace; two threads at once. */
static void blocks_depend_on_their_number_only(void **state)
{
    (void)state;
    enum { FEW = 4, SHORT = 400 };
    for (int gate = 0; gate < ICL_GATE_COUNT; gate++) {
        struct icl_sweep ascending, descending, threads;
        create(&ascending, "relubn", (enum icl_gate)gate, FEW, SHORT);
        create(&descending, "relubn", (enum icl_gate)gate, FEW, SHORT);
        create(&threads, "relubn", (enum icl_gate)gate, FEW, SHORT);
        run(&ascending, 1);
        struct icl_workspace *ws;
        assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
        for (size_t keep = ICL_KEEPS; keep-- > 0;)
            assert_int_equal(icl_sweep_pooled(&descending, keep, ws, NULL), ICL_OK);
        for (size_t b = FEW; b-- > 0;)
            assert_int_equal(icl_sweep_block(&descending, b, ws, NULL), ICL_OK);
        icl_workspace_free(ws);
        run(&threads, 2);
        same_sweep(&ascending, &descending);
        same_sweep(&ascending, &threads);
        /* and no two blocks are alike */
        const struct icl_series *c = &ascending.correlation;
        for (size_t b = 1; b < FEW; b++)
            assert_true(c->block[b * c->size] != c->block[0]);
        icl_sweep_free(&ascending);
        icl_sweep_free(&descending);
        icl_sweep_free(&threads);
        icl_sweep_free(&threads); /* twice is once */
    }
}

static void the_seed_changes_everything(void **state)
{
    (void)state;
    struct icl_sweep a, b;
    create(&a, "gauss", ICL_GATE_INDEPENDENT, 2, 300);
    assert_int_equal(icl_sweep_create(&b, law_of("gauss"), ICL_GATE_INDEPENDENT, seed + 1, 2, 300, NULL), ICL_OK);
    run(&a, 1);
    run(&b, 1);
    for (size_t i = 0; i < 2 * ICL_KEEPS; i++)
        assert_true(a.correlation.block[i] != b.correlation.block[i]);
    icl_sweep_free(&a);
    icl_sweep_free(&b);
}

static void too_few_rows_are_refused(void **state)
{
    (void)state;
    struct icl_sweep sweep;
    struct icl_error err = {0};
    assert_int_equal(icl_sweep_create(&sweep, law_of("gauss"), ICL_GATE_INDEPENDENT, seed, 2, 1, &err), ICL_ERR_INPUT);
    assert_true(err.message[0] != '\0');
    assert_null(sweep.correlation.block);
}

static void keeps_have_an_index(void **state)
{
    (void)state;
    for (size_t l = 0; l < ICL_KEEPS; l++)
        assert_int_equal(icl_keep_index(icl_keeps[l]), l);
    assert_int_equal(icl_keep_index(.6), ICL_KEEPS);
    assert_int_equal(icl_keep_index(NAN), ICL_KEEPS);
}

/* ---- against the laws ----------------------------------------------------------------------------------------- */

static struct icl_interval level_of_series(const struct icl_series *series, size_t at)
{
    struct icl_interval interval;
    const struct icl_quantity_context context = {.at = at};
    assert_int_equal(icl_series_interval(series, icl_level_itself, &context, &interval, NULL), ICL_OK);
    return interval;
}

/* The level is the truth, but for a bias between `low` and `high` and five standard errors. */
static void assert_law(const struct icl_sweep *s, const struct icl_series *series, size_t at, double truth, double low,
                       double high)
{
    const struct icl_interval level = level_of_series(series, at);
    const double error = level.estimate - truth;
    if (!(error >= low - 5 * level.se && error <= high + 5 * level.se))
        fail_msg("%s, gate %d, keep %g, %s: %.5f +- %.5f, by the law %.5f", s->law->name, s->gate, icl_keeps[at],
                 series->estimator, level.estimate, level.se, truth);
}

static void check_laws(const char *name, enum icl_gate gate)
{
    struct icl_sweep s;
    create(&s, name, gate, BLOCKS, ROWS);
    run(&s, 1);
    const struct icl_law *law = s.law;
    for (size_t l = 0; l < ICL_KEEPS; l++) {
        const double keep = icl_keeps[l];
        const double corr = icl_dropout_correlation(gate, keep, law->corr, law->mean_over_sd, law->mean_over_sd);
        assert_law(&s, &s.correlation, l, corr, -1e-3, 1e-3); /* Pearson's r has a bias of about 1/n */
        /* noise closes no gate; relu and binary are both above 0 in 1/4 + asin(.75)/(2 pi) and .35 of the samples */
        const double open = gate == ICL_GATE_GAUSSIAN ? 1 : gate == ICL_GATE_SHARED ? keep : keep * keep;
        const double active = strcmp(name, "relu") == 0     ? .25 + asin(.75) / (2 * acos(-1))
                              : strcmp(name, "binary") == 0 ? .35
                                                            : 1;
        assert_law(&s, &s.coactive, l, open * active, 0, 0);
        double mi, entropy;
        if (gate == ICL_GATE_GAUSSIAN) {
            /* no closed form: at keep 1 the law itself; never more than that; none of it is lost at once */
            assert_int_equal(law->mi(law, &mi, NULL), ICL_OK);
            if (l == 0) assert_law(&s, &s.mi[DECOMPOSITION], l, mi, -.01, .01);
            assert_law(&s, &s.mi[DECOMPOSITION], l, mi, -mi, .01);
            continue;
        }
        assert_int_equal(law->mi_after(law, gate, keep, &mi, NULL), ICL_OK);
        assert_int_equal(law->entropy_after(law, keep, &entropy, NULL), ICL_OK);
        assert_law(&s, &s.mi[DECOMPOSITION], l, mi, -.01, .01);
        /* bins lose up to a tenth; neighbours with ties add a hundredth or two on densities */
        assert_law(&s, &s.mi[PLUGIN], l, mi, law->discrete ? -.001 : -.1 * mi - .001, .001);
        /* an atom amid a density, as a shared gate leaves it, is among the neighbours of too many: -.124 at 5000
         * samples and keep .5, falling as n^-1/2 */
        const bool atom_amid = gate == ICL_GATE_SHARED && !law->discrete && !law->atom_at_zero;
        assert_law(&s, &s.mi[NEIGHBOURS], l, mi, atom_amid ? -.124 * sqrt(5000.0 / ROWS) - .01 : -.015, .025);
        assert_law(&s, &s.entropy, l, entropy, -.01, .01);
    }
    icl_sweep_free(&s);
}

#define LAW_TEST(law)                                                                                                  \
    static void law##_behind_every_gate(void **state)                                                                  \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        for (int gate = 0; gate < ICL_GATE_COUNT; gate++)                                                              \
            check_laws(#law, (enum icl_gate)gate);                                                                     \
    }
LAW_TEST(gauss)
LAW_TEST(relu)
LAW_TEST(binary)

/* ---- gates ---------------------------------------------------------------------------------------------------- */

enum { MANY = 80, SMALL = 200 };

/* How many samples a table has in one bin of x (side 0) or of y. */
static double margin(const struct icl_series *t, const double *table, int side, size_t bin)
{
    const size_t others = side == 0 ? t->cols : t->rows;
    double sum = 0;
    for (size_t o = 0; o < others; o++)
        sum += table[side == 0 ? bin * t->cols + o : o * t->cols + bin];
    return sum;
}

static const double *table_of(const struct icl_series *t, size_t b, size_t keep)
{
    return t->block + b * t->size + keep * t->rows * t->cols;
}

/* The bin of the value 0, for a law that does not take it: empty before the dropout, full behind keep .1. */
static size_t zero_bin(const struct icl_series *t, int side)
{
    const size_t bins = side == 0 ? t->rows : t->cols;
    size_t bin = 0;
    while (bin < bins && (margin(t, table_of(t, 0, 0), side, bin) > 0 ||
                          margin(t, table_of(t, 0, ICL_KEEPS - 1), side, bin) < SMALL / 2.0))
        bin++;
    assert_true(bin < bins);
    return bin;
}

/* closed[side * MANY + b]: how many samples of block b the gates of x (side 0) or y closed; both[b]: of x and y. */
static void count_closed(const struct icl_sweep *s, size_t keep, double *closed, double *both)
{
    const struct icl_series *t = &s->mi[PLUGIN];
    const size_t zero[2] = {zero_bin(t, 0), zero_bin(t, 1)};
    for (size_t b = 0; b < MANY; b++) {
        const double *table = table_of(t, b, keep);
        for (int side = 0; side < 2; side++)
            closed[(size_t)side * MANY + b] = margin(t, table, side, zero[side]);
        both[b] = table[zero[0] * t->cols + zero[1]];
    }
}

static double correlation_of(const double *x, const double *y, size_t n)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

/* Numbers of closed gates of two laws and two kinds of gate at every keep, all of the same blocks: as many as keep
 * says, and no two of them correlated, but x and y of a shared gate, which are the same. */
static void gates_are_independent_unless_shared(void **state)
{
    (void)state;
    static const struct {
        const char *law;
        enum icl_gate gate;
    } sweeps[] = {{"discrete", ICL_GATE_INDEPENDENT},
                  {"discrete", ICL_GATE_SHARED},
                  {"bimodal", ICL_GATE_INDEPENDENT},
                  {"bimodal", ICL_GATE_SHARED}};
    enum { SWEEPS = sizeof sweeps / sizeof sweeps[0], LISTS = 2 * SWEEPS * (ICL_KEEPS - 1) };
    double *closed = malloc(LISTS * MANY * sizeof *closed), both[MANY];
    assert_non_null(closed);
    for (size_t w = 0; w < SWEEPS; w++) {
        struct icl_sweep s;
        create(&s, sweeps[w].law, sweeps[w].gate, MANY, SMALL);
        assert_int_equal(icl_parallel_for(1, MANY, block_job, &s, NULL), ICL_OK); /* pooled estimates are not needed */
        for (size_t keep = 1; keep < ICL_KEEPS; keep++) {
            double *mine = closed + 2 * MANY * (w * (ICL_KEEPS - 1) + keep - 1), sum = 0, together = 0;
            count_closed(&s, keep, mine, both);
            for (size_t b = 0; b < MANY; b++) {
                sum += (mine[b] + mine[MANY + b]) / 2;
                together += both[b];
                if (sweeps[w].gate == ICL_GATE_SHARED) {
                    assert_near(mine[b], mine[MANY + b], 0);
                    assert_near(both[b], mine[b], 0);
                }
            }
            const double n = MANY * SMALL, drop = 1 - icl_keeps[keep];
            assert_near(sum / n, drop, 5 * sqrt(drop * (1 - drop) / n));
            if (sweeps[w].gate == ICL_GATE_INDEPENDENT)
                assert_near(together / n, drop * drop, 5 * sqrt(drop * drop * (1 - drop * drop) / n));
        }
        icl_sweep_free(&s);
    }
    double worst = 0;
    for (size_t a = 0; a < LISTS; a++) {
        for (size_t b = 0; b < a; b++) {
            const bool one_gate = a / 2 == b / 2 && sweeps[a / 2 / (ICL_KEEPS - 1)].gate == ICL_GATE_SHARED;
            if (one_gate) continue;
            const double r = fabs(correlation_of(closed + a * MANY, closed + b * MANY, MANY));
            if (r > worst) worst = r;
        }
    }
    free(closed);
    /* the largest of 2500 correlations of 80 pairs is below 4.6 / sqrt(80) with probability .99 */
    if (!(worst < 4.6 / sqrt(MANY))) fail_msg("gates correlate: %g", worst);
}

/* ---- plans ---------------------------------------------------------------------------------------------------- */

/* What a source was asked for, and a pattern in place of gates. */
struct asked {
    uint64_t seed;
    size_t calls;
};

static void pattern(const void *context, const struct icl_stream *stream, double keep, size_t rows, double *factor)
{
    struct asked *asked = *(struct asked *const *)context;
    assert_true(stream->seed == asked->seed && stream->purpose == ICL_PURPOSE_MASK && keep == .25);
    asked->calls++;
    for (size_t i = 0; i < rows; i++) {
        factor[2 * i] = i % 2 == 0;
        factor[2 * i + 1] = i % 5 == 0;
    }
}

static void plans_choose_keeps_series_and_gates(void **state)
{
    (void)state;
    enum { FEW = 3, SHORT = 500 };
    struct asked asked = {seed, 0}, *const to = &asked;
    struct icl_sweep_plan plan = {.law = law_of("gauss"),
                                  .seed = seed,
                                  .blocks = FEW,
                                  .rows = SHORT,
                                  .levels = 2,
                                  .keep = {1, .25},
                                  .series = ICL_SWEEP_COACTIVE,
                                  .source = pattern,
                                  .context = &to};
    struct icl_sweep s, all;
    create(&all, "gauss", ICL_GATE_INDEPENDENT, FEW, SHORT);
    run(&all, 1);
    assert_int_equal(icl_sweep_create_planned(&s, &plan, NULL), ICL_OK);
    assert_int_equal(s.levels, 2);
    assert_int_equal(icl_parallel_for(1, FEW, block_job, &s, NULL), ICL_OK);
    assert_int_equal(asked.calls, FEW); /* never before the dropout */
    for (size_t b = 0; b < FEW; b++) {
        assert_near(s.coactive.block[2 * b], 1, 0);
        assert_near(s.coactive.block[2 * b + 1], .1, 1e-15); /* multiples of 10 */
        assert_near(s.correlation.block[2 * b], 0, 0);
        assert_near(s.mi[DECOMPOSITION].block[2 * b], 0, 0);
    }
    icl_sweep_free(&s);
    /* the pair before the dropout is that of every plan, and so is all that is measured of it */
    plan.series = 0;
    assert_int_equal(icl_sweep_create_planned(&s, &plan, NULL), ICL_OK);
    assert_int_equal(icl_parallel_for(1, FEW, block_job, &s, NULL), ICL_OK);
    for (size_t b = 0; b < FEW; b++) {
        assert_near(s.correlation.block[2 * b], all.correlation.block[b * ICL_KEEPS], 0);
        assert_near(s.entropy.block[2 * b], all.entropy.block[b * ICL_KEEPS], 0);
        for (size_t e = 0; e < ICL_MI_SERIES; e++)
            if (e != PLUGIN) assert_near(s.mi[e].block[2 * b], all.mi[e].block[b * ICL_KEEPS], 0);
    }
    icl_sweep_free(&s);
    icl_sweep_free(&all);
    plan.levels = ICL_KEEPS + 1;
    assert_int_equal(icl_sweep_create_planned(&s, &plan, NULL), ICL_ERR_USAGE);
}

/* The gates move values to 0 and leave the others as they were: the same bins, at every keep. */
static void what_passes_is_unchanged(void **state)
{
    (void)state;
    struct icl_sweep s;
    create(&s, "discrete", ICL_GATE_INDEPENDENT, 2, 500);
    run(&s, 1);
    const struct icl_series *t = &s.mi[PLUGIN];
    for (size_t b = 0; b < 2; b++) {
        const double *before = table_of(t, b, 0), *behind = table_of(t, b, 1);
        for (size_t keep = 0; keep < ICL_KEEPS; keep++) {
            const double *table = table_of(t, b, keep);
            double sum = 0;
            for (size_t c = 0; c < t->rows * t->cols; c++)
                sum += table[c];
            assert_near(sum, 500, 0);
        }
        /* at keep .97 no cell of two open gates has more than before */
        size_t grown = 0;
        for (size_t c = 0; c < t->rows * t->cols; c++)
            grown += before[c] > 0 && behind[c] > before[c];
        assert_int_equal(grown, 0);
    }
    icl_sweep_free(&s);
}

int main(void)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_depend_on_their_number_only),
        cmocka_unit_test(the_seed_changes_everything),
        cmocka_unit_test(too_few_rows_are_refused),
        cmocka_unit_test(keeps_have_an_index),
        cmocka_unit_test(gauss_behind_every_gate),
        cmocka_unit_test(relu_behind_every_gate),
        cmocka_unit_test(binary_behind_every_gate),
        cmocka_unit_test(gates_are_independent_unless_shared),
        cmocka_unit_test(what_passes_is_unchanged),
        cmocka_unit_test(plans_choose_keeps_series_and_gates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
