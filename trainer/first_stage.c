#include "trainer/first_stage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/threads.h"
#include "kernels/random.h"

enum {
    KERNEL = ICL_FIRST_STAGE_KERNEL,
    STRIDE = ICL_FIRST_STAGE_STRIDE,
    CHANNELS = ICL_FIRST_STAGE_CHANNELS,
    PADDING = KERNEL / 2,
    TAPS = KERNEL * KERNEL,
    GREYS = 256,
    SHARD = 128 /* samples of an item of work */
};

/* All channels of a position. Loops over a plain array of 8 are unrolled before gcc 12 sees the vector in them. */
typedef float vector __attribute__((vector_size(CHANNELS * sizeof(float))));

/* What all shards share. */
struct stage {
    const struct icl_images *images;
    const struct icl_activation *out;
    vector weights[TAPS]; /* tap ky * KERNEL + kx */
    float pixel[GREYS];   /* the normalised value of a byte */
};

/* pixel[b] = (b/255 - mean) / sd over all pixels. Counts of bytes are exact, so no order of summation enters. */
static icl_status normalise(const struct icl_images *images, float pixel[GREYS], struct icl_error *err)
{
    const size_t total = images->count * images->height * images->width;
    size_t counts[GREYS] = {0};
    for (size_t i = 0; i < total; i++)
        counts[images->pixels[i]]++;
    double mean = 0, var = 0;
    for (size_t b = 0; b < GREYS; b++)
        mean += (double)b * (double)counts[b];
    mean /= (double)total;
    for (size_t b = 0; b < GREYS; b++)
        var += ((double)b - mean) * ((double)b - mean) * (double)counts[b];
    const double sd = sqrt(var / (double)total);
    if (!(sd > 0)) return icl_fail(err, ICL_ERR_INPUT, "images: all pixels are equal, they cannot be normalised");
    for (size_t b = 0; b < GREYS; b++)
        pixel[b] = (float)(((double)b - mean) / sd); /* the factor 1/255 cancels */
    return ICL_OK;
}

/* Element tap * CHANNELS + channel of the stream is the weight of that tap and channel. */
static void draw_weights(uint64_t seed, vector weights[TAPS])
{
    const struct icl_stream stream = {.seed = seed, .purpose = ICL_PURPOSE_WEIGHT};
    double normal[TAPS * CHANNELS];
    icl_random_normal(&stream, 0, TAPS * CHANNELS, normal);
    const double sd = sqrt(2.0 / TAPS);
    for (size_t i = 0; i < TAPS * CHANNELS; i++)
        weights[i / CHANNELS][i % CHANNELS] = (float)(sd * normal[i]);
}

/* One output position, all channels at once. `corner` is the top left pixel under the kernel. */
static void convolve(const vector weights[TAPS], const float *corner, size_t row, float out[CHANNELS])
{
    vector sum = {0};
    for (size_t ky = 0; ky < KERNEL; ky++)
        for (size_t kx = 0; kx < KERNEL; kx++)
            sum += corner[ky * row + kx] * weights[ky * KERNEL + kx];
    for (size_t c = 0; c < CHANNELS; c++)
        out[c] = sum[c] > 0 ? sum[c] : 0;
}

/* Samples item * SHARD and on. */
static icl_status forward_shard(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)worker;
    const struct stage *stage = context;
    const struct icl_images *images = stage->images;
    const struct icl_activation *out = stage->out;
    /* The image with its padding: zeros, which after the normalisation are pixels of the mean. */
    const size_t height = images->height + 2 * PADDING, row = images->width + 2 * PADDING;
    float *padded = calloc(height * row, sizeof *padded);
    if (padded == NULL) return icl_fail_memory(err, "a padded image");
    const size_t first = item * SHARD, past = first + SHARD < images->count ? first + SHARD : images->count;
    for (size_t sample = first; sample < past; sample++) {
        const uint8_t *image = images->pixels + sample * images->height * images->width;
        for (size_t y = 0; y < images->height; y++)
            for (size_t x = 0; x < images->width; x++)
                padded[(y + PADDING) * row + x + PADDING] = stage->pixel[image[y * images->width + x]];
        float *activation = out->data + sample * out->height * out->width * CHANNELS;
        for (size_t y = 0; y < out->height; y++)
            for (size_t x = 0; x < out->width; x++)
                convolve(stage->weights, padded + y * STRIDE * row + x * STRIDE, row,
                         activation + (y * out->width + x) * CHANNELS);
    }
    free(padded);
    return ICL_OK;
}

icl_status icl_first_stage_forward(const struct icl_images *images, uint64_t seed, unsigned threads,
                                   struct icl_activation *out, struct icl_error *err)
{
    if (images->count == 0 || images->height == 0 || images->width == 0)
        return icl_fail(err, ICL_ERR_INPUT, "images: %zu of %zu x %zu: there is nothing to convolve", images->count,
                        images->height, images->width);
    struct icl_activation activation = {
        .samples = images->count,
        .height = (images->height - 1) / STRIDE + 1,
        .width = (images->width - 1) / STRIDE + 1,
        .channels = CHANNELS,
    };
    struct stage stage = {.images = images, .out = &activation};
    ICL_TRY(normalise(images, stage.pixel, err));
    draw_weights(seed, stage.weights);

    size_t values = 0, bytes = 0;
    if (__builtin_mul_overflow(activation.samples * activation.height, activation.width * CHANNELS, &values) ||
        __builtin_mul_overflow(values, sizeof *activation.data, &bytes))
        return icl_fail_memory(err, "the first stage's activations");
    activation.data = malloc(bytes);
    if (activation.data == NULL) return icl_fail_memory(err, "the first stage's activations");
    const icl_status status =
        icl_parallel_for(threads, (images->count + SHARD - 1) / SHARD, forward_shard, &stage, err);
    if (status == ICL_OK)
        *out = activation;
    else
        icl_activation_free(&activation);
    return status;
}

void icl_activation_free(struct icl_activation *activation)
{
    free(activation->data);
    *activation = (struct icl_activation){0};
}
