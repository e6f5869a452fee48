/* What the files of the emulated CUDA runtime share: memory, faults and the order of threads. */
#ifndef ICLAB_EMULATED_H
#define ICLAB_EMULATED_H

#include <cuda_runtime.h>

#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#define ICL_EMULATED_ASAN 1
#endif

namespace icl_emulated
{
/* ---- memory.cpp --------------------------------------------------------------------------------------------------
 */

/* Device memory can be read and written between open_memory() and close_memory() alone, which is while work is done. A
 * block has exactly the bytes that were asked for: AddressSanitizer sees every other access; without it a write close
 * to a block is seen by check_edges(), an access far from it ends at a page that is not there. A block is full of 0xFF
 * (NaN, -1) at first. */
enum class memory_kind { device, pinned };

/* NULL when there is no memory. */
void *take(memory_kind kind, std::size_t bytes);
/* Returns false for what is no such block. */
bool give_back(memory_kind kind, void *memory);
std::uint64_t used(memory_kind kind); /* bytes */
/* The number of the block that holds `bytes` bytes at p (of 0 bytes: or that ends there); 0 if none does. No two blocks
 * have had the same number. */
std::uint64_t block_of(memory_kind kind, const void *p, std::size_t bytes);
bool is_alive(std::uint64_t block);
void open_memory();
void close_memory();
/* Ends the process if a byte beside a block has changed since it was taken. `culprit` ran last. */
void check_edges(const char *culprit);

/* Whether p is on this thread's stack or on the heap: surely not for a device. Not all host memory is found. */
bool is_surely_host(const void *p);

/* Room of `bytes` (at most most_shared) for the dynamic shared memory of a block, to the byte as above. Filled anew
 * with 0xFF by each call of fill_shared(). */
constexpr std::size_t most_shared = 227 << 10;
void *shared_room(std::size_t bytes);

/* A stack that grows down to a page that is not there. */
struct stack {
    unsigned char *bottom;
    std::size_t bytes;
};
stack take_stack(std::size_t bytes);

/* ---- faults.cpp --------------------------------------------------------------------------------------------------
 */

/* ICLAB_EMULATED_FAULT, for tests; read anew by each cudaGetDeviceCount:
 *   no-driver, old-driver, no-device, old-device   opening fails
 *   memory:BYTES    the device has this much
 *   pinned          no pinned memory
 *   lost:N          the N-th launch from then on (1 is the first) fails, and every call after it
 *   capture-begin, capture-end   recording fails there
 *   clock           no events
 *   library         cuBLAS and cuDNN cannot be opened: cuda_libraries_open asks fault(fault_kind::library) */
enum class fault_kind {
    none,
    no_driver,
    old_driver,
    no_device,
    old_device,
    memory,
    pinned,
    lost,
    capture_begin,
    capture_end,
    clock,
    library
};
void read_fault();
bool fault(fault_kind kind);
/* Of memory: and lost: */
std::uint64_t fault_number();

/* ---- fibres.cpp --------------------------------------------------------------------------------------------------
 */

/* Carries out a kernel. */
void run_kernel(dim3 grid, dim3 block, std::size_t shared, const char *name, const std::function<void()> &body);
/* What runs now, for messages: "kernel x: thread (0 0 0) of block (0 0 0)", or NULL. */
const char *what_runs();

[[noreturn]] void stop(const char *format, ...) __attribute__((format(printf, 1, 2)));
} // namespace icl_emulated

#endif
