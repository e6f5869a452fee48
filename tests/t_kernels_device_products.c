/* Dense products on a device, through linear layers: what the factors are rounded to, what the sums are kept in, what
 * is not a number. */
#include <math.h>

#include "device_storage.h"

enum { ROWS = 5, IN = 67, OUT = 9 };

struct linear {
    struct icl_device *device;
    struct icl_device_conv *conv;
    enum icl_storage storage;
};

static struct linear open_linear(enum icl_storage storage, enum icl_product_rule rule)
{
    struct icl_error err;
    struct linear l = {device_open(), NULL, storage};
    const struct icl_device_conv_form form = {{1, 1, IN, OUT, 1, 1, 0, 1, 1, true}, ROWS, storage, rule, true, true};
    if (l.device->call->layers.conv_plan(l.device, &form, &l.conv, &err) != ICL_OK) fail_msg("%s", err.message);
    return l;
}

static void close_linear(struct linear *l)
{
    l->device->call->layers.conv_release(l->device, l->conv);
    device_close(l->device);
}

/* n numbers in the storage of the layer, in device memory. */
static void *put_numbers(const struct linear *l, const float *x, size_t n)
{
    return storage_copy(l->device, l->storage, x, n);
}

static float *normals(size_t n, uint32_t layer)
{
    const struct icl_stream stream = {.seed = 0x6c1e95b2087fd43a, .purpose = ICL_PURPOSE_LAW, .layer = layer};
    double *x = check_poisoned_f64(n);
    float *rounded = check_poisoned_f32(n);
    icl_random_normal(&stream, 0, n, x);
    for (size_t i = 0; i < n; i++)
        rounded[i] = (float)x[i];
    free(x);
    return rounded;
}

/* 10 bits of mantissa by scaling, not by bits: to nearest, ties away from zero. */
static double to_tf32(float x)
{
    int exponent;
    const double fraction = frexp((double)x, &exponent);
    return ldexp(round(ldexp(fraction, 11)), exponent - 11);
}

static double to_bf16(float x)
{
    return (double)storage_round(ICL_STORAGE_BF16, x);
}

static double as_it_is(float x)
{
    return (double)x;
}

/* The gradient of the weights is kept in float32 whatever the factors are rounded to: 5 terms a sum, so that rounding
 * once more, or less, shows. */
static void factors_are_rounded(void **state)
{
    (void)state;
    static const struct {
        enum icl_storage storage;
        enum icl_product_rule rule;
        double (*round)(float);
    } kinds[] = {{ICL_STORAGE_F32, ICL_PRODUCT_F32, as_it_is},
                 {ICL_STORAGE_F32, ICL_PRODUCT_TF32, to_tf32},
                 {ICL_STORAGE_BF16, ICL_PRODUCT_F32, to_bf16}};
    float *x = normals(ROWS * IN, 1), *dy = normals(ROWS * OUT, 2);
    for (size_t k = 0; k < 3; k++) {
        struct linear l = open_linear(kinds[k].storage, kinds[k].rule);
        void *there = put_numbers(&l, x, ROWS * IN), *dy_there = put_numbers(&l, dy, ROWS * OUT);
        float *dw = device_room_floats(l.device, OUT * IN);
        l.device->call->layers.conv_backward_weights(
            l.device, l.conv, there, dy_there, dw, NULL,
            device_room(l.device, l.device->call->layers.conv_scratch(l.conv)));
        float *got = device_get_floats(l.device, dw, OUT * IN);
        for (size_t o = 0; o < OUT; o++)
            for (size_t i = 0; i < IN; i++) {
                double sum = 0.0, size = 0.0;
                for (size_t r = 0; r < ROWS; r++) {
                    const double term = kinds[k].round(x[r * IN + i]) * kinds[k].round(dy[r * OUT + o]);
                    sum += term, size += fabs(term);
                }
                check_near((double)got[o * IN + i], sum, ROWS * 0x1p-24 * size, "weight gradient");
            }
        free(got);
        close_linear(&l);
    }
    free(x), free(dy);
}

/* x is the identity, so that the output is the weights, to the bit; rows of zeros give the bias alone. */
static void identity_gives_the_weights(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct linear l = open_linear(kind == 0 ? ICL_STORAGE_F32 : ICL_STORAGE_BF16, ICL_PRODUCT_F32);
        const struct icl_device_layers *layers = &l.device->call->layers;
        float x[ROWS * IN] = {0}, zero[OUT] = {0}, *w = normals(OUT * IN, 3);
        for (size_t r = 0; r < ROWS - 1; r++)
            x[r * IN + 7 * r] = 1;
        void *x_there = put_numbers(&l, x, ROWS * IN), *w_there = put_numbers(&l, w, OUT * IN);
        const float *bias = device_floats(l.device, zero, OUT);
        void *y = device_room(l.device, ROWS * OUT * icl_storage_bytes(l.storage));
        void *scratch = device_room(l.device, layers->conv_scratch(l.conv));
        layers->conv_forward(l.device, l.conv, x_there, w_there, bias, y, scratch);
        float expected[ROWS * OUT] = {0};
        for (size_t r = 0; r < ROWS - 1; r++)
            for (size_t o = 0; o < OUT; o++)
                expected[r * OUT + o] = w[o * IN + 7 * r];
        float *wide = device_room_floats(l.device, ROWS * OUT);
        layers->convert(l.device, l.storage, y, ROWS * OUT, ICL_STORAGE_F32, wide);
        for (size_t i = 0; kind == 1 && i < ROWS * OUT; i++)
            expected[i] = (float)to_bf16(expected[i]);
        device_check_same_f32(l.device, wide, expected, ROWS * OUT, "identity");
        free(w);
        close_linear(&l);
    }
}

/* What is not finite reaches its row of the output and its row alone; a zero weight makes NaN of infinity. */
static void not_finite(void **state)
{
    (void)state;
    struct linear l = open_linear(ICL_STORAGE_F32, ICL_PRODUCT_F32);
    const struct icl_device_layers *layers = &l.device->call->layers;
    float *x = normals(ROWS * IN, 4), *w = normals(OUT * IN, 5);
    x[1 * IN + 3] = NAN, x[3 * IN + 60] = INFINITY;
    w[2 * IN + 60] = 0;
    void *x_there = put_numbers(&l, x, ROWS * IN), *w_there = put_numbers(&l, w, OUT * IN);
    float *y = device_room_floats(l.device, ROWS * OUT);
    layers->conv_forward(l.device, l.conv, x_there, w_there, NULL, y,
                         device_room(l.device, layers->conv_scratch(l.conv)));
    float *got = device_get_floats(l.device, y, ROWS * OUT);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t o = 0; o < OUT; o++) {
            assert_int_equal(isnan(got[r * OUT + o]) != 0, r == 1 || (r == 3 && o == 2));
            assert_int_equal(isinf(got[r * OUT + o]) != 0, r == 3 && o != 2);
        }
    free(x), free(w), free(got);
    close_linear(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(factors_are_rounded),
                                       cmocka_unit_test(identity_gives_the_weights), cmocka_unit_test(not_finite)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
