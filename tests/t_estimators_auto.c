/* icl_mi_pair and its automatic choice: truths of dropout, and what must not matter, for every estimator. */
#include "tests/enclosures.h"
#include "tests/estimators_support.h"

#include <stdio.h>

#include "estimators/correlation.h"
#include "experiments/laws.h"

/* ---- the choice ----------------------------------------------------------------------------------------------- */

static enum icl_mi_estimator choice(const double *x, const double *y, size_t n)
{
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    const enum icl_mi_estimator chosen = icl_mi_choose(&cx, &cy);
    icl_column_free(&cx);
    icl_column_free(&cy);
    /* the result says what was chosen, and is what the chosen one gives */
    const struct icl_mi_result automatic = result_of(x, y, n, &(struct icl_mi_options){.estimator = ICL_MI_AUTO});
    assert_int_equal(automatic.estimator, chosen);
    assert_near(automatic.mi, mi_of(x, y, n, chosen, 0), 0);
    return chosen;
}

static void lattices_go_to_mesner_shalizi(void **state)
{
    (void)state;
    enum { N = 400 };
    double x[N], y[N], u[N];
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 0.7}, 1, N, x, y);
    assert_int_equal(choice(x, y, N), ICL_MI_DECOMPOSITION);
    for (size_t i = 0; i < N; i++)
        u[i] = (double)(i % 20); /* sqrt(400) values: still few */
    assert_int_equal(choice(u, y, N), ICL_MI_DECOMPOSITION);
    for (size_t i = 0; i < N; i++)
        u[i] = (double)(i % 21);
    assert_int_equal(choice(u, y, N), ICL_MI_MESNER_SHALIZI);
    assert_int_equal(choice(x, u, N), ICL_MI_MESNER_SHALIZI);
    /* two of few values each: a table while it has ten samples a cell, or while one side is coarse */
    double v[N];
    for (size_t i = 0; i < N; i++) {
        u[i] = (double)(i % 8);
        v[i] = (double)(i / 8 % 5);
    }
    assert_int_equal(choice(u, v, N), ICL_MI_DECOMPOSITION); /* 40 cells */
    for (size_t i = 0; i < N; i++)
        v[i] = (double)(i / 8 % 6);
    assert_int_equal(choice(u, v, N), ICL_MI_MESNER_SHALIZI); /* 48 cells */
    for (size_t i = 0; i < N; i++) {
        u[i] = (double)(i % 19);
        v[i] = (double)(i / 19 % 4);
    }
    assert_int_equal(choice(u, v, N), ICL_MI_DECOMPOSITION); /* 76 cells, but four values */
}

static void names_are_in_the_order_of_the_enum(void **state)
{
    (void)state;
    static const char *const names[] = {"auto",   "decomposition", "ksg1", "ksg2", "mesner-shalizi",
                                        "plugin", "gaussian",      "lnc",  "kde"};
    assert_int_equal(COUNT_OF(names), ICL_MI_COUNT);
    for (int e = 0; e < ICL_MI_COUNT; e++)
        assert_string_equal(icl_mi_names[e], names[e]);
    assert_string_equal(icl_mi_names[ICL_MI_MESNER_SHALIZI], "mesner-shalizi");
    assert_string_equal(icl_mi_names[ICL_MI_GAUSSIAN], "gaussian");
}

/* ---- truths --------------------------------------------------------------------------------------------------- */

enum { N = 5000, N_LARGE = 10000 };
static double sample_x[N_LARGE], sample_y[N_LARGE];

static void check_truth(const char *name, const struct summary *found, double truth, double tolerance)
{
    if (!is_near(found->mean, truth, tolerance))
        fail_msg("%s: mean of %u seeds %.6f, truth %.6f, sd %.6f", name, found->count, found->mean, truth,
                 summary_sd(found));
}

static struct summary auto_over_seeds(const struct pair_law *law, size_t n, unsigned seeds)
{
    struct summary found = {0};
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        draw_pair(law, seed, n, sample_x, sample_y);
        summary_add(&found, mi_of(sample_x, sample_y, n, ICL_MI_AUTO, 0));
    }
    return found;
}

/* Independent gates, shared gates, ReLU and then either: within .01 nats in the mean of ten seeds at N = 5000. */
static void dropout_truths(void **state)
{
    (void)state;
    static const double rhos[] = {-0.9, -0.5, 0.3, 0.75, 0.9}, keeps[] = {0.1, 0.3, 0.5, 0.8, 0.95, 1};
    const unsigned seeds = 10;
    print_message("# seeds 1..%u\n", seeds);
    double worst = 0;
    char worst_name[80] = "";
    for (int relu = 0; relu < 2; relu++)
        for (enum icl_gate gate = ICL_GATE_INDEPENDENT; gate <= ICL_GATE_SHARED; gate++)
            for (size_t r = 0; r < COUNT_OF(rhos); r++)
                for (size_t q = 0; q < COUNT_OF(keeps); q++) {
                    const struct pair_law law = {rhos[r], relu != 0, gate, keeps[q]};
                    const struct summary found = auto_over_seeds(&law, N, seeds);
                    const double truth = true_mi(&law);
                    char name[80];
                    snprintf(name, sizeof name, "relu %d, gate %u, rho %g, keep %g", relu, (unsigned)gate, rhos[r],
                             keeps[q]);
                    check_truth(name, &found, truth, 0.01);
                    if (fabs(found.mean - truth) <= worst) continue;
                    worst = fabs(found.mean - truth);
                    memcpy(worst_name, name, sizeof name);
                }
    print_message("# worst deviation of a mean: %.4f nats (%s)\n", worst, worst_name);
}

static void independent_neurons_have_none(void **state)
{
    (void)state;
    static const double keeps[] = {0.1, 0.5, 0.8, 1};
    const unsigned seeds = 10;
    print_message("# seeds 1..%u\n", seeds);
    for (int relu = 0; relu < 2; relu++)
        for (size_t q = 0; q < COUNT_OF(keeps); q++) {
            const struct summary found =
                auto_over_seeds(&(struct pair_law){0, relu != 0, ICL_GATE_INDEPENDENT, keeps[q]}, N, seeds);
            check_truth("independent neurons", &found, 0, 0.005);
        }
}

static void the_reference_gaussian(void **state)
{
    (void)state;
    const unsigned seeds = 10;
    print_message("# seeds 1..%u\n", seeds);
    const struct summary found =
        auto_over_seeds(&(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 1}, N_LARGE, seeds);
    check_truth("rho = .75", &found, enclosed("gauss", 0.75, ICL_GATE_INDEPENDENT, 1, "mi"), 0.01);
}

/* Every law of the registry, as it is and behind gates: heavy tails, two humps, few values, an atom not at zero. */
static void truths_of_the_laws(void **state)
{
    (void)state;
    static double gate[N];
    static const double keeps[] = {1, 0.9, 0.5};
    const unsigned seeds = 10;
    print_message("# seeds 1..%u\n", seeds);
    const struct icl_law *law;
    for (size_t l = 0; (law = icl_law_at(l)) != NULL; l++)
        for (size_t q = 0; q < COUNT_OF(keeps); q++) {
            struct summary found = {0};
            double truth;
            assert_int_equal(keeps[q] < 1 ? law->mi_after(law, ICL_GATE_INDEPENDENT, keeps[q], &truth, NULL)
                                          : law->mi(law, &truth, NULL),
                             ICL_OK);
            for (uint64_t seed = 1; seed <= seeds; seed++) {
                law->sample(law, seed, 0, N, sample_x, sample_y);
                for (uint32_t side = 0; side < 2; side++) {
                    draw_uniform(seed, side, N, gate);
                    for (size_t i = 0; i < N; i++)
                        (side == 0 ? sample_x : sample_y)[i] *= gate[i] < keeps[q];
                }
                summary_add(&found, mi_of(sample_x, sample_y, N, ICL_MI_AUTO, 0));
            }
            check_truth(law->name, &found, truth, 0.01);
        }
}

/* x = min(6, max(0, 2 + 2u)), y the same of v: cells of the plane of (u, v), the tails whole. */
static double relu6_truth(double rho)
{
    enum { CELLS = 600 };
    static double mass[CELLS + 2], row[CELLS + 2];
    const double low = -1, high = 2, step = (high - low) / CELLS, s = sqrt(1 - rho * rho);
    double mi = 0;
    for (int j = 0; j < CELLS + 2; j++) { /* y: 0 and CELLS + 1 are the atoms */
        const double from = j == 0 ? -INFINITY : low + (j - 1) * step, to = j > CELLS ? INFINITY : low + j * step;
        mass[j] = (erfc(-to / M_SQRT2) - erfc(-from / M_SQRT2)) / 2;
    }
    /* x in slices of its density; an atom of x is a sum of slices of its tail */
    for (int tail = 0; tail < 2; tail++) {
        double total = 0;
        memset(row, 0, sizeof row);
        for (int i = 0; i < 4000; i++) {
            const double t = tail == 0 ? low - (i + 0.5) * 2e-3 : high + (i + 0.5) * 2e-3;
            const double p = 2e-3 * exp(-t * t / 2) / sqrt(2 * M_PI);
            total += p;
            for (int j = 0; j < CELLS + 2; j++) {
                const double from = j == 0 ? -INFINITY : low + (j - 1) * step;
                const double to = j > CELLS ? INFINITY : low + j * step;
                row[j] += p * (erfc(-(to - rho * t) / s / M_SQRT2) - erfc(-(from - rho * t) / s / M_SQRT2)) / 2;
            }
        }
        for (int j = 0; j < CELLS + 2; j++)
            if (row[j] > 0) mi += row[j] * log(row[j] / (total * mass[j]));
    }
    for (int i = 0; i < CELLS; i++) {
        const double t = low + (i + 0.5) * step, p = step * exp(-t * t / 2) / sqrt(2 * M_PI);
        for (int j = 0; j < CELLS + 2; j++) {
            const double from = j == 0 ? -INFINITY : low + (j - 1) * step;
            const double to = j > CELLS ? INFINITY : low + j * step;
            const double given = (erfc(-(to - rho * t) / s / M_SQRT2) - erfc(-(from - rho * t) / s / M_SQRT2)) / 2;
            if (given > 1e-300) mi += p * given * log(given / mass[j]);
        }
    }
    return mi;
}

static void several_atoms(void **state)
{
    (void)state;
    const unsigned seeds = 10;
    print_message("# seeds 1..%u\n", seeds);
    static const double rhos[] = {0.75, -0.5};
    for (size_t r = 0; r < COUNT_OF(rhos); r++) {
        struct summary found = {0}, moved = {0};
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            draw_pair(&(struct pair_law){rhos[r], false, ICL_GATE_INDEPENDENT, 1}, seed, N, sample_x, sample_y);
            for (size_t i = 0; i < N; i++) {
                sample_x[i] = fmin(6, fmax(0, 2 + 2 * sample_x[i]));
                sample_y[i] = fmin(6, fmax(0, 2 + 2 * sample_y[i]));
            }
            summary_add(&found, mi_of(sample_x, sample_y, N, ICL_MI_AUTO, 0));
            for (size_t i = 0; i < N; i++) { /* batch normalisation moves the atoms */
                sample_x[i] = (sample_x[i] - 2.17) / 1.63;
                sample_y[i] = (sample_y[i] - 2.17) / -1.63;
            }
            summary_add(&moved, mi_of(sample_x, sample_y, N, ICL_MI_AUTO, 0));
        }
        check_truth("ReLU6", &found, relu6_truth(rhos[r]), 0.01);
        assert_near(moved.mean, found.mean, 1e-9);
    }
}

/* ---- what must not matter ------------------------------------------------------------------------------------- */

enum { FEW = 700, SORTS = 7 };

/* Pairs of every sort that the columns know. */
static void fill_sort(int sort, uint64_t seed, double *x, double *y)
{
    static const struct pair_law laws[] = {{0.6, false, ICL_GATE_INDEPENDENT, 1},
                                           {0.6, false, ICL_GATE_INDEPENDENT, 0.6},
                                           {-0.6, true, ICL_GATE_SHARED, 0.8}};
    uint32_t order[FEW];
    draw_pair(&laws[sort < 3 ? sort : 0], seed, FEW, x, y);
    const struct icl_stream stream = test_stream(seed, 7);
    icl_random_permutation(&stream, FEW, order);
    for (size_t i = 0; i < FEW; i++) {
        if (sort == 3) { /* a fine lattice */
            x[i] = rint(15 * x[i]);
            y[i] = 0.25 * rint(11 * y[i]);
        } else if (sort == 4) { /* few values */
            x[i] = rint(1.2 * x[i]);
            y[i] = y[i] > 0.3;
        } else if (sort == 5) { /* whole numbers, none of them twice */
            x[i] = (double)i;
            y[i] = (double)((i + order[i] / 4) * FEW + order[i]);
        } else if (sort == 6) { /* heavy tails */
            x[i] = pow(x[i], 5);
            y[i] = pow(y[i], 3);
        }
    }
}

/* Scale, offset, both at once, either direction, either column: the same to rounding, for every name. */
static void scale_and_offset_change_nothing(void **state)
{
    (void)state;
    static const struct {
        double scale, offset;
    } maps[] = {{1e-9, 0}, {1e7, 0}, {1, 1e7}, {-1, 0}, {-3.7e-5, 0.02}, {1.0 / 3, 1e3}, {1e-150, 0}, {1e150, -1e150}};
    double x[FEW], y[FEW], u[FEW], v[FEW];
    for (int sort = 0; sort < SORTS; sort++) {
        fill_sort(sort, 50, x, y);
        double plain[ICL_MI_COUNT];
        for (int e = 0; e < ICL_MI_COUNT; e++)
            plain[e] = mi_of(x, y, FEW, (enum icl_mi_estimator)e, 0);
        for (size_t m = 0; m < COUNT_OF(maps); m++) {
            const size_t other = (m + 3) % COUNT_OF(maps);
            if (sort == 6 && fabs(maps[m].offset) > 100) continue; /* takes the digits of the small values */
            for (size_t i = 0; i < FEW; i++) {
                u[i] = maps[m].scale * x[i] + maps[m].offset;
                v[i] = maps[other].scale * y[i] + (sort == 6 ? 0 : maps[other].offset);
            }
            for (int e = 0; e < ICL_MI_COUNT; e++) {
                /* KSG2 on atoms takes the extents of neighbours at equal distance: any of them, and means nothing */
                if ((e == ICL_MI_KSG2 || e == ICL_MI_LNC) && sort >= 1 && sort <= 5) continue;
                const double one = mi_of(u, y, FEW, (enum icl_mi_estimator)e, 0);
                const double two = mi_of(u, v, FEW, (enum icl_mi_estimator)e, 0);
                if (!is_near(one, plain[e], 1e-9) || !is_near(two, plain[e], 1e-9))
                    fail_msg("%s, sort %d, map %zu: %.15g and %.15g for %.15g", icl_mi_names[e], sort, m, one, two,
                             plain[e]);
            }
        }
    }
}

/* Bins of unequal counts lie the same way round, and ties share a bin: many seeds of an odd size, so that a number of
 * neighbours on the edge between two shows. */
static void turned_and_shuffled_samples(void **state)
{
    (void)state;
    enum { ODD = 1003 };
    static const struct pair_law laws[] = {{0.7, false, ICL_GATE_INDEPENDENT, 1},
                                           {0.9, true, ICL_GATE_INDEPENDENT, 1},
                                           {0.7, false, ICL_GATE_INDEPENDENT, 1},
                                           {0.8, false, ICL_GATE_INDEPENDENT, 1}};
    double x[ODD], y[ODD], u[ODD], v[ODD];
    uint32_t order[ODD];
    for (uint64_t seed = 1; seed <= 400; seed++) {
        draw_pair(&laws[seed % 4], seed, ODD, x, y);
        const struct icl_stream stream = test_stream(seed, 0);
        icl_random_permutation(&stream, ODD, order);
        for (size_t i = 0; i < ODD && seed % 4 == 2; i++) { /* a few ties, not enough for atoms */
            x[i] = rint(600 * x[i]) / 600;
            y[i] = rint(600 * y[i]) / 600;
        }
        for (size_t i = 0; i < ODD && seed % 4 == 3; i++) /* x tells whether y is silent */
            y[i] = fmax(y[i], 0);
        for (size_t i = 0; i < ODD; i++) {
            u[i] = -x[order[i]];
            v[i] = y[order[i]];
        }
        assert_near(mi_of(u, v, ODD, ICL_MI_AUTO, 0), mi_of(x, y, ODD, ICL_MI_AUTO, 0), 1e-12);
        assert_near(mi_of(u, v, ODD, ICL_MI_PLUGIN, 0), mi_of(x, y, ODD, ICL_MI_PLUGIN, 0), 1e-12);
    }
}

/* I(x;y) = I(y;x), and the samples come in any order. */
static void order_does_not_matter(void **state)
{
    (void)state;
    double x[FEW], y[FEW], u[FEW], v[FEW];
    uint32_t order[FEW];
    const struct icl_stream stream = test_stream(4, 0);
    icl_random_permutation(&stream, FEW, order);
    for (int sort = 0; sort < SORTS; sort++) {
        fill_sort(sort, 51, x, y);
        for (size_t i = 0; i < FEW; i++) {
            u[i] = x[order[i]];
            v[i] = y[order[i]];
        }
        for (int e = 0; e < ICL_MI_COUNT; e++) {
            if ((e == ICL_MI_KSG2 || e == ICL_MI_LNC) && sort >= 1 && sort <= 5) continue;
            const double plain = mi_of(x, y, FEW, (enum icl_mi_estimator)e, 0);
            assert_near(mi_of(y, x, FEW, (enum icl_mi_estimator)e, 0), plain, 1e-12);
            assert_near(mi_of(u, v, FEW, (enum icl_mi_estimator)e, 0), plain, 1e-12);
        }
    }
}

/* A constant column has none, a broken one nan, and no other pair of the table notices. */
static void bad_columns_change_no_other_pair(void **state)
{
    (void)state;
    enum { COLS = 6, CONSTANT = 2, BROKEN = 4 };
    static double mi[2][ICL_MI_COUNT][COLS][COLS];
    static const double breaks[] = {NAN, INFINITY, -INFINITY};
    struct icl_columns table;
    assert_int_equal(icl_columns_alloc(&table, FEW, COLS, NULL), ICL_OK);
    for (size_t kind = 0; kind < COUNT_OF(breaks); kind++)
        for (int bad = 0; bad < 2; bad++) {
            for (int j = 0; j < COLS; j += 2)
                fill_sort(j / 2, 60, icl_column(&table, (size_t)j), icl_column(&table, (size_t)j + 1));
            for (size_t i = 0; i < FEW && bad; i++)
                icl_column(&table, CONSTANT)[i] = -0.3;
            if (bad) icl_column(&table, BROKEN)[FEW / 2] = breaks[kind];
            struct icl_column *prepared;
            assert_int_equal(icl_columns_prepare(&table, 2, &prepared, NULL), ICL_OK);
            for (int e = 0; e < ICL_MI_COUNT; e++)
                for (int i = 0; i < COLS; i++)
                    for (int j = 0; j < COLS; j++) {
                        const struct icl_mi_options options = {.estimator = (enum icl_mi_estimator)e};
                        struct icl_mi_result found;
                        assert_int_equal(icl_mi_pair(&prepared[i], &prepared[j], &options, scratch(), &found, NULL),
                                         ICL_OK);
                        mi[bad][e][i][j] = found.mi;
                        const bool broken = bad && (i == BROKEN || j == BROKEN);
                        const bool constant = bad && !broken && (i == CONSTANT || j == CONSTANT);
                        assert_int_equal(found.notes & (ICL_MI_NOTE_CONSTANT | ICL_MI_NOTE_NONFINITE),
                                         broken     ? ICL_MI_NOTE_NONFINITE
                                         : constant ? ICL_MI_NOTE_CONSTANT
                                                    : 0);
                        assert_true(found.estimator != ICL_MI_AUTO);
                        if (bad) assert_near(found.mi, broken ? NAN : constant ? 0 : mi[0][e][i][j], 0);
                    }
            icl_prepared_free(prepared, COLS);
        }
    icl_columns_free(&table);
}

/* One workspace for many pairs: what an earlier pair left in it changes nothing, nor does where an error left it. */
static void the_workspace_carries_nothing_over(void **state)
{
    (void)state;
    double x[FEW], y[FEW];
    double first[ICL_MI_COUNT][SORTS];
    for (int turn = 0; turn < 2; turn++)
        for (int e = 0; e < ICL_MI_COUNT; e++)
            for (int s = 0; s < SORTS; s++) {
                const int sort = turn == 0 ? s : SORTS - 1 - s;
                fill_sort(sort, 70, x, y);
                struct icl_workspace *fresh;
                struct icl_mi_result found;
                struct icl_column cx = column_of(x, FEW), cy = column_of(y, FEW);
                const struct icl_mi_options options = {.estimator = (enum icl_mi_estimator)e};
                assert_int_equal(icl_workspace_create(&fresh, NULL), ICL_OK);
                assert_int_equal(icl_mi_pair(&cx, &cy, &options, turn == 0 ? fresh : scratch(), &found, NULL), ICL_OK);
                icl_workspace_free(fresh);
                icl_column_free(&cx);
                icl_column_free(&cy);
                if (turn == 0)
                    first[e][sort] = found.mi;
                else
                    assert_near(found.mi, first[e][sort], 0);
            }
}

/* ---- refusals ------------------------------------------------------------------------------------------------- */

static void bad_input_is_refused(void **state)
{
    (void)state;
    const double x[] = {1, 2, 4, 3, 7, 5}, y[] = {1, 3, 2, 5, 2.5, 0};
    for (size_t n = 2; n <= 6; n++) {
        struct icl_column cx = column_of(x, n), cy = column_of(y, n);
        for (int e = 0; e < ICL_MI_COUNT; e++)
            for (unsigned k = 0; k <= 7; k++) {
                const struct icl_mi_options options = {.estimator = (enum icl_mi_estimator)e, .k = k};
                const bool wants_four = e == ICL_MI_GAUSSIAN || e == ICL_MI_KDE;
                const bool uses_k = e != ICL_MI_PLUGIN && !wants_four;
                const bool refused = (uses_k && n <= (k != 0 ? k : ICL_MI_DEFAULT_K)) || (wants_four && n < 4) ||
                                     (e == ICL_MI_LNC && k != 0 && k < 3);
                struct icl_mi_result found;
                struct icl_error err = {0};
                const struct icl_mark before = icl_workspace_mark(scratch());
                const icl_status status = icl_mi_pair(&cx, &cy, &options, scratch(), &found, &err);
                const struct icl_mark after = icl_workspace_mark(scratch());
                assert_int_equal(status, refused ? ICL_ERR_INPUT : ICL_OK);
                assert_true(before.block == after.block && before.used == after.used);
                if (refused) {
                    assert_true(isnan(found.mi));
                    assert_non_null(strstr(err.message, "too few"));
                } else {
                    assert_true(!isnan(found.mi));
                }
            }
        icl_column_free(&cx);
        icl_column_free(&cy);
    }
    struct icl_column cx = column_of(x, 6), cy = column_of(y, 5);
    struct icl_mi_result found;
    struct icl_error err;
    struct icl_mi_options options = {.estimator = ICL_MI_PLUGIN};
    assert_int_equal(icl_mi_pair(&cx, &cy, &options, scratch(), &found, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "6 and 5 rows"));
    options.estimator = ICL_MI_COUNT;
    assert_int_equal(icl_mi_pair(&cx, &cx, &options, scratch(), &found, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "9"));
    icl_column_free(&cx);
    icl_column_free(&cy);
}

/* More neighbours than a search can hold are bad input, not memory that is not there. */
static void too_many_neighbours_are_refused(void **state)
{
    (void)state;
    enum { MANY = ICL_MAX_NEIGHBOURS + 100 };
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 1}, 1, MANY, sample_x, sample_y);
    struct icl_column cx = column_of(sample_x, MANY), cy = column_of(sample_y, MANY);
    static const enum icl_mi_estimator searching[] = {ICL_MI_AUTO, ICL_MI_DECOMPOSITION, ICL_MI_KSG1, ICL_MI_KSG2,
                                                      ICL_MI_MESNER_SHALIZI};
    for (size_t e = 0; e < COUNT_OF(searching); e++) {
        struct icl_mi_result found;
        struct icl_error err;
        const struct icl_mi_options options = {.estimator = searching[e], .k = ICL_MAX_NEIGHBOURS + 1};
        assert_int_equal(icl_mi_pair(&cx, &cy, &options, scratch(), &found, &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, "1 to 1000"));
    }
    icl_column_free(&cx);
    icl_column_free(&cy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lattices_go_to_mesner_shalizi),
        cmocka_unit_test(names_are_in_the_order_of_the_enum),
        cmocka_unit_test(dropout_truths),
        cmocka_unit_test(independent_neurons_have_none),
        cmocka_unit_test(the_reference_gaussian),
        cmocka_unit_test(truths_of_the_laws),
        cmocka_unit_test(several_atoms),
        cmocka_unit_test(scale_and_offset_change_nothing),
        cmocka_unit_test(turned_and_shuffled_samples),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(bad_columns_change_no_other_pair),
        cmocka_unit_test(the_workspace_carries_nothing_over),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(too_many_neighbours_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
