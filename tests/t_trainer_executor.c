/* The executor against a plain evaluation in double: outputs, gradients by finite differences, determinism, errors. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/near.h"
#include "tests/plain_network.h"
#include "tests/small_networks.h"

#include "trainer/executor.h"

enum { BATCH = 40, SAMPLES = 37, STEP = 5 };
static const uint64_t seed = 20190515;
static const double epsilon = 1e-5, momentum = .1, smoothing = .1;

/* ---- data -------------------------------------------------------------------------------------------------------- */

static float images[BATCH * SIDE * SIDE * CHANNELS];
static uint32_t labels[BATCH];

static int make_data(void **state)
{
    (void)state;
    enum { COUNT = sizeof images / sizeof *images };
    static double draws[COUNT];
    icl_random_normal(&(struct icl_stream){seed, ICL_PURPOSE_LAW, 1, 0}, 0, COUNT, draws);
    for (size_t i = 0; i < COUNT; i++)
        images[i] = (float)(draws[i] + .3);
    for (size_t i = 0; i < BATCH; i++)
        labels[i] = (uint32_t)icl_random_below(&(struct icl_stream){seed, ICL_PURPOSE_LAW, 2, 0}, i, CLASSES);
    return 0;
}

/* Parameters away from their starting values, so that scales and shifts matter. */
static void fill_parameters(const struct icl_network *net, float *values)
{
    icl_network_initialise(net, seed, .1, values);
    double *draws = malloc(net->parameter_count * sizeof *draws);
    icl_random_uniform(&(struct icl_stream){seed, ICL_PURPOSE_LAW, 3, 0}, 0, net->parameter_count, draws);
    for (size_t p = 0; p < net->parameters; p++)
        if (net->parameter[p].kind == ICL_PARAMETER_SCALE || net->parameter[p].kind == ICL_PARAMETER_SHIFT)
            for (size_t k = 0; k < net->parameter[p].count; k++)
                values[net->parameter[p].offset + k] += (float)(draws[net->parameter[p].offset + k] - .5);
    free(draws);
}

/* ---- a network with its executor and its plain twin ---------------------------------------------------------------
 */

struct bed {
    struct icl_network net;
    struct icl_team *team;
    struct icl_executor *executor;
    struct plain plain;
};

static void open_bed(struct bed *bed, size_t which, unsigned threads, bool keep)
{
    struct icl_error err = {0};
    build(&bed->net, which);
    assert_int_equal(icl_team_create(threads, &bed->team, &err), ICL_OK);
    const struct icl_executor_options options = {
        .batch = BATCH, .seed = seed, .norm_epsilon = epsilon, .norm_momentum = momentum, .keep = keep};
    if (icl_executor_create(&bed->net, &options, bed->team, &bed->executor, &err) != ICL_OK)
        fail_msg("%s", err.message);
    fill_parameters(&bed->net, icl_executor_parameters(bed->executor));
    const struct plain_setting set = {images, labels, SAMPLES, CLASSES, seed, STEP, epsilon, smoothing};
    plain_open(&bed->plain, &bed->net, &set);
    for (size_t k = 0; k < bed->net.parameter_count; k++)
        bed->plain.parameter[k] = (double)icl_executor_parameters(bed->executor)[k];
}

static void close_bed(struct bed *bed)
{
    plain_close(&bed->plain);
    icl_executor_free(bed->executor);
    icl_team_free(bed->team);
    icl_network_free(&bed->net);
}

/* Float against double: sums of at most a few hundred products, a few layers deep. */
static void assert_close(const char *what, const float *got, const double *want, size_t count)
{
    double most = 0.0;
    for (size_t i = 0; i < count; i++)
        if (fabs(want[i]) > most) most = fabs(want[i]);
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - want[i]) <= 2e-5 * most))
            fail_msg("%s: element %zu is %.9g, not %.9g", what, i, (double)got[i], want[i]);
}

static void assert_outputs(struct bed *bed, const char *name)
{
    for (size_t v = 1; v < bed->net.nodes; v++) {
        char what[96];
        snprintf(what, sizeof what, "%s, %s", name, bed->net.node[v].name);
        const float *output = icl_executor_output(bed->executor, v);
        assert_non_null(output);
        assert_close(what, output, bed->plain.output[v], SAMPLES * elements(&bed->net.node[v]));
    }
}

static void test_forward(void **state)
{
    (void)state;
    for (size_t which = 0; which < NETS; which++) {
        struct bed bed;
        struct icl_error err = {0};
        struct icl_batch_result result;
        open_bed(&bed, which, 2, false);
        const double loss = plain_loss(&bed.plain, ICL_MODE_TRAIN);
        assert_int_equal(
            icl_executor_forward(bed.executor, ICL_MODE_TRAIN, images, labels, SAMPLES, STEP, smoothing, &result, &err),
            ICL_OK);
        assert_outputs(&bed, nets[which].name);
        assert_near(result.loss, loss, 2e-5);
        /* running = .9 (0, 1) + .1 (mean, unbiased variance) */
        const double *running = icl_executor_running(bed.executor);
        for (size_t v = 0; v < bed.net.nodes; v++) {
            const struct icl_node *node = &bed.net.node[v];
            if (node->kind != ICL_NODE_STAGE || node->norm == ICL_NORM_ABSENT) continue;
            const double rows = (double)(SAMPLES * node->height * node->width);
            for (size_t c = node->norm_offset; c < node->norm_offset + node->channels; c++) {
                const double var = bed.plain.var[c] * rows / (rows - 1.0);
                assert_near(running[c], momentum * bed.plain.mean[c], 1e-5);
                assert_near(running[bed.net.norm_channels + c], 1.0 - momentum + momentum * var, 1e-5);
                bed.plain.mean[c] = running[c];
                bed.plain.var[c] = running[bed.net.norm_channels + c];
            }
        }
        const double evaluated = plain_loss(&bed.plain, ICL_MODE_EVALUATE);
        assert_int_equal(
            icl_executor_forward(bed.executor, ICL_MODE_EVALUATE, images, labels, SAMPLES, 0, smoothing, &result, &err),
            ICL_OK);
        assert_outputs(&bed, nets[which].name);
        assert_near(result.loss, evaluated, 2e-5);
        close_bed(&bed);
    }
}

/* Along a random direction in each parameter the slope of the plain loss is the gradient times the direction. */
static void test_gradient(void **state)
{
    (void)state;
    for (size_t which = 0; which < NETS; which++) {
        struct bed bed;
        struct icl_error err = {0};
        struct icl_batch_result result;
        open_bed(&bed, which, 2, false);
        assert_int_equal(
            icl_executor_gradient_step(bed.executor, images, labels, SAMPLES, STEP, smoothing, &result, &err), ICL_OK);
        const float *gradient = icl_executor_gradient(bed.executor);
        for (size_t k = 0; k < bed.net.parameters; k++) {
            const struct icl_parameter *p = &bed.net.parameter[k];
            double *direction = malloc(p->count * sizeof *direction), slope = 0.0, size = 0.0;
            icl_random_normal(&(struct icl_stream){seed, ICL_PURPOSE_LAW, 4, (uint32_t)k}, 0, p->count, direction);
            for (size_t i = 0; i < p->count; i++) {
                slope += direction[i] * (double)gradient[p->offset + i];
                size += (double)gradient[p->offset + i] * (double)gradient[p->offset + i];
            }
            double loss[2];
            const double h = 1e-6; /* few kinks are crossed; differences of 1e-6 keep ten digits in double */
            for (int side = 0; side < 2; side++) {
                for (size_t i = 0; i < p->count; i++)
                    bed.plain.parameter[p->offset + i] += (side == 0 ? 1.0 : -2.0) * h * direction[i];
                loss[side] = plain_loss(&bed.plain, ICL_MODE_TRAIN);
            }
            for (size_t i = 0; i < p->count; i++)
                bed.plain.parameter[p->offset + i] += h * direction[i];
            const double difference = (loss[0] - loss[1]) / (2.0 * h);
            if (!(fabs(difference - slope) <= 1e-4 * sqrt(size) + 1e-7))
                fail_msg("%s, %s: slope %.9g, gradient %.9g (its norm %.3g)", nets[which].name, p->name, difference,
                         slope, sqrt(size));
            free(direction);
        }
        close_bed(&bed);
    }
}

static void test_same_bytes_for_any_number_of_threads(void **state)
{
    (void)state;
    for (size_t which = 0; which < NETS; which++) {
        float *gradient[3];
        double loss[3];
        size_t bytes = 0;
        for (unsigned threads = 1; threads <= 3; threads++) {
            struct bed bed;
            struct icl_error err = {0};
            struct icl_batch_result result;
            open_bed(&bed, which, threads, false);
            bytes = bed.net.parameter_count * sizeof(float);
            for (uint32_t step = 0; step < 3; step++)
                assert_int_equal(
                    icl_executor_gradient_step(bed.executor, images, labels, SAMPLES, step, smoothing, &result, &err),
                    ICL_OK);
            loss[threads - 1] = result.loss;
            gradient[threads - 1] = malloc(bytes);
            memcpy(gradient[threads - 1], icl_executor_gradient(bed.executor), bytes);
            close_bed(&bed);
        }
        for (int other = 1; other < 3; other++) {
            assert_memory_equal(gradient[0], gradient[other], bytes);
            assert_memory_equal(&loss[0], &loss[other], sizeof *loss);
        }
        for (int t = 0; t < 3; t++)
            free(gradient[t]);
    }
}

/* With `keep`, outputs after a step are those of a forward call with the same masks. */
static void test_keep_and_probe(void **state)
{
    (void)state;
    struct bed bed, kept;
    struct icl_error err = {0};
    struct icl_batch_result result;
    open_bed(&bed, 2, 1, false);
    open_bed(&kept, 2, 2, true);
    assert_int_equal(icl_executor_gradient_step(kept.executor, images, labels, SAMPLES, STEP, smoothing, &result, &err),
                     ICL_OK);
    assert_int_equal(icl_executor_forward(bed.executor, ICL_MODE_DROP, images, NULL, SAMPLES, STEP, 0.0, NULL, &err),
                     ICL_OK);
    float *probed = malloc(sizeof images * 4);
    for (size_t v = 1; v < bed.net.nodes; v++) {
        const struct icl_node *node = &bed.net.node[v];
        const size_t bytes = SAMPLES * elements(node) * sizeof(float);
        assert_memory_equal(icl_executor_output(bed.executor, v), icl_executor_output(kept.executor, v), bytes);
        if (node->tap_node == ICL_NO_NODE) continue;
        assert_int_equal(icl_executor_probe(kept.executor, v, node->tap, probed, &err), ICL_OK);
        assert_memory_equal(probed, icl_executor_output(bed.executor, node->tap_node), bytes);
    }
    assert_int_equal(icl_executor_probe(bed.executor, 1, ICL_TAP_RELU, probed, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "conv1"));
    /* DROP moves nothing: the running statistics are as at the start. */
    for (size_t c = 0; c < bed.net.norm_channels; c++)
        assert_true(icl_executor_running(bed.executor)[c] == 0.0);
    free(probed);
    close_bed(&bed);
    close_bed(&kept);
}

static void test_memory(void **state)
{
    (void)state;
    struct bed bed;
    struct icl_error err = {0};
    struct icl_executor_memory two, eight, kept, inference;
    open_bed(&bed, 0, 1, false);
    struct icl_executor_options options = {.batch = BATCH, .norm_epsilon = epsilon};
    assert_int_equal(icl_executor_measure(&bed.net, &options, 2, &two, &err), ICL_OK);
    assert_int_equal(icl_executor_measure(&bed.net, &options, 8, &eight, &err), ICL_OK);
    assert_true(eight.scratch > two.scratch && eight.activations == two.activations);
    assert_int_equal(two.total, two.parameters + two.activations + two.gradients + two.scratch);
    options.keep = true;
    assert_int_equal(icl_executor_measure(&bed.net, &options, 2, &kept, &err), ICL_OK);
    assert_true(kept.activations > two.activations);
    options.keep = false;
    options.inference = true;
    assert_int_equal(icl_executor_measure(&bed.net, &options, 2, &inference, &err), ICL_OK);
    assert_true(inference.total < two.total && inference.gradients == 0);
    close_bed(&bed);
}

static void test_bad_calls(void **state)
{
    (void)state;
    struct bed bed;
    struct icl_error err = {0};
    struct icl_batch_result result;
    open_bed(&bed, 0, 1, false);
    assert_int_equal(icl_executor_gradient_step(bed.executor, images, labels, 0, 0, 0.0, &result, &err), ICL_ERR_USAGE);
    assert_int_equal(icl_executor_gradient_step(bed.executor, images, labels, BATCH + 1, 0, 0.0, &result, &err),
                     ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "41"));
    assert_int_equal(icl_executor_gradient_step(bed.executor, images, NULL, 3, 0, 0.0, &result, &err), ICL_ERR_USAGE);
    const uint32_t bad[3] = {0, CLASSES, 1};
    assert_int_equal(icl_executor_gradient_step(bed.executor, images, bad, 3, 0, 0.0, &result, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "label 4 of sample 1"));
    assert_null(icl_executor_output(bed.executor, 0));
    assert_null(icl_executor_output(bed.executor, 1)); /* nothing of a call that was refused can be looked at */
    assert_int_equal(icl_executor_gradient_step(bed.executor, images, labels, 3, 0, 0.0, &result, &err), ICL_OK);
    assert_ptr_equal(icl_executor_output(bed.executor, 0), images);
    const struct icl_executor_options none = {.batch = 0};
    struct icl_executor *executor = NULL;
    assert_int_equal(icl_executor_create(&bed.net, &none, bed.team, &executor, &err), ICL_ERR_USAGE);
    assert_null(executor);
    const struct icl_executor_options endless = {.batch = SIZE_MAX / 1000};
    assert_int_equal(icl_executor_create(&bed.net, &endless, bed.team, &executor, &err), ICL_ERR_MEMORY);
    assert_non_null(strstr(err.message, "more memory than there are addresses"));
    assert_null(executor);
    const struct icl_executor_options inference = {.batch = BATCH, .norm_epsilon = epsilon, .inference = true};
    assert_int_equal(icl_executor_create(&bed.net, &inference, bed.team, &executor, &err), ICL_OK);
    assert_int_equal(icl_executor_gradient_step(executor, images, labels, 3, 0, 0.0, &result, &err), ICL_ERR_USAGE);
    assert_int_equal(icl_executor_forward(executor, ICL_MODE_EVALUATE, images, labels, SAMPLES, 0, 0.0, &result, &err),
                     ICL_OK);
    icl_executor_free(executor);
    icl_executor_free(NULL);
    close_bed(&bed);
}

/* A norm over one row (one sample, 1x1) gives its shift and passes no gradient on; the running mean moves, and the
 * running variance, of which one row says nothing, does not. */
static void test_one_row(void **state)
{
    (void)state;
    struct icl_network net;
    struct icl_error err = {0};
    struct icl_batch_result result;
    struct icl_team *team = NULL;
    struct icl_executor *executor = NULL;
    const struct icl_stage_form form = {.norm = ICL_NORM_AFTER, .act = general};
    icl_network_init(&net);
    icl_node_id x = icl_network_conv(&net, icl_network_input(&net, 2, 2, CHANNELS), 5, 3, 2, false);
    x = icl_network_stage(&net, x, ICL_NO_NODE, &form, NULL);
    assert_int_equal(icl_network_finish(&net, icl_network_linear(&net, x, CLASSES), &err), ICL_OK);
    assert_int_equal(icl_team_create(2, &team, &err), ICL_OK);
    const struct icl_executor_options options = {
        .batch = 4, .seed = seed, .norm_epsilon = epsilon, .norm_momentum = momentum, .keep = true};
    assert_int_equal(icl_executor_create(&net, &options, team, &executor, &err), ICL_OK);
    fill_parameters(&net, icl_executor_parameters(executor));
    assert_int_equal(icl_executor_gradient_step(executor, images, labels, 1, STEP, 0.0, &result, &err), ICL_OK);
    assert_true(isfinite(result.loss));
    const float *shift = icl_executor_parameters(executor) + net.parameter[net.node[2].shift].offset;
    const float *y = icl_executor_output(executor, 2), *gradient = icl_executor_gradient(executor);
    const double *running = icl_executor_running(executor), *batch = icl_executor_batch_statistics(executor);
    for (size_t c = 0; c < 5; c++) {
        /* scale x and scale mean are up to 300 in float where the variance is 0 and epsilon 1e-5 */
        assert_true(fabs((double)y[c] - (double)shift[c]) <= 1e-4);
        assert_true(batch[5 + c] == 0.0 && running[5 + c] == 1.0);
        assert_near(running[c], momentum * batch[c], 1e-12);
        assert_true(gradient[net.parameter[net.node[2].scale].offset + c] == 0.0F);
    }
    for (size_t i = 0; i < net.parameter[0].count; i++)
        assert_true(gradient[net.parameter[0].offset + i] == 0.0F);
    icl_executor_free(executor);
    icl_team_free(team);
    icl_network_free(&net);
}

/* A NaN in one image comes out as a loss that is NaN, not as a crash or a number. */
static void test_nan(void **state)
{
    (void)state;
    struct bed bed;
    struct icl_error err = {0};
    struct icl_batch_result result;
    static float poisoned[sizeof images / sizeof *images];
    memcpy(poisoned, images, sizeof images);
    poisoned[100] = NAN;
    open_bed(&bed, 5, 2, false);
    assert_int_equal(icl_executor_gradient_step(bed.executor, poisoned, labels, SAMPLES, 0, 0.0, &result, &err),
                     ICL_OK);
    assert_true(isnan(result.loss));
    close_bed(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_same_bytes_for_any_number_of_threads),
        cmocka_unit_test(test_keep_and_probe),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_bad_calls),
        cmocka_unit_test(test_one_row),
        cmocka_unit_test(test_nan),
    };
    return cmocka_run_group_tests(tests, make_data, NULL);
}
