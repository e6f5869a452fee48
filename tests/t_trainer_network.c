/* The builder of graphs: nodes, shapes, parameters, the first error, initial values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/near.h"
#include "trainer/network.h"

static const uint64_t seed = 20261123;
static struct icl_error err;

static const struct icl_nonlinearity relu = {true, 0.0F, 0.0F, INFINITY};

/* conv1 (3x3, biased) - stage1 (ReLU - BN - dropout, a tap) - conv2 - add with the tap - pool - linear3, of 5x7x3. */
static icl_node_id build_small(struct icl_network *n)
{
    icl_network_init(n);
    const struct icl_stage_form form = {
        .norm = ICL_NORM_AFTER, .act = relu, .drop = 0.25, .gate = ICL_GATE_SHARED, .tap = ICL_TAP_RELU};
    const struct icl_stage_form zero = {.norm = ICL_NORM_BEFORE, .act = relu, .start_at_zero = true};
    icl_node_id tap;
    const icl_node_id image = icl_network_input(n, 5, 7, 3);
    const icl_node_id stage = icl_network_stage(n, icl_network_conv(n, image, 4, 3, 2, true), ICL_NO_NODE, &form, &tap);
    const icl_node_id second = icl_network_conv(n, stage, 4, 3, 1, false);
    const icl_node_id sum = icl_network_add(n, second, tap);
    const icl_node_id last = icl_network_stage(n, sum, tap, &zero, NULL);
    return icl_network_linear(n, icl_network_global_pool(n, last), 6);
}

static void nodes_say_what_is_computed(void **state)
{
    (void)state;
    struct icl_network n;
    assert_int_equal(icl_network_finish(&n, build_small(&n), &err), ICL_OK);
    const struct {
        const char *name;
        size_t height, width, channels, first, second;
    } nodes[] = {{"input1", 5, 7, 3, ICL_NO_NODE, ICL_NO_NODE},
                 {"conv1", 3, 4, 4, 0, ICL_NO_NODE},
                 {"stage1", 3, 4, 4, 1, ICL_NO_NODE},
                 {"tap1", 3, 4, 4, 2, ICL_NO_NODE},
                 {"conv2", 3, 4, 4, 2, ICL_NO_NODE},
                 {"add1", 3, 4, 4, 4, 3},
                 {"stage2", 3, 4, 4, 5, 3},
                 {"avgpool1", 1, 1, 4, 6, ICL_NO_NODE},
                 {"linear3", 1, 1, 6, 7, ICL_NO_NODE}};
    assert_int_equal(n.nodes, sizeof nodes / sizeof *nodes);
    for (size_t i = 0; i < n.nodes; i++) {
        const struct icl_node *node = &n.node[i];
        assert_string_equal(node->name, nodes[i].name);
        assert_int_equal(node->height, nodes[i].height);
        assert_int_equal(node->width, nodes[i].width);
        assert_int_equal(node->channels, nodes[i].channels);
        assert_int_equal(node->input[0], nodes[i].first);
        assert_int_equal(node->input[1], nodes[i].second);
    }
    assert_int_equal(n.output, 8);
    assert_int_equal(n.convs, 3);
    assert_int_equal(n.stages, 2);
    assert_int_equal(n.norm_channels, 8);
    const struct icl_node *first = &n.node[2], *second = &n.node[6];
    assert_int_equal(first->tap, ICL_TAP_RELU);
    assert_int_equal(first->tap_node, 3);
    assert_int_equal(second->tap_node, ICL_NO_NODE);
    assert_int_equal(first->gate, ICL_GATE_SHARED);
    assert_true(first->drop == 0.25);
    assert_int_equal(first->layer, 0);
    assert_int_equal(second->layer, 1);
    assert_int_equal(first->norm_offset, 0);
    assert_int_equal(second->norm_offset, 4);
    const struct icl_conv_shape *c = &n.node[1].conv;
    assert_true(c->height == 5 && c->width == 7 && c->in == 3 && c->out == 4 && c->window == 3 && c->stride == 2);
    assert_true(c->padding == 1 && c->out_height == 3 && c->out_width == 4 && c->bias);
    icl_network_free(&n);
    assert_null(n.node);
}

static void parameters_lie_one_after_the_other(void **state)
{
    (void)state;
    struct icl_network n;
    assert_int_equal(icl_network_finish(&n, build_small(&n), &err), ICL_OK);
    const struct {
        const char *name;
        enum icl_parameter_kind kind;
        size_t count, fan_in;
        float initial;
    } all[] = {{"conv1.weight", ICL_PARAMETER_CONV, 108, 27, 0}, {"conv1.bias", ICL_PARAMETER_BIAS, 4, 0, 0},
               {"stage1.scale", ICL_PARAMETER_SCALE, 4, 0, 1},   {"stage1.shift", ICL_PARAMETER_SHIFT, 4, 0, 0},
               {"conv2.weight", ICL_PARAMETER_CONV, 144, 36, 0}, {"stage2.scale", ICL_PARAMETER_SCALE, 4, 0, 0},
               {"stage2.shift", ICL_PARAMETER_SHIFT, 4, 0, 0},   {"linear3.weight", ICL_PARAMETER_LINEAR, 24, 4, 0},
               {"linear3.bias", ICL_PARAMETER_BIAS, 6, 4, 0}};
    assert_int_equal(n.parameters, sizeof all / sizeof *all);
    size_t offset = 0;
    for (size_t i = 0; i < n.parameters; i++) {
        const struct icl_parameter *p = &n.parameter[i];
        assert_string_equal(p->name, all[i].name);
        assert_int_equal(p->kind, all[i].kind);
        assert_int_equal(p->count, all[i].count);
        assert_int_equal(p->fan_in, all[i].fan_in);
        assert_true(p->initial == all[i].initial);
        assert_int_equal(p->offset, offset);
        offset += p->count;
    }
    assert_int_equal(n.parameter_count, offset);
    const size_t *shape = n.parameter[0].shape;
    assert_int_equal(n.parameter[0].dimensions, 4);
    assert_true(shape[0] == 4 && shape[1] == 3 && shape[2] == 3 && shape[3] == 3);
    assert_int_equal(n.parameter[2].dimensions, 1);
    assert_int_equal(n.node[1].weight, 0);
    assert_int_equal(n.node[1].bias, 1);
    assert_true(n.node[4].bias == SIZE_MAX);
    assert_int_equal(n.node[6].scale, 5);
    assert_int_equal(n.node[6].shift, 6);
    icl_network_free(&n);
}

static void assert_pool(size_t size, size_t window, size_t stride, size_t padding, bool average, size_t expected)
{
    struct icl_network n;
    icl_network_init(&n);
    const icl_node_id image = icl_network_input(&n, size, size + 1, 2);
    const icl_node_id id = average ? icl_network_average_pool(&n, image, window, stride)
                                   : icl_network_max_pool(&n, image, window, stride, padding);
    assert_int_not_equal(id, ICL_NO_NODE);
    assert_int_equal(n.node[id].height, expected);
    assert_int_equal(n.node[id].pool.out_height, expected);
    assert_int_equal(n.node[id].pool.padding, padding);
    assert_int_equal(n.node[id].channels, 2);
    icl_network_free(&n);
}

static void pools_have_their_shapes(void **state)
{
    (void)state;
    assert_pool(32, 3, 2, 1, false, 16);
    assert_pool(33, 3, 2, 1, false, 17);
    assert_pool(1, 3, 2, 1, false, 1);
    assert_pool(8, 2, 2, 0, true, 4);
    assert_pool(9, 2, 2, 0, true, 5); /* the last window is cut */
    assert_pool(1, 2, 2, 0, true, 1);
    assert_pool(10, 3, 2, 0, true, 5);
    assert_pool(4, 1, 2, 0, true, 2); /* a third window would begin outside */
    assert_pool(7, 2, 6, 0, true, 2);
    assert_pool(6, 2, 6, 0, true, 1);
    assert_pool(40, 15, 1, 0, false, 26);
    struct icl_network n;
    icl_network_init(&n);
    const icl_node_id id = icl_network_global_pool(&n, icl_network_input(&n, 3, 8, 5));
    assert_true(n.node[id].height == 1 && n.node[id].width == 1 && n.node[id].channels == 5);
    icl_network_free(&n);
}

static void many_nodes_find_room(void **state)
{
    (void)state;
    struct icl_network n;
    icl_network_init(&n);
    const struct icl_stage_form form = {.norm = ICL_NORM_BEFORE, .act = relu};
    icl_node_id x = icl_network_input(&n, 1, 1, 2);
    for (size_t i = 0; i < 500; i++)
        x = icl_network_stage(&n, icl_network_conv(&n, x, 2, 1, 1, true), ICL_NO_NODE, &form, NULL);
    assert_int_equal(icl_network_finish(&n, x, &err), ICL_OK);
    assert_int_equal(n.nodes, 1001);
    assert_int_equal(n.parameter_count, 500 * (4 + 2 + 4));
    assert_string_equal(n.node[1000].name, "stage500");
    assert_string_equal(n.parameter[1999].name, "stage500.shift");
    icl_network_free(&n);
}

/* ---- errors --------------------------------------------------------------------------------------------------- */

enum fault {
    NO_INPUT,
    SECOND_INPUT,
    EMPTY_INPUT,
    CONV_OF_NOTHING,
    NO_WINDOW,
    NO_STRIDE,
    NO_CHANNELS,
    LINEAR_OF_IMAGE,
    BAD_DROP,
    NAN_DROP,
    RESIDUAL_AFTER,
    RESIDUAL_SHAPE,
    SUM_OF_TWO_SHAPES,
    SUM_OF_NOTHING,
    POOL_WITHOUT_WINDOW,
    POOL_TOO_PADDED,
    POOL_TOO_LARGE,
    POOL_TOO_WIDE,
    INPUT_TOO_LARGE,
    CONV_TOO_LARGE,
    CONV_UNREAD,
    STAGE_UNREAD,
    OUTPUT_IS_IMAGE,
    FAULTS
};

static icl_node_id with_fault(struct icl_network *n, enum fault fault)
{
    struct icl_stage_form form = {.norm = ICL_NORM_AFTER, .act = relu};
    icl_network_init(n);
    if (fault == NO_INPUT) return ICL_NO_NODE;
    if (fault == INPUT_TOO_LARGE) return icl_network_input(n, SIZE_MAX / 2 + 1, 2, 2); /* 0 where sizes go round */
    const icl_node_id image = icl_network_input(n, 4, 6, fault == EMPTY_INPUT ? 0 : 3);
    const icl_node_id other = icl_network_conv(n, image, 2, 1, 1, false);
    switch (fault) {
    case SECOND_INPUT:
        return icl_network_input(n, 1, 1, 1);
    case CONV_OF_NOTHING:
        return icl_network_conv(n, 77, 2, 3, 1, true);
    case NO_WINDOW:
        return icl_network_conv(n, icl_network_max_pool(n, image, 4, 4, 0), 2, 0, 1, true);
    case NO_STRIDE:
        return icl_network_conv(n, image, 2, 3, 0, true);
    case NO_CHANNELS:
        return icl_network_conv(n, image, 0, 3, 1, true);
    case LINEAR_OF_IMAGE:
        return icl_network_linear(n, image, 2);
    case BAD_DROP:
    case NAN_DROP:
        form.drop = fault == BAD_DROP ? 1.0 : (double)NAN;
        return icl_network_stage(n, image, ICL_NO_NODE, &form, NULL);
    case RESIDUAL_AFTER:
        return icl_network_stage(n, image, image, &form, NULL);
    case RESIDUAL_SHAPE:
        form.norm = ICL_NORM_BEFORE;
        return icl_network_stage(n, image, other, &form, NULL);
    case SUM_OF_TWO_SHAPES:
        return icl_network_add(n, image, other);
    case SUM_OF_NOTHING:
        return icl_network_add(n, image, ICL_NO_NODE);
    case POOL_WITHOUT_WINDOW:
        return icl_network_average_pool(n, image, 0, 1);
    case POOL_TOO_PADDED:
        return icl_network_max_pool(n, image, 2, 2, 2);
    case POOL_TOO_LARGE:
        return icl_network_max_pool(n, image, 5, 1, 0);
    case POOL_TOO_WIDE:
        return icl_network_max_pool(n, image, 16, 16, 8);
    case CONV_TOO_LARGE:
        return icl_network_conv(n, image, 2, (size_t)1 << 33, 1, true); /* windows of 2^66 */
    case CONV_UNREAD:
        return icl_network_linear(n, icl_network_global_pool(n, image), 2);
    case STAGE_UNREAD: {
        icl_node_id tap;
        form.tap = ICL_TAP_RELU;
        (void)icl_network_stage(n, other, ICL_NO_NODE, &form, &tap);
        return icl_network_linear(n, icl_network_global_pool(n, tap), 2);
    }
    default:
        return other;
    }
}

static void the_first_error_is_kept(void **state)
{
    (void)state;
    static const char *const words[FAULTS] = {[NO_INPUT] = "no output",
                                              [SECOND_INPUT] = "a second input",
                                              [EMPTY_INPUT] = "an empty input",
                                              [CONV_OF_NOTHING] = "conv has no input",
                                              [NO_WINDOW] = "conv2 does not fit an image of 1 x 1",
                                              [NO_STRIDE] = "conv2 does not fit an image of 4 x 6",
                                              [NO_CHANNELS] = "conv2 does not fit",
                                              [LINEAR_OF_IMAGE] = "a linear layer behind an image of 4 x 6",
                                              [BAD_DROP] = "stage1: a drop of 1",
                                              [NAN_DROP] = "stage1: a drop of",
                                              [RESIDUAL_AFTER] = "stage1: a residual before ReLU-BN",
                                              [RESIDUAL_SHAPE] = "the residual of stage1 has another shape",
                                              [SUM_OF_TWO_SHAPES] = "add1 of two shapes",
                                              [SUM_OF_NOTHING] = "add1 of two shapes",
                                              [POOL_WITHOUT_WINDOW] = "avgpool1 does not fit",
                                              [POOL_TOO_PADDED] = "maxpool1 does not fit",
                                              [POOL_TOO_LARGE] = "maxpool1 does not fit an image of 4 x 6",
                                              [POOL_TOO_WIDE] = "maxpool1: a window of 16, more than 15",
                                              [INPUT_TOO_LARGE] = "the input is too large",
                                              [CONV_TOO_LARGE] = "conv2 is too large",
                                              [CONV_UNREAD] = "conv1 leads nowhere",
                                              [STAGE_UNREAD] = "stage1 leads nowhere",
                                              [OUTPUT_IS_IMAGE] = "the output is an image of 4 x 6"};
    for (int fault = 0; fault < FAULTS; fault++) {
        struct icl_network n;
        const icl_node_id id = with_fault(&n, (enum fault)fault);
        /* seen by finish only */
        const bool late = fault == NO_INPUT || fault >= CONV_UNREAD;
        if (!late) {
            assert_int_equal(id, ICL_NO_NODE);
            /* later calls do nothing */
            const struct icl_stage_form form = {.norm = ICL_NORM_AFTER, .drop = 7};
            icl_node_id tap = 3;
            const size_t nodes = n.nodes;
            assert_int_equal(icl_network_conv(&n, 0, 2, 1, 1, true), ICL_NO_NODE);
            assert_int_equal(icl_network_stage(&n, 0, ICL_NO_NODE, &form, &tap), ICL_NO_NODE);
            assert_int_equal(tap, ICL_NO_NODE);
            assert_int_equal(icl_network_add(&n, 0, id), ICL_NO_NODE);
            assert_int_equal(icl_network_max_pool(&n, 0, 1, 1, 0), ICL_NO_NODE);
            assert_int_equal(icl_network_linear(&n, icl_network_global_pool(&n, 0), 2), ICL_NO_NODE);
            assert_int_equal(icl_network_input(&n, 0, 0, 0), ICL_NO_NODE);
            assert_int_equal(n.nodes, nodes);
        }
        assert_int_equal(icl_network_finish(&n, id, &err), ICL_ERR_USAGE);
        if (strstr(err.message, words[fault]) == NULL) fail_msg("'%s' does not say '%s'", err.message, words[fault]);
        icl_network_free(&n);
    }
}

/* ---- initial values ------------------------------------------------------------------------------------------- */

/* A convolution of 3x3x256 to 512 (1,179,648 weights), another of 3x3x512 to 16, and a linear layer of 100,000 weights
 * from 16 channels. */
static void build_wide(struct icl_network *n)
{
    icl_network_init(n);
    icl_node_id x = icl_network_conv(n, icl_network_input(n, 2, 2, 256), 512, 3, 1, true);
    x = icl_network_conv(n, x, 16, 3, 1, false);
    x = icl_network_linear(n, icl_network_global_pool(n, x), 6250);
    if (icl_network_finish(n, x, &err) != ICL_OK) fail_msg("%s", err.message);
}

static float *initial_values(const struct icl_network *n, uint64_t key, double leak)
{
    float *values = malloc(n->parameter_count * sizeof *values);
    assert_non_null(values);
    memset(values, 0xff, n->parameter_count * sizeof *values); /* NaN: every one has to be written */
    icl_network_initialise(n, key, leak, values);
    return values;
}

static void moments(const float *values, size_t count, double *mean, double *variance, double *most)
{
    double sum = 0, squares = 0;
    *most = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
        squares += (double)values[i] * values[i];
        if (!(fabs(values[i]) <= *most)) *most = fabs(values[i]);
    }
    *mean = sum / (double)count;
    *variance = squares / (double)count - *mean * *mean;
}

static void weights_have_their_moments(void **state)
{
    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct icl_network n;
    build_wide(&n);
    const double leaks[] = {0, 0.1, 1};
    for (size_t l = 0; l < 3; l++) {
        float *values = initial_values(&n, seed, leaks[l]);
        double mean, variance, most;
        const struct icl_parameter *p = n.parameter;
        moments(values + p->offset, p->count, &mean, &variance, &most);
        const double expected = 2 / ((1 + leaks[l] * leaks[l]) * 2304), count = (double)p->count;
        /* five standard errors: sd / sqrt(n), and variance sqrt(2 / n), which is .65 % here */
        assert_near(mean, 0, 5 * sqrt(expected / count));
        assert_near(variance, expected, 5 * expected * sqrt(2 / count));
        assert_true(most > 4.5 * sqrt(expected) && most < 6.5 * sqrt(expected)); /* tails of a normal, not cut */
        moments(values + p[1].offset, p[1].count, &mean, &variance, &most);
        assert_true(most == 0); /* bias of a convolution */
        moments(values + p[3].offset, p[3].count, &mean, &variance, &most);
        /* uniform on +-1/4: sd of the mean .25 / sqrt(3 n), of the variance 1/16 sqrt(4 / 45 n) */
        const double linear = (double)p[3].count;
        assert_int_equal(p[3].count, 100000);
        assert_near(mean, 0, 5 * 0.25 / sqrt(3 * linear));
        assert_near(variance, 1.0 / 48, 5.0 / 16 * sqrt(4 / (45 * linear)));
        assert_near(most, 0.25 - 0.125e-4, 0.125e-4);
        moments(values + p[4].offset, p[4].count, &mean, &variance, &most);
        assert_near(variance, 1.0 / 48, 5.0 / 16 * sqrt(4 / (45 * 6250.0)));
        assert_near(most, 0.25 - 2e-4, 2e-4);
        free(values);
    }
    icl_network_free(&n);
}

static void draws_are_those_of_the_streams(void **state)
{
    (void)state;
    struct icl_network n;
    build_wide(&n);
    float *values = initial_values(&n, seed, 0.1), *again = initial_values(&n, seed, 0.1),
          *other = initial_values(&n, seed + 1, 0.1);
    assert_memory_equal(values, again, n.parameter_count * sizeof *values);
    assert_memory_not_equal(values, other, 1000);
    for (size_t place = 0; place < n.parameters; place++) {
        const struct icl_parameter *p = &n.parameter[place];
        if (p->fan_in == 0) continue;
        const struct icl_stream stream = {seed, ICL_PURPOSE_WEIGHT, (uint32_t)place, 0};
        for (size_t i = 0; i < p->count; i += 1 + p->count / 997) { /* one by one, from the definition */
            double draw;
            const bool conv = p->kind == ICL_PARAMETER_CONV;
            if (conv)
                icl_random_normal(&stream, i, 1, &draw);
            else
                icl_random_uniform(&stream, i, 1, &draw);
            const double fan_in = (double)p->fan_in;
            const double expected = conv ? draw * sqrt(2 / (1.01 * fan_in)) : (2 * draw - 1) / sqrt(fan_in);
            assert_near(values[p->offset + i], expected, 1e-7 * fabs(expected)); /* half a unit of a float is 6e-8 */
        }
    }
    free(values);
    free(again);
    free(other);
    icl_network_free(&n);
}

static void scales_begin_as_they_are_told(void **state)
{
    (void)state;
    struct icl_network n;
    assert_int_equal(icl_network_finish(&n, build_small(&n), &err), ICL_OK);
    float *values = initial_values(&n, seed, 0);
    for (size_t i = 0; i < 4; i++) {
        assert_true(values[n.parameter[2].offset + i] == 1.0F);
        assert_true(values[n.parameter[3].offset + i] == 0.0F);
        assert_true(values[n.parameter[5].offset + i] == 0.0F);
        assert_true(values[n.parameter[6].offset + i] == 0.0F);
    }
    free(values);
    icl_network_free(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_say_what_is_computed),     cmocka_unit_test(parameters_lie_one_after_the_other),
        cmocka_unit_test(pools_have_their_shapes),        cmocka_unit_test(many_nodes_find_room),
        cmocka_unit_test(the_first_error_is_kept),        cmocka_unit_test(weights_have_their_moments),
        cmocka_unit_test(draws_are_those_of_the_streams), cmocka_unit_test(scales_begin_as_they_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
