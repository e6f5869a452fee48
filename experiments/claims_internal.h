/* The evidence of each claim: one function a file, c??_name.c. Each appends to `finding` the evidence for the quantity
 * that the registry names, or fails with ICL_ERR_INPUT if it does not know it. */
#ifndef ICLAB_EXPERIMENTS_CLAIMS_INTERNAL_H
#define ICLAB_EXPERIMENTS_CLAIMS_INTERNAL_H

#include "experiments/run_internal.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

#define CLAIM_FUNCTION(name)                                                                                           \
    icl_status name(const struct run *run, const struct icl_claim *claim, struct finding *finding,                     \
                    struct icl_error *err)

CLAIM_FUNCTION(c01_mi_quadratic);
CLAIM_FUNCTION(c02_corr_linear);
CLAIM_FUNCTION(c03_entropy_mix);
CLAIM_FUNCTION(c04_bn_role);
CLAIM_FUNCTION(c05_atom_bound);
CLAIM_FUNCTION(c06_shared_gate);
CLAIM_FUNCTION(c07_gaussian_noise);
CLAIM_FUNCTION(c08_total_correlation);
CLAIM_FUNCTION(c09_conditioning);
CLAIM_FUNCTION(c10_nonneg_inputs);
CLAIM_FUNCTION(c11_trained_pairs);
CLAIM_FUNCTION(c12_limit);
CLAIM_FUNCTION(c13_speed);
CLAIM_FUNCTION(c14_stability);
CLAIM_FUNCTION(c15_synergy);
CLAIM_FUNCTION(c16_rate);
CLAIM_FUNCTION(c17_val_vs_train);
CLAIM_FUNCTION(c18_stats_predict);
CLAIM_FUNCTION(c19_spread_nan);
CLAIM_FUNCTION(c20_skip_place);
CLAIM_FUNCTION(c21_xresnet);
CLAIM_FUNCTION(c22_variance_shift);

#pragma GCC visibility pop

#endif
