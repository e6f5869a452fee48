/* Permutation tests of many pairs on a device. */
#include <math.h>
#include <stdlib.h>

#include "core/threads.h"
#include "estimators/device_pairs_internal.h"

/* Permutations at once: at most so many, and a share of the device's memory. A test that may stop early begins with
 * few: with those that it needs if every other value reaches the observed one; each round has twice as many. */
enum { MOST_AT_ONCE = 1024, FIRST_AT_ONCE = 16, SHARE_OF_MEMORY = 8 };

struct tests {
    struct icl_device_mi *mi;
    const struct icl_column_pair *pair;
    const double *observed;
    const struct icl_permutation_plan *plan;
    struct icl_stream stream;
    double *p;
    struct icl_permutation_progress *progress; /* of a pair */
    size_t *going, pairs;                      /* the pairs of a route whose test goes on */
    uint32_t first;                            /* permutation */
    size_t at_once;
};

/* ---- by the processor ---------------------------------------------------------------------------------------------
 */

static icl_status host_test(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    const struct tests *t = context;
    const size_t i = t->going[item];
    const struct icl_column *column = t->mi->task.column;
    return icl_mi_permutation_test(&column[t->pair[i].x], &column[t->pair[i].y], &t->mi->task.options, t->observed[i],
                                   t->plan, &t->stream, t->mi->workspaces[worker], &t->p[i], err);
}

/* ---- by the device ------------------------------------------------------------------------------------------------
 */

/* Estimates are numbered pair by pair, the permutations of one in order. */
static struct icl_device_pair permuted_pair(void *context, size_t index)
{
    const struct tests *t = context;
    const struct icl_column_pair pair = t->pair[t->going[index / t->at_once]];
    return (struct icl_device_pair){pair.x, pair.y, (int32_t)(index % t->at_once)};
}

static icl_status take_estimate(void *context, size_t index, const struct icl_mi_result *result, struct icl_error *err)
{
    const struct tests *t = context;
    const size_t i = t->going[index / t->at_once];
    (void)err;
    if (icl_permutation_goes_on(t->plan, &t->progress[i]))
        icl_permutation_told(&t->progress[i], t->observed[i], result->mi);
    return ICL_OK;
}

static icl_status estimate_again(void *context, size_t index, struct icl_mi_result *result, struct icl_error *err)
{
    const struct tests *t = context;
    const struct icl_column_pair pair = t->pair[t->going[index / t->at_once]];
    const struct icl_column *column = t->mi->task.column;
    struct icl_workspace *ws = t->mi->workspaces[0];
    struct icl_stream stream = t->stream;
    struct icl_mi_shuffled shuffled;
    stream.step = t->first + (uint32_t)(index % t->at_once);
    const struct icl_mark mark = icl_workspace_mark(ws);
    uint32_t *permutation = ICL_TAKE(ws, t->mi->n, uint32_t);
    if (permutation == NULL) return icl_fail_memory(err, "a permutation");
    icl_status status = icl_block_permutation(&stream, t->mi->n, t->plan->block, ws, permutation, err);
    if (status == ICL_OK)
        status = icl_mi_shuffled_begin(&column[pair.x], &column[pair.y], &t->mi->task.options, ws, &shuffled, err);
    if (status == ICL_OK) status = icl_mi_shuffled_estimate(&shuffled, permutation, ws, &result->mi, err);
    icl_workspace_release(ws, mark);
    return status;
}

static size_t most_at_once(const struct icl_device_mi *mi, const struct icl_permutation_plan *plan)
{
    const uint64_t fit = mi->device->facts.memory / SHARE_OF_MEMORY / (2 * mi->n * sizeof(uint32_t));
    size_t most = plan->permutations < MOST_AT_ONCE ? plan->permutations : MOST_AT_ONCE;
    if (most > fit) most = (size_t)fit;
    return most > 0 ? most : 1;
}

/* Takes p of those whose tests have ended, leaves the others. */
static void end_tests(struct tests *t)
{
    size_t kept = 0;
    for (size_t g = 0; g < t->pairs; g++) {
        const size_t i = t->going[g];
        if (icl_permutation_goes_on(t->plan, &t->progress[i]))
            t->going[kept++] = i;
        else
            t->p[i] = icl_permutation_p(t->plan, &t->progress[i]);
    }
    t->pairs = kept;
}

static icl_status run_rounds(struct tests *t, enum icl_device_route route, enum icl_mi_estimator estimator, size_t most,
                             uint32_t *to, uint32_t *from, struct icl_error *err)
{
    struct icl_device_mi *mi = t->mi;
    size_t wanted = t->plan->stop == 0                          ? most
                    : 2 * (size_t)t->plan->stop > FIRST_AT_ONCE ? 2 * (size_t)t->plan->stop
                                                                : FIRST_AT_ONCE;
    for (t->first = 0; t->pairs > 0; t->first += (uint32_t)t->at_once, wanted *= 2) {
        const size_t left = t->plan->permutations - t->first;
        t->at_once = wanted < most ? wanted : most;
        if (t->at_once > left) t->at_once = left;
        mi->device->call->pairs.permutations(mi->device, &t->stream, t->first, t->at_once, mi->n, t->plan->block, to,
                                             from);
        const struct icl_device_run run = {.route = route,
                                           .estimator = estimator,
                                           .count = t->pairs * t->at_once,
                                           .pair = permuted_pair,
                                           .take = take_estimate,
                                           .again = estimate_again,
                                           .context = t,
                                           .permutations = {to, from}};
        ICL_TRY(icl_device_batches(mi, &run, err));
        end_tests(t);
    }
    return ICL_OK;
}

static icl_status device_tests(struct tests *t, enum icl_device_route route, enum icl_mi_estimator estimator,
                               struct icl_error *err)
{
    struct icl_device_memory memory = {.device = t->mi->device};
    const size_t most = most_at_once(t->mi, t->plan), bytes = most * t->mi->n * sizeof(uint32_t);
    void *to, *from;
    icl_status status = icl_device_memory_take(&memory, bytes, "permutations", &to, err);
    if (status == ICL_OK) status = icl_device_memory_take(&memory, bytes, "permutations", &from, err);
    if (status == ICL_OK) status = run_rounds(t, route, estimator, most, to, from, err);
    icl_device_memory_release(&memory);
    return status;
}

/* ---- public -------------------------------------------------------------------------------------------------------
 */

/* Leaves out the pairs that have no estimate: their p is nan. */
static size_t drop_unknown(const struct tests *t, size_t *chosen, size_t count)
{
    size_t kept = 0;
    for (size_t c = 0; c < count; c++)
        if (!isnan(t->observed[chosen[c]])) chosen[kept++] = chosen[c];
    return kept;
}

static icl_status test_routes(struct tests *t, size_t count, size_t *chosen, struct icl_error *err)
{
    size_t begin[ICL_ROUTES + 1];
    enum icl_mi_estimator estimator[ICL_ROUTES] = {0};
    ICL_TRY(icl_device_route_pairs(t->mi, t->pair, count, chosen, begin, estimator, err));
    for (unsigned route = 0; route < ICL_ROUTES; route++) {
        t->going = chosen + begin[route];
        t->pairs = drop_unknown(t, t->going, begin[route + 1] - begin[route]);
        if (t->pairs == 0) continue;
        ICL_TRY(icl_permutation_check(t->mi->n, t->plan, err));
        if (route != ICL_ROUTE_HOST) {
            ICL_TRY(device_tests(t, route, estimator[route], err));
        } else {
            ICL_TRY(icl_parallel_for(t->mi->workers, t->pairs, host_test, t, err));
            t->mi->left += t->pairs;
        }
    }
    return ICL_OK;
}

icl_status icl_device_permutation_p(struct icl_device_mi *mi, const struct icl_column_pair *pair, size_t count,
                                    const double *observed, const struct icl_permutation_plan *plan,
                                    const struct icl_stream *stream, double *p, struct icl_error *err)
{
    for (size_t i = 0; i < count; i++)
        p[i] = NAN;
    if (plan->permutations == 0 || count == 0) return ICL_OK;
    struct tests tests = {.mi = mi, .pair = pair, .observed = observed, .plan = plan, .stream = *stream, .p = p};
    size_t *chosen = malloc(count * sizeof *chosen);
    tests.progress = calloc(count, sizeof *tests.progress);
    const icl_status status = chosen == NULL || tests.progress == NULL ? icl_fail_memory(err, "permutation tests")
                                                                       : test_routes(&tests, count, chosen, err);
    free(chosen);
    free(tests.progress);
    return status;
}
