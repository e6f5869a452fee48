/* The plain stage in double: its values against the formulas, its gradients against central differences, the float
 * version against it; and the summary of activations against a plain count. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kernels_check.h"

enum { SAMPLES = 3, POSITIONS = 4, CHANNELS = 3, PLANE = POSITIONS * CHANNELS, COUNT = SAMPLES * PLANE };
enum { ROWS = SAMPLES * POSITIONS, FIRST = 4, NO_MASK = ICL_GATE_COUNT };

static const double epsilon = 1e-3; /* of the variance */
static const struct icl_nonlinearity acts[] = {
    {.on = false},
    {.on = true, .leak = 0.0F, .sub = 0.0F, .most = INFINITY},
    {.on = true, .leak = 0.125F, .sub = 0.5F, .most = 0.75F},
};
enum { ACTS = sizeof acts / sizeof *acts };

static const struct icl_shape shape = {SAMPLES, POSITIONS, CHANNELS};

struct form {
    enum icl_norm_place norm;
    size_t act;
    int gate; /* NO_MASK: none */
    enum icl_tap tap;
    bool add;
    bool batch; /* statistics of the batch; else fixed ones */
};

/* One stage with numbers. gamma and beta: scale and shift of the normalised values, or of the raw ones. */
struct problem {
    struct form form;
    struct icl_mask mask;
    double x[COUNT], add[COUNT], gamma[CHANNELS], beta[CHANNELS];
    double dy[COUNT], dtap[COUNT]; /* the loss is sum dy y + sum dtap tap */
};

static void normals(uint64_t seed, size_t n, double *values)
{
    icl_random_normal(&(struct icl_stream){.seed = seed, .purpose = ICL_PURPOSE_LAW}, 0, n, values);
}

static void make_problem(struct problem *p, const struct form *form, uint64_t seed)
{
    memset(p, 0, sizeof *p);
    p->form = *form;
    p->mask = (struct icl_mask){.stream = {.seed = 5, .purpose = ICL_PURPOSE_MASK, .layer = 2, .step = 7},
                                .gate = form->gate == NO_MASK ? ICL_GATE_SHARED : (enum icl_gate)form->gate,
                                .keep = 0.6,
                                .rescale = true};
    normals(seed, COUNT, p->x);
    normals(seed + 1, COUNT, p->add);
    normals(seed + 2, COUNT, p->dy);
    normals(seed + 3, COUNT, p->dtap);
    normals(seed + 4, CHANNELS, p->gamma);
    normals(seed + 5, CHANNELS, p->beta);
}

static struct icl_stage stage_of(const struct problem *p)
{
    return (struct icl_stage){.norm = p->form.norm,
                              .act = acts[p->form.act],
                              .tap = p->form.tap,
                              .shape = shape,
                              .mask = p->form.gate == NO_MASK ? NULL : &p->mask};
}

/* GeneralReLU in other words. */
static double activation(const struct icl_nonlinearity *act, double v)
{
    if (!act->on) return v;
    return fmin(fmax(v, 0.0) + (double)act->leak * fmin(v, 0.0) - (double)act->sub, (double)act->most);
}

/* What the formulas say: statistics of n in two passes, values at all places. */
struct values {
    double mean[CHANNELS], sd[CHANNELS], scale[CHANNELS], shift[CHANNELS];
    double argument[COUNT], y[COUNT], tap[COUNT];
    uint8_t open[COUNT];
};

static void compute(const struct problem *p, struct values *v)
{
    const struct form *form = &p->form;
    const struct icl_nonlinearity *act = &acts[form->act];
    double n[COUNT], factor[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        n[i] = form->norm == ICL_NORM_AFTER ? activation(act, p->x[i]) : p->x[i];
    for (size_t c = 0; c < CHANNELS; c++) {
        double mean = 0.0, var = 0.0;
        for (size_t r = 0; r < ROWS; r++)
            mean += n[r * CHANNELS + c] / ROWS;
        for (size_t r = 0; r < ROWS; r++)
            var += pow(n[r * CHANNELS + c] - mean, 2.0) / ROWS;
        v->mean[c] = mean;
        v->sd[c] = sqrt(var + epsilon);
        v->scale[c] = form->batch ? p->gamma[c] / v->sd[c] : p->gamma[c];
        v->shift[c] = form->batch ? p->beta[c] - v->scale[c] * mean : p->beta[c];
    }
    icl_kernels_reference()->mask_f64(&p->mask, &shape, (size_t)FIRST * PLANE, COUNT, factor);
    for (size_t i = 0; i < COUNT; i++) {
        const size_t c = i % CHANNELS;
        const double scaled = v->scale[c] * n[i] + v->shift[c];
        const double residual = form->add ? p->add[i] : 0.0;
        v->argument[i] = (form->norm == ICL_NORM_BEFORE ? scaled : p->x[i]) + residual;
        const double active = activation(act, v->argument[i]);
        const double kept = form->norm == ICL_NORM_AFTER ? scaled : active;
        v->tap[i] = form->tap == ICL_TAP_RELU ? active : kept;
        v->y[i] = form->gate == NO_MASK ? kept : kept * factor[i];
        v->open[i] = factor[i] != 0.0;
    }
}

/* Central differences are right where no argument is near a kink. */
static bool away_from_kinks(const struct problem *p)
{
    static struct values v;
    const struct icl_nonlinearity *act = &acts[p->form.act];
    compute(p, &v);
    for (size_t i = 0; i < COUNT; i++) {
        if (fabs(v.argument[i]) < 2e-3) return false;
        if (fabs(v.argument[i] - (double)act->sub - (double)act->most) < 2e-3) return false;
    }
    return true;
}

static void every_form(void (*check)(const struct problem *))
{
    static struct problem p;
    uint64_t seed = 100;
    for (int norm = ICL_NORM_ABSENT; norm <= ICL_NORM_AFTER; norm++)
        for (size_t act = 0; act < ACTS; act++)
            for (int gate = 0; gate <= NO_MASK; gate++)
                for (int tap = ICL_TAP_NONE; tap <= ICL_TAP_NORM; tap++)
                    for (int add = 0; add <= (norm != ICL_NORM_AFTER); add++)
                        for (int batch = 0; batch <= (norm != ICL_NORM_ABSENT); batch++) {
                            const struct form form = {(enum icl_norm_place)norm, act,      gate,
                                                      (enum icl_tap)tap,         add != 0, batch != 0};
                            do
                                make_problem(&p, &form, seed += 10);
                            while (!away_from_kinks(&p));
                            check(&p);
                        }
}

/* Sums and values of the stage in double. */
static void check_values(const struct problem *p)
{
    static struct values want;
    double y[COUNT], tap[COUNT], sum[CHANNELS] = {0}, square[CHANNELS] = {0};
    uint8_t gates[SAMPLES * 8];
    const struct icl_stage stage = stage_of(p);
    compute(p, &want);
    for (size_t i = 0; i < COUNT; i++)
        y[i] = tap[i] = NAN;
    const bool stores = p->form.gate == ICL_GATE_INDEPENDENT || p->form.gate == ICL_GATE_SHARED;
    memset(gates, 0xFF, sizeof gates);
    assert_int_equal(icl_gate_bytes(&shape), 8);
    const struct icl_stage_data_f64 data = {.first = FIRST,
                                            .samples = SAMPLES,
                                            .x = p->x,
                                            .add = p->form.add ? p->add : NULL,
                                            .scale = want.scale,
                                            .shift = want.shift,
                                            .gates = stores ? gates : NULL,
                                            .y = y,
                                            .tap = p->form.tap == ICL_TAP_NONE ? NULL : tap};
    if (p->form.norm != ICL_NORM_ABSENT) {
        icl_layers_reference_f64.stage_sums(&stage, &data, sum, square);
        for (size_t c = 0; c < CHANNELS; c++) { /* sums of 12 values of order 1 */
            const double mean = sum[c] / ROWS;
            check_near(mean, want.mean[c], 1e-14, "mean");
            check_near(sqrt(square[c] / ROWS - mean * mean + epsilon), want.sd[c], 1e-13, "sd");
        }
    }
    icl_layers_reference_f64.stage_forward(&stage, &data);
    for (size_t i = 0; i < COUNT; i++) { /* a few roundings of values of order 10 */
        check_near(y[i], want.y[i], 1e-13, "y");
        if (data.tap != NULL) check_near(tap[i], want.tap[i], 1e-13, "tap");
    }
    for (size_t i = 0; stores && i < SAMPLES * 64; i++) {
        const bool inside = i % 64 < PLANE;
        assert_int_equal(gates[i / 8] >> i % 8 & 1, inside ? want.open[i / 64 * PLANE + i % 64] : 0);
    }
}

static void values_are_the_formulas(void **state)
{
    (void)state;
    every_form(check_values);
}

static double loss(const struct problem *p)
{
    static struct values v;
    double total = 0.0;
    compute(p, &v);
    for (size_t i = 0; i < COUNT; i++)
        total += p->dy[i] * v.y[i] + (p->form.tap == ICL_TAP_NONE ? 0.0 : p->dtap[i] * v.tap[i]);
    return total;
}

/* The derivative of the loss by *value, which lies in *p. Error: h^2 times third derivatives (up to 1e5 through small
 * variances) and rounding 1e-15 / h: about 1e-7 for gradients of order 1. */
static void check_derivative(struct problem *p, double *value, double gradient, const char *what)
{
    const double h = 1e-6, kept = *value;
    *value = kept + h;
    const double above = loss(p);
    *value = kept - h;
    const double below = loss(p);
    *value = kept;
    check_near(gradient, (above - below) / (2.0 * h), 2e-7 * (1.0 + fabs(gradient)), what);
}

static void check_gradients(const struct problem *original)
{
    static struct problem p;
    static struct values v;
    p = *original;
    const struct form *form = &p.form;
    const struct icl_stage stage = stage_of(&p);
    double y[COUNT], tap[COUNT], dx[COUNT], dadd[COUNT], sum[CHANNELS] = {0}, product[CHANNELS] = {0};
    double slope[3 * CHANNELS];
    uint8_t gates[SAMPLES * 8];
    compute(&p, &v);
    const bool stores = form->gate == ICL_GATE_INDEPENDENT || (form->gate == ICL_GATE_SHARED && form->act == 1);
    struct icl_stage_data_f64 data = {.first = FIRST,
                                      .samples = SAMPLES,
                                      .x = p.x,
                                      .add = form->add ? p.add : NULL,
                                      .scale = v.scale,
                                      .shift = v.shift,
                                      .gates = stores ? gates : NULL,
                                      .y = y,
                                      .tap = tap};
    if (form->tap == ICL_TAP_NONE) data.tap = NULL;
    icl_layers_reference_f64.stage_forward(&stage, &data);
    data.dy = p.dy;
    data.dtap = form->tap == ICL_TAP_NONE ? NULL : p.dtap;
    data.dx = dx;
    data.dadd = form->add ? dadd : NULL;
    data.slope = slope;
    for (size_t i = 0; i < COUNT; i++) {
        dx[i] = 1.0;
        dadd[i] = 2.0;
    }
    data.add_dx = data.add_dadd = true;
    if (form->norm != ICL_NORM_ABSENT) {
        icl_layers_reference_f64.stage_backward_sums(&stage, &data, sum, product);
        for (size_t c = 0; c < CHANNELS; c++) {
            const double b = (product[c] - v.mean[c] * sum[c]) / v.sd[c]; /* sum dz xhat */
            slope[c] = v.scale[c];
            slope[CHANNELS + c] = form->batch ? -v.scale[c] * b / v.sd[c] / ROWS : 0.0;
            slope[2 * CHANNELS + c] =
                form->batch ? -v.scale[c] * (sum[c] / ROWS - b / v.sd[c] * v.mean[c] / ROWS) : 0.0;
            check_derivative(&p, &p.beta[c], sum[c], "shift");
            check_derivative(&p, &p.gamma[c], form->batch ? b : product[c], "scale");
        }
    }
    icl_layers_reference_f64.stage_backward(&stage, &data);
    for (size_t i = 0; i < COUNT; i++) {
        check_derivative(&p, &p.x[i], dx[i] - 1.0, "x");
        if (form->add) check_derivative(&p, &p.add[i], dadd[i] - 2.0, "add");
    }
}

static void gradients_are_differences(void **state)
{
    (void)state;
    every_form(check_gradients);
}

/* What the header says of the kinks: leak at 0, nothing where the minimum is taken; NaN passes. */
static void kinks(void **state)
{
    const struct kernels table = check_table(state);
    const float x[] = {0.0F, -0.0F, 1.25F, nextafterf(1.25F, 2.0F), 9.0F, -3.0F, -INFINITY, NAN};
    const float want_y[] = {-0.5F, -0.5F, 0.75F, 0.75F, 0.75F, -0.875F, -INFINITY, NAN};
    const float want_dx[] = {0.25F, 0.25F, 2.0F, 0.0F, 0.0F, 0.25F, 0.25F, 2.0F};
    const float plain_y[] = {0.0F, -0.0F, 1.25F, nextafterf(1.25F, 2.0F), 9.0F, 0.0F, 0.0F, NAN};
    const float plain_dx[] = {0.0F, 0.0F, 2.0F, 2.0F, 2.0F, 0.0F, 0.0F, 2.0F};
    float y[8], dx[8], dy[8];
    for (size_t i = 0; i < 8; i++)
        dy[i] = 2.0F;
    for (size_t act = 1; act < ACTS; act++) {
        const struct icl_stage stage = {.act = acts[act], .shape = {1, 2, 4}};
        const struct icl_stage_data_f32 data = {.samples = 1, .x = x, .y = y, .dy = dy, .dx = dx};
        table.layers.stage_forward(&stage, &data);
        table.layers.stage_backward(&stage, &data);
        check_same_f32(y, act == 1 ? plain_y : want_y, 8, "y");
        check_same_f32(dx, act == 1 ? plain_dx : want_dx, 8, "dx");
    }
}

/* Float against double: the same formulas on the same numbers. */
static void check_float(const struct problem *p)
{
    static struct values v;
    const struct icl_stage stage = stage_of(p);
    float x[COUNT], add[COUNT], dy[COUNT], dtap[COUNT], y[COUNT], tap[COUNT], dx[COUNT], dadd[COUNT];
    double wide_x[COUNT], wide_add[COUNT], wide_dy[COUNT], wide_dtap[COUNT], wide_y[COUNT], wide_tap[COUNT];
    double wide_dx[COUNT], wide_dadd[COUNT], sums[4][CHANNELS] = {0}, wide_sums[4][CHANNELS] = {0};
    float scale[CHANNELS], shift[CHANNELS], slope[3 * CHANNELS];
    double wide_scale[CHANNELS], wide_shift[CHANNELS], wide_slope[3 * CHANNELS];
    compute(p, &v);
    for (size_t i = 0; i < COUNT; i++) {
        wide_x[i] = (double)(x[i] = (float)p->x[i]);
        wide_add[i] = (double)(add[i] = (float)p->add[i]);
        wide_dy[i] = (double)(dy[i] = (float)p->dy[i]);
        wide_dtap[i] = (double)(dtap[i] = (float)p->dtap[i]);
        y[i] = tap[i] = dx[i] = dadd[i] = NAN;
    }
    for (size_t c = 0; c < CHANNELS; c++) {
        wide_scale[c] = (double)(scale[c] = (float)p->gamma[c]);
        wide_shift[c] = (double)(shift[c] = (float)p->beta[c]);
        for (size_t k = 0; k < 3; k++)
            wide_slope[k * CHANNELS + c] = (double)(slope[k * CHANNELS + c] = (float)(p->gamma[c] - 0.5 * (double)k));
    }
    const bool residual = p->form.add, tapped = p->form.tap != ICL_TAP_NONE;
    const struct icl_stage_data_f32 data = {.first = FIRST,
                                            .samples = SAMPLES,
                                            .x = x,
                                            .add = residual ? add : NULL,
                                            .scale = scale,
                                            .shift = shift,
                                            .y = y,
                                            .tap = tapped ? tap : NULL,
                                            .dy = dy,
                                            .dtap = tapped ? dtap : NULL,
                                            .slope = slope,
                                            .dx = dx,
                                            .dadd = residual ? dadd : NULL};
    const struct icl_stage_data_f64 wide = {.first = FIRST,
                                            .samples = SAMPLES,
                                            .x = wide_x,
                                            .add = residual ? wide_add : NULL,
                                            .scale = wide_scale,
                                            .shift = wide_shift,
                                            .y = wide_y,
                                            .tap = tapped ? wide_tap : NULL,
                                            .dy = wide_dy,
                                            .dtap = tapped ? wide_dtap : NULL,
                                            .slope = wide_slope,
                                            .dx = wide_dx,
                                            .dadd = residual ? wide_dadd : NULL};
    icl_layers_reference_f32.stage_sums(&stage, &data, sums[0], sums[1]);
    icl_layers_reference_f32.stage_forward(&stage, &data);
    icl_layers_reference_f32.stage_backward_sums(&stage, &data, sums[2], sums[3]);
    icl_layers_reference_f32.stage_backward(&stage, &data);
    icl_layers_reference_f64.stage_sums(&stage, &wide, wide_sums[0], wide_sums[1]);
    icl_layers_reference_f64.stage_forward(&stage, &wide);
    icl_layers_reference_f64.stage_backward_sums(&stage, &wide, wide_sums[2], wide_sums[3]);
    icl_layers_reference_f64.stage_backward(&stage, &wide);
    const double tolerance = 32.0 * 0x1p-24; /* up to eight roundings of terms below 4 */
    for (size_t i = 0; i < COUNT; i++) {
        check_near((double)y[i], wide_y[i], tolerance * (1.0 + fabs(wide_y[i])), "y");
        check_near((double)dx[i], wide_dx[i], tolerance * (1.0 + fabs(wide_dx[i])), "dx");
        if (tapped) check_near((double)tap[i], wide_tap[i], tolerance * (1.0 + fabs(wide_tap[i])), "tap");
        if (residual) check_near((double)dadd[i], wide_dadd[i], tolerance * (1.0 + fabs(wide_dadd[i])), "dadd");
    }
    for (size_t k = 0; k < 4; k++)
        for (size_t c = 0; c < CHANNELS; c++)
            check_near(sums[k][c], wide_sums[k][c], ROWS * 4.0 * tolerance, "sum");
}

static void float_is_near_double(void **state)
{
    (void)state;
    every_form(check_float);
}

/* Bins of 1/4, whose edges are exact, against a search of the edges. */
static void summary_is_a_count(void **state)
{
    const struct kernels table = check_table(state);
    enum { N = 5000, BINS = 40 };
    const struct icl_nonlinearity off = {.on = false}, relu = acts[1], general = acts[2];
    const struct icl_nonlinearity *const kinds[] = {&off, &relu, &general};
    float *x = check_inputs(61, N);
    x[7] = NAN;
    for (size_t i = 0; i < 44; i++)
        x[20 + i] = (float)i * 0.25F; /* edges, beyond the last one too */
    x[80] = nextafterf(10.0F, 11.0F);
    for (size_t k = 0; k < 3; k++) {
        uint64_t got[BINS], want[BINS], near = 5, want_near = 5;
        double sum = 1.0, square = 2.0;
        long double want_sum = 1.0L, want_square = 2.0L;
        for (size_t b = 0; b < BINS; b++)
            got[b] = want[b] = b;
        const double low = k == 2 ? -2.5 : 0.0, high = low + 10.0;
        table.layers.summarise(kinds[k], x + 8, N - 8, low, high, BINS, low, low + 0.5, &sum, &square, got, &near);
        for (size_t i = 8; i < N; i++) {
            /* in float as the layer does it */
            const double z = (double)(float)activation(kinds[k], (double)x[i]);
            want_sum += (long double)z;
            want_square += (long double)z * (long double)z;
            want_near += z >= low && z < low + 0.5;
            for (size_t b = 0; b < BINS; b++)
                want[b] +=
                    z >= low + 0.25 * (double)b && (z < low + 0.25 * (double)(b + 1) || (b == BINS - 1 && z == high));
        }
        for (size_t b = 0; b < BINS; b++)
            assert_int_equal(got[b], want[b]);
        assert_int_equal(near, want_near);
        /* 5000 additions in double of values below 200, and of squares */
        check_near(sum, (double)want_sum, 1e-10, "sum");
        check_near(square, (double)want_square, 1e-8, "square");
        uint64_t before[BINS];
        memcpy(before, got, sizeof before);
        table.layers.summarise(kinds[k], x + 7, 1, low, high, BINS, low, low + 0.5, &sum, &square, got, &near);
        assert_memory_equal(got, before, sizeof before);
        assert_int_equal(near, want_near);
        assert_true(isnan(sum) && isnan(square));
    }
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_the_formulas),
        cmocka_unit_test(gradients_are_differences),
        cmocka_unit_test(float_is_near_double),
        ON_ALL(kinks),
        ON_ALL(summary_is_a_count),
    };
    return cmocka_run_group_tests_name("kernels/stage_gradient", tests, NULL, NULL);
}
