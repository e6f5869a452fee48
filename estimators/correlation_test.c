#include "estimators/correlation_test.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

double icl_correlation_p(double r, size_t n)
{
    if (isnan(r) || n < 3) return NAN;
    /* t^2 / (df + t^2) = r^2 follows a beta law; its lower tail in 1 - r^2 keeps its digits where p is tiny. */
    const double rest = (1 - fabs(r)) * (1 + fabs(r));
    return rest > 0 ? gsl_cdf_beta_P(rest, ((double)n - 2) / 2, .5) : 0;
}

double icl_kendall_p(const struct icl_kendall *kendall)
{
    return erfc(fabs(kendall->s) / sqrt(2 * kendall->variance));
}

double icl_distance_p(double corrected, size_t n)
{
    if (isnan(corrected)) return NAN;
    const double statistic = (double)n * corrected + 1;
    return statistic > 0 ? erfc(sqrt(statistic / 2)) : 1;
}

icl_status icl_correlation_interval(enum icl_correlation_kind kind, double r, size_t n, double level, double *lo,
                                    double *hi, struct icl_error *err)
{
    *lo = *hi = NAN;
    if (!(level > 0 && level < 1)) return icl_fail(err, ICL_ERR_INPUT, "confidence level %g: must be in (0,1)", level);
    if (isnan(r) || n < 4) return ICL_OK;
    const double widening = kind == ICL_CORRELATION_SPEARMAN ? 1 + r * r / 2 : 1;
    const double half = gsl_cdf_ugaussian_Pinv((1 + level) / 2) * sqrt(widening / ((double)n - 3));
    *lo = tanh(atanh(r) - half);
    *hi = tanh(atanh(r) + half);
    return ICL_OK;
}
