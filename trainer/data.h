/* Data sets of labelled images, and the batches that are made of them. */
#ifndef ICLAB_TRAINER_DATA_H
#define ICLAB_TRAINER_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "core/team.h"

#ifdef __cplusplus
extern "C" {
#endif

enum icl_split { ICL_SPLIT_TRAIN, ICL_SPLIT_VALID };

/* What images go through, in this order; all of it a pure function of (seed, epoch, place in the data set): draws of
 * purpose AUGMENT, layer the kind of draw, step the epoch, element the place. */
struct icl_augmentation {
    bool resized_crop; /* a part of scale .35 - 1 and ratio 3/4 - 4/3, resized to the size of the data */
    bool flip;         /* left and right, with probability 1/2 */
    size_t pad;        /* pad-and-crop: zeros (after normalisation) on each side, then a random crop of the old size */
};

/* A split that is open for reading; safe for use by several threads. */
struct icl_data;

struct icl_data_info {
    const char *name; /* fashion-mnist */
    enum icl_split split;
    size_t count, height, width, channels, classes;
    float mean[3], sd[3]; /* by channel, of values in 0 .. 1: what images are normalised by (of the training split) */
    size_t memory;        /* bytes it holds */
};

/* Opens a split of the data set `name`: one of trainer/data_sets.h, `planted-HxWxC-K` (random arrays of K classes), a
 * set of image files with `-noisyN` behind its name (N % of the labels changed, from the set's own list), or a folder
 * of the user's own in the root that holds train/ and val/ with a folder of JPEG files for each class. `limit` images
 * at most, 0: all (the first; of image files evenly spread over their order, which goes by class). `size`: side of the
 * images where they are files (0: the set's default); other sets have a size of their own and refuse another.
 * `root`: the folder of the data sets, NULL: the usual places (icl_data_locate).
 * Missing: ICL_ERR_INPUT with one line that says which and how to get it. Owned: icl_data_close. */
icl_status icl_data_open(const char *name, enum icl_split split, size_t limit, size_t size, const char *root,
                         struct icl_data **data, struct icl_error *err);
/* NULL is allowed. */
void icl_data_close(struct icl_data *data);
const struct icl_data_info *icl_data_info(const struct icl_data *data);

/* The label of sample i < count, below classes. */
uint32_t icl_data_label(const struct icl_data *data, size_t i);
/* What class k is called: the name of its folder; NULL where classes have numbers only. */
const char *icl_data_class_name(const struct icl_data *data, size_t k);

/* images (n, height, width, channels), normalised, and labels (n) of the samples index[0..n-1] (index NULL: first ..
 * first + n - 1), shared among the team (NULL: the caller alone); the bytes do not depend on it. augmentation NULL:
 * none. Image files are decoded here: without resized_crop the centre square of 7/8 of the shorter side, resized
 * (bilinear, antialiased). One that cannot be decoded: ICL_ERR_INPUT naming it; the first of the batch where there are
 * several. A sample that is not there: ICL_ERR_USAGE. */
icl_status icl_data_batch(const struct icl_data *data, const struct icl_augmentation *augmentation, uint64_t seed,
                          uint32_t epoch, const uint32_t *index, size_t first, size_t n, struct icl_team *team,
                          float *images, uint32_t *labels, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
