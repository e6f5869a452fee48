/* Training runs: the numbers of the loop against a loop of the test's own, interruptions, divergence, memory. */
#include "tests/near.h"
#include "tests/train_support.h"

#include "core/npy.h"
#include "trainer/executor.h"

/* ---- the loop, once more -------------------------------------------------------------------------------------- */

struct loop {
    struct icl_data *train, *valid;
    struct icl_network network;
    struct icl_team *team;
    struct icl_executor *executor;
    float pixels[BATCH * 16 * 16 * 2];
    uint32_t labels[BATCH];
};

static void open_loop(struct loop *l, const struct icl_train_spec *spec)
{
    struct icl_error err;
    assert_ok(icl_data_open(spec->data, ICL_SPLIT_TRAIN, IMAGES, 0, NULL, &l->train, &err));
    assert_ok(icl_data_open(spec->data, ICL_SPLIT_VALID, VALID, 0, NULL, &l->valid, &err));
    assert_ok(icl_network_build(spec, 16, 16, 2, 3, &l->network, &err));
    assert_ok(icl_team_create(1, &l->team, &err));
    const struct icl_executor_options options = {
        .batch = BATCH, .seed = spec->seed, .norm_epsilon = 1e-5, .norm_momentum = .1};
    assert_ok(icl_executor_create(&l->network, &options, l->team, &l->executor, &err));
    icl_network_initialise(&l->network, spec->seed, 0, icl_executor_parameters(l->executor));
}

static void close_loop(struct loop *l)
{
    icl_executor_free(l->executor);
    icl_team_free(l->team);
    icl_network_free(&l->network);
    icl_data_close(l->train);
    icl_data_close(l->valid);
}

/* Loss and share of correct answers of the first `count` images, or of those of `index`. */
static void evaluate(struct loop *l, const struct icl_data *data, const uint32_t *index, size_t count, double *loss,
                     double *accuracy)
{
    struct icl_error err;
    *loss = *accuracy = 0;
    for (size_t done = 0; done < count; done += BATCH) {
        struct icl_batch_result r;
        const size_t n = count - done < BATCH ? count - done : BATCH;
        assert_ok(icl_data_batch(data, NULL, 0, 0, index == NULL ? NULL : index + done, done, n, NULL, l->pixels,
                                 l->labels, &err));
        assert_ok(icl_executor_forward(l->executor, ICL_MODE_EVALUATE, l->pixels, l->labels, n, 0, 0, &r, &err));
        *loss += r.loss * (double)n / (double)count;
        *accuracy += (double)r.correct / (double)count;
    }
}

static double norm(const float *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

/* Every row of metrics.tsv and epochs.tsv by a loop written here: plain SGD with the decay in the gradient. */
static void numbers_of_the_loop(void **state)
{
    (void)state;
    struct icl_error err;
    const struct icl_train_spec spec = small_spec();
    const char *out = in_folder("loop");
    char run[RUN_NAME];
    snprintf(run, sizeof run, "%s", out);
    struct icl_train_options options = options_for(run);
    options.keep_initial = true;
    struct icl_train_result result;
    assert_ok(icl_train(&spec, &options, &result, &err));
    assert_int_equal(result.outcome, ICL_OUTCOME_FINISHED);
    assert_int_equal(result.steps, STEPS);
    assert_int_equal(result.epochs, EPOCHS);
    struct icl_cells metrics = table_of(run, "metrics.tsv"), epochs = table_of(run, "epochs.tsv");
    assert_int_equal(metrics.rows, STEPS);
    assert_int_equal(epochs.rows, EPOCHS);

    static struct loop l;
    open_loop(&l, &spec);
    const size_t count = l.network.parameter_count;
    float *weights = icl_executor_parameters(l.executor);
    const float *gradient = icl_executor_gradient(l.executor);
    uint32_t order[IMAGES], open[IMAGES];
    const struct icl_stream some = {spec.seed, ICL_PURPOSE_SUBSAMPLE, 0, 0};
    icl_random_permutation(&some, IMAGES, open);
    struct icl_array kept_order, initial;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/order.npy", run);
    assert_ok(icl_npy_read(path, &kept_order, &err));
    assert_int_equal(kept_order.shape[0], EPOCHS);
    assert_int_equal(kept_order.shape[1], IMAGES);
    snprintf(path, sizeof path, "%s/initial.npy", run);
    assert_ok(icl_npy_read(path, &initial, &err));
    for (size_t i = 0; i < count; i++)
        assert_same((double)weights[i], initial.data[i]);
    double best = -1;
    for (size_t step = 0; step < STEPS; step++) {
        const size_t epoch = step / EPOCH_STEPS, first = step % EPOCH_STEPS * BATCH;
        const size_t n = IMAGES - first < BATCH ? IMAGES - first : BATCH;
        const struct icl_stream shuffle = {spec.seed, ICL_PURPOSE_SHUFFLE, 0, (uint32_t)epoch};
        double rate, momentum;
        struct icl_batch_result r;
        icl_random_permutation(&shuffle, IMAGES, order);
        for (size_t i = 0; i < IMAGES && first == 0; i++)
            assert_same(kept_order.data[epoch * IMAGES + i], (double)order[i]);
        icl_train_spec_rate(&spec, step, STEPS, &rate, &momentum);
        assert_ok(icl_data_batch(l.train, &spec.augmentation, spec.seed, (uint32_t)epoch, order + first, 0, n, NULL,
                                 l.pixels, l.labels, &err));
        assert_ok(
            icl_executor_gradient_step(l.executor, l.pixels, l.labels, n, (uint32_t)step, spec.smoothing, &r, &err));
        assert_same(number(&metrics, step, "step"), (double)step);
        assert_same(number(&metrics, step, "epoch"), (double)epoch + 1);
        assert_same(number(&metrics, step, "rate"), rate);
        assert_same(number(&metrics, step, "momentum"), 0);
        /* The weights below differ in their last bits from those of the kernels. */
        assert_near(number(&metrics, step, "loss"), r.loss, 2e-5);
        assert_near(number(&metrics, step, "accuracy"), (double)r.correct / (double)n, 1.5 / (double)n);
        assert_near(number(&metrics, step, "gradient_norm"), norm(gradient, count), 2e-4 * norm(gradient, count));
        for (size_t i = 0; i < count; i++)
            weights[i] = (float)((double)weights[i] - rate * ((double)gradient[i] + spec.decay * (double)weights[i]));
        assert_near(number(&metrics, step, "weight_norm"), norm(weights, count), 1e-5 * norm(weights, count));
        if ((step + 1) % EPOCH_STEPS != 0) continue;
        double loss = 0, right = 0, value[2];
        for (size_t k = step + 1 - EPOCH_STEPS; k <= step; k++) {
            const double share = (k == step ? IMAGES - (EPOCH_STEPS - 1) * BATCH : BATCH) / (double)IMAGES;
            loss += share * number(&metrics, k, "loss");
            right += share * number(&metrics, k, "accuracy");
        }
        assert_same(number(&epochs, epoch, "epoch"), (double)epoch + 1);
        assert_same(number(&epochs, epoch, "steps"), (double)step + 1);
        assert_same(number(&epochs, epoch, "rate"), rate);
        assert_near(number(&epochs, epoch, "train_loss"), loss, 1e-12);
        assert_near(number(&epochs, epoch, "train_accuracy"), right, 1e-12);
        evaluate(&l, l.train, open, IMAGES, &value[0], &value[1]);
        assert_near(number(&epochs, epoch, "open_loss"), value[0], 2e-4 * value[0]);
        assert_near(number(&epochs, epoch, "open_accuracy"), value[1], 2.5 / IMAGES);
        evaluate(&l, l.valid, NULL, VALID, &value[0], &value[1]);
        assert_near(number(&epochs, epoch, "valid_loss"), value[0], 2e-4 * value[0]);
        assert_near(number(&epochs, epoch, "valid_accuracy"), value[1], 1.5 / VALID);
        best = fmax(best, number(&epochs, epoch, "valid_accuracy"));
        /* Shares of whole images. */
        const double right_of[2] = {IMAGES * number(&epochs, epoch, "open_accuracy"),
                                    VALID * number(&epochs, epoch, "valid_accuracy")};
        assert_near(right_of[0], rint(right_of[0]), 1e-9);
        assert_near(right_of[1], rint(right_of[1]), 1e-9);
    }
    assert_same(result.valid_loss, number(&epochs, EPOCHS - 1, "valid_loss"));
    assert_same(result.valid_accuracy, number(&epochs, EPOCHS - 1, "valid_accuracy"));
    assert_same(result.train_loss, number(&epochs, EPOCHS - 1, "train_loss"));
    assert_same(result.train_accuracy, number(&epochs, EPOCHS - 1, "train_accuracy"));
    assert_same(result.open_loss, number(&epochs, EPOCHS - 1, "open_loss"));
    assert_same(result.best_accuracy, best);
    assert_same(number(&epochs, result.best_epoch - 1, "valid_accuracy"), best);

    /* result.json says the same. */
    bool found;
    struct icl_train_result read;
    assert_ok(icl_train_result_read(run, &spec, &found, &read, &err));
    assert_true(found);
    assert_int_equal(read.outcome, result.outcome);
    assert_int_equal(read.steps, result.steps);
    assert_int_equal(read.epochs, result.epochs);
    assert_int_equal(read.best_epoch, result.best_epoch);
    const double *a = &result.valid_loss, *b = &read.valid_loss;
    for (size_t k = 0; k < 7; k++)
        assert_same(a[k], b[k]);
    icl_cells_free(&metrics);
    icl_cells_free(&epochs);
    icl_array_free(&kept_order);
    icl_array_free(&initial);
    close_loop(&l);
}

/* ---- interruptions -------------------------------------------------------------------------------------------- */

static void stopped_after_every_step(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_train_spec spec = small_spec();
    spec.optimiser = ICL_OPTIMISER_ADAM;
    spec.momentum = .9;
    spec.rate = .02;
    spec.rate_start = spec.rate_end = .01;
    char whole[RUN_NAME], parts[RUN_NAME];
    snprintf(whole, sizeof whole, "%s", in_folder("whole"));
    snprintf(parts, sizeof parts, "%s", in_folder("parts"));
    struct icl_train_options options = options_for(whole);
    struct icl_train_result a, b;
    options.record_steps = 3;
    options.threads = 1;
    assert_ok(icl_train(&spec, &options, &a, &err));

    const int stop = 1;
    options.out = parts;
    options.stop = &stop;
    options.resume = true; /* where there is nothing yet: anew */
    size_t calls = 0;
    do {
        options.threads = 1 + (unsigned)calls % 3;
        assert_ok(icl_train(&spec, &options, &b, &err));
        calls++;
        assert_int_equal(b.steps, calls < STEPS ? calls : STEPS);
    } while (b.outcome == ICL_OUTCOME_STOPPED && calls < 2 * STEPS);
    assert_int_equal(b.outcome, ICL_OUTCOME_FINISHED);
    assert_int_equal(calls, STEPS);
    same_results(whole, parts);

    /* Finished: nothing is touched. */
    struct stat before, after;
    char file[PATH_MAX];
    snprintf(file, sizeof file, "%s/metrics.tsv", parts);
    assert_int_equal(stat(file, &before), 0);
    assert_ok(icl_train(&spec, &options, &a, &err));
    assert_int_equal(stat(file, &after), 0);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
    assert_int_equal(a.outcome, ICL_OUTCOME_FINISHED);
    assert_same(a.valid_loss, b.valid_loss);
}

/* ---- divergence ----------------------------------------------------------------------------------------------- */

static void divergence(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_train_spec spec = small_spec();
    spec.rate = spec.rate_start = 1e30;
    spec.schedule = ICL_SCHEDULE_CONSTANT;
    char run[RUN_NAME];
    snprintf(run, sizeof run, "%s", in_folder("diverged"));
    struct icl_train_options options = options_for(run);
    struct icl_train_result result, read;
    assert_ok(icl_train(&spec, &options, &result, &err));
    assert_int_equal(result.outcome, ICL_OUTCOME_DIVERGED);
    assert_true(result.steps < STEPS);
    assert_true(isnan(result.valid_loss) && isnan(result.valid_accuracy) && isnan(result.train_loss));
    struct icl_cells metrics = table_of(run, "metrics.tsv");
    /* The last row is of the step that went wrong, and no row before it did. */
    assert_int_equal(metrics.rows, result.steps + 1);
    for (size_t row = 0; row < metrics.rows; row++) {
        const bool finite = isfinite(number(&metrics, row, "loss")) &&
                            isfinite(number(&metrics, row, "gradient_norm")) &&
                            isfinite(number(&metrics, row, "weight_norm"));
        assert_int_equal(finite, row < result.steps);
    }
    icl_cells_free(&metrics);
    bool found;
    assert_ok(icl_train_result_read(run, &spec, &found, &read, &err));
    assert_true(found);
    assert_int_equal(read.outcome, ICL_OUTCOME_DIVERGED);
    assert_true(isnan(read.valid_loss));
    options.resume = true;
    assert_ok(icl_train(&spec, &options, &read, &err));
    assert_int_equal(read.outcome, ICL_OUTCOME_DIVERGED);
    assert_int_equal(read.steps, result.steps);
}

/* A step from finite loss and gradient to weights that no float can hold is seen at once. */
static void weights_that_overflow(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_train_spec spec = small_spec();
    spec.schedule = ICL_SCHEDULE_CONSTANT;
    spec.rate = 1e38;
    spec.decay = 100;
    char run[RUN_NAME];
    snprintf(run, sizeof run, "%s", in_folder("overflow"));
    const struct icl_train_options options = options_for(run);
    struct icl_train_result result;
    assert_ok(icl_train(&spec, &options, &result, &err));
    assert_int_equal(result.outcome, ICL_OUTCOME_DIVERGED);
    assert_int_equal(result.steps, 0);
    struct icl_cells metrics = table_of(run, "metrics.tsv");
    assert_int_equal(metrics.rows, 1);
    assert_true(isfinite(number(&metrics, 0, "loss")) && isfinite(number(&metrics, 0, "gradient_norm")));
    assert_true(!isfinite(number(&metrics, 0, "weight_norm")));
    icl_cells_free(&metrics);
}

/* ---- memory --------------------------------------------------------------------------------------------------- */

static void hear(void *context, const char *line)
{
    char *said = context;
    snprintf(said, 512, "%s", line);
}

static void memory_is_stated(void **state)
{
    (void)state;
    struct icl_error err;
    const struct icl_train_spec spec = small_spec();
    struct icl_train_options options = options_for(in_folder("memory"));
    struct icl_train_result result;
    char said[512] = "";
    options.say = hear;
    options.say_context = said;
    assert_ok(icl_train(&spec, &options, &result, &err));
    double total, part[8], sum = 0;
    assert_int_equal(sscanf(said,
                            "memory: %lf MiB (program %lf, data %lf, batches and statistics %lf, parameters %lf, "
                            "optimiser %lf, activations %lf, gradients %lf, scratch %lf)",
                            &total, &part[0], &part[1], &part[2], &part[3], &part[4], &part[5], &part[6], &part[7]),
                     9);
    for (size_t k = 0; k < 8; k++)
        sum += part[k];
    assert_near(total, sum, 9 * .05); /* each rounded to .1 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_the_loop), cmocka_unit_test(stopped_after_every_step),
        cmocka_unit_test(divergence),          cmocka_unit_test(weights_that_overflow),
        cmocka_unit_test(memory_is_stated),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
