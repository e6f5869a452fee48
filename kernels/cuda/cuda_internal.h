/* A CUDA device from the inside: shared by the files of kernels/cuda, which are compiled by nvcc for a GPU and by g++
 * with kernels/cuda/emulated in front of the include path for the processor. Common C++17; what only one of the two has
 * stays in this file and in emulated/. */
#ifndef ICLAB_KERNELS_CUDA_INTERNAL_H
#define ICLAB_KERNELS_CUDA_INTERNAL_H

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "kernels/device.h"

/* The libraries of a device: nvidia/libraries.cu, or emulated/libraries.cpp. */
struct cuda_libraries;

struct cuda_device {
    struct icl_device base;
    cudaStream_t queue;
    bool recording;
    icl_status status; /* of the first failure that finish() has not told yet */
    struct icl_error failure;
    bool lost; /* the failure will not go away */
    struct cuda_libraries *libraries;
    void *room; /* CUDA_ROOM bytes of device memory for the sums of one kernel; zeros at first */
};

constexpr std::size_t CUDA_ROOM = 16 << 10;

static inline cuda_device *cuda_of(icl_device *device)
{
    return reinterpret_cast<cuda_device *>(device);
}

/* Remembers the first failure: `what` was being done. Returns whether all is well. */
bool cuda_note(cuda_device *device, cudaError_t error, const char *what);
/* The same in words of the caller's own (libraries). */
void cuda_note_text(cuda_device *device, icl_status status, const char *text);

/* ---- launching --------------------------------------------------------------------------------------------------- */

/* Puts a kernel into the queue, unless something has failed. Give template kernels by name: cuda_launch(device,
 * "stage", stage_kernel<float>, grid, block, shared_bytes, arguments...). Arguments are copied. More than 48 KiB of
 * shared memory are asked for here. */
template <class... Parameters, class... Arguments>
void cuda_launch(cuda_device *device, const char *name, void (*kernel)(Parameters...), dim3 grid, dim3 block,
                 std::size_t shared, Arguments... arguments)
{
    constexpr std::size_t plain_shared = 48 << 10;
    if (device->status != ICL_OK) return;
    if (shared > plain_shared &&
        !cuda_note(device,
                   cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)),
                   name))
        return;
#ifdef ICL_EMULATED
    cuda_note(
        device,
        icl_emulated::launch(device->queue, kernel, grid, block, shared, name, static_cast<Parameters>(arguments)...),
        name);
#else
    kernel<<<grid, block, shared, device->queue>>>(static_cast<Parameters>(arguments)...);
    cuda_note(device, cudaGetLastError(), name);
#endif
}

/* Dynamic shared memory of a kernel as an array of `type`. */
#ifdef ICL_EMULATED
#define CUDA_SHARED(type, name) type *name = static_cast<type *>(icl_emulated::dynamic_shared())
#else
#define CUDA_SHARED(type, name)                                                                                        \
    extern __shared__ __align__(16) unsigned char name##_bytes[];                                                      \
    type *name = reinterpret_cast<type *>(name##_bytes)
#endif

/* A grid of at most `most` blocks of `block` threads for `count` things, one or more a thread (loops step by
 * cuda_grid_threads()). A function of the count alone: the same on every device. */
static inline unsigned cuda_blocks(std::size_t count, unsigned block, unsigned most)
{
    const std::size_t blocks = (count + block - 1) / block;
    return blocks < 1 ? 1 : blocks > most ? most : static_cast<unsigned>(blocks);
}
static __device__ __forceinline__ std::size_t cuda_grid_thread()
{
    return static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
static __device__ __forceinline__ std::size_t cuda_grid_threads()
{
    return static_cast<std::size_t>(gridDim.x) * blockDim.x;
}

/* ---- what each file gives ---- */

/* Each fills its members of the table; called once by plugin.cu. */
void cuda_table_mask(icl_device_kernels *table);    /* mask.cu */
void cuda_table_norm(icl_device_kernels *table);    /* norm.cu */
void cuda_table_stage(icl_device_kernels *table);   /* stage.cu */
void cuda_table_network(icl_device_kernels *table); /* pool.cu, loss.cu, ...: the rest of struct icl_device_layers */
void cuda_table_convolution(icl_device_kernels *table); /* conv.cu: convolutions and products */
void cuda_table_pairs(icl_device_kernels *table);       /* pairs_*.cu */
void cuda_table_correlation(icl_device_kernels *table); /* correlation.cu */

/* Opens and closes cuBLAS and cuDNN; the scratch and handles they need. */
icl_status cuda_libraries_open(cuda_device *device, struct icl_error *err);
void cuda_libraries_close(cuda_device *device);
/* "cuBLAS 13.0.2, cuDNN 9.19.0", or what plays them. */
const char *cuda_libraries_version(const cuda_device *device);

#endif
