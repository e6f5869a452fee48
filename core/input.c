#include "core/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *icl_shown_path(const char *path, const char *dash, char buffer[ICL_INPUT_NAME_SIZE])
{
    if (strcmp(path, "-") == 0) path = dash;
    const size_t length = strlen(path);
    const size_t room = ICL_INPUT_NAME_SIZE - 1;
    if (length <= room)
        memcpy(buffer, path, length + 1);
    else
        snprintf(buffer, ICL_INPUT_NAME_SIZE, "...%s", path + (length - (room - 3)));
    return buffer;
}

/* A pipe or a device could make a reader wait. */
static icl_status check_plain(int fd, const char *name, struct icl_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) return icl_fail(err, ICL_ERR_INPUT, "%s: cannot be examined: %m", name);
    return S_ISREG(info.st_mode) ? ICL_OK : icl_fail(err, ICL_ERR_INPUT, "%s: is no plain file", name);
}

icl_status icl_open_plain(const char *path, FILE **stream, struct icl_error *err)
{
    char name[ICL_INPUT_NAME_SIZE];
    icl_shown_path(path, "-", name);
    *stream = NULL;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return ICL_OK;
    if (fd < 0) return icl_fail(err, ICL_ERR_INPUT, "%s: cannot be opened: %m", name);
    icl_status status = check_plain(fd, name, err);
    if (status == ICL_OK && (*stream = fdopen(fd, "rb")) == NULL) status = icl_fail_memory(err, name);
    if (status != ICL_OK) close(fd);
    return status;
}

static icl_status examine(struct icl_input *input, struct icl_error *err)
{
    struct stat info;
    if (fstat(input->fd, &info) != 0) return icl_fail(err, ICL_ERR_INPUT, "%s: cannot be examined: %m", input->name);
    if (S_ISDIR(info.st_mode)) return icl_fail(err, ICL_ERR_INPUT, "%s: is a directory, not a file", input->name);
    /* Standard input may have been read in part already; files of /proc claim 0 bytes. */
    const off_t at = lseek(input->fd, 0, SEEK_CUR);
    if (S_ISREG(info.st_mode) && info.st_size > 0 && at >= 0 && at <= info.st_size) {
        input->size_known = true;
        input->size = (uint64_t)(info.st_size - at);
    }
    return ICL_OK;
}

static icl_status open_input(struct icl_input *input, const char *path, int flags, struct icl_error *err)
{
    memset(input, 0, sizeof *input);
    icl_shown_path(path, "standard input", input->name);
    input->owned = strcmp(path, "-") != 0;
    input->fd = input->owned ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags) : STDIN_FILENO;
    if (input->fd < 0) return icl_fail(err, ICL_ERR_INPUT, "%s: cannot be opened: %m", input->name);
    const icl_status status = examine(input, err);
    if (status != ICL_OK) icl_input_close(input);
    return status;
}

icl_status icl_input_open(struct icl_input *input, const char *path, struct icl_error *err)
{
    return open_input(input, path, 0, err);
}

icl_status icl_input_open_plain(struct icl_input *input, const char *path, struct icl_error *err)
{
    ICL_TRY(open_input(input, path, O_NONBLOCK, err)); /* a pipe would make the opening wait */
    const icl_status status = check_plain(input->fd, input->name, err);
    if (status != ICL_OK) icl_input_close(input);
    return status;
}

void icl_input_close(struct icl_input *input)
{
    if (input->owned && input->fd >= 0) close(input->fd);
    input->fd = -1;
}

static icl_status read_fully(struct icl_input *input, void *buffer, size_t size, size_t *got, struct icl_error *err)
{
    size_t done = 0;
    while (done < size) {
        const ssize_t n = read(input->fd, (char *)buffer + done, size - done);
        if (n == 0) break;
        if (n > 0)
            done += (size_t)n;
        else if (errno != EINTR)
            return icl_fail(err, ICL_ERR_IO, "%s: byte %llu: reading failed: %m", input->name,
                            (unsigned long long)(input->offset + done));
    }
    *got = done;
    return ICL_OK;
}

icl_status icl_input_read(struct icl_input *input, void *buffer, size_t size, size_t *got, struct icl_error *err)
{
    const size_t waiting = input->head_end - input->head_at;
    const size_t first = size < waiting ? size : waiting;
    memcpy(buffer, input->head + input->head_at, first);
    input->head_at += first;
    input->offset += first;
    size_t rest = 0;
    ICL_TRY(read_fully(input, (char *)buffer + first, size - first, &rest, err));
    input->offset += rest;
    *got = first + rest;
    return ICL_OK;
}

icl_status icl_input_peek(struct icl_input *input, const unsigned char **head, size_t *length, struct icl_error *err)
{
    if (input->head_end == 0) ICL_TRY(read_fully(input, input->head, sizeof input->head, &input->head_end, err));
    *head = input->head + input->head_at;
    *length = input->head_end - input->head_at;
    return ICL_OK;
}

icl_status icl_input_read_all(struct icl_input *input, size_t limit, unsigned char **bytes, size_t *length,
                              struct icl_error *err)
{
    /* One byte more than is expected shows the end of a file in one go. */
    const size_t first_guess = (size_t)1 << 16;
    size_t capacity = input->size_known && input->size < SIZE_MAX / 2 ? (size_t)input->size + 1 : first_guess;
    if (capacity > limit) capacity = limit;
    unsigned char *buffer = NULL;
    size_t used = 0;
    for (;;) {
        unsigned char *larger = realloc(buffer, capacity + 1);
        if (larger == NULL) {
            free(buffer);
            return icl_fail_memory(err, input->name);
        }
        buffer = larger;
        size_t got = 0;
        const icl_status status = icl_input_read(input, buffer + used, capacity - used, &got, err);
        if (status != ICL_OK) {
            free(buffer);
            return status;
        }
        used += got;
        if (used < capacity || capacity == limit) break;
        capacity = capacity < limit / 2 ? capacity * 2 : limit;
    }
    buffer[used] = '\0';
    *bytes = buffer;
    *length = used;
    return ICL_OK;
}
