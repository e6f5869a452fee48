/* Neurons of a trained network before and after the dropout: mutual information, correlation and conditioning of pairs.
 */
#ifndef ICLAB_EXPERIMENTS_TRAINED_PAIRS_H
#define ICLAB_EXPERIMENTS_TRAINED_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What to measure. Zeroed members are the defaults. */
struct icl_trained_pairs_options {
    const char *run;     /* the folder of a finished run (trainer/train.h) */
    const char *out;     /* the tables go into OUT/tables */
    const char *root;    /* of the data sets; NULL: the usual places */
    uint64_t seed;       /* draws the units and the gates */
    unsigned threads;    /* 0: all processors */
    bool quiet;          /* no progress on standard error */
    const char *command; /* for the headers; may be NULL */
};

/* Sends the validation images through the network of a run as it is evaluated (running statistics, gates open), draws
 * 32 units (place and channel) of every stage with batch norm and dropout, and puts independent gates of its own behind
 * them at keep 1, .95, .8 and .5. Writes into OUT/tables
 *   trained_units.tsv         the units and their mean over sd
 *   trained_pairs.tsv         MI of every pair before and after, beside keep^2 times that before
 *   trained_correlations.tsv  Pearson correlation of every pair, beside keep times that before and the full formula
 *   trained_condition.tsv     condition number and largest eigenvalue by stage and keep, beside the full formula
 *   trained_means.tsv         over all pairs: MI behind the gates over the law, slopes of the correlations
 * The column `panel` is trained-unit1 for the first stage, and so on, at most eight.
 * The bytes behind the `#` lines depend on the run and the seed only. A network without such a stage, or an unfinished
 * run: ICL_ERR_INPUT. Memory: the activations of all validation images (thread07: 13 KB an image). */
icl_status icl_trained_pairs_write(const struct icl_trained_pairs_options *options, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
