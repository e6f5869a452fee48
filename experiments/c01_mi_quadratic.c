/* c01: mutual information behind independent gates is q^2 that before, if no neuron has an atom at zero. */
#include "experiments/run_internal.h"
#include "experiments/claims_internal.h"

icl_status c01_mi_quadratic(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                            struct icl_error *err)
{
    const struct icl_panel *panel = run_panel(run, claim->law);
    const struct icl_sweep *sweep = run_sweep(run, claim->law, ICL_GATE_INDEPENDENT);
    if (sweep != NULL && quantity_is(claim, "exponent")) return add_exponent_evidence(finding, sweep, err);
    const bool share = sweep != NULL && quantity_is(claim, "coactive");
    if ((!share && !quantity_is(claim, "ratio")) || (panel == NULL && sweep == NULL))
        return unknown_quantity(claim, err);
    struct icl_quantity_context context = {.keep = panel != NULL ? icl_panel_keeps : sweep->keep};
    ICL_TRY(level_of(claim, context.keep, panel != NULL ? ICL_PANEL_KEEPS : sweep->levels, &context.at, err));
    if (panel != NULL) return add_panel_mi(finding, panel, ALL_PAIRS, icl_quadratic_ratio, &context, err);
    if (share) return add_evidence(finding, &sweep->coactive, icl_quadratic_ratio, &context, err);
    return add_gated_mi_evidence(finding, sweep, icl_quadratic_ratio, &context, err);
}
