/* Summaries on a device: counts, bins, least and most exactly as by the plain functions, sums to rounding. */
#include <float.h>
#include <math.h>

#include "device_storage.h"
#include "device_support.h"
#include "kernels/shared/histogram.h"

enum { BINS = ICL_DEVICE_BINS };

struct summary_case {
    size_t samples, positions, channels;
    enum icl_norm_place norm;
    bool add;
    struct icl_nonlinearity act;
    struct icl_device_ranges ranges;
};

#define RELU                                                                                                           \
    {                                                                                                                  \
        true, 0, 0, INFINITY                                                                                           \
    }
#define GENERAL                                                                                                        \
    {                                                                                                                  \
        true, .1F, .4F, 6                                                                                              \
    }
#define LINEAR                                                                                                         \
    {                                                                                                                  \
        false, 0, 0, 0                                                                                                 \
    }
static const struct icl_device_ranges PLAIN_RANGES = {0, 10, 0, .5};
#define RELU_RANGES                                                                                                    \
    {                                                                                                                  \
        0, 10, 0, .5                                                                                                   \
    }
#define GENERAL_RANGES                                                                                                 \
    {                                                                                                                  \
        -7, 7, -.35, .70                                                                                               \
    }

/* The last but one has more numbers than threads may count in bytes without adding up; the last has none. */
static const struct summary_case CASES[] = {{3, 4, 5, ICL_NORM_BEFORE, false, RELU, RELU_RANGES},
                                            {2, 9, 8, ICL_NORM_BEFORE, true, GENERAL, GENERAL_RANGES},
                                            {5, 7, 3, ICL_NORM_AFTER, false, RELU, RELU_RANGES},
                                            {1, 1, 1, ICL_NORM_ABSENT, true, GENERAL, GENERAL_RANGES},
                                            {4, 33, 17, ICL_NORM_ABSENT, false, LINEAR, {-3, .7, -1, -.25}},
                                            {7, 64, 40, ICL_NORM_AFTER, false, GENERAL, {-.1, 1. / 3, -1e-3, 1e-3}},
                                            {2, 128, 2051, ICL_NORM_BEFORE, true, RELU, RELU_RANGES},
                                            {0, 4, 4, ICL_NORM_BEFORE, false, RELU, RELU_RANGES}};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

/* By kernels->layers.summarise and one walk for least and most. */
static struct icl_device_summary summary_of(const float *x, size_t n, const struct icl_device_ranges *ranges)
{
    static const struct icl_nonlinearity identity = LINEAR;
    struct icl_device_summary s = {.count = n, .least = INFINITY, .most = -INFINITY};
    icl_layers_reference_f32.summarise(&identity, x, n, ranges->low, ranges->high, BINS, ranges->near_low,
                                       ranges->near_high, &s.sum, &s.square, s.histogram, &s.near);
    long double sum = 0, square = 0; /* the plain sums have roundings of their own */
    for (size_t i = 0; i < n; i++) {
        sum += (long double)x[i];
        square += (long double)x[i] * (long double)x[i];
        s.least = (double)x[i] < s.least ? (double)x[i] : s.least;
        s.most = (double)x[i] > s.most ? (double)x[i] : s.most;
    }
    check_near(s.sum, (double)sum, 1e-10 * (double)sqrtl(square * (long double)n), "the plain sum");
    s.sum = (double)sum;
    s.square = (double)square;
    return s;
}

static void check_summary(const struct icl_device_summary *got, const float *x, size_t n,
                          const struct icl_device_ranges *ranges, const char *what)
{
    const struct icl_device_summary expected = summary_of(x, n, ranges);
    double size = 0;
    for (size_t i = 0; i < n; i++)
        size += fabs((double)x[i]);
    check_near(got->sum, expected.sum, 1e-14 * size, what);
    check_near(got->square, expected.square, 1e-14 * expected.square, what);
    check_near(got->least, expected.least, 0, what);
    check_near(got->most, expected.most, 0, what);
    assert_int_equal(got->near, expected.near);
    assert_int_equal(got->count, n);
    for (size_t b = 0; b < BINS; b++)
        if (got->histogram[b] != expected.histogram[b])
            fail_msg("%s: bin %zu has %lu, expected %lu", what, b, (unsigned long)got->histogram[b],
                     (unsigned long)expected.histogram[b]);
}

/* Values around the edges of bins, among others. */
static float *values_of(uint64_t seed, size_t n, const struct icl_device_ranges *r, bool odd)
{
    float *x = check_inputs(seed, n + 1);
    for (size_t i = 0; i < n; i++) {
        x[i] = fmodf(x[i], 12);
        if (i % 5 == 1) {
            x[i] = (float)(r->low + (r->high - r->low) * (double)(i % 41) / 40);
            if (i % 3 == 0) x[i] = nextafterf(x[i], i % 2 == 0 ? -INFINITY : INFINITY);
        }
        if (i % 11 == 3) x[i] = (float)(i % 2 == 0 ? r->near_low : r->near_high);
        if (odd && i % 101 == 17) x[i] = i % 2 == 0 ? INFINITY : -INFINITY;
        if (odd && i % 103 == 19) x[i] = NAN;
    }
    return x;
}

/* The three places of a stage, twice: the second finds the room as the first left it. */
static void check_case(const struct summary_case *c, enum icl_storage storage, size_t shift, bool odd, uint64_t seed)
{
    const size_t n = c->samples * c->positions * c->channels;
    struct icl_device *device = device_open();
    float *x = values_of(seed, n, &c->ranges, odd), *y = values_of(seed + 1, n, &c->ranges, odd);
    float *add = values_of(seed + 2, n, &c->ranges, false), *inner = check_poisoned_f32(n + 1);
    float *scale = check_inputs(seed + 3, c->channels), *offset = check_inputs(seed + 4, c->channels);
    for (size_t k = 0; k < c->channels; k++) {
        scale[k] = 1 + fmodf(scale[k], 1);
        offset[k] = fmodf(offset[k], 2);
    }
    const struct icl_device_stage stage = {.norm = c->norm,
                                           .act = c->act,
                                           .shape = {c->samples, c->positions, c->channels},
                                           .storage = storage,
                                           .x = storage_put_at(device, storage, x, n, shift),
                                           .add = c->add ? storage_put_at(device, storage, add, n, shift) : NULL,
                                           .scale = device_floats(device, scale, c->channels),
                                           .shift = device_floats(device, offset, c->channels),
                                           .y = storage_put_at(device, storage, y, n, shift)};
    /* What stood behind the nonlinearity, by the plain stage. */
    const struct icl_stage plain = {
        .norm = c->norm == ICL_NORM_AFTER ? ICL_NORM_ABSENT : c->norm, .act = c->act, .shape = stage.shape};
    const struct icl_stage_data_f32 data = {
        .samples = c->samples, .x = x, .add = c->add ? add : NULL, .scale = scale, .shift = offset, .y = inner};
    icl_layers_reference_f32.stage_forward(&plain, &data);
    void *room = device_zeros(device, device->call->layers.summary_room(&stage.shape));
    struct icl_device_summary *three = device_room(device, 3 * sizeof *three), *first = NULL;
    for (int turn = 0; turn < 2; turn++) {
        device->call->layers.summarise(device, &stage, &c->ranges, room, three);
        struct icl_device_summary *got = device_get(device, three, 3 * sizeof *got);
        if (turn == 0) {
            check_summary(&got[0], x, n, &c->ranges, "input");
            check_summary(&got[1], inner, n, &c->ranges, "behind the nonlinearity");
            check_summary(&got[2], y, n, &c->ranges, "output");
            first = got;
            continue;
        }
        if (!odd) assert_memory_equal(got, first, 3 * sizeof *got);
        for (size_t p = 0; p < 3; p++) {
            assert_memory_equal(got[p].histogram, first[p].histogram, sizeof got[p].histogram);
            check_near(got[p].sum, first[p].sum, 0, "sum, again");
            check_near(got[p].square, first[p].square, 0, "square, again");
        }
        free(got);
    }
    device_close(device);
    free(first), free(x), free(y), free(add), free(inner), free(scale), free(offset);
}

static void summaries_are_the_plain_ones(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASE_COUNT; k++)
        for (size_t way = 0; way < 8; way++) {
            if (CASES[k].channels > 1000 && way > 1) continue;
            check_case(&CASES[k], STORAGES[way % 2], way / 2 % 2, way / 4 == 1, 900 + 10 * k);
        }
}

/* So many numbers a thread that its bytes overflow unless they are added up: it sees the same eight in each of 32
 * turns.
 */
static void many_numbers(void **state)
{
    (void)state;
    enum { PATTERN = 2048, COPIES = 1 << 15, N = PATTERN * COPIES };
    struct icl_device *device = device_open();
    const struct icl_shape shape = {1, N / 8, 8};
    float x[PATTERN];
    for (size_t i = 0; i < PATTERN; i++)
        x[i] = (float)(i / 8 % 50) / 4 - 1;
    const char *pattern = storage_put(device, ICL_STORAGE_BF16, x, PATTERN);
    char *there = storage_room(device, ICL_STORAGE_BF16, N);
    device->call->copy(device, pattern, PATTERN * sizeof(struct icl_bf16), there);
    for (size_t done = PATTERN * sizeof(struct icl_bf16); done < N * sizeof(struct icl_bf16); done *= 2)
        device->call->copy(device, there, done, there + done);
    const struct icl_device_stage stage = {
        .norm = ICL_NORM_ABSENT, .act = LINEAR, .shape = shape, .storage = ICL_STORAGE_BF16, .x = there, .y = there};
    const struct icl_device_summary one = summary_of(x, PATTERN, &PLAIN_RANGES);
    void *room = device_zeros(device, device->call->layers.summary_room(&shape));
    struct icl_device_summary *three = device_room(device, 3 * sizeof *three);
    device->call->layers.summarise(device, &stage, &PLAIN_RANGES, room, three);
    struct icl_device_summary *got = device_get(device, three, 3 * sizeof *got);
    for (size_t p = 0; p < 3; p++) { /* quarters: their sums are exact */
        check_near(got[p].sum, COPIES * one.sum, 0, "sum");
        check_near(got[p].square, COPIES * one.square, 0, "square");
        assert_true(got[p].near == COPIES * one.near && got[p].count == N);
        for (size_t b = 0; b < BINS; b++)
            assert_int_equal(got[p].histogram[b], COPIES * one.histogram[b]);
    }
    device_close(device);
    free(got);
}

/* Comparisons of floats give the bins of the formula, at every edge and its neighbours. */
static void floats_know_their_bins(void **state)
{
    (void)state;
    static const double RANGES[][4] = {{0, 10, 0, .5},       {-7, 7, -.35, .70},       {-.1, 1. / 3, -1e-3, 1e-3},
                                       {1e-40, 3e-39, 0, 1}, {1e6, 1e6 + 3, 1e6, 1e6}, {-1e30, 2e30, -1, 1}};
    const struct icl_stream stream = {.seed = 0x2545f4914f6cdd1d, .purpose = ICL_PURPOSE_LAW};
    for (size_t k = 0; k < sizeof RANGES / sizeof *RANGES; k++) {
        const double low = RANGES[k][0], high = RANGES[k][1];
        const struct icl_histogram_floats f = icl_histogram_floats_of(low, high, BINS, RANGES[k][2], RANGES[k][3]);
        for (size_t i = 0; i < 20000; i++) {
            double u;
            icl_random_uniform(&stream, i, 1, &u);
            float z = (float)(low + (high - low) * (i % 2 == 0 ? (double)(i / 2 % 41) / 40 : 1.2 * u - .1));
            if (i < 82 * 3) z = i / 82 == 0 ? z : nextafterf(z, i / 82 == 1 ? -INFINITY : INFINITY);
            const bool inside = (double)z >= low && (double)z <= high;
            assert_int_equal(z >= f.first[0] && z <= f.last, inside);
            assert_int_equal(z >= f.near_first && z < f.near_end,
                             (double)z >= RANGES[k][2] && (double)z < RANGES[k][3]);
            if (!inside) continue;
            const size_t bin = icl_histogram_bin((double)z, low, high, BINS);
            const uint32_t got = icl_histogram_float_bin(f.first, f.scale, BINS, z);
            if (got != bin) fail_msg("%.9g of [%g, %g] is in bin %u, expected %zu", (double)z, low, high, got, bin);
        }
    }
    assert_true(icl_float_of_rank(0) == -INFINITY && icl_float_of_rank(1) == -FLT_MAX);
    assert_true(icl_float_of_rank(ICL_FLOAT_RANKS - 1) == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(floats_know_their_bins),
                                       cmocka_unit_test(summaries_are_the_plain_ones), cmocka_unit_test(many_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
