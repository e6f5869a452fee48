#include "trainer/bench.h"

#include <stdlib.h>

#include "core/clock.h"
#include "trainer/bench_internal.h"
#include "trainer/executor.h"
#include "trainer/optimise_internal.h"

enum { TILE = 32 };
static const double rate = .01;

struct icl_train_bench {
    struct icl_train_spec spec;
    struct icl_data *data;
    struct icl_network network;
    struct icl_team *team;
    struct icl_executor *executor;
    struct icl_optimise optimise;
    struct bench_convs *whole, *tiled;
    float *images;
    uint32_t *labels;
    size_t step;
};

void icl_train_bench_free(struct icl_train_bench *bench)
{
    if (bench == NULL) return;
    bench_convs_free(bench->whole);
    bench_convs_free(bench->tiled);
    icl_optimise_free(&bench->optimise);
    icl_executor_free(bench->executor);
    icl_team_free(bench->team);
    icl_network_free(&bench->network);
    icl_data_close(bench->data);
    free(bench->images);
    free(bench->labels);
    free(bench);
}

static icl_status make_executor(struct icl_train_bench *bench, bool profile, struct icl_executor **executor,
                                struct icl_error *err)
{
    const struct icl_executor_options options = {.batch = bench->spec.batch,
                                                 .seed = bench->spec.seed,
                                                 .norm_epsilon = 1e-5,
                                                 .norm_momentum = .1,
                                                 .profile = profile};
    ICL_TRY(icl_executor_create(&bench->network, &options, bench->team, executor, err));
    icl_network_initialise(&bench->network, bench->spec.seed, 0, icl_executor_parameters(*executor));
    return ICL_OK;
}

static icl_status fill(struct icl_train_bench *bench, unsigned threads, struct icl_error *err)
{
    const struct icl_train_spec *spec = &bench->spec;
    ICL_TRY(icl_team_create(threads, &bench->team, err));
    ICL_TRY(icl_data_open(spec->data, ICL_SPLIT_TRAIN, spec->limit, spec->size, NULL, &bench->data, err));
    const struct icl_data_info *info = icl_data_info(bench->data);
    if (info->count < spec->batch)
        return icl_fail(err, ICL_ERR_USAGE, "--batch: %zu of %zu images", spec->batch, info->count);
    ICL_TRY(icl_network_build(spec, info->height, info->width, info->channels, info->classes, &bench->network, err));
    ICL_TRY(make_executor(bench, false, &bench->executor, err));
    ICL_TRY(
        icl_optimise_create(&bench->optimise, spec, icl_kernels(), bench->team, bench->network.parameter_count, err));
    const size_t share = (spec->batch + icl_team_size(bench->team) - 1) / icl_team_size(bench->team);
    ICL_TRY(bench_convs_create(&bench->network, spec->batch, share, bench->team, &bench->whole, err));
    ICL_TRY(bench_convs_create(&bench->network, spec->batch, TILE, bench->team, &bench->tiled, err));
    bench->images = calloc(spec->batch * info->height * info->width * info->channels, sizeof *bench->images);
    bench->labels = calloc(spec->batch, sizeof *bench->labels);
    if (bench->images == NULL || bench->labels == NULL) return icl_fail_memory(err, "a batch");
    return icl_data_batch(bench->data, NULL, spec->seed, 0, NULL, 0, spec->batch, bench->team, bench->images,
                          bench->labels, err);
}

icl_status icl_train_bench_create(const struct icl_train_spec *spec, unsigned threads, struct icl_train_bench **bench,
                                  struct icl_error *err)
{
    struct icl_train_bench *made = calloc(1, sizeof *made);
    if (made == NULL) return icl_fail_memory(err, "a benchmark");
    made->spec = *spec;
    icl_network_init(&made->network);
    const icl_status status = fill(made, threads, err);
    if (status == ICL_OK)
        *bench = made;
    else
        icl_train_bench_free(made);
    return status;
}

/* The batches of the data in turn. */
static icl_status run_step(struct icl_train_bench *bench, struct icl_executor *executor, struct icl_error *err)
{
    const struct icl_train_spec *spec = &bench->spec;
    const size_t batches = icl_data_info(bench->data)->count / spec->batch;
    struct icl_batch_result result;
    ICL_TRY(icl_data_batch(bench->data, &spec->augmentation, spec->seed, 0, NULL, bench->step % batches * spec->batch,
                           spec->batch, bench->team, bench->images, bench->labels, err));
    ICL_TRY(icl_executor_gradient_step(executor, bench->images, bench->labels, spec->batch, (uint32_t)bench->step,
                                       spec->smoothing, &result, err));
    icl_optimise_step(&bench->optimise, bench->step, rate, spec->momentum, icl_executor_gradient(executor),
                      icl_executor_parameters(executor));
    bench->step++;
    return ICL_OK;
}

static icl_status run_forward(struct icl_train_bench *bench, struct icl_error *err)
{
    struct icl_batch_result result;
    return icl_executor_forward(bench->executor, ICL_MODE_TRAIN, bench->images, bench->labels, bench->spec.batch,
                                (uint32_t)bench->step++, bench->spec.smoothing, &result, err);
}

static icl_status run_once(struct icl_train_bench *bench, enum icl_train_bench_part part, struct icl_error *err)
{
    switch (part) {
    case ICL_TRAIN_BENCH_STEP:
        return run_step(bench, bench->executor, err);
    case ICL_TRAIN_BENCH_FORWARD:
        return run_forward(bench, err);
    case ICL_TRAIN_BENCH_CONVOLUTIONS:
        return bench_convs_run(bench->whole, err);
    case ICL_TRAIN_BENCH_CONVOLUTION_TILES:
        return bench_convs_run(bench->tiled, err);
    default:
        return icl_fail(err, ICL_ERR_USAGE, "part %d of a training step", (int)part);
    }
}

icl_status icl_train_bench_run(struct icl_train_bench *bench, enum icl_train_bench_part part, size_t count,
                               double *seconds, struct icl_error *err)
{
    const double start = icl_clock_seconds();
    for (size_t i = 0; i < count; i++)
        ICL_TRY(run_once(bench, part, err));
    *seconds = icl_clock_seconds() - start;
    return ICL_OK;
}

unsigned icl_train_bench_threads(const struct icl_train_bench *bench)
{
    return icl_team_size(bench->team);
}

double icl_train_bench_multiply_adds(const struct icl_train_bench *bench)
{
    return bench_convs_multiply_adds(&bench->network);
}

icl_status icl_train_bench_profile(struct icl_train_bench *bench, size_t count, const char *name[ICL_TRAIN_BENCH_KINDS],
                                   double share[ICL_TRAIN_BENCH_KINDS], size_t *kinds, struct icl_error *err)
{
    struct icl_executor *executor;
    ICL_TRY(make_executor(bench, true, &executor, err));
    icl_status status = ICL_OK;
    for (size_t i = 0; i < count && status == ICL_OK; i++)
        status = run_step(bench, executor, err);
    double sum = 0;
    *kinds = icl_executor_profile(executor, name, share);
    for (size_t k = 0; k < *kinds; k++)
        sum += share[k];
    for (size_t k = 0; k < *kinds; k++)
        share[k] /= sum;
    icl_executor_free(executor);
    return status;
}
