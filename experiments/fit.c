#include "experiments/fit.h"

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdlib.h>

#include "core/gsl_errors.h"

/* The weighted problem: W (I - I0 q^b) with W the inverse Cholesky factor of the covariance. */
struct problem {
    size_t levels;
    const double *keep;
    const double *level;
    const double *factor; /* Cholesky factor L of the covariance, levels x levels, lower */
};

/* r = L^-1 r by forward substitution. */
static void whiten(const struct problem *p, double *r)
{
    for (size_t i = 0; i < p->levels; i++) {
        for (size_t j = 0; j < i; j++)
            r[i] -= p->factor[i * p->levels + j] * r[j];
        r[i] /= p->factor[i * p->levels + i];
    }
}

static int residuals(const gsl_vector *theta, void *context, gsl_vector *f)
{
    const struct problem *p = context;
    double r[ICL_MOST_LEVELS];
    for (size_t i = 0; i < p->levels; i++)
        r[i] = gsl_vector_get(theta, 0) * pow(p->keep[i], gsl_vector_get(theta, 1)) - p->level[i];
    whiten(p, r);
    for (size_t i = 0; i < p->levels; i++)
        gsl_vector_set(f, i, r[i]);
    return GSL_SUCCESS;
}

static int jacobian(const gsl_vector *theta, void *context, gsl_matrix *jacobian)
{
    const struct problem *p = context;
    double d0[ICL_MOST_LEVELS], d1[ICL_MOST_LEVELS];
    for (size_t i = 0; i < p->levels; i++) {
        d0[i] = pow(p->keep[i], gsl_vector_get(theta, 1));
        d1[i] = gsl_vector_get(theta, 0) * d0[i] * log(p->keep[i]);
    }
    whiten(p, d0);
    whiten(p, d1);
    for (size_t i = 0; i < p->levels; i++) {
        gsl_matrix_set(jacobian, i, 0, d0[i]);
        gsl_matrix_set(jacobian, i, 1, d1[i]);
    }
    return GSL_SUCCESS;
}

/* Fits amplitude and exponent to p->level; nan, nan where the fit does not converge. */
static void solve(const struct problem *p, double *amplitude, double *exponent)
{
    enum { MOST_STEPS = 100 };
    static const double ACCURACY = 1e-10;
    *amplitude = *exponent = NAN;
    gsl_multifit_nlinear_parameters parameters = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_workspace *w =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &parameters, p->levels, 2);
    if (w == NULL) return;
    struct problem copy = *p;
    gsl_multifit_nlinear_fdf fdf = {.f = residuals, .df = jacobian, .n = p->levels, .p = 2, .params = &copy};
    double start[2] = {p->level[0] != 0 ? p->level[0] : 1, 2};
    gsl_vector_view theta = gsl_vector_view_array(start, 2);
    int info = 0;
    if (gsl_multifit_nlinear_init(&theta.vector, &fdf, w) == GSL_SUCCESS &&
        gsl_multifit_nlinear_driver(MOST_STEPS, ACCURACY, ACCURACY, 0, NULL, NULL, &info, w) == GSL_SUCCESS) {
        *amplitude = gsl_vector_get(gsl_multifit_nlinear_position(w), 0);
        *exponent = gsl_vector_get(gsl_multifit_nlinear_position(w), 1);
    }
    gsl_multifit_nlinear_free(w);
}

/* The Cholesky factor of the shrunk covariance; a level without variance gets the smallest positive one. */
static icl_status weigh(const struct icl_series *series, double *covariance, struct icl_error *err)
{
    const size_t m = series->levels;
    const double pairs = (double)(m * (m - 1)) / 2, trust = (double)series->blocks / ((double)series->blocks + pairs);
    double smallest = 0;
    for (size_t i = 0; i < m; i++) {
        const double variance = covariance[i * m + i];
        if (variance > 0 && (smallest == 0 || variance < smallest)) smallest = variance;
        for (size_t j = 0; j < m; j++)
            if (i != j) covariance[i * m + j] *= trust;
    }
    for (size_t i = 0; i < m; i++)
        if (covariance[i * m + i] == 0) covariance[i * m + i] = smallest > 0 ? smallest : 1;
    gsl_matrix_view view = gsl_matrix_view_array(covariance, m, m);
    if (gsl_linalg_cholesky_decomp1(&view.matrix) != GSL_SUCCESS)
        return icl_fail(err, ICL_ERR_NUMERIC, "the covariance of a series of '%s' is not positive definite",
                        series->estimator);
    return ICL_OK;
}

/* A fit to the levels of all blocks, or without one: weights and levels both. */
static icl_status fit_without(const struct icl_series *series, const double *keep, const double *level,
                              const double *without, size_t skipped, double *amplitude, double *exponent,
                              struct icl_error *err)
{
    double covariance[ICL_MOST_LEVELS * ICL_MOST_LEVELS];
    icl_replicates_covariance(without, series->blocks, series->levels, skipped, covariance);
    ICL_TRY(weigh(series, covariance, err));
    const struct problem p = {series->levels, keep, level, covariance};
    solve(&p, amplitude, exponent);
    if (isnan(*exponent))
        return icl_fail(err, ICL_ERR_NUMERIC, "the power law of '%s' could not be fitted", series->estimator);
    return ICL_OK;
}

/* What the fits come to: an interval for each number. `all` is of all blocks, amplitude and exponent without each. */
static void summarise(struct icl_power_fit *fit, size_t blocks, const double *amplitude, const double *exponent,
                      double *point)
{
    icl_jackknife_interval(amplitude, blocks, &fit->amplitude);
    icl_jackknife_interval(exponent, blocks, &fit->exponent);
    for (size_t i = 0; i < fit->levels; i++) {
        struct icl_interval at = {.estimate = fit->amplitude.estimate * pow(fit->keep[i], fit->exponent.estimate)};
        for (size_t b = 0; b < blocks; b++)
            point[b] = amplitude[b] * pow(fit->keep[i], exponent[b]);
        icl_jackknife_interval(point, blocks, &at);
        fit->curve[i] = at.estimate;
        fit->lo[i] = at.lo;
        fit->hi[i] = at.hi;
    }
}

static icl_status fit_blocks(const struct icl_series *series, const double *keep, struct icl_power_fit *fit,
                             double *memory, struct icl_error *err)
{
    const size_t m = series->levels, blocks = series->blocks;
    double *without = memory, *amplitude = memory + blocks * m, *exponent = amplitude + blocks;
    double covariance[ICL_MOST_LEVELS * ICL_MOST_LEVELS];
    ICL_TRY(icl_series_replicates(series, fit->level, without, err));
    icl_replicates_covariance(without, blocks, m, blocks, covariance);
    for (size_t i = 0; i < m; i++) {
        fit->keep[i] = keep[i];
        fit->se[i] = sqrt(covariance[i * m + i]);
    }
    ICL_TRY(
        fit_without(series, keep, fit->level, without, blocks, &fit->amplitude.estimate, &fit->exponent.estimate, err));
    for (size_t b = 0; b < blocks; b++)
        ICL_TRY(fit_without(series, keep, without + b * m, without, b, &amplitude[b], &exponent[b], err));
    summarise(fit, blocks, amplitude, exponent, exponent + blocks);
    return ICL_OK;
}

icl_status icl_fit_power(const struct icl_series *series, const double *keep, struct icl_power_fit *fit,
                         struct icl_error *err)
{
    icl_gsl_errors_as_codes();
    fit->levels = series->levels;
    double *memory = calloc(series->blocks * (series->levels + 3) + 1, sizeof *memory);
    if (memory == NULL) return icl_fail_memory(err, "a fit");
    const icl_status status = fit_blocks(series, keep, fit, memory, err);
    free(memory);
    return status;
}
