#include "estimators/device_bench.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "estimators/device_pairs.h"

enum { COLUMNS = 512, SAMPLES = 10000, SMALL_COLUMNS = 4, SMALL_SAMPLES = 120, RUNS = 3, COMPARED = 16 };
static const double tolerance = 1e-9;

static const struct pairs_form {
    const char *name;
    struct icl_mi_options options;
    bool atoms;
} forms[] = {
    {"ksg1", {.estimator = ICL_MI_KSG1, .k = 3}, false},
    {"decomposition", {.estimator = ICL_MI_DECOMPOSITION, .k = 3}, true},
};

/* Everything a form needs. */
struct bench {
    struct icl_device *device;
    size_t cols, n, pairs;
    double *values;
    struct icl_column *column;
    struct icl_column_pair *pair;
    struct icl_mi_result *result;
    struct icl_workspace *workspace;
};

static void bench_free(struct bench *b)
{
    for (size_t c = 0; b->column != NULL && c < b->cols; c++)
        icl_column_free(&b->column[c]);
    free(b->values);
    free(b->column);
    free(b->pair);
    free(b->result);
    icl_workspace_free(b->workspace);
}

/* Columns that go with the first one; with atoms, what is not positive is 0. */
static icl_status fill(struct bench *b, const struct pairs_form *form, uint64_t seed, struct icl_error *err)
{
    const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, 21, form->atoms};
    b->values = malloc(b->cols * b->n * sizeof *b->values);
    b->column = calloc(b->cols, sizeof *b->column);
    b->pair = malloc(b->pairs * sizeof *b->pair);
    b->result = malloc(b->pairs * sizeof *b->result);
    if (b->values == NULL || b->column == NULL || b->pair == NULL || b->result == NULL)
        return icl_fail_memory(err, "columns");
    ICL_TRY(icl_workspace_create(&b->workspace, err));
    icl_random_normal(&stream, 0, b->cols * b->n, b->values);
    for (size_t e = b->cols * b->n; e-- > b->n;)
        b->values[e] = .8 * b->values[e] + .6 * b->values[e % b->n];
    for (size_t e = 0; form->atoms && e < b->cols * b->n; e++)
        b->values[e] = fmax(b->values[e], 0.0);
    for (size_t c = 0; c < b->cols; c++)
        ICL_TRY(icl_column_prepare(&b->column[c], b->values + c * b->n, b->n, 1, b->workspace, err));
    size_t p = 0;
    for (uint32_t x = 0; x < b->cols; x++)
        for (uint32_t y = x + 1; y < b->cols; y++)
            b->pair[p++] = (struct icl_column_pair){x, y};
    return ICL_OK;
}

static icl_status run_once(struct bench *b, const struct pairs_form *form, double *seconds, struct icl_error *err)
{
    const struct icl_device_mi_task task = {.column = b->column, .cols = b->cols, .options = form->options};
    struct icl_device_mi *mi;
    const double begin = icl_clock_seconds();
    ICL_TRY(icl_device_mi_open(b->device, &task, &mi, err));
    const icl_status status = icl_device_mi_pairs(mi, b->pair, b->pairs, b->result, err);
    *seconds = icl_clock_seconds() - begin;
    icl_device_mi_close(mi);
    return status;
}

/* The largest difference from the processor among some pairs. */
static icl_status compare(const struct bench *b, const struct pairs_form *form, double *apart, struct icl_error *err)
{
    *apart = 0;
    const size_t step = b->pairs < COMPARED ? 1 : b->pairs / COMPARED;
    for (size_t p = 0; p < b->pairs; p += step) {
        struct icl_mi_result expected;
        ICL_TRY(icl_mi_pair(&b->column[b->pair[p].x], &b->column[b->pair[p].y], &form->options, b->workspace, &expected,
                            err));
        const double difference = fabs(b->result[p].mi - expected.mi);
        if (!(difference <= *apart)) *apart = difference;
        if (isnan(difference)) break;
    }
    return ICL_OK;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static icl_status run_form(struct bench *b, const struct pairs_form *form, uint64_t seed, FILE *out,
                           struct icl_device_bench_counts *counts, struct icl_error *err)
{
    double seconds[RUNS], apart;
    ICL_TRY(fill(b, form, seed, err));
    for (int run = 0; run < RUNS; run++)
        ICL_TRY(run_once(b, form, &seconds[run], err));
    ICL_TRY(compare(b, form, &apart, err));
    qsort(seconds, RUNS, sizeof *seconds, ascending);
    const bool right = apart <= tolerance;
    *(right ? &counts->passed : &counts->failed) += 1;
    fprintf(out, "%s\t%u\t%zu\t%zu\t%zu", form->name, form->options.k, b->cols, b->n, b->pairs);
    if (b->device->facts.emulated)
        fprintf(out, "\t-");
    else
        fprintf(out, "\t%.4g", seconds[RUNS / 2]);
    fprintf(out, "\t%.2g\t%s\n", apart, right ? "1 of 1" : "FAILED");
    fflush(out);
    return ICL_OK;
}

icl_status icl_bench_device_pairs(struct icl_device *device, uint64_t seed, FILE *out,
                                  struct icl_device_bench_counts *counts, struct icl_error *err)
{
    icl_device_describe(device, out);
    fprintf(out, "estimator\tk\tcolumns\tsamples\tpairs\tseconds\tlargest_difference\tcheck\n");
    const bool small = device->facts.emulated;
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        struct bench b = {
            .device = device, .cols = small ? SMALL_COLUMNS : COLUMNS, .n = small ? SMALL_SAMPLES : SAMPLES};
        b.pairs = b.cols * (b.cols - 1) / 2;
        const icl_status status = run_form(&b, &forms[f], seed, out, counts, err);
        bench_free(&b);
        ICL_TRY(status);
    }
    return ICL_OK;
}
