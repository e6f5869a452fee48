/* iclab entropy: the entropy of every column. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/estimate.h"
#include "cli/rows.h"
#include "core/progress.h"
#include "core/table.h"
#include "core/threads.h"
#include "estimators/correlation.h"
#include "estimators/entropy.h"

struct settings {
    const char *out;
    uint64_t k, seed, threads;
    enum icl_count_correction correction;
    enum cli_units units;
    enum icl_unit unit;
    enum cli_format format;
    bool error;
};

static const struct settings defaults = {.out = "-", .k = ICL_ENTROPY_DEFAULT_K, .seed = 1};

/* There is no matrix of columns. */
static const char *const formats[] = {"tsv", "json", NULL};

static const struct icl_option options[] = {
    ICL_CHOICE_OPTION("correction", 0, struct settings, correction, icl_correction_names,
                      "bias correction of the discrete part"),
    ICL_COUNT_OPTION("k", 'k', "K", struct settings, k, 1, 1000, "neighbours for the continuous part"),
    ICL_FLAG_OPTION("error", 0, struct settings, error, "standard errors from disjoint subsamples"),
    CLI_UNITS_OPTION(struct settings, units),
    CLI_UNIT_OPTION(struct settings, unit),
    ICL_CHOICE_OPTION("format", 'f', struct settings, format, formats, "table or JSON"),
    CLI_OUT_OPTION(struct settings, out),
    CLI_SEED_OPTION(struct settings, seed),
    CLI_THREADS_OPTION(struct settings, threads),
};

static const struct icl_command command = {
    .name = "iclab entropy",
    .positionals = "FILE",
    .summary = "Estimates the entropy of every column of a .npy, TSV or CSV file (-: standard input).",
    .least_positionals = 1,
    .most_positionals = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static const char notes[] =
    "Columns of the table: column n atoms discrete continuous mixed se. atoms: how many values repeat often enough to\n"
    "carry probability. discrete: the entropy of which atom, or none. continuous: the differential entropy of the "
    "other\n"
    "values, nan if all are atoms, or if no more than K are not. mixed: discrete + P(no atom) continuous. se: of "
    "mixed,\n"
    "nan unless asked for. mixed depends on the scale of the column through continuous. A constant column has entropy "
    "0,\n"
    "one with NaN or inf nan.\n";

static const char *const names[] = {"column", "n", "atoms", "discrete", "continuous", "mixed", "se", NULL};

struct job {
    const struct settings *settings;
    struct cli_source source;
    struct icl_workspace **workspaces;
    struct icl_entropy *entropy;
    double *se;
    struct icl_progress progress;
};

static icl_status estimate_one(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct job *job = context;
    const struct settings *s = job->settings;
    const struct icl_column *column = &job->source.prepared[item];
    struct icl_workspace *ws = job->workspaces[worker];
    const struct icl_stream stream = {s->seed, ICL_PURPOSE_SUBSAMPLE, 0, 0};
    job->se[item] = NAN;
    struct icl_entropy *h = &job->entropy[item];
    const icl_status status = icl_entropy_corrected(column, (unsigned)s->k, s->correction, ws, h, err);
    if (status == ICL_ERR_INPUT) /* too few values beside the atoms: no reason to leave out the other columns */
        h->continuous = h->mixed = NAN;
    else if (status != ICL_OK)
        return status;
    if (s->error)
        ICL_TRY(icl_entropy_standard_error(column, (unsigned)s->k, s->correction, &stream, ws, &job->se[item], err));
    icl_progress_step(&job->progress, 1);
    return ICL_OK;
}

static icl_status estimate(struct job *job, struct icl_error *err)
{
    const size_t cols = job->source.cols;
    const unsigned workers = cli_thread_count(job->settings->threads, cols);
    job->entropy = malloc(cols * sizeof *job->entropy);
    job->se = malloc(cols * sizeof *job->se);
    if (job->entropy == NULL || job->se == NULL) return icl_fail_memory(err, "the entropies");
    ICL_TRY(icl_workspaces_create(&job->workspaces, workers, err));
    icl_progress_begin(&job->progress, "columns", cols, !isatty(STDERR_FILENO));
    const icl_status status = icl_parallel_for(workers, cols, estimate_one, job, err);
    icl_progress_end(&job->progress);
    icl_workspaces_free(job->workspaces, workers);
    return status;
}

static icl_status write_rows(const struct job *job, json_t *meta, struct icl_error *err)
{
    const struct settings *s = job->settings;
    const double unit = cli_nats_in(s->units);
    struct cli_rows rows;
    cli_meta_text(meta, "file", job->source.name);
    cli_meta_text(meta, "units", cli_units_names[s->units]);
    cli_meta_count(meta, "seed", s->seed);
    cli_meta_text(meta, "correction", icl_correction_texts[s->correction]);
    ICL_TRY(cli_rows_open_list(&rows, s->out, s->format, meta, "columns", names, err));
    for (size_t j = 0; j < job->source.cols; j++) {
        const struct icl_column *column = &job->source.prepared[j];
        const struct icl_entropy *h = &job->entropy[j];
        cli_rows_count(&rows, j);
        cli_rows_count(&rows, job->source.rows);
        cli_rows_count(&rows, column->atom_count);
        cli_rows_number(&rows, h->discrete / unit);
        cli_rows_number(&rows, h->continuous_share > 0 ? h->continuous / unit : NAN);
        cli_rows_number(&rows, h->mixed / unit);
        cli_rows_number(&rows, job->se[j] / unit);
    }
    return cli_rows_close(&rows, err);
}

/* Unlike pairs, an entropy takes one column. */
static icl_status read_source(const char *path, const struct settings *s, struct cli_source *source,
                              struct icl_error *err)
{
    struct icl_columns columns;
    ICL_TRY(icl_columns_read(path, s->unit, &columns, err));
    *source = (struct cli_source){.name = cli_input_name(path), .rows = columns.rows, .cols = columns.cols};
    icl_status status = columns.rows < 2 ? icl_fail(err, ICL_ERR_INPUT, "one row: at least 2 samples are needed")
                                         : icl_columns_prepare(&columns, (unsigned)s->threads, &source->prepared, err);
    icl_columns_free(&columns);
    return cli_name_source(status, source, err);
}

icl_status cli_entropy(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    ICL_TRY(cli_check_out(settings.out, err));
    struct job job = {.settings = &settings};
    icl_status status = read_source(arguments.items[0], &settings, &job.source, err);
    if (status == ICL_OK) {
        status = cli_name_source(estimate(&job, err), &job.source, err);
        if (status == ICL_OK) {
            const struct cli_source *source = &job.source;
            cli_warn_columns(&source, 1, NULL, 1U << ICL_COLUMN_NONFINITE, "the rows of these are nan");
            json_t *meta = cli_meta_new(call);
            status = write_rows(&job, meta, err);
            json_decref(meta);
        }
        cli_source_free(&job.source);
    }
    free(job.entropy);
    free(job.se);
    return status;
}
