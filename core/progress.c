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

/* "12345 images/s, 67 s left", or without the rate; as far as it can be known. Returns `buffer`. */
enum { SPEED_SIZE = 96 };
static const char *speed(const struct icl_progress *progress, double elapsed, char buffer[SPEED_SIZE])
{
    const double now = (double)(progress->done - progress->before), rate = elapsed > 0 ? now / elapsed : 0;
    const double left = now > 0 ? (double)(progress->total - progress->done) * elapsed / now : 0;
    if (progress->unit != NULL)
        snprintf(buffer, SPEED_SIZE, "%.*f %.30s/s, %.0f s left", rate < 10 ? 1 : 0, rate, progress->unit, left);
    else
        snprintf(buffer, SPEED_SIZE, "%.0f s left", left);
    return buffer;
}

static void draw_bar(const struct icl_progress *progress, double elapsed)
{
    static const char full[] = "##############################";
    static const char none[] = "..............................";
    _Static_assert(sizeof full - 1 == BAR_WIDTH && sizeof none - 1 == BAR_WIDTH, "the bar has BAR_WIDTH characters");
    const double part = fraction(progress);
    const int filled = (int)(part * BAR_WIDTH);
    char text[SPEED_SIZE];
    fprintf(stderr, "\r%s [%.*s%.*s] %3.0f %% (%zu/%zu) %.0f s, %s\033[K", progress->label, filled, full,
            BAR_WIDTH - filled, none, 100 * part, progress->done, progress->total, elapsed,
            speed(progress, elapsed, text));
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
    char text[SPEED_SIZE];
    fprintf(stderr, "%s: %d %% (%zu/%zu) after %.0f s", progress->label, 10 * tenth, progress->done, progress->total,
            elapsed);
    if (progress->unit != NULL) fprintf(stderr, ", %s", speed(progress, elapsed, text));
    putc('\n', stderr);
}

void icl_progress_begin(struct icl_progress *progress, const char *label, size_t total, bool quiet)
{
    icl_progress_resume(progress, label, NULL, total, 0, quiet);
}

void icl_progress_resume(struct icl_progress *progress, const char *label, const char *unit, size_t total,
                         size_t before, bool quiet)
{
    const char *kind = getenv("TERM");
    memset(progress, 0, sizeof *progress);
    progress->label = label;
    progress->unit = unit;
    progress->total = total;
    progress->done = progress->before = before < total ? before : total;
    progress->quiet = quiet || total == 0;
    progress->terminal = isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
    if (total > 0) progress->last_tenth = (int)(10 * fraction(progress));
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
