/* A network on the emulated device against the executor of the processor, and every operation that is no sum against
 * the plain layers, to the last bit, on what the device itself put into it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/shared/bf16.h"
#include "tests/device_storage.h"
#include "tests/networks_support.h"
#include "tests/small_networks.h"
#include "trainer/device_program.h"

enum { BATCH = 6, STEP = 5, MOST_PIXELS = BATCH * 20 * 20 * 3, MOST_CLASSES = 4 };
static const uint64_t seed = 20190517;
static const double epsilon = 1e-5, momentum = .1, smoothing = .1;
static const size_t sizes[] = {BATCH, 5, 1};
enum { SIZES = sizeof sizes / sizeof *sizes };
static float images[MOST_PIXELS];
static uint32_t labels[BATCH];

static int make_data(void **state)
{
    (void)state;
    static double draws[MOST_PIXELS];
    icl_random_normal(&(struct icl_stream){seed, ICL_PURPOSE_LAW, 1, 0}, 0, MOST_PIXELS, draws);
    for (size_t i = 0; i < MOST_PIXELS; i++) /* numbers that bf16 has, so that both see the same images */
        images[i] = icl_bf16_to_float(icl_bf16_from_float((float)(draws[i] + .3)));
    for (size_t i = 0; i < BATCH; i++)
        labels[i] = (uint32_t)icl_random_below(&(struct icl_stream){seed, ICL_PURPOSE_LAW, 2, 0}, i, MOST_CLASSES);
    return 0;
}

/* ---- networks ---------------------------------------------------------------------------------------------------- */

/* The thread's network in the orders that the small networks have not, with every gate. */
static const struct {
    const char *name;
    enum icl_order order;
    enum icl_conversion conversion;
    enum icl_gate gate;
    bool general;
} threads[] = {
    {"thread06 conv-bn-relu", ICL_ORDER_CONV_BN_RELU, ICL_CONVERSION_FULL, ICL_GATE_INDEPENDENT, true},
    {"thread06 ic naive", ICL_ORDER_IC, ICL_CONVERSION_NAIVE, ICL_GATE_GAUSSIAN, false},
    {"thread06 bn-after", ICL_ORDER_BN_AFTER, ICL_CONVERSION_FULL, ICL_GATE_INDEPENDENT, true},
    {"thread06 drop-only", ICL_ORDER_DROP_ONLY, ICL_CONVERSION_FULL, ICL_GATE_SHARED, false},
    {"thread06 none", ICL_ORDER_NONE, ICL_CONVERSION_NAIVE, ICL_GATE_INDEPENDENT, true},
};
enum { THREADS = sizeof threads / sizeof *threads, SUBJECTS = NETS + THREADS };

static const char *subject_name(size_t which)
{
    return which < NETS ? nets[which].name : threads[which - NETS].name;
}

static void build_subject(struct icl_network *net, size_t which)
{
    if (which < NETS) {
        build(net, which);
        return;
    }
    which -= NETS;
    struct icl_train_spec spec = spec_of("thread06", threads[which].order, threads[which].conversion, ICL_SKIP_CONV);
    spec.gate = threads[which].gate;
    spec.general_relu = threads[which].general;
    spec.drop = .2;
    *net = built(&spec, 20, MOST_CLASSES);
}

/* Parameters away from their starting values, so that scales and shifts matter. */
static void fill_parameters(const struct icl_network *net, float *values)
{
    icl_network_initialise(net, seed, .1, values);
    double *draws = malloc((net->parameter_count + 1) * sizeof *draws);
    assert_non_null(draws);
    icl_random_uniform(&(struct icl_stream){seed, ICL_PURPOSE_LAW, 3, 0}, 0, net->parameter_count, draws);
    for (size_t p = 0; p < net->parameters; p++)
        if (net->parameter[p].kind != ICL_PARAMETER_CONV && net->parameter[p].kind != ICL_PARAMETER_LINEAR)
            for (size_t k = 0; k < net->parameter[p].count; k++)
                values[net->parameter[p].offset + k] += (float)(draws[net->parameter[p].offset + k] - .5);
    free(draws);
}

/* ---- a network on the processor and on the device ---------------------------------------------------------------- */

struct bed {
    const char *name;
    struct icl_network net;
    struct icl_team *team;
    struct icl_executor *cpu;
    struct icl_device *device;
    struct icl_device_executor *gpu;
    enum icl_storage storage;
    struct icl_device_batch batch;
    struct icl_device_step *now;
    struct icl_device_outcome *outcome;
};

static struct icl_device_executor_options options_of(enum icl_storage storage, bool keep)
{
    return (struct icl_device_executor_options){.batch = BATCH,
                                                .rest = sizes,
                                                .rests = SIZES,
                                                .seed = seed,
                                                .norm_epsilon = epsilon,
                                                .norm_momentum = momentum,
                                                .storage = storage,
                                                .keep = keep};
}

/* Images of `n` samples in the storage of the bed. */
static const void *put_images(struct bed *bed)
{
    const size_t count = BATCH * bed->net.node[0].height * bed->net.node[0].width * bed->net.node[0].channels;
    assert_true(count <= MOST_PIXELS);
    return storage_copy(bed->device, bed->storage, images, count);
}

static void set_step(struct bed *bed, uint32_t step)
{
    const struct icl_device_step now = {.step = step};
    bed->device->call->upload(bed->device, &now, sizeof now, bed->now);
}

static void open_bed(struct bed *bed, size_t which, enum icl_storage storage, bool keep)
{
    *bed = (struct bed){.name = subject_name(which), .device = device_open(), .storage = storage};
    build_subject(&bed->net, which);
    assert_int_equal(icl_team_create(2, &bed->team, &err), ICL_OK);
    const struct icl_executor_options options = {
        .batch = BATCH, .seed = seed, .norm_epsilon = epsilon, .norm_momentum = momentum, .keep = true};
    if (icl_executor_create(&bed->net, &options, bed->team, &bed->cpu, &err) != ICL_OK) fail_msg("%s", err.message);
    fill_parameters(&bed->net, icl_executor_parameters(bed->cpu));
    const struct icl_device_executor_options there = options_of(storage, keep);
    if (icl_device_executor_create(&bed->net, &there, bed->device, &bed->gpu, &err) != ICL_OK)
        fail_msg("%s", err.message);
    icl_device_executor_put(bed->gpu, icl_executor_parameters(bed->cpu), icl_device_executor_parameters(bed->gpu));
    const struct icl_device_outcome zero = {0};
    const struct icl_device_step now = {0};
    bed->outcome = device_put(bed->device, &zero, sizeof zero);
    bed->now = device_put(bed->device, &now, sizeof now);
    bed->batch = (struct icl_device_batch){.n = BATCH,
                                           .images = put_images(bed),
                                           .labels = device_put(bed->device, labels, sizeof labels),
                                           .now = bed->now,
                                           .smoothing = smoothing,
                                           .outcome = bed->outcome};
}

static void close_bed(struct bed *bed)
{
    icl_device_executor_free(bed->gpu);
    device_close(bed->device);
    icl_executor_free(bed->cpu);
    icl_team_free(bed->team);
    icl_network_free(&bed->net);
}

static size_t elements_of(const struct icl_node *node)
{
    return node->height * node->width * node->channels;
}

/* `count` activations of the device as float; free(). */
static float *get_values(struct bed *bed, const void *there, size_t count)
{
    assert_non_null(there);
    if (bed->storage == ICL_STORAGE_F32) return device_get_floats(bed->device, there, count);
    struct icl_bf16 *narrow = device_get(bed->device, there, count * sizeof *narrow);
    float *wide = malloc((count + 1) * sizeof *wide);
    assert_non_null(wide);
    for (size_t i = 0; i < count; i++)
        wide[i] = icl_bf16_to_float(narrow[i]);
    free(narrow);
    return wide;
}

static float *get_output(struct bed *bed, icl_node_id node)
{
    return get_values(bed, icl_device_executor_output(bed->gpu, node),
                      bed->batch.n * elements_of(&bed->net.node[node]));
}

static struct icl_device_outcome get_outcome(struct bed *bed)
{
    struct icl_device_outcome *got = device_get(bed->device, bed->outcome, sizeof *got), outcome = *got;
    free(got);
    return outcome;
}

/* The gradient in the order of the network; free(). */
static float *get_gradient(struct bed *bed)
{
    float *gradient = check_poisoned_f32(bed->net.parameter_count);
    icl_device_executor_get(bed->gpu, icl_device_executor_gradient(bed->gpu), gradient);
    device_finish(bed->device);
    return gradient;
}

typedef void get_statistics(struct icl_device_executor *executor, double *host);

/* Means and variances; free(). */
static double *get_norms(struct bed *bed, get_statistics *get)
{
    double *host = check_poisoned_f64(2 * bed->net.norm_channels);
    get(bed->gpu, host);
    device_finish(bed->device);
    return host;
}

/* ---- comparisons ------------------------------------------------------------------------------------------------- */

/* Within `tolerance` of the largest expected number. */
static void check_close(const struct bed *bed, const char *what, const float *got, const float *want, size_t count,
                        double tolerance)
{
    double most = 0.0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)want[i]));
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - (double)want[i]) <= tolerance * most))
            fail_msg("%s, n = %zu, %s: number %zu is %.9g, not %.9g (the largest: %.3g)", bed->name, bed->batch.n, what,
                     i, (double)got[i], (double)want[i], most);
}

static void check_norms(struct bed *bed, const char *what, get_statistics *get, const double *want, double tolerance)
{
    double *got = get_norms(bed, get);
    for (size_t c = 0; c < 2 * bed->net.norm_channels; c++)
        if (!(fabs(got[c] - want[c]) <= tolerance * (1.0 + fabs(want[c]))))
            fail_msg("%s, n = %zu, %s: number %zu is %.17g, not %.17g", bed->name, bed->batch.n, what, c, got[c],
                     want[c]);
    free(got);
}

/* What the plain layers make of the device's own inputs of a node; NULL where the node is a sum of products. *tap: of
 * its second output, NULL without one. free() both. */
static float *plain_node(struct bed *bed, icl_node_id v, enum icl_mode mode, uint32_t step, float **tap)
{
    const struct icl_layers_f32 *layers = &icl_layers_reference_f32;
    const struct icl_node *node = &bed->net.node[v];
    const size_t n = bed->batch.n, count = n * elements_of(node);
    float *x = get_output(bed, node->input[0]), *y = check_poisoned_f32(count);
    float *other = node->input[1] == ICL_NO_NODE ? NULL : get_output(bed, node->input[1]);
    *tap = NULL;
    switch (node->kind) {
    case ICL_NODE_STAGE: {
        struct icl_device_stage there;
        assert_int_equal(icl_device_executor_stage(bed->gpu, v, &there, &err), ICL_OK);
        const bool norm = node->norm != ICL_NORM_ABSENT;
        float *scale = norm ? device_get_floats(bed->device, there.scale, node->channels) : NULL;
        float *shift = norm ? device_get_floats(bed->device, there.shift, node->channels) : NULL;
        if (node->tap_node != ICL_NO_NODE) *tap = check_poisoned_f32(count);
        const struct icl_mask mask = {
            {seed, node->gate == ICL_GATE_GAUSSIAN ? ICL_PURPOSE_NOISE : ICL_PURPOSE_MASK, node->layer, step},
            node->gate,
            1.0 - node->drop,
            true};
        const bool dropout = (mode == ICL_MODE_TRAIN || mode == ICL_MODE_DROP) && node->drop > 0.0;
        const struct icl_stage stage = {
            node->norm, node->act, node->tap, {n, node->height * node->width, node->channels}, dropout ? &mask : NULL};
        const struct icl_stage_data_f32 data = {
            .samples = n, .x = x, .add = other, .scale = scale, .shift = shift, .y = y, .tap = *tap};
        layers->stage_forward(&stage, &data);
        free(scale);
        free(shift);
        break;
    }
    case ICL_NODE_ADD:
        layers->add(x, other, count, y);
        break;
    case ICL_NODE_MAX_POOL:
        layers->max_pool_forward(&node->pool, n, x, y, NULL);
        break;
    case ICL_NODE_AVERAGE_POOL:
        layers->average_pool_forward(&node->pool, n, x, y);
        break;
    case ICL_NODE_CONV:
    case ICL_NODE_INPUT:
    case ICL_NODE_TAP:
        free(y);
        y = NULL;
        break;
    }
    free(x);
    free(other);
    return y;
}

static void check_bits(struct bed *bed, icl_node_id v, float *want, const char *what)
{
    const size_t count = bed->batch.n * elements_of(&bed->net.node[v]);
    float *got = get_output(bed, v);
    storage_round_all(bed->storage, want, count);
    check_same_f32(got, want, count, what);
    free(got);
}

/* Every node that is no sum of products: the bits of the plain layers. */
static void check_nodes(struct bed *bed, enum icl_mode mode, uint32_t step)
{
    for (icl_node_id v = 1; v < bed->net.nodes; v++) {
        char what[128];
        float *tap, *y;
        if (bed->net.node[v].kind == ICL_NODE_TAP || bed->net.node[v].kind == ICL_NODE_CONV) continue;
        snprintf(what, sizeof what, "%s, n = %zu, mode %d, %s", bed->name, bed->batch.n, (int)mode,
                 bed->net.node[v].name);
        y = plain_node(bed, v, mode, step, &tap);
        check_bits(bed, v, y, what);
        if (tap != NULL) check_bits(bed, bed->net.node[v].tap_node, tap, what);
        free(y);
        free(tap);
    }
}

/* ---- forward ----------------------------------------------------------------------------------------------------- */

/* What rounding in other orders does to sums of at most a few hundred products, some layers deep, relative to the
 * largest number of a node; norms of few rows magnify it. One sample: norms over a single row at the end of the
 * thread's network see differences of roundings alone. */
static double output_tolerance(const struct bed *bed)
{
    return bed->batch.n == 1 ? 1e-3 : 5e-5;
}

static void forward_both(struct bed *bed, enum icl_mode mode, uint32_t step, struct icl_batch_result *result)
{
    set_step(bed, step);
    if (icl_device_executor_forward(bed->gpu, mode, &bed->batch, &err) != ICL_OK) fail_msg("%s", err.message);
    device_finish(bed->device);
    assert_int_equal(icl_executor_forward(bed->cpu, mode, images, labels, bed->batch.n, step, smoothing, result, &err),
                     ICL_OK);
}

static void check_outputs(struct bed *bed, const struct icl_batch_result *result)
{
    const double tolerance = output_tolerance(bed);
    for (icl_node_id v = 1; v < bed->net.nodes; v++) {
        float *got = get_output(bed, v);
        check_close(bed, bed->net.node[v].name, got, icl_executor_output(bed->cpu, v),
                    bed->batch.n * elements_of(&bed->net.node[v]), tolerance);
        free(got);
    }
    const struct icl_device_outcome outcome = get_outcome(bed);
    const double loss = outcome.loss / (double)bed->batch.n;
    if (!(fabs(loss - result->loss) <= tolerance * (1.0 + fabs(result->loss))))
        fail_msg("%s, n = %zu: loss %.9g, not %.9g", bed->name, bed->batch.n, loss, result->loss);
    if (outcome.correct != result->correct)
        fail_msg("%s: %llu correct, not %zu", bed->name, (unsigned long long)outcome.correct, result->correct);
    assert_true(outcome.gradient_norm == 0.0 && outcome.weight_norm == 0.0 && outcome.diverged == 0);
}

static void test_forward_in_every_mode(void **state)
{
    (void)state;
    static const enum icl_mode modes[] = {ICL_MODE_TRAIN, ICL_MODE_EVALUATE, ICL_MODE_BATCH, ICL_MODE_DROP,
                                          ICL_MODE_EVALUATE};
    for (size_t which = 0; which < SUBJECTS; which++) {
        struct bed bed;
        open_bed(&bed, which, ICL_STORAGE_F32, false);
        for (size_t s = 0; s < SIZES; s++) {
            bed.batch.n = sizes[s];
            for (uint32_t m = 0; m < sizeof modes / sizeof *modes; m++) {
                struct icl_batch_result result;
                forward_both(&bed, modes[m], STEP + m, &result);
                check_nodes(&bed, modes[m], STEP + m);
                check_outputs(&bed, &result);
                check_norms(&bed, "running", icl_device_executor_get_running, icl_executor_running(bed.cpu), 1e-5);
                if (modes[m] != ICL_MODE_EVALUATE)
                    check_norms(&bed, "of the batch", icl_device_executor_get_batch_statistics,
                                icl_executor_batch_statistics(bed.cpu), 1e-5);
            }
        }
        close_bed(&bed);
    }
}

/* ---- backward ---------------------------------------------------------------------------------------------------- */

static void step_both(struct bed *bed, uint32_t step, struct icl_batch_result *result)
{
    set_step(bed, step);
    if (icl_device_executor_gradient_step(bed->gpu, &bed->batch, &err) != ICL_OK) fail_msg("%s", err.message);
    device_finish(bed->device);
    assert_int_equal(icl_executor_gradient_step(bed->cpu, images, labels, bed->batch.n, step, smoothing, result, &err),
                     ICL_OK);
}

static void check_gradient(struct bed *bed, double tolerance)
{
    float *got = get_gradient(bed);
    const float *want = icl_executor_gradient(bed->cpu);
    double most = 0.0;
    for (size_t i = 0; i < bed->net.parameter_count; i++)
        most = fmax(most, fabs((double)want[i]));
    assert_true(most > 1e-3);
    for (size_t p = 0; p < bed->net.parameters; p++) {
        const struct icl_parameter *parameter = &bed->net.parameter[p];
        double own = 1e-3 * most; /* gradients that cancel to nothing are roundings of the others */
        for (size_t k = parameter->offset; k < parameter->offset + parameter->count; k++)
            own = fmax(own, fabs((double)want[k]));
        for (size_t k = parameter->offset; k < parameter->offset + parameter->count; k++)
            if (!(fabs((double)got[k] - (double)want[k]) <= tolerance * own))
                fail_msg("%s, n = %zu, %s: gradient %zu is %.9g, not %.9g (the largest: %.3g)", bed->name, bed->batch.n,
                         parameter->name, k - parameter->offset, (double)got[k], (double)want[k], own);
    }
    free(got);
}

static void test_gradient(void **state)
{
    (void)state;
    for (size_t which = 0; which < SUBJECTS; which++)
        for (int keep = 0; keep < 2; keep++) {
            struct bed bed;
            open_bed(&bed, which, ICL_STORAGE_F32, keep);
            for (size_t s = 0; s < SIZES; s++) {
                struct icl_batch_result result;
                bed.batch.n = sizes[s];
                step_both(&bed, STEP + (uint32_t)s, &result);
                if (keep) check_nodes(&bed, ICL_MODE_TRAIN, STEP + (uint32_t)s);
                if (keep) check_outputs(&bed, &result);
                check_gradient(&bed, bed.batch.n == 1 ? 1e-2 : 2e-4);
                check_norms(&bed, "running", icl_device_executor_get_running, icl_executor_running(bed.cpu), 1e-5);
            }
            close_bed(&bed);
        }
}

/* ---- the same bits ----------------------------------------------------------------------------------------------- */

/* Everything that a step changes. */
struct traces {
    float *gradient;
    double *running, *batch;
    struct icl_device_outcome outcome;
};

static struct traces get_traces(struct bed *bed)
{
    return (struct traces){get_gradient(bed), get_norms(bed, icl_device_executor_get_running),
                           get_norms(bed, icl_device_executor_get_batch_statistics), get_outcome(bed)};
}

static void check_traces(const struct bed *bed, const struct traces *got, const struct traces *want)
{
    check_same_f32(got->gradient, want->gradient, bed->net.parameter_count, bed->name);
    check_same_f64(got->running, want->running, 2 * bed->net.norm_channels, bed->name);
    check_same_f64(got->batch, want->batch, 2 * bed->net.norm_channels, bed->name);
    assert_true(got->outcome.loss == want->outcome.loss && got->outcome.correct == want->outcome.correct);
}

static void free_traces(struct traces *traces)
{
    free(traces->gradient);
    free(traces->running);
    free(traces->batch);
}

static void step_there(struct bed *bed)
{
    if (icl_device_executor_gradient_step(bed->gpu, &bed->batch, &err) != ICL_OK) fail_msg("%s", err.message);
}

/* Three steps, put into the queue one by one or recorded once. */
static struct traces three_steps(size_t which, enum icl_storage storage, bool recorded, struct bed *bed)
{
    struct icl_device_graph *graph = NULL;
    open_bed(bed, which, storage, false);
    bed->batch.n = 5;
    if (recorded) {
        bed->device->call->record_begin(bed->device);
        step_there(bed);
        assert_int_equal(bed->device->call->record_end(bed->device, &graph, &err), ICL_OK);
    }
    for (uint32_t step = 0; step < 3; step++) {
        set_step(bed, step);
        if (recorded)
            bed->device->call->replay(bed->device, graph);
        else
            step_there(bed);
        device_finish(bed->device);
    }
    const struct traces traces = get_traces(bed);
    bed->device->call->graph_release(bed->device, graph);
    return traces;
}

static void test_same_bits_again_and_recorded(void **state)
{
    (void)state;
    for (size_t which = 0; which < SUBJECTS; which++)
        for (int storage = ICL_STORAGE_F32; storage <= ICL_STORAGE_BF16; storage++) {
            struct bed bed[3];
            struct traces traces[3];
            for (int k = 0; k < 3; k++) {
                traces[k] = three_steps(which, (enum icl_storage)storage, k == 2, &bed[k]);
                check_traces(&bed[k], &traces[k], &traces[0]);
                if (k > 0) close_bed(&bed[k]);
            }
            for (int k = 0; k < 3; k++)
                free_traces(&traces[k]);
            close_bed(&bed[0]);
        }
}

/* ---- bf16 -------------------------------------------------------------------------------------------------------- */

/* |a - b| / |b|, Euclidean. */
static double distance(const float *a, const float *b, size_t count)
{
    double off = 0.0, size = 0.0;
    for (size_t i = 0; i < count; i++) {
        off += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
        size += (double)b[i] * (double)b[i];
    }
    return sqrt(off / size);
}

/* A number is rounded by 2^-9 of itself at most at each of some ten nodes in a row, one way or the other: ten such
 * roundings all the same way would be .02 of it. Of the activations about one in a hundred lies so close to a kink that
 * it changes sides, and takes its whole gradient with it: a tenth of the norm; .25 leaves room for small layers. */
static void test_bf16(void **state)
{
    (void)state;
    for (size_t which = 0; which < SUBJECTS; which++) {
        struct bed bed;
        struct icl_batch_result result;
        open_bed(&bed, which, ICL_STORAGE_BF16, true);
        step_both(&bed, STEP, &result);
        check_nodes(&bed, ICL_MODE_TRAIN, STEP);
        double worst = 0.0;
        for (icl_node_id v = 1; v < bed.net.nodes; v++) {
            float *got = get_output(&bed, v);
            const double off = distance(got, icl_executor_output(bed.cpu, v), BATCH * elements_of(&bed.net.node[v]));
            worst = fmax(worst, off);
            free(got);
        }
        float *gradient = get_gradient(&bed);
        const double off = distance(gradient, icl_executor_gradient(bed.cpu), bed.net.parameter_count);
        if (!(worst <= .02)) fail_msg("%s: outputs off by %.3g", bed.name, worst);
        if (!(off <= .25)) fail_msg("%s: gradient off by %.3g", bed.name, off);
        assert_true(fabs(get_outcome(&bed).loss / BATCH - result.loss) <= .01 * result.loss);
        free(gradient);
        close_bed(&bed);
    }
}

/* ---- memory and errors ------------------------------------------------------------------------------------------- */

static const struct icl_device_kernels *real;
static size_t taken;
static bool refuses;

static icl_status counting_take(struct icl_device *device, size_t bytes, void **memory, struct icl_error *error)
{
    taken += bytes;
    *memory = NULL;
    if (refuses) return icl_fail(error, ICL_ERR_MEMORY, "none left");
    return real->take(device, bytes, memory, error);
}

static icl_status refused_plan(struct icl_device *device, const struct icl_device_conv_form *form,
                               struct icl_device_conv **conv, struct icl_error *error)
{
    if (form->images == 1) return icl_fail(error, ICL_ERR_DEVICE, "not for one image");
    return real->layers.conv_plan(device, form, conv, error);
}

static void test_memory(void **state)
{
    (void)state;
    for (int storage = ICL_STORAGE_F32; storage <= ICL_STORAGE_BF16; storage++) {
        struct bed bed;
        struct icl_executor_memory step, kept, inference;
        struct icl_device_executor *executor;
        open_bed(&bed, 1, (enum icl_storage)storage, false);
        struct icl_device_kernels table = *bed.device->call;
        real = bed.device->call;
        table.take = counting_take;
        bed.device->call = &table;
        struct icl_device_executor_options options = options_of((enum icl_storage)storage, false);
        taken = 0;
        assert_int_equal(icl_device_executor_measure(&bed.net, &options, bed.device, &step, &err), ICL_OK);
        assert_int_equal(taken, 0);
        assert_int_equal(step.total, step.parameters + step.gradients + step.activations + step.scratch);
        assert_int_equal(icl_device_executor_create(&bed.net, &options, bed.device, &executor, &err), ICL_OK);
        assert_int_equal(taken, step.total);
        icl_device_executor_free(executor);
        options.keep = true;
        assert_int_equal(icl_device_executor_measure(&bed.net, &options, bed.device, &kept, &err), ICL_OK);
        assert_true(kept.activations > step.activations);
        options.keep = false;
        options.inference = true;
        assert_int_equal(icl_device_executor_measure(&bed.net, &options, bed.device, &inference, &err), ICL_OK);
        assert_true(inference.gradients == 0 && inference.total < step.total);
        refuses = true;
        assert_int_equal(icl_device_executor_create(&bed.net, &options, bed.device, &executor, &err), ICL_ERR_MEMORY);
        assert_null(executor);
        refuses = false;
        table.layers.conv_plan = refused_plan;
        assert_int_equal(icl_device_executor_create(&bed.net, &options, bed.device, &executor, &err), ICL_ERR_DEVICE);
        assert_null(executor);
        bed.device->call = real;
        close_bed(&bed);
    }
}

static void test_bad_calls(void **state)
{
    (void)state;
    struct bed bed;
    struct icl_device_stage stage;
    struct icl_device_executor *executor;
    open_bed(&bed, 1, ICL_STORAGE_F32, false);
    assert_null(icl_device_executor_output(bed.gpu, 1)); /* before the first call */
    step_there(&bed);
    size_t gone = 0;
    for (icl_node_id v = 1; v < bed.net.nodes; v++)
        gone += icl_device_executor_output(bed.gpu, v) == NULL;
    assert_true(gone > 0);
    assert_int_equal(icl_device_executor_stage(bed.gpu, 1, &stage, &err), ICL_ERR_USAGE); /* a convolution */
    static const size_t bad[] = {0, 2, BATCH + 1};
    for (size_t k = 0; k < 3; k++) {
        bed.batch.n = bad[k];
        assert_int_equal(icl_device_executor_gradient_step(bed.gpu, &bed.batch, &err), ICL_ERR_USAGE);
        assert_null(icl_device_executor_output(bed.gpu, 1)); /* nothing of a refused call can be looked at */
    }
    bed.batch.n = BATCH;
    bed.batch.labels = NULL;
    assert_int_equal(icl_device_executor_gradient_step(bed.gpu, &bed.batch, &err), ICL_ERR_USAGE);
    bed.batch.outcome = NULL;
    assert_int_equal(icl_device_executor_forward(bed.gpu, ICL_MODE_EVALUATE, &bed.batch, &err), ICL_OK);
    device_finish(bed.device);
    assert_ptr_equal(icl_device_executor_output(bed.gpu, 0), bed.batch.images);
    const size_t rest[] = {BATCH + 1};
    struct icl_device_executor_options options = options_of(ICL_STORAGE_F32, false);
    options.rest = rest;
    options.rests = 1;
    assert_int_equal(icl_device_executor_create(&bed.net, &options, bed.device, &executor, &err), ICL_ERR_USAGE);
    assert_null(executor);
    icl_device_executor_free(NULL);
    close_bed(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward_in_every_mode),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_same_bits_again_and_recorded),
        cmocka_unit_test(test_bf16),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_bad_calls),
    };
    return cmocka_run_group_tests(tests, make_data, NULL);
}
