/* c11: c01, c02 and c09 on pairs of units of a trained network. */
#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

/* The exponent of the mean MI over the pairs: the fit over the keeps of a panel. */
static icl_status add_exponent(struct finding *finding, const struct icl_panel *panel, struct icl_error *err)
{
    for (size_t e = 0; e < panel->mi_count; e++) {
        struct icl_power_fit fit;
        struct panel_view view;
        const struct icl_series series = panel_mean_mi(panel, e, ALL_PAIRS, &view);
        ICL_TRY(icl_fit_power(&series, icl_panel_keeps, &fit, err));
        add_interval(finding, &series, &fit.exponent);
    }
    return ICL_OK;
}

icl_status c11_trained_pairs(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                             struct icl_error *err)
{
    const struct icl_panel *panel = run_panel(run, claim->law);
    if (panel == NULL) return unknown_quantity(claim, err);
    if (quantity_is(claim, "exponent") && panel->with_mi) return add_exponent(finding, panel, err);
    struct icl_quantity_context context = {.keep = icl_panel_keeps, .d = panel->d};
    const bool before = quantity_is(claim, "condition-before");
    if (!before) ICL_TRY(level_of(claim, icl_panel_keeps, ICL_PANEL_KEEPS, &context.at, err));
    if (quantity_is(claim, "ratio") && panel->with_mi)
        return add_panel_mi(finding, panel, ALL_PAIRS, icl_quadratic_ratio, &context, err);
    const bool formula = quantity_is(claim, "formula-slope");
    if (formula || quantity_is(claim, "slope"))
        return add_panel_slope(finding, panel, ALL_PAIRS, formula, context.at, err);
    if (before || quantity_is(claim, "condition")) return add_panel_condition(finding, panel, context.at, false, err);
    if (quantity_is(claim, "formula-condition")) return add_panel_condition(finding, panel, context.at, true, err);
    return unknown_quantity(claim, err);
}
