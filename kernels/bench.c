#include "kernels/bench.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "kernels/bench_internal.h"
#include "kernels/cpu/peak.h"
#include "kernels/cpu/variants.h"
#include "kernels/shared/normal_quantile.h"
#include "kernels/table_internal.h"

enum {
    CHANNELS = 32,
    ELEMENTS = 128 * 256 * CHANNELS, /* 4 MB of float: an activation of a small network */
    GRAM_ROWS = 1024,
    GRAM_COLS = 256,
    MOST_REPETITIONS = 101,
    PEAK_ROUNDS = 1 << 18
};

static const struct icl_shape shape = {.samples = 128, .positions = 256, .channels = CHANNELS};
static const struct icl_stream stream = {.seed = 1, .purpose = ICL_PURPOSE_LAW};

/* Everything the kernels read and write. */
struct room {
    float *x, *y; /* ELEMENTS */
    double *wide; /* ELEMENTS */
    double *gram; /* GRAM_COLS^2 */
    double mean[CHANNELS], var[CHANNELS];
    float scale[CHANNELS], shift[CHANNELS];
};

static void run_words(const struct kernels *table, struct room *room)
{
    uint32_t *words = (uint32_t *)(void *)room->wide;
    if (table != &icl_reference_table) {
        icl_random_words(&stream, 0, ELEMENTS, words);
        return;
    }
    const struct icl_philox_base base = icl_philox_base_of(&stream);
    for (size_t block = 0; block < ELEMENTS / 4; block++)
        icl_philox_block(&base, block, words + 4 * block);
}

static void run_normals(const struct kernels *table, struct room *room)
{
    if (table != &icl_reference_table) {
        icl_random_normal(&stream, 0, ELEMENTS, room->wide);
        return;
    }
    const struct icl_philox_base base = icl_philox_base_of(&stream);
    for (size_t e = 0; e < ELEMENTS; e += 2) {
        uint32_t word[4];
        icl_philox_block(&base, e / 2, word);
        room->wide[e] = icl_normal_quantile(icl_uniform_from_bits(icl_pair_bits(word)));
        room->wide[e + 1] = icl_normal_quantile(icl_uniform_from_bits(icl_pair_bits(word + 2)));
    }
}

static struct icl_mask mask_of(enum icl_gate gate)
{
    return (struct icl_mask){
        .stream = {.seed = 1, .purpose = ICL_PURPOSE_MASK}, .gate = gate, .keep = 0.95, .rescale = true};
}

static void run_mask(const struct kernels *table, struct room *room, enum icl_gate gate)
{
    const struct icl_mask mask = mask_of(gate);
    table->mask_f32(&mask, &shape, 0, ELEMENTS, room->y);
}

static void run_forward(const struct kernels *table, struct room *room, enum icl_gate gate)
{
    const struct icl_mask mask = mask_of(gate);
    table->ic_forward(room->x, &shape, 0, ELEMENTS, room->scale, room->shift, &mask, room->y);
}

static void run_mask_independent(const struct kernels *table, struct room *room)
{
    run_mask(table, room, ICL_GATE_INDEPENDENT);
}

static void run_mask_shared(const struct kernels *table, struct room *room)
{
    run_mask(table, room, ICL_GATE_SHARED);
}

static void run_mask_gaussian(const struct kernels *table, struct room *room)
{
    run_mask(table, room, ICL_GATE_GAUSSIAN);
}

static void run_statistics(const struct kernels *table, struct room *room)
{
    table->bn_statistics(room->x, ELEMENTS / CHANNELS, CHANNELS, room->mean, room->var);
}

static void run_apply(const struct kernels *table, struct room *room)
{
    table->bn_apply(room->x, ELEMENTS / CHANNELS, CHANNELS, room->scale, room->shift, room->y);
}

static void run_forward_independent(const struct kernels *table, struct room *room)
{
    run_forward(table, room, ICL_GATE_INDEPENDENT);
}

static void run_forward_shared(const struct kernels *table, struct room *room)
{
    run_forward(table, room, ICL_GATE_SHARED);
}

static void run_forward_gaussian(const struct kernels *table, struct room *room)
{
    run_forward(table, room, ICL_GATE_GAUSSIAN);
}

static void run_gram(const struct kernels *table, struct room *room)
{
    table->gram(room->wide, GRAM_ROWS, GRAM_COLS, GRAM_ROWS, room->gram);
}

/* What a line says: `work` of the rate (elements or operations), `bytes` read and written; 0 for products, which are
 * held against the peak of multiply-adds. */
static const struct item {
    const char *name, *size, *unit;
    void (*run)(const struct kernels *table, struct room *room);
    double work, bytes;
} items[] = {
    {"random_words", "1048576", "Gwords/s", run_words, ELEMENTS, 4.0 * ELEMENTS},
    {"random_normal", "1048576", "Gelements/s", run_normals, ELEMENTS, 8.0 * ELEMENTS},
    {"mask_f32 independent", "128x256x32", "Gelements/s", run_mask_independent, ELEMENTS, 4.0 * ELEMENTS},
    {"mask_f32 shared", "128x256x32", "Gelements/s", run_mask_shared, ELEMENTS, 4.0 * ELEMENTS},
    {"mask_f32 gaussian", "128x256x32", "Gelements/s", run_mask_gaussian, ELEMENTS, 4.0 * ELEMENTS},
    {"bn_statistics", "32768x32", "GB/s", run_statistics, 8.0 * ELEMENTS, 8.0 * ELEMENTS}, /* x is read twice */
    {"bn_apply", "32768x32", "GB/s", run_apply, 8.0 * ELEMENTS, 8.0 * ELEMENTS},
    {"ic_forward independent", "128x256x32", "Gelements/s", run_forward_independent, ELEMENTS, 8.0 * ELEMENTS},
    {"ic_forward shared", "128x256x32", "Gelements/s", run_forward_shared, ELEMENTS, 8.0 * ELEMENTS},
    {"ic_forward gaussian", "128x256x32", "Gelements/s", run_forward_gaussian, ELEMENTS, 8.0 * ELEMENTS},
    {"gram", "1024x256", "GFLOP/s", run_gram, (double)GRAM_ROWS *GRAM_COLS *(GRAM_COLS + 1), 0.0},
};

enum { ITEMS = sizeof items / sizeof *items };

struct timings {
    double reference[ITEMS][MOST_REPETITIONS], fast[ITEMS][MOST_REPETITIONS];
    double copy, multiply_add; /* peaks: bytes and operations a second */
};

static double seconds_of(const struct item *item, const struct kernels *table, struct room *room)
{
    const double start = icl_clock_seconds();
    item->run(table, room);
    return icl_clock_seconds() - start;
}

/* Raises *peak to `work` done since `start`, a second. */
static void note_peak(double *peak, double work, double start)
{
    const double rate = work / (icl_clock_seconds() - start);
    if (rate > *peak) *peak = rate;
}

static void time_peaks(struct timings *timings, struct room *room)
{
    const double bytes = 2.0 * ELEMENTS * sizeof *room->x;
    double start;
    /* Several times, for a peak must not be below what a kernel reaches just after one that warmed the caches. */
    for (int i = 0; i < 4; i++) {
        start = icl_clock_seconds();
        memcpy(room->y, room->x, ELEMENTS * sizeof *room->x);
        note_peak(&timings->copy, bytes, start);
        start = icl_clock_seconds();
        icl_cpu_negate(room->x, ELEMENTS, room->y);
        note_peak(&timings->copy, bytes, start);
    }
    start = icl_clock_seconds();
    const double operations = icl_cpu_multiply_add(PEAK_ROUNDS);
    note_peak(&timings->multiply_add, operations, start);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double icl_bench_median(double *values, unsigned count)
{
    qsort(values, count, sizeof *values, ascending);
    return count % 2 == 1 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2]);
}

static void print_timings(FILE *out, struct timings *timings, unsigned repetitions)
{
    const struct kernels *fast = icl_kernels();
    fprintf(out, "# kernels %s, blas %s, core %s, 1 thread, medians of %u\n", fast->name, fast->blas, fast->blas_core,
            repetitions);
    fprintf(out, "# peak copy %.1f GB/s, peak multiply-add %.1f GFLOP/s (double)\n", timings->copy * 1e-9,
            timings->multiply_add * 1e-9);
    fprintf(out, "kernel\tsize\treference_s\tfast_s\tspeedup\trate\tunit\tpeak_share\n");
    for (size_t i = 0; i < ITEMS; i++) {
        const double slow = icl_bench_median(timings->reference[i], repetitions),
                     quick = icl_bench_median(timings->fast[i], repetitions);
        const double share = items[i].bytes > 0.0 ? items[i].bytes / quick / timings->copy
                                                  : items[i].work / quick / timings->multiply_add;
        fprintf(out, "%s\t%s\t%.3g\t%.3g\t%.3g\t%.3g\t%s\t%.3g\n", items[i].name, items[i].size, slow, quick,
                slow / quick, items[i].work / quick * 1e-9, items[i].unit, share);
    }
}

static void open_room(struct room *room)
{
    for (size_t i = 0; i < ELEMENTS; i++)
        room->x[i] = (float)(i % 251) / 250.0F;
    memset(room->y, 0, ELEMENTS * sizeof *room->y); /* pages are there before the clock runs */
    icl_random_normal(&stream, 0, ELEMENTS, room->wide);
    memset(room->gram, 0, GRAM_COLS * GRAM_COLS * sizeof *room->gram);
    for (size_t c = 0; c < CHANNELS; c++) {
        room->scale[c] = 0.5F + (float)c;
        room->shift[c] = 0.25F - (float)c;
    }
}

icl_status icl_bench_kernels(FILE *out, unsigned repetitions, struct icl_error *err)
{
    if (repetitions == 0) repetitions = 5;
    if (repetitions > MOST_REPETITIONS) repetitions = MOST_REPETITIONS;
    struct timings *timings = calloc(1, sizeof *timings);
    struct room room = {
        .x = malloc(ELEMENTS * sizeof *room.x),
        .y = malloc(ELEMENTS * sizeof *room.y),
        .wide = malloc(ELEMENTS * sizeof *room.wide),
        .gram = malloc(GRAM_COLS * GRAM_COLS * sizeof *room.gram),
    };
    icl_status status = ICL_OK;
    if (timings == NULL || room.x == NULL || room.y == NULL || room.wide == NULL || room.gram == NULL) {
        status = icl_fail_memory(err, "the benchmark");
    } else {
        open_room(&room);
        for (unsigned r = 0; r < repetitions; r++) {
            time_peaks(timings, &room);
            for (size_t i = 0; i < ITEMS; i++) {
                timings->reference[i][r] = seconds_of(&items[i], icl_kernels_reference(), &room);
                timings->fast[i][r] = seconds_of(&items[i], icl_kernels(), &room);
            }
        }
        print_timings(out, timings, repetitions);
        if (fflush(out) != 0 || ferror(out)) status = icl_fail(err, ICL_ERR_IO, "cannot write the benchmark");
    }
    free(timings);
    free(room.x);
    free(room.y);
    free(room.wide);
    free(room.gram);
    return status;
}
