/* c13: epochs to a validation accuracy, and mean accuracy over the epochs, paired by seed. */
#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

icl_status c13_speed(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                     struct icl_error *err)
{
    return add_training_quantity(finding, &run->training, claim, err);
}
