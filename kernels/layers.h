/* The layers of a network as plain functions on arrays: what kernels/ offers the trainer beside the convolutions that a
 * library plans ahead (kernels/conv.h). Arrays are (samples, positions, channels) or (images, height, width, channels)
 * with the channel fastest, so that memory order is the element order of the masks.
 *
 * Each function exists in float (what networks are trained in) and in double (for gradients by finite differences): the
 * same plain source compiled twice, icl_layers_reference_f32 and _f64. The kernel table holds the float table with the
 * faster versions put over it. Sums over samples go in row order, so that every version returns the same bits unless
 * its line says otherwise. Nothing here allocates, fails or looks at threads: callers cut work at samples. */
#ifndef ICLAB_KERNELS_LAYERS_H
#define ICLAB_KERNELS_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Who shares a gate. Activations are (N, H*W, C) with the channel fastest; a dense layer has H*W = 1. */
enum icl_gate {
    ICL_GATE_INDEPENDENT, /* one gate an element */
    ICL_GATE_SHARED,      /* one gate for all positions of a channel of a sample (spatial dropout) */
    ICL_GATE_GAUSSIAN,    /* x (1 + e), e ~ N(0, (1-q)/q) for each element */
    ICL_GATE_COUNT
};

/* The shape of an activation: samples x positions x channels, channel fastest. */
struct icl_shape {
    size_t samples, positions, channels;
};

/* A dropout mask as a function of counters; `keep` = probability that a gate is open, in (0,1].
 * A gate is open when its word is below icl_keep_threshold(keep), so the exact keep is that threshold / 2^32.
 * The gate of element e (NHWC) uses draw e; a shared gate uses draw sample * channels + channel. */
struct icl_mask {
    struct icl_stream stream;
    enum icl_gate gate;
    double keep;
    bool rescale; /* inverted dropout: open gates multiply by 1/keep (ignored by Gaussian noise, whose mean is 1) */
};

/* ---- the stage: everything between two weight layers ---------------------------------------------------------- */

/* Where batch norm stands beside the nonlinearity. */
enum icl_norm_place {
    ICL_NORM_ABSENT,
    ICL_NORM_BEFORE, /* conv -> BN -> ReLU -> ... */
    ICL_NORM_AFTER   /* conv -> ReLU -> BN -> ...: the IC layer with a dropout behind */
};

/* GeneralReLU: z = min((v > 0 ? v : leak v) - sub, most). Plain ReLU: leak 0, sub 0, most INFINITY. Its derivative is
 * 1 or leak, and 0 where the minimum is taken; at v = 0 it is leak. `on` false: the identity. */
struct icl_nonlinearity {
    bool on;
    float leak, sub, most;
};

/* A second output of a stage, from where a shortcut sets out. */
enum icl_tap {
    ICL_TAP_NONE,
    ICL_TAP_RELU, /* right behind the nonlinearity */
    ICL_TAP_NORM  /* right before the dropout ("between") */
};

/* One stage on a batch of `shape`: what is normalised, n = x (BEFORE) or act(x) (AFTER);
 *   BEFORE  y = drop(act(scale n + shift + add))
 *   AFTER   y = drop(scale act(x) + shift)
 *   NONE    y = drop(act(x + add))
 * with `add` a residual of x's shape, left out where NULL (always with AFTER). `mask` NULL: no dropout. */
struct icl_stage {
    enum icl_norm_place norm;
    struct icl_nonlinearity act;
    enum icl_tap tap;
    struct icl_shape shape;
    const struct icl_mask *mask;
};

/* The bytes in which the gates of one sample are kept, one bit an element (1: open), element 0 in the lowest bit. */
static inline size_t icl_gate_bytes(const struct icl_shape *shape)
{
    return (shape->positions * shape->channels + 63) / 64 * 8;
}

/* The shape of a pooling window: (images, height, width, channels) to (images, out_height, out_width, channels). */
struct icl_pool_shape {
    size_t height, width, channels, window, stride, padding;
    size_t out_height, out_width;
};

/* The shape of a convolution with square windows, biased or not: x (images, height, width, in), weights (out, window,
 * window, in), y (images, out_height, out_width, out) with out_height = (height + 2 padding - window) / stride + 1. A
 * linear layer is the convolution of a 1x1 image. */
struct icl_conv_shape {
    size_t height, width, in, out, window, stride, padding;
    size_t out_height, out_width;
    bool bias;
};

#define ICL_REAL        float
#define ICL_TYPED(name) name##_f32
#include "kernels/layers_template.h"
#undef ICL_REAL
#undef ICL_TYPED
#define ICL_REAL        double
#define ICL_TYPED(name) name##_f64
#include "kernels/layers_template.h"
#undef ICL_REAL
#undef ICL_TYPED

/* The plain versions. */
extern const struct icl_layers_f32 icl_layers_reference_f32;
extern const struct icl_layers_f64 icl_layers_reference_f64;

#ifdef __cplusplus
}
#endif

#endif
