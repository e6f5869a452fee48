/* The mutual information of chosen pairs, shared among threads. */
#ifndef ICLAB_CLI_ESTIMATE_H
#define ICLAB_CLI_ESTIMATE_H

#include "cli/pairs.h"
#include "estimators/mi_normalised.h"
#include "estimators/mutual_information.h"

/* What the command line says about the estimator. */
struct cli_estimator {
    enum icl_mi_estimator name;
    uint64_t k, bins;
    enum icl_count_correction correction;
    enum icl_mi_normalisation normalise; /* of its own column: no part of CLI_ESTIMATOR_OPTIONS */
};

#define CLI_ESTIMATOR_OPTIONS(settings, member)                                                                        \
    ICL_CHOICE_OPTION("estimator", 'e', settings, member.name, icl_mi_names, "the estimator of mutual information"),   \
        ICL_COUNT_OPTION("k", 'k', "K", settings, member.k, 0, 1000,                                                   \
                         "neighbours; 0: 5, but in the decomposition what a pilot estimate asks for"),                 \
        ICL_COUNT_OPTION("bins", 'b', "B", settings, member.bins, 0, 65536,                                            \
                         "bins of the plug-in; 0: cube root of a quarter of the samples"),                             \
        ICL_CHOICE_OPTION("correction", 0, settings, member.correction, icl_correction_names,                          \
                          "bias correction of counts: in plugin, and of atom identities in decomposition and kde")

/* Error bars and p-values, none of them by default. */
struct cli_uncertainty {
    bool error;
    uint64_t permute; /* permutations; 0: no p-values */
    uint64_t seed;
};

/* One slot a pair, nats. se and p are NULL unless asked for. Owned: cli_estimates_free, safe on zeros. */
struct cli_estimates {
    double *mi, *se, *p;
    double *normalised;       /* NULL unless asked for */
    unsigned char *estimator; /* enum icl_mi_estimator: the one used */
    size_t skipped;           /* pairs where a term of the decomposition was taken as 0 */
};

/* The splits of error bars and the permutations are the same for every pair: a pair's row does not depend on which
 * other pairs were asked for. Bad input is named by the source. */
icl_status cli_estimate(const struct cli_source *source, const struct cli_pairs *pairs,
                        const struct cli_estimator *estimator, const struct cli_uncertainty *uncertainty,
                        uint64_t threads, struct cli_estimates *out, struct icl_error *err);
void cli_estimates_free(struct cli_estimates *estimates);

/* The header lines of the estimator: what it is, and its correction of counts. */
void cli_meta_estimator(json_t *meta, const struct cli_estimator *estimator);

/* One line on standard error for the pairs where a term was skipped, if there are any. */
void cli_note_skipped(const struct cli_estimates *estimates, const struct cli_source *source, size_t pairs);

/* How many nats make one unit. */
double cli_nats_in(enum cli_units units);

#endif
