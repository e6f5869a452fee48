/* What is measured between epochs and at the end of a run. */
#include "core/npy_stream.h"
#include "trainer/train_internal.h"

void icl_train_order(const struct icl_train_run *run, size_t epoch, uint32_t *order)
{
    const struct icl_stream stream = {run->spec->seed, ICL_PURPOSE_SHUFFLE, 0, (uint32_t)epoch};
    icl_random_permutation(&stream, run->images, order);
}

static icl_status measure_norms(struct icl_train_run *run, struct icl_error *err)
{
    const struct icl_back_end *b = &run->back_end;
    icl_recorder_norms_begin(&run->recorder);
    for (size_t k = 0; k < run->measured_batches && run->network.norm_channels > 0; k++) {
        const size_t first = k * run->batch, left = run->valid_images - first;
        const size_t n = left < run->batch ? left : run->batch;
        ICL_TRY(b->call->forward(b->state, ICL_MODE_BATCH, first, n, 0, err));
        ICL_TRY(icl_recorder_norms_add(&run->recorder, err));
    }
    return icl_recorder_norms_write(&run->recorder, (size_t)run->state.epochs + 1, err);
}

icl_status icl_train_end_epoch(struct icl_train_run *run, struct icl_error *err)
{
    struct icl_train_state *state = &run->state;
    const struct icl_back_end *b = &run->back_end;
    ICL_TRY(b->call->evaluate(b->state, ICL_SPLIT_TRAIN, run->open, run->open_images, &state->open_loss,
                              &state->open_accuracy, err));
    ICL_TRY(b->call->evaluate(b->state, ICL_SPLIT_VALID, NULL, run->valid_images, &state->valid_loss,
                              &state->valid_accuracy, err));
    ICL_TRY(measure_norms(run, err));
    state->train_loss = state->loss / (double)state->samples;
    state->train_accuracy = (double)state->correct / (double)state->samples;
    state->loss = 0;
    state->samples = state->correct = 0;
    state->epochs++;
    if (state->best_epoch == 0 || state->valid_accuracy > state->best_accuracy) {
        state->best_accuracy = state->valid_accuracy;
        state->best_epoch = state->epochs;
    }
    return ICL_OK;
}

icl_status icl_train_capture(struct icl_train_run *run, struct icl_error *err)
{
    const size_t asked = run->options->capture_images == 0 ? CAPTURE_IMAGES : run->options->capture_images;
    const size_t images = asked < run->valid_images ? asked : run->valid_images;
    const struct icl_back_end *b = &run->back_end;
    struct icl_capture *capture;
    ICL_TRY(icl_capture_open(&run->recorder.from, images, &capture, err));
    icl_status status = ICL_OK;
    for (size_t done = 0, n; status == ICL_OK && done < images; done += n) {
        n = images - done < run->batch ? images - done : run->batch;
        /* Steps behind those of the training: gates that no step has seen. */
        const uint32_t step = (uint32_t)(run->steps + done / run->batch);
        status = b->call->forward(b->state, ICL_MODE_DROP, done, n, step, err);
        if (status == ICL_OK) status = icl_capture_add(capture, n, err);
    }
    const icl_status closed = icl_capture_close(capture, status == ICL_OK, err);
    return status != ICL_OK ? status : closed;
}

icl_status icl_train_record_order(struct icl_train_run *run, struct icl_error *err)
{
    char path[ICL_RUN_PATH];
    struct icl_npy_stream stream;
    const struct icl_array shape = {.ndim = 2, .shape = {run->spec->epochs, run->images}};
    ICL_TRY(icl_npy_stream_open(&stream, icl_run_path(&run->folder, "order.npy", path), &shape, ICL_U32, err));
    for (size_t epoch = 0; epoch < run->spec->epochs; epoch++) {
        icl_train_order(run, epoch, run->order);
        icl_npy_stream_write(&stream, run->order, run->images);
    }
    return icl_npy_stream_close(&stream, err);
}
