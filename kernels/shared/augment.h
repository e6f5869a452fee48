/* Flips and moves of images, and what pixels become: each draw is a function of seed, epoch and the image's place in
 * the data set (purpose AUGMENT, layer the kind of draw, step the epoch, element the place). */
#ifndef ICLAB_KERNELS_SHARED_AUGMENT_H
#define ICLAB_KERNELS_SHARED_AUGMENT_H

#include <stdbool.h>

#include "kernels/shared/draws.h"

/* Layers of the stream; crops take all from CROP on. */
enum { ICL_AUGMENT_FLIP, ICL_AUGMENT_DOWN, ICL_AUGMENT_RIGHT, ICL_AUGMENT_CROP };

/* Whether to flip, and how far the window of pad-and-crop moves: -pad .. pad. */
struct icl_move {
    bool flip;
    int32_t dy, dx;
};

ICL_HD struct icl_stream icl_augment_stream(uint64_t seed, uint32_t epoch, uint32_t layer)
{
    struct icl_stream stream;
    stream.seed = seed;
    stream.purpose = ICL_PURPOSE_AUGMENT;
    stream.layer = layer;
    stream.step = epoch;
    return stream;
}

/* A whole number uniform on 0 .. bound-1. */
ICL_HD uint64_t icl_augment_below(uint64_t seed, uint32_t epoch, uint32_t index, uint32_t layer, uint64_t bound)
{
    const struct icl_stream stream = icl_augment_stream(seed, epoch, layer);
    const struct icl_philox_base base = icl_philox_base_of(&stream);
    return icl_draw_below(&base, index, bound);
}

ICL_HD bool icl_draw_flip(uint64_t seed, uint32_t epoch, uint32_t index)
{
    return icl_augment_below(seed, epoch, index, ICL_AUGMENT_FLIP, 2) == 1;
}

/* dy (layer DOWN) or dx (RIGHT). */
ICL_HD int32_t icl_draw_shift(uint64_t seed, uint32_t epoch, uint32_t index, uint32_t layer, uint32_t pad)
{
    return (int32_t)icl_augment_below(seed, epoch, index, layer, 2 * (uint64_t)pad + 1) - (int32_t)pad;
}

/* The row, or the column, of the image that comes to row y, column x; -1: none, zeros come in. */
ICL_HD int32_t icl_moved_row(const struct icl_move *move, int32_t y, int32_t height)
{
    const int32_t row = y + move->dy;
    return row < 0 || row >= height ? -1 : row;
}
ICL_HD int32_t icl_moved_column(const struct icl_move *move, int32_t x, int32_t width)
{
    const int32_t column = x + move->dx;
    if (column < 0 || column >= width) return -1;
    return move->flip ? width - 1 - column : column;
}

/* (value / 255 - mean) / sd = value * scale + shift */
ICL_HD float icl_normalised(float value, float scale, float shift)
{
    return value * scale + shift;
}

#endif
