/* Learning rate and momentum at a step. */
#include <math.h>

#include "trainer/spec.h"

static const double pi = 3.14159265358979323846;

/* From a to b, at fraction f of the way. */
static double between(enum icl_schedule curve, double a, double b, double f)
{
    if (curve == ICL_SCHEDULE_COSINE) f = (1.0 - cos(pi * f)) / 2.0;
    return a + f * (b - a);
}

static double stepped(const struct icl_train_spec *spec, size_t step, size_t steps)
{
    const size_t an_epoch = steps / spec->epochs > 0 ? steps / spec->epochs : 1, epoch = step / an_epoch;
    double rate = spec->rate;
    for (size_t i = 0; i < spec->milestones; i++)
        if (spec->milestone[i] <= epoch) rate *= spec->rate_factor;
    return rate;
}

void icl_train_spec_rate(const struct icl_train_spec *spec, size_t step, size_t steps, double *rate, double *momentum)
{
    const enum icl_schedule curve = spec->schedule;
    if (momentum != NULL) *momentum = spec->momentum;
    *rate = spec->rate;
    if (curve == ICL_SCHEDULE_STEP) *rate = stepped(spec, step, steps);
    if (curve != ICL_SCHEDULE_LINEAR && curve != ICL_SCHEDULE_COSINE) return;
    const double position = (double)step / (double)steps;
    const double low = spec->momentum_low < 0.0 ? spec->momentum : spec->momentum_low;
    const bool rising = position < spec->warm;
    const double f = rising ? position / spec->warm : (position - spec->warm) / (1.0 - spec->warm);
    *rate = rising ? between(curve, spec->rate_start, spec->rate, f) : between(curve, spec->rate, spec->rate_end, f);
    if (momentum != NULL)
        *momentum = rising ? between(curve, spec->momentum, low, f) : between(curve, low, spec->momentum, f);
}
