/* From series to evidence: the intervals of what a claim judges. */
#include <math.h>
#include <string.h>

#include "estimators/dropout_law.h"
#include "experiments/moments.h"
#include "experiments/run_internal.h"

/* ---- words of the registry ------------------------------------------------------------------------------------ */

bool quantity_is(const struct icl_claim *claim, const char *name)
{
    const size_t length = strlen(name);
    return strncmp(claim->quantity, name, length) == 0 &&
           (claim->quantity[length] == '\0' || claim->quantity[length] == '@');
}

icl_status level_of(const struct icl_claim *claim, const double *keeps, size_t count, size_t *at, struct icl_error *err)
{
    const double keep = icl_quantity_keep(claim->quantity);
    for (*at = 1; *at < count; (*at)++)
        if (keeps[*at] == keep) return ICL_OK;
    return icl_fail(err, ICL_ERR_INPUT, "claims.tsv: %s: quantity '%s' names no keep of this law", claim->id,
                    claim->quantity);
}

icl_status unknown_quantity(const struct icl_claim *claim, struct icl_error *err)
{
    return icl_fail(err, ICL_ERR_INPUT, "claims.tsv: %s: no code for quantity '%s' of law '%s'", claim->id,
                    claim->quantity, claim->law);
}

/* ---- pairs of a law ------------------------------------------------------------------------------------------- */

void add_interval(struct finding *finding, const struct icl_series *series, const struct icl_interval *interval)
{
    if (finding->count == MOST_EVIDENCE) return;
    finding->evidence[finding->count++] = (struct icl_evidence){.estimator = series->estimator,
                                                                .kind = series->kind,
                                                                .interval = *interval,
                                                                .n = series->n,
                                                                .p = NAN,
                                                                .effect = NAN};
}

icl_status add_evidence(struct finding *finding, const struct icl_series *series, icl_quantity quantity,
                        const struct icl_quantity_context *context, struct icl_error *err)
{
    struct icl_interval interval;
    ICL_TRY(icl_series_interval(series, quantity, context, &interval, err));
    add_interval(finding, series, &interval);
    return ICL_OK;
}

icl_status add_mi_evidence(struct finding *finding, const struct icl_series *series, size_t count,
                           icl_quantity quantity, const struct icl_quantity_context *context, struct icl_error *err)
{
    for (size_t e = 0; e < count; e++)
        ICL_TRY(add_evidence(finding, &series[e], quantity, context, err));
    return ICL_OK;
}

/* Which estimator leads: without an atom at 0 the binned pair obeys the very law of the pair, so that the plug-in's
 * ratios and exponents behind independent gates have no bias, nor has its excess behind a shared one, and it is the
 * most precise; with an atom its bins hide part of what silence tells. */
static const struct icl_series *series_of(const struct icl_sweep *sweep, size_t place)
{
    static const size_t orders[2][ICL_MI_SERIES] = {{ICL_BY_PLUGIN, ICL_BY_DECOMPOSITION, ICL_BY_NEIGHBOURS},
                                                    {ICL_BY_DECOMPOSITION, ICL_BY_PLUGIN, ICL_BY_NEIGHBOURS}};
    return &sweep->mi[orders[sweep->law->atom_at_zero][place]];
}

icl_status add_gated_mi_evidence(struct finding *finding, const struct icl_sweep *sweep, icl_quantity quantity,
                                 const struct icl_quantity_context *context, struct icl_error *err)
{
    for (size_t e = 0; e < ICL_MI_SERIES; e++)
        ICL_TRY(add_evidence(finding, series_of(sweep, e), quantity, context, err));
    return ICL_OK;
}

icl_status add_exponent_evidence(struct finding *finding, const struct icl_sweep *sweep, struct icl_error *err)
{
    for (size_t e = 0; e < ICL_MI_SERIES; e++) {
        struct icl_power_fit fit;
        ICL_TRY(icl_fit_power(series_of(sweep, e), sweep->keep, &fit, err));
        add_interval(finding, series_of(sweep, e), &fit.exponent);
    }
    return ICL_OK;
}

/* ---- panels --------------------------------------------------------------------------------------------------- */

static bool chosen(const struct panel_view *view, size_t pair)
{
    if (view->choice == ALL_PAIRS) return true;
    return icl_panel_same_channel(view->panel, pair) == (view->choice == SAME_CHANNEL);
}

static void mean_over_pairs(const struct icl_series *series, const double *mean, double *level)
{
    const struct panel_view *view = series->context;
    const size_t pairs = view->panel->pairs, cells = series->rows * series->cols;
    struct icl_series table = *series;
    table.levels = table.tables = 1;
    double sum[ICL_PANEL_KEEPS] = {0}, count = 0;
    for (size_t pair = 0; pair < pairs; pair++) {
        if (!chosen(view, pair)) continue;
        count += 1;
        for (size_t keep = 0; keep < ICL_PANEL_KEEPS; keep++) {
            const size_t slot = keep * pairs + pair;
            double mi = mean[series->kind == ICL_KIND_BINS ? 0 : slot];
            if (series->kind == ICL_KIND_BINS) icl_levels_of_tables(&table, mean + slot * cells, &mi);
            sum[keep] += mi;
        }
    }
    for (size_t keep = 0; keep < ICL_PANEL_KEEPS; keep++)
        level[keep] = sum[keep] / count;
}

struct icl_series panel_mean_mi(const struct icl_panel *panel, size_t by, enum pair_choice choice,
                                struct panel_view *view)
{
    struct icl_series series = panel->mi[by];
    *view = (struct panel_view){panel, choice, false};
    series.to_levels = mean_over_pairs;
    series.context = view;
    return series;
}

icl_status add_panel_mi(struct finding *finding, const struct icl_panel *panel, enum pair_choice choice,
                        icl_quantity quantity, const struct icl_quantity_context *context, struct icl_error *err)
{
    for (size_t e = 0; e < panel->mi_count; e++) {
        struct panel_view view;
        const struct icl_series series = panel_mean_mi(panel, e, choice, &view);
        ICL_TRY(add_evidence(finding, &series, quantity, context, err));
    }
    return ICL_OK;
}

/* Level k: the slope of the correlations at keep k on factor * correlation before. */
static void slopes(const struct icl_series *series, const double *mean, double *level)
{
    const struct panel_view *view = series->context;
    const struct icl_panel *p = view->panel;
    const size_t d = p->d, size = icl_moments_size(d);
    double before[ICL_PANEL_UNITS * ICL_PANEL_UNITS], after[ICL_PANEL_UNITS * ICL_PANEL_UNITS], m[ICL_PANEL_UNITS];
    icl_moments_correlation(mean, d, before, m);
    for (size_t keep = 0; keep < ICL_PANEL_KEEPS; keep++) {
        const double q = icl_panel_keeps[keep];
        icl_moments_correlation(mean + keep * size, d, after, NULL);
        double cross = 0, square = 0;
        for (size_t pair = 0; pair < p->pairs; pair++) {
            if (!chosen(view, pair)) continue;
            size_t i, j;
            icl_pair_of(pair, d, &i, &j);
            const bool one_gate = p->gate == ICL_GATE_SHARED && icl_panel_same_channel(p, pair);
            const enum icl_gate gate = one_gate ? ICL_GATE_SHARED : ICL_GATE_INDEPENDENT;
            const double rho = before[i * d + j];
            const double law = view->formula ? icl_dropout_correlation(gate, q, rho, m[i], m[j]) : q * rho;
            cross += after[i * d + j] * law;
            square += law * law;
        }
        level[keep] = cross / square;
    }
}

icl_status add_panel_slope(struct finding *finding, const struct icl_panel *panel, enum pair_choice choice,
                           bool formula, size_t at, struct icl_error *err)
{
    const struct panel_view view = {panel, choice, formula};
    struct icl_series series = panel->moments;
    series.estimator = "pearson";
    series.levels = ICL_PANEL_KEEPS;
    series.to_levels = slopes;
    series.context = &view;
    const struct icl_quantity_context context = {.keep = icl_panel_keeps, .at = at};
    return add_evidence(finding, &series, icl_level_itself, &context, err);
}

static double condition_of(const double *corr, size_t d)
{
    double value[ICL_PANEL_UNITS];
    if (icl_eigenvalues(corr, d, value, NULL) != ICL_OK) return NAN;
    return value[d - 1] / value[0];
}

/* Levels: the condition number at each keep, then that of the full formula with the correlations and means before. */
static void conditions(const struct icl_series *series, const double *mean, double *level)
{
    const struct icl_panel *p = series->context;
    const size_t d = p->d;
    double before[ICL_PANEL_UNITS * ICL_PANEL_UNITS], corr[ICL_PANEL_UNITS * ICL_PANEL_UNITS], m[ICL_PANEL_UNITS];
    icl_moments_correlation(mean, d, before, m);
    for (size_t keep = 0; keep < ICL_PANEL_KEEPS; keep++) {
        icl_moments_correlation(mean + keep * icl_moments_size(d), d, corr, NULL);
        level[keep] = condition_of(corr, d);
        for (size_t c = 0; c < d * d; c++)
            corr[c] = c / d == c % d ? 1
                                     : icl_dropout_correlation(ICL_GATE_INDEPENDENT, icl_panel_keeps[keep], before[c],
                                                               m[c / d], m[c % d]);
        level[ICL_PANEL_KEEPS + keep] = condition_of(corr, d);
    }
}

static double over_formula(const double *level, size_t levels, const void *context)
{
    (void)levels;
    const size_t at = ((const struct icl_quantity_context *)context)->at;
    return level[at] / level[ICL_PANEL_KEEPS + at];
}

struct icl_series panel_conditions(const struct icl_panel *panel)
{
    struct icl_series series = panel->moments;
    series.estimator = "eigenvalues";
    series.levels = 2 * ICL_PANEL_KEEPS;
    series.to_levels = conditions;
    series.context = panel;
    return series;
}

icl_status add_panel_condition(struct finding *finding, const struct icl_panel *panel, size_t at, bool formula,
                               struct icl_error *err)
{
    const struct icl_series series = panel_conditions(panel);
    const struct icl_quantity_context context = {.at = at};
    return add_evidence(finding, &series, formula ? over_formula : icl_level_itself, &context, err);
}

static void spectra(const struct icl_series *series, const double *mean, double *level)
{
    const struct icl_panel *p = series->context;
    double corr[ICL_PANEL_UNITS * ICL_PANEL_UNITS];
    for (size_t l = 0; l < series->levels; l++)
        level[l] = NAN;
    for (size_t keep = 0; keep < ICL_PANEL_KEEPS; keep++) {
        icl_moments_correlation(mean + keep * icl_moments_size(p->d), p->d, corr, NULL);
        icl_eigenvalues(corr, p->d, level + keep * p->d, NULL);
    }
}

icl_status panel_spectrum(const struct icl_panel *panel, struct icl_series *series, struct icl_error *err)
{
    if (panel->d * ICL_PANEL_KEEPS > ICL_MOST_LEVELS)
        return icl_fail(err, ICL_ERR_NUMERIC, "the spectrum of %zu neurons has too many levels", panel->d);
    *series = panel->moments; /* the blocks stay the panel's */
    series->estimator = "eigenvalues";
    series->levels = panel->d * ICL_PANEL_KEEPS;
    series->to_levels = spectra;
    series->context = panel;
    return ICL_OK;
}
