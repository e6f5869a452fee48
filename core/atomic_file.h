/* Files that appear whole or not at all: written beside their place, then renamed into it. */
#ifndef ICLAB_CORE_ATOMIC_FILE_H
#define ICLAB_CORE_ATOMIC_FILE_H

#include <stdio.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A file being written. `stream` is open for writing until commit or abort. */
struct icl_atomic_file {
    FILE *stream;
    char *path;      /* the final name; NULL for standard output */
    char *temporary; /* the name in the same folder until the commit; NULL when written in place */
};

/* Opens a temporary file beside `path`. What cannot be renamed into is written in place: standard output ("-"),
 * devices, pipes. Through a symbolic link the file it points to is replaced. A directory is ICL_ERR_INPUT, otherwise a
 * place that cannot be written to is ICL_ERR_IO. */
icl_status icl_atomic_open(struct icl_atomic_file *file, const char *path, struct icl_error *err);

/* Flushes, checks every earlier write, renames into place. On failure the temporary is removed. */
icl_status icl_atomic_commit(struct icl_atomic_file *file, struct icl_error *err);

/* Drops what was written. Safe after a failed open, after a commit, and on a zeroed struct. */
void icl_atomic_abort(struct icl_atomic_file *file);

/* Makes the folder `path` and its parents. Exists already as a folder: ICL_OK; as something else: ICL_ERR_INPUT. */
icl_status icl_make_folders(const char *path, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
