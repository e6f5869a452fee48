/* cuBLAS, which the plug-in is linked with, and cuDNN, which is loaded when a device is opened: without it, or built
 * without cudnn.h, every convolution is made of products (conv.cu). */
#ifndef ICLAB_KERNELS_CUDA_NVIDIA_LIBRARIES_H
#define ICLAB_KERNELS_CUDA_NVIDIA_LIBRARIES_H

#include <cublas_v2.h>

#include "kernels/cuda/cuda_internal.h"

#if __has_include(<cudnn.h>) && !defined(ICL_NO_CUDNN)
#include <cudnn.h>
#define CUDA_HAS_CUDNN 1
#else
#define CUDA_HAS_CUDNN 0
#endif

#if CUDA_HAS_CUDNN
/* The functions of cuDNN that are called, by their own names. */
#define CUDA_DNN_FUNCTIONS(X)                                                                                          \
    X(cudnnCreate)                                                                                                     \
    X(cudnnDestroy)                                                                                                    \
    X(cudnnSetStream)                                                                                                  \
    X(cudnnGetVersion)                                                                                                 \
    X(cudnnGetErrorString)                                                                                             \
    X(cudnnCreateTensorDescriptor)                                                                                     \
    X(cudnnSetTensor4dDescriptor)                                                                                      \
    X(cudnnDestroyTensorDescriptor)                                                                                    \
    X(cudnnCreateFilterDescriptor)                                                                                     \
    X(cudnnSetFilter4dDescriptor)                                                                                      \
    X(cudnnDestroyFilterDescriptor)                                                                                    \
    X(cudnnCreateConvolutionDescriptor)                                                                                \
    X(cudnnSetConvolution2dDescriptor)                                                                                 \
    X(cudnnSetConvolutionMathType)                                                                                     \
    X(cudnnDestroyConvolutionDescriptor)                                                                               \
    X(cudnnGetConvolution2dForwardOutputDim)                                                                           \
    X(cudnnGetConvolutionForwardAlgorithm_v7)                                                                          \
    X(cudnnGetConvolutionBackwardDataAlgorithm_v7)                                                                     \
    X(cudnnGetConvolutionBackwardFilterAlgorithm_v7)                                                                   \
    X(cudnnGetConvolutionForwardWorkspaceSize)                                                                         \
    X(cudnnGetConvolutionBackwardDataWorkspaceSize)                                                                    \
    X(cudnnGetConvolutionBackwardFilterWorkspaceSize)                                                                  \
    X(cudnnConvolutionForward)                                                                                         \
    X(cudnnConvolutionBackwardData)                                                                                    \
    X(cudnnConvolutionBackwardFilter)

struct cuda_dnn {
#define CUDA_DNN_MEMBER(name) decltype(&::name) name;
    CUDA_DNN_FUNCTIONS(CUDA_DNN_MEMBER)
#undef CUDA_DNN_MEMBER
};

/* Loads libcudnn and finds its functions. false: `why` (size bytes) says why not. What is loaded stays: cuDNN does not
 * like to be unloaded. */
bool cuda_dnn_load(cuda_dnn *dnn, char *why, std::size_t size);
#endif

struct cuda_libraries {
    cublasHandle_t blas;
    void *workspace; /* of cuBLAS: its own would be taken inside a recording, and would not give the same bits */
#if CUDA_HAS_CUDNN
    cuda_dnn dnn;
    cudnnHandle_t dnn_handle; /* NULL: there is no cuDNN */
#endif
    char version[100];
};

#endif
