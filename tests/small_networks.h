/* Small networks that together hold every kind of node, stage and shortcut. Include after cmocka.h. */
#ifndef ICLAB_TESTS_SMALL_NETWORKS_H
#define ICLAB_TESTS_SMALL_NETWORKS_H

#include <math.h>

#include "trainer/network.h"

enum { SIDE = 9, CHANNELS = 2, CLASSES = 4 };

static const struct icl_nonlinearity relu = {true, 0.0F, 0.0F, INFINITY}, general = {true, .1F, .4F, 1.5F};

static icl_node_id classify(struct icl_network *net, icl_node_id x)
{
    return icl_network_linear(net, icl_network_global_pool(net, x), CLASSES);
}

static icl_node_id plain_ic(struct icl_network *net, icl_node_id x)
{
    const struct icl_stage_form first = {.norm = ICL_NORM_AFTER, .act = general, .drop = .3};
    const struct icl_stage_form second = {.norm = ICL_NORM_AFTER, .act = relu, .drop = .2, .gate = ICL_GATE_SHARED};
    x = icl_network_stage(net, icl_network_conv(net, x, 5, 3, 2, false), ICL_NO_NODE, &first, NULL);
    x = icl_network_stage(net, icl_network_conv(net, x, 6, 3, 1, false), ICL_NO_NODE, &second, NULL);
    return classify(net, x);
}

/* Every place that a shortcut can set out from: the sum itself, behind ReLU, behind BN, behind the dropout. */
static icl_node_id residual_ic(struct icl_network *net, icl_node_id x, enum icl_tap tap, bool behind)
{
    const struct icl_stage_form first = {.norm = ICL_NORM_AFTER, .act = relu, .drop = .25, .tap = tap};
    const struct icl_stage_form form = {.norm = ICL_NORM_AFTER, .act = relu, .drop = .25};
    x = icl_network_conv(net, x, 4, 3, 2, false);
    for (int block = 0; block < 2; block++) {
        icl_node_id tapped = ICL_NO_NODE;
        const icl_node_id in = x;
        icl_node_id y = icl_network_stage(net, x, ICL_NO_NODE, &first, tap == ICL_TAP_NONE ? NULL : &tapped);
        const icl_node_id from = behind ? y : tapped == ICL_NO_NODE ? in : tapped;
        y = icl_network_conv(net, y, 4, 3, 1, false);
        y = icl_network_stage(net, y, ICL_NO_NODE, &form, NULL);
        y = icl_network_conv(net, y, 4, 3, 1, false);
        x = block == 0 ? icl_network_add(net, y, from) : icl_network_add(net, from, y);
    }
    return classify(net, icl_network_stage(net, x, ICL_NO_NODE, &form, NULL));
}

static icl_node_id from_sum(struct icl_network *net, icl_node_id x)
{
    return residual_ic(net, x, ICL_TAP_NONE, false);
}

static icl_node_id from_relu(struct icl_network *net, icl_node_id x)
{
    return residual_ic(net, x, ICL_TAP_RELU, false);
}

static icl_node_id from_norm(struct icl_network *net, icl_node_id x)
{
    return residual_ic(net, x, ICL_TAP_NORM, false);
}

static icl_node_id from_dropout(struct icl_network *net, icl_node_id x)
{
    return residual_ic(net, x, ICL_TAP_NONE, true);
}

/* conv -> BN -> ReLU with the residual inside the stage, a projection, both pools. */
static icl_node_id residual_baseline(struct icl_network *net, icl_node_id x)
{
    const struct icl_stage_form form = {.norm = ICL_NORM_BEFORE, .act = relu};
    const struct icl_stage_form bare = {.norm = ICL_NORM_BEFORE};
    x = icl_network_stage(net, icl_network_conv(net, x, 4, 3, 1, false), ICL_NO_NODE, &form, NULL);
    x = icl_network_max_pool(net, x, 3, 2, 1);
    for (size_t width = 4; width <= 6; width += 2) {
        icl_node_id y = icl_network_conv(net, x, width, 3, width == 4 ? 1 : 2, false), shortcut = x;
        y = icl_network_stage(net, y, ICL_NO_NODE, &form, NULL);
        y = icl_network_conv(net, y, width, 3, 1, false);
        if (width > 4) {
            shortcut = icl_network_average_pool(net, shortcut, 2, 2);
            shortcut = icl_network_conv(net, shortcut, width, 1, 1, false);
            shortcut = icl_network_stage(net, shortcut, ICL_NO_NODE, &bare, NULL);
        }
        x = icl_network_stage(net, y, shortcut, &form, NULL);
    }
    return classify(net, x);
}

/* The swapped first layer acts on the images; dropout without a norm; Gaussian noise; biases; a sum of a node with
 * itself. */
static icl_node_id odds_and_ends(struct icl_network *net, icl_node_id x)
{
    const struct icl_stage_form first = {.norm = ICL_NORM_AFTER, .act = general, .drop = .1};
    const struct icl_stage_form noise = {.norm = ICL_NORM_ABSENT, .act = relu, .drop = .2, .gate = ICL_GATE_GAUSSIAN};
    const struct icl_stage_form residual = {.norm = ICL_NORM_ABSENT, .act = general, .drop = .4};
    x = icl_network_stage(net, x, ICL_NO_NODE, &first, NULL);
    x = icl_network_conv(net, x, 3, 5, 2, true);
    const icl_node_id y = icl_network_stage(net, x, ICL_NO_NODE, &noise, NULL);
    x = icl_network_stage(net, icl_network_conv(net, y, 3, 3, 1, true), y, &residual, NULL);
    return classify(net, icl_network_add(net, x, x));
}

/* x goes into a sum and, between that sum and its other term, into a convolution whose gradient comes back first. */
static icl_node_id late_consumer(struct icl_network *net, icl_node_id x)
{
    const struct icl_stage_form form = {.norm = ICL_NORM_AFTER, .act = relu};
    x = icl_network_stage(net, icl_network_conv(net, x, 4, 3, 2, false), ICL_NO_NODE, &form, NULL);
    const icl_node_id y = icl_network_conv(net, x, 4, 3, 1, false), w = icl_network_conv(net, x, 4, 3, 1, true);
    const icl_node_id sum = icl_network_add(net, y, x);
    return classify(net, icl_network_stage(net, icl_network_add(net, w, sum), ICL_NO_NODE, &form, NULL));
}

static const struct {
    const char *name;
    icl_node_id (*build)(struct icl_network *net, icl_node_id x);
} nets[] = {{"plain ic", plain_ic},           {"from sum", from_sum},          {"from relu", from_relu},
            {"from norm", from_norm},         {"from dropout", from_dropout},  {"baseline", residual_baseline},
            {"odds and ends", odds_and_ends}, {"late consumer", late_consumer}};
enum { NETS = sizeof nets / sizeof *nets };

static inline void build(struct icl_network *net, size_t which)
{
    struct icl_error failure;
    icl_network_init(net);
    const icl_node_id input = icl_network_input(net, SIDE, SIDE, CHANNELS);
    const icl_node_id output = nets[which].build(net, input);
    assert_int_equal(icl_network_finish(net, output, &failure), ICL_OK);
}

#endif
