#include "cli/groups.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/column_sets.h"
#include "cli/independence.h"
#include "cli/rows.h"
#include "core/progress.h"
#include "core/threads.h"
#include "estimators/group_uncertainty.h"

/* One pair of groups, nats. */
struct found {
    struct icl_mi_result result;
    struct icl_interval interval;
    double p;
};

struct job {
    const struct cli_groups_call *wanted;
    const struct cli_column_sets *sets;
    struct icl_workspace **workspaces;
    struct found *found;
    struct icl_progress progress;
};

static icl_status estimate_one(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct job *job = context;
    const struct cli_uncertainty *uncertainty = &job->wanted->uncertainty;
    const struct icl_column_group *x = &job->sets->set[2 * item].group, *y = &job->sets->set[2 * item + 1].group;
    struct icl_workspace *ws = job->workspaces[worker];
    struct found *found = &job->found[item];
    struct icl_mi_options options = {.estimator = job->wanted->estimator.name,
                                     .k = (unsigned)job->wanted->estimator.k,
                                     .correction = job->wanted->estimator.correction};
    ICL_TRY(icl_mi_groups(x, y, &options, ws, &found->result, err));

    /* Parts and permutations are judged by the estimator of the whole. */
    options.estimator = found->result.estimator;
    const struct icl_sampling sampling = {{uncertainty->seed, ICL_PURPOSE_SUBSAMPLE, 0, 0}, (size_t)uncertainty->block};
    const struct icl_stream shuffle = {uncertainty->seed, ICL_PURPOSE_PERMUTE, 0, 0};
    const struct icl_permutation_plan plan = {(unsigned)uncertainty->permute, (size_t)uncertainty->block,
                                              (unsigned)uncertainty->stop};
    found->interval = (struct icl_interval){.se = NAN};
    if (uncertainty->error) ICL_TRY(icl_mi_groups_interval(x, y, &options, &sampling, ws, &found->interval, err));
    ICL_TRY(icl_mi_groups_permutation_test(x, y, &options, found->result.mi, &plan, &shuffle, ws, &found->p, err));
    icl_progress_step(&job->progress, 1);
    return ICL_OK;
}

static const char *const names[] = {"i", "j", "estimator", "n", "mi", "se", "p", NULL};
static const char *const names_with_error[] = {"i", "j", "estimator", "n", "mi", "se", "p", "lo", "hi", NULL};

static double shown(const struct cli_groups_call *wanted, double nats)
{
    const double value = nats / cli_nats_in(wanted->units);
    return wanted->clip && value < 0 ? 0 : value;
}

static icl_status write_rows(const struct cli_groups_call *wanted, const struct cli_source *source,
                             const struct job *job, json_t *meta, struct icl_error *err)
{
    struct cli_rows rows;
    const bool error = wanted->uncertainty.error;
    cli_meta_text(meta, "file", source->name);
    cli_meta_text(meta, "units", cli_units_names[wanted->units]);
    cli_meta_count(meta, "seed", wanted->uncertainty.seed);
    cli_meta_estimator(meta, &wanted->estimator);
    cli_independence_meta(&wanted->uncertainty, job->sets->count / 2, meta);
    ICL_TRY(cli_rows_open(&rows, wanted->out, wanted->format, meta, error ? names_with_error : names, err));
    for (size_t g = 0; g < job->sets->count / 2; g++) {
        const struct found *found = &job->found[g];
        cli_rows_text(&rows, job->sets->set[2 * g].text);
        cli_rows_text(&rows, job->sets->set[2 * g + 1].text);
        cli_rows_text(&rows, icl_mi_names[found->result.estimator]);
        cli_rows_count(&rows, source->rows);
        cli_rows_number(&rows, shown(wanted, found->result.mi));
        cli_rows_number(&rows, found->interval.se / cli_nats_in(wanted->units));
        cli_rows_number(&rows, found->p);
        if (error) cli_rows_number(&rows, shown(wanted, found->interval.lo));
        if (error) cli_rows_number(&rows, shown(wanted, found->interval.hi));
    }
    return cli_rows_close(&rows, err);
}

static icl_status write_result(struct cli_call *call, const struct cli_source *source, const struct job *job,
                               struct icl_error *err)
{
    size_t skipped = 0, atoms = 0;
    for (size_t g = 0; g < job->sets->count / 2; g++) {
        skipped += (job->found[g].result.notes & ICL_MI_NOTE_TERM_SKIPPED) != 0;
        atoms += cli_is_meaningless(job->found[g].result.estimator, job->found[g].result.notes);
    }
    cli_warn_columns(&source, 1, job->sets->used, 1U << ICL_COLUMN_NONFINITE, "the rows of these are nan");
    cli_note_atoms(source, atoms, job->sets->count / 2, "pairs of groups");
    if (skipped > 0)
        cli_say("note: %s: in %zu of %zu pairs of groups a term of the decomposition had too few samples and was taken "
                "as 0",
                source->name, skipped, job->sets->count / 2);
    json_t *meta = cli_meta_new(call);
    const icl_status status = write_rows(job->wanted, source, job, meta, err);
    json_decref(meta);
    return status;
}

static icl_status estimate_all(struct cli_call *call, const struct cli_groups_call *wanted,
                               const struct cli_source *source, const struct cli_column_sets *sets,
                               struct icl_error *err)
{
    const size_t pairs = sets->count / 2;
    const unsigned workers = cli_thread_count(wanted->threads, pairs);
    struct job job = {.wanted = wanted, .sets = sets, .found = calloc(pairs, sizeof *job.found)};
    if (job.found == NULL) return icl_fail_memory(err, "the results of groups");
    icl_status status = icl_workspaces_create(&job.workspaces, workers, err);
    if (status == ICL_OK) {
        icl_progress_begin(&job.progress, "pairs of groups", pairs, !isatty(STDERR_FILENO));
        status = icl_parallel_for(workers, pairs, estimate_one, &job, err);
        icl_progress_end(&job.progress);
        icl_workspaces_free(job.workspaces, workers);
        status = cli_name_source(status, source, err);
    }
    if (status == ICL_OK) status = write_result(call, source, &job, err);
    free(job.found);
    return status;
}

icl_status cli_mi_groups(struct cli_call *call, const struct cli_groups_call *wanted, struct icl_error *err)
{
    if (!icl_mi_takes_groups(wanted->estimator.name))
        return icl_fail(err, ICL_ERR_USAGE, "--groups: %s has no form for groups of columns",
                        icl_mi_names[wanted->estimator.name]);
    if (wanted->format == CLI_NPY)
        return icl_fail(err, ICL_ERR_USAGE, "--groups: there is no matrix of groups (--format tsv or json)");
    ICL_TRY(cli_check_out(wanted->out, err));
    struct cli_source source = {0};
    struct cli_column_sets sets = {0};
    icl_status status = cli_source_read(wanted->path, wanted->unit, (unsigned)wanted->threads, &source, err);
    if (status == ICL_OK) status = cli_column_sets_parse("groups", wanted->groups, 2, &source, &sets, err);
    if (status == ICL_OK) status = estimate_all(call, wanted, &source, &sets, err);
    cli_column_sets_free(&sets);
    cli_source_free(&source);
    return status;
}
