/* c12: final validation accuracy of IC against conv-BN-ReLU, paired by seed. */
#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

icl_status c12_limit(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                     struct icl_error *err)
{
    return add_training_quantity(finding, &run->training, claim, err);
}
