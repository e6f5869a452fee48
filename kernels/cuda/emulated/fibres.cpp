/* Carries out kernels. A carrier is a stack with a context of its own; it runs the threads of a block one after the
 * other, as plain calls, until one of them has to wait at a barrier or for the lanes of its warp. Then another carrier
 * goes on, and the waiting thread keeps the first. Threads that never wait cost a call each.
 *
 * The order of blocks, the order in which threads start and go on behind a barrier, and that of lanes behind an
 * exchange is what ICLAB_EMULATED_ORDER says: forward, backward, or a number that is the seed of an order which differs
 * from launch to launch. A result that depends on it lacks a barrier. */
#include "kernels/cuda/emulated/emulated.h"

#include <boost/context/detail/fcontext.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <vector>

#ifdef ICL_EMULATED_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(from, to) 0
#endif

namespace icl_emulated
{
place now;

namespace
{
using boost::context::detail::fcontext_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

#ifdef ICL_EMULATED_ASAN
constexpr std::size_t stack_bytes = 256 << 10;
#else
constexpr std::size_t stack_bytes = 64 << 10;
#endif
constexpr unsigned warp = 32;
constexpr unsigned most_threads = 1024;

/* ---- order ---- */

/* 0, ..., count - 1, each once, starting anywhere and in steps of anything prime to count. */
class order
{
  public:
    order(std::uint64_t count, std::uint64_t first, std::uint64_t step) : count_(count), at_(first), step_(step)
    {
    }
    std::uint64_t next()
    {
        const std::uint64_t result = at_;
        at_ = at_ >= count_ - step_ ? at_ - (count_ - step_) : at_ + step_;
        return result;
    }

  private:
    std::uint64_t count_, at_, step_;
};

enum class order_kind { forward, backward, random };
order_kind kind_of_order;
std::uint64_t random_state;

std::uint64_t random_bits() /* splitmix64 */
{
    std::uint64_t z = random_state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* The same order for the same launch of a process: the seed, and how many launches came before. */
void read_order()
{
    static std::uint64_t launches;
    launches++;
    const char *text = std::getenv("ICLAB_EMULATED_ORDER");
    kind_of_order = order_kind::forward;
    if (text == nullptr || text[0] == '\0' || std::strcmp(text, "forward") == 0) return;
    kind_of_order = order_kind::backward;
    if (std::strcmp(text, "backward") == 0) return;
    kind_of_order = order_kind::random;
    char *end;
    random_state = std::strtoull(text, &end, 10);
    if (*end != '\0') stop("ICLAB_EMULATED_ORDER=%s is no order: forward, backward or a number", text);
    random_state = random_bits() + launches;
}

order order_of(std::uint64_t count)
{
    if (kind_of_order == order_kind::forward || count == 1) return order(count, 0, 1 % count);
    if (kind_of_order == order_kind::backward) return order(count, count - 1, count - 1);
    std::uint64_t step = 1 + random_bits() % (count - 1);
    while (std::gcd(step, count) != 1)
        step = step % (count - 1) + 1;
    return order(count, random_bits() % count, step);
}

/* ---- what runs ---- */

struct carrier {
    stack room{};
    fcontext_t context = nullptr;
    void *fake_stack = nullptr; /* of AddressSanitizer */
};

enum class state { running, at_barrier, in_exchange, done };
enum class exchange_kind { meet, shuffle, gather };

struct thread {
    uint3 index;
    state where;
    carrier *on;
    /* of an exchange */
    exchange_kind kind;
    unsigned mask, source;
    const void *mine;
    void *result;
    std::size_t size;
};

struct work_now {
    const char *name;
    const std::function<void()> *body;
    void *shared;
    std::size_t shared_bytes;
    std::uint64_t blocks_left;
    unsigned threads;
};
work_now running;
order blocks(1, 0, 0), starts(1, 0, 0);

thread threads[most_threads];
unsigned current;                 /* of threads */
unsigned not_started, alive;      /* of this block; alive counts those that have not started */
unsigned gone[most_threads / 32]; /* lanes of each warp that have ended or never were */
unsigned waiting[most_threads / 32];
unsigned at_barrier, barrier_true, barrier_count; /* count: of the last barrier that let go */

/* Threads that can go on; each is in it at most once. */
unsigned ready[most_threads], ready_first, ready_count;

carrier host, *active = &host, *came_from;
std::vector<std::unique_ptr<carrier>> carriers;
std::vector<carrier *> idle;

/* ---- changing stacks ---- */

void arrive(fcontext_t left)
{
    came_from->context = left;
#ifdef ICL_EMULATED_ASAN
    const void *bottom;
    std::size_t bytes;
    __sanitizer_finish_switch_fiber(active->fake_stack, &bottom, &bytes);
    if (came_from == &host) host.room = {static_cast<unsigned char *>(const_cast<void *>(bottom)), bytes};
#endif
}

void go_to(carrier *next)
{
    came_from = active;
    active = next;
#ifdef ICL_EMULATED_ASAN
    __sanitizer_start_switch_fiber(&came_from->fake_stack, next->room.bottom, next->room.bytes);
#endif
    const transfer_t back = jump_fcontext(next->context, nullptr);
    arrive(back.fctx);
}

void run_blocks(transfer_t from);

carrier *idle_carrier()
{
    if (idle.empty()) {
        carriers.push_back(std::make_unique<carrier>());
        carrier *made = carriers.back().get();
        made->room = take_stack(stack_bytes);
        (void)VALGRIND_STACK_REGISTER(made->room.bottom, made->room.bottom + made->room.bytes);
        made->context = make_fcontext(made->room.bottom + made->room.bytes, made->room.bytes, run_blocks);
        idle.push_back(made);
    }
    carrier *result = idle.back();
    idle.pop_back();
    return result;
}

/* ---- threads of a block ---- */

void make_ready(unsigned k)
{
    threads[k].where = state::running;
    unsigned at = ready_first + ready_count++;
    if (at >= most_threads) at -= most_threads;
    ready[at] = k;
}

unsigned take_ready()
{
    const unsigned k = ready[ready_first++];
    if (ready_first == most_threads) ready_first = 0;
    ready_count--;
    return k;
}

void set_current(unsigned k)
{
    current = k;
    now.thread = threads[k].index;
}

/* Does something else; returns when the thread that called can go on, or when an idle carrier is wanted again. */
void give_way()
{
    carrier *me = active;
    if (ready_count > 0) {
        const unsigned next = take_ready();
        set_current(next);
        if (threads[next].on != me) go_to(threads[next].on);
    } else if (not_started > 0) {
        go_to(idle_carrier());
    } else if (alive == 0) {
        go_to(&host);
    } else {
        stop("threads wait for one another for ever");
    }
}

void wait_in_thread(unsigned me)
{
    threads[me].on = active;
    give_way();
    set_current(me);
}

bool barrier_is_complete()
{
    return at_barrier > 0 && at_barrier == alive;
}

void open_barrier()
{
    order waiting_threads = order_of(running.threads);
    for (unsigned i = 0; i < running.threads; i++) {
        const unsigned k = static_cast<unsigned>(waiting_threads.next());
        if (threads[k].where == state::at_barrier) make_ready(k);
    }
    barrier_count = barrier_true;
    at_barrier = barrier_true = 0;
}

unsigned wait_at_barrier(int predicate)
{
    const unsigned me = current;
    threads[me].where = state::at_barrier;
    at_barrier++;
    barrier_true += predicate != 0;
    threads[me].on = active;
    if (barrier_is_complete()) open_barrier();
    wait_in_thread(me);
    return barrier_count;
}

void begin_block()
{
    const std::uint64_t b = blocks.next();
    const dim3 &grid = now.grid_size;
    running.blocks_left--;
    now.block = uint3{static_cast<unsigned>(b % grid.x), static_cast<unsigned>(b / grid.x % grid.y),
                      static_cast<unsigned>(b / grid.x / grid.y)};
    std::memset(running.shared, 0xFF, running.shared_bytes);
    starts = order_of(running.threads);
    alive = not_started = running.threads;
    std::memset(gone, 0, sizeof gone);
    const unsigned rest = running.threads % warp;
    if (rest > 0) gone[running.threads / warp] = ~0U << rest;
}

void run_thread()
{
    const dim3 &size = now.block_size;
    const unsigned k = static_cast<unsigned>(starts.next());
    not_started--;
    threads[k].where = state::running;
    threads[k].index =
        size.y == 1 && size.z == 1 ? uint3{k, 0, 0} : uint3{k % size.x, k / size.x % size.y, k / size.x / size.y};
    set_current(k);
    (*running.body)();
    threads[k].where = state::done;
    alive--;
    const unsigned w = k / warp;
    gone[w] |= 1U << k % warp;
    for (unsigned left = waiting[w]; left != 0; left &= left - 1)
        if (threads[w * warp + static_cast<unsigned>(__builtin_ctz(left))].mask >> k % warp & 1)
            stop("ends while lanes of its warp wait for it");
    if (barrier_is_complete()) open_barrier();
}

void run_blocks(transfer_t from)
{
    arrive(from.fctx);
    for (;;) {
        while (not_started > 0)
            run_thread();
        if (alive == 0 && running.blocks_left > 0) {
            begin_block();
            continue;
        }
        idle.push_back(active);
        give_way();
    }
}

/* ---- exchanges ---- */

void complete_exchange(unsigned w, unsigned mask)
{
    thread *const lanes = threads + w * warp;
    for (unsigned left = mask; left != 0; left &= left - 1) {
        const thread &to = lanes[__builtin_ctz(left)];
        if (to.kind == exchange_kind::shuffle && (mask >> to.source & 1) != 0)
            std::memcpy(to.result, lanes[to.source].mine, to.size);
        if (to.kind != exchange_kind::gather) continue;
        for (unsigned l = 0; l < warp; l++)
            if (mask >> l & 1) std::memcpy(static_cast<char *>(to.result) + l * to.size, lanes[l].mine, to.size);
    }
}

/* Waits for the other lanes of `mask`; the last one to come does it for all. */
void exchange(exchange_kind kind, unsigned mask, const void *mine, std::size_t size, unsigned source, void *result)
{
    const unsigned me = current, w = me / warp, bit = 1U << me % warp;
    thread *const lanes = threads + w * warp;
    if ((mask & bit) == 0) stop("a lane that is not in the mask takes part in an exchange");
    if ((mask & gone[w]) != 0) stop("a lane of the mask of an exchange does not exist or has ended");
    thread &own = threads[me];
    own.kind = kind;
    own.mask = mask;
    own.source = source;
    own.mine = mine;
    own.result = result;
    own.size = size;
    for (unsigned left = waiting[w] & mask; left != 0; left &= left - 1) {
        const thread &other = lanes[__builtin_ctz(left)];
        if (other.mask != mask || other.kind != kind || other.size != size)
            stop("lanes of an exchange do not agree on it");
    }
    waiting[w] |= bit;
    if ((waiting[w] & mask) != mask) {
        own.where = state::in_exchange;
        wait_in_thread(me);
        return;
    }
    complete_exchange(w, mask);
    waiting[w] &= ~mask;
    order others = order_of(warp);
    for (unsigned i = 0; i < warp; i++) {
        const unsigned l = static_cast<unsigned>(others.next());
        if ((mask >> l & 1) != 0 && w * warp + l != me) make_ready(w * warp + l);
    }
}
} // namespace

void run_kernel(dim3 grid, dim3 block, std::size_t shared, const char *name, const std::function<void()> &body)
{
    if (running.body != nullptr) stop("a launch within a launch");
    read_order();
    const std::uint64_t count = static_cast<std::uint64_t>(grid.x) * grid.y * grid.z;
    running = work_now{name, &body, shared_room(shared), shared, count, block.x * block.y * block.z};
    now.block_size = block;
    now.grid_size = grid;
    blocks = order_of(count);
    begin_block();
    go_to(idle_carrier());
    running = work_now{};
}

const char *what_runs()
{
    static char text[256];
    if (running.body == nullptr) return nullptr;
    std::snprintf(text, sizeof text, "kernel %s: thread (%u %u %u) of block (%u %u %u)", running.name, now.thread.x,
                  now.thread.y, now.thread.z, now.block.x, now.block.y, now.block.z);
    return text;
}

void barrier()
{
    (void)wait_at_barrier(0);
}

void *dynamic_shared()
{
    return running.shared;
}

unsigned lane()
{
    return current % warp;
}

void shuffle(unsigned mask, const void *mine, std::size_t size, unsigned source, void *result)
{
    exchange(exchange_kind::shuffle, mask, mine, size, source, result);
}

void gather(unsigned mask, const void *mine, std::size_t size, void *all)
{
    exchange(exchange_kind::gather, mask, mine, size, 0, all);
}
} // namespace icl_emulated

void __syncwarp(unsigned mask)
{
    icl_emulated::exchange(icl_emulated::exchange_kind::meet, mask, nullptr, 0, 0, nullptr);
}

unsigned __ballot_sync(unsigned mask, int predicate)
{
    int all[32];
    icl_emulated::gather(mask, &predicate, sizeof predicate, all);
    unsigned bits = 0;
    for (unsigned l = 0; l < 32; l++)
        if ((mask >> l & 1) && all[l] != 0) bits |= 1U << l;
    return bits;
}

int __any_sync(unsigned mask, int predicate)
{
    return __ballot_sync(mask, predicate) != 0;
}

int __all_sync(unsigned mask, int predicate)
{
    return __ballot_sync(mask, predicate) == mask;
}

int __syncthreads_or(int predicate)
{
    return icl_emulated::wait_at_barrier(predicate) != 0;
}

int __syncthreads_and(int predicate)
{
    return icl_emulated::wait_at_barrier(predicate == 0) == 0;
}

int __syncthreads_count(int predicate)
{
    return static_cast<int>(icl_emulated::wait_at_barrier(predicate));
}
