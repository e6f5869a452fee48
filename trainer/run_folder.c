#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomic_file.h"
#include "core/input.h"
#include "trainer/checkpoint_internal.h"
#include "trainer/run_folder_internal.h"

/* Any of these is the sign of a run. */
static const char *const signs[] = {"spec.txt",   "result.json", "checkpoint.bin", "metrics.tsv",
                                    "epochs.tsv", "layers.tsv",  "norms.tsv",      "histograms.npy"};
enum { SIGNS = sizeof signs / sizeof *signs };

const char *icl_run_path(const struct icl_run_folder *folder, const char *name, char buffer[ICL_RUN_PATH])
{
    snprintf(buffer, ICL_RUN_PATH, "%s/%s", folder->path, name);
    return buffer;
}

static icl_status name_folder(struct icl_run_folder *folder, const char *path, struct icl_error *err)
{
    *folder = (struct icl_run_folder){.lock = -1};
    if (strlen(path) >= sizeof folder->path)
        return icl_fail(err, ICL_ERR_INPUT, "the name of the run's folder is too long: %.60s...", path);
    strcpy(folder->path, path);
    return ICL_OK;
}

/* Is the specification in spec.txt this one? *found false: there is no spec.txt. */
static icl_status check_spec(const struct icl_run_folder *folder, const char *spec_text, bool *found,
                             struct icl_error *err)
{
    char path[ICL_RUN_PATH], shown[ICL_INPUT_NAME_SIZE], text[ICL_SPEC_TEXT];
    icl_shown_path(icl_run_path(folder, "spec.txt", path), "-", shown);
    FILE *stream;
    ICL_TRY(icl_open_plain(path, &stream, err));
    *found = stream != NULL;
    if (stream == NULL) return ICL_OK;
    const size_t length = fread(text, 1, sizeof text - 1, stream);
    fclose(stream);
    text[length] = '\0';
    return strcmp(text, spec_text) == 0 ? ICL_OK : icl_fail_specification(shown, text, spec_text, err);
}

icl_status icl_run_folder_look(const char *path, const char *spec_text, bool resume, bool *finished,
                               struct icl_train_result *result, struct icl_error *err)
{
    struct icl_run_folder folder;
    struct stat info;
    char file[ICL_RUN_PATH];
    bool found;
    *finished = false;
    ICL_TRY(name_folder(&folder, path, err));
    if (stat(path, &info) != 0) return ICL_OK;
    for (int k = 0; k < SIGNS && !resume; k++)
        if (lstat(icl_run_path(&folder, signs[k], file), &info) == 0)
            return icl_fail(err, ICL_ERR_INPUT, "%.300s: holds a run already (--resume goes on with it)", path);
    ICL_TRY(check_spec(&folder, spec_text, &found, err));
    /* The first file that is written: without it these are of who knows what. A checkpoint says itself whose it is. */
    const bool checkpoint = lstat(icl_run_path(&folder, "checkpoint.bin", file), &info) == 0;
    for (int k = 0; k < SIGNS && !found && !checkpoint; k++)
        if (lstat(icl_run_path(&folder, signs[k], file), &info) == 0)
            return icl_fail(err, ICL_ERR_INPUT, "%.300s: holds %s, but no spec.txt", path, signs[k]);
    return found ? icl_train_result_read(path, NULL, finished, result, err) : ICL_OK;
}

/* An interrupted rename leaves a hidden file behind. Nobody else writes here while the lock is held. */
static void remove_leftovers(const struct icl_run_folder *folder, const char *sub)
{
    char path[ICL_RUN_PATH], name[ICL_RUN_PATH];
    DIR *dir = opendir(icl_run_path(folder, sub, path));
    if (dir == NULL) return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const size_t length = strlen(entry->d_name);
        if (strncmp(entry->d_name, ".iclab-", 7) != 0 || length < 11 || strcmp(entry->d_name + length - 4, ".tmp") != 0)
            continue;
        if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < (int)sizeof name) unlink(name);
    }
    closedir(dir);
}

static icl_status take_lock(struct icl_run_folder *folder, struct icl_error *err)
{
    char path[ICL_RUN_PATH], shown[ICL_INPUT_NAME_SIZE];
    icl_shown_path(icl_run_path(folder, "lock", path), "-", shown);
    folder->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (folder->lock < 0) return icl_fail(err, ICL_ERR_IO, "%s: cannot be written: %m", shown);
    if (flock(folder->lock, LOCK_EX | LOCK_NB) == 0) return ICL_OK;
    const bool taken = errno == EWOULDBLOCK;
    const icl_status status =
        taken ? icl_fail(err, ICL_ERR_INPUT, "%.300s: another process is training there", folder->path)
              : icl_fail(err, ICL_ERR_IO, "%s: cannot be locked: %m", shown);
    icl_run_folder_leave(folder);
    return status;
}

icl_status icl_run_folder_enter(struct icl_run_folder *folder, const char *path, const char *spec_text, bool resume,
                                bool *finished, struct icl_train_result *result, struct icl_error *err)
{
    ICL_TRY(name_folder(folder, path, err));
    ICL_TRY(icl_make_folders(path, err));
    ICL_TRY(take_lock(folder, err));
    const icl_status status = icl_run_folder_look(path, spec_text, resume, finished, result, err);
    if (status != ICL_OK) {
        icl_run_folder_leave(folder);
        return status;
    }
    remove_leftovers(folder, ".");
    remove_leftovers(folder, "captures");
    return ICL_OK;
}

void icl_run_folder_leave(struct icl_run_folder *folder)
{
    if (folder->lock >= 0) close(folder->lock);
    folder->lock = -1;
}

icl_status icl_run_write_spec(const struct icl_run_folder *folder, const char *spec_text, struct icl_error *err)
{
    char path[ICL_RUN_PATH];
    struct icl_atomic_file file;
    ICL_TRY(icl_atomic_open(&file, icl_run_path(folder, "spec.txt", path), err));
    fputs(spec_text, file.stream);
    return icl_atomic_commit(&file, err);
}
