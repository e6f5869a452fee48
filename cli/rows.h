/* Rows of results as a table or as JSON, and whole matrices as .npy. */
#ifndef ICLAB_CLI_ROWS_H
#define ICLAB_CLI_ROWS_H

#include "cli/common.h"
#include "core/table.h"

/* Rows being written, one cell after the other. JSON is one object: the members of the header, then "pairs", a list of
 * one object a row; nan and inf are null there. No row is kept. */
struct cli_rows {
    enum cli_format format;
    struct icl_table table;      /* TSV */
    struct icl_atomic_file file; /* JSON */
    const char *const *names;
    size_t columns, cell, written;
    json_t *row;
    bool failed; /* memory ran short; told by the close */
};

/* `names` ends with NULL and must outlive the rows; `meta` is borrowed. Not for CLI_NPY. */
icl_status cli_rows_open(struct cli_rows *rows, const char *path, enum cli_format format, const json_t *meta,
                         const char *const *names, struct icl_error *err);
/* The same with another name of the list in JSON. */
icl_status cli_rows_open_list(struct cli_rows *rows, const char *path, enum cli_format format, const json_t *meta,
                              const char *list, const char *const *names, struct icl_error *err);
void cli_rows_text(struct cli_rows *rows, const char *text);
void cli_rows_count(struct cli_rows *rows, uint64_t value);
void cli_rows_number(struct cli_rows *rows, double value);
icl_status cli_rows_close(struct cli_rows *rows, struct icl_error *err);

/* Writes a cols x cols matrix (row-major) as float64 .npy. */
icl_status cli_matrix_write(const char *path, double *matrix, size_t cols, struct icl_error *err);

#endif
