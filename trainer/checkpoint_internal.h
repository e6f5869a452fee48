/* The state of a training run in one file that appears whole or not at all. */
#ifndef ICLAB_TRAINER_CHECKPOINT_INTERNAL_H
#define ICLAB_TRAINER_CHECKPOINT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/status.h"

/* The files that grow. */
enum { ICL_LIVE_METRICS, ICL_LIVE_EPOCHS, ICL_LIVE_LAYERS, ICL_LIVE_NORMS, ICL_LIVE_HISTOGRAMS, ICL_LIVE_FILES };

/* Everything about a run that is not an array; members of 8 bytes only, so that it is written as it is. */
struct icl_train_state {
    uint64_t step;         /* steps done */
    uint64_t epochs;       /* epochs done, their evaluation included */
    uint64_t record_steps; /* of the options: layers.tsv depends on it */
    uint64_t records;      /* rows of histograms.npy */
    uint64_t length[ICL_LIVE_FILES];
    /* of the epoch under way */
    uint64_t samples, correct;
    double loss; /* sum over the samples */
    /* of the last finished one */
    double train_loss, train_accuracy, open_loss, open_accuracy, valid_loss, valid_accuracy;
    double best_accuracy;
    uint64_t best_epoch;
};

/* The arrays, of the run's own memory. */
struct icl_train_arrays {
    float *parameters, *first, *second; /* first, second: of the optimiser, NULL where it has none */
    double *running;
    size_t parameter_count, first_count, second_count, running_count;
};

/* Writes by rename, after the data have reached the disk; checksum (CRC-32) at the end. */
icl_status icl_checkpoint_write(const char *path, const char *spec_text, const struct icl_train_state *state,
                                const struct icl_train_arrays *arrays, struct icl_error *err);

/* Reads; *found false where there is no such file. Another specification or network, cut short, too long, damaged:
 * ICL_ERR_INPUT, and state and arrays are untouched: the whole file is checked before the first byte is taken. */
icl_status icl_checkpoint_read(const char *path, const char *spec_text, struct icl_train_state *state,
                               const struct icl_train_arrays *arrays, bool *found, struct icl_error *err);
/* The same of an open, seekable stream; `name` for messages. */
icl_status icl_checkpoint_read_stream(FILE *stream, const char *name, const char *spec_text,
                                      struct icl_train_state *state, const struct icl_train_arrays *arrays,
                                      struct icl_error *err);

/* ICL_ERR_INPUT that names the first line in which two texts of specifications differ. */
icl_status icl_fail_specification(const char *name, const char *there, const char *wanted, struct icl_error *err);

#endif
