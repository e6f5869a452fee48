/* Teams: every worker does its part, barriers hold, a team of one needs no thread. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/team.h"
#include "core/threads.h"

enum { MOST = 5, ROUNDS = 2000 };

struct shared {
    struct icl_team *team;
    uint64_t value[MOST]; /* one a worker, plain: barriers alone order the accesses */
    atomic_int wrong;
    int calls[MOST];
};

/* In every round each worker adds what its neighbour had in the round before: any worker ahead or behind shows. */
static void relay(void *context, unsigned worker)
{
    struct shared *s = context;
    const unsigned size = icl_team_size(s->team);
    s->calls[worker]++;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const uint64_t next = s->value[(worker + 1) % size] * 3 + round;
        icl_team_barrier(s->team);
        s->value[worker] = next;
        /* A slow worker now and then, so that others wait longer than they spin. */
        if (round % 500 == worker) nanosleep(&(struct timespec){0, 300000}, NULL);
        icl_team_barrier(s->team);
    }
}

static void test_relay(void **state)
{
    (void)state;
    for (unsigned size = 1; size <= MOST; size++) {
        struct icl_error err;
        struct shared s = {0};
        uint64_t want[MOST], next[MOST];
        assert_int_equal(icl_team_create(size, &s.team, &err), ICL_OK);
        assert_int_equal(icl_team_size(s.team), size);
        for (unsigned w = 0; w < size; w++)
            s.value[w] = want[w] = 1000 + 7 * w;
        for (int call = 1; call <= 2; call++) {
            icl_team_run(s.team, relay, &s);
            for (unsigned round = 0; round < ROUNDS; round++) {
                for (unsigned w = 0; w < size; w++)
                    next[w] = want[(w + 1) % size] * 3 + round;
                for (unsigned w = 0; w < size; w++)
                    want[w] = next[w];
            }
            for (unsigned w = 0; w < size; w++) {
                assert_int_equal(s.calls[w], call);
                assert_true(s.value[w] == want[w]);
            }
        }
        icl_team_free(s.team);
    }
}

static void test_default_size(void **state)
{
    (void)state;
    struct icl_team *team = NULL;
    struct icl_error err;
    assert_int_equal(icl_team_create(0, &team, &err), ICL_OK);
    assert_int_equal(icl_team_size(team), icl_processor_count());
    icl_team_free(team);
    icl_team_free(NULL);
}

/* Stacks so large that the address space holds few of them, or none: those that began end, and the reason is said. */
static void test_threads_that_cannot_start(void **state)
{
    (void)state;
    pthread_attr_t usual, huge;
    assert_int_equal(pthread_getattr_default_np(&usual), 0);
    assert_int_equal(pthread_getattr_default_np(&huge), 0);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    const size_t stack = (size_t)1 << 47; /* their records of a stack are as large as a part of it */
#else
    const size_t stack = (size_t)1 << 45;
#endif
    assert_int_equal(pthread_attr_setstacksize(&huge, stack), 0);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    struct icl_team *team = NULL;
    struct icl_error err = {0};
    errno = 0;
    const icl_status status = icl_team_create(9, &team, &err);
    assert_int_equal(pthread_setattr_default_np(&usual), 0);
    pthread_attr_destroy(&usual);
    pthread_attr_destroy(&huge);
    assert_int_equal(status, ICL_ERR_MEMORY);
    assert_null(team);
    static const char begin[] = "cannot start 9 threads: ";
    assert_memory_equal(err.message, begin, sizeof begin - 1);
    assert_string_not_equal(err.message + sizeof begin - 1, strerror(0)); /* a reason, not what errno was */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_relay), cmocka_unit_test(test_default_size),
                                       cmocka_unit_test(test_threads_that_cannot_start)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
