/* Panels of neurons on activations made by hand: the draw of units, normalisation, gates, tables and moments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "estimators/bins.h"
#include "estimators/mutual_information.h"
#include "experiments/moments.h"
#include "experiments/run_internal.h"
#include "tests/kernels_check.h"
#include "tests/near.h"

static const uint64_t seed = 20190515;

enum { SAMPLES = 1200, BLOCKS = 4, IMAGES = SAMPLES / BLOCKS, SIDE = 4, POSITIONS = SIDE * SIDE, CHANNELS = 8 };
enum { UNITS = POSITIONS * CHANNELS, RARE = 12 };
enum { DECOMPOSITION, PLUGIN, NEIGHBOURS };

/* max(0, correlated normal + offset of the unit). Every tenth unit is above 0 in too few samples to take part, but unit
 * 0 in one of twenty exactly, which suffices. */
static struct icl_activation activations(size_t samples)
{
    struct icl_activation a = {.samples = samples, .height = SIDE, .width = SIDE, .channels = CHANNELS};
    a.data = malloc(samples * UNITS * sizeof *a.data);
    double *normal = malloc((samples * (UNITS + CHANNELS + 1)) * sizeof *normal);
    assert_true(a.data != NULL && normal != NULL);
    const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, 5, 0};
    icl_random_normal(&stream, 0, samples * (UNITS + CHANNELS + 1), normal);
    for (size_t s = 0; s < samples; s++) {
        const double *z = normal + s * (UNITS + CHANNELS + 1);
        for (size_t u = 0; u < UNITS; u++) {
            const double offset = u % 10 == 5 ? -4 : .2 * (double)(u % 7) - .4;
            const double value = .6 * z[UNITS + CHANNELS] + .5 * z[UNITS + u % CHANNELS] + .6 * z[u] + offset;
            a.data[s * UNITS + u] = value > 0 ? (float)value : 0;
        }
        a.data[s * UNITS] = s % 20 == 0 ? 1 + (float)fabs(z[0]) : 0;
    }
    free(normal);
    return a;
}

static struct icl_neurons neurons;

static int create_neurons(void **state)
{
    (void)state;
    struct icl_activation relu = activations(SAMPLES);
    return icl_neurons_create(&neurons, &relu, seed, BLOCKS, NULL) == ICL_OK ? 0 : -1;
}

static int free_neurons(void **state)
{
    (void)state;
    icl_neurons_free(&neurons);
    return 0;
}

static void create(struct icl_panel *panel, enum icl_reading reading, enum icl_normalisation norm, enum icl_gate gate,
                   bool with_mi)
{
    assert_int_equal(icl_panel_create(panel, "test", &neurons, reading, norm, gate, with_mi, NULL), ICL_OK);
}

/* Every piece of work, last first: the order does not matter. */
static void work(struct icl_panel *panel)
{
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    for (size_t b = panel->neurons->blocks; b-- > 0;)
        for (size_t keep = ICL_PANEL_KEEPS; keep-- > 0;)
            assert_int_equal(icl_panel_work(panel, b, keep, ws, NULL), ICL_OK);
    icl_workspace_free(ws);
}

/* ---- the draw ------------------------------------------------------------------------------------------------- */

static double activity_of(const struct icl_activation *a, size_t unit)
{
    size_t active = 0;
    for (size_t s = 0; s < a->samples; s++)
        active += a->data[s * UNITS + unit] > 0;
    return (double)active / (double)a->samples;
}

static void only_active_units_are_drawn(void **state)
{
    (void)state;
    size_t eligible = 0;
    for (size_t u = 0; u < UNITS; u++)
        eligible += activity_of(&neurons.relu, u) >= .05;
    assert_int_equal(neurons.eligible, eligible);
    assert_int_equal(neurons.eligible, UNITS - RARE - 1); /* 5, 15, .. 125 are out */
    assert_near(activity_of(&neurons.relu, 0), .05, 0);
    assert_int_equal(neurons.units, ICL_PANEL_UNITS);
    assert_int_equal(neurons.images, IMAGES);
    for (size_t i = 0; i < neurons.units; i++) {
        assert_true(neurons.unit[i] < UNITS && neurons.unit[i] % 10 != 5);
        assert_near(neurons.activity[i], activity_of(&neurons.relu, neurons.unit[i]), 1e-15);
        for (size_t j = 0; j < i; j++)
            assert_true(neurons.unit[i] != neurons.unit[j]);
    }
}

static void the_draw_is_the_seeds(void **state)
{
    (void)state;
    for (uint64_t other = 0; other < 2; other++) {
        struct icl_activation relu = activations(SAMPLES);
        struct icl_neurons again;
        assert_int_equal(icl_neurons_create(&again, &relu, seed + other, BLOCKS, NULL), ICL_OK);
        assert_null(relu.data); /* it has a new owner */
        assert_int_equal(memcmp(again.unit, neurons.unit, sizeof again.unit) == 0, other == 0);
        icl_neurons_free(&again);
    }
}

static void too_little_is_refused(void **state)
{
    (void)state;
    static const size_t blocks[] = {0, 1, 13};
    struct icl_neurons none;
    struct icl_error err = {0};
    for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
        struct icl_activation relu = activations(SAMPLES);
        assert_int_equal(icl_neurons_create(&none, &relu, seed, blocks[b], &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, "1200 images"));
        assert_null(relu.data);
        assert_null(none.relu.data);
    }
    struct icl_activation silent = activations(SAMPLES);
    for (size_t i = 0; i < SAMPLES * UNITS; i++)
        if (i % UNITS >= 20) silent.data[i] = 0;
    assert_int_equal(icl_neurons_create(&none, &silent, seed, BLOCKS, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "only 18 units are active"));
    struct icl_activation narrow = activations(SAMPLES);
    narrow.height = 1;
    narrow.width = 2;
    narrow.channels = UNITS / 2;
    assert_int_equal(icl_neurons_create(&none, &narrow, seed, BLOCKS, &err), ICL_OK);
    struct icl_panel p;
    assert_int_equal(
        icl_panel_create(&p, "narrow", &none, ICL_READING_CHANNEL, ICL_NORM_CHANNEL, ICL_GATE_INDEPENDENT, false, &err),
        ICL_ERR_INPUT); /* there are not three positions to draw */
    assert_non_null(strstr(err.message, "1 x 2"));
    icl_neurons_free(&none);
}

/* ---- normalisation -------------------------------------------------------------------------------------------- */

/* Mean and biased variance over all samples of the units first, first + step, ... */
static void statistics(size_t first, size_t step, size_t end, double *mean, double *variance)
{
    double sum = 0, squares = 0, count = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t s = 0; s < SAMPLES; s++)
            for (size_t u = first; u < end; u += step) {
                const double x = (double)neurons.relu.data[s * UNITS + u];
                if (pass == 0) {
                    sum += x;
                    count += 1;
                } else {
                    squares += (x - sum / count) * (x - sum / count);
                }
            }
    *mean = sum / count;
    *variance = squares / count;
}

static void coefficients_by_the_definition(void **state)
{
    (void)state;
    for (size_t u = 0; u < UNITS; u++) {
        double mean, variance;
        assert_near((double)neurons.scale[ICL_NORM_NONE][u], 1, 0);
        assert_near((double)neurons.shift[ICL_NORM_NONE][u], 0, 0);
        statistics(u % CHANNELS, CHANNELS, UNITS, &mean, &variance);
        const double channel = 1 / sqrt(variance + 1e-5);
        assert_near((double)neurons.scale[ICL_NORM_CHANNEL][u] / channel, 1, 1e-6);
        assert_near((double)neurons.shift[ICL_NORM_CHANNEL][u], -mean * channel, 1e-6 * (1 + mean * channel));
        statistics(u, UNITS, u + 1, &mean, &variance);
        const double unit = 1 / sqrt(variance + 1e-5);
        assert_near((double)neurons.scale[ICL_NORM_UNIT][u] / unit, 1, 1e-6);
        assert_near((double)neurons.shift[ICL_NORM_UNIT][u], -mean * unit, 1e-6 * (1 + mean * unit));
    }
}

/* The moments over all blocks at one keep. */
static void mean_moments(const struct icl_panel *p, size_t keep, double *out)
{
    const size_t size = icl_moments_size(p->d);
    memset(out, 0, size * sizeof *out);
    for (size_t b = 0; b < p->moments.blocks; b++)
        for (size_t i = 0; i < size; i++)
            out[i] += p->moments.block[b * p->moments.size + keep * size + i] / (double)p->moments.blocks;
}

enum { MOST = ICL_PANEL_UNITS + ICL_PANEL_UNITS * ICL_PANEL_UNITS };

static void unit_norm_centres_every_unit(void **state)
{
    (void)state;
    struct icl_panel p;
    double moments[MOST];
    create(&p, ICL_READING_POSITION, ICL_NORM_UNIT, ICL_GATE_INDEPENDENT, false);
    work(&p);
    assert_int_equal(p.d, ICL_PANEL_UNITS);
    assert_int_equal(p.rows, IMAGES);
    assert_int_equal(p.mi_count, 0);
    mean_moments(&p, 0, moments);
    for (size_t j = 0; j < p.d; j++) {
        assert_near(moments[j], 0, 1e-6);
        assert_near(moments[p.d + j * p.d + j], 1, 2e-4); /* var / (var + 1e-5) */
    }
    /* channel norm does not: the units of a channel keep means of their own */
    struct icl_panel channel;
    create(&channel, ICL_READING_POSITION, ICL_NORM_CHANNEL, ICL_GATE_INDEPENDENT, false);
    work(&channel);
    mean_moments(&channel, 0, moments);
    size_t off = 0;
    for (size_t j = 0; j < p.d; j++)
        off += fabs(moments[j]) > .1;
    assert_true(off > p.d / 2);
    icl_panel_free(&channel);
    icl_panel_free(&p);
    icl_panel_free(&p);
}

/* ---- columns -------------------------------------------------------------------------------------------------- */

/* Column j of block b before the dropout, as the position reading has it. */
static void naive_column(enum icl_normalisation norm, size_t b, size_t j, double *out)
{
    const size_t u = neurons.unit[j];
    for (size_t r = 0; r < IMAGES; r++) {
        const float y = neurons.scale[norm][u] * neurons.relu.data[(b * IMAGES + r) * UNITS + u];
        out[r] = (double)(y + neurons.shift[norm][u]);
    }
}

/* Keep 1 is before the dropout: moments, MI and tables of the normalised activations themselves. */
static void level_0_is_before_the_dropout(void **state)
{
    (void)state;
    struct icl_panel p;
    create(&p, ICL_READING_POSITION, ICL_NORM_CHANNEL, ICL_GATE_INDEPENDENT, true);
    assert_int_equal(p.mi_count, 2); /* decomposition and bins: positions go without Mesner-Shalizi */
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    const size_t b = 2, cells = p.mi[PLUGIN].rows * p.mi[PLUGIN].cols;
    assert_int_equal(icl_panel_work(&p, b, 0, ws, NULL), ICL_OK);
    const double *moments = p.moments.block + b * p.moments.size;
    double x[IMAGES], y[IMAGES];
    for (size_t pair = 0; pair < p.pairs; pair++) {
        size_t i, j;
        icl_pair_of(pair, p.d, &i, &j);
        naive_column(ICL_NORM_CHANNEL, b, i, x);
        naive_column(ICL_NORM_CHANNEL, b, j, y);
        double mean = 0, product = 0;
        for (size_t r = 0; r < IMAGES; r++) {
            mean += x[r] / IMAGES;
            product += x[r] * y[r] / IMAGES;
        }
        assert_near(moments[i], mean, 1e-12);
        assert_near(moments[p.d + i * p.d + j], product, 1e-12);
        assert_near(moments[p.d + j * p.d + i], product, 1e-12);
        double *table = calloc(cells, sizeof *table);
        assert_non_null(table);
        for (size_t r = 0; r < IMAGES; r++)
            table[icl_bins_index(&p.bins[i], x[r]) * p.mi[PLUGIN].cols + icl_bins_index(&p.bins[j], y[r])] += 1;
        check_same_f64(p.mi[PLUGIN].block + b * p.mi[PLUGIN].size + pair * cells, table, cells, "a table");
        free(table);
        if (pair % 50 != 0) continue; /* a few suffice of what takes time */
        struct icl_column cx, cy;
        struct icl_mi_result result;
        assert_int_equal(icl_column_prepare(&cx, x, IMAGES, 1, ws, NULL), ICL_OK);
        assert_int_equal(icl_column_prepare(&cy, y, IMAGES, 1, ws, NULL), ICL_OK);
        assert_int_equal(icl_mi_decomposition(&cx, &cy, 0, ws, &result, NULL), ICL_OK);
        assert_near(p.mi[DECOMPOSITION].block[b * p.mi[DECOMPOSITION].size + pair], result.mi, 1e-12);
        icl_column_free(&cx);
        icl_column_free(&cy);
    }
    icl_workspace_free(ws);
    icl_panel_free(&p);
}

/* Three positions, three samples an image: all of them, none twice. */
static void positions_of_an_image_do_not_repeat(void **state)
{
    (void)state;
    struct icl_activation relu = activations(SAMPLES);
    relu.height = 3; /* the first 96 of the 128 units, as 3 positions of 32 channels */
    relu.width = 1;
    relu.channels = 32;
    for (size_t s = 0; s < SAMPLES; s++)
        for (size_t u = 0; u < 96; u++)
            relu.data[s * 96 + u] = u == 0 ? 1 + (float)(s % 3) : relu.data[s * UNITS + u];
    struct icl_neurons few;
    assert_int_equal(icl_neurons_create(&few, &relu, seed, BLOCKS, NULL), ICL_OK);
    struct icl_panel p;
    assert_int_equal(
        icl_panel_create(&p, "test", &few, ICL_READING_CHANNEL, ICL_NORM_NONE, ICL_GATE_INDEPENDENT, false, NULL),
        ICL_OK);
    work(&p);
    assert_int_equal(p.d, 32);
    assert_int_equal(p.rows, IMAGES * ICL_PANEL_POSITIONS);
    for (size_t b = 0; b < BLOCKS; b++) {
        for (size_t c = 0; c < 32; c++) {
            double mean = 0;
            for (size_t s = b * IMAGES; s < (b + 1) * IMAGES; s++)
                for (size_t position = 0; position < 3; position++)
                    mean += (double)few.relu.data[s * 96 + position * 32 + c] / (3 * IMAGES);
            assert_near(p.moments.block[b * p.moments.size + c], mean, 1e-12);
        }
    }
    icl_panel_free(&p);
    icl_neurons_free(&few);
}

/* Of many positions all are drawn alike: channel 0 holds the number of its position. */
static void positions_are_drawn_alike(void **state)
{
    (void)state;
    struct icl_activation relu = activations(SAMPLES);
    for (size_t i = 0; i < SAMPLES * UNITS; i += CHANNELS)
        relu.data[i] = (float)(i / CHANNELS % POSITIONS + 1);
    struct icl_neurons numbered;
    assert_int_equal(icl_neurons_create(&numbered, &relu, seed, BLOCKS, NULL), ICL_OK);
    struct icl_panel p;
    assert_int_equal(
        icl_panel_create(&p, "test", &numbered, ICL_READING_CHANNEL, ICL_NORM_NONE, ICL_GATE_INDEPENDENT, true, NULL),
        ICL_OK);
    work(&p);
    assert_int_equal(p.mi_count, 3);
    const struct icl_series *t = &p.mi[PLUGIN];
    double count[POSITIONS] = {0};
    for (size_t b = 0; b < BLOCKS; b++)
        for (size_t position = 0; position < POSITIONS; position++)
            for (size_t c = 0; c < t->cols; c++)
                count[position] +=
                    t->block[b * t->size + icl_bins_index(&p.bins[0], (double)position + 1) * t->cols + c];
    const double share = 1.0 / POSITIONS, n = SAMPLES * ICL_PANEL_POSITIONS;
    for (size_t position = 0; position < POSITIONS; position++)
        assert_near(count[position] / n, share, 4.5 * sqrt(share * (1 - share) / n));
    icl_panel_free(&p);
    icl_neurons_free(&numbered);
}

/* ---- pairs ---------------------------------------------------------------------------------------------------- */

static void pairs_have_numbers(void **state)
{
    (void)state;
    for (size_t d = 2; d <= 33; d++) {
        size_t pair = 0;
        for (size_t i = 0; i < d; i++) {
            for (size_t j = i + 1; j < d; j++, pair++) {
                size_t gi, gj;
                icl_pair_of(pair, d, &gi, &gj);
                assert_int_equal(gi, i);
                assert_int_equal(gj, j);
            }
        }
        assert_int_equal(pair, d * (d - 1) / 2);
    }
}

static void units_of_one_channel(void **state)
{
    (void)state;
    struct icl_panel position, channel;
    create(&position, ICL_READING_POSITION, ICL_NORM_CHANNEL, ICL_GATE_SHARED, false);
    create(&channel, ICL_READING_CHANNEL, ICL_NORM_CHANNEL, ICL_GATE_SHARED, false);
    size_t same = 0;
    for (size_t pair = 0; pair < position.pairs; pair++) {
        size_t i, j;
        icl_pair_of(pair, position.d, &i, &j);
        const bool one = (neurons.unit[i] - neurons.unit[j]) % CHANNELS == 0;
        assert_int_equal(icl_panel_same_channel(&position, pair), one);
        same += one;
    }
    assert_true(same > 20 && same < position.pairs / 2);
    for (size_t pair = 0; pair < channel.pairs; pair++)
        assert_false(icl_panel_same_channel(&channel, pair));
    icl_panel_free(&position);
    icl_panel_free(&channel);
}

/* ---- gates ---------------------------------------------------------------------------------------------------- */

/* How many images of block b have closed gates at neurons i, j, and at both; behind BN nothing else is 0. */
static void count_closed(const struct icl_panel *p, size_t b, size_t keep, size_t pair, double closed[3])
{
    const struct icl_series *t = &p->mi[PLUGIN];
    size_t i, j;
    icl_pair_of(pair, p->d, &i, &j);
    const double *table = t->block + b * t->size + (keep * p->pairs + pair) * t->rows * t->cols;
    const size_t row = icl_bins_index(&p->bins[i], 0), col = icl_bins_index(&p->bins[j], 0);
    closed[0] = closed[1] = 0;
    for (size_t c = 0; c < t->cols; c++)
        closed[0] += table[row * t->cols + c];
    for (size_t r = 0; r < t->rows; r++)
        closed[1] += table[r * t->cols + col];
    closed[2] = table[row * t->cols + col];
}

/* A rate within five standard errors. */
static void assert_rate(double count, double n, double rate)
{
    assert_near(count / n, rate, 5 * sqrt(rate * (1 - rate) / n) + 1e-12);
}

static void check_gates(enum icl_gate gate)
{
    struct icl_panel p;
    create(&p, ICL_READING_POSITION, ICL_NORM_CHANNEL, gate, true);
    work(&p);
    for (size_t keep = 0; keep < ICL_PANEL_KEEPS; keep++) {
        const double drop = gate == ICL_GATE_GAUSSIAN ? 0 : 1 - icl_panel_keeps[keep];
        double together = 0, one = 0, cross = 0;
        for (size_t pair = 0; pair < p.pairs; pair++) {
            double sum[3] = {0};
            const bool shared = gate == ICL_GATE_SHARED && icl_panel_same_channel(&p, pair);
            for (size_t b = 0; b < BLOCKS; b++) {
                double closed[3];
                count_closed(&p, b, keep, pair, closed);
                for (int c = 0; c < 3; c++)
                    sum[c] += closed[c];
                if (shared) { /* one gate: closed for both or for none */
                    assert_near(closed[0], closed[2], 0);
                    assert_near(closed[1], closed[2], 0);
                }
            }
            assert_rate(sum[0], SAMPLES, drop);
            assert_rate(sum[1], SAMPLES, drop);
            if (shared) continue;
            assert_rate(sum[2], SAMPLES, drop * drop);
            together += sum[2];
            one += SAMPLES;
            cross += (sum[0] / SAMPLES - drop) * (sum[1] / SAMPLES - drop);
        }
        if (drop > 0) { /* over all pairs at once, in units of what the gates of 32 neurons leave to chance */
            assert_near(together / one, drop * drop, 5 * 2 * drop * sqrt(drop * (1 - drop) / (SAMPLES * CHANNELS)));
            assert_true(fabs(cross / (double)p.pairs) < drop * (1 - drop) / SAMPLES);
        }
    }
    icl_panel_free(&p);
}

static void independent_gates(void **state)
{
    (void)state;
    check_gates(ICL_GATE_INDEPENDENT);
}

static void gates_shared_by_a_channel(void **state)
{
    (void)state;
    check_gates(ICL_GATE_SHARED);
}

static void noise_closes_no_gate(void **state)
{
    (void)state;
    check_gates(ICL_GATE_GAUSSIAN);
}

/* ---- means and evidence --------------------------------------------------------------------------------------- */

static void pair_means_two_ways(void **state)
{
    (void)state;
    struct icl_panel p;
    create(&p, ICL_READING_CHANNEL, ICL_NORM_CHANNEL, ICL_GATE_INDEPENDENT, true);
    work(&p);
    assert_int_equal(p.mi_count, 3);
    assert_int_equal(p.d, CHANNELS);
    struct icl_workspace *ws;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    double *mean = malloc(ICL_PANEL_KEEPS * p.pairs * sizeof *mean);
    assert_non_null(mean);
    for (size_t e = 0; e < p.mi_count; e++) {
        const struct icl_series *s = &p.mi[e];
        assert_int_equal(s->n, SAMPLES * ICL_PANEL_POSITIONS);
        assert_int_equal(icl_panel_pair_means(&p, s, mean, NULL), ICL_OK);
        for (size_t slot = 0; slot < ICL_PANEL_KEEPS * p.pairs; slot++) {
            double naive = 0;
            if (e == PLUGIN) {
                const size_t cells = s->rows * s->cols;
                uint64_t *count = calloc(cells, sizeof *count);
                assert_non_null(count);
                for (size_t b = 0; b < BLOCKS; b++)
                    for (size_t c = 0; c < cells; c++)
                        count[c] += (uint64_t)s->block[b * s->size + slot * cells + c];
                naive = icl_mi_table(count, s->rows, s->cols, ws);
                free(count);
            } else {
                for (size_t b = 0; b < BLOCKS; b++)
                    naive += s->block[b * s->size + slot] / BLOCKS;
            }
            assert_near(mean[slot], naive, 1e-12);
        }
        /* dependence falls with keep: by three quarters, of which biases of a hundredth may hide some */
        double before = 0, after = 0;
        for (size_t pair = 0; pair < p.pairs; pair++) {
            before += mean[pair] / (double)p.pairs;
            after += mean[3 * p.pairs + pair] / (double)p.pairs;
        }
        assert_true(after < before / 2);
    }
    free(mean);
    icl_workspace_free(ws);
    icl_panel_free(&p);
}

static double estimate_of(const struct finding *finding, double *se)
{
    assert_int_equal(finding->count, 1);
    *se = finding->evidence[0].interval.se;
    return finding->evidence[0].interval.estimate;
}

/* Correlations behind the gates follow the laws of c02, c06, c07 and c09, for any activations. */
static void correlations_follow_the_formula(void **state)
{
    (void)state;
    static const struct {
        enum icl_normalisation norm;
        enum icl_gate gate;
        enum pair_choice choice;
        bool formula, holds;
    } cases[] = {
        {ICL_NORM_UNIT, ICL_GATE_INDEPENDENT, ALL_PAIRS, false, true},
        {ICL_NORM_CHANNEL, ICL_GATE_INDEPENDENT, ALL_PAIRS, true, true},
        {ICL_NORM_NONE, ICL_GATE_INDEPENDENT, ALL_PAIRS, true, true},
        {ICL_NORM_NONE, ICL_GATE_INDEPENDENT, ALL_PAIRS, false, false},
        {ICL_NORM_CHANNEL, ICL_GATE_GAUSSIAN, ALL_PAIRS, true, true},
        {ICL_NORM_CHANNEL, ICL_GATE_SHARED, SAME_CHANNEL, true, true},
        {ICL_NORM_CHANNEL, ICL_GATE_SHARED, CROSS_CHANNEL, true, true},
        {ICL_NORM_CHANNEL, ICL_GATE_SHARED, SAME_CHANNEL, false, false},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct icl_panel p;
        create(&p, ICL_READING_POSITION, cases[c].norm, cases[c].gate, false);
        work(&p);
        for (size_t at = 0; at < ICL_PANEL_KEEPS; at++) {
            struct finding finding = {0};
            double se;
            assert_int_equal(add_panel_slope(&finding, &p, cases[c].choice, cases[c].formula, at, NULL), ICL_OK);
            const double slope = estimate_of(&finding, &se);
            /* four blocks tell the error with 3 degrees of freedom only: the third of the trials' spread at most */
            const double reach = 5 * se + .03;
            if (at == 0) assert_near(slope, 1, 1e-12);
            if (at > 0 && cases[c].holds) assert_near(slope, 1, reach);
            if (at == 3 && !cases[c].holds) assert_true(fabs(slope - 1) > .1);
        }
        icl_panel_free(&p);
    }
}

static void spectra_follow_the_law(void **state)
{
    (void)state;
    struct icl_panel p;
    create(&p, ICL_READING_POSITION, ICL_NORM_UNIT, ICL_GATE_INDEPENDENT, false);
    work(&p);
    struct icl_series series;
    assert_int_equal(panel_spectrum(&p, &series, NULL), ICL_OK);
    assert_int_equal(series.levels, ICL_PANEL_KEEPS * p.d);
    double level[ICL_MOST_LEVELS], *covariance = malloc(ICL_MOST_LEVELS * ICL_MOST_LEVELS * sizeof *covariance);
    assert_non_null(covariance);
    assert_int_equal(icl_series_covariance(&series, level, covariance, NULL), ICL_OK);
    free(covariance);
    for (size_t keep = 0; keep < ICL_PANEL_KEEPS; keep++) {
        const double *value = level + keep * p.d, q = icl_panel_keeps[keep];
        double trace = 0;
        for (size_t r = 0; r < p.d; r++) {
            trace += value[r];
            if (r > 0) assert_true(value[r] >= value[r - 1]);
        }
        assert_near(trace, (double)p.d, 1e-9);
        /* 1200 images of 32 neurons: eigenvalues spread by a few times sqrt(32 / 1200) = .16 */
        assert_near(value[p.d - 1] / (q * level[p.d - 1] + 1 - q), 1, .05);
        assert_near(value[0] / (q * level[0] + 1 - q), 1, .35);
    }
    icl_panel_free(&p);
}

static void evidence_is_averaged_over_pairs(void **state)
{
    (void)state;
    struct icl_panel p;
    create(&p, ICL_READING_POSITION, ICL_NORM_CHANNEL, ICL_GATE_SHARED, true);
    work(&p);
    double *mean = malloc(ICL_PANEL_KEEPS * p.pairs * sizeof *mean);
    assert_non_null(mean);
    static const enum pair_choice choices[] = {ALL_PAIRS, SAME_CHANNEL, CROSS_CHANNEL};
    for (size_t c = 0; c < 3; c++) {
        struct finding finding = {0};
        const struct icl_quantity_context context = {.keep = icl_panel_keeps, .at = 2};
        assert_int_equal(add_panel_mi(&finding, &p, choices[c], icl_level_itself, &context, NULL), ICL_OK);
        assert_int_equal(finding.count, p.mi_count);
        for (size_t e = 0; e < p.mi_count; e++) {
            double sum = 0, count = 0;
            assert_int_equal(icl_panel_pair_means(&p, &p.mi[e], mean, NULL), ICL_OK);
            for (size_t pair = 0; pair < p.pairs; pair++) {
                if (choices[c] != ALL_PAIRS && icl_panel_same_channel(&p, pair) != (choices[c] == SAME_CHANNEL))
                    continue;
                sum += mean[2 * p.pairs + pair];
                count += 1;
            }
            assert_near(finding.evidence[e].interval.estimate, sum / count, 1e-12);
            assert_int_equal(finding.evidence[e].kind, p.mi[e].kind);
        }
    }
    free(mean);
    icl_panel_free(&p);
}

int main(void)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_active_units_are_drawn),
        cmocka_unit_test(the_draw_is_the_seeds),
        cmocka_unit_test(too_little_is_refused),
        cmocka_unit_test(coefficients_by_the_definition),
        cmocka_unit_test(unit_norm_centres_every_unit),
        cmocka_unit_test(level_0_is_before_the_dropout),
        cmocka_unit_test(positions_of_an_image_do_not_repeat),
        cmocka_unit_test(positions_are_drawn_alike),
        cmocka_unit_test(pairs_have_numbers),
        cmocka_unit_test(units_of_one_channel),
        cmocka_unit_test(independent_gates),
        cmocka_unit_test(gates_shared_by_a_channel),
        cmocka_unit_test(noise_closes_no_gate),
        cmocka_unit_test(pair_means_two_ways),
        cmocka_unit_test(correlations_follow_the_formula),
        cmocka_unit_test(spectra_follow_the_law),
        cmocka_unit_test(evidence_is_averaged_over_pairs),
    };
    return cmocka_run_group_tests(tests, create_neurons, free_neurons);
}
