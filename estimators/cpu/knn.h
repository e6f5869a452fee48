/* The inner loops of the nearest-neighbour estimators, one variant an instruction set, all made of
 * estimators/cpu/knn_body.h and of one result to the last bit: they only subtract, compare and take maxima. Not part of
 * the interface: for estimators/ and its tests. */
#ifndef ICLAB_ESTIMATORS_CPU_KNN_H
#define ICLAB_ESTIMATORS_CPU_KNN_H

#include <stdbool.h>

#include "estimators/margins_internal.h"
#include "estimators/strips_internal.h"

/* The most neighbours the search of strips keeps; more are left to the k-d tree. */
enum { ICL_STRIPS_MOST_NEIGHBOURS = 31 };

/* What the search finds, by position of a family; within and extent may be NULL. Guards are left as they are. */
struct icl_strip_results {
    double *radius;
    uint32_t *within;
    double *extent[2]; /* of `across` and of `along`, over all points within the radius */
};

/* Distances from ICL_ROWS points at a time to blocks of ICL_ROW_BLOCK points. */
enum { ICL_ROWS = 8, ICL_ROW_BLOCK = 8 };

struct icl_knn_variant {
    const char *name;
    bool (*supported)(void);
    /* icl_neighbours for the points of the index, 1 <= k <= ICL_STRIPS_MOST_NEIGHBOURS; results[f] of family f. */
    void (*search)(const struct icl_strip_index *index, unsigned k, const struct icl_strip_results *results);
    /* count[i] = icl_count_within(sorted, n, x[i], r[i], strict). */
    void (*count)(const struct icl_margin *margin, const double *x, const double *r, size_t points, bool strict,
                  uint32_t *count);
    /* below[i] = #{j: sorted[j] < x[i]}. */
    void (*rank)(const struct icl_margin *margin, const double *x, size_t points, uint32_t *below);
    /* For the positions p = begin .. begin+points-1 of an ascending list: radius[p - begin] is the distance to the k-th
     * nearest other member, k < n, within[p - begin] how many others lie within it. */
    void (*line)(const double *ascending, size_t n, unsigned k, size_t begin, size_t points, double *radius,
                 uint32_t *within);
    /* row[r][j] = max_a |x_aj - own[r][a]| for r < ICL_ROWS and the points j of `blocks` blocks; coordinate a of the
     * points of block b lies at block[(b * dimensions + a) * ICL_ROW_BLOCK]. */
    void (*rows)(const double *block, size_t blocks, size_t dimensions, const double *const *own, double *const *row);
};

/* From the plainest to the fastest, ended by NULL, by the names and the order of icl_cpu_variants. */
extern const struct icl_knn_variant *const icl_knn_variants[];

/* The one in use: that of icl_cpu_best() unless icl_knn_use has set another, as tests do. */
const struct icl_knn_variant *icl_knn(void);
void icl_knn_use(const struct icl_knn_variant *variant); /* NULL: back to the choice of icl_cpu_best */

#endif
