#include "trainer/noisy_labels.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/input.h"

enum { MOST_BYTES = 1 << 28, MOST_CELLS = 32 };

/* A list being read. */
struct reading {
    char name[ICL_INPUT_NAME_SIZE];
    struct icl_noisy_labels labels;
    size_t rows_room;
    size_t columns, path_at, label_at; /* of the line of names */
    struct icl_error *err;
};

static icl_status fail(const struct reading *r, size_t line, const char *reason, const char *detail)
{
    return icl_fail(r->err, ICL_ERR_INPUT, "%s: line %zu: %s%.100s", r->name, line, reason, detail);
}

/* Cuts a line at its commas; `count` may come out larger than MOST_CELLS. */
static size_t cut(char *line, char *cell[MOST_CELLS])
{
    size_t count = 0;
    for (char *at = line; at != NULL; count++) {
        char *comma = strchr(at, ',');
        if (comma != NULL) *comma = '\0';
        if (count < MOST_CELLS) cell[count] = at;
        at = comma != NULL ? comma + 1 : NULL;
    }
    return count;
}

static icl_status read_names(struct reading *r, char *line, int noise)
{
    char *cell[MOST_CELLS], wanted[32];
    snprintf(wanted, sizeof wanted, "noisy_labels_%d", noise);
    r->columns = cut(line, cell);
    if (r->columns > MOST_CELLS) return fail(r, 1, "too many columns", "");
    r->path_at = r->label_at = MOST_CELLS;
    for (size_t c = 0; c < r->columns; c++) {
        if (strcmp(cell[c], "path") == 0) r->path_at = c;
        if (strcmp(cell[c], wanted) == 0) r->label_at = c;
    }
    if (r->path_at == MOST_CELLS) return fail(r, 1, "no column ", "path");
    if (r->label_at == MOST_CELLS) return fail(r, 1, "no column ", wanted);
    return ICL_OK;
}

static icl_status read_row(struct reading *r, char *text, size_t line)
{
    char *cell[MOST_CELLS];
    if (cut(text, cell) != r->columns) return fail(r, line, "not as many cells as names", "");
    if (*cell[r->path_at] == '\0' || *cell[r->label_at] == '\0') return fail(r, line, "an empty cell", "");
    struct icl_noisy_labels *labels = &r->labels;
    if (labels->count == r->rows_room) {
        const size_t room = 2 * r->rows_room + 64;
        struct icl_noisy_label *more = realloc(labels->row, room * sizeof *more);
        if (more == NULL) return icl_fail_memory(r->err, "labels");
        labels->row = more;
        r->rows_room = room;
    }
    labels->row[labels->count++] = (struct icl_noisy_label){cell[r->path_at], cell[r->label_at]};
    return ICL_OK;
}

static int compare_rows(const void *a, const void *b)
{
    return strcmp(((const struct icl_noisy_label *)a)->path, ((const struct icl_noisy_label *)b)->path);
}

static icl_status read_lines(struct reading *r, size_t length, int noise)
{
    struct icl_noisy_labels *labels = &r->labels;
    size_t line = 0;
    for (char *at = labels->text, *end = at + length; at < end;) {
        char *next = memchr(at, '\n', (size_t)(end - at));
        char *stop = next != NULL ? next : end;
        line++;
        if (memchr(at, '\0', (size_t)(stop - at)) != NULL) return fail(r, line, "a zero byte", "");
        *stop = '\0'; /* the text ends with a zero of its own */
        if (stop > at && stop[-1] == '\r') stop[-1] = '\0';
        if (line == 1)
            ICL_TRY(read_names(r, at, noise));
        else if (*at != '\0')
            ICL_TRY(read_row(r, at, line));
        at = stop + 1;
    }
    if (labels->count == 0) return fail(r, line, "there are no rows", "");
    qsort(labels->row, labels->count, sizeof *labels->row, compare_rows);
    for (size_t i = 1; i < labels->count; i++)
        if (strcmp(labels->row[i - 1].path, labels->row[i].path) == 0)
            return icl_fail(r->err, ICL_ERR_INPUT, "%s: two lines for %.200s", r->name, labels->row[i].path);
    return ICL_OK;
}

icl_status icl_noisy_labels_read(const char *path, int noise, struct icl_noisy_labels *out, struct icl_error *err)
{
    struct icl_input input;
    struct reading reading = {.err = err};
    unsigned char *bytes = NULL;
    size_t length = 0;
    ICL_TRY(icl_input_open(&input, path, err));
    memcpy(reading.name, input.name, sizeof reading.name);
    icl_status status = icl_input_read_all(&input, MOST_BYTES, &bytes, &length, err);
    icl_input_close(&input);
    ICL_TRY(status);
    reading.labels.text = (char *)bytes;
    status = read_lines(&reading, length, noise);
    if (status == ICL_OK)
        *out = reading.labels;
    else
        icl_noisy_labels_free(&reading.labels);
    return status;
}

void icl_noisy_labels_free(struct icl_noisy_labels *labels)
{
    free(labels->row);
    free(labels->text);
    *labels = (struct icl_noisy_labels){0};
}

const char *icl_noisy_label(const struct icl_noisy_labels *labels, const char *path)
{
    const struct icl_noisy_label key = {path, NULL};
    const struct icl_noisy_label *found = bsearch(&key, labels->row, labels->count, sizeof key, compare_rows);
    return found != NULL ? found->label : NULL;
}
