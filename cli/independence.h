/* p-values of independence for chosen pairs: which null they come from, and what it needs before the first pair. */
#ifndef ICLAB_CLI_INDEPENDENCE_H
#define ICLAB_CLI_INDEPENDENCE_H

#include "cli/estimate.h"
#include "estimators/mi_null_table.h"

/* What serves all pairs of one call. */
struct cli_independence {
    const struct cli_uncertainty *uncertainty;
    struct icl_mi_null_table *table;  /* --null table; NULL otherwise */
    struct icl_null_class *of_column; /* by column, with the table */
};

/* Are there p-values? With --permute M, or from a formula. */
bool cli_wants_p(const struct cli_uncertainty *uncertainty);

/* ICL_ERR_USAGE where the options on p- and q-values do not go together. */
icl_status cli_independence_check(const struct cli_estimator *estimator, const struct cli_uncertainty *uncertainty,
                                  struct icl_error *err);

/* Ready for the pairs of a file of rows x cols. Owned: cli_independence_close, safe on zeros. */
icl_status cli_independence_open(struct cli_independence *test, size_t rows, size_t cols,
                                 const struct icl_mi_options *options, const struct cli_uncertainty *uncertainty,
                                 struct icl_error *err);
void cli_independence_close(struct cli_independence *test);

/* Takes down what a table needs of column number `index`: before its first pair. */
void cli_independence_column(struct cli_independence *test, size_t index, const struct icl_column *column);

/* p of one pair whose estimate by `options` (never AUTO) is `mi`; nan where a table will give it. */
icl_status cli_independence_p(const struct cli_independence *test, const struct cli_source *source,
                              struct cli_pair pair, const struct icl_mi_options *options, double mi,
                              struct icl_workspace *workspace, double *p, struct icl_error *err);

/* After the last pair: simulates the table, if there is one, on `threads` threads (0: all), and sets the p it gives.
 * Says on standard error for how many pairs it had no answer. */
icl_status cli_independence_finish(struct cli_independence *test, const struct cli_source *source,
                                   const struct cli_pairs *pairs, uint64_t threads, const double *mi, double *p,
                                   struct icl_error *err);

/* For the header: where p and q come from. Nothing if there are none. */
void cli_independence_meta(const struct cli_uncertainty *uncertainty, size_t pairs, json_t *meta);

#endif
