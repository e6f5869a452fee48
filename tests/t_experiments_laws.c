/* The truths of the laws, each a second way: plain sums over a double-exponential grid and enumeration, no GSL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "estimators/dropout_law.h"
#include "experiments/laws.h"
#include "tests/near.h"

static const double keeps[] = {0.05, 0.3, 0.5, 0.8, 0.95, 0.999};
enum { KEEPS = sizeof keeps / sizeof *keeps };

/* ----------------------------------------------------------- the second way */

enum { NODES = 800 };

/* The trapezoidal rule after a substitution that makes the integrand vanish at both ends: exponentially accurate. */
struct nodes {
    double x[NODES], weight[NODES];
};

/* The whole line, x = sinh t. */
static void line_nodes(struct nodes *nodes)
{
    const double step = 22.0 / NODES;
    for (int i = 0; i < NODES; i++) {
        const double t = -11 + (i + 0.5) * step;
        nodes->x[i] = sinh(t);
        nodes->weight[i] = step * cosh(t);
    }
}

/* The half line, x = exp(t - exp(-t)). */
static void half_line_nodes(struct nodes *nodes)
{
    const double step = 7.6 / NODES;
    for (int i = 0; i < NODES; i++) {
        const double t = -4 + (i + 0.5) * step;
        nodes->x[i] = exp(t - exp(-t));
        nodes->weight[i] = step * nodes->x[i] * (1 + exp(-t));
    }
}

static double plogp(double p)
{
    return p * log(p > 0 ? p : 1);
}

static double phi(double x)
{
    return exp(-x * x / 2) / sqrt(2 * M_PI);
}

static double phi2(double x, double y, double rho)
{
    const double s2 = 1 - rho * rho;
    return exp(-(x * x - 2 * rho * x * y + y * y) / (2 * s2)) / (2 * M_PI * sqrt(s2));
}

static double gauss_density(double x, double y)
{
    return phi2(x, y, 0.75);
}

static double student_density(double x, double y)
{
    const double s2 = 1 - 0.36, form = (x * x - 1.2 * x * y + y * y) / s2;
    return pow(1 + form / 5, -3.5) / (2 * M_PI * sqrt(s2));
}

static double bimodal_density(double x, double y)
{
    return 0.5 * (phi(x - 1.5) * phi(y - 1.5) + phi(x + 1.5) * phi(y + 1.5));
}

struct by_grid {
    double total, mi, entropy, variance, corr;
};

/* Everything from the joint density alone; the margin is summed, too. */
static struct by_grid integrate_density(double (*density)(double, double))
{
    static struct nodes nodes;
    static double margin[NODES];
    line_nodes(&nodes);
    struct by_grid out = {0};
    for (int i = 0; i < NODES; i++) {
        margin[i] = 0;
        for (int j = 0; j < NODES; j++)
            margin[i] += nodes.weight[j] * density(nodes.x[i], nodes.x[j]);
        out.entropy -= nodes.weight[i] * plogp(margin[i]);
        out.variance += nodes.weight[i] * margin[i] * nodes.x[i] * nodes.x[i];
    }
    for (int i = 0; i < NODES; i++)
        for (int j = 0; j < NODES; j++) {
            const double p = density(nodes.x[i], nodes.x[j]), w = nodes.weight[i] * nodes.weight[j];
            out.total += w * p;
            out.corr += w * p * nodes.x[i] * nodes.x[j];
            if (p > 1e-120) out.mi += w * p * log(p / (margin[i] * margin[j]));
        }
    out.corr /= out.variance;
    return out;
}

/* P(both open), P(first open and second not). */
static void gate_odds(enum icl_gate gate, double q, double *both, double *only)
{
    *both = gate == ICL_GATE_SHARED ? q : q * q;
    *only = q - *both;
}

static double mi_of_table(size_t rows, size_t cols, const double *p)
{
    double mi = 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            double row = 0, col = 0;
            for (size_t k = 0; k < cols; k++)
                row += p[i * cols + k];
            for (size_t k = 0; k < rows; k++)
                col += p[k * cols + j];
            if (p[i * cols + j] > 0) mi += p[i * cols + j] * log(p[i * cols + j] / (row * col));
        }
    return mi;
}

/* I(x';y') of gated relu by the exact decomposition A = 1[x' > 0], B = 1[y' > 0]:
 * I(A;B) + P(A) I(x';B | A) + P(B) I(A;y' | B) + P(A,B) I(x';y' | A,B), from phi2 on a grid only. */
static double relu_mi_by_decomposition(double rho, enum icl_gate gate, double q)
{
    static struct nodes nodes;
    static double active[NODES]; /* density of u = x and v > 0 */
    half_line_nodes(&nodes);
    double both, only, quadrant = 0, half = 0;
    gate_odds(gate, q, &both, &only);
    for (int i = 0; i < NODES; i++) {
        active[i] = 0;
        for (int j = 0; j < NODES; j++)
            active[i] += nodes.weight[j] * phi2(nodes.x[i], nodes.x[j], rho);
        quadrant += nodes.weight[i] * active[i];
        half += nodes.weight[i] * phi(nodes.x[i]);
    }
    assert_near(half, 0.5, 1e-12);
    const double p11 = both * quadrant, p1 = q * half;
    const double table[4] = {1 - 2 * p1 + p11, p1 - p11, p1 - p11, p11};
    double mi = mi_of_table(2, 2, table);
    for (int i = 0; i < NODES; i++) {
        /* given x' = x: P(B=1), against P(B=1 | A=1) */
        const double one = both * active[i] / (q * phi(nodes.x[i])), mean = p11 / p1;
        double divergence = 0;
        if (one > 0) divergence += one * log(one / mean);
        if (one < 1) divergence += (1 - one) * log((1 - one) / (1 - mean));
        if (phi(nodes.x[i]) > 1e-100) mi += 2 * nodes.weight[i] * q * phi(nodes.x[i]) * divergence;
        for (int j = 0; j < NODES; j++) {
            const double f = phi2(nodes.x[i], nodes.x[j], rho);
            if (f > 1e-100)
                mi += both * nodes.weight[i] * nodes.weight[j] * f * log(f * quadrant / (active[i] * active[j]));
        }
    }
    return mi;
}

static const struct icl_law *law_named(const char *name)
{
    const struct icl_law *law = icl_law_by_name(name);
    assert_non_null(law);
    return law;
}

static double mi_of(const struct icl_law *law)
{
    double value = NAN;
    assert_int_equal(law->mi(law, &value, NULL), ICL_OK);
    return value;
}

static double after_of(const struct icl_law *law, enum icl_gate gate, double keep)
{
    double value = NAN;
    assert_int_equal(law->mi_after(law, gate, keep, &value, NULL), ICL_OK);
    return value;
}

static double entropy_of(const struct icl_law *law)
{
    double value = NAN;
    assert_int_equal(law->entropy(law, &value, NULL), ICL_OK);
    return value;
}

static double entropy_after_of(const struct icl_law *law, double keep)
{
    double value = NAN;
    assert_int_equal(law->entropy_after(law, keep, &value, NULL), ICL_OK);
    return value;
}

/* -------------------------------------------------------------------- tests */

static void the_comparator_compares(void **state)
{
    (void)state;
    assert_true(is_near(1, 1.5, 0.5) && is_near(NAN, NAN, 0) && is_near(INFINITY, INFINITY, 0));
    assert_false(is_near(1, 1.5, 0.4) || is_near(NAN, 1, INFINITY) || is_near(1, NAN, INFINITY));
    assert_false(is_near(INFINITY, 1, INFINITY) || is_near(INFINITY, -INFINITY, INFINITY) || is_near(1, 1.5, NAN));
}

static void the_registry_is_in_order(void **state)
{
    (void)state;
    const char *const names[] = {"gauss", "student", "bimodal", "discrete", "binary", "relu", "relubn"};
    const size_t count = sizeof names / sizeof *names;
    for (size_t i = 0; i < count; i++) {
        const struct icl_law *law = icl_law_at(i);
        assert_non_null(law);
        assert_string_equal(law->name, names[i]);
        assert_ptr_equal(icl_law_by_name(names[i]), law);
        assert_int_equal(law->index, i);
        assert_true(strlen(law->description) > 0);
        assert_true(law->sample && law->mi && law->mi_after && law->entropy && law->entropy_after);
        assert_int_equal(law->centred, law->mean_over_sd == 0);
    }
    assert_null(icl_law_at(count));
    assert_null(icl_law_at(SIZE_MAX));
    assert_null(icl_law_by_name("gaus"));
    assert_null(icl_law_by_name(""));
}

static void published_values(void **state)
{
    (void)state;
    assert_near(mi_of(law_named("gauss")), 0.413339, 5e-7);
    const struct icl_law *binary = law_named("binary");
    assert_near(after_of(binary, ICL_GATE_INDEPENDENT, 0.95) / mi_of(binary), 0.8135, 5e-5);
    assert_near(after_of(binary, ICL_GATE_INDEPENDENT, 0.5) / mi_of(binary), 0.1031, 5e-5);
    assert_near(after_of(binary, ICL_GATE_INDEPENDENT, 1e-5) / mi_of(binary) * 1e10, 0.216, 5e-4);
    assert_near(after_of(law_named("relu"), ICL_GATE_INDEPENDENT, 0.8), 0.12632674, 5e-9);
    assert_near(after_of(law_named("gauss"), ICL_GATE_INDEPENDENT, 0.5), 0.1033, 5e-5);
    assert_near(after_of(law_named("gauss"), ICL_GATE_SHARED, 0.5), 0.8998, 5e-5);
}

/* Two normals, dispersion .6: MI = MI_normal + 2 c(1) - c(2), with the gamma and digamma functions at half integers. */
static void student_by_known_gammas(void **state)
{
    (void)state;
    const double gamma5_2 = 0.75 * sqrt(M_PI), gamma3 = 2, gamma7_2 = 1.875 * sqrt(M_PI), euler = 0.57721566490153286;
    const double psi3 = 1.5 - euler, psi1_2 = -euler - 2 * log(2), psi5_2 = psi1_2 + 2 + 2.0 / 3,
                 psi7_2 = psi5_2 + 2.0 / 5;
    const double c1 = -log(gamma3) + log(gamma5_2) + 0.5 * log(5 * M_PI) + 3 * (psi3 - psi5_2);
    const double c2 = -log(gamma7_2) + log(gamma5_2) + log(5 * M_PI) + 3.5 * (psi7_2 - psi5_2);
    const struct icl_law *law = law_named("student");
    assert_near(mi_of(law), -0.5 * log(1 - 0.36) + 2 * c1 - c2, 1e-13);
    assert_near(entropy_of(law), c1, 1e-13);
}

static void continuous_laws_by_grid(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double (*density)(double, double);
    } cases[] = {{"gauss", gauss_density}, {"student", student_density}, {"bimodal", bimodal_density}};
    for (size_t c = 0; c < 3; c++) {
        const struct icl_law *law = law_named(cases[c].name);
        const struct by_grid grid = integrate_density(cases[c].density);
        assert_near(grid.total, 1, 1e-10);
        assert_near(mi_of(law), grid.mi, 1e-9);
        assert_near(entropy_of(law), grid.entropy, 1e-9);
        assert_near(law->corr, grid.corr, 1e-8);
    }
}

static void relu_by_decomposition(void **state)
{
    (void)state;
    const enum icl_gate gates[] = {ICL_GATE_INDEPENDENT, ICL_GATE_SHARED};
    const double rhos[] = {0.75, -0.4, 0.95, 0};
    for (size_t r = 0; r < sizeof rhos / sizeof *rhos; r++) {
        struct icl_law law = *law_named("relu");
        law.rho = rhos[r];
        for (size_t g = 0; g < 2; g++)
            for (size_t k = 0; k < KEEPS; k++)
                assert_near(after_of(&law, gates[g], keeps[k]), relu_mi_by_decomposition(law.rho, gates[g], keeps[k]),
                            1e-9);
        assert_near(mi_of(&law), relu_mi_by_decomposition(law.rho, ICL_GATE_INDEPENDENT, 1), 1e-9);
    }
    assert_near(mi_of(law_named("relubn")), mi_of(law_named("relu")), 0);
}

/* The moments of max(u,0), max(v,0) from phi2 on a grid. */
static void relu_moments_by_grid(void **state)
{
    (void)state;
    static struct nodes nodes;
    half_line_nodes(&nodes);
    double mean = 0, square = 0, product = 0;
    for (int i = 0; i < NODES; i++) {
        const double x = nodes.x[i], w = nodes.weight[i];
        mean += w * x * phi(x);
        square += w * x * x * phi(x);
        for (int j = 0; j < NODES; j++)
            product += w * nodes.weight[j] * x * nodes.x[j] * phi2(x, nodes.x[j], 0.75);
    }
    const double var = square - mean * mean;
    const struct icl_law *relu = law_named("relu"), *relubn = law_named("relubn");
    assert_near(relu->corr, (product - mean * mean) / var, 1e-10);
    assert_near(relu->mean_over_sd, mean / sqrt(var), 1e-10);
    assert_near(relubn->corr, relu->corr, 0);
    assert_near(relubn->mean_over_sd, 0, 0);
}

/* Tables typed again; the gated law enumerated on the union of the values and 0. */
static void finite_laws_by_enumeration(void **state)
{
    (void)state;
    const double discrete[16] = {.10, .06, .03, .01, .06, .14, .07, .03, .03, .07, .14, .06, .01, .03, .06, .10};
    const double binary[4] = {.35, .15, .15, .35};
    const double discrete_values[4] = {-2, -1, 1, 2}, binary_values[2] = {0, 1};
    const struct {
        const char *name;
        size_t size;
        const double *p, *value;
    } cases[] = {{"discrete", 4, discrete, discrete_values}, {"binary", 2, binary, binary_values}};
    const enum icl_gate gates[] = {ICL_GATE_INDEPENDENT, ICL_GATE_SHARED};
    for (size_t c = 0; c < 2; c++) {
        const struct icl_law *law = law_named(cases[c].name);
        const size_t n = cases[c].size;
        double mean = 0, square = 0, product = 0, margin[4] = {0};
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                const double p = cases[c].p[i * n + j], x = cases[c].value[i], y = cases[c].value[j];
                mean += p * x;
                square += p * x * x;
                product += p * x * y;
                margin[i] += p;
            }
        const double var = square - mean * mean;
        assert_near(law->corr, (product - mean * mean) / var, 1e-14);
        assert_near(law->mean_over_sd, mean / sqrt(var), 1e-14);
        assert_near(mi_of(law), mi_of_table(n, n, cases[c].p), 1e-14);
        assert_near(entropy_of(law), icl_entropy_of_law(margin, n), 1e-14);

        for (size_t g = 0; g < 2; g++)
            for (size_t k = 0; k < KEEPS; k++) {
                double both, only, after[25] = {0}, after_margin[5] = {0};
                gate_odds(gates[g], keeps[k], &both, &only);
                for (size_t i = 0; i < n; i++)
                    for (size_t j = 0; j < n; j++)
                        for (int open = 0; open < 4; open++) {
                            /* value v stands at place v + 2 */
                            const double x = (open & 1) != 0 ? cases[c].value[i] : 0,
                                         y = (open & 2) != 0 ? cases[c].value[j] : 0;
                            const double odds[4] = {1 - both - 2 * only, only, only, both};
                            after[(int)(x + 2) * 5 + (int)(y + 2)] += odds[open] * cases[c].p[i * n + j];
                        }
                for (int i = 0; i < 25; i++)
                    after_margin[i / 5] += after[i];
                assert_near(after_of(law, gates[g], keeps[k]), mi_of_table(5, 5, after), 1e-13);
                assert_near(entropy_after_of(law, keeps[k]), icl_entropy_of_law(after_margin, 5), 1e-13);
            }
    }
}

/* c01, c06 and c03 where there is no atom at zero; strict inequalities where there is one (c05). */
static void claims_on_paper(void **state)
{
    (void)state;
    for (size_t i = 0; icl_law_at(i) != NULL; i++) {
        const struct icl_law *law = icl_law_at(i);
        const double mi = mi_of(law), h = entropy_of(law);
        for (size_t k = 0; k < KEEPS; k++) {
            const double q = keeps[k], independent = after_of(law, ICL_GATE_INDEPENDENT, q),
                         shared = after_of(law, ICL_GATE_SHARED, q);
            const double hb = -q * log(q) - (1 - q) * log(1 - q), h_after = entropy_after_of(law, q);
            assert_true(independent > 0);
            assert_true(shared >= independent);
            if (law->atom_at_zero) {
                assert_true(independent < q * q * mi - 1e-9);
                assert_true(shared < hb + q * mi - 1e-9);
                assert_true(h_after < q * h + hb - 1e-9);
            } else {
                assert_near(independent, q * q * mi, 1e-13);
                assert_near(shared, hb + q * mi, 1e-13);
                assert_near(h_after, q * h + hb, 1e-13);
            }
        }
        const enum icl_gate gates[] = {ICL_GATE_INDEPENDENT, ICL_GATE_SHARED};
        for (size_t g = 0; g < 2; g++) {
            assert_near(after_of(law, gates[g], 1), mi, 1e-13);
            assert_near(after_of(law, gates[g], 0), 0, 1e-15);
            assert_near(after_of(law, gates[g], 1e-9), 0, 1e-7);
            assert_near(after_of(law, gates[g], 1 - 1e-12), mi, 1e-9);
        }
        assert_near(entropy_after_of(law, 1), h, 1e-13);
        assert_near(entropy_after_of(law, 0), 0, 1e-15);
    }
}

/* The exponent d ln I'/d ln q at q = 1 is 2 + [KL(p_y || p_y|x=0) + KL(p_x || p_x|y=0)] / I. */
static void local_exponents(void **state)
{
    (void)state;
    const double step = 1e-6; /* relu is not smooth at q = 1: the error falls slower than step^2 */
    const struct icl_law *binary = law_named("binary"), *relu = law_named("relu");
    const double kl_binary = 0.5 * log(0.5 / 0.7) + 0.5 * log(0.5 / 0.3);

    /* relu: given u <= 0, y has an atom 2 P(u,v <= 0) and the density 2 phi(y) P(u <= 0 | v = y). */
    static struct nodes nodes;
    half_line_nodes(&nodes);
    double kl_relu = 0.5 * log(0.5 / (0.5 + asin(0.75) / M_PI));
    for (int i = 0; i < NODES; i++)
        if (nodes.x[i] < 20) {
            const double tail = 0.5 * erfc(nodes.x[i] * 0.75 / sqrt(2 * (1 - 0.5625)));
            kl_relu -= nodes.weight[i] * phi(nodes.x[i]) * log(2 * tail);
        }
    const struct {
        const struct icl_law *law;
        double kl;
    } cases[] = {{binary, kl_binary}, {relu, kl_relu}};
    for (size_t c = 0; c < 2; c++) {
        const double mi = mi_of(cases[c].law);
        /* one-sided, second order */
        const double slope = (3 * log(mi) - 4 * log(after_of(cases[c].law, ICL_GATE_INDEPENDENT, 1 - step)) +
                              log(after_of(cases[c].law, ICL_GATE_INDEPENDENT, 1 - 2 * step))) /
                             (2 * step);
        assert_near(slope, 2 + 2 * cases[c].kl / mi, 1e-3);
    }
    assert_near(2 + 2 * kl_binary / mi_of(binary), 4.12, 5e-3);
}

/* Atoms and densities written out; the reference measure is Lebesgue plus point masses at the atoms. */
static void relu_entropies_by_grid(void **state)
{
    (void)state;
    static struct nodes nodes;
    half_line_nodes(&nodes);
    const double sd = sqrt(0.5 - 0.5 / M_PI);
    for (size_t k = 0; k <= KEEPS; k++) {
        const double q = k < KEEPS ? keeps[k] : 1;
        double relu = -plogp(1 - q / 2), relubn = -plogp(q / 2) - plogp(1 - q);
        for (int i = 0; i < NODES; i++) {
            relu -= nodes.weight[i] * plogp(q * phi(nodes.x[i]));
            /* z = (x - mean) / sd has density q sd phi(x), dz = dx / sd */
            relubn -= nodes.weight[i] / sd * plogp(q * sd * phi(nodes.x[i]));
        }
        assert_near(entropy_after_of(law_named("relu"), q), relu, 1e-11);
        assert_near(entropy_after_of(law_named("relubn"), q), relubn, 1e-11);
    }
    assert_near(entropy_of(law_named("relu")), entropy_after_of(law_named("relu"), 1), 0);
}

static void other_values_of_rho(void **state)
{
    (void)state;
    const char *const names[] = {"gauss", "student", "relu", "relubn"};
    for (size_t i = 0; i < 4; i++) {
        struct icl_law law = *law_named(names[i]);
        double previous = -1, value = -7;
        for (double rho = 0; rho < 1; rho += 0.2475) {
            law.rho = rho;
            assert_true(mi_of(&law) > previous);
            previous = mi_of(&law);
        }
        law.rho = 0;
        if (strcmp(names[i], "student") != 0) assert_near(mi_of(&law), 0, 1e-11);
        const double bad[] = {1, -1, 2, NAN};
        for (size_t k = 0; k < 4; k++) {
            struct icl_error err;
            law.rho = bad[k];
            assert_int_equal(law.mi(&law, &value, &err), ICL_ERR_USAGE);
            assert_non_null(strstr(err.message, "rho"));
            assert_int_equal(law.mi_after(&law, ICL_GATE_SHARED, 0.5, &value, &err), ICL_ERR_USAGE);
        }
        assert_near(value, -7, 0);
    }
}

static void bad_gates_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; icl_law_at(i) != NULL; i++) {
        const struct icl_law *law = icl_law_at(i);
        struct icl_error err;
        double value = -7;
        const double bad[] = {-1e-9, 1.0000001, NAN, INFINITY};
        for (size_t k = 0; k < 4; k++) {
            assert_int_equal(law->mi_after(law, ICL_GATE_INDEPENDENT, bad[k], &value, &err), ICL_ERR_USAGE);
            assert_non_null(strstr(err.message, "keep"));
            assert_int_equal(law->entropy_after(law, bad[k], &value, &err), ICL_ERR_USAGE);
        }
        assert_int_equal(law->mi_after(law, ICL_GATE_GAUSSIAN, 0.5, &value, &err), ICL_ERR_USAGE);
        assert_non_null(strstr(err.message, "Bernoulli"));
        assert_int_equal(law->mi_after(law, ICL_GATE_COUNT, 0.5, &value, NULL), ICL_ERR_USAGE);
        assert_near(value, -7, 0);
    }
}

static void entropies_of_finite_laws(void **state)
{
    (void)state;
    assert_near(icl_binary_entropy(0), 0, 0);
    assert_near(icl_binary_entropy(1), 0, 0);
    assert_near(icl_binary_entropy(0.5), log(2), 1e-16);
    assert_near(icl_binary_entropy(0.11), icl_binary_entropy(0.89), 1e-15);
    assert_true(isnan(icl_binary_entropy(-0.1)) && isnan(icl_binary_entropy(1.1)) && isnan(icl_binary_entropy(NAN)));
    const double p[5] = {0.5, 0, 0.25, 0.125, 0.125};
    assert_near(icl_entropy_of_law(p, 5), 1.75 * log(2), 1e-15);
    assert_near(icl_entropy_of_law(p, 0), 0, 0);
    const double two[2] = {0.3, 0.7};
    assert_near(icl_entropy_of_law(two, 2), icl_binary_entropy(0.3), 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_comparator_compares), cmocka_unit_test(the_registry_is_in_order),
        cmocka_unit_test(published_values),        cmocka_unit_test(student_by_known_gammas),
        cmocka_unit_test(continuous_laws_by_grid), cmocka_unit_test(relu_by_decomposition),
        cmocka_unit_test(relu_moments_by_grid),    cmocka_unit_test(finite_laws_by_enumeration),
        cmocka_unit_test(claims_on_paper),         cmocka_unit_test(local_exponents),
        cmocka_unit_test(relu_entropies_by_grid),  cmocka_unit_test(other_values_of_rho),
        cmocka_unit_test(bad_gates_are_refused),   cmocka_unit_test(entropies_of_finite_laws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
