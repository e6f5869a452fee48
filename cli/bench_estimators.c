/* The estimators on pairs of correlation .75, beside what sorting both columns costs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"
#include "estimators/mutual_information.h"
#include "kernels/random.h"

/* Repeated until this many seconds or calls have gone by; an odd number of calls has a median of its own. */
static const double enough_seconds = .2;
enum { LEAST_CALLS = 3, MOST_CALLS = 51, BENCH_SEED = 1 };

static const size_t sizes[] = {1000, 10000, 100000};

/* One kind of pair, n samples. */
struct pair {
    size_t n;
    double *raw[2], *scratch;
    struct icl_column column[2];
    struct icl_workspace *ws;
};

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The yardstick: both columns by the sort of the C library. */
static icl_status sort_both(struct pair *pair, const struct icl_mi_options *options, struct icl_error *err)
{
    (void)options;
    (void)err;
    for (int c = 0; c < 2; c++) {
        memcpy(pair->scratch, pair->raw[c], pair->n * sizeof *pair->scratch);
        qsort(pair->scratch, pair->n, sizeof *pair->scratch, compare);
    }
    return ICL_OK;
}

/* What is done once a column, and shared by all its pairs. */
static icl_status prepare_both(struct pair *pair, const struct icl_mi_options *options, struct icl_error *err)
{
    (void)options;
    for (int c = 0; c < 2; c++) {
        struct icl_column column;
        ICL_TRY(icl_column_prepare(&column, pair->raw[c], pair->n, 1, pair->ws, err));
        icl_column_free(&column);
    }
    return ICL_OK;
}

static icl_status estimate(struct pair *pair, const struct icl_mi_options *options, struct icl_error *err)
{
    struct icl_mi_result result;
    return icl_mi_pair(&pair->column[0], &pair->column[1], options, pair->ws, &result, err);
}

typedef icl_status timed(struct pair *pair, const struct icl_mi_options *options, struct icl_error *err);

static icl_status print_time(const char *what, const char *kind, timed *run, struct pair *pair,
                             const struct icl_mi_options *options, struct icl_error *err)
{
    double seconds[MOST_CALLS], sum = 0;
    int calls = 0;
    while (calls < LEAST_CALLS || (calls < MOST_CALLS && sum < enough_seconds)) {
        const double start = cli_bench_seconds();
        ICL_TRY(run(pair, options, err));
        seconds[calls] = cli_bench_seconds() - start;
        sum += seconds[calls++];
    }
    const double median = cli_bench_median(seconds, calls);
    printf("%s\t%s\t%zu\t%.4g\t%.4g\t%d\n", what, kind, pair->n, 1e3 * median, (double)pair->n / median, calls);
    fflush(stdout);
    return ICL_OK;
}

static icl_status time_pair(struct pair *pair, const char *kind, struct icl_error *err)
{
    ICL_TRY(print_time("sort-both-columns", kind, sort_both, pair, NULL, err));
    ICL_TRY(print_time("prepare-both-columns", kind, prepare_both, pair, NULL, err));
    for (int e = 0; e < ICL_MI_COUNT; e++) {
        const struct icl_mi_options options = {.estimator = (enum icl_mi_estimator)e};
        ICL_TRY(print_time(icl_mi_names[e], kind, estimate, pair, &options, err));
    }
    return ICL_OK;
}

/* Normal columns of correlation .75; `silent`: their negative values become 0, as after ReLU. */
static void sample(struct pair *pair, bool silent)
{
    const double rho = .75;
    for (uint32_t c = 0; c < 2; c++) {
        const struct icl_stream stream = {BENCH_SEED, ICL_PURPOSE_LAW, 0, c};
        icl_random_normal(&stream, 0, pair->n, pair->raw[c]);
    }
    for (size_t i = 0; i < pair->n; i++)
        pair->raw[1][i] = rho * pair->raw[0][i] + sqrt(1 - rho * rho) * pair->raw[1][i];
    for (int c = 0; c < 2 && silent; c++)
        for (size_t i = 0; i < pair->n; i++)
            pair->raw[c][i] = pair->raw[c][i] > 0 ? pair->raw[c][i] : 0;
}

static icl_status time_kind(struct pair *pair, bool silent, struct icl_error *err)
{
    sample(pair, silent);
    ICL_TRY(icl_column_prepare(&pair->column[0], pair->raw[0], pair->n, 1, pair->ws, err));
    icl_status status = icl_column_prepare(&pair->column[1], pair->raw[1], pair->n, 1, pair->ws, err);
    if (status == ICL_OK) {
        status = time_pair(pair, silent ? "half-silent" : "no-atoms", err);
        icl_column_free(&pair->column[1]);
    }
    icl_column_free(&pair->column[0]);
    return status;
}

icl_status cli_bench_estimators(const struct cli_bench_settings *settings, struct icl_error *err)
{
    (void)settings; /* a pair is the work of one thread */
    const size_t most = sizes[sizeof sizes / sizeof *sizes - 1];
    double *memory = malloc(3 * most * sizeof *memory);
    if (memory == NULL) return icl_fail_memory(err, "a benchmark");
    struct pair pair = {.raw = {memory, memory + most}, .scratch = memory + 2 * most};
    icl_status status = icl_workspace_create(&pair.ws, err);
    if (status == ICL_OK) {
        printf("estimator\tcolumns\tn\tmilliseconds\tsamples_per_second\tcalls\n");
        for (int silent = 0; silent < 2 && status == ICL_OK; silent++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes && status == ICL_OK; s++) {
                pair.n = sizes[s];
                status = time_kind(&pair, silent != 0, err);
            }
        icl_workspace_free(pair.ws);
    }
    free(memory);
    return status;
}
