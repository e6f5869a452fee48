/* A device that computes for the host: memory of its own, a queue of work, and the kernel table in the form that runs
 * there. It comes from a plug-in (libiclab-cuda.so) that is loaded when a device is asked for; the program itself needs
 * no CUDA.
 *
 * Everything that returns nothing is put into the queue, in order, and done later. Its first failure is remembered:
 * what follows does nothing, and the next finish() tells it. A device and what belongs to it is used by one thread at a
 * time. Pointers called "device memory" are of take() and never read by the host. */
#ifndef ICLAB_KERNELS_DEVICE_H
#define ICLAB_KERNELS_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "kernels/device_layers.h"
#include "kernels/device_pairs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- which device ------------------------------------------------------------------------------------------------ */

enum icl_device_choice {
    ICL_DEVICE_CPU,
    ICL_DEVICE_AUTO, /* CUDA where it works, else the processor */
    ICL_DEVICE_CUDA  /* CUDA, or a failure */
};
extern const char *const icl_device_choices[]; /* "cpu", "auto", "cuda", NULL */

struct icl_device_facts {
    char name[128];    /* "NVIDIA H200" */
    char version[192]; /* "CUDA 13.0, driver 13.0, compute capability 9.0, cuDNN 9.19.0" */
    unsigned multiprocessors;
    uint64_t memory; /* bytes */
    bool emulated;   /* the processor plays the device, for tests: no time means anything */
};

struct icl_device {
    const struct icl_device_kernels *call;
    struct icl_device_facts facts;
};

/* Opens the device. AUTO: *device becomes NULL where there is none that works, and `why` (ICL_DEVICE_WHY bytes, may be
 * NULL) says in one line why not; CPU: NULL. CUDA: no plug-in, no driver, a driver too old, no device, a plug-in of
 * another version of iclab: ICL_ERR_DEVICE with one line. The plug-in is $ICLAB_DEVICE_PLUGIN, else libiclab-cuda.so
 * beside the program, else in the folder iclab of the installation's library folder, else where the loader looks. A
 * device of compute capability below 9.0 is none that works. Owned: icl_device_close (NULL is allowed). */
enum { ICL_DEVICE_WHY = 512 };
icl_status icl_device_open(enum icl_device_choice choice, struct icl_device **device, char *why, struct icl_error *err);
void icl_device_close(struct icl_device *device);

/* ---- the kernel table of a device ---------------------------------------------------------------------------------
 */

/* Work that was recorded, to be done again by one call. */
struct icl_device_graph;

struct icl_device_kernels {
    void (*close)(struct icl_device *device);

    /* ---- memory ---- */

    /* `bytes` of device memory, aligned to 256 bytes, not cleared; NULL for 0 bytes. Not there: ICL_ERR_MEMORY saying
     * how much was wanted and how much is free. While work is recorded: ICL_ERR_DEVICE. Owned: release (NULL is
     * allowed; waits for the queue; ends a recording, which then has failed). */
    icl_status (*take)(struct icl_device *device, size_t bytes, void **memory, struct icl_error *err);
    void (*release)(struct icl_device *device, void *memory);
    /* Host memory that the device reads and writes at full speed, and that upload need not copy first. */
    icl_status (*take_host)(struct icl_device *device, size_t bytes, void **memory, struct icl_error *err);
    void (*release_host)(struct icl_device *device, void *memory);

    /* Host to device. Memory of take_host must stay as it is until finish(); other memory may change at once. Not while
     * a graph is recorded. */
    void (*upload)(struct icl_device *device, const void *host, size_t bytes, void *to);
    /* Device to host: there after finish(). Not while a graph is recorded. */
    void (*download)(struct icl_device *device, const void *from, size_t bytes, void *host);
    void (*copy)(struct icl_device *device, const void *from, size_t bytes, void *to);
    void (*clear)(struct icl_device *device, void *memory, size_t bytes); /* zeros */

    /* Waits until the queue is empty: what was put into it before a failure is done nevertheless (unless the device is
     * lost), what came after it never is. The first failure, once: ICL_ERR_DEVICE, or ICL_ERR_MEMORY; then the device
     * can be used again. A device that is lost stays so: every later call tells it again. */
    icl_status (*finish)(struct icl_device *device, struct icl_error *err);

    /* ---- recorded work ---- */

    /* What is put into the queue between begin and end is not done but kept. Its arguments stay as they are: only what
     * it reads from device memory may change. A failure to record, or one before: *graph NULL. To wait, to time, to
     * release memory or to close ends the recording, which then has failed. Owned: graph_release (NULL is allowed). */
    void (*record_begin)(struct icl_device *device);
    icl_status (*record_end)(struct icl_device *device, struct icl_device_graph **graph, struct icl_error *err);
    void (*replay)(struct icl_device *device, struct icl_device_graph *graph);
    void (*graph_release)(struct icl_device *device, struct icl_device_graph *graph);

    /* ---- time ---- */

    /* Calls work(context), which puts work into the queue, `repeats` times between two marks of the device's clock:
     * *seconds of all of them together. Of an emulated device: the processor's time. */
    icl_status (*time)(struct icl_device *device, void (*work)(void *context), void *context, unsigned repeats,
                       double *seconds, struct icl_error *err);

    struct icl_device_layers layers; /* networks */
    struct icl_device_pairs pairs;   /* estimators */
};

/* ---- the plug-in --------------------------------------------------------------------------------------------------
 */

/* What a plug-in exports as the symbol icl_device_plugin. `version` is ICL_VERSION of the build, `size` the size of
 * struct icl_device_kernels: both must be the program's. */
struct icl_device_plugin {
    const char *version;
    size_t size;
    icl_status (*open)(struct icl_device **device, struct icl_error *err);
};

#ifdef __cplusplus
}
#endif

#endif
