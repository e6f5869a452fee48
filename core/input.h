/* An input being read: a file or standard input, seekable or not. Internal to core/. */
#ifndef ICLAB_CORE_INPUT_H
#define ICLAB_CORE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/array.h"

/* Long paths are shown by their end, so that place and reason still fit into the message. */
enum { ICL_INPUT_NAME_SIZE = 200, ICL_INPUT_PEEK_SIZE = 8 };

struct icl_input {
    int fd;
    bool owned;                     /* fd is closed with the input */
    char name[ICL_INPUT_NAME_SIZE]; /* for messages */
    uint64_t offset;                /* bytes handed out so far */
    bool size_known;                /* false for pipes and devices */
    uint64_t size;                  /* bytes in all, if known */
    unsigned char head[ICL_INPUT_PEEK_SIZE];
    size_t head_at, head_end; /* head[head_at .. head_end-1] were peeked at and not yet handed out */
};

/* How `path` appears in messages: "-" as "standard input" (or `dash`), a long path as "..." and its end. */
const char *icl_shown_path(const char *path, const char *dash, char buffer[ICL_INPUT_NAME_SIZE]);

/* Opens a plain file for reading; *stream NULL where there is none. Whatever else the name stands for (a folder, a pipe
 * that would make it wait) or a file that cannot be read: ICL_ERR_INPUT. Owned: fclose. */
icl_status icl_open_plain(const char *path, FILE **stream, struct icl_error *err);

/* Opens `path` ("-": standard input). Missing, unreadable or a directory: ICL_ERR_INPUT. */
icl_status icl_input_open(struct icl_input *input, const char *path, struct icl_error *err);

/* The same for what has to be a plain file: a pipe or a device, which could make the reader wait, is ICL_ERR_INPUT. */
icl_status icl_input_open_plain(struct icl_input *input, const char *path, struct icl_error *err);
void icl_input_close(struct icl_input *input);

/* Reads `size` bytes; *got is smaller only at the end of the input. A failing read is ICL_ERR_IO. */
icl_status icl_input_read(struct icl_input *input, void *buffer, size_t size, size_t *got, struct icl_error *err);

/* Shows the first bytes (at most ICL_INPUT_PEEK_SIZE, fewer only if the input is shorter) without consuming them.
 * Only before the first read. */
icl_status icl_input_peek(struct icl_input *input, const unsigned char **head, size_t *length, struct icl_error *err);

/* Reads at most `limit` bytes into new memory (owned by the caller, free()), followed by one zero byte. Memory grows
 * with what is really there, so a lying header costs nothing. */
icl_status icl_input_read_all(struct icl_input *input, size_t limit, unsigned char **bytes, size_t *length,
                              struct icl_error *err);

/* Is a file of this name and beginning a .npy file (perhaps a broken one), and not a table of text? */
bool icl_npy_looks_like(const char *path, const unsigned char *head, size_t length);

/* The readers of core/npy.h and core/table.h on an open input. */
icl_status icl_npy_read_input(struct icl_input *input, struct icl_array *out, struct icl_error *err);
icl_status icl_table_read_input(struct icl_input *input, struct icl_columns *out, struct icl_error *err);

#endif
