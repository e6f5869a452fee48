/* The tasks: every truth a second way (closed forms, plain sums, published values, and the mean of the log density
 * ratio over samples), and the samplers: distribution, gates, purity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "experiments/tasks.h"
#include "tests/near.h"

static const uint64_t seed = 2306110780;

static const struct icl_task *task_named(const char *name)
{
    const struct icl_task *task = icl_task_by_name(name);
    assert_non_null(task);
    return task;
}

static double truth_of(const struct icl_task *task)
{
    double mi = NAN;
    assert_int_equal(icl_task_truth(task, &mi, NULL), ICL_OK);
    return mi;
}

static double truth_named(const char *name)
{
    return truth_of(task_named(name));
}

/* ------------------------------------------------------------------- truths */

static void the_table_is_in_order(void **state)
{
    (void)state;
    size_t count = 0;
    for (; icl_task_at(count) != NULL; count++) {
        const struct icl_task *task = icl_task_at(count);
        assert_ptr_equal(icl_task_by_name(task->name), task); /* no name twice */
        assert_true(task->a > 0 && task->b > 0 && task->keep > 0 && task->keep <= 1);
        assert_true(isfinite(truth_of(task)) && truth_of(task) >= 0);
    }
    assert_true(count > 40);
    assert_null(icl_task_at(SIZE_MAX));
    assert_null(icl_task_by_name("binorma"));
}

/* Czyz et al. 2023, to the digits given there, and the values of the literature on gates. */
static void published_values(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double mi;
    } known[] = {{"binormal", .413339},      {"normal-cdf", .413339},    {"half-cube", .413339},
                 {"additive-10", 1.709438},  {"additive-75", .333333},   {"student-1", .224171},
                 {"dense-2", .293893},       {"dense-3", .413339},       {"dense-5", .592812},
                 {"dense-25", 1.292184},     {"dense-50", 1.624265},     {"pairs-2", 1.021651},
                 {"pairs-3", 1.021651},      {"pairs-5", 1.021651},      {"pairs-25", 1.021651},
                 {"student-2-2-2", .193147}, {"student-3-3-3", .178712}, {"binormal+relu+gates80", .126328}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_near(truth_named(known[i].name), known[i].mi, 2e-6);
}

static double gate_entropy(double q)
{
    return -q * log(q) - (1 - q) * log(1 - q);
}

static void closed_forms(void **state)
{
    (void)state;
    const double binormal = 0.5 * log(16 / 7.), additive10 = .1 - log(.2), additive75 = 1 / 3.;
    /* int ln(1 + x^2) over the Cauchy laws of one and two dimensions */
    const double cauchy = log(8 * M_PI) - 3, half = gate_entropy(.5);
    const struct {
        const char *name;
        double mi;
    } known[] = {
        {"binormal", binormal},
        {"normal-cdf", binormal},
        {"half-cube", binormal},
        {"additive-10", additive10},
        {"additive-75", additive75},
        {"student-1", cauchy},
        {"binormal+gates50", binormal / 4},
        {"normal-cdf+gates50", binormal / 4},
        {"half-cube+gates50", binormal / 4},
        {"additive-10+gates50", additive10 / 4},
        {"additive-75+gates50", additive75 / 4},
        {"student-1+gates50", cauchy / 4},
        {"binormal+shared50", half + binormal / 2},
        {"normal-cdf+shared50", half + binormal / 2},
        {"half-cube+shared50", half + binormal / 2},
        {"additive-10+shared50", half + additive10 / 2},
        {"additive-75+shared50", half + additive75 / 2},
        {"student-1+shared50", half + cauchy / 2},
        {"student-1+relu+gates80", .16 * cauchy},
        {"half-cube+relu+gates80", truth_named("binormal+relu+gates80")},
        {"binormal-00", 0},
        {"binormal-30", -0.5 * log(.91)},
        {"binormal-90", -0.5 * log(.19)},
        {"binormal-99", -0.5 * log(.0199)},
        {"binormal+gates90", .81 * binormal},
        {"binormal+gates10", .01 * binormal},
        {"binormal+shared10", gate_entropy(.1) + .1 * binormal},
        {"half-silent", 0},
        {"pairs-2", -log(.36)},
        {"pairs-25", -log(.36)},
        {"pairs-3+gates50", -log(.36) / 4},
        {"pairs-3+shared50", half - log(.36) / 2},
        {"student-2-2-2", log(2) - .5},
        {"student-2-2-2+shared50", half + (log(2) - .5) / 2},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_near(truth_named(known[i].name), known[i].mi, 1e-9);
}

/* ln det of m standard normals whose correlations are all rho. */
static double equal_log_det(double m, double rho)
{
    return m > 0 ? (m - 1) * log(1 - rho) + log1p((m - 1) * rho) : 0;
}

static double dense_information(double a, double b)
{
    return 0.5 * (equal_log_det(a, .5) + equal_log_det(b, .5) - equal_log_det(a + b, .5));
}

/* Psi and ln Gamma of whole numbers and halves, by recursion from 1 and 1/2. */
static double plain_digamma(double t)
{
    double sum = 0;
    for (; t > 1; t -= 1)
        sum += 1 / (t - 1);
    return sum + (t < .75 ? -0.57721566490153286 - 2 * log(2) : -0.57721566490153286);
}

static double student_entropy(double d, double nu)
{
    return -lgamma((nu + d) / 2) + lgamma(nu / 2) + d / 2 * log(nu * M_PI) +
           (nu + d) / 2 * (plain_digamma((nu + d) / 2) - plain_digamma(nu / 2));
}

static double student_information(double a, double b, double nu)
{
    return student_entropy(a, nu) + student_entropy(b, nu) - student_entropy(a + b, nu);
}

/* Behind gates: by how many components survive on each side, of two. */
static double binomial_mean(double information[3][3], double q)
{
    const double odds[3] = {(1 - q) * (1 - q), 2 * q * (1 - q), q * q};
    double mean = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            mean += odds[i] * odds[j] * information[i][j];
    return mean;
}

static void vectors(void **state)
{
    (void)state;
    assert_near(plain_digamma(3.5), 1.103156640645243, 1e-13);
    const double sizes[] = {2, 3, 5, 25, 50};
    const char *const names[] = {"dense-2", "dense-3", "dense-5", "dense-25", "dense-50"};
    for (int i = 0; i < 5; i++)
        assert_near(truth_named(names[i]), dense_information(sizes[i], sizes[i]), 1e-11);
    assert_near(truth_named("student-3-3-3"), student_information(3, 3, 3), 1e-12);
    double dense[3][3], student[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            dense[i][j] = dense_information(i, j);
            student[i][j] = i > 0 && j > 0 ? student_information(i, j, 2) : 0;
        }
    assert_near(truth_named("dense-2+gates50"), binomial_mean(dense, .5), 1e-12);
    assert_near(truth_named("student-2-2-2+gates50"), binomial_mean(student, .5), 1e-12);
    struct icl_task task = *task_named("dense-2+gates50");
    task.keep = .83;
    assert_near(truth_of(&task), binomial_mean(dense, .83), 1e-12);
    assert_near(truth_named("dense-2+shared50"), gate_entropy(.5) + dense_information(2, 2) / 2, 1e-12);
}

/* The share of [y - e, y + e] in [0, 1]: the density of x + e u. */
static double additive_density(double y, double e)
{
    return fmax(0, fmin(1, y + e) - fmax(0, y - e)) / (2 * e);
}

/* -int f ln f over a midpoint grid, less the entropy of the noise. */
static void additive_by_grid(void **state)
{
    (void)state;
    const double es[] = {.02, .1, .3, .5, .75, 2};
    enum { CELLS = 400000 };
    for (size_t i = 0; i < sizeof es / sizeof *es; i++) {
        const double e = es[i], step = (1 + 2 * e) / CELLS;
        double entropy = 0;
        for (int c = 0; c < CELLS; c++) {
            const double f = additive_density(-e + (c + 0.5) * step, e);
            entropy -= step * f * log(f > 0 ? f : 1);
        }
        struct icl_task task = *task_named("additive-10");
        task.parameter = e;
        assert_near(truth_of(&task), entropy - log(2 * e), 1e-8);
    }
}

/* The discrete law on its table, gated cell by cell. */
static void discrete_by_enumeration(void **state)
{
    (void)state;
    const double p[4][4] = {{.10, .06, .03, .01}, {.06, .14, .07, .03}, {.03, .07, .14, .06}, {.01, .03, .06, .10}};
    const struct {
        const char *name;
        double both, only, none;
    } cases[] = {{"discrete", 1, 0, 0}, {"discrete+gates50", .25, .25, .25}, {"discrete+shared50", .5, 0, .5}};
    for (size_t c = 0; c < 3; c++) {
        double cell[5][5] = {{0}}, row[5] = {0}, col[5] = {0}, mi = 0;
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++) {
                cell[i][j] += cases[c].both * p[i][j];
                cell[i][4] += cases[c].only * p[i][j];
                cell[4][j] += cases[c].only * p[i][j];
                cell[4][4] += cases[c].none * p[i][j];
            }
        for (int i = 0; i < 5; i++)
            for (int j = 0; j < 5; j++) {
                row[i] += cell[i][j];
                col[j] += cell[i][j];
            }
        for (int i = 0; i < 5; i++)
            for (int j = 0; j < 5; j++)
                if (cell[i][j] > 0) mi += cell[i][j] * log(cell[i][j] / (row[i] * col[j]));
        assert_near(truth_named(cases[c].name), mi, 1e-12);
    }
}

static void what_has_no_exact_value(void **state)
{
    (void)state;
    struct icl_error err;
    double mi = 7;
    const struct {
        const char *like;
        enum icl_task_image image;
        double keep;
        enum icl_gate gate;
        size_t a;
    } refused[] = {
        {"additive-10", ICL_TASK_RELU, 1, ICL_GATE_INDEPENDENT, 1},
        {"student-2-2-2", ICL_TASK_RELU, 1, ICL_GATE_INDEPENDENT, 2},
        {"student-1", ICL_TASK_RELU, .5, ICL_GATE_SHARED, 1},
        {"binormal", ICL_TASK_RELU, 1, ICL_GATE_INDEPENDENT, 1},
        {"binormal+relu+gates80", ICL_TASK_NORMAL_CDF, .8, ICL_GATE_INDEPENDENT, 1},
        {"binormal", ICL_TASK_PLAIN, .5, ICL_GATE_GAUSSIAN, 1},
        {"student-1", ICL_TASK_PLAIN, 1.5, ICL_GATE_INDEPENDENT, 1},
        {"student-1", ICL_TASK_PLAIN, NAN, ICL_GATE_INDEPENDENT, 1},
        {"dense-25", ICL_TASK_PLAIN, .5, ICL_GATE_INDEPENDENT, 25},
        {"dense-50", ICL_TASK_PLAIN, 1, ICL_GATE_INDEPENDENT, 51},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct icl_task task = *task_named(refused[i].like);
        task.image = refused[i].image;
        task.keep = refused[i].keep;
        task.gate = refused[i].gate;
        task.a = refused[i].a;
        memset(&err, 0, sizeof err);
        assert_int_equal(icl_task_truth(&task, &mi, &err), ICL_ERR_USAGE);
        assert_non_null(strstr(err.message, refused[i].like));
    }
    assert_near(mi, 7, 0);

    double column[2] = {0};
    struct icl_task task = *task_named("student-1");
    task.parameter = 1.5;
    assert_int_equal(icl_task_sample(&task, seed, 0, 1, column, &err), ICL_ERR_USAGE);
    task.parameter = 1;
    task.a = 100;
    assert_int_equal(icl_task_sample(&task, seed, 0, 1, column, &err), ICL_ERR_USAGE);
    task = *task_named("binormal");
    task.law = "no such law";
    assert_int_equal(icl_task_sample(&task, seed, 0, 1, column, &err), ICL_ERR_USAGE);
    assert_int_equal(icl_task_truth(&task, &mi, &err), ICL_ERR_USAGE);
}

/* ------------------------- ln(p(x,y) / (p(x) p(y))) at a sample, whose mean is the mutual information */

enum { MOST = 100 };

/* One sample: x first; `open`: which of its components a gate left. */
struct point {
    double z[MOST];
    bool open[MOST];
};

/* The quadratic form of equally correlated normals (Sherman and Morrison), rho = .5, components from .. to-1. */
static double equal_form(const struct point *p, size_t from, size_t to, double *count)
{
    double squares = 0, sum = 0, m = 0;
    for (size_t i = from; i < to; i++)
        if (p->open[i]) {
            squares += p->z[i] * p->z[i];
            sum += p->z[i];
            m += 1;
        }
    *count = m;
    return (squares - .5 * sum * sum / (1 + (m - 1) * .5)) / .5;
}

static double dense_ratio(const struct icl_task *task, const struct point *p)
{
    double a, b, all;
    const double of_x = equal_form(p, 0, task->a, &a), of_y = equal_form(p, task->a, task->a + task->b, &b),
                 joint = equal_form(p, 0, task->a + task->b, &all);
    return dense_information(a, b) - 0.5 * (joint - of_x - of_y);
}

static double normal_ratio(double u, double v, double rho)
{
    const double s2 = 1 - rho * rho;
    return -0.5 * log(s2) + (2 * rho * u * v - rho * rho * (u * u + v * v)) / (2 * s2);
}

static double pairs_ratio(const struct icl_task *task, const struct point *p)
{
    double sum = 0;
    for (size_t i = 0; i < 2; i++)
        if (p->open[i] && p->open[task->a + i]) sum += normal_ratio(p->z[i], p->z[task->a + i], .8);
    return sum;
}

static double student_log_density(const struct point *p, size_t from, size_t to, double nu)
{
    double squares = 0, d = 0;
    for (size_t i = from; i < to; i++)
        if (p->open[i]) {
            squares += p->z[i] * p->z[i];
            d += 1;
        }
    return lgamma((nu + d) / 2) - lgamma(nu / 2) - d / 2 * log(nu * M_PI) - (nu + d) / 2 * log1p(squares / nu);
}

static double student_ratio(const struct icl_task *task, const struct point *p)
{
    const size_t a = task->a, d = a + task->b;
    const double nu = task->parameter;
    return student_log_density(p, 0, d, nu) - student_log_density(p, 0, a, nu) - student_log_density(p, a, d, nu);
}

static double additive_ratio(const struct icl_task *task, const struct point *p)
{
    const double e = task->parameter;
    return p->open[0] && p->open[1] ? -log(2 * e) - log(additive_density(p->z[1], e)) : 0;
}

/* Of the laws: gauss, and relu behind independent gates. */
static double law_ratio(const struct icl_task *task, const struct point *p)
{
    const double u = p->z[0], v = p->z[1], rho = task->parameter, q = task->keep;
    if (strcmp(task->law, "gauss") == 0) return p->open[0] && p->open[1] ? normal_ratio(u, v, rho) : 0;
    const double p0 = 1 - q / 2, quadrant = 0.25 + asin(rho) / (2 * M_PI);
    if (u > 0 && v > 0) return normal_ratio(u, v, rho);
    if (u == 0 && v == 0) return log((1 - q + q * q * quadrant) / (p0 * p0));
    return log((1 - q * gsl_cdf_ugaussian_P(rho / sqrt(1 - rho * rho) * (u + v))) / p0);
}

static double plain_ratio(const struct icl_task *task, const struct point *p)
{
    static double (*const ratios[ICL_TASK_FAMILIES])(const struct icl_task *, const struct point *) = {
        law_ratio, dense_ratio, pairs_ratio, student_ratio, additive_ratio};
    return ratios[task->family](task, p);
}

static double inverse_image(enum icl_task_image image, double t)
{
    if (image == ICL_TASK_NORMAL_CDF) return t > 0 ? gsl_cdf_ugaussian_Pinv(t) : 0;
    return image == ICL_TASK_HALF_CUBE ? copysign(pow(fabs(t), 2 / 3.), t) : t;
}

static double *draw(const struct icl_task *task, uint32_t replication, size_t n)
{
    const size_t values = n * (task->a + task->b);
    double *columns = malloc((values + 1) * sizeof *columns);
    assert_non_null(columns);
    memset(columns, 0xff, values * sizeof *columns); /* NaN: nothing may be left undrawn */
    assert_int_equal(icl_task_sample(task, seed, replication, n, columns, NULL), ICL_OK);
    return columns;
}

/* Of sample i; behind a shared gate its own term. */
static double ratio_at(const struct icl_task *task, const double *columns, size_t n, size_t i)
{
    struct point p = {{0}, {0}};
    size_t open = 0;
    const size_t d = task->a + task->b;
    for (size_t j = 0; j < d; j++) {
        p.open[j] = columns[j * n + i] != 0 || task->keep == 1;
        p.z[j] = inverse_image(task->image, columns[j * n + i]);
        open += p.open[j];
    }
    if (task->gate != ICL_GATE_SHARED) return plain_ratio(task, &p);
    assert_true(open == 0 || open == d);
    return open == 0 ? -log(1 - task->keep) : plain_ratio(task, &p) - log(task->keep);
}

/* Every task but the discrete ones, which are exact above: within 5 standard errors. */
static void information_of_the_samples(void **state)
{
    (void)state;
    for (size_t t = 0; icl_task_at(t) != NULL; t++) {
        const struct icl_task *task = icl_task_at(t);
        if (task->law != NULL && strcmp(task->law, "discrete") == 0) continue;
        const size_t n = task->a > 5 ? 20000 : 200000;
        double *columns = draw(task, 1, n), mean = 0, squares = 0;
        for (size_t i = 0; i < n; i++) {
            const double ratio = ratio_at(task, columns, n, i), away = ratio - mean;
            mean += away / (double)(i + 1);
            squares += away * (ratio - mean);
        }
        free(columns);
        const double error = sqrt(squares / (double)n / (double)(n - 1));
        if (!is_near(mean, truth_of(task), 5 * error + 1e-12)) {
            print_error("%s: %.6f +- %.6f, expected %.6f\n", task->name, mean, error, truth_of(task));
            fail();
        }
    }
}

/* ----------------------------------------------------------------- samplers */

enum { N = 100000 };

static int compare(const void *a, const void *b)
{
    const double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static double cauchy_cdf(double t)
{
    return gsl_cdf_cauchy_P(t, 1);
}

static double t3_cdf(double t)
{
    return gsl_cdf_tdist_P(t, 3);
}

static double half_cube_cdf(double t)
{
    return gsl_cdf_ugaussian_P(inverse_image(ICL_TASK_HALF_CUBE, t));
}

static double uniform_cdf(double t)
{
    return fmax(0, fmin(1, t));
}

/* The integral of the trapezoid for e = .75: ramps of width 1 from -.75 to .25 and from 1.25 - .5 on. */
static double additive_cdf(double t)
{
    const double s = t + .75;
    if (s <= 1) return s * s / 3;
    return s <= 1.5 ? 1 / 3. + (s - 1) * 2 / 3 : 1 - (2.5 - s) * (2.5 - s) / 3;
}

/* Kolmogorov: sqrt(n) D exceeds 2.7 with probability 1e-6. Zeros of shut gates are taken out. */
static void assert_distribution(double *value, double (*cdf)(double), double keep)
{
    size_t open = 0;
    for (size_t i = 0; i < N; i++)
        if (value[i] != 0) value[open++] = value[i];
    assert_near((double)open / N, keep, 5 * sqrt(keep * (1 - keep) / N));
    qsort(value, open, sizeof *value, compare);
    double distance = 0;
    for (size_t i = 0; i < open; i++) {
        const double p = cdf(value[i]);
        distance = fmax(distance, fmax((double)(i + 1) / (double)open - p, p - (double)i / (double)open));
    }
    assert_true(distance < 2.7 / sqrt((double)open));
}

static double relu_half_cube_cdf(double t)
{
    return 2 * half_cube_cdf(t) - 1;
}

static double relu_cauchy_cdf(double t)
{
    return 2 * cauchy_cdf(t) - 1;
}

static void distributions(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double (*x)(double), (*y)(double);
        double open;
    } cases[] = {
        {"binormal", gsl_cdf_ugaussian_P, gsl_cdf_ugaussian_P, 1},
        {"normal-cdf", uniform_cdf, uniform_cdf, 1},
        {"half-cube", half_cube_cdf, half_cube_cdf, 1},
        {"additive-75", uniform_cdf, additive_cdf, 1},
        {"student-1", cauchy_cdf, cauchy_cdf, 1},
        {"student-3-3-3", t3_cdf, t3_cdf, 1},
        {"dense-3", gsl_cdf_ugaussian_P, gsl_cdf_ugaussian_P, 1},
        {"pairs-5", gsl_cdf_ugaussian_P, gsl_cdf_ugaussian_P, 1},
        {"binormal+gates10", gsl_cdf_ugaussian_P, gsl_cdf_ugaussian_P, .1},
        {"normal-cdf+shared50", uniform_cdf, uniform_cdf, .5},
        {"half-cube+relu+gates80", relu_half_cube_cdf, relu_half_cube_cdf, .4},
        {"student-1+relu+gates80", relu_cauchy_cdf, relu_cauchy_cdf, .4},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const struct icl_task *task = task_named(cases[c].name);
        double *columns = draw(task, 2, N);
        for (size_t j = 0; j < task->a + task->b; j++)
            assert_distribution(columns + j * N, j < task->a ? cases[c].x : cases[c].y, cases[c].open);
        free(columns);
    }
}

/* Half of |t| is below the median, 1 for one degree of freedom; a scale 1.5 % off moves that by .0048. */
static void scale_of_student(void **state)
{
    (void)state;
    const size_t n = 400000;
    double *columns = draw(task_named("student-1"), 9, n), below = 0;
    for (size_t i = 0; i < 2 * n; i++)
        below += fabs(columns[i]) < 1;
    free(columns);
    assert_near(below / (2 * (double)n), 0.5, 5 * 0.5 / sqrt((double)n));
}

static double correlation(const double *a, const double *b)
{
    double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    for (size_t i = 0; i < N; i++) {
        ma += a[i] / N;
        mb += b[i] / N;
    }
    for (size_t i = 0; i < N; i++) {
        aa += (a[i] - ma) * (a[i] - ma);
        bb += (b[i] - mb) * (b[i] - mb);
        ab += (a[i] - ma) * (b[i] - mb);
    }
    return ab / sqrt(aa * bb);
}

static void correlations(void **state)
{
    (void)state;
    const struct {
        const char *name;
        size_t i, j;
        double rho;
    } cases[] = {{"dense-3", 0, 1, .5},
                 {"dense-3", 2, 3, .5},
                 {"dense-3", 4, 5, .5},
                 {"pairs-3", 0, 3, .8},
                 {"pairs-3", 1, 4, .8},
                 {"pairs-3", 2, 5, 0},
                 {"pairs-3", 0, 1, 0},
                 {"pairs-3", 0, 4, 0},
                 {"pairs-3", 3, 4, 0},
                 {"half-silent", 0, 1, 0},
                 {"binormal+gates50", 0, 1, .375}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double *columns = draw(task_named(cases[c].name), 3, N);
        assert_near(correlation(columns + cases[c].i * N, columns + cases[c].j * N), cases[c].rho, 5 / sqrt(N));
        free(columns);
    }
}

/* Independent gates: P(both shut) = (1-q)^2, of any two components; a shared gate shuts all (ratio_at looks). */
static void gates_are_independent(void **state)
{
    (void)state;
    double *columns = draw(task_named("pairs-3+gates50"), 4, N);
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < i; j++) {
            size_t both = 0;
            for (size_t k = 0; k < N; k++)
                both += columns[i * N + k] == 0 && columns[j * N + k] == 0;
            assert_near((double)both / N, .25, 5 * sqrt(.25 * .75 / N));
        }
    free(columns);
}

static void functions_of_seed_and_replication(void **state)
{
    (void)state;
    enum { FEW = 1500, FEWER = 1030 };
    for (size_t t = 0; icl_task_at(t) != NULL; t++) {
        const struct icl_task *task = icl_task_at(t);
        const size_t d = task->a + task->b;
        double *a = draw(task, 5, FEW), *b = draw(task, 5, FEW), *fewer = draw(task, 5, FEWER), *c = draw(task, 6, FEW);
        assert_memory_equal(a, b, FEW * d * sizeof *a);
        for (size_t j = 0; j < d; j++) {
            assert_memory_equal(a + j * FEW, fewer + j * FEWER, FEWER * sizeof *a);
            assert_memory_not_equal(a + j * FEW, c + j * FEW, FEW * sizeof *a);
        }
        assert_int_equal(icl_task_sample(task, seed + 1, 5, FEW, c, NULL), ICL_OK);
        assert_memory_not_equal(a, c, FEW * sizeof *a);
        assert_int_equal(icl_task_sample(task, seed, 0, 0, c, NULL), ICL_OK);
        for (size_t i = 0; i < FEW * d; i++)
            assert_true(isfinite(a[i]) && !(a[i] == 0 && signbit(a[i])));
        free(a);
        free(b);
        free(c);
        free(fewer);
    }
}

static void replications_are_independent(void **state)
{
    (void)state;
    const char *const names[] = {"binormal", "additive-75", "normal-cdf+gates50", "dense-2"};
    for (size_t c = 0; c < sizeof names / sizeof *names; c++) {
        const struct icl_task *task = task_named(names[c]);
        double *a = draw(task, 7, N), *b = draw(task, 8, N);
        assert_near(correlation(a, b), 0, 5 / sqrt(N));
        assert_near(correlation(a, b + task->a * N), 0, 5 / sqrt(N));
        free(b);
        free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_in_order),
        cmocka_unit_test(published_values),
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(vectors),
        cmocka_unit_test(additive_by_grid),
        cmocka_unit_test(discrete_by_enumeration),
        cmocka_unit_test(what_has_no_exact_value),
        cmocka_unit_test(information_of_the_samples),
        cmocka_unit_test(distributions),
        cmocka_unit_test(scale_of_student),
        cmocka_unit_test(correlations),
        cmocka_unit_test(gates_are_independent),
        cmocka_unit_test(functions_of_seed_and_replication),
        cmocka_unit_test(replications_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
