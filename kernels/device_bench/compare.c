/* The comparisons of trials: NaN first. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernels/device_bench/trial_internal.h"

void trial_problem(struct trial *t, const char *format, ...)
{
    if (t->problem[0] != '\0') return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(t->problem, sizeof t->problem, format, arguments);
    va_end(arguments);
}

/* After a failure of the device there is nothing to compare: t->status tells it. */
static bool there(struct trial *t, const void *got, const void *want)
{
    if (got != NULL && want != NULL) return t->problem[0] == '\0';
    if (t->status == ICL_OK) trial_problem(t, "nothing to compare");
    return false;
}

void trial_same_bytes(struct trial *t, const char *what, const void *got, const void *want, size_t bytes)
{
    if (!there(t, got, want)) return;
    const unsigned char *a = got, *b = want;
    for (size_t i = 0; i < bytes; i++)
        if (a[i] != b[i]) {
            trial_problem(t, "%s: byte %zu of %zu is %u, not %u", what, i, bytes, a[i], b[i]);
            return;
        }
}

void trial_same(struct trial *t, const char *what, const float *got, const float *want, size_t count)
{
    if (!there(t, got, want)) return;
    for (size_t i = 0; i < count; i++)
        if (isnan(got[i]) || memcmp(&got[i], &want[i], sizeof *got) != 0) {
            trial_problem(t, "%s: number %zu of %zu is %.9g, not %.9g", what, i, count, (double)got[i],
                          (double)want[i]);
            return;
        }
}

/* Whether they agree; NaN never does, nor infinity with anything but itself. */
static bool agree(double got, double want, double tolerance)
{
    if (isnan(got) || isnan(want)) return false;
    if (isinf(got) || isinf(want)) return got == want;
    return !isnan(tolerance) && fabs(got - want) <= tolerance;
}

static void apart(struct trial *t, const char *what, size_t i, size_t count, double got, double want, double tolerance)
{
    trial_problem(t, "%s: number %zu of %zu is %.12g, not %.12g within %.2g", what, i, count, got, want, tolerance);
}

void trial_within(struct trial *t, const char *what, const float *got, const float *want, const float *bound,
                  size_t count, double factor, double relative, double absolute)
{
    if (!there(t, got, want)) return;
    for (size_t i = 0; i < count && t->problem[0] == '\0'; i++) {
        const double g = (double)got[i], w = (double)want[i];
        const double tolerance =
            absolute + relative * fabs(w) + (bound == NULL ? 0.0 : factor * fabs((double)bound[i]));
        if (!agree(g, w, tolerance)) apart(t, what, i, count, g, w, tolerance);
    }
}

void trial_near(struct trial *t, const char *what, const float *got, const float *want, size_t count, double relative,
                double absolute)
{
    trial_within(t, what, got, want, NULL, count, 0.0, relative, absolute);
}

void trial_near_f64(struct trial *t, const char *what, const double *got, const double *want, size_t count,
                    double relative, double absolute)
{
    if (!there(t, got, want)) return;
    for (size_t i = 0; i < count && t->problem[0] == '\0'; i++) {
        const double tolerance = absolute + relative * fabs(want[i]);
        if (!agree(got[i], want[i], tolerance)) apart(t, what, i, count, got[i], want[i], tolerance);
    }
}

void trial_same_stored(struct trial *t, const char *what, const struct trial_numbers *got, const float *want)
{
    const float *values = trial_read_floats(t, got);
    if (got->storage == ICL_STORAGE_F32)
        trial_same(t, what, values, want, got->count);
    else
        trial_near(t, what, values, want, got->count, 0x1p-8, 1e-37);
}
