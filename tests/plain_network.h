/* Networks evaluated plainly in double, node after node by the reference layers: what the executor is tested against.
 * Include after cmocka.h. */
#ifndef ICLAB_TESTS_PLAIN_NETWORK_H
#define ICLAB_TESTS_PLAIN_NETWORK_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "trainer/executor.h"

/* The batch and the options of the executor. */
struct plain_setting {
    const float *images;
    const uint32_t *labels;
    size_t samples, classes;
    uint64_t seed;
    uint32_t step;
    double epsilon, smoothing;
};

struct plain {
    const struct icl_network *net;
    struct plain_setting set;
    double *parameter;
    double **output;
    double *mean, *var; /* by norm_offset */
};

static inline size_t elements(const struct icl_node *node)
{
    return node->height * node->width * node->channels;
}

static inline double *plain_room(size_t count)
{
    double *room = calloc(count + 1, sizeof *room);
    assert_non_null(room);
    return room;
}

static inline void plain_open(struct plain *p, const struct icl_network *net, const struct plain_setting *set)
{
    *p = (struct plain){.net = net, .set = *set};
    p->mean = plain_room(net->norm_channels);
    p->var = plain_room(net->norm_channels);
    p->output = calloc(net->nodes, sizeof *p->output);
    assert_non_null(p->output);
    p->parameter = plain_room(net->parameter_count);
    for (size_t v = 0; v < net->nodes; v++)
        p->output[v] = plain_room(set->samples * elements(&net->node[v]));
}

static inline void plain_close(struct plain *p)
{
    for (size_t v = 0; v < p->net->nodes; v++)
        free(p->output[v]);
    free(p->output);
    free(p->mean);
    free(p->var);
    free(p->parameter);
}

static inline void plain_stage(struct plain *p, const struct icl_node *node, double *y, enum icl_mode mode)
{
    const struct icl_layers_f64 *layers = &icl_layers_reference_f64;
    const size_t channels = node->channels;
    const struct icl_mask mask = {
        {p->set.seed, node->gate == ICL_GATE_GAUSSIAN ? ICL_PURPOSE_NOISE : ICL_PURPOSE_MASK, node->layer, p->set.step},
        node->gate,
        1.0 - node->drop,
        true};
    const bool dropout = (mode == ICL_MODE_TRAIN || mode == ICL_MODE_DROP) && node->drop > 0.0;
    const struct icl_stage stage = {node->norm,
                                    node->act,
                                    node->tap,
                                    {p->set.samples, node->height * node->width, channels},
                                    dropout ? &mask : NULL};
    double *scale = plain_room(channels), *shift = plain_room(channels);
    double *sum = plain_room(channels), *square = plain_room(channels);
    struct icl_stage_data_f64 data = {
        .samples = p->set.samples, .x = p->output[node->input[0]], .scale = scale, .shift = shift, .y = y};
    if (node->input[1] != ICL_NO_NODE) data.add = p->output[node->input[1]];
    if (node->tap_node != ICL_NO_NODE) data.tap = p->output[node->tap_node];
    if (node->norm != ICL_NORM_ABSENT) {
        double *mean = p->mean + node->norm_offset, *var = p->var + node->norm_offset;
        const double rows = (double)(p->set.samples * node->height * node->width);
        layers->stage_sums(&stage, &data, sum, square);
        for (size_t c = 0; c < channels; c++) {
            if (mode != ICL_MODE_EVALUATE) {
                mean[c] = sum[c] / rows;
                var[c] = square[c] / rows - mean[c] * mean[c];
            }
            scale[c] = p->parameter[p->net->parameter[node->scale].offset + c] / sqrt(var[c] + p->set.epsilon);
            shift[c] = p->parameter[p->net->parameter[node->shift].offset + c] - scale[c] * mean[c];
        }
    }
    layers->stage_forward(&stage, &data);
    free(scale);
    free(shift);
    free(sum);
    free(square);
}

/* The mean loss; outputs of all nodes in p->output. EVALUATE uses the mean and var that stand in p. */
static inline double plain_loss(struct plain *p, enum icl_mode mode)
{
    const struct icl_layers_f64 *layers = &icl_layers_reference_f64;
    for (size_t v = 0; v < p->net->nodes; v++) {
        const struct icl_node *node = &p->net->node[v];
        double *y = p->output[v];
        const double *x = v == 0 ? NULL : p->output[node->input[0]];
        switch (node->kind) {
        case ICL_NODE_INPUT:
            for (size_t i = 0; i < p->set.samples * elements(node); i++)
                y[i] = (double)p->set.images[i];
            break;
        case ICL_NODE_CONV: {
            const double *bias = node->bias == SIZE_MAX ? NULL : p->parameter + p->net->parameter[node->bias].offset;
            layers->conv_forward(&node->conv, p->set.samples, x, p->parameter + p->net->parameter[node->weight].offset,
                                 bias, y);
            break;
        }
        case ICL_NODE_STAGE:
            plain_stage(p, node, y, mode);
            break;
        case ICL_NODE_TAP:
            break;
        case ICL_NODE_ADD:
            layers->add(x, p->output[node->input[1]], p->set.samples * elements(node), y);
            break;
        case ICL_NODE_MAX_POOL:
            layers->max_pool_forward(&node->pool, p->set.samples, x, y, NULL);
            break;
        case ICL_NODE_AVERAGE_POOL:
            layers->average_pool_forward(&node->pool, p->set.samples, x, y);
            break;
        }
    }
    double loss = 0.0;
    size_t correct = 0;
    layers->cross_entropy(p->output[p->net->output], p->set.labels, p->set.samples, p->set.classes, p->set.smoothing,
                          1.0, NULL, &loss, &correct);
    return loss / (double)p->set.samples;
}

#endif
