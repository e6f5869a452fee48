/* The executor against the plain evaluation in double on the architectures, in every order, conversion and skip place:
 * one training step of a tiny batch. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/networks_support.h"
#include "tests/plain_network.h"

enum { SAMPLES = 5, MOST_SIDE = 16, CLASSES = 3, STEP = 7, BATCHES = 5 };
static const uint64_t seed = 20190516;
static float images[BATCHES * SAMPLES * MOST_SIDE * MOST_SIDE * 3];
static const uint32_t labels[SAMPLES] = {2, 0, 1, 1, 2};

static int make_data(void **state)
{
    (void)state;
    enum { COUNT = sizeof images / sizeof *images };
    static double draws[COUNT];
    icl_random_normal(&(struct icl_stream){seed, ICL_PURPOSE_LAW, 1, 0}, 0, COUNT, draws);
    for (size_t i = 0; i < COUNT; i++)
        images[i] = (float)(draws[i] + .3);
    return 0;
}

/* Scales and shifts away from 1 and 0, those that begin at 0 included, so that every branch has a gradient. */
static void fill_parameters(const struct icl_network *net, float *values)
{
    icl_network_initialise(net, seed, 0.0, values);
    for (size_t p = 0; p < net->parameters; p++) {
        const struct icl_parameter *parameter = &net->parameter[p];
        if (parameter->kind != ICL_PARAMETER_SCALE && parameter->kind != ICL_PARAMETER_SHIFT) continue;
        double draws[2048];
        assert_true(parameter->count <= 2048);
        icl_random_uniform(&(struct icl_stream){seed, ICL_PURPOSE_LAW, 2, (uint32_t)p}, 0, parameter->count, draws);
        const float middle = parameter->kind == ICL_PARAMETER_SCALE ? .75F : -.25F;
        for (size_t k = 0; k < parameter->count; k++)
            values[parameter->offset + k] = middle + .5F * (float)draws[k];
    }
}

/* The largest difference relative to the largest value. */
static double relative(const float *got, const double *want, size_t count)
{
    double most = 0.0, off = 0.0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(got[i]) || !isfinite(want[i])) return INFINITY;
        most = fmax(most, fabs(want[i]));
        off = fmax(off, fabs((double)got[i] - want[i]));
    }
    return most > 0.0 ? off / most : off;
}

/* Elements that rounding to float has put on the other side of a kink: their gradients are not comparable. What a kink
 * looks at is the input of a stage with the norm behind or without one, and else shows in the output. */
static size_t other_sides(const struct icl_executor *executor, const struct plain *p)
{
    size_t count = 0;
    for (size_t v = 1; v < p->net->nodes; v++) {
        const struct icl_node *node = &p->net->node[v];
        if (node->kind != ICL_NODE_STAGE || !node->act.on) continue;
        const bool from_input = node->norm != ICL_NORM_BEFORE && node->input[1] == ICL_NO_NODE;
        const size_t at = from_input ? node->input[0] : v;
        const float *got = at == 0 ? p->set.images : icl_executor_output(executor, at);
        const double *want = p->output[at];
        /* z = -sub at 0 and `most` at its end: v = 0 and v = most + sub. */
        const double sub = (double)node->act.sub, most = (double)node->act.most;
        const double low = from_input ? 0.0 : -sub, high = from_input ? most + sub : most;
        for (size_t i = 0; i < SAMPLES * elements(node); i++)
            count += ((double)got[i] > low) != (want[i] > low) || ((double)got[i] < high) != (want[i] < high);
    }
    return count;
}

/* The slope of the plain loss along a random direction, and that of the executor's gradient. */
static void check_slope(struct plain *p, const float *gradient, uint32_t direction, double tolerance, const char *name)
{
    const size_t count = p->net->parameter_count;
    double *d = malloc(count * sizeof *d), slope = 0.0, size = 0.0, loss[2];
    assert_non_null(d);
    icl_random_normal(&(struct icl_stream){seed, ICL_PURPOSE_LAW, 3, direction}, 0, count, d);
    for (size_t i = 0; i < count; i++) {
        slope += d[i] * (double)gradient[i];
        size += (double)gradient[i] * (double)gradient[i];
    }
    const double h = 1e-9; /* so that kinks are hardly ever crossed; the difference keeps six digits */
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < count; i++)
            p->parameter[i] += (side == 0 ? 1.0 : -2.0) * h * d[i];
        loss[side] = plain_loss(p, ICL_MODE_TRAIN);
    }
    for (size_t i = 0; i < count; i++)
        p->parameter[i] += h * d[i];
    free(d);
    const double difference = (loss[0] - loss[1]) / (2.0 * h);
    if (!(fabs(difference - slope) <= tolerance * sqrt(size)))
        fail_msg("%s: slope %.9g, gradient %.9g (its norm %.3g)", name, difference, slope, sqrt(size));
}

/* A network, its size and what rounding to float may do to it. */
struct subject {
    const char *net;
    size_t side;
    uint32_t directions;
    double output, slope; /* relative to the largest output of a node, and to the norm of the gradient */
};

/* One step on a batch; false where the two evaluations are on different sides of a kink. */
static bool check_batch(const struct subject *subject, struct icl_executor *executor, struct plain *plain,
                        const char *name)
{
    struct icl_batch_result result;
    const struct plain_setting *set = &plain->set;
    const double loss = plain_loss(plain, ICL_MODE_TRAIN);
    if (icl_executor_gradient_step(executor, set->images, labels, SAMPLES, STEP, set->smoothing, &result, &err) !=
        ICL_OK)
        fail_msg("%s", err.message);
    for (size_t v = 1; v < plain->net->nodes; v++) {
        const struct icl_node *node = &plain->net->node[v];
        const double off = relative(icl_executor_output(executor, v), plain->output[v], SAMPLES * elements(node));
        if (!(off <= subject->output)) fail_msg("%s, %s: off by %.3g of the largest", name, node->name, off);
    }
    if (!(fabs(result.loss - loss) <= subject->output * loss))
        fail_msg("%s: loss %.9g, not %.9g", name, result.loss, loss);
    if (other_sides(executor, plain) > 0) return false;
    for (uint32_t d = 0; d < subject->directions; d++)
        check_slope(plain, icl_executor_gradient(executor), d, subject->slope, name);
    return true;
}

static void check_step(const struct subject *subject, const struct icl_train_spec *spec)
{
    char name[ICL_SPEC_NAME];
    icl_train_spec_name(spec, name);
    struct icl_network net;
    if (icl_network_build(spec, subject->side, subject->side, 3, CLASSES, &net, &err) != ICL_OK)
        fail_msg("%s", err.message);
    struct icl_team *team = NULL;
    struct icl_executor *executor = NULL;
    assert_int_equal(icl_team_create(2, &team, &err), ICL_OK);
    const struct icl_executor_options options = {
        .batch = SAMPLES, .seed = seed, .norm_epsilon = 1e-5, .norm_momentum = .1, .keep = true};
    if (icl_executor_create(&net, &options, team, &executor, &err) != ICL_OK) fail_msg("%s", err.message);
    fill_parameters(&net, icl_executor_parameters(executor));
    const struct plain_setting set = {images, labels, SAMPLES, CLASSES, seed, STEP, 1e-5, .1};
    struct plain plain;
    plain_open(&plain, &net, &set);
    for (size_t k = 0; k < net.parameter_count; k++)
        plain.parameter[k] = (double)icl_executor_parameters(executor)[k];
    /* Among 100,000 activations one lies within a rounding of a kink in a batch of ten. */
    size_t batch = 0;
    while (batch < BATCHES && !check_batch(subject, executor, &plain, name))
        plain.set.images = images + ++batch * (size_t)SAMPLES * subject->side * subject->side * 3;
    if (batch == BATCHES) fail_msg("%s: no batch keeps away from the kinks", name);
    plain_close(&plain);
    icl_executor_free(executor);
    icl_team_free(team);
    icl_network_free(&net);
}

/* Every order, conversion and skip place that differ. */
static void check_all(const struct subject *subject)
{
    for (unsigned order = ICL_ORDER_CONV_BN_RELU; order <= ICL_ORDER_NONE; order++)
        for (unsigned conversion = ICL_CONVERSION_FULL; conversion <= ICL_CONVERSION_NAIVE; conversion++)
            for (unsigned skip = ICL_SKIP_CONV; skip <= ICL_SKIP_BETWEEN; skip++) {
                struct icl_train_spec spec =
                    spec_of(subject->net, (enum icl_order)order, (enum icl_conversion)conversion, (enum icl_skip)skip);
                spec.drop = .2;
                spec.general_relu = (order + skip) % 2 == 1;
                if (icl_train_spec_check(&spec, &err) != ICL_OK) continue;
                struct icl_train_spec normal = spec;
                icl_train_spec_normalise(&normal);
                if (normal.skip == spec.skip) check_step(subject, &spec);
            }
}

static void resnet20_in_every_order(void **state)
{
    (void)state;
    check_all(&(struct subject){"resnet20", 8, 2, 3e-5, 1e-4});
}

/* Pooled shortcuts, maximum pooling, 1x1 images under 3x3 windows. The norms of the last blocks see five rows, of which
 * two may be close together: they magnify roundings. */
static void xresnet18_at_every_skip_place(void **state)
{
    (void)state;
    check_all(&(struct subject){"xresnet18", 16, 1, 2e-3, 1e-2});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resnet20_in_every_order),
        cmocka_unit_test(xresnet18_at_every_skip_place),
    };
    return cmocka_run_group_tests(tests, make_data, NULL);
}
