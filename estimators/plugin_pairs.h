/* The plug-in of many pairs: each neuron is binned once, joint tables are counted from bitmaps. */
#ifndef ICLAB_ESTIMATORS_PLUGIN_PAIRS_H
#define ICLAB_ESTIMATORS_PLUGIN_PAIRS_H

#include "estimators/mi_counts.h"
#include "estimators/mutual_information.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A column in the bins of icl_quantile_bins. Bit i of bitmap b (words words of 64, unused bits 0) says whether sample i
 * lies in bin b. A column that is constant or not finite has a state and nothing else. */
struct icl_binned {
    size_t n, bins, words;
    enum icl_column_state state;
    uint32_t *bin;      /* of a sample */
    uint32_t *margin;   /* samples of a bin */
    uint64_t *bitmap;   /* bins x words; NULL where there are more than ICL_BINNED_MOST_BITMAPS bins */
    int64_t margin_sum; /* of icl_counts_term over the bins, for tables of n samples */
    size_t levels;      /* bins that hold samples */
    void *memory;       /* owns the arrays */
};
enum { ICL_BINNED_MOST_BITMAPS = 64 };

/* `bins` as in struct icl_mi_options. Nothing of `column` is kept. 4 bytes a sample, and 1/8 a sample and bin. Owned by
 * the caller: icl_binned_free, safe on zeros. O(n). */
icl_status icl_binned_make(struct icl_binned *binned, const struct icl_column *column, unsigned bins,
                           struct icl_error *err);
void icl_binned_free(struct icl_binned *binned);

/* The joint table, x->bins rows and y->bins columns, row-major: (x->bins - 1)(y->bins - 1) cells by AND and a count of
 * ones, the last row and column from the margins; or, where there are too many cells for that, sample by sample. Both
 * columns regular, of the same n. O(n cells / 64) or O(n). */
void icl_binned_table(const struct icl_binned *x, const struct icl_binned *y, uint32_t *count);

/* What icl_mi_pair gives for ICL_MI_PLUGIN with the bins of x and y, to the last bit, whatever the processor. `terms`
 * are those of n samples. */
icl_status icl_plugin_pair(const struct icl_binned *x, const struct icl_binned *y, const struct icl_count_terms *terms,
                           struct icl_workspace *workspace, struct icl_mi_result *result, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
