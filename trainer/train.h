/* A training run: a specification in, a folder of curves, statistics and checkpoints out. */
#ifndef ICLAB_TRAINER_TRAIN_H
#define ICLAB_TRAINER_TRAIN_H

#include "trainer/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What does not change the results of training. */
struct icl_train_options {
    const char *out;  /* the run's folder, made if it is not there */
    const char *root; /* of the data sets; NULL: the usual places */
    unsigned threads; /* 0: all processors */
    bool resume; /* go on from the checkpoint in `out`, or begin anew where there is none; false: a folder that holds
                  * a run already is ICL_ERR_INPUT */
    bool quiet;
    size_t checkpoint_steps;  /* between checkpoints; 0: at the end of each epoch */
    size_t record_steps;      /* steps between rows of layers.tsv; 0: at the end of each epoch only */
    bool capture;             /* activations before and after every dropout at the end, as .npy */
    size_t capture_images;    /* of the validation split: 2000 */
    bool keep_initial;        /* initial parameters and the order of the samples, as .npy */
    const char *command;      /* for the headers; may be NULL */
    const volatile int *stop; /* becomes nonzero (Ctrl-C): the step is finished, a checkpoint written. May be NULL */
};

enum icl_outcome { ICL_OUTCOME_FINISHED, ICL_OUTCOME_DIVERGED, ICL_OUTCOME_STOPPED };

struct icl_train_result {
    enum icl_outcome outcome;
    size_t steps; /* done; of a diverged run: the step at which loss or gradient was nan or inf */
    size_t epochs;
    double valid_loss, valid_accuracy, train_loss, train_accuracy; /* after the last epoch; nan where diverged */
};

/* Trains. A diverged run is an outcome, not a failure. The folder holds spec.txt, metrics.tsv (a row a step),
 * epochs.tsv, layers.tsv, histograms.npy, checkpoint.bin, and result.json once it has finished or diverged; their bytes
 * behind `#` lines depend on the specification alone. */
icl_status icl_train(const struct icl_train_spec *spec, const struct icl_train_options *options,
                     struct icl_train_result *result, struct icl_error *err);

/* The result of a folder, read from its result.json; *found false where it has none. A folder of another specification:
 * ICL_ERR_INPUT. */
icl_status icl_train_result_read(const char *folder, const struct icl_train_spec *spec, bool *found,
                                 struct icl_train_result *result, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
