/* c14: spread of the final accuracy over seeds: variance of conv-BN-ReLU over that of IC. */
#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

icl_status c14_stability(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                         struct icl_error *err)
{
    double ic[MOST_SEEDS], baseline[MOST_SEEDS];
    const size_t n = training_values(&run->training, claim->law, "ic", training_accuracy, ic);
    if (!quantity_is(claim, "variance-ratio") || n == 0 ||
        training_values(&run->training, claim->law, "baseline", training_accuracy, baseline) != n)
        return unknown_quantity(claim, err);
    const struct icl_comparison c = icl_compare_variances(baseline, ic, n);
    add_comparison(finding, "pitman-morgan", &c);
    return ICL_OK;
}
