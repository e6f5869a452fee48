/* Convolutions: the plain loops by finite differences, oneDNN against the plain loops in double, the same bits on every
 * call and thread, errors. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/conv_internal.h"
#include "tests/kernels_check.h"

static struct icl_conv_shape make_shape(size_t height, size_t width, size_t in, size_t out, size_t window,
                                        size_t stride, size_t padding, bool bias)
{
    return (struct icl_conv_shape){.height = height,
                                   .width = width,
                                   .in = in,
                                   .out = out,
                                   .window = window,
                                   .stride = stride,
                                   .padding = padding,
                                   .out_height = (height + 2 * padding - window) / stride + 1,
                                   .out_width = (width + 2 * padding - window) / stride + 1,
                                   .bias = bias};
}

static size_t x_count(const struct icl_conv_shape *shape, size_t images)
{
    return images * shape->height * shape->width * shape->in;
}

static size_t y_count(const struct icl_conv_shape *shape, size_t images)
{
    return images * shape->out_height * shape->out_width * shape->out;
}

static size_t w_count(const struct icl_conv_shape *shape)
{
    return shape->out * shape->window * shape->window * shape->in;
}

/* n standard normal values, the numbers `layer` of their own; owned by the caller. */
static double *normals(size_t n, uint32_t layer)
{
    const struct icl_stream stream = {.seed = 0x51a9b3c7d2e4f608, .purpose = ICL_PURPOSE_LAW, .layer = layer};
    double *x = check_poisoned_f64(n);
    icl_random_normal(&stream, 0, n, x);
    return x;
}

/* The same values as float, and as what float keeps of them in double. */
static float *round_to_f32(double *x, size_t n)
{
    float *rounded = check_poisoned_f32(n);
    for (size_t i = 0; i < n; i++)
        x[i] = rounded[i] = (float)x[i];
    return rounded;
}

static double *zeros_f64(size_t n)
{
    double *zeros = calloc(n > 0 ? n : 1, sizeof *zeros);
    assert_non_null(zeros);
    return zeros;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* ---- the plain loops ---- */

/* y by the definition, every index checked against the padded image. */
static double output_by_definition(const struct icl_conv_shape *s, const double *x, const double *weights,
                                   const double *bias, size_t n, size_t oy, size_t ox, size_t o)
{
    double sum = bias == NULL ? 0.0 : bias[o];
    for (long ky = 0; ky < (long)s->window; ky++)
        for (long kx = 0; kx < (long)s->window; kx++)
            for (size_t i = 0; i < s->in; i++) {
                const long row = (long)(oy * s->stride) + ky - (long)s->padding;
                const long column = (long)(ox * s->stride) + kx - (long)s->padding;
                if (row < 0 || column < 0 || row >= (long)s->height || column >= (long)s->width) continue;
                const size_t pixel = (n * s->height + (size_t)row) * s->width + (size_t)column;
                const size_t weight = (o * s->window + (size_t)ky) * s->window + (size_t)kx;
                sum += x[pixel * s->in + i] * weights[weight * s->in + i];
            }
    return sum;
}

static void plain_is_the_definition(void **state)
{
    (void)state;
    const struct icl_conv_shape shapes[] = {
        make_shape(7, 5, 3, 4, 3, 2, 1, true),   make_shape(6, 9, 1, 5, 5, 2, 2, false),
        make_shape(4, 4, 8, 3, 1, 2, 0, true),   make_shape(3, 4, 2, 3, 7, 1, 3, true),
        make_shape(1, 1, 11, 10, 1, 1, 0, true), make_shape(5, 6, 2, 2, 2, 3, 1, false),
        make_shape(2, 1, 3, 2, 5, 1, 4, true),
    };
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        const struct icl_conv_shape *s = &shapes[k];
        const size_t images = 3;
        double *x = normals(x_count(s, images), 1), *w = normals(w_count(s), 2), *b = normals(s->out, 3);
        double *y = check_poisoned_f64(y_count(s, images)), *bias = s->bias ? b : NULL;
        icl_layers_reference_f64.conv_forward(s, images, x, w, bias, y);
        size_t e = 0;
        for (size_t n = 0; n < images; n++)
            for (size_t oy = 0; oy < s->out_height; oy++)
                for (size_t ox = 0; ox < s->out_width; ox++)
                    for (size_t o = 0; o < s->out; o++)
                        /* the same terms in another order: 1e2 of them, each of size 1 */
                        check_near(y[e++], output_by_definition(s, x, w, bias, n, oy, ox, o), 1e-12, "output");
        free(x), free(w), free(b), free(y);
    }
}

/* A convolution is linear in x, in the weights and in the bias: with L = sum dy y, the gradients are exactly the
 * differences L(. + e) - L(.), at any distance, up to rounding. */
static void plain_gradients_are_differences(void **state)
{
    (void)state;
    const struct icl_conv_shape shapes[] = {make_shape(5, 4, 3, 2, 3, 2, 1, true),
                                            make_shape(4, 5, 2, 3, 5, 1, 2, false),
                                            make_shape(5, 5, 2, 3, 1, 2, 0, true)};
    const struct icl_layers_f64 *plain = &icl_layers_reference_f64;
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        const struct icl_conv_shape *s = &shapes[k];
        const size_t images = 2, nx = x_count(s, images), ny = y_count(s, images), nw = w_count(s);
        double *x = normals(nx, 1), *w = normals(nw, 2), *b = normals(s->out, 3), *dy = normals(ny, 4);
        double *y = check_poisoned_f64(ny), *dx = check_poisoned_f64(nx), *dw = zeros_f64(nw), *db = zeros_f64(s->out);
        double *bias = s->bias ? b : NULL;
        plain->conv_backward_data(s, images, dy, w, dx);
        plain->conv_backward_weights(s, images, x, dy, dw, s->bias ? db : NULL);
        struct {
            double *at, *gradient;
            size_t count;
        } parts[] = {{x, dx, nx}, {w, dw, nw}, {b, db, s->bias ? s->out : 0}};
        for (size_t p = 0; p < 3; p++)
            for (size_t i = 0; i < parts[p].count; i++) {
                const double old = parts[p].at[i], step = 0.5;
                parts[p].at[i] = old + step;
                plain->conv_forward(s, images, x, w, bias, y);
                const double above = dot(dy, y, ny);
                parts[p].at[i] = old - step;
                plain->conv_forward(s, images, x, w, bias, y);
                parts[p].at[i] = old;
                check_near(parts[p].gradient[i], (above - dot(dy, y, ny)) / (2 * step), 1e-11, "gradient");
            }
        /* It adds. */
        double *twice = zeros_f64(nw);
        plain->conv_backward_weights(s, images, x, dy, twice, NULL);
        plain->conv_backward_weights(s, images, x, dy, twice, NULL);
        for (size_t i = 0; i < nw; i++)
            check_near(twice[i], 2 * dw[i], 1e-11, "gradient added twice");
        free(x), free(w), free(b), free(dy), free(y), free(dx), free(dw), free(db), free(twice);
    }
}

/* ---- planned ones ---- */

static void *aligned_bytes(size_t bytes)
{
    void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
    assert_non_null(memory);
    memset(memory, 0xff, bytes); /* NaN */
    return memory;
}

/* The kernels to try: "reference", or those of the best table. */
static const struct icl_conv_kernels *kernels_of(void **state)
{
    if (strcmp(*state, "reference") == 0) return &icl_conv_reference;
    if (strcmp(icl_kernels()->conv.name(), "reference") == 0) skip();
    return &icl_kernels()->conv;
}

#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        struct icl_error err_ = {0};                                                                                   \
        struct icl_error *err = &err_;                                                                                 \
        if ((call) != ICL_OK) fail_msg("%s: %s", #call, err_.message);                                                 \
    } while (0)

/* A problem and its solution in double by the plain loops. */
struct problem {
    struct icl_conv_shape shape;
    size_t images;
    float *x, *w, *bias, *dy;
    double *y, *dx, *dw, *dbias;
    double *y_size, *dx_size, *dw_size, *dbias_size; /* sums of the terms' absolute values */
};

static void magnitudes(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = fabs(x[i]);
}

static struct problem make_problem(const struct icl_conv_shape *s, size_t images)
{
    const struct icl_layers_f64 *plain = &icl_layers_reference_f64;
    const size_t nx = x_count(s, images), ny = y_count(s, images), nw = w_count(s);
    double *x = normals(nx, 1), *w = normals(nw, 2), *b = normals(s->out, 3), *dy = normals(ny, 4);
    struct problem p = {.shape = *s, .images = images};
    p.x = round_to_f32(x, nx), p.w = round_to_f32(w, nw), p.bias = round_to_f32(b, s->out);
    p.dy = round_to_f32(dy, ny);
    double **results[] = {&p.y, &p.y_size, &p.dx, &p.dx_size, &p.dw, &p.dw_size, &p.dbias, &p.dbias_size};
    const size_t counts[] = {ny, ny, nx, nx, nw, nw, s->out, s->out};
    for (size_t i = 0; i < 8; i++)
        *results[i] = zeros_f64(counts[i]);
    for (int size = 0; size < 2; size++) {
        plain->conv_forward(s, images, x, w, s->bias ? b : NULL, size ? p.y_size : p.y);
        plain->conv_backward_data(s, images, dy, w, size ? p.dx_size : p.dx);
        plain->conv_backward_weights(s, images, x, dy, size ? p.dw_size : p.dw, size ? p.dbias_size : p.dbias);
        magnitudes(x, nx), magnitudes(w, nw), magnitudes(b, s->out), magnitudes(dy, ny);
    }
    free(x), free(w), free(b), free(dy);
    return p;
}

static void free_problem(struct problem *p)
{
    free(p->x), free(p->w), free(p->bias), free(p->dy);
    free(p->y), free(p->dx), free(p->dw), free(p->dbias);
    free(p->y_size), free(p->dx_size), free(p->dw_size), free(p->dbias_size);
}

/* A sum of n floats has an error of at most about n eps times the sum of the magnitudes, whatever the order; with
 * errors of either sign about sqrt(n) eps. 16 sqrt(n) eps leaves room for the largest of many. */
static void check_sums(const float *got, const double *expected, const double *size, size_t n, size_t terms,
                       const char *what)
{
    const double tolerance = 16 * sqrt((double)terms + 1) * 0x1p-24;
    for (size_t i = 0; i < n; i++)
        check_near((double)got[i], expected[i], tolerance * size[i], what);
}

/* Everything that a plan can do. */
struct outcome {
    float *y, *dx, *dw, *dbias;
};

static struct outcome solve(const struct icl_conv_kernels *kernels, const struct icl_conv *conv,
                            const struct problem *p, int times)
{
    const struct icl_conv_sizes sizes = kernels->sizes(conv);
    void *packed = aligned_bytes(sizes.packed), *gradient = aligned_bytes(sizes.gradient);
    void *scratch = aligned_bytes(sizes.scratch);
    struct outcome out = {aligned_bytes(y_count(&p->shape, p->images) * sizeof(float)),
                          aligned_bytes(x_count(&p->shape, p->images) * sizeof(float)),
                          aligned_bytes(w_count(&p->shape) * sizeof(float)),
                          aligned_bytes(p->shape.out * sizeof(float))};
    memset(gradient, 0, sizes.gradient);
    TRY(kernels->pack(conv, p->w, packed, scratch, err));
    TRY(kernels->forward(conv, p->images, p->x, packed, p->shape.bias ? p->bias : NULL, out.y, scratch, err));
    TRY(kernels->backward_data(conv, p->images, p->dy, packed, out.dx, scratch, err));
    for (int i = 0; i < times; i++)
        TRY(kernels->backward_weights(conv, p->images, p->x, p->dy, gradient, scratch, err));
    TRY(kernels->unpack(conv, gradient, out.dw, p->shape.bias ? out.dbias : NULL, scratch, err));
    free(packed), free(gradient), free(scratch);
    return out;
}

static void free_outcome(struct outcome *out)
{
    free(out->y), free(out->dx), free(out->dw), free(out->dbias);
}

static void planned_near_double(void **state)
{
    const struct icl_conv_kernels *kernels = kernels_of(state);
    const size_t counts[] = {16, 1, 5};
    const size_t channels[][2] = {{1, 8}, {3, 16}, {8, 16}, {10, 24}, {16, 64}, {64, 10}, {24, 3}};
    const size_t windows[] = {1, 3, 5, 7}, sides[][2] = {{14, 14}, {9, 5}, {1, 1}, {7, 10}};
    for (size_t c = 0; c < 7; c++)
        for (size_t k = 0; k < 4; k++)
            for (size_t stride = 1; stride <= 2; stride++) {
                const size_t *side = sides[(c + k + stride) % 4];
                const struct icl_conv_shape s = make_shape(side[0], side[1], channels[c][0], channels[c][1], windows[k],
                                                           stride, windows[k] / 2, (c + k) % 2 == 0);
                struct icl_conv *conv = NULL;
                TRY(kernels->plan(&s, counts, 3, true, &conv, err));
                for (size_t i = 0; i < 3; i++) {
                    struct problem p = make_problem(&s, counts[i]);
                    struct outcome out = solve(kernels, conv, &p, 1);
                    const size_t rows = counts[i] * s.out_height * s.out_width, area = s.window * s.window;
                    check_sums(out.y, p.y, p.y_size, y_count(&s, counts[i]), area * s.in, "output");
                    check_sums(out.dx, p.dx, p.dx_size, x_count(&s, counts[i]), area * s.out, "input gradient");
                    check_sums(out.dw, p.dw, p.dw_size, w_count(&s), rows, "weight gradient");
                    if (s.bias) check_sums(out.dbias, p.dbias, p.dbias_size, s.out, rows, "bias gradient");
                    free_outcome(&out), free_problem(&p);
                }
                kernels->release(conv);
            }
}

/* Two calls add up: the packed gradient is added to, not written over, and packed gradients may be added. */
static void gradients_add_up(void **state)
{
    const struct icl_conv_kernels *kernels = kernels_of(state);
    const struct icl_conv_shape s = make_shape(11, 7, 10, 24, 3, 2, 1, true);
    const size_t images = 6;
    struct icl_conv *conv = NULL;
    TRY(kernels->plan(&s, &images, 1, true, &conv, err));
    struct problem p = make_problem(&s, images);
    struct outcome once = solve(kernels, conv, &p, 1), thrice = solve(kernels, conv, &p, 3);
    const size_t rows = images * s.out_height * s.out_width;
    for (size_t i = 0; i < w_count(&s); i++)
        p.dw[i] *= 3, p.dw_size[i] *= 3;
    for (size_t i = 0; i < s.out; i++)
        p.dbias[i] *= 3, p.dbias_size[i] *= 3;
    check_sums(thrice.dw, p.dw, p.dw_size, w_count(&s), 3 * rows, "three times the weights");
    check_sums(thrice.dbias, p.dbias, p.dbias_size, s.out, 3 * rows, "three times the bias");

    /* Sums of packed gradients, as arrays of float. */
    const struct icl_conv_sizes sizes = kernels->sizes(conv);
    float *a = aligned_bytes(sizes.gradient), *b = aligned_bytes(sizes.gradient);
    void *scratch = aligned_bytes(sizes.scratch);
    memset(a, 0, sizes.gradient), memset(b, 0, sizes.gradient);
    TRY(kernels->backward_weights(conv, images, p.x, p.dy, a, scratch, err));
    TRY(kernels->backward_weights(conv, images, p.x, p.dy, b, scratch, err));
    assert_int_equal(sizes.gradient % sizeof(float), 0);
    for (size_t i = 0; i < sizes.gradient / sizeof(float); i++)
        a[i] += b[i];
    TRY(kernels->unpack(conv, a, thrice.dw, thrice.dbias, scratch, err));
    for (size_t i = 0; i < w_count(&s); i++) /* doubling is exact */
        check_near((double)thrice.dw[i], 2.0 * (double)once.dw[i], 0.0, "sum of two");
    check_near((double)thrice.dbias[3], 2.0 * (double)once.dbias[3], 0.0, "sum of two biases");
    free(a), free(b), free(scratch);
    free_outcome(&once), free_outcome(&thrice), free_problem(&p);
    kernels->release(conv);
}

/* Without the gradient of the input, as first layers are planned: the rest works, that is an error. */
static void first_layer(void **state)
{
    const struct icl_conv_kernels *kernels = kernels_of(state);
    const struct icl_conv_shape s = make_shape(28, 28, 1, 8, 5, 2, 2, false);
    const size_t images = 4;
    struct icl_conv *conv = NULL, *whole = NULL;
    TRY(kernels->plan(&s, &images, 1, false, &conv, err));
    TRY(kernels->plan(&s, &images, 1, true, &whole, err));
    struct problem p = make_problem(&s, images);
    const struct icl_conv_sizes sizes = kernels->sizes(conv);
    void *packed = aligned_bytes(sizes.packed), *scratch = aligned_bytes(sizes.scratch);
    float *y = aligned_bytes(y_count(&s, images) * sizeof *y), *dx = aligned_bytes(x_count(&s, images) * sizeof *dx);
    TRY(kernels->pack(conv, p.w, packed, scratch, err));
    TRY(kernels->forward(conv, images, p.x, packed, NULL, y, scratch, err));
    struct outcome out = solve(kernels, whole, &p, 1);
    check_same_f32(y, out.y, y_count(&s, images), "output without the way back");
    struct icl_error err = {0};
    assert_int_equal(kernels->backward_data(conv, images, p.dy, packed, dx, scratch, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "without the gradient of its input"));
    free(packed), free(scratch), free(y), free(dx);
    free_outcome(&out), free_problem(&p);
    kernels->release(conv), kernels->release(whole);
}

/* ---- bits ---- */

struct job {
    const struct icl_conv_kernels *kernels;
    const struct icl_conv *conv;
    const struct problem *problem;
    const struct outcome *expected;
    bool same;
};

static bool same(const float *a, const float *b, size_t n)
{
    return memcmp(a, b, n * sizeof *a) == 0;
}

static void *repeat_job(void *context)
{
    struct job *job = context;
    const struct icl_conv_shape *s = &job->problem->shape;
    const size_t images = job->problem->images;
    job->same = true;
    for (int i = 0; i < 8; i++) {
        struct outcome out = solve(job->kernels, job->conv, job->problem, 2);
        job->same = job->same && same(out.y, job->expected->y, y_count(s, images)) &&
                    same(out.dx, job->expected->dx, x_count(s, images)) &&
                    same(out.dw, job->expected->dw, w_count(s)) && same(out.dbias, job->expected->dbias, s->out);
        free_outcome(&out);
    }
    return NULL;
}

/* On this thread, and on several that share the plan and know nothing of one another's libraries. */
static void same_bits_on_threads(void **state)
{
    const struct icl_conv_kernels *kernels = kernels_of(state);
    enum { THREADS = 5 };
    const struct icl_conv_shape shapes[] = {make_shape(14, 14, 8, 16, 3, 2, 1, true),
                                            make_shape(16, 16, 32, 32, 3, 1, 1, true),
                                            make_shape(1, 1, 64, 10, 1, 1, 0, true)};
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        const size_t counts[] = {7, 8};
        struct icl_conv *conv = NULL;
        TRY(kernels->plan(&shapes[k], counts, 2, true, &conv, err));
        struct problem p[2] = {make_problem(&shapes[k], 7), make_problem(&shapes[k], 8)};
        struct outcome expected[2] = {solve(kernels, conv, &p[0], 2), solve(kernels, conv, &p[1], 2)};
        struct job job[THREADS];
        pthread_t thread[THREADS];
        for (int t = 0; t < THREADS; t++) {
            job[t] = (struct job){kernels, conv, &p[t % 2], &expected[t % 2], false};
            assert_int_equal(pthread_create(&thread[t], NULL, repeat_job, &job[t]), 0);
        }
        for (int t = 0; t < THREADS; t++)
            pthread_join(thread[t], NULL);
        for (int t = 0; t < THREADS; t++)
            assert_true(job[t].same);
        repeat_job(&job[0]);
        assert_true(job[0].same);
        for (int i = 0; i < 2; i++)
            free_outcome(&expected[i]), free_problem(&p[i]);
        kernels->release(conv);
    }
}

/* A batch is its images: what is planned for 8 gives for each image what is planned for 1 gives, up to rounding, and a
 * plan of another order of counts the same. */
static void counts_in_any_order(void **state)
{
    const struct icl_conv_kernels *kernels = kernels_of(state);
    const struct icl_conv_shape s = make_shape(8, 8, 16, 24, 3, 1, 1, false);
    const size_t up[] = {1, 8}, down[] = {8, 1};
    struct icl_conv *first = NULL, *second = NULL;
    TRY(kernels->plan(&s, up, 2, true, &first, err));
    TRY(kernels->plan(&s, down, 2, true, &second, err));
    struct problem p = make_problem(&s, 8);
    struct outcome a = solve(kernels, first, &p, 1), b = solve(kernels, second, &p, 1);
    check_sums(a.y, p.y, p.y_size, y_count(&s, 8), 9 * s.in, "counts going up");
    check_sums(b.y, p.y, p.y_size, y_count(&s, 8), 9 * s.in, "counts going down");
    check_sums(b.dw, p.dw, p.dw_size, w_count(&s), 8 * 64, "counts going down");
    free_outcome(&a), free_outcome(&b), free_problem(&p);
    kernels->release(first), kernels->release(second);
}

/* ---- errors ---- */

static void errors(void **state)
{
    const struct icl_conv_kernels *kernels = kernels_of(state);
    const struct icl_conv_shape good = make_shape(8, 6, 4, 5, 3, 2, 1, true);
    const size_t counts[] = {4, 2}, none[] = {4, 0};
    struct icl_conv *conv = NULL;
    struct icl_error error = {0};
    struct {
        size_t offset, value;
        const char *message;
    } bad[] = {{offsetof(struct icl_conv_shape, height), 0, "sizes are 1 to"},
               {offsetof(struct icl_conv_shape, in), 0, "sizes are 1 to"},
               {offsetof(struct icl_conv_shape, out), (size_t)1 << 40, "sizes are 1 to"},
               {offsetof(struct icl_conv_shape, stride), 0, "sizes are 1 to"},
               {offsetof(struct icl_conv_shape, window), 11, "larger than the padded image, 10x8"},
               {offsetof(struct icl_conv_shape, padding), 3, "padding 3 is not below the window, 3"},
               {offsetof(struct icl_conv_shape, out_height), 5, "the output is 4x3, not 5x3"},
               {offsetof(struct icl_conv_shape, out_width), 2, "the output is 4x3, not 4x2"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct icl_conv_shape shape = good;
        memcpy((char *)&shape + bad[i].offset, &bad[i].value, sizeof bad[i].value);
        assert_int_equal(kernels->plan(&shape, counts, 2, true, &conv, &error), ICL_ERR_USAGE);
        if (strstr(error.message, bad[i].message) == NULL) fail_msg("%zu: %s", i, error.message);
        assert_null(conv);
    }
    assert_int_equal(kernels->plan(&good, counts, 0, true, &conv, &error), ICL_ERR_USAGE);
    assert_int_equal(kernels->plan(&good, none, 2, true, &conv, &error), ICL_ERR_USAGE);
    assert_string_equal(error.message, "convolution: a batch of 0 images");
    assert_null(conv);

    TRY(kernels->plan(&good, counts, 2, true, &conv, err));
    const struct icl_conv_sizes sizes = kernels->sizes(conv);
    void *packed = aligned_bytes(sizes.packed), *gradient = aligned_bytes(sizes.gradient);
    void *scratch = aligned_bytes(sizes.scratch);
    float some[1024] = {0};
    assert_int_equal(kernels->forward(conv, 3, some, packed, some, some, scratch, &error), ICL_ERR_USAGE);
    assert_string_equal(error.message, "convolution: not planned for 3 images");
    assert_int_equal(kernels->backward_data(conv, 1, some, packed, some, scratch, &error), ICL_ERR_USAGE);
    assert_string_equal(error.message, "convolution: not planned for 1 images");
    assert_int_equal(kernels->backward_weights(conv, 5, some, some, gradient, scratch, &error), ICL_ERR_USAGE);
    assert_string_equal(error.message, "convolution: not planned for 5 images");
    free(packed), free(gradient), free(scratch);
    kernels->release(conv);
    kernels->release(NULL);
}

/* The best table carries out plans of the plain kind, which it makes where the library is not there. */
static void best_carries_out_plain_plans(void **state)
{
    (void)state;
    const struct icl_conv_kernels *best = &icl_kernels()->conv;
    const struct icl_conv_shape s = make_shape(6, 5, 3, 4, 3, 1, 1, true);
    const size_t images = 2;
    struct icl_conv *conv = NULL;
    TRY(icl_conv_reference.plan(&s, &images, 1, true, &conv, err));
    struct problem p = make_problem(&s, images);
    struct outcome by_best = solve(best, conv, &p, 1), plain = solve(&icl_conv_reference, conv, &p, 1);
    check_same_f32(by_best.y, plain.y, y_count(&s, images), "output");
    check_same_f32(by_best.dx, plain.dx, x_count(&s, images), "input gradient");
    check_same_f32(by_best.dw, plain.dw, w_count(&s), "weight gradient");
    check_same_f32(by_best.dbias, plain.dbias, s.out, "bias gradient");
    free_outcome(&by_best), free_outcome(&plain), free_problem(&p);
    best->release(conv);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(icl_kernels_reference()->conv.name(), "reference");
    const char *name = icl_kernels()->conv.name();
    print_message("convolutions by %s\n", name);
    assert_true(strcmp(name, "reference") == 0 || strncmp(name, "onednn 2.", 9) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(plain_is_the_definition),
        cmocka_unit_test(plain_gradients_are_differences),
        ON(planned_near_double, "reference"),
        ON(planned_near_double, "best"),
        ON(gradients_add_up, "reference"),
        ON(gradients_add_up, "best"),
        ON(first_layer, "reference"),
        ON(first_layer, "best"),
        ON(same_bits_on_threads, "reference"),
        ON(same_bits_on_threads, "best"),
        ON(counts_in_any_order, "reference"),
        ON(counts_in_any_order, "best"),
        ON(errors, "reference"),
        ON(errors, "best"),
        cmocka_unit_test(best_carries_out_plain_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
