/* iclab measure: pairs before and after a dropout, against what theory gives for each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/estimate_device.h"
#include "cli/rows.h"
#include "core/threads.h"
#include "estimators/correlation.h"
#include "estimators/dropout_law.h"

struct settings {
    const char *before, *after, *pairs, *out;
    struct cli_estimator estimator;
    double keep; /* NaN: not given */
    enum icl_gate gate;
    uint64_t threads;
    enum cli_units units;
    enum icl_unit unit;
    enum cli_format format;
    enum icl_device_choice device;
};

static const struct settings defaults = {.keep = NAN, .pairs = "all", .out = "-"};

/* A matrix of one of nine values would say little. */
static const char *const formats[] = {"tsv", "json", NULL};

static const struct icl_option options[] = {
    ICL_STRING_OPTION("before", 0, "FILE", struct settings, before,
                      "the columns before the dropout (-: standard input)"),
    ICL_STRING_OPTION("after", 0, "FILE", struct settings, after, "the same samples and columns after it"),
    ICL_DOUBLE_OPTION("keep", 'q', "Q", struct settings, keep, 0, true, 1, false,
                      "probability of an open gate; not given: the share of nonzero values that stay so"),
    ICL_CHOICE_OPTION("gate", 'g', struct settings, gate, cli_gate_names,
                      "one gate a value, one for all columns of a channel, or Gaussian noise"),
    CLI_ESTIMATOR_OPTIONS(struct settings, estimator),
    CLI_PAIRS_OPTION(struct settings, pairs),
    CLI_UNITS_OPTION(struct settings, units),
    CLI_UNIT_OPTION(struct settings, unit),
    ICL_CHOICE_OPTION("format", 'f', struct settings, format, formats, "table or JSON"),
    CLI_OUT_OPTION(struct settings, out),
    CLI_THREADS_OPTION(struct settings, threads),
    CLI_DEVICE_OPTION(struct settings, device),
};

static const struct icl_command command = {
    .name = "iclab measure",
    .summary = "Measures pairs of columns before and after a dropout, and says what the law gives for each.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static const char notes[] =
    "--before and --after are required. Columns of the table: i j n mi_before mi_after mi_ratio mi_law corr_before\n"
    "corr_after corr_ratio corr_law law_kind. Ratios are after / before. The law columns are what theory gives after\n"
    "the dropout, from the values before it, means included. law_kind is about mi_law: equal, or bound, an upper "
    "bound\n"
    "(a column with an atom at 0, or Gaussian noise). With --gate shared the columns of an (N,C,H,W) array share a "
    "gate\n"
    "where they are positions of one channel, and all columns of a table do; other pairs have independent gates.\n";

static const char *const names[] = {"i",        "j",        "n",           "mi_before",  "mi_after",
                                    "mi_ratio", "mi_law",   "corr_before", "corr_after", "corr_ratio",
                                    "corr_law", "law_kind", NULL};

/* Everything between reading and writing. */
struct measurement {
    const struct settings *settings;
    struct icl_device *device;
    struct cli_source before, after;
    struct cli_pairs pairs;
    struct cli_estimates mi_before, mi_after;
    double *correlation; /* of pair k: before at 2 k, after at 2 k + 1 */
    double keep;
    bool keep_estimated;
};

static icl_status correlate_one(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)worker;
    (void)err;
    struct measurement *m = context;
    const struct cli_pair pair = cli_pair_at(&m->pairs, item);
    m->correlation[2 * item] = icl_pearson(&m->before.prepared[pair.i], &m->before.prepared[pair.j]);
    m->correlation[2 * item + 1] = icl_pearson(&m->after.prepared[pair.i], &m->after.prepared[pair.j]);
    return ICL_OK;
}

static icl_status correlate(struct measurement *m, struct icl_error *err)
{
    m->correlation = malloc(m->pairs.count * 2 * sizeof *m->correlation);
    if (m->correlation == NULL) return icl_fail_memory(err, "the correlations");
    const unsigned workers = cli_thread_count(m->settings->threads, m->pairs.count);
    return icl_parallel_for(workers, m->pairs.count, correlate_one, m, err);
}

/* The share of values other than 0 that stay so: what a Bernoulli gate lets through. */
static icl_status estimate_keep(struct measurement *m, struct icl_error *err)
{
    uint64_t there = 0, stayed = 0;
    for (size_t j = 0; j < m->before.cols; j++)
        for (size_t i = 0; i < m->before.rows; i++) {
            const double before = m->before.prepared[j].value[i];
            if (before == 0 || !isfinite(before)) continue;
            there++;
            if (m->after.prepared[j].value[i] != 0) stayed++;
        }
    if (stayed == 0)
        return icl_fail(err, ICL_ERR_INPUT, "%.200s: %s: give --keep", there == 0 ? m->before.name : m->after.name,
                        there == 0 ? "every value is 0, which hides the gates" : "no value came through the gates");
    m->keep = (double)stayed / (double)there;
    m->keep_estimated = true;
    return ICL_OK;
}

static bool has_atom_at_zero(const struct icl_column *column)
{
    for (size_t a = 0; a < column->atom_count; a++)
        if (column->atom[a].value == 0) return true;
    return false;
}

/* A shared gate is that of a channel; columns of two channels have gates of their own. */
static enum icl_gate gate_of(const struct measurement *m, struct cli_pair pair)
{
    const size_t channel = m->before.channel_cols;
    const bool apart = pair.i / channel != pair.j / channel;
    return m->settings->gate == ICL_GATE_SHARED && apart ? ICL_GATE_INDEPENDENT : m->settings->gate;
}

static void write_row(struct cli_rows *rows, const struct measurement *m, size_t k)
{
    const struct cli_pair pair = cli_pair_at(&m->pairs, k);
    const struct icl_column *x = &m->before.prepared[pair.i], *y = &m->before.prepared[pair.j];
    const enum icl_gate gate = gate_of(m, pair);
    const double unit = cli_nats_in(m->settings->units);
    const double mi[2] = {m->mi_before.mi[k], m->mi_after.mi[k]};
    const double *corr = &m->correlation[2 * k];
    const bool atom = has_atom_at_zero(x) || has_atom_at_zero(y);
    cli_rows_count(rows, pair.i);
    cli_rows_count(rows, pair.j);
    cli_rows_count(rows, m->before.rows);
    cli_rows_number(rows, mi[0] / unit);
    cli_rows_number(rows, mi[1] / unit);
    cli_rows_number(rows, mi[1] / mi[0]);
    cli_rows_number(rows, icl_dropout_mi(gate, m->keep, mi[0]) / unit);
    cli_rows_number(rows, corr[0]);
    cli_rows_number(rows, corr[1]);
    cli_rows_number(rows, corr[1] / corr[0]);
    cli_rows_number(rows, icl_dropout_correlation(gate, m->keep, corr[0], x->mean / x->sd, y->mean / y->sd));
    cli_rows_text(rows, icl_dropout_law_kind_names[icl_dropout_mi_kind(gate, m->keep, atom)]);
}

static icl_status write_rows(const struct measurement *m, json_t *meta, struct icl_error *err)
{
    struct cli_rows rows;
    cli_meta_text(meta, "before", m->before.name);
    cli_meta_text(meta, "after", m->after.name);
    cli_meta_text(meta, "units", cli_units_names[m->settings->units]);
    cli_meta_none(meta, "seed");
    cli_meta_estimator(meta, &m->settings->estimator);
    cli_meta_device(meta, m->settings->device, m->device);
    cli_meta_text(meta, "gate", cli_gate_names[m->settings->gate]);
    cli_meta_number(meta, "keep", m->keep);
    cli_meta_text(meta, "keep from",
                  m->keep_estimated ? "the share of values other than 0 that stay so" : "the command line");
    ICL_TRY(cli_rows_open(&rows, m->settings->out, m->settings->format, meta, names, err));
    for (size_t k = 0; k < m->pairs.count; k++)
        write_row(&rows, m, k);
    return cli_rows_close(&rows, err);
}

static icl_status read_both(struct measurement *m, struct icl_error *err)
{
    const struct settings *s = m->settings;
    ICL_TRY(cli_source_read(s->before, s->unit, (unsigned)s->threads, &m->before, err));
    ICL_TRY(cli_source_read(s->after, s->unit, (unsigned)s->threads, &m->after, err));
    if (m->before.rows != m->after.rows || m->before.cols != m->after.cols)
        return icl_fail(err, ICL_ERR_INPUT,
                        "%.160s is %zu x %zu and %.160s is %zu x %zu: want the same samples x columns", m->before.name,
                        m->before.rows, m->before.cols, m->after.name, m->after.rows, m->after.cols);
    m->keep = s->keep;
    return isnan(s->keep) ? estimate_keep(m, err) : ICL_OK;
}

static icl_status measure(struct cli_call *call, struct measurement *m, struct icl_error *err)
{
    const struct settings *s = m->settings;
    const struct cli_uncertainty none = {0};
    ICL_TRY(cli_estimate_device(s->device, &s->estimator, &none, &m->device, err));
    ICL_TRY(read_both(m, err));
    ICL_TRY(cli_pairs_parse(s->pairs, &m->before, &m->pairs, err));
    ICL_TRY(cli_estimate(m->device, &m->before, &m->pairs, &s->estimator, &none, s->threads, &m->mi_before, err));
    ICL_TRY(cli_estimate(m->device, &m->after, &m->pairs, &s->estimator, &none, s->threads, &m->mi_after, err));
    ICL_TRY(correlate(m, err));
    const struct cli_source *const sources[] = {&m->before, &m->after};
    cli_warn_columns(sources, 2, m->pairs.used, 1U << ICL_COLUMN_NONFINITE | 1U << ICL_COLUMN_CONSTANT,
                     "what cannot be computed for these is nan");
    cli_note_skipped(&m->mi_before, &m->before, m->pairs.count);
    cli_note_skipped(&m->mi_after, &m->after, m->pairs.count);
    json_t *meta = cli_meta_new(call);
    const icl_status status = write_rows(m, meta, err);
    json_decref(meta);
    return status;
}

static icl_status check(const struct settings *s, struct icl_error *err)
{
    if (s->before == NULL || s->after == NULL)
        return icl_fail(err, ICL_ERR_USAGE, "--%s is missing (see iclab measure --help)",
                        s->before == NULL ? "before" : "after");
    if (strcmp(s->before, "-") == 0 && strcmp(s->after, "-") == 0)
        return icl_fail(err, ICL_ERR_USAGE, "--before and --after cannot both be standard input");
    if (s->gate == ICL_GATE_GAUSSIAN && isnan(s->keep))
        return icl_fail(err, ICL_ERR_USAGE, "--keep is missing: Gaussian noise closes no gate that could be counted");
    return cli_check_out(s->out, err);
}

icl_status cli_measure(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    ICL_TRY(check(&settings, err));
    struct measurement m = {.settings = &settings};
    const icl_status status = measure(call, &m, err);
    free(m.correlation);
    cli_estimates_free(&m.mi_before);
    cli_estimates_free(&m.mi_after);
    cli_pairs_free(&m.pairs);
    cli_source_free(&m.before);
    cli_source_free(&m.after);
    icl_device_close(m.device);
    return status;
}
