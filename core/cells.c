#include "core/cells.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/input.h"
#include "core/number.h"

/* The next line that counts, ended by a zero byte; NULL at the end. */
static char *next_line(char **at, char *end, size_t *number)
{
    while (*at < end) {
        char *line = *at;
        char *stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL) stop = end;
        *at = stop + 1;
        *stop = '\0';
        if (stop > line && stop[-1] == '\r') stop[-1] = '\0';
        ++*number;
        if (*line != '#' && *line != '\0') return line;
    }
    return NULL;
}

static size_t count_cells(const char *line)
{
    size_t count = 1;
    for (; *line != '\0'; line++)
        count += *line == '\t';
    return count;
}

static void split(char *line, const char **cell)
{
    for (;;) {
        *cell++ = line;
        line = strchr(line, '\t');
        if (line == NULL) return;
        *line++ = '\0';
    }
}

/* Fills `table` from the text, which it owns. */
static icl_status parse(struct icl_cells *table, size_t length, struct icl_error *err)
{
    char *at = table->text, *end = table->text + length;
    size_t number = 0;
    if (memchr(table->text, '\0', length) != NULL)
        return icl_fail(err, ICL_ERR_INPUT, "%s: holds a zero byte: no table", table->shown);
    size_t lines = 1;
    for (size_t i = 0; i < length; i++)
        lines += table->text[i] == '\n';
    char *names = next_line(&at, end, &number);
    if (names == NULL) return icl_fail(err, ICL_ERR_INPUT, "%s: has no line of names", table->shown);
    table->cols = count_cells(names);
    if (table->cols > SIZE_MAX / sizeof *table->cell / lines) return icl_fail_memory(err, table->shown);
    table->name = malloc(table->cols * sizeof *table->name);
    table->cell = malloc(table->cols * lines * sizeof *table->cell);
    if (table->name == NULL || table->cell == NULL) return icl_fail_memory(err, table->shown);
    split(names, table->name);
    for (char *line; (line = next_line(&at, end, &number)) != NULL; table->rows++) {
        const size_t cells = count_cells(line);
        if (cells != table->cols)
            return icl_fail(err, ICL_ERR_INPUT, "%s: line %zu: %zu cells, the line of names has %zu", table->shown,
                            number, cells, table->cols);
        split(line, table->cell + table->rows * table->cols);
    }
    return ICL_OK;
}

icl_status icl_cells_read(const char *path, struct icl_cells *out, struct icl_error *err)
{
    struct icl_input input;
    unsigned char *bytes;
    size_t length;
    ICL_TRY(icl_input_open(&input, path, err));
    icl_status status = icl_input_read_all(&input, SIZE_MAX - 1, &bytes, &length, err);
    icl_input_close(&input);
    if (status != ICL_OK) return status;
    struct icl_cells table = {.text = (char *)bytes};
    icl_shown_path(path, "standard input", table.shown);
    status = parse(&table, length, err);
    if (status == ICL_OK)
        *out = table;
    else
        icl_cells_free(&table);
    return status;
}

void icl_cells_free(struct icl_cells *cells)
{
    free(cells->name);
    free(cells->cell);
    free(cells->text);
    *cells = (struct icl_cells){0};
}

icl_status icl_cells_column(const struct icl_cells *cells, const char *name, size_t *column, struct icl_error *err)
{
    for (size_t c = 0; c < cells->cols; c++)
        if (strcmp(cells->name[c], name) == 0) {
            *column = c;
            return ICL_OK;
        }
    return icl_fail(err, ICL_ERR_INPUT, "%s: has no column '%s'", cells->shown, name);
}

icl_status icl_cell_number(const struct icl_cells *cells, size_t row, size_t column, double *value,
                           struct icl_error *err)
{
    const char *text = icl_cell(cells, row, column);
    if (icl_parse_double(text, strlen(text), value) == ICL_NUMBER_OK) return ICL_OK;
    return icl_fail(err, ICL_ERR_INPUT, "%s: row %zu, column '%s': '%.40s' is not a number", cells->shown, row + 1,
                    cells->name[column], text);
}
