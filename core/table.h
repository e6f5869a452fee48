/* Tables of text: TSV with a `#` header out, TSV or CSV with a line of column names in. */
#ifndef ICLAB_CORE_TABLE_H
#define ICLAB_CORE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/array.h"
#include "core/atomic_file.h"
#include "core/number.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A TSV table being written: `#` lines, one line of names, rows. Numbers are printed by icl_format_number, so that they
 * read back to the same double. */
struct icl_table {
    struct icl_atomic_file file;
    size_t columns; /* cells in a row */
    size_t cell;    /* cells written in the current row */
};

/* Opens `path` ("-": standard output), writes the `#` lines of `header` (may be NULL; its lines are separated by '\n',
 * "# " is put before each) and the names line (`names`: tab-separated). */
icl_status icl_table_open(struct icl_table *table, const char *path, const char *header, const char *names,
                          struct icl_error *err);

/* Append one cell; the row ends by itself after the last column. Tabs and newlines in text become spaces. */
void icl_table_text(struct icl_table *table, const char *text);
void icl_table_number(struct icl_table *table, double value);
void icl_table_count(struct icl_table *table, uint64_t value);

/* Commits; ICL_ERR_IO if any write failed, ICL_ERR_NUMERIC if a row is unfinished (a bug in the caller). */
icl_status icl_table_close(struct icl_table *table, struct icl_error *err);
void icl_table_abort(struct icl_table *table);

/* Reads a numeric TSV or CSV (tab, comma or semicolon, taken from the names line) of samples x neurons: `#` lines are
 * passed over, then one line of column names (they may be quoted), then rows of numbers ("nan", "inf" are numbers; an
 * empty cell is not). LF or CR LF, a UTF-8 byte order mark and blank lines at the end are fine.
 * Errors name file, line and column. "-": standard input. `out` is owned by the caller, untouched on failure. */
icl_status icl_table_read_columns(const char *path, struct icl_columns *out, struct icl_error *err);

/* Reads samples x neurons from .npy (told by its magic or the name, then arranged by `unit`) or TSV/CSV. "-": standard
 * input. */
icl_status icl_columns_read(const char *path, enum icl_unit unit, struct icl_columns *out, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
