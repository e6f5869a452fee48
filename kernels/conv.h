/* Convolutions that are planned ahead: oneDNN where it can be loaded, the plain loops of layers.h otherwise. One plan a
 * layer; the weights are packed once a step into the layout the library likes. Channels-last throughout: on AVX-512
 * oneDNN's kernels for it are as fast as those for its blocked layouts, or faster, for all shapes of the networks here,
 * and with 8 channels, where blocks of 16 fall back to plain loops, far faster. */
#ifndef ICLAB_KERNELS_CONV_H
#define ICLAB_KERNELS_CONV_H

#include <stddef.h>

#include "core/status.h"
#include "kernels/layers.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A planned convolution; read-only after planning, so that threads may share it, each with its own scratch. */
struct icl_conv;

/* What a plan holds, in bytes; arrays are aligned to 64 bytes. */
struct icl_conv_sizes {
    size_t packed;   /* packed weights for the way forward and back */
    size_t gradient; /* a packed gradient of weights (and of the bias behind it) */
    size_t scratch;  /* scratch of one thread, for the largest of the calls */
};

/* How convolutions are done: a member of the kernel table. Every call runs on the calling thread alone and returns the
 * same bits for the same arguments (one machine, one library). `images` must be one of those planned for. */
struct icl_conv_kernels {
    /* "reference" or "onednn 2.6.3". Loads the library (tens of milliseconds), as the first plan does. */
    const char *(*name)(void);

    /* Plans for batches of images[0 .. count-1]. input_gradient false: conv_backward_data is never called (first
     * layers). Owned: release. */
    icl_status (*plan)(const struct icl_conv_shape *shape, const size_t *images, size_t count, bool input_gradient,
                       struct icl_conv **conv, struct icl_error *err);
    void (*release)(struct icl_conv *conv); /* NULL is allowed */
    struct icl_conv_sizes (*sizes)(const struct icl_conv *conv);

    /* weights (out, window, window, in) to the packed form. */
    icl_status (*pack)(const struct icl_conv *conv, const float *weights, void *packed, void *scratch,
                       struct icl_error *err);
    icl_status (*forward)(const struct icl_conv *conv, size_t images, const float *x, const void *packed,
                          const float *bias, float *y, void *scratch, struct icl_error *err);
    icl_status (*backward_data)(const struct icl_conv *conv, size_t images, const float *dy, const void *packed,
                                float *dx, void *scratch, struct icl_error *err);
    /* Adds to the packed gradient, which begins as zeros; packed gradients may be added as arrays of float. */
    icl_status (*backward_weights)(const struct icl_conv *conv, size_t images, const float *x, const float *dy,
                                   void *gradient, void *scratch, struct icl_error *err);
    /* The packed gradient as (out, window, window, in), and that of the bias (NULL without). */
    icl_status (*unpack)(const struct icl_conv *conv, const void *gradient, float *dweights, float *dbias,
                         void *scratch, struct icl_error *err);
};

extern const struct icl_conv_kernels icl_conv_reference;

#ifdef __cplusplus
}
#endif

#endif
