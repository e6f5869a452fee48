/* c21: the naive swap of conv layers in an XResNet against the full conversion, paired by seed. */
#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

icl_status c21_xresnet(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                       struct icl_error *err)
{
    return add_training_quantity(finding, &run->training, claim, err);
}
