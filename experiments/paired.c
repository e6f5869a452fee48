#include "experiments/paired.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double LEVEL = .95;

static struct icl_comparison unknown(double estimate, size_t n)
{
    return (struct icl_comparison){{estimate, NAN, NAN, NAN, NAN}, NAN, NAN, n};
}

/* Two-sided p of Student's t. */
static double p_of(double t, double df)
{
    return 2 * gsl_cdf_tdist_Q(fabs(t), df);
}

static double mean_of(const double *value, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += value[i];
    return sum / (double)n;
}

/* The sum of products of deviations from the means. */
static double cross_of(const double *x, const double *y, size_t n)
{
    const double mx = mean_of(x, n), my = mean_of(y, n);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mx) * (y[i] - my);
    return sum;
}

struct icl_comparison icl_compare_mean(const double *value, size_t n, double target)
{
    if (n == 0) return unknown(NAN, 0);
    const double mean = mean_of(value, n);
    if (n < 2) return unknown(mean, n);
    const double df = (double)n - 1, sd = sqrt(cross_of(value, value, n) / df), se = sd / sqrt((double)n);
    struct icl_comparison c = {{mean, se, df, mean, mean}, mean == target ? 1 : 0, (mean - target) / sd, n};
    if (isnan(sd)) return unknown(mean, n);
    if (sd == 0) return c;
    icl_interval_set(&c.interval, LEVEL);
    c.p = p_of((mean - target) / se, df);
    return c;
}

struct icl_comparison icl_compare_variances(const double *x, const double *y, size_t n)
{
    if (n < 3) return unknown(NAN, n);
    const double sxx = cross_of(x, x, n), syy = cross_of(y, y, n), sxy = cross_of(x, y, n), df = (double)n - 2;
    if (!(sxx > 0 && syy > 0)) return unknown(NAN, n);
    const double ratio = sxx / syy;
    const double alone = fmax(1 - sxy * sxy / (sxx * syy), 0); /* 1 - r^2 */
    const double t = gsl_cdf_tdist_Pinv((1 + LEVEL) / 2, df);
    const double k = 1 + 2 * alone * t * t / df, root = sqrt(k * k - 1);
    struct icl_comparison c = {{ratio, NAN, df, ratio * (k - root), ratio * (k + root)}, 1, log(ratio) / 2, n};
    c.interval.se = (c.interval.hi - c.interval.lo) / (2 * t);
    if (alone > 0)
        c.p = p_of((ratio - 1) * sqrt(df / (4 * ratio * alone)), df);
    else
        c.p = ratio == 1 ? 1 : 0;
    return c;
}

/* Mid-ranks from 1. */
static void rank(const double *value, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        size_t below = 0, same = 0;
        for (size_t j = 0; j < n; j++) {
            below += value[j] < value[i];
            same += value[j] == value[i];
        }
        out[i] = (double)below + ((double)same + 1) / 2;
    }
}

struct icl_comparison icl_compare_ranks(const double *x, const double *y, size_t n)
{
    if (n < 4) return unknown(NAN, n);
    double *ranks = malloc(2 * n * sizeof *ranks);
    if (ranks == NULL) return unknown(NAN, n);
    rank(x, n, ranks);
    rank(y, n, ranks + n);
    const double sxx = cross_of(ranks, ranks, n), syy = cross_of(ranks + n, ranks + n, n);
    const double sxy = cross_of(ranks, ranks + n, n);
    free(ranks);
    if (!(sxx > 0 && syy > 0)) return unknown(NAN, n);
    const double r = sxy / sqrt(sxx * syy), df = (double)n - 2;
    const double z = atanh(r), se = sqrt((1 + r * r / 2) / ((double)n - 3));
    const double half = gsl_cdf_ugaussian_Pinv((1 + LEVEL) / 2) * se;
    const bool perfect = fabs(r) >= 1;
    return (struct icl_comparison){
        {r, (1 - r * r) * se, INFINITY, perfect ? r : tanh(z - half), perfect ? r : tanh(z + half)},
        perfect ? 0 : p_of(r * sqrt(df / (1 - r * r)), df),
        r,
        n};
}

double icl_exceedance(const double *high, size_t n, const double *low, size_t m)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            sum += high[i] > low[j] ? 1 : high[i] == low[j] ? .5 : 0;
    return n > 0 && m > 0 ? sum / ((double)n * (double)m) : NAN;
}

/* Whether p[i] comes before p[j]: smaller, or as small and first. */
static bool before(const double *p, size_t i, size_t j)
{
    return p[i] < p[j] || (p[i] == p[j] && i < j);
}

void icl_holm(const double *p, size_t count, double *adjusted)
{
    size_t family = 0;
    for (size_t i = 0; i < count; i++)
        family += isnan(p[i]) ? 0 : 1;
    for (size_t i = 0; i < count; i++) {
        adjusted[i] = p[i];
        /* the largest of those up to p[i], each with its own factor */
        for (size_t j = 0; j < count && !isnan(p[i]); j++) {
            if (isnan(p[j]) || (j != i && !before(p, j, i))) continue;
            size_t earlier = 0;
            for (size_t k = 0; k < count; k++)
                earlier += !isnan(p[k]) && before(p, k, j);
            const double here = fmin(p[j] * (double)(family - earlier), 1);
            adjusted[i] = fmax(here, adjusted[i]);
        }
    }
}
