#include "kernels/device.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

const char *const icl_device_choices[] = {"cpu", "auto", "cuda", NULL};

#define PLUGIN "libiclab-cuda.so"

/* The plug-in in the folder of the running program; false where the program is not known or has none. */
static bool beside_program(char path[PATH_MAX])
{
    const ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
    if (length <= 0 || length == PATH_MAX) return false;
    path[length] = '\0';
    char *name = strrchr(path, '/') + 1;
    if (name + sizeof PLUGIN > path + PATH_MAX) return false;
    memcpy(name, PLUGIN, sizeof PLUGIN);
    return access(path, F_OK) == 0;
}

/* Where the plug-in is; its name alone where it is neither beside the program nor installed: the loader may know. */
static const char *find_plugin(char room[PATH_MAX])
{
    static const char installed[] = ICL_LIBDIR "/iclab/" PLUGIN;
    const char *wanted = getenv("ICLAB_DEVICE_PLUGIN");
    if (wanted != NULL && wanted[0] != '\0') return wanted;
    if (beside_program(room)) return room;
    return access(installed, F_OK) == 0 ? installed : PLUGIN;
}

static icl_status load(const char *path, void **library, struct icl_error *err)
{
    *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (*library != NULL) return ICL_OK;
    const char *why = dlerror();
    if (strcmp(path, PLUGIN) != 0 || strncmp(why, PLUGIN ":", sizeof PLUGIN) != 0)
        return icl_fail(err, ICL_ERR_DEVICE, "CUDA: the plug-in cannot be loaded: %s", why);
    return icl_fail(err, ICL_ERR_DEVICE,
                    "CUDA: no plug-in: " PLUGIN " is neither beside the program nor in " ICL_LIBDIR "/iclab nor where "
                    "the loader looks; `make cuda` makes it");
}

static icl_status open_plugin(struct icl_device **device, struct icl_error *err)
{
    char room[PATH_MAX];
    const char *path = find_plugin(room);
    void *library;
    ICL_TRY(load(path, &library, err));
    const struct icl_device_plugin *plugin = dlsym(library, "icl_device_plugin");
    if (plugin == NULL) return icl_fail(err, ICL_ERR_DEVICE, "%s: no plug-in of iclab", path);
    if (strcmp(plugin->version, ICL_VERSION) != 0)
        return icl_fail(err, ICL_ERR_DEVICE, "%s: a plug-in of iclab %s, but this is %s", path, plugin->version,
                        ICL_VERSION);
    if (plugin->size != sizeof(struct icl_device_kernels))
        return icl_fail(err, ICL_ERR_DEVICE,
                        "%s: a plug-in of another build of iclab %s; `make cuda` makes one of this", path, ICL_VERSION);
    return plugin->open(device, err);
}

icl_status icl_device_open(enum icl_device_choice choice, struct icl_device **device, char *why, struct icl_error *err)
{
    *device = NULL;
    if (why != NULL) why[0] = '\0';
    if (choice == ICL_DEVICE_CPU) return ICL_OK;
    struct icl_error failure = {0};
    const icl_status status = open_plugin(device, &failure);
    if (status == ICL_OK) return ICL_OK;
    *device = NULL;
    if (choice == ICL_DEVICE_CUDA) return icl_fail(err, status, "%s", failure.message);
    if (why != NULL) memcpy(why, failure.message, ICL_DEVICE_WHY);
    return ICL_OK;
}

void icl_device_close(struct icl_device *device)
{
    if (device != NULL) device->call->close(device);
}
