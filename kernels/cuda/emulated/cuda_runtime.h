/* The part of the CUDA runtime that kernels/cuda uses, played by the processor: for tests of the very code that runs on
 * a GPU. Threads of a block are fibres that give way to one another at barriers; blocks come one after the other. Work
 * in a queue is done when somebody waits for it. No order of floating-point sums by atomics: there is no atomicAdd for
 * them here. */
#ifndef ICLAB_EMULATED_CUDA_RUNTIME_H
#define ICLAB_EMULATED_CUDA_RUNTIME_H

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <type_traits>

#define ICL_EMULATED 1

#define __global__
#define __device__
#define __host__
#define __shared__      static
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) alignas(n)

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_)
    {
    }
};
struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
struct alignas(8) uint2 {
    unsigned x, y;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(16) double2 {
    double x, y;
};

/* ---- inside a kernel --------------------------------------------------------------------------------------------- */

namespace icl_emulated
{
struct place {
    uint3 thread, block;
    dim3 block_size, grid_size;
};
extern place now;
void barrier();
/* Between the lanes of the warp that are in `mask`; all of them must come. *result stays as it is where `source` is not
 * among them. */
void shuffle(unsigned mask, const void *mine, std::size_t size, unsigned source, void *result);
void gather(unsigned mask, const void *mine, std::size_t size, void *all /* 32 x size */);
unsigned lane();
void *dynamic_shared();
} // namespace icl_emulated

#define threadIdx (icl_emulated::now.thread)
#define blockIdx  (icl_emulated::now.block)
#define blockDim  (icl_emulated::now.block_size)
#define gridDim   (icl_emulated::now.grid_size)
constexpr int warpSize = 32;

inline void __syncthreads()
{
    icl_emulated::barrier();
}
inline void __threadfence()
{
}
void __syncwarp(unsigned mask = 0xFFFFFFFFU);

namespace icl_emulated
{
template <class T> T from_lane(unsigned mask, T value, unsigned source)
{
    T result = value;
    shuffle(mask, &value, sizeof value, source, &result);
    return result;
}
} // namespace icl_emulated

/* `width` (a power of two) lanes are a warp of their own; a source outside of it is the lane itself. */
template <class T> T __shfl_sync(unsigned mask, T value, int source, int width = warpSize)
{
    const unsigned size = static_cast<unsigned>(width), first = icl_emulated::lane() / size * size;
    return icl_emulated::from_lane(mask, value, first + static_cast<unsigned>(source) % size);
}
template <class T> T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = warpSize)
{
    const unsigned me = icl_emulated::lane(), size = static_cast<unsigned>(width);
    return icl_emulated::from_lane(mask, value, me % size + by < size ? me + by : me);
}
template <class T> T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = warpSize)
{
    const unsigned me = icl_emulated::lane(), size = static_cast<unsigned>(width);
    return icl_emulated::from_lane(mask, value, me % size >= by ? me - by : me);
}
template <class T> T __shfl_xor_sync(unsigned mask, T value, int by, int width = warpSize)
{
    const unsigned me = icl_emulated::lane(), size = static_cast<unsigned>(width),
                   source = me ^ static_cast<unsigned>(by);
    return icl_emulated::from_lane(mask, value, source < (me / size + 1) * size ? source : me);
}
unsigned __ballot_sync(unsigned mask, int predicate);
int __any_sync(unsigned mask, int predicate);
int __all_sync(unsigned mask, int predicate);
int __syncthreads_or(int predicate);
int __syncthreads_and(int predicate);
int __syncthreads_count(int predicate);

inline int __popc(unsigned x)
{
    return __builtin_popcount(x);
}
inline unsigned __float_as_uint(float x)
{
    unsigned bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}
inline float __uint_as_float(unsigned bits)
{
    float x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b)
{
    __extension__ typedef unsigned __int128 wide;
    return static_cast<unsigned long long>(static_cast<wide>(a) * b >> 64);
}

/* Whole numbers only. */
inline int atomicAdd(int *p, int v)
{
    const int old = *p;
    *p = old + v;
    return old;
}
inline unsigned atomicAdd(unsigned *p, unsigned v)
{
    const unsigned old = *p;
    *p = old + v;
    return old;
}
inline unsigned long long atomicAdd(unsigned long long *p, unsigned long long v)
{
    const unsigned long long old = *p;
    *p = old + v;
    return old;
}
inline unsigned atomicInc(unsigned *p, unsigned most)
{
    const unsigned old = *p;
    *p = old >= most ? 0 : old + 1;
    return old;
}

/* ---- the runtime ------------------------------------------------------------------------------------------------- */

enum cudaError_t {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInvalidConfiguration = 9,
    cudaErrorInsufficientDriver = 35,
    cudaErrorNoDevice = 100,
    cudaErrorInvalidDevice = 101,
    cudaErrorIllegalAddress = 700,
    cudaErrorLaunchFailure = 719,
    cudaErrorNotSupported = 801,
    cudaErrorStreamCaptureUnsupported = 900,
    cudaErrorStreamCaptureInvalidated = 901,
    cudaErrorUnknown = 999
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal = 1 };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
constexpr unsigned cudaStreamNonBlocking = 1;

struct icl_emulated_stream;
struct icl_emulated_event;
struct icl_emulated_graph;
typedef icl_emulated_stream *cudaStream_t;
typedef icl_emulated_event *cudaEvent_t;
typedef icl_emulated_graph *cudaGraph_t;
typedef icl_emulated_graph *cudaGraphExec_t;

struct cudaDeviceProp {
    char name[256];
    std::size_t totalGlobalMem, sharedMemPerBlockOptin;
    int major, minor, multiProcessorCount, l2CacheSize;
};

const char *cudaGetErrorString(cudaError_t error);
const char *cudaGetErrorName(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaPeekAtLastError();
cudaError_t cudaGetDeviceCount(int *count);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device);
cudaError_t cudaDriverGetVersion(int *version);
cudaError_t cudaRuntimeGetVersion(int *version);
cudaError_t cudaMemGetInfo(std::size_t *free, std::size_t *total);
cudaError_t cudaMalloc(void **memory, std::size_t bytes);
cudaError_t cudaFree(void *memory);
cudaError_t cudaMallocHost(void **memory, std::size_t bytes);
cudaError_t cudaFreeHost(void *memory);
cudaError_t cudaMemcpyAsync(void *to, const void *from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemsetAsync(void *memory, int value, std::size_t bytes, cudaStream_t stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags = 0);
cudaError_t cudaGraphUpload(cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec);
cudaError_t cudaEventCreate(cudaEvent_t *event);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t from, cudaEvent_t to);

namespace icl_emulated
{
cudaError_t set_most_shared(const void *kernel, int bytes);

/* Puts work of the host into the queue: libraries. Device memory can be touched by it alone. */
cudaError_t enqueue(cudaStream_t stream, std::function<void()> work);
/* Whether ICLAB_EMULATED_FAULT=library is set, which makes cuBLAS and cuDNN fail to open. */
bool library_fault();
/* Whether `bytes` bytes at p are in one block of device memory. */
bool is_device_memory(const void *p, std::size_t bytes);

/* What a kernel is given. A pointer has to be NULL or to point into (or right behind) device memory. Of a struct only
 * what surely is memory of the host is found, and device memory that has been released when the kernel runs. */
struct argument {
    const void *data;
    std::size_t size;
    bool is_pointer;
};

/* Puts a kernel into the queue: `body` is what one thread does. */
cudaError_t enqueue_kernel(cudaStream_t stream, const void *kernel, dim3 grid, dim3 block, std::size_t shared,
                           const char *name, const argument *arguments, std::size_t count, std::function<void()> body);

template <class T> void clear_gaps(T &value)
{
    if constexpr (std::is_class<T>::value) __builtin_clear_padding(&value);
}

template <class... Parameters>
cudaError_t launch(cudaStream_t stream, void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared,
                   const char *name, Parameters... parameters)
{
    /* What lies between the members of a struct is no argument. */
    (clear_gaps(parameters), ...);
    const argument arguments[sizeof...(Parameters) + 1] = {
        argument{&parameters, sizeof parameters, std::is_pointer<Parameters>::value}..., argument{nullptr, 0, false}};
    return enqueue_kernel(stream, reinterpret_cast<const void *>(kernel), grid, block, shared, name, arguments,
                          sizeof...(Parameters), [=] { kernel(parameters...); });
}
} // namespace icl_emulated

template <class... Parameters>
cudaError_t cudaFuncSetAttribute(void (*kernel)(Parameters...), cudaFuncAttribute, int value)
{
    return icl_emulated::set_most_shared(reinterpret_cast<const void *>(kernel), value);
}

#endif
