/* Convolutions by the plain loops of the reference, in the queue. bf16: the sums in float32, rounded at the end. */
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "kernels/shared/bf16.h"
#include "kernels/cuda/conv_library.h"
#include "kernels/cuda/emulated/rounding.h"

struct cuda_conv_library {
    icl_device_conv_form form;
    bool refuses, refuses_to_add; /* plays a library that plans and then does not do it */
};

icl_status cuda_conv_library_plan(cuda_device *device, const icl_device_conv_form *form,
                                  const bool wanted[CUDA_CONV_WAYS], cuda_conv_library **library,
                                  bool can[CUDA_CONV_WAYS], std::size_t scratch[CUDA_CONV_WAYS], icl_error *err)
{
    (void)device;
    const char *fault = std::getenv("ICLAB_EMULATED_CONVOLUTIONS");
    const auto asked = [fault](const char *name) { return fault != nullptr && std::strcmp(fault, name) == 0; };
    *library = new (std::nothrow) cuda_conv_library{*form, asked("refused"), asked("adding refused")};
    if (*library == nullptr) return icl_fail_memory(err, "a convolution");
    for (int way = 0; way < CUDA_CONV_WAYS; way++) {
        can[way] = wanted[way];
        scratch[way] = 0;
    }
    return ICL_OK;
}

void cuda_conv_library_release(cuda_conv_library *library)
{
    delete library;
}

namespace
{
/* Numbers of x, weights and y. */
struct counts {
    std::size_t x, weights, y;
};
counts counts_of(const icl_device_conv_form &form)
{
    const icl_conv_shape &s = form.shape;
    return {form.images * s.height * s.width * s.in, s.out * s.window * s.window * s.in,
            form.images * s.out_height * s.out_width * s.out};
}

std::vector<float> widened(const void *from, std::size_t count, icl_storage storage)
{
    std::vector<float> wide(count);
    for (std::size_t i = 0; i < count; i++)
        wide[i] = storage == ICL_STORAGE_F32 ? static_cast<const float *>(from)[i]
                                             : icl_bf16_to_float(static_cast<const icl_bf16 *>(from)[i]);
    return wide;
}

std::vector<float> factors(const void *from, std::size_t count, const icl_device_conv_form &form)
{
    std::vector<float> wide = widened(from, count, form.storage);
    if (form.storage == ICL_STORAGE_F32 && form.rule == ICL_PRODUCT_TF32)
        for (float &x : wide)
            x = icl_emulated::rounded_to_tf32(x);
    return wide;
}

void put(const std::vector<float> &result, icl_storage storage, bool add, void *to)
{
    const std::vector<float> old = add ? widened(to, result.size(), storage) : std::vector<float>(result.size());
    for (std::size_t i = 0; i < result.size(); i++) {
        const float x = add ? old[i] + result[i] : result[i];
        if (storage == ICL_STORAGE_F32)
            static_cast<float *>(to)[i] = x;
        else
            static_cast<icl_bf16 *>(to)[i] = icl_bf16_from_float(x);
    }
}

void run(const icl_device_conv_form &form, cuda_conv_way way, const void *first, const void *second, void *result,
         bool add)
{
    const icl_layers_f32 &plain = icl_layers_reference_f32;
    const counts n = counts_of(form);
    const std::size_t sizes[CUDA_CONV_WAYS][3] = {{n.x, n.weights, n.y}, {n.y, n.weights, n.x}, {n.x, n.y, n.weights}};
    const std::vector<float> a = factors(first, sizes[way][0], form), b = factors(second, sizes[way][1], form);
    std::vector<float> c(sizes[way][2]);
    switch (way) {
    case CUDA_CONV_FORWARD:
        plain.conv_forward(&form.shape, form.images, a.data(), b.data(), nullptr, c.data());
        break;
    case CUDA_CONV_DATA:
        plain.conv_backward_data(&form.shape, form.images, a.data(), b.data(), c.data());
        break;
    default:
        plain.conv_backward_weights(&form.shape, form.images, a.data(), b.data(), c.data(), nullptr);
        break;
    }
    put(c, form.storage, add, result);
}
} // namespace

bool cuda_conv_library_run(cuda_device *device, const cuda_conv_library *library, enum cuda_conv_way way,
                           const void *first, const void *second, void *result, bool add, void *scratch)
{
    (void)scratch;
    if (library->refuses || (add && library->refuses_to_add)) return false;
    cuda_note(
        device,
        icl_emulated::enqueue(device->queue, [=, form = library->form] { run(form, way, first, second, result, add); }),
        "convolution");
    return true;
}
