/* iclab compare: runs side by side. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/rows.h"
#include "core/cells.h"
#include "core/input.h"
#include "trainer/train.h"

struct settings {
    double level; /* NaN: not given */
    bool all;
    enum cli_format format;
    const char *out;
};

static const struct settings defaults = {.level = NAN, .out = "-"};
static const char *const formats[] = {"tsv", "json", NULL};

static const struct icl_option options[] = {
    ICL_DOUBLE_OPTION("level", 'l', "A", struct settings, level, 0, false, 1, false,
                      "validation accuracy for epochs_to_level; not given: the lowest of the runs' best"),
    ICL_FLAG_OPTION("all", 'a', struct settings, all, "also what is the same in the specifications of all runs"),
    ICL_CHOICE_OPTION("format", 'f', struct settings, format, formats, "table or JSON"),
    CLI_OUT_OPTION(struct settings, out),
};

static const struct icl_command command = {
    .name = "iclab compare",
    .positionals = "RUN RUN [RUN...]",
    .summary = "Sets the runs of `iclab train` in the folders RUN side by side.",
    .least_positionals = 2,
    .most_positionals = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static const char notes[] =
    "A row a quantity, a column a run: what differs in the specifications; outcome, losses and accuracies of the end\n"
    "and of the best epoch, epochs_to_level; and for every stage mean, sd and share near zero behind its nonlinearity\n"
    "at the last record, and the ratio of evaluation to running variance of its batch norm.\n"
    "What a run does not have is `-`. A run that is still going or was stopped has no outcome.\n";

/* A run as it is read. */
struct run {
    const char *folder;
    char text[ICL_SPEC_TEXT];
    bool finished;
    struct icl_train_result result;
    struct icl_cells epochs, layers, norms;
};

/* ---- reading -------------------------------------------------------------------------------------------------- */

static icl_status read_spec(struct run *run, struct icl_error *err)
{
    char *path = NULL;
    struct icl_train_spec spec;
    char text[ICL_SPEC_TEXT];
    if (asprintf(&path, "%s/spec.txt", run->folder) < 0) return icl_fail_memory(err, "a file name");
    FILE *stream;
    const icl_status opened = icl_open_plain(path, &stream, err);
    free(path);
    ICL_TRY(opened);
    if (stream == NULL) return icl_fail(err, ICL_ERR_INPUT, "%.300s: is no run: it has no spec.txt", run->folder);
    const size_t length = fread(text, 1, sizeof text - 1, stream);
    fclose(stream);
    text[length] = '\0';
    struct icl_error inner;
    if (icl_train_spec_parse(text, &spec, &inner) != ICL_OK)
        return icl_fail(err, ICL_ERR_INPUT, "%.200s/spec.txt: %.250s", run->folder, inner.message);
    icl_train_spec_text(&spec, run->text);
    return ICL_OK;
}

static icl_status read_table(const struct run *run, const char *name, struct icl_cells *cells, struct icl_error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", run->folder, name) < 0) return icl_fail_memory(err, "a file name");
    const icl_status status = icl_cells_read(path, cells, err);
    free(path);
    return status;
}

static icl_status read_run(struct run *run, struct icl_error *err)
{
    ICL_TRY(read_spec(run, err));
    ICL_TRY(icl_train_result_read(run->folder, NULL, &run->finished, &run->result, err));
    ICL_TRY(read_table(run, "epochs.tsv", &run->epochs, err));
    ICL_TRY(read_table(run, "layers.tsv", &run->layers, err));
    return read_table(run, "norms.tsv", &run->norms, err);
}

/* ---- looking -------------------------------------------------------------------------------------------------- */

/* The row with the last one of these words in columns `stage` (and `place`, if it is not NULL); SIZE_MAX: none. */
static icl_status last_row(const struct icl_cells *cells, const char *stage, const char *place, size_t *row,
                           struct icl_error *err)
{
    size_t stage_column, place_column = 0;
    ICL_TRY(icl_cells_column(cells, "stage", &stage_column, err));
    if (place != NULL) ICL_TRY(icl_cells_column(cells, "place", &place_column, err));
    *row = SIZE_MAX;
    for (size_t r = 0; r < cells->rows; r++)
        if (strcmp(icl_cell(cells, r, stage_column), stage) == 0 &&
            (place == NULL || strcmp(icl_cell(cells, r, place_column), place) == 0))
            *row = r;
    return ICL_OK;
}

/* The number in `row` and the column `name`; NaN where there is no row. */
static icl_status number_at(const struct icl_cells *cells, size_t row, const char *name, double *value,
                            struct icl_error *err)
{
    size_t column;
    *value = NAN;
    if (row >= cells->rows) return ICL_OK;
    ICL_TRY(icl_cells_column(cells, name, &column, err));
    return icl_cell_number(cells, row, column, value, err);
}

/* The first epoch with the highest valid_accuracy as a row; SIZE_MAX: no epoch. */
static icl_status best_epoch(const struct run *run, size_t *best, double *accuracy, struct icl_error *err)
{
    *best = SIZE_MAX;
    *accuracy = NAN;
    for (size_t r = 0; r < run->epochs.rows; r++) {
        double value;
        ICL_TRY(number_at(&run->epochs, r, "valid_accuracy", &value, err));
        if (*best != SIZE_MAX && !(value > *accuracy)) continue;
        *best = r;
        *accuracy = value;
    }
    return ICL_OK;
}

/* The lowest of the best accuracies: a level that every run has reached. */
static icl_status common_level(const struct run *run, size_t runs, double *level, struct icl_error *err)
{
    for (size_t k = 0; k < runs; k++) {
        size_t best;
        double accuracy;
        ICL_TRY(best_epoch(&run[k], &best, &accuracy, err));
        if (best != SIZE_MAX && !(accuracy >= *level)) *level = accuracy;
    }
    return ICL_OK;
}

static icl_status epochs_to(const struct run *run, double level, double *epochs, struct icl_error *err)
{
    *epochs = NAN;
    for (size_t r = 0; r < run->epochs.rows; r++) {
        double value;
        ICL_TRY(number_at(&run->epochs, r, "valid_accuracy", &value, err));
        if (!(value >= level)) continue;
        return number_at(&run->epochs, r, "epoch", epochs, err);
    }
    return ICL_OK;
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

/* A cell of the result: a text, or a number where it is empty. */
struct cell {
    char text[256];
    double number;
};

/* The rows, which are all made before the first is written. */
struct side {
    const struct run *run;
    size_t runs;
    struct cell *cell; /* a name and a cell a run, for each row */
    size_t cells, room;
    bool failed; /* memory ran short */
};

static struct cell *add_cell(struct side *side)
{
    static struct cell lost; /* where memory is short: never looked at */
    if (side->cells == side->room) {
        const size_t room = side->room == 0 ? 64 : 2 * side->room;
        struct cell *grown = realloc(side->cell, room * sizeof *grown);
        side->failed = side->failed || grown == NULL;
        if (grown == NULL) return &lost;
        side->cell = grown;
        side->room = room;
    }
    side->cell[side->cells] = (struct cell){"", NAN};
    return &side->cell[side->cells++];
}

static void add_text(struct side *side, const char *text)
{
    struct cell *cell = add_cell(side);
    snprintf(cell->text, sizeof cell->text, "%s", text);
}

static void add_number(struct side *side, double value)
{
    add_cell(side)->number = value;
}

/* The value of line `line` of the text of a specification: what follows the key. */
static const char *line_at(const char *text, size_t line, size_t *key, size_t *length)
{
    for (; line > 0; line--)
        text += strcspn(text, "\n") + 1;
    *length = strcspn(text, "\n");
    *key = strcspn(text, " ");
    return text;
}

static void add_spec(struct side *side, bool all)
{
    size_t lines = 0;
    for (const char *c = side->run[0].text; *c != '\0'; c++)
        lines += *c == '\n';
    for (size_t l = 0; l < lines; l++) {
        size_t key, length, other_key, other;
        char name[64], value[256];
        const char *first = line_at(side->run[0].text, l, &key, &length);
        bool differs = false;
        for (size_t k = 1; k < side->runs; k++) {
            const char *at = line_at(side->run[k].text, l, &other_key, &other);
            differs = differs || other != length || memcmp(at, first, length) != 0;
        }
        if (!differs && !all) continue;
        snprintf(name, sizeof name, "spec.%.*s", (int)key, first);
        add_text(side, name);
        for (size_t k = 0; k < side->runs; k++) {
            const char *at = line_at(side->run[k].text, l, &other_key, &other);
            snprintf(value, sizeof value, "%.*s", (int)(other - other_key - 1), at + other_key + 1);
            add_text(side, value);
        }
    }
}

static icl_status add_epochs(struct side *side, double level, struct icl_error *err)
{
    static const char *const names[] = {"valid_accuracy", "valid_loss",    "train_accuracy",
                                        "train_loss",     "open_accuracy", "open_loss"};
    char name[64];
    add_text(side, "epochs");
    for (size_t k = 0; k < side->runs; k++)
        add_number(side, (double)side->run[k].epochs.rows);
    for (size_t q = 0; q < sizeof names / sizeof *names; q++) {
        snprintf(name, sizeof name, "last.%s", names[q]);
        add_text(side, name);
        for (size_t k = 0; k < side->runs; k++) {
            double value;
            ICL_TRY(number_at(&side->run[k].epochs, side->run[k].epochs.rows - 1, names[q], &value, err));
            add_number(side, value);
        }
    }
    for (size_t q = 0; q < 3; q++) {
        static const char *const best_names[3] = {"valid_accuracy", "valid_loss", "epoch"};
        snprintf(name, sizeof name, "best.%s", best_names[q]);
        add_text(side, name);
        for (size_t k = 0; k < side->runs; k++) {
            size_t best;
            double accuracy, value;
            ICL_TRY(best_epoch(&side->run[k], &best, &accuracy, err));
            ICL_TRY(number_at(&side->run[k].epochs, best, best_names[q], &value, err));
            add_number(side, value);
        }
    }
    add_text(side, "epochs_to_level");
    for (size_t k = 0; k < side->runs; k++) {
        double value;
        ICL_TRY(epochs_to(&side->run[k], level, &value, err));
        add_number(side, value);
    }
    return ICL_OK;
}

static icl_status add_stage(struct side *side, const char *stage, struct icl_error *err)
{
    static const struct {
        const char *column, *place; /* place NULL: of norms.tsv */
    } quantities[] = {{"mean", "relu"}, {"sd", "relu"}, {"near_zero", "relu"}, {"ratio", NULL}};
    for (size_t q = 0; q < sizeof quantities / sizeof *quantities; q++) {
        char name[96];
        const char *place = quantities[q].place;
        snprintf(name, sizeof name, "%.40s.%s", stage, place == NULL ? "variance_ratio" : quantities[q].column);
        add_text(side, name);
        for (size_t k = 0; k < side->runs; k++) {
            const struct icl_cells *cells = place == NULL ? &side->run[k].norms : &side->run[k].layers;
            size_t row;
            double value;
            ICL_TRY(last_row(cells, stage, place, &row, err));
            ICL_TRY(number_at(cells, row, quantities[q].column, &value, err));
            add_number(side, value);
        }
    }
    return ICL_OK;
}

/* The stages of the first run that has a record of them, in their order. */
static icl_status add_stages(struct side *side, struct icl_error *err)
{
    size_t k = 0, stage_column;
    while (k < side->runs && side->run[k].layers.rows == 0)
        k++;
    if (k == side->runs) return ICL_OK;
    const struct icl_cells *cells = &side->run[k].layers;
    ICL_TRY(icl_cells_column(cells, "stage", &stage_column, err));
    for (size_t r = 0; r < cells->rows; r++) {
        const char *stage = icl_cell(cells, r, stage_column);
        if (r > 0 && strcmp(icl_cell(cells, r - 1, stage_column), stage) == 0) continue; /* another place */
        if (r > 0 && strcmp(icl_cell(cells, 0, stage_column), stage) == 0) break;        /* the next record */
        ICL_TRY(add_stage(side, stage, err));
    }
    return ICL_OK;
}

static icl_status add_all(struct side *side, const struct settings *s, double level, struct icl_error *err)
{
    static const char *const outcomes[] = {"finished", "diverged"};
    add_spec(side, s->all);
    add_text(side, "outcome");
    for (size_t k = 0; k < side->runs; k++)
        add_text(side, side->run[k].finished ? outcomes[side->run[k].result.outcome] : "-");
    ICL_TRY(add_epochs(side, level, err));
    return add_stages(side, err);
}

static icl_status write_cells(const struct side *side, const struct settings *s, const json_t *meta,
                              const char *const *names, struct icl_error *err)
{
    struct cli_rows rows;
    ICL_TRY(cli_rows_open_list(&rows, s->out, s->format, meta, "quantities", names, err));
    for (size_t k = 0; k < side->cells; k++) {
        const struct cell *cell = &side->cell[k];
        /* In JSON a missing number is null; in the table it is not mistaken for a NaN that was computed. */
        if (cell->text[0] != '\0')
            cli_rows_text(&rows, cell->text);
        else if (isnan(cell->number) && s->format == CLI_TSV)
            cli_rows_text(&rows, "-");
        else
            cli_rows_number(&rows, cell->number);
    }
    return cli_rows_close(&rows, err);
}

static icl_status compare(const struct settings *s, struct cli_call *call, const struct run *run, size_t runs,
                          struct icl_error *err)
{
    double level = s->level;
    if (isnan(level)) ICL_TRY(common_level(run, runs, &level, err));
    const char **names = calloc(runs + 2, sizeof *names);
    if (names == NULL) return icl_fail_memory(err, "the names of runs");
    names[0] = "quantity";
    for (size_t k = 0; k < runs; k++)
        names[k + 1] = run[k].folder;
    struct side side = {.run = run, .runs = runs};
    icl_status status = add_all(&side, s, level, err);
    if (status == ICL_OK && side.failed) status = icl_fail_memory(err, "the rows of a result");
    json_t *meta = cli_meta_new(call);
    cli_meta_number(meta, "level", level);
    if (status == ICL_OK) status = write_cells(&side, s, meta, names, err);
    free(side.cell);
    json_decref(meta);
    free(names);
    return status;
}

icl_status cli_compare(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    struct run *run = calloc(arguments.count, sizeof *run);
    if (run == NULL) return icl_fail_memory(err, "runs");
    icl_status status = cli_check_out(settings.out, err);
    for (size_t k = 0; status == ICL_OK && k < arguments.count; k++) {
        run[k].folder = arguments.items[k];
        status = read_run(&run[k], err);
    }
    if (status == ICL_OK) status = compare(&settings, call, run, arguments.count, err);
    for (size_t k = 0; k < arguments.count; k++) {
        icl_cells_free(&run[k].epochs);
        icl_cells_free(&run[k].layers);
        icl_cells_free(&run[k].norms);
    }
    free(run);
    return status;
}
