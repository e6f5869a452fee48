/* Files of a run that grow while it runs: appended row by row, cut back to what a checkpoint knows on resume. */
#ifndef ICLAB_TRAINER_LIVE_FILE_INTERNAL_H
#define ICLAB_TRAINER_LIVE_FILE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/* An open file. `length`: bytes that were appended behind its head, all of them on their way to the disk. */
struct icl_live_file {
    int fd;
    char *path;
    uint64_t head; /* bytes of the `#` lines, or of the .npy header */
    uint64_t length;
};

/* Makes the file anew with `head` at its front. Owned: icl_live_close, safe on {.fd = -1}. */
icl_status icl_live_create(struct icl_live_file *file, const char *path, const void *head, size_t size,
                           struct icl_error *err);
/* Opens it again and cuts it to `length` bytes behind its head, `size` bytes or, where size is 0, its `#` lines.
 * `front` (under 256 bytes): how the file begins or, where size is 0, how it goes on behind the `#` lines. Missing,
 * shorter, another front, cut within a line: ICL_ERR_INPUT. `check` true: only looks, nothing is cut and nothing stays
 * open. */
icl_status icl_live_reopen(struct icl_live_file *file, const char *path, size_t size, uint64_t length,
                           const char *front, bool check, struct icl_error *err);
/* Appends. One write a call, so that a row is there whole or not at all but on a full disk. */
icl_status icl_live_append(struct icl_live_file *file, const void *bytes, size_t size, struct icl_error *err);
/* Writes the head anew (the same length). */
icl_status icl_live_rehead(struct icl_live_file *file, const void *head, struct icl_error *err);
/* Everything to the disk. */
icl_status icl_live_sync(struct icl_live_file *file, struct icl_error *err);
void icl_live_close(struct icl_live_file *file);

#endif
