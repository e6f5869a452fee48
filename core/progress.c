#include "core/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 30 };

/* A bar is drawn again after this many seconds, so that drawing costs nothing. */
static const double redraw_seconds = 0.1;

static double seconds_since(const struct timespec *then, const struct timespec *now)
{
    return (double)(now->tv_sec - then->tv_sec) + 1e-9 * (double)(now->tv_nsec - then->tv_nsec);
}

static double fraction(const struct icl_progress *progress)
{
    return (double)progress->done / (double)progress->total;
}

static void draw_bar(const struct icl_progress *progress, double elapsed)
{
    static const char full[] = "##############################";
    static const char none[] = "..............................";
    _Static_assert(sizeof full - 1 == BAR_WIDTH && sizeof none - 1 == BAR_WIDTH, "the bar has BAR_WIDTH characters");
    const double part = fraction(progress);
    const int filled = (int)(part * BAR_WIDTH);
    const double left = part > 0 ? elapsed / part - elapsed : 0;
    fprintf(stderr, "\r%s [%.*s%.*s] %3.0f %% (%zu/%zu) %.0f s, %.0f s left\033[K", progress->label, filled, full,
            BAR_WIDTH - filled, none, 100 * part, progress->done, progress->total, elapsed, left);
    fflush(stderr);
}

static void show(struct icl_progress *progress)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const double elapsed = seconds_since(&progress->started, &now);
    if (progress->terminal) {
        if (progress->done < progress->total && seconds_since(&progress->drawn, &now) < redraw_seconds) return;
        progress->drawn = now;
        draw_bar(progress, elapsed);
        return;
    }
    const int tenth = (int)(10 * fraction(progress));
    if (tenth <= progress->last_tenth) return;
    progress->last_tenth = tenth;
    fprintf(stderr, "%s: %d %% (%zu/%zu) after %.0f s\n", progress->label, 10 * tenth, progress->done, progress->total,
            elapsed);
}

void icl_progress_begin(struct icl_progress *progress, const char *label, size_t total, bool quiet)
{
    const char *kind = getenv("TERM");
    memset(progress, 0, sizeof *progress);
    progress->label = label;
    progress->total = total;
    progress->quiet = quiet || total == 0;
    progress->terminal = isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
    clock_gettime(CLOCK_MONOTONIC, &progress->started);
    pthread_mutex_init(&progress->lock, NULL);
}

void icl_progress_step(struct icl_progress *progress, size_t steps)
{
    pthread_mutex_lock(&progress->lock);
    const size_t left = progress->total - progress->done;
    progress->done += steps < left ? steps : left;
    if (!progress->quiet && steps > 0) show(progress);
    pthread_mutex_unlock(&progress->lock);
}

void icl_progress_end(struct icl_progress *progress)
{
    if (!progress->quiet && progress->terminal) fputc('\n', stderr);
    pthread_mutex_destroy(&progress->lock);
}
