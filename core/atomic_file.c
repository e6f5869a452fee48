#include "core/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/input.h"

/* A name that is taken is bad luck once; several times in a row it is a fault. */
enum { NAME_ATTEMPTS = 16 };

static const char *shown(const char *path, char buffer[ICL_INPUT_NAME_SIZE])
{
    return icl_shown_path(path, "standard output", buffer);
}

/* A new hidden file in the folder of file->path, with the permissions any new file gets. -1 and errno on failure. */
static int create_temporary(struct icl_atomic_file *file)
{
    const char *slash = strrchr(file->path, '/');
    const int folder = slash == NULL ? 0 : (int)(slash + 1 - file->path);
    for (int attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
        uint64_t random;
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) return -1;
        if (asprintf(&file->temporary, "%.*s.iclab-%016llx.tmp", folder, file->path, (unsigned long long)random) < 0) {
            file->temporary = NULL;
            errno = ENOMEM;
            return -1;
        }
        const int fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0) return fd;
        free(file->temporary);
        file->temporary = NULL;
        if (errno != EEXIST) return -1;
    }
    return -1;
}

/* Finds what `path` stands for: a place for a new file, or a device or pipe that must be written to as it is. */
static icl_status resolve(struct icl_atomic_file *file, const char *path, bool *in_place, struct icl_error *err)
{
    char name[ICL_INPUT_NAME_SIZE];
    struct stat info;
    const bool exists = stat(path, &info) == 0;
    if (path[0] == '\0') return icl_fail(err, ICL_ERR_INPUT, "the name of an output file is empty");
    if (exists && S_ISDIR(info.st_mode))
        return icl_fail(err, ICL_ERR_INPUT, "%s: is a directory, not a file", shown(path, name));
    *in_place = exists && !S_ISREG(info.st_mode);
    /* Through a symbolic link the file it points to is replaced, not the link. */
    file->path = exists && !*in_place ? realpath(path, NULL) : strdup(path);
    if (file->path == NULL) return icl_fail(err, ICL_ERR_IO, "%s: cannot be written: %m", shown(path, name));
    return ICL_OK;
}

icl_status icl_atomic_open(struct icl_atomic_file *file, const char *path, struct icl_error *err)
{
    *file = (struct icl_atomic_file){0};
    if (strcmp(path, "-") == 0) {
        file->stream = stdout;
        return ICL_OK;
    }
    bool in_place = false;
    ICL_TRY(resolve(file, path, &in_place, err));
    const int fd = in_place ? open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) : create_temporary(file);
    if (fd >= 0) file->stream = fdopen(fd, "w");
    if (file->stream == NULL) {
        const int reason = errno;
        if (fd >= 0) close(fd);
        icl_atomic_abort(file);
        errno = reason;
        char name[ICL_INPUT_NAME_SIZE];
        return icl_fail(err, ICL_ERR_IO, "%s: cannot be written: %m", shown(path, name));
    }
    return ICL_OK;
}

/* The stream keeps no reason of a write that failed before: another one, on a file that goes anyway, has the same. */
static void find_reason(int fd)
{
    static const char zeros[1 << 16];
    errno = 0;
    for (int attempt = 0; attempt < 4 && write(fd, zeros, sizeof zeros) >= 0; attempt++)
        errno = 0;
}

/* Flushes to the disk and closes. False and errno (0 if it is lost) if this or any earlier write failed. */
static bool finish_stream(struct icl_atomic_file *file)
{
    errno = 0;
    bool good = fflush(file->stream) == 0 && !ferror(file->stream);
    if (file->path == NULL) {
        file->stream = NULL;
        return good;
    }
    /* The data before the name: after a crash the old file is there, or the whole new one. */
    if (good && file->temporary != NULL) good = fsync(fileno(file->stream)) == 0;
    if (!good && errno == 0 && file->temporary != NULL) find_reason(fileno(file->stream));
    const int reason = errno;
    const bool closed = fclose(file->stream) == 0;
    file->stream = NULL;
    if (!good) errno = reason;
    return good && closed;
}

icl_status icl_atomic_commit(struct icl_atomic_file *file, struct icl_error *err)
{
    bool good = finish_stream(file);
    if (good && file->temporary != NULL) {
        good = rename(file->temporary, file->path) == 0;
        if (good) {
            free(file->temporary);
            file->temporary = NULL;
        }
    }
    icl_status status = ICL_OK;
    if (!good) {
        char name[ICL_INPUT_NAME_SIZE];
        shown(file->path == NULL ? "-" : file->path, name);
        status = errno == 0 ? icl_fail(err, ICL_ERR_IO, "%s: writing failed", name)
                            : icl_fail(err, ICL_ERR_IO, "%s: writing failed: %m", name);
    }
    icl_atomic_abort(file);
    return status;
}

void icl_atomic_abort(struct icl_atomic_file *file)
{
    if (file->stream != NULL && file->stream != stdout) fclose(file->stream);
    if (file->temporary != NULL) unlink(file->temporary);
    free(file->temporary);
    free(file->path);
    *file = (struct icl_atomic_file){0};
}

icl_status icl_make_folders(const char *path, struct icl_error *err)
{
    char name[ICL_INPUT_NAME_SIZE];
    char *partial = strdup(path);
    if (partial == NULL) return icl_fail_memory(err, shown(path, name));
    icl_status status = ICL_OK;
    if (*path == '\0') status = icl_fail(err, ICL_ERR_INPUT, "the name of a folder is empty");
    for (char *at = partial; status == ICL_OK && *at != '\0';) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        const char after = *at;
        *at = '\0';
        struct stat info;
        if (mkdir(partial, 0777) == 0 || (errno == EEXIST && stat(partial, &info) == 0 && S_ISDIR(info.st_mode)))
            status = ICL_OK;
        else if (errno == EEXIST || errno == ENOTDIR)
            status = icl_fail(err, ICL_ERR_INPUT, "%s: exists and is not a folder", shown(partial, name));
        else
            status = icl_fail(err, ICL_ERR_IO, "%s: the folder cannot be made: %m", shown(partial, name));
        *at = after;
    }
    free(partial);
    return status;
}
