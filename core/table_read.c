#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/input.h"
#include "core/table.h"

/* How much of a foreign name or cell is worth quoting in a message. */
enum { SHOWN = 40 };

/* A stretch of text, not ended by a zero byte. */
struct span {
    const char *at, *end;
};

static size_t span_length(struct span s)
{
    return (size_t)(s.end - s.at);
}

static int shown_length(struct span s)
{
    return span_length(s) < SHOWN ? (int)span_length(s) : SHOWN;
}

struct reader {
    const char *name; /* of the file */
    struct span rest; /* what is not yet read */
    size_t line;      /* the number of the line last taken, from 1 */
    struct span names;
    size_t names_line;
    size_t columns;
    char delimiter;
};

/* Takes the next line that is not a comment, without its end. False at the end of the text. */
static bool next_line(struct reader *r, struct span *line)
{
    while (r->rest.at < r->rest.end) {
        const char *newline = memchr(r->rest.at, '\n', span_length(r->rest));
        *line = (struct span){r->rest.at, newline != NULL ? newline : r->rest.end};
        r->rest.at = newline != NULL ? newline + 1 : r->rest.end;
        r->line++;
        if (line->end > line->at && line->end[-1] == '\r') line->end--;
        if (line->at == line->end || *line->at != '#') return true;
    }
    return false;
}

static bool is_padding(char c, char delimiter)
{
    return c == ' ' || (c == '\t' && delimiter != '\t');
}

static struct span trim(struct span s, char delimiter)
{
    while (s.at < s.end && is_padding(*s.at, delimiter))
        s.at++;
    while (s.at < s.end && is_padding(s.end[-1], delimiter))
        s.end--;
    return s;
}

/* The end of the cell that starts at `at`: a delimiter or the end of the line. Delimiters in quotes do not count; NULL
 * if a quote is not closed. A doubled quote inside quotes closes and opens again, which is what it should do here. */
static const char *cell_end(const char *at, const char *end, char delimiter)
{
    bool quoted = false;
    for (; at < end; at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (*at == delimiter && !quoted)
            break;
    }
    return quoted ? NULL : at;
}

/* Takes the next cell of `line`, without padding and quotes. *quoted says if there were any. False if there is none, or
 * if a quote is not closed (then line->at is NULL). Having taken the last, line->at is beyond line->end. */
static bool next_cell(struct span *line, char delimiter, struct span *cell, bool *quoted)
{
    if (line->at > line->end) return false;
    const char *end = cell_end(line->at, line->end, delimiter);
    if (end == NULL) {
        line->at = NULL;
        return false;
    }
    *cell = trim((struct span){line->at, end}, delimiter);
    *quoted = span_length(*cell) >= 2 && *cell->at == '"' && cell->end[-1] == '"';
    if (*quoted) {
        cell->at++;
        cell->end--;
    }
    line->at = end + 1;
    return true;
}

static char find_delimiter(struct span names)
{
    static const char candidates[] = "\t,;";
    for (const char *c = candidates; *c != '\0'; c++) {
        const char *end = cell_end(names.at, names.end, *c);
        if (end != NULL && end < names.end) return *c;
    }
    return '\t';
}

static icl_status fail_quote(const struct reader *r, struct icl_error *err)
{
    return icl_fail(err, ICL_ERR_INPUT, "%s: line %zu: a quote is not closed", r->name, r->line);
}

/* Takes the line of names: sets the delimiter and the number of columns. */
static icl_status read_names(struct reader *r, struct icl_error *err)
{
    struct span line;
    do {
        if (!next_line(r, &line))
            return icl_fail(err, ICL_ERR_INPUT, "%s: line %zu: there is no line of column names", r->name, r->line + 1);
    } while (span_length(trim(line, '\0')) == 0);
    r->delimiter = find_delimiter(line);
    r->names = line;
    r->names_line = r->line;
    bool all_numbers = true;
    struct span cell;
    bool quoted;
    while (next_cell(&line, r->delimiter, &cell, &quoted)) {
        double ignored;
        r->columns++;
        if (quoted || icl_parse_double(cell.at, span_length(cell), &ignored) == ICL_NUMBER_GARBAGE) all_numbers = false;
    }
    if (line.at == NULL) return fail_quote(r, err);
    if (all_numbers)
        return icl_fail(err, ICL_ERR_INPUT, "%s: line %zu: a line of column names is wanted before the numbers",
                        r->name, r->line);
    return ICL_OK;
}

/* An upper bound of the rows to come, exact unless some row is bad: a good row has at least two bytes a cell. */
static size_t count_rows(const struct reader *r)
{
    struct reader ahead = *r;
    struct span line;
    size_t rows = 0;
    while (next_line(&ahead, &line))
        rows++;
    const size_t most = span_length(r->rest) / (2 * r->columns) + 1;
    return rows < most ? rows : most;
}

static icl_status fail_cell(const struct reader *r, size_t column, struct span cell, const char *reason,
                            struct icl_error *err)
{
    struct span names = r->names;
    struct span name = names;
    bool quoted;
    for (size_t j = 0; j <= column; j++)
        next_cell(&names, r->delimiter, &name, &quoted);
    return icl_fail(err, ICL_ERR_INPUT, "%s: line %zu, column %zu \"%.*s\": \"%.*s\" %s", r->name, r->line, column,
                    shown_length(name), name.at, shown_length(cell), cell.at, reason);
}

/* Reads one row into out->data[row], out->data[row + rows], ... */
static icl_status read_row(const struct reader *r, struct span line, struct icl_columns *out, size_t row,
                           struct icl_error *err)
{
    static const char *const reasons[] = {
        [ICL_NUMBER_GARBAGE] = "is not a number",
        [ICL_NUMBER_RANGE] = "is beyond the range of a double",
    };
    size_t column = 0;
    size_t bad_column = 0;
    enum icl_number_outcome bad = ICL_NUMBER_OK;
    struct span bad_cell = {0};
    struct span cell;
    bool quoted;
    for (; next_cell(&line, r->delimiter, &cell, &quoted); column++) {
        if (column >= r->columns || bad != ICL_NUMBER_OK) continue;
        bad = icl_parse_double(cell.at, span_length(cell), &out->data[column * out->rows + row]);
        bad_column = column;
        bad_cell = cell;
    }
    if (line.at == NULL) return fail_quote(r, err);
    /* A wrong count is told before a wrong number, as it may explain it. */
    if (column != r->columns)
        return icl_fail(err, ICL_ERR_INPUT, "%s: line %zu: %zu cells, but line %zu names %zu columns", r->name, r->line,
                        column, r->names_line, r->columns);
    return bad == ICL_NUMBER_OK ? ICL_OK : fail_cell(r, bad_column, bad_cell, reasons[bad], err);
}

static icl_status read_rows(struct reader *r, struct icl_columns *out, struct icl_error *err)
{
    struct span line;
    for (size_t row = 0; next_line(r, &line); row++) {
        if (span_length(trim(line, '\0')) == 0)
            return icl_fail(err, ICL_ERR_INPUT, "%s: line %zu: a blank line among the rows", r->name, r->line);
        ICL_TRY(read_row(r, line, out, row, err));
    }
    return ICL_OK;
}

static icl_status read_text(const char *name, struct span text, struct icl_columns *out, struct icl_error *err)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct reader r = {.name = name, .rest = text};
    if (span_length(text) == 0) return icl_fail(err, ICL_ERR_INPUT, "%s: line 1: the file is empty", name);
    const char *zero = memchr(text.at, '\0', span_length(text));
    if (zero != NULL) {
        size_t line = 1;
        for (const char *c = text.at; c < zero; c++)
            line += *c == '\n';
        return icl_fail(err, ICL_ERR_INPUT, "%s: line %zu: a zero byte: this is not a table of text", name, line);
    }
    if (span_length(text) >= sizeof mark - 1 && memcmp(text.at, mark, sizeof mark - 1) == 0)
        r.rest.at += sizeof mark - 1;
    while (r.rest.end > r.rest.at && strchr(" \r\n", r.rest.end[-1]) != NULL)
        r.rest.end--;
    ICL_TRY(read_names(&r, err));
    const size_t rows = count_rows(&r);
    if (rows == 0)
        return icl_fail(err, ICL_ERR_INPUT, "%s: line %zu: no row of numbers follows the names", name, r.line + 1);
    struct icl_columns columns;
    ICL_TRY(icl_columns_alloc(&columns, rows, r.columns, err));
    const icl_status status = read_rows(&r, &columns, err);
    if (status == ICL_OK)
        *out = columns;
    else
        icl_columns_free(&columns);
    return status;
}

icl_status icl_table_read_input(struct icl_input *input, struct icl_columns *out, struct icl_error *err)
{
    unsigned char *bytes;
    size_t length;
    ICL_TRY(icl_input_read_all(input, PTRDIFF_MAX - 1, &bytes, &length, err));
    const char *text = (const char *)bytes;
    const icl_status status = read_text(input->name, (struct span){text, text + length}, out, err);
    free(bytes);
    return status;
}

icl_status icl_table_read_columns(const char *path, struct icl_columns *out, struct icl_error *err)
{
    struct icl_input input;
    ICL_TRY(icl_input_open(&input, path, err));
    const icl_status status = icl_table_read_input(&input, out, err);
    icl_input_close(&input);
    return status;
}
