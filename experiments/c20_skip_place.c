/* c20: where the shortcut of a residual block sets out, paired by seed. */
#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

icl_status c20_skip_place(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                          struct icl_error *err)
{
    return add_training_quantity(finding, &run->training, claim, err);
}
