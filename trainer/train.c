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

/* Notes a size of batches that are not whole. */
static void note_rest(struct icl_train_run *run, size_t n)
{
    if (n > 0 && n < run->batch) run->rest[run->rests++] = n;
}

static struct icl_back_end_source back_end_source(struct icl_train_run *run)
{
    const struct icl_train_options *o = run->options;
    const size_t asked = o->capture_images == 0 ? CAPTURE_IMAGES : o->capture_images;
    run->rests = 0;
    note_rest(run, run->images % run->spec->batch);
    note_rest(run, run->open_images % run->batch);
    note_rest(run, run->valid_images % run->batch);
    if (o->capture) note_rest(run, (asked < run->valid_images ? asked : run->valid_images) % run->batch);
    return (struct icl_back_end_source){.spec = run->spec,
                                        .network = &run->network,
                                        .team = run->team,
                                        .device = o->device,
                                        .train = run->train,
                                        .valid = run->valid,
                                        .batch = run->batch,
                                        .rest = run->rest,
                                        .rests = run->rests,
                                        .say = o->say,
                                        .say_context = o->say_context};
}

/* Says what the run will take, before it takes it. */
static icl_status state_memory(struct icl_train_run *run, struct icl_error *err)
{
    const struct icl_train_options *o = run->options;
    if (o->say == NULL) return ICL_OK;
    struct icl_back_end_memory m;
    const struct icl_back_end_source source = back_end_source(run);
    ICL_TRY(icl_back_end_measure(&source, &m, err));
    const size_t data = icl_data_info(run->train)->memory + icl_data_info(run->valid)->memory;
    const size_t resident = icl_train_resident(), program = resident > data ? resident - data : 0;
    const size_t orders = (run->images + run->open_images) * sizeof(uint32_t);
    const size_t own = (m.on_device ? 0 : m.batches) + orders + icl_recorder_memory(&run->network);
    const size_t computing = m.network.total + m.optimiser + (m.on_device ? m.batches + m.data : 0);
    const double mib = 1 << 20;
    char line[400];
    if (m.on_device) {
        snprintf(line, sizeof line, "memory: %.1f MiB (program %.1f, data %.1f, orders and statistics %.1f)",
                 (double)(program + data + own) / mib, (double)program / mib, (double)data / mib, (double)own / mib);
        o->say(o->say_context, line);
        snprintf(line, sizeof line,
                 "memory of the device: %.1f MiB (data %.1f, batches and statistics %.1f, parameters %.1f, optimiser "
                 "%.1f, activations %.1f, gradients %.1f, scratch %.1f)",
                 (double)computing / mib, (double)m.data / mib, (double)m.batches / mib,
                 (double)m.network.parameters / mib, (double)m.optimiser / mib, (double)m.network.activations / mib,
                 (double)m.network.gradients / mib, (double)m.network.scratch / mib);
    } else {
        snprintf(line, sizeof line,
                 "memory: %.1f MiB (program %.1f, data %.1f, batches and statistics %.1f, parameters %.1f, optimiser "
                 "%.1f, activations %.1f, gradients %.1f, scratch %.1f)",
                 (double)(program + data + own + computing) / mib, (double)program / mib, (double)data / mib,
                 (double)own / mib, (double)m.network.parameters / mib, (double)m.optimiser / mib,
                 (double)m.network.activations / mib, (double)m.network.gradients / mib,
                 (double)m.network.scratch / mib);
    }
    o->say(o->say_context, line);
    return ICL_OK;
}

static icl_status take_memory(struct icl_train_run *run, struct icl_error *err)
{
    const struct icl_back_end_source source = back_end_source(run);
    ICL_TRY(icl_back_end_create(&source, &run->back_end, err));
    run->order = malloc(run->images * sizeof *run->order);
    run->open = malloc(run->open_images * sizeof *run->open);
    if (run->order == NULL || run->open == NULL) return icl_fail_memory(err, "the order of the images");
    /* The images of open_accuracy: the front of a permutation, so that all classes have their share. */
    const struct icl_stream stream = {run->spec->seed, ICL_PURPOSE_SUBSAMPLE, 0, 0};
    icl_random_permutation(&stream, run->images, run->order);
    memcpy(run->open, run->order, run->open_images * sizeof *run->open);
    return ICL_OK;
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
    const struct icl_back_end *b = &run->back_end;
    const struct icl_train_arrays arrays = b->call->arrays(b->state);
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
    ICL_TRY(icl_recorder_check(&run->folder, &run->state, err));
    return b->call->send(b->state, err);
}

static icl_status begin_anew(struct icl_train_run *run, struct icl_error *err)
{
    const struct icl_back_end *b = &run->back_end;
    float *parameters = b->call->arrays(b->state).parameters;
    run->state = (struct icl_train_state){.record_steps = run->options->record_steps};
    icl_network_initialise(&run->network, run->spec->seed, run->spec->general_relu ? general_leak : 0, parameters);
    ICL_TRY(b->call->send(b->state, err));
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
                                               .back_end = &run->back_end,
                                               .folder = &run->folder,
                                               .command = run->options->command};
    ICL_TRY(icl_recorder_open(&run->recorder, &source, found ? &run->state : NULL, err));
    const size_t inside = (size_t)run->state.step % run->epoch_steps;
    if (inside > 0) icl_train_order(run, (size_t)run->state.step / run->epoch_steps, run->order);
    return ICL_OK;
}

/* ---- steps ---------------------------------------------------------------------------------------------------- */

static icl_status save(struct icl_train_run *run, struct icl_error *err)
{
    char path[ICL_RUN_PATH];
    const struct icl_back_end *b = &run->back_end;
    ICL_TRY(b->call->fetch(b->state, err));
    const struct icl_train_arrays arrays = b->call->arrays(b->state);
    ICL_TRY(icl_recorder_sync(&run->recorder, &run->state, err));
    return icl_checkpoint_write(icl_run_path(&run->folder, "checkpoint.bin", path), run->text, &run->state, &arrays,
                                err);
}

static bool is_recorded(const struct icl_train_run *run, size_t step)
{
    const size_t every = run->options->record_steps;
    return every > 0 ? step % every == 0 : (step + 1) % run->epoch_steps == 0;
}

static struct icl_planned_step plan_step(const struct icl_train_run *run, size_t step)
{
    struct icl_planned_step plan = {.step = step, .epoch = step / run->epoch_steps};
    plan.first = step % run->epoch_steps * run->spec->batch;
    const size_t left = run->images - plan.first;
    plan.n = left < run->spec->batch ? left : run->spec->batch;
    icl_train_spec_rate(run->spec, step, run->steps, &plan.rate, &plan.momentum);
    return plan;
}

/* How many steps can be made in one go: up to the end of the epoch, the next record and the next checkpoint. */
static size_t steps_at_once(const struct icl_train_run *run, size_t step)
{
    const size_t every = run->options->checkpoint_steps;
    size_t count = run->epoch_steps - step % run->epoch_steps;
    if (every > 0 && count > every - step % every) count = every - step % every;
    if (count > run->back_end.call->most_steps) count = run->back_end.call->most_steps;
    for (size_t i = 1; i < count; i++)
        if (is_recorded(run, step + i)) return i;
    return count;
}

/* Writes the row of a step and counts it, unless it diverged. */
static icl_status take_result(struct icl_train_run *run, const struct icl_planned_step *plan,
                              const struct icl_step_result *result, struct icl_error *err)
{
    struct icl_train_state *state = &run->state;
    const struct icl_step_row row = {.step = plan->step,
                                     .epoch = plan->epoch + 1,
                                     .rate = plan->rate,
                                     .momentum = plan->momentum,
                                     .loss = result->loss,
                                     .accuracy = (double)result->correct / (double)plan->n,
                                     .gradient_norm = result->gradient_norm,
                                     .weight_norm = result->weight_norm};
    ICL_TRY(icl_recorder_step(&run->recorder, &row, err));
    if (result->diverged) return ICL_OK;
    state->step++;
    state->samples += plan->n;
    state->correct += result->correct;
    state->loss += row.loss * (double)plan->n;
    return ICL_OK;
}

/* The next steps; *n images went through, *diverged where a number is nan or inf. */
static icl_status go_on(struct icl_train_run *run, size_t *n, bool *diverged, struct icl_error *err)
{
    const struct icl_back_end *b = &run->back_end;
    struct icl_planned_step plan[ICL_BACK_END_STEPS];
    struct icl_step_result result[ICL_BACK_END_STEPS];
    const size_t step = (size_t)run->state.step, count = steps_at_once(run, step);
    size_t made = 0;
    for (size_t i = 0; i < count; i++)
        plan[i] = plan_step(run, step + i);
    if (plan[0].first == 0) icl_train_order(run, plan[0].epoch, run->order);
    if (is_recorded(run, step)) {
        /* Before the step: its way back uses the memory of activations again. */
        ICL_TRY(b->call->preview(b->state, &plan[0], run->order, err));
        ICL_TRY(icl_recorder_layers(&run->recorder, step, plan[0].epoch + 1, err));
    }
    ICL_TRY(b->call->make(b->state, plan, count, run->order, result, &made, err));
    *n = 0;
    *diverged = false;
    for (size_t i = 0; i < made && !*diverged; i++) {
        ICL_TRY(take_result(run, &plan[i], &result[i], err));
        *diverged = result[i].diverged;
        if (!*diverged) *n += plan[i].n;
    }
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
        ICL_TRY(go_on(run, &n, &diverged, err));
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
    return icl_run_write_result(&run->folder, run->spec, result, run->options->device, err);
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
    if (spec->precision != ICL_PRECISION_F32 && options->device == NULL)
        return icl_fail(err, ICL_ERR_USAGE, "--precision: %s is computed on a device alone, not on the processor",
                        icl_precision_names[spec->precision]);
    icl_train_spec_normalise(&normal);
    icl_train_spec_text(&normal, run.text);
    /* What can be said without the data is said before they are looked for. */
    ICL_TRY(icl_run_folder_look(options->out, run.text, options->resume, &finished, result, err));
    if (finished) return ICL_OK;
    icl_network_init(&run.network);
    const icl_status status = train(&run, result, err);
    icl_recorder_close(&run.recorder);
    icl_back_end_free(&run.back_end);
    icl_team_free(run.team);
    icl_network_free(&run.network);
    icl_data_close(run.train);
    icl_data_close(run.valid);
    free(run.order);
    free(run.open);
    icl_run_folder_leave(&run.folder);
    return status;
}
