#include <math.h>

#include "estimators/entropy_counts_internal.h"

icl_status icl_entropy_chao_shen(const struct icl_counts *counts, struct icl_workspace *ws,
                                 struct icl_count_entropy *result, struct icl_error *err)
{
    (void)ws;
    (void)err;
    const double n = counts->total;
    double single = 0;
    for (size_t c = 0; c < counts->cells; c++)
        single += counts->count[c] == 1;
    if (single == n) single -= 1; /* no coverage at all would leave nothing to weigh */
    const double coverage = 1 - single / n;
    result->entropy = 0;
    for (size_t c = 0; c < counts->cells; c++) {
        if (counts->count[c] == 0) continue;
        const double p = coverage * (double)counts->count[c] / n;
        result->entropy += icl_surprise(p) / -expm1(n * log1p(-p)); /* 1 - (1-p)^n: seen at all (Horvitz-Thompson) */
    }
    return ICL_OK;
}
