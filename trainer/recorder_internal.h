/* The curves and statistics of a run, written while it runs. */
#ifndef ICLAB_TRAINER_RECORDER_INTERNAL_H
#define ICLAB_TRAINER_RECORDER_INTERNAL_H

#include "trainer/checkpoint_internal.h"
#include "trainer/back_end_internal.h"
#include "trainer/live_file_internal.h"
#include "trainer/run_folder_internal.h"

/* What is borrowed by a recorder. */
struct icl_recorder_source {
    const struct icl_train_spec *spec;
    const struct icl_network *network;
    const struct icl_back_end *back_end;
    const struct icl_run_folder *folder;
    const char *command; /* may be NULL */
};

struct icl_recorder {
    struct icl_recorder_source from;
    struct icl_live_file file[ICL_LIVE_FILES];
    size_t records;     /* rows of histograms.npy */
    size_t stages;      /* of the network, with their nodes: */
    icl_node_id *stage; /* stages */
    int64_t *histogram; /* stages x ICL_HISTOGRAM_BINS: the record under way */
    double *moments;    /* 2 x norm_channels: sums of means, of second moments; over batches */
    size_t batches;     /* in them */
};

/* Bytes of the arrays. */
size_t icl_recorder_memory(const struct icl_network *network);
/* Takes the arrays and opens the files: anew (state NULL), or cut back to what `state` says. Owned: icl_recorder_close,
 * safe on a zeroed struct. */
icl_status icl_recorder_open(struct icl_recorder *recorder, const struct icl_recorder_source *from,
                             const struct icl_train_state *state, struct icl_error *err);
void icl_recorder_close(struct icl_recorder *recorder);
/* Could the files be opened again? Looks only. */
icl_status icl_recorder_check(const struct icl_run_folder *folder, const struct icl_train_state *state,
                              struct icl_error *err);
/* Everything to the disk, and the lengths into `state`. */
icl_status icl_recorder_sync(struct icl_recorder *recorder, struct icl_train_state *state, struct icl_error *err);

/* A row of metrics.tsv. */
struct icl_step_row {
    size_t step, epoch; /* from 0, from 1 */
    double rate, momentum, loss, accuracy, gradient_norm, weight_norm;
};
icl_status icl_recorder_step(struct icl_recorder *recorder, const struct icl_step_row *row, struct icl_error *err);

/* Rows of layers.tsv and histograms.npy: what the stages held in the forward that was just made. */
icl_status icl_recorder_layers(struct icl_recorder *recorder, size_t step, size_t epoch, struct icl_error *err);

/* A row of epochs.tsv from the numbers of the last epoch in `state`. */
icl_status icl_recorder_epoch(struct icl_recorder *recorder, const struct icl_train_state *state, double rate,
                              struct icl_error *err);

/* norms.tsv: begin, add the statistics of each batch that went through in mode BATCH, then write. */
void icl_recorder_norms_begin(struct icl_recorder *recorder);
icl_status icl_recorder_norms_add(struct icl_recorder *recorder, struct icl_error *err);
icl_status icl_recorder_norms_write(struct icl_recorder *recorder, size_t epoch, struct icl_error *err);

/* captures/: open, one call for each batch that went through in mode DROP, close; `images` in all. */
struct icl_capture;
icl_status icl_capture_open(const struct icl_recorder_source *from, size_t images, struct icl_capture **capture,
                            struct icl_error *err);
icl_status icl_capture_add(struct icl_capture *capture, size_t n, struct icl_error *err);
/* The files appear; NULL is allowed. `keep` false: they do not. */
icl_status icl_capture_close(struct icl_capture *capture, bool keep, struct icl_error *err);

/* parameters.tsv; initial.npy: the parameters as they are. */
icl_status icl_record_parameters(const struct icl_network *network, const struct icl_run_folder *folder,
                                 struct icl_error *err);
icl_status icl_record_initial(const struct icl_network *network, const struct icl_run_folder *folder,
                              const float *values, struct icl_error *err);

#endif
