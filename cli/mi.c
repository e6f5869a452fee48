/* iclab mi: mutual information of pairs of columns. */
#include <math.h>
#include <stdlib.h>

#include "cli/estimate.h"
#include "cli/rows.h"

struct settings {
    struct cli_estimator estimator;
    struct cli_uncertainty uncertainty;
    const char *pairs, *out;
    uint64_t threads;
    enum cli_units units;
    enum icl_unit unit;
    enum cli_format format;
    bool clip;
};

static const struct settings defaults = {.pairs = "all", .out = "-", .uncertainty = {.seed = 1}};

static const struct icl_option options[] = {
    CLI_ESTIMATOR_OPTIONS(struct settings, estimator),
    ICL_CHOICE_OPTION("normalise", 0, struct settings, estimator.normalise, icl_mi_normalisation_names,
                      "a last column: informational correlation, or MI over a mean of the entropies"),
    CLI_PAIRS_OPTION(struct settings, pairs),
    ICL_FLAG_OPTION("error", 0, struct settings, uncertainty.error, "standard errors from disjoint subsamples"),
    ICL_COUNT_OPTION("permute", 'm', "M", struct settings, uncertainty.permute, 0, 1000000000,
                     "p-values of independence from M permutations; 0: none"),
    ICL_FLAG_OPTION("clip", 0, struct settings, clip, "show negative estimates as 0"),
    CLI_UNITS_OPTION(struct settings, units),
    CLI_UNIT_OPTION(struct settings, unit),
    ICL_CHOICE_OPTION("format", 'f', struct settings, format, cli_format_names,
                      "table, JSON, or the symmetric matrix as .npy"),
    CLI_OUT_OPTION(struct settings, out),
    CLI_SEED_OPTION(struct settings, uncertainty.seed),
    CLI_THREADS_OPTION(struct settings, threads),
};

static const struct icl_command command = {
    .name = "iclab mi",
    .positionals = "FILE",
    .summary = "Estimates the mutual information of pairs of columns of a .npy, TSV or CSV file (-: standard input).",
    .least_positionals = 1,
    .most_positionals = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static const char notes[] =
    "Columns of the table: i j estimator n mi se p. The estimator is the one used, n the samples. se and p are nan\n"
    "unless asked for. Values are raw: noise can make them negative. A constant column has MI 0, one with NaN or inf\n"
    "nan. --normalise adds a column normalised: sqrt(1 - exp(-2 mi)), or mi / H, which is nan where a column has "
    "values\n"
    "that are no atoms: then its entropy is not finite. The matrix has nan on its diagonal and where a pair was not\n"
    "asked for. At most 1e8 pairs at once.\n";

static const char *const names[] = {"i", "j", "estimator", "n", "mi", "se", "p", NULL};
static const char *const normalised_names[] = {"i", "j", "estimator", "n", "mi", "se", "p", "normalised", NULL};

static double shown_mi(const struct settings *settings, double nats)
{
    const double value = nats / cli_nats_in(settings->units);
    return settings->clip && value < 0 ? 0 : value;
}

static icl_status write_rows(const struct settings *settings, const struct cli_source *source,
                             const struct cli_pairs *pairs, const struct cli_estimates *found, json_t *meta,
                             struct icl_error *err)
{
    struct cli_rows rows;
    cli_meta_text(meta, "file", source->name);
    cli_meta_text(meta, "units", cli_units_names[settings->units]);
    cli_meta_count(meta, "seed", settings->uncertainty.seed);
    cli_meta_estimator(meta, &settings->estimator);
    const bool normalised = found->normalised != NULL;
    if (normalised) cli_meta_text(meta, "normalised", icl_mi_normalisation_names[settings->estimator.normalise]);
    ICL_TRY(cli_rows_open(&rows, settings->out, settings->format, meta, normalised ? normalised_names : names, err));
    for (size_t k = 0; k < pairs->count; k++) {
        const struct cli_pair pair = cli_pair_at(pairs, k);
        cli_rows_count(&rows, pair.i);
        cli_rows_count(&rows, pair.j);
        cli_rows_text(&rows, icl_mi_names[found->estimator[k]]);
        cli_rows_count(&rows, source->rows);
        cli_rows_number(&rows, shown_mi(settings, found->mi[k]));
        cli_rows_number(&rows, found->se != NULL ? found->se[k] / cli_nats_in(settings->units) : NAN);
        cli_rows_number(&rows, found->p != NULL ? found->p[k] : NAN);
        if (normalised) cli_rows_number(&rows, settings->clip && found->normalised[k] < 0 ? 0 : found->normalised[k]);
    }
    return cli_rows_close(&rows, err);
}

static icl_status write_matrix(const struct settings *settings, const struct cli_source *source,
                               const struct cli_pairs *pairs, const struct cli_estimates *found, struct icl_error *err)
{
    const size_t cols = source->cols;
    struct icl_columns matrix;
    ICL_TRY(icl_columns_alloc(&matrix, cols, cols, err));
    for (size_t k = 0; k < cols * cols; k++)
        matrix.data[k] = NAN;
    for (size_t k = 0; k < pairs->count; k++) {
        const struct cli_pair pair = cli_pair_at(pairs, k);
        const double value = shown_mi(settings, found->mi[k]);
        matrix.data[pair.i * cols + pair.j] = value;
        matrix.data[pair.j * cols + pair.i] = value;
    }
    const icl_status status = cli_matrix_write(settings->out, matrix.data, cols, err);
    icl_columns_free(&matrix);
    return status;
}

static icl_status write_result(struct cli_call *call, const struct settings *settings, const struct cli_source *source,
                               const struct cli_pairs *pairs, const struct cli_estimates *found, struct icl_error *err)
{
    cli_warn_columns(&source, 1, pairs->used, 1U << ICL_COLUMN_NONFINITE, "the rows of these are nan");
    cli_note_skipped(found, source, pairs->count);
    if (settings->format == CLI_NPY) return write_matrix(settings, source, pairs, found, err);
    json_t *meta = cli_meta_new(call);
    const icl_status status = write_rows(settings, source, pairs, found, meta, err);
    json_decref(meta);
    return status;
}

icl_status cli_mi(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    ICL_TRY(cli_check_out(settings.out, err));
    struct cli_source source = {0};
    struct cli_pairs pairs = {0};
    struct cli_estimates found = {0};
    icl_status status = cli_source_read(arguments.items[0], settings.unit, (unsigned)settings.threads, &source, err);
    if (status == ICL_OK) status = cli_pairs_parse(settings.pairs, &source, &pairs, err);
    if (status == ICL_OK)
        status =
            cli_estimate(&source, &pairs, &settings.estimator, &settings.uncertainty, settings.threads, &found, err);
    if (status == ICL_OK) status = write_result(call, &settings, &source, &pairs, &found, err);
    cli_estimates_free(&found);
    cli_pairs_free(&pairs);
    cli_source_free(&source);
    return status;
}
