/* The activations of a trained network's stages, as it is evaluated. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/trained_network_internal.h"

enum { BATCH = 500 };
static const double EPSILON = 1e-5; /* of the batch norms */

/* What is open while a network is measured. */
struct opened_run {
    struct icl_data *data;
    struct icl_trained trained;
    struct icl_team *team;
    struct icl_executor *executor;
    float *images;
    uint32_t *labels;
};

static void close_run(struct opened_run *s)
{
    icl_executor_free(s->executor);
    icl_team_free(s->team);
    icl_trained_free(&s->trained);
    icl_data_close(s->data);
    free(s->images);
    free(s->labels);
}

static icl_status open_run(struct opened_run *s, const char *folder, const char *root, unsigned threads, size_t batch,
                           bool inference, struct icl_error *err)
{
    struct icl_train_spec spec;
    *s = (struct opened_run){0};
    ICL_TRY(icl_trained_spec(folder, &spec, err));
    ICL_TRY(icl_data_open(spec.data, ICL_SPLIT_VALID, spec.valid_limit, spec.size, root, &s->data, err));
    const struct icl_data_info *info = icl_data_info(s->data);
    ICL_TRY(icl_trained_read(folder, info, &s->trained, err));
    ICL_TRY(icl_team_create(threads, &s->team, err));
    const struct icl_executor_options options = {.batch = batch,
                                                 .seed = spec.seed,
                                                 .norm_epsilon = EPSILON,
                                                 .norm_momentum = .1,
                                                 .inference = inference,
                                                 .keep = true};
    ICL_TRY(icl_trained_executor(&s->trained, &options, s->team, &s->executor, err));
    s->images = malloc(batch * info->height * info->width * info->channels * sizeof *s->images);
    s->labels = malloc(batch * sizeof *s->labels);
    return s->images != NULL && s->labels != NULL ? ICL_OK : icl_fail_memory(err, "a batch of images");
}

/* ---- stages --------------------------------------------------------------------------------------------------- */

/* Whether a dropout stands somewhere before the node. */
static bool behind_drop(const struct icl_network *network, icl_node_id node)
{
    for (int i = 0; i < 2; i++) {
        const icl_node_id input = network->node[node].input[i];
        if (input == ICL_NO_NODE) continue;
        const struct icl_node *n = &network->node[input];
        if ((n->kind == ICL_NODE_STAGE && n->drop > 0) || behind_drop(network, input)) return true;
    }
    return false;
}

/* The nodes of the stages that are looked at. */
static size_t choose_stages(const struct icl_network *network, icl_node_id chosen[MOST_STAGES])
{
    size_t count = 0;
    for (icl_node_id n = 0; n < network->nodes && count < MOST_STAGES; n++) {
        const struct icl_node *node = &network->node[n];
        if (node->kind == ICL_NODE_STAGE && node->norm == ICL_NORM_AFTER && node->drop > 0) chosen[count++] = n;
    }
    return count;
}

static icl_status make_activations(const struct opened_run *s, const icl_node_id *chosen, size_t count,
                                   struct icl_activation *activation, struct icl_error *err)
{
    const size_t samples = icl_data_info(s->data)->count;
    for (size_t k = 0; k < count; k++) {
        const struct icl_node *node = &s->trained.network.node[chosen[k]];
        activation[k] = (struct icl_activation){samples, node->height, node->width, node->channels, NULL};
        activation[k].data = malloc(samples * node->height * node->width * node->channels * sizeof(float));
        if (activation[k].data == NULL) return icl_fail_memory(err, "the activations of a trained network");
    }
    return ICL_OK;
}

static icl_status evaluate(struct opened_run *s, const icl_node_id *chosen, size_t count,
                           struct icl_activation *activation, struct trained_network *network, struct icl_error *err)
{
    network->images = icl_data_info(s->data)->count;
    for (size_t first = 0; first < network->images; first += BATCH) {
        const size_t n = network->images - first < BATCH ? network->images - first : BATCH;
        struct icl_batch_result result;
        ICL_TRY(icl_data_batch(s->data, NULL, 0, 0, NULL, first, n, s->team, s->images, s->labels, err));
        ICL_TRY(icl_executor_forward(s->executor, ICL_MODE_EVALUATE, s->images, s->labels, n, 0, 0, &result, err));
        network->correct += result.correct;
        for (size_t k = 0; k < count; k++) {
            const struct icl_activation *a = &activation[k];
            ICL_TRY(icl_executor_probe(s->executor, chosen[k], ICL_TAP_RELU,
                                       a->data + first * a->height * a->width * a->channels, err));
        }
    }
    return ICL_OK;
}

/* Level 0: the mean over the channels of the log ratio of the running variance to that of the block vector. */
static void log_ratio(const struct icl_series *series, const double *mean, double *level)
{
    const struct trained_stage *stage = series->context;
    double sum = 0;
    for (size_t c = 0; c < stage->channels; c++) {
        const double variance = fmax(mean[stage->channels + c] - mean[c] * mean[c], 0);
        sum += log((stage->running_variance[c] + EPSILON) / (variance + EPSILON));
    }
    *level = sum / (double)stage->channels;
}

double trained_variance_ratio(const double *level, size_t levels, const void *context)
{
    (void)levels;
    (void)context;
    return exp(level[0]);
}

static icl_status fill_variance(struct trained_stage *stage, const struct icl_activation *a, size_t blocks,
                                struct icl_error *err)
{
    const size_t images = a->samples / blocks, places = a->height * a->width, channels = a->channels;
    stage->variance = (struct icl_series){.estimator = "moments",
                                          .kind = ICL_KIND_DIRECT,
                                          .blocks = blocks,
                                          .size = 2 * channels,
                                          .n = blocks * images,
                                          .levels = 1,
                                          .to_levels = log_ratio,
                                          .context = stage};
    ICL_TRY(icl_series_alloc(&stage->variance, err));
    for (size_t b = 0; b < blocks; b++) {
        double *block = stage->variance.block + b * 2 * channels;
        const float *row = a->data + b * images * places * channels;
        for (size_t r = 0; r < images * places; r++, row += channels) {
            for (size_t c = 0; c < channels; c++) {
                block[c] += (double)row[c];
                block[channels + c] += (double)row[c] * (double)row[c];
            }
        }
        for (size_t c = 0; c < 2 * channels; c++)
            block[c] /= (double)(images * places);
    }
    return ICL_OK;
}

/* Takes ownership of `activation`. */
static icl_status make_stage(struct trained_stage *stage, const struct opened_run *s, icl_node_id id, uint32_t number,
                             struct icl_activation *activation, uint64_t seed, size_t blocks, struct icl_error *err)
{
    const struct icl_network *network = &s->trained.network;
    const struct icl_node *node = &network->node[id];
    const size_t channels = node->channels;
    const float *parameters = s->trained.parameters;
    const double *mean = s->trained.running + node->norm_offset, *variance = mean + network->norm_channels;
    snprintf(stage->name, sizeof stage->name, "%s", node->name);
    stage->behind_drop = behind_drop(network, id);
    stage->channels = channels;
    stage->running_variance = malloc(channels * sizeof *stage->running_variance);
    float *coefficients = malloc(2 * channels * sizeof *coefficients);
    icl_status status =
        stage->running_variance != NULL && coefficients != NULL ? ICL_OK : icl_fail_memory(err, "a stage");
    if (status == ICL_OK) {
        memcpy(stage->running_variance, variance, channels * sizeof *variance);
        icl_bn_coefficients(mean, variance, parameters + network->parameter[node->scale].offset,
                            parameters + network->parameter[node->shift].offset, EPSILON, channels, coefficients,
                            coefficients + channels);
        status = fill_variance(stage, activation, blocks, err);
    }
    struct icl_error idle = {ICL_OK, ""}; /* too few active units: no pairs of this stage, but no failure */
    if (status == ICL_OK) {
        const icl_status made = icl_neurons_create_trained(&stage->neurons, activation, coefficients,
                                                           coefficients + channels, number, seed, blocks, &idle);
        stage->has_neurons = made == ICL_OK;
        if (made != ICL_OK && made != ICL_ERR_INPUT) status = icl_fail(err, made, "%s", idle.message);
    }
    free(coefficients);
    return status;
}

icl_status trained_network_measure(const char *folder, const char *root, uint64_t seed, size_t blocks, unsigned threads,
                                   struct trained_network *network, struct icl_error *err)
{
    struct opened_run s;
    struct icl_activation activation[MOST_STAGES] = {0};
    icl_node_id chosen[MOST_STAGES];
    *network = (struct trained_network){0};
    icl_status status = open_run(&s, folder, root, threads, BATCH, true, err);
    if (status == ICL_OK) {
        network->spec = s.trained.spec;
        network->stages = choose_stages(&s.trained.network, chosen);
        status = make_activations(&s, chosen, network->stages, activation, err);
    }
    if (status == ICL_OK) status = evaluate(&s, chosen, network->stages, activation, network, err);
    if (status == ICL_OK && network->images < 2 * blocks)
        status = icl_fail(err, ICL_ERR_INPUT, "%s: %zu validation images are too few", folder, network->images);
    for (size_t k = 0; k < network->stages && status == ICL_OK; k++)
        status = make_stage(&network->stage[k], &s, chosen[k], (uint32_t)k + 1, &activation[k], seed, blocks, err);
    for (size_t k = 0; k < MOST_STAGES; k++)
        icl_activation_free(&activation[k]);
    close_run(&s);
    if (status != ICL_OK) trained_network_free(network);
    return status;
}

void trained_network_free(struct trained_network *network)
{
    for (size_t k = 0; k < network->stages; k++) {
        icl_neurons_free(&network->stage[k].neurons);
        icl_series_free(&network->stage[k].variance);
        free(network->stage[k].running_variance);
    }
    *network = (struct trained_network){0};
}

/* ---- gradients ------------------------------------------------------------------------------------------------ */

double sign_agreement(const float *gradient, size_t count)
{
    double up = 0, down = 0;
    for (size_t i = 0; i < count; i++) {
        up += gradient[i] > 0;
        down += gradient[i] < 0;
    }
    const double n = up + down;
    return n < 2 ? NAN : (up * (up - 1) + down * (down - 1)) / (n * (n - 1));
}

double input_shift(const float *input, size_t rows, size_t channels)
{
    double sum = 0, count = 0;
    for (size_t c = 0; c < channels; c++) {
        double total = 0, squares = 0;
        for (size_t r = 0; r < rows; r++)
            total += (double)input[r * channels + c];
        const double mean = total / (double)rows;
        for (size_t r = 0; r < rows; r++)
            squares += ((double)input[r * channels + c] - mean) * ((double)input[r * channels + c] - mean);
        if (!(squares > 0)) continue;
        sum += fabs(mean) / sqrt(squares / (double)rows);
        count += 1;
    }
    return count > 0 ? sum / count : NAN;
}

/* Mean over the output units of a weight layer. */
static double layer_agreement(const float *gradient, size_t units, size_t weights)
{
    double sum = 0, count = 0;
    for (size_t u = 0; u < units; u++) {
        const double one = sign_agreement(gradient + u * weights, weights);
        if (isnan(one)) continue;
        sum += one;
        count += 1;
    }
    return count > 0 ? sum / count : NAN;
}

/* The weight layers whose input is not the images. */
static size_t choose_layers(const struct icl_network *network, icl_node_id chosen[MOST_WEIGHT_LAYERS])
{
    size_t count = 0;
    for (icl_node_id n = 0; n < network->nodes && count < MOST_WEIGHT_LAYERS; n++) {
        const struct icl_node *node = &network->node[n];
        if (node->kind == ICL_NODE_CONV && network->node[node->input[0]].kind != ICL_NODE_INPUT) chosen[count++] = n;
    }
    return count;
}

static icl_status fill_block(struct opened_run *s, const icl_node_id *chosen, struct gradient_signs *signs, size_t b,
                             size_t batch, struct icl_error *err)
{
    const struct icl_network *network = &s->trained.network;
    double *block = signs->series.block + b * signs->series.size;
    struct icl_batch_result result;
    ICL_TRY(icl_data_batch(s->data, NULL, 0, 0, NULL, b * batch, batch, s->team, s->images, s->labels, err));
    ICL_TRY(icl_executor_gradient_step(s->executor, s->images, s->labels, batch, (uint32_t)b, s->trained.spec.smoothing,
                                       &result, err));
    const float *gradient = icl_executor_gradient(s->executor);
    for (size_t l = 0; l < signs->layers; l++) {
        const struct icl_node *node = &network->node[chosen[l]], *input = &network->node[node->input[0]];
        const struct icl_parameter *weight = &network->parameter[node->weight];
        const float *values = icl_executor_output(s->executor, node->input[0]);
        if (values == NULL) return icl_fail(err, ICL_ERR_NUMERIC, "%s: its input has gone", node->name);
        block[l] = layer_agreement(gradient + weight->offset, node->channels, weight->count / node->channels);
        block[signs->layers + l] = input_shift(values, batch * input->height * input->width, input->channels);
    }
    return ICL_OK;
}

icl_status gradient_signs_measure(const char *folder, const char *root, size_t blocks, unsigned threads,
                                  struct gradient_signs *signs, struct icl_error *err)
{
    struct opened_run s;
    icl_node_id chosen[MOST_WEIGHT_LAYERS];
    *signs = (struct gradient_signs){0};
    icl_status status = open_run(&s, folder, root, threads, GRADIENT_BATCH, false, err);
    if (status == ICL_OK) {
        const struct icl_network *network = &s.trained.network;
        const size_t images = icl_data_info(s.data)->count / blocks;
        const size_t batch = images < GRADIENT_BATCH ? images : GRADIENT_BATCH;
        signs->layers = choose_layers(network, chosen);
        for (size_t l = 0; l < signs->layers; l++) {
            const struct icl_node *node = &network->node[chosen[l]];
            snprintf(signs->layer[l].name, sizeof signs->layer[l].name, "%s", node->name);
            signs->layer[l].weights = network->parameter[node->weight].count / node->channels;
        }
        signs->series = (struct icl_series){.estimator = "gradients",
                                            .kind = ICL_KIND_DIRECT,
                                            .blocks = blocks,
                                            .size = 2 * signs->layers,
                                            .levels = 2 * signs->layers,
                                            .n = blocks * batch};
        status = icl_series_alloc(&signs->series, err);
        for (size_t b = 0; b < blocks && status == ICL_OK; b++)
            status = fill_block(&s, chosen, signs, b, batch, err);
    }
    close_run(&s);
    if (status != ICL_OK) gradient_signs_free(signs);
    return status;
}

void gradient_signs_free(struct gradient_signs *signs)
{
    icl_series_free(&signs->series);
    *signs = (struct gradient_signs){0};
}
