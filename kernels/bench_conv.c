#include "kernels/bench_conv.h"

#include <stdlib.h>
#include <string.h>

#include "core/team.h"
#include "kernels/bench_internal.h"

enum { ALIGNMENT = 64 };

/* One convolution with its arrays. */
struct layer {
    struct icl_conv *conv;
    float *x, *weights;
    void *packed;
};

struct bench {
    const struct icl_conv_kernels *kernels;
    const struct icl_conv_shape *shapes;
    struct layer *layers;
    size_t count, images, tile;
    unsigned threads;
    struct icl_team *team;
    float *y, *dx; /* of the whole batch, for all layers in turn */
    float *dweights, *dbias;
    size_t gradient_bytes, scratch_bytes;
    char *gradients, *scratch; /* a part a thread */
    struct icl_error *errors;  /* one a thread */
};

/* Zeros would be quicker to multiply on some machines: values of both signs. */
static icl_status make_array(size_t bytes, void *array, struct icl_error *err)
{
    float *made = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT);
    memcpy(array, &made, sizeof made);
    if (made == NULL) return icl_fail_memory(err, "convolutions to time");
    for (size_t i = 0; i < bytes / sizeof *made; i++)
        made[i] = (float)((i * 37) % 101) / 64.0F - 0.75F;
    return ICL_OK;
}

static size_t largest(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t whole_lines(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static icl_status open_bench(struct bench *bench, struct icl_error *err)
{
    const size_t rest = bench->images % bench->tile, counts[] = {bench->tile, rest};
    size_t outputs = 0, inputs = 0, weights = 0, channels = 0;
    bench->layers = calloc(bench->count, sizeof *bench->layers);
    if (bench->layers == NULL) return icl_fail_memory(err, "convolutions to time");
    for (size_t i = 0; i < bench->count; i++) {
        const struct icl_conv_shape *shape = &bench->shapes[i];
        struct layer *layer = &bench->layers[i];
        ICL_TRY(bench->kernels->plan(shape, counts, rest == 0 ? 1 : 2, i > 0, &layer->conv, err));
        const struct icl_conv_sizes sizes = bench->kernels->sizes(layer->conv);
        const size_t input = bench->images * shape->height * shape->width * shape->in;
        const size_t own = shape->out * shape->window * shape->window * shape->in;
        ICL_TRY(make_array(input * sizeof(float), &layer->x, err));
        ICL_TRY(make_array(own * sizeof(float), &layer->weights, err));
        ICL_TRY(make_array(sizes.packed, &layer->packed, err));
        inputs = largest(inputs, input);
        outputs = largest(outputs, bench->images * shape->out_height * shape->out_width * shape->out);
        weights = largest(weights, own);
        channels = largest(channels, shape->out);
        bench->gradient_bytes = largest(bench->gradient_bytes, whole_lines(sizes.gradient));
        bench->scratch_bytes = largest(bench->scratch_bytes, whole_lines(sizes.scratch));
    }
    ICL_TRY(make_array(outputs * sizeof(float), &bench->y, err));
    ICL_TRY(make_array(inputs * sizeof(float), &bench->dx, err));
    ICL_TRY(make_array(weights * sizeof(float), &bench->dweights, err));
    ICL_TRY(make_array(channels * sizeof(float), &bench->dbias, err));
    ICL_TRY(icl_team_create(bench->threads, &bench->team, err));
    bench->threads = icl_team_size(bench->team);
    ICL_TRY(make_array(bench->gradient_bytes * bench->threads, &bench->gradients, err));
    ICL_TRY(make_array(bench->scratch_bytes * bench->threads, &bench->scratch, err));
    bench->errors = calloc(bench->threads, sizeof *bench->errors);
    return bench->errors == NULL ? icl_fail_memory(err, "convolutions to time") : ICL_OK;
}

static void close_bench(struct bench *bench)
{
    for (size_t i = 0; bench->layers != NULL && i < bench->count; i++) {
        struct layer *layer = &bench->layers[i];
        bench->kernels->release(layer->conv);
        free(layer->x);
        free(layer->weights);
        free(layer->packed);
    }
    icl_team_free(bench->team);
    void *const arrays[] = {bench->layers, bench->y,         bench->dx,      bench->dweights,
                            bench->dbias,  bench->gradients, bench->scratch, bench->errors};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
}

enum pass { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS };

/* The worker's tiles of one pass of one layer. */
static icl_status one_pass(const struct bench *bench, size_t number, enum pass pass, unsigned worker,
                           struct icl_error *err)
{
    const struct icl_conv_shape *shape = &bench->shapes[number];
    const struct layer *layer = &bench->layers[number];
    const size_t input = shape->height * shape->width * shape->in;
    const size_t output = shape->out_height * shape->out_width * shape->out;
    void *gradient = bench->gradients + worker * bench->gradient_bytes;
    void *scratch = bench->scratch + worker * bench->scratch_bytes;
    for (size_t first = worker * bench->tile; first < bench->images; first += bench->threads * bench->tile) {
        const size_t left = bench->images - first, images = left < bench->tile ? left : bench->tile;
        const float *x = layer->x + first * input;
        float *y = bench->y + first * output;
        if (pass == FORWARD)
            ICL_TRY(bench->kernels->forward(layer->conv, images, x, layer->packed, bench->dbias, y, scratch, err));
        else if (pass == BACKWARD_DATA)
            ICL_TRY(bench->kernels->backward_data(layer->conv, images, y, layer->packed, bench->dx + first * input,
                                                  scratch, err));
        else
            ICL_TRY(bench->kernels->backward_weights(layer->conv, images, x, y, gradient, scratch, err));
    }
    return ICL_OK;
}

static icl_status one_step(const struct bench *bench, unsigned worker, struct icl_error *err)
{
    void *scratch = bench->scratch + worker * bench->scratch_bytes;
    void *gradient = bench->gradients + worker * bench->gradient_bytes;
    for (size_t i = 0; i < bench->count; i++)
        ICL_TRY(one_pass(bench, i, FORWARD, worker, err));
    for (size_t i = bench->count; i-- > 0;) {
        const struct layer *layer = &bench->layers[i];
        memset(gradient, 0, bench->kernels->sizes(layer->conv).gradient);
        ICL_TRY(one_pass(bench, i, BACKWARD_WEIGHTS, worker, err));
        if (i > 0) ICL_TRY(one_pass(bench, i, BACKWARD_DATA, worker, err));
        if (worker == 0)
            ICL_TRY(bench->kernels->unpack(layer->conv, gradient, bench->dweights, bench->dbias, scratch, err));
    }
    return ICL_OK;
}

static void work(void *context, unsigned worker)
{
    struct bench *bench = context;
    bench->errors[worker].status = ICL_OK;
    one_step(bench, worker, &bench->errors[worker]);
}

static icl_status timed_step(struct bench *bench, double *seconds, struct icl_error *err)
{
    const double begin = icl_bench_seconds();
    for (size_t i = 0; i < bench->count; i++)
        ICL_TRY(bench->kernels->pack(bench->layers[i].conv, bench->layers[i].weights, bench->layers[i].packed,
                                     bench->scratch, err));
    icl_team_run(bench->team, work, bench);
    *seconds = icl_bench_seconds() - begin;
    for (unsigned t = 0; t < bench->threads; t++)
        if (bench->errors[t].status != ICL_OK)
            return icl_fail(err, bench->errors[t].status, "%s", bench->errors[t].message);
    return ICL_OK;
}

static double operations(const struct bench *bench)
{
    double sum = 0.0;
    for (size_t i = 0; i < bench->count; i++) {
        const struct icl_conv_shape *s = &bench->shapes[i];
        const double one = 2.0 * (double)(bench->images * s->out_height * s->out_width) *
                           (double)(s->out * s->window * s->window * s->in);
        sum += i == 0 ? 2 * one : 3 * one;
    }
    return sum;
}

icl_status icl_bench_conv(const struct icl_conv_kernels *kernels, const struct icl_conv_shape *shapes, size_t count,
                          size_t images, size_t tile, unsigned threads, unsigned repetitions,
                          struct icl_bench_conv_times *times, struct icl_error *err)
{
    if (count == 0 || images == 0 || tile == 0 || repetitions == 0)
        return icl_fail(err, ICL_ERR_USAGE, "timing convolutions: no shapes, images, tile or repetitions");
    struct bench bench = {.kernels = kernels,
                          .shapes = shapes,
                          .count = count,
                          .images = images,
                          .tile = tile < images ? tile : images,
                          .threads = threads};
    double *seconds = calloc((size_t)repetitions + 1, sizeof *seconds);
    icl_status status = seconds == NULL ? icl_fail_memory(err, "timings") : open_bench(&bench, err);
    for (unsigned r = 0; status == ICL_OK && r <= repetitions; r++)
        status = timed_step(&bench, &seconds[r], err);
    if (status == ICL_OK) {
        times->operations = operations(&bench);
        times->median = icl_bench_median(seconds + 1, repetitions);
        times->least = seconds[1]; /* in order by now */
    }
    close_bench(&bench);
    free(seconds);
    return status;
}
