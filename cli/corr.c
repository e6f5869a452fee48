/* iclab corr: Pearson and Spearman correlation of all pairs of columns. */
#include <math.h>
#include <stdlib.h>

#include "cli/pairs.h"
#include "cli/rows.h"
#include "estimators/correlation.h"

struct settings {
    const char *out;
    uint64_t threads;
    enum icl_unit unit;
    enum cli_format format;
};

static const struct settings defaults = {.out = "-"};

static const struct icl_option options[] = {
    CLI_UNIT_OPTION(struct settings, unit),
    ICL_CHOICE_OPTION("format", 'f', struct settings, format, cli_format_names,
                      "table, JSON, or Pearson's matrix as .npy"),
    CLI_OUT_OPTION(struct settings, out),
    CLI_THREADS_OPTION(struct settings, threads),
};

static const struct icl_command command = {
    .name = "iclab corr",
    .positionals = "FILE",
    .summary = "Correlates all pairs of columns of a .npy, TSV or CSV file (-: standard input).",
    .least_positionals = 1,
    .most_positionals = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static const char notes[] = "Columns of the table: i j n pearson spearman; n is the samples, ties have average ranks. "
                            "A column that is constant\n"
                            "or holds NaN or inf has no correlation: nan. The matrix has 1 on its diagonal.\n";

static const char *const names[] = {"i", "j", "n", "pearson", "spearman", NULL};

static icl_status write_rows(const struct settings *settings, const struct cli_source *source, const double *pearson,
                             const double *spearman, json_t *meta, struct icl_error *err)
{
    struct cli_rows rows;
    cli_meta_text(meta, "file", source->name);
    cli_meta_none(meta, "units");
    cli_meta_none(meta, "seed");
    ICL_TRY(cli_rows_open(&rows, settings->out, settings->format, meta, names, err));
    for (size_t i = 0; i < source->cols; i++)
        for (size_t j = i + 1; j < source->cols; j++) {
            cli_rows_count(&rows, i);
            cli_rows_count(&rows, j);
            cli_rows_count(&rows, source->rows);
            cli_rows_number(&rows, pearson[i * source->cols + j]);
            cli_rows_number(&rows, spearman[i * source->cols + j]);
        }
    return cli_rows_close(&rows, err);
}

static icl_status correlate(struct cli_call *call, const struct settings *settings, const struct cli_source *source,
                            struct icl_columns *pearson, struct icl_columns *spearman, struct icl_error *err)
{
    const bool rows = settings->format != CLI_NPY;
    ICL_TRY(icl_columns_alloc(pearson, source->cols, source->cols, err));
    if (rows) ICL_TRY(icl_columns_alloc(spearman, source->cols, source->cols, err));
    ICL_TRY(icl_correlation_matrices(source->prepared, source->cols, (unsigned)settings->threads, pearson->data,
                                     spearman->data, err));
    cli_warn_columns(&source, 1, NULL, 1U << ICL_COLUMN_NONFINITE | 1U << ICL_COLUMN_CONSTANT,
                     "the correlations of these are nan");
    if (!rows) {
        for (size_t j = 0; j < source->cols; j++)
            pearson->data[j * source->cols + j] = 1;
        return cli_matrix_write(settings->out, pearson->data, source->cols, err);
    }
    json_t *meta = cli_meta_new(call);
    const icl_status status = write_rows(settings, source, pearson->data, spearman->data, meta, err);
    json_decref(meta);
    return status;
}

icl_status cli_corr(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    ICL_TRY(cli_check_out(settings.out, err));
    struct cli_source source;
    ICL_TRY(cli_source_read(arguments.items[0], settings.unit, (unsigned)settings.threads, &source, err));
    struct icl_columns pearson = {0}, spearman = {0};
    const icl_status status = correlate(call, &settings, &source, &pearson, &spearman, err);
    icl_columns_free(&pearson);
    icl_columns_free(&spearman);
    cli_source_free(&source);
    return status;
}
