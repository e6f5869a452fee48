#include <gsl/gsl_sf_psi.h>
#include <math.h>

#include "estimators/entropy_counts_internal.h"

/* G(n) = psi(n) + (-1)^n [psi((n+1)/2) - psi(n/2)] / 2 with the duplication formula of psi put in: G(2m) = G(2m+1). */
static double g(uint64_t n)
{
    return gsl_sf_psi((double)(n / 2) + 0.5) + M_LN2;
}

icl_status icl_entropy_grassberger(const struct icl_counts *counts, struct icl_workspace *ws,
                                   struct icl_count_entropy *result, struct icl_error *err)
{
    (void)ws;
    (void)err;
    double sum = 0;
    for (size_t c = 0; c < counts->cells; c++)
        if (counts->count[c] > 0) sum += (double)counts->count[c] * g(counts->count[c]);
    result->entropy = log(counts->total) - sum / counts->total;
    return ICL_OK;
}
