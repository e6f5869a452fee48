/* Groups of columns: the regular ones, and the atom patterns of the samples (which share all identities). Not
 * installed.
 */
#ifndef ICLAB_ESTIMATORS_PATTERNS_INTERNAL_H
#define ICLAB_ESTIMATORS_PATTERNS_INTERNAL_H

#include "estimators/mi_groups.h"

/* The patterns that occur, 0 .. count-1 in lexicographic order of their identities (continuous part first). */
struct icl_patterns {
    size_t count;
    uint32_t *of;     /* of sample i */
    uint32_t *begin;  /* count + 1: pattern p has the samples sample[begin[p] .. begin[p + 1] - 1], ascending */
    uint32_t *sample; /* n */
};

/* In the workspace; not to be released before the last use. O(n columns), whatever the number of atoms. */
icl_status icl_patterns_find(const struct icl_column_group *group, struct icl_workspace *workspace,
                             struct icl_patterns *patterns, struct icl_error *err);

/* order: the samples sorted by (first, second) pattern, equal ones ascending. O(n). */
icl_status icl_patterns_order(const struct icl_patterns *first, const struct icl_patterns *second, size_t n,
                              struct icl_workspace *workspace, uint32_t *order, struct icl_error *err);

/* The regular columns of a group (in the workspace), and notes on it as icl_mi_groups leaves them. Columns that have
 * not n rows: ICL_ERR_INPUT. */
icl_status icl_column_group_regular(const struct icl_column_group *group, size_t n, struct icl_workspace *workspace,
                                    struct icl_column_group *kept, unsigned *notes, struct icl_error *err);

#endif
