/* Random flips, moves and crops: each draw is a function of seed, epoch and the sample's place in the data set. */
#include <math.h>
#include <string.h>

#include "kernels/random.h"
#include "trainer/data_internal.h"

/* Layers of the stream of purpose AUGMENT; each attempt at a crop takes the next four. */
enum { FLIP, MOVE_DOWN, MOVE_RIGHT, CROP, DRAWS_A_CROP = 4, ATTEMPTS = 10 };

static struct icl_stream stream_of(uint64_t seed, uint32_t epoch, uint32_t layer)
{
    return (struct icl_stream){seed, ICL_PURPOSE_AUGMENT, layer, epoch};
}

static size_t below(uint64_t seed, uint32_t epoch, uint32_t index, uint32_t layer, size_t bound)
{
    const struct icl_stream stream = stream_of(seed, epoch, layer);
    return (size_t)icl_random_below(&stream, index, bound);
}

static double between(uint64_t seed, uint32_t epoch, uint32_t index, uint32_t layer, double low, double high)
{
    const struct icl_stream stream = stream_of(seed, epoch, layer);
    double u;
    icl_random_uniform(&stream, index, 1, &u);
    return low + (high - low) * u;
}

struct icl_move icl_draw_move(const struct icl_augmentation *augmentation, uint64_t seed, uint32_t epoch,
                              uint32_t index)
{
    struct icl_move move = {0};
    const size_t pad = augmentation->pad;
    if (augmentation->flip) move.flip = below(seed, epoch, index, FLIP, 2) == 1;
    if (pad > 0) {
        move.dy = (ptrdiff_t)below(seed, epoch, index, MOVE_DOWN, 2 * pad + 1) - (ptrdiff_t)pad;
        move.dx = (ptrdiff_t)below(seed, epoch, index, MOVE_RIGHT, 2 * pad + 1) - (ptrdiff_t)pad;
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
        const uint32_t layer = CROP + DRAWS_A_CROP * attempt;
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
        const ptrdiff_t source = (ptrdiff_t)x + move->dx;
        float *pixel = row + x * channels;
        if (source < 0 || source >= (ptrdiff_t)width) {
            memset(pixel, 0, channels * sizeof *pixel);
            continue;
        }
        const size_t at = move->flip ? width - 1 - (size_t)source : (size_t)source;
        for (size_t c = 0; c < channels; c++)
            pixel[c] = from[at * channels + c];
    }
}

void icl_move_image(const struct icl_move *move, size_t height, size_t width, size_t channels, float *image, float *row)
{
    if (!move->flip && move->dy == 0 && move->dx == 0) return;
    const size_t size = width * channels;
    /* Rows in the order in which none is overwritten before it is read. */
    for (size_t step = 0; step < height; step++) {
        const size_t y = move->dy >= 0 ? step : height - 1 - step;
        const ptrdiff_t source = (ptrdiff_t)y + move->dy;
        if (source < 0 || source >= (ptrdiff_t)height) {
            memset(image + y * size, 0, size * sizeof *image);
            continue;
        }
        move_row(image + (size_t)source * size, width, channels, move, row);
        memcpy(image + y * size, row, size * sizeof *image);
    }
}
