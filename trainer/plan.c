#include "trainer/plan_internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    CACHE_FLOATS = 1 << 17, /* the largest array of a tile: half a megabyte */
    MOST_TILE = 32,         /* samples */
    LEAST_TILE = 4,         /* but 16 where adding a gradient up a tile costs more than the cache gives */
    MANY_WEIGHTS = 1 << 18, /* floats of such a gradient */
    MOST_LANES = 16,
    LANE_MEMORY = 1 << 26 /* floats that the gradients of all lanes may take: 256 MiB */
};

/* ---- tiles and lanes: functions of the network and the batch alone --------------------------------------------- */

static size_t power_of_two_below(size_t value)
{
    size_t power = 1;
    while (2 * power <= value)
        power *= 2;
    return power;
}

static void choose_tiles(struct plan *plan)
{
    const struct icl_network *net = plan->network;
    size_t elements = 1, weights = 1;
    for (size_t v = 0; v < net->nodes; v++)
        if (node_elements(&net->node[v]) > elements) elements = node_elements(&net->node[v]);
    for (size_t p = 0; p < net->parameters; p++)
        if (net->parameter[p].count > weights) weights = net->parameter[p].count;
    size_t tile = CACHE_FLOATS / elements;
    const size_t least = weights > MANY_WEIGHTS ? 4 * LEAST_TILE : LEAST_TILE;
    if (tile < least) tile = least;
    if (tile > MOST_TILE) tile = MOST_TILE;
    if (tile > plan->options.batch) tile = plan->options.batch;
    plan->tile = power_of_two_below(tile);
    for (size_t size = plan->tile; size > 0; size /= 2)
        plan->tile_size[plan->tile_sizes++] = size;
    size_t lanes = (plan->options.batch + plan->tile - 1) / plan->tile;
    const size_t affordable = LANE_MEMORY / (net->parameter_count + 1);
    if (lanes > affordable) lanes = affordable;
    if (lanes > MOST_LANES) lanes = MOST_LANES;
    plan->lanes = lanes < 2 ? 2 : lanes;
}

/* ---- programs --------------------------------------------------------------------------------------------------- */

/* A program being written. */
struct writer {
    const struct plan *plan;
    struct program *program;
    bool *written;     /* node: its gradient has been written */
    bool *sums_done;   /* stage: its sums are combined */
    size_t open_norms; /* norms whose sums are taken in the phase being written */
    bool backward;     /* they are those of the way back */
};

static struct operation *emit(struct writer *w, enum operation_kind kind, icl_node_id node)
{
    struct operation *op = &w->program->operation[w->program->operations++];
    *op = (struct operation){.kind = kind, .node = node};
    return op;
}

/* Ends the phase being written, if there is anything in it. */
static void cut(struct writer *w)
{
    struct program *p = w->program;
    const size_t first = p->phases == 0 ? 0 : p->phase[p->phases - 1].end;
    if (p->operations == first) return;
    p->phase[p->phases++] = (struct phase){first, p->operations, p->norms - w->open_norms, p->norms, w->backward};
    for (size_t n = p->norms - w->open_norms; n < p->norms; n++)
        w->sums_done[p->norm[n]] = true;
    w->open_norms = 0;
}

static void emit_sums(struct writer *w, enum operation_kind kind, icl_node_id stage)
{
    emit(w, kind, stage);
    w->program->norm[w->program->norms++] = stage;
    w->open_norms++;
}

/* The operations that give the node, then the sums of the stages that read it, while it is in the cache. */
static void write_forward(struct writer *w, bool batch_statistics)
{
    static const enum operation_kind kinds[] = {[ICL_NODE_CONV] = OP_CONV_FORWARD,
                                                [ICL_NODE_STAGE] = OP_STAGE_FORWARD,
                                                [ICL_NODE_ADD] = OP_ADD,
                                                [ICL_NODE_MAX_POOL] = OP_MAX_POOL,
                                                [ICL_NODE_AVERAGE_POOL] = OP_AVERAGE_POOL};
    const struct icl_network *net = w->plan->network;
    for (icl_node_id v = 0; v < net->nodes; v++) {
        const struct icl_node *node = &net->node[v];
        const bool norm = node->kind == ICL_NODE_STAGE && node->norm != ICL_NORM_ABSENT;
        if (batch_statistics && norm && !w->sums_done[v]) cut(w);
        if (node->kind != ICL_NODE_INPUT && node->kind != ICL_NODE_TAP) emit(w, kinds[node->kind], v);
        for (icl_node_id s = v + 1; batch_statistics && s < net->nodes; s++)
            if (net->node[s].kind == ICL_NODE_STAGE && net->node[s].norm != ICL_NORM_ABSENT &&
                net->node[s].input[0] == v)
                emit_sums(w, OP_STAGE_SUMS, s);
    }
    emit(w, OP_LOSS, net->output);
}

/* Notes that the operation gives a gradient to its inputs. */
static void give_gradients(struct writer *w, struct operation *op)
{
    const struct icl_node *node = &w->plan->network->node[op->node];
    for (size_t i = 0; i < 2; i++) {
        const icl_node_id input = node->input[i];
        if (input == ICL_NO_NODE || !w->plan->needs_gradient[input]) continue;
        op->writes[i] = true;
        op->add[i] = w->written[input];
        w->written[input] = true;
    }
}

/* The gradient of a sum is that of its terms: a term takes it over without a copy where nobody else has written its
 * gradient yet and all who will do come after the other term has used it. */
static bool may_share(const struct writer *w, icl_node_id sum, size_t term)
{
    const struct icl_network *net = w->plan->network;
    const icl_node_id mine = net->node[sum].input[term], other = net->node[sum].input[1 - term];
    if (w->written[mine] || mine == other) return false;
    for (icl_node_id v = 0; v < net->nodes; v++) {
        if (v == sum) continue;
        if (net->node[v].input[0] != mine && net->node[v].input[1] != mine) continue;
        if (v >= other && w->plan->needs_gradient[other]) return false;
    }
    return true;
}

static void write_add_backward(struct writer *w, struct plan *plan, icl_node_id v)
{
    struct operation op = {.kind = OP_ADD_BACKWARD, .node = v};
    for (size_t i = 0; i < 2; i++) {
        const icl_node_id input = plan->network->node[v].input[i];
        if (!plan->needs_gradient[input]) continue;
        if (may_share(w, v, i)) {
            plan->gradient_of[input] = plan->gradient_of[v];
            w->written[input] = true;
            continue;
        }
        op.writes[i] = true;
        op.add[i] = w->written[input];
        w->written[input] = true;
    }
    if (op.writes[0] || op.writes[1]) w->program->operation[w->program->operations++] = op;
}

static void write_backward(struct writer *w, struct plan *plan)
{
    const struct icl_network *net = plan->network;
    w->written[net->output] = true;
    w->backward = true;
    memset(w->sums_done, 0, net->nodes * sizeof *w->sums_done);
    for (icl_node_id v = net->nodes; v-- > 0;) {
        const struct icl_node *node = &net->node[v];
        if (!plan->needs_gradient[v] || !w->written[v]) {
            /* A stage of which only the tap is used would come here; the builders make none. */
            continue;
        }
        switch (node->kind) {
        case ICL_NODE_CONV:
            emit(w, OP_CONV_BACKWARD_WEIGHTS, v);
            if (plan->needs_gradient[node->input[0]]) give_gradients(w, emit(w, OP_CONV_BACKWARD_DATA, v));
            break;
        case ICL_NODE_STAGE:
            if (node->norm != ICL_NORM_ABSENT) {
                emit_sums(w, OP_STAGE_BACKWARD_SUMS, v);
                cut(w);
            }
            if (plan->needs_gradient[node->input[0]] ||
                (node->input[1] != ICL_NO_NODE && plan->needs_gradient[node->input[1]]))
                give_gradients(w, emit(w, OP_STAGE_BACKWARD, v));
            break;
        case ICL_NODE_ADD:
            write_add_backward(w, plan, v);
            break;
        case ICL_NODE_MAX_POOL:
            give_gradients(w, emit(w, OP_MAX_POOL_BACKWARD, v));
            break;
        case ICL_NODE_AVERAGE_POOL:
            give_gradients(w, emit(w, OP_AVERAGE_POOL_BACKWARD, v));
            break;
        case ICL_NODE_INPUT:
        case ICL_NODE_TAP:
            break;
        }
    }
}

static bool program_make(struct program *program, size_t nodes)
{
    program->operation = calloc(4 * nodes + 4, sizeof *program->operation);
    program->phase = calloc(2 * nodes + 4, sizeof *program->phase);
    program->norm = calloc(2 * nodes + 4, sizeof *program->norm);
    return program->operation != NULL && program->phase != NULL && program->norm != NULL;
}

static void program_free(struct program *program)
{
    free(program->operation);
    free(program->phase);
    free(program->norm);
}

static void write_programs(struct plan *plan, bool *written, bool *sums_done)
{
    const size_t nodes = plan->network->nodes;
    struct program *const programs[] = {&plan->evaluate, &plan->forward, &plan->step};
    for (size_t p = 0; p < 3; p++) {
        if (programs[p] == &plan->step && plan->options.inference) continue;
        struct writer writer = {.plan = plan, .program = programs[p], .written = written, .sums_done = sums_done};
        memset(written, 0, nodes * sizeof *written);
        memset(sums_done, 0, nodes * sizeof *sums_done);
        write_forward(&writer, programs[p] != &plan->evaluate);
        programs[p]->forward_phases = programs[p]->phases + 1;
        if (programs[p] == &plan->step) write_backward(&writer, plan);
        cut(&writer);
    }
}

static void find_needs(struct plan *plan)
{
    const struct icl_network *net = plan->network;
    for (icl_node_id v = 0; v < net->nodes; v++) {
        const struct icl_node *node = &net->node[v];
        bool needs = node->kind == ICL_NODE_CONV || (node->kind == ICL_NODE_STAGE && node->norm != ICL_NORM_ABSENT);
        for (size_t i = 0; i < 2; i++)
            needs = needs || (node->input[i] != ICL_NO_NODE && plan->needs_gradient[node->input[i]]);
        plan->needs_gradient[v] = needs;
    }
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static size_t round_up(size_t value, size_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static size_t add_buffer(struct plan *plan, icl_node_id node)
{
    plan->buffer[plan->buffers] = (struct buffer){.size = node_elements(&plan->network->node[node])};
    return plan->buffers++;
}

static void touch(struct plan *plan, size_t buffer, size_t phase)
{
    if (buffer == SIZE_MAX) return;
    struct buffer *b = &plan->buffer[buffer];
    if (!b->used || phase < b->first_phase) b->first_phase = phase;
    if (!b->used || phase > b->last_phase) b->last_phase = phase;
    b->used = true;
}

static void touch_node(struct plan *plan, const size_t *buffer_of, icl_node_id node, size_t phase)
{
    if (node != ICL_NO_NODE) touch(plan, buffer_of[node], phase);
}

/* What an operation reads and writes. More than it does is harmless. */
static void touch_operation(struct plan *plan, const struct operation *op, size_t phase)
{
    const struct icl_node *node = &plan->network->node[op->node];
    const bool backward = op->kind >= OP_LOSS;
    const bool forward = op->kind <= OP_LOSS || op->kind == OP_STAGE_BACKWARD_SUMS || op->kind == OP_STAGE_BACKWARD ||
                         op->kind == OP_CONV_BACKWARD_WEIGHTS;
    if (forward)
        for (size_t i = 0; i < 2; i++)
            touch_node(plan, plan->output_of, node->input[i], phase);
    if (op->kind <= OP_LOSS) {
        touch_node(plan, plan->output_of, op->node, phase);
        touch_node(plan, plan->output_of, node->tap_node, phase);
    }
    if (!backward) return;
    touch_node(plan, plan->gradient_of, op->node, phase);
    touch_node(plan, plan->gradient_of, node->tap_node, phase);
    for (size_t i = 0; i < 2; i++)
        if (op->writes[i]) touch_node(plan, plan->gradient_of, node->input[i], phase);
}

/* Outputs stay until the way forward is over, so that they can be looked at. */
static void find_lifetimes(struct plan *plan)
{
    const struct program *program = plan->options.inference ? &plan->forward : &plan->step;
    for (size_t p = 0; p < program->phases; p++)
        for (size_t o = program->phase[p].first; o < program->phase[p].end; o++)
            touch_operation(plan, &program->operation[o], p);
    for (icl_node_id v = 0; v < plan->network->nodes; v++) {
        touch_node(plan, plan->output_of, v, 0);
        touch_node(plan, plan->output_of, v, (plan->options.keep ? program->phases : program->forward_phases) - 1);
    }
}

static bool overlap(const struct buffer *a, const struct buffer *b)
{
    return a->first_phase <= b->last_phase && b->first_phase <= a->last_phase;
}

/* Buffers by size, the largest first; each takes the lowest place that no buffer of the same time holds. */
static void place_buffers(struct plan *plan, size_t *order)
{
    size_t count = 0;
    for (size_t b = 0; b < plan->buffers; b++) {
        if (!plan->buffer[b].used) continue;
        size_t at = count++;
        for (; at > 0 && plan->buffer[order[at - 1]].size < plan->buffer[b].size; at--)
            order[at] = order[at - 1];
        order[at] = b;
    }
    for (size_t k = 0; k < count; k++) {
        struct buffer *mine = &plan->buffer[order[k]];
        const size_t length = round_up(mine->size * plan->options.batch, FLOATS_ALIGNED);
        mine->offset = 0;
        for (bool moved = true; moved;) {
            moved = false;
            for (size_t j = 0; j < k; j++) {
                const struct buffer *other = &plan->buffer[order[j]];
                const size_t end = other->offset + round_up(other->size * plan->options.batch, FLOATS_ALIGNED);
                if (!overlap(mine, other) || mine->offset >= end || other->offset >= mine->offset + length) continue;
                mine->offset = end;
                moved = true;
            }
        }
        if (mine->offset + length > plan->arena) plan->arena = mine->offset + length;
    }
}

static void place_bytes(struct plan *plan)
{
    const struct icl_network *net = plan->network;
    for (icl_node_id v = 0; v < net->nodes; v++) {
        const struct icl_node *node = &net->node[v];
        const struct icl_shape shape = stage_shape(node, 1);
        size_t bytes = 0, *place = NULL;
        if (node->kind == ICL_NODE_STAGE && has_gates(node)) {
            bytes = icl_gate_bytes(&shape);
            place = plan->gates;
        } else if (node->kind == ICL_NODE_MAX_POOL && !plan->options.inference) {
            bytes = node_elements(node);
            place = plan->where;
        }
        if (place == NULL) continue;
        place[v] = plan->byte_arena;
        plan->byte_arena += round_up(bytes * plan->options.batch, ALIGNMENT);
    }
}

static icl_status plan_convs(struct plan *plan, struct icl_error *err)
{
    const struct icl_network *net = plan->network;
    const struct icl_conv_kernels *kernels = &plan->kernels->conv;
    for (icl_node_id v = 0; v < net->nodes; v++) {
        const struct icl_node *node = &net->node[v];
        if (node_elements(node) > plan->most_elements) plan->most_elements = node_elements(node);
        if (node->kind != ICL_NODE_CONV) continue;
        const bool input_gradient = !plan->options.inference && plan->needs_gradient[node->input[0]];
        ICL_TRY(kernels->plan(&node->conv, plan->tile_size, plan->tile_sizes, input_gradient, &plan->conv[v], err));
        const struct icl_conv_sizes sizes = kernels->sizes(plan->conv[v]);
        plan->packed[v] = plan->packed_floats;
        plan->packed_floats += round_up(sizes.packed, ALIGNMENT) / sizeof(float);
        plan->lane_gradient[v] = plan->lane_gradient_floats;
        plan->lane_gradient_floats += round_up(sizes.gradient, ALIGNMENT) / sizeof(float);
        if (sizes.scratch > plan->scratch) plan->scratch = sizes.scratch;
    }
    plan->scratch = round_up(plan->scratch, ALIGNMENT);
    return ICL_OK;
}

static void add_up(struct plan *plan, unsigned threads)
{
    const struct icl_network *net = plan->network;
    const bool training = !plan->options.inference;
    const size_t floats = sizeof(float);
    struct icl_executor_memory *m = &plan->memory;
    m->parameters = floats * (plan->packed_floats + net->parameter_count * (training ? 2 : 1));
    m->activations = floats * plan->arena + plan->byte_arena;
    m->gradients = training ? floats * plan->lanes * plan->lane_gradient_floats : 0;
    m->scratch = threads * (plan->scratch + floats * plan->tile * plan->most_elements) +
                 net->norm_channels * (2 * plan->lanes * sizeof(double) + 4 * sizeof(double) + 5 * floats);
    m->total = m->parameters + m->activations + m->gradients + m->scratch;
}

static icl_status make(struct plan *plan, unsigned threads, struct icl_error *err)
{
    const size_t nodes = plan->network->nodes;
    plan->needs_gradient = calloc(nodes, sizeof *plan->needs_gradient);
    plan->output_of = calloc(nodes, sizeof *plan->output_of);
    plan->gradient_of = calloc(nodes, sizeof *plan->gradient_of);
    plan->buffer = calloc(2 * nodes, sizeof *plan->buffer);
    plan->gates = calloc(nodes, sizeof *plan->gates);
    plan->where = calloc(nodes, sizeof *plan->where);
    plan->conv = calloc(nodes, sizeof *plan->conv);
    plan->packed = calloc(nodes, sizeof *plan->packed);
    plan->lane_gradient = calloc(nodes, sizeof *plan->lane_gradient);
    bool *flags = calloc(2 * nodes, sizeof *flags);
    size_t *order = calloc(2 * nodes, sizeof *order);
    icl_status status = ICL_OK;
    if (plan->needs_gradient == NULL || plan->output_of == NULL || plan->gradient_of == NULL || plan->buffer == NULL ||
        plan->gates == NULL || plan->where == NULL || plan->conv == NULL || plan->packed == NULL ||
        plan->lane_gradient == NULL || flags == NULL || order == NULL || !program_make(&plan->step, nodes) ||
        !program_make(&plan->forward, nodes) || !program_make(&plan->evaluate, nodes))
        status = icl_fail_memory(err, "the plan of a network");
    if (status == ICL_OK) {
        find_needs(plan);
        choose_tiles(plan);
        for (icl_node_id v = 0; v < nodes; v++) {
            const bool input = plan->network->node[v].kind == ICL_NODE_INPUT;
            plan->output_of[v] = input ? SIZE_MAX : add_buffer(plan, v);
            plan->gradient_of[v] = plan->needs_gradient[v] && !plan->options.inference ? add_buffer(plan, v) : SIZE_MAX;
        }
        write_programs(plan, flags, flags + nodes);
        find_lifetimes(plan);
        place_buffers(plan, order);
        place_bytes(plan);
        status = plan_convs(plan, err);
    }
    if (status == ICL_OK) add_up(plan, threads);
    free(flags);
    free(order);
    return status;
}

/* Whether the bytes of all arrays of a batch, and all sizes on the way there, fit a size_t: an output, its gradient,
 * and gates or places of a sample are at most 4 + 4 + 8 bytes an element. */
static bool can_be_counted(const struct plan *plan)
{
    double elements = 0.0;
    for (size_t v = 0; v < plan->network->nodes; v++)
        elements += (double)(node_elements(&plan->network->node[v]) + ALIGNMENT);
    return 16.0 * elements * (double)plan->options.batch < (double)(SIZE_MAX / 4);
}

icl_status plan_make(struct plan *plan, const struct icl_network *network, const struct icl_executor_options *options,
                     unsigned threads, struct icl_error *err)
{
    *plan = (struct plan){.network = network, .options = *options};
    plan->kernels = options->kernels == NULL ? icl_kernels() : options->kernels;
    if (options->batch == 0) return icl_fail(err, ICL_ERR_USAGE, "a batch of no samples");
    if (!can_be_counted(plan))
        return icl_fail(err, ICL_ERR_MEMORY, "a batch of %zu needs more memory than there are addresses",
                        options->batch);
    const icl_status status = make(plan, threads, err);
    if (status != ICL_OK) plan_free(plan);
    return status;
}

void plan_free(struct plan *plan)
{
    for (icl_node_id v = 0; plan->conv != NULL && v < plan->network->nodes; v++)
        plan->kernels->conv.release(plan->conv[v]);
    free(plan->needs_gradient);
    free(plan->output_of);
    free(plan->gradient_of);
    free(plan->buffer);
    free(plan->gates);
    free(plan->where);
    free(plan->conv);
    free(plan->packed);
    free(plan->lane_gradient);
    program_free(&plan->step);
    program_free(&plan->forward);
    program_free(&plan->evaluate);
    *plan = (struct plan){0};
}
