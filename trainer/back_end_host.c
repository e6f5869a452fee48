/* The processor: executor, optimiser and batches in the host's memory. */
#include <math.h>
#include <stdlib.h>

#include "kernels/kernels.h"
#include "trainer/back_end_internal.h"
#include "trainer/optimise_internal.h"

struct host {
    struct icl_back_end_source from;
    const struct kernels *kernels;
    struct icl_executor *executor;
    struct icl_optimise optimise;
    float *pixels;    /* of a batch */
    uint32_t *labels; /* of a batch */
    float *room;      /* for what a stage held inside: a batch of the largest stage */
    struct icl_summary *part;
};

static struct icl_executor_options executor_options(const struct icl_back_end_source *from)
{
    return (struct icl_executor_options){.batch = from->batch,
                                         .seed = from->spec->seed,
                                         .norm_epsilon = ICL_TRAIN_NORM_EPSILON,
                                         .norm_momentum = ICL_TRAIN_NORM_MOMENTUM};
}

/* Numbers of the images of a batch; of the largest stage of a batch. */
static size_t pixels_of(const struct icl_back_end_source *from)
{
    const struct icl_node *input = &from->network->node[0];
    return from->batch * input->height * input->width * input->channels;
}

static size_t largest_stage(const struct icl_back_end_source *from)
{
    size_t most = 0;
    for (size_t i = 0; i < from->network->nodes; i++) {
        const struct icl_node *node = &from->network->node[i];
        const size_t values = node->height * node->width * node->channels;
        if (node->kind == ICL_NODE_STAGE && values > most) most = values;
    }
    return from->batch * most;
}

icl_status icl_back_end_host_measure(const struct icl_back_end_source *source, struct icl_back_end_memory *memory,
                                     struct icl_error *err)
{
    const struct icl_executor_options options = executor_options(source);
    const size_t stage = largest_stage(source);
    ICL_TRY(icl_executor_measure(source->network, &options, icl_team_size(source->team), &memory->network, err));
    memory->optimiser = icl_optimise_memory(source->spec, source->network->parameter_count);
    memory->batches = (pixels_of(source) + stage) * sizeof(float) + source->batch * sizeof(uint32_t) +
                      icl_summary_chunks(stage) * sizeof(struct icl_summary);
    return ICL_OK;
}

static void free_host(void *state)
{
    struct host *h = state;
    if (h == NULL) return;
    icl_optimise_free(&h->optimise);
    icl_executor_free(h->executor);
    free(h->pixels);
    free(h->labels);
    free(h->room);
    free(h->part);
    free(h);
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

/* A batch of a split into the host's memory; augmentation NULL: as it is. */
static icl_status take_batch(struct host *h, const struct icl_data *data, const struct icl_augmentation *augmentation,
                             size_t epoch, const uint32_t *places, size_t first, size_t n, struct icl_error *err)
{
    return icl_data_batch(data, augmentation, h->from.spec->seed, (uint32_t)epoch,
                          places == NULL ? NULL : places + first, first, n, h->from.team, h->pixels, h->labels, err);
}

static icl_status take_step(struct host *h, const struct icl_planned_step *step, const uint32_t *order,
                            struct icl_error *err)
{
    return take_batch(h, h->from.train, &h->from.spec->augmentation, step->epoch, order, step->first, step->n, err);
}

static icl_status make(void *state, const struct icl_planned_step *steps, size_t count, const uint32_t *order,
                       struct icl_step_result *result, size_t *made, struct icl_error *err)
{
    struct host *h = state;
    struct icl_batch_result batch;
    float *weights = icl_executor_parameters(h->executor);
    *made = 0;
    for (size_t i = 0; i < count; i++) {
        struct icl_step_result *r = &result[i];
        ICL_TRY(take_step(h, &steps[i], order, err));
        ICL_TRY(icl_executor_gradient_step(h->executor, h->pixels, h->labels, steps[i].n, (uint32_t)steps[i].step,
                                           h->from.spec->smoothing, &batch, err));
        const float *gradient = icl_executor_gradient(h->executor);
        *r = (struct icl_step_result){
            .loss = batch.loss, .correct = batch.correct, .gradient_norm = icl_optimise_norm(&h->optimise, gradient)};
        r->diverged = !isfinite(r->loss) || !isfinite(r->gradient_norm);
        if (!r->diverged)
            icl_optimise_step(&h->optimise, steps[i].step, steps[i].rate, steps[i].momentum, gradient, weights);
        r->weight_norm = icl_optimise_norm(&h->optimise, weights);
        r->diverged = r->diverged || !isfinite(r->weight_norm);
        *made = i + 1;
        if (r->diverged) break;
    }
    return ICL_OK;
}

static icl_status preview(void *state, const struct icl_planned_step *step, const uint32_t *order,
                          struct icl_error *err)
{
    struct host *h = state;
    struct icl_batch_result result;
    ICL_TRY(take_step(h, step, order, err));
    return icl_executor_forward(h->executor, ICL_MODE_DROP, h->pixels, h->labels, step->n, (uint32_t)step->step,
                                h->from.spec->smoothing, &result, err);
}

static icl_status forward(void *state, enum icl_mode mode, size_t first, size_t n, uint32_t step, struct icl_error *err)
{
    struct host *h = state;
    struct icl_batch_result result;
    ICL_TRY(take_batch(h, h->from.valid, NULL, 0, NULL, first, n, err));
    return icl_executor_forward(h->executor, mode, h->pixels, h->labels, n, step, 0, &result, err);
}

static icl_status evaluate(void *state, enum icl_split split, const uint32_t *places, size_t count, double *loss,
                           double *accuracy, struct icl_error *err)
{
    struct host *h = state;
    const struct icl_data *data = split == ICL_SPLIT_TRAIN ? h->from.train : h->from.valid;
    double sum = 0;
    size_t correct = 0;
    for (size_t done = 0, n; done < count; done += n) {
        struct icl_batch_result result;
        n = count - done < h->from.batch ? count - done : h->from.batch;
        ICL_TRY(take_batch(h, data, NULL, 0, places, done, n, err));
        ICL_TRY(icl_executor_forward(h->executor, ICL_MODE_EVALUATE, h->pixels, h->labels, n, 0, 0, &result, err));
        sum += result.loss * (double)n;
        correct += result.correct;
    }
    *loss = sum / (double)count;
    *accuracy = (double)correct / (double)count;
    return ICL_OK;
}

/* ---- what the stages held --------------------------------------------------------------------------------------- */

static icl_status summaries(void *state, icl_node_id stage, struct icl_summary three[3], struct icl_error *err)
{
    struct host *h = state;
    const struct icl_node *node = &h->from.network->node[stage];
    const struct icl_summary_ranges ranges = icl_summary_ranges(h->from.spec->general_relu);
    const size_t count = icl_executor_samples(h->executor) * node->height * node->width * node->channels;
    ICL_TRY(icl_executor_probe(h->executor, stage, ICL_TAP_RELU, h->room, err));
    const float *const places[3] = {icl_executor_output(h->executor, node->input[0]), h->room,
                                    icl_executor_output(h->executor, stage)};
    for (size_t p = 0; p < 3; p++) {
        if (places[p] == NULL) return icl_fail(err, ICL_ERR_NUMERIC, "%s: what it held was not kept", node->name);
        icl_summarise(h->kernels, h->from.team, &ranges, places[p], count, h->part, &three[p]);
    }
    return ICL_OK;
}

static icl_status sides(void *state, icl_node_id stage, const float **before, const float **after,
                        struct icl_error *err)
{
    struct host *h = state;
    ICL_TRY(icl_executor_probe(h->executor, stage, ICL_TAP_NORM, h->room, err));
    *before = h->room;
    *after = icl_executor_output(h->executor, stage);
    if (*after != NULL) return ICL_OK;
    return icl_fail(err, ICL_ERR_NUMERIC, "%s: its output was not kept", h->from.network->node[stage].name);
}

static icl_status batch_statistics(void *state, const double **statistics, struct icl_error *err)
{
    const struct host *h = state;
    (void)err;
    *statistics = icl_executor_batch_statistics(h->executor);
    return ICL_OK;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------ */

static struct icl_train_arrays arrays(void *state)
{
    struct host *h = state;
    const size_t count = h->from.network->parameter_count;
    return (struct icl_train_arrays){.parameters = icl_executor_parameters(h->executor),
                                     .first = h->optimise.first,
                                     .second = h->optimise.second,
                                     .running = icl_executor_running(h->executor),
                                     .parameter_count = count,
                                     .first_count = h->optimise.first == NULL ? 0 : count,
                                     .second_count = h->optimise.second == NULL ? 0 : count,
                                     .running_count = 2 * h->from.network->norm_channels};
}

/* The arrays are the back-end's own. */
static icl_status nothing(void *state, struct icl_error *err)
{
    (void)state;
    (void)err;
    return ICL_OK;
}

static const struct icl_back_end_calls calls = {
    .free = free_host,
    .make = make,
    .most_steps = 1,
    .preview = preview,
    .forward = forward,
    .evaluate = evaluate,
    .summaries = summaries,
    .sides = sides,
    .batch_statistics = batch_statistics,
    .arrays = arrays,
    .fetch = nothing,
    .send = nothing,
};

static icl_status take_memory(struct host *h, struct icl_error *err)
{
    const struct icl_back_end_source *from = &h->from;
    const struct icl_executor_options options = executor_options(from);
    const size_t stage = largest_stage(from);
    ICL_TRY(icl_executor_create(from->network, &options, from->team, &h->executor, err));
    ICL_TRY(icl_optimise_create(&h->optimise, from->spec, h->kernels, from->team, from->network->parameter_count, err));
    h->pixels = malloc(pixels_of(from) * sizeof *h->pixels);
    h->labels = malloc(from->batch * sizeof *h->labels);
    h->room = malloc((stage + 1) * sizeof *h->room);
    h->part = malloc((icl_summary_chunks(stage) + 1) * sizeof *h->part);
    if (h->pixels == NULL || h->labels == NULL || h->room == NULL || h->part == NULL)
        return icl_fail_memory(err, "a batch");
    return ICL_OK;
}

icl_status icl_back_end_host_create(const struct icl_back_end_source *source, struct icl_back_end *back_end,
                                    struct icl_error *err)
{
    struct host *h = calloc(1, sizeof *h);
    if (h == NULL) return icl_fail_memory(err, "a back-end");
    h->from = *source;
    h->kernels = icl_kernels();
    const icl_status status = take_memory(h, err);
    if (status != ICL_OK) {
        free_host(h);
        return status;
    }
    back_end->call = &calls;
    back_end->state = h;
    /* Without oneDNN, or on another processor, the last digits of a loss are others. */
    snprintf(back_end->kernels, sizeof back_end->kernels, "%s; convolutions: %s", h->kernels->name,
             h->kernels->conv.name());
    return ICL_OK;
}

struct icl_executor *icl_back_end_host_executor(const struct icl_back_end *back_end)
{
    return ((struct host *)back_end->state)->executor;
}
