/* Training runs on a device, here the emulated one, beside the processor's. */
#include "tests/device_support.h"
#include "tests/near.h"
#include "tests/train_support.h"

#include "core/npy.h"

enum { SMALL_IMAGES = 56, SMALL_VALID = 20, SMALL_BATCH = 16, SMALL_EPOCHS = 5, SMALL_STEPS = 20, EVERY = 3 };

/* 20 steps of 5 epochs, the last of each with 8 images. (Where it has 2, batch norms of two numbers magnify roundings:
 * the losses of two sets of kernels on the processor are then 4e-3 apart after two epochs.) */
static struct icl_train_spec tiny_spec(void)
{
    struct icl_train_spec spec = small_spec();
    snprintf(spec.data, sizeof spec.data, "planted-8x8x1-3");
    snprintf(spec.net, sizeof spec.net, "thread06");
    spec.limit = SMALL_IMAGES;
    spec.valid_limit = SMALL_VALID;
    spec.batch = SMALL_BATCH;
    spec.epochs = SMALL_EPOCHS;
    spec.augmentation.pad = 1;
    return spec;
}

static struct icl_train_spec tiny_adam(void)
{
    struct icl_train_spec spec = tiny_spec();
    spec.optimiser = ICL_OPTIMISER_ADAM;
    spec.momentum = .9;
    spec.rate = .004;
    spec.rate_start = spec.rate_end = .002;
    return spec;
}

static void run_of(const struct icl_train_spec *spec, const struct icl_train_options *options,
                   struct icl_train_result *result)
{
    struct icl_error err;
    assert_ok(icl_train(spec, options, result, &err));
}

/* The path of a folder of this test, in one of four buffers that take turns. */
static const char *run_place(const char *name)
{
    static char paths[4][RUN_NAME];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, RUN_NAME, "%s", in_folder(name));
    return path;
}

static char *whole_text(const char *run, const char *name)
{
    char path[PATH_MAX];
    size_t size;
    snprintf(path, sizeof path, "%s/%s", run, name);
    return read_bytes(path, &size);
}

/* ---- the same numbers as the processor's ---------------------------------------------------------------------- */

/* |a - b| <= absolute + relative |b| in every row of a column. */
static void near_column(const char *const runs[2], const char *table, const char *column, double absolute,
                        double relative)
{
    struct icl_cells cells[2] = {table_of(runs[0], table), table_of(runs[1], table)};
    assert_int_equal(cells[0].rows, cells[1].rows);
    for (size_t row = 0; row < cells[0].rows; row++) {
        const double a = number(&cells[0], row, column), b = number(&cells[1], row, column);
        if (!is_near(b, a, absolute + relative * fabs(a)))
            fail_msg("%s: %s of row %zu is %.9g on the processor, %.9g on the device", table, column, row, a, b);
    }
    icl_cells_free(&cells[0]);
    icl_cells_free(&cells[1]);
}

/* The lines of names and the columns that no arithmetic moves. */
static void same_frame(const char *const runs[2], const char *table, const char *const *columns, size_t count)
{
    size_t size;
    char *text[2] = {body(runs[0], table, &size), body(runs[1], table, &size)};
    assert_int_equal(strcspn(text[0], "\n"), strcspn(text[1], "\n"));
    assert_memory_equal(text[0], text[1], strcspn(text[0], "\n"));
    free(text[0]);
    free(text[1]);
    for (size_t k = 0; k < count; k++)
        near_column(runs, table, columns[k], 0, 0);
}

/* One difference in the order, the moves, the flips or the gates of a step would be seen in these: the losses of steps
 * differ by tenths. */
static void compare(const char *const runs[2])
{
    static const char *const steps[] = {"step", "epoch", "rate", "momentum"}, *const epochs[] = {"epoch", "steps"},
                             *const layers[] = {"step", "epoch"}, *const norms[] = {"epoch", "channels"};
    same_frame(runs, "metrics.tsv", steps, 4);
    same_frame(runs, "epochs.tsv", epochs, 2);
    same_frame(runs, "layers.tsv", layers, 2);
    same_frame(runs, "norms.tsv", norms, 2);
    near_column(runs, "metrics.tsv", "loss", 1e-3, 0);
    near_column(runs, "metrics.tsv", "weight_norm", 0, 1e-3);
    near_column(runs, "epochs.tsv", "open_loss", 5e-3, 0);
    near_column(runs, "epochs.tsv", "valid_loss", 5e-3, 0);
    near_column(runs, "epochs.tsv", "train_accuracy", 1.5 / SMALL_IMAGES, 0);
    near_column(runs, "epochs.tsv", "valid_accuracy", 1.5 / SMALL_VALID, 0);
    near_column(runs, "layers.tsv", "mean", 5e-3, 5e-3);
    near_column(runs, "layers.tsv", "sd", 5e-3, 5e-3);
    near_column(runs, "layers.tsv", "least", 2e-2, 2e-2);
    near_column(runs, "layers.tsv", "most", 2e-2, 2e-2);
}

/* Rows of the first step: nothing but the rounding of one way through the network. */
static void compare_first_rows(const char *const runs[2])
{
    static const char *const columns[] = {"mean", "sd", "near_zero", "least", "most"};
    struct icl_cells layers[2] = {table_of(runs[0], "layers.tsv"), table_of(runs[1], "layers.tsv")},
                     metrics[2] = {table_of(runs[0], "metrics.tsv"), table_of(runs[1], "metrics.tsv")};
    size_t seen = 0;
    for (size_t row = 0; row < layers[0].rows && number(&layers[0], row, "step") == 0; row++, seen++)
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
            const double a = number(&layers[0], row, columns[k]), b = number(&layers[1], row, columns[k]);
            assert_near(b, a, 2e-5 + 2e-5 * fabs(a));
        }
    assert_true(seen >= 6 && seen % 3 == 0);
    const double loss = number(&metrics[0], 0, "loss"), gradient = number(&metrics[0], 0, "gradient_norm");
    assert_near(number(&metrics[1], 0, "loss"), loss, 1e-5);
    assert_near(number(&metrics[1], 0, "gradient_norm"), gradient, 1e-4 * gradient);
    assert_same(number(&metrics[1], 0, "accuracy"), number(&metrics[0], 0, "accuracy"));
    for (int k = 0; k < 2; k++) {
        icl_cells_free(&layers[k]);
        icl_cells_free(&metrics[k]);
    }
}

/* Both sides of the dropouts: the same gates are shut. */
static void compare_captures(const char *const runs[2], bool gates)
{
    struct icl_error err;
    char path[PATH_MAX];
    struct icl_array after[2];
    for (int k = 0; k < 2; k++) {
        snprintf(path, sizeof path, "%s/captures/stage1_after.npy", runs[k]);
        if (!gates) {
            assert_int_not_equal(access(path, F_OK), 0);
            continue;
        }
        assert_ok(icl_npy_read(path, &after[k], &err));
    }
    if (!gates) return;
    const size_t count = icl_array_size(&after[0]);
    size_t shut = 0;
    assert_int_equal(count, icl_array_size(&after[1]));
    for (size_t i = 0; i < count; i++) {
        shut += after[0].data[i] == 0;
        assert_int_equal(after[0].data[i] == 0, after[1].data[i] == 0);
        assert_near(after[1].data[i], after[0].data[i], .05 + .05 * fabs(after[0].data[i]));
    }
    assert_true(shut > 0 && shut < count / 4);
    icl_array_free(&after[0]);
    icl_array_free(&after[1]);
}

static void compare_devices(const struct icl_train_spec *spec, const char *name)
{
    struct icl_device *device = device_open();
    struct icl_train_result result[2];
    char runs[2][RUN_NAME];
    const char *const both[2] = {runs[0], runs[1]};
    for (int k = 0; k < 2; k++) {
        char place[64];
        snprintf(place, sizeof place, "%s-%d", name, k);
        snprintf(runs[k], sizeof runs[k], "%s", in_folder(place));
        struct icl_train_options options = options_for(runs[k]);
        options.record_steps = EVERY;
        options.capture = true;
        options.device = k == 0 ? NULL : device;
        run_of(spec, &options, &result[k]);
        assert_int_equal(result[k].outcome, ICL_OUTCOME_FINISHED);
        assert_int_equal(result[k].steps, SMALL_STEPS);
    }
    compare(both);
    compare_first_rows(both);
    compare_captures(both, spec->drop > 0 && spec->order == ICL_ORDER_IC);
    device_close(device);
}

static void sgd_of_ic(void **state)
{
    (void)state;
    const struct icl_train_spec spec = tiny_spec();
    compare_devices(&spec, "sgd-ic");
}

static void adam_of_conv_bn_relu(void **state)
{
    (void)state;
    struct icl_train_spec spec = tiny_adam();
    spec.order = ICL_ORDER_CONV_BN_RELU;
    spec.general_relu = true;
    compare_devices(&spec, "adam-bn");
}

static void momentum_and_decoupled_decay(void **state)
{
    (void)state;
    struct icl_train_spec spec = tiny_spec();
    spec.momentum = .8;
    spec.rate = .05;
    spec.rate_start = spec.rate_end = .02;
    spec.decoupled = true;
    spec.gate = ICL_GATE_SHARED;
    compare_devices(&spec, "momentum");
}

/* Batches that the host makes: crops that resize. */
static void fed_by_the_host(void **state)
{
    (void)state;
    struct icl_train_spec spec = tiny_adam();
    spec.augmentation.pad = 0;
    spec.augmentation.resized_crop = true;
    compare_devices(&spec, "fed");
}

static void other_precisions(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_device *device = device_open();
    struct icl_train_result result[3];
    char name[3][ICL_SPEC_NAME];
    for (int p = 0; p < 3; p++) {
        struct icl_train_spec spec = tiny_adam();
        char place[64];
        snprintf(place, sizeof place, "precision-%d", p);
        struct icl_train_options options = options_for(run_place(place));
        spec.precision = (enum icl_precision)p;
        if (p > 0)
            assert_failure(icl_train(&spec, &options, &result[p], &err), ICL_ERR_USAGE, &err, "--precision",
                           icl_precision_names[p], "on a device alone");
        assert_int_not_equal(access(options.out, F_OK), 0);
        options.device = device;
        run_of(&spec, &options, &result[p]);
        icl_train_spec_name(&spec, name[p]);
        assert_int_equal(result[p].outcome, ICL_OUTCOME_FINISHED);
        assert_near(result[p].train_loss, result[0].train_loss, .1);
        for (int q = 0; q < p; q++) {
            assert_string_not_equal(name[p], name[q]);
            assert_true(result[p].train_loss != result[q].train_loss);
        }
    }
    device_close(device);
}

/* ---- the same bytes ------------------------------------------------------------------------------------------- */

static void goes_on_where_it_stopped(void **state)
{
    (void)state;
    struct icl_device *device = device_open();
    const struct icl_train_spec spec = tiny_adam();
    const char *whole = run_place("whole"), *parts = run_place("parts"), *again = run_place("again");
    struct icl_train_result a, b;
    struct icl_train_options options = options_for(whole);
    options.device = device;
    options.record_steps = EVERY;
    run_of(&spec, &options, &a);
    options.out = again;
    options.checkpoint_steps = 7;
    options.threads = 1;
    run_of(&spec, &options, &a);
    same_results(whole, again);

    const int stop = 1;
    options = options_for(parts);
    options.device = device;
    options.record_steps = EVERY;
    options.stop = &stop;
    options.resume = true;
    size_t calls = 0, before = 0;
    do {
        run_of(&spec, &options, &b);
        assert_true(b.steps > before && b.steps - before <= EVERY);
        before = b.steps;
    } while (b.outcome == ICL_OUTCOME_STOPPED && ++calls < SMALL_STEPS);
    assert_int_equal(b.outcome, ICL_OUTCOME_FINISHED);
    assert_true(calls >= SMALL_STEPS / EVERY);
    same_results(whole, parts);
    device_close(device);
}

/* A checkpoint is of no device. */
static void goes_on_elsewhere(void **state)
{
    (void)state;
    struct icl_device *device = device_open();
    const struct icl_train_spec spec = tiny_adam();
    const char *whole = run_place("elsewhere");
    struct icl_train_result result;
    struct icl_train_options options = options_for(whole);
    options.record_steps = EVERY;
    run_of(&spec, &options, &result);
    for (int first = 0; first < 2; first++) {
        const int stop = 1;
        const char *mixed = run_place(first == 0 ? "there" : "back");
        const char *const both[2] = {whole, mixed};
        options = options_for(mixed);
        options.record_steps = EVERY;
        options.resume = true;
        options.stop = &stop;
        for (size_t k = 0; k < 2; k++) {
            options.device = first == 0 ? NULL : device;
            run_of(&spec, &options, &result);
            assert_int_equal(result.outcome, ICL_OUTCOME_STOPPED);
        }
        options.stop = NULL;
        options.device = first == 0 ? device : NULL;
        run_of(&spec, &options, &result);
        assert_int_equal(result.outcome, ICL_OUTCOME_FINISHED);
        compare(both);
        char *head = whole_text(mixed, "metrics.tsv"), *end = whole_text(mixed, "result.json");
        assert_int_equal(strstr(head, "# kernels: emulated") != NULL, first == 1);
        assert_int_equal(strstr(end, "\"device\": \"emulated") != NULL, first == 0);
        free(head);
        free(end);
    }
    device_close(device);
}

/* ---- what goes wrong ------------------------------------------------------------------------------------------ */

static void divergence(void **state)
{
    (void)state;
    struct icl_device *device = device_open();
    const struct {
        double rate, decay;
    } cases[] = {{1e30, 0}, {1e38, 100}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct icl_train_spec spec = tiny_spec();
        struct icl_train_result result[2];
        size_t rows[2], bad[2] = {0, 0};
        spec.schedule = ICL_SCHEDULE_CONSTANT;
        spec.rate = cases[c].rate;
        spec.decay = cases[c].decay;
        for (int k = 0; k < 2; k++) {
            char place[64];
            snprintf(place, sizeof place, "diverged-%zu-%d", c, k);
            struct icl_train_options options = options_for(run_place(place));
            options.device = k == 0 ? NULL : device;
            run_of(&spec, &options, &result[k]);
            assert_int_equal(result[k].outcome, ICL_OUTCOME_DIVERGED);
            struct icl_cells metrics = table_of(options.out, "metrics.tsv");
            rows[k] = metrics.rows;
            for (size_t row = 0; row < metrics.rows; row++)
                bad[k] += !isfinite(number(&metrics, row, "loss")) ||
                          !isfinite(number(&metrics, row, "gradient_norm")) ||
                          !isfinite(number(&metrics, row, "weight_norm"));
            icl_cells_free(&metrics);
            assert_int_equal(rows[k], result[k].steps + 1);
            assert_int_equal(bad[k], 1);
        }
        assert_int_equal(rows[0], rows[1]);
    }
    device_close(device);
}

/* The device is lost at some launch: one line, and the run goes on from its checkpoint to the same bytes. */
static void lost_on_the_way(void **state)
{
    (void)state;
    static const unsigned launches[] = {1, 40, 150, 400, 900};
    struct icl_error err;
    const struct icl_train_spec spec = tiny_spec();
    const char *whole = run_place("unbroken"), *broken = run_place("broken");
    struct icl_device *device = device_open();
    struct icl_train_result result;
    struct icl_train_options options = options_for(whole);
    options.device = device;
    run_of(&spec, &options, &result);
    device_close(device);
    size_t failures = 0, kept = 0;
    options.out = broken;
    options.resume = true;
    for (size_t k = 0; k < sizeof launches / sizeof *launches; k++) {
        char fault[32], path[PATH_MAX];
        snprintf(fault, sizeof fault, "lost:%u", launches[k]);
        assert_int_equal(setenv("ICLAB_EMULATED_FAULT", fault, 1), 0);
        struct icl_device *weak = device_open();
        assert_int_equal(unsetenv("ICLAB_EMULATED_FAULT"), 0);
        options.device = weak;
        const icl_status status = icl_train(&spec, &options, &result, &err);
        icl_device_close(weak);
        if (status == ICL_OK) continue;
        assert_int_equal(status, ICL_ERR_DEVICE);
        assert_non_null(strstr(err.message, "lost"));
        assert_null(strchr(err.message, '\n'));
        failures++;
        snprintf(path, sizeof path, "%s/checkpoint.bin", broken);
        kept += access(path, F_OK) == 0;
        snprintf(path, sizeof path, "%s/result.json", broken);
        assert_int_not_equal(access(path, F_OK), 0);
    }
    assert_true(failures >= 3 && kept >= 1);
    device = device_open();
    options.device = device;
    run_of(&spec, &options, &result);
    assert_int_equal(result.outcome, ICL_OUTCOME_FINISHED);
    same_results(whole, broken);
    device_close(device);
}

/* Faults that show before the first step leave no folder behind. */
static void does_not_begin(void **state)
{
    (void)state;
    static const struct {
        const char *fault;
        icl_status status;
        const char *word;
    } cases[] = {{"memory:65536", ICL_ERR_MEMORY, "free"}, {"pinned", ICL_ERR_MEMORY, "locked"}};
    struct icl_error err;
    const struct icl_train_spec spec = tiny_spec();
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct icl_train_result result;
        struct icl_train_options options = options_for(run_place("nothing"));
        assert_int_equal(setenv("ICLAB_EMULATED_FAULT", cases[c].fault, 1), 0);
        options.device = device_open();
        assert_int_equal(unsetenv("ICLAB_EMULATED_FAULT"), 0);
        const icl_status status = icl_train(&spec, &options, &result, &err);
        icl_device_close(options.device);
        assert_failure(status, cases[c].status, &err, cases[c].word);
        assert_int_not_equal(access(options.out, F_OK), 0);
    }
}

/* ---- memory --------------------------------------------------------------------------------------------------- */

static void hear(void *context, const char *line)
{
    char *said = context;
    const size_t length = strlen(said);
    snprintf(said + length, 1024 - length, "%s\n", line);
}

static void memory_is_stated(void **state)
{
    (void)state;
    struct icl_device *device = device_open();
    const struct icl_train_spec spec = tiny_spec();
    struct icl_train_options options = options_for(run_place("memory"));
    struct icl_train_result result;
    char said[1024] = "";
    options.say = hear;
    options.say_context = said;
    options.device = device;
    run_of(&spec, &options, &result);
    const char *line = strstr(said, "\nmemory of the device: ");
    assert_non_null(line);
    double total, part[7], sum = 0;
    assert_int_equal(sscanf(line,
                            " memory of the device: %lf MiB (data %lf, batches and statistics %lf, parameters %lf, "
                            "optimiser %lf, activations %lf, gradients %lf, scratch %lf)",
                            &total, &part[0], &part[1], &part[2], &part[3], &part[4], &part[5], &part[6]),
                     8);
    for (size_t k = 0; k < 7; k++)
        sum += part[k];
    assert_near(total, sum, 8 * .05); /* each rounded to .1 */
    device_close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sgd_of_ic),         cmocka_unit_test(adam_of_conv_bn_relu),
        cmocka_unit_test(fed_by_the_host),   cmocka_unit_test(momentum_and_decoupled_decay),
        cmocka_unit_test(other_precisions),  cmocka_unit_test(goes_on_where_it_stopped),
        cmocka_unit_test(goes_on_elsewhere), cmocka_unit_test(divergence),
        cmocka_unit_test(lost_on_the_way),   cmocka_unit_test(does_not_begin),
        cmocka_unit_test(memory_is_stated),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
