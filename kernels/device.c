#include "kernels/device.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

const char *const icl_device_choices[] = {"cpu", "auto", "cuda", NULL};

static icl_status open_plugin(struct icl_device **device, struct icl_error *err)
{
    const char *path = getenv("ICLAB_DEVICE_PLUGIN");
    if (path == NULL) path = "libiclab-cuda.so";
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return icl_fail(err, ICL_ERR_DEVICE, "CUDA: no plug-in: %s", dlerror());
    const struct icl_device_plugin *plugin = dlsym(library, "icl_device_plugin");
    if (plugin == NULL) return icl_fail(err, ICL_ERR_DEVICE, "%s: no plug-in of iclab", path);
    if (strcmp(plugin->version, ICL_VERSION) != 0 || plugin->size != sizeof(struct icl_device_kernels))
        return icl_fail(err, ICL_ERR_DEVICE, "%s: a plug-in of iclab %s, but this is %s", path, plugin->version,
                        ICL_VERSION);
    return plugin->open(device, err);
}

icl_status icl_device_open(enum icl_device_choice choice, struct icl_device **device, char *why, struct icl_error *err)
{
    *device = NULL;
    if (why != NULL) why[0] = '\0';
    if (choice == ICL_DEVICE_CPU) return ICL_OK;
    struct icl_error failure;
    const icl_status status = open_plugin(device, &failure);
    if (status == ICL_OK) return ICL_OK;
    if (choice == ICL_DEVICE_CUDA) return icl_fail(err, status, "%s", failure.message);
    if (why != NULL) memcpy(why, failure.message, ICL_DEVICE_WHY);
    return ICL_OK;
}

void icl_device_close(struct icl_device *device)
{
    if (device != NULL) device->call->close(device);
}
