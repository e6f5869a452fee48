/* iclab drop: applies the masks of the kernel table to an array. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/common.h"
#include "core/npy.h"
#include "core/threads.h"
#include "kernels/kernels.h"

/* Values of one item of work, about: small enough to share out, large enough to be worth it. */
enum { BLOCK = 1 << 16 };

struct settings {
    double keep; /* NaN: not given */
    enum icl_gate gate;
    bool rescale;
    uint64_t seed, layer, step, threads;
    const char *out;
};

static const struct settings defaults = {.keep = NAN, .seed = 1, .out = "-"};

static const struct icl_option options[] = {
    ICL_DOUBLE_OPTION("keep", 'q', "Q", struct settings, keep, 0, true, 1, false,
                      "the probability that a gate is open; required"),
    ICL_CHOICE_OPTION("gate", 'g', struct settings, gate, cli_gate_names,
                      "one gate a value, one for all positions of a channel, or Gaussian noise"),
    ICL_FLAG_OPTION("rescale", 'r', struct settings, rescale, "divide what stays by Q (inverted dropout)"),
    CLI_SEED_OPTION(struct settings, seed),
    ICL_COUNT_OPTION("layer", 0, "L", struct settings, layer, 0, (1U << 24) - 1, "layer, part of the random counter"),
    ICL_COUNT_OPTION("step", 0, "T", struct settings, step, 0, UINT32_MAX, "step, part of the random counter"),
    CLI_OUT_OPTION(struct settings, out),
    CLI_THREADS_OPTION(struct settings, threads),
};

static const struct icl_command command = {
    .name = "iclab drop",
    .positionals = "FILE.npy",
    .summary = "Applies a dropout to an array (-: standard input) and writes it as .npy.",
    .least_positionals = 1,
    .most_positionals = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static const char notes[] =
    "The array is (samples), (samples, neurons) or (N,C,H,W). float32 and float64 stay what they are, other types "
    "become\n"
    "float64. --gate shared: one gate for a channel of a sample; an array without positions is one channel, all its\n"
    "columns share the gate of the sample. --gate gaussian: times 1 + e, e normal of variance (1-Q)/Q.\n"
    "The gate of a value depends on seed, layer, step and its number in NHWC order, on nothing else.\n";

struct job {
    struct icl_array array;
    struct icl_mask mask;
    struct icl_shape shape; /* as the gates see it */
    size_t samples;         /* of one item of work */
    double *factor;         /* of each worker: samples * positions * channels */
    const struct kernels *kernels;
};

/* The gates' view of the array. */
static icl_status shape_of(struct job *job, const char *name, struct icl_error *err)
{
    const size_t *dim = job->array.shape;
    const bool shared = job->mask.gate == ICL_GATE_SHARED;
    const int ndim = job->array.ndim;
    const size_t width = ndim == 2 ? dim[1] : 1;
    char text[ICL_SHAPE_TEXT_SIZE];
    if (ndim != 1 && ndim != 2 && ndim != 4)
        return icl_fail(err, ICL_ERR_INPUT, "%.200s: shape %s: want (samples), (samples, neurons) or (N, C, H, W)",
                        name, icl_shape_text(&job->array, text));
    if (icl_array_size(&job->array) == 0)
        return icl_fail(err, ICL_ERR_INPUT, "%.200s: shape %s: there are no values", name,
                        icl_shape_text(&job->array, text));
    job->shape = ndim == 4 ? (struct icl_shape){dim[0], dim[2] * dim[3], dim[1]}
                           : (struct icl_shape){dim[0], shared ? width : 1, shared ? 1 : width};
    return ICL_OK;
}

/* Multiplies a block of samples. The gates count the values of a sample by position, then channel; a file has them the
 * other way round. */
static icl_status drop_block(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)err;
    const struct job *job = context;
    const size_t positions = job->shape.positions, channels = job->shape.channels;
    const size_t size = positions * channels;
    const size_t start = item * job->samples;
    const size_t left = job->shape.samples - start;
    const size_t count = left < job->samples ? left : job->samples;
    double *factor = job->factor + worker * job->samples * size;
    job->kernels->mask_f64(&job->mask, &job->shape, start * size, count * size, factor);
    for (size_t n = 0; n < count; n++) {
        double *value = job->array.data + (start + n) * size;
        for (size_t c = 0; c < channels; c++)
            for (size_t s = 0; s < positions; s++) {
                const double product = value[c * positions + s] * factor[n * size + s * channels + c];
                value[c * positions + s] = product + 0.0; /* -0 becomes 0 */
            }
    }
    return ICL_OK;
}

static icl_status drop(struct job *job, uint64_t threads, struct icl_error *err)
{
    const size_t size = job->shape.positions * job->shape.channels;
    job->samples = size < BLOCK ? BLOCK / size : 1;
    if (job->samples > job->shape.samples) job->samples = job->shape.samples;
    const size_t items = (job->shape.samples - 1) / job->samples + 1;
    const unsigned workers = cli_thread_count(threads, items);
    struct icl_columns factors;
    ICL_TRY(icl_columns_alloc(&factors, job->samples * size, workers, err));
    job->factor = factors.data;
    const icl_status status = icl_parallel_for(workers, items, drop_block, job, err);
    icl_columns_free(&factors);
    return status;
}

static icl_status drop_and_write(struct job *job, const struct settings *settings, const char *name,
                                 struct icl_error *err)
{
    const bool single = job->array.dtype == ICL_F32;
    const struct icl_npy_format format = {.dtype = single ? ICL_F32 : ICL_F64};
    ICL_TRY(shape_of(job, name, err));
    ICL_TRY(drop(job, settings->threads, err));
    return icl_npy_write(settings->out, &job->array, &format, err);
}

icl_status cli_drop(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    if (isnan(settings.keep)) return icl_fail(err, ICL_ERR_USAGE, "--keep is missing (see iclab drop --help)");
    ICL_TRY(cli_check_out(settings.out, err));
    const bool noise = settings.gate == ICL_GATE_GAUSSIAN;
    struct job job = {
        .mask = {.stream = {settings.seed, noise ? ICL_PURPOSE_NOISE : ICL_PURPOSE_MASK, (uint32_t)settings.layer,
                            (uint32_t)settings.step},
                 .gate = settings.gate,
                 .keep = settings.keep,
                 .rescale = settings.rescale},
        .kernels = icl_kernels(),
    };
    const char *path = arguments.items[0];
    ICL_TRY(icl_npy_read(path, &job.array, err));
    const icl_status status = drop_and_write(&job, &settings, cli_input_name(path), err);
    icl_array_free(&job.array);
    return status;
}
