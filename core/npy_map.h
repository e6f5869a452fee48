/* Columns of a .npy file that need not fit into memory: read by parts through windows onto the mapped file. */
#ifndef ICLAB_CORE_NPY_MAP_H
#define ICLAB_CORE_NPY_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/array.h"
#include "core/npy.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An open .npy file whose data stay on disk. Every dtype, byte order and version that icl_npy_read takes, C and Fortran
 * order, arranged as columns as by icl_columns_from_array. May be read by several threads at once. */
struct icl_npy_map {
    int fd;
    char name[200]; /* for messages */
    struct icl_npy_format format;
    int ndim;
    size_t shape[ICL_MAX_DIMS];
    uint64_t data, end; /* byte offsets in the file */
    struct icl_layout layout;
};

/* Can `path` be mapped: is it a regular file (not "-") that begins as a .npy file does, or is called one? False also
 * where it cannot be opened: the readers of whole files say why. */
bool icl_npy_can_map(const char *path);

/* Opens `path`, reads its header and checks the file's size against it, with the errors of icl_npy_read and
 * icl_columns_from_array. Owned by the caller: icl_npy_map_close, safe on what was never opened if fd is -1. */
icl_status icl_npy_map_open(const char *path, enum icl_unit unit, struct icl_npy_map *map, struct icl_error *err);
void icl_npy_map_close(struct icl_npy_map *map);

/* Columns first .. first+count-1 as doubles: column j is out[(j - first) * rows ..]. No more than ICL_NPY_WINDOW bytes
 * of the file are mapped at once (or one row, if that is longer), none after the return. In a file of C order a pass
 * over few columns still passes over all rows, so ask for many at a time.
 *
 * The size of the file is looked at again before each window: a file that has become shorter since it was opened is
 * ICL_ERR_IO. A file that is cut in the very moment in which its window is read ends the process by SIGBUS, as with
 * every mapped file. Do not write to a file while it is measured. */
enum { ICL_NPY_WINDOW = 1 << 24 };
icl_status icl_npy_map_read(const struct icl_npy_map *map, size_t first, size_t count, double *out,
                            struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
