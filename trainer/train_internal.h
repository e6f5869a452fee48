/* A training run under way. */
#ifndef ICLAB_TRAINER_TRAIN_INTERNAL_H
#define ICLAB_TRAINER_TRAIN_INTERNAL_H

#include "core/progress.h"
#include "trainer/back_end_internal.h"
#include "trainer/recorder_internal.h"
#include "trainer/train.h"

enum { MOST_RESTS = 4, CAPTURE_IMAGES = 2000 };

struct icl_train_run {
    const struct icl_train_spec *spec;
    const struct icl_train_options *options;
    char text[ICL_SPEC_TEXT]; /* of the specification */
    struct icl_run_folder folder;
    struct icl_data *train, *valid;
    struct icl_network network;
    struct icl_team *team;
    struct icl_back_end back_end;
    struct icl_recorder recorder;
    struct icl_train_state state;
    size_t batch; /* the largest */
    size_t images, valid_images;
    size_t epoch_steps, steps;      /* of an epoch, of the run */
    size_t rest[MOST_RESTS], rests; /* sizes of batches that are not whole */
    uint32_t *order;                /* images: the epoch's */
    uint32_t *open;                 /* the training images on which open_accuracy is taken */
    size_t open_images;
    size_t measured_batches; /* batches of validation images through which norms are looked at */
};

/* Fills the numbers of the epoch in run->state, but for train_...; adds its rows to norms.tsv. */
icl_status icl_train_end_epoch(struct icl_train_run *run, struct icl_error *err);
/* captures/ */
icl_status icl_train_capture(struct icl_train_run *run, struct icl_error *err);
/* order.npy */
icl_status icl_train_record_order(struct icl_train_run *run, struct icl_error *err);

/* The order of the samples in `epoch` (from 0): a permutation of 0 .. images-1. */
void icl_train_order(const struct icl_train_run *run, size_t epoch, uint32_t *order);

/* Bytes of memory that this process holds now; 0 where the system does not say. */
size_t icl_train_resident(void);

#endif
