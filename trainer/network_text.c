/* A network as a table for people. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "trainer/network.h"

static void describe_stage(const struct icl_node *node, char *text, size_t room)
{
    const bool before = node->norm == ICL_NORM_BEFORE, after = node->norm == ICL_NORM_AFTER;
    const char *relu = !node->act.on ? "" : node->act.leak == 0.0F && node->act.sub == 0.0F ? " ReLU" : " GeneralReLU";
    char drop[32] = "";
    if (node->drop > 0.0) snprintf(drop, sizeof drop, " dropout %g", node->drop);
    snprintf(text, room, "%s%s%s%s%s", before ? " BN" : "", node->input[1] == ICL_NO_NODE ? "" : " sum", relu,
             after ? " BN" : "", drop);
    memmove(text, text + 1, strlen(text)); /* the leading space; a stage does something */
}

static void describe_node(const struct icl_node *node, char *text, size_t room)
{
    const struct icl_conv_shape *c = &node->conv;
    const struct icl_pool_shape *p = &node->pool;
    switch (node->kind) {
    case ICL_NODE_INPUT:
        snprintf(text, room, "image");
        break;
    case ICL_NODE_CONV:
        snprintf(text, room, "%zux%zu stride %zu%s", c->window, c->window, c->stride, c->bias ? " bias" : "");
        break;
    case ICL_NODE_STAGE:
        describe_stage(node, text, room);
        break;
    case ICL_NODE_TAP:
        snprintf(text, room, "second output of the stage");
        break;
    case ICL_NODE_ADD:
        snprintf(text, room, "sum");
        break;
    case ICL_NODE_MAX_POOL:
    case ICL_NODE_AVERAGE_POOL:
        snprintf(text, room, "%s %zux%zu stride %zu", node->kind == ICL_NODE_MAX_POOL ? "maximum" : "mean", p->window,
                 p->window, p->stride);
        break;
    }
}

static size_t parameters_of(const struct icl_network *network, const struct icl_node *node)
{
    const size_t places[] = {node->weight, node->bias, node->scale, node->shift};
    size_t count = 0;
    for (size_t i = 0; i < 4; i++)
        if (places[i] < network->parameters) count += network->parameter[places[i]].count;
    return count;
}

icl_status icl_network_describe(const struct icl_network *network, FILE *stream, struct icl_error *err)
{
    fprintf(stream, "%-12s %-22s %-28s %14s %11s\n", "layer", "input", "what", "output", "parameters");
    for (icl_node_id i = 0; i < network->nodes; i++) {
        const struct icl_node *node = &network->node[i];
        char what[96], shape[64], inputs[80] = "";
        describe_node(node, what, sizeof what);
        snprintf(shape, sizeof shape, "%zux%zux%zu", node->height, node->width, node->channels);
        if (node->kind != ICL_NODE_INPUT)
            snprintf(inputs, sizeof inputs, "%s%s%s", network->node[node->input[0]].name,
                     node->input[1] == ICL_NO_NODE ? "" : " ",
                     node->input[1] == ICL_NO_NODE ? "" : network->node[node->input[1]].name);
        fprintf(stream, "%-12s %-22s %-28s %14s %11zu\n", node->name, inputs, what, shape,
                parameters_of(network, node));
    }
    fprintf(stream, "%zu parameters, %zu weight layers, %zu stages\n", network->parameter_count, network->convs,
            network->stages);
    if (fflush(stream) != 0 || ferror(stream)) return icl_fail(err, ICL_ERR_IO, "network: %s", strerror(errno));
    return ICL_OK;
}
