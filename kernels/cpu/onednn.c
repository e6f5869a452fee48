/* Convolutions by oneDNN, channels-last, everything on the calling thread. A plan holds `steps`: a primitive and the
 * memory that each of its arguments is. Descriptions of memory for a primitive to work on are objects, too, and cost
 * as much as a small convolution to make: a plan keeps sets of them (`places`), one in use by one thread at a time. */
#include "kernels/cpu/onednn_library.h"
#include "kernels/cpu/variants.h"

#if DNNL_VERSION_MAJOR == 2

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/conv_internal.h"

enum { ARGUMENTS = 5, ALIGNMENT = 64, PLACES = 256 };

/* Steps of a plan: the first three once, the others once for each count of images. */
enum { PACK_FORWARD, PACK_DATA, UNPACK, ONCE, FORWARD = 0, BACKWARD_DATA, BACKWARD_WEIGHTS, EACH };

struct step {
    dnnl_primitive_t primitive; /* NULL: never executed */
    int arguments;
    int index[ARGUMENTS]; /* DNNL_ARG_... */
    dnnl_memory_desc_t memory[ARGUMENTS];
};

/* What one thread works with. */
struct place {
    atomic_flag taken;
    dnnl_stream_t stream;
    struct place_step {
        dnnl_memory_t memory[ARGUMENTS];
        void *data[ARGUMENTS]; /* where they are */
    } step[];
};

struct planned {
    struct icl_conv base;
    const struct icl_onednn *dnn;
    size_t steps;
    struct step *step;
    size_t forward_bytes, data_bytes; /* of the packed weights: those of the way back stand behind the others */
    size_t gradient_count, gradient_bytes, bias_bytes, scratchpad;
    _Atomic(struct place *) place[PLACES];
};

static const struct icl_conv_kernels kernels;

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static struct step *once_step(const struct planned *plan, int which)
{
    return plan->step + which;
}

static struct step *each_step(const struct planned *plan, size_t count, int which)
{
    return plan->step + ONCE + count * EACH + (size_t)which;
}

static icl_status fail(dnnl_status_t status, const char *what, struct icl_error *err)
{
    if (status == dnnl_out_of_memory) return icl_fail_memory(err, "a convolution");
    return icl_fail(err, ICL_ERR_NUMERIC, "convolution: oneDNN: %s: status %d", what, (int)status);
}

#define DNN_TRY(expression)                                                                                            \
    do {                                                                                                               \
        const dnnl_status_t dnn_try_status_ = (expression);                                                            \
        if (dnn_try_status_ != dnnl_success) return dnn_try_status_;                                                   \
    } while (0)

/* ---- planning ---- */

/* Whether the first implementation that is offered forward, which multiplies matrices of pixels and channels, is the
 * fastest one (measured with 1 to 512 channels, images of 1 to 32 pixels a side); else it is the direct one. */
static bool is_for_products(const struct icl_conv_shape *shape)
{
    return shape->in >= 32 && shape->out_height * shape->out_width >= 25 && (shape->window > 1 || shape->stride == 1);
}

/* The implementation for `desc`: the direct one for AVX-512 if it is wanted and there, otherwise the first one. */
static dnnl_status_t choose(const struct icl_onednn *dnn, const_dnnl_op_desc_t desc, const_dnnl_primitive_attr_t attr,
                            const_dnnl_primitive_desc_t hint, bool direct, dnnl_primitive_desc_t *chosen)
{
    *chosen = NULL;
    dnnl_primitive_desc_iterator_t iterator;
    DNN_TRY(dnn->primitive_desc_iterator_create(&iterator, desc, attr, dnn->engine, hint));
    *chosen = dnn->primitive_desc_iterator_fetch(iterator);
    while (direct && dnn->primitive_desc_iterator_next(iterator) == dnnl_success) {
        dnnl_primitive_desc_t other = dnn->primitive_desc_iterator_fetch(iterator);
        const char *name = "";
        if (other != NULL) dnn->primitive_desc_query(other, dnnl_query_impl_info_str, 0, &name);
        const bool wanted = strncmp(name, "jit:avx512", 10) == 0;
        dnnl_primitive_desc_t worse = wanted ? *chosen : other;
        if (wanted) *chosen = other;
        if (worse != NULL) dnn->primitive_desc_destroy(worse);
        if (wanted) break;
    }
    dnn->primitive_desc_iterator_destroy(iterator);
    return *chosen == NULL ? dnnl_out_of_memory : dnnl_success;
}

static void add_argument(struct step *step, int index, const dnnl_memory_desc_t *memory)
{
    step->index[step->arguments] = index;
    step->memory[step->arguments++] = *memory;
}

/* The scratchpad comes last among the arguments; frees `desc`. */
static dnnl_status_t finish_step(struct planned *plan, struct step *step, dnnl_primitive_desc_t desc)
{
    const struct icl_onednn *dnn = plan->dnn;
    const dnnl_memory_desc_t *scratchpad = dnn->primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
    const size_t bytes = scratchpad == NULL ? 0 : dnn->memory_desc_get_size(scratchpad);
    if (bytes > 0) add_argument(step, DNNL_ARG_SCRATCHPAD, scratchpad);
    if (bytes > plan->scratchpad) plan->scratchpad = bytes;
    const dnnl_status_t status = dnn->primitive_create(&step->primitive, desc);
    dnn->primitive_desc_destroy(desc);
    return status;
}

static dnnl_status_t plan_reorder(struct planned *plan, struct step *step, const dnnl_memory_desc_t *from,
                                  const dnnl_memory_desc_t *to, const_dnnl_primitive_attr_t attr)
{
    const struct icl_onednn *dnn = plan->dnn;
    dnnl_primitive_desc_t desc;
    DNN_TRY(dnn->reorder_primitive_desc_create(&desc, from, dnn->engine, to, dnn->engine, attr));
    add_argument(step, DNNL_ARG_FROM, from);
    add_argument(step, DNNL_ARG_TO, to);
    return finish_step(plan, step, desc);
}

/* The memory of the four arrays; the three forms of the weights are chosen with the first count of images. */
struct layout {
    dnnl_memory_desc_t x, y, bias, plain, forward, data, gradient;
    dnnl_dims_t stride, begin, end;
};

static dnnl_status_t plan_count(struct planned *plan, size_t count, struct layout *layout,
                                const_dnnl_primitive_attr_t attr)
{
    const struct icl_onednn *dnn = plan->dnn;
    const struct icl_conv_shape *shape = &plan->base.shape;
    const dnnl_dim_t images = (dnnl_dim_t)plan->base.images[count];
    const dnnl_dims_t x = {images, (dnnl_dim_t)shape->in, (dnnl_dim_t)shape->height, (dnnl_dim_t)shape->width};
    const dnnl_dims_t y = {images, (dnnl_dim_t)shape->out, (dnnl_dim_t)shape->out_height, (dnnl_dim_t)shape->out_width};
    DNN_TRY(dnn->memory_desc_init_by_tag(&layout->x, 4, x, dnnl_f32, dnnl_nhwc));
    DNN_TRY(dnn->memory_desc_init_by_tag(&layout->y, 4, y, dnnl_f32, dnnl_nhwc));
    const dnnl_memory_desc_t *bias = shape->bias ? &layout->bias : NULL;
    dnnl_convolution_desc_t desc;
    dnnl_primitive_desc_t forward, chosen;

    DNN_TRY(dnn->convolution_forward_desc_init(&desc, dnnl_forward_training, dnnl_convolution_direct, &layout->x,
                                               &layout->forward, bias, &layout->y, layout->stride, layout->begin,
                                               layout->end));
    DNN_TRY(choose(dnn, &desc, attr, NULL, !is_for_products(shape), &forward));
    struct step *step = each_step(plan, count, FORWARD);
    layout->forward = *dnn->primitive_desc_query_md(forward, dnnl_query_weights_md, 0);
    add_argument(step, DNNL_ARG_SRC, &layout->x);
    add_argument(step, DNNL_ARG_WEIGHTS, &layout->forward);
    if (bias != NULL) add_argument(step, DNNL_ARG_BIAS, bias);
    add_argument(step, DNNL_ARG_DST, &layout->y);

    dnnl_status_t status = dnnl_success;
    if (plan->base.input_gradient) {
        status = dnn->convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, &layout->x, &layout->data,
                                                          &layout->y, layout->stride, layout->begin, layout->end);
        if (status == dnnl_success) status = choose(dnn, &desc, attr, forward, false, &chosen);
        if (status == dnnl_success) {
            struct step *back = each_step(plan, count, BACKWARD_DATA);
            layout->data = *dnn->primitive_desc_query_md(chosen, dnnl_query_weights_md, 0);
            add_argument(back, DNNL_ARG_DIFF_DST, &layout->y);
            add_argument(back, DNNL_ARG_WEIGHTS, &layout->data);
            add_argument(back, DNNL_ARG_DIFF_SRC, &layout->x);
            status = finish_step(plan, back, chosen);
        }
    }
    if (status == dnnl_success)
        status =
            dnn->convolution_backward_weights_desc_init(&desc, dnnl_convolution_direct, &layout->x, &layout->gradient,
                                                        bias, &layout->y, layout->stride, layout->begin, layout->end);
    if (status == dnnl_success) status = choose(dnn, &desc, attr, forward, false, &chosen);
    if (status == dnnl_success) {
        struct step *back = each_step(plan, count, BACKWARD_WEIGHTS);
        layout->gradient = *dnn->primitive_desc_query_md(chosen, dnnl_query_diff_weights_md, 0);
        add_argument(back, DNNL_ARG_SRC, &layout->x);
        add_argument(back, DNNL_ARG_DIFF_DST, &layout->y);
        add_argument(back, DNNL_ARG_DIFF_WEIGHTS, &layout->gradient);
        if (bias != NULL) add_argument(back, DNNL_ARG_DIFF_BIAS, bias);
        status = finish_step(plan, back, chosen);
    }
    const dnnl_status_t finished = finish_step(plan, step, forward);
    return status == dnnl_success ? finished : status;
}

static dnnl_status_t plan_steps(struct planned *plan, const_dnnl_primitive_attr_t attr)
{
    const struct icl_onednn *dnn = plan->dnn;
    const struct icl_conv_shape *shape = &plan->base.shape;
    const dnnl_dim_t window = (dnnl_dim_t)shape->window, stride = (dnnl_dim_t)shape->stride;
    const dnnl_dim_t padding = (dnnl_dim_t)shape->padding, out = (dnnl_dim_t)shape->out;
    const dnnl_dims_t weights = {out, (dnnl_dim_t)shape->in, window, window}, bias = {out};
    struct layout layout = {.stride = {stride, stride}, .begin = {padding, padding}};
    /* What the last window leaves over is no padding: it may be negative. */
    layout.end[0] = (dnnl_dim_t)(shape->out_height - 1) * stride + window - (dnnl_dim_t)shape->height - padding;
    layout.end[1] = (dnnl_dim_t)(shape->out_width - 1) * stride + window - (dnnl_dim_t)shape->width - padding;
    DNN_TRY(dnn->memory_desc_init_by_tag(&layout.plain, 4, weights, dnnl_f32, dnnl_acdb)); /* out, y, x, in */
    DNN_TRY(dnn->memory_desc_init_by_tag(&layout.forward, 4, weights, dnnl_f32, dnnl_format_tag_any));
    layout.data = layout.gradient = layout.forward;
    DNN_TRY(dnn->memory_desc_init_by_tag(&layout.bias, 1, bias, dnnl_f32, dnnl_a));
    for (size_t count = 0; count < plan->base.count; count++)
        DNN_TRY(plan_count(plan, count, &layout, attr));
    plan->forward_bytes = aligned(dnn->memory_desc_get_size(&layout.forward));
    plan->gradient_count = dnn->memory_desc_get_size(&layout.gradient) / sizeof(float);
    plan->gradient_bytes = aligned(plan->gradient_count * sizeof(float));
    plan->bias_bytes = shape->bias ? aligned(shape->out * sizeof(float)) : 0;
    DNN_TRY(plan_reorder(plan, once_step(plan, PACK_FORWARD), &layout.plain, &layout.forward, attr));
    if (plan->base.input_gradient) {
        plan->data_bytes = aligned(dnn->memory_desc_get_size(&layout.data));
        DNN_TRY(plan_reorder(plan, once_step(plan, PACK_DATA), &layout.plain, &layout.data, attr));
    }
    return plan_reorder(plan, once_step(plan, UNPACK), &layout.gradient, &layout.plain, attr);
}

static dnnl_status_t plan_alone(struct planned *plan)
{
    const struct icl_onednn *dnn = plan->dnn;
    const int threads = icl_onednn_enter(dnn);
    dnnl_primitive_attr_t attr;
    dnnl_status_t status = dnn->primitive_attr_create(&attr);
    if (status == dnnl_success) {
        status = dnn->primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
        if (status == dnnl_success) status = plan_steps(plan, attr);
        dnn->primitive_attr_destroy(attr);
    }
    icl_onednn_leave(dnn, threads);
    return status;
}

static void free_place(const struct planned *plan, struct place *place)
{
    for (size_t s = 0; s < plan->steps; s++)
        for (int a = 0; a < ARGUMENTS; a++)
            if (place->step[s].memory[a] != NULL) plan->dnn->memory_destroy(place->step[s].memory[a]);
    if (place->stream != NULL) plan->dnn->stream_destroy(place->stream);
    free(place);
}

static void release(struct icl_conv *conv)
{
    if (conv == NULL) return;
    if (conv->kernels != &kernels) {
        conv->kernels->release(conv);
        return;
    }
    struct planned *plan = (struct planned *)(void *)conv;
    for (size_t p = 0; p < PLACES; p++) {
        struct place *place = atomic_load(&plan->place[p]);
        if (place != NULL) free_place(plan, place);
    }
    for (size_t s = 0; plan->step != NULL && s < plan->steps; s++)
        if (plan->step[s].primitive != NULL) plan->dnn->primitive_destroy(plan->step[s].primitive);
    free(plan->step);
    free((size_t *)plan->base.images);
    free(plan);
}

static const char *name(void)
{
    return icl_onednn() == NULL ? icl_conv_reference_name() : icl_onednn()->text;
}

static icl_status plan_conv(const struct icl_conv_shape *shape, const size_t *images, size_t count, bool input_gradient,
                            struct icl_conv **conv, struct icl_error *err)
{
    if (icl_onednn() == NULL) return icl_conv_reference_plan(shape, images, count, input_gradient, conv, err);
    struct icl_conv begun;
    ICL_TRY(icl_conv_begin(shape, images, count, input_gradient, &kernels, &begun, err));
    struct planned *plan = calloc(1, sizeof *plan);
    if (plan == NULL) {
        free((size_t *)begun.images);
        return icl_fail_memory(err, "a convolution");
    }
    plan->base = begun;
    plan->dnn = icl_onednn();
    plan->steps = ONCE + count * EACH;
    plan->step = calloc(plan->steps, sizeof *plan->step);
    const dnnl_status_t status = plan->step == NULL ? dnnl_out_of_memory : plan_alone(plan);
    if (status == dnnl_success) {
        *conv = &plan->base;
        return ICL_OK;
    }
    release(&plan->base);
    if (status == dnnl_unimplemented) return icl_conv_reference_plan(shape, images, count, input_gradient, conv, err);
    return fail(status, "planning", err);
}

static struct icl_conv_sizes sizes(const struct icl_conv *conv)
{
    if (conv->kernels != &kernels) return conv->kernels->sizes(conv);
    const struct planned *plan = (const struct planned *)(const void *)conv;
    const size_t gradient = plan->gradient_bytes + plan->bias_bytes;
    return (struct icl_conv_sizes){plan->forward_bytes + plan->data_bytes, gradient,
                                   gradient + aligned(plan->scratchpad)};
}

/* ---- execution ---- */

/* Threads begin their search for a free place at different ones. */
static size_t first_place(void)
{
    static atomic_size_t threads;
    static _Thread_local size_t own;
    if (own == 0) own = atomic_fetch_add(&threads, 1) + 1;
    return own % PLACES;
}

/* A place of this thread alone; NULL: memory is short. */
static struct place *take_place(struct planned *plan)
{
    for (size_t p = first_place(), tried = 1;; p = (p + 1) % PLACES, tried++) {
        struct place *place = atomic_load_explicit(&plan->place[p], memory_order_acquire);
        if (place == NULL) {
            struct place *made = calloc(1, sizeof *made + plan->steps * sizeof *made->step);
            if (made == NULL) return NULL;
            atomic_flag_clear(&made->taken);
            atomic_flag_test_and_set(&made->taken);
            if (plan->dnn->stream_create(&made->stream, plan->dnn->engine, dnnl_stream_in_order) != dnnl_success) {
                free(made);
                return NULL;
            }
            if (atomic_compare_exchange_strong(&plan->place[p], &place, made)) return made;
            free_place(plan, made);
        }
        if (!atomic_flag_test_and_set_explicit(&place->taken, memory_order_acquire)) return place;
        if (tried % PLACES == 0) sched_yield();
    }
}

static dnnl_status_t execute_at(const struct planned *plan, struct place *place, size_t number, void *const *data)
{
    const struct icl_onednn *dnn = plan->dnn;
    const struct step *step = plan->step + number;
    struct place_step *own = place->step + number;
    dnnl_exec_arg_t arguments[ARGUMENTS];
    for (int a = 0; a < step->arguments; a++) {
        if (own->memory[a] == NULL)
            DNN_TRY(dnn->memory_create(&own->memory[a], &step->memory[a], dnn->engine, data[a]));
        else if (own->data[a] != data[a])
            DNN_TRY(dnn->memory_set_data_handle(own->memory[a], data[a]));
        own->data[a] = data[a];
        arguments[a] = (dnnl_exec_arg_t){step->index[a], own->memory[a]};
    }
    DNN_TRY(dnn->primitive_execute(step->primitive, place->stream, step->arguments, arguments));
    return dnn->stream_wait(place->stream);
}

/* `data` in the order of the step's arguments, the scratchpad behind them. */
static icl_status execute(const struct icl_conv *conv, const struct step *step, const char *what, void *const *data,
                          struct icl_error *err)
{
    /* The places of a plan are not what it says: two threads never see the same one. */
    struct planned *plan = (struct planned *)(uintptr_t)conv;
    const int threads = icl_onednn_enter(plan->dnn);
    struct place *place = take_place(plan);
    dnnl_status_t status = dnnl_out_of_memory;
    if (place != NULL) {
        status = execute_at(plan, place, (size_t)(step - plan->step), data);
        atomic_flag_clear_explicit(&place->taken, memory_order_release);
    }
    icl_onednn_leave(plan->dnn, threads);
    return status == dnnl_success ? ICL_OK : fail(status, what, err);
}

/* oneDNN takes everything as void *, what it only reads as well. */
static void *readable(const void *data)
{
    return (void *)(uintptr_t)data;
}

static icl_status pack(const struct icl_conv *conv, const float *weights, void *packed, void *scratch,
                       struct icl_error *err)
{
    if (conv->kernels != &kernels) return conv->kernels->pack(conv, weights, packed, scratch, err);
    const struct planned *plan = (const struct planned *)(const void *)conv;
    void *forward[] = {readable(weights), packed, scratch};
    ICL_TRY(execute(conv, once_step(plan, PACK_FORWARD), "packing weights", forward, err));
    if (!conv->input_gradient) return ICL_OK;
    void *data[] = {readable(weights), (char *)packed + plan->forward_bytes, scratch};
    return execute(conv, once_step(plan, PACK_DATA), "packing weights", data, err);
}

static icl_status forward(const struct icl_conv *conv, size_t images, const float *x, const void *packed,
                          const float *bias, float *y, void *scratch, struct icl_error *err)
{
    if (conv->kernels != &kernels) return conv->kernels->forward(conv, images, x, packed, bias, y, scratch, err);
    size_t count;
    ICL_TRY(icl_conv_planned(conv, images, &count, err));
    const struct planned *plan = (const struct planned *)(const void *)conv;
    void *with[] = {readable(x), readable(packed), readable(bias), y, scratch};
    void *without[] = {readable(x), readable(packed), y, scratch};
    return execute(conv, each_step(plan, count, FORWARD), "forward", conv->shape.bias ? with : without, err);
}

static icl_status backward_data(const struct icl_conv *conv, size_t images, const float *dy, const void *packed,
                                float *dx, void *scratch, struct icl_error *err)
{
    if (conv->kernels != &kernels) return conv->kernels->backward_data(conv, images, dy, packed, dx, scratch, err);
    size_t count;
    ICL_TRY(icl_conv_planned(conv, images, &count, err));
    const struct planned *plan = (const struct planned *)(const void *)conv;
    if (!conv->input_gradient) return icl_conv_no_input_gradient(err);
    void *data[] = {readable(dy), (char *)readable(packed) + plan->forward_bytes, dx, scratch};
    return execute(conv, each_step(plan, count, BACKWARD_DATA), "backward to the input", data, err);
}

static icl_status backward_weights(const struct icl_conv *conv, size_t images, const float *x, const float *dy,
                                   void *gradient, void *scratch, struct icl_error *err)
{
    if (conv->kernels != &kernels) return conv->kernels->backward_weights(conv, images, x, dy, gradient, scratch, err);
    size_t count;
    ICL_TRY(icl_conv_planned(conv, images, &count, err));
    const struct planned *plan = (const struct planned *)(const void *)conv;
    char *bias = (char *)scratch + plan->gradient_bytes, *scratchpad = bias + plan->bias_bytes;
    void *with[] = {readable(x), readable(dy), scratch, bias, scratchpad};
    void *without[] = {readable(x), readable(dy), scratch, scratchpad};
    ICL_TRY(execute(conv, each_step(plan, count, BACKWARD_WEIGHTS), "backward to the weights",
                    conv->shape.bias ? with : without, err));
    icl_kernels()->layers.add(gradient, scratch, plan->gradient_count, gradient); /* oneDNN can only write over */
    if (conv->shape.bias) {
        float *dbias = (float *)gradient + plan->gradient_bytes / sizeof(float);
        icl_kernels()->layers.add(dbias, (const float *)(const void *)bias, conv->shape.out, dbias);
    }
    return ICL_OK;
}

static icl_status unpack(const struct icl_conv *conv, const void *gradient, float *dweights, float *dbias,
                         void *scratch, struct icl_error *err)
{
    if (conv->kernels != &kernels) return conv->kernels->unpack(conv, gradient, dweights, dbias, scratch, err);
    const struct planned *plan = (const struct planned *)(const void *)conv;
    void *data[] = {readable(gradient), dweights, scratch};
    ICL_TRY(execute(conv, once_step(plan, UNPACK), "unpacking a gradient", data, err));
    if (conv->shape.bias) memcpy(dbias, (const char *)gradient + plan->gradient_bytes, conv->shape.out * sizeof *dbias);
    return ICL_OK;
}

static const struct icl_conv_kernels kernels = {
    .name = name,
    .plan = plan_conv,
    .release = release,
    .sizes = sizes,
    .pack = pack,
    .forward = forward,
    .backward_data = backward_data,
    .backward_weights = backward_weights,
    .unpack = unpack,
};

bool icl_cpu_override_conv(struct kernels *table)
{
    table->conv = kernels;
    return true;
}

#else

bool icl_cpu_override_conv(struct kernels *table)
{
    (void)table;
    return false;
}

#endif
