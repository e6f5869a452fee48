/* iclab corr: correlation and other coefficients of dependence of pairs of columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/dependence.h"
#include "cli/device.h"
#include "cli/rows.h"

struct settings {
    const char *kind, *pairs, *out;
    uint64_t threads;
    enum icl_unit unit;
    enum cli_format format;
    bool test;
    enum icl_device_choice device;
};

static const struct settings defaults = {.kind = "pearson,spearman", .pairs = "all", .out = "-"};

static const struct icl_option options[] = {
    ICL_STRING_OPTION("kind", 'k', "KIND,...", struct settings, kind,
                      "of pearson, spearman, kendall, distance, distance-corrected"),
    CLI_PAIRS_OPTION(struct settings, pairs),
    ICL_FLAG_OPTION("test", 0, struct settings, test, "p-values of independence, and q-values over the pairs shown"),
    CLI_UNIT_OPTION(struct settings, unit),
    ICL_CHOICE_OPTION("format", 'f', struct settings, format, cli_format_names,
                      "table, JSON, or the matrix of the first kind as .npy"),
    CLI_OUT_OPTION(struct settings, out),
    CLI_DEVICE_OPTION(struct settings, device),
    CLI_THREADS_OPTION(struct settings, threads),
};

static const struct icl_command command = {
    .name = "iclab corr",
    .positionals = "FILE",
    .summary = "Correlates pairs of columns of a .npy, TSV or CSV file (-: standard input).",
    .least_positionals = 1,
    .most_positionals = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static const char notes[] =
    "Columns of the table: i j n, one for each kind, then with --test KIND_p KIND_q for each; n is the samples. Ties\n"
    "have average ranks; kendall is tau-b; distance is the distance correlation, 0 to 1, distance-corrected its "
    "square\n"
    "without bias. q controls the false discovery rate (Benjamini and Hochberg) of each kind by itself. A column that "
    "is\n"
    "constant or holds NaN or inf has no correlation: nan. The matrix has 1 on its diagonal, nan where a pair was not\n"
    "asked for. At most 1e8 pairs at once.\n";

/* i j n, a coefficient a kind, p and q a kind, and the NULL at the end. */
enum { MOST_NAMES = 3 + 3 * CLI_DEPENDENCE_COUNT + 1 };

static void list_names(const struct settings *settings, const struct cli_dependence *found,
                       const char *names[MOST_NAMES])
{
    size_t count = 0;
    names[count++] = "i";
    names[count++] = "j";
    names[count++] = "n";
    for (size_t a = 0; a < found->kinds; a++)
        names[count++] = cli_dependence_names[found->kind[a]].name;
    for (size_t a = 0; a < found->kinds && settings->test; a++) {
        names[count++] = cli_dependence_names[found->kind[a]].p;
        names[count++] = cli_dependence_names[found->kind[a]].q;
    }
    names[count] = NULL;
}

/* How many p-values of a kind there are: q knows of these. */
static size_t count_tests(const struct cli_dependence *found, size_t pairs)
{
    size_t tests = 0;
    for (size_t k = 0; k < pairs; k++)
        if (!isnan(found->p[0][k])) tests++;
    return tests;
}

static icl_status write_rows(const struct settings *settings, const struct icl_device *device,
                             const struct cli_source *source, const struct cli_pairs *pairs,
                             const struct cli_dependence *found, json_t *meta, struct icl_error *err)
{
    struct cli_rows rows;
    const char *names[MOST_NAMES];
    list_names(settings, found, names);
    cli_meta_text(meta, "file", source->name);
    cli_meta_none(meta, "units");
    cli_meta_none(meta, "seed");
    cli_meta_device(meta, settings->device, device);
    if (settings->test) cli_meta_count(meta, "tests", count_tests(found, pairs->count));
    ICL_TRY(cli_rows_open(&rows, settings->out, settings->format, meta, names, err));
    for (size_t k = 0; k < pairs->count; k++) {
        const struct cli_pair pair = cli_pair_at(pairs, k);
        cli_rows_count(&rows, pair.i);
        cli_rows_count(&rows, pair.j);
        cli_rows_count(&rows, source->rows);
        for (size_t a = 0; a < found->kinds; a++)
            cli_rows_number(&rows, found->value[a][k]);
        for (size_t a = 0; a < found->kinds && settings->test; a++) {
            cli_rows_number(&rows, found->p[a][k]);
            cli_rows_number(&rows, found->q[a][k]);
        }
    }
    return cli_rows_close(&rows, err);
}

static icl_status write_matrix(const struct settings *settings, const struct cli_source *source,
                               const struct cli_pairs *pairs, const struct cli_dependence *found, struct icl_error *err)
{
    const size_t cols = source->cols;
    struct icl_columns matrix;
    ICL_TRY(icl_columns_alloc(&matrix, cols, cols, err));
    for (size_t k = 0; k < cols * cols; k++)
        matrix.data[k] = k % (cols + 1) == 0 ? 1 : NAN;
    for (size_t k = 0; k < pairs->count; k++) {
        const struct cli_pair pair = cli_pair_at(pairs, k);
        matrix.data[pair.i * cols + pair.j] = matrix.data[pair.j * cols + pair.i] = found->value[0][k];
    }
    const icl_status status = cli_matrix_write(settings->out, matrix.data, cols, err);
    icl_columns_free(&matrix);
    return status;
}

/* A matrix of all columns, whatever pairs are in it. */
static icl_status check_matrix(const struct settings *settings, const struct cli_source *source, struct icl_error *err)
{
    const size_t pairs = source->cols * (source->cols - 1) / 2;
    if (settings->format != CLI_NPY || pairs <= CLI_MOST_PAIRS) return ICL_OK;
    return icl_fail(err, ICL_ERR_INPUT,
                    "%.200s: %zu columns make a matrix of %zu pairs, more than %zu: choose tsv or json", source->name,
                    source->cols, pairs, CLI_MOST_PAIRS);
}

/* Fewer samples than a coefficient or its test takes are no error: what else was asked for is there. */
static void note_few_rows(const struct cli_source *source, const struct cli_dependence *found, bool test)
{
    for (size_t a = 0; a < found->kinds; a++) {
        const struct cli_dependence_names *kind = &cli_dependence_names[found->kind[a]];
        const size_t least = test ? kind->least_tested : kind->least;
        if (source->rows < least)
            cli_say("note: %s: %zu rows are too few for %s%s (at least %zu): nan", source->name, source->rows,
                    source->rows < kind->least ? "" : "the test of ", kind->name, least);
    }
}

static icl_status correlate(struct cli_call *call, const struct settings *settings, struct icl_device *device,
                            const struct cli_source *source, const struct cli_pairs *pairs,
                            struct cli_dependence *found, struct icl_error *err)
{
    ICL_TRY(check_matrix(settings, source, err));
    if (settings->format == CLI_NPY) found->kinds = 1;
    ICL_TRY(cli_dependence_estimate(device, source, pairs, settings->test, settings->threads, found, err));
    cli_warn_columns(&source, 1, pairs->used, 1U << ICL_COLUMN_NONFINITE | 1U << ICL_COLUMN_CONSTANT,
                     "the correlations of these are nan");
    note_few_rows(source, found, settings->test);
    if (settings->format == CLI_NPY) return write_matrix(settings, source, pairs, found, err);
    json_t *meta = cli_meta_new(call);
    const icl_status status = write_rows(settings, device, source, pairs, found, meta, err);
    json_decref(meta);
    return status;
}

/* A device knows the products of all pairs: what it would not do is said before it is opened. */
static icl_status check_device(const struct settings *settings, const struct cli_dependence *found,
                               struct icl_error *err)
{
    if (settings->device != ICL_DEVICE_CUDA) return ICL_OK;
    if (strcmp(settings->pairs, defaults.pairs) != 0)
        return icl_fail(err, ICL_ERR_USAGE, "--device cuda: all pairs at once, without --pairs");
    for (size_t a = 0; a < found->kinds; a++)
        if (found->kind[a] > CLI_SPEARMAN)
            return icl_fail(err, ICL_ERR_USAGE, "--device cuda: --kind %s is computed on the processor",
                            cli_dependence_names[found->kind[a]].name);
    return ICL_OK;
}

icl_status cli_corr(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    struct cli_dependence found;
    ICL_TRY(cli_dependence_parse(settings.kind, &found, err));
    if (settings.test && settings.format == CLI_NPY)
        return icl_fail(err, ICL_ERR_USAGE, "--test has no place in a matrix: choose --format tsv or json");
    ICL_TRY(cli_check_out(settings.out, err));
    struct icl_device *device;
    ICL_TRY(check_device(&settings, &found, err));
    ICL_TRY(cli_device_open(settings.device, &device, err));
    struct cli_source source = {0};
    struct cli_pairs pairs = {0};
    icl_status status = cli_source_read(arguments.items[0], settings.unit, (unsigned)settings.threads, &source, err);
    if (status == ICL_OK) status = cli_pairs_parse(settings.pairs, &source, &pairs, err);
    if (status == ICL_OK) status = correlate(call, &settings, device, &source, &pairs, &found, err);
    cli_dependence_free(&found);
    cli_pairs_free(&pairs);
    cli_source_free(&source);
    icl_device_close(device);
    return status;
}
