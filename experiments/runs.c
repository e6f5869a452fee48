#include "experiments/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/atomic_file.h"
#include "core/clock.h"

enum { PATH_SIZE = 4096, FREE = -1, POLL_MILLISECONDS = 50 };

void icl_run_name(const struct icl_run *run, char buffer[ICL_RUN_NAME])
{
    icl_train_spec_name(&run->spec, buffer);
    size_t used = strlen(buffer);
    if (run->record_steps > 0)
        used += (size_t)snprintf(buffer + used, ICL_RUN_NAME - used, "-every%zu", run->record_steps);
    if (run->capture) snprintf(buffer + used, ICL_RUN_NAME - used, "-capture%zu", run->capture_images);
}

/* ---- locks ---------------------------------------------------------------------------------------------------- */

/* A lock that is held, or FREE. */
struct lock {
    int fd;
    char path[PATH_SIZE];
};

/* Whether the file that is open is still the one of that name: its last holder may have removed it. */
static bool is_current(int fd, const char *path)
{
    struct stat here, there;
    return fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_ino == there.st_ino &&
           here.st_dev == there.st_dev;
}

/* Takes the lock unless another process has it: lock->fd is FREE then. */
static icl_status take_lock(struct lock *lock, struct icl_error *err)
{
    for (;;) {
        lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (lock->fd < 0) return icl_fail(err, ICL_ERR_IO, "%s: cannot be locked: %m", lock->path);
        if (flock(lock->fd, LOCK_EX | LOCK_NB) != 0) {
            const int reason = errno;
            close(lock->fd);
            lock->fd = FREE;
            if (reason == EWOULDBLOCK || reason == EINTR) return ICL_OK;
            errno = reason;
            return icl_fail(err, ICL_ERR_IO, "%s: cannot be locked: %m", lock->path);
        }
        if (is_current(lock->fd, lock->path)) return ICL_OK;
        close(lock->fd);
    }
}

static void give_lock(struct lock *lock)
{
    unlink(lock->path); /* before the lock goes: whoever waits for it sees that the name is gone, or another file */
    close(lock->fd);
    lock->fd = FREE;
}

/* ---- the list ------------------------------------------------------------------------------------------------- */

struct walk {
    const struct icl_runs_options *options;
    size_t count, trained;
    double seconds;
    bool waited;
};

static bool must_stop(const struct walk *walk)
{
    return walk->options->stop != NULL && *walk->options->stop != 0;
}

static void tell(const struct walk *walk, size_t place, const char *name, bool waiting)
{
    const struct icl_runs_options *o = walk->options;
    if (o->note == NULL) return;
    const struct icl_run_note note = {place, walk->count, name, walk->trained, walk->seconds, waiting, o->out};
    o->note(o->note_context, &note);
}

static icl_status look(const struct walk *walk, struct icl_run *run, const char *folder, struct icl_error *err)
{
    const struct icl_runs_options *o = walk->options;
    return (o->read != NULL ? o->read : icl_train_result_read)(folder, &run->spec, &run->done, &run->result, err);
}

/* Trains a run whose lock is held. */
static icl_status train(struct walk *walk, struct icl_run *run, size_t place, const char *folder, struct icl_error *err)
{
    const struct icl_runs_options *o = walk->options;
    const struct icl_train_options options = {
        .out = folder,
        .root = o->root,
        .threads = o->threads,
        .device = o->device,
        .resume = true,
        .quiet = o->quiet,
        .record_steps = run->record_steps,
        .capture = run->capture,
        .capture_images = run->capture_images,
        .command = o->command,
        .stop = o->stop,
    };
    tell(walk, place, run->name, false);
    const double start = icl_clock_seconds();
    ICL_TRY((o->train != NULL ? o->train : icl_train)(&run->spec, &options, &run->result, err));
    run->done = run->result.outcome != ICL_OUTCOME_STOPPED;
    walk->trained += run->done;
    walk->seconds += icl_clock_seconds() - start;
    return ICL_OK;
}

/* Reuses, trains or leaves one run; *held where another process has it. */
static icl_status visit(struct walk *walk, struct icl_run *run, size_t place, bool *held, struct icl_error *err)
{
    char folder[PATH_SIZE];
    struct lock lock;
    if (snprintf(folder, sizeof folder, "%s/runs/%s", walk->options->out, run->name) >= PATH_SIZE ||
        snprintf(lock.path, sizeof lock.path, "%s.lock", folder) >= PATH_SIZE)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", walk->options->out);
    ICL_TRY(look(walk, run, folder, err));
    if (run->done) return ICL_OK;
    ICL_TRY(take_lock(&lock, err));
    *held = lock.fd == FREE;
    if (*held) return ICL_OK;
    icl_status status = look(walk, run, folder, err); /* it may have been finished since */
    if (status == ICL_OK && !run->done) status = train(walk, run, place, folder, err);
    give_lock(&lock);
    return status;
}

static void pause_a_moment(void)
{
    const struct timespec moment = {0, POLL_MILLISECONDS * 1000000L};
    nanosleep(&moment, NULL);
}

icl_status icl_runs_do(struct icl_run *run, size_t count, const struct icl_runs_options *options, bool *stopped,
                       struct icl_error *err)
{
    char folder[PATH_SIZE];
    *stopped = false;
    if (*options->out == '\0') return icl_fail(err, ICL_ERR_USAGE, "--out: the name of the folder is empty");
    if (snprintf(folder, sizeof folder, "%s/runs", options->out) >= PATH_SIZE)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", options->out);
    ICL_TRY(icl_make_folders(folder, err));
    struct walk walk = {.options = options, .count = count};
    for (size_t i = 0; i < count; i++)
        icl_run_name(&run[i], run[i].name);
    for (;;) {
        const size_t trained = walk.trained;
        size_t held_by_others = 0, first = 0;
        for (size_t i = 0; i < count; i++) {
            if (run[i].done) continue;
            *stopped = must_stop(&walk);
            if (*stopped) return ICL_OK;
            bool held = false;
            ICL_TRY(visit(&walk, &run[i], i + 1, &held, err));
            if (held && held_by_others++ == 0) first = i;
            *stopped = !run[i].done && !held;
            if (*stopped) return ICL_OK;
        }
        if (held_by_others == 0 || options->leave) return ICL_OK;
        if (walk.trained > trained) continue;
        if (!walk.waited) tell(&walk, first + 1, run[first].name, true);
        walk.waited = true;
        pause_a_moment();
    }
}
