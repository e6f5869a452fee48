/* The network of a finished run, with what it learnt. */
#ifndef ICLAB_TRAINER_TRAINED_H
#define ICLAB_TRAINER_TRAINED_H

#include "trainer/data.h"
#include "trainer/executor.h"
#include "trainer/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Network, parameters and running statistics (2 x norm_channels). Owned: icl_trained_free. */
struct icl_trained {
    struct icl_train_spec spec;
    struct icl_network network;
    float *parameters;
    double *running;
};

/* Reads spec.txt and checkpoint.bin of a run's folder; `info` is that of its data, which gives the network its shape. A
 * folder without a finished run (a diverged one has no network worth the name), or files that do not fit together:
 * ICL_ERR_INPUT. `out` is untouched on failure. */
icl_status icl_trained_read(const char *folder, const struct icl_data_info *info, struct icl_trained *out,
                            struct icl_error *err);
void icl_trained_free(struct icl_trained *trained);

/* The specification alone. */
icl_status icl_trained_spec(const char *folder, struct icl_train_spec *spec, struct icl_error *err);

/* An executor with the parameters and running statistics of the network, which must outlive it. Owned:
 * icl_executor_free. */
icl_status icl_trained_executor(const struct icl_trained *trained, const struct icl_executor_options *options,
                                struct icl_team *team, struct icl_executor **executor, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
