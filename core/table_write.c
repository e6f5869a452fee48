#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/input.h"
#include "core/table.h"

icl_status icl_table_open(struct icl_table *table, const char *path, const char *header, const char *names,
                          struct icl_error *err)
{
    *table = (struct icl_table){0};
    ICL_TRY(icl_atomic_open(&table->file, path, err));
    FILE *stream = table->file.stream;
    while (header != NULL && *header != '\0') {
        const size_t length = strcspn(header, "\n");
        fprintf(stream, "# %.*s\n", (int)length, header);
        header += length + (header[length] == '\n');
    }
    fprintf(stream, "%s\n", names);
    table->columns = 1;
    for (const char *c = names; *c != '\0'; c++)
        table->columns += *c == '\t';
    return ICL_OK;
}

/* Errors of the stream are found by the close. */
static void end_cell(struct icl_table *table)
{
    table->cell = (table->cell + 1) % table->columns;
    putc(table->cell == 0 ? '\n' : '\t', table->file.stream);
}

void icl_table_text(struct icl_table *table, const char *text)
{
    for (; *text != '\0'; text++)
        putc(strchr("\t\n\r", *text) != NULL ? ' ' : *text, table->file.stream);
    end_cell(table);
}

void icl_table_number(struct icl_table *table, double value)
{
    char buffer[ICL_NUMBER_SIZE];
    fputs(icl_format_number(value, buffer), table->file.stream);
    end_cell(table);
}

void icl_table_count(struct icl_table *table, uint64_t value)
{
    fprintf(table->file.stream, "%" PRIu64, value);
    end_cell(table);
}

icl_status icl_table_close(struct icl_table *table, struct icl_error *err)
{
    if (table->cell != 0) {
        char name[ICL_INPUT_NAME_SIZE];
        icl_shown_path(table->file.path != NULL ? table->file.path : "-", "standard output", name);
        const icl_status status =
            icl_fail(err, ICL_ERR_NUMERIC, "%s: the last row has %zu of %zu cells", name, table->cell, table->columns);
        icl_table_abort(table);
        return status;
    }
    return icl_atomic_commit(&table->file, err);
}

void icl_table_abort(struct icl_table *table)
{
    icl_atomic_abort(&table->file);
    table->cell = 0;
}
