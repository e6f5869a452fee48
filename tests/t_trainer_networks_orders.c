/* The networks in every order and conversion: what stands between two weight layers, where shortcuts set out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/networks_support.h"

static const struct icl_node *input_of(const struct icl_network *network, const struct icl_node *node, size_t which)
{
    assert_true(node->input[which] < network->nodes);
    return &network->node[node->input[which]];
}

/* The node behind pools and the projection of a shortcut. */
static const struct icl_node *source_of(const struct icl_network *network, const struct icl_node *node)
{
    if (node->kind == ICL_NODE_CONV && node->conv.window == 1) node = input_of(network, node, 0);
    while (node->kind == ICL_NODE_AVERAGE_POOL)
        node = input_of(network, node, 0);
    return node;
}

/* The stage with which a block of a full conversion begins, from its last convolution; *layers counts those. */
static const struct icl_node *first_stage(const struct icl_network *network, const struct icl_node *conv, size_t layers)
{
    const struct icl_node *node = conv;
    for (size_t i = 0; i < layers; i++) {
        assert_int_equal(node->kind, ICL_NODE_CONV);
        node = input_of(network, node, 0);
        assert_int_equal(node->kind, ICL_NODE_STAGE);
        if (i + 1 < layers) node = input_of(network, node, 0);
    }
    return node;
}

static void shortcuts_set_out_from_their_place(void **state)
{
    (void)state;
    const struct {
        const char *net;
        size_t blocks, layers;
    } nets[] = {{"resnet20", 9, 2},   {"resnet164", 54, 3}, {"resnet50", 16, 3},
                {"xresnet34", 16, 2}, {"xresnet50", 16, 3}, {"xresnet34-prefix", 16, 2}};
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
        for (int order = ICL_ORDER_IC; order <= ICL_ORDER_NONE; order++)
            for (int skip = 0; skip < 4; skip++) {
                const struct icl_train_spec spec =
                    spec_of(nets[i].net, (enum icl_order)order, ICL_CONVERSION_FULL, (enum icl_skip)skip);
                struct icl_network network = built(&spec, 33, 10);
                const bool norm = order == ICL_ORDER_IC || order == ICL_ORDER_BN_AFTER;
                const bool drop = order == ICL_ORDER_IC || order == ICL_ORDER_DROP_ONLY;
                size_t sums = 0, taps = 0;
                for (size_t n = 0; n < network.nodes; n++) {
                    taps += network.node[n].kind == ICL_NODE_TAP;
                    if (network.node[n].kind != ICL_NODE_ADD) continue;
                    sums++;
                    const struct icl_node *sum = &network.node[n];
                    const struct icl_node *stage = first_stage(&network, input_of(&network, sum, 0), nets[i].layers);
                    const struct icl_node *source = source_of(&network, input_of(&network, sum, 1));
                    if (skip == ICL_SKIP_CONV) {
                        assert_ptr_equal(source, input_of(&network, stage, 0));
                        assert_true(source->kind == ICL_NODE_ADD || sums == 1);
                        continue;
                    }
                    /* A place that is the end of the stage is the stage; the others are taps of it. */
                    const bool relu = skip == ICL_SKIP_RELU || (skip == ICL_SKIP_BETWEEN && !norm);
                    const bool end = skip == ICL_SKIP_IC || (relu ? !norm && !drop : !drop);
                    assert_int_equal(stage->tap, end ? ICL_TAP_NONE : relu ? ICL_TAP_RELU : ICL_TAP_NORM);
                    assert_ptr_equal(source, end ? stage : &network.node[stage->tap_node]);
                    if (!end) assert_ptr_equal(input_of(&network, source, 0), stage);
                }
                assert_int_equal(sums, nets[i].blocks);
                assert_true(taps == 0 || taps == sums);
                icl_network_free(&network);
            }
}

static void full_conversions_have_a_stage_behind_every_layer(void **state)
{
    (void)state;
    for (size_t i = 0; icl_network_names[i] != NULL; i++) {
        const struct icl_train_spec spec =
            spec_of(icl_network_names[i], ICL_ORDER_IC, ICL_CONVERSION_FULL, ICL_SKIP_CONV);
        struct icl_network network = built(&spec, 28, 10);
        size_t last = 0;
        for (size_t n = 1; n < network.nodes; n++) {
            const struct icl_node *node = &network.node[n], *input = input_of(&network, node, 0);
            if (node->kind == ICL_NODE_STAGE) {
                last = n;
                assert_int_equal(node->norm, ICL_NORM_AFTER);
                assert_true(node->drop == 0.05 && node->act.on);
                assert_int_equal(node->input[1], ICL_NO_NODE);
                assert_true(network.parameter[node->scale].initial == 1.0F);
                if (input->kind == ICL_NODE_MAX_POOL) input = input_of(&network, input, 0);
                assert_true(input->kind == ICL_NODE_CONV || input->kind == ICL_NODE_ADD);
            } else if (node->kind == ICL_NODE_CONV && n != network.output && input->kind != ICL_NODE_STAGE) {
                /* the first layer, or the shortcut */
                assert_true(n == 1 || node->conv.window == 1);
            }
        }
        const struct icl_node *pool = input_of(&network, &network.node[network.output], 0);
        assert_int_equal(pool->kind, ICL_NODE_AVERAGE_POOL);
        assert_int_equal(pool->input[0], last);
        assert_int_equal(network.node[1].kind, ICL_NODE_CONV);
        icl_network_free(&network);
    }
}

static void the_classic_order_sums_before_the_relu(void **state)
{
    (void)state;
    for (size_t i = 0; icl_network_names[i] != NULL; i++) {
        const char *net = icl_network_names[i];
        const struct icl_train_spec spec = spec_of(net, ICL_ORDER_CONV_BN_RELU, ICL_CONVERSION_FULL, ICL_SKIP_CONV);
        struct icl_network network = built(&spec, 32, 10);
        const bool at_zero = net[0] == 'x';
        const struct icl_node *end = NULL; /* of the block before */
        for (size_t n = 1; n < network.nodes; n++) {
            const struct icl_node *node = &network.node[n];
            assert_int_not_equal(node->kind, ICL_NODE_ADD);
            assert_int_not_equal(node->kind, ICL_NODE_TAP);
            if (node->kind != ICL_NODE_STAGE) continue;
            assert_int_equal(node->norm, ICL_NORM_BEFORE);
            assert_true(node->drop == 0.0);
            assert_int_equal(input_of(&network, node, 0)->kind, ICL_NODE_CONV);
            const bool sum = node->input[1] != ICL_NO_NODE;
            assert_true(network.parameter[node->scale].initial == (sum && at_zero ? 0.0F : 1.0F));
            if (!sum) continue;
            assert_true(node->act.on);
            const struct icl_node *source = input_of(&network, node, 1);
            if (source->kind == ICL_NODE_STAGE && !source->act.on) /* BN of the projection */
                source = source_of(&network, input_of(&network, source, 0));
            else
                source = source_of(&network, source);
            if (end != NULL) assert_ptr_equal(source, end);
            end = node;
        }
        assert_true((end != NULL) == (strncmp(net, "thread", 6) != 0));
        icl_network_free(&network);
    }
}

static void naive_conversions_swap_layers_where_they_stand(void **state)
{
    (void)state;
    for (size_t i = 0; icl_network_names[i] != NULL; i++) {
        const char *net = icl_network_names[i];
        const struct icl_train_spec spec = spec_of(net, ICL_ORDER_IC, ICL_CONVERSION_NAIVE, ICL_SKIP_CONV);
        struct icl_network network = built(&spec, 32, 10);
        size_t sums = 0, without_relu = 0, projections = 0;
        const struct icl_node *end = NULL;
        for (size_t n = 1; n < network.nodes; n++) {
            const struct icl_node *node = &network.node[n];
            assert_int_not_equal(node->kind, ICL_NODE_ADD);
            if (node->kind == ICL_NODE_CONV && n != network.output) {
                /* ReLU (not in last layers and projections) - BN - dropout right in front of every convolution */
                const struct icl_node *stage = input_of(&network, node, 0);
                assert_int_equal(stage->kind, ICL_NODE_STAGE);
                assert_int_equal(stage->norm, ICL_NORM_AFTER);
                assert_true(stage->drop == 0.05);
                without_relu += !stage->act.on;
            }
            if (node->kind != ICL_NODE_STAGE || node->input[1] == ICL_NO_NODE) continue;
            /* the ReLU behind the sum */
            sums++;
            assert_int_equal(node->norm, ICL_NORM_ABSENT);
            assert_true(node->act.on && node->drop == 0.0);
            const struct icl_node *last = input_of(&network, node, 0), *source = input_of(&network, node, 1);
            const struct icl_node *stage = input_of(&network, last, 0);
            assert_false(stage->act.on);
            assert_true(network.parameter[stage->scale].initial == (net[0] == 'x' ? 0.0F : 1.0F));
            if (source->kind == ICL_NODE_CONV && source->conv.window == 1) {
                projections++;
                source = input_of(&network, input_of(&network, source, 0), 0);
            }
            if (end != NULL) assert_ptr_equal(source_of(&network, source), end);
            end = node;
        }
        assert_int_equal(without_relu, sums + projections);
        assert_int_equal(network.node[1].kind, ICL_NODE_STAGE);
        assert_int_equal(network.node[1].input[0], 0);
        /* nothing but that ReLU behind the last convolution */
        const struct icl_node *head = input_of(&network, input_of(&network, &network.node[network.output], 0), 0);
        if (end != NULL)
            assert_ptr_equal(head, end);
        else
            assert_int_equal(head->kind, ICL_NODE_CONV);
        icl_network_free(&network);
    }
}

static void members_reach_the_stages(void **state)
{
    (void)state;
    struct icl_train_spec spec = spec_of("resnet20", ICL_ORDER_DROP_ONLY, ICL_CONVERSION_FULL, ICL_SKIP_IC);
    spec.drop = 0.3125;
    spec.gate = ICL_GATE_GAUSSIAN;
    spec.general_relu = true;
    struct icl_network network = built(&spec, 32, 10);
    size_t stages = 0;
    for (size_t n = 0; n < network.nodes; n++) {
        const struct icl_node *node = &network.node[n];
        if (node->kind != ICL_NODE_STAGE) continue;
        stages++;
        assert_int_equal(node->norm, ICL_NORM_ABSENT);
        assert_int_equal(node->gate, ICL_GATE_GAUSSIAN);
        assert_true(node->drop == 0.3125 && node->act.on);
        assert_true(node->act.leak == 0.1F && node->act.sub == 0.4F && node->act.most == 6.0F);
    }
    assert_int_equal(stages, 19);
    icl_network_free(&network);
    spec.general_relu = false;
    network = built(&spec, 32, 10);
    const struct icl_nonlinearity *act = &network.node[2].act;
    assert_true(act->on && act->leak == 0.0F && act->sub == 0.0F && isinf(act->most));
    icl_network_free(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortcuts_set_out_from_their_place),
        cmocka_unit_test(full_conversions_have_a_stage_behind_every_layer),
        cmocka_unit_test(the_classic_order_sums_before_the_relu),
        cmocka_unit_test(naive_conversions_swap_layers_where_they_stand),
        cmocka_unit_test(members_reach_the_stages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
