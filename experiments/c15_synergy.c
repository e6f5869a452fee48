/* c15: batch norm and dropout together against each alone: none, BN, dropout, both at one learning rate. */
#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

icl_status c15_synergy(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                       struct icl_error *err)
{
    if (!quantity_is(claim, "synergy")) return add_training_quantity(finding, &run->training, claim, err);
    static const char *const word[4] = {"both", "bn", "drop", "none"};
    static const double sign[4] = {1, -1, -1, 1};
    double value[MOST_SEEDS], synergy[MOST_SEEDS] = {0};
    size_t n = 0;
    for (size_t w = 0; w < 4; w++) {
        const size_t here = training_values(&run->training, claim->law, word[w], training_accuracy, value);
        if (here == 0 || (w > 0 && here != n)) return unknown_quantity(claim, err);
        n = here;
        for (size_t s = 0; s < n; s++)
            synergy[s] += sign[w] * value[s];
    }
    const struct icl_comparison c = icl_compare_mean(synergy, n, 0);
    add_comparison(finding, "paired t", &c);
    return ICL_OK;
}
