/* c05: dropout straight after ReLU: an atom at zero hides the gate, and q^2 I is only an upper bound. */
#include "experiments/claims_internal.h"
#include "experiments/run_internal.h"

icl_status c05_atom_bound(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                          struct icl_error *err)
{
    if (quantity_is(claim, "exponent") || quantity_is(claim, "ratio"))
        return c01_mi_quadratic(run, claim, finding, err);
    const struct icl_sweep *sweep = run_sweep(run, claim->law, ICL_GATE_INDEPENDENT);
    if (sweep == NULL) return unknown_quantity(claim, err);
    struct icl_quantity_context context = {.keep = sweep->keep};
    ICL_TRY(level_of(claim, sweep->keep, sweep->levels, &context.at, err));
    if (quantity_is(claim, "local-exponent"))
        return add_gated_mi_evidence(finding, sweep, icl_local_exponent, &context, err);
    if (!quantity_is(claim, "theory-ratio")) return unknown_quantity(claim, err);
    double before, after;
    ICL_TRY(sweep->law->mi(sweep->law, &before, err));
    ICL_TRY(sweep->law->mi_after(sweep->law, ICL_GATE_INDEPENDENT, sweep->keep[context.at], &after, err));
    context.expected = after / before;
    return add_mi_evidence(finding, sweep->mi, ICL_MI_SERIES, icl_theory_ratio, &context, err);
}
