/* The CUDA runtime that the processor plays: what threads do is what CUDA says, in any order, and mistakes are seen. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emulated_kernels.h"

static const char *const orders[] = {"forward", "backward", "1", "20261123"};
enum { ORDERS = sizeof orders / sizeof *orders, ROOM = 1 << 16 };
static int got[ROOM];

static void set_order(const char *order)
{
    assert_int_equal(setenv("ICLAB_EMULATED_ORDER", order, 1), 0);
}

static void run(emulated_kernel *kernel, unsigned grid, unsigned block, size_t n)
{
    assert_true(n <= ROOM);
    memset(got, 0x55, sizeof got);
    assert_int_equal(kernel(grid, block, got, n), EMULATED_OK);
}

static size_t wrong_reversals(unsigned grid, unsigned block)
{
    size_t wrong = 0;
    for (unsigned i = 0; i < grid * block; i++)
        wrong += got[i] != (int)(i / block * block + block - 1 - i % block);
    return wrong;
}

/* The first test has to fail where the barrier is not there, or it would be no test. */
static void test_barrier(void **state)
{
    (void)state;
    static const unsigned blocks[] = {1, 31, 32, 33, 96, 1024};
    for (size_t o = 0; o < ORDERS; o++)
        for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
            set_order(orders[o]);
            run(emulated_reverse, 5, blocks[b], 5 * blocks[b]);
            assert_int_equal(wrong_reversals(5, blocks[b]), 0);
            if (blocks[b] == 1) continue;
            run(emulated_reverse_hastily, 5, blocks[b], 5 * blocks[b]);
            assert_true(wrong_reversals(5, blocks[b]) > 0);
        }
}

static void test_every_thread_once(void **state)
{
    (void)state;
    for (size_t o = 0; o < ORDERS; o++) {
        set_order(orders[o]);
        for (unsigned grid = 1; grid < 6; grid++)
            for (unsigned block = 1; block < 8; block += 2) {
                const size_t n = (size_t)grid * block * 36;
                run(emulated_every_thread, grid, block, n);
                for (size_t i = 0; i < n; i++)
                    assert_int_equal(got[i], 0); /* -1 + 1 */
            }
    }
}

static void test_order_of_blocks(void **state)
{
    (void)state;
    enum { BLOCKS = 97 };
    set_order("forward");
    run(emulated_block_order, BLOCKS, 2, BLOCKS);
    for (int b = 0; b < BLOCKS; b++)
        assert_int_equal(got[b], b);
    set_order("backward");
    run(emulated_block_order, BLOCKS, 2, BLOCKS);
    for (int b = 0; b < BLOCKS; b++)
        assert_int_equal(got[b], BLOCKS - 1 - b);
    set_order("4");
    run(emulated_block_order, BLOCKS, 2, BLOCKS);
    int in_place = 0;
    bool seen[BLOCKS] = {false};
    for (int b = 0; b < BLOCKS; b++) {
        assert_in_range(got[b], 0, BLOCKS - 1);
        assert_false(seen[got[b]]);
        seen[got[b]] = true;
        in_place += got[b] == b;
    }
    assert_true(in_place < BLOCKS / 2);
}

static void test_threads_that_end_early(void **state)
{
    (void)state;
    for (size_t o = 0; o < ORDERS; o++) {
        set_order(orders[o]);
        run(emulated_early_end, 3, 77, 3 * 77);
        for (int i = 0; i < 3 * 77; i++)
            assert_int_equal(got[i], i % 77 % 2 == 1 ? -1 : 39);
    }
}

static void test_votes(void **state)
{
    (void)state;
    enum { GRID = 4, BLOCK = 77, VOTES = 6 };
    for (size_t o = 0; o < ORDERS; o++) {
        set_order(orders[o]);
        run(emulated_votes, GRID, BLOCK, (size_t)GRID * BLOCK * VOTES);
        for (unsigned b = 0; b < GRID; b++) {
            unsigned count = 0, bits[3] = {0, 0, 0}, all[3] = {0, 0, 0};
            for (unsigned t = 0; t < BLOCK; t++) {
                const unsigned say = t % 3 == b % 4;
                count += say;
                bits[t / 32] |= say << t % 32;
                all[t / 32] |= 1U << t % 32;
            }
            for (unsigned t = 0; t < BLOCK; t++) {
                const int *mine = got + (b * BLOCK + t) * VOTES;
                assert_int_equal(mine[0], count > 0);
                assert_int_equal(mine[1], count == BLOCK);
                assert_int_equal(mine[2], count);
                assert_int_equal((unsigned)mine[3], bits[t / 32]);
                assert_int_equal(mine[4], bits[t / 32] != 0);
                assert_int_equal(mine[5], bits[t / 32] == all[t / 32]);
            }
        }
    }
}

static void test_shuffles(void **state)
{
    (void)state;
    enum { GRID = 3, BLOCK = 96, KINDS = 8 };
    for (size_t o = 0; o < ORDERS; o++) {
        set_order(orders[o]);
        run(emulated_shuffles, GRID, BLOCK, (size_t)GRID * BLOCK * KINDS);
        for (int i = 0; i < GRID * BLOCK; i++)
            for (int k = 0; k < 2; k++) {
                const int width = k == 0 ? 32 : 8, first = i / width * width, lane = i - first;
                const int *mine = got + i * KINDS + 4 * k;
                assert_int_equal(mine[0], first + i * 7 % width);
                assert_int_equal(mine[1], lane + 3 < width ? i + 3 : i);
                assert_int_equal(mine[2], lane >= 3 ? i - 3 : i);
                assert_int_equal(mine[3], first + (lane ^ 5));
            }
    }
}

/* The low half of a warp adds up 16 numbers, the high half groups of 8; neither waits for the other. */
static void test_halves_of_a_warp(void **state)
{
    (void)state;
    for (size_t o = 0; o < ORDERS; o++) {
        set_order(orders[o]);
        run(emulated_halves, 2, 64, 128);
        for (int i = 0; i < 128; i++) {
            const int group = i % 32 < 16 ? 16 : 8, first = i / group * group;
            assert_int_equal(got[i], group * first + group * (group - 1) / 2);
        }
    }
}

static void test_shared_memory_is_fresh(void **state)
{
    (void)state;
    set_order("forward");
    run(emulated_fresh_shared, 9, 50, 450);
    for (int i = 0; i < 450; i++)
        assert_int_equal(got[i], 1);
}

static void test_much_shared_memory(void **state)
{
    (void)state;
    run(emulated_much_shared, 2, 64, 128);
    for (int i = 0; i < 128; i++)
        assert_int_equal(got[i], (100 << 10) / (int)sizeof(int) - 1 - i);
}

static void test_what_an_upload_reads(void **state)
{
    (void)state;
    int arrived = 0;
    assert_int_equal(emulated_late_change(false, &arrived), EMULATED_OK);
    assert_int_equal(arrived, 1);
    assert_int_equal(emulated_late_change(true, &arrived), EMULATED_OK);
    assert_int_equal(arrived, 2);
}

/* Runs the mistake in a process of its own; what it said on standard error is in `said`. */
static int in_child(enum emulated_mistake mistake, char *said, size_t room)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        const int result = emulated_mistake(mistake);
        _exit(result == 0 ? 0 : 1);
    }
    close(ends[1]);
    size_t length = 0;
    ssize_t n;
    while ((n = read(ends[0], said + length, room - 1 - length)) > 0)
        length += (size_t)n;
    said[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 }; /* AddressSanitizer sees memory first, and has words of its own */
#else
enum { SANITIZED = 0 };
#endif

#define BOTH(words) words, words

static void test_mistakes_that_end_the_process(void **state)
{
    (void)state;
    static const struct {
        enum emulated_mistake mistake;
        const char *says, *sanitizer_says; /* NULL: it need not see that */
    } table[] = {
        {EMULATED_HOST_READS, "the host touches byte 0 of a block of 40 bytes of device memory", "use-after-poison"},
        {EMULATED_HOST_WRITES, "the host touches byte 0 of a block of 40 bytes of device memory", "use-after-poison"},
        {EMULATED_JUST_BEHIND, "test has written behind a block of 40 bytes", "heap-buffer-overflow"},
        {EMULATED_JUST_BEFORE, "test has written before a block of 40 bytes", "heap-buffer-overflow"},
        {EMULATED_FAR_BEHIND, "thread (0 0 0) of block (0 0 0) touches byte 4136 of a block of 40 bytes", NULL},
        {EMULATED_SHARED_BEHIND, "kernel test: thread (0 0 0) of block (0 0 0) touches", "heap-buffer-overflow"},
        {EMULATED_NULL, "kernel test: thread (0 0 0) of block (0 0 0) touches (nil)", "null pointer"},
        {EMULATED_DEEP, "or its stack is full", ""},
        {EMULATED_FOR_EVER, BOTH("threads wait for one another for ever")},
        {EMULATED_LANE_GONE, BOTH("ends while lanes of its warp wait for it")},
        {EMULATED_NO_LANE, BOTH("a lane of the mask of an exchange does not exist or has ended")},
        {EMULATED_NOT_IN_MASK, BOTH("a lane that is not in the mask takes part")},
        {EMULATED_DISAGREE, BOTH("lanes of an exchange do not agree on it")},
    };
    set_order("forward");
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        static char said[1 << 16];
        const int status = in_child(table[k].mistake, said, sizeof said);
        const char *words = SANITIZED ? table[k].sanitizer_says : table[k].says;
        if (words == NULL) continue;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) fail_msg("mistake %d passes", (int)table[k].mistake);
        if (strstr(said, words) == NULL) fail_msg("mistake %d: '%s' is not in: %s", (int)table[k].mistake, words, said);
    }
}

static void test_mistakes_that_are_told(void **state)
{
    (void)state;
    static const struct {
        enum emulated_mistake mistake;
        int error;
    } table[] = {{EMULATED_HOST_ARGUMENT, EMULATED_ADDRESS},      {EMULATED_HOST_IN_STRUCT, EMULATED_ADDRESS},
                 {EMULATED_RELEASED, EMULATED_ADDRESS},           {EMULATED_RELEASED_STRUCT, EMULATED_ADDRESS},
                 {EMULATED_UPLOAD_TOO_FAR, EMULATED_INVALID},     {EMULATED_UPLOAD_TO_HOST, EMULATED_INVALID},
                 {EMULATED_DOWNLOAD_FROM_HOST, EMULATED_INVALID}, {EMULATED_COPY_ONTO_ITSELF, EMULATED_INVALID},
                 {EMULATED_CLEAR_TOO_FAR, EMULATED_INVALID},      {EMULATED_RELEASE_TWICE, EMULATED_INVALID},
                 {EMULATED_NO_THREADS, EMULATED_CONFIGURATION},   {EMULATED_TOO_MANY_THREADS, EMULATED_CONFIGURATION},
                 {EMULATED_UNASKED_SHARED, EMULATED_INVALID},     {EMULATED_UPLOAD_RECORDED, EMULATED_SPOILT},
                 {EMULATED_WAIT_RECORDED, EMULATED_SPOILT},       {EMULATED_TAKE_RECORDED, EMULATED_SPOILT}};
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        const int error = emulated_mistake(table[k].mistake);
        if (error != table[k].error)
            fail_msg("mistake %d: error %d, not %d", (int)table[k].mistake, error, table[k].error);
    }
}

static void test_lost_at_a_launch(void **state)
{
    (void)state;
    set_order("forward");
    assert_int_equal(setenv("ICLAB_EMULATED_FAULT", "lost:1", 1), 0);
    assert_int_equal(emulated_reverse(2, 32, got, 64), EMULATED_LAUNCH);
    assert_int_equal(emulated_reverse(2, 32, got, 64), EMULATED_LAUNCH); /* opened anew */
    assert_int_equal(setenv("ICLAB_EMULATED_FAULT", "lost:2", 1), 0);
    run(emulated_reverse, 2, 32, 64);
    assert_int_equal(setenv("ICLAB_EMULATED_FAULT", "memory:1000", 1), 0);
    run(emulated_reverse, 2, 32, 64);
    assert_int_equal(emulated_reverse(1, 32, got, 251), EMULATED_NO_MEMORY);
    assert_int_equal(unsetenv("ICLAB_EMULATED_FAULT"), 0);
}

static void test_unknown_settings(void **state)
{
    (void)state;
    char said[4096];
    set_order("sideways");
    assert_true(WIFSIGNALED(in_child(EMULATED_JUST_BEHIND, said, sizeof said)));
    assert_non_null(strstr(said, "ICLAB_EMULATED_ORDER=sideways is no order"));
    set_order("forward");
    static const char *const faults[] = {"fire", "lost:", "lost:2x", "memory", "no-driver:1"};
    for (size_t k = 0; k < sizeof faults / sizeof *faults; k++) {
        assert_int_equal(setenv("ICLAB_EMULATED_FAULT", faults[k], 1), 0);
        assert_true(WIFSIGNALED(in_child(EMULATED_JUST_BEHIND, said, sizeof said)));
        assert_non_null(strstr(said, "is not known"));
    }
    assert_int_equal(unsetenv("ICLAB_EMULATED_FAULT"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_barrier),
                                       cmocka_unit_test(test_every_thread_once),
                                       cmocka_unit_test(test_order_of_blocks),
                                       cmocka_unit_test(test_threads_that_end_early),
                                       cmocka_unit_test(test_votes),
                                       cmocka_unit_test(test_shuffles),
                                       cmocka_unit_test(test_halves_of_a_warp),
                                       cmocka_unit_test(test_shared_memory_is_fresh),
                                       cmocka_unit_test(test_much_shared_memory),
                                       cmocka_unit_test(test_what_an_upload_reads),
                                       cmocka_unit_test(test_mistakes_that_end_the_process),
                                       cmocka_unit_test(test_mistakes_that_are_told),
                                       cmocka_unit_test(test_lost_at_a_launch),
                                       cmocka_unit_test(test_unknown_settings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
