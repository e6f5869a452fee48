/* What the kinds of convolution share: not part of the interface, for kernels/ and its tests. */
#ifndef ICLAB_KERNELS_CONV_INTERNAL_H
#define ICLAB_KERNELS_CONV_INTERNAL_H

#include "kernels/conv.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Begins every plan: who made it, so that a plan that fell back is carried out by the kind that it fell back to. */
struct icl_conv {
    const struct icl_conv_kernels *kernels;
    struct icl_conv_shape shape;
    bool input_gradient;
    size_t count;         /* of images */
    const size_t *images; /* owned */
};

/* Sizes from 1 to 2^24, a window that fits, the output's size as it follows; else ICL_ERR_USAGE. */
icl_status icl_conv_check_shape(const struct icl_conv_shape *shape, struct icl_error *err);

/* Checks the shape and the image counts, and copies them into `conv` (images: owned by the caller from then on). */
icl_status icl_conv_begin(const struct icl_conv_shape *shape, const size_t *images, size_t count, bool input_gradient,
                          const struct icl_conv_kernels *kernels, struct icl_conv *conv, struct icl_error *err);

/* The place of `images` among those planned for; an error if it is not there. */
icl_status icl_conv_planned(const struct icl_conv *conv, size_t images, size_t *place, struct icl_error *err);

/* The error of a way back to an input whose gradient was not planned. */
icl_status icl_conv_no_input_gradient(struct icl_error *err);

/* The plain kind; a macro, so that other tables of constants can hold it. */
const char *icl_conv_reference_name(void);
icl_status icl_conv_reference_plan(const struct icl_conv_shape *shape, const size_t *images, size_t count,
                                   bool input_gradient, struct icl_conv **conv, struct icl_error *err);
void icl_conv_reference_release(struct icl_conv *conv);
struct icl_conv_sizes icl_conv_reference_sizes(const struct icl_conv *conv);
icl_status icl_conv_reference_pack(const struct icl_conv *conv, const float *weights, void *packed, void *scratch,
                                   struct icl_error *err);
icl_status icl_conv_reference_forward(const struct icl_conv *conv, size_t images, const float *x, const void *packed,
                                      const float *bias, float *y, void *scratch, struct icl_error *err);
icl_status icl_conv_reference_backward_data(const struct icl_conv *conv, size_t images, const float *dy,
                                            const void *packed, float *dx, void *scratch, struct icl_error *err);
icl_status icl_conv_reference_backward_weights(const struct icl_conv *conv, size_t images, const float *x,
                                               const float *dy, void *gradient, void *scratch, struct icl_error *err);
icl_status icl_conv_reference_unpack(const struct icl_conv *conv, const void *gradient, float *dweights, float *dbias,
                                     void *scratch, struct icl_error *err);

#define ICL_CONV_REFERENCE_KERNELS                                                                                     \
    {                                                                                                                  \
        .name = icl_conv_reference_name, .plan = icl_conv_reference_plan, .release = icl_conv_reference_release,       \
        .sizes = icl_conv_reference_sizes, .pack = icl_conv_reference_pack, .forward = icl_conv_reference_forward,     \
        .backward_data = icl_conv_reference_backward_data, .backward_weights = icl_conv_reference_backward_weights,    \
        .unpack = icl_conv_reference_unpack,                                                                           \
    }

#ifdef __cplusplus
}
#endif

#endif
