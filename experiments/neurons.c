/* The neurons that the panels share: activations, the draw of the units, normalisation statistics. */
#include <stdlib.h>
#include <string.h>

#include "experiments/panel.h"

/* A unit takes part if it is above 0 in at least one image of twenty. */
static const double LEAST_ACTIVITY = .05;
static const double BN_EPSILON = 1e-5;

static size_t sample_size(const struct icl_neurons *n)
{
    return n->relu.height * n->relu.width * n->relu.channels;
}

static icl_status draw_units(struct icl_neurons *n, size_t least, struct icl_error *err)
{
    const size_t all = sample_size(n), samples = n->relu.samples;
    uint32_t *active = calloc(2 * all, sizeof *active);
    if (active == NULL) return icl_fail_memory(err, "the draw of units");
    uint32_t *order = active + all;
    for (size_t s = 0; s < samples; s++)
        for (size_t u = 0; u < all; u++)
            active[u] += n->relu.data[s * all + u] > 0;
    const struct icl_stream stream = {n->seed, ICL_PURPOSE_CHOICE, 0, n->stage};
    icl_random_permutation(&stream, all, order);
    for (size_t r = 0; r < all; r++) {
        const double share = (double)active[order[r]] / (double)samples;
        if (share < LEAST_ACTIVITY) continue;
        n->eligible++;
        if (n->units == ICL_PANEL_UNITS) continue;
        n->unit[n->units] = order[r];
        n->activity[n->units++] = share;
    }
    free(active);
    if (n->units < least)
        return icl_fail(err, ICL_ERR_INPUT, "only %zu units are active in 5 %% of the images: %zu are needed", n->units,
                        least);
    return ICL_OK;
}

/* scale and shift for every unit of a sample; a unit without variance passes unchanged but for its mean. */
static icl_status normalise(struct icl_neurons *n, enum icl_normalisation norm, struct icl_error *err)
{
    const size_t all = sample_size(n);
    const size_t channels = norm == ICL_NORM_UNIT ? all : n->relu.channels;
    const size_t rows = n->relu.samples * (all / channels);
    n->scale[norm] = malloc(all * sizeof(float));
    n->shift[norm] = malloc(all * sizeof(float));
    double *mean = malloc(2 * channels * sizeof *mean);
    icl_status status = n->scale[norm] && n->shift[norm] && mean ? ICL_OK : icl_fail_memory(err, "batch norm");
    if (status == ICL_OK && norm == ICL_NORM_NONE) {
        for (size_t u = 0; u < all; u++) {
            n->scale[norm][u] = 1;
            n->shift[norm][u] = 0;
        }
    } else if (status == ICL_OK) {
        icl_kernels()->bn_statistics(n->relu.data, rows, channels, mean, mean + channels);
        icl_bn_coefficients(mean, mean + channels, NULL, NULL, BN_EPSILON, channels, n->scale[norm], n->shift[norm]);
        for (size_t u = channels; u < all; u++) { /* the coefficients of a channel serve all its positions */
            n->scale[norm][u] = n->scale[norm][u % channels];
            n->shift[norm][u] = n->shift[norm][u % channels];
        }
    }
    free(mean);
    return status;
}

static icl_status create(struct icl_neurons *neurons, struct icl_activation *relu, uint32_t stage, size_t least,
                         uint64_t seed, size_t blocks, struct icl_error *err)
{
    *neurons = (struct icl_neurons){.relu = *relu, .seed = seed, .blocks = blocks, .stage = stage};
    *relu = (struct icl_activation){0};
    neurons->images = blocks > 0 ? neurons->relu.samples / blocks : 0;
    icl_status status = ICL_OK;
    if (blocks < 2 || neurons->images < 100)
        status = icl_fail(err, ICL_ERR_INPUT, "%zu images in %zu blocks: at least 2 blocks of 100 are needed",
                          neurons->relu.samples, blocks);
    if (status == ICL_OK) status = draw_units(neurons, least, err);
    return status;
}

icl_status icl_neurons_create(struct icl_neurons *neurons, struct icl_activation *relu, uint64_t seed, size_t blocks,
                              struct icl_error *err)
{
    icl_status status = create(neurons, relu, 0, ICL_PANEL_UNITS, seed, blocks, err);
    for (int norm = 0; status == ICL_OK && norm < ICL_NORM_TRAINED; norm++)
        status = normalise(neurons, (enum icl_normalisation)norm, err);
    if (status != ICL_OK) icl_neurons_free(neurons);
    return status;
}

icl_status icl_neurons_create_trained(struct icl_neurons *neurons, struct icl_activation *relu, const float *scale,
                                      const float *shift, uint32_t stage, uint64_t seed, size_t blocks,
                                      struct icl_error *err)
{
    icl_status status = create(neurons, relu, stage, 2, seed, blocks, err);
    const size_t all = sample_size(neurons), channels = neurons->relu.channels;
    float *const to_scale = neurons->scale[ICL_NORM_TRAINED] = malloc((all + 1) * sizeof(float));
    float *const to_shift = neurons->shift[ICL_NORM_TRAINED] = malloc((all + 1) * sizeof(float));
    if (status == ICL_OK && (to_scale == NULL || to_shift == NULL)) status = icl_fail_memory(err, "batch norm");
    for (size_t u = 0; status == ICL_OK && u < all; u++) {
        to_scale[u] = scale[u % channels];
        to_shift[u] = shift[u % channels];
    }
    if (status != ICL_OK) icl_neurons_free(neurons);
    return status;
}

void icl_neurons_free(struct icl_neurons *neurons)
{
    icl_activation_free(&neurons->relu);
    for (int norm = 0; norm < ICL_NORM_COUNT; norm++) {
        free(neurons->scale[norm]);
        free(neurons->shift[norm]);
    }
    *neurons = (struct icl_neurons){0};
}
