#include "trainer/recorder_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "core/npy_stream.h"
#include "core/number.h"
#include "trainer/row_internal.h"
#include "trainer/summary_internal.h"

/* The files that grow: what stands in their `#` lines, and their line of names or first bytes. */
static const struct live {
    const char *name, *about, *names;
} live[ICL_LIVE_FILES] = {
    [ICL_LIVE_METRICS] = {"metrics.tsv", "a row a step; loss in nats; step from 0, epoch from 1",
                          "step\tepoch\trate\tmomentum\tloss\taccuracy\tgradient_norm\tweight_norm\n"},
    [ICL_LIVE_EPOCHS] = {"epochs.tsv",
                         "train: in training mode, while it was learnt; open: training images with gates open and "
                         "running statistics; loss in nats",
                         "epoch\tsteps\trate\ttrain_loss\ttrain_accuracy\topen_loss\topen_accuracy\tvalid_loss\t"
                         "valid_accuracy\n"},
    [ICL_LIVE_LAYERS] = {"layers.tsv",
                         "activations of the training batch; input: before the stage, relu: behind its nonlinearity, "
                         "output: behind norm and dropout; near_zero: share in ",
                         "step\tepoch\tstage\tplace\tmean\tsd\tnear_zero\tleast\tmost\n"},
    [ICL_LIVE_NORMS] = {"norms.tsv",
                        "batch norms: running statistics against those of validation images with gates open; "
                        "means over the channels",
                        "epoch\tstage\tchannels\trunning_variance\tevaluation_variance\tratio\tmean_shift\n"},
    [ICL_LIVE_HISTOGRAMS] = {"histograms.npy", NULL, "\x93NUMPY"},
};

/* ---- memory --------------------------------------------------------------------------------------------------- */

size_t icl_recorder_memory(const struct icl_network *network)
{
    return network->stages * (sizeof(icl_node_id) + ICL_HISTOGRAM_BINS * sizeof(int64_t)) +
           2 * network->norm_channels * sizeof(double);
}

static icl_status take_memory(struct icl_recorder *r, struct icl_error *err)
{
    const struct icl_network *network = r->from.network;
    r->stage = calloc(network->stages + 1, sizeof *r->stage);
    r->histogram = calloc(network->stages * ICL_HISTOGRAM_BINS + 1, sizeof *r->histogram);
    r->moments = calloc(2 * network->norm_channels + 1, sizeof *r->moments);
    if (r->stage == NULL || r->histogram == NULL || r->moments == NULL)
        return icl_fail_memory(err, "the statistics of layers");
    for (size_t i = 0; i < network->nodes; i++)
        if (network->node[i].kind == ICL_NODE_STAGE) r->stage[r->stages++] = i;
    return ICL_OK;
}

/* ---- files ---------------------------------------------------------------------------------------------------- */

static void histogram_head(const struct icl_recorder *r, unsigned char head[ICL_NPY_GROWING_HEADER])
{
    const struct icl_array shape = {.ndim = 3, .shape = {r->records, r->stages, ICL_HISTOGRAM_BINS}};
    icl_npy_growing_header(&shape, ICL_I64, head);
}

static icl_status create_table(struct icl_recorder *r, int k, const char *path, struct icl_error *err)
{
    const bool general = r->from.spec->general_relu;
    char name[ICL_SPEC_NAME];
    struct icl_row row;
    icl_train_spec_name(r->from.spec, name);
    ICL_TRY(icl_row_begin(&row, err));
    fprintf(row.stream, "# iclab %s, run %s\n# %s%s\n", ICL_VERSION, name, live[k].about,
            k != ICL_LIVE_LAYERS ? ""
            : general            ? "[-.35, .70)"
                                 : "[0, .5)");
    fprintf(row.stream, "# kernels: %s\n", r->from.back_end->kernels);
    if (r->from.command != NULL) fprintf(row.stream, "# command: %s\n", r->from.command);
    struct icl_live_file *file = &r->file[k];
    ICL_TRY(icl_row_head(&row, file, path, err));
    return icl_live_append(file, live[k].names, strlen(live[k].names), err);
}

static icl_status open_file(struct icl_recorder *r, int k, const struct icl_train_state *state, struct icl_error *err)
{
    char path[ICL_RUN_PATH];
    unsigned char head[ICL_NPY_GROWING_HEADER];
    icl_run_path(r->from.folder, live[k].name, path);
    const bool table = k != ICL_LIVE_HISTOGRAMS;
    if (table && state == NULL) return create_table(r, k, path, err);
    histogram_head(r, head);
    if (state == NULL) return icl_live_create(&r->file[k], path, head, sizeof head, err);
    ICL_TRY(icl_live_reopen(&r->file[k], path, table ? 0 : sizeof head, state->length[k], live[k].names, false, err));
    return table ? ICL_OK : icl_live_rehead(&r->file[k], head, err);
}

icl_status icl_recorder_check(const struct icl_run_folder *folder, const struct icl_train_state *state,
                              struct icl_error *err)
{
    for (int k = 0; k < ICL_LIVE_FILES; k++) {
        char path[ICL_RUN_PATH];
        struct icl_live_file file;
        const size_t head = k == ICL_LIVE_HISTOGRAMS ? ICL_NPY_GROWING_HEADER : 0;
        icl_run_path(folder, live[k].name, path);
        ICL_TRY(icl_live_reopen(&file, path, head, state->length[k], live[k].names, true, err));
    }
    return ICL_OK;
}

icl_status icl_recorder_open(struct icl_recorder *recorder, const struct icl_recorder_source *from,
                             const struct icl_train_state *state, struct icl_error *err)
{
    struct icl_recorder r = {.from = *from, .records = state == NULL ? 0 : (size_t)state->records};
    for (int k = 0; k < ICL_LIVE_FILES; k++)
        r.file[k].fd = -1;
    icl_status status = take_memory(&r, err);
    for (int k = 0; status == ICL_OK && k < ICL_LIVE_FILES; k++)
        status = open_file(&r, k, state, err);
    if (status == ICL_OK)
        *recorder = r;
    else
        icl_recorder_close(&r);
    return status;
}

void icl_recorder_close(struct icl_recorder *recorder)
{
    for (int k = 0; recorder->from.network != NULL && k < ICL_LIVE_FILES; k++)
        icl_live_close(&recorder->file[k]);
    free(recorder->stage);
    free(recorder->histogram);
    free(recorder->moments);
    *recorder = (struct icl_recorder){0};
}

icl_status icl_recorder_sync(struct icl_recorder *recorder, struct icl_train_state *state, struct icl_error *err)
{
    for (int k = 0; k < ICL_LIVE_FILES; k++) {
        ICL_TRY(icl_live_sync(&recorder->file[k], err));
        state->length[k] = recorder->file[k].length;
    }
    state->records = recorder->records;
    return ICL_OK;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

icl_status icl_recorder_step(struct icl_recorder *recorder, const struct icl_step_row *s, struct icl_error *err)
{
    struct icl_row row;
    ICL_TRY(icl_row_begin(&row, err));
    icl_row_count(&row, s->step);
    icl_row_count(&row, s->epoch);
    icl_row_number(&row, s->rate);
    icl_row_number(&row, s->momentum);
    icl_row_number(&row, s->loss);
    icl_row_number(&row, s->accuracy);
    icl_row_number(&row, s->gradient_norm);
    icl_row_number(&row, s->weight_norm);
    return icl_row_append(&row, &recorder->file[ICL_LIVE_METRICS], err);
}

icl_status icl_recorder_epoch(struct icl_recorder *recorder, const struct icl_train_state *state, double rate,
                              struct icl_error *err)
{
    struct icl_row row;
    ICL_TRY(icl_row_begin(&row, err));
    icl_row_count(&row, state->epochs);
    icl_row_count(&row, state->step);
    icl_row_number(&row, rate);
    icl_row_number(&row, state->train_loss);
    icl_row_number(&row, state->train_accuracy);
    icl_row_number(&row, state->open_loss);
    icl_row_number(&row, state->open_accuracy);
    icl_row_number(&row, state->valid_loss);
    icl_row_number(&row, state->valid_accuracy);
    return icl_row_append(&row, &recorder->file[ICL_LIVE_EPOCHS], err);
}
