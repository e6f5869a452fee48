/* KSG1 of one pair by strips and vectors beside the k-d tree and bisection, and beside sorting both columns. Columns of
 * correlation .75; `silent`: half the samples of each are 0, independently (the estimate is then Mesner-Shalizi's).
 * Processor time, so that other programs cost little; the calls of both are interleaved.
 *   bench_knn [N K REPETITIONS]     without arguments: a table of sizes
 *   ICLAB_KERNELS=portable|avx2     for other variants */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "estimators/column.h"
#include "estimators/cpu/knn.h"
#include "estimators/neighbour_counts.h"
#include "kernels/random.h"

enum { MOST_REPETITIONS = 101, SEED = 1 };

/* Milliseconds of each repetition. */
struct times {
    double taken[MOST_REPETITIONS];
};

static double processor_milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(struct times *times, size_t repetitions)
{
    qsort(times->taken, repetitions, sizeof *times->taken, compare);
    return times->taken[repetitions / 2];
}

struct pair {
    size_t n;
    double *raw[2], *sorted[2];
    struct icl_column column[2];
    struct icl_sorted_points points;
    uint32_t *within, *counts, *old_within, *old_counts;
    double *radius;
    struct icl_workspace *ws;
};

static void *take(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) {
        fputs("bench_knn: no memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return memory;
}

static void sample(struct pair *pair, bool silent)
{
    const double rho = .75;
    for (uint32_t c = 0; c < 2; c++) {
        const struct icl_stream stream = {SEED, ICL_PURPOSE_LAW, 0, c};
        icl_random_normal(&stream, 0, pair->n, pair->raw[c]);
    }
    for (size_t i = 0; i < pair->n; i++)
        pair->raw[1][i] = rho * pair->raw[0][i] + sqrt(1 - rho * rho) * pair->raw[1][i];
    for (uint32_t c = 0; c < 2 && silent; c++) {
        const struct icl_stream gate = {SEED, ICL_PURPOSE_LAW, 0, 2 + c};
        for (size_t i = 0; i < pair->n; i++)
            if (icl_random_below(&gate, i, 2) == 0) pair->raw[c][i] = 0;
    }
}

static bool open_pair(struct pair *pair, size_t n, bool silent)
{
    *pair = (struct pair){.n = n};
    bool good = icl_workspace_create(&pair->ws, NULL) == ICL_OK;
    for (int c = 0; c < 2; c++) {
        pair->raw[c] = take(n, sizeof(double));
        pair->sorted[c] = take(n, sizeof(double));
    }
    pair->radius = take(n, sizeof(double));
    pair->within = take(n, sizeof(uint32_t));
    pair->old_within = take(n, sizeof(uint32_t));
    pair->counts = take(2 * n, sizeof(uint32_t));
    pair->old_counts = take(2 * n, sizeof(uint32_t));
    sample(pair, silent);
    for (int c = 0; c < 2 && good; c++) {
        struct icl_column *column = &pair->column[c];
        good = icl_column_prepare(column, pair->raw[c], n, 1, pair->ws, NULL) == ICL_OK;
        for (size_t r = 0; r < n && good; r++)
            pair->sorted[c][r] = column->z[column->order[r]];
    }
    pair->points = (struct icl_sorted_points){{n, 2, {pair->column[0].z, pair->column[1].z}},
                                              {pair->sorted[0], pair->sorted[1]},
                                              {pair->column[0].order, pair->column[1].order}};
    return good;
}

static void close_pair(struct pair *pair)
{
    for (int c = 0; c < 2; c++) {
        free(pair->raw[c]);
        free(pair->sorted[c]);
        icl_column_free(&pair->column[c]);
    }
    free(pair->radius);
    free(pair->within);
    free(pair->old_within);
    free(pair->counts);
    free(pair->old_counts);
    icl_workspace_free(pair->ws);
}

static bool by_tree(struct pair *pair, unsigned k, bool silent)
{
    const struct icl_points *points = &pair->points.points;
    if (icl_neighbours(points, k, pair->radius, silent ? pair->old_within : NULL, NULL, pair->ws, NULL) != ICL_OK)
        return false;
    for (size_t i = 0; i < pair->n; i++)
        for (size_t a = 0; a < 2; a++)
            pair->old_counts[2 * i + a] =
                (uint32_t)icl_count_within(pair->sorted[a], pair->n, points->at[a][i], pair->radius[i], !silent);
    return true;
}

static bool by_strips(struct pair *pair, unsigned k, bool silent)
{
    return icl_neighbour_counts(&pair->points, k, silent ? ICL_COUNT_WITHIN : ICL_COUNT_INSIDE,
                                silent ? pair->within : NULL, pair->counts, pair->ws, NULL) == ICL_OK;
}

static void sort_both(struct pair *pair)
{
    for (int c = 0; c < 2; c++) {
        memcpy(pair->radius, pair->raw[c], pair->n * sizeof *pair->radius);
        qsort(pair->radius, pair->n, sizeof *pair->radius, compare);
    }
}

/* One line of the table; false: something failed, or the two do not agree. */
static bool measure(size_t n, unsigned k, bool silent, size_t repetitions)
{
    struct pair pair;
    static struct times tree, strips, sorting;
    bool good = open_pair(&pair, n, silent);
    for (size_t r = 0; r < repetitions && good; r++) {
        const double start = processor_milliseconds();
        good = by_tree(&pair, k, silent);
        const double after_tree = processor_milliseconds();
        good = by_strips(&pair, k, silent) && good;
        const double after_strips = processor_milliseconds();
        sort_both(&pair);
        tree.taken[r] = after_tree - start;
        strips.taken[r] = after_strips - after_tree;
        sorting.taken[r] = processor_milliseconds() - after_strips;
    }
    good = good && memcmp(pair.counts, pair.old_counts, 2 * n * sizeof *pair.counts) == 0 &&
           memcmp(pair.within, pair.old_within, n * sizeof *pair.within) == 0;
    const double old = median(&tree, repetitions), now = median(&strips, repetitions);
    printf("%s\t%zu\t%u\t%s\t%.4g\t%.4g\t%.1f\t%.2f\t%.4g\n", icl_knn()->name, n, k,
           silent ? "half-silent" : "no-atoms", old, now, old / now, now / median(&sorting, repetitions),
           1e6 * now / (double)n);
    fflush(stdout);
    close_pair(&pair);
    return good;
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {1000, 5000, 10000, 100000, 1000000};
    static const unsigned ks[] = {3, 5, 20};
    bool good = true;
    printf("variant\tn\tk\tcolumns\ttree_ms\tstrips_ms\tratio\tof_sorting\tns_per_sample\n");
    if (argc == 4) {
        const size_t repetitions = (size_t)strtoul(argv[3], NULL, 10);
        for (int silent = 0; silent < 2; silent++)
            good = measure((size_t)strtoul(argv[1], NULL, 10), (unsigned)strtoul(argv[2], NULL, 10), silent != 0,
                           repetitions < MOST_REPETITIONS ? repetitions : MOST_REPETITIONS) &&
                   good;
    } else {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (size_t c = 0; c < sizeof ks / sizeof *ks; c++)
                for (int silent = 0; silent < 2; silent++)
                    good = measure(sizes[s], ks[c], silent != 0, sizes[s] > 20000 ? 5 : 21) && good;
    }
    if (!good) fputs("bench_knn: the two ways do not agree\n", stderr);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
