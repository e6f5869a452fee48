#include "trainer/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trainer/train_internal.h"

static const double general_leak = 0.1;

size_t icl_train_resident(void)
{
    unsigned long pages = 0;
    FILE *stream = fopen("/proc/self/statm", "re");
    if (stream == NULL) return 0;
    if (fscanf(stream, "%*u %lu", &pages) != 1) pages = 0;
    fclose(stream);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- before the start ----------------------------------------------------------------------------------------- */

static icl_status open_data(struct icl_train_run *run, struct icl_error *err)
{
    const struct icl_train_spec *spec = run->spec;
    const char *root = run->options->root;
    ICL_TRY(icl_data_open(spec->data, ICL_SPLIT_TRAIN, spec->limit, spec->size, root, &run->train, err));
    ICL_TRY(icl_data_open(spec->data, ICL_SPLIT_VALID, spec->valid_limit, spec->size, root, &run->valid, err));
    const struct icl_data_info *info = icl_data_info(run->train), *valid = icl_data_info(run->valid);
    run->images = info->count;
    run->valid_images = valid->count;
    if (run->images == 0 || run->valid_images == 0)
        return icl_fail(err, ICL_ERR_INPUT, "%s: a split without images", spec->data);
    const size_t most = run->images > run->valid_images ? run->images : run->valid_images;
    run->batch = spec->batch < most ? spec->batch : most;
    run->epoch_steps = (run->images + spec->batch - 1) / spec->batch;
    if (run->epoch_steps > UINT32_MAX / 2 / spec->epochs)
        return icl_fail(err, ICL_ERR_USAGE, "--epochs: more steps than 32 bits can count");
    run->steps = run->epoch_steps * spec->epochs;
    run->open_images = run->images < ICL_OPEN_IMAGES ? run->images : ICL_OPEN_IMAGES;
    const size_t whole = run->valid_images / run->batch, wanted = (ICL_NORM_IMAGES + run->batch - 1) / run->batch;
    run->measured_batches = whole == 0 ? 1 : whole < wanted ? whole : wanted;
    return icl_network_build(spec, info->height, info->width, info->channels, info->classes, &run->network, err);
}

static struct icl_executor_options executor_options(const struct icl_train_run *run)
{
    return (struct icl_executor_options){.batch = run->batch,
                                         .seed = run->spec->seed,
                                         .norm_epsilon = ICL_TRAIN_NORM_EPSILON,
                                         .norm_momentum = ICL_TRAIN_NORM_MOMENTUM};
}

/* Bytes of the run's own arrays. */
static size_t pixels_of(const struct icl_train_run *run)
{
    const struct icl_data_info *info = icl_data_info(run->train);
    return run->batch * info->height * info->width * info->channels;
}

static size_t own_memory(const struct icl_train_run *run)
{
    return pixels_of(run) * sizeof(float) + (run->batch + run->images + run->open_images) * sizeof(uint32_t) +
           icl_recorder_memory(&run->network, run->batch);
}

/* Says what the run will take, before it takes it. */
static icl_status state_memory(const struct icl_train_run *run, struct icl_error *err)
{
    const struct icl_train_options *o = run->options;
    if (o->say == NULL) return ICL_OK;
    struct icl_executor_memory executor;
    const struct icl_executor_options options = executor_options(run);
    ICL_TRY(icl_executor_measure(&run->network, &options, icl_team_size(run->team), &executor, err));
    const size_t data = icl_data_info(run->train)->memory + icl_data_info(run->valid)->memory;
    const size_t resident = icl_train_resident(), program = resident > data ? resident - data : 0;
    const size_t optimiser = icl_optimise_memory(run->spec, run->network.parameter_count), own = own_memory(run);
    const double mib = 1 << 20;
    char line[320];
    snprintf(line, sizeof line,
             "memory: %.1f MiB (program %.1f, data %.1f, batches and statistics %.1f, parameters %.1f, optimiser %.1f, "
             "activations %.1f, gradients %.1f, scratch %.1f)",
             (double)(program + data + own + optimiser + executor.total) / mib, (double)program / mib,
             (double)data / mib, (double)own / mib, (double)executor.parameters / mib, (double)optimiser / mib,
             (double)executor.activations / mib, (double)executor.gradients / mib, (double)executor.scratch / mib);
    o->say(o->say_context, line);
    return ICL_OK;
}

static icl_status take_memory(struct icl_train_run *run, struct icl_error *err)
{
    const struct icl_executor_options options = executor_options(run);
    ICL_TRY(icl_executor_create(&run->network, &options, run->team, &run->executor, err));
    ICL_TRY(
        icl_optimise_create(&run->optimise, run->spec, icl_kernels(), run->team, run->network.parameter_count, err));
    run->pixels = malloc(pixels_of(run) * sizeof *run->pixels);
    run->labels = malloc(run->batch * sizeof *run->labels);
    run->order = malloc(run->images * sizeof *run->order);
    run->open = malloc(run->open_images * sizeof *run->open);
    if (run->pixels == NULL || run->labels == NULL || run->order == NULL || run->open == NULL)
        return icl_fail_memory(err, "a batch");
    /* The images of open_accuracy: the front of a permutation, so that all classes have their share. */
    const struct icl_stream stream = {run->spec->seed, ICL_PURPOSE_SUBSAMPLE, 0, 0};
    icl_random_permutation(&stream, run->images, run->order);
    memcpy(run->open, run->order, run->open_images * sizeof *run->open);
    return ICL_OK;
}

struct icl_train_arrays icl_train_run_arrays(struct icl_train_run *run)
{
    const size_t count = run->network.parameter_count;
    return (struct icl_train_arrays){.parameters = icl_executor_parameters(run->executor),
                                     .first = run->optimise.first,
                                     .second = run->optimise.second,
                                     .running = icl_executor_running(run->executor),
                                     .parameter_count = count,
                                     .first_count = run->optimise.first == NULL ? 0 : count,
                                     .second_count = run->optimise.second == NULL ? 0 : count,
                                     .running_count = 2 * run->network.norm_channels};
}

/* ---- beginning and going on ----------------------------------------------------------------------------------- */

/* Steps, epochs and samples of a checkpoint belong together as they do with this number of images. At the last step of
 * an epoch it may have been written before the epoch was closed. */
static icl_status check_place(const struct icl_train_run *run, struct icl_error *err)
{
    const struct icl_train_state *s = &run->state;
    const uint64_t epochs = s->step / run->epoch_steps, inside = s->step % run->epoch_steps;
    const bool closed = s->epochs == epochs && s->samples == inside * run->spec->batch;
    const bool open = inside == 0 && s->epochs + 1 == epochs && s->samples == run->images;
    if (s->step <= run->steps && (closed || open)) return ICL_OK;
    return icl_fail(err, ICL_ERR_INPUT,
                    "%.300s: the checkpoint is of other data: %llu steps, %llu epochs and %llu images, but an epoch of "
                    "%zu images has %zu steps",
                    run->folder.path, (unsigned long long)s->step, (unsigned long long)s->epochs,
                    (unsigned long long)s->samples, run->images, run->epoch_steps);
}

static icl_status load_checkpoint(struct icl_train_run *run, bool *found, struct icl_error *err)
{
    char path[ICL_RUN_PATH];
    const struct icl_train_arrays arrays = icl_train_run_arrays(run);
    *found = false;
    if (!run->options->resume) return ICL_OK;
    ICL_TRY(icl_checkpoint_read(icl_run_path(&run->folder, "checkpoint.bin", path), run->text, &run->state, &arrays,
                                found, err));
    if (!*found) return ICL_OK;
    ICL_TRY(check_place(run, err));
    if (run->state.record_steps != run->options->record_steps)
        return icl_fail(err, ICL_ERR_INPUT,
                        "%.300s: the run was begun with --record-steps %llu, and must go on with it", run->folder.path,
                        (unsigned long long)run->state.record_steps);
    return icl_recorder_check(&run->folder, &run->state, err);
}

static icl_status begin_anew(struct icl_train_run *run, struct icl_error *err)
{
    float *parameters = icl_executor_parameters(run->executor);
    run->state = (struct icl_train_state){.record_steps = run->options->record_steps};
    icl_network_initialise(&run->network, run->spec->seed, run->spec->general_relu ? general_leak : 0, parameters);
    ICL_TRY(icl_run_write_spec(&run->folder, run->text, err));
    ICL_TRY(icl_record_parameters(&run->network, &run->folder, err));
    if (!run->options->keep_initial) return ICL_OK;
    ICL_TRY(icl_record_initial(&run->network, &run->folder, parameters, err));
    return icl_train_record_order(run, err);
}

/* spec.txt, where only the checkpoint has kept it. */
static icl_status keep_spec(struct icl_train_run *run, struct icl_error *err)
{
    char path[ICL_RUN_PATH];
    if (access(icl_run_path(&run->folder, "spec.txt", path), F_OK) == 0) return ICL_OK;
    return icl_run_write_spec(&run->folder, run->text, err);
}

static icl_status begin(struct icl_train_run *run, struct icl_error *err)
{
    bool found;
    ICL_TRY(load_checkpoint(run, &found, err));
    ICL_TRY(found ? keep_spec(run, err) : begin_anew(run, err));
    const struct icl_recorder_source source = {.spec = run->spec,
                                               .network = &run->network,
                                               .kernels = icl_kernels(),
                                               .team = run->team,
                                               .executor = run->executor,
                                               .folder = &run->folder,
                                               .command = run->options->command,
                                               .batch = run->batch};
    ICL_TRY(icl_recorder_open(&run->recorder, &source, found ? &run->state : NULL, err));
    const size_t inside = (size_t)run->state.step % run->epoch_steps;
    if (inside > 0) icl_train_order(run, (size_t)run->state.step / run->epoch_steps, run->order);
    return ICL_OK;
}

/* ---- steps ---------------------------------------------------------------------------------------------------- */

static icl_status save(struct icl_train_run *run, struct icl_error *err)
{
    char path[ICL_RUN_PATH];
    const struct icl_train_arrays arrays = icl_train_run_arrays(run);
    ICL_TRY(icl_recorder_sync(&run->recorder, &run->state, err));
    return icl_checkpoint_write(icl_run_path(&run->folder, "checkpoint.bin", path), run->text, &run->state, &arrays,
                                err);
}

static bool is_recorded(const struct icl_train_run *run, size_t step)
{
    const size_t every = run->options->record_steps;
    return every > 0 ? step % every == 0 : (step + 1) % run->epoch_steps == 0;
}

/* The batch goes through as it will in the step, gates included: the way back uses the memory of activations again. */
static icl_status record_layers(struct icl_train_run *run, size_t step, size_t n, struct icl_error *err)
{
    struct icl_batch_result result;
    ICL_TRY(icl_executor_forward(run->executor, ICL_MODE_DROP, run->pixels, run->labels, n, (uint32_t)step,
                                 run->spec->smoothing, &result, err));
    return icl_recorder_layers(&run->recorder, step, step / run->epoch_steps + 1, n, err);
}

/* One step; *n images went through, *diverged where a number is nan or inf. */
static icl_status make_step(struct icl_train_run *run, size_t *n, bool *diverged, struct icl_error *err)
{
    struct icl_train_state *state = &run->state;
    const struct icl_train_spec *spec = run->spec;
    const size_t step = (size_t)state->step, epoch = step / run->epoch_steps,
                 first = step % run->epoch_steps * spec->batch;
    const size_t left = run->images - first;
    struct icl_step_row row = {.step = step, .epoch = epoch + 1};
    struct icl_batch_result result;
    *n = left < spec->batch ? left : spec->batch;
    if (first == 0) icl_train_order(run, epoch, run->order);
    icl_train_spec_rate(spec, step, run->steps, &row.rate, &row.momentum);
    ICL_TRY(icl_data_batch(run->train, &spec->augmentation, spec->seed, (uint32_t)epoch, run->order + first, 0, *n,
                           run->team, run->pixels, run->labels, err));
    if (is_recorded(run, step)) ICL_TRY(record_layers(run, step, *n, err));
    ICL_TRY(icl_executor_gradient_step(run->executor, run->pixels, run->labels, *n, (uint32_t)step, spec->smoothing,
                                       &result, err));
    const float *gradient = icl_executor_gradient(run->executor);
    float *weights = icl_executor_parameters(run->executor);
    row.loss = result.loss;
    row.accuracy = (double)result.correct / (double)*n;
    row.gradient_norm = icl_optimise_norm(&run->optimise, gradient);
    *diverged = !isfinite(row.loss) || !isfinite(row.gradient_norm);
    if (!*diverged) {
        icl_optimise_step(&run->optimise, step, row.rate, row.momentum, gradient, weights);
    }
    row.weight_norm = icl_optimise_norm(&run->optimise, weights);
    *diverged = *diverged || !isfinite(row.weight_norm);
    ICL_TRY(icl_recorder_step(&run->recorder, &row, err));
    if (*diverged) return ICL_OK;
    state->step++;
    state->samples += *n;
    state->correct += result.correct;
    state->loss += row.loss * (double)*n;
    return ICL_OK;
}

static icl_status end_epoch(struct icl_train_run *run, struct icl_error *err)
{
    double rate, momentum;
    icl_train_spec_rate(run->spec, (size_t)run->state.step - 1, run->steps, &rate, &momentum);
    ICL_TRY(icl_train_end_epoch(run, err));
    return icl_recorder_epoch(&run->recorder, &run->state, rate, err);
}

/* All steps that are left. */
static icl_status make_steps(struct icl_train_run *run, struct icl_progress *progress, enum icl_outcome *outcome,
                             struct icl_error *err)
{
    const struct icl_train_options *o = run->options;
    struct icl_train_state *state = &run->state;
    *outcome = ICL_OUTCOME_FINISHED;
    for (;;) {
        const bool epoch_ends = state->step == (state->epochs + 1) * run->epoch_steps;
        if (epoch_ends) ICL_TRY(end_epoch(run, err));
        const bool last = state->step == run->steps;
        if (epoch_ends && (o->checkpoint_steps == 0 || last)) ICL_TRY(save(run, err));
        if (last) return ICL_OK;
        size_t n;
        bool diverged;
        ICL_TRY(make_step(run, &n, &diverged, err));
        if (diverged) {
            *outcome = ICL_OUTCOME_DIVERGED;
            return ICL_OK;
        }
        icl_progress_step(progress, n);
        if (o->checkpoint_steps > 0 && state->step % o->checkpoint_steps == 0) ICL_TRY(save(run, err));
        if (o->stop != NULL && *o->stop && state->step < run->steps) {
            *outcome = ICL_OUTCOME_STOPPED;
            return save(run, err);
        }
    }
}

static void fill_result(const struct icl_train_run *run, enum icl_outcome outcome, struct icl_train_result *result)
{
    const struct icl_train_state *s = &run->state;
    *result = (struct icl_train_result){.outcome = outcome,
                                        .steps = (size_t)s->step,
                                        .epochs = (size_t)s->epochs,
                                        .valid_loss = s->valid_loss,
                                        .valid_accuracy = s->valid_accuracy,
                                        .train_loss = s->train_loss,
                                        .train_accuracy = s->train_accuracy,
                                        .open_loss = s->open_loss,
                                        .open_accuracy = s->open_accuracy,
                                        .best_accuracy = s->best_epoch > 0 ? s->best_accuracy : NAN,
                                        .best_epoch = (size_t)s->best_epoch};
    if (outcome == ICL_OUTCOME_FINISHED || (outcome == ICL_OUTCOME_STOPPED && s->epochs > 0)) return;
    result->valid_loss = result->valid_accuracy = result->train_loss = result->train_accuracy = NAN;
    result->open_loss = result->open_accuracy = NAN;
}

static icl_status run_steps(struct icl_train_run *run, struct icl_train_result *result, struct icl_error *err)
{
    struct icl_progress progress;
    enum icl_outcome outcome = ICL_OUTCOME_STOPPED;
    const size_t before = (size_t)run->state.epochs * run->images + (size_t)run->state.samples;
    icl_progress_resume(&progress, "training", "images", run->spec->epochs * run->images, before, run->options->quiet);
    const icl_status status = make_steps(run, &progress, &outcome, err);
    icl_progress_end(&progress);
    if (status != ICL_OK) return status;
    fill_result(run, outcome, result);
    if (outcome == ICL_OUTCOME_STOPPED) return ICL_OK;
    if (outcome == ICL_OUTCOME_FINISHED && run->options->capture) ICL_TRY(icl_train_capture(run, err));
    return icl_run_write_result(&run->folder, run->spec, result, err);
}

static icl_status train(struct icl_train_run *run, struct icl_train_result *result, struct icl_error *err)
{
    bool finished;
    ICL_TRY(open_data(run, err));
    ICL_TRY(icl_team_create(run->options->threads, &run->team, err));
    ICL_TRY(state_memory(run, err));
    ICL_TRY(take_memory(run, err));
    ICL_TRY(
        icl_run_folder_enter(&run->folder, run->options->out, run->text, run->options->resume, &finished, result, err));
    if (finished) return ICL_OK;
    ICL_TRY(begin(run, err));
    return run_steps(run, result, err);
}

icl_status icl_train(const struct icl_train_spec *spec, const struct icl_train_options *options,
                     struct icl_train_result *result, struct icl_error *err)
{
    bool finished;
    struct icl_train_spec normal = *spec;
    struct icl_train_run run = {.spec = &normal, .options = options, .folder = {.lock = -1}};
    ICL_TRY(icl_train_spec_check(spec, err));
    icl_train_spec_normalise(&normal);
    icl_train_spec_text(&normal, run.text);
    /* What can be said without the data is said before they are looked for. */
    ICL_TRY(icl_run_folder_look(options->out, run.text, options->resume, &finished, result, err));
    if (finished) return ICL_OK;
    icl_network_init(&run.network);
    const icl_status status = train(&run, result, err);
    icl_recorder_close(&run.recorder);
    icl_optimise_free(&run.optimise);
    icl_executor_free(run.executor);
    icl_team_free(run.team);
    icl_network_free(&run.network);
    icl_data_close(run.train);
    icl_data_close(run.valid);
    free(run.pixels);
    free(run.labels);
    free(run.order);
    free(run.open);
    icl_run_folder_leave(&run.folder);
    return status;
}
