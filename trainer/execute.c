/* The team's walk through a program: phase after phase, lane after lane, tile after tile. */
#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "kernels/shared/norm.h"
#include "trainer/executor_internal.h"

enum { CHUNK = 1 << 14 /* floats of a lane's gradient that are added up in one piece of work */ };

/* ---- tiles ------------------------------------------------------------------------------------------------------ */

static void run_tile(struct icl_executor *e, const struct phase *phase, const struct tile *tile)
{
    for (size_t o = phase->first; o < phase->end; o++) {
        const struct operation *op = &e->call.program->operation[o];
        const double start = e->options.profile ? icl_clock_seconds() : 0.0;
        struct icl_error err = {0};
        const icl_status status = operation_run(e, op, tile, &err);
        if (e->options.profile) tile->space->seconds[op->kind] += icl_clock_seconds() - start;
        if (status != ICL_OK && tile->lane->error.status == ICL_OK) {
            tile->lane->error = err;
            tile->lane->error.status = status;
        }
    }
}

/* Whole tiles first; what is left of the last one in powers of two. */
static void run_lane(struct icl_executor *e, const struct phase *phase, size_t number, struct worker_space *space)
{
    const size_t n = e->call.n, size = e->cpu.tile, tiles = (n + size - 1) / size, lanes = e->cpu.lanes;
    const size_t begin = number * tiles / lanes * size;
    size_t end = (number + 1) * tiles / lanes * size;
    if (end > n) end = n;
    struct tile tile = {.lane = &e->lane[number], .space = space};
    size_t next = 0;
    for (tile.first = begin; tile.first < end; tile.first += tile.count) {
        while (e->cpu.tile_size[next] > end - tile.first)
            next++;
        tile.count = e->cpu.tile_size[next];
        run_tile(e, phase, &tile);
    }
}

/* Each worker begins with the lanes that were its own in the last phase, while they may be in its cache, and goes on
 * with what others have not begun. */
static void run_phase(struct icl_executor *e, size_t number, unsigned worker)
{
    const size_t lanes = e->cpu.lanes, start = worker * lanes / icl_team_size(e->team);
    for (size_t k = 0; k < lanes; k++) {
        struct lane *lane = &e->lane[(start + k) % lanes];
        size_t before = number;
        if (atomic_load_explicit(&lane->claimed, memory_order_relaxed) != number ||
            !atomic_compare_exchange_strong(&lane->claimed, &before, number + 1))
            continue;
        run_lane(e, &e->call.program->phase[number], (start + k) % lanes, &e->space[worker]);
    }
}

/* ---- norms ------------------------------------------------------------------------------------------------------ */

/* The sums of all lanes, in their order, in the first lane; all back to zero elsewhere. */
static double *combine_lanes(struct icl_executor *e, const struct icl_node *node)
{
    double *total = e->lane[0].sums + 2 * node->norm_offset;
    for (size_t l = 1; l < e->cpu.lanes; l++) {
        double *sums = e->lane[l].sums + 2 * node->norm_offset;
        for (size_t c = 0; c < 2 * node->channels; c++) {
            total[c] += sums[c];
            sums[c] = 0.0;
        }
    }
    return total;
}

static const float *parameter_of(const struct icl_executor *e, size_t place)
{
    return e->parameters + e->plan.network->parameter[place].offset;
}

/* Mean and variance of the batch, the running ones, scale and shift. */
static void combine_forward(struct icl_executor *e, const struct icl_node *node)
{
    const size_t channels = node->channels, all = e->plan.network->norm_channels;
    const double rows = (double)(e->call.n * node->height * node->width);
    const double momentum = e->options.norm_momentum;
    double *sums = combine_lanes(e, node), *mean = e->batch + node->norm_offset, *var = mean + all;
    double *running_mean = e->running + node->norm_offset, *running_var = running_mean + all;
    for (size_t c = 0; c < channels; c++) {
        icl_norm_moments(sums[c], sums[channels + c], rows, &mean[c], &var[c]);
        sums[c] = sums[channels + c] = 0.0;
        if (e->call.mode == ICL_MODE_TRAIN)
            icl_norm_move(mean[c], var[c], rows, momentum, &running_mean[c], &running_var[c]);
    }
    icl_bn_coefficients(mean, var, parameter_of(e, node->scale), parameter_of(e, node->shift), e->options.norm_epsilon,
                        channels, e->scale + node->norm_offset, e->shift + node->norm_offset);
}

/* The gradients of scale and shift, and what the way back through the norm needs (kernels/layers_template.h). */
static void combine_backward(struct icl_executor *e, const struct icl_node *node)
{
    const size_t channels = node->channels, all = e->plan.network->norm_channels;
    const double rows = (double)(e->call.n * node->height * node->width);
    double *sums = combine_lanes(e, node);
    const double *mean = e->batch + node->norm_offset, *var = mean + all;
    const float *scale = e->scale + node->norm_offset;
    float *slope = e->slope + 3 * node->norm_offset;
    float *dscale = e->gradient + e->plan.network->parameter[node->scale].offset;
    float *dshift = e->gradient + e->plan.network->parameter[node->shift].offset;
    for (size_t c = 0; c < channels; c++) {
        float k[3];
        icl_norm_gradients(sums[c], sums[channels + c], mean[c], var[c], e->options.norm_epsilon, scale[c], rows,
                           &dscale[c], &dshift[c], k);
        for (size_t i = 0; i < 3; i++)
            slope[i * channels + c] = k[i];
        sums[c] = sums[channels + c] = 0.0;
    }
}

static void combine_norms(struct icl_executor *e, const struct phase *phase)
{
    for (size_t i = phase->norm_first; i < phase->norm_end; i++)
        (phase->backward ? combine_backward : combine_forward)(e, &e->plan.network->node[e->call.program->norm[i]]);
}

/* Scale and shift of the running statistics. */
static void use_running(struct icl_executor *e)
{
    const struct icl_network *net = e->plan.network;
    for (icl_node_id v = 0; v < net->nodes; v++) {
        const struct icl_node *node = &net->node[v];
        if (node->kind != ICL_NODE_STAGE || node->norm == ICL_NORM_ABSENT) continue;
        const double *mean = e->running + node->norm_offset;
        icl_bn_coefficients(mean, mean + net->norm_channels, parameter_of(e, node->scale), parameter_of(e, node->shift),
                            e->options.norm_epsilon, node->channels, e->scale + node->norm_offset,
                            e->shift + node->norm_offset);
    }
}

/* ---- weights ---------------------------------------------------------------------------------------------------- */

static void note(struct worker_space *space, icl_status status, const struct icl_error *err)
{
    if (status == ICL_OK) return;
    space->error = *err;
    space->error.status = status;
}

static void pack_weights(struct icl_executor *e, unsigned worker)
{
    const struct icl_network *net = e->plan.network;
    for (size_t v; (v = atomic_fetch_add(&e->next_item, 1)) < net->nodes;) {
        if (e->cpu.conv[v] == NULL) continue;
        struct icl_error err = {0};
        const icl_status status =
            e->cpu.kernels->conv.pack(e->cpu.conv[v], parameter_of(e, net->node[v].weight),
                                      e->packed + e->cpu.packed[v], e->space[worker].scratch, &err);
        note(&e->space[worker], status, &err);
    }
}

/* Adds the lanes' gradients up, in the order of the lanes, in the first. */
static void add_gradients(struct icl_executor *e)
{
    const size_t floats = e->cpu.lane_gradient_floats;
    for (size_t first; (first = CHUNK * atomic_fetch_add(&e->next_item, 1)) < floats;) {
        const size_t count = floats - first < CHUNK ? floats - first : CHUNK;
        float *total = e->lane[0].gradient + first;
        for (size_t l = 1; l < e->cpu.lanes; l++)
            e->cpu.kernels->layers.add(total, e->lane[l].gradient + first, count, total);
    }
}

static void unpack_gradients(struct icl_executor *e, unsigned worker)
{
    const struct icl_network *net = e->plan.network;
    for (size_t v; (v = atomic_fetch_add(&e->next_item, 1)) < net->nodes;) {
        if (e->cpu.conv[v] == NULL) continue;
        const struct icl_node *node = &net->node[v];
        float *dbias = node->bias == SIZE_MAX ? NULL : e->gradient + net->parameter[node->bias].offset;
        struct icl_error err = {0};
        const icl_status status = e->cpu.kernels->conv.unpack(
            e->cpu.conv[v], e->lane[0].gradient + e->cpu.lane_gradient[v],
            e->gradient + net->parameter[node->weight].offset, dbias, e->space[worker].scratch, &err);
        note(&e->space[worker], status, &err);
    }
}

/* ---- the walk --------------------------------------------------------------------------------------------------- */

/* All have come; one goes on alone, then all. */
static void alone(struct icl_executor *e, unsigned worker, void (*work)(struct icl_executor *e))
{
    icl_team_barrier(e->team);
    if (worker == 0) work(e);
    icl_team_barrier(e->team);
}

static void next_items(struct icl_executor *e)
{
    atomic_store(&e->next_item, 0);
}

static void walk(void *context, unsigned worker)
{
    struct icl_executor *e = context;
    const struct program *program = e->call.program;
    const bool step = program == &e->plan.step;
    pack_weights(e, worker);
    for (size_t l = worker; step && l < e->cpu.lanes; l += icl_team_size(e->team))
        memset(e->lane[l].gradient, 0, e->cpu.lane_gradient_floats * sizeof(float));
    alone(e, worker, next_items);
    for (size_t p = 0; p < program->phases; p++) {
        const struct phase *phase = &program->phase[p];
        run_phase(e, p, worker);
        icl_team_barrier(e->team);
        if (phase->norm_first == phase->norm_end) continue;
        if (worker == 0) combine_norms(e, phase);
        icl_team_barrier(e->team);
    }
    if (!step) return;
    add_gradients(e);
    alone(e, worker, next_items);
    unpack_gradients(e, worker);
}

icl_status execute(struct icl_executor *e, struct icl_error *err)
{
    for (size_t l = 0; l < e->cpu.lanes; l++) {
        e->lane[l].loss = 0.0;
        e->lane[l].correct = 0;
        e->lane[l].error = (struct icl_error){0};
        atomic_store(&e->lane[l].claimed, 0);
    }
    next_items(e);
    if (e->call.mode == ICL_MODE_EVALUATE) use_running(e);
    for (unsigned w = 0; w < icl_team_size(e->team); w++)
        e->space[w].error = (struct icl_error){0};
    icl_team_run(e->team, walk, e);
    for (unsigned w = 0; w < icl_team_size(e->team); w++)
        if (e->space[w].error.status != ICL_OK)
            return icl_fail(err, e->space[w].error.status, "%s", e->space[w].error.message);
    for (size_t l = 0; l < e->cpu.lanes; l++)
        if (e->lane[l].error.status != ICL_OK)
            return icl_fail(err, e->lane[l].error.status, "%s", e->lane[l].error.message);
    return ICL_OK;
}
