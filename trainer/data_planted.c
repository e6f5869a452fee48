/* Random images with a planted rule, for tests and for trials without data.
 *
 * Sample i has a normal brightness b of each channel and normal strengths g of four gratings of period 4 (along rows,
 * columns and both diagonals): pixel = 127.5 + 24 b + 20 sum of +-g + noise uniform on +-32, rounded, within 0 .. 255.
 * Features f = (b, (g^2 - 1) / sqrt 2) have mean 0 and variance 1. The label is the class k whose direction a_k, of
 * length 1, has the largest a_k f: linear in b, quadratic in g, so that it takes a network that is not linear. One
 * label in twenty is drawn anew, uniform. */
#include <math.h>
#include <stdlib.h>

#include "kernels/random.h"
#include "trainer/data_internal.h"

enum { GRATINGS = 4, MOST_FEATURES = 3 + GRATINGS, REDRAWN = 20 };
/* Layers of the stream of purpose LAW; step: the split. */
enum { DIRECTION, STRENGTH, NOISE, REDRAW, ANY_LABEL };

/* The rule does not depend on a run's seed: it is the data. */
static const uint64_t rule_seed = UINT64_C(0x69636c61622d3031);

static struct icl_stream stream_of(uint32_t layer, uint32_t step)
{
    return (struct icl_stream){rule_seed, ICL_PURPOSE_LAW, layer, step};
}

/* direction: classes x features, each row of length 1. */
static void draw_directions(size_t classes, size_t features, double *direction)
{
    const struct icl_stream stream = stream_of(DIRECTION, 0);
    icl_random_normal(&stream, 0, classes * features, direction);
    for (size_t k = 0; k < classes; k++) {
        double *a = direction + k * features, square = 0;
        for (size_t j = 0; j < features; j++)
            square += a[j] * a[j];
        for (size_t j = 0; j < features; j++)
            a[j] /= sqrt(square);
    }
}

static size_t label_of(const double *direction, size_t classes, size_t channels, const double *strength)
{
    const size_t features = channels + GRATINGS;
    size_t best = 0;
    double most = -INFINITY;
    for (size_t k = 0; k < classes; k++) {
        const double *a = direction + k * features;
        double score = 0;
        for (size_t j = 0; j < channels; j++)
            score += a[j] * strength[j];
        for (size_t j = channels; j < features; j++)
            score += a[j] * (strength[j] * strength[j] - 1) / M_SQRT2;
        if (score > most) {
            most = score;
            best = k;
        }
    }
    return best;
}

static void paint(const struct icl_data_info *info, size_t i, const double *strength, uint32_t *words, uint8_t *pixels)
{
    const struct icl_stream noise = stream_of(NOISE, info->split);
    const size_t channels = info->channels, size = info->height * info->width * channels, count = (size + 3) / 4;
    const double *g = strength + channels;
    icl_random_words(&noise, (uint64_t)i * count, count, words);
    for (size_t y = 0, at = 0; y < info->height; y++)
        for (size_t x = 0; x < info->width; x++) {
            const size_t phase[GRATINGS] = {x, y, x + y, x + 3 * y}; /* 3 is -1 to the period 4 */
            double common = 127.5;
            for (size_t j = 0; j < GRATINGS; j++)
                common += (phase[j] & 2) != 0 ? -20 * g[j] : 20 * g[j];
            for (size_t c = 0; c < channels; c++, at++) {
                const unsigned byte = words[at / 4] >> 8 * (at % 4) & 0xff;
                const double value = common + 24 * strength[c] + ((double)byte - 127.5) / 4;
                pixels[at] = (uint8_t)fmin(fmax(rint(value), 0), 255);
            }
        }
}

icl_status icl_data_read_planted(const struct icl_data_request *request, struct icl_data *data, struct icl_error *err)
{
    const struct icl_data_set *set = &request->choice->set;
    struct icl_data_info *info = &data->info;
    const size_t all = request->split == ICL_SPLIT_TRAIN ? set->train : set->valid;
    const size_t size = info->height * info->width * info->channels, features = info->channels + GRATINGS;
    info->count = request->limit != 0 && request->limit < all ? request->limit : all;
    data->pixels = malloc(info->count * size);
    data->labels = malloc(info->count * sizeof *data->labels);
    double *direction = malloc(info->classes * features * sizeof *direction);
    uint32_t *words = malloc((size + 3) / 4 * sizeof *words);
    const bool room = data->pixels != NULL && data->labels != NULL && direction != NULL && words != NULL;
    if (room) {
        const struct icl_stream strengths = stream_of(STRENGTH, info->split), redraw = stream_of(REDRAW, info->split),
                                any = stream_of(ANY_LABEL, info->split);
        draw_directions(info->classes, features, direction);
        for (size_t i = 0; i < info->count; i++) {
            double strength[MOST_FEATURES];
            icl_random_normal(&strengths, i * features, features, strength);
            paint(info, i, strength, words, data->pixels + i * size);
            data->labels[i] = (uint16_t)(icl_random_below(&redraw, i, REDRAWN) == 0
                                             ? icl_random_below(&any, i, info->classes)
                                             : label_of(direction, info->classes, info->channels, strength));
        }
    }
    free(direction);
    free(words);
    return room ? ICL_OK : icl_fail_memory(err, "planted images");
}
