/* layers.tsv, histograms.npy and norms.tsv: what the layers of a network held. */
#include <math.h>
#include <string.h>

#include "core/npy_stream.h"
#include "trainer/recorder_internal.h"
#include "trainer/row_internal.h"

static void write_row(struct icl_row *row, size_t step, size_t epoch, const char *stage, const char *place,
                      const struct icl_summary *s)
{
    const double n = (double)s->count, mean = s->sum / n;
    const double variance = s->square / n - mean * mean;
    icl_row_count(row, step);
    icl_row_count(row, epoch);
    icl_row_text(row, stage);
    icl_row_text(row, place);
    icl_row_number(row, mean);
    icl_row_number(row, variance < 0 ? 0 : sqrt(variance));
    icl_row_number(row, (double)s->near / n);
    icl_row_number(row, s->least);
    icl_row_number(row, s->most);
    icl_row_end(row);
}

/* The three places of stage `k`. */
static icl_status record_stage(struct icl_recorder *r, struct icl_row *row, size_t k, size_t step, size_t epoch,
                               struct icl_error *err)
{
    static const char *const places[3] = {"input", "relu", "output"};
    const struct icl_back_end *b = r->from.back_end;
    struct icl_summary three[3];
    ICL_TRY(b->call->summaries(b->state, r->stage[k], three, err));
    for (size_t p = 0; p < 3; p++)
        write_row(row, step, epoch, r->from.network->node[r->stage[k]].name, places[p], &three[p]);
    for (size_t bin = 0; bin < ICL_HISTOGRAM_BINS; bin++)
        r->histogram[k * ICL_HISTOGRAM_BINS + bin] = (int64_t)three[1].histogram[bin];
    return ICL_OK;
}

static icl_status append_histograms(struct icl_recorder *r, struct icl_error *err)
{
    unsigned char head[ICL_NPY_GROWING_HEADER];
    struct icl_live_file *file = &r->file[ICL_LIVE_HISTOGRAMS];
    const size_t count = r->stages * ICL_HISTOGRAM_BINS;
    ICL_TRY(icl_live_append(file, r->histogram, count * sizeof *r->histogram, err));
    r->records++;
    /* Data first: whoever reads now finds no fewer than the header says. */
    const struct icl_array shape = {.ndim = 3, .shape = {r->records, r->stages, ICL_HISTOGRAM_BINS}};
    icl_npy_growing_header(&shape, ICL_I64, head);
    return icl_live_rehead(file, head, err);
}

icl_status icl_recorder_layers(struct icl_recorder *recorder, size_t step, size_t epoch, struct icl_error *err)
{
    struct icl_row row;
    ICL_TRY(icl_row_begin(&row, err));
    icl_status status = ICL_OK;
    for (size_t k = 0; status == ICL_OK && k < recorder->stages; k++)
        status = record_stage(recorder, &row, k, step, epoch, err);
    if (status != ICL_OK) {
        icl_row_drop(&row);
        return status;
    }
    ICL_TRY(icl_row_append(&row, &recorder->file[ICL_LIVE_LAYERS], err));
    return append_histograms(recorder, err);
}

/* ---- norms ---------------------------------------------------------------------------------------------------- */

void icl_recorder_norms_begin(struct icl_recorder *recorder)
{
    recorder->batches = 0;
    memset(recorder->moments, 0, 2 * recorder->from.network->norm_channels * sizeof *recorder->moments);
}

icl_status icl_recorder_norms_add(struct icl_recorder *recorder, struct icl_error *err)
{
    const struct icl_back_end *b = recorder->from.back_end;
    const size_t channels = recorder->from.network->norm_channels;
    const double *mean;
    ICL_TRY(b->call->batch_statistics(b->state, &mean, err));
    const double *variance = mean + channels;
    for (size_t c = 0; c < channels; c++) {
        recorder->moments[c] += mean[c];
        recorder->moments[channels + c] += variance[c] + mean[c] * mean[c];
    }
    recorder->batches++;
    return ICL_OK;
}

static void write_norm(const struct icl_recorder *r, const struct icl_node *node, size_t epoch, struct icl_row *row)
{
    const size_t all = r->from.network->norm_channels, at = node->norm_offset;
    const double *running = r->from.back_end->call->arrays(r->from.back_end->state).running;
    const double batches = (double)r->batches, channels = (double)node->channels;
    double running_sum = 0, evaluation_sum = 0, ratio_sum = 0, shift_sum = 0;
    for (size_t c = at; c < at + node->channels; c++) {
        const double mean = r->moments[c] / batches;
        const double variance = fmax(r->moments[all + c] / batches - mean * mean, 0);
        running_sum += running[all + c];
        evaluation_sum += variance;
        ratio_sum += (variance + ICL_TRAIN_NORM_EPSILON) / (running[all + c] + ICL_TRAIN_NORM_EPSILON);
        shift_sum += fabs(running[c] - mean) / sqrt(running[all + c] + ICL_TRAIN_NORM_EPSILON);
    }
    icl_row_count(row, epoch);
    icl_row_text(row, node->name);
    icl_row_count(row, node->channels);
    icl_row_number(row, running_sum / channels);
    icl_row_number(row, evaluation_sum / channels);
    icl_row_number(row, ratio_sum / channels);
    icl_row_number(row, shift_sum / channels);
    icl_row_end(row);
}

icl_status icl_recorder_norms_write(struct icl_recorder *recorder, size_t epoch, struct icl_error *err)
{
    const struct icl_back_end *b = recorder->from.back_end;
    struct icl_row row;
    ICL_TRY(b->call->fetch(b->state, err));
    ICL_TRY(icl_row_begin(&row, err));
    for (size_t k = 0; recorder->batches > 0 && k < recorder->stages; k++) {
        const struct icl_node *node = &recorder->from.network->node[recorder->stage[k]];
        if (node->norm != ICL_NORM_ABSENT) write_norm(recorder, node, epoch, &row);
    }
    return icl_row_append(&row, &recorder->file[ICL_LIVE_NORMS], err);
}
