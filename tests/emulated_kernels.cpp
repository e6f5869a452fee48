#include "emulated_kernels.h"

#include <cuda_runtime.h>

#include <cstdlib>

/* ---- one kernel on a queue of its own ---- */

namespace
{
struct session {
    cudaStream_t queue = nullptr;
    int *memory = nullptr;
    int error = cudaSuccess;

    explicit session(std::size_t n)
    {
        int devices;
        note(cudaGetDeviceCount(&devices));
        note(cudaStreamCreateWithFlags(&queue, cudaStreamNonBlocking));
        note(cudaMalloc(reinterpret_cast<void **>(&memory), n * sizeof(int)));
    }
    ~session()
    {
        (void)cudaFree(memory);
        (void)cudaStreamDestroy(queue);
    }
    session(const session &) = delete;
    session &operator=(const session &) = delete;
    void note(cudaError_t now)
    {
        if (error == cudaSuccess) error = now;
    }
    int wait()
    {
        note(cudaStreamSynchronize(queue));
        return error;
    }
    template <class... P, class... A>
    void start(void (*kernel)(P...), dim3 grid, dim3 block, std::size_t shared, A... arguments)
    {
        note(icl_emulated::launch(queue, kernel, grid, block, shared, "test", static_cast<P>(arguments)...));
    }
};

/* kernel(memory, n) */
int run(void (*kernel)(int *, unsigned), dim3 grid, dim3 block, std::size_t shared, int *out, std::size_t n)
{
    session s(n);
    if (s.error != cudaSuccess) return s.error;
    s.note(cudaMemsetAsync(s.memory, 0xFF, n * sizeof(int), s.queue));
    s.start(kernel, grid, block, shared, s.memory, static_cast<unsigned>(n));
    s.note(cudaMemcpyAsync(out, s.memory, n * sizeof(int), cudaMemcpyDeviceToHost, s.queue));
    return s.wait();
}

int *shared_numbers()
{
    return static_cast<int *>(icl_emulated::dynamic_shared());
}

unsigned thread_number()
{
    return blockIdx.x * blockDim.x + threadIdx.x;
}

template <bool waits> void reverse(int *x, unsigned)
{
    int *kept = shared_numbers();
    kept[threadIdx.x] = static_cast<int>(thread_number());
    if (waits) __syncthreads();
    x[thread_number()] = kept[blockDim.x - 1 - threadIdx.x];
}

void every_thread(int *x, unsigned n)
{
    const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x,
                   block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x,
                   at = block * (blockDim.x * blockDim.y * blockDim.z) + thread;
    if (at < n) (void)atomicAdd(&x[at], 1);
}

void early_end(int *x, unsigned)
{
    if (threadIdx.x % 2 == 1) return;
    x[thread_number()] = __syncthreads_count(1);
}

constexpr unsigned votes = 6, kinds = 8;

void vote(int *x, unsigned)
{
    int *mine = x + thread_number() * votes;
    const int say = threadIdx.x % 3 == blockIdx.x % 4;
    const unsigned rest = blockDim.x - threadIdx.x / 32 * 32, mask = rest >= 32 ? ~0U : (1U << rest) - 1;
    mine[0] = __syncthreads_or(say);
    mine[1] = __syncthreads_and(say);
    mine[2] = __syncthreads_count(say);
    mine[3] = static_cast<int>(__ballot_sync(mask, say));
    mine[4] = __any_sync(mask, say);
    mine[5] = __all_sync(mask, say);
}

void shuffles(int *x, unsigned)
{
    int *mine = x + thread_number() * kinds;
    const int value = static_cast<int>(thread_number());
    for (int k = 0; k < 2; k++) {
        const int width = k == 0 ? 32 : 8;
        mine[4 * k] = __shfl_sync(~0U, value, value * 7, width);
        mine[4 * k + 1] = __shfl_down_sync(~0U, value, 3, width);
        mine[4 * k + 2] = __shfl_up_sync(~0U, value, 3, width);
        mine[4 * k + 3] = __shfl_xor_sync(~0U, value, 5, width);
    }
}

void halves(int *x, unsigned)
{
    const unsigned lane = threadIdx.x % 32;
    const bool low = lane < 16;
    int sum = static_cast<int>(thread_number());
    for (int by = low ? 8 : 4; by > 0; by /= 2) {
        sum += __shfl_xor_sync(low ? 0xFFFFU : 0xFFFF0000U, sum, by);
        __syncwarp(low ? 0xFFFFU : 0xFFFF0000U);
    }
    x[thread_number()] = sum;
}

void fresh_shared(int *x, unsigned)
{
    int *kept = shared_numbers();
    x[thread_number()] = kept[threadIdx.x] == -1;
    kept[threadIdx.x] = 1;
}

void much_shared(int *x, unsigned)
{
    int *kept = shared_numbers();
    for (unsigned i = threadIdx.x; i < (100U << 10) / sizeof(int); i += blockDim.x)
        kept[i] = static_cast<int>(i);
    __syncthreads();
    x[thread_number()] = kept[(100U << 10) / sizeof(int) - 1 - thread_number()];
}

unsigned blocks_so_far;
void block_order(int *x, unsigned)
{
    if (threadIdx.x == 0) x[blockIdx.x] = static_cast<int>(blocks_so_far++);
}
} // namespace

int emulated_reverse(unsigned grid, unsigned block, int *out, size_t n)
{
    return run(reverse<true>, grid, block, block * sizeof(int), out, n);
}

int emulated_reverse_hastily(unsigned grid, unsigned block, int *out, size_t n)
{
    return run(reverse<false>, grid, block, block * sizeof(int), out, n);
}

int emulated_every_thread(unsigned grid, unsigned block, int *out, size_t n)
{
    return run(every_thread, dim3(grid, 3, 2), dim3(block, 3, 2), 0, out, n);
}

int emulated_early_end(unsigned grid, unsigned block, int *out, size_t n)
{
    return run(early_end, grid, block, 0, out, n);
}

int emulated_votes(unsigned grid, unsigned block, int *out, size_t n)
{
    return run(vote, grid, block, 0, out, n);
}

int emulated_shuffles(unsigned grid, unsigned block, int *out, size_t n)
{
    return run(shuffles, grid, block, 0, out, n);
}

int emulated_halves(unsigned grid, unsigned block, int *out, size_t n)
{
    return run(halves, grid, block, 0, out, n);
}

int emulated_fresh_shared(unsigned grid, unsigned block, int *out, size_t n)
{
    return run(fresh_shared, grid, block, block * sizeof(int), out, n);
}

int emulated_much_shared(unsigned grid, unsigned block, int *out, size_t n)
{
    const cudaError_t error = cudaFuncSetAttribute(much_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, 100 << 10);
    return error != cudaSuccess ? error : run(much_shared, grid, block, 100 << 10, out, n);
}

int emulated_block_order(unsigned grid, unsigned block, int *out, size_t n)
{
    blocks_so_far = 0;
    return run(block_order, grid, block, 0, out, n);
}

/* ---- mistakes ---- */

namespace
{
constexpr std::size_t numbers = 10;
struct holder {
    int before;
    int *numbers;
};

void write_at(int *x, int at)
{
    if (threadIdx.x == 0) x[at] = 7;
}

void write_shared(int *, int at)
{
    shared_numbers()[at] = 7;
}

void write_null(int *, int)
{
    volatile int *volatile nothing = nullptr;
    *nothing = 7;
}

int sum_for_ever(volatile int *x, int depth)
{
    volatile int here[64];
    here[depth % 64] = depth;
    return depth < 0 ? 0 : sum_for_ever(here, depth + 1) + x[depth % 64];
}

void deep(int *x, int)
{
    *x = sum_for_ever(x, 0);
}

void for_ever(int *, int)
{
    if (threadIdx.x < 16)
        __syncwarp();
    else
        __syncthreads();
}

void lane_gone(int *, int)
{
    if (threadIdx.x < 31) __syncwarp();
}

void meet(int *, int)
{
    __syncwarp();
}

void not_in_mask(int *, int)
{
    __syncwarp(1U << (threadIdx.x + 1) % 32);
}

void disagree(int *, int)
{
    if (threadIdx.x % 2 == 0)
        __syncwarp();
    else
        (void)__ballot_sync(~0U, 1);
}

void from_struct(holder h)
{
    h.numbers[0] = h.before;
}

typedef int mistake_in(session &s);

/* One block of 32 threads of kernel(memory, argument). */
template <void (*kernel)(int *, int), int argument> int launch_it(session &s)
{
    s.start(kernel, 1, 32, 16 * sizeof(int), s.memory, argument);
    return s.wait();
}

/* 33 threads: the second warp has one lane. */
int no_lane(session &s)
{
    s.start(meet, 1, 33, 0, s.memory, 0);
    return s.wait();
}

int host_reads(session &s)
{
    return s.wait() != 0 ? -1 : *static_cast<volatile int *>(s.memory) == 12345;
}

int host_writes(session &s)
{
    s.start(write_at, 1, 32, 0, s.memory, 0);
    if (s.wait() == 0) *static_cast<volatile int *>(s.memory) = 7;
    return s.wait();
}

int host_argument(session &s)
{
    int *here = static_cast<int *>(std::malloc(sizeof(int)));
    s.start(write_at, 1, 32, 0, here, 0);
    std::free(here);
    return s.wait();
}

int host_in_struct(session &s)
{
    int here = 3;
    s.start(from_struct, 1, 1, 0, holder{1, &here});
    return s.wait();
}

/* Records work on memory of its own, releases that, and does the work. */
template <bool in_struct> int released(session &s)
{
    void *gone = nullptr;
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t exec = nullptr;
    s.note(cudaMalloc(&gone, numbers * sizeof(int)));
    s.note(cudaStreamBeginCapture(s.queue, cudaStreamCaptureModeThreadLocal));
    if (in_struct)
        s.start(from_struct, 1, 1, 0, holder{1, static_cast<int *>(gone)});
    else
        s.start(write_at, 1, 32, 0, static_cast<int *>(gone), 0);
    s.note(cudaStreamEndCapture(s.queue, &graph));
    s.note(cudaGraphInstantiate(&exec, graph));
    s.note(cudaGraphLaunch(exec, s.queue));
    if (s.wait() != 0) return -1;
    s.note(cudaFree(gone));
    s.note(cudaMalloc(&gone, numbers * sizeof(int))); /* perhaps at the same place */
    s.note(cudaGraphLaunch(exec, s.queue));
    const int error = s.wait();
    (void)cudaFree(gone);
    (void)cudaGraphDestroy(graph);
    (void)cudaGraphExecDestroy(exec);
    return error;
}

int host_numbers[2 * numbers];

template <cudaMemcpyKind kind, bool to_host, bool from_host, int begin, std::size_t count> int copy_it(session &s)
{
    s.note(cudaMemcpyAsync(to_host ? host_numbers : s.memory + begin, from_host ? host_numbers : s.memory,
                           count * sizeof(int), kind, s.queue));
    return s.wait();
}

int clear_too_far(session &s)
{
    s.note(cudaMemsetAsync(s.memory + 1, 0, numbers * sizeof(int), s.queue));
    return s.wait();
}

int release_twice(session &s)
{
    void *memory = nullptr;
    s.note(cudaMalloc(&memory, 1));
    s.note(cudaFree(memory));
    s.note(cudaFree(memory));
    return s.wait();
}

template <unsigned threads, std::size_t shared> int launch_as(session &s)
{
    s.start(write_at, 1, threads, shared, s.memory, 0);
    return s.wait();
}

/* What spoils a recording, and what the recording then says. */
template <class Call> int recorded(session &s, cudaError_t wanted, Call call)
{
    cudaGraph_t graph = nullptr;
    s.note(cudaStreamBeginCapture(s.queue, cudaStreamCaptureModeThreadLocal));
    if (s.error != 0 || call() != wanted) return -1;
    if (cudaMemsetAsync(s.memory, 0, 1, s.queue) != cudaErrorStreamCaptureInvalidated) return -2;
    s.note(cudaStreamEndCapture(s.queue, &graph));
    return graph != nullptr ? -3 : s.error;
}

int upload_recorded(session &s)
{
    return recorded(s, cudaErrorStreamCaptureUnsupported, [&] {
        return cudaMemcpyAsync(s.memory, host_numbers, sizeof(int), cudaMemcpyHostToDevice, s.queue);
    });
}

int wait_recorded(session &s)
{
    return recorded(s, cudaErrorStreamCaptureUnsupported, [&] { return cudaStreamSynchronize(s.queue); });
}

int take_recorded(session &s)
{
    void *memory;
    return recorded(s, cudaErrorStreamCaptureUnsupported, [&] { return cudaMalloc(&memory, 1); });
}

constexpr auto up = cudaMemcpyHostToDevice, down = cudaMemcpyDeviceToHost, across = cudaMemcpyDeviceToDevice;
mistake_in *const mistakes[EMULATED_MISTAKES] = {host_reads,
                                                 host_writes,
                                                 launch_it<write_at, static_cast<int>(numbers)>,
                                                 launch_it<write_at, -1>,
                                                 launch_it<write_at, static_cast<int>(numbers) + 1024>,
                                                 launch_it<write_shared, 20>,
                                                 launch_it<write_null, 0>,
                                                 launch_it<deep, 0>,
                                                 launch_it<for_ever, 0>,
                                                 launch_it<lane_gone, 0>,
                                                 no_lane,
                                                 launch_it<not_in_mask, 0>,
                                                 launch_it<disagree, 0>,
                                                 host_argument,
                                                 host_in_struct,
                                                 released<false>,
                                                 released<true>,
                                                 copy_it<up, false, true, 1, numbers>,
                                                 copy_it<up, true, true, 0, 1>,
                                                 copy_it<down, true, true, 0, 1>,
                                                 copy_it<across, false, false, 1, numbers - 2>,
                                                 clear_too_far,
                                                 release_twice,
                                                 launch_as<0, 0>,
                                                 launch_as<1025, 0>,
                                                 launch_as<32, (48 << 10) + 1>,
                                                 upload_recorded,
                                                 wait_recorded,
                                                 take_recorded};
} // namespace

int emulated_mistake(enum emulated_mistake mistake)
{
    session s(numbers);
    return s.error != 0 ? -1 : mistakes[mistake](s);
}

int emulated_late_change(bool pinned, int *got)
{
    session s(1);
    void *taken = nullptr;
    int plain = 0, *host = &plain;
    if (pinned) {
        s.note(cudaMallocHost(&taken, sizeof(int)));
        host = static_cast<int *>(taken);
    }
    *host = 1;
    s.note(cudaMemcpyAsync(s.memory, host, sizeof(int), cudaMemcpyHostToDevice, s.queue));
    *host = 2;
    s.note(cudaMemcpyAsync(got, s.memory, sizeof(int), cudaMemcpyDeviceToHost, s.queue));
    const int error = s.wait();
    (void)cudaFreeHost(taken);
    return error;
}
