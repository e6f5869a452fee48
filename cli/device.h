/* --device: what a command computes with. */
#ifndef ICLAB_CLI_DEVICE_H
#define ICLAB_CLI_DEVICE_H

#include "cli/common.h"
#include "kernels/device.h"

#define CLI_DEVICE_OPTION(settings, member)                                                                            \
    ICL_CHOICE_OPTION("device", 0, settings, member, icl_device_choices,                                               \
                      "the processor, a GPU, or auto: a GPU where one works")

/* As icl_device_open, but with AUTO a line on standard error says what was taken, and why it is no GPU. */
icl_status cli_device_open(enum icl_device_choice choice, struct icl_device **device, struct icl_error *err);

/* For the header: the device and its versions; "cpu" for NULL. Nothing where the processor was asked for: headers of
 * those results do not change. */
void cli_meta_device(json_t *meta, enum icl_device_choice choice, const struct icl_device *device);

#endif
