/* Steps on a device: optimisers to the bit of the plain version, norms in double, divergence that stays, schedules. */
#include <math.h>

#include "device_storage.h"
#include "device_support.h"

/* Counts around packs, blocks, and more than all threads of the largest grid take in one turn. */
static const size_t COUNTS[] = {0, 1, 3, 5, 1024, 1027, 4099, 2100001};
enum { COUNT_COUNT = sizeof COUNTS / sizeof *COUNTS };

struct rule {
    const char *name;
    bool adam, decoupled, velocity;
    double decay;
};
static const struct rule RULES[] = {
    {"SGD", false, false, false, 0},        {"SGD with decay", false, false, false, 5e-4},
    {"momentum", false, false, true, 1e-3}, {"momentum, decoupled", false, true, true, 1e-2},
    {"Adam", true, false, true, 1e-3},      {"AdamW", true, true, true, 1e-2},
};
enum { RULE_COUNT = sizeof RULES / sizeof *RULES };

static const struct icl_device_step NOW = {.step = 3,
                                           .rate = .0123,
                                           .momentum = .897,
                                           .correction1 = 1 - .897 * .897 * .897,
                                           .correction2 = 1 - .997 * .997 * .997};

static double norm_of(const float *x, size_t n)
{
    long double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (long double)x[i] * (long double)x[i];
    return (double)sqrtl(sum);
}

static float *moderate(uint64_t seed, size_t n)
{
    float *x = check_inputs(seed, n + 1);
    for (size_t i = 0; i < n; i++)
        x[i] = fmodf(x[i], 3);
    return x;
}

/* Device memory of a parameter array and what its optimiser keeps. */
struct arrays {
    float *gradient, *weights, *first, *second;
    struct icl_device_step *now;
    struct icl_device_outcome *current;
    void *room;
};

static struct icl_device_outcome outcome_of(struct icl_device *device, const struct arrays *a)
{
    struct icl_device_outcome *got = device_get(device, a->current, sizeof *got), copy = *got;
    free(got);
    return copy;
}

static struct icl_device_update update_of(const struct rule *rule, const struct arrays *a, size_t n)
{
    return (struct icl_device_update){.adam = rule->adam,
                                      .decay = rule->decay,
                                      .beta2 = .997,
                                      .epsilon = 1e-8,
                                      .decoupled = rule->decoupled,
                                      .gradient = a->gradient,
                                      .first = rule->velocity ? a->first : NULL,
                                      .second = rule->adam ? a->second : NULL,
                                      .weights = a->weights,
                                      .count = n};
}

static void plain_step(const struct rule *rule, const float *gradient, size_t n, float *first, float *second, float *w)
{
    const struct icl_update_f32 update = {.rate = NOW.rate,
                                          .momentum = NOW.momentum,
                                          .decay = rule->decay,
                                          .decoupled = rule->decoupled,
                                          .beta2 = .997,
                                          .epsilon = 1e-8,
                                          .correction1 = NOW.correction1,
                                          .correction2 = NOW.correction2};
    if (rule->adam)
        icl_layers_reference_f32.adam(&update, gradient, n, first, second, w);
    else
        icl_layers_reference_f32.sgd(&update, gradient, n, rule->velocity ? first : NULL, w);
}

/* Two steps; the second sees the state of the first. Arrays `shift` numbers behind an aligned place. */
static void check_rule(const struct rule *rule, size_t n, size_t shift)
{
    static const struct icl_device_outcome nothing = {0};
    struct icl_device *device = device_open();
    const struct icl_device_layers *call = &device->call->layers;
    float *gradient = moderate(5, n), *w = moderate(6, n), *first = moderate(7, n), *second = moderate(8, n);
    for (size_t i = 0; i < n; i++)
        second[i] = fabsf(second[i]);
    const struct arrays a = {.gradient = storage_put_at(device, ICL_STORAGE_F32, gradient, n, shift),
                             .weights = storage_put_at(device, ICL_STORAGE_F32, w, n, shift),
                             .first = storage_put_at(device, ICL_STORAGE_F32, first, n, shift),
                             .second = storage_put_at(device, ICL_STORAGE_F32, second, n, shift),
                             .now = device_put(device, &NOW, sizeof NOW),
                             .current = device_put(device, &nothing, sizeof nothing),
                             .room = device_zeros(device, call->update_room(n))};
    const struct icl_device_update update = update_of(rule, &a, n);
    for (int step = 0; step < 2; step++) {
        plain_step(rule, gradient, n, first, second, w);
        call->gradient_norm(device, a.gradient, n, a.room, a.current);
        call->update(device, &update, a.now, a.room, a.current);
        const struct icl_device_outcome got = outcome_of(device, &a);
        device_check_same_f32(device, a.weights, w, n, rule->name);
        if (rule->velocity) device_check_same_f32(device, a.first, first, n, "first moment");
        if (rule->adam) device_check_same_f32(device, a.second, second, n, "second moment");
        device_check_same_f32(device, a.gradient, gradient, n, "gradient");
        const double g = norm_of(gradient, n), wn = norm_of(w, n);
        check_near(got.gradient_norm, g, 1e-13 * g, "gradient norm");
        check_near(got.weight_norm, wn, 1e-13 * wn, "weight norm");
        assert_int_equal(got.diverged, 0);
    }
    device_close(device);
    free(gradient), free(w), free(first), free(second);
}

static void steps_are_the_plain_ones(void **state)
{
    (void)state;
    for (size_t r = 0; r < RULE_COUNT; r++)
        for (size_t k = 0; k < COUNT_COUNT; k++)
            for (size_t shift = 0; shift < 2; shift++)
                if (COUNTS[k] < 10000 || (r == 3 && shift == 0)) check_rule(&RULES[r], COUNTS[k], shift);
}

/* The order of the sums does not depend on where the arrays lie, nor on the turn. */
static void norms_have_the_same_bits(void **state)
{
    (void)state;
    enum { N = 1100003 };
    struct icl_device *device = device_open();
    const struct icl_device_layers *call = &device->call->layers;
    float *x = moderate(9, N);
    void *room = device_zeros(device, call->update_room(N));
    struct icl_device_outcome *current = device_zeros(device, sizeof *current);
    double norm[4];
    for (size_t k = 0; k < 4; k++) {
        const float *there = storage_put_at(device, ICL_STORAGE_F32, x, N, k % 2);
        call->gradient_norm(device, there, N, room, current);
        struct icl_device_outcome *got = device_get(device, current, sizeof *got);
        norm[k] = got->gradient_norm;
        free(got);
        check_near(norm[k], norm[0], 0, "norm again");
    }
    check_near(norm[0], norm_of(x, N), 1e-13 * norm[0], "norm");
    device_close(device);
    free(x);
}

/* What makes a step diverge, in the order of a step: the loss, the gradient, the weights. */
static void divergence_stays(void **state)
{
    (void)state;
    enum { N = 1029 };
    for (size_t kind = 0; kind < 6; kind++) {
        struct icl_device *device = device_open();
        const struct icl_device_layers *call = &device->call->layers;
        const struct rule *rule = &RULES[kind % RULE_COUNT];
        float *gradient = moderate(15, N), *w = moderate(16, N), *first = moderate(17, N), *second = moderate(18, N);
        for (size_t i = 0; i < N; i++)
            second[i] = fabsf(second[i]);
        struct icl_device_outcome begin = {.loss = kind == 1   ? NAN
                                                   : kind == 2 ? -INFINITY
                                                               : 1.5,
                                           .diverged = kind == 5};
        if (kind == 3) gradient[N - 1] = NAN;
        if (kind == 4) gradient[3] = INFINITY;
        if (kind == 0) w[N - 2] = INFINITY;
        const struct arrays a = {.gradient = device_floats(device, gradient, N),
                                 .weights = device_floats(device, w, N),
                                 .first = device_floats(device, first, N),
                                 .second = device_floats(device, second, N),
                                 .now = device_put(device, &NOW, sizeof NOW),
                                 .current = device_put(device, &begin, sizeof begin),
                                 .room = device_zeros(device, call->update_room(N))};
        const struct icl_device_update update = update_of(rule, &a, N);
        call->gradient_norm(device, a.gradient, N, a.room, a.current);
        assert_int_equal(outcome_of(device, &a).diverged, kind != 0);
        call->update(device, &update, a.now, a.room, a.current);
        struct icl_device_outcome got = outcome_of(device, &a);
        assert_int_equal(got.diverged, 1);
        if (kind == 0) {
            assert_true(isinf(got.weight_norm) || isnan(got.weight_norm));
        } else { /* nothing moved */
            device_check_same_f32(device, a.weights, w, N, "weights");
            device_check_same_f32(device, a.first, first, N, "first");
            device_check_same_f32(device, a.second, second, N, "second");
            check_near(got.weight_norm, norm_of(w, N), 1e-13 * got.weight_norm, "weight norm");
        }
        /* A step with healthy numbers does not take it back. */
        float *healthy = moderate(19, N), *kept = device_get_floats(device, a.weights, N);
        device->call->upload(device, healthy, N * sizeof(float), a.gradient);
        const struct icl_device_step schedule = NOW;
        uint32_t *place = device_zeros(device, sizeof *place);
        call->advance(device, device_put(device, &schedule, sizeof schedule), place, a.now, a.current);
        call->gradient_norm(device, a.gradient, N, a.room, a.current);
        call->update(device, &update, a.now, a.room, a.current);
        assert_int_equal(outcome_of(device, &a).diverged, 1);
        device_check_same_f32(device, a.weights, kept, N, "weights afterwards");
        device_close(device);
        free(gradient), free(w), free(first), free(second), free(healthy), free(kept);
    }
}

/* advance and settle, recorded once and done again. */
static void steps_follow_the_schedule(void **state)
{
    (void)state;
    enum { STEPS = 5 };
    struct icl_device_step schedule[STEPS];
    struct icl_error err;
    memset(schedule, 0, sizeof schedule);
    for (uint32_t s = 0; s < STEPS; s++)
        schedule[s] = (struct icl_device_step){.step = 100 + s,
                                               .epoch = 7 + s / 2,
                                               .first = 32 * s,
                                               .slot = (3 * s) % STEPS,
                                               .rate = .5 / (s + 1),
                                               .momentum = .9 + .01 * s,
                                               .correction1 = 1 + s,
                                               .correction2 = 2 + s};
    struct icl_device *device = device_open();
    const struct icl_device_layers *call = &device->call->layers;
    const struct icl_device_step *there = device_put(device, schedule, sizeof schedule);
    const struct icl_device_outcome begin = {
        .loss = 1, .correct = 2, .gradient_norm = 3, .weight_norm = 4, .diverged = 0, .unused = 9};
    uint32_t *place = device_zeros(device, sizeof *place);
    struct icl_device_step *now = device_room(device, sizeof *now);
    struct icl_device_outcome *current = device_put(device, &begin, sizeof begin);
    struct icl_device_outcome *outcomes = device_room(device, STEPS * sizeof *outcomes);
    float x[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, *gradient = device_floats(device, x, 9);
    void *room = device_zeros(device, call->update_room(9));
    struct icl_device_graph *graph;
    device->call->record_begin(device);
    call->advance(device, there, place, now, current);
    call->gradient_norm(device, gradient, 9, room, current);
    call->settle(device, now, current, outcomes);
    assert_int_equal(device->call->record_end(device, &graph, &err), ICL_OK);
    for (uint32_t s = 0; s < STEPS; s++) {
        x[0] = s == 3 ? NAN : (float)s;
        device->call->upload(device, x, sizeof x, gradient);
        device->call->replay(device, graph);
        device_check_bytes(device, now, &schedule[s], sizeof *now, "the step");
        const uint32_t next = s + 1;
        device_check_bytes(device, place, &next, sizeof next, "the next place");
        struct icl_device_outcome *all = device_get(device, outcomes, STEPS * sizeof *all);
        const struct icl_device_outcome *got = &all[schedule[s].slot];
        check_near(got->gradient_norm, norm_of(x, 9), 1e-14, "norm of a recorded step");
        check_near(got->loss, 0, 0, "loss");
        check_near(got->weight_norm, 0, 0, "weight norm");
        assert_int_equal(got->correct, 0);
        assert_int_equal(got->diverged, s >= 3);
        free(all);
    }
    device->call->graph_release(device, graph);
    device_close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(steps_are_the_plain_ones),
                                       cmocka_unit_test(norms_have_the_same_bits), cmocka_unit_test(divergence_stays),
                                       cmocka_unit_test(steps_follow_the_schedule)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
