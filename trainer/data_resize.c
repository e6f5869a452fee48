/* Resizing by a triangle: bilinear upwards, averaging downwards. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/data_internal.h"

icl_status icl_scratch_reserve(struct icl_scratch *scratch, size_t size, struct icl_error *err)
{
    if (scratch->size >= size) return ICL_OK;
    free(scratch->memory);
    *scratch = (struct icl_scratch){.memory = malloc(size)};
    if (scratch->memory == NULL) return icl_fail_memory(err, "an image");
    scratch->size = size;
    return ICL_OK;
}

/* The weights of one direction: result i is the sum of weight[i * taps + k] * source[first[i] + k], k < taps. */
struct filter {
    size_t taps;
    size_t *first;
    float *weight;
};

/* The most sources that a result takes. */
static size_t taps_of(double length, size_t results)
{
    const double step = length / (double)results;
    return (size_t)ceil(2 * fmax(step, 1)) + 2;
}

/* Sources low .. high-1 lie within the box. A source has its middle at its number + 1/2. */
static void fill_filter(struct filter *filter, double start, double length, size_t low, size_t high, size_t results)
{
    const double step = length / (double)results, reach = fmax(step, 1);
    for (size_t i = 0; i < results; i++) {
        const double centre = start + ((double)i + .5) * step;
        float *weight = filter->weight + i * filter->taps;
        const double begin = fmax(floor(centre - reach), (double)low);
        size_t first = (size_t)begin;
        if (first + filter->taps > high) first = high > low + filter->taps ? high - filter->taps : low;
        double sum = 0;
        for (size_t k = 0; k < filter->taps; k++) {
            const double apart = fabs(((double)(first + k) + .5 - centre) / reach);
            const double value = first + k < high && apart < 1 ? 1 - apart : 0;
            weight[k] = (float)value;
            sum += value;
        }
        for (size_t k = 0; k < filter->taps; k++)
            weight[k] = (float)((double)weight[k] / sum);
        filter->first[i] = first;
    }
}

/* line (results x channels) = one row of sources, filtered. */
static void filter_row(const struct filter *filter, const uint8_t *row, size_t end, size_t results, size_t channels,
                       float *line)
{
    for (size_t i = 0; i < results; i++) {
        float sum[3] = {0};
        const float *weight = filter->weight + i * filter->taps;
        const size_t first = filter->first[i], last = first + filter->taps < end ? first + filter->taps : end;
        for (size_t s = first; s < last; s++)
            for (size_t c = 0; c < channels; c++)
                sum[c] += weight[s - first] * (float)row[s * channels + c];
        for (size_t c = 0; c < channels; c++)
            line[i * channels + c] = sum[c];
    }
}

struct span {
    size_t low, high;
};

/* The whole sources that a box touches. */
static struct span touched(double start, double length, size_t size)
{
    const double low = fmax(floor(start), 0), high = fmin(ceil(start + length), (double)size);
    return (struct span){(size_t)low, (size_t)fmax(high, low + 1)};
}

icl_status icl_resize(const struct icl_picture *picture, const struct icl_box *box, size_t height, size_t width,
                      struct icl_scratch *scratch, float *out, struct icl_error *err)
{
    const size_t channels = picture->channels, size = width * channels;
    const struct span rows = touched(box->y, box->height, picture->height),
                      columns = touched(box->x, box->width, picture->width);
    struct filter across = {.taps = taps_of(box->width, width)}, down = {.taps = taps_of(box->height, height)};
    const size_t count = rows.high - rows.low;
    const size_t places = (height + width) * sizeof(size_t);
    const size_t floats = height * down.taps + width * across.taps + count * size;
    ICL_TRY(icl_scratch_reserve(scratch, places + floats * sizeof(float), err));
    across.first = scratch->memory;
    down.first = across.first + width;
    across.weight = (float *)(down.first + height);
    down.weight = across.weight + width * across.taps;
    float *lines = down.weight + height * down.taps;
    fill_filter(&across, box->x, box->width, columns.low, columns.high, width);
    fill_filter(&down, box->y, box->height, rows.low, rows.high, height);
    for (size_t r = 0; r < count; r++)
        filter_row(&across, picture->pixels + (rows.low + r) * picture->stride, columns.high, width, channels,
                   lines + r * size);
    for (size_t y = 0; y < height; y++) {
        float *result = out + y * size;
        memset(result, 0, size * sizeof *result);
        for (size_t k = 0; k < down.taps && down.first[y] + k < rows.high; k++) {
            const float weight = down.weight[y * down.taps + k];
            const float *line = lines + (down.first[y] + k - rows.low) * size;
            for (size_t x = 0; x < size; x++)
                result[x] += weight * line[x];
        }
    }
    return ICL_OK;
}
