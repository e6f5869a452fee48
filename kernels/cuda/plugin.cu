/* The plug-in: opens the device; memory, queue, graphs and time. */
#include <cstdio>
#include <cstring>
#include <new>

#include "config.h"
#include "kernels/cuda/cuda_internal.h"

/* ---- failures -----------------------------------------------------------------------------------------------------
 */

void cuda_note_text(cuda_device *device, icl_status status, const char *text)
{
    if (device->status != ICL_OK) return;
    device->status = icl_fail(&device->failure, status, "%s: %s", device->base.facts.name, text);
}

/* Whether an error will not go away: whatever is asked next fails by it, too. Errors of recording never are such. */
static bool stays(cudaError_t error)
{
    if (error >= cudaErrorStreamCaptureUnsupported && error < cudaErrorUnknown) return false;
    size_t left, all;
    (void)cudaGetLastError();
    const bool again = cudaMemGetInfo(&left, &all) == error;
    (void)cudaGetLastError();
    return again;
}

bool cuda_note(cuda_device *device, cudaError_t error, const char *what)
{
    if (error == cudaSuccess) return device->status == ICL_OK;
    device->lost = device->lost || (device->status == ICL_OK && stays(error));
    (void)cudaGetLastError(); /* or the next launch would tell it as its own */
    char text[400];
    std::snprintf(text, sizeof text, "%s%s: %s (%s)", device->lost ? "the device is lost: " : "", what,
                  cudaGetErrorString(error), cudaGetErrorName(error));
    cuda_note_text(device, error == cudaErrorMemoryAllocation ? ICL_ERR_MEMORY : ICL_ERR_DEVICE, text);
    return false;
}

/* Whether work is being recorded, which `what` may not be done in; notes that. */
static bool note_recording(cuda_device *device, const char *what)
{
    if (!device->recording) return false;
    char text[100];
    std::snprintf(text, sizeof text, "%s while work is recorded", what);
    cuda_note_text(device, ICL_ERR_DEVICE, text);
    return true;
}

/* The same for what has to be done nevertheless: the recording ends here, and record_end tells why. */
static void leave_recording(cuda_device *device, const char *what)
{
    if (!note_recording(device, what)) return;
    cudaGraph_t recorded = nullptr;
    device->recording = false;
    (void)cudaStreamEndCapture(device->queue, &recorded);
    if (recorded != nullptr) (void)cudaGraphDestroy(recorded);
    (void)cudaGetLastError();
}

static icl_status tell(cuda_device *device, struct icl_error *err)
{
    const icl_status status = device->status;
    if (status == ICL_OK) return ICL_OK;
    if (!device->lost) device->status = ICL_OK;
    return icl_fail(err, status, "%s", device->failure.message);
}

/* ---- memory -------------------------------------------------------------------------------------------------------
 */

static icl_status take(icl_device *base, size_t bytes, void **memory, struct icl_error *err)
{
    cuda_device *device = cuda_of(base);
    *memory = nullptr;
    if (bytes == 0) return ICL_OK;
    if (device->recording) return icl_fail(err, ICL_ERR_DEVICE, "%s: take while work is recorded", base->facts.name);
    const cudaError_t error = cudaMalloc(memory, bytes);
    if (error == cudaSuccess) return ICL_OK;
    *memory = nullptr;
    size_t left = 0, all = 0;
    (void)cudaGetLastError();
    if (error == cudaErrorMemoryAllocation && cudaMemGetInfo(&left, &all) == cudaSuccess)
        return icl_fail(err, ICL_ERR_MEMORY, "%s: %zu MiB are wanted, %zu of %zu MiB are free", base->facts.name,
                        ((bytes - 1) >> 20) + 1, left >> 20, all >> 20);
    cuda_note(device, error, "memory");
    return tell(device, err);
}

static void release(icl_device *base, void *memory)
{
    if (memory == nullptr) return;
    cuda_device *device = cuda_of(base);
    leave_recording(device, "release");
    cuda_note(device, cudaStreamSynchronize(device->queue), "device");
    (void)cudaFree(memory);
    (void)cudaGetLastError();
}

static icl_status take_host(icl_device *base, size_t bytes, void **memory, struct icl_error *err)
{
    cuda_device *device = cuda_of(base);
    *memory = nullptr;
    if (bytes == 0) return ICL_OK;
    if (device->recording)
        return icl_fail(err, ICL_ERR_DEVICE, "%s: take_host while work is recorded", base->facts.name);
    const cudaError_t error = cudaMallocHost(memory, bytes);
    if (error == cudaSuccess) return ICL_OK;
    *memory = nullptr;
    if (stays(error)) {
        cuda_note(device, error, "memory of the host");
        return tell(device, err);
    }
    (void)cudaGetLastError();
    return icl_fail(err, ICL_ERR_MEMORY, "%s: %zu MiB of the host's memory cannot be locked", base->facts.name,
                    ((bytes - 1) >> 20) + 1);
}

static void release_host(icl_device *base, void *memory)
{
    if (memory == nullptr) return;
    cuda_device *device = cuda_of(base);
    leave_recording(device, "release_host");
    cuda_note(device, cudaStreamSynchronize(device->queue), "device");
    (void)cudaFreeHost(memory);
    (void)cudaGetLastError();
}

static void transfer(icl_device *base, void *to, const void *from, size_t bytes, cudaMemcpyKind kind, const char *what)
{
    cuda_device *device = cuda_of(base);
    if (device->status != ICL_OK || bytes == 0) return;
    if (kind != cudaMemcpyDeviceToDevice && note_recording(device, what)) return;
    cuda_note(device, cudaMemcpyAsync(to, from, bytes, kind, device->queue), what);
}

static void upload(icl_device *base, const void *host, size_t bytes, void *to)
{
    transfer(base, to, host, bytes, cudaMemcpyHostToDevice, "upload");
}

static void download(icl_device *base, const void *from, size_t bytes, void *host)
{
    transfer(base, host, from, bytes, cudaMemcpyDeviceToHost, "download");
}

static void copy(icl_device *base, const void *from, size_t bytes, void *to)
{
    transfer(base, to, from, bytes, cudaMemcpyDeviceToDevice, "copy");
}

static void clear(icl_device *base, void *memory, size_t bytes)
{
    cuda_device *device = cuda_of(base);
    if (device->status != ICL_OK || bytes == 0) return;
    cuda_note(device, cudaMemsetAsync(memory, 0, bytes, device->queue), "clear");
}

static icl_status finish(icl_device *base, struct icl_error *err)
{
    cuda_device *device = cuda_of(base);
    leave_recording(device, "finish");
    cuda_note(device, cudaStreamSynchronize(device->queue), "device");
    return tell(device, err);
}

/* ---- recorded work ------------------------------------------------------------------------------------------------
 */

struct icl_device_graph {
    cudaGraphExec_t exec;
};

static void record_begin(icl_device *base)
{
    cuda_device *device = cuda_of(base);
    if (device->status != ICL_OK || note_recording(device, "record_begin")) return;
    device->recording =
        cuda_note(device, cudaStreamBeginCapture(device->queue, cudaStreamCaptureModeThreadLocal), "recording");
}

/* What was recorded, ready to be done; its memory is on the device before it is first asked for. */
static void make_graph(cuda_device *device, cudaGraph_t recorded, struct icl_device_graph *graph)
{
    if (!cuda_note(device, cudaGraphInstantiate(&graph->exec, recorded, 0), "recording")) return;
    cuda_note(device, cudaGraphUpload(graph->exec, device->queue), "recording");
}

static icl_status record_end(icl_device *base, struct icl_device_graph **graph, struct icl_error *err)
{
    cuda_device *device = cuda_of(base);
    cudaGraph_t recorded = nullptr;
    *graph = nullptr;
    if (!device->recording) {
        cuda_note_text(device, ICL_ERR_DEVICE, "record_end: nothing is recorded");
        return tell(device, err);
    }
    device->recording = false;
    cuda_note(device, cudaStreamEndCapture(device->queue, &recorded), "recording");
    struct icl_device_graph *made = new (std::nothrow) icl_device_graph{nullptr};
    if (made == nullptr) cuda_note_text(device, ICL_ERR_MEMORY, "no memory for a recording");
    if (device->status == ICL_OK) make_graph(device, recorded, made);
    if (recorded != nullptr) (void)cudaGraphDestroy(recorded);
    if (device->status == ICL_OK) {
        *graph = made;
        return ICL_OK;
    }
    if (made != nullptr && made->exec != nullptr) (void)cudaGraphExecDestroy(made->exec);
    delete made;
    return tell(device, err);
}

static void replay(icl_device *base, struct icl_device_graph *graph)
{
    cuda_device *device = cuda_of(base);
    if (device->status != ICL_OK || note_recording(device, "replay")) return;
    if (graph == nullptr)
        cuda_note_text(device, ICL_ERR_DEVICE, "replay: nothing was recorded");
    else
        cuda_note(device, cudaGraphLaunch(graph->exec, device->queue), "recorded work");
}

static void graph_release(icl_device *base, struct icl_device_graph *graph)
{
    if (graph == nullptr) return;
    cuda_device *device = cuda_of(base);
    leave_recording(device, "graph_release");
    cuda_note(device, cudaStreamSynchronize(device->queue), "device");
    (void)cudaGraphExecDestroy(graph->exec);
    (void)cudaGetLastError();
    delete graph;
}

/* ---- time ---------------------------------------------------------------------------------------------------------
 */

static icl_status time_work(icl_device *base, void (*work)(void *context), void *context, unsigned repeats,
                            double *seconds, struct icl_error *err)
{
    cuda_device *device = cuda_of(base);
    cudaEvent_t mark[2] = {nullptr, nullptr};
    float milliseconds = 0;
    leave_recording(device, "time");
    bool well = cuda_note(device, cudaEventCreate(&mark[0]), "clock") &&
                cuda_note(device, cudaEventCreate(&mark[1]), "clock") &&
                cuda_note(device, cudaEventRecord(mark[0], device->queue), "clock");
    for (unsigned r = 0; well && r < repeats; r++)
        work(context);
    well = well && cuda_note(device, cudaEventRecord(mark[1], device->queue), "clock") &&
           cuda_note(device, cudaStreamSynchronize(device->queue), "device") &&
           cuda_note(device, cudaEventElapsedTime(&milliseconds, mark[0], mark[1]), "clock");
    for (cudaEvent_t event : mark)
        if (event != nullptr) (void)cudaEventDestroy(event);
    *seconds = 1e-3 * static_cast<double>(milliseconds);
    return tell(device, err);
}

/* ---- opening ------------------------------------------------------------------------------------------------------
 */

static void close_device(icl_device *base)
{
    cuda_device *device = cuda_of(base);
    leave_recording(device, "close");
    (void)cudaStreamSynchronize(device->queue);
    cuda_libraries_close(device);
    (void)cudaFree(device->room);
    (void)cudaStreamDestroy(device->queue);
    delete device;
}

static icl_status no_device(cudaError_t error, const char *what, struct icl_error *err)
{
    return icl_fail(err, ICL_ERR_DEVICE, "CUDA: %s: %s (%s)", what, cudaGetErrorString(error), cudaGetErrorName(error));
}

/* The kernel table, filled once. */
static const icl_device_kernels *kernel_table()
{
    static const icl_device_kernels table = [] {
        icl_device_kernels t{};
        t.close = close_device;
        t.take = take;
        t.release = release;
        t.take_host = take_host;
        t.release_host = release_host;
        t.upload = upload;
        t.download = download;
        t.copy = copy;
        t.clear = clear;
        t.finish = finish;
        t.record_begin = record_begin;
        t.record_end = record_end;
        t.replay = replay;
        t.graph_release = graph_release;
        t.time = time_work;
        cuda_table_mask(&t);
        cuda_table_norm(&t);
        cuda_table_stage(&t);
        cuda_table_network(&t);
        cuda_table_convolution(&t);
        cuda_table_pairs(&t);
        cuda_table_correlation(&t);
        return t;
    }();
    return &table;
}

static void set_facts(cuda_device *device, const cudaDeviceProp &properties, int driver, int runtime)
{
    icl_device_facts *facts = &device->base.facts;
    std::snprintf(facts->name, sizeof facts->name, "%.120s", properties.name);
    facts->multiprocessors = static_cast<unsigned>(properties.multiProcessorCount);
    facts->memory = properties.totalGlobalMem;
#ifdef ICL_EMULATED
    facts->emulated = true;
#endif
    std::snprintf(facts->version, sizeof facts->version, "CUDA %d.%d, driver %d.%d, compute capability %d.%d, %.100s",
                  runtime / 1000, runtime % 1000 / 10, driver / 1000, driver % 1000 / 10, properties.major,
                  properties.minor, cuda_libraries_version(device));
}

/* There is code for compute capability 9.0, and what later ones can be made of. */
enum { LEAST_CAPABILITY = 9 };

/* Why there is no device that can be used: the driver, or what it knows. A driver serves every runtime of its major
 * version. */
static icl_status find_device(int driver, int runtime, cudaDeviceProp *properties, struct icl_error *err)
{
    int devices = 0;
    const cudaError_t error = cudaGetDeviceCount(&devices);
    const int needed = runtime / 1000;
    if (driver == 0)
        return icl_fail(err, ICL_ERR_DEVICE, "CUDA: no driver; one for CUDA %d.0 or later is needed", needed);
    if (error == cudaErrorInsufficientDriver || driver / 1000 < needed)
        return icl_fail(err, ICL_ERR_DEVICE, "CUDA: the driver is one for CUDA %d.%d; %d.0 or later is needed",
                        driver / 1000, driver % 1000 / 10, needed);
    if (error == cudaErrorNoDevice || (error == cudaSuccess && devices == 0))
        return icl_fail(err, ICL_ERR_DEVICE, "CUDA: the driver knows no device");
    if (error != cudaSuccess) return no_device(error, "no device", err);
    const cudaError_t chosen = cudaSetDevice(0);
    if (chosen != cudaSuccess) return no_device(chosen, "device 0", err);
    const cudaError_t asked = cudaGetDeviceProperties(properties, 0);
    if (asked != cudaSuccess) return no_device(asked, "device 0", err);
    if (properties->major >= LEAST_CAPABILITY) return ICL_OK;
    return icl_fail(err, ICL_ERR_DEVICE, "CUDA: %.120s has compute capability %d.%d; %d.0 or later is needed",
                    properties->name, properties->major, properties->minor, LEAST_CAPABILITY);
}

/* Every thread that calls later uses device 0, too: it is the one a thread begins with. */
static icl_status open_device(struct icl_device **opened, struct icl_error *err)
{
    int driver = 0, runtime = 0;
    cudaDeviceProp properties;
    (void)cudaDriverGetVersion(&driver);
    (void)cudaRuntimeGetVersion(&runtime);
    ICL_TRY(find_device(driver, runtime, &properties, err));
    cuda_device *device = new (std::nothrow) cuda_device();
    if (device == nullptr) return icl_fail_memory(err, "a device");
    device->base.call = kernel_table();
    const cudaError_t error = cudaStreamCreateWithFlags(&device->queue, cudaStreamNonBlocking);
    if (error != cudaSuccess) {
        delete device;
        return no_device(error, "a queue", err);
    }
    std::snprintf(device->base.facts.name, sizeof device->base.facts.name, "%.120s", properties.name);
    icl_status status = take(&device->base, CUDA_ROOM, &device->room, err);
    if (status == ICL_OK) {
        clear(&device->base, device->room, CUDA_ROOM);
        status = cuda_libraries_open(device, err);
    }
    if (status != ICL_OK) {
        (void)cudaFree(device->room);
        (void)cudaStreamDestroy(device->queue);
        delete device;
        return status;
    }
    set_facts(device, properties, driver, runtime);
    *opened = &device->base;
    return ICL_OK;
}

extern "C" __attribute__((visibility("default"))) const struct icl_device_plugin icl_device_plugin;
const struct icl_device_plugin icl_device_plugin = {ICL_VERSION, sizeof(struct icl_device_kernels), open_device};
