/* iclab bench: what this machine does in how much time. */
#include "cli/bench.h"

#include <stdlib.h>
#include <string.h>

#include "cli/common.h"
#include "config.h"
#include "core/threads.h"
#include "kernels/kernels.h"
#include "kernels/bench.h"
#include "trainer/spec.h"

static icl_status bench_kernels(const struct cli_bench_settings *settings, struct icl_error *err)
{
    (void)settings; /* a kernel is the work of one thread */
    ICL_TRY(icl_bench_kernels(stdout, 0, err));
    ICL_TRY(icl_bench_products(stdout, 0, err));
    return icl_bench_stages(stdout, 0, err);
}

static const struct part {
    const char *name;
    bool timing; /* part of `all`, below the lines that describe the machine */
    icl_status (*run)(const struct cli_bench_settings *settings, struct icl_error *err);
} parts[] = {
    {"kernels", true, bench_kernels},        {"mi", true, cli_bench_mi},
    {"train", true, cli_bench_train},        {"verify", true, cli_bench_verify},
    {"accuracy", false, cli_bench_accuracy}, {"verdicts", false, cli_bench_verdicts},
    {"cuda", false, cli_bench_cuda},
};
enum { PARTS = sizeof parts / sizeof *parts };

enum { MOST_BATCH = 1 << 16 };

struct settings {
    uint64_t threads;
    bool quick, full;
    const char *net, *order;
    uint64_t batch;
};

static const struct settings defaults = {0};

static const struct icl_option options[] = {
    ICL_COUNT_OPTION("threads", 't', "N", struct settings, threads, 0, CLI_MOST_THREADS,
                     "threads of training, the main job, accuracy and verdicts; 0: one a processor"),
    ICL_FLAG_OPTION("quick", 0, struct settings, quick, "what fits into a minute (the default)"),
    ICL_FLAG_OPTION("full", 0, struct settings, full, "everything, however long it takes"),
    ICL_STRING_OPTION("net", 0, "NAME", struct settings, net, "train: the network"),
    ICL_STRING_OPTION("order", 0, "NAME", struct settings, order, "train: what stands between two weight layers"),
    ICL_COUNT_OPTION("batch", 0, "N", struct settings, batch, 0, MOST_BATCH, "train: images a step; 0: as the network"),
};

static const struct icl_command command = {
    .name = "iclab bench",
    .positionals = "[kernels|mi|train|verify|accuracy [TASK...]|verdicts|cuda|all]",
    .summary =
        "Times the kernels, mutual information, training, the main job, or all four (default all); or measures the\n"
        "accuracy of the estimators, or how often verdicts are wrong and which faults they find; or checks every "
        "kernel of\n"
        "a CUDA device and times it, beside what the device can copy and multiply.",
    .most_positionals = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double cli_bench_median(double *seconds, int count)
{
    qsort(seconds, (size_t)count, sizeof *seconds, compare);
    return seconds[(count - 1) / 2];
}

/* The first "model name" of /proc/cpuinfo. */
static void print_cpu(void)
{
    char line[256];
    const char *model = "unknown\n";
    FILE *info = fopen("/proc/cpuinfo", "r");
    while (info != NULL && fgets(line, sizeof line, info) != NULL)
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':') != NULL) {
            model = strchr(line, ':') + 2;
            break;
        }
    printf("# cpu: %s", model);
    if (info != NULL) fclose(info);
}

static void print_machine(void)
{
    const struct kernels *kernels = icl_kernels();
    printf("# iclab: %s\n", ICL_VERSION);
    print_cpu();
    printf("# processors: %u\n# kernels: %s\n# blas: %s, core %s\n", icl_processor_count(), kernels->name,
           kernels->blas, kernels->blas_core);
}

/* Options that mean something to train alone; *order: below 0 where none is asked for. */
static icl_status check_train(const struct settings *settings, const char *what, int *order, struct icl_error *err)
{
    *order = -1;
    const char *given = settings->net != NULL ? "net" : settings->order != NULL ? "order" : "batch";
    const bool any = settings->net != NULL || settings->order != NULL || settings->batch > 0;
    if (any && strcmp(what, "train") != 0) return icl_fail(err, ICL_ERR_USAGE, "--%s goes with bench train", given);
    if (settings->net != NULL && icl_network_summary(settings->net) == NULL)
        return icl_fail(err, ICL_ERR_USAGE, "--net: no network '%.60s' (see iclab train --help)", settings->net);
    if (settings->order == NULL) return ICL_OK;
    for (int k = 0; icl_order_names[k] != NULL; k++)
        if (strcmp(icl_order_names[k], settings->order) == 0) *order = k;
    if (*order < 0) return icl_fail(err, ICL_ERR_USAGE, "--order: no order '%.60s'", settings->order);
    return ICL_OK;
}

icl_status cli_bench(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, NULL, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    const char *what = arguments.count > 0 ? arguments.items[0] : "all";
    const bool all = strcmp(what, "all") == 0;
    bool known = all;
    for (int k = 0; k < PARTS; k++)
        known = known || strcmp(parts[k].name, what) == 0;
    if (!known) return icl_fail(err, ICL_ERR_USAGE, "nothing to time is called '%.60s' (see iclab bench --help)", what);
    if (arguments.count > 1 && strcmp(what, "accuracy") != 0)
        return icl_fail(err, ICL_ERR_USAGE, "bench %s takes no further names (see iclab bench --help)", what);
    if (settings.quick && settings.full) return icl_fail(err, ICL_ERR_USAGE, "--quick and --full exclude each other");
    int order;
    ICL_TRY(check_train(&settings, what, &order, err));
    const struct cli_bench_settings asked = {
        .threads = (unsigned)settings.threads,
        .full = settings.full,
        .tasks = arguments.count > 1 ? (const char *const *)arguments.items + 1 : NULL,
        .task_count = arguments.count > 1 ? arguments.count - 1 : 0,
        .net = settings.net,
        .order = order,
        .batch = (size_t)settings.batch,
    };
    bool described = false;
    for (int k = 0; k < PARTS; k++) {
        if (!(all && parts[k].timing) && strcmp(parts[k].name, what) != 0) continue;
        if (parts[k].timing && !described) print_machine();
        described = true;
        ICL_TRY(parts[k].run(&asked, err));
    }
    return ICL_OK;
}
