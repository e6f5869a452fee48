/* Coefficients of dependence for many pairs of columns, with their tests. */
#ifndef ICLAB_CLI_DEPENDENCE_H
#define ICLAB_CLI_DEPENDENCE_H

#include "cli/pairs.h"
#include "kernels/device.h"

enum cli_dependence_kind {
    CLI_PEARSON,
    CLI_SPEARMAN,
    CLI_KENDALL,
    CLI_DISTANCE,
    CLI_DISTANCE_CORRECTED,
    CLI_DEPENDENCE_COUNT
};

/* What --kind calls it, its columns of a table (coefficient, p, q), and the rows that it and its test need: nan of
 * fewer. */
struct cli_dependence_names {
    const char *name, *p, *q;
    size_t least, least_tested;
};
extern const struct cli_dependence_names cli_dependence_names[CLI_DEPENDENCE_COUNT];

/* The kinds that were asked for, in that order, and a value for each pair. */
struct cli_dependence {
    size_t kinds;
    enum cli_dependence_kind kind[CLI_DEPENDENCE_COUNT];
    double *value[CLI_DEPENDENCE_COUNT], *p[CLI_DEPENDENCE_COUNT],
        *q[CLI_DEPENDENCE_COUNT]; /* p, q: NULL without test */
};

/* Reads "pearson,kendall,...", each at most once. */
icl_status cli_dependence_parse(const char *text, struct cli_dependence *asked, struct icl_error *err);

/* Fills value (`device`: the Pearson and Spearman of all pairs there; NULL: on the processor), and with `test` p (of
 * independence) and q (Benjamini & Hochberg over the pairs, each kind by itself). The same bits for every number of
 * threads. Owned: cli_dependence_free, safe on zeros and after a failure. */
icl_status cli_dependence_estimate(struct icl_device *device, const struct cli_source *source,
                                   const struct cli_pairs *pairs, bool test, uint64_t threads,
                                   struct cli_dependence *asked, struct icl_error *err);
void cli_dependence_free(struct cli_dependence *asked);

#endif
