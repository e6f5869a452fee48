/* iclab tc: total correlation of sets of columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/column_sets.h"
#include "cli/estimate.h"
#include "cli/rows.h"
#include "core/progress.h"
#include "core/threads.h"
#include "estimators/tc_columns.h"

/* The estimators with a form for total correlation. */
static const char *const estimator_names[] = {"auto", "decomposition", "mesner-shalizi", "ksg1", "ksg2", "plugin",
                                              NULL};
static const enum icl_mi_estimator estimators[] = {ICL_MI_AUTO, ICL_MI_DECOMPOSITION, ICL_MI_MESNER_SHALIZI,
                                                   ICL_MI_KSG1, ICL_MI_KSG2,          ICL_MI_PLUGIN};

/* TSV and JSON have the numbers they have in enum cli_format. */
static const char *const format_names[] = {"tsv", "json", NULL};

struct settings {
    const char *columns, *out;
    unsigned estimator; /* of estimator_names */
    uint64_t k, bins, threads;
    enum cli_units units;
    enum icl_unit unit;
    enum cli_format format;
};

static const struct settings defaults = {.columns = "all", .out = "-"};

static const struct icl_option options[] = {
    ICL_STRING_OPTION("columns", 'c', "all|SET,...", struct settings, columns,
                      "the sets of columns: 0+1+2,3-5; all: one set of all columns"),
    ICL_CHOICE_OPTION("estimator", 'e', struct settings, estimator, estimator_names,
                      "the estimator of total correlation"),
    ICL_COUNT_OPTION("k", 'k', "K", struct settings, k, 0, 1000, "neighbours; 0: 5"),
    ICL_COUNT_OPTION("bins", 'b', "B", struct settings, bins, 0, 65536,
                     "bins of the plug-in; 0: by samples and number of columns"),
    CLI_UNITS_OPTION(struct settings, units),
    CLI_UNIT_OPTION(struct settings, unit),
    ICL_CHOICE_OPTION("format", 'f', struct settings, format, format_names, "table or JSON"),
    CLI_OUT_OPTION(struct settings, out),
    CLI_THREADS_OPTION(struct settings, threads),
};

static const struct icl_command command = {
    .name = "iclab tc",
    .positionals = "FILE",
    .summary = "Estimates the total correlation of sets of columns of a .npy, TSV or CSV file (-: standard input).",
    .least_positionals = 1,
    .most_positionals = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static const char notes[] =
    "Columns of the table: columns estimator n tc pair_sum. tc is the sum of the entropies minus the joint entropy,\n"
    "pair_sum the sum of the mutual informations of all pairs of the set by the same estimator. Values are raw: noise\n"
    "can make them negative. Constant columns tell nothing; a set with NaN or inf is nan.\n";

static const char *const names[] = {"columns", "estimator", "n", "tc", "pair_sum", NULL};

struct job {
    const struct settings *settings;
    const struct cli_column_sets *sets;
    struct icl_workspace **workspaces;
    struct icl_tc_result *found;
    struct icl_progress progress;
};

static icl_status estimate_one(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct job *job = context;
    const struct icl_mi_options how = {.estimator = estimators[job->settings->estimator],
                                       .k = (unsigned)job->settings->k,
                                       .bins = (unsigned)job->settings->bins};
    ICL_TRY(icl_tc_columns(&job->sets->set[item].group, &how, job->workspaces[worker], &job->found[item], err));
    icl_progress_step(&job->progress, 1);
    return ICL_OK;
}

static icl_status write_rows(const struct job *job, const struct cli_source *source, json_t *meta,
                             struct icl_error *err)
{
    const struct settings *settings = job->settings;
    const double unit = cli_nats_in(settings->units);
    struct cli_rows rows;
    cli_meta_text(meta, "file", source->name);
    cli_meta_text(meta, "units", cli_units_names[settings->units]);
    cli_meta_none(meta, "seed");
    cli_meta_text(meta, "estimator", estimator_names[settings->estimator]);
    ICL_TRY(cli_rows_open(&rows, settings->out, settings->format, meta, names, err));
    for (size_t s = 0; s < job->sets->count; s++) {
        cli_rows_text(&rows, job->sets->set[s].text);
        cli_rows_text(&rows, icl_mi_names[job->found[s].estimator]);
        cli_rows_count(&rows, source->rows);
        cli_rows_number(&rows, job->found[s].tc / unit);
        cli_rows_number(&rows, job->found[s].pairs / unit);
    }
    return cli_rows_close(&rows, err);
}

static icl_status estimate_all(struct cli_call *call, const struct settings *settings, const struct cli_source *source,
                               const struct cli_column_sets *sets, struct icl_error *err)
{
    const unsigned workers = cli_thread_count(settings->threads, sets->count);
    struct job job = {.settings = settings, .sets = sets, .found = calloc(sets->count, sizeof *job.found)};
    if (job.found == NULL) return icl_fail_memory(err, "the results of sets");
    icl_status status = icl_workspaces_create(&job.workspaces, workers, err);
    if (status == ICL_OK) {
        icl_progress_begin(&job.progress, "sets", sets->count, !isatty(STDERR_FILENO));
        status = icl_parallel_for(workers, sets->count, estimate_one, &job, err);
        icl_progress_end(&job.progress);
        icl_workspaces_free(job.workspaces, workers);
        status = cli_name_source(status, source, err);
    }
    if (status == ICL_OK) {
        cli_warn_columns(&source, 1, sets->used, 1U << ICL_COLUMN_NONFINITE, "the sets with these are nan");
        json_t *meta = cli_meta_new(call);
        status = write_rows(&job, source, meta, err);
        json_decref(meta);
    }
    free(job.found);
    return status;
}

/* All columns as one set, "0-N". */
static icl_status parse_columns(const char *text, const struct cli_source *source, struct cli_column_sets *sets,
                                struct icl_error *err)
{
    char all[64];
    snprintf(all, sizeof all, "0-%zu", source->cols - 1);
    return cli_column_sets_parse("columns", strcmp(text, "all") == 0 ? all : text, 1, source, sets, err);
}

icl_status cli_tc(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    ICL_TRY(cli_check_out(settings.out, err));
    struct cli_source source = {0};
    struct cli_column_sets sets = {0};
    icl_status status = cli_source_read(arguments.items[0], settings.unit, (unsigned)settings.threads, &source, err);
    if (status == ICL_OK) status = parse_columns(settings.columns, &source, &sets, err);
    if (status == ICL_OK) status = estimate_all(call, &settings, &source, &sets, err);
    cli_column_sets_free(&sets);
    cli_source_free(&source);
    return status;
}
