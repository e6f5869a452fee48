#include <math.h>
#include <stdlib.h>

#include "trainer/optimise_internal.h"

/* Numbers of a chunk: fixed, so that sums and work are cut alike on any number of threads. */
enum { CHUNK = 8192 };

bool icl_optimise_has_first(const struct icl_train_spec *spec)
{
    return spec->optimiser == ICL_OPTIMISER_ADAM || spec->momentum != 0 || spec->momentum_low > 0;
}

static size_t chunks_of(size_t count)
{
    return (count + CHUNK - 1) / CHUNK;
}

size_t icl_optimise_memory(const struct icl_train_spec *spec, size_t count)
{
    const size_t arrays = (size_t)icl_optimise_has_first(spec) + (size_t)(spec->optimiser == ICL_OPTIMISER_ADAM);
    return arrays * count * sizeof(float) + chunks_of(count) * sizeof(double);
}

icl_status icl_optimise_create(struct icl_optimise *optimise, const struct icl_train_spec *spec,
                               const struct kernels *kernels, struct icl_team *team, size_t count,
                               struct icl_error *err)
{
    struct icl_optimise o = {
        .spec = spec, .kernels = kernels, .team = team, .count = count, .chunks = chunks_of(count)};
    const bool adam = spec->optimiser == ICL_OPTIMISER_ADAM;
    o.partial = calloc(o.chunks + 1, sizeof *o.partial);
    if (icl_optimise_has_first(spec)) o.first = calloc(count + 1, sizeof *o.first);
    if (adam) o.second = calloc(count + 1, sizeof *o.second);
    if (o.partial == NULL || (icl_optimise_has_first(spec) && o.first == NULL) || (adam && o.second == NULL)) {
        icl_optimise_free(&o);
        return icl_fail_memory(err, "the state of the optimiser");
    }
    *optimise = o;
    return ICL_OK;
}

void icl_optimise_free(struct icl_optimise *optimise)
{
    free(optimise->first);
    free(optimise->second);
    free(optimise->partial);
    *optimise = (struct icl_optimise){0};
}

struct call {
    struct icl_optimise *optimise;
    const float *values, *gradient;
    float *weights;
    struct icl_update_f32 update;
};

/* The numbers of chunk `k`. */
static size_t chunk_size(const struct icl_optimise *o, size_t k)
{
    const size_t left = o->count - k * CHUNK;
    return left < CHUNK ? left : CHUNK;
}

static void sum_squares(void *context, unsigned worker)
{
    const struct call *call = context;
    const struct icl_optimise *o = call->optimise;
    for (size_t k = worker; k < o->chunks; k += icl_team_size(o->team)) {
        const float *x = call->values + k * CHUNK;
        const size_t n = chunk_size(o, k);
        /* Four sums, so that the additions need not wait for one another. */
        double sum[4] = {0};
        size_t i = 0;
        for (; i + 4 <= n; i += 4)
            for (size_t j = 0; j < 4; j++)
                sum[j] += (double)x[i + j] * (double)x[i + j];
        for (; i < n; i++)
            sum[0] += (double)x[i] * (double)x[i];
        o->partial[k] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
}

double icl_optimise_norm(struct icl_optimise *optimise, const float *values)
{
    struct call call = {.optimise = optimise, .values = values};
    icl_team_run(optimise->team, sum_squares, &call);
    double sum = 0;
    for (size_t k = 0; k < optimise->chunks; k++)
        sum += optimise->partial[k];
    return sqrt(sum);
}

static void update_chunks(void *context, unsigned worker)
{
    const struct call *call = context;
    const struct icl_optimise *o = call->optimise;
    const struct icl_layers_f32 *layers = &o->kernels->layers;
    for (size_t k = worker; k < o->chunks; k += icl_team_size(o->team)) {
        const size_t at = k * CHUNK, n = chunk_size(o, k);
        float *first = o->first == NULL ? NULL : o->first + at;
        if (o->spec->optimiser == ICL_OPTIMISER_ADAM)
            layers->adam(&call->update, call->gradient + at, n, first, o->second + at, call->weights + at);
        else
            layers->sgd(&call->update, call->gradient + at, n, first, call->weights + at);
    }
}

void icl_optimise_step(struct icl_optimise *optimise, size_t step, double rate, double momentum, const float *gradient,
                       float *weights)
{
    const struct icl_train_spec *spec = optimise->spec;
    const double t = (double)step + 1;
    struct call call = {.optimise = optimise,
                        .gradient = gradient,
                        .weights = weights,
                        .update = {.rate = rate,
                                   .momentum = momentum,
                                   .decay = spec->decay,
                                   .decoupled = spec->decoupled,
                                   .beta2 = spec->beta2,
                                   .epsilon = spec->epsilon,
                                   .correction1 = 1 - pow(momentum, t),
                                   .correction2 = 1 - pow(spec->beta2, t)}};
    icl_team_run(optimise->team, update_chunks, &call);
}
