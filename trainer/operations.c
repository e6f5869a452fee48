/* What an operation does to a tile of samples. */
#include <string.h>

#include "trainer/executor_internal.h"

float *output_at(const struct icl_executor *e, icl_node_id node, size_t first)
{
    const size_t b = e->plan.output_of[node], elements = node_elements(&e->plan.network->node[node]);
    /* The images are only read: no operation writes to the input. */
    if (b == SIZE_MAX) return (float *)(uintptr_t)(e->call.images + first * elements);
    return e->arena + e->plan.buffer[b].offset + first * elements;
}

float *gradient_at(const struct icl_executor *e, icl_node_id node, size_t first)
{
    const size_t b = e->plan.gradient_of[node];
    if (b == SIZE_MAX) return NULL;
    return e->arena + e->plan.buffer[b].offset + first * node_elements(&e->plan.network->node[node]);
}

static const struct icl_node *node_of(const struct icl_executor *e, const struct operation *op)
{
    return &e->plan.network->node[op->node];
}

static float *packed_of(const struct icl_executor *e, const struct operation *op)
{
    return e->packed + e->cpu.packed[op->node];
}

/* ---- stages ----------------------------------------------------------------------------------------------------- */

static struct icl_stage_data_f32 stage_data(const struct icl_executor *e, const struct operation *op,
                                            const struct tile *tile)
{
    const struct icl_node *node = node_of(e, op);
    const struct icl_stage *stage = &e->stage[op->node];
    struct icl_stage_data_f32 data = {.first = tile->first, .samples = tile->count};
    data.x = output_at(e, node->input[0], tile->first);
    if (node->input[1] != ICL_NO_NODE) data.add = output_at(e, node->input[1], tile->first);
    data.scale = e->scale + node->norm_offset;
    data.shift = e->shift + node->norm_offset;
    data.slope = e->slope + 3 * node->norm_offset;
    if (stage->mask != NULL && has_gates(node))
        data.gates = e->bytes + e->plan.gates[op->node] + tile->first * icl_gate_bytes(&stage->shape);
    return data;
}

/* The pair of sums of the operation's norm. */
static double *lane_sums(const struct icl_executor *e, const struct operation *op, const struct tile *tile)
{
    return tile->lane->sums + 2 * node_of(e, op)->norm_offset;
}

static icl_status stage_sums(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                             struct icl_error *err)
{
    (void)err;
    const struct icl_stage_data_f32 data = stage_data(e, op, tile);
    double *sums = lane_sums(e, op, tile);
    e->cpu.kernels->layers.stage_sums(&e->stage[op->node], &data, sums, sums + node_of(e, op)->channels);
    return ICL_OK;
}

static icl_status stage_forward(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                                struct icl_error *err)
{
    (void)err;
    const struct icl_node *node = node_of(e, op);
    struct icl_stage_data_f32 data = stage_data(e, op, tile);
    data.y = output_at(e, op->node, tile->first);
    if (node->tap_node != ICL_NO_NODE) data.tap = output_at(e, node->tap_node, tile->first);
    e->cpu.kernels->layers.stage_forward(&e->stage[op->node], &data);
    return ICL_OK;
}

static void add_gradients(const struct icl_executor *e, const struct operation *op, const struct tile *tile,
                          struct icl_stage_data_f32 *data)
{
    const struct icl_node *node = node_of(e, op);
    data->dy = gradient_at(e, op->node, tile->first);
    if (node->tap_node != ICL_NO_NODE) data->dtap = gradient_at(e, node->tap_node, tile->first);
}

static icl_status stage_backward_sums(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                                      struct icl_error *err)
{
    (void)err;
    struct icl_stage_data_f32 data = stage_data(e, op, tile);
    add_gradients(e, op, tile, &data);
    double *sums = lane_sums(e, op, tile);
    e->cpu.kernels->layers.stage_backward_sums(&e->stage[op->node], &data, sums, sums + node_of(e, op)->channels);
    return ICL_OK;
}

static icl_status stage_backward(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                                 struct icl_error *err)
{
    (void)err;
    const struct icl_node *node = node_of(e, op);
    struct icl_stage_data_f32 data = stage_data(e, op, tile);
    add_gradients(e, op, tile, &data);
    data.dx = op->writes[0] ? gradient_at(e, node->input[0], tile->first) : tile->space->temporary;
    data.add_dx = op->writes[0] && op->add[0];
    if (op->writes[1]) data.dadd = gradient_at(e, node->input[1], tile->first);
    data.add_dadd = op->add[1];
    e->cpu.kernels->layers.stage_backward(&e->stage[op->node], &data);
    return ICL_OK;
}

/* ---- gradients that are written over ---------------------------------------------------------------------------- */

/* Where an operation that writes over may put the gradient of its input: there, or aside to be added. */
static float *gradient_place(const struct icl_executor *e, const struct operation *op, const struct tile *tile)
{
    return op->add[0] ? tile->space->temporary : gradient_at(e, node_of(e, op)->input[0], tile->first);
}

static void add_aside(const struct icl_executor *e, const struct operation *op, const struct tile *tile)
{
    if (!op->add[0]) return;
    const icl_node_id input = node_of(e, op)->input[0];
    float *gradient = gradient_at(e, input, tile->first);
    e->cpu.kernels->layers.add(gradient, tile->space->temporary,
                               tile->count * node_elements(&e->plan.network->node[input]), gradient);
}

/* ---- convolutions ----------------------------------------------------------------------------------------------- */

static icl_status conv_forward(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                               struct icl_error *err)
{
    const struct icl_node *node = node_of(e, op);
    const struct icl_network *net = e->plan.network;
    const float *bias = node->bias == SIZE_MAX ? NULL : e->parameters + net->parameter[node->bias].offset;
    return e->cpu.kernels->conv.forward(e->cpu.conv[op->node], tile->count, output_at(e, node->input[0], tile->first),
                                        packed_of(e, op), bias, output_at(e, op->node, tile->first),
                                        tile->space->scratch, err);
}

static icl_status conv_backward_data(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                                     struct icl_error *err)
{
    ICL_TRY(e->cpu.kernels->conv.backward_data(e->cpu.conv[op->node], tile->count,
                                               gradient_at(e, op->node, tile->first), packed_of(e, op),
                                               gradient_place(e, op, tile), tile->space->scratch, err));
    add_aside(e, op, tile);
    return ICL_OK;
}

static icl_status conv_backward_weights(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                                        struct icl_error *err)
{
    return e->cpu.kernels->conv.backward_weights(
        e->cpu.conv[op->node], tile->count, output_at(e, node_of(e, op)->input[0], tile->first),
        gradient_at(e, op->node, tile->first), tile->lane->gradient + e->cpu.lane_gradient[op->node],
        tile->space->scratch, err);
}

/* ---- sums and pools --------------------------------------------------------------------------------------------- */

static icl_status add_forward(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                              struct icl_error *err)
{
    (void)err;
    const struct icl_node *node = node_of(e, op);
    e->cpu.kernels->layers.add(output_at(e, node->input[0], tile->first), output_at(e, node->input[1], tile->first),
                               tile->count * node_elements(node), output_at(e, op->node, tile->first));
    return ICL_OK;
}

static icl_status add_backward(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                               struct icl_error *err)
{
    (void)err;
    const struct icl_node *node = node_of(e, op);
    const size_t count = tile->count * node_elements(node);
    const float *from = gradient_at(e, op->node, tile->first);
    for (size_t i = 0; i < 2; i++) {
        if (!op->writes[i]) continue;
        float *to = gradient_at(e, node->input[i], tile->first);
        if (op->add[i])
            e->cpu.kernels->layers.add(to, from, count, to);
        else
            memcpy(to, from, count * sizeof *to);
    }
    return ICL_OK;
}

/* Where the maxima of the tile were; NULL for an executor without a way back. */
static uint8_t *where_of(const struct icl_executor *e, const struct operation *op, const struct tile *tile)
{
    if (e->options.inference) return NULL;
    return e->bytes + e->plan.where[op->node] + tile->first * node_elements(node_of(e, op));
}

static icl_status max_pool(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                           struct icl_error *err)
{
    (void)err;
    const struct icl_node *node = node_of(e, op);
    e->cpu.kernels->layers.max_pool_forward(&node->pool, tile->count, output_at(e, node->input[0], tile->first),
                                            output_at(e, op->node, tile->first), where_of(e, op, tile));
    return ICL_OK;
}

static icl_status max_pool_backward(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                                    struct icl_error *err)
{
    (void)err;
    e->cpu.kernels->layers.max_pool_backward(&node_of(e, op)->pool, tile->count, gradient_at(e, op->node, tile->first),
                                             where_of(e, op, tile), gradient_place(e, op, tile));
    add_aside(e, op, tile);
    return ICL_OK;
}

static icl_status average_pool(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                               struct icl_error *err)
{
    (void)err;
    const struct icl_node *node = node_of(e, op);
    e->cpu.kernels->layers.average_pool_forward(&node->pool, tile->count, output_at(e, node->input[0], tile->first),
                                                output_at(e, op->node, tile->first));
    return ICL_OK;
}

static icl_status average_pool_backward(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                                        struct icl_error *err)
{
    (void)err;
    e->cpu.kernels->layers.average_pool_backward(&node_of(e, op)->pool, tile->count,
                                                 gradient_at(e, op->node, tile->first), gradient_place(e, op, tile));
    add_aside(e, op, tile);
    return ICL_OK;
}

/* ---- loss ------------------------------------------------------------------------------------------------------- */

static icl_status loss(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                       struct icl_error *err)
{
    (void)err;
    if (e->call.labels == NULL) return ICL_OK;
    float *dlogits = e->call.program == &e->plan.step ? gradient_at(e, op->node, tile->first) : NULL;
    e->cpu.kernels->layers.cross_entropy(output_at(e, op->node, tile->first), e->call.labels + tile->first, tile->count,
                                         node_elements(node_of(e, op)), e->call.smoothing, 1.0 / (double)e->call.n,
                                         dlogits, &tile->lane->loss, &tile->lane->correct);
    return ICL_OK;
}

icl_status operation_run(struct icl_executor *e, const struct operation *op, const struct tile *tile,
                         struct icl_error *err)
{
    typedef icl_status run(struct icl_executor *, const struct operation *, const struct tile *, struct icl_error *);
    static run *const runs[OP_KINDS] = {
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
    return runs[op->kind](e, op, tile, err);
}
