#include "cli/device.h"

#include <stdio.h>

icl_status cli_device_open(enum icl_device_choice choice, struct icl_device **device, struct icl_error *err)
{
    char why[ICL_DEVICE_WHY];
    ICL_TRY(icl_device_open(choice, device, why, err));
    if (choice != ICL_DEVICE_AUTO) return ICL_OK;
    if (*device == NULL)
        cli_say("device: the processor (%s)", why);
    else
        cli_say("device: %s", (*device)->facts.name);
    return ICL_OK;
}

void cli_meta_device(json_t *meta, enum icl_device_choice choice, const struct icl_device *device)
{
    char text[sizeof device->facts.name + sizeof device->facts.version + 8];
    if (choice == ICL_DEVICE_CPU) return;
    if (device != NULL) snprintf(text, sizeof text, "%s, %s", device->facts.name, device->facts.version);
    cli_meta_text(meta, "device", device == NULL ? icl_device_choices[ICL_DEVICE_CPU] : text);
}
