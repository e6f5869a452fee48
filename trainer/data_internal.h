/* What the readers of data sets share with the batches. */
#ifndef ICLAB_TRAINER_DATA_INTERNAL_H
#define ICLAB_TRAINER_DATA_INTERNAL_H

#include "kernels/shared/augment.h"
#include "trainer/data.h"
#include "trainer/data_sets.h"

/* Values of a row of pixels go through factors that repeat every three channels: so many at a time. */
enum { ICL_NORMALISE_RUN = 48 };

struct icl_image_files;

struct icl_data {
    struct icl_data_info info;
    char name[64];
    uint8_t *pixels;               /* count x height x width x channels; NULL: image files */
    uint16_t *labels;              /* count */
    struct icl_image_files *files; /* NULL: pixels */
    /* (value / 255 - mean) / sd = value * scale + shift */
    float scale[ICL_NORMALISE_RUN], shift[ICL_NORMALISE_RUN];
};

/* What a reader is asked for. */
struct icl_data_request {
    const struct icl_data_choice *choice;
    const char *folder; /* that holds it; NULL: planted */
    enum icl_split split;
    size_t limit;
};

/* Fills count, sizes and classes of info, labels, and pixels or files. What is filled on failure is freed by the
 * caller. One for each format. */
typedef icl_status icl_data_reader(const struct icl_data_request *request, struct icl_data *data,
                                   struct icl_error *err);
icl_data_reader icl_data_read_idx, icl_data_read_cifar, icl_data_read_folders, icl_data_read_planted;

/* Bytes to labels of 16 bits. */
icl_status icl_data_set_labels(struct icl_data *data, const uint8_t *labels, struct icl_error *err);

/* out[i] = normalised value[i], i < count; the first is of channel 0, channels 1 to 3. */
void icl_normalise_bytes(const struct icl_data *data, const uint8_t *value, size_t count, float *out);

/* ---- augmentation ---------------------------------------------------------------------------------------------- */

/* A part of an image, in pixels. */
struct icl_crop {
    size_t y, x, height, width;
};

struct icl_move icl_draw_move(const struct icl_augmentation *augmentation, uint64_t seed, uint32_t epoch,
                              uint32_t index);
/* A random part of height x width: ten attempts at area .35 - 1 and ratio 3/4 - 4/3 (its logarithm uniform), otherwise
 * the largest in the middle whose ratio is within these. */
struct icl_crop icl_draw_crop(uint64_t seed, uint32_t epoch, uint32_t index, size_t height, size_t width);
/* The centre square of 7/8 of the shorter side. */
struct icl_crop icl_centre_crop(size_t height, size_t width);

/* Flips and moves a normalised image in place; zeros come in. `row`: width * channels of scratch. */
void icl_move_image(const struct icl_move *move, size_t height, size_t width, size_t channels, float *image,
                    float *row);

/* ---- resizing -------------------------------------------------------------------------------------------------- */

/* Bytes of height x width x channels, rows `stride` bytes apart. */
struct icl_picture {
    const uint8_t *pixels;
    size_t height, width, channels, stride;
};

/* A part of a picture, in pixels that need not be whole. */
struct icl_box {
    double y, x, height, width;
};

/* Scratch memory that grows. Zero it first; free(memory). */
struct icl_scratch {
    void *memory;
    size_t size;
};
icl_status icl_scratch_reserve(struct icl_scratch *scratch, size_t size, struct icl_error *err);

/* out (height, width, channels) = the box of the picture in 0 .. 255, bilinear, and averaged by a triangle as wide as
 * the step where the box is larger than the result (separable; the weights sum to 1 within the box). */
icl_status icl_resize(const struct icl_picture *picture, const struct icl_box *box, size_t height, size_t width,
                      struct icl_scratch *scratch, float *out, struct icl_error *err);

/* ---- image files ----------------------------------------------------------------------------------------------- */

void icl_image_files_free(struct icl_image_files *files);
/* Bytes it holds. */
size_t icl_image_files_memory(const struct icl_image_files *files);
/* The path of file i; the name of class k. */
icl_status icl_image_files_path(const struct icl_image_files *files, size_t i, char path[ICL_DATA_PATH],
                                struct icl_error *err);
const char *icl_image_files_class(const struct icl_image_files *files, size_t k);

/* Chooses the part of an image, whose size is known by now. */
typedef struct icl_crop icl_crop_chooser(const void *context, size_t height, size_t width);

/* Decodes the part of a JPEG file that `choose` wants and resizes it to height x width x 3, values 0 .. 255. Colour,
 * greyscale and CMYK. Not a JPEG, damaged, cut short, larger than 128 Mi pixels or than its bytes can hold:
 * ICL_ERR_INPUT naming the file. */
icl_status icl_jpeg_read(const char *path, icl_crop_chooser *choose, const void *context, size_t height, size_t width,
                         struct icl_scratch scratch[3], float *out, struct icl_error *err);

#endif
