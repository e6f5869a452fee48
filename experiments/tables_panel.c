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

/* Whether a panel belongs to the tables of trained networks, or to those of the first stage. */
static bool is_trained(const struct icl_panel *panel)
{
    return panel->norm == ICL_NORM_TRAINED;
}

static icl_status write_pairs(const struct run *run, const char *out, bool trained, struct icl_error *err)
{
    struct icl_table table;
    ICL_TRY(open_table(&table, run, out, trained ? "trained_pairs" : "fmnist_pairs",
                       "mutual information of every pair of neurons before and after the dropout; mi_law: what theory "
                       "gives without an atom at zero (for gaussian: the upper bound)",
                       "panel\tkeep\ti\tj\testimator\tmi_before\tmi_after\tmi_law", err));
    icl_status status = ICL_OK;
    for (size_t p = 0; p < run->panels && status == ICL_OK; p++)
        if (is_trained(&run->panel[p]) == trained) status = write_pair_mi(&table, &run->panel[p], err);
    ICL_TRY(finish_table(&table, status, err));
    ICL_TRY(open_table(&table, run, out, trained ? "trained_correlations" : "fmnist_correlations",
                       "Pearson correlation of every pair before and after the dropout; corr_linear is keep times that "
                       "before, corr_law the full formula with the measured means",
                       "panel\tkeep\ti\tj\tcorr_before\tcorr_after\tcorr_linear\tcorr_law", err));
    for (size_t p = 0; p < run->panels && status == ICL_OK; p++)
        if (is_trained(&run->panel[p]) == trained) status = pair_correlations(&table, &run->panel[p], err);
    return finish_table(&table, status, err);
}

icl_status write_panel_tables(const struct run *run, const char *out, struct icl_error *err)
{
    ICL_TRY(write_units(run, out, err));
    return write_pairs(run, out, false, err);
}

/* ---- trained networks ----------------------------------------------------------------------------------------- */

static icl_status write_trained_units(const struct run *run, const char *out, struct icl_error *err)
{
    struct icl_table table;
    double moments[ICL_PANEL_UNITS + ICL_PANEL_UNITS * ICL_PANEL_UNITS];
    double corr[ICL_PANEL_UNITS * ICL_PANEL_UNITS], shift[ICL_PANEL_UNITS];
    ICL_TRY(open_table(&table, run, out, "trained_units",
                       "units drawn by the seed in each stage of the trained network; activity: share of the images in "
                       "which it is above 0 behind ReLU; mean_over_sd: behind batch norm, before the dropout",
                       "panel\tcolumn\tchannel\trow\tcol\tactivity\tmean_over_sd", err));
    for (size_t p = 0; p < run->panels; p++) {
        const struct icl_panel *panel = &run->panel[p];
        const struct icl_neurons *n = panel->neurons;
        if (!is_trained(panel)) continue;
        const size_t size = icl_moments_size(panel->d);
        for (size_t i = 0; i < size; i++) {
            moments[i] = 0;
            for (size_t b = 0; b < n->blocks; b++)
                moments[i] += panel->moments.block[b * panel->moments.size + i] / (double)n->blocks;
        }
        icl_moments_correlation(moments, panel->d, corr, shift);
        for (size_t j = 0; j < panel->d; j++) {
            const size_t position = n->unit[j] / n->relu.channels;
            icl_table_text(&table, panel->name);
            icl_table_count(&table, j);
            icl_table_count(&table, n->unit[j] % n->relu.channels);
            icl_table_count(&table, position / n->relu.width);
            icl_table_count(&table, position % n->relu.width);
            icl_table_number(&table, n->activity[j]);
            icl_table_number(&table, shift[j]);
        }
    }
    return icl_table_close(&table, err);
}

/* A number of a panel at every keep, with its interval. */
static icl_status interval_at(const struct icl_series *series, size_t level, struct icl_interval *interval,
                              struct icl_error *err)
{
    const struct icl_quantity_context context = {.at = level};
    return icl_series_interval(series, icl_level_itself, &context, interval, err);
}

static icl_status write_condition_rows(struct icl_table *table, const struct icl_panel *panel, struct icl_error *err)
{
    const struct icl_series series = panel_conditions(panel);
    struct icl_series spectrum;
    ICL_TRY(panel_spectrum(panel, &spectrum, err));
    for (size_t keep = 0; keep < ICL_PANEL_KEEPS; keep++) {
        struct icl_interval number, law, most, largest;
        ICL_TRY(interval_at(&series, keep, &number, err));
        ICL_TRY(interval_at(&series, ICL_PANEL_KEEPS + keep, &law, err));
        ICL_TRY(interval_at(&spectrum, panel->d - 1, &most, err));
        ICL_TRY(interval_at(&spectrum, keep * panel->d + panel->d - 1, &largest, err));
        const double q = icl_panel_keeps[keep];
        icl_table_text(table, panel->name);
        icl_table_number(table, q);
        table_interval(table, &number);
        icl_table_number(table, law.estimate);
        icl_table_number(table, (q * most.estimate + 1 - q) / (1 - q));
        icl_table_number(table, largest.estimate);
    }
    return ICL_OK;
}

static icl_status write_mean_rows(struct icl_table *table, const struct icl_panel *panel, struct icl_error *err)
{
    for (size_t keep = 1; keep < ICL_PANEL_KEEPS; keep++) {
        struct icl_quantity_context context = {.keep = icl_panel_keeps, .at = keep};
        struct finding finding = {.count = 0};
        ICL_TRY(add_panel_mi(&finding, panel, ALL_PAIRS, icl_quadratic_ratio, &context, err));
        const size_t of_mi = finding.count;
        ICL_TRY(add_panel_slope(&finding, panel, ALL_PAIRS, false, keep, err));
        ICL_TRY(add_panel_slope(&finding, panel, ALL_PAIRS, true, keep, err));
        for (size_t e = 0; e < finding.count; e++) {
            icl_table_text(table, panel->name);
            icl_table_number(table, icl_panel_keeps[keep]);
            icl_table_text(table, e < of_mi ? "mi-ratio" : e == of_mi ? "slope" : "formula-slope");
            icl_table_text(table, finding.evidence[e].estimator);
            table_interval(table, &finding.evidence[e].interval);
        }
    }
    return ICL_OK;
}

icl_status write_trained_tables(const struct run *run, const char *out, struct icl_error *err)
{
    size_t trained = 0;
    for (size_t p = 0; p < run->panels; p++)
        trained += is_trained(&run->panel[p]);
    if (trained == 0) return ICL_OK;
    struct icl_table table;
    ICL_TRY(write_trained_units(run, out, err));
    ICL_TRY(write_pairs(run, out, true, err));
    ICL_TRY(open_table(&table, run, out, "trained_condition",
                       "condition number of the correlation matrix of the units, before (keep 1) and after independent "
                       "gates; law: the full formula with the correlations and means before; bound: (keep l_max + 1 - "
                       "keep)/(1 - keep)",
                       "panel\tkeep\tcondition\tse\tlo\thi\tlaw\tbound\tlargest_eigenvalue", err));
    icl_status status = ICL_OK;
    for (size_t p = 0; p < run->panels && status == ICL_OK; p++)
        if (is_trained(&run->panel[p])) status = write_condition_rows(&table, &run->panel[p], err);
    ICL_TRY(finish_table(&table, status, err));
    ICL_TRY(
        open_table(&table, run, out, "trained_means",
                   "over all pairs of units: mi-ratio, mean MI behind the gates over keep^2 times that before; slope, "
                   "correlations behind the gates against keep times those before; formula-slope, against the full "
                   "formula: 1 where the law holds",
                   "panel\tkeep\tquantity\testimator\testimate\tse\tlo\thi", err));
    for (size_t p = 0; p < run->panels && status == ICL_OK; p++)
        if (is_trained(&run->panel[p])) status = write_mean_rows(&table, &run->panel[p], err);
    return finish_table(&table, status, err);
}
