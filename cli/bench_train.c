/* Training steps: images a second, beside what their convolutions alone would take. */
#include <stdio.h>
#include <string.h>

#include "cli/bench.h"
#include "trainer/bench.h"

/* The parts of a step are timed in turns; each repeats for about turn_seconds. */
enum { QUICK_TURNS = 7, FULL_TURNS = 31, BATCHES = 4, PROFILED = 20 };
static const double turn_seconds = .1;

/* What a network is timed on where nothing else is said: by the beginning of its name, the first that fits. */
static const struct family {
    const char *prefix, *data;
    size_t batch[2]; /* 0: no second one */
} families[] = {
    {"thread", "planted-28x28x1-10", {128, 512}},
    {"resnet50", "planted-128x128x3-10", {32, 0}},
    {"resnet", "planted-32x32x3-10", {128, 0}},
    {"", "planted-128x128x3-10", {32, 0}},
};
static const char *const default_nets[] = {"thread07", "resnet20", NULL};
static const enum icl_order default_orders[] = {ICL_ORDER_CONV_BN_RELU, ICL_ORDER_IC};

struct times {
    double seconds[FULL_TURNS]; /* a repetition */
    int count;
};

static const struct family *family_of(const char *net)
{
    const struct family *family = families;
    while (strncmp(net, family->prefix, strlen(family->prefix)) != 0)
        family++;
    return family;
}

/* How often the part fits into a turn; what runs for the first time is warmed up here. */
static icl_status calibrate(struct icl_train_bench *bench, enum icl_train_bench_part part, size_t *count,
                            struct icl_error *err)
{
    double seconds;
    ICL_TRY(icl_train_bench_run(bench, part, 1, &seconds, err));
    ICL_TRY(icl_train_bench_run(bench, part, 1, &seconds, err));
    *count = seconds < turn_seconds ? (size_t)(turn_seconds / seconds) : 1;
    return ICL_OK;
}

static icl_status take_times(struct icl_train_bench *bench, int turns, struct times times[ICL_TRAIN_BENCH_PARTS],
                             struct icl_error *err)
{
    size_t count[ICL_TRAIN_BENCH_PARTS];
    for (int part = 0; part < ICL_TRAIN_BENCH_PARTS; part++)
        ICL_TRY(calibrate(bench, (enum icl_train_bench_part)part, &count[part], err));
    for (int turn = 0; turn < turns; turn++)
        for (int part = 0; part < ICL_TRAIN_BENCH_PARTS; part++) {
            double seconds;
            ICL_TRY(icl_train_bench_run(bench, (enum icl_train_bench_part)part, count[part], &seconds, err));
            times[part].seconds[times[part].count++] = seconds / (double)count[part];
        }
    return ICL_OK;
}

static void print_case(const struct icl_train_spec *spec, const struct icl_train_bench *bench,
                       struct times times[ICL_TRAIN_BENCH_PARTS])
{
    double median[ICL_TRAIN_BENCH_PARTS], best[ICL_TRAIN_BENCH_PARTS];
    for (int part = 0; part < ICL_TRAIN_BENCH_PARTS; part++) {
        median[part] = (double)spec->batch / cli_bench_median(times[part].seconds, times[part].count);
        best[part] = (double)spec->batch / times[part].seconds[0]; /* in order now */
    }
    const bool tiles = median[ICL_TRAIN_BENCH_CONVOLUTION_TILES] > median[ICL_TRAIN_BENCH_CONVOLUTIONS];
    const int convolutions = tiles ? ICL_TRAIN_BENCH_CONVOLUTION_TILES : ICL_TRAIN_BENCH_CONVOLUTIONS;
    const double step = median[ICL_TRAIN_BENCH_STEP];
    printf("%s\t%s\t%zu\t%u\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.1f\t%.1f\n", spec->net, icl_order_names[spec->order],
           spec->batch, icl_train_bench_threads(bench), step, best[ICL_TRAIN_BENCH_STEP],
           median[ICL_TRAIN_BENCH_FORWARD], best[ICL_TRAIN_BENCH_FORWARD], median[convolutions], best[convolutions],
           100 * step / median[convolutions], 2e-9 * icl_train_bench_multiply_adds(bench) * step);
    fflush(stdout);
}

static icl_status print_profile(const struct icl_train_spec *spec, struct icl_train_bench *bench, struct icl_error *err)
{
    const char *name[ICL_TRAIN_BENCH_KINDS];
    double share[ICL_TRAIN_BENCH_KINDS];
    size_t kinds;
    ICL_TRY(icl_train_bench_profile(bench, PROFILED, name, share, &kinds, err));
    for (size_t k = 0; k < kinds; k++)
        if (share[k] > 0)
            printf("%s\t%s\t%zu\t%u\t%s\t%.1f\n", spec->net, icl_order_names[spec->order], spec->batch,
                   icl_train_bench_threads(bench), name[k], 100 * share[k]);
    return ICL_OK;
}

enum table { RATES, OPERATIONS, TABLES };
static const char *const heads[TABLES] = {
    "net\torder\tbatch\tthreads\timages_per_second\tbest\tforward\tforward_best\tconvolutions\tconvolutions_best\t"
    "percent_of_convolutions\tgflops",
    "net\torder\tbatch\tthreads\toperation\tpercent"};

static icl_status run_case(const struct cli_bench_settings *settings, enum table table, const char *net,
                           enum icl_order order, size_t batch, struct icl_error *err)
{
    struct icl_train_spec spec;
    icl_train_spec_default(&spec);
    snprintf(spec.net, sizeof spec.net, "%s", net);
    snprintf(spec.data, sizeof spec.data, "%s", family_of(net)->data);
    spec.order = order;
    spec.batch = batch;
    spec.limit = BATCHES * batch;
    icl_train_spec_normalise(&spec);
    ICL_TRY(icl_train_spec_check(&spec, err));
    struct icl_train_bench *bench;
    struct times times[ICL_TRAIN_BENCH_PARTS] = {{{0}, 0}};
    ICL_TRY(icl_train_bench_create(&spec, settings->threads, &bench, err));
    icl_status status = ICL_OK;
    if (table == RATES) {
        status = take_times(bench, settings->full ? FULL_TURNS : QUICK_TURNS, times, err);
        if (status == ICL_OK) print_case(&spec, bench, times);
    } else {
        status = print_profile(&spec, bench, err);
    }
    icl_train_bench_free(bench);
    return status;
}

static icl_status run_net(const struct cli_bench_settings *settings, enum table table, const char *net,
                          struct icl_error *err)
{
    const size_t asked[2] = {settings->batch, 0}, *batch = settings->batch > 0 ? asked : family_of(net)->batch;
    for (size_t b = 0; b < 2 && batch[b] > 0; b++)
        for (size_t o = 0; o < sizeof default_orders / sizeof *default_orders; o++) {
            const enum icl_order order = settings->order < 0 ? default_orders[o] : (enum icl_order)settings->order;
            ICL_TRY(run_case(settings, table, net, order, batch[b], err));
            if (settings->order >= 0) break;
        }
    return ICL_OK;
}

icl_status cli_bench_train(const struct cli_bench_settings *settings, struct icl_error *err)
{
    const char *const asked[] = {settings->net, NULL}, *const *nets = settings->net != NULL ? asked : default_nets;
    printf("# convolutions: %s\n", icl_kernels()->conv.name());
    for (int table = 0; table < TABLES; table++) {
        printf("%s\n", heads[table]);
        for (size_t n = 0; nets[n] != NULL; n++)
            ICL_TRY(run_net(settings, (enum table)table, nets[n], err));
    }
    return ICL_OK;
}
