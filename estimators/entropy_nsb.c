#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "estimators/entropy_counts_internal.h"

/* The posterior of b, the concentration of a symmetric Dirichlet prior, is integrated over t = ln b by the trapezoidal
 * rule: its density is analytic and falls off exponentially to both sides (as b^K+ and 1/b), where that rule converges
 * faster than any power of the step. */
enum { FIRST_PANELS = 64, MOST_PANELS = 1 << 16, GOLDEN_STEPS = 48, BISECTIONS = 24 };
static const double MARGIN = 50;      /* the search goes so far, in t, beyond where the peak can be */
static const double CUT = 42;         /* ln of the density below its peak, where the integral ends: exp(-42) = 6e-19 */
static const double LARGE = 16;       /* from here on Stirling's series, whose first omitted term is under 2e-16 */
static const double CONVERGED = 1e-8; /* change of the mean, and of the sd, in sd */
static const double ROUNDING = 1e-14;

/* Cells of equal count in one term. */
struct problem {
    double cells, total;
    size_t distinct;
    const double *n, *multiplicity;
};

/* ln Gamma(x) - (x - 1/2) ln x + x - ln(2 pi)/2, x >= LARGE. */
static double stirling_rest(double x)
{
    const double u = 1 / (x * x);
    return (1.0 / 12 - u * (1.0 / 360 - u * (1.0 / 1260 - u * (1.0 / 1680 - u * (1.0 / 1188))))) / x;
}

static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign); /* lgamma() writes to a global */
}

/* ln Gamma(b + n) / Gamma(b), also where b is so large that the two could not be subtracted. */
static double log_rising(double b, double n)
{
    if (n == 0) return 0;
    if (b < LARGE) return log_gamma(b + n) - log_gamma(b);
    return (b - 0.5) * log1p(n / b) + n * log(b + n) - n + stirling_rest(b + n) - stirling_rest(b);
}

/* d/db of the prior mean of the entropy, psi(K b + 1) - psi(b + 1). For large b the two trigammas agree to all digits:
 * from their series. */
static double prior_slope(double cells, double b)
{
    if (b < LARGE) return cells * gsl_sf_psi_1(cells * b + 1) - gsl_sf_psi_1(b + 1);
    const double r = 1 / cells, u = 1 / (b * b);
    return u * ((1 - r) / 2 - (1 - r * r) / (6 * b) + u / b * ((1 - pow(r, 4)) / 30 - u * (1 - pow(r, 6)) / 42));
}

/* ln of the density of t, up to a constant. */
static double log_density(const struct problem *p, double t)
{
    const double b = exp(t);
    double sum = -log_rising(p->cells * b, p->total);
    for (size_t d = 0; d < p->distinct; d++)
        sum += p->multiplicity[d] * log_rising(b, p->n[d]);
    return sum + log(prior_slope(p->cells, b)) + t;
}

/* Mean and variance of the entropy given b (Wolpert & Wolf 1995), the variance about the mean itself. */
static void moments(const struct problem *p, double t, double *mean, double *variance)
{
    const double b = exp(t), whole = p->total + p->cells * b, psi_whole = gsl_sf_psi(whole + 2);
    *mean = psi_whole - 1 / (whole + 1);
    for (size_t d = 0; d < p->distinct; d++) {
        const double x = p->n[d] + b;
        *mean -= p->multiplicity[d] * (x / whole) * gsl_sf_psi(x + 1);
    }
    double sum = 0, squares = 0, same = 0;
    for (size_t d = 0; d < p->distinct; d++) {
        const double x = p->n[d] + b, part = x / whole;
        const double one = gsl_sf_psi(x + 1) - psi_whole + *mean, two = one + 1 / (x + 1);
        sum += p->multiplicity[d] * part * one;
        squares += p->multiplicity[d] * part * part * one * one;
        same += p->multiplicity[d] * part * ((x + 1) / (whole + 1)) * (two * two + gsl_sf_psi_1(x + 2));
    }
    *variance = (sum * sum - squares) * (whole / (whole + 1)) + same - gsl_sf_psi_1(whole + 2);
}

/* Where the density has its peak, and the interval outside of which it can be neglected. */
struct range {
    double low, peak, high, top;
};

static double crossing(const struct problem *p, double inside, double outside, double level)
{
    for (int i = 0; i < BISECTIONS; i++) {
        const double middle = (inside + outside) / 2;
        if (log_density(p, middle) > level)
            inside = middle;
        else
            outside = middle;
    }
    return outside;
}

static struct range find_range(const struct problem *p)
{
    /* left of 1/(K ln N) the density only rises, right of N^2/K and 1 it only falls */
    const double from = -log(p->cells) - log(2 + log(p->total)) - MARGIN;
    const double to = fmax(0, 2 * log(p->total) - log(p->cells)) + MARGIN;
    struct range r = {.top = -INFINITY};
    for (double t = from; t <= to; t += 1) {
        const double here = log_density(p, t);
        if (here > r.top) r.top = here, r.peak = t;
    }
    double low = r.peak - 1, high = r.peak + 1;
    const double ratio = (sqrt(5) - 1) / 2;
    for (int i = 0; i < GOLDEN_STEPS; i++) {
        const double left = high - ratio * (high - low), right = low + ratio * (high - low);
        if (log_density(p, left) > log_density(p, right))
            high = right;
        else
            low = left;
    }
    r.peak = (low + high) / 2;
    r.top = log_density(p, r.peak);
    low = r.peak - 1;
    high = r.peak + 1;
    while (log_density(p, low) > r.top - CUT)
        low -= 1;
    while (log_density(p, high) > r.top - CUT)
        high += 1;
    r.low = crossing(p, r.peak, low, r.top - CUT);
    r.high = crossing(p, r.peak, high, r.top - CUT);
    return r;
}

/* Sums over nodes of the density, and of it times the moments. */
struct sums {
    double weight, mean, square, variance;
};

static void add_node(const struct problem *p, const struct range *r, double centre, double t, struct sums *sums)
{
    double mean, variance;
    moments(p, t, &mean, &variance);
    const double weight = exp(log_density(p, t) - r->top);
    sums->weight += weight;
    sums->mean += weight * (mean - centre);
    sums->square += weight * (mean - centre) * (mean - centre);
    sums->variance += weight * variance;
}

static icl_status integrate(const struct problem *p, struct icl_count_entropy *result, struct icl_error *err)
{
    const struct range r = find_range(p);
    double centre, unused;
    moments(p, r.peak, &centre, &unused);
    struct sums sums = {0};
    for (size_t panels = FIRST_PANELS; panels <= MOST_PANELS; panels *= 2) {
        const struct icl_count_entropy before = *result;
        const bool first = panels == FIRST_PANELS;
        for (size_t i = first ? 0 : 1; i <= panels; i += first ? 1 : 2) /* then only the nodes between the old ones */
            add_node(p, &r, centre, r.low + (r.high - r.low) * ((double)i / (double)panels), &sums);
        const double mean = sums.mean / sums.weight;
        result->entropy = centre + mean;
        result->sd = sqrt(fmax(sums.variance / sums.weight + sums.square / sums.weight - mean * mean, 0));
        const double enough = CONVERGED * result->sd + ROUNDING * (1 + fabs(centre));
        if (!first && fabs(result->entropy - before.entropy) <= enough && fabs(result->sd - before.sd) <= enough)
            return ICL_OK;
    }
    return icl_fail(err, ICL_ERR_NUMERIC, "entropy of %g samples in %g cells: the NSB integral does not converge",
                    p->total, p->cells);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

icl_status icl_entropy_nsb(const struct icl_counts *counts, struct icl_workspace *ws, struct icl_count_entropy *result,
                           struct icl_error *err)
{
    *result = (struct icl_count_entropy){0, 0};
    if (counts->cells == 1) return ICL_OK;
    double *n = ICL_TAKE(ws, counts->cells, double), *multiplicity = ICL_TAKE(ws, counts->cells, double);
    if (n == NULL || multiplicity == NULL) return icl_fail_memory(err, "the counts of an entropy");
    for (size_t c = 0; c < counts->cells; c++)
        n[c] = (double)counts->count[c];
    qsort(n, counts->cells, sizeof *n, compare);
    size_t distinct = 0;
    for (size_t c = 0; c < counts->cells; c++) {
        if (distinct == 0 || n[c] != n[distinct - 1]) {
            n[distinct] = n[c];
            multiplicity[distinct++] = 0;
        }
        multiplicity[distinct - 1] += 1;
    }
    const struct problem p = {(double)counts->cells, counts->total, distinct, n, multiplicity};
    return integrate(&p, result, err);
}
