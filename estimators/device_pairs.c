#include "estimators/device_pairs.h"

#include <math.h>
#include <stdlib.h>

#include "core/threads.h"
#include "estimators/device_pairs_internal.h"
#include "estimators/mi_counts.h"
#include "estimators/mi_decomposition_internal.h"

/* ---- which way a pair goes ----------------------------------------------------------------------------------------
 */

static bool fits(size_t rows, size_t cols, size_t most_side, size_t most_cells)
{
    return rows <= most_side && cols <= most_side && rows * cols <= most_cells;
}

enum icl_device_route icl_device_route_of(const struct icl_device_mi *mi, struct icl_column_pair pair,
                                          enum icl_mi_estimator *estimator)
{
    const struct icl_column *x = &mi->task.column[pair.x], *y = &mi->task.column[pair.y];
    const struct icl_mi_options *options = &mi->task.options;
    *estimator = options->estimator;
    if (x->state != ICL_COLUMN_REGULAR || y->state != ICL_COLUMN_REGULAR) return ICL_ROUTE_HOST;
    if (*estimator == ICL_MI_AUTO) *estimator = icl_mi_choose(x, y);
    if (*estimator == ICL_MI_PLUGIN)
        return fits(mi->binned[pair.x], mi->binned[pair.y], UINT16_MAX, ICL_DEVICE_MOST_BINS_CELLS) ? ICL_ROUTE_TABLES
                                                                                                    : ICL_ROUTE_HOST;
    if (mi->n <= (options->k != 0 ? options->k : ICL_MI_DEFAULT_K)) return ICL_ROUTE_HOST; /* an error, told there */
    if (*estimator != ICL_MI_DECOMPOSITION) return options->k <= ICL_MAX_NEIGHBOURS ? ICL_ROUTE_PLANE : ICL_ROUTE_HOST;
    return fits(x->atom_count + 1, y->atom_count + 1, ICL_DEVICE_MOST_GROUPS, ICL_DEVICE_MOST_CELLS) ? ICL_ROUTE_SCORES
                                                                                                     : ICL_ROUTE_HOST;
}

/* ---- from what the device found to a result -----------------------------------------------------------------------
 */

static void table_result(const struct icl_device_mi *mi, const struct icl_device_pair *pair,
                         const struct icl_device_table *found, struct icl_mi_result *result)
{
    const uint32_t x = pair->x, y = pair->y;
    result->mi = icl_counts_information(found->terms, mi->margin_terms[x] + mi->margin_terms[y], 2, mi->n) -
                 icl_counts_miller_madow(found->occupied, mi->levels[x] + mi->levels[y], 2, mi->n);
}

/* A kNN estimate of m points from the sum over them. */
static double plane_estimate(enum icl_mi_estimator estimator, double sum, size_t m, unsigned k, const double *psi)
{
    const double mean = sum / (double)m;
    switch (estimator) {
    case ICL_MI_KSG1:
        return psi[k] + psi[m] - mean;
    case ICL_MI_KSG2:
        return psi[k] - 1.0 / k + psi[m] - mean;
    default:
        return psi[m] - mean;
    }
}

static double ross_estimate(const struct icl_device_terms *found, unsigned side, const double *psi)
{
    const uint32_t m = found->side_samples[side];
    if (found->side_k[side] == 0) return 0; /* nothing to tell */
    return m > found->side_k[side] ? psi[m] + found->side[side] / m : NAN;
}

static void decomposition_result(const struct icl_device_mi *mi, const struct icl_device_pair *pair,
                                 const struct icl_device_terms *found, const double *psi, struct icl_mi_result *result)
{
    struct icl_decomposition_terms terms = {found->atoms, ross_estimate(found, 0, psi), ross_estimate(found, 1, psi),
                                            NAN, found->together};
    const enum icl_mi_estimator plane = found->within != 0 ? ICL_MI_MESNER_SHALIZI : ICL_MI_KSG1;
    if (found->k != 0) terms.amplitudes = plane_estimate(plane, found->plane, found->together, found->k, psi);
    if (found->edges == ICL_DEVICE_EDGES) {
        terms.amplitudes += terms.amplitudes - plane_estimate(plane, found->wide, found->together, 4 * found->k, psi);
        result->notes |= ICL_MI_NOTE_EDGES;
    }
    icl_mi_decomposition_sum(&mi->task.column[pair->x], &mi->task.column[pair->y], &terms, result);
}

static void plane_result(const struct icl_device_mi *mi, const struct icl_device_pair *pair,
                         const struct icl_device_terms *found, const double *psi, struct icl_mi_result *result)
{
    const bool atoms = mi->task.column[pair->x].atom_count > 0 || mi->task.column[pair->y].atom_count > 0;
    if (icl_mi_wants_densities(result->estimator) && atoms) result->notes |= ICL_MI_NOTE_ATOMS;
    result->mi = plane_estimate(result->estimator, found->plane, mi->n, found->k, psi);
}

/* ---- batches ------------------------------------------------------------------------------------------------------
 */

enum { MOST_AT_ONCE = 4096, SHARE_OF_MEMORY = 3 };

/* What a batch needs. The host's two halves take turns: one is read while the other is filled. */
struct batch {
    struct icl_device_mi *mi;
    const struct icl_device_run *run;
    struct icl_device_memory memory;
    void *pairs, *scratch, *found; /* device memory */
    size_t room, found_size;
    struct icl_device_pair *pair[2];
    void *read[2];
    size_t begin[2], count[2];
};

/* Device memory for as many pairs at once as there are, at most; half as many as long as that is too much. */
static icl_status take_room(struct batch *b, struct icl_error *err)
{
    const bool tables = b->run->route == ICL_ROUTE_TABLES;
    const size_t scratch = tables ? 0 : icl_device_pair_scratch(b->mi->n);
    const size_t each = scratch + sizeof *b->pair[0] + b->found_size;
    const size_t memory = (size_t)(b->mi->device->facts.memory / SHARE_OF_MEMORY) / each;
    size_t room = tables ? MOST_AT_ONCE * 8 : MOST_AT_ONCE;
    if (room > memory) room = memory;
    if (room > b->run->count) room = b->run->count;
    for (room = room == 0 ? 1 : room;; room /= 2) {
        icl_status status = icl_device_memory_take(&b->memory, room * sizeof *b->pair[0], "pairs", &b->pairs, err);
        if (status == ICL_OK)
            status = icl_device_memory_take(&b->memory, room * b->found_size, "results", &b->found, err);
        if (status == ICL_OK && scratch > 0)
            status = icl_device_memory_take(&b->memory, room * scratch, "a batch of pairs", &b->scratch, err);
        b->room = room;
        if (status != ICL_ERR_MEMORY || room == 1) return status;
        icl_device_memory_release(&b->memory);
    }
}

static icl_status take_batch(struct batch *b, struct icl_error *err)
{
    const struct icl_device_kernels *call = b->mi->device->call;
    ICL_TRY(take_room(b, err));
    for (unsigned half = 0; half < 2; half++) {
        void *memory;
        ICL_TRY(call->take_host(b->mi->device, b->room * sizeof *b->pair[half], &memory, err));
        b->pair[half] = memory;
        ICL_TRY(call->take_host(b->mi->device, b->room * b->found_size, &b->read[half], err));
    }
    return ICL_OK;
}

static void release_batch(struct batch *b)
{
    const struct icl_device_kernels *call = b->mi->device->call;
    for (unsigned half = 0; half < 2; half++) {
        call->release_host(b->mi->device, b->pair[half]);
        call->release_host(b->mi->device, b->read[half]);
    }
    icl_device_memory_release(&b->memory);
}

/* The limits of the pairs of a half. */
static struct icl_device_way way_of(const struct batch *b, unsigned half)
{
    static const enum icl_device_rule rules[ICL_MI_COUNT] = {[ICL_MI_DECOMPOSITION] = ICL_DEVICE_BY_TIES,
                                                             [ICL_MI_KSG1] = ICL_DEVICE_KSG1,
                                                             [ICL_MI_KSG2] = ICL_DEVICE_KSG2,
                                                             [ICL_MI_MESNER_SHALIZI] = ICL_DEVICE_WITHIN};
    const struct icl_device_mi *mi = b->mi;
    const unsigned k = mi->task.options.k;
    struct icl_device_way way = {.rule = rules[b->run->estimator], .k = k, .tied = mi->tied};
    if (b->run->route == ICL_ROUTE_PLANE) {
        way.k = k != 0 ? k : ICL_MI_DEFAULT_K;
        way.most_together = (uint32_t)mi->n;
        way.most_cells = way.most_groups = 1;
        return way;
    }
    for (size_t p = 0; p < b->count[half]; p++) {
        const struct icl_column *x = &mi->task.column[b->pair[half][p].x], *y = &mi->task.column[b->pair[half][p].y];
        const size_t together = x->continuous < y->continuous ? x->continuous : y->continuous;
        const size_t rows = x->atom_count + 1, cols = y->atom_count + 1, groups = rows > cols ? rows : cols;
        if (together > way.most_together) way.most_together = (uint32_t)together;
        if (rows * cols > way.most_cells) way.most_cells = (uint32_t)(rows * cols);
        if (groups > way.most_groups) way.most_groups = (uint32_t)groups;
    }
    return way;
}

static void launch(struct batch *b, unsigned half)
{
    struct icl_device_mi *mi = b->mi;
    const struct icl_device_kernels *call = mi->device->call;
    const size_t count = b->count[half];
    call->upload(mi->device, b->pair[half], count * sizeof *b->pair[half], b->pairs);
    if (b->run->route == ICL_ROUTE_TABLES) {
        struct icl_device_bins bins = mi->bins;
        size_t most = 1;
        for (size_t p = 0; p < count; p++) {
            const size_t cells = mi->binned[b->pair[half][p].x] * mi->binned[b->pair[half][p].y];
            if (cells > most) most = cells;
        }
        bins.permutations = b->run->permutations;
        call->pairs.tables(mi->device, &bins, b->pairs, count, (uint32_t)most, b->found);
    } else {
        const struct icl_device_way way = way_of(b, half);
        struct icl_device_samples samples = b->run->route == ICL_ROUTE_SCORES ? mi->scores : mi->plane;
        samples.permutations = b->run->permutations;
        call->pairs.neighbours(mi->device, &samples, &way, b->pairs, count, b->scratch, b->found);
    }
    call->download(mi->device, b->found, count * b->found_size, b->read[half]);
}

/* Hands over what a half has found. */
static icl_status take_results(struct batch *b, unsigned half, struct icl_error *err)
{
    const struct icl_device_run *run = b->run;
    const double *psi = icl_workspace_digamma(b->mi->workspaces[0], b->mi->n + 1);
    if (psi == NULL) return icl_fail_memory(err, "digammas");
    for (size_t p = 0; p < b->count[half]; p++) {
        const struct icl_device_pair *pair = &b->pair[half][p];
        struct icl_mi_result result = {NAN, run->estimator, 0, NAN, NAN, NAN, NAN};
        if (run->route == ICL_ROUTE_TABLES) {
            table_result(b->mi, pair, (const struct icl_device_table *)b->read[half] + p, &result);
        } else {
            const struct icl_device_terms *found = (const struct icl_device_terms *)b->read[half] + p;
            if (found->edges == ICL_DEVICE_EDGES_UNSURE) {
                ICL_TRY(run->again(run->context, b->begin[half] + p, &result, err));
                b->mi->left++;
            } else if (run->route == ICL_ROUTE_SCORES) {
                decomposition_result(b->mi, pair, found, psi, &result);
            } else {
                plane_result(b->mi, pair, found, psi, &result);
            }
        }
        ICL_TRY(run->take(run->context, b->begin[half] + p, &result, err));
    }
    if (b->mi->task.advance != NULL) b->mi->task.advance(b->mi->task.context, b->count[half]);
    b->count[half] = 0;
    return ICL_OK;
}

static icl_status run_batches(struct batch *b, struct icl_error *err)
{
    unsigned half = 0;
    for (size_t begin = 0; begin < b->run->count; half = 1 - half) {
        const size_t left = b->run->count - begin, count = left < b->room ? left : b->room;
        b->begin[half] = begin;
        b->count[half] = count;
        for (size_t p = 0; p < count; p++)
            b->pair[half][p] = b->run->pair(b->run->context, begin + p);
        launch(b, half);
        const icl_status status = take_results(b, 1 - half, err);
        ICL_TRY(b->mi->device->call->finish(b->mi->device, status == ICL_OK ? err : NULL));
        ICL_TRY(status);
        begin += count;
    }
    return take_results(b, 1 - half, err);
}

icl_status icl_device_batches(struct icl_device_mi *mi, const struct icl_device_run *run, struct icl_error *err)
{
    if (run->count == 0) return ICL_OK;
    struct batch b = {.mi = mi, .run = run, .memory = {.device = mi->device}};
    b.found_size = run->route == ICL_ROUTE_TABLES ? sizeof(struct icl_device_table) : sizeof(struct icl_device_terms);
    icl_status status = icl_device_upload(mi, run->route, err);
    if (status == ICL_OK) status = take_batch(&b, err);
    if (status == ICL_OK) status = run_batches(&b, err);
    release_batch(&b);
    return status;
}

/* ---- pairs --------------------------------------------------------------------------------------------------------
 */

struct pairs_job {
    struct icl_device_mi *mi;
    const struct icl_column_pair *pair;
    struct icl_mi_result *result;
    const size_t *chosen; /* the pairs of a route */
};

static icl_status host_pair(const struct pairs_job *job, size_t index, unsigned worker, struct icl_mi_result *result,
                            struct icl_error *err)
{
    const struct icl_column_pair pair = job->pair[index];
    return icl_mi_pair(&job->mi->task.column[pair.x], &job->mi->task.column[pair.y], &job->mi->task.options,
                       job->mi->workspaces[worker], result, err);
}

static icl_status host_item(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    const struct pairs_job *job = context;
    return host_pair(job, job->chosen[item], worker, &job->result[job->chosen[item]], err);
}

static struct icl_device_pair pair_of(void *context, size_t index)
{
    const struct pairs_job *job = context;
    const struct icl_column_pair pair = job->pair[job->chosen[index]];
    return (struct icl_device_pair){pair.x, pair.y, ICL_DEVICE_AS_IT_IS};
}

static icl_status take_pair(void *context, size_t index, const struct icl_mi_result *result, struct icl_error *err)
{
    const struct pairs_job *job = context;
    (void)err;
    job->result[job->chosen[index]] = *result;
    return ICL_OK;
}

static icl_status pair_again(void *context, size_t index, struct icl_mi_result *result, struct icl_error *err)
{
    const struct pairs_job *job = context;
    return host_pair(job, job->chosen[index], 0, result, err);
}

static icl_status check_pairs(const struct icl_device_mi *mi, const struct icl_column_pair *pair, size_t count,
                              struct icl_error *err)
{
    for (size_t p = 0; p < count; p++)
        if (pair[p].x >= mi->task.cols || pair[p].y >= mi->task.cols || mi->task.column[pair[p].x].n == 0 ||
            mi->task.column[pair[p].y].n == 0)
            return icl_fail(err, ICL_ERR_INPUT, "pair %zu: no columns %u and %u", p, pair[p].x, pair[p].y);
    return ICL_OK;
}

icl_status icl_device_route_pairs(const struct icl_device_mi *mi, const struct icl_column_pair *pair, size_t count,
                                  size_t *chosen, size_t begin[ICL_ROUTES + 1],
                                  enum icl_mi_estimator estimator[ICL_ROUTES], struct icl_error *err)
{
    size_t number[ICL_ROUTES] = {0};
    ICL_TRY(check_pairs(mi, pair, count, err));
    for (unsigned round = 0; round < 2; round++) { /* counts, then puts them there */
        for (size_t p = 0; p < count; p++) {
            enum icl_mi_estimator used;
            const enum icl_device_route route = icl_device_route_of(mi, pair[p], &used);
            if (round == 1) chosen[begin[route] + number[route]] = p;
            estimator[route] = used;
            number[route]++;
        }
        begin[0] = 0;
        for (unsigned r = 0; r < ICL_ROUTES && round == 0; r++) {
            begin[r + 1] = begin[r] + number[r];
            number[r] = 0;
        }
    }
    return ICL_OK;
}

icl_status icl_device_mi_pairs(struct icl_device_mi *mi, const struct icl_column_pair *pair, size_t count,
                               struct icl_mi_result *result, struct icl_error *err)
{
    size_t begin[ICL_ROUTES + 1], *chosen = malloc((count + 1) * sizeof *chosen);
    enum icl_mi_estimator estimator[ICL_ROUTES] = {0};
    if (chosen == NULL) return icl_fail_memory(err, "pairs");
    struct pairs_job job = {mi, pair, result, chosen};
    icl_status status = icl_device_route_pairs(mi, pair, count, chosen, begin, estimator, err);
    if (status == ICL_OK && begin[1] > 0) {
        status = icl_parallel_for(mi->workers, begin[1], host_item, &job, err);
        mi->left += begin[1];
        if (status == ICL_OK && mi->task.advance != NULL) mi->task.advance(mi->task.context, begin[1]);
    }
    for (unsigned route = ICL_ROUTE_TABLES; route < ICL_ROUTES && status == ICL_OK; route++) {
        job.chosen = chosen + begin[route];
        const struct icl_device_run run = {.route = route,
                                           .estimator = estimator[route],
                                           .count = begin[route + 1] - begin[route],
                                           .pair = pair_of,
                                           .take = take_pair,
                                           .again = pair_again,
                                           .context = &job};
        status = icl_device_batches(mi, &run, err);
    }
    free(chosen);
    return status;
}
