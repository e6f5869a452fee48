/* c07: multiplicative Gaussian noise of variance (1-q)/q: correlation falls by q as behind gates, MI has no q^2 law. */
#include "experiments/claims_internal.h"
#include "experiments/run_internal.h"

icl_status c07_gaussian_noise(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                              struct icl_error *err)
{
    const struct icl_panel *panel = run_panel(run, claim->law);
    const struct icl_sweep *sweep = run_sweep(run, claim->law, ICL_GATE_GAUSSIAN);
    if (panel == NULL && sweep == NULL) return unknown_quantity(claim, err);
    const double *keeps = panel != NULL ? icl_panel_keeps : sweep->keep;
    struct icl_quantity_context context = {.keep = keeps, .factor = keeps};
    if (sweep != NULL && quantity_is(claim, "slope"))
        return add_evidence(finding, &sweep->correlation, icl_slope, &context, err);
    ICL_TRY(level_of(claim, keeps, panel != NULL ? ICL_PANEL_KEEPS : sweep->levels, &context.at, err));
    if (panel != NULL && quantity_is(claim, "formula-slope"))
        return add_panel_slope(finding, panel, ALL_PAIRS, true, context.at, err);
    if (!quantity_is(claim, "ratio")) return unknown_quantity(claim, err);
    if (panel != NULL) return add_panel_mi(finding, panel, ALL_PAIRS, icl_quadratic_ratio, &context, err);
    return add_mi_evidence(finding, sweep->mi, ICL_MI_SERIES, icl_quadratic_ratio, &context, err);
}
