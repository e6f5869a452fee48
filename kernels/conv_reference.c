/* Convolutions by the plain loops: the packed forms are the plain ones. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/conv_internal.h"

/* The size of an output along one side; 0: the window does not fit. */
static size_t output_size(size_t size, const struct icl_conv_shape *shape)
{
    const size_t padded = size + 2 * shape->padding;
    return padded < shape->window ? 0 : (padded - shape->window) / shape->stride + 1;
}

icl_status icl_conv_check_shape(const struct icl_conv_shape *shape, struct icl_error *err)
{
    enum { MOST = 1 << 24 }; /* so that no sum here overflows */
    const size_t sides[] = {shape->height, shape->width, shape->in, shape->out, shape->window, shape->stride};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        if (sides[i] == 0 || sides[i] > MOST)
            return icl_fail(err, ICL_ERR_USAGE,
                            "convolution of %zux%zux%zu to %zu channels, window %zu, stride %zu: sizes are 1 to %d",
                            shape->height, shape->width, shape->in, shape->out, shape->window, shape->stride, MOST);
    if (shape->padding >= shape->window)
        return icl_fail(err, ICL_ERR_USAGE, "convolution: padding %zu is not below the window, %zu", shape->padding,
                        shape->window);
    if (output_size(shape->height, shape) == 0 || output_size(shape->width, shape) == 0)
        return icl_fail(err, ICL_ERR_USAGE, "convolution: the window, %zu, is larger than the padded image, %zux%zu",
                        shape->window, shape->height + 2 * shape->padding, shape->width + 2 * shape->padding);
    if (shape->out_height != output_size(shape->height, shape) || shape->out_width != output_size(shape->width, shape))
        return icl_fail(err, ICL_ERR_USAGE, "convolution: the output is %zux%zu, not %zux%zu",
                        output_size(shape->height, shape), output_size(shape->width, shape), shape->out_height,
                        shape->out_width);
    return ICL_OK;
}

icl_status icl_conv_begin(const struct icl_conv_shape *shape, const size_t *images, size_t count, bool input_gradient,
                          const struct icl_conv_kernels *kernels, struct icl_conv *conv, struct icl_error *err)
{
    ICL_TRY(icl_conv_check_shape(shape, err));
    if (count == 0) return icl_fail(err, ICL_ERR_USAGE, "convolution: no count of images to plan for");
    for (size_t i = 0; i < count; i++)
        if (images[i] == 0) return icl_fail(err, ICL_ERR_USAGE, "convolution: a batch of 0 images");
    size_t *own = malloc(count * sizeof *own);
    if (own == NULL) return icl_fail_memory(err, "a convolution");
    memcpy(own, images, count * sizeof *own);
    *conv = (struct icl_conv){kernels, *shape, input_gradient, count, own};
    return ICL_OK;
}

icl_status icl_conv_planned(const struct icl_conv *conv, size_t images, size_t *place, struct icl_error *err)
{
    for (size_t i = 0; i < conv->count; i++)
        if (conv->images[i] == images) {
            *place = i;
            return ICL_OK;
        }
    return icl_fail(err, ICL_ERR_USAGE, "convolution: not planned for %zu images", images);
}

icl_status icl_conv_no_input_gradient(struct icl_error *err)
{
    return icl_fail(err, ICL_ERR_USAGE, "convolution: planned without the gradient of its input");
}

const char *icl_conv_reference_name(void)
{
    return "reference";
}

icl_status icl_conv_reference_plan(const struct icl_conv_shape *shape, const size_t *images, size_t count,
                                   bool input_gradient, struct icl_conv **conv, struct icl_error *err)
{
    struct icl_conv begun;
    ICL_TRY(icl_conv_begin(shape, images, count, input_gradient, &icl_conv_reference, &begun, err));
    *conv = malloc(sizeof **conv);
    if (*conv == NULL) {
        free((size_t *)begun.images);
        return icl_fail_memory(err, "a convolution");
    }
    **conv = begun;
    return ICL_OK;
}

void icl_conv_reference_release(struct icl_conv *conv)
{
    if (conv == NULL) return;
    free((size_t *)conv->images);
    free(conv);
}

static size_t weight_count(const struct icl_conv *conv)
{
    return conv->shape.out * conv->shape.window * conv->shape.window * conv->shape.in;
}

struct icl_conv_sizes icl_conv_reference_sizes(const struct icl_conv *conv)
{
    const size_t bytes = weight_count(conv) * sizeof(float);
    return (struct icl_conv_sizes){bytes, bytes + (conv->shape.bias ? conv->shape.out * sizeof(float) : 0), 0};
}

icl_status icl_conv_reference_pack(const struct icl_conv *conv, const float *weights, void *packed, void *scratch,
                                   struct icl_error *err)
{
    (void)scratch, (void)err;
    memcpy(packed, weights, weight_count(conv) * sizeof *weights);
    return ICL_OK;
}

icl_status icl_conv_reference_forward(const struct icl_conv *conv, size_t images, const float *x, const void *packed,
                                      const float *bias, float *y, void *scratch, struct icl_error *err)
{
    (void)scratch;
    size_t place;
    ICL_TRY(icl_conv_planned(conv, images, &place, err));
    icl_layers_reference_f32.conv_forward(&conv->shape, images, x, packed, conv->shape.bias ? bias : NULL, y);
    return ICL_OK;
}

icl_status icl_conv_reference_backward_data(const struct icl_conv *conv, size_t images, const float *dy,
                                            const void *packed, float *dx, void *scratch, struct icl_error *err)
{
    (void)scratch;
    size_t place;
    ICL_TRY(icl_conv_planned(conv, images, &place, err));
    if (!conv->input_gradient) return icl_conv_no_input_gradient(err);
    icl_layers_reference_f32.conv_backward_data(&conv->shape, images, dy, packed, dx);
    return ICL_OK;
}

icl_status icl_conv_reference_backward_weights(const struct icl_conv *conv, size_t images, const float *x,
                                               const float *dy, void *gradient, void *scratch, struct icl_error *err)
{
    (void)scratch;
    size_t place;
    ICL_TRY(icl_conv_planned(conv, images, &place, err));
    float *dweights = gradient, *dbias = conv->shape.bias ? dweights + weight_count(conv) : NULL;
    icl_layers_reference_f32.conv_backward_weights(&conv->shape, images, x, dy, dweights, dbias);
    return ICL_OK;
}

icl_status icl_conv_reference_unpack(const struct icl_conv *conv, const void *gradient, float *dweights, float *dbias,
                                     void *scratch, struct icl_error *err)
{
    (void)scratch, (void)err;
    const float *from = gradient;
    memcpy(dweights, from, weight_count(conv) * sizeof *dweights);
    if (conv->shape.bias) memcpy(dbias, from + weight_count(conv), conv->shape.out * sizeof *dbias);
    return ICL_OK;
}

const struct icl_conv_kernels icl_conv_reference = ICL_CONV_REFERENCE_KERNELS;
