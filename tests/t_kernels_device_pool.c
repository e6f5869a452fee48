/* Pools, sums and changes of storage on a device: the bits of the plain version, places of maxima included. */
#include <math.h>

#include "device_storage.h"
#include "device_support.h"
#include "kernels/shared/pool.h"

struct pool_case {
    size_t images, height, width, channels, window, stride, padding;
    bool up; /* windows that begin inside count, or only whole ones */
};

/* Odd shapes; the last ones are large enough for packs of 16 bytes, in float32 and in bfloat16. */
static const struct pool_case CASES[] = {{3, 7, 7, 3, 2, 2, 0, true},    {2, 8, 8, 16, 8, 1, 0, false},
                                         {3, 5, 9, 17, 3, 2, 1, false},  {2, 4, 3, 1, 1, 1, 0, false},
                                         {2, 9, 6, 33, 2, 3, 0, false},  {2, 6, 7, 8, 5, 1, 2, false},
                                         {1, 1, 1, 100, 1, 1, 0, false}, {1, 3, 3, 31, 15, 1, 7, false},
                                         {0, 4, 4, 8, 2, 2, 0, false},   {9, 61, 64, 16, 3, 1, 1, false}};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

static struct icl_pool_shape shape_of(const struct pool_case *c)
{
    const size_t round = c->up ? c->stride - 1 : 0;
    return (struct icl_pool_shape){.height = c->height,
                                   .width = c->width,
                                   .channels = c->channels,
                                   .window = c->window,
                                   .stride = c->stride,
                                   .padding = c->padding,
                                   .out_height = (c->height + 2 * c->padding - c->window + round) / c->stride + 1,
                                   .out_width = (c->width + 2 * c->padding - c->window + round) / c->stride + 1};
}

/* Many equal ones; some are nan or infinite. */
static float *tied_inputs(uint64_t seed, size_t n)
{
    float *x = check_inputs(seed, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (i % 2 == 0) x[i] = rintf(2 * x[i]) / 2;
        if (i % 97 == 13) x[i] = NAN;
        if (i % 89 == 7) x[i] = i % 2 == 0 ? INFINITY : -INFINITY;
    }
    return x;
}

static void pools_are_the_plain_ones(void **state)
{
    (void)state;
    const struct icl_layers_f32 *plain = &icl_layers_reference_f32;
    for (size_t k = 0; k < STORAGE_COUNT * CASE_COUNT; k++) {
        const struct pool_case *c = &CASES[k / STORAGE_COUNT];
        const enum icl_storage storage = STORAGES[k % STORAGE_COUNT];
        const struct icl_pool_shape s = shape_of(c);
        const size_t nx = c->images * s.height * s.width * s.channels;
        const size_t ny = c->images * s.out_height * s.out_width * s.channels;
        struct icl_device *device = device_open();
        const struct icl_device_layers *call = &device->call->layers;
        float *x = tied_inputs(11 + k, nx), *y = check_poisoned_f32(ny + 1);
        uint8_t *where = calloc(ny + 1, 1);
        assert_non_null(where);
        const void *x_there = storage_put(device, storage, x, nx);
        void *y_there = storage_room(device, storage, ny);
        uint8_t *where_there = device_room(device, ny);

        plain->max_pool_forward(&s, c->images, x, y, where);
        call->max_pool_forward(device, storage, &s, c->images, x_there, y_there, where_there);
        storage_check_same(device, storage, y_there, y, ny, "maximum");
        device_check_bytes(device, where_there, where, ny, "places of maxima");
        device->call->clear(device, y_there, ny * icl_storage_bytes(storage));
        call->max_pool_forward(device, storage, &s, c->images, x_there, y_there, NULL);
        storage_check_same(device, storage, y_there, y, ny, "maximum without places");

        plain->average_pool_forward(&s, c->images, x, y);
        call->average_pool_forward(device, storage, &s, c->images, x_there, y_there);
        storage_check_same(device, storage, y_there, y, ny, "mean");

        float *dy = tied_inputs(1011 + k, ny), *before = check_inputs(2011 + k, nx + 1);
        float *dx = check_poisoned_f32(nx + 1), *sum = check_poisoned_f32(nx + 1);
        const void *dy_there = storage_put(device, storage, dy, ny);
        for (int way = 0; way < 4; way++) {
            const bool maximum = way / 2 == 0, add = way % 2 == 1;
            void *dx_there = storage_put(device, storage, before, nx);
            if (maximum) {
                plain->max_pool_backward(&s, c->images, dy, where, dx);
                call->max_pool_backward(device, storage, &s, c->images, dy_there, where_there, dx_there, add);
            } else {
                plain->average_pool_backward(&s, c->images, dy, dx);
                call->average_pool_backward(device, storage, &s, c->images, dy_there, dx_there, add);
            }
            for (size_t i = 0; i < nx; i++)
                sum[i] = add ? before[i] + dx[i] : dx[i];
            storage_check_same(device, storage, dx_there, sum, nx, maximum ? "maximum, back" : "mean, back");
        }
        device_close(device);
        free(x), free(y), free(where), free(dy), free(before), free(dx), free(sum);
    }
}

/* Counts around the lengths of packs and blocks, arrays at places that are not aligned, y = a and y = b. */
static void sums_are_the_plain_ones(void **state)
{
    (void)state;
    static const size_t COUNTS[] = {0, 1, 3, 4, 7, 8, 9, 31, 1023, 4096, 4099, 8191, 8200};
    for (size_t k = 0; k < sizeof COUNTS / sizeof *COUNTS * 2 * STORAGE_COUNT; k++) {
        const size_t n = COUNTS[k / 4], shift = k / 2 % 2 == 0 ? 0 : 1;
        const enum icl_storage storage = STORAGES[k % STORAGE_COUNT];
        struct icl_device *device = device_open();
        const struct icl_device_layers *call = &device->call->layers;
        float *a = tied_inputs(31 + k, n), *b = tied_inputs(131 + k, n), *y = check_poisoned_f32(n + 1);
        void *a_there = storage_put_at(device, storage, a, n, shift), *b_there = storage_put(device, storage, b, n);
        void *y_there = storage_room(device, storage, n);
        icl_layers_reference_f32.add(a, b, n, y);
        call->add(device, storage, a_there, b_there, n, y_there);
        storage_check_same(device, storage, y_there, y, n, "sum");
        call->add(device, storage, a_there, b_there, n, b_there);
        storage_check_same(device, storage, b_there, y, n, "sum in its second");
        call->add(device, storage, a_there, a_there, n, a_there);
        icl_layers_reference_f32.add(a, a, n, y);
        storage_check_same(device, storage, a_there, y, n, "sum of one with itself");
        device_close(device);
        free(a), free(b), free(y);
    }
}

static void storage_changes_by_rounding(void **state)
{
    (void)state;
    for (size_t k = 0; k < 24; k++) {
        const size_t n = (size_t[]){0, 1, 5, 4095, 4096, 4101}[k / 4], shift = k % 2;
        const bool same = k / 2 % 2 == 1;
        struct icl_device *device = device_open();
        const struct icl_device_layers *call = &device->call->layers;
        float *x = tied_inputs(51 + k, n), *kept = check_poisoned_f32(n + 1);
        for (size_t i = 0; i + 2 < n; i += 3)
            x[i] = 1 + (float)(i % 512) * 0x1p-9F; /* halves between neighbours */
        if (n > 4) x[4] = 3.4e38F;                 /* rounds to infinity */
        memcpy(kept, x, n * sizeof *x);
        const void *wide = storage_put_at(device, ICL_STORAGE_F32, x, n, shift);
        void *narrow = storage_room(device, ICL_STORAGE_BF16, n), *back = storage_room(device, ICL_STORAGE_F32, n);
        if (same) {
            call->convert(device, ICL_STORAGE_F32, wide, n, ICL_STORAGE_F32, back);
        } else {
            call->convert(device, ICL_STORAGE_F32, wide, n, ICL_STORAGE_BF16, narrow);
            storage_check_same(device, ICL_STORAGE_BF16, narrow, kept, n, "rounded");
            call->convert(device, ICL_STORAGE_BF16, narrow, n, ICL_STORAGE_F32, back);
        }
        storage_check_same(device, ICL_STORAGE_F32, back, kept, n, "back");
        device_close(device);
        free(x), free(kept);
    }
}

/* The way back gathers from exactly the windows that the way forward looks at. */
static void covers_are_the_spans_turned_round(void **state)
{
    (void)state;
    for (uint32_t window = 1; window <= 6; window++)
        for (uint32_t stride = 1; stride <= 5; stride++)
            for (uint32_t padding = 0; padding < window; padding++)
                for (uint32_t size = 1; size <= 12; size++) {
                    if (size + 2 * padding < window) continue;
                    const uint32_t outs = (size + 2 * padding - window) / stride + 1;
                    for (uint32_t at = 0; at < size; at++) {
                        const struct icl_pool_places cover =
                            icl_pool_cover(at, window, icl_divider_of(stride), padding, outs);
                        for (uint32_t out = 0; out < outs; out++) {
                            const struct icl_pool_places span = icl_pool_span(out, window, stride, padding, size);
                            const bool inside =
                                out * stride + span.first <= at + padding && at + padding < out * stride + span.end;
                            assert_int_equal(cover.first <= out && out < cover.end, inside);
                        }
                    }
                }
}

static void divisions_are_exact(void **state)
{
    (void)state;
    const struct icl_stream stream = {.seed = 0x3c6ef372fe94f82b, .purpose = ICL_PURPOSE_LAW};
    for (uint64_t k = 0; k < 200000; k++) {
        uint32_t words[2], rest;
        icl_random_words(&stream, 2 * k, 2, words);
        const uint32_t by = (words[0] >> 1 >> k % 31) + 1,
                       n = k % 5 == 0 ? by * (0x7FFFFFFF / by) - k % 2 : words[1] >> 1;
        if (by >= 1U << 31 || n >= 1U << 31) continue;
        const uint32_t quotient = icl_divide(icl_divider_of(by), n, &rest);
        if (quotient != n / by || rest != n % by) fail_msg("%u / %u is not %u rest %u", n, by, quotient, rest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_are_the_plain_ones), cmocka_unit_test(sums_are_the_plain_ones),
        cmocka_unit_test(storage_changes_by_rounding), cmocka_unit_test(covers_are_the_spans_turned_round),
        cmocka_unit_test(divisions_are_exact)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
