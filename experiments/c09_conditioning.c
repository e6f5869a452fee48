/* c09: the correlation matrix behind independent gates is q R + (1-q) Id; its eigenvalues and condition number. */
#include "experiments/claims_internal.h"
#include "experiments/run_internal.h"

icl_status c09_conditioning(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                            struct icl_error *err)
{
    static const struct {
        const char *quantity;
        icl_quantity function;
    } quantities[] = {{"condition", icl_condition_ratio},
                      {"largest", icl_largest_eigenvalue_ratio},
                      {"smallest", icl_smallest_eigenvalue_ratio}};
    const struct icl_panel *panel = run_panel(run, claim->law);
    if (panel == NULL && !run->has_octet) return unknown_quantity(claim, err);
    struct icl_quantity_context context = {.keep = panel != NULL ? icl_panel_keeps : icl_keeps,
                                           .d = panel != NULL ? panel->d : ICL_OCTET};
    ICL_TRY(level_of(claim, context.keep, panel != NULL ? ICL_PANEL_KEEPS : ICL_KEEPS, &context.at, err));
    struct icl_series series = run->octet.spectrum;
    if (panel != NULL) ICL_TRY(panel_spectrum(panel, &series, err));
    for (size_t f = 0; f < sizeof quantities / sizeof quantities[0]; f++)
        if (quantity_is(claim, quantities[f].quantity))
            return add_evidence(finding, &series, quantities[f].function, &context, err);
    if (panel == NULL && quantity_is(claim, "slope")) {
        context.at += ICL_OCTET_SLOPE;
        return add_evidence(finding, &series, icl_level_itself, &context, err);
    }
    return unknown_quantity(claim, err);
}
