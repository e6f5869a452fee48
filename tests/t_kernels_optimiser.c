/* SGD and Adam against recurrences written out in double, and every version against the plain one to the last bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kernels_check.h"

enum { COUNT = 133, STEPS = 7 };

/* n standard normal values; owned by the caller. */
static double *normals(size_t n, uint32_t layer)
{
    const struct icl_stream stream = {.seed = 0x1c5a7be90d3f2468, .purpose = ICL_PURPOSE_LAW, .layer = layer};
    double *x = check_poisoned_f64(n);
    icl_random_normal(&stream, 0, n, x);
    return x;
}

static struct icl_update_f64 update_f64(double decay, bool decoupled, double momentum)
{
    return (struct icl_update_f64){
        .rate = 0.037, .momentum = momentum, .decay = decay, .decoupled = decoupled, .beta2 = 0.97, .epsilon = 1e-3};
}

static const struct {
    double decay;
    bool decoupled;
} DECAYS[] = {{0.0, false}, {0.3, false}, {0.3, true}};

static void sgd_is_its_recurrence(void **state)
{
    (void)state;
    for (size_t d = 0; d < 3; d++)
        for (int moving = 0; moving < 2; moving++) {
            const struct icl_update_f64 update = update_f64(DECAYS[d].decay, DECAYS[d].decoupled, moving ? 0.9 : 0.0);
            double *w = normals(COUNT, 1), *expected = normals(COUNT, 1);
            double velocity[COUNT] = {0}, expected_velocity[COUNT] = {0};
            for (uint32_t t = 0; t < STEPS; t++) {
                double *g = normals(COUNT, 10 + t);
                icl_layers_reference_f64.sgd(&update, g, COUNT, moving ? velocity : NULL, w);
                for (size_t i = 0; i < COUNT; i++) {
                    double step = g[i];
                    if (update.decoupled)
                        expected[i] -= update.rate * update.decay * expected[i];
                    else
                        step += update.decay * expected[i];
                    expected_velocity[i] = step = update.momentum * expected_velocity[i] + step;
                    expected[i] -= update.rate * step;
                    check_near(w[i], expected[i], 1e-14, "weight"); /* a few roundings of numbers of size 1 a step */
                    if (moving) check_near(velocity[i], expected_velocity[i], 1e-13, "velocity");
                }
                free(g);
            }
            free(w), free(expected);
        }
}

static void adam_is_its_recurrence(void **state)
{
    (void)state;
    for (size_t d = 0; d < 3; d++) {
        struct icl_update_f64 update = update_f64(DECAYS[d].decay, DECAYS[d].decoupled, 0.9);
        double *w = normals(COUNT, 1), *expected = normals(COUNT, 1);
        double m[COUNT] = {0}, v[COUNT] = {0}, expected_m[COUNT] = {0}, expected_v[COUNT] = {0};
        for (uint32_t t = 1; t <= STEPS; t++) {
            double *g = normals(COUNT, 10 + t);
            update.correction1 = 1.0 - pow(0.9, t);
            update.correction2 = 1.0 - pow(0.97, t);
            icl_layers_reference_f64.adam(&update, g, COUNT, m, v, w);
            for (size_t i = 0; i < COUNT; i++) {
                double step = g[i];
                if (update.decoupled)
                    expected[i] -= 0.037 * update.decay * expected[i];
                else
                    step += update.decay * expected[i];
                expected_m[i] = 0.9 * expected_m[i] + (1.0 - 0.9) * step;
                expected_v[i] = 0.97 * expected_v[i] + (1.0 - 0.97) * (step * step);
                expected[i] -=
                    0.037 * (expected_m[i] / update.correction1) / (sqrt(expected_v[i] / update.correction2) + 1e-3);
                check_near(w[i], expected[i], 1e-13, "weight");
                check_near(m[i], expected_m[i], 1e-13, "first moment");
                check_near(v[i], expected_v[i], 1e-13, "second moment");
            }
            free(g);
        }
        free(w), free(expected);
    }
}

static void first_step_of_adam(void **state)
{
    (void)state;
    /* With epsilon 0 the first step is rate, against the sign of the gradient, whatever its size. */
    const struct icl_update_f64 update = {
        .rate = 0.01, .momentum = 0.9, .beta2 = 0.99, .correction1 = 1 - 0.9, .correction2 = 1 - 0.99};
    const double gradient[] = {1e-20, -3e7, 0.4};
    double m[3] = {0}, v[3] = {0}, w[3] = {1, 1, 1};
    icl_layers_reference_f64.adam(&update, gradient, 3, m, v, w);
    check_near(w[0], 0.99, 1e-15, "tiny gradient");
    check_near(w[1], 1.01, 1e-15, "huge gradient");
    check_near(w[2], 0.99, 1e-15, "gradient");
}

static float *rounded(uint32_t layer)
{
    double *wide = normals(COUNT, layer);
    float *x = check_poisoned_f32(COUNT);
    for (size_t i = 0; i < COUNT; i++)
        x[i] = (float)wide[i];
    free(wide);
    return x;
}

/* Every count around the vectors, every kind of decay: bits of the plain version; and that is near the double one. */
static void f32_is_the_plain_one(void **state)
{
    const struct kernels table = check_table(state);
    const struct icl_layers_f32 *plain = &icl_kernels_reference()->layers;
    for (size_t d = 0; d < 3; d++)
        for (size_t count = 0; count <= COUNT; count += count < 36 ? 1 : 97) {
            const struct icl_update_f64 wide = update_f64(DECAYS[d].decay, DECAYS[d].decoupled, 0.9);
            const struct icl_update_f32 update = {wide.rate,  wide.momentum, wide.decay, wide.decoupled,
                                                  wide.beta2, wide.epsilon,  0.3,        0.2};
            struct icl_update_f64 exact = wide;
            exact.correction1 = 0.3, exact.correction2 = 0.2;
            float *w = rounded(1), *expected = rounded(1), *g = rounded(2), *alone = rounded(1), *own = rounded(1);
            float m[COUNT] = {0}, v[COUNT] = {0}, expected_m[COUNT] = {0}, expected_v[COUNT] = {0};
            double m64[COUNT] = {0}, v64[COUNT] = {0}, w64[COUNT], g64[COUNT];
            for (size_t i = 0; i < COUNT; i++)
                w64[i] = (double)w[i], g64[i] = (double)g[i];
            for (int t = 0; t < 2; t++) {
                table.layers.sgd(&update, g, count, m, w);
                plain->sgd(&update, g, count, expected_m, expected);
                table.layers.adam(&update, g, count, m, v, w);
                plain->adam(&update, g, count, expected_m, expected_v, expected);
                table.layers.sgd(&update, g, count, NULL, alone);
                plain->sgd(&update, g, count, NULL, own);
                icl_layers_reference_f64.sgd(&exact, g64, count, m64, w64);
                icl_layers_reference_f64.adam(&exact, g64, count, m64, v64, w64);
            }
            check_same_f32(w, expected, COUNT, "weights"); /* those behind count as they were */
            check_same_f32(m, expected_m, COUNT, "velocity, first moment");
            check_same_f32(v, expected_v, COUNT, "second moment");
            check_same_f32(alone, own, COUNT, "weights without velocity");
            for (size_t i = 0; i < count; i++) /* some tens of roundings of numbers below 8 */
                check_near((double)w[i], w64[i], 64 * 8 * 0x1p-24, "weight near double");
            free(w), free(expected), free(g), free(alone), free(own);
        }
}

static void nan_stays_where_it_is(void **state)
{
    const struct kernels table = check_table(state);
    const struct icl_update_f32 update = {
        .rate = 0.1, .momentum = 0.9, .beta2 = 0.99, .epsilon = 1e-6, .correction1 = 0.1, .correction2 = 0.01};
    float *w = rounded(1), *g = rounded(2), m[COUNT] = {0}, v[COUNT] = {0};
    g[17] = NAN;
    table.layers.adam(&update, g, COUNT, m, v, w);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(isnan(w[i]) != 0, i == 17);
    free(w), free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sgd_is_its_recurrence), cmocka_unit_test(adam_is_its_recurrence),
        cmocka_unit_test(first_step_of_adam),    ON_ALL(f32_is_the_plain_one),
        ON_ALL(nan_stays_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
