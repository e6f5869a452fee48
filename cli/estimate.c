#include "cli/estimate.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/estimate_device.h"
#include "cli/independence.h"
#include "cli/tiles.h"
#include "core/progress.h"
#include "core/threads.h"
#include "estimators/false_discovery.h"
#include "estimators/mi_error.h"
#include "estimators/plugin_pairs.h"

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
    struct cli_independence independence;
    struct icl_workspace **workspaces;
    struct cli_estimates *out;
    struct icl_progress progress;
    atomic_size_t skipped, drifting, atoms;
    struct icl_binned *binned; /* cols, filled by tiles; NULL: another estimator than the plug-in */
    struct icl_count_terms terms;
};

/* Bytes a sample of a binned column with bitmaps, and columns whose bitmaps stay in the second-level cache. */
enum { BINNED_BYTES = 12, PLUGIN_EDGE = 16 };

/* What pairs need of a column that has been prepared. */
static icl_status enter_column(void *context, size_t column, unsigned worker, struct icl_error *err)
{
    struct job *job = context;
    const struct icl_column *prepared = &job->source->prepared[column];
    (void)worker;
    cli_independence_column(&job->independence, column, prepared);
    if (job->binned == NULL) return ICL_OK;
    return icl_binned_make(&job->binned[column], prepared, job->options.bins, err);
}

static void leave_column(void *context, size_t column)
{
    struct job *job = context;
    if (job->binned != NULL) icl_binned_free(&job->binned[column]);
}

static icl_status estimate_one(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct job *job = context;
    struct cli_estimates *out = job->out;
    struct icl_workspace *ws = job->workspaces[worker];
    const struct cli_uncertainty *uncertainty = job->uncertainty;
    const struct cli_pair pair = cli_pair_at(job->pairs, item);
    const struct icl_column *x = &job->source->prepared[pair.i], *y = &job->source->prepared[pair.j];
    struct icl_mi_result result;
    if (job->binned != NULL)
        ICL_TRY(icl_plugin_pair(&job->binned[pair.i], &job->binned[pair.j], &job->terms, ws, &result, err));
    else
        ICL_TRY(icl_mi_pair(x, y, &job->options, ws, &result, err));
    out->mi[item] = result.mi;
    out->estimator[item] = (unsigned char)result.estimator;
    if (out->normalised != NULL)
        ICL_TRY(icl_mi_normalise(result.mi, x, y, job->normalise, job->options.correction, ws, &out->normalised[item],
                                 err));
    if ((result.notes & ICL_MI_NOTE_TERM_SKIPPED) != 0) atomic_fetch_add(&job->skipped, 1);
    if (cli_is_meaningless(result.estimator, result.notes)) atomic_fetch_add(&job->atoms, 1);

    /* Parts and permutations are judged by the estimator of the whole. */
    struct icl_mi_options options = job->options;
    options.estimator = result.estimator;
    const struct icl_sampling sampling = {{uncertainty->seed, ICL_PURPOSE_SUBSAMPLE, 0, 0}, (size_t)uncertainty->block};
    if (out->se != NULL) {
        struct icl_interval interval;
        ICL_TRY(icl_mi_interval(x, y, &options, &sampling, ws, &interval, err));
        out->se[item] = interval.se;
        out->lo[item] = interval.lo;
        out->hi[item] = interval.hi;
    }
    if (out->drift != NULL) {
        ICL_TRY(icl_mi_find_drift(x, y, &options, &sampling, ws, &out->drift[item], err));
        const double limit = ICL_MI_DRIFT_LIMIT;
        if (fabs(out->drift[item].over_n) > limit || fabs(out->drift[item].over_k) > limit)
            atomic_fetch_add(&job->drifting, 1);
    }
    if (out->p != NULL)
        ICL_TRY(cli_independence_p(&job->independence, job->source, pair, &options, result.mi, ws, &out->p[item], err));
    icl_progress_step(&job->progress, 1);
    return ICL_OK;
}

/* All pairs of the job, by the fast form of the estimator where there is one. */
static icl_status estimate_all(struct job *job, unsigned workers, struct icl_error *err)
{
    struct cli_tile_work work = {
        .context = job, .pair = estimate_one, .edge = 1, .enter = enter_column, .leave = leave_column};
    icl_status status = ICL_OK;
    if (job->options.estimator == ICL_MI_PLUGIN && job->options.correction == ICL_CORRECTION_MILLER_MADOW) {
        job->binned = calloc(job->source->cols, sizeof *job->binned);
        if (job->binned == NULL) return icl_fail_memory(err, "binned columns");
        status = icl_count_terms_make(&job->terms, job->source->rows, err);
        work.edge = PLUGIN_EDGE;
        work.bytes = BINNED_BYTES;
    }
    if (status == ICL_OK) status = cli_tiles_run(job->source, job->pairs, workers, job->workspaces, &work, err);
    icl_count_terms_free(&job->terms);
    free(job->binned);
    return status;
}

static icl_status take_slots(struct cli_estimates *out, size_t count, const struct cli_estimator *estimator,
                             const struct cli_uncertainty *uncertainty, struct icl_error *err)
{
    const bool normalise = estimator->normalise != ICL_MI_NORMALISE_NONE;
    if (normalise) out->normalised = malloc(count * sizeof *out->normalised);
    out->mi = malloc(count * sizeof *out->mi);
    out->estimator = malloc(count);
    if (uncertainty->error) {
        out->se = malloc(count * sizeof *out->se);
        out->lo = malloc(count * sizeof *out->lo);
        out->hi = malloc(count * sizeof *out->hi);
    }
    if (uncertainty->drift) out->drift = malloc(count * sizeof *out->drift);
    if (cli_wants_p(uncertainty)) out->p = malloc(count * sizeof *out->p);
    if (uncertainty->fdr != CLI_FDR_NONE) out->q = malloc(count * sizeof *out->q);
    const bool short_of =
        out->mi == NULL || out->estimator == NULL || (uncertainty->error && (!out->se || !out->lo || !out->hi)) ||
        (uncertainty->drift && out->drift == NULL) || (cli_wants_p(uncertainty) && out->p == NULL) ||
        (uncertainty->fdr != CLI_FDR_NONE && out->q == NULL) || (normalise && out->normalised == NULL);
    return short_of ? icl_fail(err, ICL_ERR_MEMORY, "out of memory for the results of %zu pairs", count) : ICL_OK;
}

/* With threads of the processor. */
static icl_status estimate_here(struct job *job, unsigned workers, struct icl_error *err)
{
    ICL_TRY(icl_workspaces_create(&job->workspaces, workers, err));
    icl_progress_begin(&job->progress, "pairs", job->pairs->count, !isatty(STDERR_FILENO));
    const icl_status status = estimate_all(job, workers, err);
    icl_progress_end(&job->progress);
    icl_workspaces_free(job->workspaces, workers);
    return status;
}

icl_status cli_estimate(struct icl_device *device, const struct cli_source *source, const struct cli_pairs *pairs,
                        const struct cli_estimator *estimator, const struct cli_uncertainty *uncertainty,
                        uint64_t threads, struct cli_estimates *out, struct icl_error *err)
{
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
    if (status == ICL_OK && out->p != NULL)
        status = cli_independence_open(&job.independence, source->rows, source->cols, &job.options, uncertainty, err);
    if (status == ICL_OK)
        status = device != NULL
                     ? cli_estimate_on_device(device, source, pairs, &job.options, uncertainty, threads, out, err)
                     : estimate_here(&job, cli_thread_count(threads, pairs->count), err);
    if (status == ICL_OK && out->p != NULL)
        status = cli_independence_finish(&job.independence, source, pairs, threads, out->mi, out->p, err);
    cli_independence_close(&job.independence);
    if (status == ICL_OK && out->q != NULL)
        status = icl_false_discovery(
            out->p, pairs->count,
            uncertainty->fdr == CLI_FDR_BY ? ICL_FDR_BENJAMINI_YEKUTIELI : ICL_FDR_BENJAMINI_HOCHBERG, out->q, err);
    out->skipped += atomic_load(&job.skipped);
    out->drifting += atomic_load(&job.drifting);
    out->atoms += atomic_load(&job.atoms);
    if (status != ICL_OK) cli_estimates_free(out);
    return cli_name_source(status, source, err);
}

void cli_estimates_free(struct cli_estimates *estimates)
{
    free(estimates->mi);
    free(estimates->se);
    free(estimates->lo);
    free(estimates->hi);
    free(estimates->drift);
    free(estimates->p);
    free(estimates->q);
    free(estimates->normalised);
    free(estimates->estimator);
    *estimates = (struct cli_estimates){0};
}

void cli_meta_estimator(json_t *meta, const struct cli_estimator *estimator)
{
    cli_meta_text(meta, "estimator", icl_mi_texts[estimator->name]);
    cli_meta_text(meta, "correction", icl_correction_texts[estimator->correction]);
}

bool cli_is_meaningless(enum icl_mi_estimator used, unsigned notes)
{
    return icl_mi_wants_densities(used) && (notes & ICL_MI_NOTE_ATOMS) != 0;
}

void cli_note_atoms(const struct cli_source *source, size_t with, size_t all, const char *what)
{
    if (with > 0)
        cli_say(
            "note: %s: in %zu of %zu %s a column has atoms, values that repeat: the estimator is for densities, its "
            "values mean nothing there",
            source->name, with, all, what);
}

void cli_note_skipped(const struct cli_estimates *estimates, const struct cli_source *source, size_t pairs)
{
    cli_note_atoms(source, estimates->atoms, pairs, "pairs");
    if (estimates->skipped > 0)
        cli_say("note: %s: in %zu of %zu pairs a term of the decomposition had too few samples and was taken as 0",
                source->name, estimates->skipped, pairs);
    if (estimates->drifting > 0)
        cli_say("note: %s: in %zu of %zu pairs the estimate drifts with n or k by more than %d standard errors",
                source->name, estimates->drifting, pairs, ICL_MI_DRIFT_LIMIT);
}
