/* The mutual information of chosen pairs on a device. */
#ifndef ICLAB_CLI_ESTIMATE_DEVICE_H
#define ICLAB_CLI_ESTIMATE_DEVICE_H

#include "cli/device.h"
#include "cli/estimate.h"

/* Decides between device and processor before anything is read: *device becomes NULL where --device says so, or says
 * auto and no device works or what is asked for is the processor's work; a line on standard error then says which.
 * With cuda both are failures: ICL_ERR_DEVICE, ICL_ERR_USAGE. Owned: icl_device_close. */
icl_status cli_estimate_device(enum icl_device_choice choice, const struct cli_estimator *estimator,
                               const struct cli_uncertainty *uncertainty, struct icl_device **device,
                               struct icl_error *err);

/* Fills mi, estimator and p (unless NULL) of `out`, and counts its notes. All columns of the source are prepared. */
icl_status cli_estimate_on_device(struct icl_device *device, const struct cli_source *source,
                                  const struct cli_pairs *pairs, const struct icl_mi_options *options,
                                  const struct cli_uncertainty *uncertainty, uint64_t threads,
                                  struct cli_estimates *out, struct icl_error *err);

#endif
