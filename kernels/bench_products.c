/* Correlation of all pairs against what plain products of large squares reach in the same run. */
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/threads.h"
#include "kernels/bench.h"
#include "kernels/bench_internal.h"
#include "kernels/cpu/peak.h"
#include "kernels/kernels.h"

enum { SIDE = 1024, ROWS = 10000, MOST_COLS = 1024, MOST_REPETITIONS = 101, PEAK_ROUNDS = 1 << 18 };

enum what { MULTIPLY_ADD, DGEMM, SGEMM, CORRELATION };

static const struct item {
    const char *name;
    enum what what;
    size_t cols; /* of a correlation */
    unsigned threads;
} items[] = {
    {"multiply-add double", MULTIPLY_ADD, 0, 1},
    {"product double", DGEMM, 0, 1},
    {"product single", SGEMM, 0, 1},
    {"correlation", CORRELATION, 256, 1},
    {"correlation", CORRELATION, 512, 1},
    {"correlation", CORRELATION, 1024, 1},
    {"product double", DGEMM, 0, 2},
    {"correlation", CORRELATION, 256, 2},
    {"correlation", CORRELATION, 512, 2},
    {"correlation", CORRELATION, 1024, 2},
};

enum { ITEMS = sizeof items / sizeof *items };

struct room {
    double *columns; /* ROWS x MOST_COLS; squares lie in it too */
    float *single;   /* two squares */
    double *out[2];  /* MOST_COLS^2 each: one for each of two products at once */
};

static const double *column_of(const void *context, size_t column, double *unused)
{
    (void)unused;
    return (const double *)context + column * ROWS;
}

/* One product of squares for each thread, as many at once as there are threads. */
static icl_status multiply(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)worker;
    (void)err;
    struct room *room = context;
    const double *a = room->columns + 2 * item * SIDE * SIDE;
    icl_kernels()->product(a, a + SIDE * SIDE, SIDE, SIDE, SIDE, SIDE, room->out[item]);
    return ICL_OK;
}

/* Runs an item; *work is how many operations that took, of those that are needed: n c (c+1) for a correlation. */
static icl_status run(const struct item *item, struct room *room, double *work, struct icl_error *err)
{
    const double square = 2.0 * SIDE * SIDE * SIDE, cols = (double)item->cols;
    switch (item->what) {
    case MULTIPLY_ADD:
        *work = icl_cpu_multiply_add(PEAK_ROUNDS);
        return ICL_OK;
    case DGEMM:
        *work = item->threads * square;
        return icl_parallel_for(item->threads, item->threads, multiply, room, err);
    case SGEMM:
        *work = square;
        icl_kernels()->product_f32(room->single, room->single + SIDE * SIDE, SIDE, SIDE, SIDE, SIDE,
                                   (float *)(void *)room->out[0]);
        return ICL_OK;
    default:
        *work = ROWS * cols * (cols + 1);
        return icl_correlation(icl_kernels(), column_of, room->columns, ROWS, item->cols, item->threads, room->out[0],
                               err);
    }
}

static icl_status open_room(struct room *room, struct icl_error *err)
{
    const struct icl_stream stream = {.seed = 2, .purpose = ICL_PURPOSE_LAW};
    *room = (struct room){
        .columns = malloc((size_t)ROWS * MOST_COLS * sizeof *room->columns),
        .single = malloc(2 * (size_t)SIDE * SIDE * sizeof *room->single),
    };
    for (size_t k = 0; k < 2; k++)
        room->out[k] = calloc((size_t)MOST_COLS * MOST_COLS, sizeof *room->out[k]);
    if (room->columns == NULL || room->single == NULL || room->out[0] == NULL || room->out[1] == NULL)
        return icl_fail_memory(err, "the benchmark");
    icl_random_normal(&stream, 0, (size_t)ROWS * MOST_COLS, room->columns);
    for (size_t i = 0; i < 2 * (size_t)SIDE * SIDE; i++)
        room->single[i] = (float)room->columns[i];
    for (size_t k = 0; k < 2; k++) /* pages are there before the clock runs */
        memset(room->out[k], 0, (size_t)MOST_COLS * MOST_COLS * sizeof *room->out[k]);
    return ICL_OK;
}

static void close_room(struct room *room)
{
    free(room->columns);
    free(room->single);
    free(room->out[0]);
    free(room->out[1]);
}

/* The rate of the item that is `what` on so many threads. */
static double rate_of(const double *rate, enum what what, unsigned threads)
{
    for (size_t i = 0; i < ITEMS; i++)
        if (items[i].what == what && items[i].threads == threads) return rate[i];
    return 0;
}

static void print_rates(FILE *out, double (*seconds)[MOST_REPETITIONS], const double *work, unsigned repetitions)
{
    double rate[ITEMS];
    for (size_t i = 0; i < ITEMS; i++)
        rate[i] = seconds[i][0] > 0 ? work[i] / icl_bench_median(seconds[i], repetitions) : 0;
    fprintf(out, "# products, medians of %u; product_share: of a product of squares of %d on as many threads\n",
            repetitions, SIDE);
    fprintf(out, "item\tsize\tthreads\tseconds\tGFLOP/s\tproduct_share\tpeak_share\n");
    for (size_t i = 0; i < ITEMS; i++) {
        const struct item *item = &items[i];
        if (!(rate[i] > 0)) continue;
        char size[64] = "-";
        if (item->what == CORRELATION) snprintf(size, sizeof size, "%dx%zu", ROWS, item->cols);
        if (item->what == DGEMM || item->what == SGEMM) snprintf(size, sizeof size, "%dx%d", SIDE, SIDE);
        const double product = rate[i] / rate_of(rate, DGEMM, item->threads);
        const double peak = rate[i] / (item->threads * rate_of(rate, MULTIPLY_ADD, 1));
        fprintf(out, "%s\t%s\t%u\t%.3g\t%.4g\t%.3g\t%.3g\n", item->name, size, item->threads, work[i] / rate[i],
                rate[i] * 1e-9, product, peak);
    }
}

icl_status icl_bench_products(FILE *out, unsigned repetitions, struct icl_error *err)
{
    if (repetitions == 0) repetitions = 5;
    if (repetitions > MOST_REPETITIONS) repetitions = MOST_REPETITIONS;
    struct room room;
    double(*seconds)[MOST_REPETITIONS] = calloc(ITEMS, sizeof *seconds), work[ITEMS] = {0};
    icl_status status = open_room(&room, err);
    if (seconds == NULL) status = icl_fail_memory(err, "the benchmark");
    for (unsigned r = 0; r < repetitions && status == ICL_OK; r++)
        for (size_t i = 0; i < ITEMS && status == ICL_OK; i++) {
            if (items[i].threads > icl_processor_count()) continue;
            const double start = icl_clock_seconds();
            status = run(&items[i], &room, &work[i], err);
            seconds[i][r] = icl_clock_seconds() - start;
        }
    if (status == ICL_OK) {
        print_rates(out, seconds, work, repetitions);
        if (fflush(out) != 0 || ferror(out)) status = icl_fail(err, ICL_ERR_IO, "cannot write the benchmark");
    }
    close_room(&room);
    free(seconds);
    return status;
}
