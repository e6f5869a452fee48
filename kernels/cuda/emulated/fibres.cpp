/* Threads of a block as fibres of boost.context. A fibre runs until it comes to a barrier or an exchange of its warp,
 * then the next one does; when all that are left have come, all go on. */
#include "kernels/cuda/emulated/fibres.h"

#include <boost/context/detail/fcontext.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace icl_emulated
{
place now;

namespace
{
using boost::context::detail::fcontext_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

enum class state { ready, at_barrier, in_exchange, done };

constexpr std::size_t stack_bytes = 64 << 10;
constexpr unsigned warp = 32;

struct fibre {
    std::unique_ptr<unsigned char[]> stack{new unsigned char[stack_bytes]};
    fcontext_t context = nullptr;
    state where = state::done;
    uint3 thread{};
    /* of an exchange */
    unsigned mask = 0;
    const void *mine = nullptr;
    std::size_t size = 0;
    int predicate = 0;
};

std::vector<fibre> fibres; /* of a block */
unsigned alive, current;
fcontext_t scheduler;
std::vector<std::max_align_t> shared_room;
const std::function<void()> *body_now;
const char *name_now;
int barrier_or, barrier_count;

[[noreturn]] void stop(const char *what)
{
    std::fprintf(stderr, "emulated: kernel %s: %s\n", name_now, what);
    std::abort();
}

void give_way()
{
    const unsigned me = current;
    const transfer_t back = jump_fcontext(scheduler, nullptr);
    scheduler = back.fctx;
    current = me;
    now.thread = fibres[me].thread;
}

void entry(transfer_t from)
{
    scheduler = from.fctx;
    (*body_now)();
    fibres[current].where = state::done;
    alive--;
    (void)jump_fcontext(scheduler, nullptr);
    stop("a thread went on behind its end");
}

void resume(unsigned k)
{
    current = k;
    now.thread = fibres[k].thread;
    const transfer_t back = jump_fcontext(fibres[k].context, nullptr);
    fibres[k].context = back.fctx;
}

/* Whether all lanes of the exchange that `k` waits in have come. */
bool exchange_complete(unsigned k, unsigned threads)
{
    const unsigned first = k / warp * warp;
    for (unsigned l = 0; l < warp; l++) {
        if ((fibres[k].mask >> l & 1) == 0) continue;
        if (first + l >= threads || fibres[first + l].where == state::done)
            stop("a lane of the mask of an exchange does not exist or has ended");
        if (fibres[first + l].where != state::in_exchange) return false;
    }
    return true;
}

void run_block(unsigned threads)
{
    for (unsigned k = 0; k < threads; k++) {
        fibres[k].thread = uint3{k % now.block_size.x, k / now.block_size.x % now.block_size.y,
                                 k / now.block_size.x / now.block_size.y};
        fibres[k].context = make_fcontext(fibres[k].stack.get() + stack_bytes, stack_bytes, entry);
        fibres[k].where = state::ready;
    }
    alive = threads;
    while (alive > 0) {
        bool moved = false;
        for (unsigned k = 0; k < threads; k++) {
            if (fibres[k].where == state::in_exchange && exchange_complete(k, threads)) {
                const unsigned first = k / warp * warp, mask = fibres[k].mask;
                for (unsigned l = 0; l < warp; l++)
                    if (mask >> l & 1) fibres[first + l].where = state::ready;
            }
            if (fibres[k].where != state::ready) continue;
            resume(k);
            moved = true;
        }
        if (moved) continue;
        unsigned waiting = 0;
        barrier_or = barrier_count = 0;
        for (unsigned k = 0; k < threads; k++)
            if (fibres[k].where == state::at_barrier) {
                waiting++;
                barrier_or |= fibres[k].predicate != 0;
                barrier_count += fibres[k].predicate != 0;
            }
        if (waiting == 0 || waiting != alive) stop("threads wait for one another for ever");
        for (unsigned k = 0; k < threads; k++)
            if (fibres[k].where == state::at_barrier) fibres[k].where = state::ready;
    }
}

void wait_at_barrier(int predicate)
{
    fibres[current].predicate = predicate;
    fibres[current].where = state::at_barrier;
    give_way();
}
} // namespace

void run_kernel(dim3 grid, dim3 block, std::size_t shared, const char *name, const std::function<void()> &body)
{
    const unsigned threads = block.x * block.y * block.z;
    if (fibres.size() < threads) fibres.resize(threads);
    body_now = &body;
    name_now = name;
    now.block_size = block;
    now.grid_size = grid;
    for (unsigned z = 0; z < grid.z; z++)
        for (unsigned y = 0; y < grid.y; y++)
            for (unsigned x = 0; x < grid.x; x++) {
                now.block = uint3{x, y, z};
                shared_room.assign(shared / sizeof(std::max_align_t) + 1, std::max_align_t{});
                run_block(threads);
            }
}

void barrier()
{
    wait_at_barrier(0);
}

void *dynamic_shared()
{
    return shared_room.data();
}

unsigned lane()
{
    return current % warp;
}

void exchange(unsigned mask, const void *mine, std::size_t size, void *all)
{
    fibre &me = fibres[current];
    if ((mask >> lane() & 1) == 0) stop("a lane that is not in the mask takes part in an exchange");
    me.mask = mask;
    me.mine = mine;
    me.size = size;
    me.where = state::in_exchange;
    give_way();
    const unsigned first = current / warp * warp;
    for (unsigned l = 0; l < warp; l++) {
        if ((mask >> l & 1) == 0) continue;
        const fibre &other = fibres[first + l];
        if (other.mask != mask || other.size != size) stop("lanes of an exchange do not agree on it");
        std::memcpy(static_cast<unsigned char *>(all) + l * size, other.mine, size);
    }
    /* A second meeting, so that nobody goes on while others still read. */
    me.where = state::in_exchange;
    give_way();
}
} // namespace icl_emulated

void __syncwarp(unsigned mask)
{
    char one = 0, all[32];
    icl_emulated::exchange(mask, &one, 1, all);
}

unsigned __ballot_sync(unsigned mask, int predicate)
{
    int all[32];
    icl_emulated::exchange(mask, &predicate, sizeof predicate, all);
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
    icl_emulated::wait_at_barrier(predicate);
    return icl_emulated::barrier_or;
}

int __syncthreads_count(int predicate)
{
    icl_emulated::wait_at_barrier(predicate);
    return icl_emulated::barrier_count;
}
