/* Convolutions on a device against the plain loops in double, every way that they are done: products, the library,
 * windows copied out; float32, TF32 and bf16; the same bits twice; recorded; errors. */
#include <math.h>

#include "device_support.h"
#include "kernels/conv_internal.h"
#include "kernels/shared/bf16.h"

static struct icl_conv_shape make_shape(size_t height, size_t width, size_t in, size_t out, size_t window,
                                        size_t stride, size_t padding, bool bias)
{
    return (struct icl_conv_shape){height,
                                   width,
                                   in,
                                   out,
                                   window,
                                   stride,
                                   padding,
                                   (height + 2 * padding - window) / stride + 1,
                                   (width + 2 * padding - window) / stride + 1,
                                   bias};
}

/* ---- an array three times: as a device keeps it, and what that is in double and as absolute values ---- */

struct array {
    size_t count;
    enum icl_storage storage;
    void *kept;
    double *value, *size;
};

static double kept_value(const void *kept, enum icl_storage storage, size_t i)
{
    return storage == ICL_STORAGE_F32 ? (double)((const float *)kept)[i]
                                      : (double)icl_bf16_to_float(((const struct icl_bf16 *)kept)[i]);
}

static struct array make_array(size_t count, enum icl_storage storage, uint32_t layer)
{
    const struct icl_stream stream = {.seed = 0x2e8b61d05c97f3a4, .purpose = ICL_PURPOSE_LAW, .layer = layer};
    struct array a = {count, storage, malloc(count * icl_storage_bytes(storage)), check_poisoned_f64(count),
                      check_poisoned_f64(count)};
    assert_non_null(a.kept);
    icl_random_normal(&stream, 0, count, a.value);
    for (size_t i = 0; i < count; i++) {
        if (storage == ICL_STORAGE_F32)
            ((float *)a.kept)[i] = (float)a.value[i];
        else
            ((struct icl_bf16 *)a.kept)[i] = icl_bf16_from_float((float)a.value[i]);
        a.value[i] = kept_value(a.kept, storage, i);
        a.size[i] = fabs(a.value[i]);
    }
    return a;
}

static void free_array(struct array *a)
{
    free(a->kept), free(a->value), free(a->size);
}

static void *put_array(struct icl_device *device, const struct array *a)
{
    return device_put(device, a->kept, a->count * icl_storage_bytes(a->storage));
}

/* ---- a problem and its solution in double ---- */

struct problem {
    struct icl_device_conv_form form;
    size_t rows, area;
    struct array x, w, bias, dy, old;
    double *y, *dx, *dw, *dbias;
    double *y_size, *dx_size, *dw_size, *dbias_size; /* sums of the terms' absolute values */
};

static double *zeros(size_t n)
{
    double *z = calloc(n, sizeof *z);
    assert_non_null(z);
    return z;
}

static struct problem make_problem(const struct icl_device_conv_form *form)
{
    const struct icl_conv_shape *s = &form->shape;
    const struct icl_layers_f64 *plain = &icl_layers_reference_f64;
    struct problem p = {
        .form = *form, .rows = form->images * s->out_height * s->out_width, .area = s->window * s->window * s->in};
    p.x = make_array(form->images * s->height * s->width * s->in, form->storage, 1);
    p.w = make_array(s->out * p.area, form->storage, 2);
    p.bias = make_array(s->out, ICL_STORAGE_F32, 3);
    p.dy = make_array(p.rows * s->out, form->storage, 4);
    p.old = make_array(p.x.count, form->storage, 5);
    double **results[] = {&p.y, &p.y_size, &p.dx, &p.dx_size, &p.dw, &p.dw_size, &p.dbias, &p.dbias_size};
    const size_t counts[] = {p.dy.count, p.x.count, p.w.count, s->out};
    for (size_t i = 0; i < 8; i++)
        *results[i] = zeros(counts[i / 2]);
    plain->conv_forward(s, form->images, p.x.value, p.w.value, s->bias ? p.bias.value : NULL, p.y);
    plain->conv_forward(s, form->images, p.x.size, p.w.size, s->bias ? p.bias.size : NULL, p.y_size);
    plain->conv_backward_data(s, form->images, p.dy.value, p.w.value, p.dx);
    plain->conv_backward_data(s, form->images, p.dy.size, p.w.size, p.dx_size);
    plain->conv_backward_weights(s, form->images, p.x.value, p.dy.value, p.dw, p.dbias);
    plain->conv_backward_weights(s, form->images, p.x.size, p.dy.size, p.dw_size, p.dbias_size);
    return p;
}

static void free_problem(struct problem *p)
{
    free_array(&p->x), free_array(&p->w), free_array(&p->bias), free_array(&p->dy), free_array(&p->old);
    free(p->y), free(p->dx), free(p->dw), free(p->dbias);
    free(p->y_size), free(p->dx_size), free(p->dw_size), free(p->dbias_size);
}

/* A sum of n float32 terms: about sqrt(n) roundings of one sign or the other; and `roundings` of what is kept in bf16.
 */
static void check_results(struct icl_device *device, const void *there, enum icl_storage storage,
                          const struct problem *p, const double *expected, const double *size, size_t n, size_t terms,
                          unsigned roundings, const char *what)
{
    const bool bf16 = p->form.storage == ICL_STORAGE_BF16, tf32 = !bf16 && p->form.rule == ICL_PRODUCT_TF32;
    const double sums = 16 * sqrt((double)terms + 1) * 0x1p-24 + (tf32 ? 2 * 0x1p-11 : 0.0);
    void *got = device_get(device, there, n * icl_storage_bytes(storage));
    for (size_t i = 0; i < n; i++) {
        const double kept = bf16 ? 1.01 * roundings * 0x1p-8 * size[i] : 0.0;
        const double value = kept_value(got, storage, i), bound = sums * size[i] + kept;
        if (!check_is_near(value, expected[i], bound))
            fail_msg("%s: number %zu of %zu is %.9g, expected %.9g within %g; %zux%zux%zu to %zu, window %zu, stride "
                     "%zu, padding %zu, %zu images",
                     what, i, n, value, expected[i], bound, p->form.shape.height, p->form.shape.width, p->form.shape.in,
                     p->form.shape.out, p->form.shape.window, p->form.shape.stride, p->form.shape.padding,
                     p->form.images);
    }
    free(got);
}

/* What a plan gives, in device memory. */
struct results {
    void *y, *dx, *sum;
    float *dw, *dbias;
};

static struct icl_device_conv *plan_form(struct icl_device *device, const struct icl_device_conv_form *form)
{
    struct icl_error err;
    struct icl_device_conv *conv = NULL;
    if (device->call->layers.conv_plan(device, form, &conv, &err) != ICL_OK) fail_msg("%s", err.message);
    return conv;
}

static struct results solve(struct icl_device *device, const struct problem *p)
{
    const struct icl_device_layers *layers = &device->call->layers;
    const size_t bytes = icl_storage_bytes(p->form.storage);
    struct icl_device_conv *conv = plan_form(device, &p->form);
    void *scratch = device_room(device, layers->conv_scratch(conv)), *w = put_array(device, &p->w);
    void *x = put_array(device, &p->x), *dy = put_array(device, &p->dy);
    const bool bias = p->form.shape.bias;
    const float *b = bias ? put_array(device, &p->bias) : NULL;
    struct results r = {device_room(device, p->dy.count * bytes), device_room(device, p->x.count * bytes),
                        put_array(device, &p->old), device_room_floats(device, p->w.count),
                        device_room_floats(device, p->form.shape.out)};
    layers->conv_forward(device, conv, x, w, b, r.y, scratch);
    layers->conv_backward_data(device, conv, dy, w, r.dx, false, scratch);
    layers->conv_backward_data(device, conv, dy, w, r.sum, true, scratch);
    layers->conv_backward_weights(device, conv, x, dy, r.dw, bias ? r.dbias : NULL, scratch);
    device_finish(device);
    layers->conv_release(device, conv);
    return r;
}

static void give_back_arrays(struct icl_device *device)
{
    while (device_array_count > 0)
        device->call->release(device, device_arrays[--device_array_count]);
}

/* bf16_weights: the library's gradient of bf16 weights is bf16; others are summed in float32. */
static void check_problem(struct icl_device *device, const struct icl_device_conv_form *form, bool bf16_weights)
{
    struct problem p = make_problem(form);
    const struct results r = solve(device, &p);
    const enum icl_storage storage = form->storage;
    const size_t out = form->shape.out, back = form->shape.window * form->shape.window * out;
    check_results(device, r.y, storage, &p, p.y, p.y_size, p.dy.count, p.area, form->shape.bias ? 2 : 1, "output");
    check_results(device, r.dx, storage, &p, p.dx, p.dx_size, p.x.count, back, 1, "input gradient");
    for (size_t i = 0; i < p.x.count; i++)
        p.dx[i] += p.old.value[i], p.dx_size[i] += p.old.size[i];
    check_results(device, r.sum, storage, &p, p.dx, p.dx_size, p.x.count, back + 1, 2, "sum of input gradients");
    check_results(device, r.dw, ICL_STORAGE_F32, &p, p.dw, p.dw_size, p.w.count, p.rows, bf16_weights,
                  "weight gradient");
    if (form->shape.bias) { /* in double, rounded once */
        float *dbias = device_get_floats(device, r.dbias, out);
        for (size_t i = 0; i < out; i++)
            check_near((double)dbias[i], p.dbias[i], 0x1p-24 * fabs(p.dbias[i]) + 0x1p-48 * p.dbias_size[i], "bias");
        free(dbias);
    }
    give_back_arrays(device);
    free_problem(&p);
}

/* ---- the ways ---- */

static const struct way {
    const char *choice, *fault; /* of the variables below */
} ways[] = {{"library", ""}, {"columns", ""}, {"library", "refused"}};

static void choose(const struct way *way)
{
    assert_int_equal(setenv("ICLAB_CONVOLUTIONS", way->choice, 1), 0);
    assert_int_equal(setenv("ICLAB_EMULATED_CONVOLUTIONS", way->fault, 1), 0);
}

static void choose_nothing(void)
{
    unsetenv("ICLAB_CONVOLUTIONS"), unsetenv("ICLAB_EMULATED_CONVOLUTIONS");
}

static const struct {
    enum icl_storage storage;
    enum icl_product_rule rule;
} kinds[] = {
    {ICL_STORAGE_F32, ICL_PRODUCT_F32}, {ICL_STORAGE_BF16, ICL_PRODUCT_F32}, {ICL_STORAGE_F32, ICL_PRODUCT_TF32}};

static struct icl_device_conv_form make_form(const struct icl_conv_shape *shape, size_t images, size_t kind)
{
    return (struct icl_device_conv_form){*shape, images, kinds[kind].storage, kinds[kind].rule, true, true};
}

/* Windows, strides, paddings, channels and image counts in turn, so that each meets most of the others. */
static void every_shape(void **state)
{
    (void)state;
    static const size_t windows[] = {1, 2, 3, 5, 7}, channels[][2] = {{1, 8}, {3, 10}, {8, 33}, {10, 1}, {33, 3}};
    static const size_t sides[][2] = {{7, 7}, {9, 5}, {6, 8}, {8, 7}};
    struct icl_device *device = device_open();
    size_t turn = 0;
    for (size_t way = 0; way < 3; way++) {
        choose(&ways[way]);
        for (size_t w = 0; w < 5; w++)
            for (size_t stride = 1; stride <= 3; stride++)
                for (size_t padding = 0; padding<windows[w]; padding += windows[w] / 2> 0 ? windows[w] / 2 : 1) {
                    const size_t *side = sides[turn % 4], *channel = channels[(turn + w) % 5];
                    if (side[0] + 2 * padding < windows[w] || side[1] + 2 * padding < windows[w]) continue;
                    const struct icl_conv_shape s = make_shape(side[0], side[1], channel[0], channel[1], windows[w],
                                                               stride, padding, turn % 2 == 0);
                    const struct icl_device_conv_form form = make_form(&s, 1 + turn % 7, turn % 3);
                    check_problem(device, &form, way == 0);
                    turn++;
                }
    }
    choose_nothing();
    device_close(device);
    print_message("# %zu convolutions\n", turn);
    assert_true(turn > 90);
}

/* Those that are products whatever is chosen: 1x1, linear layers, windows as large as the image. */
static void products(void **state)
{
    (void)state;
    const struct icl_conv_shape shapes[] = {
        make_shape(1, 1, 97, 10, 1, 1, 0, true),  make_shape(1, 1, 10, 97, 1, 3, 0, true),
        make_shape(5, 7, 33, 8, 1, 1, 0, false),  make_shape(4, 4, 3, 16, 4, 1, 0, true),
        make_shape(3, 3, 10, 24, 3, 2, 0, false), make_shape(9, 2, 1, 1, 1, 1, 0, true),
    };
    struct icl_device *device = device_open();
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
        for (size_t kind = 0; kind < 3; kind++) {
            const struct icl_device_conv_form form = make_form(&shapes[k], 1 + 3 * kind + k, kind);
            check_problem(device, &form, false);
        }
    device_close(device);
}

/* Small whole numbers: every sum is exact in float32, so every way has the very bits of the reference. */
static void whole_numbers_are_exact(void **state)
{
    (void)state;
    const struct icl_conv_shape s = make_shape(7, 6, 3, 10, 3, 2, 1, true);
    struct icl_device_conv_form form = make_form(&s, 5, 0);
    struct problem p = make_problem(&form);
    struct array *arrays[] = {&p.x, &p.w, &p.bias, &p.dy, &p.old};
    for (size_t a = 0; a < 5; a++)
        for (size_t i = 0; i < arrays[a]->count; i++)
            ((float *)arrays[a]->kept)[i] = rintf(4 * ((float *)arrays[a]->kept)[i]);
    const struct icl_layers_f32 *plain = &icl_layers_reference_f32;
    float *y = check_poisoned_f32(p.dy.count), *dx = check_poisoned_f32(p.x.count);
    float *dw = calloc(p.w.count, sizeof *dw), *dbias = calloc(s.out, sizeof *dbias);
    assert_non_null(dw), assert_non_null(dbias);
    plain->conv_forward(&s, 5, p.x.kept, p.w.kept, p.bias.kept, y);
    plain->conv_backward_data(&s, 5, p.dy.kept, p.w.kept, dx);
    plain->conv_backward_weights(&s, 5, p.x.kept, p.dy.kept, dw, dbias);
    struct icl_device *device = device_open();
    for (size_t way = 0; way < 3; way++) {
        choose(&ways[way]);
        const struct results r = solve(device, &p);
        float *got = device_get_floats(device, r.dx, p.x.count);
        for (size_t i = 0; i < p.x.count; i++)
            check_near((double)got[i], (double)dx[i], 0.0, "whole input gradient");
        free(got);
        device_check_near_f32(device, r.y, y, p.dy.count, 0.0, 0.0, "whole output");
        device_check_near_f32(device, r.dw, dw, p.w.count, 0.0, 0.0, "whole weight gradient");
        device_check_near_f32(device, r.dbias, dbias, s.out, 0.0, 0.0, "whole bias gradient");
        give_back_arrays(device);
    }
    choose_nothing();
    device_close(device);
    free(y), free(dx), free(dw), free(dbias);
    free_problem(&p);
}

/* A library that does not add to what is there is still the one that writes over it: the bits are the same before and
 * after it was asked to, and not those of columns. */
static void refusal_to_add(void **state)
{
    (void)state;
    static const struct way adds_not = {"library", "adding refused"};
    const struct icl_conv_shape s = make_shape(9, 8, 5, 33, 3, 1, 1, false);
    const struct icl_device_conv_form form = make_form(&s, 4, 0);
    struct problem p = make_problem(&form);
    const size_t bytes = p.x.count * sizeof(float);
    struct icl_device *device = device_open();
    const struct icl_device_layers *layers = &device->call->layers;
    float *got[3];
    for (size_t run = 0; run < 2; run++) {
        choose(run == 0 ? &adds_not : &ways[1]);
        struct icl_device_conv *conv = plan_form(device, &form);
        void *scratch = device_room(device, layers->conv_scratch(conv)), *w = put_array(device, &p.w);
        void *dy = put_array(device, &p.dy), *dx = device_room(device, bytes), *sum = put_array(device, &p.old);
        for (size_t turn = 0; turn < 2 - run; turn++) {
            layers->conv_backward_data(device, conv, dy, w, dx, false, scratch);
            got[2 * run + turn] = device_get_floats(device, dx, p.x.count);
            layers->conv_backward_data(device, conv, dy, w, sum, true, scratch);
        }
        device_finish(device);
        layers->conv_release(device, conv);
        give_back_arrays(device);
    }
    choose_nothing();
    assert_memory_equal(got[0], got[1], bytes);
    if (device->facts.emulated) assert_memory_not_equal(got[0], got[2], bytes);
    device_close(device);
    for (size_t k = 0; k < 3; k++)
        free(got[k]);
    free_problem(&p);
}

/* So many windows that they are copied out in several chunks, the last one smaller; so many rows that the bias' sums
 * are cut into pieces. */
static void many_images(void **state)
{
    (void)state;
    const struct icl_conv_shape s = make_shape(24, 24, 48, 2, 7, 1, 3, true);
    struct icl_device *device = device_open();
    choose(&ways[1]);
    for (size_t kind = 0; kind < 2; kind++) {
        const struct icl_device_conv_form form = make_form(&s, 13, kind);
        struct icl_device_conv *conv = plan_form(device, &form);
        const size_t all = 13 * 24 * 24 * 49 * 48 * sizeof(float);
        assert_true(device->call->layers.conv_scratch(conv) < all);
        device->call->layers.conv_release(device, conv);
        check_problem(device, &form, false);
    }
    choose_nothing();
    device_close(device);
}

static void sums_in_pieces(void **state)
{
    (void)state;
    const struct icl_conv_shape shapes[] = {make_shape(33, 31, 1, 10, 1, 1, 0, true),
                                            make_shape(13, 11, 2, 300, 1, 1, 0, true)};
    struct icl_device *device = device_open();
    for (size_t k = 0; k < 4; k++) {
        const struct icl_device_conv_form form = make_form(&shapes[k / 2], 7, k % 2);
        check_problem(device, &form, false);
    }
    device_close(device);
}

/* ---- the same bits ---- */

static void same_bits_twice(void **state)
{
    (void)state;
    const struct icl_conv_shape s = make_shape(9, 8, 10, 33, 3, 2, 1, true);
    struct icl_device *device = device_open();
    for (size_t way = 0; way < 3; way++)
        for (size_t kind = 0; kind < 3; kind++) {
            choose(&ways[way]);
            const struct icl_device_conv_form form = make_form(&s, 4, kind);
            struct problem p = make_problem(&form);
            const size_t bytes = icl_storage_bytes(form.storage);
            const struct results once = solve(device, &p), again = solve(device, &p);
            const struct {
                const void *one, *other;
                size_t bytes;
            } pairs[] = {{once.y, again.y, p.dy.count * bytes},
                         {once.dx, again.dx, p.x.count * bytes},
                         {once.sum, again.sum, p.x.count * bytes},
                         {once.dw, again.dw, p.w.count * sizeof(float)},
                         {once.dbias, again.dbias, s.out * sizeof(float)}};
            for (size_t i = 0; i < 5; i++) {
                void *one = device_get(device, pairs[i].one, pairs[i].bytes);
                device_check_bytes(device, pairs[i].other, one, pairs[i].bytes, "the same convolution");
                free(one);
            }
            give_back_arrays(device);
            free_problem(&p);
        }
    choose_nothing();
    device_close(device);
}

/* A recorded convolution reads what its arrays hold when it is done again. */
static void recorded(void **state)
{
    (void)state;
    const struct icl_conv_shape s = make_shape(6, 7, 3, 8, 3, 1, 1, true);
    const struct icl_device_conv_form form = make_form(&s, 3, 0);
    struct problem p = make_problem(&form);
    struct icl_error err;
    for (size_t way = 0; way < 3; way++) {
        choose(&ways[way]);
        struct icl_device *device = device_open();
        const struct icl_device_layers *layers = &device->call->layers;
        struct icl_device_conv *conv = plan_form(device, &form);
        struct icl_device_graph *graph = NULL;
        void *scratch = device_room(device, layers->conv_scratch(conv)), *w = put_array(device, &p.w);
        float *x = device_room_floats(device, p.x.count), *b = put_array(device, &p.bias);
        float *y = device_room_floats(device, p.dy.count);
        device_finish(device);
        device->call->record_begin(device);
        layers->conv_forward(device, conv, x, w, b, y, scratch);
        if (device->call->record_end(device, &graph, &err) != ICL_OK) fail_msg("%s", err.message);
        device->call->upload(device, p.x.kept, p.x.count * sizeof(float), x);
        device->call->replay(device, graph);
        check_results(device, y, ICL_STORAGE_F32, &p, p.y, p.y_size, p.dy.count, p.area, 0, "recorded output");
        device->call->graph_release(device, graph);
        layers->conv_release(device, conv);
        device_close(device);
    }
    choose_nothing();
    free_problem(&p);
}

/* ---- what is not a number ---- */

/* A NaN in an image reaches the outputs whose windows hold it, and no other. */
static void nan_stays_where_it_is(void **state)
{
    (void)state;
    const struct icl_conv_shape s = make_shape(6, 5, 3, 4, 3, 1, 1, false);
    const struct icl_device_conv_form form = make_form(&s, 2, 0);
    struct problem p = make_problem(&form);
    ((float *)p.x.kept)[(2 * 5 + 3) * 3 + 1] = NAN;
    struct icl_device *device = device_open();
    for (size_t way = 0; way < 3; way++) {
        choose(&ways[way]);
        const struct results r = solve(device, &p);
        float *y = device_get_floats(device, r.y, p.dy.count);
        for (size_t e = 0; e < p.dy.count; e++) {
            const size_t place = e / 4, row = place / 5 % 6, column = place % 5;
            const bool near = place < 30 && row >= 1 && row <= 3 && column >= 2 && column <= 4;
            assert_int_equal(isnan(y[e]) != 0, near);
        }
        free(y);
        give_back_arrays(device);
    }
    choose_nothing();
    device_close(device);
    free_problem(&p);
}

/* ---- errors ---- */

static void bad_forms(void **state)
{
    (void)state;
    const struct icl_conv_shape good = make_shape(5, 5, 2, 3, 3, 1, 1, false);
    struct icl_device_conv_form forms[5];
    const char *says[] = {"sizes are 1 to", "padding", "larger than the padded image", "the output is 5x5, not 5x6",
                          "a batch of 0 images"};
    for (size_t i = 0; i < 5; i++)
        forms[i] = make_form(&good, 2, 0);
    forms[0].shape.in = 0;
    forms[1].shape.padding = 3;
    forms[2].shape.window = 9, forms[2].shape.padding = 1;
    forms[3].shape.out_width = 6;
    forms[4].images = 0;
    struct icl_device *device = device_open();
    for (size_t i = 0; i < 5; i++) {
        struct icl_error err = {0};
        struct icl_device_conv *conv = (struct icl_device_conv *)device;
        assert_int_equal(device->call->layers.conv_plan(device, &forms[i], &conv, &err), ICL_ERR_USAGE);
        assert_null(conv);
        assert_non_null(strstr(err.message, says[i]));
    }
    struct icl_error err = {0};
    struct icl_device_conv *conv = NULL;
    choose(&(struct way){"quickly", ""});
    assert_int_equal(
        device->call->layers.conv_plan(device, &(struct icl_device_conv_form){good, 1, 0, 0, true, true}, &conv, &err),
        ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "\"quickly\""));
    choose_nothing();
    const struct icl_conv_shape large = make_shape(1 << 14, 1 << 14, 64, 1, 3, 1, 1, false);
    const struct icl_device_conv_form too_large = make_form(&large, 1, 0);
    assert_int_equal(device->call->layers.conv_plan(device, &too_large, &conv, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "2^31 numbers"));
    device->call->layers.conv_release(device, NULL);
    device_close(device);
}

/* A way back that was not planned fails in the queue, once. */
static void unplanned_ways(void **state)
{
    (void)state;
    const struct icl_conv_shape s = make_shape(4, 4, 2, 3, 3, 1, 1, false);
    struct icl_device_conv_form form = make_form(&s, 1, 0);
    form.input_gradient = form.weight_gradient = false;
    struct icl_device *device = device_open();
    const struct icl_device_layers *layers = &device->call->layers;
    struct icl_device_conv *conv = plan_form(device, &form);
    struct icl_error err = {0};
    float *memory = device_room_floats(device, 1000);
    layers->conv_backward_data(device, conv, memory, memory, memory, false, memory);
    assert_int_equal(device->call->finish(device, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "without the gradient of its input"));
    layers->conv_backward_weights(device, conv, memory, memory, memory, NULL, memory);
    assert_int_equal(device->call->finish(device, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "without the gradient of its weights"));
    assert_int_equal(device->call->finish(device, &err), ICL_OK);
    layers->conv_release(device, conv);
    device_close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape),     cmocka_unit_test(products),       cmocka_unit_test(whole_numbers_are_exact),
        cmocka_unit_test(refusal_to_add),  cmocka_unit_test(many_images),    cmocka_unit_test(sums_in_pieces),
        cmocka_unit_test(same_bits_twice), cmocka_unit_test(recorded),       cmocka_unit_test(nan_stays_where_it_is),
        cmocka_unit_test(bad_forms),       cmocka_unit_test(unplanned_ways),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
