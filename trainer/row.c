#include "trainer/row_internal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/number.h"

icl_status icl_row_begin(struct icl_row *row, struct icl_error *err)
{
    *row = (struct icl_row){0};
    row->stream = open_memstream(&row->text, &row->size);
    return row->stream == NULL ? icl_fail_memory(err, "a row") : ICL_OK;
}

void icl_row_text(struct icl_row *row, const char *text)
{
    fprintf(row->stream, "%s%s", row->begun ? "\t" : "", text);
    row->begun = true;
}

void icl_row_count(struct icl_row *row, uint64_t value)
{
    char text[ICL_NUMBER_SIZE];
    snprintf(text, sizeof text, "%" PRIu64, value);
    icl_row_text(row, text);
}

void icl_row_number(struct icl_row *row, double value)
{
    char text[ICL_NUMBER_SIZE];
    icl_row_text(row, icl_format_number(value, text));
}

void icl_row_end(struct icl_row *row)
{
    if (row->begun) putc('\n', row->stream);
    row->begun = false;
}

/* Closes the text; false where memory ran short. */
static icl_status finish(struct icl_row *row, struct icl_error *err)
{
    icl_row_end(row);
    if (fclose(row->stream) == 0) return ICL_OK;
    free(row->text);
    return icl_fail_memory(err, "a row");
}

icl_status icl_row_append(struct icl_row *row, struct icl_live_file *file, struct icl_error *err)
{
    ICL_TRY(finish(row, err));
    const icl_status status = icl_live_append(file, row->text, row->size, err);
    free(row->text);
    return status;
}

icl_status icl_row_head(struct icl_row *row, struct icl_live_file *file, const char *path, struct icl_error *err)
{
    ICL_TRY(finish(row, err));
    const icl_status status = icl_live_create(file, path, row->text, row->size, err);
    free(row->text);
    return status;
}

void icl_row_drop(struct icl_row *row)
{
    fclose(row->stream);
    free(row->text);
}
