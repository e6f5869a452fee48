/* c06: one gate for a channel: MI behind it is H_b(q) + q I, the correlation of centred neurons does not change. */
#include "estimators/dropout_law.h"
#include "experiments/claims_internal.h"
#include "experiments/run_internal.h"

static icl_status of_panel(const struct icl_panel *panel, const struct icl_claim *claim, struct finding *finding,
                           struct icl_error *err)
{
    struct icl_quantity_context context = {.keep = icl_panel_keeps};
    if (quantity_is(claim, "excess")) return add_panel_mi(finding, panel, SAME_CHANNEL, icl_gate_excess, &context, err);
    ICL_TRY(level_of(claim, icl_panel_keeps, ICL_PANEL_KEEPS, &context.at, err));
    if (quantity_is(claim, "rise")) return add_panel_mi(finding, panel, SAME_CHANNEL, icl_rise, &context, err);
    if (quantity_is(claim, "formula-slope"))
        return add_panel_slope(finding, panel, SAME_CHANNEL, true, context.at, err);
    if (quantity_is(claim, "cross-ratio"))
        return add_panel_mi(finding, panel, CROSS_CHANNEL, icl_quadratic_ratio, &context, err);
    return unknown_quantity(claim, err);
}

icl_status c06_shared_gate(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                           struct icl_error *err)
{
    const struct icl_panel *panel = run_panel(run, claim->law);
    if (panel != NULL) return of_panel(panel, claim, finding, err);
    const struct icl_sweep *sweep = run_sweep(run, claim->law, ICL_GATE_SHARED);
    if (sweep == NULL) return unknown_quantity(claim, err);
    double one[ICL_KEEPS];
    for (size_t l = 0; l < sweep->levels; l++)
        one[l] = 1;
    struct icl_quantity_context context = {.keep = sweep->keep, .factor = one};
    if (quantity_is(claim, "excess")) return add_gated_mi_evidence(finding, sweep, icl_gate_excess, &context, err);
    if (quantity_is(claim, "corr-ratio")) return add_evidence(finding, &sweep->correlation, icl_slope, &context, err);
    if (quantity_is(claim, "slope")) {
        context.factor = sweep->keep;
        return add_evidence(finding, &sweep->correlation, icl_slope, &context, err);
    }
    ICL_TRY(level_of(claim, sweep->keep, sweep->levels, &context.at, err));
    if (quantity_is(claim, "ratio")) /* H_b(q) over what bins leave of I: the plug-in's would be too large */
        return add_mi_evidence(finding, sweep->mi, ICL_MI_SERIES, icl_quadratic_ratio, &context, err);
    if (quantity_is(claim, "rise")) return add_mi_evidence(finding, sweep->mi, ICL_MI_SERIES, icl_rise, &context, err);
    return unknown_quantity(claim, err);
}
