/* Mutual information of one pair and of all pairs, beside what sorting both columns costs. Columns of correlation .75,
 * or the same after ReLU: half of each sample 0. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"
#include "core/clock.h"
#include "core/threads.h"
#include "estimators/cpu/joint_counts.h"
#include "estimators/plugin_pairs.h"
#include "kernels/random.h"

/* The lines of one size are timed in turns. A line that is quick runs several times in its turn: AT_ONCE times, or
 * until `turn_seconds` have gone by. There are at least LEAST_TURNS, and more until `enough_seconds` have gone by. */
enum { LEAST_TURNS = 3, MOST_TURNS = 31, AT_ONCE = 7 };
static const double turn_seconds = .01, enough_seconds = 1;

enum { BENCH_SEED = 1, BENCH_BINS = 16, MOST_THREADS = 2, PLUGIN_EDGE = 16 };

/* How many columns of so many samples: all pairs of a neighbour estimate take seconds. */
static const struct size {
    size_t n, columns;
    bool full; /* only in --full */
} sizes[] = {{1000, 64, false}, {10000, 40, false}, {100000, 10, false}, {1000000, 4, true}};

enum kind { NO_ATOMS, HALF_SILENT, KINDS };
static const char *const kind_names[KINDS] = {"no-atoms", "half-silent"};

struct data {
    size_t n, columns;
    double *raw[2], *scratch; /* of two columns, for sorting */
    struct icl_column *column;
    struct icl_binned *binned;
    struct icl_count_terms terms;
    struct icl_workspace **workspaces; /* MOST_THREADS */
};

/* ---- what is timed -------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One line: `run` does `pairs` pairs. */
struct line;
typedef icl_status timed(struct data *data, const struct line *line, unsigned threads, struct icl_error *err);
struct line {
    const char *what;
    timed *run;
    struct icl_mi_options options;
    bool all;  /* all pairs, on one thread and on two */
    bool slow; /* on two threads only in --full */
};

/* The yardstick: both columns by the sort of the C library. */
static icl_status sort_both(struct data *data, const struct line *line, unsigned threads, struct icl_error *err)
{
    (void)line;
    (void)threads;
    (void)err;
    for (int c = 0; c < 2; c++) {
        memcpy(data->scratch, data->raw[c], data->n * sizeof *data->scratch);
        qsort(data->scratch, data->n, sizeof *data->scratch, compare);
    }
    return ICL_OK;
}

/* What is done once a column, and shared by all its pairs. */
static icl_status prepare_both(struct data *data, const struct line *line, unsigned threads, struct icl_error *err)
{
    (void)line;
    (void)threads;
    for (int c = 0; c < 2; c++) {
        struct icl_column column;
        ICL_TRY(icl_column_prepare(&column, data->raw[c], data->n, 1, data->workspaces[0], err));
        icl_column_free(&column);
    }
    return ICL_OK;
}

static icl_status bin_both(struct data *data, const struct line *line, unsigned threads, struct icl_error *err)
{
    (void)line;
    (void)threads;
    for (int c = 0; c < 2; c++) {
        struct icl_binned binned;
        ICL_TRY(icl_binned_make(&binned, &data->column[c], BENCH_BINS, err));
        icl_binned_free(&binned);
    }
    return ICL_OK;
}

static icl_status one_pair(struct data *data, const struct line *line, unsigned threads, struct icl_error *err)
{
    struct icl_mi_result result;
    (void)threads;
    return icl_mi_pair(&data->column[0], &data->column[1], &line->options, data->workspaces[0], &result, err);
}

struct all {
    struct data *data;
    const struct icl_mi_options *options;
    size_t edge, across; /* squares of columns */
};

static icl_status do_square(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    const struct all *all = context;
    struct data *data = all->data;
    struct icl_workspace *ws = data->workspaces[worker];
    const size_t i0 = item / all->across * all->edge, j0 = item % all->across * all->edge;
    for (size_t i = i0; i < i0 + all->edge && i < data->columns; i++)
        for (size_t j = j0 > i ? j0 : i + 1; j < j0 + all->edge && j < data->columns; j++) {
            struct icl_mi_result result;
            if (all->options->estimator == ICL_MI_PLUGIN)
                ICL_TRY(icl_plugin_pair(&data->binned[i], &data->binned[j], &data->terms, ws, &result, err));
            else
                ICL_TRY(icl_mi_pair(&data->column[i], &data->column[j], all->options, ws, &result, err));
        }
    return ICL_OK;
}

static icl_status all_pairs(struct data *data, const struct line *line, unsigned threads, struct icl_error *err)
{
    const size_t edge = line->options.estimator == ICL_MI_PLUGIN ? PLUGIN_EDGE : 1;
    struct all all = {data, &line->options, edge, (data->columns + edge - 1) / edge};
    return icl_parallel_for(threads, all.across * all.across, do_square, &all, err);
}

static const struct line lines[] = {
    {"sort-both-columns", sort_both, {.estimator = ICL_MI_AUTO}, false, false},
    {"prepare-both-columns", prepare_both, {.estimator = ICL_MI_AUTO}, false, false},
    {"bin-both-columns", bin_both, {.estimator = ICL_MI_AUTO}, false, false},
    {"auto", one_pair, {.estimator = ICL_MI_AUTO}, false, false},
    {"ksg1 k=3", one_pair, {.estimator = ICL_MI_KSG1, .k = 3}, false, false},
    {"mesner-shalizi k=3", one_pair, {.estimator = ICL_MI_MESNER_SHALIZI, .k = 3}, false, false},
    {"plugin 16 bins", one_pair, {.estimator = ICL_MI_PLUGIN, .bins = BENCH_BINS}, false, false},
    {"gaussian", one_pair, {.estimator = ICL_MI_GAUSSIAN}, false, false},
    {"auto", all_pairs, {.estimator = ICL_MI_AUTO}, true, true},
    {"ksg1 k=3", all_pairs, {.estimator = ICL_MI_KSG1, .k = 3}, true, true},
    {"mesner-shalizi k=3", all_pairs, {.estimator = ICL_MI_MESNER_SHALIZI, .k = 3}, true, true},
    {"plugin 16 bins", all_pairs, {.estimator = ICL_MI_PLUGIN, .bins = BENCH_BINS}, true, false},
    {"gaussian", all_pairs, {.estimator = ICL_MI_GAUSSIAN}, true, false},
};
enum { LINES = sizeof lines / sizeof *lines };

/* ---- data ----------------------------------------------------------------------------------------------------- */

/* Column j is sqrt(.75) of what all share and half of its own: any two have correlation .75. */
static void sample(const struct data *data, enum kind kind, uint32_t j, double *common, double *out)
{
    const struct icl_stream own = {BENCH_SEED, ICL_PURPOSE_LAW, 0, j + 1};
    icl_random_normal(&own, 0, data->n, out);
    for (size_t i = 0; i < data->n; i++) {
        out[i] = sqrt(.75) * common[i] + .5 * out[i];
        if (kind == HALF_SILENT && !(out[i] > 0)) out[i] = 0;
    }
}

static void data_free(struct data *data)
{
    for (size_t j = 0; j < data->columns && data->column != NULL; j++)
        icl_column_free(&data->column[j]);
    for (size_t j = 0; j < data->columns && data->binned != NULL; j++)
        icl_binned_free(&data->binned[j]);
    icl_count_terms_free(&data->terms);
    free(data->column);
    free(data->binned);
    free(data->raw[0]);
    free(data->raw[1]);
    free(data->scratch);
}

static icl_status data_fill(struct data *data, enum kind kind, struct icl_error *err)
{
    const size_t bytes = data->n * sizeof(double);
    data->column = calloc(data->columns, sizeof *data->column);
    data->binned = calloc(data->columns, sizeof *data->binned);
    data->raw[0] = malloc(bytes);
    data->raw[1] = malloc(bytes);
    data->scratch = malloc(bytes);
    double *common = malloc(bytes);
    const bool all = data->column && data->binned && data->raw[0] && data->raw[1] && data->scratch && common;
    icl_status status = all ? icl_count_terms_make(&data->terms, data->n, err) : icl_fail_memory(err, "a benchmark");
    if (all) icl_random_normal(&(struct icl_stream){BENCH_SEED, ICL_PURPOSE_LAW, 0, 0}, 0, data->n, common);
    for (size_t j = 0; j < data->columns && status == ICL_OK; j++) {
        double *values = j < 2 ? data->raw[j] : data->scratch;
        sample(data, kind, (uint32_t)j, common, values);
        status = icl_column_prepare(&data->column[j], values, data->n, 1, data->workspaces[0], err);
        if (status == ICL_OK) status = icl_binned_make(&data->binned[j], &data->column[j], BENCH_BINS, err);
    }
    free(common);
    return status;
}

/* ---- timing --------------------------------------------------------------------------------------------------- */

/* Words of 64 samples whose ones are counted for all pairs; 0 where the table is not made from bitmaps. */
static double words_counted(const struct data *data)
{
    double words = 0;
    for (size_t i = 0; i < data->columns; i++)
        for (size_t j = i + 1; j < data->columns; j++) {
            const size_t cells = (data->binned[i].bins - 1) * (data->binned[j].bins - 1);
            if (cells > icl_joint()->most_cells) return 0;
            words += (double)cells * (double)data->n / 64;
        }
    return words;
}

/* The most words a second that a loop without loads counts on one thread. */
static double popcount_peak(void)
{
    enum { ROUNDS = 100000, TRIES = 15 };
    double best = 0;
    for (int t = 0; t < TRIES; t++) {
        double words;
        const double start = icl_clock_seconds();
        volatile uint64_t sink = icl_joint()->peak(ROUNDS, &words);
        (void)sink;
        const double rate = words / (icl_clock_seconds() - start);
        if (rate > best) best = rate;
    }
    return best;
}

/* The seconds of every run. */
struct times {
    struct runs {
        double seconds[MOST_TURNS * AT_ONCE];
        int count;
    } of[LINES][KINDS][MOST_THREADS];
};

static bool wanted(const struct line *line, unsigned threads, bool full)
{
    return threads == 1 || (line->all && (full || !line->slow));
}

static icl_status turn(struct data *data, bool full, struct times *times, struct icl_error *err)
{
    for (int l = 0; l < LINES; l++)
        for (unsigned threads = 1; threads <= MOST_THREADS; threads++)
            for (int kind = 0; kind < KINDS; kind++) {
                struct runs *runs = &times->of[l][kind][threads - 1];
                if (!wanted(&lines[l], threads, full)) continue;
                double sum = 0;
                for (int run = 0; run < AT_ONCE && sum < turn_seconds; run++) {
                    const double start = icl_clock_seconds();
                    ICL_TRY(lines[l].run(&data[kind], &lines[l], threads, err));
                    sum += runs->seconds[runs->count++] = icl_clock_seconds() - start;
                }
            }
    return ICL_OK;
}

static void print_line(const struct data *data, const struct line *line, enum kind kind, unsigned threads,
                       struct runs *runs, double sorting, double peak)
{
    const double pairs = line->all ? (double)(data->columns * (data->columns - 1) / 2) : 1;
    const double median = cli_bench_median(runs->seconds, runs->count), each = median / pairs;
    const double words = line->all && line->options.estimator == ICL_MI_PLUGIN ? words_counted(data) : 0;
    printf("%s\t%s\t%zu\t%zu\t%u\t%.4g\t%.4g\t%.4g\t%.3g\t", line->what, kind_names[kind],
           line->all ? data->columns : 2, data->n, threads, 1e3 * each, 1 / each, (double)data->n / each,
           each / sorting);
    if (words > 0)
        printf("%.0f\n", 100 * words / median / (peak * threads));
    else
        printf("nan\n");
}

static icl_status time_size(const struct size *size, struct icl_workspace **workspaces, bool full, struct times *times,
                            struct icl_error *err)
{
    struct data data[KINDS];
    icl_status status = ICL_OK;
    for (int kind = 0; kind < KINDS; kind++)
        data[kind] = (struct data){.n = size->n, .columns = size->columns, .workspaces = workspaces};
    for (int kind = 0; kind < KINDS && status == ICL_OK; kind++)
        status = data_fill(&data[kind], (enum kind)kind, err);
    memset(times, 0, sizeof *times);
    double peak = 0;
    const double start = icl_clock_seconds();
    for (int t = 0; t < MOST_TURNS && status == ICL_OK; t++) {
        if (t >= LEAST_TURNS && icl_clock_seconds() - start > enough_seconds) break;
        peak = fmax(peak, popcount_peak());
        status = turn(data, full, times, err);
    }
    for (int l = 0; l < LINES && status == ICL_OK; l++)
        for (unsigned threads = 1; threads <= MOST_THREADS; threads++)
            for (int kind = 0; kind < KINDS; kind++) {
                if (!wanted(&lines[l], threads, full)) continue;
                struct runs *sort = &times->of[0][kind][0]; /* the first line */
                print_line(&data[kind], &lines[l], (enum kind)kind, threads, &times->of[l][kind][threads - 1],
                           cli_bench_median(sort->seconds, sort->count), peak);
            }
    fflush(stdout);
    for (int kind = 0; kind < KINDS; kind++)
        data_free(&data[kind]);
    return status;
}

icl_status cli_bench_mi(const struct cli_bench_settings *settings, struct icl_error *err)
{
    struct icl_workspace **workspaces;
    struct times *times = malloc(sizeof *times);
    if (times == NULL) return icl_fail_memory(err, "a benchmark");
    icl_status status = icl_workspaces_create(&workspaces, MOST_THREADS, err);
    if (status == ICL_OK) {
        printf("# counting of ones: %s\n", icl_joint()->name);
        printf(
            "estimator\tdata\tcolumns\tn\tthreads\tms_per_pair\tpairs_per_second\tsamples_per_second\ttimes_sorting\t"
            "percent_of_peak\n");
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes && status == ICL_OK; s++)
            if (settings->full || !sizes[s].full) status = time_size(&sizes[s], workspaces, settings->full, times, err);
        icl_workspaces_free(workspaces, MOST_THREADS);
    }
    free(times);
    return status;
}
