/* The mutual information of chosen pairs, shared among threads. */
#ifndef ICLAB_CLI_ESTIMATE_H
#define ICLAB_CLI_ESTIMATE_H

#include "cli/pairs.h"
#include "estimators/mi_error.h"
#include "estimators/mi_normalised.h"

struct icl_device;

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

/* Where p-values come from, and what q-values control. The words of the command line, in the order of the enums. */
enum cli_null { CLI_NULL_PERMUTE, CLI_NULL_TABLE, CLI_NULL_ANALYTIC };
enum cli_fdr { CLI_FDR_NONE, CLI_FDR_BH, CLI_FDR_BY };
extern const char *const cli_null_names[], *const cli_fdr_names[];

/* Error bars and p-values, none of them by default. */
struct cli_uncertainty {
    bool error, drift;
    uint64_t permute; /* permutations of a pair, or draws of the table; 0: no p-values, unless the null is analytic */
    uint64_t block;   /* consecutive samples that stay together; 0, 1: all samples are independent */
    uint64_t stop;    /* a permutation test ends with this many values above the observed one; 0: after all */
    enum cli_null null;
    enum cli_fdr fdr;
    uint64_t seed;
};

/* One slot a pair, nats. All but mi and the estimator are NULL unless asked for. Owned: cli_estimates_free, safe on
 * zeros. */
struct cli_estimates {
    double *mi, *se, *p, *q;
    double *lo, *hi; /* with se: the 95 % interval */
    struct icl_mi_drift *drift;
    double *normalised;
    unsigned char *estimator; /* enum icl_mi_estimator: the one used */
    size_t drifting;          /* pairs whose drift is beyond ICL_MI_DRIFT_LIMIT */
    size_t atoms;             /* pairs with atoms, where the estimator is for densities only */
    size_t skipped;           /* pairs where a term of the decomposition was taken as 0 */
};

/* The splits of error bars, the permutations and the draws of the table are the same for every pair: but for q, a
 * pair's row does not depend on which other pairs were asked for. Bad input is named by the source. `device` NULL: the
 * processor; otherwise one of cli_estimate_device (cli/estimate_device.h), and all columns are prepared. */
icl_status cli_estimate(struct icl_device *device, const struct cli_source *source, const struct cli_pairs *pairs,
                        const struct cli_estimator *estimator, const struct cli_uncertainty *uncertainty,
                        uint64_t threads, struct cli_estimates *out, struct icl_error *err);
void cli_estimates_free(struct cli_estimates *estimates);

/* The header lines of the estimator: what it is, and its correction of counts. */
void cli_meta_estimator(json_t *meta, const struct cli_estimator *estimator);

/* Is this a value of an estimator for densities on a column with atoms? And a note of how many of them there were. */
bool cli_is_meaningless(enum icl_mi_estimator used, unsigned notes);
void cli_note_atoms(const struct cli_source *source, size_t with, size_t all, const char *what);

/* A line on standard error for the pairs where a term was skipped, and one for those that drift, if there are any. */
void cli_note_skipped(const struct cli_estimates *estimates, const struct cli_source *source, size_t pairs);

/* How many nats make one unit. */
double cli_nats_in(enum cli_units units);

#endif
