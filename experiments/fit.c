#include "experiments/fit.h"

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <string.h>

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

static bool all_finite(const gsl_vector *v)
{
    for (size_t i = 0; i < v->size; i++)
        if (!isfinite(gsl_vector_get(v, i))) return false;
    return true;
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
    bool done = gsl_multifit_nlinear_init(&theta.vector, &fdf, w) == GSL_SUCCESS;
    if (done && gsl_multifit_nlinear_driver(MOST_STEPS, ACCURACY, ACCURACY, 0, NULL, NULL, &info, w) != GSL_SUCCESS)
        done = info == GSL_ENOPROG && all_finite(gsl_multifit_nlinear_residual(w)); /* the start cannot be bettered */
    if (done) {
        *amplitude = gsl_vector_get(gsl_multifit_nlinear_position(w), 0);
        *exponent = gsl_vector_get(gsl_multifit_nlinear_position(w), 1);
    }
    gsl_multifit_nlinear_free(w);
}

/* Replaces the covariance of the points, too noisy from a few blocks to be inverted, by the one that independent gates
 * give to I(q) = mean of g h l over the samples (l: the log ratio of densities of a sample):
 *     C_jk = q_j^2 q_k^2 V + [j = k] q_j^2 (1 - q_j^2) M,
 * with V (noise of the samples, shared by all keeps) and M (noise of the gates) fitted to the covariance found. Then
 * takes its Cholesky factor in place. */
static bool weigh(const double *keep, double *covariance, size_t m)
{
    double cross = 0, square = 0, gates = 0, terms = 0;
    for (size_t j = 0; j < m; j++) {
        for (size_t k = 0; k < j; k++) {
            const double shape = keep[j] * keep[j] * keep[k] * keep[k];
            cross += shape * covariance[j * m + k];
            square += shape * shape;
        }
    }
    double samples = cross / square;
    if (!(samples > 0)) samples = covariance[0];
    for (size_t j = 0; j < m; j++) {
        const double q2 = keep[j] * keep[j];
        if (q2 >= 1) continue;
        gates += (covariance[j * m + j] - q2 * q2 * samples) / (q2 * (1 - q2));
        terms += 1;
    }
    gates /= terms;
    if (!(gates > 0)) gates = samples;
    for (size_t j = 0; j < m; j++) {
        for (size_t k = 0; k < m; k++) {
            const double qj = keep[j] * keep[j], qk = keep[k] * keep[k];
            covariance[j * m + k] = qj * qk * samples + (j == k ? qj * (1 - qj) * gates : 0);
        }
    }
    gsl_matrix_view view = gsl_matrix_view_array(covariance, m, m);
    return gsl_linalg_cholesky_decomp1(&view.matrix) == GSL_SUCCESS;
}

/* Fits `level` with weights from the leave-one-out vectors, passing over one of them (blocks: none). */
static bool fit_levels(const double *keep, const double *level, const double *without, size_t blocks, size_t m,
                       size_t skipped, double *amplitude, double *exponent)
{
    double covariance[ICL_MOST_LEVELS * ICL_MOST_LEVELS];
    icl_jackknife_covariance(without, blocks, m, skipped, covariance);
    if (!weigh(keep, covariance, m)) return false;
    const struct problem p = {m, keep, level, covariance};
    solve(&p, amplitude, exponent);
    return !isnan(*exponent);
}

static bool fit_all(const double *keep, const double *without, size_t blocks, size_t m, double *memory,
                    struct icl_power_fit *fit)
{
    double amplitude, exponent, *amplitudes = memory, *exponents = memory + blocks, *curve = memory + 2 * blocks;
    if (!fit_levels(keep, fit->level, without, blocks, m, blocks, &amplitude, &exponent)) return false;
    for (size_t b = 0; b < blocks; b++)
        if (!fit_levels(keep, without + b * m, without, blocks, m, b, &amplitudes[b], &exponents[b])) return false;
    fit->amplitude.estimate = amplitude;
    fit->exponent.estimate = exponent;
    icl_jackknife_interval(amplitudes, blocks, &fit->amplitude);
    icl_jackknife_interval(exponents, blocks, &fit->exponent);
    for (size_t i = 0; i < m; i++) {
        for (size_t b = 0; b < blocks; b++)
            curve[b] = amplitudes[b] * pow(keep[i], exponents[b]);
        struct icl_interval point = {.estimate = amplitude * pow(keep[i], exponent)};
        icl_jackknife_interval(curve, blocks, &point);
        fit->keep[i] = keep[i];
        fit->curve[i] = point.estimate;
        fit->lo[i] = point.lo;
        fit->hi[i] = point.hi;
    }
    return true;
}

icl_status icl_fit_power(const struct icl_series *series, const double *keep, struct icl_power_fit *fit,
                         struct icl_error *err)
{
    icl_gsl_errors_as_codes();
    const size_t m = series->levels, blocks = series->blocks;
    if (blocks < 3) return icl_fail(err, ICL_ERR_INPUT, "a fit to %zu blocks: at least 3 are needed", blocks);
    double *without = malloc((blocks * m + 3 * blocks) * sizeof *without),
           covariance[ICL_MOST_LEVELS * ICL_MOST_LEVELS];
    if (without == NULL) return icl_fail_memory(err, "a fit");
    fit->levels = m;
    icl_status status = icl_series_leave_one_out(series, fit->level, without, err);
    if (status == ICL_OK) {
        icl_jackknife_covariance(without, blocks, m, blocks, covariance);
        for (size_t i = 0; i < m; i++)
            fit->se[i] = sqrt(covariance[i * m + i]);
        if (!fit_all(keep, without, blocks, m, without + blocks * m, fit))
            status = icl_fail(err, ICL_ERR_NUMERIC, "the power law of '%s' could not be fitted", series->estimator);
    }
    free(without);
    return status;
}
