/* captures/, parameters.tsv, initial.npy: arrays of a run for other programs. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/npy_stream.h"
#include "core/table.h"
#include "trainer/recorder_internal.h"

/* The two files of a stage. */
struct pair {
    icl_node_id stage;
    struct icl_npy_stream side[2];
};

struct icl_capture {
    struct icl_recorder_source from;
    size_t pairs;
    struct pair *pair;
    float *turned; /* one sample, channels first */
};

static icl_status open_pair(struct icl_capture *c, struct pair *pair, size_t images, struct icl_error *err)
{
    static const char *const words[2] = {"before", "after"};
    const struct icl_node *node = &c->from.network->node[pair->stage];
    const struct icl_array shape = {.ndim = 4, .shape = {images, node->channels, node->height, node->width}};
    for (int side = 0; side < 2; side++) {
        char name[80], path[ICL_RUN_PATH];
        snprintf(name, sizeof name, "captures/%s_%s.npy", node->name, words[side]);
        icl_run_path(c->from.folder, name, path);
        ICL_TRY(icl_npy_stream_open(&pair->side[side], path, &shape, ICL_F32, err));
    }
    return ICL_OK;
}

icl_status icl_capture_open(const struct icl_recorder_source *from, size_t images, struct icl_capture **capture,
                            struct icl_error *err)
{
    char path[ICL_RUN_PATH];
    ICL_TRY(icl_make_folders(icl_run_path(from->folder, "captures", path), err));
    struct icl_capture *c = calloc(1, sizeof *c);
    struct pair *pairs = calloc(from->network->stages + 1, sizeof *pairs);
    size_t largest = 1;
    for (size_t i = 0; i < from->network->nodes && pairs != NULL && c != NULL; i++) {
        const struct icl_node *node = &from->network->node[i];
        if (node->kind != ICL_NODE_STAGE || node->drop == 0) continue;
        pairs[c->pairs++].stage = i;
        const size_t values = node->height * node->width * node->channels;
        if (values > largest) largest = values;
    }
    float *turned = malloc(largest * sizeof *turned);
    if (c == NULL || pairs == NULL || turned == NULL) {
        free(c);
        free(pairs);
        free(turned);
        return icl_fail_memory(err, "captured activations");
    }
    c->from = *from;
    c->pair = pairs;
    c->turned = turned;
    icl_status status = ICL_OK;
    for (size_t k = 0; status == ICL_OK && k < c->pairs; k++)
        status = open_pair(c, &pairs[k], images, err);
    if (status == ICL_OK)
        *capture = c;
    else
        (void)icl_capture_close(c, false, NULL);
    return status;
}

/* (n, height, width, channels) in, (n, channels, height, width) out. */
static void write_turned(struct icl_capture *c, struct icl_npy_stream *stream, const struct icl_node *node,
                         const float *values, size_t n)
{
    const size_t positions = node->height * node->width, channels = node->channels;
    for (size_t s = 0; s < n; s++, values += positions * channels) {
        for (size_t k = 0; k < channels; k++)
            for (size_t p = 0; p < positions; p++)
                c->turned[k * positions + p] = values[p * channels + k];
        icl_npy_stream_write(stream, c->turned, positions * channels);
    }
}

icl_status icl_capture_add(struct icl_capture *capture, size_t n, struct icl_error *err)
{
    const struct icl_back_end *b = capture->from.back_end;
    for (size_t k = 0; k < capture->pairs; k++) {
        struct pair *pair = &capture->pair[k];
        const struct icl_node *node = &capture->from.network->node[pair->stage];
        const float *before, *after;
        ICL_TRY(b->call->sides(b->state, pair->stage, &before, &after, err));
        write_turned(capture, &pair->side[0], node, before, n);
        write_turned(capture, &pair->side[1], node, after, n);
    }
    return ICL_OK;
}

icl_status icl_capture_close(struct icl_capture *capture, bool keep, struct icl_error *err)
{
    if (capture == NULL) return ICL_OK;
    icl_status status = ICL_OK;
    for (size_t k = 0; k < capture->pairs; k++)
        for (int side = 0; side < 2; side++) {
            struct icl_npy_stream *stream = &capture->pair[k].side[side];
            if (keep && status == ICL_OK) status = icl_npy_stream_close(stream, err);
            icl_npy_stream_abort(stream);
        }
    free(capture->pair);
    free(capture->turned);
    free(capture);
    return status;
}

/* ---- parameters ----------------------------------------------------------------------------------------------- */

icl_status icl_record_parameters(const struct icl_network *network, const struct icl_run_folder *folder,
                                 struct icl_error *err)
{
    char path[ICL_RUN_PATH];
    struct icl_table table;
    ICL_TRY(icl_table_open(&table, icl_run_path(folder, "parameters.tsv", path),
                           "places in the flat array of parameters; weights are (out, window, window, in)",
                           "name\toffset\tcount\tshape", err));
    for (size_t i = 0; i < network->parameters; i++) {
        const struct icl_parameter *p = &network->parameter[i];
        struct icl_array shape = {.ndim = (int)p->dimensions};
        char text[ICL_SHAPE_TEXT_SIZE];
        memcpy(shape.shape, p->shape, sizeof p->shape);
        icl_table_text(&table, p->name);
        icl_table_count(&table, p->offset);
        icl_table_count(&table, p->count);
        icl_table_text(&table, icl_shape_text(&shape, text));
    }
    return icl_table_close(&table, err);
}

icl_status icl_record_initial(const struct icl_network *network, const struct icl_run_folder *folder,
                              const float *values, struct icl_error *err)
{
    char path[ICL_RUN_PATH];
    struct icl_npy_stream stream;
    const struct icl_array shape = {.ndim = 1, .shape = {network->parameter_count}};
    ICL_TRY(icl_npy_stream_open(&stream, icl_run_path(folder, "initial.npy", path), &shape, ICL_F32, err));
    icl_npy_stream_write(&stream, values, network->parameter_count);
    return icl_npy_stream_close(&stream, err);
}
