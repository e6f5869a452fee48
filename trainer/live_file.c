#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/input.h"
#include "trainer/live_file_internal.h"

enum { FRONT = 256 };

static icl_status fail(const char *path, icl_status status, const char *what, struct icl_error *err)
{
    char name[ICL_INPUT_NAME_SIZE];
    return icl_fail(err, status, "%s: %s: %m", icl_shown_path(path, "-", name), what);
}

static icl_status write_at(const struct icl_live_file *file, const void *bytes, size_t size, uint64_t place,
                           struct icl_error *err)
{
    for (size_t done = 0; done < size;) {
        const ssize_t n = pwrite(file->fd, (const char *)bytes + done, size - done, (off_t)(place + done));
        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            return fail(file->path, ICL_ERR_IO, "writing failed", err);
    }
    return ICL_OK;
}

static icl_status open_at(struct icl_live_file *file, const char *path, int flags, struct icl_error *err)
{
    *file = (struct icl_live_file){.fd = -1};
    file->path = strdup(path);
    if (file->path == NULL) return icl_fail_memory(err, "a file name");
    /* A pipe in its place must not make it wait. */
    file->fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    struct stat info;
    icl_status status;
    const bool made = (flags & O_CREAT) != 0;
    if (file->fd >= 0 && (made || (fstat(file->fd, &info) == 0 && S_ISREG(info.st_mode)))) return ICL_OK;
    if (file->fd >= 0) {
        char name[ICL_INPUT_NAME_SIZE];
        status = icl_fail(err, ICL_ERR_INPUT, "%s: is no plain file", icl_shown_path(path, "-", name));
    } else {
        const bool missing = errno == ENOENT && !made;
        status = fail(path, missing ? ICL_ERR_INPUT : ICL_ERR_IO,
                      missing ? "the checkpoint wants it" : "cannot be written", err);
    }
    icl_live_close(file);
    return status;
}

icl_status icl_live_create(struct icl_live_file *file, const char *path, const void *head, size_t size,
                           struct icl_error *err)
{
    ICL_TRY(open_at(file, path, O_RDWR | O_CREAT | O_TRUNC, err));
    file->head = size;
    const icl_status status = write_at(file, head, size, 0, err);
    if (status != ICL_OK) icl_live_close(file);
    return status;
}

/* The bytes of the `#` lines at the front. */
static icl_status measure_head(struct icl_live_file *file, struct icl_error *err)
{
    char block[4096];
    bool line_begins = true, comment = false;
    for (uint64_t at = 0;;) {
        const ssize_t n = pread(file->fd, block, sizeof block, (off_t)at);
        if (n < 0) return fail(file->path, ICL_ERR_IO, "reading failed", err);
        if (n == 0) {
            file->head = at;
            return ICL_OK;
        }
        for (ssize_t i = 0; i < n; i++, at++) {
            if (line_begins) comment = block[i] == '#';
            if (!comment) {
                file->head = at;
                return ICL_OK;
            }
            line_begins = block[i] == '\n';
        }
    }
}

/* Is it still the file that was written? It begins with `front` (behind the `#` lines of a table), and what the
 * checkpoint knows of a table ends with a line. */
static icl_status check_content(const struct icl_live_file *file, bool table, const char *front, struct icl_error *err)
{
    char there[FRONT], last = '\n', name[ICL_INPUT_NAME_SIZE];
    const size_t size = strlen(front);
    const ssize_t n = pread(file->fd, there, size, table ? (off_t)file->head : 0);
    if (n < 0 || (table && file->length > 0 && pread(file->fd, &last, 1, (off_t)(file->head + file->length) - 1) < 0))
        return fail(file->path, ICL_ERR_IO, "reading failed", err);
    if ((size_t)n == size && memcmp(there, front, size) == 0 && last == '\n') return ICL_OK;
    return icl_fail(err, ICL_ERR_INPUT, "%s: is not what was written when the checkpoint was",
                    icl_shown_path(file->path, "-", name));
}

icl_status icl_live_reopen(struct icl_live_file *file, const char *path, size_t size, uint64_t length,
                           const char *front, bool check, struct icl_error *err)
{
    ICL_TRY(open_at(file, path, check ? O_RDONLY : O_RDWR, err));
    file->head = size;
    file->length = length;
    icl_status status = size == 0 ? measure_head(file, err) : ICL_OK;
    struct stat info;
    if (status == ICL_OK && fstat(file->fd, &info) != 0) status = fail(path, ICL_ERR_IO, "cannot be examined", err);
    if (status == ICL_OK && (uint64_t)info.st_size < file->head + length) {
        char name[ICL_INPUT_NAME_SIZE];
        status = icl_fail(err, ICL_ERR_INPUT, "%s: is shorter than when the checkpoint was written",
                          icl_shown_path(path, "-", name));
    }
    if (status == ICL_OK) status = check_content(file, size == 0, front, err);
    if (status == ICL_OK && !check && ftruncate(file->fd, (off_t)(file->head + length)) != 0)
        status = fail(path, ICL_ERR_IO, "cannot be cut", err);
    if (status != ICL_OK || check) icl_live_close(file);
    return status;
}

icl_status icl_live_append(struct icl_live_file *file, const void *bytes, size_t size, struct icl_error *err)
{
    ICL_TRY(write_at(file, bytes, size, file->head + file->length, err));
    file->length += size;
    return ICL_OK;
}

icl_status icl_live_rehead(struct icl_live_file *file, const void *head, struct icl_error *err)
{
    return write_at(file, head, (size_t)file->head, 0, err);
}

icl_status icl_live_sync(struct icl_live_file *file, struct icl_error *err)
{
    if (fdatasync(file->fd) == 0) return ICL_OK;
    return fail(file->path, ICL_ERR_IO, "writing failed", err);
}

void icl_live_close(struct icl_live_file *file)
{
    if (file->fd >= 0) close(file->fd);
    free(file->path);
    *file = (struct icl_live_file){.fd = -1};
}
