/* Rows of live tables, made in memory and appended at once. */
#ifndef ICLAB_TRAINER_ROW_INTERNAL_H
#define ICLAB_TRAINER_ROW_INTERNAL_H

#include <stdio.h>

#include "trainer/live_file_internal.h"

/* Text under way; icl_row_append or icl_row_head frees it. */
struct icl_row {
    FILE *stream; /* more can be printed to it */
    char *text;
    size_t size;
    bool begun; /* the row has a cell */
};

icl_status icl_row_begin(struct icl_row *row, struct icl_error *err);
void icl_row_text(struct icl_row *row, const char *text);
void icl_row_count(struct icl_row *row, uint64_t value);
void icl_row_number(struct icl_row *row, double value);
/* Ends a row where another follows in the same text. */
void icl_row_end(struct icl_row *row);
/* Ends the last row and appends the text. */
icl_status icl_row_append(struct icl_row *row, struct icl_live_file *file, struct icl_error *err);
/* Frees the text and writes nothing. */
void icl_row_drop(struct icl_row *row);
/* The text becomes the head of a new file. */
icl_status icl_row_head(struct icl_row *row, struct icl_live_file *file, const char *path, struct icl_error *err);

#endif
