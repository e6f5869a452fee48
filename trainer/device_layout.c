#include <stdint.h>
#include <stdlib.h>

#include "trainer/device_program_internal.h"

/* The parameters named by the member `which` of the nodes, each on a boundary, from layout->count on. */
static void place_parameters(struct device_layout *layout, const struct icl_network *network,
                             size_t (*which)(const struct icl_node *node))
{
    for (icl_node_id v = 0; v < network->nodes; v++) {
        const size_t p = which(&network->node[v]);
        if (p == SIZE_MAX) continue;
        layout->parameter[p] = layout->count;
        layout->count += round_up(network->parameter[p].count, DEVICE_NUMBERS);
    }
}

static size_t weight_of(const struct icl_node *node)
{
    return node->weight;
}

static size_t bias_of(const struct icl_node *node)
{
    return node->bias;
}

static size_t scale_of(const struct icl_node *node)
{
    return node->scale;
}

static size_t shift_of(const struct icl_node *node)
{
    return node->shift;
}

icl_status device_layout_make(struct device_layout *layout, const struct icl_network *network, struct icl_error *err)
{
    *layout = (struct device_layout){0};
    layout->parameter = calloc(network->parameters + 1, sizeof *layout->parameter);
    layout->norm = calloc(network->nodes + 1, sizeof *layout->norm);
    if (layout->parameter == NULL || layout->norm == NULL) {
        device_layout_free(layout);
        return icl_fail_memory(err, "the plan of a network");
    }
    place_parameters(layout, network, weight_of);
    layout->weights = layout->count;
    place_parameters(layout, network, bias_of);
    layout->scales = layout->count;
    place_parameters(layout, network, scale_of);
    layout->shifts = layout->count;
    place_parameters(layout, network, shift_of);
    layout->channels = layout->shifts - layout->scales;
    for (icl_node_id v = 0; v < network->nodes; v++)
        if (network->node[v].scale != SIZE_MAX)
            layout->norm[v] = layout->parameter[network->node[v].scale] - layout->scales;
    return ICL_OK;
}

void device_layout_free(struct device_layout *layout)
{
    free(layout->parameter);
    free(layout->norm);
    *layout = (struct device_layout){0};
}
