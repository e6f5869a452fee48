/* What the tests of core/ share: a private folder, files of given bytes, a fed standard input, checks of failures. */
#ifndef ICLAB_TESTS_CORE_SUPPORT_H
#define ICLAB_TESTS_CORE_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/status.h"

enum { NOBODY = 65534 };

/* The private folder of this program. */
static char folder[PATH_MAX / 4];

static inline int make_folder(void **state)
{
    (void)state;
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/iclab-test-XXXXXX", parent != NULL ? parent : "/tmp");
    return mkdtemp(folder) == NULL;
}

static inline int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The path of `name` in the folder, in one of a few buffers that take turns. */
static inline const char *in_folder(const char *name)
{
    static char paths[4][PATH_MAX];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return path;
}

static inline size_t count_entries(const char *path)
{
    DIR *dir = opendir(path);
    assert_non_null(dir);
    size_t n = 0;
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n - 2; /* . and .. */
}

static inline void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

/* A whole file; free() it. A zero byte is added. */
static inline char *read_bytes(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    const long end = ftell(f);
    assert_true(end >= 0);
    rewind(f);
    char *bytes = malloc((size_t)end + 1);
    assert_non_null(bytes);
    *size = fread(bytes, 1, (size_t)end, f);
    assert_int_equal(*size, end);
    bytes[*size] = '\0';
    fclose(f);
    return bytes;
}

/* Bytes that arrive on standard input through a pipe. */
struct feed {
    const void *bytes;
    size_t size;
    int pipe_in, saved;
    pthread_t thread;
};

static inline void *feed_run(void *argument)
{
    struct feed *feed = argument;
    size_t done = 0;
    while (done < feed->size) {
        const ssize_t n = write(feed->pipe_in, (const char *)feed->bytes + done, feed->size - done);
        if (n <= 0) break;
        done += (size_t)n;
    }
    close(feed->pipe_in);
    return NULL;
}

static inline void feed_begin(struct feed *feed, const void *bytes, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    *feed = (struct feed){.bytes = bytes, .size = size, .pipe_in = ends[1], .saved = dup(STDIN_FILENO)};
    assert_true(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    close(ends[0]);
    assert_int_equal(pthread_create(&feed->thread, NULL, feed_run, feed), 0);
}

static inline void feed_end(struct feed *feed)
{
    /* Closing the reading end first would kill a writer that is still busy; drain it. */
    char rest[4096];
    while (read(STDIN_FILENO, rest, sizeof rest) > 0)
        continue;
    pthread_join(feed->thread, NULL);
    if (feed->saved >= 0) {
        dup2(feed->saved, STDIN_FILENO);
        close(feed->saved);
    } else {
        close(STDIN_FILENO);
    }
}

/* A failure as it should be: this status, and one line that holds every one of the words (ended by NULL). */
static inline void check_failure(const char *file, int line, icl_status status, icl_status wanted,
                                 const struct icl_error *err, ...)
{
    if (status != wanted || err->status != wanted) {
        print_error("status %d (in the record %d) instead of %d: %s\n", (int)status, (int)err->status, (int)wanted,
                    err->message);
        _fail(file, line);
    }
    const size_t length = strlen(err->message);
    bool good = length > 0 && length < sizeof err->message - 1 && strpbrk(err->message, "\n\r") == NULL;
    va_list words;
    va_start(words, err);
    for (const char *word; (word = va_arg(words, const char *)) != NULL;)
        if (strstr(err->message, word) == NULL) {
            print_error("'%s' is missing\n", word);
            good = false;
        }
    va_end(words);
    if (!good) {
        print_error("the message was: %s\n", err->message);
        _fail(file, line);
    }
}

#define assert_failure(status, wanted, err, ...)                                                                       \
    check_failure(__FILE__, __LINE__, (status), (wanted), (err), __VA_ARGS__, (const char *)NULL)

/* Success, or the message. */
#define assert_ok(expression)                                                                                          \
    do {                                                                                                               \
        const icl_status assert_status_ = (expression);                                                                \
        if (assert_status_ != ICL_OK) fail_msg("%s: %s", #expression, err.message);                                    \
    } while (0)

/* The same value: NaN first, then the sign of zero, then equality. */
static inline bool same(double a, double b)
{
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    return a == b && signbit(a) == signbit(b);
}

#define assert_same(a, b)                                                                                              \
    do {                                                                                                               \
        const double assert_a_ = (a);                                                                                  \
        const double assert_b_ = (b);                                                                                  \
        if (!same(assert_a_, assert_b_)) fail_msg("%s is %.17g, not %.17g", #a, assert_a_, assert_b_);                 \
    } while (0)

/* Random bits (splitmix64); the seed is printed by each test that uses them. */
static inline uint64_t random_bits(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

#endif
