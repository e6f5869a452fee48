#include "experiments/panel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimators/bins.h"
#include "estimators/mutual_information.h"
#include "experiments/moments.h"

const double icl_panel_keeps[ICL_PANEL_KEEPS] = {1, .95, .8, .5};

/* Masks and noise of the panels: layers beyond those of the synthetic sweeps. */
enum { PANEL_LAYER = 1 << 18, LAYERS_PER_PANEL = 64 };
void icl_pair_of(size_t pair, size_t d, size_t *i, size_t *j)
{
    *i = 0;
    while (pair >= d - 1 - *i) {
        pair -= d - 1 - *i;
        (*i)++;
    }
    *j = *i + 1 + pair;
}

bool icl_panel_same_channel(const struct icl_panel *panel, size_t pair)
{
    size_t i, j;
    icl_pair_of(pair, panel->d, &i, &j);
    const size_t channels = panel->neurons->relu.channels;
    if (panel->reading == ICL_READING_CHANNEL) return false;
    return panel->neurons->unit[i] % channels == panel->neurons->unit[j] % channels;
}

/* ---- columns -------------------------------------------------------------------------------------------------- */

static uint32_t panel_layer(const struct icl_panel *p, size_t keep)
{
    /* the stages of a trained network come behind the panels of the first stage */
    const uint32_t kind = (uint32_t)p->reading * ICL_NORM_TRAINED + (uint32_t)p->norm;
    const uint32_t trained = ICL_READING_COUNT * ICL_NORM_TRAINED + p->neurons->stage * ICL_READING_COUNT;
    const uint32_t index =
        (p->norm == ICL_NORM_TRAINED ? trained + (uint32_t)p->reading : kind) * ICL_GATE_COUNT + (uint32_t)p->gate;
    return PANEL_LAYER + index * LAYERS_PER_PANEL + (uint32_t)keep;
}

/* Which positions of image s are samples in the channel reading, all different (Floyd's sampling): a position drawn
 * twice would be a sample that repeats, gate included. The same at every keep and in every panel. */
static void choose_positions(const struct icl_neurons *n, size_t s, size_t position[ICL_PANEL_POSITIONS])
{
    const struct icl_stream stream = {n->seed, ICL_PURPOSE_CHOICE, 1, 0};
    for (size_t w = 0; w < ICL_PANEL_POSITIONS; w++) {
        const size_t last = n->relu.height * n->relu.width - ICL_PANEL_POSITIONS + w;
        position[w] = icl_random_below(&stream, s * ICL_PANEL_POSITIONS + w, last + 1);
        for (size_t v = 0; v < w; v++)
            if (position[v] == position[w]) position[w] = last;
    }
}

/* columns (d x rows) of block b at one keep: the activations through the IC kernel, then the neurons of the reading. */
static icl_status make_columns(const struct icl_panel *p, size_t b, size_t keep, struct icl_workspace *ws,
                               double *columns, struct icl_error *err)
{
    const struct icl_neurons *n = p->neurons;
    const size_t positions = n->relu.height * n->relu.width, channels = n->relu.channels, all = positions * channels;
    const struct icl_mark mark = icl_workspace_mark(ws);
    float *behind = ICL_TAKE(ws, all, float);
    if (behind == NULL) return icl_fail_memory(err, "a sample");
    const struct icl_mask mask = {.stream = {n->seed,
                                             p->gate == ICL_GATE_GAUSSIAN ? ICL_PURPOSE_NOISE : ICL_PURPOSE_MASK,
                                             panel_layer(p, keep), 0},
                                  .gate = p->gate,
                                  .keep = icl_panel_keeps[keep]};
    /* per-unit coefficients are those of a layer with one position and positions * channels channels; the elements and
     * with them the independent draws are numbered alike, only shared gates need the true shape */
    const bool shared = p->gate == ICL_GATE_SHARED;
    const struct icl_shape shape = {n->relu.samples, shared ? positions : 1, shared ? channels : all};
    const struct kernels *kernels = icl_kernels();
    for (size_t r = 0; r < n->images; r++) {
        const size_t s = b * n->images + r;
        kernels->ic_forward(n->relu.data + s * all, &shape, s * all, all, n->scale[p->norm], n->shift[p->norm], &mask,
                            behind);
        if (p->reading == ICL_READING_POSITION) {
            for (size_t j = 0; j < p->d; j++)
                columns[j * p->rows + r] = (double)behind[n->unit[j]];
            continue;
        }
        size_t position[ICL_PANEL_POSITIONS];
        choose_positions(n, s, position);
        for (size_t w = 0; w < ICL_PANEL_POSITIONS; w++) {
            const float *at = behind + position[w] * channels;
            for (size_t j = 0; j < p->d; j++)
                columns[j * p->rows + r * ICL_PANEL_POSITIONS + w] = (double)at[j];
        }
    }
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

/* ---- creation ------------------------------------------------------------------------------------------------- */

static icl_status fix_bins(struct icl_panel *p, struct icl_workspace *ws, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *columns = ICL_TAKE(ws, p->d * p->rows, double);
    if (columns == NULL) return icl_fail_memory(err, "a pilot block");
    ICL_TRY(make_columns(p, 0, 0, ws, columns, err));
    for (size_t j = 0; j < p->d; j++) {
        struct icl_column column;
        ICL_TRY(icl_column_prepare(&column, columns + j * p->rows, p->rows, 1, ws, err));
        const icl_status status = icl_bins_fit(&p->bins[j], &column, ICL_PANEL_BINS, err);
        icl_column_free(&column);
        ICL_TRY(status);
    }
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

/* The largest table any pair of the panel needs: all pairs get tables of this size. */
static size_t most_bins(const struct icl_panel *p)
{
    size_t most = 0;
    for (size_t j = 0; j < p->d; j++)
        if (icl_bins_count(&p->bins[j]) > most) most = icl_bins_count(&p->bins[j]);
    return most;
}

static icl_status make_series(struct icl_panel *p, struct icl_error *err)
{
    const size_t blocks = p->neurons->blocks, n = blocks * p->rows;
    p->mi_count = !p->with_mi ? 0 : p->with_neighbours ? 3 : 2;
    for (size_t e = 0; e < p->mi_count; e++) {
        struct icl_series *s = &p->mi[e];
        *s = (struct icl_series){.blocks = blocks,
                                 .n = n,
                                 .levels = ICL_PANEL_KEEPS,
                                 .size = ICL_PANEL_KEEPS * p->pairs,
                                 .tables = p->pairs};
        icl_series_name(s, e);
        if (e == ICL_BY_PLUGIN) {
            s->rows = s->cols = most_bins(p);
            s->size *= s->rows * s->cols;
        }
        ICL_TRY(icl_series_alloc(s, err));
    }
    p->moments = (struct icl_series){.estimator = "moments",
                                     .kind = ICL_KIND_DIRECT,
                                     .blocks = blocks,
                                     .n = n,
                                     .size = ICL_PANEL_KEEPS * icl_moments_size(p->d)};
    return icl_series_alloc(&p->moments, err);
}

icl_status icl_panel_create(struct icl_panel *panel, const char *name, const struct icl_neurons *neurons,
                            enum icl_reading reading, enum icl_normalisation norm, enum icl_gate gate, bool with_mi,
                            struct icl_error *err)
{
    *panel = (struct icl_panel){
        .name = name, .neurons = neurons, .reading = reading, .norm = norm, .gate = gate, .with_mi = with_mi};
    const bool channel = reading == ICL_READING_CHANNEL;
    if (channel && neurons->relu.height * neurons->relu.width < ICL_PANEL_POSITIONS)
        return icl_fail(err, ICL_ERR_INPUT, "activations of %zu x %zu: at least %d positions are needed",
                        neurons->relu.height, neurons->relu.width, ICL_PANEL_POSITIONS);
    panel->with_neighbours = with_mi && channel;
    panel->d = channel ? neurons->relu.channels : neurons->units;
    if (panel->d > ICL_PANEL_UNITS) panel->d = ICL_PANEL_UNITS;
    panel->pairs = panel->d * (panel->d - 1) / 2;
    panel->rows = neurons->images * (channel ? ICL_PANEL_POSITIONS : 1);
    panel->bins = calloc(panel->d, sizeof *panel->bins);
    struct icl_workspace *ws = NULL;
    icl_status status = panel->bins != NULL ? icl_workspace_create(&ws, err) : icl_fail_memory(err, "bins");
    if (status == ICL_OK && with_mi) status = fix_bins(panel, ws, err);
    icl_workspace_free(ws);
    if (status == ICL_OK) status = make_series(panel, err);
    if (status != ICL_OK) icl_panel_free(panel);
    return status;
}

void icl_panel_free(struct icl_panel *panel)
{
    for (size_t e = 0; e < ICL_MI_SERIES; e++)
        icl_series_free(&panel->mi[e]);
    icl_series_free(&panel->moments);
    free(panel->bins);
    panel->bins = NULL;
}

/* ---- work ----------------------------------------------------------------------------------------------------- */

static icl_status all_pairs(struct icl_panel *p, size_t b, size_t keep, const struct icl_column *column,
                            struct icl_workspace *ws, struct icl_error *err)
{
    static const struct icl_mi_options by[ICL_MI_SERIES] = {
        [ICL_BY_DECOMPOSITION] = {.estimator = ICL_MI_DECOMPOSITION},
        [ICL_BY_NEIGHBOURS] = {.estimator = ICL_MI_MESNER_SHALIZI}};
    for (size_t pair = 0; pair < p->pairs; pair++) {
        size_t i, j;
        icl_pair_of(pair, p->d, &i, &j);
        const size_t slot = keep * p->pairs + pair;
        for (size_t e = 0; e < p->mi_count; e++) {
            struct icl_series *s = &p->mi[e];
            if (e == ICL_BY_PLUGIN) { /* tables of different pairs have one size; unused cells stay empty */
                double *table = s->block + b * s->size + slot * s->rows * s->cols;
                for (size_t r = 0; r < p->rows; r++)
                    table[icl_bins_index(&p->bins[i], column[i].value[r]) * s->cols +
                          icl_bins_index(&p->bins[j], column[j].value[r])] += 1;
                continue;
            }
            struct icl_mi_result result;
            ICL_TRY(icl_mi_pair(&column[i], &column[j], &by[e], ws, &result, err));
            s->block[b * s->size + slot] = result.mi;
        }
    }
    return ICL_OK;
}

icl_status icl_panel_work(struct icl_panel *panel, size_t b, size_t keep, struct icl_workspace *workspace,
                          struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const size_t d = panel->d, rows = panel->rows;
    double *columns = ICL_TAKE(workspace, d * rows, double);
    struct icl_column *prepared = calloc(d, sizeof *prepared);
    icl_status status = columns && prepared ? ICL_OK : icl_fail_memory(err, "the columns of a panel");
    if (status == ICL_OK) status = make_columns(panel, b, keep, workspace, columns, err);
    if (status == ICL_OK)
        icl_moments_fill(columns, rows, d, panel->moments.block + b * panel->moments.size + keep * icl_moments_size(d));
    if (panel->with_mi) {
        for (size_t j = 0; status == ICL_OK && j < d; j++)
            status = icl_column_prepare(&prepared[j], columns + j * rows, rows, 1, workspace, err);
        if (status == ICL_OK) status = all_pairs(panel, b, keep, prepared, workspace, err);
        for (size_t j = 0; prepared != NULL && j < d; j++)
            icl_column_free(&prepared[j]);
    }
    free(prepared);
    icl_workspace_release(workspace, mark);
    return status;
}

icl_status icl_panel_pair_means(const struct icl_panel *panel, const struct icl_series *series, double *out,
                                struct icl_error *err)
{
    double *mean = calloc(series->size, sizeof *mean);
    if (mean == NULL) return icl_fail_memory(err, "the means of a panel");
    for (size_t b = 0; b < series->blocks; b++)
        for (size_t i = 0; i < series->size; i++)
            mean[i] += series->block[b * series->size + i] / (double)series->blocks;
    if (series->kind == ICL_KIND_BINS) {
        struct icl_series each = *series;
        each.tables = 1;
        for (size_t keep = 0; keep < ICL_PANEL_KEEPS; keep++) {
            for (size_t pair = 0; pair < panel->pairs; pair++) {
                each.levels = 1;
                const size_t slot = keep * panel->pairs + pair;
                icl_levels_of_tables(&each, mean + slot * series->rows * series->cols, &out[slot]);
            }
        }
    } else {
        memcpy(out, mean, series->size * sizeof *out);
    }
    free(mean);
    return ICL_OK;
}
