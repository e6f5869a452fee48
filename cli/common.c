#include "cli/common.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/tiles.h"
#include "config.h"
#include "core/atomic_file.h"
#include "core/table.h"
#include "core/threads.h"
#include "estimators/correlation.h"

/* Columns named in a warning, of each kind, before "and N more". */
enum { MOST_NAMED = 16 };

const char *const cli_units_names[] = {"nats", "bits", NULL};
const char *const cli_format_names[] = {"tsv", "json", "npy", NULL};
const char *const cli_unit_names[] = {"position", "channel", NULL};
const char *const cli_gate_names[] = {"independent", "shared", "gaussian", NULL};

icl_status cli_parse(const struct icl_command *command, const char *notes, struct cli_call *call, void *settings,
                     struct icl_arguments *arguments, bool *done, struct icl_error *err)
{
    ICL_TRY(icl_options_parse(command, call->argc, call->argv, settings, arguments, err));
    *done = arguments->help;
    if (*done) {
        icl_options_help(command, stdout);
        if (notes != NULL) printf("\n%s", notes);
    }
    return ICL_OK;
}

unsigned cli_thread_count(uint64_t asked, size_t items)
{
    uint64_t threads = asked != 0 ? asked : icl_processor_count();
    if (threads > items) threads = items;
    return threads > 0 ? (unsigned)threads : 1;
}

icl_status cli_check_out(const char *path, struct icl_error *err)
{
    struct stat info;
    if (strcmp(path, "-") == 0) return ICL_OK;
    /* Opening a pipe or a device is an act of its own, not a check. */
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) return ICL_OK;
    struct icl_atomic_file file;
    ICL_TRY(icl_atomic_open(&file, path, err));
    icl_atomic_abort(&file);
    return ICL_OK;
}

/* ---- headers -------------------------------------------------------------------------------------------------- */

json_t *cli_json_text(const char *text)
{
    json_t *json = json_string(text);
    if (json != NULL) return json;
    char *ascii = strdup(text);
    if (ascii == NULL) return NULL;
    for (char *c = ascii; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
    json = json_string(ascii);
    free(ascii);
    return json;
}

json_t *cli_meta_new(const struct cli_call *call)
{
    json_t *meta = json_object();
    cli_meta_text(meta, "iclab", ICL_VERSION);
    cli_meta_text(meta, "command", call->line);
    return meta;
}

void cli_meta_text(json_t *meta, const char *key, const char *text)
{
    json_object_set_new(meta, key, cli_json_text(text));
}

void cli_meta_count(json_t *meta, const char *key, uint64_t value)
{
    json_object_set_new(meta, key, json_integer((json_int_t)value));
}

void cli_meta_number(json_t *meta, const char *key, double value)
{
    json_object_set_new(meta, key, json_real(value));
}

void cli_meta_none(json_t *meta, const char *key)
{
    json_object_set_new(meta, key, json_null());
}

const char *cli_input_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* ---- sources -------------------------------------------------------------------------------------------------- */

icl_status cli_name_source(icl_status status, const struct cli_source *source, struct icl_error *err)
{
    if (status != ICL_ERR_INPUT) return status;
    const struct icl_error inner = *err;
    return icl_fail(err, status, "%.200s: %.300s", source->name, inner.message);
}

icl_status cli_check_source(const struct cli_source *source, struct icl_error *err)
{
    if (source->rows < 2) return icl_fail(err, ICL_ERR_INPUT, "one row: at least 2 samples are needed");
    if (source->cols < 2) return icl_fail(err, ICL_ERR_INPUT, "one column: no pairs");
    return ICL_OK;
}

icl_status cli_source_read(const char *path, enum icl_unit unit, unsigned threads, struct cli_source *source,
                           struct icl_error *err)
{
    struct icl_columns columns;
    ICL_TRY(icl_columns_read(path, unit, &columns, err));
    struct cli_source read = {cli_input_name(path), columns.rows, columns.cols, columns.channel_cols, NULL, NULL};
    icl_status status = cli_check_source(&read, err);
    if (status == ICL_OK) status = icl_columns_prepare(&columns, threads, &read.prepared, err);
    icl_columns_free(&columns);
    if (status != ICL_OK) return cli_name_source(status, &read, err);
    *source = read;
    return ICL_OK;
}

void cli_source_free(struct cli_source *source)
{
    icl_prepared_free(source->prepared, source->cols);
    cli_feed_free(source->feed);
    *source = (struct cli_source){0};
}

void cli_say(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    const int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0) return;
    icl_one_line(text);
    fprintf(stderr, "iclab: %s\n", text);
    free(text);
}

/* Writes "columns 1, 2 are constant" for the columns in `state`; false if there are none. */
static bool list_columns(FILE *line, const char *before, const struct cli_source *source, const bool *used,
                         enum icl_column_state state)
{
    static const char *const predicate[][2] = {
        [ICL_COLUMN_CONSTANT] = {"is constant", "are constant"},
        [ICL_COLUMN_NONFINITE] = {"holds NaN or inf", "hold NaN or inf"},
    };
    size_t found = 0;
    for (size_t pass = 0; pass < 2; pass++) {
        size_t named = 0;
        for (size_t j = 0; j < source->cols; j++) {
            if (source->prepared[j].state != state || (used != NULL && !used[j])) continue;
            if (pass == 0)
                found++;
            else if (named++ < MOST_NAMED)
                fprintf(line, "%s%zu", named > 1 ? ", " : " ", j);
        }
        if (found == 0) return false;
        if (pass == 0) fprintf(line, "%s%s", before, found > 1 ? "columns" : "column");
    }
    if (found > MOST_NAMED) fprintf(line, " and %zu more", found - MOST_NAMED);
    fprintf(line, " %s", predicate[state][found > 1]);
    return true;
}

void cli_warn_columns(const struct cli_source *const *sources, size_t count, const bool *used, unsigned states,
                      const char *consequence)
{
    char *text = NULL;
    size_t size = 0;
    FILE *line = open_memstream(&text, &size);
    if (line == NULL) return;
    bool any = false;
    for (size_t s = 0; s < count; s++) {
        char *before = NULL;
        if (asprintf(&before, "%s%s: ", any ? "; " : "", sources[s]->name) < 0) break;
        bool here = false;
        for (enum icl_column_state state = ICL_COLUMN_CONSTANT; state <= ICL_COLUMN_NONFINITE; state++)
            if ((states & 1U << state) != 0 && list_columns(line, here ? ", " : before, sources[s], used, state))
                here = true;
        any = any || here;
        free(before);
    }
    if (fclose(line) == 0 && any) cli_say("warning: %s: %s", text, consequence);
    free(text);
}
