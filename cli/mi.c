/* iclab mi: mutual information of pairs of columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/estimate_device.h"
#include "cli/groups.h"
#include "cli/independence.h"
#include "cli/rows.h"
#include "cli/tiles.h"

/* What the .npy matrix holds. */
enum matrix { MATRIX_MI, MATRIX_P, MATRIX_Q };
static const char *const matrix_names[] = {"mi", "p", "q", NULL};

struct settings {
    struct cli_estimator estimator;
    struct cli_uncertainty uncertainty;
    const char *pairs, *groups, *out;
    uint64_t threads, memory;
    enum cli_units units;
    enum icl_unit unit;
    enum cli_format format;
    enum matrix matrix;
    bool clip;
    enum icl_device_choice device;
};

static const struct settings defaults = {.pairs = "all", .out = "-", .uncertainty = {.seed = 1}};

static const struct icl_option options[] = {
    CLI_ESTIMATOR_OPTIONS(struct settings, estimator),
    ICL_CHOICE_OPTION("normalise", 0, struct settings, estimator.normalise, icl_mi_normalisation_names,
                      "a last column: informational correlation, or MI over a mean of the entropies"),
    CLI_PAIRS_OPTION(struct settings, pairs),
    CLI_GROUPS_OPTION(struct settings, groups),
    ICL_FLAG_OPTION("error", 0, struct settings, uncertainty.error, "standard errors and 95 % intervals"),
    ICL_FLAG_OPTION("drift", 0, struct settings, uncertainty.drift,
                    "how far estimates drift with the number of samples and of neighbours"),
    ICL_COUNT_OPTION("permute", 'm', "M", struct settings, uncertainty.permute, 0, 1000000000,
                     "p-values of independence from M permutations; 0: none"),
    ICL_CHOICE_OPTION("null", 0, struct settings, uncertainty.null, cli_null_names,
                      "p from permutations of each pair, one table of M draws for all pairs, or a formula"),
    ICL_COUNT_OPTION("block", 0, "L", struct settings, uncertainty.block, 0, 1000000000,
                     "samples depend: permute, and take error bars from, blocks of L of them; 0: they do not"),
    ICL_COUNT_OPTION("stop", 0, "H", struct settings, uncertainty.stop, 0, 1000000000,
                     "end the permutations of a pair once H of them reach its estimate; 0: after all"),
    ICL_CHOICE_OPTION("fdr", 0, struct settings, uncertainty.fdr, cli_fdr_names,
                      "add a column q: false discovery rate by Benjamini-Hochberg or Benjamini-Yekutieli"),
    ICL_FLAG_OPTION("clip", 0, struct settings, clip, "show negative estimates as 0"),
    CLI_UNITS_OPTION(struct settings, units),
    CLI_UNIT_OPTION(struct settings, unit),
    ICL_CHOICE_OPTION("format", 'f', struct settings, format, cli_format_names,
                      "table, JSON, or the symmetric matrix as .npy"),
    ICL_CHOICE_OPTION("matrix", 0, struct settings, matrix, matrix_names, "what the matrix of --format npy holds"),
    CLI_OUT_OPTION(struct settings, out),
    CLI_SEED_OPTION(struct settings, uncertainty.seed),
    CLI_THREADS_OPTION(struct settings, threads),
    CLI_MEMORY_OPTION(struct settings, memory),
    CLI_DEVICE_OPTION(struct settings, device),
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
    "Columns of the table: i j estimator n mi se p; q with --fdr; lo hi, the 95 % interval, with --error; drift_n\n"
    "drift_k, in standard errors, with --drift. The estimator is the one used, n the samples. se and p are nan\n"
    "unless asked for. Values are raw: noise can make them negative. A constant column has MI 0, one with NaN or inf\n"
    "nan. --normalise adds a column normalised: sqrt(1 - exp(-2 mi)), or mi / H, which is nan where a column has\n"
    "values that are no atoms: then its entropy is not finite. The matrix has nan on its diagonal and where a pair was "
    "not asked for. At most 1e8 pairs at once.\n"
    "A group is column numbers and ranges with + between them, 0+2+5-7; with --groups i and j are groups as given.\n";

/* The columns that are always there, then those asked for. */
enum { FIXED_COLUMNS = 7, MOST_COLUMNS = 13 };

static void name_columns(const struct cli_estimates *found, const char **names)
{
    static const char *const fixed[FIXED_COLUMNS] = {"i", "j", "estimator", "n", "mi", "se", "p"};
    size_t count = 0;
    for (; count < FIXED_COLUMNS; count++)
        names[count] = fixed[count];
    if (found->q != NULL) names[count++] = "q";
    if (found->lo != NULL) names[count++] = "lo";
    if (found->lo != NULL) names[count++] = "hi";
    if (found->drift != NULL) names[count++] = "drift_n";
    if (found->drift != NULL) names[count++] = "drift_k";
    if (found->normalised != NULL) names[count++] = "normalised";
    names[count] = NULL;
}

static double shown_mi(const struct settings *settings, double nats)
{
    const double value = nats / cli_nats_in(settings->units);
    return settings->clip && value < 0 ? 0 : value;
}

static icl_status write_rows(const struct settings *settings, const struct icl_device *device,
                             const struct cli_source *source, const struct cli_pairs *pairs,
                             const struct cli_estimates *found, json_t *meta, struct icl_error *err)
{
    struct cli_rows rows;
    cli_meta_text(meta, "file", source->name);
    cli_meta_text(meta, "units", cli_units_names[settings->units]);
    cli_meta_count(meta, "seed", settings->uncertainty.seed);
    cli_meta_estimator(meta, &settings->estimator);
    cli_meta_device(meta, settings->device, device);
    cli_independence_meta(&settings->uncertainty, pairs->count, meta);
    if (found->normalised != NULL)
        cli_meta_text(meta, "normalised", icl_mi_normalisation_names[settings->estimator.normalise]);
    const char *names[MOST_COLUMNS + 1];
    name_columns(found, names);
    ICL_TRY(cli_rows_open(&rows, settings->out, settings->format, meta, names, err));
    for (size_t k = 0; k < pairs->count; k++) {
        const struct cli_pair pair = cli_pair_at(pairs, k);
        cli_rows_count(&rows, pair.i);
        cli_rows_count(&rows, pair.j);
        cli_rows_text(&rows, icl_mi_names[found->estimator[k]]);
        cli_rows_count(&rows, source->rows);
        cli_rows_number(&rows, shown_mi(settings, found->mi[k]));
        cli_rows_number(&rows, found->se != NULL ? found->se[k] / cli_nats_in(settings->units) : NAN);
        cli_rows_number(&rows, found->p != NULL ? found->p[k] : NAN);
        if (found->q != NULL) cli_rows_number(&rows, found->q[k]);
        if (found->lo != NULL) cli_rows_number(&rows, shown_mi(settings, found->lo[k]));
        if (found->lo != NULL) cli_rows_number(&rows, shown_mi(settings, found->hi[k]));
        if (found->drift != NULL) cli_rows_number(&rows, found->drift[k].over_n);
        if (found->drift != NULL) cli_rows_number(&rows, found->drift[k].over_k);
        if (found->normalised != NULL)
            cli_rows_number(&rows, settings->clip && found->normalised[k] < 0 ? 0 : found->normalised[k]);
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
        const double value = settings->matrix == MATRIX_MI  ? shown_mi(settings, found->mi[k])
                             : settings->matrix == MATRIX_P ? found->p[k]
                                                            : found->q[k];
        matrix.data[pair.i * cols + pair.j] = value;
        matrix.data[pair.j * cols + pair.i] = value;
    }
    const icl_status status = cli_matrix_write(settings->out, matrix.data, cols, err);
    icl_columns_free(&matrix);
    return status;
}

static icl_status write_result(struct cli_call *call, const struct settings *settings, const struct icl_device *device,
                               const struct cli_source *source, const struct cli_pairs *pairs,
                               const struct cli_estimates *found, struct icl_error *err)
{
    cli_warn_columns(&source, 1, pairs->used, 1U << ICL_COLUMN_NONFINITE, "the rows of these are nan");
    cli_note_skipped(found, source, pairs->count);
    if (settings->format == CLI_NPY) return write_matrix(settings, source, pairs, found, err);
    json_t *meta = cli_meta_new(call);
    const icl_status status = write_rows(settings, device, source, pairs, found, meta, err);
    json_decref(meta);
    return status;
}

static icl_status check(const struct settings *settings, struct icl_error *err)
{
    const struct cli_uncertainty *u = &settings->uncertainty;
    const bool there = settings->matrix == MATRIX_MI || (settings->matrix == MATRIX_P && cli_wants_p(u)) ||
                       (settings->matrix == MATRIX_Q && u->fdr != CLI_FDR_NONE);
    ICL_TRY(cli_independence_check(&settings->estimator, u, err));
    if (settings->matrix != MATRIX_MI && settings->format != CLI_NPY)
        return icl_fail(err, ICL_ERR_USAGE, "--matrix %s: only --format npy writes a matrix",
                        matrix_names[settings->matrix]);
    if (!there)
        return icl_fail(err, ICL_ERR_USAGE, "--matrix %s: no %s-values were asked for", matrix_names[settings->matrix],
                        matrix_names[settings->matrix]);
    return cli_check_out(settings->out, err);
}

static icl_status run_groups(struct cli_call *call, const struct settings *settings, const char *path,
                             struct icl_error *err)
{
    if (strcmp(settings->pairs, defaults.pairs) != 0)
        return icl_fail(err, ICL_ERR_USAGE, "--groups: not together with --pairs");
    if (settings->device == ICL_DEVICE_CUDA)
        return icl_fail(err, ICL_ERR_USAGE, "--groups: not together with --device cuda");
    const struct cli_uncertainty *u = &settings->uncertainty;
    if (u->drift || u->null != CLI_NULL_PERMUTE || u->fdr != CLI_FDR_NONE || settings->matrix != MATRIX_MI ||
        settings->estimator.normalise != ICL_MI_NORMALISE_NONE)
        return icl_fail(err, ICL_ERR_USAGE,
                        "--groups: not together with --drift, --null, --fdr, --matrix or --normalise");
    const struct cli_groups_call wanted = {
        .groups = settings->groups,
        .path = path,
        .out = settings->out,
        .estimator = settings->estimator,
        .uncertainty = settings->uncertainty,
        .threads = settings->threads,
        .units = settings->units,
        .unit = settings->unit,
        .format = settings->format,
        .clip = settings->clip,
    };
    return cli_mi_groups(call, &wanted, err);
}

icl_status cli_mi(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    ICL_TRY(check(&settings, err));
    if (settings.groups != NULL) return run_groups(call, &settings, arguments.items[0], err);
    struct icl_device *device;
    struct cli_source source = {0};
    struct cli_pairs pairs = {0};
    struct cli_estimates found = {0};
    ICL_TRY(cli_estimate_device(settings.device, &settings.estimator, &settings.uncertainty, &device, err));
    /* A device has all columns at once. */
    icl_status status =
        device != NULL ? cli_source_read(arguments.items[0], settings.unit, (unsigned)settings.threads, &source, err)
                       : cli_source_open(arguments.items[0], settings.unit, settings.memory, &source, err);
    if (status == ICL_OK) status = cli_pairs_parse(settings.pairs, &source, &pairs, err);
    if (status == ICL_OK)
        status = cli_estimate(device, &source, &pairs, &settings.estimator, &settings.uncertainty, settings.threads,
                              &found, err);
    if (status == ICL_OK) status = write_result(call, &settings, device, &source, &pairs, &found, err);
    cli_estimates_free(&found);
    cli_pairs_free(&pairs);
    cli_source_free(&source);
    icl_device_close(device);
    return status;
}
