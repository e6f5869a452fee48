#include "cli/estimate_device.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/independence.h"
#include "core/progress.h"
#include "estimators/device_pairs.h"

/* Pairs at a time: what they come to is kept until they are done. */
enum { CHUNK = 1 << 18 };

/* What a device has nothing of; NULL: it has all that is asked for. */
static const char *missing(const struct cli_estimator *estimator, const struct cli_uncertainty *u)
{
    const struct icl_mi_options options = {estimator->name, (unsigned)estimator->k, (unsigned)estimator->bins,
                                           estimator->correction};
    if (!icl_device_mi_has(&options)) return "this estimator, or its correction";
    if (u->error) return "--error";
    if (u->drift) return "--drift";
    if (estimator->normalise != ICL_MI_NORMALISE_NONE) return "--normalise";
    if (cli_wants_p(u) && u->null != CLI_NULL_PERMUTE) return "this --null";
    return NULL;
}

icl_status cli_estimate_device(enum icl_device_choice choice, const struct cli_estimator *estimator,
                               const struct cli_uncertainty *uncertainty, struct icl_device **device,
                               struct icl_error *err)
{
    const char *what = missing(estimator, uncertainty);
    *device = NULL;
    if (choice == ICL_DEVICE_CPU) return ICL_OK;
    if (what == NULL) return cli_device_open(choice, device, err);
    if (choice == ICL_DEVICE_CUDA)
        return icl_fail(err, ICL_ERR_USAGE, "--device cuda: a device has nothing of %s: leave it to the processor",
                        what);
    cli_say("device: the processor (a device has nothing of %s)", what);
    return ICL_OK;
}

static void advance(void *context, size_t done)
{
    icl_progress_step(context, done);
}

/* Pairs first .. first+count-1. */
static icl_status estimate_chunk(struct icl_device_mi *mi, const struct cli_pairs *pairs, size_t first, size_t count,
                                 struct icl_column_pair *pair, struct icl_mi_result *result, struct cli_estimates *out,
                                 struct icl_error *err)
{
    for (size_t k = 0; k < count; k++) {
        const struct cli_pair at = cli_pair_at(pairs, first + k);
        pair[k] = (struct icl_column_pair){(uint32_t)at.i, (uint32_t)at.j};
    }
    ICL_TRY(icl_device_mi_pairs(mi, pair, count, result, err));
    for (size_t k = 0; k < count; k++) {
        out->mi[first + k] = result[k].mi;
        out->estimator[first + k] = (unsigned char)result[k].estimator;
        out->skipped += (result[k].notes & ICL_MI_NOTE_TERM_SKIPPED) != 0;
        out->atoms += cli_is_meaningless(result[k].estimator, result[k].notes);
    }
    return ICL_OK;
}

/* What the chunks of one call share. */
struct device_run {
    struct icl_progress progress;
    struct icl_device_mi *mi;
    struct icl_column_pair *pair;
    struct icl_mi_result *result;
};

static icl_status run_chunks(struct device_run *run, const struct cli_pairs *pairs,
                             const struct cli_uncertainty *uncertainty, struct cli_estimates *out,
                             struct icl_error *err)
{
    const struct icl_permutation_plan plan = {(unsigned)uncertainty->permute, (size_t)uncertainty->block,
                                              (unsigned)uncertainty->stop};
    const struct icl_stream stream = {uncertainty->seed, ICL_PURPOSE_PERMUTE, 0, 0};
    for (size_t first = 0; first < pairs->count; first += CHUNK) {
        const size_t count = pairs->count - first < CHUNK ? pairs->count - first : CHUNK;
        ICL_TRY(estimate_chunk(run->mi, pairs, first, count, run->pair, run->result, out, err));
        if (out->p != NULL)
            ICL_TRY(icl_device_permutation_p(run->mi, run->pair, count, out->mi + first, &plan, &stream, out->p + first,
                                             err));
    }
    return ICL_OK;
}

icl_status cli_estimate_on_device(struct icl_device *device, const struct cli_source *source,
                                  const struct cli_pairs *pairs, const struct icl_mi_options *options,
                                  const struct cli_uncertainty *uncertainty, uint64_t threads,
                                  struct cli_estimates *out, struct icl_error *err)
{
    struct device_run run = {.mi = NULL};
    const size_t room = pairs->count < CHUNK ? pairs->count : CHUNK;
    /* An estimate a pair, and one a permutation. */
    const size_t work = pairs->count * (out->p != NULL ? 1 + (size_t)uncertainty->permute : 1);
    const struct icl_device_mi_task task = {.column = source->prepared,
                                            .cols = source->cols,
                                            .options = *options,
                                            .threads = (unsigned)threads,
                                            .advance = advance,
                                            .context = &run.progress};
    run.pair = malloc(room * sizeof *run.pair);
    run.result = malloc(room * sizeof *run.result);
    icl_status status = run.pair == NULL || run.result == NULL ? icl_fail_memory(err, "pairs of columns") : ICL_OK;
    if (status == ICL_OK) status = icl_device_mi_open(device, &task, &run.mi, err);
    if (status == ICL_OK) {
        icl_progress_begin(&run.progress, out->p != NULL ? "estimates" : "pairs", work, !isatty(STDERR_FILENO));
        status = run_chunks(&run, pairs, uncertainty, out, err);
        icl_progress_end(&run.progress);
    }
    icl_device_mi_close(run.mi);
    free(run.pair);
    free(run.result);
    return status;
}
