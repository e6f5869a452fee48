#include "cli/estimate.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/progress.h"
#include "core/threads.h"
#include "estimators/uncertainty.h"

double cli_nats_in(enum cli_units units)
{
    return units == CLI_BITS ? M_LN2 : 1;
}

struct job {
    const struct cli_source *source;
    const struct cli_pairs *pairs;
    struct icl_mi_options options;
    enum icl_mi_normalisation normalise;
    const struct cli_uncertainty *uncertainty;
    struct icl_workspace **workspaces;
    struct cli_estimates *out;
    struct icl_progress progress;
    atomic_size_t skipped;
};

static icl_status estimate_one(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct job *job = context;
    struct cli_estimates *out = job->out;
    struct icl_workspace *ws = job->workspaces[worker];
    const struct cli_uncertainty *uncertainty = job->uncertainty;
    const struct cli_pair pair = cli_pair_at(job->pairs, item);
    const struct icl_column *x = &job->source->prepared[pair.i], *y = &job->source->prepared[pair.j];
    struct icl_mi_result result;
    ICL_TRY(icl_mi_pair(x, y, &job->options, ws, &result, err));
    out->mi[item] = result.mi;
    out->estimator[item] = (unsigned char)result.estimator;
    if (out->normalised != NULL)
        ICL_TRY(icl_mi_normalise(result.mi, x, y, job->normalise, job->options.correction, ws, &out->normalised[item],
                                 err));
    if ((result.notes & ICL_MI_NOTE_TERM_SKIPPED) != 0) atomic_fetch_add(&job->skipped, 1);

    /* Parts and permutations are judged by the estimator of the whole. */
    struct icl_mi_options options = job->options;
    options.estimator = result.estimator;
    struct icl_stream stream = {uncertainty->seed, ICL_PURPOSE_SUBSAMPLE, 0, 0};
    if (out->se != NULL) ICL_TRY(icl_mi_standard_error(x, y, &options, &stream, ws, &out->se[item], err));
    stream.purpose = ICL_PURPOSE_PERMUTE;
    if (out->p != NULL)
        ICL_TRY(icl_mi_permutation_test(x, y, &options, result.mi, (unsigned)uncertainty->permute, &stream, ws,
                                        &out->p[item], err));
    icl_progress_step(&job->progress, 1);
    return ICL_OK;
}

static icl_status take_slots(struct cli_estimates *out, size_t count, const struct cli_estimator *estimator,
                             const struct cli_uncertainty *uncertainty, struct icl_error *err)
{
    const bool normalise = estimator->normalise != ICL_MI_NORMALISE_NONE;
    if (normalise) out->normalised = malloc(count * sizeof *out->normalised);
    out->mi = malloc(count * sizeof *out->mi);
    out->estimator = malloc(count);
    if (uncertainty->error) out->se = malloc(count * sizeof *out->se);
    if (uncertainty->permute > 0) out->p = malloc(count * sizeof *out->p);
    const bool short_of = out->mi == NULL || out->estimator == NULL || (uncertainty->error && out->se == NULL) ||
                          (uncertainty->permute > 0 && out->p == NULL) || (normalise && out->normalised == NULL);
    return short_of ? icl_fail(err, ICL_ERR_MEMORY, "out of memory for the results of %zu pairs", count) : ICL_OK;
}

icl_status cli_estimate(const struct cli_source *source, const struct cli_pairs *pairs,
                        const struct cli_estimator *estimator, const struct cli_uncertainty *uncertainty,
                        uint64_t threads, struct cli_estimates *out, struct icl_error *err)
{
    const unsigned workers = cli_thread_count(threads, pairs->count);
    struct job job = {
        .source = source,
        .pairs = pairs,
        .options = {estimator->name, (unsigned)estimator->k, (unsigned)estimator->bins, estimator->correction},
        .normalise = estimator->normalise,
        .uncertainty = uncertainty,
        .out = out,
    };
    *out = (struct cli_estimates){0};
    icl_status status = take_slots(out, pairs->count, estimator, uncertainty, err);
    if (status == ICL_OK) status = icl_workspaces_create(&job.workspaces, workers, err);
    if (status == ICL_OK) {
        icl_progress_begin(&job.progress, "pairs", pairs->count, !isatty(STDERR_FILENO));
        status = icl_parallel_for(workers, pairs->count, estimate_one, &job, err);
        icl_progress_end(&job.progress);
        icl_workspaces_free(job.workspaces, workers);
    }
    out->skipped = atomic_load(&job.skipped);
    if (status != ICL_OK) cli_estimates_free(out);
    return cli_name_source(status, source, err);
}

void cli_estimates_free(struct cli_estimates *estimates)
{
    free(estimates->mi);
    free(estimates->se);
    free(estimates->p);
    free(estimates->normalised);
    free(estimates->estimator);
    *estimates = (struct cli_estimates){0};
}

void cli_meta_estimator(json_t *meta, const struct cli_estimator *estimator)
{
    cli_meta_text(meta, "estimator", icl_mi_texts[estimator->name]);
    cli_meta_text(meta, "correction", icl_correction_texts[estimator->correction]);
}

void cli_note_skipped(const struct cli_estimates *estimates, const struct cli_source *source, size_t pairs)
{
    if (estimates->skipped == 0) return;
    cli_say("note: %s: in %zu of %zu pairs a term of the decomposition had too few samples and was taken as 0",
            source->name, estimates->skipped, pairs);
}
