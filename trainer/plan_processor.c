/* What the processor adds to a plan: tiles and lanes, its convolutions, and the memory of all. */
#include <stdlib.h>

#include "trainer/executor_internal.h"

enum {
    CACHE_FLOATS = 1 << 17, /* the largest array of a tile: half a megabyte */
    MOST_TILE = 32,         /* samples */
    LEAST_TILE = 4,         /* but 16 where adding a gradient up a tile costs more than the cache gives */
    MANY_WEIGHTS = 1 << 18, /* floats of such a gradient */
    MOST_LANES = 16,
    LANE_MEMORY = 1 << 26 /* floats that the gradients of all lanes may take: 256 MiB */
};

/* ---- tiles and lanes: functions of the network and the batch alone --------------------------------------------- */

static size_t power_of_two_below(size_t value)
{
    size_t power = 1;
    while (2 * power <= value)
        power *= 2;
    return power;
}

static void choose_tiles(struct processor_plan *cpu, const struct icl_network *net, size_t batch)
{
    size_t elements = 1, weights = 1;
    for (size_t v = 0; v < net->nodes; v++)
        if (node_elements(&net->node[v]) > elements) elements = node_elements(&net->node[v]);
    for (size_t p = 0; p < net->parameters; p++)
        if (net->parameter[p].count > weights) weights = net->parameter[p].count;
    size_t tile = CACHE_FLOATS / elements;
    const size_t least = weights > MANY_WEIGHTS ? 4 * LEAST_TILE : LEAST_TILE;
    if (tile < least) tile = least;
    if (tile > MOST_TILE) tile = MOST_TILE;
    if (tile > batch) tile = batch;
    cpu->tile = power_of_two_below(tile);
    for (size_t size = cpu->tile; size > 0; size /= 2)
        cpu->tile_size[cpu->tile_sizes++] = size;
    size_t lanes = (batch + cpu->tile - 1) / cpu->tile;
    const size_t affordable = LANE_MEMORY / (net->parameter_count + 1);
    if (lanes > affordable) lanes = affordable;
    if (lanes > MOST_LANES) lanes = MOST_LANES;
    cpu->lanes = lanes < 2 ? 2 : lanes;
}

/* ---- convolutions and memory ------------------------------------------------------------------------------------- */

static icl_status plan_convs(struct processor_plan *cpu, const struct plan *plan, struct icl_error *err)
{
    const struct icl_network *net = plan->network;
    const struct icl_conv_kernels *kernels = &cpu->kernels->conv;
    for (icl_node_id v = 0; v < net->nodes; v++) {
        const struct icl_node *node = &net->node[v];
        if (node_elements(node) > cpu->most_elements) cpu->most_elements = node_elements(node);
        if (node->kind != ICL_NODE_CONV) continue;
        const bool input_gradient = !plan->form.inference && plan->needs_gradient[node->input[0]];
        ICL_TRY(kernels->plan(&node->conv, cpu->tile_size, cpu->tile_sizes, input_gradient, &cpu->conv[v], err));
        const struct icl_conv_sizes sizes = kernels->sizes(cpu->conv[v]);
        cpu->packed[v] = cpu->packed_floats;
        cpu->packed_floats += round_up(sizes.packed, ALIGNMENT) / sizeof(float);
        cpu->lane_gradient[v] = cpu->lane_gradient_floats;
        cpu->lane_gradient_floats += round_up(sizes.gradient, ALIGNMENT) / sizeof(float);
        if (sizes.scratch > cpu->scratch) cpu->scratch = sizes.scratch;
    }
    cpu->scratch = round_up(cpu->scratch, ALIGNMENT);
    return ICL_OK;
}

static void add_up(struct processor_plan *cpu, const struct plan *plan, unsigned threads)
{
    const struct icl_network *net = plan->network;
    const bool training = !plan->form.inference;
    const size_t floats = sizeof(float);
    struct icl_executor_memory *m = &cpu->memory;
    m->parameters = floats * (cpu->packed_floats + net->parameter_count * (training ? 2 : 1));
    m->activations = floats * plan->arena + plan->byte_arena;
    m->gradients = training ? floats * cpu->lanes * cpu->lane_gradient_floats : 0;
    m->scratch = threads * (cpu->scratch + floats * cpu->tile * cpu->most_elements) +
                 net->norm_channels * (2 * cpu->lanes * sizeof(double) + 4 * sizeof(double) + 5 * floats);
    m->total = m->parameters + m->activations + m->gradients + m->scratch;
}

icl_status processor_plan_make(struct processor_plan *cpu, struct plan *plan, const struct icl_network *network,
                               const struct icl_executor_options *options, unsigned threads, struct icl_error *err)
{
    const struct plan_form form = {.batch = options->batch,
                                   .inference = options->inference,
                                   .keep = options->keep,
                                   .element = sizeof(float),
                                   .alignment = ALIGNMENT};
    *cpu = (struct processor_plan){.kernels = options->kernels == NULL ? icl_kernels() : options->kernels};
    ICL_TRY(plan_make(plan, network, &form, err));
    choose_tiles(cpu, network, options->batch);
    cpu->conv = calloc(network->nodes, sizeof(struct icl_conv *));
    cpu->packed = calloc(network->nodes, sizeof *cpu->packed);
    cpu->lane_gradient = calloc(network->nodes, sizeof *cpu->lane_gradient);
    icl_status status = ICL_OK;
    if (cpu->conv == NULL || cpu->packed == NULL || cpu->lane_gradient == NULL)
        status = icl_fail_memory(err, "the plan of a network");
    if (status == ICL_OK) status = plan_convs(cpu, plan, err);
    if (status == ICL_OK)
        add_up(cpu, plan, threads);
    else
        processor_plan_free(cpu, plan);
    return status;
}

void processor_plan_free(struct processor_plan *cpu, struct plan *plan)
{
    for (icl_node_id v = 0; cpu->conv != NULL && v < plan->network->nodes; v++)
        cpu->kernels->conv.release(cpu->conv[v]);
    free(cpu->conv);
    free(cpu->packed);
    free(cpu->lane_gradient);
    plan_free(plan);
    *cpu = (struct processor_plan){0};
}
