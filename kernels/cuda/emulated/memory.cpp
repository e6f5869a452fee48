/* Device memory, pinned memory, shared memory and the stacks of threads. */
#include "kernels/cuda/emulated/emulated.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>

#ifdef ICL_EMULATED_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace icl_emulated
{
namespace
{
constexpr std::size_t alignment = 256;
constexpr unsigned char fresh = 0xFF; /* of a new block: NaN, -1 */
constexpr unsigned char edge = 0xA5;  /* of what is beside it */

struct block {
    std::uint64_t number;
    memory_kind kind;
    unsigned char *start;
    std::size_t bytes;
    unsigned char *pages; /* between two that are not there; without AddressSanitizer */
    std::size_t page_bytes;
};

std::map<std::uintptr_t, block> blocks; /* by start */
std::map<std::uint64_t, std::uintptr_t> numbers;
std::uint64_t last_number, bytes_used[2];
bool is_open;

std::uintptr_t number_of(const void *p)
{
    return reinterpret_cast<std::uintptr_t>(p);
}

std::size_t round_up(std::size_t value, std::size_t to)
{
    return (value + to - 1) / to * to;
}

std::size_t page_size()
{
    static const std::size_t size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return size;
}

/* `bytes` (a multiple of the page) between two pages that cannot be touched; NULL when there is no memory. */
unsigned char *guarded_pages(std::size_t bytes)
{
    const std::size_t page = page_size();
    void *all = mmap(nullptr, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED) return nullptr;
    unsigned char *inner = static_cast<unsigned char *>(all) + page;
    if (mprotect(inner, bytes, PROT_READ | PROT_WRITE) == 0) return inner;
    (void)munmap(all, bytes + 2 * page);
    return nullptr;
}

/* The block that holds p or has it within `around` bytes of it, NULL if none. */
const block *nearest(const void *p, std::size_t around)
{
    const std::uintptr_t at = number_of(p);
    auto after = blocks.upper_bound(at);
    if (after != blocks.begin()) {
        const block &before = std::prev(after)->second;
        if (at - number_of(before.start) <= before.bytes + around) return &before;
    }
    if (after != blocks.end() && after->first - at <= around) return &after->second;
    return nullptr;
}

#ifdef ICL_EMULATED_ASAN

bool lay_out(block *b)
{
    void *memory = nullptr;
    if (posix_memalign(&memory, alignment, b->bytes) != 0) return false;
    b->start = static_cast<unsigned char *>(memory);
    return true;
}

void protect(const block &b, bool readable)
{
    if (readable)
        ASAN_UNPOISON_MEMORY_REGION(b.start, b.bytes);
    else
        ASAN_POISON_MEMORY_REGION(b.start, b.bytes);
}

void take_away(const block &b)
{
    ASAN_UNPOISON_MEMORY_REGION(b.start, b.bytes);
    std::free(b.start);
}

void check(const block &, const char *)
{
}

void watch_faults()
{
}

#else

/* The end of the block, rounded up to its alignment, is where the pages end. */
bool lay_out(block *b)
{
    const std::size_t room = round_up(b->bytes, alignment);
    b->page_bytes = round_up(room, page_size());
    b->pages = guarded_pages(b->page_bytes);
    if (b->pages == nullptr) return false;
    b->start = b->pages + b->page_bytes - room;
    std::memset(b->pages, edge, static_cast<std::size_t>(b->start - b->pages));
    std::memset(b->start + b->bytes, edge, room - b->bytes);
    return true;
}

void protect(const block &b, bool readable)
{
    if (mprotect(b.pages, b.page_bytes, readable ? PROT_READ | PROT_WRITE : PROT_NONE) != 0)
        stop("memory cannot be protected");
}

void take_away(const block &b)
{
    (void)munmap(b.pages - page_size(), b.page_bytes + 2 * page_size());
}

bool is_edge(const unsigned char *from, const unsigned char *to)
{
    for (; from < to; from++)
        if (*from != edge) return false;
    return true;
}

void check(const block &b, const char *culprit)
{
    const std::size_t before_it = static_cast<std::size_t>(b.start - b.pages);
    const unsigned char *front = b.start - std::min(alignment, before_it);
    const bool before = is_edge(front, b.start), behind = is_edge(b.start + b.bytes, b.pages + b.page_bytes);
    if (!before || !behind)
        stop("%s has written %s a block of %zu bytes", culprit, before ? "behind" : "before", b.bytes);
}

/* Says what happened where, then lets the process die. */
struct sigaction action_before[2];
constexpr int watched[2] = {SIGSEGV, SIGBUS};

void on_fault(int signal, siginfo_t *info, void *)
{
    const block *b = nearest(info->si_addr, page_size());
    if (b != nullptr || what_runs() != nullptr) {
        const char *runs = what_runs() != nullptr ? what_runs() : "the host";
        if (b != nullptr)
            std::fprintf(stderr, "emulated: %s touches byte %td of a block of %zu bytes of device memory\n", runs,
                         static_cast<unsigned char *>(info->si_addr) - b->start, b->bytes);
        else
            std::fprintf(stderr, "emulated: %s touches %p, which is no memory (or its stack is full)\n", runs,
                         info->si_addr);
        std::abort();
    }
    (void)sigaction(signal, &action_before[signal == SIGBUS], nullptr);
}

/* Others set handlers, too: ours comes back whenever memory is closed. */
void watch_faults()
{
    static thread_local unsigned char *other_stack = nullptr;
    if (other_stack == nullptr) {
        static thread_local unsigned char room[16 << 10];
        other_stack = room;
        const stack_t alternative = {room, 0, sizeof room};
        (void)sigaltstack(&alternative, nullptr);
    }
    for (int k = 0; k < 2; k++) {
        struct sigaction now_set = {}, ours = {};
        ours.sa_sigaction = on_fault;
        ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
        (void)sigaction(watched[k], nullptr, &now_set);
        if (now_set.sa_sigaction != on_fault)
            action_before[k] = now_set;
        else if ((now_set.sa_flags & SA_SIGINFO) != 0)
            continue;
        (void)sigaction(watched[k], &ours, nullptr);
    }
}

#endif
} // namespace

void *take(memory_kind kind, std::size_t bytes)
{
    block b{last_number + 1, kind, nullptr, bytes, nullptr, 0};
    if (!lay_out(&b)) return nullptr;
    std::memset(b.start, fresh, bytes);
    last_number++;
    bytes_used[kind == memory_kind::pinned] += bytes;
    blocks[number_of(b.start)] = b;
    numbers[b.number] = number_of(b.start);
    if (kind == memory_kind::device && !is_open) protect(b, false);
    watch_faults();
    return b.start;
}

bool give_back(memory_kind kind, void *memory)
{
    const auto found = blocks.find(number_of(memory));
    if (found == blocks.end() || found->second.kind != kind) return false;
    const block b = found->second;
    if (kind == memory_kind::device) protect(b, true);
    check(b, "something");
    blocks.erase(found);
    numbers.erase(b.number);
    bytes_used[kind == memory_kind::pinned] -= b.bytes;
    take_away(b);
    return true;
}

std::uint64_t used(memory_kind kind)
{
    return bytes_used[kind == memory_kind::pinned];
}

std::uint64_t block_of(memory_kind kind, const void *p, std::size_t bytes)
{
    const block *b = nearest(p, 0);
    if (b == nullptr || b->kind != kind) return 0;
    const std::size_t at = number_of(p) - number_of(b->start);
    return at <= b->bytes && bytes <= b->bytes - at ? b->number : 0;
}

bool is_alive(std::uint64_t number)
{
    return numbers.count(number) != 0;
}

static void protect_all(bool readable)
{
    for (const auto &entry : blocks)
        if (entry.second.kind == memory_kind::device) protect(entry.second, readable);
    is_open = readable;
    watch_faults();
}

void open_memory()
{
    protect_all(true);
}

void close_memory()
{
    protect_all(false);
}

void check_edges(const char *culprit)
{
    for (const auto &entry : blocks)
        check(entry.second, culprit);
}

bool is_surely_host(const void *p)
{
    if (nearest(p, 0) != nullptr) return false;
    const std::uintptr_t at = number_of(p);
#ifdef ICL_EMULATED_ASAN
    /* where its allocator takes memory from */
    if (at >= 0x600000000000U && at < 0x640000000000U) return true;
#else
    static const std::uintptr_t some_heap = [] {
        void *small = std::malloc(16);
        const std::uintptr_t address = number_of(small);
        std::free(small);
        return address;
    }();
    if (at >= some_heap && at < number_of(sbrk(0)) && some_heap < number_of(sbrk(0))) return true;
#endif
    constexpr std::uintptr_t frames = 256 << 10; /* of the callers */
    const std::uintptr_t here = number_of(__builtin_frame_address(0));
    return at >= here && at < here + frames;
}

void *shared_room(std::size_t bytes)
{
#ifdef ICL_EMULATED_ASAN
    static unsigned char *room = nullptr;
    static std::size_t room_bytes = 0;
    if (room == nullptr || room_bytes != bytes) {
        std::free(room);
        void *memory = nullptr;
        if (posix_memalign(&memory, 16, bytes) != 0) stop("no memory");
        room = static_cast<unsigned char *>(memory);
        room_bytes = bytes;
    }
    return room;
#else
    static unsigned char *const room = guarded_pages(round_up(most_shared, page_size()));
    if (room == nullptr) stop("no memory");
    return room + round_up(most_shared, page_size()) - round_up(bytes, 16);
#endif
}

stack take_stack(std::size_t bytes)
{
    const std::size_t rounded = round_up(bytes, page_size());
    unsigned char *pages = guarded_pages(rounded);
    if (pages == nullptr) stop("no memory for a stack");
    return {pages, rounded};
}
} // namespace icl_emulated
