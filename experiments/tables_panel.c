/* Tables of the panels: the draw of units, every pair's MI and correlation before and after the dropout. */
#include <stdlib.h>

#include "estimators/dropout_law.h"
#include "experiments/moments.h"
#include "experiments/tables_internal.h"

static icl_status write_units(const struct run *run, const char *out, struct icl_error *err)
{
    const struct icl_neurons *n = &run->neurons;
    char what[NOTE_SIZE];
    snprintf(what, sizeof what, "%zu units drawn by the seed among %zu that are active in at least 5 %% of %zu images",
             n->units, n->eligible, n->relu.samples);
    struct icl_table table;
    ICL_TRY(open_table(&table, run, out, "fmnist_units", what, "column\tchannel\trow\tcol\tactivity", err));
    for (size_t j = 0; j < n->units; j++) {
        const size_t position = n->unit[j] / n->relu.channels;
        icl_table_count(&table, j);
        icl_table_count(&table, n->unit[j] % n->relu.channels);
        icl_table_count(&table, position / n->relu.width);
        icl_table_count(&table, position % n->relu.width);
        icl_table_number(&table, n->activity[j]);
    }
    return icl_table_close(&table, err);
}

static void pair_cells(struct icl_table *table, const struct icl_panel *p, size_t keep, size_t pair)
{
    size_t i, j;
    icl_pair_of(pair, p->d, &i, &j);
    icl_table_text(table, p->name);
    icl_table_number(table, icl_panel_keeps[keep]);
    icl_table_count(table, i);
    icl_table_count(table, j);
}

/* The law of a pair of the panel: gates of one channel are shared in a channel dropout. */
static enum icl_gate gate_of_pair(const struct icl_panel *p, size_t pair)
{
    if (p->gate != ICL_GATE_SHARED) return p->gate;
    return icl_panel_same_channel(p, pair) ? ICL_GATE_SHARED : ICL_GATE_INDEPENDENT;
}

static icl_status write_pair_mi(struct icl_table *table, const struct icl_panel *p, struct icl_error *err)
{
    double *mean = malloc(ICL_PANEL_KEEPS * p->pairs * sizeof *mean);
    if (mean == NULL) return icl_fail_memory(err, "a table of pairs");
    icl_status status = ICL_OK;
    for (size_t e = 0; e < p->mi_count && status == ICL_OK; e++) {
        status = icl_panel_pair_means(p, &p->mi[e], mean, err);
        for (size_t keep = 1; keep < ICL_PANEL_KEEPS && status == ICL_OK; keep++) {
            for (size_t pair = 0; pair < p->pairs; pair++) {
                pair_cells(table, p, keep, pair);
                icl_table_text(table, p->mi[e].estimator);
                icl_table_number(table, mean[pair]);
                icl_table_number(table, mean[keep * p->pairs + pair]);
                icl_table_number(table, icl_dropout_mi(gate_of_pair(p, pair), icl_panel_keeps[keep], mean[pair]));
            }
        }
    }
    free(mean);
    return status;
}

static void write_pair_correlations(struct icl_table *table, const struct icl_panel *p, double *mean)
{
    const size_t d = p->d, size = icl_moments_size(d);
    double before[ICL_PANEL_UNITS * ICL_PANEL_UNITS], after[ICL_PANEL_UNITS * ICL_PANEL_UNITS], m[ICL_PANEL_UNITS];
    icl_moments_correlation(mean, d, before, m);
    for (size_t keep = 1; keep < ICL_PANEL_KEEPS; keep++) {
        icl_moments_correlation(mean + keep * size, d, after, NULL);
        for (size_t pair = 0; pair < p->pairs; pair++) {
            size_t i, j;
            icl_pair_of(pair, d, &i, &j);
            const double rho = before[i * d + j], q = icl_panel_keeps[keep];
            pair_cells(table, p, keep, pair);
            icl_table_number(table, rho);
            icl_table_number(table, after[i * d + j]);
            icl_table_number(table, q * rho);
            icl_table_number(table, icl_dropout_correlation(gate_of_pair(p, pair), q, rho, m[i], m[j]));
        }
    }
}

static icl_status pair_correlations(struct icl_table *table, const struct icl_panel *p, struct icl_error *err)
{
    double *mean = calloc(p->moments.size, sizeof *mean);
    if (mean == NULL) return icl_fail_memory(err, "a table of pairs");
    for (size_t b = 0; b < p->moments.blocks; b++)
        for (size_t i = 0; i < p->moments.size; i++)
            mean[i] += p->moments.block[b * p->moments.size + i] / (double)p->moments.blocks;
    write_pair_correlations(table, p, mean);
    free(mean);
    return ICL_OK;
}

icl_status write_panel_tables(const struct run *run, const char *out, struct icl_error *err)
{
    ICL_TRY(write_units(run, out, err));
    struct icl_table table;
    ICL_TRY(open_table(&table, run, out, "fmnist_pairs",
                       "mutual information of every pair of neurons before and after the dropout; mi_law: what theory "
                       "gives without an atom at zero (for gaussian: the upper bound)",
                       "panel\tkeep\ti\tj\testimator\tmi_before\tmi_after\tmi_law", err));
    icl_status status = ICL_OK;
    for (size_t p = 0; p < run->panels && status == ICL_OK; p++)
        status = write_pair_mi(&table, &run->panel[p], err);
    ICL_TRY(finish_table(&table, status, err));
    ICL_TRY(open_table(&table, run, out, "fmnist_correlations",
                       "Pearson correlation of every pair before and after the dropout; corr_linear is keep times that "
                       "before, corr_law the full formula with the measured means",
                       "panel\tkeep\ti\tj\tcorr_before\tcorr_after\tcorr_linear\tcorr_law", err));
    for (size_t p = 0; p < run->panels && status == ICL_OK; p++)
        status = pair_correlations(&table, &run->panel[p], err);
    return finish_table(&table, status, err);
}
