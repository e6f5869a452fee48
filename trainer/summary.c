#include "trainer/summary_internal.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 1 << 15 };

struct icl_summary_ranges icl_summary_ranges(bool general_relu)
{
    return general_relu ? (struct icl_summary_ranges){-7, 7, -.35, .70} : (struct icl_summary_ranges){0, 10, 0, .5};
}

size_t icl_summary_chunks(size_t count)
{
    return (count + CHUNK - 1) / CHUNK;
}

struct call {
    const struct kernels *kernels;
    struct icl_team *team;
    const struct icl_summary_ranges *ranges;
    const float *values;
    size_t count;
    struct icl_summary *part;
};

static void summarise_chunk(const struct call *call, size_t k)
{
    static const struct icl_nonlinearity identity = {.on = false};
    const float *x = call->values + k * CHUNK;
    const size_t left = call->count - k * CHUNK, n = left < CHUNK ? left : CHUNK;
    struct icl_summary s = {.count = n};
    call->kernels->layers.summarise(&identity, x, n, call->ranges->low, call->ranges->high, ICL_HISTOGRAM_BINS,
                                    call->ranges->near_low, call->ranges->near_high, &s.sum, &s.square, s.histogram,
                                    &s.near);
    float least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        least = x[i] < least ? x[i] : least;
        most = x[i] > most ? x[i] : most;
    }
    s.least = (double)least;
    s.most = (double)most;
    call->part[k] = s;
}

static void summarise_chunks(void *context, unsigned worker)
{
    const struct call *call = context;
    const size_t chunks = icl_summary_chunks(call->count);
    for (size_t k = worker; k < chunks; k += icl_team_size(call->team))
        summarise_chunk(call, k);
}

void icl_summarise(const struct kernels *kernels, struct icl_team *team, const struct icl_summary_ranges *ranges,
                   const float *values, size_t count, struct icl_summary *part, struct icl_summary *out)
{
    struct call call = {kernels, team, ranges, values, count, part};
    icl_team_run(team, summarise_chunks, &call);
    *out = (struct icl_summary){.least = (double)INFINITY, .most = -(double)INFINITY};
    for (size_t k = 0; k < icl_summary_chunks(count); k++) {
        out->sum += part[k].sum;
        out->square += part[k].square;
        out->near += part[k].near;
        out->count += part[k].count;
        out->least = fmin(out->least, part[k].least);
        out->most = fmax(out->most, part[k].most);
        for (size_t b = 0; b < ICL_HISTOGRAM_BINS; b++)
            out->histogram[b] += part[k].histogram[b];
    }
}
