/* One function a correction, for a table with at least one sample. Not installed. */
#ifndef ICLAB_ESTIMATORS_ENTROPY_COUNTS_INTERNAL_H
#define ICLAB_ESTIMATORS_ENTROPY_COUNTS_INTERNAL_H

#include "estimators/entropy_counts.h"

struct icl_counts {
    const uint64_t *count;
    size_t cells, occupied;
    double total; /* > 0 */
};

typedef icl_status icl_correction_run(const struct icl_counts *counts, struct icl_workspace *ws,
                                      struct icl_count_entropy *result, struct icl_error *err);

icl_correction_run icl_entropy_chao_shen, icl_entropy_grassberger, icl_entropy_james_stein, icl_entropy_nsb;

/* -p ln p, 0 at p = 0. */
double icl_surprise(double p);

/* The weight a of the uniform law over `cells` cells in the James-Stein estimate. */
double icl_shrinkage(const struct icl_counts *counts);

#endif
