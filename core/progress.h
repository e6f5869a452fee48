/* Progress on standard error: a bar on a terminal, a few plain lines in a log. */
#ifndef ICLAB_CORE_PROGRESS_H
#define ICLAB_CORE_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A counted activity. Thread-safe after icl_progress_begin. Shows nothing when `quiet` or `total` is 0. */
struct icl_progress {
    const char *label; /* borrowed; must outlive the activity */
    const char *unit;  /* of what is counted, for a rate: "images"; NULL: no rate is shown. Borrowed */
    size_t total, done;
    size_t before; /* of `done`: done before the beginning, which says nothing about the speed */
    bool terminal, quiet;
    int last_tenth; /* the last tenth printed in a log */
    struct timespec started, drawn;
    pthread_mutex_t lock;
};

void icl_progress_begin(struct icl_progress *progress, const char *label, size_t total, bool quiet);
/* The same for an activity of which `before` of `total` are done, with a rate in `unit` a second. */
void icl_progress_resume(struct icl_progress *progress, const char *label, const char *unit, size_t total,
                         size_t before, bool quiet);
void icl_progress_step(struct icl_progress *progress, size_t steps);
/* Ends the line and frees the lock. Must be called once for each begin. */
void icl_progress_end(struct icl_progress *progress);

#ifdef __cplusplus
}
#endif

#endif
