/* c02: correlation behind independent gates is q times that before if both means are 0; the full formula otherwise. */
#include "estimators/dropout_law.h"
#include "experiments/claims_internal.h"
#include "experiments/run_internal.h"

icl_status c02_corr_linear(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                           struct icl_error *err)
{
    const struct icl_panel *panel = run_panel(run, claim->law);
    const struct icl_sweep *sweep = run_sweep(run, claim->law, ICL_GATE_INDEPENDENT);
    const bool formula = quantity_is(claim, "formula-slope");
    if ((!formula && !quantity_is(claim, "slope")) || (panel == NULL && sweep == NULL))
        return unknown_quantity(claim, err);
    if (panel != NULL) {
        size_t at;
        ICL_TRY(level_of(claim, icl_panel_keeps, ICL_PANEL_KEEPS, &at, err));
        return add_panel_slope(finding, panel, ALL_PAIRS, formula, at, err);
    }
    double factor[ICL_KEEPS];
    const double m = formula ? sweep->law->mean_over_sd : 0;
    for (size_t l = 0; l < sweep->levels; l++)
        factor[l] = icl_dropout_correlation(ICL_GATE_INDEPENDENT, sweep->keep[l], 1, m, m);
    const struct icl_quantity_context context = {.keep = sweep->keep, .factor = factor};
    return add_evidence(finding, &sweep->correlation, icl_slope, &context, err);
}
