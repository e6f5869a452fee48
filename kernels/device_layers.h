/* The layers of networks on a device: what kernels/layers.h and kernels/conv.h do, on whole batches in device memory.
 * Arrays are channels-last as there. Sums are added in an order that depends on the shapes alone, so that the same
 * device gives the same bits each time; what is no sum has the bits of the reference (float32).
 *
 * What changes from step to step is read from device memory (struct icl_device_step), so that a recorded step can be
 * done again. */
#ifndef ICLAB_KERNELS_DEVICE_LAYERS_H
#define ICLAB_KERNELS_DEVICE_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "kernels/layers.h"

#ifdef __cplusplus
extern "C" {
#endif

struct icl_device;

/* How activations and their gradients are kept. Weights, statistics and sums are float32 or wider. */
enum icl_storage { ICL_STORAGE_F32, ICL_STORAGE_BF16 };

static inline size_t icl_storage_bytes(enum icl_storage storage)
{
    return storage == ICL_STORAGE_F32 ? 4 : 2;
}

/* What products of float32 are made of. BF16 storage multiplies bf16 and adds in float32. */
enum icl_product_rule {
    ICL_PRODUCT_F32, /* float32 throughout */
    ICL_PRODUCT_TF32 /* factors rounded to 10 bits of mantissa, added in float32 */
};

/* What a step is told. */
struct icl_device_step {
    uint32_t step;                                   /* of the masks */
    uint32_t epoch;                                  /* of augmentation, from 0 */
    uint32_t first;                                  /* place in `order` of the batch's first sample */
    uint32_t slot;                                   /* where its outcome goes */
    double rate, momentum, correction1, correction2; /* as in struct icl_update_f32 */
};

/* What a step tells. */
struct icl_device_outcome {
    double loss; /* sum over the samples, nats */
    uint64_t correct;
    double gradient_norm, weight_norm;
    uint32_t diverged; /* loss, gradient norm or weight norm is nan or inf, in this step or one before it */
    uint32_t unused;
};

/* ---- the stage (kernels/layers.h: struct icl_stage) ---------------------------------------------------------------
 */

/* All pointers are device memory; x, add, y, tap_output, dy, dtap, dx, dadd in `storage`. */
struct icl_device_stage {
    enum icl_norm_place norm;
    struct icl_nonlinearity act;
    enum icl_tap tap;
    struct icl_shape shape; /* samples: of this batch */
    enum icl_storage storage;
    bool dropout;
    struct icl_mask mask;              /* its stream's step is that of `now` */
    const struct icl_device_step *now; /* needed with dropout */

    const void *x, *add;        /* add: NULL where there is no residual */
    const float *scale, *shift; /* per channel */
    uint8_t *gates;             /* icl_device_gate_bytes; bit e % 8 of byte e / 8 is the gate of element e. Written
                                 * forward, read backward; NULL: drawn anew (always for Gaussian noise) */
    void *y, *tap_output;       /* tap_output: NULL unless the stage has a tap */
    const void *dy, *dtap;      /* dtap: NULL: none */
    const float *slope;         /* 3 x channels */
    void *dx, *dadd;            /* NULL: not wanted */
    bool add_dx, add_dadd;
};

static inline size_t icl_device_gate_bytes(const struct icl_shape *shape, size_t samples)
{
    return (samples * shape->positions * shape->channels + 63) / 64 * 8;
}

/* The batch norm of a stage. All arrays are device memory, `channels` long but for slope. */
struct icl_device_norm {
    double epsilon, momentum;
    bool moves;                /* the running statistics move */
    uint8_t unused[7];         /* no gap: what stands in one would look like an address */
    const float *gamma, *beta; /* parameters */
    float *dgamma, *dbeta;     /* their gradients: backward */
    double *running_mean, *running_variance;
    double *mean, *variance; /* of the batch: written forward, read backward */
    float *scale, *shift;    /* written forward, read backward */
    float *slope;            /* 3 x channels: written backward */
    double *partial;         /* icl_device_layers.norm_room bytes, may be shared by all norms */
};

/* ---- convolutions (kernels/conv.h) --------------------------------------------------------------------------------
 */

struct icl_device_conv;

struct icl_device_conv_form {
    struct icl_conv_shape shape;
    size_t images; /* of a batch, exactly */
    enum icl_storage storage;
    enum icl_product_rule rule;
    bool input_gradient, weight_gradient; /* which ways back will be asked for */
};

/* ---- batches ------------------------------------------------------------------------------------------------------
 */

/* A data set of bytes in device memory: value v of channel c becomes v * scale[c] + shift[c]. */
struct icl_device_images {
    const uint8_t *pixels; /* (count, height, width, channels) */
    const uint32_t *labels;
    size_t height, width, channels;
    float scale[3], shift[3];
};

/* As struct icl_augmentation of the trainer, without crops that resize. */
struct icl_device_moves {
    uint64_t seed;
    bool flip;
    uint32_t pad;
};

/* ---- what activations look like -----------------------------------------------------------------------------------
 */

enum { ICL_DEVICE_BINS = 40 };

struct icl_device_ranges {
    double low, high, near_low, near_high;
};

/* As struct icl_summary of the trainer: values that are not finite count in sum and square and nowhere else. */
struct icl_device_summary {
    double sum, square;
    uint64_t near, count;
    double least, most; /* +inf and -inf where there is no number */
    uint64_t histogram[ICL_DEVICE_BINS];
};

/* ---- optimisers ---------------------------------------------------------------------------------------------------
 */

struct icl_device_update {
    bool adam;
    double decay, beta2, epsilon;
    bool decoupled;
    const float *gradient;
    float *first, *second; /* velocity (NULL without momentum), or m and v */
    float *weights;
    size_t count;
};

/* Every function puts its work into the device's queue (kernels/device.h) and fails there. */
struct icl_device_layers {
    /* ---- steps ---- */

    /* *now = schedule[*place]; *place += 1; *current = zeros, but for `diverged`, which stays. */
    void (*advance)(struct icl_device *device, const struct icl_device_step *schedule, uint32_t *place,
                    struct icl_device_step *now, struct icl_device_outcome *current);
    /* outcomes[now->slot] = *current. */
    void (*settle)(struct icl_device *device, const struct icl_device_step *now,
                   const struct icl_device_outcome *current, struct icl_device_outcome *outcomes);

    /* ---- masks ---- */

    /* factor[i] of element first + i as kernels->mask_f32 gives it, bit for bit, with now->step (now NULL: the mask's
     * own). */
    void (*mask)(struct icl_device *device, const struct icl_mask *mask, const struct icl_shape *shape,
                 const struct icl_device_step *now, size_t first, size_t count, float *factor);

    /* ---- stages ---- */

    /* Bytes that `partial` of struct icl_device_norm needs for stages of that shape. Zeros before its first use, and
     * left as zeros where it matters. */
    size_t (*norm_room)(const struct icl_shape *shape);
    /* Batch statistics of n (BEFORE: x, AFTER: act(x)): mean, variance (biased, >= 0 unless nan), running ones if they
     * move (the variance unbiased; unmoved where there is one row), scale and shift. */
    void (*norm_forward)(struct icl_device *device, const struct icl_device_stage *stage,
                         const struct icl_device_norm *norm);
    /* scale and shift of the running statistics. */
    void (*norm_running)(struct icl_device *device, size_t channels, const struct icl_device_norm *norm);
    /* From dy (and dtap): dgamma, dbeta and slope (trainer/execute.c: combine_backward). */
    void (*norm_backward)(struct icl_device *device, const struct icl_device_stage *stage,
                          const struct icl_device_norm *norm);
    void (*stage_forward)(struct icl_device *device, const struct icl_device_stage *stage);
    void (*stage_backward)(struct icl_device *device, const struct icl_device_stage *stage);
    /* out (float32) = what stood behind the nonlinearity (RELU) or right before the dropout (NORM), from x, add, scale
     * and shift. */
    void (*stage_probe)(struct icl_device *device, const struct icl_device_stage *stage, enum icl_tap place,
                        float *out);

    /* ---- convolutions ---- */

    icl_status (*conv_plan)(struct icl_device *device, const struct icl_device_conv_form *form,
                            struct icl_device_conv **conv, struct icl_error *err);
    void (*conv_release)(struct icl_device *device, struct icl_device_conv *conv); /* NULL is allowed */
    size_t (*conv_scratch)(const struct icl_device_conv *conv); /* bytes of device memory, shared by all convolutions */
    /* weights in the storage of the form, bias float32 (NULL: none). */
    void (*conv_forward)(struct icl_device *device, const struct icl_device_conv *conv, const void *x,
                         const void *weights, const float *bias, void *y, void *scratch);
    /* dx written over, or added to. */
    void (*conv_backward_data)(struct icl_device *device, const struct icl_device_conv *conv, const void *dy,
                               const void *weights, void *dx, bool add, void *scratch);
    /* dweights and dbias (NULL without bias) in float32, written over. */
    void (*conv_backward_weights)(struct icl_device *device, const struct icl_device_conv *conv, const void *x,
                                  const void *dy, float *dweights, float *dbias, void *scratch);

    /* ---- pools and sums (kernels/layers_template.h) ---- */

    void (*max_pool_forward)(struct icl_device *device, enum icl_storage storage, const struct icl_pool_shape *shape,
                             size_t images, const void *x, void *y, uint8_t *where);
    /* dx written over, or added to; likewise below. */
    void (*max_pool_backward)(struct icl_device *device, enum icl_storage storage, const struct icl_pool_shape *shape,
                              size_t images, const void *dy, const uint8_t *where, void *dx, bool add);
    void (*average_pool_forward)(struct icl_device *device, enum icl_storage storage,
                                 const struct icl_pool_shape *shape, size_t images, const void *x, void *y);
    void (*average_pool_backward)(struct icl_device *device, enum icl_storage storage,
                                  const struct icl_pool_shape *shape, size_t images, const void *dy, void *dx,
                                  bool add);
    void (*add)(struct icl_device *device, enum icl_storage storage, const void *a, const void *b, size_t count,
                void *y);
    /* out = in, from one storage to another (round to nearest, ties to even). */
    void (*convert)(struct icl_device *device, enum icl_storage from, const void *in, size_t count, enum icl_storage to,
                    void *out);

    /* ---- loss ---- */

    /* As kernels->layers.cross_entropy: current->loss and ->correct become those of the batch. dlogits NULL: not
     * wanted. */
    void (*cross_entropy)(struct icl_device *device, enum icl_storage storage, const void *logits,
                          const uint32_t *labels, size_t samples, size_t classes, double smoothing, double weight,
                          void *dlogits, struct icl_device_outcome *current);

    /* ---- optimisers ---- */

    /* Bytes of device memory that norms and updates of `count` numbers need. Zeros before its first use. */
    size_t (*update_room)(size_t count);
    /* current->gradient_norm (Euclidean, in double); current->diverged if it or the loss is nan or inf. */
    void (*gradient_norm)(struct icl_device *device, const float *gradient, size_t count, void *room,
                          struct icl_device_outcome *current);
    /* One step of SGD or Adam by the formulas of kernels/layers_template.h with the numbers of `now`; nothing if
     * current->diverged. Then current->weight_norm, and diverged if that is nan or inf. */
    void (*update)(struct icl_device *device, const struct icl_device_update *update, const struct icl_device_step *now,
                   void *room, struct icl_device_outcome *current);

    /* ---- batches ---- */

    /* out (n, height, width, channels) and labels_out: samples order[now->first ..] (order NULL: the places now->first
     * ..), moved and flipped by the draws of (seed, now->epoch, place) as trainer/data_augment.c does. moves NULL: as
     * they are. */
    void (*batch)(struct icl_device *device, const struct icl_device_images *images,
                  const struct icl_device_moves *moves, const uint32_t *order, const struct icl_device_step *now,
                  size_t n, enum icl_storage storage, void *out, uint32_t *labels_out);

    /* ---- what activations look like ---- */

    /* Bytes of device memory that summarise needs for stages of that shape. Zeros before its first use. */
    size_t (*summary_room)(const struct icl_shape *shape);
    /* three[0 .. 2] = the summaries of what came into the stage (x), stood behind its nonlinearity, and left it (y), in
     * one pass; bins over [low, high] as summarise of kernels/layers_template.h. */
    void (*summarise)(struct icl_device *device, const struct icl_device_stage *stage,
                      const struct icl_device_ranges *ranges, void *room, struct icl_device_summary *three);
};

#ifdef __cplusplus
}
#endif

#endif
