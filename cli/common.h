/* What the sub-commands share: options, headers, sources of columns, warnings. */
#ifndef ICLAB_CLI_COMMON_H
#define ICLAB_CLI_COMMON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"
#include "core/array.h"
#include "core/options.h"
#include "estimators/column.h"

/* ---- options -------------------------------------------------------------------------------------------------- */

enum cli_units { CLI_NATS, CLI_BITS };
enum cli_format { CLI_TSV, CLI_JSON, CLI_NPY };

/* The words of the command line, in the order of the enums; NULL ends each list. */
extern const char *const cli_units_names[], *const cli_format_names[], *const cli_unit_names[], *const cli_gate_names[];

/* Seeds fit into a JSON integer. */
#define CLI_MOST_SEED    UINT64_C(0x7fffffffffffffff)
#define CLI_MOST_THREADS 4096

/* Rows of option tables that look the same everywhere. */
#define CLI_SEED_OPTION(settings, member)                                                                              \
    ICL_COUNT_OPTION("seed", 's', "S", settings, member, 0, CLI_MOST_SEED, "seed of everything random")
#define CLI_THREADS_OPTION(settings, member)                                                                           \
    ICL_COUNT_OPTION("threads", 't', "N", settings, member, 0, CLI_MOST_THREADS,                                       \
                     "threads; 0: one a processor. Changes no result")
#define CLI_OUT_OPTION(settings, member)                                                                               \
    ICL_STRING_OPTION("out", 'o', "FILE", settings, member, "where the result goes; -: standard output")
#define CLI_UNIT_OPTION(settings, member)                                                                              \
    ICL_CHOICE_OPTION("unit", 0, settings, member, cli_unit_names,                                                     \
                      "column of an (N,C,H,W) array: a (channel, position), or a channel over all positions")
#define CLI_UNITS_OPTION(settings, member)                                                                             \
    ICL_CHOICE_OPTION("units", 'u', settings, member, cli_units_names, "units of information")

/* Parses the call. *done: --help was asked for and printed, with `notes` below the options; nothing is left to do. */
icl_status cli_parse(const struct icl_command *command, const char *notes, struct cli_call *call, void *settings,
                     struct icl_arguments *arguments, bool *done, struct icl_error *err);

/* 0 becomes the number of processors; no more than `items`. At least 1. */
unsigned cli_thread_count(uint64_t asked, size_t items);

/* Fails now where a result could not be written later. Nothing is left behind. */
icl_status cli_check_out(const char *path, struct icl_error *err);

/* ---- headers -------------------------------------------------------------------------------------------------- */

/* The start of every header: version, command line. The keys become `#` lines of a table or members of a JSON object.
 * NULL when memory is short, and then so does every cli_meta_... below: the writer reports it. Owned: json_decref. */
json_t *cli_meta_new(const struct cli_call *call);
void cli_meta_text(json_t *meta, const char *key, const char *text);
void cli_meta_count(json_t *meta, const char *key, uint64_t value);
void cli_meta_number(json_t *meta, const char *key, double value);
void cli_meta_none(json_t *meta, const char *key);

/* A text as JSON; bytes that are not UTF-8 become '?'. */
json_t *cli_json_text(const char *text);

/* How "-" is called in headers and messages. */
const char *cli_input_name(const char *path);

/* ---- sources -------------------------------------------------------------------------------------------------- */

/* A file of columns, ready for the estimators. */
struct cli_source {
    const char *name; /* borrowed from the command line */
    size_t rows, cols, channel_cols;
    struct icl_column *prepared; /* cols */
    struct cli_feed *feed;       /* of cli/tiles.h; NULL: all columns are prepared */
};

/* Reads `path` and prepares its columns. Fewer than 2 rows or 2 columns are bad input. Owned: cli_source_free, which is
 * safe on a zeroed struct. */
icl_status cli_source_read(const char *path, enum icl_unit unit, unsigned threads, struct cli_source *source,
                           struct icl_error *err);
void cli_source_free(struct cli_source *source);

/* ICL_ERR_INPUT where no pair can be made of the source: one row or one column. The message lacks the name. */
icl_status cli_check_source(const struct cli_source *source, struct icl_error *err);

/* Puts the file's name before a message about its data; other errors are left as they are. Returns `status`. */
icl_status cli_name_source(icl_status status, const struct cli_source *source, struct icl_error *err);

/* "iclab: " and the message as one line on standard error, whatever a file name in it holds. */
void cli_say(const char *format, ...) ICL_PRINTF(1, 2);

/* One line on standard error that names the columns of the sources (all of the same cols) that are in one of `states`
 * (bits 1 << enum icl_column_state) and used (NULL: all are); nothing if there are none. */
void cli_warn_columns(const struct cli_source *const *sources, size_t count, const bool *used, unsigned states,
                      const char *consequence);

#endif
