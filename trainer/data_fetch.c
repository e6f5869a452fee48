#include "trainer/data_fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/atomic_file.h"
#include "core/input.h"
#include "trainer/data_check.h"

extern char **environ;

enum { WORDS = 160, CURL_NO_RANGES = 33, CURL_BAD_RESUME = 36 };

/* Keeps the last line of what a program says, without the end of line. */
static void keep_last_line(int fd, char words[WORDS])
{
    size_t used = 0;
    char piece[256];
    words[0] = '\0';
    for (ssize_t got; (got = read(fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR);) {
        for (ssize_t i = 0; i < got; i++) {
            if (piece[i] == '\n') used = 0;
            if (piece[i] != '\n' && used + 1 < WORDS) {
                words[used++] = piece[i];
                words[used] = '\0';
            }
        }
    }
}

/* Runs a program; *code is its exit status, -1: it did not run or was killed. What it says on standard error comes back
 * in `words`, or with `heard` goes where ours goes. */
static icl_status run(char *const arguments[], bool heard, int *code, char words[WORDS], struct icl_error *err)
{
    int ends[2], state = 0;
    pid_t child;
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) != 0) return icl_fail(err, ICL_ERR_IO, "%s cannot be started: %m", arguments[0]);
    if (posix_spawn_file_actions_init(&actions) != 0) {
        close(ends[0]);
        close(ends[1]);
        return icl_fail_memory(err, arguments[0]);
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (!heard) posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    const int failure = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    keep_last_line(ends[0], words);
    close(ends[0]);
    if (failure == ENOENT) return icl_fail(err, ICL_ERR_IO, "the program %s is not there: install it", arguments[0]);
    if (failure != 0) return icl_fail(err, ICL_ERR_IO, "%s cannot be started: %s", arguments[0], strerror(failure));
    pid_t ended;
    do
        ended = waitpid(child, &state, 0);
    while (ended < 0 && errno == EINTR);
    *code = ended == child && WIFEXITED(state) ? WEXITSTATUS(state) : -1;
    return ICL_OK;
}

static uint64_t size_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && info.st_size > 0 ? (uint64_t)info.st_size : 0;
}

/* Downloads on from where `part` ends. */
static icl_status download(const char *url, const char *part, bool bar, struct icl_error *err)
{
    char shown[ICL_INPUT_NAME_SIZE], words[WORDS];
    int code = 0;
    for (bool again = false;; again = true) {
        /* A line that is dead for a minute ends it. */
        const char *const arguments[] = {"curl",
                                         "--fail",
                                         "--location",
                                         bar ? "--progress-bar" : "--silent",
                                         "--show-error",
                                         "--speed-limit",
                                         "1",
                                         "--speed-time",
                                         "60",
                                         "--continue-at",
                                         "-",
                                         "--output",
                                         part,
                                         "--",
                                         url,
                                         NULL};
        ICL_TRY(run((char *const *)arguments, bar, &code, words, err));
        if (code == 0) return ICL_OK;
        /* A server that cannot go on in the middle gets a second chance from the start. */
        if ((code != CURL_NO_RANGES && code != CURL_BAD_RESUME) || again) break;
        (void)unlink(part);
    }
    return icl_fail(err, ICL_ERR_IO, "%s%s%s", words[0] != '\0' ? words : "curl failed",
                    size_of(part) > 0 ? "; the same command goes on with " : "",
                    size_of(part) > 0 ? icl_shown_path(part, NULL, shown) : "");
}

/* Size and checksum, where they are known. */
static icl_status verify(const struct icl_data_file *file, const char *path, struct icl_error *err)
{
    char md5[ICL_MD5_TEXT], shown[ICL_INPUT_NAME_SIZE];
    uint64_t bytes = 0;
    ICL_TRY(icl_md5_file(path, false, &bytes, md5, err));
    if (file->bytes != 0 && bytes != file->bytes)
        return icl_fail(err, ICL_ERR_INPUT, "%s: %llu bytes, but %s has %llu", icl_shown_path(path, NULL, shown),
                        (unsigned long long)bytes, file->name, (unsigned long long)file->bytes);
    if (file->md5 != NULL && strcmp(md5, file->md5) != 0)
        return icl_fail(err, ICL_ERR_INPUT, "%s: md5 %s, but %s has %s", icl_shown_path(path, NULL, shown), md5,
                        file->name, file->md5);
    return ICL_OK;
}

static icl_status join(char path[ICL_DATA_PATH], const char *front, const char *middle, const char *back,
                       struct icl_error *err)
{
    const int length = snprintf(path, ICL_DATA_PATH, "%s%s%s", front, middle, back);
    if (length > 0 && length < ICL_DATA_PATH) return ICL_OK;
    char shown[ICL_INPUT_NAME_SIZE];
    return icl_fail(err, ICL_ERR_INPUT, "%s: the name is too long", icl_shown_path(front, NULL, shown));
}

/* One file, verified and with its name; *there: it was so before. */
static icl_status fetch_file(const struct icl_data_file *file, const char *folder, const char *from, bool bar,
                             bool *there, struct icl_error *err)
{
    char path[ICL_DATA_PATH], part[ICL_DATA_PATH], url[ICL_DATA_PATH];
    const size_t length = strlen(from);
    ICL_TRY(join(path, folder, "/", file->name, err));
    ICL_TRY(join(part, path, ".part", "", err));
    ICL_TRY(join(url, from, length > 0 && from[length - 1] != '/' ? "/" : "", file->name, err));
    *there = access(path, F_OK) == 0;
    if (*there) return verify(file, path, err);
    const uint64_t held = size_of(part);
    if (file->bytes == 0 || held < file->bytes) ICL_TRY(download(url, part, bar, err));
    const icl_status status = verify(file, part, err);
    if (status == ICL_ERR_INPUT) {
        (void)unlink(part);
        const struct icl_error inner = *err;
        return icl_fail(err, status, "%.400s: removed", inner.message);
    }
    ICL_TRY(status);
    if (rename(part, path) == 0) return ICL_OK;
    char shown[ICL_INPUT_NAME_SIZE];
    return icl_fail(err, ICL_ERR_IO, "%s: cannot be renamed: %m", icl_shown_path(part, NULL, shown));
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

/* Unpacks the archive into `folder`, which is new and empty, without the archive's own top folder. */
static icl_status unpack(const char *archive, const char *folder, struct icl_error *err)
{
    char shown[ICL_INPUT_NAME_SIZE], words[WORDS];
    int code = 0;
    const char *const arguments[] = {"tar", "-xzf", archive, "-C", folder, "--strip-components=1", "--no-same-owner",
                                     NULL};
    ICL_TRY(run((char *const *)arguments, false, &code, words, err));
    if (code != 0)
        return icl_fail(err, ICL_ERR_INPUT, "%s: cannot be unpacked: %s", icl_shown_path(archive, NULL, shown), words);
    return icl_data_write_list(folder, err);
}

static icl_status fetch_archive(const struct icl_data_set *set, const char *root, const char *from, bool bar,
                                bool *there, struct icl_error *err)
{
    char folder[ICL_DATA_PATH], archive[ICL_DATA_PATH], hidden[ICL_DATA_PATH], shown[ICL_INPUT_NAME_SIZE];
    struct stat info;
    bool had_archive = false;
    ICL_TRY(join(folder, root, "/", set->name, err));
    ICL_TRY(join(archive, root, "/", set->file[0].name, err));
    ICL_TRY(join(hidden, root, "/.unpacking-", "XXXXXX", err));
    *there = stat(folder, &info) == 0;
    if (*there && S_ISDIR(info.st_mode)) return ICL_OK;
    if (*there) return icl_fail(err, ICL_ERR_INPUT, "%s: is no folder", icl_shown_path(folder, NULL, shown));
    ICL_TRY(fetch_file(&set->file[0], root, from, bar, &had_archive, err));
    if (mkdtemp(hidden) == NULL)
        return icl_fail(err, ICL_ERR_IO, "%s: cannot be made: %m", icl_shown_path(hidden, NULL, shown));
    icl_status status = unpack(archive, hidden, err);
    if (status == ICL_OK && (chmod(hidden, 0755) != 0 || rename(hidden, folder) != 0))
        status = icl_fail(err, ICL_ERR_IO, "%s: cannot be written: %m", icl_shown_path(folder, NULL, shown));
    if (status != ICL_OK)
        (void)nftw(hidden, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    else if (!had_archive)
        (void)unlink(archive);
    return status;
}

icl_status icl_data_fetch(const struct icl_data_set *set, const char *root, const char *from, bool bar, bool *there,
                          struct icl_error *err)
{
    char folder[ICL_DATA_PATH];
    if (from == NULL) from = set->address;
    if (set->file[0].name == NULL && set->how == NULL && set->format == ICL_DATA_FOLDERS)
        return icl_fail(err, ICL_ERR_USAGE, "no data set is called '%s' (see iclab data list)", set->name);
    if (from == NULL || set->file[0].name == NULL)
        return icl_fail(err, ICL_ERR_INPUT, "%s cannot be fetched: %s", set->name,
                        set->how != NULL ? set->how : set->terms);
    if (set->folder != NULL) {
        ICL_TRY(icl_make_folders(root, err));
        return fetch_archive(set, root, from, bar, there, err);
    }
    ICL_TRY(join(folder, root, "/", set->name, err));
    ICL_TRY(icl_make_folders(folder, err));
    *there = true;
    for (const struct icl_data_file *file = set->file; file->name != NULL; file++) {
        bool this_one = false;
        ICL_TRY(fetch_file(file, folder, from, bar, &this_one, err));
        *there = *there && this_one;
    }
    return ICL_OK;
}
