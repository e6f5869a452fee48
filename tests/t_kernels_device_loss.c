/* Softmax cross-entropy on a device: the plain version to rounding, right ones exactly, the same bits each time. */
#include <math.h>

#include "device_storage.h"
#include "device_support.h"

/* Sums are added in another order, and exp and log may differ in their last bits. */
static const double LOSS = 1e-12, GRADIENT = 1e-6;

struct loss_case {
    size_t samples, classes;
    double smoothing, weight;
};
static const struct loss_case CASES[] = {{1, 1, 0, 1},        {7, 2, .1, 1. / 7}, {128, 10, 0, 1. / 128},
                                         {33, 32, .1, 1},     {9, 33, 0, -2.5},   {5, 1000, .1, .2},
                                         {2100, 10, .05, .5}, {0, 10, 0, 1},      {64, 101, 1, 1. / 64}};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

/* The outcome that a call left; everything but what a loss writes must be as it was. */
static struct icl_device_outcome outcome_of(struct icl_device *device, const struct icl_device_outcome *there)
{
    struct icl_device_outcome *got = device_get(device, there, sizeof *there), copy = *got;
    free(got);
    return copy;
}

static float *logits_of(uint64_t seed, size_t n, size_t spread)
{
    float *x = check_inputs(seed, n + 1);
    for (size_t i = 0; i < n; i++) {
        x[i] = fmodf(x[i], 50);
        if (i % spread == 0) x[i] = rintf(x[i]); /* equal ones */
    }
    return x;
}

/* Against the plain version, twice. */
static void check_loss(const struct loss_case *c, enum icl_storage storage, float *logits, uint64_t seed)
{
    const size_t n = c->samples * c->classes;
    const struct icl_stream stream = {.seed = seed, .purpose = ICL_PURPOSE_CHOICE};
    struct icl_device *device = device_open();
    uint32_t *labels = calloc(c->samples + 1, sizeof *labels);
    assert_non_null(labels);
    for (size_t i = 0; i < c->samples; i++)
        labels[i] = (uint32_t)icl_random_below(&stream, i, c->classes);
    const void *logits_there = storage_put(device, storage, logits, n);
    for (size_t i = 0; i < c->samples; i += 2) /* half of them right */
        for (size_t k = 0; k < c->classes; k++)
            if (logits[i * c->classes + k] > logits[i * c->classes + labels[i]]) labels[i] = (uint32_t)k;
    const uint32_t *labels_there = device_put(device, labels, c->samples * sizeof *labels);

    float *expected = check_poisoned_f32(n + 1);
    double loss = 0;
    size_t correct = 0;
    icl_layers_reference_f32.cross_entropy(logits, labels, c->samples, c->classes, c->smoothing, c->weight, expected,
                                           &loss, &correct);
    const struct icl_device_outcome before = {
        .loss = 17, .correct = 99, .gradient_norm = 3, .weight_norm = 4, .diverged = 1};
    struct icl_device_outcome *current = device_put(device, &before, sizeof before), seen[2];
    void *dlogits = storage_room(device, storage, n);
    float *first = NULL;
    for (int turn = 0; turn < 2; turn++) {
        device->call->layers.cross_entropy(device, storage, logits_there, labels_there, c->samples, c->classes,
                                           c->smoothing, c->weight, dlogits, current);
        seen[turn] = outcome_of(device, current);
        float *got = storage_get(device, storage, dlogits, n);
        if (turn == 0) first = got;
        if (turn == 1) check_same_f32(got, first, n, "gradient, again"), free(got);
    }
    assert_memory_equal(&seen[0], &seen[1], sizeof seen[0]);
    check_near(seen[0].loss, loss, LOSS * fabs(loss), "loss");
    assert_int_equal(seen[0].correct, correct);
    check_near(seen[0].gradient_norm, 3, 0, "gradient norm");
    check_near(seen[0].weight_norm, 4, 0, "weight norm");
    assert_int_equal(seen[0].diverged, 1);
    const double precision = storage == ICL_STORAGE_F32 ? GRADIENT : 0x1p-8;
    for (size_t i = 0; i < n; i++) {
        const double e = (double)expected[i];
        /* Of a difference of numbers near 1, what is left may be small: then the bound is that of the numbers. */
        check_near((double)first[i], e, precision * fabs(e) + 1e-14 * fabs(c->weight), "gradient");
    }
    device->call->layers.cross_entropy(device, storage, logits_there, labels_there, c->samples, c->classes,
                                       c->smoothing, c->weight, NULL, current);
    assert_true(outcome_of(device, current).correct == correct);
    device_close(device);
    free(labels), free(expected), free(first);
}

static void loss_is_the_plain_one(void **state)
{
    (void)state;
    for (size_t k = 0; k < STORAGE_COUNT * CASE_COUNT; k++) {
        const struct loss_case *c = &CASES[k / STORAGE_COUNT];
        float *logits = logits_of(71 + k, c->samples * c->classes, 3);
        check_loss(c, STORAGES[k % STORAGE_COUNT], logits, 171 + k);
        free(logits);
    }
}

/* Huge ones, infinities, NaN at the first, a middle and the last place, all equal, all -infinity. */
static void odd_logits(void **state)
{
    (void)state;
    static const struct loss_case c = {.samples = 40, .classes = 37, .smoothing = 0, .weight = 1};
    for (size_t kind = 0; kind < 7; kind++)
        for (size_t smooth = 0; smooth < 2; smooth++) {
            struct loss_case one = c;
            one.samples = kind == 0 || kind == 4 ? 40 : 1;
            one.smoothing = smooth == 0 ? 0 : .1;
            float *x = logits_of(300 + kind, 40 * 37, 2);
            for (size_t i = 0; kind == 0 && i < 40 * 37; i++)
                x[i] *= 1e30F;
            if (kind == 1) x[0] = NAN;
            if (kind == 2) x[20] = NAN;
            if (kind == 3) x[36] = INFINITY;
            for (size_t i = 0; kind == 4 && i < 40 * 37; i++)
                x[i] = (float)(i / 37);
            for (size_t i = 0; kind == 5 && i < 37; i++)
                x[i] = -INFINITY;
            for (size_t i = 0; kind == 6 && i < 37; i += 2)
                x[i] = -INFINITY;
            check_loss(&one, ICL_STORAGE_F32, x, 400 + kind);
            free(x);
        }
}

/* All classes alike: log(classes) a sample, whatever the smoothing. */
static void equal_logits_cost_log_classes(void **state)
{
    (void)state;
    enum { SAMPLES = 11, CLASSES = 7 };
    struct icl_device *device = device_open();
    float *logits = calloc(SAMPLES * CLASSES, sizeof *logits);
    assert_non_null(logits);
    const uint32_t labels[SAMPLES] = {0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3};
    struct icl_device_outcome *current = device_room(device, sizeof *current);
    device->call->layers.cross_entropy(
        device, ICL_STORAGE_F32, storage_put(device, ICL_STORAGE_F32, logits, SAMPLES * CLASSES),
        device_put(device, labels, sizeof labels), SAMPLES, CLASSES, .1, 1, NULL, current);
    const struct icl_device_outcome got = outcome_of(device, current);
    check_near(got.loss, SAMPLES * log(CLASSES), 1e-13 * SAMPLES, "loss");
    assert_int_equal(got.correct, 2); /* the first of equal ones */
    device_close(device);
    free(logits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(loss_is_the_plain_one), cmocka_unit_test(odd_logits),
                                       cmocka_unit_test(equal_logits_cost_log_classes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
