#include <math.h>

#include "estimators/entropy_counts_internal.h"

double icl_shrinkage(const struct icl_counts *counts)
{
    const double n = counts->total, uniform = 1 / (double)counts->cells;
    double squares = 0, distance = 0;
    for (size_t c = 0; c < counts->cells; c++) {
        const double p = (double)counts->count[c] / n;
        squares += p * p;
        distance += (uniform - p) * (uniform - p);
    }
    const double variance = (1 - squares) / (n - 1);
    return n > 1 && variance < distance ? fmax(variance / distance, 0) : 1;
}

icl_status icl_entropy_james_stein(const struct icl_counts *counts, struct icl_workspace *ws,
                                   struct icl_count_entropy *result, struct icl_error *err)
{
    (void)ws;
    (void)err;
    const double a = icl_shrinkage(counts), uniform = 1 / (double)counts->cells;
    result->entropy = 0;
    for (size_t c = 0; c < counts->cells; c++)
        result->entropy += icl_surprise(a * uniform + (1 - a) * ((double)counts->count[c] / counts->total));
    return ICL_OK;
}
