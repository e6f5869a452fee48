/* Level, power and cost of the tests of dependence: the tables of docs/estimators.md.
 *   bench_dependence [RUNS]     default 500 runs a law for power, 20 times as many for the level
 * TSV on standard output; three tables, each with a line of names. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "estimators/correlation.h"
#include "estimators/correlation_test.h"
#include "estimators/distance_correlation.h"
#include "kernels/random.h"

enum { MOST = 10000, PERMUTATIONS = 199, MEASURES = 5 };

static const char *const measure_names[MEASURES] = {"pearson", "spearman", "kendall", "distance", "distance permuted"};

enum { GAUSS_0, RELU_0, GATES_0, CAUCHY_0, FEW_0, GAUSS_1, GAUSS_3, GATES_3, SQUARE, CIRCLE, LAWS };

static const char *const law_names[LAWS] = {
    "normal, independent",   "ReLU, independent", "gates .5, independent", "Cauchy, independent",
    "1 in 100, independent", "normal, rho .1",    "normal, rho .3",        "rho .3 behind gates .5",
    "y = x^2 + noise",       "circle + noise .3",
};

static struct icl_workspace *workspace;

static void check(icl_status status)
{
    if (status == ICL_OK) return;
    fprintf(stderr, "bench_dependence: %s\n", icl_status_text(status));
    exit(3);
}

static void draw(int law, uint64_t seed, size_t n, double *x, double *y)
{
    static double u[4][MOST];
    for (uint32_t role = 0; role < 4; role++) {
        const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, (uint32_t)(law * 4) + role, 0};
        (role < 2 ? icl_random_normal : icl_random_uniform)(&stream, 0, n, u[role]);
    }
    const double rho = law == GAUSS_1 ? .1 : law == GAUSS_3 || law == GATES_3 ? .3 : 0;
    for (size_t i = 0; i < n; i++) {
        const double a = u[0][i], b = rho * a + sqrt(1 - rho * rho) * u[1][i], c = u[2][i], d = u[3][i];
        x[i] = a;
        y[i] = b;
        if (law == RELU_0) {
            x[i] = fmax(a, 0);
            y[i] = fmax(b, 0);
        } else if (law == GATES_0 || law == GATES_3) {
            x[i] = c < .5 ? a : 0;
            y[i] = d < .5 ? b : 0;
        } else if (law == CAUCHY_0) {
            x[i] = tan(M_PI * (c - .5));
            y[i] = tan(M_PI * (d - .5));
        } else if (law == FEW_0) {
            x[i] = c < .01;
            y[i] = d < .01;
        } else if (law == SQUARE) {
            y[i] = a * a + b;
        } else if (law == CIRCLE) {
            x[i] = cos(2 * M_PI * c) + .3 * a;
            y[i] = sin(2 * M_PI * c) + .3 * b;
        }
    }
}

/* p-value of the corrected distance correlation from permutations of y. */
static double permuted(const struct icl_column *x, const struct icl_column *y, double observed, uint64_t seed)
{
    static uint32_t order[MOST];
    unsigned reached = 0;
    for (uint32_t m = 0; m < PERMUTATIONS; m++) {
        const struct icl_mark mark = icl_workspace_mark(workspace);
        const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, 1000, m};
        struct icl_column turned;
        struct icl_distance d;
        icl_random_permutation(&stream, (uint32_t)y->n, order);
        check(icl_column_permute(y, order, workspace, &turned, NULL));
        check(icl_distance_correlation(x, &turned, workspace, &d, NULL));
        reached += d.correlation_corrected >= observed;
        icl_workspace_release(workspace, mark);
    }
    return (reached + 1.0) / (PERMUTATIONS + 1.0);
}

static double measure(int which, const struct icl_column *x, const struct icl_column *y, uint64_t seed)
{
    double rho;
    struct icl_kendall kendall;
    struct icl_distance distance;
    switch (which) {
    case 0:
        return icl_correlation_p(icl_pearson(x, y), x->n);
    case 1:
        check(icl_spearman(x, y, workspace, &rho, NULL));
        return icl_correlation_p(rho, x->n);
    case 2:
        check(icl_kendall(x, y, workspace, &kendall, NULL));
        return icl_kendall_p(&kendall);
    default:
        check(icl_distance_correlation(x, y, workspace, &distance, NULL));
        return which == 3 ? icl_distance_p(distance.correlation_corrected, x->n)
                          : permuted(x, y, distance.correlation_corrected, seed);
    }
}

/* Columns that came out constant have no p-value: they count as not rejected. */
static void rejections(int law, size_t n, unsigned runs, int measures, const double alpha[3], double share[][3])
{
    static double x[MOST], y[MOST];
    for (int m = 0; m < measures; m++)
        share[m][0] = share[m][1] = share[m][2] = 0;
    for (uint64_t seed = 1; seed <= runs; seed++) {
        struct icl_column cx, cy;
        draw(law, seed, n, x, y);
        check(icl_column_prepare(&cx, x, n, 1, workspace, NULL));
        check(icl_column_prepare(&cy, y, n, 1, workspace, NULL));
        for (int m = 0; m < measures; m++) {
            const double p = measure(m, &cx, &cy, seed);
            for (int a = 0; a < 3; a++)
                share[m][a] += (p <= alpha[a]) / (double)runs;
        }
        icl_column_free(&cx);
        icl_column_free(&cy);
    }
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median processor time of a pair. */
static void print_costs(void)
{
    enum { TIMES = 31 };
    static double x[MOST], y[MOST];
    printf("measure\tn\tms\n");
    for (size_t n = 1000; n <= MOST; n *= 10) {
        struct icl_column cx, cy;
        draw(GAUSS_3, 1, n, x, y);
        check(icl_column_prepare(&cx, x, n, 1, workspace, NULL));
        check(icl_column_prepare(&cy, y, n, 1, workspace, NULL));
        for (int m = 0; m < 4; m++) {
            double taken[TIMES];
            for (int t = 0; t < TIMES; t++) {
                const double start = seconds();
                for (int k = 0; k < 10; k++)
                    measure(m, &cx, &cy, 1);
                taken[t] = (seconds() - start) / 10;
            }
            qsort(taken, TIMES, sizeof *taken, ascending);
            printf("%s\t%zu\t%.3g\n", measure_names[m], n, 1e3 * taken[TIMES / 2]);
        }
        icl_column_free(&cx);
        icl_column_free(&cy);
    }
}

int main(int argc, char **argv)
{
    static const double alpha[3] = {.05, .01, .001};
    static const size_t sizes[] = {10, 20, 100, 1000};
    const unsigned runs = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 500;
    double share[MEASURES][3];
    check(icl_workspace_create(&workspace, NULL));
    printf("law\tn\truns\tmeasure\tlevel_.05\tlevel_.01\tlevel_.001\n");
    for (int law = GAUSS_0; law <= FEW_0; law++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            rejections(law, sizes[s], 20 * runs, 4, alpha, share);
            for (int m = 0; m < 4; m++)
                printf("%s\t%zu\t%u\t%s\t%.4f\t%.4f\t%.5f\n", law_names[law], sizes[s], 20 * runs, measure_names[m],
                       share[m][0], share[m][1], share[m][2]);
        }
    printf("law\tn\truns\tmeasure\tpower_.05\n");
    for (int law = GAUSS_1; law < LAWS; law++) {
        rejections(law, 1000, runs, MEASURES, alpha, share);
        for (int m = 0; m < MEASURES; m++)
            printf("%s\t1000\t%u\t%s\t%.3f\n", law_names[law], runs, measure_names[m], share[m][0]);
    }
    print_costs();
    icl_workspace_free(workspace);
    return 0;
}
