/* iclab reproduce: a figure of the paper or the thread, from training runs to pictures. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/common.h"
#include "cli/device.h"
#include "experiments/ranks.h"
#include "experiments/reproduce.h"

struct settings {
    const char *out, *data, *net;
    bool quick, full, list, quiet;
    uint64_t seeds, epochs, limit, threads;
    enum icl_device_choice device;
};

static const struct settings defaults = {.out = "results"};

enum { MOST_SEEDS = 1000, MOST_EPOCHS = 100000 };

static const struct icl_option options[] = {
    ICL_STRING_OPTION("out", 'o', "DIR", struct settings, out, "the folder of runs, tables and figures"),
    ICL_FLAG_OPTION("list", 0, struct settings, list, "the figures, one a line; nothing else is done"),
    ICL_FLAG_OPTION("quick", 0, struct settings, quick, "few seeds and epochs: minutes (this is the default)"),
    ICL_FLAG_OPTION("full", 0, struct settings, full, "the networks, seeds and epochs of the source: hours to days"),
    ICL_COUNT_OPTION("seeds", 0, "N", struct settings, seeds, 0, MOST_SEEDS, "seeds 1 to N; 0: those of the figure"),
    ICL_COUNT_OPTION("epochs", 0, "E", struct settings, epochs, 0, MOST_EPOCHS, "epochs; 0: those of the figure"),
    ICL_COUNT_OPTION("limit", 0, "N", struct settings, limit, 0, SIZE_MAX,
                     "training images at most; 0: those of the figure"),
    ICL_STRING_OPTION("data", 0, "NAME", struct settings, data,
                      "the data set; without it the figure's own or its stand-in"),
    ICL_STRING_OPTION("net", 0, "NAME", struct settings, net, "another network than the figure's"),
    ICL_FLAG_OPTION("quiet", 0, struct settings, quiet, "no progress"),
    CLI_DEVICE_OPTION(struct settings, device),
    CLI_THREADS_OPTION(struct settings, threads),
};

static const struct icl_command command = {
    .name = "iclab reproduce",
    .positionals = "FIGURE",
    .summary = "Trains what a figure of the paper or the thread shows, and writes its tables and pictures.",
    .most_positionals = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static const char notes[] =
    "The runs are in DIR/runs. Finished ones are used again and unfinished ones resumed: after Ctrl-C or a\n"
    "crash the same command goes on (exit status 3: it was stopped). Under mpirun the processes share the runs.\n";

static volatile sig_atomic_t stop_flag;

static void on_signal(int number)
{
    (void)number;
    stop_flag = 1;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal,
                               .sa_flags = (int)SA_RESETHAND}; /* the second one ends at once */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void note(void *context, const struct icl_run_note *n)
{
    (void)context;
    if (n->waiting) {
        cli_say("waiting for %s, which another process trains", n->name);
        return;
    }
    char left[64] = "";
    const double each = n->trained > 0 ? n->seconds / (double)n->trained : 0;
    if (n->trained > 0)
        snprintf(left, sizeof left, "; %.1f s a run, %.0f s left", each, each * (double)(n->count - n->place + 1));
    cli_say("run %zu of %zu: %s%s", n->place, n->count, n->name, left);
}

static void print_list(void)
{
    printf("figure\tsource\tdata\ttitle\n");
    for (size_t i = 0; icl_figure_at(i) != NULL; i++) {
        const struct icl_figure *f = icl_figure_at(i);
        printf("%s\t%s\t%s\t%s\n", f->name, f->source, f->data, f->title);
    }
}

/* What the ranks do together, or the process alone. */
static icl_status reproduce(const struct settings *settings, const char *figure, struct cli_call *call,
                            const struct icl_ranks *ranks, struct icl_device *device, struct icl_error *err)
{
    const bool quiet = settings->quiet || ranks->rank > 0;
    const struct icl_reproduce_options reproduce = {
        .figure = figure,
        .full = settings->full,
        .seeds = settings->seeds,
        .epochs = settings->epochs,
        .limit = settings->limit,
        .data = settings->data,
        .net = settings->net,
        .runs = {.out = settings->out,
                 .threads = icl_ranks_threads(ranks, (unsigned)settings->threads),
                 .device = device,
                 /* a log is told of each run; of what happens within only where that takes long */
                 .quiet = quiet || (!settings->full && !isatty(STDERR_FILENO)),
                 .leave = ranks->rank > 0,
                 .command = call->line,
                 .stop = &stop_flag,
                 .note = quiet ? NULL : note},
    };
    bool stopped = false;
    catch_signals();
    ICL_TRY(icl_reproduce(&reproduce, stdout, &stopped, err));
    if (!stopped) return ICL_OK;
    if (ranks->rank == 0) cli_say("stopped; the same command goes on: %s", call->line);
    call->exit_code = 3;
    return ICL_OK;
}

/* A device for each rank. */
static icl_status reproduce_on_device(const struct settings *settings, const char *figure, struct cli_call *call,
                                      const struct icl_ranks *ranks, struct icl_error *err)
{
    struct icl_device *device;
    ICL_TRY(cli_device_open(settings->device, &device, err));
    const icl_status status = reproduce(settings, figure, call, ranks, device, err);
    icl_device_close(device);
    return status;
}

icl_status cli_reproduce(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    struct icl_ranks ranks;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    if (settings.list) {
        print_list();
        return ICL_OK;
    }
    if (arguments.count == 0)
        return icl_fail(err, ICL_ERR_USAGE, "FIGURE is missing: `iclab reproduce --list` names them");
    if (settings.quick && settings.full) return icl_fail(err, ICL_ERR_USAGE, "--quick and --full exclude each other");
    ICL_TRY(icl_ranks_begin(&ranks, err));
    const icl_status status = reproduce_on_device(&settings, arguments.items[0], call, &ranks, err);
    if (status != ICL_OK && ranks.size > 1) {
        cli_say("%s", err->message);
        icl_ranks_abort(&ranks, icl_status_exit_code(status));
    }
    icl_ranks_end(&ranks);
    return status;
}
