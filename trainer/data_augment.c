/* Random flips, moves and crops: each draw is a function of seed, epoch and the sample's place in the data set. */
#include <math.h>
#include <string.h>

#include "trainer/data_internal.h"

/* Each attempt at a crop takes the next four layers. */
enum { DRAWS_A_CROP = 4, ATTEMPTS = 10 };

static size_t below(uint64_t seed, uint32_t epoch, uint32_t index, uint32_t layer, size_t bound)
{
    return (size_t)icl_augment_below(seed, epoch, index, layer, bound);
}

static double between(uint64_t seed, uint32_t epoch, uint32_t index, uint32_t layer, double low, double high)
{
    const struct icl_stream stream = icl_augment_stream(seed, epoch, layer);
    double u;
    icl_random_uniform(&stream, index, 1, &u);
    return low + (high - low) * u;
}

struct icl_move icl_draw_move(const struct icl_augmentation *augmentation, uint64_t seed, uint32_t epoch,
                              uint32_t index)
{
    struct icl_move move = {0};
    const uint32_t pad = (uint32_t)augmentation->pad;
    if (augmentation->flip) move.flip = icl_draw_flip(seed, epoch, index);
    if (pad > 0) {
        move.dy = icl_draw_shift(seed, epoch, index, ICL_AUGMENT_DOWN, pad);
        move.dx = icl_draw_shift(seed, epoch, index, ICL_AUGMENT_RIGHT, pad);
    }
    return move;
}

static size_t whole(double value, size_t most)
{
    const double rounded = rint(value);
    return rounded < 1 ? 1 : rounded > (double)most ? most : (size_t)rounded;
}

struct icl_crop icl_draw_crop(uint64_t seed, uint32_t epoch, uint32_t index, size_t height, size_t width)
{
    const double area = (double)height * (double)width, widest = 4. / 3;
    for (uint32_t attempt = 0; attempt < ATTEMPTS; attempt++) {
        const uint32_t layer = ICL_AUGMENT_CROP + DRAWS_A_CROP * attempt;
        const double part = area * between(seed, epoch, index, layer, .35, 1);
        const double ratio = exp(between(seed, epoch, index, layer + 1, -log(widest), log(widest)));
        const double w = rint(sqrt(part * ratio)), h = rint(sqrt(part / ratio));
        if (w < 1 || h < 1 || w > (double)width || h > (double)height) continue;
        struct icl_crop crop = {.height = (size_t)h, .width = (size_t)w};
        crop.y = below(seed, epoch, index, layer + 2, height - crop.height + 1);
        crop.x = below(seed, epoch, index, layer + 3, width - crop.width + 1);
        return crop;
    }
    struct icl_crop crop = {.height = height, .width = width};
    if ((double)width > widest * (double)height) crop.width = whole(widest * (double)height, width);
    if ((double)height > widest * (double)width) crop.height = whole(widest * (double)width, height);
    crop.y = (height - crop.height) / 2;
    crop.x = (width - crop.width) / 2;
    return crop;
}

struct icl_crop icl_centre_crop(size_t height, size_t width)
{
    const size_t shorter = height < width ? height : width, side = shorter - shorter / 8;
    return (struct icl_crop){(height - side) / 2, (width - side) / 2, side, side};
}

/* row = the pixels of `from` moved by dx, flipped before. */
static void move_row(const float *from, size_t width, size_t channels, const struct icl_move *move, float *row)
{
    for (size_t x = 0; x < width; x++) {
        const int32_t source = icl_moved_column(move, (int32_t)x, (int32_t)width);
        float *pixel = row + x * channels;
        if (source < 0) {
            memset(pixel, 0, channels * sizeof *pixel);
            continue;
        }
        for (size_t c = 0; c < channels; c++)
            pixel[c] = from[(size_t)source * channels + c];
    }
}

void icl_move_image(const struct icl_move *move, size_t height, size_t width, size_t channels, float *image, float *row)
{
    if (!move->flip && move->dy == 0 && move->dx == 0) return;
    const size_t size = width * channels;
    /* Rows in the order in which none is overwritten before it is read. */
    for (size_t step = 0; step < height; step++) {
        const size_t y = move->dy >= 0 ? step : height - 1 - step;
        const int32_t source = icl_moved_row(move, (int32_t)y, (int32_t)height);
        if (source < 0) {
            memset(image + y * size, 0, size * sizeof *image);
            continue;
        }
        move_row(image + (size_t)source * size, width, channels, move, row);
        memcpy(image + y * size, row, size * sizeof *image);
    }
}
