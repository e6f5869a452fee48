/* c22: the running variance of a batch norm over the variance that it meets at evaluation, behind each dropout. */
#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

icl_status c22_variance_shift(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                              struct icl_error *err)
{
    size_t stage;
    if (sscanf(claim->quantity, "variance-ratio stage%zu", &stage) != 1 || stage < 1 || stage > run->network.stages)
        return unknown_quantity(claim, err);
    return add_evidence(finding, &run->network.stage[stage - 1].variance, trained_variance_ratio, NULL, err);
}
