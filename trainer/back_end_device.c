/* A device: parameters, images and the optimiser's state lie there, and a step is recorded once and done again. Image
 * files, and crops that resize, are made on the host while the device computes the step before. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/back_end_internal.h"
#include "trainer/data_internal.h"
#include "trainer/device_program.h"
#include "trainer/optimise_internal.h"

enum { SPLITS = ICL_SPLIT_VALID + 1, MOST_SIZES = 2, FED_BUFFERS = 2 };

/* Steps of one batch size. The first is done as it comes, so that libraries load what they need; then it is recorded.
 */
struct recorded {
    size_t n; /* 0: none yet */
    struct icl_device_graph *graph;
    bool refused; /* it could not be recorded */
};

struct on_device {
    struct icl_back_end_source from;
    struct icl_device *device;
    const struct icl_device_kernels *call;
    struct icl_device_executor *executor;
    enum icl_storage storage;

    /* device memory, all of it in `taken` */
    void *taken[24];
    size_t count;
    struct icl_device_images images[SPLITS]; /* pixels NULL: fed by the host */
    uint32_t *order, *places;
    void *batch;
    float *fed_batch; /* float32 on its way to another storage */
    uint32_t *labels;
    struct icl_device_step *schedule, *now;
    uint32_t *place;
    struct icl_device_outcome *current, *outcomes;
    float *first, *second;
    void *update_room, *summary_room;
    struct icl_device_summary *summaries; /* three a stage */
    float *side;                          /* a batch of the largest stage */

    /* host memory; locked where the device reads or writes it often */
    struct icl_device_step *planned;
    struct icl_device_outcome *told;
    float *fed[FED_BUFFERS];
    uint32_t *fed_labels[FED_BUFFERS];
    struct icl_device_summary *seen;
    struct icl_train_arrays kept;
    double *statistics;
    float *sides[2];

    struct recorded recorded[MOST_SIZES];
    size_t epoch; /* whose order is on the device; SIZE_MAX: none */
    size_t n;     /* of the last preview or forward */
};

static size_t image_size(const struct icl_back_end_source *from)
{
    const struct icl_node *input = &from->network->node[0];
    return input->height * input->width * input->channels;
}

static size_t stage_size(const struct icl_node *node)
{
    return node->height * node->width * node->channels;
}

static const struct icl_data *data_of(const struct icl_back_end_source *from, enum icl_split split)
{
    return split == ICL_SPLIT_TRAIN ? from->train : from->valid;
}

/* Whether the device makes the batches of a split itself. */
static bool is_resident(const struct icl_back_end_source *from, enum icl_split split)
{
    const bool crops = split == ICL_SPLIT_TRAIN && from->spec->augmentation.resized_crop;
    return data_of(from, split)->files == NULL && !crops;
}

static enum icl_storage storage_of(const struct icl_train_spec *spec)
{
    return spec->precision == ICL_PRECISION_BF16 ? ICL_STORAGE_BF16 : ICL_STORAGE_F32;
}

static enum icl_product_rule rule_of(const struct icl_train_spec *spec)
{
    return spec->precision == ICL_PRECISION_TF32 ? ICL_PRODUCT_TF32 : ICL_PRODUCT_F32;
}

static struct icl_device_executor_options executor_options(const struct icl_back_end_source *from)
{
    return (struct icl_device_executor_options){.batch = from->batch,
                                                .rest = from->rest,
                                                .rests = from->rests,
                                                .seed = from->spec->seed,
                                                .norm_epsilon = ICL_TRAIN_NORM_EPSILON,
                                                .norm_momentum = ICL_TRAIN_NORM_MOMENTUM,
                                                .storage = storage_of(from->spec),
                                                .rule = rule_of(from->spec)};
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

/* What the back-end takes on the device beside the network, in bytes. */
struct sizes {
    size_t images[SPLITS], labels[SPLITS], order, batch, fed_batch, side, summary_room, update_room, optimiser;
};

static struct sizes sizes_of(const struct icl_back_end_source *from, const struct icl_device_kernels *call,
                             size_t parameters)
{
    struct sizes s = {0};
    size_t images = 0, stage = 0;
    for (int split = 0; split < SPLITS; split++) {
        const size_t count = icl_data_info(data_of(from, (enum icl_split)split))->count;
        if (count > images) images = count;
        if (!is_resident(from, (enum icl_split)split)) {
            s.fed_batch = from->batch * image_size(from) * sizeof(float);
            continue;
        }
        s.images[split] = count * image_size(from);
        s.labels[split] = count * sizeof(uint32_t);
    }
    for (size_t i = 0; i < from->network->nodes; i++) {
        const struct icl_node *node = &from->network->node[i];
        if (node->kind != ICL_NODE_STAGE) continue;
        const struct icl_shape shape = {from->batch, node->height * node->width, node->channels};
        const size_t room = call->layers.summary_room(&shape);
        if (room > s.summary_room) s.summary_room = room;
        if (stage_size(node) > stage) stage = stage_size(node);
    }
    s.order = images * sizeof(uint32_t);
    s.batch = from->batch * image_size(from) * icl_storage_bytes(storage_of(from->spec));
    s.side = from->batch * stage * sizeof(float);
    s.update_room = call->layers.update_room(parameters);
    s.optimiser = ((size_t)icl_optimise_has_first(from->spec) + (size_t)(from->spec->optimiser == ICL_OPTIMISER_ADAM)) *
                  parameters * sizeof(float);
    return s;
}

icl_status icl_back_end_device_measure(const struct icl_back_end_source *source, struct icl_back_end_memory *memory,
                                       struct icl_error *err)
{
    const struct icl_device_executor_options options = executor_options(source);
    ICL_TRY(icl_device_executor_measure(source->network, &options, source->device, &memory->network, err));
    const struct sizes s = sizes_of(source, source->device->call, source->network->parameter_count);
    memory->on_device = true;
    memory->optimiser = s.optimiser + s.update_room;
    memory->data = s.images[0] + s.images[1] + s.labels[0] + s.labels[1];
    memory->batches = 2 * s.order + s.batch + s.fed_batch + source->batch * sizeof(uint32_t) + s.side + s.summary_room +
                      3 * source->network->stages * sizeof(struct icl_device_summary) +
                      ICL_BACK_END_STEPS * (sizeof(struct icl_device_step) + sizeof(struct icl_device_outcome));
    return ICL_OK;
}

static void free_device(void *state)
{
    struct on_device *d = state;
    if (d == NULL) return;
    for (size_t i = 0; i < MOST_SIZES; i++)
        d->call->graph_release(d->device, d->recorded[i].graph);
    icl_device_executor_free(d->executor);
    while (d->count > 0)
        d->call->release(d->device, d->taken[--d->count]);
    d->call->release_host(d->device, d->planned);
    d->call->release_host(d->device, d->told);
    for (size_t b = 0; b < FED_BUFFERS; b++) {
        d->call->release_host(d->device, d->fed[b]);
        d->call->release_host(d->device, d->fed_labels[b]);
    }
    free(d->seen);
    free(d->kept.parameters);
    free(d->kept.first);
    free(d->kept.second);
    free(d->kept.running);
    free(d->statistics);
    free(d->sides[0]);
    free(d->sides[1]);
    free(d);
}

/* Device memory that goes with the back-end; zeros if `clear`. */
static icl_status take(struct on_device *d, size_t bytes, bool clear, void *memory, struct icl_error *err)
{
    void *taken;
    ICL_TRY(d->call->take(d->device, bytes, &taken, err));
    d->taken[d->count++] = taken;
    if (clear && taken != NULL) d->call->clear(d->device, taken, bytes);
    memcpy(memory, &taken, sizeof taken);
    return ICL_OK;
}

static icl_status take_on_device(struct on_device *d, struct icl_error *err)
{
    const size_t parameters = icl_device_executor_count(d->executor), steps = ICL_BACK_END_STEPS;
    const struct sizes s = sizes_of(&d->from, d->call, parameters);
    const size_t state = parameters * sizeof(float);
    ICL_TRY(take(d, s.order, false, &d->order, err));
    ICL_TRY(take(d, s.order, false, &d->places, err));
    ICL_TRY(take(d, s.batch, false, &d->batch, err));
    ICL_TRY(take(d, s.fed_batch, false, &d->fed_batch, err));
    ICL_TRY(take(d, d->from.batch * sizeof(uint32_t), false, &d->labels, err));
    ICL_TRY(take(d, steps * sizeof *d->schedule, false, &d->schedule, err));
    ICL_TRY(take(d, sizeof *d->now, true, &d->now, err));
    ICL_TRY(take(d, sizeof *d->place, true, &d->place, err));
    ICL_TRY(take(d, sizeof *d->current, true, &d->current, err));
    ICL_TRY(take(d, steps * sizeof *d->outcomes, true, &d->outcomes, err));
    ICL_TRY(take(d, s.update_room, true, &d->update_room, err));
    ICL_TRY(take(d, s.summary_room, true, &d->summary_room, err));
    ICL_TRY(take(d, 3 * d->from.network->stages * sizeof *d->summaries, false, &d->summaries, err));
    ICL_TRY(take(d, s.side, false, &d->side, err));
    if (icl_optimise_has_first(d->from.spec)) ICL_TRY(take(d, state, true, &d->first, err));
    if (d->from.spec->optimiser == ICL_OPTIMISER_ADAM) ICL_TRY(take(d, state, true, &d->second, err));
    return ICL_OK;
}

static icl_status take_on_host(struct on_device *d, struct icl_error *err)
{
    const struct icl_network *network = d->from.network;
    const size_t steps = ICL_BACK_END_STEPS, count = network->parameter_count, batch = d->from.batch;
    void *memory;
    ICL_TRY(d->call->take_host(d->device, steps * sizeof *d->planned, &memory, err));
    d->planned = memory;
    ICL_TRY(d->call->take_host(d->device, steps * sizeof *d->told, &memory, err));
    d->told = memory;
    for (size_t b = 0; d->fed_batch != NULL && b < FED_BUFFERS; b++) {
        ICL_TRY(d->call->take_host(d->device, batch * image_size(&d->from) * sizeof(float), &memory, err));
        d->fed[b] = memory;
        ICL_TRY(d->call->take_host(d->device, batch * sizeof(uint32_t), &memory, err));
        d->fed_labels[b] = memory;
    }
    d->seen = malloc((3 * network->stages + 1) * sizeof *d->seen);
    d->kept.parameters = calloc(count + 1, sizeof(float));
    d->kept.parameter_count = count;
    if (d->first != NULL) {
        d->kept.first = calloc(count + 1, sizeof(float));
        d->kept.first_count = count;
    }
    if (d->second != NULL) {
        d->kept.second = calloc(count + 1, sizeof(float));
        d->kept.second_count = count;
    }
    d->kept.running = calloc(2 * network->norm_channels + 1, sizeof(double));
    d->kept.running_count = 2 * network->norm_channels;
    d->statistics = calloc(2 * network->norm_channels + 1, sizeof(double));
    const bool all = d->seen != NULL && d->kept.parameters != NULL && d->kept.running != NULL &&
                     d->statistics != NULL && (d->first == NULL || d->kept.first != NULL) &&
                     (d->second == NULL || d->kept.second != NULL);
    return all ? ICL_OK : icl_fail_memory(err, "what a device gives back");
}

/* The images of a split on the device, once for the run. */
static icl_status upload_split(struct on_device *d, enum icl_split split, struct icl_error *err)
{
    const struct icl_data *data = data_of(&d->from, split);
    struct icl_device_images *images = &d->images[split];
    const size_t count = data->info.count, bytes = count * image_size(&d->from);
    void *pixels, *labels;
    if (!is_resident(&d->from, split)) return ICL_OK;
    ICL_TRY(take(d, bytes, false, &pixels, err));
    ICL_TRY(take(d, count * sizeof(uint32_t), false, &labels, err));
    uint32_t *wide = malloc(count * sizeof *wide);
    if (wide == NULL) return icl_fail_memory(err, "labels");
    for (size_t i = 0; i < count; i++)
        wide[i] = icl_data_label(data, i);
    d->call->upload(d->device, data->pixels, bytes, pixels);
    d->call->upload(d->device, wide, count * sizeof *wide, labels);
    *images = (struct icl_device_images){.pixels = pixels,
                                         .labels = labels,
                                         .height = data->info.height,
                                         .width = data->info.width,
                                         .channels = data->info.channels};
    for (size_t c = 0; c < data->info.channels; c++) {
        images->scale[c] = data->scale[c];
        images->shift[c] = data->shift[c];
    }
    free(wide);
    return d->call->finish(d->device, err);
}

/* ---- batches ---------------------------------------------------------------------------------------------------- */

/* The batch of d->now's images into d->batch and d->labels, from a split that lies on the device. order: device memory,
 * NULL: the images themselves. */
static void make_batch(struct on_device *d, enum icl_split split, bool augment, const uint32_t *order, size_t n)
{
    const struct icl_augmentation *a = &d->from.spec->augmentation;
    const struct icl_device_moves moves = {d->from.spec->seed, a->flip, (uint32_t)a->pad};
    const bool moved = augment && (a->flip || a->pad > 0);
    d->call->layers.batch(d->device, &d->images[split], moved ? &moves : NULL, order, d->now, n, d->storage, d->batch,
                          d->labels);
}

/* The host makes a batch in one of its buffers. */
static icl_status feed_host(struct on_device *d, size_t buffer, enum icl_split split, bool augment, size_t epoch,
                            const uint32_t *places, size_t first, size_t n, struct icl_error *err)
{
    return icl_data_batch(data_of(&d->from, split), augment ? &d->from.spec->augmentation : NULL, d->from.spec->seed,
                          (uint32_t)epoch, places == NULL ? NULL : places + first, first, n, d->from.team,
                          d->fed[buffer], d->fed_labels[buffer], err);
}

static void feed_device(struct on_device *d, size_t buffer, size_t n)
{
    const size_t numbers = n * image_size(&d->from);
    void *to = d->storage == ICL_STORAGE_F32 ? d->batch : (void *)d->fed_batch;
    d->call->upload(d->device, d->fed[buffer], numbers * sizeof(float), to);
    d->call->upload(d->device, d->fed_labels[buffer], n * sizeof(uint32_t), d->labels);
    if (to != d->batch)
        d->call->layers.convert(d->device, ICL_STORAGE_F32, d->fed_batch, numbers, d->storage, d->batch);
}

static void upload_order(struct on_device *d, const struct icl_planned_step *step, const uint32_t *order)
{
    if (d->epoch == step->epoch || !is_resident(&d->from, ICL_SPLIT_TRAIN)) return;
    d->call->upload(d->device, order, icl_data_info(d->from.train)->count * sizeof *order, d->order);
    d->epoch = step->epoch;
}

static struct icl_device_batch batch_of(const struct on_device *d, size_t n, double smoothing)
{
    return (struct icl_device_batch){
        .n = n, .images = d->batch, .labels = d->labels, .now = d->now, .smoothing = smoothing, .outcome = d->current};
}

/* The first `count` planned steps become the schedule. */
static void upload_schedule(struct on_device *d, size_t count)
{
    d->call->upload(d->device, d->planned, count * sizeof *d->planned, d->schedule);
    d->call->clear(d->device, d->place, sizeof *d->place);
}

static void next_planned(struct on_device *d)
{
    d->call->layers.advance(d->device, d->schedule, d->place, d->now, d->current);
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

static struct icl_device_step planned_of(const struct on_device *d, const struct icl_planned_step *step, size_t slot)
{
    const double t = (double)step->step + 1;
    return (struct icl_device_step){.step = (uint32_t)step->step,
                                    .epoch = (uint32_t)step->epoch,
                                    .first = (uint32_t)step->first,
                                    .slot = (uint32_t)slot,
                                    .rate = step->rate,
                                    .momentum = step->momentum,
                                    .correction1 = 1 - pow(step->momentum, t),
                                    .correction2 = 1 - pow(d->from.spec->beta2, t)};
}

/* A whole step of n images, from the batch to the outcome, into the queue. */
static icl_status enqueue_step(struct on_device *d, size_t n, struct icl_error *err)
{
    const struct icl_device_layers *layers = &d->call->layers;
    const struct icl_train_spec *spec = d->from.spec;
    const struct icl_device_batch batch = batch_of(d, n, spec->smoothing);
    const struct icl_device_update update = {.adam = spec->optimiser == ICL_OPTIMISER_ADAM,
                                             .decay = spec->decay,
                                             .beta2 = spec->beta2,
                                             .epsilon = spec->epsilon,
                                             .decoupled = spec->decoupled,
                                             .gradient = icl_device_executor_gradient(d->executor),
                                             .first = d->first,
                                             .second = d->second,
                                             .weights = icl_device_executor_parameters(d->executor),
                                             .count = icl_device_executor_count(d->executor)};
    next_planned(d);
    if (is_resident(&d->from, ICL_SPLIT_TRAIN)) make_batch(d, ICL_SPLIT_TRAIN, true, d->order, n);
    ICL_TRY(icl_device_executor_gradient_step(d->executor, &batch, err));
    layers->gradient_norm(d->device, update.gradient, update.count, d->update_room, d->current);
    layers->update(d->device, &update, d->now, d->update_room, d->current);
    layers->settle(d->device, d->now, d->current, d->outcomes);
    return ICL_OK;
}

/* Records the step. What cannot be recorded is done as it comes, step by step, with the same results. */
static icl_status record_step(struct on_device *d, size_t n, struct recorded *r, struct icl_error *err)
{
    struct icl_error failure;
    d->call->record_begin(d->device);
    const icl_status status = enqueue_step(d, n, err);
    r->refused = d->call->record_end(d->device, &r->graph, &failure) != ICL_OK;
    if (status != ICL_OK || !r->refused || d->from.say == NULL) return status;
    char line[sizeof failure.message + 80];
    snprintf(line, sizeof line, "note: steps of %zu images are not recorded: %s", n, failure.message);
    d->from.say(d->from.say_context, line);
    return ICL_OK;
}

/* The same, recorded from the second time on. */
static icl_status do_step(struct on_device *d, size_t n, struct icl_error *err)
{
    struct recorded *r = d->recorded;
    while (r < d->recorded + MOST_SIZES && r->n != 0 && r->n != n)
        r++;
    if (r == d->recorded + MOST_SIZES) return enqueue_step(d, n, err);
    if (r->n == 0) {
        r->n = n;
        return enqueue_step(d, n, err);
    }
    if (r->graph == NULL && !r->refused) ICL_TRY(record_step(d, n, r, err));
    if (r->refused) return enqueue_step(d, n, err);
    d->call->replay(d->device, r->graph);
    return ICL_OK;
}

/* Steps of images that the host makes: the next batch while the device is at work. */
static icl_status make_fed(struct on_device *d, const struct icl_planned_step *steps, size_t count,
                           const uint32_t *order, struct icl_error *err)
{
    ICL_TRY(feed_host(d, 0, ICL_SPLIT_TRAIN, true, steps[0].epoch, order, steps[0].first, steps[0].n, err));
    for (size_t i = 0; i < count; i++) {
        feed_device(d, i % FED_BUFFERS, steps[i].n);
        ICL_TRY(do_step(d, steps[i].n, err));
        icl_status fed = ICL_OK;
        struct icl_error failure;
        if (i + 1 < count)
            fed = feed_host(d, (i + 1) % FED_BUFFERS, ICL_SPLIT_TRAIN, true, steps[i + 1].epoch, order,
                            steps[i + 1].first, steps[i + 1].n, &failure);
        ICL_TRY(d->call->finish(d->device, err));
        if (fed != ICL_OK) return icl_fail(err, fed, "%s", failure.message);
    }
    return ICL_OK;
}

static icl_status make(void *state, const struct icl_planned_step *steps, size_t count, const uint32_t *order,
                       struct icl_step_result *result, size_t *made, struct icl_error *err)
{
    struct on_device *d = state;
    *made = 0;
    upload_order(d, &steps[0], order);
    for (size_t i = 0; i < count; i++)
        d->planned[i] = planned_of(d, &steps[i], i);
    upload_schedule(d, count);
    if (!is_resident(&d->from, ICL_SPLIT_TRAIN)) {
        ICL_TRY(make_fed(d, steps, count, order, err));
    } else {
        for (size_t i = 0; i < count; i++)
            ICL_TRY(do_step(d, steps[i].n, err));
    }
    d->call->download(d->device, d->outcomes, count * sizeof *d->outcomes, d->told);
    ICL_TRY(d->call->finish(d->device, err));
    for (size_t i = 0; i < count; i++) {
        const struct icl_device_outcome *o = &d->told[i];
        result[i] = (struct icl_step_result){.loss = o->loss / (double)steps[i].n,
                                             .correct = (size_t)o->correct,
                                             .gradient_norm = o->gradient_norm,
                                             .weight_norm = o->weight_norm,
                                             .diverged = o->diverged != 0};
        *made = i + 1;
        if (result[i].diverged) break;
    }
    return ICL_OK;
}

/* ---- looking ---------------------------------------------------------------------------------------------------- */

static icl_status summarise_all(struct on_device *d, struct icl_error *err)
{
    const struct icl_network *network = d->from.network;
    const struct icl_summary_ranges r = icl_summary_ranges(d->from.spec->general_relu);
    const struct icl_device_ranges ranges = {r.low, r.high, r.near_low, r.near_high};
    size_t k = 0;
    for (size_t i = 0; i < network->nodes; i++) {
        struct icl_device_stage stage;
        if (network->node[i].kind != ICL_NODE_STAGE) continue;
        ICL_TRY(icl_device_executor_stage(d->executor, i, &stage, err));
        d->call->layers.summarise(d->device, &stage, &ranges, d->summary_room, d->summaries + 3 * k++);
    }
    d->call->download(d->device, d->summaries, 3 * k * sizeof *d->summaries, d->seen);
    return d->call->finish(d->device, err);
}

static icl_status preview(void *state, const struct icl_planned_step *step, const uint32_t *order,
                          struct icl_error *err)
{
    struct on_device *d = state;
    const struct icl_device_batch batch = batch_of(d, step->n, d->from.spec->smoothing);
    upload_order(d, step, order);
    d->planned[0] = planned_of(d, step, 0);
    upload_schedule(d, 1);
    next_planned(d);
    if (is_resident(&d->from, ICL_SPLIT_TRAIN)) {
        make_batch(d, ICL_SPLIT_TRAIN, true, d->order, step->n);
    } else {
        ICL_TRY(feed_host(d, 0, ICL_SPLIT_TRAIN, true, step->epoch, order, step->first, step->n, err));
        feed_device(d, 0, step->n);
    }
    d->n = step->n;
    ICL_TRY(icl_device_executor_forward(d->executor, ICL_MODE_DROP, &batch, err));
    return summarise_all(d, err);
}

/* Images first .. first+n-1 of a split (of `places`, on the host and on the device, unless NULL) go forward; `slot` of
 * the schedule is theirs. */
static icl_status forward_images(struct on_device *d, enum icl_split split, const uint32_t *places, enum icl_mode mode,
                                 size_t first, size_t n, struct icl_error *err)
{
    const struct icl_device_batch batch = batch_of(d, n, 0);
    next_planned(d);
    if (is_resident(&d->from, split)) {
        make_batch(d, split, false, places == NULL ? NULL : d->places, n);
    } else {
        ICL_TRY(feed_host(d, 0, split, false, 0, places, first, n, err));
        feed_device(d, 0, n);
        ICL_TRY(d->call->finish(d->device, err)); /* the buffer is filled anew by the next call */
    }
    d->n = n;
    return icl_device_executor_forward(d->executor, mode, &batch, err);
}

static icl_status forward(void *state, enum icl_mode mode, size_t first, size_t n, uint32_t step, struct icl_error *err)
{
    struct on_device *d = state;
    d->planned[0] = (struct icl_device_step){.step = step, .first = (uint32_t)first};
    upload_schedule(d, 1);
    ICL_TRY(forward_images(d, ICL_SPLIT_VALID, NULL, mode, first, n, err));
    return d->call->finish(d->device, err);
}

static icl_status evaluate(void *state, enum icl_split split, const uint32_t *places, size_t count, double *loss,
                           double *accuracy, struct icl_error *err)
{
    struct on_device *d = state;
    const size_t batch = d->from.batch;
    double sum = 0;
    size_t correct = 0;
    if (places != NULL && is_resident(&d->from, split))
        d->call->upload(d->device, places, count * sizeof *places, d->places);
    for (size_t done = 0, steps; done < count; done += steps * batch) {
        const size_t left = (count - done + batch - 1) / batch;
        steps = left < ICL_BACK_END_STEPS ? left : ICL_BACK_END_STEPS;
        for (size_t i = 0; i < steps; i++)
            d->planned[i] = (struct icl_device_step){.first = (uint32_t)(done + i * batch), .slot = (uint32_t)i};
        upload_schedule(d, steps);
        for (size_t i = 0; i < steps; i++) {
            const size_t first = done + i * batch, n = count - first < batch ? count - first : batch;
            ICL_TRY(forward_images(d, split, places, ICL_MODE_EVALUATE, first, n, err));
            d->call->layers.settle(d->device, d->now, d->current, d->outcomes);
        }
        d->call->download(d->device, d->outcomes, steps * sizeof *d->outcomes, d->told);
        ICL_TRY(d->call->finish(d->device, err));
        for (size_t i = 0; i < steps; i++) {
            sum += d->told[i].loss;
            correct += (size_t)d->told[i].correct;
        }
    }
    *loss = sum / (double)count;
    *accuracy = (double)correct / (double)count;
    return ICL_OK;
}

static icl_status summaries(void *state, icl_node_id stage, struct icl_summary three[3], struct icl_error *err)
{
    const struct on_device *d = state;
    size_t k = 0;
    (void)err;
    for (size_t i = 0; i < stage; i++)
        k += d->from.network->node[i].kind == ICL_NODE_STAGE;
    for (size_t p = 0; p < 3; p++) {
        const struct icl_device_summary *s = &d->seen[3 * k + p];
        three[p] = (struct icl_summary){
            .sum = s->sum, .square = s->square, .near = s->near, .count = s->count, .least = s->least, .most = s->most};
        for (size_t b = 0; b < ICL_HISTOGRAM_BINS; b++)
            three[p].histogram[b] = s->histogram[b];
    }
    return ICL_OK;
}

static icl_status sides(void *state, icl_node_id node, const float **before, const float **after, struct icl_error *err)
{
    struct on_device *d = state;
    struct icl_device_stage stage;
    const size_t count = d->n * stage_size(&d->from.network->node[node]);
    for (int side = 0; side < 2; side++) {
        float *grown = realloc(d->sides[side], (count + 1) * sizeof *grown);
        if (grown == NULL) return icl_fail_memory(err, "captured activations");
        d->sides[side] = grown;
    }
    ICL_TRY(icl_device_executor_stage(d->executor, node, &stage, err));
    d->call->layers.stage_probe(d->device, &stage, ICL_TAP_NORM, d->side);
    d->call->download(d->device, d->side, count * sizeof(float), d->sides[0]);
    d->call->layers.convert(d->device, d->storage, stage.y, count, ICL_STORAGE_F32, d->side);
    d->call->download(d->device, d->side, count * sizeof(float), d->sides[1]);
    *before = d->sides[0];
    *after = d->sides[1];
    return d->call->finish(d->device, err);
}

static icl_status batch_statistics(void *state, const double **statistics, struct icl_error *err)
{
    struct on_device *d = state;
    icl_device_executor_get_batch_statistics(d->executor, d->statistics);
    *statistics = d->statistics;
    return d->call->finish(d->device, err);
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------ */

static struct icl_train_arrays arrays(void *state)
{
    return ((struct on_device *)state)->kept;
}

static icl_status fetch(void *state, struct icl_error *err)
{
    struct on_device *d = state;
    icl_device_executor_get(d->executor, icl_device_executor_parameters(d->executor), d->kept.parameters);
    if (d->first != NULL) icl_device_executor_get(d->executor, d->first, d->kept.first);
    if (d->second != NULL) icl_device_executor_get(d->executor, d->second, d->kept.second);
    icl_device_executor_get_running(d->executor, d->kept.running);
    return d->call->finish(d->device, err);
}

static icl_status send(void *state, struct icl_error *err)
{
    struct on_device *d = state;
    icl_device_executor_put(d->executor, d->kept.parameters, icl_device_executor_parameters(d->executor));
    if (d->first != NULL) icl_device_executor_put(d->executor, d->kept.first, d->first);
    if (d->second != NULL) icl_device_executor_put(d->executor, d->kept.second, d->second);
    icl_device_executor_put_running(d->executor, d->kept.running);
    return d->call->finish(d->device, err);
}

static const struct icl_back_end_calls calls = {
    .free = free_device,
    .make = make,
    .most_steps = ICL_BACK_END_STEPS,
    .preview = preview,
    .forward = forward,
    .evaluate = evaluate,
    .summaries = summaries,
    .sides = sides,
    .batch_statistics = batch_statistics,
    .arrays = arrays,
    .fetch = fetch,
    .send = send,
};

static icl_status set_up(struct on_device *d, struct icl_error *err)
{
    const struct icl_device_executor_options options = executor_options(&d->from);
    ICL_TRY(icl_device_executor_create(d->from.network, &options, d->device, &d->executor, err));
    ICL_TRY(take_on_device(d, err));
    ICL_TRY(take_on_host(d, err));
    for (int split = 0; split < SPLITS; split++)
        ICL_TRY(upload_split(d, (enum icl_split)split, err));
    /* Running statistics begin as the executor has them. */
    return fetch(d, err);
}

icl_status icl_back_end_device_create(const struct icl_back_end_source *source, struct icl_back_end *back_end,
                                      struct icl_error *err)
{
    struct on_device *d = calloc(1, sizeof *d);
    if (d == NULL) return icl_fail_memory(err, "a back-end");
    d->from = *source;
    d->device = source->device;
    d->call = source->device->call;
    d->storage = storage_of(source->spec);
    d->epoch = SIZE_MAX;
    const icl_status status = set_up(d, err);
    if (status != ICL_OK) {
        free_device(d);
        return status;
    }
    back_end->call = &calls;
    back_end->state = d;
    snprintf(back_end->kernels, sizeof back_end->kernels, "%s; %s", source->device->facts.name,
             source->device->facts.version);
    return ICL_OK;
}
