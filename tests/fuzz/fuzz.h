/* What the fuzz targets share. A target is tests/fuzz/fuzz_NAME.c with the one function below; its first inputs are the
 * files of tests/fuzz/corpus/NAME. `make fuzz` links it with libFuzzer, `make test` with replay.c, which runs the
 * files. To add one: the file and the folder; nothing else. */
#ifndef ICLAB_TESTS_FUZZ_H
#define ICLAB_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Ends the program where a parser broke its promise. */
#define FUZZ_CHECK(condition)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* A refusal is of the input or for want of memory, and one line. */
static inline void fuzz_check_status(icl_status status, const struct icl_error *err)
{
    if (status == ICL_OK) return;
    FUZZ_CHECK(status == ICL_ERR_INPUT || status == ICL_ERR_MEMORY || status == ICL_ERR_USAGE);
    FUZZ_CHECK(err->status == status);
    const size_t length = strnlen(err->message, sizeof err->message);
    FUZZ_CHECK(length > 0 && length < sizeof err->message && strpbrk(err->message, "\r\n") == NULL);
}

/* The bytes as a file in memory: its path, good until the next call. */
static inline const char *fuzz_file(const uint8_t *bytes, size_t size)
{
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("fuzz", 0);
        FUZZ_CHECK(fd >= 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    FUZZ_CHECK(ftruncate(fd, 0) == 0);
    FUZZ_CHECK(pwrite(fd, bytes, size, 0) == (ssize_t)size);
    return path;
}

/* The bytes as a text: a zero is added. Owned by the caller. */
static inline char *fuzz_text(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    FUZZ_CHECK(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

/* Touches every byte of a result, for the sanitizers. */
static inline void fuzz_touch(const void *memory, size_t size)
{
    const volatile uint8_t *byte = memory;
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += byte[i];
    (void)sum;
}

#endif
