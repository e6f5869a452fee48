/* The fused stage: every fast version against the float reference to the last bit in every form, a batch against its
 * parts, and the reference in float against that in double. t_kernels_stage_gradient.c looks at the formulas. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kernels_check.h"

static const struct icl_nonlinearity acts[] = {
    {.on = false, .leak = 0.3F, .sub = 2.0F, .most = 1.0F}, /* off: the constants do not count */
    {.on = true, .leak = 0.0F, .sub = 0.0F, .most = INFINITY},
    {.on = true, .leak = 0.1F, .sub = 0.4F, .most = 6.0F},
    {.on = true, .leak = 0.0F, .sub = -0.25F, .most = 1.5F},
};
enum { ACTS = sizeof acts / sizeof *acts, NO_MASK = ICL_GATE_COUNT };

/* What a stage can be; `gate` NO_MASK: no dropout. */
struct form {
    enum icl_norm_place norm;
    size_t act;
    int gate;
    enum icl_tap tap;
    bool add, stored, onto; /* a residual; gates kept; gradients added to what is there */
};

/* Calls `check` for every form that makes sense. */
static void every_form(const struct kernels *table, const struct icl_shape *shape,
                       void (*check)(const struct kernels *, const struct icl_shape *, const struct form *))
{
    size_t number = 0;
    for (size_t act = 0; act < ACTS; act++)
        for (int norm = ICL_NORM_ABSENT; norm <= ICL_NORM_AFTER; norm++)
            for (int gate = 0; gate <= NO_MASK; gate++)
                for (int tap = ICL_TAP_NONE; tap <= ICL_TAP_NORM; tap++)
                    for (int add = 0; add <= (norm != ICL_NORM_AFTER); add++, number++) {
                        const struct form form = {.norm = (enum icl_norm_place)norm,
                                                  .act = act,
                                                  .gate = gate,
                                                  .tap = (enum icl_tap)tap,
                                                  .add = add != 0,
                                                  .stored = gate < ICL_GATE_GAUSSIAN && number % 3 != 0,
                                                  .onto = number % 2 != 0};
                        check(table, shape, &form);
                    }
}

static struct icl_mask mask_of(const struct form *form)
{
    return (struct icl_mask){.stream = {.seed = 77, .purpose = ICL_PURPOSE_MASK, .layer = 3, .step = 9},
                             .gate = form->gate == NO_MASK ? ICL_GATE_INDEPENDENT : (enum icl_gate)form->gate,
                             .keep = 0.7,
                             .rescale = form->act % 2 == 0};
}

/* All arrays of a stage, forward and back. */
struct arrays {
    size_t count, channels, gate_bytes;
    float *x, *add, *scale, *shift, *slope, *dy, *dtap; /* inputs */
    float *y, *tap, *dx, *dadd;                         /* outputs */
    uint8_t *gates;
    double *sum, *square, *dsum, *product;
};

/* Values of ordinary and of hard kinds. */
static float *inputs(uint64_t seed, size_t n, bool hard)
{
    const float special[] = {NAN, INFINITY, -INFINITY, 1e-45F, -1e-40F, 3.4e38F, -3.4e38F, -0.0F, 1.25F};
    float *x = check_inputs(seed, n);
    for (size_t i = seed % 5; hard && i < n; i += 97)
        x[i] = special[i / 97 % (sizeof special / sizeof *special)];
    return x;
}

static struct arrays make_arrays(const struct icl_shape *shape, bool hard)
{
    const size_t n = shape->samples * shape->positions * shape->channels, c = shape->channels;
    struct arrays a = {.count = n, .channels = c, .gate_bytes = shape->samples * icl_gate_bytes(shape)};
    a.x = inputs(1, n, hard);
    a.add = inputs(2, n, hard);
    a.dy = inputs(3, n, hard);
    a.dtap = inputs(4, n, false);
    a.scale = inputs(5, c, false);
    a.shift = inputs(6, c, false);
    a.slope = inputs(7, 3 * c, false);
    a.y = check_poisoned_f32(n);
    a.tap = check_poisoned_f32(n);
    a.dx = inputs(8, n, false); /* what gradients are added to */
    a.dadd = inputs(9, n, false);
    a.gates = malloc(a.gate_bytes + 1);
    assert_non_null(a.gates);
    memset(a.gates, 0xA5, a.gate_bytes + 1);
    a.sum = check_poisoned_f64(c);
    a.square = check_poisoned_f64(c);
    a.dsum = check_poisoned_f64(c);
    a.product = check_poisoned_f64(c);
    for (size_t k = 0; k < c; k++)
        a.sum[k] = a.square[k] = a.dsum[k] = a.product[k] = (double)k * 0.125;
    return a;
}

static void free_arrays(struct arrays *a)
{
    float *const floats[] = {a->x, a->add, a->scale, a->shift, a->slope, a->dy, a->dtap, a->y, a->tap, a->dx, a->dadd};
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
        free(floats[i]);
    free(a->gates);
    free(a->sum);
    free(a->square);
    free(a->dsum);
    free(a->product);
}

/* Everything a stage does with samples first .. first+samples-1 of the arrays, which begin at sample `origin`. */
static void run_stage(const struct icl_layers_f32 *layers, const struct icl_shape *shape, const struct form *form,
                      struct arrays *a, size_t origin, size_t first, size_t samples)
{
    const struct icl_mask mask = mask_of(form);
    const struct icl_stage stage = {.norm = form->norm,
                                    .act = acts[form->act],
                                    .tap = form->tap,
                                    .shape = *shape,
                                    .mask = form->gate == NO_MASK ? NULL : &mask};
    const size_t at = first * shape->positions * shape->channels;
    const bool normed = form->norm != ICL_NORM_ABSENT, tapped = form->tap != ICL_TAP_NONE;
    struct icl_stage_data_f32 data = {
        .first = origin + first,
        .samples = samples,
        .x = a->x + at,
        .add = form->add ? a->add + at : NULL,
        .scale = normed ? a->scale : NULL,
        .shift = normed ? a->shift : NULL,
        .gates = form->stored ? a->gates + first * icl_gate_bytes(shape) : NULL,
        .y = a->y + at,
        .tap = tapped ? a->tap + at : NULL,
    };
    /* Nothing but x: the coefficients are made of these sums and need not be there yet. */
    const struct icl_stage_data_f32 only_x = {.first = data.first, .samples = samples, .x = data.x};
    if (normed) layers->stage_sums(&stage, &only_x, a->sum, a->square);
    layers->stage_forward(&stage, &data);
    data.y = data.tap = NULL;
    data.dy = a->dy + at;
    data.dtap = tapped && form->act != 1 ? a->dtap + at : NULL;
    data.slope = normed ? a->slope : NULL;
    data.dx = a->dx + at;
    data.dadd = form->add ? a->dadd + at : NULL;
    data.add_dx = form->onto;
    data.add_dadd = !form->onto;
    if (normed) layers->stage_backward_sums(&stage, &data, a->dsum, a->product);
    layers->stage_backward(&stage, &data);
}

static void check_same_arrays(const struct arrays *got, const struct arrays *want)
{
    check_same_f32(got->y, want->y, want->count + 1, "y");
    check_same_f32(got->tap, want->tap, want->count + 1, "tap");
    check_same_f32(got->dx, want->dx, want->count, "dx");
    check_same_f32(got->dadd, want->dadd, want->count, "dadd");
    assert_memory_equal(got->gates, want->gates, want->gate_bytes + 1);
    check_same_f64(got->sum, want->sum, want->channels + 1, "sum");
    check_same_f64(got->square, want->square, want->channels + 1, "square");
    check_same_f64(got->dsum, want->dsum, want->channels + 1, "sum of gradients");
    check_same_f64(got->product, want->product, want->channels + 1, "product");
}

static void check_equals_reference(const struct kernels *table, const struct icl_shape *shape, const struct form *form)
{
    struct arrays got = make_arrays(shape, true), want = make_arrays(shape, true);
    run_stage(&table->layers, shape, form, &got, 5, 0, shape->samples);
    run_stage(&icl_layers_reference_f32, shape, form, &want, 5, 0, shape->samples);
    check_same_arrays(&got, &want);
    free_arrays(&got);
    free_arrays(&want);
}

static void fast_equals_reference(void **state)
{
    const struct kernels table = check_table(state);
    const struct icl_shape shapes[] = {
        {3, 5, 1},    {1, 1100, 1}, {5, 1, 10},   {2, 49, 8},   {12, 9, 8},  {1, 130, 8},
        {2, 131, 10}, {1, 401, 3},  {2, 33, 16},  {2, 17, 33},  {1, 9, 131}, {2, 17, 64},
        {9, 8, 8},    {1, 2, 600},  {1, 2, 1100}, {2, 1, 2049}, {1, 1, 1},   {1, 1, 33},
    };
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
        every_form(&table, &shapes[k], check_equals_reference);
}

static void check_cut(const struct kernels *table, const struct icl_shape *shape, const struct form *form)
{
    struct arrays whole = make_arrays(shape, false), parts = make_arrays(shape, false);
    run_stage(&table->layers, shape, form, &whole, 2, 0, shape->samples);
    run_stage(&table->layers, shape, form, &parts, 2, 0, 1);
    run_stage(&table->layers, shape, form, &parts, 2, 1, shape->samples - 3);
    run_stage(&table->layers, shape, form, &parts, 2, shape->samples - 2, 2);
    check_same_arrays(&parts, &whole);
    free_arrays(&whole);
    free_arrays(&parts);
}

/* Parts of a batch give what the whole gives, sums included. */
static void parts_equal_whole(void **state)
{
    const struct kernels table = check_table(state);
    const struct icl_shape shapes[] = {{7, 3, 10}, {5, 140, 8}, {6, 5, 64}};
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
        every_form(&table, &shapes[k], check_cut);
}

/* Nothing to do: nothing is touched. */
static void no_samples(void **state)
{
    const struct kernels table = check_table(state);
    const struct icl_shape shape = {2, 3, 4};
    const struct form form = {.norm = ICL_NORM_AFTER, .act = 1, .stored = true};
    struct arrays got = make_arrays(&shape, false), want = make_arrays(&shape, false);
    run_stage(&table.layers, &shape, &form, &got, 0, 0, 0);
    check_same_arrays(&got, &want);
    free_arrays(&got);
    free_arrays(&want);
}

/* The IC layer of the estimators' side is the same function of a rectified input. */
static void stage_is_ic_forward(void **state)
{
    const struct kernels table = check_table(state);
    const struct icl_shape shape = {3, 50, 24};
    const struct form form = {.norm = ICL_NORM_AFTER, .act = 1, .gate = ICL_GATE_INDEPENDENT};
    struct arrays a = make_arrays(&shape, false);
    run_stage(&table.layers, &shape, &form, &a, 0, 0, shape.samples);
    float *y = check_poisoned_f32(a.count);
    for (size_t i = 0; i < a.count; i++)
        a.x[i] = a.x[i] < 0.0F ? 0.0F : a.x[i];
    const struct icl_mask mask = mask_of(&form);
    table.ic_forward(a.x, &shape, 0, a.count, a.scale, a.shift, &mask, y);
    check_same_f32(a.y, y, a.count + 1, "y");
    free(y);
    free_arrays(&a);
}

/* The gradient may be written over the one that came. */
static void gradient_in_place(void **state)
{
    const struct kernels table = check_table(state);
    const struct icl_shape shape = {2, 70, 24};
    for (int norm = ICL_NORM_ABSENT; norm <= ICL_NORM_AFTER; norm++) {
        const struct form form = {.norm = (enum icl_norm_place)norm, .act = 2, .gate = ICL_GATE_SHARED};
        struct arrays want = make_arrays(&shape, true), got = make_arrays(&shape, true);
        run_stage(&table.layers, &shape, &form, &want, 0, 0, shape.samples);
        free(got.dx);
        got.dx = got.dy;
        run_stage(&table.layers, &shape, &form, &got, 0, 0, shape.samples);
        check_same_f32(got.dx, want.dx, want.count, "dx over dy");
        got.dy = NULL;
        free_arrays(&want);
        free_arrays(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_FAST(fast_equals_reference), ON_ALL(parts_equal_whole), ON_ALL(no_samples),
        ON_ALL(stage_is_ic_forward),    ON_ALL(gradient_in_place),
    };
    return cmocka_run_group_tests_name("kernels/stage", tests, NULL, NULL);
}
