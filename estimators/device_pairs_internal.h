/* Pairs on a device from the inside: shared by estimators/device_*.c. Not installed. */
#ifndef ICLAB_ESTIMATORS_DEVICE_PAIRS_INTERNAL_H
#define ICLAB_ESTIMATORS_DEVICE_PAIRS_INTERNAL_H

#include "estimators/device_pairs.h"

/* Device memory that a struct icl_device_mi owns. */
enum { ICL_DEVICE_MOST_BLOCKS = 16 };
struct icl_device_memory {
    struct icl_device *device;
    void *block[ICL_DEVICE_MOST_BLOCKS];
    size_t count;
};
icl_status icl_device_memory_take(struct icl_device_memory *memory, size_t bytes, const char *what, void **taken,
                                  struct icl_error *err);
void icl_device_memory_release(struct icl_device_memory *memory);

/* How a pair is estimated: by the processor, from joint tables, or from scores with atoms or z without. */
enum icl_device_route { ICL_ROUTE_HOST, ICL_ROUTE_TABLES, ICL_ROUTE_SCORES, ICL_ROUTE_PLANE, ICL_ROUTES };

struct icl_device_mi {
    struct icl_device *device;
    struct icl_device_mi_task task;
    size_t n;
    struct icl_workspace **workspaces; /* one a worker */
    unsigned workers;
    size_t left;
    const double *digamma;            /* 0 .. n + 1, of workspace 0's table */
    struct icl_device_memory columns; /* lives as long as this */

    bool uploaded[ICL_ROUTES];
    struct icl_device_bins bins;
    struct icl_device_samples scores, plane;
    const uint32_t *tied;
    int64_t *margin_terms; /* of a column: sum over its bins, levels, bins */
    size_t *levels, *binned;
};

/* The route of a pair, and its estimator (never AUTO). */
enum icl_device_route icl_device_route_of(const struct icl_device_mi *mi, struct icl_column_pair pair,
                                          enum icl_mi_estimator *estimator);

/* chosen[begin[r] .. begin[r+1]-1]: the numbers of the pairs of route r, ascending, and their estimator. A pair of
 * columns that are not there: ICL_ERR_INPUT. */
icl_status icl_device_route_pairs(const struct icl_device_mi *mi, const struct icl_column_pair *pair, size_t count,
                                  size_t *chosen, size_t begin[ICL_ROUTES + 1],
                                  enum icl_mi_estimator estimator[ICL_ROUTES], struct icl_error *err);

/* Brings to the device what a route reads, once. */
icl_status icl_device_upload(struct icl_device_mi *mi, enum icl_device_route route, struct icl_error *err);

/* ---- batches ---- */

/* A stream of estimates on one route. */
struct icl_device_run {
    enum icl_device_route route;
    enum icl_mi_estimator estimator;
    size_t count;
    /* Estimate number `index`. */
    struct icl_device_pair (*pair)(void *context, size_t index);
    /* Its result; in the order of the numbers. */
    icl_status (*take)(void *context, size_t index, const struct icl_mi_result *result, struct icl_error *err);
    /* The same from the processor, for one that the device is not sure of. */
    icl_status (*again)(void *context, size_t index, struct icl_mi_result *result, struct icl_error *err);
    void *context;
    struct icl_device_permutations permutations;
};
icl_status icl_device_batches(struct icl_device_mi *mi, const struct icl_device_run *run, struct icl_error *err);

#endif
