/* The CUDA runtime played by the processor: queues, graphs, events, errors. Work in a queue is done when somebody waits
 * for it; device memory can be touched then alone. A call that would corrupt the context of a real device makes every
 * later call fail, until the device is opened anew (cudaGetDeviceCount). */
#include "kernels/cuda/emulated/emulated.h"

#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

using namespace icl_emulated;

namespace
{
/* One that runs, and the blocks of memory that it will touch as far as they are known. */
struct task {
    std::function<void()> work;
    std::vector<std::uint64_t> blocks;
    const char *name;
    bool is_launch;
};

/* Two devices may be used by two threads. */
std::recursive_mutex everything;
typedef std::lock_guard<std::recursive_mutex> guard;

cudaError_t last_error = cudaSuccess, lost = cudaSuccess;
std::uint64_t launches;                           /* since the device was opened */
std::map<const void *, std::size_t> most_dynamic; /* shared memory that a kernel was allowed */
constexpr std::size_t plain_dynamic = 48 << 10;
constexpr std::size_t all_memory = std::size_t{4} << 30;

cudaError_t told(cudaError_t error)
{
    if (error != cudaSuccess) last_error = error;
    return error;
}

std::size_t device_memory()
{
    return fault(fault_kind::memory) ? fault_number() : all_memory;
}

double clock_seconds()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
} // namespace

struct icl_emulated_stream {
    std::vector<task> waiting, recorded;
    bool recording = false, broken = false; /* broken: what is recorded cannot be used */
};
struct icl_emulated_graph {
    std::vector<task> tasks;
};
struct icl_emulated_event {
    std::shared_ptr<double> seconds = std::make_shared<double>(0);
};

static std::vector<cudaStream_t> streams;

static cudaError_t put(cudaStream_t stream, task what)
{
    if (lost != cudaSuccess) return told(lost);
    if (!stream->recording) {
        stream->waiting.push_back(std::move(what));
        return cudaSuccess;
    }
    if (stream->broken) return told(cudaErrorStreamCaptureInvalidated);
    stream->recorded.push_back(std::move(what));
    return cudaSuccess;
}

/* What may not be done while work is recorded spoils it. */
static cudaError_t spoil_recordings()
{
    bool any = false;
    for (cudaStream_t stream : streams)
        if (stream->recording) any = stream->broken = true;
    return any ? told(cudaErrorStreamCaptureUnsupported) : cudaSuccess;
}

/* ---- launching ---- */

/* Finds the device memory among `size` bytes of an argument; false if there is host memory. */
static bool look_at(const argument &given, std::vector<std::uint64_t> *found)
{
    if (!given.is_pointer && given.size < sizeof(void *)) return true;
    for (std::size_t at = 0; at + sizeof(void *) <= given.size; at += sizeof(void *)) {
        const void *p;
        std::memcpy(&p, static_cast<const char *>(given.data) + at, sizeof p);
        if (p == nullptr) continue;
        const std::uint64_t block = block_of(memory_kind::device, p, 0);
        if (block != 0) found->push_back(block);
        if (block == 0 && (given.is_pointer || is_surely_host(p))) return false;
    }
    return true;
}

namespace icl_emulated
{
bool library_fault()
{
    return fault(fault_kind::library);
}

bool is_device_memory(const void *p, std::size_t bytes)
{
    const guard hold(everything);
    return block_of(memory_kind::device, p, bytes) != 0;
}

cudaError_t enqueue(cudaStream_t stream, std::function<void()> work)
{
    const guard hold(everything);
    return put(stream, task{std::move(work), {}, "library", true});
}

cudaError_t set_most_shared(const void *kernel, int bytes)
{
    const guard hold(everything);
    if (bytes < 0 || static_cast<std::size_t>(bytes) > most_shared) return told(cudaErrorInvalidValue);
    most_dynamic[kernel] = static_cast<std::size_t>(bytes);
    return cudaSuccess;
}

cudaError_t enqueue_kernel(cudaStream_t stream, const void *kernel, dim3 grid, dim3 block, std::size_t shared,
                           const char *name, const argument *arguments, std::size_t count, std::function<void()> body)
{
    const guard hold(everything);
    const std::uint64_t threads = std::uint64_t{block.x} * block.y * block.z;
    if (threads == 0 || threads > 1024 || block.z > 64 || grid.x == 0 || grid.y == 0 || grid.z == 0 ||
        grid.x > 0x7FFFFFFF || grid.y > 65535 || grid.z > 65535) {
        std::fprintf(stderr, "emulated: %s: a grid of %u x %u x %u blocks of %u x %u x %u threads\n", name, grid.x,
                     grid.y, grid.z, block.x, block.y, block.z);
        return told(cudaErrorInvalidConfiguration);
    }
    const auto allowed = most_dynamic.find(kernel);
    if (shared > (allowed == most_dynamic.end() ? plain_dynamic : std::max(allowed->second, plain_dynamic))) {
        std::fprintf(stderr, "emulated: %s: %zu bytes of shared memory were not allowed\n", name, shared);
        return told(cudaErrorInvalidValue);
    }
    std::vector<std::uint64_t> blocks;
    for (std::size_t k = 0; k < count; k++)
        if (!look_at(arguments[k], &blocks)) {
            std::fprintf(stderr, "emulated: %s: argument %zu is not in device memory\n", name, k);
            return told(lost = cudaErrorIllegalAddress);
        }
    return put(stream, task{[=, body = std::move(body)] { run_kernel(grid, block, shared, name, body); },
                            std::move(blocks), name, true});
}
} // namespace icl_emulated

/* ---- errors ---- */

static const struct {
    cudaError_t error;
    const char *name, *text;
} errors[] = {{cudaSuccess, "cudaSuccess", "no error"},
              {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
              {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
              {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
              {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver", "the driver is too old for the runtime"},
              {cudaErrorNoDevice, "cudaErrorNoDevice", "no device"},
              {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device"},
              {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "illegal address"},
              {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "launch failure"},
              {cudaErrorNotSupported, "cudaErrorNotSupported", "not supported"},
              {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported", "not while work is recorded"},
              {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated", "the recording was spoilt"}};

const char *cudaGetErrorName(cudaError_t error)
{
    for (const auto &known : errors)
        if (known.error == error) return known.name;
    return "cudaErrorUnknown";
}

const char *cudaGetErrorString(cudaError_t error)
{
    for (const auto &known : errors)
        if (known.error == error) return known.text;
    return "unknown error";
}

cudaError_t cudaGetLastError()
{
    const guard hold(everything);
    return std::exchange(last_error, lost);
}

cudaError_t cudaPeekAtLastError()
{
    return last_error;
}

/* ---- the device ---- */

cudaError_t cudaGetDeviceCount(int *count)
{
    const guard hold(everything);
    read_fault();
    last_error = lost = cudaSuccess;
    launches = 0;
    *count = 0;
    if (fault(fault_kind::no_driver) || fault(fault_kind::old_driver)) return told(cudaErrorInsufficientDriver);
    if (fault(fault_kind::no_device)) return told(cudaErrorNoDevice);
    *count = 1;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    return device == 0 ? cudaSuccess : told(cudaErrorInvalidDevice);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int)
{
    *properties =
        cudaDeviceProp{"emulated", device_memory(), most_shared, fault(fault_kind::old_device) ? 8 : 9, 0, 4, 1 << 20};
    return cudaSuccess;
}

/* Asked before cudaGetDeviceCount, which is why it looks itself. */
cudaError_t cudaDriverGetVersion(int *version)
{
    read_fault();
    *version = fault(fault_kind::no_driver) ? 0 : fault(fault_kind::old_driver) ? 12020 : 13000;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t *free, std::size_t *total)
{
    const guard hold(everything);
    if (lost != cudaSuccess) return told(lost);
    *total = device_memory();
    *free = *total - std::min<std::size_t>(*total, used(memory_kind::device));
    return cudaSuccess;
}

/* ---- memory ---- */

static cudaError_t take_memory(memory_kind kind, void **memory, std::size_t bytes, bool is_there)
{
    const guard hold(everything);
    *memory = nullptr;
    if (lost != cudaSuccess) return told(lost);
    const cudaError_t spoilt = spoil_recordings();
    if (spoilt != cudaSuccess || bytes == 0) return spoilt;
    if (!is_there || (*memory = take(kind, bytes)) == nullptr) return told(cudaErrorMemoryAllocation);
    return cudaSuccess;
}

/* Waits for what is in the queues, as a device does. */
static cudaError_t give_memory(memory_kind kind, void *memory)
{
    const guard hold(everything);
    if (memory == nullptr) return cudaSuccess;
    cudaError_t result = spoil_recordings();
    if (result != cudaSuccess) return result;
    for (cudaStream_t stream : streams)
        if (result == cudaSuccess) result = cudaStreamSynchronize(stream);
    if (!give_back(kind, memory)) {
        std::fprintf(stderr, "emulated: %p is released, which was not taken\n", memory);
        return told(cudaErrorInvalidValue);
    }
    return told(result);
}

cudaError_t cudaMalloc(void **memory, std::size_t bytes)
{
    const std::size_t all = device_memory(), taken = used(memory_kind::device);
    return take_memory(memory_kind::device, memory, bytes, taken <= all && bytes <= all - taken);
}

cudaError_t cudaFree(void *memory)
{
    return give_memory(memory_kind::device, memory);
}

cudaError_t cudaMallocHost(void **memory, std::size_t bytes)
{
    return take_memory(memory_kind::pinned, memory, bytes, !fault(fault_kind::pinned));
}

cudaError_t cudaFreeHost(void *memory)
{
    return give_memory(memory_kind::pinned, memory);
}

/* The block of device memory that `bytes` bytes at p are in; told if there is none. */
static bool find_block(const char *what, const void *p, std::size_t bytes, std::vector<std::uint64_t> *found)
{
    const std::uint64_t block = block_of(memory_kind::device, p, bytes);
    if (block == 0) std::fprintf(stderr, "emulated: %s: %zu bytes at %p are not in device memory\n", what, bytes, p);
    if (block != 0) found->push_back(block);
    return block != 0;
}

/* Host memory for a copy: remembers a pinned block; device memory is none. */
static bool find_host(const char *what, const void *p, std::size_t bytes, std::vector<std::uint64_t> *found)
{
    const std::uint64_t block = block_of(memory_kind::pinned, p, bytes);
    if (block != 0) found->push_back(block);
    if (block != 0 || (block_of(memory_kind::device, p, 0) == 0 && block_of(memory_kind::pinned, p, 0) == 0))
        return true;
    std::fprintf(stderr, "emulated: %s: %zu bytes at %p are not the host's\n", what, bytes, p);
    return false;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
    static const char *const names[] = {"", "upload", "download", "copy"};
    const guard hold(everything);
    const char *what = names[kind];
    std::vector<std::uint64_t> blocks;
    const bool from_device = kind != cudaMemcpyHostToDevice, to_device = kind != cudaMemcpyDeviceToHost;
    if (!(from_device ? find_block : find_host)(what, from, bytes, &blocks) ||
        !(to_device ? find_block : find_host)(what, to, bytes, &blocks))
        return told(cudaErrorInvalidValue);
    const char *a = static_cast<const char *>(from), *b = static_cast<const char *>(to);
    if (a < b + bytes && b < a + bytes) {
        std::fprintf(stderr, "emulated: %s: from and to share memory\n", what);
        return told(cudaErrorInvalidValue);
    }
    const bool plain = blocks.size() == 1; /* one side is memory that the device does not know */
    if (plain && stream->recording) {
        stream->broken = true;
        return told(cudaErrorStreamCaptureUnsupported);
    }
    if (!plain || from_device)
        return put(stream, task{[=] { std::memcpy(to, from, bytes); }, std::move(blocks), what, false});
    std::vector<char> kept(a, a + bytes);
    return put(stream, task{[to, kept = std::move(kept)] { std::memcpy(to, kept.data(), kept.size()); },
                            std::move(blocks), what, false});
}

cudaError_t cudaMemsetAsync(void *memory, int value, std::size_t bytes, cudaStream_t stream)
{
    const guard hold(everything);
    std::vector<std::uint64_t> blocks;
    if (!find_block("clear", memory, bytes, &blocks)) return told(cudaErrorInvalidValue);
    return put(stream, task{[=] { std::memset(memory, value, bytes); }, std::move(blocks), "clear", false});
}

/* ---- queues ---- */

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned)
{
    const guard hold(everything);
    if (lost != cudaSuccess) return told(lost);
    *stream = new icl_emulated_stream;
    streams.push_back(*stream);
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    const guard hold(everything);
    for (std::size_t k = 0; k < streams.size(); k++)
        if (streams[k] == stream) streams.erase(streams.begin() + static_cast<std::ptrdiff_t>(k));
    delete stream;
    return cudaSuccess;
}

static cudaError_t run(const task &what)
{
    for (const std::uint64_t block : what.blocks)
        if (!is_alive(block)) {
            std::fprintf(stderr, "emulated: %s: its memory has been released\n", what.name);
            return lost = cudaErrorIllegalAddress;
        }
    if (what.is_launch && ++launches == fault_number() && fault(fault_kind::lost)) return lost = cudaErrorLaunchFailure;
    what.work();
    check_edges(what.name);
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    const guard hold(everything);
    if (lost != cudaSuccess) return told(lost);
    if (stream->recording) return spoil_recordings();
    if (stream->waiting.empty()) return cudaSuccess;
    const std::vector<task> tasks = std::exchange(stream->waiting, {});
    cudaError_t result = cudaSuccess;
    open_memory();
    for (std::size_t k = 0; k < tasks.size() && result == cudaSuccess; k++)
        result = run(tasks[k]);
    close_memory();
    return told(result);
}

/* ---- graphs ---- */

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode)
{
    const guard hold(everything);
    if (lost != cudaSuccess) return told(lost);
    if (stream->recording || fault(fault_kind::capture_begin)) return told(cudaErrorStreamCaptureUnsupported);
    stream->recording = true;
    stream->broken = false;
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    const guard hold(everything);
    *graph = nullptr;
    if (!stream->recording) return told(cudaErrorStreamCaptureUnsupported);
    std::vector<task> tasks = std::exchange(stream->recorded, {});
    stream->recording = false;
    if (lost != cudaSuccess) return told(lost);
    if (stream->broken || fault(fault_kind::capture_end)) return told(cudaErrorStreamCaptureInvalidated);
    *graph = new icl_emulated_graph{std::move(tasks)};
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long)
{
    const guard hold(everything);
    if (lost != cudaSuccess) return told(lost);
    *exec = new icl_emulated_graph(*graph);
    return cudaSuccess;
}

cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t)
{
    return told(lost);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    const guard hold(everything);
    cudaError_t result = cudaSuccess;
    for (std::size_t k = 0; k < exec->tasks.size() && result == cudaSuccess; k++)
        result = put(stream, exec->tasks[k]);
    return result;
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
    const guard hold(everything);
    *event = nullptr;
    if (lost != cudaSuccess) return told(lost);
    if (fault(fault_kind::clock)) return told(cudaErrorNotSupported);
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
    const guard hold(everything);
    return put(stream, task{[seconds = event->seconds] { *seconds = clock_seconds(); }, {}, "clock", false});
}

cudaError_t cudaEventSynchronize(cudaEvent_t)
{
    const guard hold(everything);
    for (cudaStream_t stream : streams) {
        const cudaError_t result = cudaStreamSynchronize(stream);
        if (result != cudaSuccess) return result;
    }
    return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t from, cudaEvent_t to)
{
    *milliseconds = static_cast<float>(1e3 * (*to->seconds - *from->seconds));
    return cudaSuccess;
}
