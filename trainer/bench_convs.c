#include <stdlib.h>
#include <string.h>

#include "trainer/bench_internal.h"

enum { ALIGNMENT = 64 };

struct layer {
    const struct icl_node *node;
    struct icl_conv *conv;
    bool reads_images; /* no gradient of the input is needed */
    float *weights;    /* zeros would be quick nowhere, but are no weights: small and all alike */
    void *packed;
};

/* What a thread needs for itself. */
struct space {
    void *scratch, *gradient; /* the gradient of the largest layer serves all */
    struct icl_error error;   /* of its first failed call */
};

struct bench_convs {
    const struct icl_conv_kernels *kernels;
    struct icl_team *team;
    size_t batch, tile, layers, gradient_bytes;
    struct layer *layer;
    struct space *space;
    /* The largest input and output of all layers, of the whole batch, and their gradients. */
    float *x, *y, *dx, *dy;
};

static void *aligned(size_t bytes)
{
    const size_t rounded = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    void *memory = aligned_alloc(ALIGNMENT, rounded);
    if (memory != NULL) memset(memory, 0, rounded);
    return memory;
}

/* Values around 0 without pattern, none of them subnormal. */
static float *values(size_t count)
{
    float *value = aligned(count * sizeof *value);
    if (value == NULL) return NULL;
    uint32_t state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * UINT32_C(1664525) + UINT32_C(1013904223); /* Numerical Recipes' generator */
        value[i] = ((float)(state >> 16) - 32767.5F) / 65536;
    }
    return value;
}

void bench_convs_free(struct bench_convs *convs)
{
    if (convs == NULL) return;
    for (size_t i = 0; i < convs->layers && convs->layer != NULL; i++) {
        convs->kernels->release(convs->layer[i].conv);
        free(convs->layer[i].weights);
        free(convs->layer[i].packed);
    }
    for (unsigned w = 0; w < icl_team_size(convs->team) && convs->space != NULL; w++) {
        free(convs->space[w].scratch);
        free(convs->space[w].gradient);
    }
    free(convs->layer);
    free(convs->space);
    free(convs->x);
    free(convs->y);
    free(convs->dx);
    free(convs->dy);
    free(convs);
}

static size_t input_size(const struct icl_conv_shape *shape)
{
    return shape->height * shape->width * shape->in;
}

static size_t output_size(const struct icl_conv_shape *shape)
{
    return shape->out_height * shape->out_width * shape->out;
}

static size_t weight_count(const struct icl_conv_shape *shape)
{
    return shape->out * shape->window * shape->window * shape->in;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Plans every convolution; *scratch bytes of the largest. */
static icl_status plan_layers(struct bench_convs *convs, const struct icl_network *network, size_t *scratch,
                              struct icl_error *err)
{
    const size_t last = convs->batch % convs->tile, images[] = {convs->tile, last};
    for (size_t v = 0, i = 0; v < network->nodes; v++) {
        const struct icl_node *node = &network->node[v];
        if (node->kind != ICL_NODE_CONV) continue;
        struct layer *layer = &convs->layer[i++];
        layer->node = node;
        layer->reads_images = network->node[node->input[0]].kind == ICL_NODE_INPUT;
        ICL_TRY(convs->kernels->plan(&node->conv, images, last == 0 ? 1 : 2, !layer->reads_images, &layer->conv, err));
        const struct icl_conv_sizes sizes = convs->kernels->sizes(layer->conv);
        layer->weights = values(weight_count(&node->conv));
        layer->packed = aligned(sizes.packed);
        if (layer->weights == NULL || layer->packed == NULL) return icl_fail_memory(err, "a benchmark");
        *scratch = larger(*scratch, sizes.scratch);
        convs->gradient_bytes = larger(convs->gradient_bytes, sizes.gradient);
    }
    return ICL_OK;
}

static icl_status take_memory(struct bench_convs *convs, size_t scratch, struct icl_error *err)
{
    size_t in = 0, out = 0;
    bool all = true;
    for (size_t i = 0; i < convs->layers; i++) {
        in = larger(in, input_size(&convs->layer[i].node->conv));
        out = larger(out, output_size(&convs->layer[i].node->conv));
    }
    for (unsigned w = 0; w < icl_team_size(convs->team); w++) {
        struct space *space = &convs->space[w];
        space->scratch = aligned(scratch);
        space->gradient = aligned(convs->gradient_bytes);
        all = all && space->scratch != NULL && space->gradient != NULL;
    }
    convs->x = values(convs->batch * in);
    convs->y = values(convs->batch * out);
    convs->dx = values(convs->batch * in);
    convs->dy = values(convs->batch * out);
    all = all && convs->x != NULL && convs->y != NULL && convs->dx != NULL && convs->dy != NULL;
    return all ? ICL_OK : icl_fail_memory(err, "a benchmark");
}

static size_t count_convs(const struct icl_network *network)
{
    size_t count = 0;
    for (size_t v = 0; v < network->nodes; v++)
        count += network->node[v].kind == ICL_NODE_CONV;
    return count;
}

icl_status bench_convs_create(const struct icl_network *network, size_t batch, size_t tile, struct icl_team *team,
                              struct bench_convs **convs, struct icl_error *err)
{
    struct bench_convs *made = calloc(1, sizeof *made);
    if (made == NULL) return icl_fail_memory(err, "a benchmark");
    *made = (struct bench_convs){.kernels = &icl_kernels()->conv,
                                 .team = team,
                                 .batch = batch,
                                 .tile = tile < batch ? tile : batch,
                                 .layers = count_convs(network)};
    made->layer = calloc(made->layers + 1, sizeof *made->layer);
    made->space = calloc(icl_team_size(team), sizeof *made->space);
    size_t scratch = 0;
    icl_status status = made->layer != NULL && made->space != NULL ? ICL_OK : icl_fail_memory(err, "a benchmark");
    if (status == ICL_OK) status = plan_layers(made, network, &scratch, err);
    if (status == ICL_OK) status = take_memory(made, scratch, err);
    if (status == ICL_OK)
        *convs = made;
    else
        bench_convs_free(made);
    return status;
}

static icl_status forward(const struct bench_convs *c, const struct layer *layer, size_t first, size_t images,
                          struct space *space, struct icl_error *err)
{
    const struct icl_conv_shape *shape = &layer->node->conv;
    const float *bias = shape->bias ? layer->weights : NULL; /* any numbers do */
    return c->kernels->forward(layer->conv, images, c->x + first * input_size(shape), layer->packed, bias,
                               c->y + first * output_size(shape), space->scratch, err);
}

static icl_status backward(const struct bench_convs *c, const struct layer *layer, size_t first, size_t images,
                           struct space *space, struct icl_error *err)
{
    const struct icl_conv_shape *shape = &layer->node->conv;
    const float *x = c->x + first * input_size(shape), *dy = c->dy + first * output_size(shape);
    ICL_TRY(c->kernels->backward_weights(layer->conv, images, x, dy, space->gradient, space->scratch, err));
    if (layer->reads_images) return ICL_OK;
    return c->kernels->backward_data(layer->conv, images, dy, layer->packed, c->dx + first * input_size(shape),
                                     space->scratch, err);
}

static icl_status run_tile(const struct bench_convs *c, size_t first, size_t images, struct space *space,
                           struct icl_error *err)
{
    for (size_t i = 0; i < c->layers; i++)
        ICL_TRY(forward(c, &c->layer[i], first, images, space, err));
    for (size_t i = c->layers; i-- > 0;)
        ICL_TRY(backward(c, &c->layer[i], first, images, space, err));
    return ICL_OK;
}

static void work(void *context, unsigned worker)
{
    const struct bench_convs *c = context;
    struct space *space = &c->space[worker];
    const size_t tiles = (c->batch + c->tile - 1) / c->tile, threads = icl_team_size(c->team);
    memset(space->gradient, 0, c->gradient_bytes);
    for (size_t t = worker * tiles / threads; t < (worker + 1) * tiles / threads; t++) {
        const size_t first = t * c->tile, left = c->batch - first, images = left < c->tile ? left : c->tile;
        struct icl_error err = {0};
        const icl_status status = run_tile(c, first, images, space, &err);
        if (status == ICL_OK) continue;
        space->error = err;
        space->error.status = status;
        return;
    }
}

icl_status bench_convs_run(struct bench_convs *convs, struct icl_error *err)
{
    for (size_t i = 0; i < convs->layers; i++) {
        struct layer *layer = &convs->layer[i];
        ICL_TRY(convs->kernels->pack(layer->conv, layer->weights, layer->packed, convs->space[0].scratch, err));
    }
    for (unsigned w = 0; w < icl_team_size(convs->team); w++)
        convs->space[w].error = (struct icl_error){0};
    icl_team_run(convs->team, work, convs);
    for (unsigned w = 0; w < icl_team_size(convs->team); w++) {
        const struct icl_error *error = &convs->space[w].error;
        if (error->status != ICL_OK) return icl_fail(err, error->status, "%s", error->message);
    }
    return ICL_OK;
}

double bench_convs_multiply_adds(const struct icl_network *network)
{
    double sum = 0;
    for (size_t v = 0; v < network->nodes; v++) {
        const struct icl_node *node = &network->node[v];
        if (node->kind != ICL_NODE_CONV) continue;
        const double once = (double)weight_count(&node->conv) * (double)(node->conv.out_height * node->conv.out_width);
        sum += (network->node[node->input[0]].kind == ICL_NODE_INPUT ? 2 : 3) * once;
    }
    return sum;
}
