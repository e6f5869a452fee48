/* The checks of a device find faults: kernels of the emulated device are replaced by ones that are a little wrong, and
 * the check of that kernel has to fail. And the comparisons: NaN is never right. */
#include <math.h>

#include "device_support.h"
#include "kernels/device_bench.h"
#include "kernels/device_bench/trial_internal.h"

/* ---- comparisons ---- */

static struct trial fresh(void)
{
    return (struct trial){.status = ICL_OK};
}

static void test_comparisons(void **state)
{
    (void)state;
    const float values[3] = {1, 2, 3}, nans[3] = {1, NAN, 3}, zeros[3] = {0, 0, 0}, minus[3] = {0, -0.0F, 0};
    const float infinite[3] = {1, INFINITY, 3}, near[3] = {1, 2.001F, 3};
    struct trial t = fresh();
    trial_same(&t, "equal", values, values, 3);
    trial_near(&t, "near", near, values, 3, 0, .002);
    trial_near(&t, "infinite", infinite, infinite, 3, 0, 0);
    trial_within(&t, "within", near, values, values, 3, .001, 0, 0);
    assert_string_equal(t.problem, "");
#define WRONG(call)                                                                                                    \
    do {                                                                                                               \
        t = fresh();                                                                                                   \
        call;                                                                                                          \
        assert_string_not_equal(t.problem, "");                                                                        \
    } while (0)
    WRONG(trial_same(&t, "nan", nans, nans, 3));
    WRONG(trial_same(&t, "signs of zero", minus, zeros, 3));
    WRONG(trial_near(&t, "nan", nans, nans, 3, 1, 1e9));
    WRONG(trial_near(&t, "nan", nans, values, 3, 1, 1e9));
    WRONG(trial_near(&t, "nan", values, nans, 3, 1, 1e9));
    WRONG(trial_near(&t, "infinite", infinite, values, 3, 1, 1e9));
    WRONG(trial_near(&t, "infinite", values, infinite, 3, 1, 1e9));
    WRONG(trial_near(&t, "apart", near, values, 3, 0, .0009));
    WRONG(trial_near(&t, "a tolerance that is none", near, values, 3, 0, (double)NAN));
    WRONG(trial_within(&t, "apart", near, values, values, 3, .0004, 0, 0));
    WRONG(trial_near_f64(&t, "nan", &(double){(double)NAN}, &(double){1}, 1, 1, 1e9));
    WRONG(trial_same_bytes(&t, "bytes", "abc", "abd", 3));
    WRONG(trial_same(&t, "nothing", NULL, values, 3));
    WRONG(trial_near_f64(&t, "nothing", NULL, NULL, 1, 0, 0));
#undef WRONG
    assert_int_equal(trial_to_bf16(1.00390625F), 0x3f80); /* a tie, to the even one */
    assert_int_equal(trial_to_bf16(1.01171875F), 0x3f82);
    assert_int_equal(trial_to_bf16(-2.0F), 0xc000);
}

/* ---- faults ----------------------------------------------------------------------------------------------------- */

/* The true table, for the kernels that are wrong. */
static const struct icl_device_kernels *right;

static void add_wrong(struct icl_device *device, enum icl_storage storage, const void *a, const void *b, size_t count,
                      void *y)
{
    right->layers.add(device, storage, a, b, count - (count > 1), y); /* the last one left out */
}

static void add_too_far(struct icl_device *device, enum icl_storage storage, const void *a, const void *b, size_t count,
                        void *y)
{
    right->layers.add(device, storage, a, b, count, y);
    right->clear(device, (char *)y + count * icl_storage_bytes(storage), 1);
}

static void mask_wrong(struct icl_device *device, const struct icl_mask *mask, const struct icl_shape *shape,
                       const struct icl_device_step *now, size_t first, size_t count, float *factor)
{
    right->layers.mask(device, mask, shape, now, first + 1, count, factor); /* one further */
}

static void forward_wrong(struct icl_device *device, const struct icl_device_stage *stage)
{
    struct icl_device_stage wrong = *stage;
    wrong.add = NULL;
    right->layers.stage_forward(device, &wrong);
}

static void backward_wrong(struct icl_device *device, const struct icl_device_stage *stage)
{
    struct icl_device_stage wrong = *stage;
    wrong.dtap = NULL;
    right->layers.stage_backward(device, &wrong);
}

static void norm_wrong(struct icl_device *device, const struct icl_device_stage *stage,
                       const struct icl_device_norm *norm)
{
    struct icl_device_norm wrong = *norm;
    wrong.momentum = .11;
    right->layers.norm_forward(device, stage, &wrong);
}

static void update_wrong(struct icl_device *device, const struct icl_device_update *update,
                         const struct icl_device_step *now, void *room, struct icl_device_outcome *current)
{
    struct icl_device_update wrong = *update;
    wrong.decay *= 1.01;
    right->layers.update(device, &wrong, now, room, current);
}

static void loss_wrong(struct icl_device *device, enum icl_storage storage, const void *logits, const uint32_t *labels,
                       size_t samples, size_t classes, double smoothing, double weight, void *dlogits,
                       struct icl_device_outcome *current)
{
    right->layers.cross_entropy(device, storage, logits, labels, samples, classes, smoothing, 1.001 * weight, dlogits,
                                current);
}

static void conv_wrong(struct icl_device *device, const struct icl_device_conv *conv, const void *dy,
                       const void *weights, void *dx, bool add, void *scratch)
{
    (void)add; /* writes over what was there */
    right->layers.conv_backward_data(device, conv, dy, weights, dx, false, scratch);
}

static void batch_wrong(struct icl_device *device, const struct icl_device_images *images,
                        const struct icl_device_moves *moves, const uint32_t *order, const struct icl_device_step *now,
                        size_t n, enum icl_storage storage, void *out, uint32_t *labels_out)
{
    struct icl_device_moves wrong = moves == NULL ? (struct icl_device_moves){0} : *moves;
    wrong.flip = false;
    right->layers.batch(device, images, moves == NULL ? NULL : &wrong, order, now, n, storage, out, labels_out);
}

static void neighbours_wrong(struct icl_device *device, const struct icl_device_samples *samples,
                             const struct icl_device_way *way, const struct icl_device_pair *pairs, size_t count,
                             void *scratch, struct icl_device_terms *out)
{
    struct icl_device_way wrong = *way;
    wrong.k++;
    right->pairs.neighbours(device, samples, &wrong, pairs, count, scratch, out);
}

static void tables_none(struct icl_device *device, const struct icl_device_bins *bins,
                        const struct icl_device_pair *pairs, size_t count, uint32_t most_cells,
                        struct icl_device_table *out)
{
    (void)device, (void)bins, (void)pairs, (void)count, (void)most_cells, (void)out;
}

static struct icl_device_bench_counts check(struct icl_device *device, const char *only)
{
    const struct icl_device_bench_options options = {.seed = 5, .check = true, .only = only};
    const struct icl_device_peaks none = {0};
    struct icl_device_bench_counts counts = {0};
    struct icl_error err;
    FILE *out = fopen("/dev/null", "w");
    assert_non_null(out);
    if (icl_bench_device(device, &options, &none, out, &counts, &err) != ICL_OK) fail_msg("%s", err.message);
    fclose(out);
    return counts;
}

static void expect_fault(struct icl_device *device, const char *name, const struct icl_device_kernels *broken)
{
    device->call = broken;
    const struct icl_device_bench_counts wrong = check(device, name);
    device->call = right;
    const struct icl_device_bench_counts well = check(device, name);
    if (wrong.failed == 0) fail_msg("%s: a fault goes unnoticed", name);
    assert_int_equal(well.failed + well.missing, 0);
    assert_true(well.passed > 0);
}

static void test_faults_are_found(void **state)
{
    (void)state;
    struct icl_device *device = device_open();
    right = device->call;
#define FAULT(name, member, function)                                                                                  \
    do {                                                                                                               \
        struct icl_device_kernels broken = *right;                                                                     \
        broken.member = function;                                                                                      \
        expect_fault(device, name, &broken);                                                                           \
    } while (0)
    FAULT("add", layers.add, add_wrong);
    FAULT("add", layers.add, add_too_far);
    FAULT("mask", layers.mask, mask_wrong);
    FAULT("stage_forward", layers.stage_forward, forward_wrong);
    FAULT("stage_backward", layers.stage_backward, backward_wrong);
    FAULT("norm_forward", layers.norm_forward, norm_wrong);
    FAULT("update", layers.update, update_wrong);
    FAULT("cross_entropy", layers.cross_entropy, loss_wrong);
    FAULT("conv_backward_data", layers.conv_backward_data, conv_wrong);
    FAULT("batch", layers.batch, batch_wrong);
    FAULT("neighbours", pairs.neighbours, neighbours_wrong);
    FAULT("tables", pairs.tables, tables_none);
#undef FAULT
    device_close(device);
}

static void test_missing_kernels_are_told(void **state)
{
    (void)state;
    struct icl_device *device = device_open();
    right = device->call;
    struct icl_device_kernels broken = *right;
    broken.layers.settle = NULL; /* which no other kernel calls */
    device->call = &broken;
    const struct icl_device_bench_counts counts = check(device, NULL);
    device->call = right;
    assert_int_equal(counts.missing, 1);
    assert_int_equal(counts.failed, 0);
    device_close(device);
}

/* Every member of the table has a check, and each passes. */
static void test_all_kernels(void **state)
{
    (void)state;
    struct icl_device *device = device_open();
    const struct icl_device_bench_counts counts = check(device, NULL);
    assert_int_equal(counts.missing, 0);
    assert_int_equal(counts.failed, 0);
    assert_true(counts.passed > 200);
    device_close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_faults_are_found),
        cmocka_unit_test(test_missing_kernels_are_told),
        cmocka_unit_test(test_all_kernels),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
