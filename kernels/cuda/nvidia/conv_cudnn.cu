/* Convolutions by cuDNN, channels-last. The algorithm is the first that cuDNN proposes that gives the same bits each
 * time and needs no more scratch than is allowed: a proposal, no measurement, so that it is the same each time. */
#include <climits>
#include <cstdio>
#include <new>

#include "kernels/cuda/conv_library.h"
#include "kernels/cuda/nvidia/libraries.h"

#if CUDA_HAS_CUDNN

struct cuda_conv_library {
    const cuda_dnn *dnn;
    cudnnTensorDescriptor_t x, y;
    cudnnFilterDescriptor_t weights;
    cudnnConvolutionDescriptor_t conv[CUDA_CONV_WAYS]; /* each with the arithmetic of its algorithm */
    cudnnConvolutionFwdAlgo_t forward;
    cudnnConvolutionBwdDataAlgo_t data;
    cudnnConvolutionBwdFilterAlgo_t gradient;
    std::size_t scratch[CUDA_CONV_WAYS];
};

namespace
{
/* ---- descriptors ---- */

bool is_well(cudnnStatus_t status)
{
    return status == CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t make_descriptors(cuda_conv_library *l)
{
    const cuda_dnn &dnn = *l->dnn;
    cudnnStatus_t status = dnn.cudnnCreateTensorDescriptor(&l->x);
    if (is_well(status)) status = dnn.cudnnCreateTensorDescriptor(&l->y);
    if (is_well(status)) status = dnn.cudnnCreateFilterDescriptor(&l->weights);
    for (auto &conv : l->conv)
        if (is_well(status)) status = dnn.cudnnCreateConvolutionDescriptor(&conv);
    return status;
}

int narrow(std::size_t n)
{
    return static_cast<int>(n);
}

/* float32: FMA alone, or tensor cores with TF32. bf16: tensor cores. */
cudnnMathType_t math_of(const icl_device_conv_form *form)
{
    const bool plain = form->storage == ICL_STORAGE_F32 && form->rule == ICL_PRODUCT_F32;
    return plain ? CUDNN_FMA_MATH : CUDNN_TENSOR_OP_MATH;
}

cudnnStatus_t set_descriptors(cuda_conv_library *l, const icl_device_conv_form *form)
{
    const cuda_dnn &dnn = *l->dnn;
    const icl_conv_shape &s = form->shape;
    const cudnnDataType_t type = form->storage == ICL_STORAGE_F32 ? CUDNN_DATA_FLOAT : CUDNN_DATA_BFLOAT16;
    const int images = narrow(form->images), in = narrow(s.in), out = narrow(s.out), window = narrow(s.window);
    const int padding = narrow(s.padding), stride = narrow(s.stride);
    cudnnStatus_t status =
        dnn.cudnnSetTensor4dDescriptor(l->x, CUDNN_TENSOR_NHWC, type, images, in, narrow(s.height), narrow(s.width));
    if (is_well(status))
        status = dnn.cudnnSetTensor4dDescriptor(l->y, CUDNN_TENSOR_NHWC, type, images, out, narrow(s.out_height),
                                                narrow(s.out_width));
    if (is_well(status))
        status = dnn.cudnnSetFilter4dDescriptor(l->weights, type, CUDNN_TENSOR_NHWC, out, in, window, window);
    for (const auto &conv : l->conv) {
        if (is_well(status))
            status = dnn.cudnnSetConvolution2dDescriptor(conv, padding, padding, stride, stride, 1, 1,
                                                         CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT);
        if (is_well(status)) status = dnn.cudnnSetConvolutionMathType(conv, math_of(form));
    }
    return status;
}

/* Whether cuDNN sees the output as we do. */
bool shapes_agree(const cuda_conv_library *l, const icl_device_conv_form *form)
{
    int n = 0, c = 0, h = 0, w = 0;
    return is_well(l->dnn->cudnnGetConvolution2dForwardOutputDim(l->conv[0], l->x, l->weights, &n, &c, &h, &w)) &&
           n == narrow(form->images) && c == narrow(form->shape.out) && h == narrow(form->shape.out_height) &&
           w == narrow(form->shape.out_width);
}

/* ---- algorithms ---- */

enum { PROPOSALS = 16 };

/* Takes the first of `count` proposals that fits; `room` (algorithm) tells its scratch. The arithmetic of a proposal is
 * taken over where tensor cores are allowed, unless it would narrow what it reads. */
template <class Proposal, class Algorithm, class Room>
bool take_first(const cuda_conv_library *l, const icl_device_conv_form *form, const Proposal *proposals, int count,
                cudnnConvolutionDescriptor_t conv, Algorithm *algorithm, std::size_t *scratch, Room room)
{
    const cudnnMathType_t math = math_of(form);
    for (int i = 0; i < count; i++) {
        const Proposal &p = proposals[i];
        if (!is_well(p.status) || p.determinism != CUDNN_DETERMINISTIC) continue;
        if (p.mathType == CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION) continue;
        if (!is_well(l->dnn->cudnnSetConvolutionMathType(conv, math == CUDNN_FMA_MATH ? math : p.mathType))) continue;
        if (!is_well(room(p.algo, scratch)) || *scratch > cuda_conv_most_scratch) continue;
        *algorithm = p.algo;
        return true;
    }
    return false;
}

bool plan_forward(cudnnHandle_t handle, cuda_conv_library *l, const icl_device_conv_form *form)
{
    const auto conv = l->conv[CUDA_CONV_FORWARD];
    cudnnConvolutionFwdAlgoPerf_t proposals[PROPOSALS];
    int count = 0;
    return is_well(l->dnn->cudnnGetConvolutionForwardAlgorithm_v7(handle, l->x, l->weights, conv, l->y, PROPOSALS,
                                                                  &count, proposals)) &&
           take_first(l, form, proposals, count, conv, &l->forward, &l->scratch[CUDA_CONV_FORWARD],
                      [&](cudnnConvolutionFwdAlgo_t algorithm, std::size_t *bytes) {
                          return l->dnn->cudnnGetConvolutionForwardWorkspaceSize(handle, l->x, l->weights, conv, l->y,
                                                                                 algorithm, bytes);
                      });
}

bool plan_data(cudnnHandle_t handle, cuda_conv_library *l, const icl_device_conv_form *form)
{
    const auto conv = l->conv[CUDA_CONV_DATA];
    cudnnConvolutionBwdDataAlgoPerf_t proposals[PROPOSALS];
    int count = 0;
    return is_well(l->dnn->cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, l->weights, l->y, conv, l->x, PROPOSALS,
                                                                       &count, proposals)) &&
           take_first(l, form, proposals, count, conv, &l->data, &l->scratch[CUDA_CONV_DATA],
                      [&](cudnnConvolutionBwdDataAlgo_t algorithm, std::size_t *bytes) {
                          return l->dnn->cudnnGetConvolutionBackwardDataWorkspaceSize(handle, l->weights, l->y, conv,
                                                                                      l->x, algorithm, bytes);
                      });
}

bool plan_weights(cudnnHandle_t handle, cuda_conv_library *l, const icl_device_conv_form *form)
{
    const auto conv = l->conv[CUDA_CONV_WEIGHTS];
    cudnnConvolutionBwdFilterAlgoPerf_t proposals[PROPOSALS];
    int count = 0;
    return is_well(l->dnn->cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, l->x, l->y, conv, l->weights,
                                                                         PROPOSALS, &count, proposals)) &&
           take_first(l, form, proposals, count, conv, &l->gradient, &l->scratch[CUDA_CONV_WEIGHTS],
                      [&](cudnnConvolutionBwdFilterAlgo_t algorithm, std::size_t *bytes) {
                          return l->dnn->cudnnGetConvolutionBackwardFilterWorkspaceSize(handle, l->x, l->y, conv,
                                                                                        l->weights, algorithm, bytes);
                      });
}

/* Counts that cuDNN's kernels may take for 32-bit ones. */
bool fits(const icl_device_conv_form *form)
{
    const icl_conv_shape &s = form->shape;
    const std::size_t most = INT_MAX, x = s.height * s.width * s.in, y = s.out_height * s.out_width * s.out;
    return form->images <= most / (x > y ? x : y) && s.window * s.window <= most / s.in / s.out;
}

cudnnStatus_t call(cuda_device *device, const cuda_conv_library *l, cuda_conv_way way, const void *first,
                   const void *second, void *result, bool add, void *scratch)
{
    const cudnnHandle_t handle = device->libraries->dnn_handle;
    const float one = 1.0F, old = add ? 1.0F : 0.0F;
    const cuda_dnn &dnn = *l->dnn;
    const auto conv = l->conv[way];
    const std::size_t bytes = l->scratch[way];
    if (way == CUDA_CONV_FORWARD)
        return dnn.cudnnConvolutionForward(handle, &one, l->x, first, l->weights, second, conv, l->forward, scratch,
                                           bytes, &old, l->y, result);
    if (way == CUDA_CONV_DATA) /* the weights come first here */
        return dnn.cudnnConvolutionBackwardData(handle, &one, l->weights, second, l->y, first, conv, l->data, scratch,
                                                bytes, &old, l->x, result);
    return dnn.cudnnConvolutionBackwardFilter(handle, &one, l->x, first, l->y, second, conv, l->gradient, scratch,
                                              bytes, &old, l->weights, result);
}
} // namespace

icl_status cuda_conv_library_plan(cuda_device *device, const icl_device_conv_form *form,
                                  const bool wanted[CUDA_CONV_WAYS], cuda_conv_library **library,
                                  bool can[CUDA_CONV_WAYS], std::size_t scratch[CUDA_CONV_WAYS], icl_error *err)
{
    static bool (*const plans[CUDA_CONV_WAYS])(cudnnHandle_t, cuda_conv_library *,
                                               const icl_device_conv_form *) = {plan_forward, plan_data, plan_weights};
    const cudnnHandle_t handle = device->libraries->dnn_handle;
    *library = nullptr;
    if (handle == nullptr || !fits(form)) return ICL_OK;
    cuda_conv_library *l = new (std::nothrow) cuda_conv_library{};
    if (l == nullptr) return icl_fail_memory(err, "a convolution");
    l->dnn = &device->libraries->dnn;
    cudnnStatus_t status = make_descriptors(l);
    if (!is_well(status)) {
        const char *why = l->dnn->cudnnGetErrorString(status);
        cuda_conv_library_release(l);
        return icl_fail(err, ICL_ERR_DEVICE, "%s: cuDNN: a convolution: %s", device->base.facts.name, why);
    }
    *library = l;
    if (!is_well(set_descriptors(l, form)) || !shapes_agree(l, form)) return ICL_OK;
    for (int way = 0; way < CUDA_CONV_WAYS; way++) {
        can[way] = wanted[way] && plans[way](handle, l, form);
        scratch[way] = can[way] ? l->scratch[way] : 0;
    }
    return ICL_OK;
}

void cuda_conv_library_release(cuda_conv_library *library)
{
    if (library == nullptr) return;
    const cuda_dnn &dnn = *library->dnn;
    for (const auto &conv : library->conv)
        if (conv != nullptr) (void)dnn.cudnnDestroyConvolutionDescriptor(conv);
    if (library->weights != nullptr) (void)dnn.cudnnDestroyFilterDescriptor(library->weights);
    if (library->y != nullptr) (void)dnn.cudnnDestroyTensorDescriptor(library->y);
    if (library->x != nullptr) (void)dnn.cudnnDestroyTensorDescriptor(library->x);
    delete library;
}

bool cuda_conv_library_run(cuda_device *device, const cuda_conv_library *library, enum cuda_conv_way way,
                           const void *first, const void *second, void *result, bool add, void *scratch)
{
    static const char *const names[CUDA_CONV_WAYS] = {"convolution", "convolution back to its input",
                                                      "convolution back to its weights"};
    if (device->status != ICL_OK) return true;
    const cudnnStatus_t status = call(device, library, way, first, second, result, add, scratch);
    if (CUDNN_STATUS_CATEGORY(status) == CUDNN_STATUS_NOT_SUPPORTED) return false;
    if (is_well(status)) return true;
    char text[200];
    std::snprintf(text, sizeof text, "%s: cuDNN: %s", names[way], library->dnn->cudnnGetErrorString(status));
    cuda_note_text(device, ICL_ERR_DEVICE, text);
    return true;
}

#else

icl_status cuda_conv_library_plan(cuda_device *, const icl_device_conv_form *, const bool[CUDA_CONV_WAYS],
                                  cuda_conv_library **library, bool[CUDA_CONV_WAYS], std::size_t[CUDA_CONV_WAYS],
                                  icl_error *)
{
    *library = nullptr;
    return ICL_OK;
}

void cuda_conv_library_release(cuda_conv_library *)
{
}

bool cuda_conv_library_run(cuda_device *, const cuda_conv_library *, enum cuda_conv_way, const void *, const void *,
                           void *, bool, void *)
{
    return false;
}

#endif
