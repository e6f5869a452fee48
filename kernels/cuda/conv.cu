/* Convolutions. A window that reads its image as it lies in memory (1x1 with stride 1, or the whole image: linear
 * layers) makes the convolution a product. Others are the library's (conv_library.h); where it has none or cannot, the
 * windows are copied out as the rows of a matrix, as many images at a time as fit the cache, and multiplied.
 *
 * $ICLAB_CONVOLUTIONS: "library" (as said above) or "columns" (never the library), to compare the two. */
#include <cstdlib>
#include <cstring>
#include <new>

#include "kernels/conv_internal.h"
#include "kernels/cuda/conv_library.h"
#include "kernels/cuda/conv_pieces.h"
#include "kernels/cuda/products.h"

struct icl_device_conv {
    icl_device_conv_form form;
    std::size_t pixels, places; /* positions of an input and of an output image */
    std::size_t area;           /* numbers in a window */
    bool is_product;
    std::size_t chunk;          /* images whose windows are copied out at a time */
    cuda_conv_library *library; /* NULL: none */
    mutable bool library_does[CUDA_CONV_WAYS];
    mutable bool library_adds; /* DATA, to what is there */
    std::size_t scratch;
};

namespace
{
constexpr std::size_t columns_bytes = std::size_t{32} << 20; /* with what is multiplied, well within 50 MiB of cache */
constexpr std::size_t most_numbers = std::size_t{1} << 31;   /* of a chunk: kernels count in 32 bits */

std::size_t whole_lines(std::size_t bytes)
{
    return (bytes + 255) / 256 * 256;
}

std::size_t larger(std::size_t a, std::size_t b)
{
    return a > b ? a : b;
}

/* ---- products ---- */

cuda_product_kind kind_of(const icl_device_conv_form &form)
{
    if (form.storage == ICL_STORAGE_BF16) return CUDA_PRODUCT_BF16;
    return form.rule == ICL_PRODUCT_TF32 ? CUDA_PRODUCT_TF32 : CUDA_PRODUCT_F32;
}

cuda_product_kind kind_to_f32(const icl_device_conv_form &form)
{
    return form.storage == ICL_STORAGE_BF16 ? CUDA_PRODUCT_BF16_TO_F32 : kind_of(form);
}

/* y (rows x out) = windows (rows x area) weights^T. */
void multiply_forward(cuda_device *device, const icl_device_conv *conv, std::size_t rows, const void *windows,
                      const void *weights, void *y)
{
    const std::size_t out = conv->form.shape.out, area = conv->area;
    const cuda_product p = {
        kind_of(conv->form), false, true, rows, out, area, windows, area, weights, area, y, out, false};
    cuda_multiply(device, &p);
}

/* windows (rows x area) = dy (rows x out) weights, or added to. */
void multiply_data(cuda_device *device, const icl_device_conv *conv, cuda_product_kind kind, std::size_t rows,
                   const void *dy, const void *weights, void *windows, bool add)
{
    const std::size_t out = conv->form.shape.out, area = conv->area;
    const cuda_product p = {kind, false, false, rows, area, out, dy, out, weights, area, windows, area, add};
    cuda_multiply(device, &p);
}

/* dweights (out x area, float32) = dy^T windows, or added to. */
void multiply_weights(cuda_device *device, const icl_device_conv *conv, std::size_t rows, const void *windows,
                      const void *dy, float *dweights, bool add)
{
    const std::size_t out = conv->form.shape.out, area = conv->area;
    const cuda_product p = {
        kind_to_f32(conv->form), true, false, out, area, rows, dy, out, windows, area, dweights, area, add};
    cuda_multiply(device, &p);
}

/* ---- windows copied out ---- */

/* What a chunk of images works on. */
struct piece {
    std::size_t images, rows;
    const char *x, *y; /* first number of the chunk in arrays like x and like y */
};

/* Calls work(piece) for all images, `chunk` at a time. */
template <class Work> void in_chunks(const icl_device_conv *conv, const void *x, const void *y, const Work &work)
{
    const std::size_t bytes = icl_storage_bytes(conv->form.storage), images = conv->form.images;
    for (std::size_t first = 0; first < images; first += conv->chunk) {
        const std::size_t count = images - first < conv->chunk ? images - first : conv->chunk;
        work(piece{count, count * conv->places,
                   static_cast<const char *>(x) + first * conv->pixels * conv->form.shape.in * bytes,
                   static_cast<const char *>(y) + first * conv->places * conv->form.shape.out * bytes});
    }
}

void columns_forward(cuda_device *device, const icl_device_conv *conv, const void *x, const void *weights, void *y,
                     void *scratch)
{
    in_chunks(conv, x, y, [&](const piece &p) {
        cuda_conv_gather(device, &conv->form.shape, p.images, conv->form.storage, p.x, scratch);
        multiply_forward(device, conv, p.rows, scratch, weights, const_cast<char *>(p.y));
    });
}

void columns_data(cuda_device *device, const icl_device_conv *conv, const void *dy, const void *weights, void *dx,
                  bool add, void *scratch)
{
    in_chunks(conv, dx, dy, [&](const piece &p) {
        multiply_data(device, conv, kind_to_f32(conv->form), p.rows, p.y, weights, scratch, false);
        cuda_conv_scatter(device, &conv->form.shape, p.images, conv->form.storage, static_cast<const float *>(scratch),
                          const_cast<char *>(p.x), add);
    });
}

void columns_weights(cuda_device *device, const icl_device_conv *conv, const void *x, const void *dy, float *dweights,
                     void *scratch)
{
    bool add = false;
    in_chunks(conv, x, dy, [&](const piece &p) {
        cuda_conv_gather(device, &conv->form.shape, p.images, conv->form.storage, p.x, scratch);
        multiply_weights(device, conv, p.rows, scratch, p.y, dweights, add);
        add = true;
    });
}

/* ---- the library ---- */

/* false: it does not do it, and is not asked again. To write over and to add are asked apart: otherwise a refusal of
 * the one would change the bits of the other from then on. */
bool by_library(cuda_device *device, const icl_device_conv *conv, cuda_conv_way way, const void *first,
                const void *second, void *result, bool add, void *scratch)
{
    bool *const does = add ? &conv->library_adds : &conv->library_does[way];
    if (!*does) return false;
    *does = cuda_conv_library_run(device, conv->library, way, first, second, result, add, scratch);
    return *does;
}

/* ---- planning ---- */

icl_status library_wanted(bool *wanted, icl_error *err)
{
    const char *choice = std::getenv("ICLAB_CONVOLUTIONS");
    *wanted = choice == nullptr || std::strcmp(choice, "library") == 0;
    if (*wanted || std::strcmp(choice, "columns") == 0) return ICL_OK;
    return icl_fail(err, ICL_ERR_USAGE, "ICLAB_CONVOLUTIONS is \"library\" or \"columns\", not \"%.60s\"", choice);
}

/* How many images at a time, and room for their windows. */
icl_status plan_columns(icl_device_conv *conv, icl_error *err)
{
    const std::size_t images = conv->form.images, windows = conv->places * conv->area;
    const std::size_t numbers = larger(windows, larger(conv->pixels * conv->form.shape.in, conv->area));
    if (windows / conv->area != conv->places || numbers >= most_numbers)
        return icl_fail(err, ICL_ERR_USAGE,
                        "convolution: one image of %zux%zux%zu with windows of %zu has 2^31 numbers "
                        "or more",
                        conv->form.shape.height, conv->form.shape.width, conv->form.shape.in, conv->form.shape.window);
    const std::size_t fit = columns_bytes / sizeof(float) / windows, count = (most_numbers - 1) / numbers;
    const std::size_t least = fit < 1 ? 1 : fit < count ? fit : count;
    conv->chunk = least < images ? least : images;
    conv->scratch = larger(conv->scratch, conv->chunk * windows * sizeof(float));
    return ICL_OK;
}

std::size_t weight_bytes(const icl_device_conv *conv)
{
    return whole_lines(conv->form.shape.out * conv->area * icl_storage_bytes(conv->form.storage));
}

icl_status plan_library(cuda_device *device, icl_device_conv *conv, icl_error *err)
{
    const bool wanted[CUDA_CONV_WAYS] = {true, conv->form.input_gradient, conv->form.weight_gradient};
    bool use = false;
    std::size_t scratch[CUDA_CONV_WAYS] = {0, 0, 0};
    ICL_TRY(library_wanted(&use, err));
    if (!use) return ICL_OK;
    ICL_TRY(cuda_conv_library_plan(device, &conv->form, wanted, &conv->library, conv->library_does, scratch, err));
    conv->library_adds = conv->library_does[CUDA_CONV_DATA];
    /* The gradient of bf16 weights comes in bf16. */
    if (conv->form.storage == ICL_STORAGE_BF16) scratch[CUDA_CONV_WEIGHTS] += weight_bytes(conv);
    for (int way = 0; way < CUDA_CONV_WAYS; way++)
        if (conv->library_does[way]) conv->scratch = larger(conv->scratch, scratch[way]);
    return ICL_OK;
}

icl_status fill_plan(cuda_device *device, icl_device_conv *conv, icl_error *err)
{
    const icl_conv_shape &s = conv->form.shape;
    ICL_TRY(icl_conv_check_shape(&s, err));
    if (conv->form.images == 0) return icl_fail(err, ICL_ERR_USAGE, "convolution: a batch of 0 images");
    conv->pixels = s.height * s.width;
    conv->places = s.out_height * s.out_width;
    conv->area = s.window * s.window * s.in;
    const bool pointwise = s.window == 1 && s.stride == 1;
    conv->is_product = pointwise || (s.padding == 0 && s.window == s.height && s.window == s.width);
    if (s.bias) conv->scratch = cuda_row_sums_room(conv->form.images * conv->places, s.out);
    if (conv->is_product) return ICL_OK;
    ICL_TRY(plan_columns(conv, err));
    return plan_library(device, conv, err);
}

void release(icl_device *base, icl_device_conv *conv)
{
    (void)base;
    if (conv == nullptr) return;
    cuda_conv_library_release(conv->library);
    delete conv;
}

icl_status plan(icl_device *base, const icl_device_conv_form *form, icl_device_conv **planned, icl_error *err)
{
    *planned = nullptr;
    icl_device_conv *conv = new (std::nothrow) icl_device_conv{};
    if (conv == nullptr) return icl_fail_memory(err, "a convolution");
    conv->form = *form;
    const icl_status status = fill_plan(cuda_of(base), conv, err);
    if (status != ICL_OK) {
        release(base, conv);
        return status;
    }
    *planned = conv;
    return ICL_OK;
}

std::size_t scratch_bytes(const icl_device_conv *conv)
{
    return conv->scratch;
}

/* ---- doing it ---- */

std::size_t rows_of(const icl_device_conv *conv)
{
    return conv->form.images * conv->places;
}

void forward(icl_device *base, const icl_device_conv *conv, const void *x, const void *weights, const float *bias,
             void *y, void *scratch)
{
    cuda_device *device = cuda_of(base);
    if (conv->is_product)
        multiply_forward(device, conv, rows_of(conv), x, weights, y);
    else if (!by_library(device, conv, CUDA_CONV_FORWARD, x, weights, y, false, scratch))
        columns_forward(device, conv, x, weights, y, scratch);
    if (bias != nullptr) cuda_add_bias(device, conv->form.storage, bias, rows_of(conv), conv->form.shape.out, y);
}

void backward_data(icl_device *base, const icl_device_conv *conv, const void *dy, const void *weights, void *dx,
                   bool add, void *scratch)
{
    cuda_device *device = cuda_of(base);
    if (!conv->form.input_gradient)
        cuda_note_text(device, ICL_ERR_USAGE, "convolution: planned without the gradient of its input");
    else if (conv->is_product)
        multiply_data(device, conv, kind_of(conv->form), rows_of(conv), dy, weights, dx, add);
    else if (!by_library(device, conv, CUDA_CONV_DATA, dy, weights, dx, add, scratch))
        columns_data(device, conv, dy, weights, dx, add, scratch);
}

/* By the library; float32 comes straight, bf16 through scratch. */
bool library_weights(icl_device *base, const icl_device_conv *conv, const void *x, const void *dy, float *dweights,
                     void *scratch)
{
    cuda_device *device = cuda_of(base);
    if (conv->form.storage == ICL_STORAGE_F32)
        return by_library(device, conv, CUDA_CONV_WEIGHTS, x, dy, dweights, false, scratch);
    void *work = static_cast<char *>(scratch) + weight_bytes(conv);
    if (!by_library(device, conv, CUDA_CONV_WEIGHTS, x, dy, scratch, false, work)) return false;
    base->call->layers.convert(base, ICL_STORAGE_BF16, scratch, conv->form.shape.out * conv->area, ICL_STORAGE_F32,
                               dweights);
    return true;
}

void backward_weights(icl_device *base, const icl_device_conv *conv, const void *x, const void *dy, float *dweights,
                      float *dbias, void *scratch)
{
    cuda_device *device = cuda_of(base);
    if (!conv->form.weight_gradient) {
        cuda_note_text(device, ICL_ERR_USAGE, "convolution: planned without the gradient of its weights");
        return;
    }
    if (conv->is_product)
        multiply_weights(device, conv, rows_of(conv), x, dy, dweights, false);
    else if (!library_weights(base, conv, x, dy, dweights, scratch))
        columns_weights(device, conv, x, dy, dweights, scratch);
    if (dbias != nullptr)
        cuda_row_sums(device, conv->form.storage, dy, rows_of(conv), conv->form.shape.out, scratch, dbias);
}
} // namespace

void cuda_table_convolution(icl_device_kernels *table)
{
    table->layers.conv_plan = plan;
    table->layers.conv_release = release;
    table->layers.conv_scratch = scratch_bytes;
    table->layers.conv_forward = forward;
    table->layers.conv_backward_data = backward_data;
    table->layers.conv_backward_weights = backward_weights;
}
