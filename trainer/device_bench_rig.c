/* A training under way on a device, and the same on the processor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/team.h"
#include "trainer/device_bench_internal.h"

static const double norm_epsilon = 1e-5, norm_momentum = .1;

static size_t image_size(const struct step_form *form)
{
    return form->size * form->size * form->channels;
}

/* ---- what both sides begin with --------------------------------------------------------------------------------- */

/* Noise on a level that goes with the label. */
static icl_status make_data(struct step_rig *rig, struct icl_error *err)
{
    const size_t count = STEP_BATCHES * rig->form.batch, image = image_size(&rig->form);
    rig->pixels = malloc(count * image + 4);
    rig->labels = malloc(count * sizeof *rig->labels);
    uint32_t *words = malloc((image / 4 + 1) * sizeof *words);
    icl_status status = ICL_OK;
    if (rig->pixels == NULL || rig->labels == NULL || words == NULL) status = icl_fail_memory(err, "images");
    for (size_t i = 0; status == ICL_OK && i < count; i++) {
        const struct icl_stream label = {rig->seed, ICL_PURPOSE_LAW, 1, 0}, noise = {rig->seed, ICL_PURPOSE_LAW, 2, 0};
        rig->labels[i] = (uint32_t)icl_random_below(&label, i, STEP_CLASSES);
        icl_random_words(&noise, i * (image / 4 + 1) * 4, image / 4 + 1, words);
        for (size_t e = 0; e < image; e++)
            rig->pixels[i * image + e] = (uint8_t)((words[e / 4] >> (8 * (e % 4)) & 127U) + 12 * rig->labels[i]);
    }
    free(words);
    rig->scale = 1.0F / 64;
    rig->shift = -1.8F;
    return status;
}

static icl_status make_network(struct step_rig *rig, struct icl_error *err)
{
    struct icl_train_spec spec;
    icl_train_spec_default(&spec);
    snprintf(spec.net, sizeof spec.net, "%s", rig->form.net);
    spec.order = rig->form.order;
    icl_train_spec_normalise(&spec);
    const size_t size = rig->form.size;
    ICL_TRY(icl_network_build(&spec, size, size, rig->form.channels, STEP_CLASSES, &rig->network, err));
    rig->initial = malloc(rig->network.parameter_count * sizeof *rig->initial);
    if (rig->initial == NULL) return icl_fail_memory(err, "parameters");
    icl_network_initialise(&rig->network, rig->seed, 0, rig->initial);
    return ICL_OK;
}

/* ---- the device ------------------------------------------------------------------------------------------------- */

static icl_status take(struct step_rig *rig, const void *host, size_t bytes, void **there, struct icl_error *err)
{
    ICL_TRY(rig->device->call->take(rig->device, bytes, there, err));
    rig->memory[rig->taken++] = *there;
    if (host == NULL)
        rig->device->call->clear(rig->device, *there, bytes);
    else
        rig->device->call->upload(rig->device, host, bytes, *there);
    return ICL_OK;
}

static icl_status make_schedule(struct step_rig *rig, struct icl_error *err)
{
    struct icl_device_step *schedule = calloc(rig->steps, sizeof *schedule);
    rig->outcomes = calloc(rig->steps, sizeof *rig->outcomes);
    if (schedule == NULL || rig->outcomes == NULL) {
        free(schedule);
        return icl_fail_memory(err, "a schedule");
    }
    for (size_t k = 0; k < rig->steps; k++)
        schedule[k] = (struct icl_device_step){.step = (uint32_t)k,
                                               .first = (uint32_t)(k % STEP_BATCHES * rig->form.batch),
                                               .slot = (uint32_t)k,
                                               .rate = rig->form.rate};
    const icl_status status = take(rig, schedule, rig->steps * sizeof *schedule, &rig->schedule, err);
    free(schedule);
    return status;
}

static icl_status make_memory(struct step_rig *rig, struct icl_error *err)
{
    const struct step_form *form = &rig->form;
    const struct icl_device_kernels *call = rig->device->call;
    const size_t count = STEP_BATCHES * form->batch, image = image_size(form);
    const size_t update_room = call->layers.update_room(icl_device_executor_count(rig->executor));
    ICL_TRY(make_schedule(rig, err));
    ICL_TRY(take(rig, rig->pixels, count * image, &rig->there_pixels, err));
    ICL_TRY(take(rig, rig->labels, count * sizeof *rig->labels, &rig->there_labels, err));
    ICL_TRY(take(rig, NULL, sizeof(uint32_t), &rig->place, err));
    ICL_TRY(take(rig, NULL, sizeof(struct icl_device_step), &rig->now, err));
    ICL_TRY(take(rig, NULL, sizeof(struct icl_device_outcome), &rig->current, err));
    ICL_TRY(take(rig, NULL, rig->steps * sizeof(struct icl_device_outcome), &rig->settled, err));
    ICL_TRY(take(rig, NULL, form->batch * image * icl_storage_bytes(form->storage), &rig->images, err));
    ICL_TRY(take(rig, NULL, form->batch * sizeof(uint32_t), &rig->chosen, err));
    return take(rig, NULL, update_room, &rig->room, err);
}

/* A whole step, for the queue. */
static icl_status put_step(struct step_rig *rig, struct icl_error *err)
{
    const struct step_form *form = &rig->form;
    struct icl_device *device = rig->device;
    const struct icl_device_layers *call = &device->call->layers;
    const struct icl_device_images images = {.pixels = rig->there_pixels,
                                             .labels = rig->there_labels,
                                             .height = form->size,
                                             .width = form->size,
                                             .channels = form->channels,
                                             .scale = {rig->scale, rig->scale, rig->scale},
                                             .shift = {rig->shift, rig->shift, rig->shift}};
    const struct icl_device_batch batch = {
        .n = form->batch, .images = rig->images, .labels = rig->chosen, .now = rig->now, .outcome = rig->current};
    const size_t count = icl_device_executor_count(rig->executor);
    const struct icl_device_update update = {.gradient = icl_device_executor_gradient(rig->executor),
                                             .weights = icl_device_executor_parameters(rig->executor),
                                             .count = count};
    call->advance(device, rig->schedule, rig->place, rig->now, rig->current);
    call->batch(device, &images, NULL, NULL, rig->now, form->batch, form->storage, rig->images, rig->chosen);
    ICL_TRY(icl_device_executor_gradient_step(rig->executor, &batch, err));
    call->gradient_norm(device, update.gradient, count, rig->room, rig->current);
    call->update(device, &update, rig->now, rig->room, rig->current);
    call->settle(device, rig->now, rig->current, rig->settled);
    return ICL_OK;
}

/* A step that leaves no trace in what follows but the running statistics, which training does not read: what libraries
 * load when they are first asked may not be loaded while work is recorded. */
static icl_status warm_up(struct step_rig *rig, struct icl_error *err)
{
    const struct icl_device_kernels *call = rig->device->call;
    float *parameters = icl_device_executor_parameters(rig->executor);
    icl_device_executor_put(rig->executor, rig->initial, parameters);
    ICL_TRY(put_step(rig, err));
    icl_device_executor_put(rig->executor, rig->initial, parameters);
    call->clear(rig->device, rig->current, sizeof(struct icl_device_outcome));
    rig_rewind(rig);
    return call->finish(rig->device, err);
}

static icl_status record(struct step_rig *rig, struct icl_error *err)
{
    const struct icl_device_kernels *call = rig->device->call;
    call->record_begin(rig->device);
    const icl_status put = put_step(rig, err),
                     ended = call->record_end(rig->device, &rig->graph, put == ICL_OK ? err : NULL);
    return put != ICL_OK ? put : ended;
}

static icl_status fill(struct step_rig *rig, struct icl_error *err)
{
    const struct icl_device_executor_options options = {.batch = rig->form.batch,
                                                        .seed = rig->seed,
                                                        .norm_epsilon = norm_epsilon,
                                                        .norm_momentum = norm_momentum,
                                                        .storage = rig->form.storage,
                                                        .rule = rig->form.rule};
    ICL_TRY(make_network(rig, err));
    ICL_TRY(make_data(rig, err));
    ICL_TRY(icl_device_executor_create(&rig->network, &options, rig->device, &rig->executor, err));
    ICL_TRY(make_memory(rig, err));
    ICL_TRY(warm_up(rig, err));
    return record(rig, err);
}

icl_status rig_create(struct step_rig *rig, struct icl_device *device, const struct step_form *form, uint64_t seed,
                      size_t steps, struct icl_error *err)
{
    *rig = (struct step_rig){.form = *form, .device = device, .seed = seed, .steps = steps};
    icl_network_init(&rig->network);
    const icl_status status = fill(rig, err);
    if (status != ICL_OK) rig_free(rig);
    return status;
}

void rig_free(struct step_rig *rig)
{
    if (rig->device == NULL) return;
    const struct icl_device_kernels *call = rig->device->call;
    call->graph_release(rig->device, rig->graph);
    icl_device_executor_free(rig->executor);
    while (rig->taken > 0)
        call->release(rig->device, rig->memory[--rig->taken]);
    icl_network_free(&rig->network);
    free(rig->pixels);
    free(rig->labels);
    free(rig->initial);
    free(rig->outcomes);
    *rig = (struct step_rig){0};
}

void rig_rewind(struct step_rig *rig)
{
    rig->device->call->clear(rig->device, rig->place, sizeof(uint32_t));
}

void rig_step(struct step_rig *rig)
{
    rig->device->call->replay(rig->device, rig->graph);
}

icl_status rig_run(struct step_rig *rig, struct icl_error *err)
{
    for (size_t k = 0; k < rig->steps; k++)
        rig_step(rig);
    rig->device->call->download(rig->device, rig->settled, rig->steps * sizeof *rig->outcomes, rig->outcomes);
    return rig->device->call->finish(rig->device, err);
}

/* ---- the processor ---------------------------------------------------------------------------------------------- */

static icl_status processor_steps(const struct step_rig *rig, struct icl_executor *executor, float *images,
                                  double *loss, struct icl_error *err)
{
    const size_t batch = rig->form.batch, numbers = batch * image_size(&rig->form);
    float *parameters = icl_executor_parameters(executor);
    memcpy(parameters, rig->initial, rig->network.parameter_count * sizeof *parameters);
    for (size_t k = 0; k < rig->steps; k++) {
        const size_t first = k % STEP_BATCHES * batch;
        struct icl_batch_result result;
        for (size_t e = 0; e < numbers; e++)
            images[e] = (float)rig->pixels[first * image_size(&rig->form) + e] * rig->scale + rig->shift;
        ICL_TRY(icl_executor_gradient_step(executor, images, rig->labels + first, batch, (uint32_t)k, 0, &result, err));
        loss[k] = result.loss;
        const struct icl_update_f32 update = {.rate = rig->form.rate};
        icl_kernels()->layers.sgd(&update, icl_executor_gradient(executor), rig->network.parameter_count, NULL,
                                  parameters);
    }
    return ICL_OK;
}

icl_status rig_processor_losses(const struct step_rig *rig, double *loss, struct icl_error *err)
{
    const struct icl_executor_options options = {
        .batch = rig->form.batch, .seed = rig->seed, .norm_epsilon = norm_epsilon, .norm_momentum = norm_momentum};
    struct icl_team *team = NULL;
    struct icl_executor *executor = NULL;
    float *images = malloc(rig->form.batch * image_size(&rig->form) * sizeof *images);
    icl_status status = images == NULL ? icl_fail_memory(err, "images") : icl_team_create(0, &team, err);
    if (status == ICL_OK) status = icl_executor_create(&rig->network, &options, team, &executor, err);
    if (status == ICL_OK) status = processor_steps(rig, executor, images, loss, err);
    icl_executor_free(executor);
    icl_team_free(team);
    free(images);
    return status;
}
