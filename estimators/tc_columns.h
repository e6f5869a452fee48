/* Total correlation of a set of prepared columns by a named estimator, nats. */
#ifndef ICLAB_ESTIMATORS_TC_COLUMNS_H
#define ICLAB_ESTIMATORS_TC_COLUMNS_H

#include "estimators/mi_groups.h"
#include "estimators/total_correlation.h"

#ifdef __cplusplus
extern "C" {
#endif

struct icl_tc_result {
    double tc;                       /* nats */
    double pairs;                    /* sum of I(x_a;x_b) over the pairs a < b, by the same estimator and k */
    enum icl_mi_estimator estimator; /* the one that was used: never AUTO */
    unsigned notes;                  /* of enum icl_mi_note */
};

/* Is there a form of it for total correlation? auto, decomposition, ksg1, ksg2, mesner-shalizi, plugin. */
bool icl_tc_takes(enum icl_mi_estimator estimator);

/* Total correlation sum H(x_a) - H(x) of the columns of `set` on their z values; k = 0: ICL_MI_DEFAULT_K.
 * - ksg1, ksg2, mesner-shalizi: the forms of icl_mi_groups for d groups of one column, psi(n) and 1/k taken d - 1
 * times; any number of columns.
 * - decomposition: icl_tc_decomposition, at most ICL_TC_MOST_COLUMNS columns.
 * - plugin: icl_tc_table of equal-count bins; bins = 0: floor((n/4)^(1/(d+1))), at least 2; at most 8 columns and
 *   ICL_TC_MOST_CELLS cells.
 * - auto: the decomposition of up to ICL_TC_MOST_COLUMNS columns; Mesner-Shalizi of more, and on lattices: where a
 *   column has more than sqrt(n) atoms, or two or more have more than ICL_MI_COARSE and the table of all fewer than 10
 *   samples a cell.
 * Constant columns tell nothing and are left out; with fewer than two others the result is 0, with a note. A column
 * with NaN or inf: nan. Other estimators: ICL_ERR_USAGE; n <= k, columns of different n, too large a table:
 * ICL_ERR_INPUT. For two columns tc == pairs for ksg1, ksg2, mesner-shalizi and plugin. */
icl_status icl_tc_columns(const struct icl_column_group *set, const struct icl_mi_options *options,
                          struct icl_workspace *workspace, struct icl_tc_result *result, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
