#include "trainer/plan_internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
        if (programs[p] == &plan->step && plan->form.inference) continue;
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

static size_t add_buffer(struct plan *plan, icl_node_id node)
{
    plan->buffer[plan->buffers] = (struct buffer){.size = node_elements(&plan->network->node[node])};
    return plan->buffers++;
}

static void touch(struct plan *plan, size_t buffer, size_t moment)
{
    if (buffer == SIZE_MAX) return;
    struct buffer *b = &plan->buffer[buffer];
    if (!b->used || moment < b->first) b->first = moment;
    if (!b->used || moment > b->last) b->last = moment;
    b->used = true;
}

static void touch_node(struct plan *plan, const size_t *buffer_of, icl_node_id node, size_t moment)
{
    if (node != ICL_NO_NODE) touch(plan, buffer_of[node], moment);
}

/* What an operation reads and writes. More than it does is harmless. */
static void touch_operation(struct plan *plan, const struct operation *op, size_t moment)
{
    const struct icl_node *node = &plan->network->node[op->node];
    const bool backward = op->kind >= OP_LOSS;
    const bool forward = op->kind <= OP_LOSS || op->kind == OP_STAGE_BACKWARD_SUMS || op->kind == OP_STAGE_BACKWARD ||
                         op->kind == OP_CONV_BACKWARD_WEIGHTS;
    if (forward)
        for (size_t i = 0; i < 2; i++)
            touch_node(plan, plan->output_of, node->input[i], moment);
    if (op->kind <= OP_LOSS) {
        touch_node(plan, plan->output_of, op->node, moment);
        touch_node(plan, plan->output_of, node->tap_node, moment);
    }
    if (!backward) return;
    touch_node(plan, plan->gradient_of, op->node, moment);
    touch_node(plan, plan->gradient_of, node->tap_node, moment);
    for (size_t i = 0; i < 2; i++)
        if (op->writes[i]) touch_node(plan, plan->gradient_of, node->input[i], moment);
}

/* Outputs stay until the way forward is over, so that they can be looked at. */
static void find_lifetimes(struct plan *plan)
{
    const struct program *program = plan->form.inference ? &plan->forward : &plan->step;
    const bool by_operation = plan->form.by_operation;
    size_t forward_end = 0, end = 0;
    for (size_t p = 0; p < program->phases; p++) {
        for (size_t o = program->phase[p].first; o < program->phase[p].end; o++)
            touch_operation(plan, &program->operation[o], by_operation ? o : p);
        end = by_operation ? program->phase[p].end : p + 1;
        if (p < program->forward_phases) forward_end = end;
    }
    for (icl_node_id v = 0; v < plan->network->nodes; v++) {
        touch_node(plan, plan->output_of, v, 0);
        touch_node(plan, plan->output_of, v, (plan->form.keep ? end : forward_end) - 1);
    }
}

static bool overlap(const struct buffer *a, const struct buffer *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* Buffers by size, the largest first; each takes the lowest place that no buffer of the same time holds. */
static void place_buffers(struct plan *plan, size_t *order)
{
    const size_t aligned = plan->form.alignment / plan->form.element;
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
        const size_t length = round_up(mine->size * plan->form.batch, aligned);
        mine->offset = 0;
        for (bool moved = true; moved;) {
            moved = false;
            for (size_t j = 0; j < k; j++) {
                const struct buffer *other = &plan->buffer[order[j]];
                const size_t end = other->offset + round_up(other->size * plan->form.batch, aligned);
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
        } else if (node->kind == ICL_NODE_MAX_POOL && !plan->form.inference) {
            bytes = node_elements(node);
            place = plan->where;
        }
        if (place == NULL) continue;
        place[v] = plan->byte_arena;
        plan->byte_arena += round_up(bytes * plan->form.batch, plan->form.alignment);
    }
}

static icl_status make(struct plan *plan, struct icl_error *err)
{
    const size_t nodes = plan->network->nodes;
    plan->needs_gradient = calloc(nodes, sizeof *plan->needs_gradient);
    plan->output_of = calloc(nodes, sizeof *plan->output_of);
    plan->gradient_of = calloc(nodes, sizeof *plan->gradient_of);
    plan->buffer = calloc(2 * nodes, sizeof *plan->buffer);
    plan->gates = calloc(nodes, sizeof *plan->gates);
    plan->where = calloc(nodes, sizeof *plan->where);
    bool *flags = calloc(2 * nodes, sizeof *flags);
    size_t *order = calloc(2 * nodes, sizeof *order);
    icl_status status = ICL_OK;
    if (plan->needs_gradient == NULL || plan->output_of == NULL || plan->gradient_of == NULL || plan->buffer == NULL ||
        plan->gates == NULL || plan->where == NULL || flags == NULL || order == NULL ||
        !program_make(&plan->step, nodes) || !program_make(&plan->forward, nodes) ||
        !program_make(&plan->evaluate, nodes))
        status = icl_fail_memory(err, "the plan of a network");
    if (status == ICL_OK) {
        find_needs(plan);
        for (icl_node_id v = 0; v < nodes; v++) {
            const bool input = plan->network->node[v].kind == ICL_NODE_INPUT;
            plan->output_of[v] = input ? SIZE_MAX : add_buffer(plan, v);
            plan->gradient_of[v] = plan->needs_gradient[v] && !plan->form.inference ? add_buffer(plan, v) : SIZE_MAX;
        }
        write_programs(plan, flags, flags + nodes);
        find_lifetimes(plan);
        place_buffers(plan, order);
        place_bytes(plan);
    }
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
        elements += (double)(node_elements(&plan->network->node[v]) + plan->form.alignment);
    return 16.0 * elements * (double)plan->form.batch < (double)(SIZE_MAX / 4);
}

icl_status plan_make(struct plan *plan, const struct icl_network *network, const struct plan_form *form,
                     struct icl_error *err)
{
    *plan = (struct plan){.network = network, .form = *form};
    if (form->batch == 0) return icl_fail(err, ICL_ERR_USAGE, "a batch of no samples");
    if (!can_be_counted(plan))
        return icl_fail(err, ICL_ERR_MEMORY, "a batch of %zu needs more memory than there are addresses", form->batch);
    const icl_status status = make(plan, err);
    if (status != ICL_OK) plan_free(plan);
    return status;
}

void plan_free(struct plan *plan)
{
    free(plan->needs_gradient);
    free(plan->output_of);
    free(plan->gradient_of);
    free(plan->buffer);
    free(plan->gates);
    free(plan->where);
    program_free(&plan->step);
    program_free(&plan->forward);
    program_free(&plan->evaluate);
    *plan = (struct plan){0};
}

bool plan_output_stays(const struct plan *plan, const struct program *program, icl_node_id node)
{
    if (plan->output_of[node] == SIZE_MAX || program != &plan->step) return true;
    const struct buffer *mine = &plan->buffer[plan->output_of[node]];
    for (size_t b = 0; b < plan->buffers; b++) {
        const struct buffer *other = &plan->buffer[b];
        if (other == mine || !other->used || other->first <= mine->last) continue;
        if (other->offset < mine->offset + mine->size * plan->form.batch &&
            mine->offset < other->offset + other->size * plan->form.batch)
            return false;
    }
    return true;
}
