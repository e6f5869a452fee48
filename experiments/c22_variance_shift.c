/* c22: the running variance of a batch norm over the variance that it meets at evaluation, behind each dropout. */
#include <math.h>

#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

static double ratio(const double *level, size_t levels, const void *context)
{
    (void)levels;
    (void)context;
    return exp(level[0]);
}

icl_status c22_variance_shift(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                              struct icl_error *err)
{
    size_t stage;
    if (sscanf(claim->quantity, "variance-ratio stage%zu", &stage) != 1 || stage < 1 || stage > run->network.stages)
        return unknown_quantity(claim, err);
    return add_evidence(finding, &run->network.stage[stage - 1].variance, ratio, NULL, err);
}
