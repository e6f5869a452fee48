/* Bias and spread of every estimator of mutual information on pairs of known law: the table of docs/estimators.md.
 *   bench_accuracy [SEEDS]     TSV on standard output: mean error and sd over seeds 1 .. SEEDS (default 20)
 * A row is (case, n, estimator). The bytes depend on SEEDS only. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/table.h"
#include "core/threads.h"
#include "estimators/mutual_information.h"
#include "experiments/laws.h"

enum { DEFAULT_SEEDS = 20, MOST_SEEDS = 1000, MASK_LAYER = 1 << 20 };

static const size_t sizes[] = {1000, 5000, 10000};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* A law (of another rho where that is not nan) behind gates of `keep`. */
static const struct accuracy_case {
    const char *name, *law;
    double rho;
    enum icl_gate gate;
    double keep;
} cases[] = {
    {"gauss 0", "gauss", 0, ICL_GATE_INDEPENDENT, 1},
    {"gauss .3", "gauss", .3, ICL_GATE_INDEPENDENT, 1},
    {"gauss .75", "gauss", .75, ICL_GATE_INDEPENDENT, 1},
    {"gauss .9", "gauss", .9, ICL_GATE_INDEPENDENT, 1},
    {"gauss .99", "gauss", .99, ICL_GATE_INDEPENDENT, 1},
    {"gauss .75, independent gates .9", "gauss", .75, ICL_GATE_INDEPENDENT, .9},
    {"gauss .75, independent gates .5", "gauss", .75, ICL_GATE_INDEPENDENT, .5},
    {"gauss .75, independent gates .1", "gauss", .75, ICL_GATE_INDEPENDENT, .1},
    {"gauss .75, shared gate .5", "gauss", .75, ICL_GATE_SHARED, .5},
    {"gauss .75, shared gate .1", "gauss", .75, ICL_GATE_SHARED, .1},
    {"relu .75, independent gates .8", "relu", .75, ICL_GATE_INDEPENDENT, .8},
    {"discrete 4x4", "discrete", NAN, ICL_GATE_INDEPENDENT, 1},
};
enum { CASES = sizeof cases / sizeof *cases };

/* The estimators as the command line has them, and the decomposition with a number of neighbours that is given. */
static const struct {
    const char *name;
    struct icl_mi_options options;
} variants[] = {
    {"decomposition", {.estimator = ICL_MI_DECOMPOSITION}},
    {"ksg1", {.estimator = ICL_MI_KSG1}},
    {"ksg2", {.estimator = ICL_MI_KSG2}},
    {"mesner-shalizi", {.estimator = ICL_MI_MESNER_SHALIZI}},
    {"plugin", {.estimator = ICL_MI_PLUGIN}},
    {"gaussian", {.estimator = ICL_MI_GAUSSIAN}},
    {"lnc", {.estimator = ICL_MI_LNC}},
    {"decomposition --k 3", {.estimator = ICL_MI_DECOMPOSITION, .k = 3}},
    {"decomposition --k 5", {.estimator = ICL_MI_DECOMPOSITION, .k = 5}},
    {"decomposition --k 10", {.estimator = ICL_MI_DECOMPOSITION, .k = 10}},
    {"decomposition --k 20", {.estimator = ICL_MI_DECOMPOSITION, .k = 20}},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

static struct icl_law law_of(const struct accuracy_case *c)
{
    struct icl_law law = *icl_law_by_name(c->law);
    if (!isnan(c->rho)) law.rho = c->rho;
    return law;
}

struct bench {
    size_t seeds;
    double *estimate; /* by case, size, seed, variant */
    struct icl_workspace **workspaces;
};

/* The two columns behind the gates, prepared: free with icl_column_free. */
static icl_status draw(const struct accuracy_case *c, size_t n, uint64_t seed, struct icl_workspace *ws,
                       struct icl_column pair[2], struct icl_error *err)
{
    double *x = ICL_TAKE(ws, n, double), *y = ICL_TAKE(ws, n, double), *factor = ICL_TAKE(ws, 2 * n, double);
    if (!x || !y || !factor) return icl_fail_memory(err, "a sample");
    const struct icl_law law = law_of(c);
    law.sample(&law, seed, 0, n, x, y);
    /* two positions of one channel share a gate; two channels of one position do not */
    const bool shared = c->gate == ICL_GATE_SHARED;
    const struct icl_shape shape = {n, shared ? 2 : 1, shared ? 1 : 2};
    const struct icl_mask mask = {
        .stream = {seed, ICL_PURPOSE_MASK, MASK_LAYER + (uint32_t)(c - cases), 0}, .gate = c->gate, .keep = c->keep};
    icl_kernels()->mask_f64(&mask, &shape, 0, 2 * n, factor);
    for (size_t i = 0; i < n; i++) {
        x[i] *= factor[2 * i];
        y[i] *= factor[2 * i + 1];
    }
    ICL_TRY(icl_column_prepare(&pair[0], x, n, 1, ws, err));
    const icl_status status = icl_column_prepare(&pair[1], y, n, 1, ws, err);
    if (status != ICL_OK) icl_column_free(&pair[0]);
    return status;
}

static icl_status work(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct bench *bench = context;
    struct icl_workspace *ws = bench->workspaces[worker];
    const struct icl_mark mark = icl_workspace_mark(ws);
    const uint64_t seed = item % bench->seeds + 1;
    const size_t row = item / bench->seeds;
    struct icl_column pair[2];
    ICL_TRY(draw(&cases[row / SIZES], sizes[row % SIZES], seed, ws, pair, err));
    icl_status status = ICL_OK;
    for (size_t v = 0; status == ICL_OK && v < VARIANTS; v++) {
        struct icl_mi_result result = {.mi = NAN};
        status = icl_mi_pair(&pair[0], &pair[1], &variants[v].options, ws, &result, err);
        bench->estimate[item * VARIANTS + v] = result.mi;
    }
    icl_column_free(&pair[0]);
    icl_column_free(&pair[1]);
    icl_workspace_release(ws, mark);
    return status;
}

static icl_status print_rows(const struct bench *bench, struct icl_error *err)
{
    char header[200];
    snprintf(header, sizeof header, "errors of mutual information, nats: mean and sd over seeds 1 to %zu",
             bench->seeds);
    struct icl_table table;
    ICL_TRY(icl_table_open(&table, "-", header, "case\tn\testimator\ttruth\tmean_error\tsd", err));
    for (size_t row = 0; row < CASES * SIZES; row++) {
        const struct accuracy_case *c = &cases[row / SIZES];
        const struct icl_law law = law_of(c);
        double truth = NAN;
        const icl_status status = law.mi_after(&law, c->gate, c->keep, &truth, err);
        if (status != ICL_OK) {
            icl_table_abort(&table);
            return status;
        }
        for (size_t v = 0; v < VARIANTS; v++) {
            double mean = 0, square = 0;
            for (size_t s = 0; s < bench->seeds; s++)
                mean += bench->estimate[(row * bench->seeds + s) * VARIANTS + v] / (double)bench->seeds;
            for (size_t s = 0; s < bench->seeds; s++) {
                const double away = bench->estimate[(row * bench->seeds + s) * VARIANTS + v] - mean;
                square += away * away / (double)(bench->seeds - 1);
            }
            icl_table_text(&table, c->name);
            icl_table_count(&table, sizes[row % SIZES]);
            icl_table_text(&table, variants[v].name);
            icl_table_number(&table, truth);
            icl_table_number(&table, mean - truth);
            icl_table_number(&table, sqrt(square));
        }
    }
    return icl_table_close(&table, err);
}

int main(int argc, char **argv)
{
    struct bench bench = {.seeds = DEFAULT_SEEDS};
    if (argc > 1) bench.seeds = strtoul(argv[1], NULL, 10);
    if (argc > 2 || bench.seeds < 2 || bench.seeds > MOST_SEEDS) {
        fprintf(stderr, "usage: bench_accuracy [SEEDS]     SEEDS from 2 to %d\n", MOST_SEEDS);
        return 2;
    }
    struct icl_error err = {ICL_OK, ""};
    const size_t items = CASES * SIZES * bench.seeds;
    const unsigned threads = icl_processor_count();
    bench.estimate = malloc(items * VARIANTS * sizeof *bench.estimate);
    icl_status status = bench.estimate == NULL ? icl_fail_memory(&err, "the estimates") : ICL_OK;
    if (status == ICL_OK) status = icl_workspaces_create(&bench.workspaces, threads, &err);
    if (status == ICL_OK) status = icl_parallel_for(threads, items, work, &bench, &err);
    if (status == ICL_OK) status = print_rows(&bench, &err);
    if (status != ICL_OK) fprintf(stderr, "bench_accuracy: %s\n", err.message);
    icl_workspaces_free(bench.workspaces, threads);
    free(bench.estimate);
    return icl_status_exit_code(status);
}
