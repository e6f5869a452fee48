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
/* The values of all lanes of the warp that are in `mask`; all of them must come. */
void exchange(unsigned mask, const void *mine, std::size_t size, void *all /* 32 x size */);
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
unsigned lane();
template <class T> T from_lane(unsigned mask, T value, unsigned source)
{
    T all[32];
    exchange(mask, &value, sizeof value, all);
    return source < 32 && (mask >> source & 1) ? all[source] : value;
}
} // namespace icl_emulated

template <class T> T __shfl_sync(unsigned mask, T value, int source)
{
    return icl_emulated::from_lane(mask, value, static_cast<unsigned>(source) % 32);
}
template <class T> T __shfl_down_sync(unsigned mask, T value, unsigned by)
{
    return icl_emulated::from_lane(mask, value, icl_emulated::lane() + by);
}
template <class T> T __shfl_up_sync(unsigned mask, T value, unsigned by)
{
    return icl_emulated::from_lane(mask, value, icl_emulated::lane() - by); /* wraps beyond 31: its own */
}
template <class T> T __shfl_xor_sync(unsigned mask, T value, int by)
{
    return icl_emulated::from_lane(mask, value, icl_emulated::lane() ^ static_cast<unsigned>(by));
}
unsigned __ballot_sync(unsigned mask, int predicate);
int __any_sync(unsigned mask, int predicate);
int __all_sync(unsigned mask, int predicate);
int __syncthreads_or(int predicate);
int __syncthreads_count(int predicate);

inline int __popc(unsigned x)
{
    return __builtin_popcount(x);
}
inline int __popcll(unsigned long long x)
{
    return __builtin_popcountll(x);
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
inline unsigned __umulhi(unsigned a, unsigned b)
{
    return static_cast<unsigned>(static_cast<std::uint64_t>(a) * b >> 32);
}
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b)
{
    __extension__ typedef unsigned __int128 wide;
    return static_cast<unsigned long long>(static_cast<wide>(a) * b >> 64);
}
template <class T> T __ldg(const T *p)
{
    return *p;
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
inline unsigned atomicOr(unsigned *p, unsigned v)
{
    const unsigned old = *p;
    *p = old | v;
    return old;
}
inline unsigned atomicMax(unsigned *p, unsigned v)
{
    const unsigned old = *p;
    if (v > old) *p = v;
    return old;
}
inline unsigned atomicMin(unsigned *p, unsigned v)
{
    const unsigned old = *p;
    if (v < old) *p = v;
    return old;
}

/* ---- the runtime ------------------------------------------------------------------------------------------------- */

enum cudaError_t {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInsufficientDriver = 35,
    cudaErrorNoDevice = 100,
    cudaErrorIllegalAddress = 700,
    cudaErrorLaunchFailure = 719,
    cudaErrorStreamCaptureUnsupported = 900,
    cudaErrorUnknown = 999
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum cudaStreamCaptureMode {
    cudaStreamCaptureModeGlobal,
    cudaStreamCaptureModeThreadLocal,
    cudaStreamCaptureModeRelaxed
};
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
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec);
cudaError_t cudaEventCreate(cudaEvent_t *event);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t from, cudaEvent_t to);
template <class F> cudaError_t cudaFuncSetAttribute(F *, cudaFuncAttribute, int)
{
    return cudaSuccess;
}

namespace icl_emulated
{
/* Puts work of the host into the queue: libraries. */
cudaError_t enqueue(cudaStream_t stream, std::function<void()> work);
/* Puts a kernel into the queue: `body` is what one thread does. */
cudaError_t enqueue_kernel(cudaStream_t stream, dim3 grid, dim3 block, std::size_t shared, const char *name,
                           std::function<void()> body);
} // namespace icl_emulated

#endif
