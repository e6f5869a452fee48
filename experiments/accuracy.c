/* Runs groups of replications and sums them up. */
#include "experiments/accuracy_internal.h"

#include <math.h>
#include <stdlib.h>

#include "core/progress.h"
#include "core/threads.h"
#include "kernels/random.h"

const char *const icl_accuracy_kind_names[ICL_ACCURACY_KINDS] = {"error", "coverage", "false-alarms"};

/* ------------------------------------------------------------------ summary */

/* Wilson (1927): the rates r with |hits/count - r| <= z sqrt(r (1-r) / count), z the 97.5 % point of the normal. */
static void rate_of(size_t hits, size_t count, struct icl_accuracy_row *row)
{
    const double n = (double)count, rate = (double)hits / n, z = icl_normal_quantile(0.975), z2 = z * z;
    const double middle = (rate + z2 / (2 * n)) / (1 + z2 / n);
    const double half = z * sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n);
    row->rate = rate;
    row->rate_lo = hits == 0 ? 0 : middle - half; /* rounding aside */
    row->rate_hi = hits == count ? 1 : middle + half;
}

void icl_accuracy_summary(enum icl_accuracy_kind kind, const struct icl_accuracy_draw *draws, size_t count,
                          double truth, struct icl_accuracy_row *row)
{
    double mean = 0, about_mean = 0, about_truth = 0, se = 0;
    size_t with_se = 0, hits = 0;
    for (size_t i = 0; i < count; i++) {
        mean += draws[i].mi / (double)count;
        if (draws[i].hit) hits++;
        if (isnan(draws[i].se)) continue;
        se += draws[i].se;
        with_se++;
    }
    for (size_t i = 0; i < count; i++) {
        about_mean += (draws[i].mi - mean) * (draws[i].mi - mean);
        about_truth += (draws[i].mi - truth) * (draws[i].mi - truth);
    }
    row->truth = truth;
    row->mean_error = mean - truth;
    row->sd = sqrt(about_mean / (double)(count - 1));
    row->mean_error_se = row->sd / sqrt((double)count);
    row->rmse = sqrt(about_truth / (double)count);
    row->mean_se = with_se > 0 ? se / (double)with_se : NAN;
    row->rate = row->rate_lo = row->rate_hi = NAN;
    if (kind != ICL_ACCURACY_ERROR) rate_of(hits, count, row);
}

/* ---------------------------------------------------------------------- run */

/* A group with its place among all items and draws. */
struct part {
    size_t first_item; /* items are the replications of all groups, one after the other */
    size_t first_draw; /* draws: method after method, each with its replications */
    size_t method_count;
    size_t methods[ICL_ACCURACY_METHODS_MAX];
    double truth;
};

struct run {
    const struct icl_accuracy_group *groups;
    struct part *parts;
    size_t count, items, rows;
    uint64_t seed;
    struct icl_accuracy_draw *draws;
    struct icl_workspace **workspaces;
    struct icl_progress progress;
};

static icl_status divide(struct run *run, size_t *draws, struct icl_error *err)
{
    *draws = 0;
    for (size_t g = 0; g < run->count; g++) {
        const struct icl_accuracy_group *group = &run->groups[g];
        struct part *part = &run->parts[g];
        struct icl_accuracy_method method;
        *part = (struct part){.first_item = run->items, .first_draw = *draws};
        ICL_TRY(icl_task_truth(group->task, &part->truth, err));
        for (size_t m = 0; icl_accuracy_method_at(m, &method); m++)
            if (group->methods >> m & 1) part->methods[part->method_count++] = m;
        run->items += group->replications;
        run->rows += part->method_count;
        *draws += group->replications * part->method_count;
    }
    return ICL_OK;
}

/* The group of an item: the last that begins at or before it. */
static size_t group_of(const struct run *run, size_t item)
{
    size_t low = 0, high = run->count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        *(run->parts[middle].first_item <= item ? &low : &high) = middle;
    }
    return low;
}

static icl_status measure_all(const struct run *run, size_t g, const struct icl_accuracy_sample *sample,
                              struct icl_workspace *ws, struct icl_error *err)
{
    const struct icl_accuracy_group *group = &run->groups[g];
    const struct part *part = &run->parts[g];
    for (size_t m = 0; m < part->method_count; m++) {
        struct icl_accuracy_draw *draw = &run->draws[part->first_draw + m * group->replications + sample->replication];
        ICL_TRY(icl_accuracy_measure(group, part->methods[m], sample, ws, draw, err));
    }
    return ICL_OK;
}

/* Draws the replication and prepares its columns; `prepared` of them are to be freed, also after a failure. */
static icl_status prepare(struct icl_accuracy_sample *sample, size_t *prepared, struct icl_workspace *ws,
                          struct icl_error *err)
{
    const size_t n = sample->n, d = sample->task->a + sample->task->b;
    double *columns = ICL_TAKE(ws, n * d, double);
    if (columns == NULL) return icl_fail_memory(err, "a sample");
    ICL_TRY(icl_task_sample(sample->task, sample->seed, sample->replication, n, columns, err));
    for (; *prepared < d; ++*prepared)
        ICL_TRY(icl_column_prepare(&sample->column[*prepared], columns + *prepared * n, n, 1, ws, err));
    return ICL_OK;
}

static icl_status work(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct run *run = context;
    struct icl_workspace *ws = run->workspaces[worker];
    const struct icl_mark mark = icl_workspace_mark(ws);
    const size_t g = group_of(run, item);
    struct icl_accuracy_sample sample = {.task = run->groups[g].task,
                                         .seed = run->seed,
                                         .replication = (uint32_t)(item - run->parts[g].first_item),
                                         .n = run->groups[g].n,
                                         .truth = run->parts[g].truth};
    size_t prepared = 0;
    icl_status status = prepare(&sample, &prepared, ws, err);
    if (status == ICL_OK) status = measure_all(run, g, &sample, ws, err);
    for (size_t j = 0; j < prepared; j++)
        icl_column_free(&sample.column[j]);
    icl_workspace_release(ws, mark);
    icl_progress_step(&run->progress, 1);
    return status;
}

static void fill_rows(const struct run *run, struct icl_accuracy_row *row)
{
    for (size_t g = 0; g < run->count; g++) {
        const struct icl_accuracy_group *group = &run->groups[g];
        const struct part *part = &run->parts[g];
        for (size_t m = 0; m < part->method_count; m++, row++) {
            struct icl_accuracy_method method;
            icl_accuracy_method_at(part->methods[m], &method);
            row->group = group;
            row->method = method.name;
            icl_accuracy_summary(group->kind, run->draws + part->first_draw + m * group->replications,
                                 group->replications, part->truth, row);
        }
    }
}

static icl_status run_groups(struct run *run, unsigned threads, bool quiet, struct icl_accuracy_row **rows,
                             struct icl_error *err)
{
    size_t draws = 0;
    ICL_TRY(divide(run, &draws, err));
    run->draws = malloc((draws + 1) * sizeof *run->draws);
    *rows = malloc((run->rows + 1) * sizeof **rows);
    if (run->draws == NULL || *rows == NULL) return icl_fail_memory(err, "the estimates");
    ICL_TRY(icl_workspaces_create(&run->workspaces, threads, err));
    icl_progress_begin(&run->progress, "measuring", run->items, quiet);
    const icl_status status = icl_parallel_for(threads, run->items, work, run, err);
    icl_progress_end(&run->progress);
    icl_workspaces_free(run->workspaces, threads);
    if (status == ICL_OK) fill_rows(run, *rows);
    return status;
}

icl_status icl_accuracy_run(const struct icl_accuracy_group *groups, size_t count, uint64_t seed, unsigned threads,
                            bool quiet, struct icl_accuracy_row **rows, size_t *row_count, struct icl_error *err)
{
    struct icl_accuracy_row *filled = NULL;
    struct run run = {.groups = groups, .count = count, .seed = seed, .parts = malloc((count + 1) * sizeof *run.parts)};
    const unsigned workers = threads > 0 ? threads : icl_processor_count();
    const icl_status status =
        run.parts == NULL ? icl_fail_memory(err, "the groups") : run_groups(&run, workers, quiet, &filled, err);
    free(run.parts);
    free(run.draws);
    if (status != ICL_OK) {
        free(filled);
        return status;
    }
    *rows = filled;
    *row_count = run.rows;
    return ICL_OK;
}
