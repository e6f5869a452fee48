/* c04: batch norm leaves mutual information and correlation unchanged; what it does is make c01 and c02 exact, by
 * moving the atom of ReLU off zero and by centring. */
#include "experiments/claims_internal.h"
#include "experiments/run_internal.h"

icl_status c04_bn_role(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                       struct icl_error *err)
{
    static const struct {
        const char *quantity;
        size_t level;
        bool correlation;
    } differences[] = {{"mi-difference", ICL_BN_FIXED, false},
                       {"mi-difference-batch", ICL_BN_BATCHED, false},
                       {"corr-difference", ICL_BN_FIXED, true},
                       {"corr-difference-batch", ICL_BN_BATCHED, true}};
    for (size_t d = 0; d < sizeof differences / sizeof differences[0]; d++) {
        if (!quantity_is(claim, differences[d].quantity)) continue;
        const struct icl_quantity_context context = {.at = differences[d].level};
        if (differences[d].correlation) return add_evidence(finding, &run->bn.correlation, icl_rise, &context, err);
        return add_mi_evidence(finding, run->bn.mi, ICL_MI_SERIES, icl_rise, &context, err);
    }
    /* behind BN the quadratic and the linear law are those of c01 and c02 */
    if (quantity_is(claim, "exponent") || quantity_is(claim, "ratio"))
        return c01_mi_quadratic(run, claim, finding, err);
    return c02_corr_linear(run, claim, finding, err);
}
