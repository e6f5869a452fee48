/* Steps of training on a device, as device_bench.c checks and measures them. */
#ifndef ICLAB_TRAINER_DEVICE_BENCH_INTERNAL_H
#define ICLAB_TRAINER_DEVICE_BENCH_INTERNAL_H

#include "trainer/device_program.h"
#include "trainer/spec.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

/* A network, its data, and how it is computed. */
struct step_form {
    const char *net;
    enum icl_order order;
    size_t size, channels, batch; /* side of the images */
    enum icl_storage storage;
    enum icl_product_rule rule;
    double rate;
};

enum { STEP_BATCHES = 4, STEP_CLASSES = 10 };

/* A training that is under way on a device. */
struct step_rig {
    struct step_form form;
    struct icl_device *device;
    uint64_t seed;
    struct icl_network network;
    struct icl_device_executor *executor;
    struct icl_device_graph *graph;
    uint8_t *pixels; /* STEP_BATCHES batches */
    uint32_t *labels;
    float *initial; /* parameters */
    float scale, shift;
    size_t steps;                        /* that the schedule has */
    struct icl_device_outcome *outcomes; /* on the host: of rig_run */
    void *memory[16];
    unsigned taken;
    void *there_pixels, *there_labels, *schedule, *place, *now, *current, *settled, *images, *chosen, *room;
};

/* Makes network, data (random images with labels that depend on them) and memory; records a step. `steps` at most
 * before rig_rewind. Owned: rig_free, which takes a zeroed one, too. */
icl_status rig_create(struct step_rig *rig, struct icl_device *device, const struct step_form *form, uint64_t seed,
                      size_t steps, struct icl_error *err);
void rig_free(struct step_rig *rig);
/* Back to the first step of the schedule; the weights stay. */
void rig_rewind(struct step_rig *rig);
/* Puts a step into the queue. */
void rig_step(struct step_rig *rig);
/* Makes `steps` steps and fetches rig->outcomes. */
icl_status rig_run(struct step_rig *rig, struct icl_error *err);
/* loss[0 .. steps-1]: mean losses of the same steps on the processor. */
icl_status rig_processor_losses(const struct step_rig *rig, double *loss, struct icl_error *err);

#pragma GCC visibility pop

#endif
