/* Masks, stages and batch norms of a device against the float reference: what is no sum to the last bit, in float32 and
 * in bf16 (the reference on rounded inputs, its results rounded), for every form of a stage and shapes that leave
 * tails. */
#include "tests/device_storage.h"

#include <math.h>

#include "kernels/shared/norm.h"

static const struct icl_nonlinearity acts[] = {
    {.on = false, .leak = 0.3F, .sub = 2.0F, .most = 1.0F}, /* off: the constants do not count */
    {.on = true, .leak = 0.0F, .sub = 0.0F, .most = INFINITY},
    {.on = true, .leak = 0.1F, .sub = 0.4F, .most = 6.0F},
};
enum { ACTS = sizeof acts / sizeof *acts, NO_MASK = ICL_GATE_COUNT, STEP = 9, SEED = 20261 };

static const struct icl_shape shapes[] = {{3, 5, 1},  {1, 41, 1}, {5, 1, 10},  {2, 9, 8},   {2, 31, 10}, {1, 101, 3},
                                          {2, 7, 16}, {2, 5, 33}, {1, 3, 131}, {2, 17, 64}, {1, 1, 1},   {3, 1, 12}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

struct form {
    enum icl_norm_place norm;
    size_t act;
    int gate; /* NO_MASK: no dropout */
    enum icl_tap tap;
    bool add, stored, onto; /* a residual; gates kept; gradients added to what is there */
    size_t apart;           /* numbers between an aligned place and each array */
};

/* The arrays of a stage, by what they are for. */
enum array { X, ADD, DY, DTAP, Y, TAP, DX, DADD, ARRAYS };
struct arrays {
    size_t n, c;
    float *host[ARRAYS], *scale, *shift, *slope;
};

static void make_arrays(const struct icl_shape *shape, enum icl_storage storage, bool hard, struct arrays *a)
{
    static const float special[] = {NAN, INFINITY, -INFINITY, 1e-45F, 3.4e38F, -3.4e38F, -0.0F};
    a->n = shape->samples * shape->positions * shape->channels;
    a->c = shape->channels;
    for (int k = 0; k < ARRAYS; k++) {
        a->host[k] = check_inputs((uint64_t)(SEED + k), a->n);
        for (size_t i = (size_t)k; hard && k <= DY && i < a->n; i += 37)
            a->host[k][i] = special[i / 37 % (sizeof special / sizeof *special)];
        storage_round_all(storage, a->host[k], a->n);
    }
    a->scale = check_inputs(SEED + 20, a->c);
    a->shift = check_inputs(SEED + 21, a->c);
    a->slope = check_inputs(SEED + 22, 3 * a->c);
}

static void free_arrays(struct arrays *a)
{
    for (int k = 0; k < ARRAYS; k++)
        free(a->host[k]);
    free(a->scale);
    free(a->shift);
    free(a->slope);
}

static struct icl_mask mask_of(const struct form *form, uint32_t step)
{
    const enum icl_gate gate = form->gate == NO_MASK ? ICL_GATE_INDEPENDENT : (enum icl_gate)form->gate;
    return (struct icl_mask){.stream = {.seed = 77, .purpose = ICL_PURPOSE_MASK, .layer = 3, .step = step},
                             .gate = gate,
                             .keep = 0.7,
                             .rescale = form->act % 2 == 0};
}

/* ---- the reference ---- */

static void run_reference(const struct icl_shape *shape, const struct form *form, struct arrays *a, double *sums)
{
    const struct icl_mask mask = mask_of(form, STEP);
    const struct icl_stage stage = {form->norm, acts[form->act], form->tap, *shape,
                                    form->gate == NO_MASK ? NULL : &mask};
    struct icl_stage_data_f32 data = {.samples = shape->samples,
                                      .x = a->host[X],
                                      .add = form->add ? a->host[ADD] : NULL,
                                      .scale = a->scale,
                                      .shift = a->shift,
                                      .y = a->host[Y],
                                      .tap = form->tap != ICL_TAP_NONE ? a->host[TAP] : NULL};
    const struct icl_layers_f32 *layers = &icl_layers_reference_f32;
    const bool normed = form->norm != ICL_NORM_ABSENT;
    if (normed) layers->stage_sums(&stage, &data, sums, sums + a->c);
    layers->stage_forward(&stage, &data);
    data.y = data.tap = NULL;
    data.dy = a->host[DY];
    data.dtap = form->tap != ICL_TAP_NONE ? a->host[DTAP] : NULL;
    data.slope = a->slope;
    data.dx = a->host[DX];
    data.dadd = form->add ? a->host[DADD] : NULL;
    data.add_dx = form->onto;
    data.add_dadd = !form->onto;
    if (normed) layers->stage_backward_sums(&stage, &data, sums + 2 * a->c, sums + 3 * a->c);
    layers->stage_backward(&stage, &data);
}

/* ---- the device ---- */

static const struct icl_device_step *put_step(struct icl_device *device, uint32_t step)
{
    const struct icl_device_step now = {.step = step};
    return device_put(device, &now, sizeof now);
}

static struct icl_device_stage device_stage(struct icl_device *device, const struct icl_shape *shape,
                                            const struct form *form, enum icl_storage storage, struct arrays *a)
{
    /* An output that nothing is added to holds NaN. */
    const bool poisoned[ARRAYS] = {[Y] = true, [TAP] = true, [DX] = !form->onto, [DADD] = form->onto};
    void *there[ARRAYS];
    for (int k = 0; k < ARRAYS; k++) {
        for (size_t i = 0; poisoned[k] && i < a->n; i++)
            a->host[k][i] = NAN;
        there[k] = storage_put_at(device, storage, a->host[k], a->n, form->apart);
    }
    return (struct icl_device_stage){
        .norm = form->norm,
        .act = acts[form->act],
        .tap = form->tap,
        .shape = *shape,
        .storage = storage,
        .dropout = form->gate != NO_MASK,
        .mask = mask_of(form, 0), /* the step is that of now */
        .now = put_step(device, STEP),
        .x = there[X],
        .add = form->add ? there[ADD] : NULL,
        .scale = storage_put_at(device, ICL_STORAGE_F32, a->scale, a->c, form->apart),
        .shift = storage_put_at(device, ICL_STORAGE_F32, a->shift, a->c, form->apart),
        .gates = form->stored ? device_room(device, icl_device_gate_bytes(shape, shape->samples)) : NULL,
        .y = there[Y],
        .tap_output = form->tap != ICL_TAP_NONE ? there[TAP] : NULL,
        .dy = there[DY],
        .dtap = form->tap != ICL_TAP_NONE ? there[DTAP] : NULL,
        .slope = storage_put_at(device, ICL_STORAGE_F32, a->slope, 3 * a->c, form->apart),
        .dx = there[DX],
        .dadd = form->add ? there[DADD] : NULL,
        .add_dx = form->onto,
        .add_dadd = !form->onto,
    };
}

static void check_form(const struct icl_shape *shape, const struct form *form, enum icl_storage storage)
{
    struct icl_device *device = device_open();
    struct arrays a;
    double *sums = calloc(4 * shape->channels, sizeof *sums);
    assert_non_null(sums);
    make_arrays(shape, storage, true, &a);
    const struct icl_device_stage stage = device_stage(device, shape, form, storage, &a);
    device->call->layers.stage_forward(device, &stage);
    device->call->layers.stage_backward(device, &stage);
    run_reference(shape, form, &a, sums);
    storage_check_same(device, storage, stage.y, a.host[Y], a.n, "y");
    if (form->tap != ICL_TAP_NONE) storage_check_same(device, storage, stage.tap_output, a.host[TAP], a.n, "tap");
    storage_check_same(device, storage, stage.dx, a.host[DX], a.n, "dx");
    if (form->add) storage_check_same(device, storage, stage.dadd, a.host[DADD], a.n, "dadd");
    free_arrays(&a);
    free(sums);
    device_close(device);
}

/* Every form, the shapes in turn. */
static void every_form(void (*check)(const struct icl_shape *, const struct form *, enum icl_storage))
{
    size_t number = 0;
    for (size_t act = 0; act < ACTS; act++)
        for (int norm = ICL_NORM_ABSENT; norm <= ICL_NORM_AFTER; norm++)
            for (int gate = 0; gate <= NO_MASK; gate++)
                for (int tap = ICL_TAP_NONE; tap <= ICL_TAP_NORM; tap++)
                    for (int add = 0; add <= (norm != ICL_NORM_AFTER); add++, number++) {
                        const struct form form = {(enum icl_norm_place)norm,
                                                  act,
                                                  gate,
                                                  (enum icl_tap)tap,
                                                  add != 0,
                                                  gate != NO_MASK && number % 3 != 0,
                                                  number % 2 != 0,
                                                  number % 4 == 3 ? 1 : 0};
                        check(&shapes[number % SHAPES], &form, ICL_STORAGE_F32);
                        check(&shapes[(number + 5) % SHAPES], &form, ICL_STORAGE_BF16);
                    }
}

static void stages_are_those_of_the_reference(void **state)
{
    (void)state;
    every_form(check_form);
}

/* Forms and shapes that are drawn. */
static void drawn_forms(void (*check)(const struct icl_shape *, const struct form *, enum icl_storage), uint64_t seed)
{
    const struct icl_stream stream = {.seed = seed, .purpose = ICL_PURPOSE_LAW};
    print_message("seed %llu\n", (unsigned long long)seed);
    for (uint64_t turn = 0; turn < 48; turn++) {
        enum { DRAWS = 12 };
        static const uint64_t below[DRAWS] = {3, ACTS, NO_MASK + 1, 3, 2, 2, 2, 9, 4, 24, 40, 2};
        size_t drawn[DRAWS];
        for (uint64_t k = 0; k < DRAWS; k++)
            drawn[k] = (size_t)icl_random_below(&stream, turn * DRAWS + k, below[k]);
        const struct form form = {(enum icl_norm_place)drawn[0],
                                  drawn[1],
                                  (int)drawn[2],
                                  (enum icl_tap)drawn[3],
                                  drawn[4] != 0 && drawn[0] != ICL_NORM_AFTER,
                                  drawn[5] != 0 && drawn[2] != NO_MASK,
                                  drawn[6] != 0,
                                  drawn[7] > 4 ? drawn[7] - 4 : 0};
        const struct icl_shape shape = {1 + drawn[8], 1 + drawn[9], 1 + drawn[10]};
        check(&shape, &form, drawn[11] != 0 ? ICL_STORAGE_BF16 : ICL_STORAGE_F32);
    }
}

static void drawn_stages(void **state)
{
    (void)state;
    drawn_forms(check_form, SEED);
}

/* More elements than pieces can be counted, more channels than strips: said, and nothing is read. */
static void too_large(void **state)
{
    (void)state;
    struct icl_device *device = device_open();
    const struct icl_device_layers *layers = &device->call->layers;
    struct icl_error err;
    struct icl_device_stage stage = {.shape = {1U << 20, 1U << 10, 1U << 4}, .norm = ICL_NORM_BEFORE};
    const struct icl_device_norm norm = {.epsilon = 1};
    for (int what = 0; what < 6; what++) {
        if (what == 4) stage.shape = (struct icl_shape){1, 1, 4096 * 32 + 1};
        if (what == 0) layers->stage_forward(device, &stage);
        if (what == 1) layers->stage_backward(device, &stage);
        if (what == 2) layers->stage_probe(device, &stage, ICL_TAP_RELU, NULL);
        if (what == 3 || what == 4) layers->norm_forward(device, &stage, &norm);
        if (what == 5) layers->norm_backward(device, &stage, &norm);
        assert_int_equal(device->call->finish(device, &err), ICL_ERR_USAGE);
    }
    device_close(device);
}

/* The gradient may be written over the one that came. */
static void gradient_in_place(void **state)
{
    (void)state;
    const struct icl_shape shape = {2, 21, 24};
    for (int norm = ICL_NORM_ABSENT; norm <= ICL_NORM_AFTER; norm++) {
        const struct form form = {(enum icl_norm_place)norm, 2, ICL_GATE_SHARED, ICL_TAP_NONE, false, true, false, 0};
        struct icl_device *device = device_open();
        struct arrays a;
        double sums[4 * 24] = {0};
        make_arrays(&shape, ICL_STORAGE_F32, true, &a);
        struct icl_device_stage stage = device_stage(device, &shape, &form, ICL_STORAGE_F32, &a);
        device->call->layers.stage_forward(device, &stage);
        stage.dx = (void *)(uintptr_t)stage.dy;
        device->call->layers.stage_backward(device, &stage);
        run_reference(&shape, &form, &a, sums);
        device_check_same_f32(device, stage.dx, a.host[DX], a.n, "dx over dy");
        free_arrays(&a);
        device_close(device);
    }
}

/* ---- norms ---- */

static void check_norm(const struct icl_shape *shape, const struct form *form, enum icl_storage storage)
{
    if (form->norm == ICL_NORM_ABSENT || (form->gate == ICL_GATE_GAUSSIAN && form->tap == ICL_TAP_NONE)) return;
    struct icl_device *device = device_open();
    const struct icl_device_layers *layers = &device->call->layers;
    struct arrays a;
    const size_t c = shape->channels;
    const double rows = (double)(shape->samples * shape->positions), epsilon = 1e-5, momentum = 0.1;
    double *sums = calloc(4 * c, sizeof *sums), *zeros = calloc(c, sizeof *zeros);
    assert_non_null(sums);
    assert_non_null(zeros);
    make_arrays(shape, storage, false, &a);
    struct icl_device_stage stage = device_stage(device, shape, form, storage, &a);
    float *gamma = check_inputs(SEED + 30, c), *beta = check_inputs(SEED + 31, c);
    const size_t room = layers->norm_room(shape);
    const struct icl_device_norm norm = {.epsilon = epsilon,
                                         .momentum = momentum,
                                         .moves = form->onto,
                                         .gamma = device_floats(device, gamma, c),
                                         .beta = device_floats(device, beta, c),
                                         .dgamma = device_room_floats(device, c),
                                         .dbeta = device_room_floats(device, c),
                                         .running_mean = device_doubles(device, zeros, c),
                                         .running_variance = device_doubles(device, zeros, c),
                                         .mean = device_room_doubles(device, c),
                                         .variance = device_room_doubles(device, c),
                                         .scale = device_room_floats(device, c),
                                         .shift = device_room_floats(device, c),
                                         .slope = device_room_floats(device, 3 * c),
                                         .partial = device_room(device, room)};
    device->call->clear(device, norm.partial, room);
    for (int turn = 0; turn < 2; turn++) { /* what the last block leaves behind serves the next call */
        layers->norm_forward(device, &stage, &norm);
        stage.scale = norm.scale;
        stage.shift = norm.shift;
        layers->stage_forward(device, &stage);
        layers->norm_backward(device, &stage, &norm);
    }
    float *scale = device_get_floats(device, norm.scale, c), *shift = device_get_floats(device, norm.shift, c);
    free(a.scale);
    free(a.shift);
    a.scale = scale;
    a.shift = shift;
    run_reference(shape, form, &a, sums);
    double *mean = device_get_doubles(device, norm.mean, c), *variance = device_get_doubles(device, norm.variance, c);
    double *running = device_get_doubles(device, norm.running_variance, c);
    float *dgamma = device_get_floats(device, norm.dgamma, c), *dbeta = device_get_floats(device, norm.dbeta, c);
    float *slope = device_get_floats(device, norm.slope, 3 * c);
    for (size_t k = 0; k < c; k++) {
        double m, v, old_mean = 0, old_variance = 0;
        float wanted[4], slopes[3];
        icl_norm_moments(sums[k], sums[c + k], rows, &m, &v);
        const double size = sqrt(sums[c + k] / rows), spread = sums[c + k] / rows;
        check_near(mean[k], m, 1e-12 * size, "mean");
        check_near(variance[k], v, 1e-12 * spread, "variance");
        for (int turn = 0; turn < 2 && form->onto; turn++)
            icl_norm_move(mean[k], variance[k], rows, momentum, &old_mean, &old_variance);
        check_near(running[k], old_variance, 1e-14 * spread, "running variance");
        icl_norm_coefficients(mean[k], variance[k], (double)gamma[k], (double)beta[k], epsilon, &wanted[0], &wanted[1]);
        check_same_f32(&scale[k], &wanted[0], 1, "scale");
        check_same_f32(&shift[k], &wanted[1], 1, "shift");
        icl_norm_gradients(sums[2 * c + k], sums[3 * c + k], mean[k], variance[k], epsilon, scale[k], rows, &wanted[2],
                           &wanted[3], slopes);
        /* Sums of values that cancel: errors go by their sizes. */
        double most = 0;
        for (size_t i = k; i < a.n; i += c)
            most = fmax(most, fabs((double)a.host[DY][i]) + fabs((double)a.host[DTAP][i]));
        const double allowed = 1e-6 * fabs((double)wanted[3]) + 1e-11 * most * rows;
        check_near((double)dbeta[k], (double)wanted[3], allowed, "gradient of beta");
        const double sd = sqrt(variance[k] + epsilon);
        check_near((double)dgamma[k], (double)wanted[2],
                   1e-6 * fabs((double)wanted[2]) + 1e-11 * most * rows * (size + fabs(m)) / sd, "gradient of gamma");
        for (size_t i = 0; i < 3; i++) {
            float again[3], unused[2];
            icl_norm_gradients((double)dbeta[k], (double)dgamma[k] * sd + mean[k] * (double)dbeta[k], mean[k],
                               variance[k], epsilon, scale[k], rows, &unused[0], &unused[1], again);
            check_near((double)slope[i * c + k], (double)again[i],
                       1e-5 * (fabs((double)again[i]) +
                               fabs((double)scale[k]) / rows *
                                   (fabs((double)dbeta[k]) + fabs((double)dgamma[k]) * (1 + fabs(m)) / sd)),
                       "slope");
        }
    }
    free(mean);
    free(variance);
    free(running);
    free(dgamma);
    free(dbeta);
    free(slope);
    free(gamma);
    free(beta);
    free(sums);
    free(zeros);
    free_arrays(&a);
    device_close(device);
}

static void norms_are_those_of_the_reference(void **state)
{
    (void)state;
    every_form(check_norm);
    /* more rows than blocks take at once, more channels than a strip, as many blocks as there may be, and as many
     * as share the sums of a strip */
    const struct form form = {ICL_NORM_AFTER, 1, ICL_GATE_INDEPENDENT, ICL_TAP_NONE, false, true, true, 0};
    const struct icl_shape large[] = {{3, 2000, 8}, {1, 3, 1030},   {2, 2, 4104},
                                      {1, 2100, 3}, {1, 4100, 520}, {1, 4096, 32}};
    for (size_t k = 0; k < sizeof large / sizeof *large; k++)
        check_norm(&large[k], &form, k % 2 == 0 ? ICL_STORAGE_F32 : ICL_STORAGE_BF16);
}

static void drawn_norms(void **state)
{
    (void)state;
    drawn_forms(check_norm, SEED + 1);
}

/* A norm on a device, forward and back, from poisoned memory: what it says of each channel. */
enum { WHOLE = 4 /* doubles: mean, variance, running */, NARROW = 7 /* floats: scale, shift, gradients, slope */ };
static void run_norm(const struct icl_shape *shape, enum icl_storage storage, struct arrays *a, int poison,
                     double *whole, float *narrow)
{
    struct icl_device *device = device_open();
    const struct icl_device_layers *layers = &device->call->layers;
    const struct form form = {ICL_NORM_BEFORE, 1, ICL_GATE_INDEPENDENT, ICL_TAP_NORM, true, true, false, 0};
    const size_t c = a->c, room = layers->norm_room(shape);
    struct icl_device_stage stage = device_stage(device, shape, &form, storage, a);
    memset(whole, poison, WHOLE * c * sizeof *whole);
    memset(narrow, poison, NARROW * c * sizeof *narrow);
    for (size_t k = 2 * c; k < 4 * c; k++)
        whole[k] = 0.25;
    double *doubles = device_doubles(device, whole, WHOLE * c);
    float *floats = device_floats(device, narrow, NARROW * c);
    const struct icl_device_norm norm = {.epsilon = 1e-5,
                                         .momentum = 0.1,
                                         .moves = true,
                                         .gamma = device_floats(device, a->slope, c),
                                         .beta = device_floats(device, a->slope + c, c),
                                         .mean = doubles,
                                         .variance = doubles + c,
                                         .running_mean = doubles + 2 * c,
                                         .running_variance = doubles + 3 * c,
                                         .scale = floats,
                                         .shift = floats + c,
                                         .dgamma = floats + 2 * c,
                                         .dbeta = floats + 3 * c,
                                         .slope = floats + 4 * c,
                                         .partial = device_room(device, room)};
    device->call->clear(device, norm.partial, room);
    layers->norm_forward(device, &stage, &norm);
    stage.scale = norm.scale;
    stage.shift = norm.shift;
    layers->stage_forward(device, &stage);
    layers->norm_backward(device, &stage, &norm);
    device->call->download(device, doubles, WHOLE * c * sizeof *whole, whole);
    device->call->download(device, floats, NARROW * c * sizeof *narrow, narrow);
    device_close(device);
}

/* Whatever stood in the memory of the device, and in whatever order blocks and threads run: every bit comes again. */
static void norms_again(void **state)
{
    (void)state;
    static const struct icl_shape some[] = {{2, 300, 40}, {3, 700, 3}, {1, 1, 5}};
    static const char *const orders[] = {"forward", "backward", "77", "20261"};
    enum { RUNS = sizeof orders / sizeof *orders };
    const char *old = getenv("ICLAB_EMULATED_ORDER");
    char *before = old == NULL ? NULL : strdup(old);
    for (size_t k = 0; k < 6; k++) {
        const struct icl_shape *shape = &some[k / 2];
        struct arrays a;
        double *whole[RUNS];
        float *narrow[RUNS];
        make_arrays(shape, STORAGES[k % 2], false, &a);
        for (int run = 0; run < RUNS; run++) {
            whole[run] = malloc(WHOLE * a.c * sizeof *whole[run]);
            narrow[run] = malloc(NARROW * a.c * sizeof *narrow[run]);
            assert_non_null(whole[run]);
            assert_non_null(narrow[run]);
            assert_int_equal(setenv("ICLAB_EMULATED_ORDER", orders[run], 1), 0);
            run_norm(shape, STORAGES[k % 2], &a, run == 0 ? 0xFF : 0x3C, whole[run], narrow[run]);
        }
        for (size_t i = 0; i < WHOLE * a.c; i++)
            assert_true(!isnan(whole[0][i]));
        for (size_t i = 0; i < NARROW * a.c; i++)
            assert_true(!isnan(narrow[0][i]));
        for (int run = 1; run < RUNS; run++) {
            assert_memory_equal(whole[0], whole[run], WHOLE * a.c * sizeof *whole[0]);
            assert_memory_equal(narrow[0], narrow[run], NARROW * a.c * sizeof *narrow[0]);
        }
        for (int run = 0; run < RUNS; run++) {
            free(whole[run]);
            free(narrow[run]);
        }
        free_arrays(&a);
    }
    if (before == NULL) assert_int_equal(unsetenv("ICLAB_EMULATED_ORDER"), 0);
    if (before != NULL) assert_int_equal(setenv("ICLAB_EMULATED_ORDER", before, 1), 0);
    free(before);
}

/* What is not finite spoils its own channel, and that one shows it. */
static void norms_of_what_is_not_finite(void **state)
{
    (void)state;
    enum { C = 12, POSITIONS = 37 };
    const struct icl_shape shape = {2, POSITIONS, C};
    static const float spoilt[C] = {[1] = NAN, [4] = INFINITY, [7] = -INFINITY, [11] = NAN};
    for (size_t storage = 0; storage < STORAGE_COUNT; storage++)
        for (int where = X; where <= DY; where += DY - X) {
            struct arrays a;
            double whole[WHOLE * C];
            float narrow[NARROW * C];
            make_arrays(&shape, STORAGES[storage], false, &a);
            for (size_t c = 0; c < C; c++)
                for (size_t row = c; spoilt[c] != 0 && row < 2 * POSITIONS; row += where == X ? 1000 : 1)
                    a.host[where][row * C + c] = spoilt[c];
            run_norm(&shape, STORAGES[storage], &a, 0x3C, whole, narrow);
            for (size_t c = 0; c < C; c++) {
                const bool bad = spoilt[c] != 0, forward = bad && where == X;
                if (forward && isinf(spoilt[c]))
                    assert_true(whole[c] == (double)spoilt[c]);
                else
                    assert_int_equal(isnan(whole[c]) != 0, forward); /* mean */
                assert_int_equal(isnan(whole[C + c]) != 0, forward); /* variance */
                assert_int_equal(!isfinite(whole[2 * C + c]), forward);
                assert_int_equal(isnan(whole[3 * C + c]) != 0, forward);
                assert_int_equal(isnan(narrow[c]) != 0, forward);     /* scale */
                assert_int_equal(isnan(narrow[C + c]) != 0, forward); /* shift */
                assert_int_equal(!isfinite(narrow[2 * C + c]), bad);  /* gradients */
                if (!forward) assert_int_equal(!isfinite(narrow[3 * C + c]), bad);
                if (bad) assert_true(isnan(narrow[5 * C + c]) || isinf(narrow[5 * C + c])); /* slope */
            }
            free_arrays(&a);
        }
}

static void running_coefficients(void **state)
{
    (void)state;
    enum { C = 300 };
    struct icl_device *device = device_open();
    double mean[C], variance[C];
    float *gamma = check_inputs(1, C), *beta = check_inputs(2, C), scale[C], shift[C];
    for (size_t k = 0; k < C; k++) {
        mean[k] = sin((double)k);
        variance[k] = k == 7 ? NAN : (double)k * 0.37;
    }
    const struct icl_device_norm norm = {.epsilon = 1e-3,
                                         .gamma = device_floats(device, gamma, C),
                                         .beta = device_floats(device, beta, C),
                                         .running_mean = device_doubles(device, mean, C),
                                         .running_variance = device_doubles(device, variance, C),
                                         .scale = device_room_floats(device, C),
                                         .shift = device_room_floats(device, C)};
    device->call->layers.norm_running(device, C, &norm);
    icl_bn_coefficients(mean, variance, gamma, beta, 1e-3, C, scale, shift);
    device_check_same_f32(device, norm.scale, scale, C, "scale");
    device_check_same_f32(device, norm.shift, shift, C, "shift");
    free(gamma);
    free(beta);
    device_close(device);
}

/* ---- masks and probes ---- */

static void masks_are_bit_equal(void **state)
{
    (void)state;
    struct icl_device *device = device_open();
    static const double keeps[] = {1, 0.7, 1e-11, 0.95};
    static const size_t firsts[] = {0, 8, 3, 70};
    enum { N = 700 };
    const struct icl_shape shape = {9, 7, 13};
    float expected[N];
    for (int gate = 0; gate < ICL_GATE_COUNT; gate++)
        for (size_t k = 0; k < 4; k++)
            for (size_t f = 0; f < 4; f++) {
                const struct icl_mask mask = {.stream = {UINT64_C(0x123456789ABCDEF0), ICL_PURPOSE_MASK, 5, 31},
                                              .gate = (enum icl_gate)gate,
                                              .keep = keeps[k],
                                              .rescale = f % 2 == 0};
                struct icl_mask old = mask;
                float *there = device_room_floats(device, N);
                if (f >= 2) old.stream.step = 1; /* then the step is that of now */
                device->call->layers.mask(device, &old, &shape, f >= 2 ? put_step(device, 31) : NULL, firsts[f], N,
                                          there);
                icl_kernels_reference()->mask_f32(&mask, &shape, firsts[f], N, expected);
                device_check_same_f32(device, there, expected, N, "mask");
            }
    device_close(device);
}

/* A gate is open when its word is below the threshold, and not when it is the threshold. */
static void words_at_the_threshold(void **state)
{
    (void)state;
    enum { N = 24 };
    const struct icl_shape shape = {1, 1, N};
    struct icl_device *device = device_open();
    float expected[N];
    for (uint64_t element = 0; element < N; element++) {
        const struct icl_stream stream = {.seed = 5, .purpose = ICL_PURPOSE_MASK, .layer = 1, .step = 2};
        uint32_t word;
        icl_random_words(&stream, element, 1, &word);
        const struct icl_mask mask = {
            .stream = stream, .gate = ICL_GATE_INDEPENDENT, .keep = (double)word * 0x1p-32, .rescale = false};
        float *there = device_room_floats(device, N);
        device->call->layers.mask(device, &mask, &shape, NULL, 0, N, there);
        icl_kernels_reference()->mask_f32(&mask, &shape, 0, N, expected);
        assert_true(expected[element] == 0);
        device_check_same_f32(device, there, expected, N, "mask");
    }
    device_close(device);
}

static void probes_look_inside(void **state)
{
    (void)state;
    const struct icl_shape shape = {2, 11, 12};
    for (int norm = ICL_NORM_ABSENT; norm <= ICL_NORM_AFTER; norm++)
        for (int place = ICL_TAP_RELU; place <= ICL_TAP_NORM; place++) {
            const struct form form = {(enum icl_norm_place)norm,
                                      2,
                                      ICL_GATE_INDEPENDENT,
                                      (enum icl_tap)place,
                                      norm != ICL_NORM_AFTER,
                                      false,
                                      false,
                                      0};
            struct icl_device *device = device_open();
            struct arrays a;
            double sums[4 * 12] = {0};
            make_arrays(&shape, ICL_STORAGE_F32, true, &a);
            const struct icl_device_stage stage = device_stage(device, &shape, &form, ICL_STORAGE_F32, &a);
            float *out = device_room_floats(device, a.n + 1) + (norm == ICL_NORM_BEFORE);
            device->call->layers.stage_probe(device, &stage, (enum icl_tap)place, out);
            run_reference(&shape, &form, &a, sums);
            device_check_same_f32(device, out, a.host[TAP], a.n, "inside");
            free_arrays(&a);
            device_close(device);
        }
}

static void bf16_rounds_to_nearest_even(void **state)
{
    (void)state;
    static const struct {
        uint32_t from;
        uint16_t to;
    } known[] = {{0x3F800000, 0x3F80}, {0x3F808000, 0x3F80}, {0x3F818000, 0x3F82}, {0x3F808001, 0x3F81},
                 {0x7F7FFFFF, 0x7F80}, {0xFF800000, 0xFF80}, {0x80000000, 0x8000}, {0x00008000, 0x0000}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        float x;
        memcpy(&x, &known[k].from, sizeof x);
        assert_int_equal(icl_bf16_from_float(x).bits, known[k].to);
    }
    static const uint32_t nans[] = {0x7F800001, 0x7FFFFFFF, 0xFFC00000};
    for (size_t k = 0; k < 3; k++) {
        float x;
        memcpy(&x, &nans[k], sizeof x);
        assert_true(isnan(icl_bf16_to_float(icl_bf16_from_float(x))));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bf16_rounds_to_nearest_even),
        cmocka_unit_test(masks_are_bit_equal),
        cmocka_unit_test(words_at_the_threshold),
        cmocka_unit_test(stages_are_those_of_the_reference),
        cmocka_unit_test(drawn_stages),
        cmocka_unit_test(too_large),
        cmocka_unit_test(gradient_in_place),
        cmocka_unit_test(norms_are_those_of_the_reference),
        cmocka_unit_test(drawn_norms),
        cmocka_unit_test(norms_again),
        cmocka_unit_test(norms_of_what_is_not_finite),
        cmocka_unit_test(running_coefficients),
        cmocka_unit_test(probes_look_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
