/* The IC layer with batch statistics, forward and back, on arrays beyond every cache, against copying memory. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/threads.h"
#include "kernels/bench.h"
#include "kernels/bench_internal.h"
#include "kernels/cpu/peak.h"
#include "kernels/kernels.h"

enum {
    ELEMENTS = 22 << 20, /* x, dy and what is written: 264 MiB */
    POSITIONS = 1024,
    TILE_SAMPLES = 16,
    MOST_CHANNELS = 256,
    MOST_THREADS = 64,
    MOST_REPETITIONS = 101
};

enum what { MEMCPY, LOOP, FORWARD, BACKWARD };

static const struct item {
    const char *name;
    enum what what;
    size_t channels;
} items[] = {
    {"copy (memcpy)", MEMCPY, 64},        {"copy (loop)", LOOP, 64},           {"ic layer forward", FORWARD, 8},
    {"ic layer backward", BACKWARD, 8},   {"ic layer forward", FORWARD, 16},   {"ic layer backward", BACKWARD, 16},
    {"ic layer forward", FORWARD, 64},    {"ic layer backward", BACKWARD, 64}, {"ic layer forward", FORWARD, 256},
    {"ic layer backward", BACKWARD, 256},
};

enum { ITEMS = sizeof items / sizeof *items };

struct room {
    const struct item *item;
    size_t samples, lanes;
    bool sums; /* the first of two passes */
    float *x, *dy, *out;
    uint8_t *gates;
    float scale[MOST_CHANNELS], shift[MOST_CHANNELS], slope[3 * MOST_CHANNELS];
};

/* One pass over samples from .. to-1, in tiles as an executor makes them. */
static void run_samples(const struct room *room, size_t from, size_t to)
{
    const struct icl_layers_f32 *layers = &icl_kernels()->layers;
    const struct icl_mask mask = {.stream = {.seed = 3, .purpose = ICL_PURPOSE_MASK},
                                  .gate = ICL_GATE_INDEPENDENT,
                                  .keep = 0.95,
                                  .rescale = true};
    const struct icl_stage stage = {.norm = ICL_NORM_AFTER,
                                    .act = {.on = true, .most = INFINITY},
                                    .shape = {room->samples, POSITIONS, room->item->channels},
                                    .mask = &mask};
    const size_t plane = POSITIONS * room->item->channels;
    double sum[MOST_CHANNELS] = {0}, product[MOST_CHANNELS] = {0};
    for (size_t first = from; first < to; first += TILE_SAMPLES) {
        const size_t at = first * plane;
        const struct icl_stage_data_f32 data = {
            .first = first,
            .samples = to - first < TILE_SAMPLES ? to - first : TILE_SAMPLES,
            .x = room->x + at,
            .scale = room->scale,
            .shift = room->shift,
            .gates = room->gates + first * icl_gate_bytes(&stage.shape),
            .y = room->out + at,
            .dy = room->dy + at,
            .slope = room->slope,
            .dx = room->out + at,
        };
        if (room->item->what == FORWARD && room->sums)
            layers->stage_sums(&stage, &data, sum, product);
        else if (room->item->what == FORWARD)
            layers->stage_forward(&stage, &data);
        else if (room->sums)
            layers->stage_backward_sums(&stage, &data, sum, product);
        else
            layers->stage_backward(&stage, &data);
    }
}

static icl_status run_lane(void *context, size_t lane, unsigned worker, struct icl_error *err)
{
    (void)worker;
    (void)err;
    struct room *room = context;
    const size_t from = room->samples * lane / room->lanes, to = room->samples * (lane + 1) / room->lanes;
    const size_t plane = POSITIONS * room->item->channels, count = (to - from) * plane;
    if (room->item->what == MEMCPY)
        memcpy(room->out + from * plane, room->x + from * plane, count * sizeof *room->x);
    else if (room->item->what == LOOP)
        icl_cpu_negate(room->x + from * plane, count, room->out + from * plane);
    else
        run_samples(room, from, to);
    return ICL_OK;
}

static icl_status time_item(struct room *room, const struct item *item, double *seconds, struct icl_error *err)
{
    room->item = item;
    room->samples = ELEMENTS / POSITIONS / item->channels;
    const bool layer = item->what == FORWARD || item->what == BACKWARD;
    const double start = icl_clock_seconds();
    for (int pass = layer ? 0 : 1; pass < 2; pass++) {
        room->sums = pass == 0;
        ICL_TRY(icl_parallel_for((unsigned)room->lanes, room->lanes, run_lane, room, err));
    }
    *seconds = icl_clock_seconds() - start;
    return ICL_OK;
}

static icl_status open_room(struct room *room, struct icl_error *err)
{
    const size_t bytes = ELEMENTS * sizeof *room->x;
    *room = (struct room){.lanes = icl_processor_count() < MOST_THREADS ? icl_processor_count() : MOST_THREADS};
    room->x = aligned_alloc(64, bytes);
    room->dy = aligned_alloc(64, bytes);
    room->out = aligned_alloc(64, bytes);
    room->gates = aligned_alloc(64, ELEMENTS / 8);
    if (room->x == NULL || room->dy == NULL || room->out == NULL || room->gates == NULL)
        return icl_fail_memory(err, "the benchmark");
    for (size_t i = 0; i < ELEMENTS; i++) {
        room->x[i] = (float)(i % 251) / 125.0F - 1.0F;
        room->dy[i] = (float)(i % 241) / 120.0F - 1.0F;
    }
    memset(room->out, 0, bytes); /* pages are there before the clock runs */
    memset(room->gates, 0xFF, ELEMENTS / 8);
    for (size_t c = 0; c < MOST_CHANNELS; c++) {
        room->scale[c] = 0.5F + 0.01F * (float)c;
        room->shift[c] = 0.25F - 0.01F * (float)c;
    }
    for (size_t k = 0; k < 3 * MOST_CHANNELS; k++)
        room->slope[k] = 0.5F - 0.001F * (float)k;
    return ICL_OK;
}

static void close_room(struct room *room)
{
    free(room->x);
    free(room->dy);
    free(room->out);
    free(room->gates);
}

static void print_times(FILE *out, double (*seconds)[MOST_REPETITIONS], unsigned lanes, unsigned repetitions)
{
    double median[ITEMS];
    for (size_t i = 0; i < ITEMS; i++)
        median[i] = icl_bench_median(seconds[i], repetitions);
    const bool plain = median[1] < median[0];
    const double copy = median[plain ? 1 : 0];
    fprintf(out, "# IC layer (ReLU, batch norm, independent dropout) on %d elements, %u threads, medians of %u\n",
            ELEMENTS, lanes, repetitions);
    fprintf(out,
            "# sums, then the layer; times_copy: over the time of a copy (%s) of the bytes that have to be read and "
            "written once\n",
            plain ? "loop" : "memcpy");
    fprintf(out, "item\tchannels\tthreads\tseconds\tGB/s\ttimes_copy\n");
    for (size_t i = 0; i < ITEMS; i++) {
        /* A copy moves 8 bytes an element; back, x and dy are read and dx is written. */
        const double bytes = (items[i].what == BACKWARD ? 12.0 : 8.0) * ELEMENTS;
        fprintf(out, "%s\t%zu\t%u\t%.3g\t%.3g\t%.3g\n", items[i].name, items[i].channels, lanes, median[i],
                bytes / median[i] * 1e-9, median[i] / (copy * bytes / (8.0 * ELEMENTS)));
    }
}

icl_status icl_bench_stages(FILE *out, unsigned repetitions, struct icl_error *err)
{
    if (repetitions == 0) repetitions = 5;
    if (repetitions > MOST_REPETITIONS) repetitions = MOST_REPETITIONS;
    struct room room;
    double(*seconds)[MOST_REPETITIONS] = calloc(ITEMS, sizeof *seconds);
    icl_status status = open_room(&room, err);
    if (seconds == NULL) status = icl_fail_memory(err, "the benchmark");
    for (unsigned r = 0; r < repetitions && status == ICL_OK; r++)
        for (size_t i = 0; i < ITEMS && status == ICL_OK; i++)
            status = time_item(&room, &items[i], &seconds[i][r], err);
    if (status == ICL_OK) {
        print_times(out, seconds, (unsigned)room.lanes, repetitions);
        if (fflush(out) != 0 || ferror(out)) status = icl_fail(err, ICL_ERR_IO, "cannot write the benchmark");
    }
    close_room(&room);
    free(seconds);
    return status;
}
