/* The trained networks of a run of the registry: which runs the claims c10 to c22 need, and what is read from them. */
#ifndef ICLAB_EXPERIMENTS_TRAINING_INTERNAL_H
#define ICLAB_EXPERIMENTS_TRAINING_INTERNAL_H

#include "experiments/paired.h"
#include "experiments/run_internal.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

enum { MOST_EPOCHS = 32, TRAINED_BLOCKS = 12 };

/* What is trained for some claims, once for each seed. Its name is LAW-WORD: the law of the claims' rows, and the word
 * by which their quantities call it. */
struct training_condition {
    const char *law, *word, *claims; /* claims: "c12 c13" */
    const char *net;
    enum icl_order order;
    double drop;
    enum icl_skip skip;
    enum icl_conversion conversion;
    double constant; /* the learning rate; 0: the linear schedule of the defaults */
    size_t epochs, limit, record_steps;
    size_t seeds[2]; /* of a quick and of a full run */
};
extern const struct training_condition training_conditions[];
extern const size_t training_condition_count;

/* What the claims read of a run. Accuracies are shares; of a diverged run those of guessing among ten classes. */
struct training_curves {
    size_t epochs;
    double valid[MOST_EPOCHS]; /* validation accuracy by epoch */
    double train, open;        /* training accuracy of the last epoch, as it was learnt and with the gates open */
    /* over the stages, behind the nonlinearity, at the last recorded step: mean |mean|, mean sd, ln(largest / smallest
     * sd) */
    double mean_size, sd_size, sd_spread;
    double early_spread; /* the last, at the first recorded step behind step 0 */
    bool diverged;
};

struct training_member {
    const struct training_condition *condition;
    size_t seed; /* its place among the seeds */
    struct training_curves curves;
};

/* Claims that train many networks: left out of a default run unless they are named. */
bool training_is_heavy(const struct icl_claim *claim);
/* Whether a claim needs trained networks at all. */
bool training_is_needed(const struct icl_claim *claim);
/* How many runs a claim (c12) needs at this size. */
size_t training_runs_of(const char *id, bool full);

/* Makes the list of the runs that the selected claims need; none: training->count is 0. */
icl_status training_plan(struct training *training, const struct icl_registry *registry, const struct finding *finding,
                         uint64_t seed, bool full, struct icl_error *err);
void training_free(struct training *training);

/* Whether the files of the data set are there: false with `missing` filled where one is not. */
bool training_data_are_there(struct icl_error *missing);

/* Trains what is not in OUT/runs yet, and reads the curves. */
icl_status training_do(struct training *training, const struct icl_verify_options *options, const char *out,
                       struct icl_error *err);

/* Fills curves from a run's folder. */
icl_status training_read(const char *folder, const struct icl_train_result *result, bool with_layers,
                         struct training_curves *curves, struct icl_error *err);

/* ---- quantities (training_quantities.c) ---- */

/* A number of each run: final accuracy, mean accuracy over the epochs, epochs to an accuracy of .85 (linear between
 * epochs, from guessing at the start; one more than there are where it is not reached). */
typedef double (*training_value)(const struct training_curves *curves);
double training_accuracy(const struct training_curves *curves);
double training_mean_accuracy(const struct training_curves *curves);
double training_epochs_to_level(const struct training_curves *curves);

/* The values of a condition by seed into `value` (room for ICL_MOST_SEEDS); how many. 0: no such condition in the run.
 */
enum { MOST_SEEDS = 16 };
size_t training_values(const struct training *training, const char *law, const char *word, training_value function,
                       double *value);

/* The same of all conditions of that word (c19: one a learning rate). */
enum { MOST_RUNS_OF_A_WORD = 128 };
size_t training_all_values(const struct training *training, const char *law, const char *word, training_value function,
                           double *value);
/* The run of the first seed. NULL: none. */
const struct training_curves *training_first(const struct training *training, const char *law, const char *word);

/* The evidence for "accuracy ic" (the mean over the seeds) or "accuracy ic - baseline" (of the paired differences),
 * with the value functions accuracy, mean-accuracy and epochs. */
icl_status add_training_quantity(struct finding *finding, const struct training *training,
                                 const struct icl_claim *claim, struct icl_error *err);
/* Evidence from a comparison. */
void add_comparison(struct finding *finding, const char *estimator, const struct icl_comparison *comparison);

#pragma GCC visibility pop

#endif
