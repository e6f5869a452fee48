#include "core/team.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/threads.h"

/* Looks before sleeping: about a tenth of a millisecond where a pause takes 25 ns. A team larger than the machine does
 * not look: it would keep those it waits for from running. */
enum { SPINS = 4000 };

/* A meeting point: the last to arrive moves `round` on. */
struct meeting {
    _Alignas(64) _Atomic uint32_t round;
    _Alignas(64) _Atomic uint32_t arrived;
};

struct member {
    struct icl_team *team;
    unsigned worker;
    pthread_t thread;
};

struct icl_team {
    struct meeting start, end, middle;
    icl_team_work work;
    void *context;
    bool closing;
    unsigned size;
    int spins;
    struct member *member; /* size; the first is the caller and has no thread */
};

static inline void pause_a_little(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void sleep_while(_Atomic uint32_t *word, uint32_t value)
{
    (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake_all(_Atomic uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

static void meet(const struct icl_team *team, struct meeting *meeting)
{
    const unsigned size = team->size;
    if (size == 1) return;
    const uint32_t round = atomic_load(&meeting->round);
    if (atomic_fetch_add(&meeting->arrived, 1) + 1 == size) {
        atomic_store(&meeting->arrived, 0);
        atomic_fetch_add(&meeting->round, 1);
        wake_all(&meeting->round);
        return;
    }
    for (int spin = 0; spin < team->spins; spin++) {
        if (atomic_load_explicit(&meeting->round, memory_order_acquire) != round) return;
        pause_a_little();
    }
    while (atomic_load(&meeting->round) == round)
        sleep_while(&meeting->round, round);
}

static void *serve(void *argument)
{
    const struct member *member = argument;
    struct icl_team *team = member->team;
    for (;;) {
        meet(team, &team->start);
        if (team->closing) return NULL;
        team->work(team->context, member->worker);
        meet(team, &team->end);
    }
}

/* Ends the threads of a team of `size` of which all have started. */
static void dismiss(struct icl_team *team)
{
    team->closing = true;
    meet(team, &team->start);
    for (unsigned w = 1; w < team->size; w++)
        pthread_join(team->member[w].thread, NULL);
}

icl_status icl_team_create(unsigned threads, struct icl_team **team, struct icl_error *err)
{
    const unsigned size = threads == 0 ? icl_processor_count() : threads;
    struct icl_team *made = aligned_alloc(_Alignof(struct icl_team), sizeof *made);
    struct member *member = calloc(size, sizeof *member);
    if (made == NULL || member == NULL) {
        free(made);
        free(member);
        return icl_fail_memory(err, "threads");
    }
    *made = (struct icl_team){.size = size, .spins = size > icl_processor_count() ? 0 : SPINS, .member = member};
    for (unsigned w = 1; w < size; w++) {
        member[w] = (struct member){.team = made, .worker = w};
        const int code = pthread_create(&member[w].thread, NULL, serve, &member[w]);
        if (code == 0) continue;
        /* Those that run wait for `size` to arrive: the missing ones are made up for. */
        made->closing = true;
        atomic_fetch_add(&made->start.arrived, size - w);
        meet(made, &made->start);
        for (unsigned started = 1; started < w; started++)
            pthread_join(member[started].thread, NULL);
        free(member);
        free(made);
        errno = code; /* which pthread_create does not set */
        return icl_fail(err, ICL_ERR_MEMORY, "cannot start %u threads: %m", size);
    }
    *team = made;
    return ICL_OK;
}

void icl_team_free(struct icl_team *team)
{
    if (team == NULL) return;
    dismiss(team);
    free(team->member);
    free(team);
}

unsigned icl_team_size(const struct icl_team *team)
{
    return team->size;
}

void icl_team_run(struct icl_team *team, icl_team_work work, void *context)
{
    team->work = work;
    team->context = context;
    meet(team, &team->start);
    work(context, 0);
    meet(team, &team->end);
}

void icl_team_barrier(struct icl_team *team)
{
    meet(team, &team->middle);
}
