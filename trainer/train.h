/* A training run: a specification in, a folder of curves, statistics and checkpoints out.
 *
 * The folder holds, all tables with `#` lines, one line of names and tab-separated rows:
 *   spec.txt        the text of the specification
 *   metrics.tsv     a row a step: step (from 0), epoch (from 1), rate, momentum, loss and accuracy of the batch in mode
 *                   TRAIN, gradient_norm, weight_norm (Euclidean, of all parameters; weights after the step)
 *   epochs.tsv      a row an epoch: epoch (from 1), steps (done), rate (of its last step), train_loss, train_accuracy
 *                   (mode TRAIN, means over the epoch's samples while it was learnt), open_loss, open_accuracy
 *                   (training images without augmentation, gates open, running statistics; ICL_OPEN_IMAGES of them at
 *                   most, drawn once by the seed), valid_loss, valid_accuracy (mode EVALUATE)
 *   layers.tsv      three rows a recorded step and stage: step, epoch, stage (its name), place, mean, sd (biased),
 *                   near_zero (share in [0,.5), GeneralReLU: [-.35,.70)), least, most; of the training batch in mode
 *                   TRAIN. place: `input`, what comes into the stage (the conv's output); `relu`, behind the
 *                   nonlinearity; `output`, behind norm and dropout
 *   histograms.npy  recorded step x stage x 40 counts (int64) of place `relu`; bins on [0,10], GeneralReLU: [-7,7];
 *                   what lies outside is left out
 *   norms.tsv       a row an epoch and batch norm: epoch, stage, channels, running_variance, evaluation_variance (means
 *                   over the channels), ratio (mean over the channels of (evaluation + eps) / (running + eps)),
 *                   mean_shift (mean over the channels of |running mean - evaluation mean| / sqrt(running + eps)). The
 *                   evaluation moments are those of whole batches of the validation split (ICL_NORM_IMAGES, rounded
 *                   up), pooled, in mode BATCH
 *   parameters.tsv  name, offset, count, shape of every parameter; initial.npy (parameters before the first step, flat
 *                   float32) and order.npy (epoch x sample: uint32 places in the training split), with keep_initial
 *   captures/stageN_before.npy, stageN_after.npy  with capture: the two sides of each dropout, (N, C, H, W) float32
 *   checkpoint.bin, lock
 *   result.json     once it has finished or diverged */
#ifndef ICLAB_TRAINER_TRAIN_H
#define ICLAB_TRAINER_TRAIN_H

#include "kernels/device.h"
#include "trainer/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ICL_OPEN_IMAGES = 10000, ICL_NORM_IMAGES = 2000, ICL_HISTOGRAM_BINS = 40 };

/* What does not change the results of training. */
struct icl_train_options {
    const char *out;           /* the run's folder, made if it is not there */
    const char *root;          /* of the data sets; NULL: the usual places */
    unsigned threads;          /* 0: all processors */
    struct icl_device *device; /* what computes, borrowed; NULL: the processor, which has precision f32 alone */
    bool resume; /* go on from the checkpoint in `out`, or begin anew where there is none; false: a folder that holds
                  * a run already is ICL_ERR_INPUT */
    bool quiet;
    size_t checkpoint_steps; /* between checkpoints; 0: at the end of each epoch */
    size_t record_steps;     /* every how many steps layers.tsv and histograms.npy grow; 0: at the last of each epoch */
    bool capture;            /* activations before and after every dropout at the end, as .npy */
    size_t capture_images;   /* of the validation split; 0: 2000 */
    bool keep_initial;       /* initial parameters and the order of the samples, as .npy */
    const char *command;     /* for the headers; may be NULL */
    const volatile int *stop; /* becomes nonzero (Ctrl-C): the step is finished, a checkpoint written. May be NULL */
    void (*say)(void *context, const char *line); /* told the memory before the start; may be NULL */
    void *say_context;
};

enum icl_outcome { ICL_OUTCOME_FINISHED, ICL_OUTCOME_DIVERGED, ICL_OUTCOME_STOPPED };

struct icl_train_result {
    enum icl_outcome outcome;
    size_t steps; /* done; of a diverged run: the step at which loss, gradient or weights were nan or inf */
    size_t epochs;
    double valid_loss, valid_accuracy, train_loss, train_accuracy; /* after the last epoch; nan where diverged */
    double open_loss, open_accuracy;                               /* see epochs.tsv */
    double best_accuracy;                                          /* the highest valid_accuracy of all epochs */
    size_t best_epoch;                                             /* the first with it, from 1; 0: none */
};

/* Trains. A diverged run is an outcome, not a failure. The bytes of the tables behind their `#` lines depend on the
 * specification, the device (and record_steps) alone, not on threads, interruptions or checkpoints. A checkpoint is of
 * no device: a run that was begun on one may go on on another, and the `# kernels:` lines name the first, result.json
 * the last. Of a device that is lost: ICL_ERR_DEVICE; the checkpoint before it is whole, and the run goes on from it.
 *
 * Rates and masks go by step, the order of the samples is a permutation a epoch (stream purpose SHUFFLE, step = epoch
 * from 0), the last batch of an epoch may be smaller. Decay acts on all parameters, as in PyTorch. A folder that is
 * finished is not touched when `resume` is set: its result is returned. A folder in use by another process, of another
 * specification, or with a damaged checkpoint: ICL_ERR_INPUT, and nothing is touched. */
icl_status icl_train(const struct icl_train_spec *spec, const struct icl_train_options *options,
                     struct icl_train_result *result, struct icl_error *err);

/* The result of a folder, read from its result.json; *found false where it has none. A folder of another specification:
 * ICL_ERR_INPUT. `spec` NULL: whatever it holds. */
icl_status icl_train_result_read(const char *folder, const struct icl_train_spec *spec, bool *found,
                                 struct icl_train_result *result, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
