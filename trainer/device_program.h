/* Computes a network on a device (kernels/device.h), forward and backward: what trainer/executor.h does on the
 * processor, by the same plan. One operation is one piece of work for a whole batch.
 *
 * Everything that computes only puts work into the device's queue, always the same for the same call, so that it can be
 * recorded and done again: what changes from step to step is read from device memory. Same device, same call: same
 * bits. */
#ifndef ICLAB_TRAINER_DEVICE_PROGRAM_H
#define ICLAB_TRAINER_DEVICE_PROGRAM_H

#include "kernels/device.h"
#include "trainer/executor.h"

#ifdef __cplusplus
extern "C" {
#endif

struct icl_device_executor;

struct icl_device_executor_options {
    size_t batch;                       /* the largest n of a call */
    const size_t *rest;                 /* the other n that calls will have, each from 1 to batch, in any order; */
    size_t rests;                       /* convolutions are planned for an exact number of images. Not kept */
    uint64_t seed;                      /* key of the masks */
    double norm_epsilon, norm_momentum; /* as in struct icl_executor_options */
    enum icl_storage storage;           /* of activations, their gradients and the weights that are multiplied */
    enum icl_product_rule rule;         /* of products of float32 */
    bool inference;                     /* no gradients: only forward, in any mode */
    bool keep;                          /* every node's output stays after a way back, too */
};

/* Plans and takes the memory, in one piece. Network and device are borrowed and must outlive the executor. Parameters
 * are zeros, running means 0 and variances 1. Not to be called while the device records. Owned:
 * icl_device_executor_free (NULL is allowed). */
icl_status icl_device_executor_create(const struct icl_network *network,
                                      const struct icl_device_executor_options *options, struct icl_device *device,
                                      struct icl_device_executor **executor, struct icl_error *err);
void icl_device_executor_free(struct icl_device_executor *executor);
/* The device memory that icl_device_executor_create takes, by what it is for, without taking it. What libraries keep
 * for themselves is not in it. */
icl_status icl_device_executor_measure(const struct icl_network *network,
                                       const struct icl_device_executor_options *options, struct icl_device *device,
                                       struct icl_executor_memory *memory, struct icl_error *err);

/* ---- calls ------------------------------------------------------------------------------------------------------- */

/* A batch. All pointers are device memory. */
struct icl_device_batch {
    size_t n;                           /* options.batch or one of options.rest */
    const void *images;                 /* (n, height, width, channels) in options.storage */
    const uint32_t *labels;             /* each below the network's outputs, which nobody checks; NULL: no loss */
    const struct icl_device_step *now;  /* now->step is the step of the masks; nothing else of it is read */
    double smoothing;                   /* of labels */
    struct icl_device_outcome *outcome; /* loss (sum over the samples) and correct are written, nothing else; NULL if
                                         * the labels are */
};

/* Forward, as icl_executor_forward. ICL_ERR_USAGE: an n that was not announced; failures of the work itself are told by
 * the device's finish(). */
icl_status icl_device_executor_forward(struct icl_device_executor *executor, enum icl_mode mode,
                                       const struct icl_device_batch *batch, struct icl_error *err);
/* Forward in mode TRAIN, then backward: the gradient of the mean loss is in icl_device_executor_gradient().
 * ICL_ERR_USAGE also without labels and for inference. */
icl_status icl_device_executor_gradient_step(struct icl_device_executor *executor, const struct icl_device_batch *batch,
                                             struct icl_error *err);

/* ---- parameters and statistics ----------------------------------------------------------------------------------- */

/* Arrays over the parameters in device memory, `count` float32 each: parameters, their gradient, and what an optimiser
 * keeps of them. They have an order of their own, every weight on a boundary that products like, and gaps, which are
 * zeros in parameters and gradient and stay so under an optimiser that begins with zeros. put and get go between it and
 * the network's order (parameter_count numbers on the host); get is there after finish(). Parameters count from the
 * next call on. */
size_t icl_device_executor_count(const struct icl_device_executor *executor);
float *icl_device_executor_parameters(struct icl_device_executor *executor);
float *icl_device_executor_gradient(struct icl_device_executor *executor); /* NULL for inference */
/* `array`: `count` floats of device memory, of which the gaps stay as they are. */
void icl_device_executor_put(struct icl_device_executor *executor, const float *host, float *array);
void icl_device_executor_get(struct icl_device_executor *executor, const float *array, float *host);

/* Running statistics: means, then variances, 2 x norm_channels doubles on the host, in the network's order. */
void icl_device_executor_put_running(struct icl_device_executor *executor, const double *host);
void icl_device_executor_get_running(struct icl_device_executor *executor, double *host); /* there after finish() */
/* Mean and biased variance of the last batch in modes TRAIN, BATCH and DROP, laid out alike; there after finish(). */
void icl_device_executor_get_batch_statistics(struct icl_device_executor *executor, double *host);

/* Snapshots: all that training changes beside the parameters lies in one piece of device memory. */
struct icl_device_piece {
    void *memory;
    size_t bytes;
};
struct icl_device_piece icl_device_executor_running(struct icl_device_executor *executor);

/* ---- what can be looked at: of the call that was put into the queue, or recorded, last ----------------------------
 */

/* The output of a node, (n, height, width, channels) in options.storage, until the next call; of the input, the images.
 * NULL if its memory has served something else since (options.keep prevents that), or before the first call. */
const void *icl_device_executor_output(const struct icl_device_executor *executor, icl_node_id node);

/* The stage as it was computed: x, add, scale, shift, y, tap_output, dropout and mask, for device->call->layers.
 * summarise and stage_probe; its `y` NULL if that has gone. ICL_ERR_USAGE if the node is no stage or what it read has
 * gone. */
icl_status icl_device_executor_stage(const struct icl_device_executor *executor, icl_node_id node,
                                     struct icl_device_stage *stage, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
