#include "trainer/executor.h"

#include <stdlib.h>
#include <string.h>

#include "trainer/executor_internal.h"

/* ---- memory ----------------------------------------------------------------------------------------------------- */

/* `bytes` of zeros on a boundary of a cache line; never NULL for 0 bytes. */
static void *take(size_t bytes)
{
    const size_t rounded = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    void *room = aligned_alloc(ALIGNMENT, rounded);
    if (room != NULL) memset(room, 0, rounded);
    return room;
}

static bool take_all(struct icl_executor *e)
{
    const struct plan *plan = &e->plan;
    const struct processor_plan *cpu = &e->cpu;
    const struct icl_network *net = plan->network;
    const size_t floats = sizeof(float), channels = net->norm_channels;
    const unsigned threads = icl_team_size(e->team);
    const bool training = !plan->form.inference;
    bool all = (e->parameters = take(net->parameter_count * floats)) != NULL;
    all = all && (e->gradient = take((training ? net->parameter_count : 0) * floats)) != NULL;
    all = all && (e->packed = take(cpu->packed_floats * floats)) != NULL;
    all = all && (e->arena = take(plan->arena * floats)) != NULL;
    all = all && (e->bytes = take(plan->byte_arena)) != NULL;
    all = all && (e->scale = take(channels * floats)) != NULL;
    all = all && (e->shift = take(channels * floats)) != NULL;
    all = all && (e->slope = take(3 * channels * floats)) != NULL;
    all = all && (e->running = take(2 * channels * sizeof(double))) != NULL;
    all = all && (e->batch = take(2 * channels * sizeof(double))) != NULL;
    all = all && (e->stage = take(net->nodes * sizeof *e->stage)) != NULL;
    all = all && (e->mask = take(net->nodes * sizeof *e->mask)) != NULL;
    all = all && (e->lane = take(cpu->lanes * sizeof *e->lane)) != NULL;
    all = all && (e->space = take(threads * sizeof *e->space)) != NULL;
    for (size_t l = 0; all && l < cpu->lanes; l++) {
        all = (e->lane[l].sums = take(2 * channels * sizeof(double))) != NULL;
        all = all && (e->lane[l].gradient = take((training ? cpu->lane_gradient_floats : 0) * floats)) != NULL;
    }
    for (unsigned w = 0; all && w < threads; w++) {
        all = (e->space[w].scratch = take(cpu->scratch)) != NULL;
        all = all && (e->space[w].temporary = take(cpu->tile * cpu->most_elements * floats)) != NULL;
    }
    return all;
}

icl_status icl_executor_create(const struct icl_network *network, const struct icl_executor_options *options,
                               struct icl_team *team, struct icl_executor **executor, struct icl_error *err)
{
    struct icl_executor *e = calloc(1, sizeof *e);
    if (e == NULL) return icl_fail_memory(err, "a network");
    e->team = team;
    e->options = *options;
    const icl_status status = processor_plan_make(&e->cpu, &e->plan, network, options, icl_team_size(team), err);
    if (status != ICL_OK) {
        free(e);
        return status;
    }
    if (!take_all(e)) {
        const size_t megabytes = e->cpu.memory.total >> 20;
        icl_executor_free(e);
        return icl_fail(err, ICL_ERR_MEMORY, "a network with a batch of %zu needs %zu MiB, which are not there",
                        options->batch, megabytes);
    }
    for (size_t c = 0; c < network->norm_channels; c++)
        e->running[network->norm_channels + c] = 1.0;
    *executor = e;
    return ICL_OK;
}

void icl_executor_free(struct icl_executor *e)
{
    if (e == NULL) return;
    for (size_t l = 0; e->lane != NULL && l < e->cpu.lanes; l++) {
        free(e->lane[l].sums);
        free(e->lane[l].gradient);
    }
    for (unsigned w = 0; e->space != NULL && w < icl_team_size(e->team); w++) {
        free(e->space[w].scratch);
        free(e->space[w].temporary);
    }
    void *const arrays[] = {e->parameters, e->gradient, e->packed, e->arena, e->bytes, e->scale, e->shift,
                            e->slope,      e->running,  e->batch,  e->stage, e->mask,  e->lane,  e->space};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    processor_plan_free(&e->cpu, &e->plan);
    free(e);
}

icl_status icl_executor_measure(const struct icl_network *network, const struct icl_executor_options *options,
                                unsigned threads, struct icl_executor_memory *memory, struct icl_error *err)
{
    struct processor_plan cpu;
    struct plan plan;
    ICL_TRY(processor_plan_make(&cpu, &plan, network, options, threads, err));
    *memory = cpu.memory;
    processor_plan_free(&cpu, &plan);
    return ICL_OK;
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static const struct icl_stage *stage_of(struct icl_executor *e, icl_node_id v, bool dropout)
{
    const struct icl_node *node = &e->plan.network->node[v];
    struct icl_mask *mask = &e->mask[v];
    *mask = (struct icl_mask){.stream = {e->options.seed,
                                         node->gate == ICL_GATE_GAUSSIAN ? ICL_PURPOSE_NOISE : ICL_PURPOSE_MASK,
                                         node->layer, e->call.step},
                              .gate = node->gate,
                              .keep = 1.0 - node->drop,
                              .rescale = true};
    e->stage[v] = (struct icl_stage){.norm = node->norm,
                                     .act = node->act,
                                     .tap = node->tap,
                                     .shape = stage_shape(node, e->call.n),
                                     .mask = dropout && node->drop > 0.0 ? mask : NULL};
    return &e->stage[v];
}

static icl_status check_call(const struct icl_executor *e, struct icl_error *err)
{
    const struct icl_network *net = e->plan.network;
    const size_t classes = node_elements(&net->node[net->output]);
    if (e->call.n == 0 || e->call.n > e->options.batch)
        return icl_fail(err, ICL_ERR_USAGE, "a batch of %zu for a network planned for at most %zu", e->call.n,
                        e->options.batch);
    for (size_t i = 0; e->call.labels != NULL && i < e->call.n; i++)
        if (e->call.labels[i] >= classes)
            return icl_fail(err, ICL_ERR_INPUT, "label %u of sample %zu: the network tells %zu classes",
                            (unsigned)e->call.labels[i], i, classes);
    return ICL_OK;
}

static icl_status run(struct icl_executor *e, struct icl_batch_result *result, struct icl_error *err)
{
    const icl_status status = check_call(e, err);
    if (status != ICL_OK) {
        e->call = (struct call){0}; /* nothing was computed that could be looked at */
        return status;
    }
    const bool dropout = e->call.mode == ICL_MODE_TRAIN || e->call.mode == ICL_MODE_DROP;
    for (icl_node_id v = 0; v < e->plan.network->nodes; v++)
        if (e->plan.network->node[v].kind == ICL_NODE_STAGE) stage_of(e, v, dropout);
    ICL_TRY(execute(e, err));
    if (result == NULL) return ICL_OK;
    *result = (struct icl_batch_result){0};
    for (size_t l = 0; l < e->cpu.lanes; l++) {
        result->loss += e->lane[l].loss;
        result->correct += e->lane[l].correct;
    }
    result->loss /= (double)e->call.n;
    return ICL_OK;
}

icl_status icl_executor_forward(struct icl_executor *e, enum icl_mode mode, const float *images, const uint32_t *labels,
                                size_t n, uint32_t step, double smoothing, struct icl_batch_result *result,
                                struct icl_error *err)
{
    e->call = (struct call){
        mode == ICL_MODE_EVALUATE ? &e->plan.evaluate : &e->plan.forward, mode, images, labels, n, step, smoothing};
    return run(e, result, err);
}

icl_status icl_executor_gradient_step(struct icl_executor *e, const float *images, const uint32_t *labels, size_t n,
                                      uint32_t step, double smoothing, struct icl_batch_result *result,
                                      struct icl_error *err)
{
    if (e->options.inference || labels == NULL)
        return icl_fail(err, ICL_ERR_USAGE, "a gradient needs labels and an executor that is not for inference");
    e->call = (struct call){&e->plan.step, ICL_MODE_TRAIN, images, labels, n, step, smoothing};
    return run(e, result, err);
}

/* ---- what can be looked at -------------------------------------------------------------------------------------- */

float *icl_executor_parameters(struct icl_executor *e)
{
    return e->parameters;
}

const float *icl_executor_gradient(const struct icl_executor *e)
{
    return e->gradient;
}

double *icl_executor_running(struct icl_executor *e)
{
    return e->running;
}

const double *icl_executor_batch_statistics(const struct icl_executor *e)
{
    return e->batch;
}

/* Of the input: the caller's images. */
static bool is_whole(const struct icl_executor *e, icl_node_id node)
{
    return e->call.program != NULL && plan_output_stays(&e->plan, e->call.program, node);
}

const float *icl_executor_output(const struct icl_executor *e, icl_node_id node)
{
    return is_whole(e, node) ? output_at(e, node, 0) : NULL;
}

size_t icl_executor_samples(const struct icl_executor *e)
{
    return e->call.n;
}

icl_status icl_executor_probe(struct icl_executor *e, icl_node_id node, enum icl_tap place, float *out,
                              struct icl_error *err)
{
    const struct icl_node *stage = &e->plan.network->node[node];
    bool there = stage->kind == ICL_NODE_STAGE && e->call.program != NULL;
    for (size_t i = 0; there && i < 2; i++)
        there = stage->input[i] == ICL_NO_NODE || is_whole(e, stage->input[i]);
    if (!there)
        return icl_fail(err, ICL_ERR_USAGE, "%s cannot be looked into: no stage, or what it read has gone",
                        stage->name);
    struct icl_stage inner = e->stage[node];
    inner.mask = NULL;
    inner.tap = ICL_TAP_NONE;
    if (place == ICL_TAP_RELU && inner.norm == ICL_NORM_AFTER) inner.norm = ICL_NORM_ABSENT;
    const struct icl_stage_data_f32 data = {.samples = e->call.n,
                                            .x = output_at(e, stage->input[0], 0),
                                            .add = stage->input[1] == ICL_NO_NODE ? NULL
                                                                                  : output_at(e, stage->input[1], 0),
                                            .scale = e->scale + stage->norm_offset,
                                            .shift = e->shift + stage->norm_offset,
                                            .y = out};
    e->cpu.kernels->layers.stage_forward(&inner, &data);
    return ICL_OK;
}

size_t icl_executor_profile(const struct icl_executor *e, const char **name, double *seconds)
{
    static const char *const names[OP_KINDS] = {
        [OP_STAGE_SUMS] = "stage sums",
        [OP_STAGE_FORWARD] = "stage forward",
        [OP_CONV_FORWARD] = "convolution forward",
        [OP_ADD] = "sum forward",
        [OP_MAX_POOL] = "maximum pool forward",
        [OP_AVERAGE_POOL] = "average pool forward",
        [OP_LOSS] = "loss",
        [OP_STAGE_BACKWARD_SUMS] = "stage sums backward",
        [OP_STAGE_BACKWARD] = "stage backward",
        [OP_CONV_BACKWARD_WEIGHTS] = "convolution backward, weights",
        [OP_CONV_BACKWARD_DATA] = "convolution backward, data",
        [OP_ADD_BACKWARD] = "sum backward",
        [OP_MAX_POOL_BACKWARD] = "maximum pool backward",
        [OP_AVERAGE_POOL_BACKWARD] = "average pool backward",
    };
    for (size_t k = 0; k < OP_KINDS; k++) {
        if (name != NULL) name[k] = names[k];
        if (seconds == NULL) continue;
        seconds[k] = 0.0;
        for (unsigned w = 0; w < icl_team_size(e->team); w++)
            seconds[k] += e->space[w].seconds[k];
    }
    return OP_KINDS;
}
