/* Exact mutual information and entropy of the laws, by closed forms, exact sums and one-dimensional integrals.
 * Everything in nats. Notation: q = keep, phi and Phi the standard normal density and distribution function. */
#include "estimators/dropout_law.h"
#include "experiments/laws_truth.h"

#include <math.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>

#include "core/gsl_errors.h"

/* ------------------------------------------------------------------ helpers */

/* t ln t, continued by 0. */
static double t_log_t(double t)
{
    return t > 0 ? t * log(t) : 0;
}

double icl_entropy_of_law(const double *p, size_t size)
{
    double entropy = 0;
    for (size_t i = 0; i < size; i++)
        entropy -= t_log_t(p[i]);
    return entropy;
}

/* Phi(z), accurate in both tails. */
static double normal_cdf(double z)
{
    return 0.5 * erfc(-z / M_SQRT2);
}

static double normal_density(double z)
{
    return exp(-z * z / 2) / sqrt(2 * M_PI);
}

/* The entropy of the standard normal, ln(2 pi e) / 2. */
static double normal_entropy(void)
{
    return 0.5 * (log(2 * M_PI) + 1);
}

/* Nothing of a normal law that matters to a double lies further out than this. */
static const double normal_reach = 14;

/* The integral of `function` over [from, to], absolute error 1e-11. */
static icl_status integrate(double (*function)(double, void *), void *parameters, double from, double to,
                            double *integral, struct icl_error *err)
{
    enum { INTERVALS = 200 };
    icl_gsl_errors_as_codes();
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(INTERVALS);
    if (workspace == NULL) return icl_fail_memory(err, "an integral");
    gsl_function integrand = {.function = function, .params = parameters};
    double error = NAN;
    const int code =
        gsl_integration_qag(&integrand, from, to, 1e-11, 0, INTERVALS, GSL_INTEG_GAUSS61, workspace, integral, &error);
    gsl_integration_workspace_free(workspace);
    if (code != GSL_SUCCESS)
        return icl_fail(err, ICL_ERR_NUMERIC, "an integral of a law did not converge: %s", gsl_strerror(code));
    return ICL_OK;
}

static icl_status check_rho(const struct icl_law *law, struct icl_error *err)
{
    if (law->rho > -1 && law->rho < 1) return ICL_OK;
    return icl_fail(err, ICL_ERR_USAGE, "law %s: rho %g is not in (-1,1)", law->name, law->rho);
}

static icl_status check_keep(double keep, struct icl_error *err)
{
    if (keep >= 0 && keep <= 1) return ICL_OK;
    return icl_fail(err, ICL_ERR_USAGE, "keep %g is not in [0,1]", keep);
}

/* The joint law of the two gates g, h. */
struct gates {
    double both, only, none; /* P(g=1,h=1), P(g=1,h=0) = P(g=0,h=1), P(g=0,h=0) */
    double given;            /* P(h=1 | g=1), by continuity at keep = 0 */
    double mi;               /* I(g;h) */
};

static icl_status gates_of(enum icl_gate gate, double keep, struct gates *gates, struct icl_error *err)
{
    ICL_TRY(check_keep(keep, err));
    const double drop = 1 - keep;
    if (gate == ICL_GATE_INDEPENDENT)
        *gates = (struct gates){.both = keep * keep, .only = keep * drop, .none = drop * drop, .given = keep};
    else if (gate == ICL_GATE_SHARED)
        *gates = (struct gates){.both = keep, .none = drop, .given = 1, .mi = icl_binary_entropy(keep)};
    else
        return icl_fail(err, ICL_ERR_USAGE, "gate %d: exact values are known for Bernoulli gates only", (int)gate);
    return ICL_OK;
}

/* x' reveals the gate: I' = I(g;h) + P(g=h=1) I. */
icl_status icl_atomless_mi_after(const struct icl_law *law, enum icl_gate gate, double keep, double *mi,
                                 struct icl_error *err)
{
    struct gates gates = {0};
    double before = 0;
    ICL_TRY(gates_of(gate, keep, &gates, err));
    ICL_TRY(law->mi(law, &before, err));
    *mi = gates.mi + gates.both * before;
    return ICL_OK;
}

icl_status icl_atomless_entropy_after(const struct icl_law *law, double keep, double *entropy, struct icl_error *err)
{
    double before = 0;
    ICL_TRY(check_keep(keep, err));
    ICL_TRY(law->entropy(law, &before, err));
    *entropy = keep * before + icl_binary_entropy(keep);
    return ICL_OK;
}

/* -------------------------------------------------------------------- gauss */

icl_status icl_gauss_mi(const struct icl_law *law, double *mi, struct icl_error *err)
{
    ICL_TRY(check_rho(law, err));
    *mi = -0.5 * log1p(-law->rho * law->rho);
    return ICL_OK;
}

icl_status icl_gauss_entropy(const struct icl_law *law, double *entropy, struct icl_error *err)
{
    (void)law;
    (void)err;
    *entropy = normal_entropy();
    return ICL_OK;
}

/* ------------------------------------------------------------------ student */

double icl_student_vector_entropy(double nu, double d)
{
    const double half = (nu + d) / 2;
    return gsl_sf_lngamma(nu / 2) - gsl_sf_lngamma(half) + d / 2 * log(nu * M_PI) +
           half * (gsl_sf_psi(half) - gsl_sf_psi(nu / 2));
}

/* The dispersion matrix adds ln det / 2 to the joint entropy and nothing to the margins. */
icl_status icl_student_mi(const struct icl_law *law, double *mi, struct icl_error *err)
{
    double of_dispersion = 0;
    ICL_TRY(icl_gauss_mi(law, &of_dispersion, err));
    *mi = of_dispersion + 2 * icl_student_vector_entropy(ICL_STUDENT_NU, 1) -
          icl_student_vector_entropy(ICL_STUDENT_NU, 2);
    return ICL_OK;
}

icl_status icl_student_entropy(const struct icl_law *law, double *entropy, struct icl_error *err)
{
    (void)law;
    (void)err;
    *entropy = icl_student_vector_entropy(ICL_STUDENT_NU, 1);
    return ICL_OK;
}

/* ------------------------------------------------------------------ bimodal */

/* phi(z) ln cosh(a (a + z)), without overflow. */
static double log_cosh_term(double z, void *parameters)
{
    const double a = *(const double *)parameters, t = fabs(a * (a + z));
    return normal_density(z) * (t + log1p(exp(-2 * t)) - M_LN2);
}

/* The entropy of a s + e, s = +-1 fair, e standard normal. Its density is phi(x) exp(-a^2/2) cosh(a x), hence
 * h = ln(2 pi)/2 + E x^2/2 + a^2/2 - E ln cosh(a x) with E x^2 = 1 + a^2; by symmetry the mean may be taken at s = 1.
 */
static icl_status two_humps_entropy(double a, double *entropy, struct icl_error *err)
{
    double log_cosh = 0;
    ICL_TRY(integrate(log_cosh_term, &a, -normal_reach, normal_reach, &log_cosh, err));
    *entropy = normal_entropy() + a * a - log_cosh;
    return ICL_OK;
}

icl_status icl_bimodal_entropy(const struct icl_law *law, double *entropy, struct icl_error *err)
{
    (void)law;
    return two_humps_entropy(ICL_BIMODAL_SHIFT, entropy, err);
}

/* Turned by 45 degrees, (x,y) is a pair of independent coordinates: (x+y)/sqrt(2) has two humps sqrt(2) times as far
 * out, (x-y)/sqrt(2) is standard normal. */
icl_status icl_bimodal_mi(const struct icl_law *law, double *mi, struct icl_error *err)
{
    double margin = 0, along = 0;
    (void)law;
    ICL_TRY(two_humps_entropy(ICL_BIMODAL_SHIFT, &margin, err));
    ICL_TRY(two_humps_entropy(ICL_BIMODAL_SHIFT * M_SQRT2, &along, err));
    *mi = 2 * margin - along - normal_entropy();
    return ICL_OK;
}

/* --------------------------------------------------------- discrete, binary */

/* The law of (x', y') on the values of the law and zero. */
struct gated {
    size_t size;
    double cell[ICL_FINITE_MAX + 1][ICL_FINITE_MAX + 1], margin[ICL_FINITE_MAX + 1];
};

/* Enumerates the values and the four states of the gates. */
static void gate_finite_law(const struct icl_law *law, const struct gates *gates, struct gated *out)
{
    const struct icl_finite_law *finite = icl_finite_law_of(law);
    const size_t n = finite->size;
    size_t zero = n; /* the place of the value 0: a new one unless the law has it */
    for (size_t i = 0; i < n; i++)
        if (finite->value[i] == 0) zero = i;
    *out = (struct gated){.size = zero == n ? n + 1 : n};
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const double p = finite->percent[i][j] / 100.0;
            out->cell[i][j] += p * gates->both;
            out->cell[i][zero] += p * gates->only;
            out->cell[zero][j] += p * gates->only;
            out->cell[zero][zero] += p * gates->none;
        }
    for (size_t i = 0; i < out->size; i++)
        for (size_t j = 0; j < out->size; j++)
            out->margin[i] += out->cell[i][j];
}

icl_status icl_finite_mi_after(const struct icl_law *law, enum icl_gate gate, double keep, double *mi,
                               struct icl_error *err)
{
    struct gates gates = {0};
    struct gated after;
    ICL_TRY(gates_of(gate, keep, &gates, err));
    gate_finite_law(law, &gates, &after);
    double sum = 0;
    for (size_t i = 0; i < after.size; i++)
        for (size_t j = 0; j < after.size; j++) {
            const double p = after.cell[i][j];
            if (p > 0) sum += p * log(p / (after.margin[i] * after.margin[j]));
        }
    *mi = sum;
    return ICL_OK;
}

icl_status icl_finite_entropy_after(const struct icl_law *law, double keep, double *entropy, struct icl_error *err)
{
    struct gates gates = {0};
    struct gated after;
    ICL_TRY(gates_of(ICL_GATE_INDEPENDENT, keep, &gates, err));
    gate_finite_law(law, &gates, &after);
    *entropy = icl_entropy_of_law(after.margin, after.size);
    return ICL_OK;
}

icl_status icl_finite_mi(const struct icl_law *law, double *mi, struct icl_error *err)
{
    return icl_finite_mi_after(law, ICL_GATE_INDEPENDENT, 1, mi, err);
}

icl_status icl_finite_entropy(const struct icl_law *law, double *entropy, struct icl_error *err)
{
    return icl_finite_entropy_after(law, 1, entropy, err);
}

/* ------------------------------------------------------------- relu, relubn */

struct axis {
    double slope; /* rho / sqrt(1 - rho^2): P(v > 0 | u = x) = Phi(slope x) */
    double given; /* P(h=1 | g=1) */
    double p0;    /* P(y' = 0) */
};

/* The density of x' on the axis y' = 0 is q phi(x) c(x) with c(x) = P(y' = 0 | x' = x) = 1 - given Phi(slope x).
 * Returns phi(x) c(x) ln(c(x) / p0). */
static double axis_term(double x, void *parameters)
{
    const struct axis *axis = parameters;
    const double z = axis->slope * x;
    const double c = normal_cdf(-z) + (1 - axis->given) * normal_cdf(z);
    return c > 0 ? normal_density(x) * c * log(c / axis->p0) : 0;
}

/* x = max(u,0), y = max(v,0), gated. With p0 = 1 - q/2 the margins are q phi(x) and an atom p0; the joint law has the
 * atom p00 = 1 - q + P(g=h=1) P(u,v > 0), the axis densities above, and P(g=h=1) phi2(x,y) inside the quadrant:
 *   I' = p00 ln(p00/p0^2) + 2 q int phi c ln(c/p0) + P(g=h=1) int int phi2 [ln(phi2/(phi phi)) + ln(given/q)].
 * The double integral over the quadrant is closed: ln(phi2/(phi phi)) is a quadratic form, and (Rosenbaum 1961)
 *   P(u,v > 0) = 1/4 + asin(rho)/(2 pi),  E[u^2; u,v > 0] = P + rho s/(2 pi),  E[u v; u,v > 0] = rho P + s/(2 pi),
 * with s = sqrt(1 - rho^2). */
icl_status icl_relu_mi_after(const struct icl_law *law, enum icl_gate gate, double keep, double *mi,
                             struct icl_error *err)
{
    struct gates gates = {0};
    ICL_TRY(check_rho(law, err));
    ICL_TRY(gates_of(gate, keep, &gates, err));
    if (keep == 0) {
        *mi = 0;
        return ICL_OK;
    }
    const double rho = law->rho, s2 = (1 - rho) * (1 + rho), s = sqrt(s2);
    const double quadrant = 0.25 + asin(rho) / (2 * M_PI);
    const double square = quadrant + rho * s / (2 * M_PI), product = rho * quadrant + s / (2 * M_PI);
    const double amplitudes = -0.5 * log(s2) * quadrant + rho * (product - rho * square) / s2;

    const double p0 = 1 - keep / 2, p00 = 1 - keep + gates.both * quadrant;
    struct axis axis = {.slope = rho / s, .given = gates.given, .p0 = p0};
    double on_axis = 0;
    ICL_TRY(integrate(axis_term, &axis, 0, normal_reach, &on_axis, err));
    *mi = p00 * log(p00 / (p0 * p0)) + 2 * keep * on_axis +
          gates.both * (amplitudes + quadrant * log(gates.given / keep));
    return ICL_OK;
}

icl_status icl_relu_mi(const struct icl_law *law, double *mi, struct icl_error *err)
{
    return icl_relu_mi_after(law, ICL_GATE_INDEPENDENT, 1, mi, err);
}

/* An atom 1 - q/2 and the density q phi(x) on x > 0. */
icl_status icl_relu_entropy_after(const struct icl_law *law, double keep, double *entropy, struct icl_error *err)
{
    (void)law;
    ICL_TRY(check_keep(keep, err));
    *entropy = -t_log_t(1 - keep / 2) - t_log_t(keep) / 2 + keep / 2 * normal_entropy();
    return ICL_OK;
}

icl_status icl_relu_entropy(const struct icl_law *law, double *entropy, struct icl_error *err)
{
    return icl_relu_entropy_after(law, 1, entropy, err);
}

/* Dividing by the sd adds ln(1/sd) for the continuous half; the atom only moves. */
icl_status icl_relubn_entropy(const struct icl_law *law, double *entropy, struct icl_error *err)
{
    ICL_TRY(icl_relu_entropy(law, entropy, err));
    *entropy -= 0.5 * log(ICL_RELU_SD);
    return ICL_OK;
}
