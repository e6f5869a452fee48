/* The CUDA runtime played by the processor: queues, memory, graphs, events. Kernels are carried out by fibres.cpp. */
#include "kernels/cuda/emulated/fibres.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

namespace
{
struct task {
    std::function<void()> work;
};
cudaError_t last_error = cudaSuccess;

cudaError_t told(cudaError_t error)
{
    if (error != cudaSuccess) last_error = error;
    return error;
}
} // namespace

struct icl_emulated_stream {
    std::vector<task> waiting;
    std::vector<task> *recording = nullptr;
};
struct icl_emulated_graph {
    std::vector<task> tasks;
};
struct icl_emulated_event {
    std::shared_ptr<double> seconds = std::make_shared<double>(0);
};

static double clock_seconds()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static void put(cudaStream_t stream, std::function<void()> work)
{
    std::vector<task> &list = stream->recording != nullptr ? *stream->recording : stream->waiting;
    list.push_back(task{std::move(work)});
}

namespace icl_emulated
{
cudaError_t enqueue(cudaStream_t stream, std::function<void()> work)
{
    put(stream, std::move(work));
    return cudaSuccess;
}

cudaError_t enqueue_kernel(cudaStream_t stream, dim3 grid, dim3 block, std::size_t shared, const char *name,
                           std::function<void()> body)
{
    constexpr unsigned most_threads = 1024;
    constexpr std::size_t most_shared = 227 << 10;
    const unsigned threads = block.x * block.y * block.z;
    if (threads == 0 || threads > most_threads || grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.y > 65535 ||
        grid.z > 65535 || shared > most_shared) {
        std::fprintf(stderr, "emulated: %s: a grid of %u x %u x %u blocks of %u threads with %zu bytes\n", name, grid.x,
                     grid.y, grid.z, threads, shared);
        return told(cudaErrorInvalidValue);
    }
    put(stream, [=, body = std::move(body)] { run_kernel(grid, block, shared, name, body); });
    return cudaSuccess;
}
} // namespace icl_emulated

const char *cudaGetErrorName(cudaError_t error)
{
    static const struct {
        cudaError_t error;
        const char *name;
    } names[] = {{cudaSuccess, "cudaSuccess"},
                 {cudaErrorInvalidValue, "cudaErrorInvalidValue"},
                 {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation"},
                 {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver"},
                 {cudaErrorNoDevice, "cudaErrorNoDevice"},
                 {cudaErrorIllegalAddress, "cudaErrorIllegalAddress"},
                 {cudaErrorLaunchFailure, "cudaErrorLaunchFailure"},
                 {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported"}};
    for (const auto &known : names)
        if (known.error == error) return known.name;
    return "cudaErrorUnknown";
}

const char *cudaGetErrorString(cudaError_t error)
{
    return cudaGetErrorName(error);
}

cudaError_t cudaGetLastError()
{
    return std::exchange(last_error, cudaSuccess);
}

cudaError_t cudaPeekAtLastError()
{
    return last_error;
}

cudaError_t cudaGetDeviceCount(int *count)
{
    *count = 1;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    return device == 0 ? cudaSuccess : told(cudaErrorInvalidValue);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int)
{
    *properties = cudaDeviceProp{"emulated", std::size_t{4} << 30, 227 << 10, 9, 0, 4, 1 << 20};
    return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int *version)
{
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t *free, std::size_t *total)
{
    *free = *total = std::size_t{4} << 30;
    return cudaSuccess;
}

/* ---- memory ---- */

cudaError_t cudaMalloc(void **memory, std::size_t bytes)
{
    *memory = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
    if (*memory == nullptr) return told(cudaErrorMemoryAllocation);
    std::memset(*memory, 0xA5, bytes); /* nothing may count on zeros */
    return cudaSuccess;
}

cudaError_t cudaFree(void *memory)
{
    std::free(memory);
    return cudaSuccess;
}

cudaError_t cudaMallocHost(void **memory, std::size_t bytes)
{
    return cudaMalloc(memory, bytes);
}

cudaError_t cudaFreeHost(void *memory)
{
    return cudaFree(memory);
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
    if (kind != cudaMemcpyHostToDevice) {
        put(stream, [=] { std::memcpy(to, from, bytes); });
        return cudaSuccess;
    }
    if (stream->recording != nullptr) return told(cudaErrorStreamCaptureUnsupported);
    std::vector<unsigned char> kept(static_cast<const unsigned char *>(from),
                                    static_cast<const unsigned char *>(from) + bytes);
    put(stream, [to, kept = std::move(kept)] { std::memcpy(to, kept.data(), kept.size()); });
    return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *memory, int value, std::size_t bytes, cudaStream_t stream)
{
    put(stream, [=] { std::memset(memory, value, bytes); });
    return cudaSuccess;
}

/* ---- queues ---- */

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned)
{
    *stream = new icl_emulated_stream;
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    if (stream->recording != nullptr) return told(cudaErrorStreamCaptureUnsupported);
    const std::vector<task> tasks = std::exchange(stream->waiting, {});
    for (const task &t : tasks)
        t.work();
    return cudaSuccess;
}

/* ---- graphs ---- */

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode)
{
    if (stream->recording != nullptr) return told(cudaErrorStreamCaptureUnsupported);
    stream->recording = new std::vector<task>;
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    if (stream->recording == nullptr) return told(cudaErrorStreamCaptureUnsupported);
    *graph = new icl_emulated_graph{std::move(*stream->recording)};
    delete stream->recording;
    stream->recording = nullptr;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long)
{
    *exec = new icl_emulated_graph(*graph);
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    for (const task &t : exec->tasks)
        put(stream, t.work);
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    delete graph;
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    delete exec;
    return cudaSuccess;
}

/* ---- events ---- */

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    *event = new icl_emulated_event;
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    delete event;
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    put(stream, [seconds = event->seconds] { *seconds = clock_seconds(); });
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t)
{
    return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t from, cudaEvent_t to)
{
    *milliseconds = static_cast<float>(1e3 * (*to->seconds - *from->seconds));
    return cudaSuccess;
}
