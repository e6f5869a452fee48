/* Data sets of labelled images, and the batches that are made of them. */
#ifndef ICLAB_TRAINER_DATA_H
#define ICLAB_TRAINER_DATA_H

#include <stdbool.h>

#include "core/status.h"
#include "core/team.h"

#ifdef __cplusplus
extern "C" {
#endif

enum icl_split { ICL_SPLIT_TRAIN, ICL_SPLIT_VALID };

/* What images go through, in this order; all of it a pure function of (seed, epoch, place in the data set). */
struct icl_augmentation {
    bool flip;         /* left and right, with probability 1/2 */
    size_t pad;        /* pad-and-crop: zeros (after normalisation) on each side, then a random crop of the old size */
    bool resized_crop; /* scale .35 - 1, ratio 3/4 - 4/3, then resized to the size of the data (validation: centre) */
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

/* Opens a split of the data set `name` (see icl_data_list). `limit` images at most, 0: all; `size`: side of the images
 * for data of any size (0: its default). `root`: the folder of the data sets, NULL: $ICLAB_DATA, or the usual places.
 * Missing: ICL_ERR_INPUT with one line that says which and how to get it. Owned: icl_data_close. */
icl_status icl_data_open(const char *name, enum icl_split split, size_t limit, size_t size, const char *root,
                         struct icl_data **data, struct icl_error *err);
void icl_data_close(struct icl_data *data);
const struct icl_data_info *icl_data_info(const struct icl_data *data);

/* images (n, height, width, channels), normalised, and labels (n) of the samples index[0..n-1] (index NULL: first ..
 * first + n - 1), shared among the team. augmentation NULL: none. A file that cannot be decoded: ICL_ERR_INPUT naming
 * it. */
icl_status icl_data_batch(const struct icl_data *data, const struct icl_augmentation *augmentation, uint64_t seed,
                          uint32_t epoch, const uint32_t *index, size_t first, size_t n, struct icl_team *team,
                          float *images, uint32_t *labels, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
