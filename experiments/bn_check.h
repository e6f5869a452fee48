/* Batch norm on a pair: what it leaves unchanged (claim c04). */
#ifndef ICLAB_EXPERIMENTS_BN_CHECK_H
#define ICLAB_EXPERIMENTS_BN_CHECK_H

#include "experiments/sweep.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ICL_BN_BATCH = 128 };

/* Levels: the pair as drawn; behind BN with fixed statistics; behind BN with the statistics of batches of ICL_BN_BATCH.
 */
enum { ICL_BN_BEFORE, ICL_BN_FIXED, ICL_BN_BATCHED, ICL_BN_LEVELS };

/* The relu pair and its batch norms, in independent blocks. */
struct icl_bn_check {
    const struct icl_law *law;
    uint64_t seed;
    size_t blocks, rows;
    struct icl_series mi[ICL_MI_SERIES]; /* decomposition, plug-in, Mesner-Shalizi */
    struct icl_series correlation;
};

icl_status icl_bn_check_create(struct icl_bn_check *check, uint64_t seed, size_t blocks, size_t rows,
                               struct icl_error *err);
void icl_bn_check_free(struct icl_bn_check *check);
icl_status icl_bn_check_block(struct icl_bn_check *check, size_t b, struct icl_workspace *workspace,
                              struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
