/* Weight layers, residual blocks and the head in every order and conversion. */
#include <math.h>

#include "trainer/networks_internal.h"

bool icl_order_has_norm(enum icl_order order)
{
    return order == ICL_ORDER_CONV_BN_RELU || order == ICL_ORDER_IC || order == ICL_ORDER_BN_AFTER;
}

bool icl_order_has_drop(enum icl_order order)
{
    return order == ICL_ORDER_IC || order == ICL_ORDER_DROP_ONLY;
}

static bool is_classic(const struct icl_blueprint *b)
{
    return b->spec.order == ICL_ORDER_CONV_BN_RELU;
}

static bool is_full(const struct icl_blueprint *b)
{
    return !is_classic(b) && b->spec.conversion == ICL_CONVERSION_FULL;
}

/* GeneralReLU of the course (leak .1, sub .4, most 6), plain ReLU, or the identity. */
static struct icl_nonlinearity nonlinearity(const struct icl_blueprint *b, bool on)
{
    if (!on) return (struct icl_nonlinearity){.on = false, .most = INFINITY};
    if (b->spec.general_relu) return (struct icl_nonlinearity){true, 0.1F, 0.4F, 6.0F};
    return (struct icl_nonlinearity){true, 0.0F, 0.0F, INFINITY};
}

/* The stage of the order, with or without its ReLU. */
static struct icl_stage_form form_of(const struct icl_blueprint *b, bool act)
{
    const enum icl_norm_place place = is_classic(b) ? ICL_NORM_BEFORE : ICL_NORM_AFTER;
    return (struct icl_stage_form){.norm = icl_order_has_norm(b->spec.order) ? place : ICL_NORM_ABSENT,
                                   .act = nonlinearity(b, act),
                                   .drop = b->spec.drop,
                                   .gate = b->spec.gate};
}

/* A stage; nothing where it would do nothing. */
static icl_node_id stage(const struct icl_blueprint *b, icl_node_id x, const struct icl_stage_form *form)
{
    if (form->norm == ICL_NORM_ABSENT && !form->act.on && !(form->drop > 0.0)) return x;
    return icl_network_stage(b->network, x, ICL_NO_NODE, form, NULL);
}

/* Bias only in orders without BN. */
static icl_node_id conv(const struct icl_blueprint *b, icl_node_id x, struct icl_layer layer)
{
    return icl_network_conv(b->network, x, layer.out, layer.window, layer.stride, !icl_order_has_norm(b->spec.order));
}

/* A layer; `act` false leaves its ReLU out, `at_zero` lets its BN begin with scale 0. */
static icl_node_id layer_with(const struct icl_blueprint *b, icl_node_id x, struct icl_layer layer, bool act,
                              bool at_zero)
{
    struct icl_stage_form form = form_of(b, act);
    form.start_at_zero = at_zero;
    if (is_classic(b)) return stage(b, conv(b, x, layer), &form);
    if (is_full(b) && x == b->image) return conv(b, x, layer);
    return conv(b, stage(b, x, &form), layer);
}

icl_node_id icl_build_layer(const struct icl_blueprint *b, icl_node_id x, struct icl_layer layer)
{
    return layer_with(b, x, layer, true, false);
}

icl_node_id icl_build_head(const struct icl_blueprint *b, icl_node_id x)
{
    if (is_full(b)) {
        const struct icl_stage_form form = form_of(b, true);
        x = stage(b, x, &form);
    }
    return icl_network_linear(b->network, icl_network_global_pool(b->network, x), b->classes);
}

/* ---- residual blocks ------------------------------------------------------------------------------------------ */

static size_t channels_of(const struct icl_blueprint *b, icl_node_id x)
{
    return x == ICL_NO_NODE ? 0 : b->network->node[x].channels;
}

static size_t stride_of(const struct icl_block *block)
{
    size_t stride = 1;
    for (size_t i = 0; i < block->layers; i++)
        stride *= block->layer[i].stride;
    return stride;
}

/* What is added to the block's last layer: `source`, pooled and projected where the shape changes. In full conversions
 * the projection is the convolution alone: its stage would be the next block's. */
static icl_node_id shortcut(const struct icl_blueprint *b, icl_node_id source, const struct icl_block *block)
{
    struct icl_layer projection = {block->layer[block->layers - 1].out, 1, stride_of(block)};
    bool project = projection.stride != 1 || projection.out != channels_of(b, source);
    if (block->pooled) {
        if (projection.stride != 1) source = icl_network_average_pool(b->network, source, 2, projection.stride);
        project = projection.out != channels_of(b, source);
        projection.stride = 1;
    }
    if (!project) return source;
    return is_full(b) ? conv(b, source, projection) : layer_with(b, source, projection, false, false);
}

/* conv-bn-relu: the sum is inside the last stage, between BN and ReLU. */
static icl_node_id classic_block(const struct icl_blueprint *b, icl_node_id x, const struct icl_block *block)
{
    const size_t last = block->layers - 1;
    icl_node_id y = x;
    for (size_t i = 0; i < last; i++)
        y = icl_build_layer(b, y, block->layer[i]);
    y = conv(b, y, block->layer[last]);
    struct icl_stage_form form = form_of(b, true);
    form.start_at_zero = block->at_zero;
    return icl_network_stage(b->network, y, shortcut(b, x, block), &form, NULL);
}

/* naive: layers swapped where they stand. The last layer and the projection have no ReLU, as before the swap; the ReLU
 * behind the sum stays. */
static icl_node_id naive_block(const struct icl_blueprint *b, icl_node_id x, const struct icl_block *block)
{
    const size_t last = block->layers - 1;
    icl_node_id y = x;
    for (size_t i = 0; i < last; i++)
        y = icl_build_layer(b, y, block->layer[i]);
    y = layer_with(b, y, block->layer[last], false, block->at_zero);
    const struct icl_stage_form relu = {.norm = ICL_NORM_ABSENT, .act = nonlinearity(b, true)};
    return icl_network_stage(b->network, y, shortcut(b, x, block), &relu, NULL);
}

/* full: stage, conv, ..., and the sum of two outputs of convolutions, which is x of the next block. */
static icl_node_id full_block(const struct icl_blueprint *b, icl_node_id x, const struct icl_block *block)
{
    static const enum icl_tap taps[] = {[ICL_SKIP_RELU] = ICL_TAP_RELU, [ICL_SKIP_BETWEEN] = ICL_TAP_NORM};
    struct icl_stage_form form = form_of(b, true);
    const enum icl_skip skip = b->spec.skip;
    const bool only_relu = form.norm == ICL_NORM_ABSENT && !(form.drop > 0.0); /* its output is what a tap would give */
    const bool tapped = (skip == ICL_SKIP_RELU || skip == ICL_SKIP_BETWEEN) && !only_relu;
    if (tapped) form.tap = taps[skip];
    icl_node_id tap = ICL_NO_NODE;
    const icl_node_id first = icl_network_stage(b->network, x, ICL_NO_NODE, &form, tapped ? &tap : NULL);
    const icl_node_id source = skip == ICL_SKIP_CONV ? x : tapped ? tap : first;
    icl_node_id y = conv(b, first, block->layer[0]);
    for (size_t i = 1; i < block->layers; i++)
        y = icl_build_layer(b, y, block->layer[i]);
    return icl_network_add(b->network, y, shortcut(b, source, block));
}

icl_node_id icl_build_block(const struct icl_blueprint *b, icl_node_id x, const struct icl_block *block)
{
    if (is_classic(b)) return classic_block(b, x, block);
    return is_full(b) ? full_block(b, x, block) : naive_block(b, x, block);
}
