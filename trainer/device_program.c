#include "trainer/device_program.h"

#include <stdint.h>
#include <stdlib.h>

#include "trainer/device_program_internal.h"

/* ---- plans ------------------------------------------------------------------------------------------------------ */

/* The sizes that calls may have, each once, the batch first. */
static icl_status take_sizes(struct icl_device_executor *e, const struct icl_device_executor_options *options,
                             struct icl_error *err)
{
    e->size = calloc(options->rests + 1, sizeof *e->size);
    if (e->size == NULL) return icl_fail_memory(err, "the plan of a network");
    e->size[e->sizes++] = options->batch;
    for (size_t r = 0; r < options->rests; r++) {
        const size_t n = options->rest[r];
        if (n == 0 || n > options->batch)
            return icl_fail(err, ICL_ERR_USAGE, "a batch of %zu for a network planned for at most %zu", n,
                            options->batch);
        size_t s = 0;
        while (s < e->sizes && e->size[s] != n)
            s++;
        if (s == e->sizes) e->size[e->sizes++] = n;
    }
    return ICL_OK;
}

static bool same_form(const struct icl_device_conv_form *a, const struct icl_device_conv_form *b)
{
    const struct icl_conv_shape *s = &a->shape, *t = &b->shape;
    return s->height == t->height && s->width == t->width && s->in == t->in && s->out == t->out &&
           s->window == t->window && s->stride == t->stride && s->padding == t->padding && s->bias == t->bias &&
           a->images == b->images && a->input_gradient == b->input_gradient && a->weight_gradient == b->weight_gradient;
}

/* The plan of that form: one that is there, or a new one. */
static icl_status find_conv(struct icl_device_executor *e, const struct icl_device_conv_form *form,
                            struct icl_device_conv **conv, struct icl_error *err)
{
    size_t c = 0;
    while (c < e->convs && !same_form(form, &e->conv[c].form))
        c++;
    if (c == e->convs) {
        ICL_TRY(e->device->call->layers.conv_plan(e->device, form, &e->conv[c].conv, err));
        e->conv[c].form = *form;
        e->convs++;
    }
    *conv = e->conv[c].conv;
    return ICL_OK;
}

static icl_status plan_convs(struct icl_device_executor *e, struct icl_error *err)
{
    const struct icl_network *net = e->network;
    const bool training = !e->options.inference;
    e->conv_of = calloc(e->sizes * net->nodes, sizeof(struct icl_device_conv *));
    e->conv = calloc(e->sizes * net->nodes, sizeof *e->conv);
    if (e->conv_of == NULL || e->conv == NULL) return icl_fail_memory(err, "the plan of a network");
    for (size_t s = 0; s < e->sizes; s++)
        for (icl_node_id v = 0; v < net->nodes; v++) {
            const struct icl_node *node = &net->node[v];
            if (node->kind != ICL_NODE_CONV) continue;
            const struct icl_device_conv_form form = {.shape = node->conv,
                                                      .images = e->size[s],
                                                      .storage = e->options.storage,
                                                      .rule = e->options.rule,
                                                      .input_gradient =
                                                          training && e->plan.needs_gradient[node->input[0]],
                                                      .weight_gradient = training};
            ICL_TRY(find_conv(e, &form, &e->conv_of[s * net->nodes + v], err));
        }
    return ICL_OK;
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

/* `bytes` more of the one piece of memory; where they lie, if it has been taken. */
static void *cut(const struct icl_device_executor *e, size_t *end, size_t bytes)
{
    void *place = e->memory == NULL || bytes == 0 ? NULL : (char *)e->memory + *end;
    *end += round_up(bytes, DEVICE_ALIGNMENT);
    return place;
}

static size_t norm_room(const struct icl_device_executor *e)
{
    size_t most = 0;
    for (icl_node_id v = 0; v < e->network->nodes; v++)
        for (size_t s = 0; s < e->sizes && e->network->node[v].scale != SIZE_MAX; s++) {
            const struct icl_shape shape = stage_shape(&e->network->node[v], e->size[s]);
            const size_t room = e->device->call->layers.norm_room(&shape);
            if (room > most) most = room;
        }
    return most;
}

static size_t conv_room(const struct icl_device_executor *e)
{
    size_t most = 0;
    for (size_t c = 0; c < e->convs; c++) {
        const size_t room = e->device->call->layers.conv_scratch(e->conv[c].conv);
        if (room > most) most = room;
    }
    return most;
}

/* Gives every array its place, or counts their bytes while there is no memory. */
static void lay_out(struct icl_device_executor *e)
{
    const bool training = !e->options.inference, copied = e->options.storage != ICL_STORAGE_F32;
    const size_t floats = sizeof(float), element = e->plan.form.element, channels = e->layout.channels;
    size_t end = 0, begin = 0;
    e->parameters = cut(e, &end, e->layout.count * floats);
    e->weights = copied ? cut(e, &end, e->layout.weights * element) : e->parameters;
    e->measure.parameters = end;
    begin = end;
    e->gradient = cut(e, &end, training ? e->layout.count * floats : 0);
    e->measure.gradients = end - begin;
    begin = end;
    e->arena = cut(e, &end, e->plan.arena * element);
    e->bytes = cut(e, &end, e->plan.byte_arena);
    e->measure.activations = end - begin;
    begin = end;
    e->running = cut(e, &end, 2 * channels * sizeof(double));
    e->batch = cut(e, &end, 2 * channels * sizeof(double));
    e->scale = cut(e, &end, channels * floats);
    e->shift = cut(e, &end, channels * floats);
    e->slope = cut(e, &end, 3 * channels * floats);
    e->partial = cut(e, &end, norm_room(e));
    e->scratch = cut(e, &end, conv_room(e));
    e->measure.scratch = end - begin;
    e->measure.total = end;
}

/* Everything but the memory. */
static icl_status prepare(struct icl_device_executor *e, const struct icl_network *network,
                          const struct icl_device_executor_options *options, struct icl_device *device,
                          struct icl_error *err)
{
    *e = (struct icl_device_executor){.device = device, .network = network, .options = *options};
    e->options.rest = NULL;
    const struct plan_form form = {.batch = options->batch,
                                   .inference = options->inference,
                                   .keep = options->keep,
                                   .by_operation = true,
                                   .element = icl_storage_bytes(options->storage),
                                   .alignment = DEVICE_ALIGNMENT};
    ICL_TRY(plan_make(&e->plan, network, &form, err));
    ICL_TRY(device_layout_make(&e->layout, network, err));
    ICL_TRY(take_sizes(e, options, err));
    ICL_TRY(plan_convs(e, err));
    lay_out(e);
    return ICL_OK;
}

static void unprepare(struct icl_device_executor *e)
{
    for (size_t c = 0; c < e->convs; c++)
        e->device->call->layers.conv_release(e->device, e->conv[c].conv);
    free(e->conv);
    free(e->conv_of);
    free(e->size);
    device_layout_free(&e->layout);
    plan_free(&e->plan);
}

icl_status icl_device_executor_measure(const struct icl_network *network,
                                       const struct icl_device_executor_options *options, struct icl_device *device,
                                       struct icl_executor_memory *memory, struct icl_error *err)
{
    struct icl_device_executor e;
    const icl_status status = prepare(&e, network, options, device, err);
    if (status == ICL_OK) *memory = e.measure;
    unprepare(&e);
    return status;
}

/* Zeros everywhere, but ones as running variances. */
static icl_status begin(struct icl_device_executor *e, struct icl_error *err)
{
    const size_t channels = e->layout.channels;
    e->device->call->clear(e->device, e->memory, e->measure.total);
    if (channels == 0) return ICL_OK;
    double *ones = malloc(channels * sizeof *ones);
    if (ones == NULL) return icl_fail_memory(err, "a network");
    for (size_t c = 0; c < channels; c++)
        ones[c] = 1.0;
    e->device->call->upload(e->device, ones, channels * sizeof *ones, e->running + channels);
    free(ones);
    return ICL_OK;
}

icl_status icl_device_executor_create(const struct icl_network *network,
                                      const struct icl_device_executor_options *options, struct icl_device *device,
                                      struct icl_device_executor **executor, struct icl_error *err)
{
    struct icl_device_executor *e = calloc(1, sizeof *e);
    *executor = NULL;
    if (e == NULL) return icl_fail_memory(err, "a network");
    icl_status status = prepare(e, network, options, device, err);
    if (status == ICL_OK) status = device->call->take(device, e->measure.total, &e->memory, err);
    if (status == ICL_OK) {
        lay_out(e);
        status = begin(e, err);
    }
    if (status == ICL_OK)
        *executor = e;
    else
        icl_device_executor_free(e);
    return status;
}

void icl_device_executor_free(struct icl_device_executor *e)
{
    if (e == NULL) return;
    e->device->call->release(e->device, e->memory);
    unprepare(e);
    free(e);
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static icl_status call(struct icl_device_executor *e, const struct program *program, enum icl_mode mode,
                       const struct icl_device_batch *batch, struct icl_error *err)
{
    size_t s = 0;
    while (s < e->sizes && e->size[s] != batch->n)
        s++;
    e->call = (struct device_call){0}; /* of a call that is refused there is nothing to be looked at */
    if (s == e->sizes)
        return icl_fail(err, ICL_ERR_USAGE, "a batch of %zu, for which the network on the device is not planned",
                        batch->n);
    e->call = (struct device_call){program, mode, *batch, e->conv_of + s * e->network->nodes};
    device_call_enqueue(e);
    return ICL_OK;
}

icl_status icl_device_executor_forward(struct icl_device_executor *e, enum icl_mode mode,
                                       const struct icl_device_batch *batch, struct icl_error *err)
{
    return call(e, mode == ICL_MODE_EVALUATE ? &e->plan.evaluate : &e->plan.forward, mode, batch, err);
}

icl_status icl_device_executor_gradient_step(struct icl_device_executor *e, const struct icl_device_batch *batch,
                                             struct icl_error *err)
{
    if (e->options.inference || batch->labels == NULL)
        return icl_fail(err, ICL_ERR_USAGE, "a gradient needs labels and an executor that is not for inference");
    return call(e, &e->plan.step, ICL_MODE_TRAIN, batch, err);
}

/* ---- parameters and statistics ---------------------------------------------------------------------------------- */

size_t icl_device_executor_count(const struct icl_device_executor *e)
{
    return e->layout.count;
}

float *icl_device_executor_parameters(struct icl_device_executor *e)
{
    return e->parameters;
}

float *icl_device_executor_gradient(struct icl_device_executor *e)
{
    return e->gradient;
}

void icl_device_executor_put(struct icl_device_executor *e, const float *host, float *array)
{
    for (size_t p = 0; p < e->network->parameters; p++) {
        const struct icl_parameter *parameter = &e->network->parameter[p];
        e->device->call->upload(e->device, host + parameter->offset, parameter->count * sizeof *host,
                                array + e->layout.parameter[p]);
    }
}

void icl_device_executor_get(struct icl_device_executor *e, const float *array, float *host)
{
    for (size_t p = 0; p < e->network->parameters; p++) {
        const struct icl_parameter *parameter = &e->network->parameter[p];
        e->device->call->download(e->device, array + e->layout.parameter[p], parameter->count * sizeof *host,
                                  host + parameter->offset);
    }
}

/* Calls move(means or variances of a norm on the device, the same on the host) for all norms. */
static void each_norm(struct icl_device_executor *e, double *array, double *host,
                      void (*move)(struct icl_device *device, double *there, double *here, size_t bytes))
{
    for (icl_node_id v = 0; v < e->network->nodes; v++) {
        const struct icl_node *node = &e->network->node[v];
        if (node->scale == SIZE_MAX) continue;
        for (size_t half = 0; half < 2; half++)
            move(e->device, array + half * e->layout.channels + e->layout.norm[v],
                 host + half * e->network->norm_channels + node->norm_offset, node->channels * sizeof *host);
    }
}

static void move_there(struct icl_device *device, double *there, double *here, size_t bytes)
{
    device->call->upload(device, here, bytes, there);
}

static void move_here(struct icl_device *device, double *there, double *here, size_t bytes)
{
    device->call->download(device, there, bytes, here);
}

void icl_device_executor_put_running(struct icl_device_executor *e, const double *host)
{
    each_norm(e, e->running, (double *)(uintptr_t)host, move_there); /* which only reads it */
}

void icl_device_executor_get_running(struct icl_device_executor *e, double *host)
{
    each_norm(e, e->running, host, move_here);
}

void icl_device_executor_get_batch_statistics(struct icl_device_executor *e, double *host)
{
    each_norm(e, e->batch, host, move_here);
}

struct icl_device_piece icl_device_executor_running(struct icl_device_executor *e)
{
    return (struct icl_device_piece){e->running, 2 * e->layout.channels * sizeof *e->running};
}

/* ---- what can be looked at -------------------------------------------------------------------------------------- */

/* Of the input: the images of the call. */
static bool is_whole(const struct icl_device_executor *e, icl_node_id node)
{
    return e->call.program != NULL && plan_output_stays(&e->plan, e->call.program, node);
}

const void *icl_device_executor_output(const struct icl_device_executor *e, icl_node_id node)
{
    return is_whole(e, node) ? device_output(e, node) : NULL;
}

icl_status icl_device_executor_stage(const struct icl_device_executor *e, icl_node_id v, struct icl_device_stage *stage,
                                     struct icl_error *err)
{
    const struct icl_node *node = &e->network->node[v];
    bool there = node->kind == ICL_NODE_STAGE && e->call.program != NULL;
    for (size_t i = 0; there && i < 2; i++)
        there = node->input[i] == ICL_NO_NODE || is_whole(e, node->input[i]);
    if (!there)
        return icl_fail(err, ICL_ERR_USAGE, "%s cannot be looked into: no stage, or what it read has gone", node->name);
    *stage = device_stage(e, v);
    stage->gates = NULL; /* drawn anew */
    if (!is_whole(e, v)) stage->y = NULL;
    if (node->tap_node != ICL_NO_NODE && !is_whole(e, node->tap_node)) stage->tap_output = NULL;
    return ICL_OK;
}
