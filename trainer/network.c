#include "trainer/network.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 32, MOST_MAXIMUM = 15 /* side of a window in which a byte says where the maximum is */ };

void icl_network_init(struct icl_network *network)
{
    *network = (struct icl_network){.output = ICL_NO_NODE};
}

void icl_network_free(struct icl_network *network)
{
    free(network->node);
    free(network->parameter);
    icl_network_init(network);
}

static void fail(struct icl_network *network, icl_status status, const char *format, ...) ICL_PRINTF(3, 4);
static void fail(struct icl_network *network, icl_status status, const char *format, ...)
{
    if (network->error.status != ICL_OK) return;
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    icl_fail(&network->error, status, "network: %s", text);
    network->error.status = status;
}

/* Notes a failure where `count`, a product worked out in double, is more numbers than any machine holds. Below, sizes
 * multiply without overflow. */
static bool is_too_large(struct icl_network *network, const char *name, double count)
{
    const double most = 1099511627776.0; /* 2^40 */
    if (count <= most) return false;
    fail(network, ICL_ERR_USAGE, "%s is too large: %g numbers", name, count);
    return true;
}

/* Room for one more of `size` bytes; NULL, and the failure noted, where there is none. */
static void *grow(struct icl_network *network, void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room) return items;
    const size_t more = *room == 0 ? FIRST_ROOM : 2 * *room;
    void *grown = realloc(items, more * size);
    if (grown == NULL) {
        fail(network, ICL_ERR_MEMORY, "out of memory");
        return NULL;
    }
    *room = more;
    return grown;
}

static bool is_node(const struct icl_network *network, icl_node_id node)
{
    return network->error.status == ICL_OK && node < network->nodes;
}

/* Appends a node of the kind, named `word` and its number, with the output shape of its first input. */
static icl_node_id append(struct icl_network *network, enum icl_node_kind kind, const char *word, icl_node_id input)
{
    if (network->error.status != ICL_OK) return ICL_NO_NODE;
    if (kind != ICL_NODE_INPUT && !is_node(network, input)) {
        fail(network, ICL_ERR_USAGE, "%s has no input", word);
        return ICL_NO_NODE;
    }
    struct icl_node *nodes = grow(network, network->node, network->nodes, &network->node_room, sizeof *nodes);
    if (nodes == NULL) return ICL_NO_NODE;
    network->node = nodes;
    size_t number = 1;
    for (size_t i = 0; i < network->nodes; i++)
        number += nodes[i].kind == kind;
    struct icl_node *node = &nodes[network->nodes];
    *node = (struct icl_node){.kind = kind,
                              .input = {input, ICL_NO_NODE},
                              .tap_node = ICL_NO_NODE,
                              .weight = SIZE_MAX,
                              .bias = SIZE_MAX,
                              .scale = SIZE_MAX,
                              .shift = SIZE_MAX};
    snprintf(node->name, sizeof node->name, "%s%zu", word, number);
    if (input < network->nodes) {
        node->height = nodes[input].height;
        node->width = nodes[input].width;
        node->channels = nodes[input].channels;
    }
    return network->nodes++;
}

/* Appends a parameter of the given dimensions; its place, or SIZE_MAX. */
static size_t add_parameter(struct icl_network *network, icl_node_id node, const char *what,
                            enum icl_parameter_kind kind, size_t dimensions, const size_t *shape, size_t fan_in)
{
    struct icl_parameter *all =
        grow(network, network->parameter, network->parameters, &network->parameter_room, sizeof *all);
    if (all == NULL) return SIZE_MAX;
    network->parameter = all;
    struct icl_parameter *p = &all[network->parameters];
    *p = (struct icl_parameter){.kind = kind,
                                .offset = network->parameter_count,
                                .count = 1,
                                .dimensions = dimensions,
                                .fan_in = fan_in,
                                .initial = kind == ICL_PARAMETER_SCALE ? 1.0F : 0.0F};
    snprintf(p->name, sizeof p->name, "%s.%s", network->node[node].name, what);
    for (size_t d = 0; d < dimensions; d++) {
        p->shape[d] = shape[d];
        p->count *= shape[d];
    }
    network->parameter_count += p->count;
    return network->parameters++;
}

icl_node_id icl_network_input(struct icl_network *network, size_t height, size_t width, size_t channels)
{
    if (network->nodes > 0) fail(network, ICL_ERR_USAGE, "a second input");
    if (height == 0 || width == 0 || channels == 0) fail(network, ICL_ERR_USAGE, "an empty input");
    (void)is_too_large(network, "the input", (double)height * (double)width * (double)channels);
    const icl_node_id id = append(network, ICL_NODE_INPUT, "input", ICL_NO_NODE);
    if (id == ICL_NO_NODE) return id;
    network->node[id].height = height;
    network->node[id].width = width;
    network->node[id].channels = channels;
    return id;
}

static icl_node_id weight_layer(struct icl_network *network, icl_node_id input, enum icl_parameter_kind kind,
                                size_t out, size_t window, size_t stride, bool bias)
{
    const bool linear = kind == ICL_PARAMETER_LINEAR;
    const icl_node_id id = append(network, ICL_NODE_CONV, linear ? "linear" : "conv", input);
    if (id == ICL_NO_NODE) return id;
    struct icl_node *node = &network->node[id];
    if (is_too_large(network, node->name, (double)out * (double)window * (double)window * (double)node->channels) ||
        is_too_large(network, node->name, (double)out * (double)node->height * (double)node->width))
        return ICL_NO_NODE;
    const size_t padding = window / 2;
    if (out == 0 || window == 0 || stride == 0 || node->height + 2 * padding < window ||
        node->width + 2 * padding < window) {
        fail(network, ICL_ERR_USAGE, "%s does not fit an image of %zu x %zu", node->name, node->height, node->width);
        return ICL_NO_NODE;
    }
    node->conv = (struct icl_conv_shape){.height = node->height,
                                         .width = node->width,
                                         .in = node->channels,
                                         .out = out,
                                         .window = window,
                                         .stride = stride,
                                         .padding = padding,
                                         .out_height = (node->height + 2 * padding - window) / stride + 1,
                                         .out_width = (node->width + 2 * padding - window) / stride + 1,
                                         .bias = bias};
    node->height = node->conv.out_height;
    node->width = node->conv.out_width;
    node->channels = out;
    const size_t shape[4] = {out, window, window, node->conv.in}, fan_in = window * window * node->conv.in;
    const size_t weight = add_parameter(network, id, "weight", kind, 4, shape, fan_in);
    network->node[id].weight = weight;
    if (bias) {
        const size_t place = add_parameter(network, id, "bias", ICL_PARAMETER_BIAS, 1, &out, linear ? fan_in : 0);
        network->node[id].bias = place;
    }
    network->convs++;
    return id;
}

icl_node_id icl_network_conv(struct icl_network *network, icl_node_id input, size_t out, size_t window, size_t stride,
                             bool bias)
{
    return weight_layer(network, input, ICL_PARAMETER_CONV, out, window, stride, bias);
}

icl_node_id icl_network_linear(struct icl_network *network, icl_node_id input, size_t out)
{
    if (is_node(network, input) && network->node[input].height * network->node[input].width != 1)
        fail(network, ICL_ERR_USAGE, "a linear layer behind an image of %zu x %zu", network->node[input].height,
             network->node[input].width);
    return weight_layer(network, input, ICL_PARAMETER_LINEAR, out, 1, 1, true);
}

static bool same_shape(const struct icl_node *a, const struct icl_node *b)
{
    return a->height == b->height && a->width == b->width && a->channels == b->channels;
}

icl_node_id icl_network_stage(struct icl_network *network, icl_node_id input, icl_node_id residual,
                              const struct icl_stage_form *form, icl_node_id *tap)
{
    if (tap != NULL) *tap = ICL_NO_NODE;
    const icl_node_id id = append(network, ICL_NODE_STAGE, "stage", input);
    if (id == ICL_NO_NODE) return id;
    struct icl_node *node = &network->node[id];
    if (residual != ICL_NO_NODE) {
        if (!is_node(network, residual) || !same_shape(&network->node[residual], node))
            fail(network, ICL_ERR_USAGE, "the residual of %s has another shape", node->name);
        if (form->norm == ICL_NORM_AFTER) fail(network, ICL_ERR_USAGE, "%s: a residual before ReLU-BN", node->name);
    }
    if (!(form->drop >= 0.0 && form->drop < 1.0))
        fail(network, ICL_ERR_USAGE, "%s: a drop of %g", node->name, form->drop);
    if (network->error.status != ICL_OK) return ICL_NO_NODE;
    node->input[1] = residual;
    node->norm = form->norm;
    node->act = form->act;
    node->drop = form->drop;
    node->gate = form->gate;
    node->tap = tap == NULL ? ICL_TAP_NONE : form->tap;
    node->layer = (uint32_t)network->stages++;
    node->norm_offset = network->norm_channels;
    if (form->norm != ICL_NORM_ABSENT) {
        const size_t channels = node->channels;
        network->norm_channels += channels;
        const size_t scale = add_parameter(network, id, "scale", ICL_PARAMETER_SCALE, 1, &channels, 0);
        const size_t shift = add_parameter(network, id, "shift", ICL_PARAMETER_SHIFT, 1, &channels, 0);
        if (network->error.status != ICL_OK) return ICL_NO_NODE;
        if (form->start_at_zero) network->parameter[scale].initial = 0.0F;
        network->node[id].scale = scale;
        network->node[id].shift = shift;
    }
    if (tap != NULL && form->tap != ICL_TAP_NONE) {
        const icl_node_id tapped = append(network, ICL_NODE_TAP, "tap", id);
        if (tapped == ICL_NO_NODE) return tapped;
        network->node[id].tap_node = tapped;
        *tap = tapped;
    }
    return id;
}

icl_node_id icl_network_add(struct icl_network *network, icl_node_id a, icl_node_id b)
{
    const icl_node_id id = append(network, ICL_NODE_ADD, "add", a);
    if (id == ICL_NO_NODE) return id;
    if (!is_node(network, b) || !same_shape(&network->node[b], &network->node[a])) {
        fail(network, ICL_ERR_USAGE, "%s of two shapes", network->node[id].name);
        return ICL_NO_NODE;
    }
    network->node[id].input[1] = b;
    return id;
}

/* Output places of a window that starts at 0, stride, ... and covers `size` places (padding included). */
static size_t windows(size_t size, size_t window, size_t stride, bool cut)
{
    if (size < window) return cut ? 1 : 0;
    const size_t count = (size - window + (cut ? stride - 1 : 0)) / stride + 1;
    return (count - 1) * stride < size ? count : count - 1; /* a stride above the window may step over the end */
}

static icl_node_id pool(struct icl_network *network, icl_node_id input, enum icl_node_kind kind, const char *word,
                        size_t window, size_t stride, size_t padding)
{
    const icl_node_id id = append(network, kind, word, input);
    if (id == ICL_NO_NODE) return id;
    struct icl_node *node = &network->node[id];
    const bool cut = kind == ICL_NODE_AVERAGE_POOL;
    if (!cut && window > MOST_MAXIMUM) {
        fail(network, ICL_ERR_USAGE, "%s: a window of %zu, more than %d", node->name, window, MOST_MAXIMUM);
        return ICL_NO_NODE;
    }
    if (window > 0 && stride > 0 && padding < window)
        node->pool = (struct icl_pool_shape){.height = node->height,
                                             .width = node->width,
                                             .channels = node->channels,
                                             .window = window,
                                             .stride = stride,
                                             .padding = padding,
                                             .out_height = windows(node->height + 2 * padding, window, stride, cut),
                                             .out_width = windows(node->width + 2 * padding, window, stride, cut)};
    if (node->pool.out_height * node->pool.out_width == 0) {
        fail(network, ICL_ERR_USAGE, "%s does not fit an image of %zu x %zu", node->name, node->height, node->width);
        return ICL_NO_NODE;
    }
    node->height = node->pool.out_height;
    node->width = node->pool.out_width;
    return id;
}

icl_node_id icl_network_max_pool(struct icl_network *network, icl_node_id input, size_t window, size_t stride,
                                 size_t padding)
{
    return pool(network, input, ICL_NODE_MAX_POOL, "maxpool", window, stride, padding);
}

icl_node_id icl_network_average_pool(struct icl_network *network, icl_node_id input, size_t window, size_t stride)
{
    return pool(network, input, ICL_NODE_AVERAGE_POOL, "avgpool", window, stride, 0);
}

icl_node_id icl_network_global_pool(struct icl_network *network, icl_node_id input)
{
    if (!is_node(network, input)) return pool(network, input, ICL_NODE_AVERAGE_POOL, "avgpool", 1, 1, 0);
    const struct icl_node *node = &network->node[input];
    const size_t side = node->height > node->width ? node->height : node->width;
    return pool(network, input, ICL_NODE_AVERAGE_POOL, "avgpool", side, side, 0);
}

/* A node that nobody reads has no gradient, and neither has a stage of which the tap alone is read. */
static void check_use(struct icl_network *network, icl_node_id output)
{
    for (icl_node_id v = 0; v < network->nodes; v++) {
        bool used = v == output;
        for (icl_node_id reader = v + 1; !used && reader < network->nodes; reader++) {
            const struct icl_node *node = &network->node[reader];
            used = node->kind != ICL_NODE_TAP && (node->input[0] == v || node->input[1] == v);
        }
        if (!used) fail(network, ICL_ERR_USAGE, "%s leads nowhere", network->node[v].name);
    }
}

icl_status icl_network_finish(struct icl_network *network, icl_node_id output, struct icl_error *err)
{
    if (network->error.status == ICL_OK && !is_node(network, output)) fail(network, ICL_ERR_USAGE, "no output");
    if (network->error.status == ICL_OK && network->node[output].height * network->node[output].width != 1)
        fail(network, ICL_ERR_USAGE, "the output is an image of %zu x %zu", network->node[output].height,
             network->node[output].width);
    if (network->error.status == ICL_OK) check_use(network, output);
    if (network->error.status != ICL_OK) return icl_fail(err, network->error.status, "%s", network->error.message);
    network->output = output;
    return ICL_OK;
}

/* ---- initial values ------------------------------------------------------------------------------------------- */

static void draw(const struct icl_parameter *p, const struct icl_stream *stream, double leak, float *values)
{
    enum { BATCH = 256 };
    double draws[BATCH];
    const bool normal = p->kind == ICL_PARAMETER_CONV;
    const double fan_in = (double)p->fan_in;
    const double size = normal ? sqrt(2.0 / ((1.0 + leak * leak) * fan_in)) : 1.0 / sqrt(fan_in);
    for (size_t done = 0, count; done < p->count; done += count) {
        count = p->count - done < BATCH ? p->count - done : BATCH;
        (normal ? icl_random_normal : icl_random_uniform)(stream, done, count, draws);
        for (size_t i = 0; i < count; i++)
            values[done + i] = (float)(size * (normal ? draws[i] : 2.0 * draws[i] - 1.0));
    }
}

void icl_network_initialise(const struct icl_network *network, uint64_t seed, double leak, float *values)
{
    for (size_t i = 0; i < network->parameters; i++) {
        const struct icl_parameter *p = &network->parameter[i];
        const struct icl_stream stream = {seed, ICL_PURPOSE_WEIGHT, (uint32_t)i, 0};
        if (p->fan_in > 0)
            draw(p, &stream, leak, values + p->offset);
        else
            for (size_t k = 0; k < p->count; k++)
                values[p->offset + k] = p->initial;
    }
}
