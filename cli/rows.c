#include "cli/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/npy.h"

enum { JSON_STYLE = JSON_COMPACT | JSON_PRESERVE_ORDER };

/* "key: value" lines, or NULL when memory is short. */
static char *header_of(const json_t *meta)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL) return NULL;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)meta, key, value)
    {
        char number[ICL_NUMBER_SIZE];
        fprintf(stream, "%s: ", key);
        if (json_is_integer(value))
            fprintf(stream, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        else if (json_is_real(value))
            fputs(icl_format_number(json_real_value(value), number), stream);
        else
            for (const char *c = json_is_string(value) ? json_string_value(value) : "none"; *c != '\0'; c++)
                putc((unsigned char)*c < 0x20 ? '?' : *c, stream);
        putc('\n', stream);
    }
    if (fclose(stream) == 0) return text;
    free(text);
    return NULL;
}

static icl_status open_table(struct cli_rows *rows, const char *path, const json_t *meta, struct icl_error *err)
{
    char *header = header_of(meta);
    char *names = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&names, &size);
    icl_status status = ICL_OK;
    if (stream != NULL) {
        for (size_t k = 0; k < rows->columns; k++)
            fprintf(stream, "%s%s", k > 0 ? "\t" : "", rows->names[k]);
        if (fclose(stream) != 0) status = icl_fail_memory(err, "a header");
    }
    if (header == NULL || names == NULL) status = icl_fail_memory(err, "a header");
    if (status == ICL_OK) status = icl_table_open(&rows->table, path, header, names, err);
    free(header);
    free(names);
    return status;
}

static icl_status open_json(struct cli_rows *rows, const char *path, const json_t *meta, const char *list,
                            struct icl_error *err)
{
    char *header = json_dumps(meta, JSON_STYLE);
    if (header == NULL) return icl_fail_memory(err, "a header");
    const icl_status status = icl_atomic_open(&rows->file, path, err);
    /* The object stays open for its last member. */
    if (status == ICL_OK) fprintf(rows->file.stream, "%.*s,\"%s\":[", (int)strlen(header) - 1, header, list);
    free(header);
    return status;
}

icl_status cli_rows_open(struct cli_rows *rows, const char *path, enum cli_format format, const json_t *meta,
                         const char *const *names, struct icl_error *err)
{
    return cli_rows_open_list(rows, path, format, meta, "pairs", names, err);
}

icl_status cli_rows_open_list(struct cli_rows *rows, const char *path, enum cli_format format, const json_t *meta,
                              const char *list, const char *const *names, struct icl_error *err)
{
    *rows = (struct cli_rows){.format = format, .names = names};
    if (meta == NULL) return icl_fail_memory(err, "a header");
    while (names[rows->columns] != NULL)
        rows->columns++;
    return format == CLI_JSON ? open_json(rows, path, meta, list, err) : open_table(rows, path, meta, err);
}

/* Puts `value` into the row, and writes the row after its last cell. Takes over `value`. */
static void json_cell(struct cli_rows *rows, json_t *value)
{
    if (rows->cell == 0) rows->row = json_object();
    if (json_object_set_new_nocheck(rows->row, rows->names[rows->cell], value) != 0) rows->failed = true;
    rows->cell = (rows->cell + 1) % rows->columns;
    if (rows->cell != 0) return;
    fputs(rows->written++ > 0 ? ",\n" : "\n", rows->file.stream);
    /* A failed write is also kept in the stream, where the commit finds it with its reason. */
    if (json_dumpf(rows->row, rows->file.stream, JSON_STYLE) != 0 && !ferror(rows->file.stream)) rows->failed = true;
    json_decref(rows->row);
    rows->row = NULL;
}

void cli_rows_text(struct cli_rows *rows, const char *text)
{
    if (rows->format == CLI_JSON)
        json_cell(rows, cli_json_text(text));
    else
        icl_table_text(&rows->table, text);
}

void cli_rows_count(struct cli_rows *rows, uint64_t value)
{
    if (rows->format == CLI_JSON)
        json_cell(rows, json_integer((json_int_t)value));
    else
        icl_table_count(&rows->table, value);
}

void cli_rows_number(struct cli_rows *rows, double value)
{
    if (rows->format == CLI_JSON)
        json_cell(rows, isfinite(value) ? json_real(value) : json_null());
    else
        icl_table_number(&rows->table, value);
}

icl_status cli_rows_close(struct cli_rows *rows, struct icl_error *err)
{
    if (rows->format != CLI_JSON) return icl_table_close(&rows->table, err);
    fputs("\n]}\n", rows->file.stream);
    json_decref(rows->row);
    if (!rows->failed) return icl_atomic_commit(&rows->file, err);
    icl_atomic_abort(&rows->file);
    return icl_fail_memory(err, "the rows of a result");
}

icl_status cli_matrix_write(const char *path, double *matrix, size_t cols, struct icl_error *err)
{
    const struct icl_array array = {.ndim = 2, .shape = {cols, cols}, .dtype = ICL_F64, .data = matrix};
    const struct icl_npy_format format = {.dtype = ICL_F64};
    return icl_npy_write(path, &array, &format, err);
}
