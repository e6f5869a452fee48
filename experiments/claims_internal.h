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

#pragma GCC visibility pop

#endif
