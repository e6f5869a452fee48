/* iclab bench: what this machine does in how much time. */
#include "cli/bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/common.h"
#include "config.h"
#include "core/threads.h"
#include "kernels/kernels.h"
#include "kernels/bench.h"

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
    {"verify", true, cli_bench_verify},      {"accuracy", false, cli_bench_accuracy},
    {"verdicts", false, cli_bench_verdicts},
};
enum { PARTS = sizeof parts / sizeof *parts };

struct settings {
    uint64_t threads;
    bool quick, full;
};

static const struct settings defaults = {0};

static const struct icl_option options[] = {
    ICL_COUNT_OPTION("threads", 't', "N", struct settings, threads, 0, CLI_MOST_THREADS,
                     "threads of the main job, accuracy and verdicts; 0: one a processor"),
    ICL_FLAG_OPTION("quick", 0, struct settings, quick, "what fits into a minute (the default)"),
    ICL_FLAG_OPTION("full", 0, struct settings, full, "everything, however long it takes"),
};

static const struct icl_command command = {
    .name = "iclab bench",
    .positionals = "[kernels|mi|verify|accuracy [TASK...]|verdicts|all]",
    .summary = "Times the kernels, mutual information, the main job, or all three (default all); or measures the\n"
               "accuracy of the estimators, or how often verdicts are wrong and which faults they find.",
    .most_positionals = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

double cli_bench_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

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
    const struct cli_bench_settings asked = {
        .threads = (unsigned)settings.threads,
        .full = settings.full,
        .tasks = arguments.count > 1 ? (const char *const *)arguments.items + 1 : NULL,
        .task_count = arguments.count > 1 ? arguments.count - 1 : 0,
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
