/* What an operation of a plan puts into the queue of a device. */
#include "trainer/device_program_internal.h"

static void *buffer_at(const struct icl_device_executor *e, size_t buffer)
{
    return buffer == SIZE_MAX ? NULL : e->arena + e->plan.buffer[buffer].offset * e->plan.form.element;
}

void *device_output(const struct icl_device_executor *e, icl_node_id node)
{
    /* The images are only read: no operation writes to the input. */
    if (e->plan.output_of[node] == SIZE_MAX) return (void *)(uintptr_t)e->call.batch.images;
    return buffer_at(e, e->plan.output_of[node]);
}

void *device_gradient(const struct icl_device_executor *e, icl_node_id node)
{
    return buffer_at(e, e->plan.gradient_of[node]);
}

static const struct icl_node *node_of(const struct icl_device_executor *e, const struct operation *op)
{
    return &e->network->node[op->node];
}

static const struct icl_device_layers *layers_of(const struct icl_device_executor *e)
{
    return &e->device->call->layers;
}

/* ---- stages ----------------------------------------------------------------------------------------------------- */

struct icl_device_stage device_stage(const struct icl_device_executor *e, icl_node_id v)
{
    const struct icl_node *node = &e->network->node[v];
    const bool dropout = node->drop > 0.0 && (e->call.mode == ICL_MODE_TRAIN || e->call.mode == ICL_MODE_DROP);
    const size_t at = e->plan.gates[v];
    return (struct icl_device_stage){
        .norm = node->norm,
        .act = node->act,
        .tap = node->tap,
        .shape = stage_shape(node, e->call.batch.n),
        .storage = e->options.storage,
        .dropout = dropout,
        .mask = {.stream = {e->options.seed, node->gate == ICL_GATE_GAUSSIAN ? ICL_PURPOSE_NOISE : ICL_PURPOSE_MASK,
                            node->layer, 0},
                 .gate = node->gate,
                 .keep = 1.0 - node->drop,
                 .rescale = true},
        .now = e->call.batch.now,
        .x = device_output(e, node->input[0]),
        .add = node->input[1] == ICL_NO_NODE ? NULL : device_output(e, node->input[1]),
        .scale = e->scale + e->layout.norm[v],
        .shift = e->shift + e->layout.norm[v],
        /* Only the way back reads them. */
        .gates = dropout && has_gates(node) && e->call.program == &e->plan.step ? e->bytes + at : NULL,
        .y = device_output(e, v),
        .tap_output = node->tap_node == ICL_NO_NODE ? NULL : device_output(e, node->tap_node),
        .slope = e->slope + 3 * e->layout.norm[v],
    };
}

/* The norm whose channels begin at `at`. */
static struct icl_device_norm norm_at(const struct icl_device_executor *e, size_t at)
{
    const struct device_layout *layout = &e->layout;
    struct icl_device_norm norm = {.epsilon = e->options.norm_epsilon,
                                   .momentum = e->options.norm_momentum,
                                   .moves = e->call.mode == ICL_MODE_TRAIN,
                                   .gamma = e->parameters + layout->scales + at,
                                   .beta = e->parameters + layout->shifts + at,
                                   .running_mean = e->running + at,
                                   .running_variance = e->running + layout->channels + at,
                                   .mean = e->batch + at,
                                   .variance = e->batch + layout->channels + at,
                                   .scale = e->scale + at,
                                   .shift = e->shift + at,
                                   .slope = e->slope + 3 * at,
                                   .partial = e->partial};
    if (e->gradient == NULL) return norm;
    norm.dgamma = e->gradient + layout->scales + at;
    norm.dbeta = e->gradient + layout->shifts + at;
    return norm;
}

static void stage_sums(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_device_stage stage = device_stage(e, op->node);
    const struct icl_device_norm norm = norm_at(e, e->layout.norm[op->node]);
    layers_of(e)->norm_forward(e->device, &stage, &norm);
}

static void stage_forward(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_device_stage stage = device_stage(e, op->node);
    layers_of(e)->stage_forward(e->device, &stage);
}

/* The stage with the gradients of what it gave. */
static struct icl_device_stage backward_stage(const struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_node *node = node_of(e, op);
    struct icl_device_stage stage = device_stage(e, op->node);
    stage.dy = device_gradient(e, op->node);
    if (node->tap_node != ICL_NO_NODE) stage.dtap = device_gradient(e, node->tap_node);
    return stage;
}

static void stage_backward_sums(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_device_stage stage = backward_stage(e, op);
    const struct icl_device_norm norm = norm_at(e, e->layout.norm[op->node]);
    layers_of(e)->norm_backward(e->device, &stage, &norm);
}

static void stage_backward(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_node *node = node_of(e, op);
    struct icl_device_stage stage = backward_stage(e, op);
    if (op->writes[0]) stage.dx = device_gradient(e, node->input[0]);
    if (op->writes[1]) stage.dadd = device_gradient(e, node->input[1]);
    stage.add_dx = op->add[0];
    stage.add_dadd = op->add[1];
    layers_of(e)->stage_backward(e->device, &stage);
}

/* ---- convolutions ----------------------------------------------------------------------------------------------- */

static const void *weights_of(const struct icl_device_executor *e, const struct icl_node *node)
{
    return (const char *)e->weights + e->layout.parameter[node->weight] * e->plan.form.element;
}

static void conv_forward(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_node *node = node_of(e, op);
    const float *bias = node->bias == SIZE_MAX ? NULL : e->parameters + e->layout.parameter[node->bias];
    layers_of(e)->conv_forward(e->device, e->call.conv[op->node], device_output(e, node->input[0]), weights_of(e, node),
                               bias, device_output(e, op->node), e->scratch);
}

static void conv_backward_data(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_node *node = node_of(e, op);
    layers_of(e)->conv_backward_data(e->device, e->call.conv[op->node], device_gradient(e, op->node),
                                     weights_of(e, node), device_gradient(e, node->input[0]), op->add[0], e->scratch);
}

static void conv_backward_weights(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_node *node = node_of(e, op);
    float *bias = node->bias == SIZE_MAX ? NULL : e->gradient + e->layout.parameter[node->bias];
    layers_of(e)->conv_backward_weights(e->device, e->call.conv[op->node], device_output(e, node->input[0]),
                                        device_gradient(e, op->node), e->gradient + e->layout.parameter[node->weight],
                                        bias, e->scratch);
}

/* ---- sums and pools --------------------------------------------------------------------------------------------- */

static void add_forward(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_node *node = node_of(e, op);
    layers_of(e)->add(e->device, e->options.storage, device_output(e, node->input[0]), device_output(e, node->input[1]),
                      e->call.batch.n * node_elements(node), device_output(e, op->node));
}

static void add_backward(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_node *node = node_of(e, op);
    const size_t count = e->call.batch.n * node_elements(node);
    const void *from = device_gradient(e, op->node);
    for (size_t i = 0; i < 2; i++) {
        if (!op->writes[i]) continue;
        void *to = device_gradient(e, node->input[i]);
        if (op->add[i])
            layers_of(e)->add(e->device, e->options.storage, to, from, count, to);
        else
            e->device->call->copy(e->device, from, count * e->plan.form.element, to);
    }
}

static void max_pool(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_node *node = node_of(e, op);
    uint8_t *where = e->options.inference ? NULL : e->bytes + e->plan.where[op->node];
    layers_of(e)->max_pool_forward(e->device, e->options.storage, &node->pool, e->call.batch.n,
                                   device_output(e, node->input[0]), device_output(e, op->node), where);
}

static void max_pool_backward(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_node *node = node_of(e, op);
    layers_of(e)->max_pool_backward(e->device, e->options.storage, &node->pool, e->call.batch.n,
                                    device_gradient(e, op->node), e->bytes + e->plan.where[op->node],
                                    device_gradient(e, node->input[0]), op->add[0]);
}

static void average_pool(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_node *node = node_of(e, op);
    layers_of(e)->average_pool_forward(e->device, e->options.storage, &node->pool, e->call.batch.n,
                                       device_output(e, node->input[0]), device_output(e, op->node));
}

static void average_pool_backward(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_node *node = node_of(e, op);
    layers_of(e)->average_pool_backward(e->device, e->options.storage, &node->pool, e->call.batch.n,
                                        device_gradient(e, op->node), device_gradient(e, node->input[0]), op->add[0]);
}

/* ---- loss ------------------------------------------------------------------------------------------------------- */

static void loss(struct icl_device_executor *e, const struct operation *op)
{
    const struct icl_device_batch *batch = &e->call.batch;
    if (batch->labels == NULL) return;
    void *dlogits = e->call.program == &e->plan.step ? device_gradient(e, op->node) : NULL;
    layers_of(e)->cross_entropy(e->device, e->options.storage, device_output(e, op->node), batch->labels, batch->n,
                                node_elements(node_of(e, op)), batch->smoothing, 1.0 / (double)batch->n, dlogits,
                                batch->outcome);
}

/* ---- the walk --------------------------------------------------------------------------------------------------- */

void device_call_enqueue(struct icl_device_executor *e)
{
    static void (*const runs[OP_KINDS])(struct icl_device_executor *, const struct operation *) = {
        [OP_STAGE_SUMS] = stage_sums,
        [OP_STAGE_FORWARD] = stage_forward,
        [OP_CONV_FORWARD] = conv_forward,
        [OP_ADD] = add_forward,
        [OP_MAX_POOL] = max_pool,
        [OP_AVERAGE_POOL] = average_pool,
        [OP_LOSS] = loss,
        [OP_STAGE_BACKWARD_SUMS] = stage_backward_sums,
        [OP_STAGE_BACKWARD] = stage_backward,
        [OP_CONV_BACKWARD_WEIGHTS] = conv_backward_weights,
        [OP_CONV_BACKWARD_DATA] = conv_backward_data,
        [OP_ADD_BACKWARD] = add_backward,
        [OP_MAX_POOL_BACKWARD] = max_pool_backward,
        [OP_AVERAGE_POOL_BACKWARD] = average_pool_backward,
    };
    const struct icl_device_layers *layers = layers_of(e);
    if (e->options.storage != ICL_STORAGE_F32)
        layers->convert(e->device, ICL_STORAGE_F32, e->parameters, e->layout.weights, e->options.storage, e->weights);
    if (e->call.mode == ICL_MODE_EVALUATE && e->layout.channels > 0) {
        const struct icl_device_norm all = norm_at(e, 0);
        layers->norm_running(e->device, e->layout.channels, &all);
    }
    for (size_t o = 0; o < e->call.program->operations; o++)
        runs[e->call.program->operation[o].kind](e, &e->call.program->operation[o]);
}
