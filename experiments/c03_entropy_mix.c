/* c03: the entropy behind a gate is q H + H_b(q), if the neuron has no atom at zero. */
#include "experiments/claims_internal.h"
#include "experiments/run_internal.h"

icl_status c03_entropy_mix(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                           struct icl_error *err)
{
    const struct icl_sweep *sweep = run_sweep(run, claim->law, ICL_GATE_INDEPENDENT);
    if (sweep == NULL || !quantity_is(claim, "offset")) return unknown_quantity(claim, err);
    const struct icl_quantity_context context = {.keep = sweep->keep};
    return add_evidence(finding, &sweep->entropy, icl_gate_excess, &context, err);
}
