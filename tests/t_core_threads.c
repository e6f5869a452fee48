/* Parallel loops whose outcome does not depend on the threads, and the progress they show. */
#include "tests/core_support.h"

#include <fcntl.h>
#include <stdatomic.h>

#include "core/progress.h"
#include "core/threads.h"

enum { ITEMS = 1000, MOST_THREADS = 16 };

struct job {
    atomic_int runs[ITEMS];
    uint64_t results[ITEMS];
    atomic_int busy[MOST_THREADS]; /* a worker number must not be in use twice at a time */
    atomic_bool clash;
    unsigned threads;
    size_t bad[3]; /* items that fail */
    bool silent;   /* without a message */
};

static icl_status work(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct job *job = context;
    if (worker >= job->threads || atomic_fetch_add(&job->busy[worker], 1) != 0) atomic_store(&job->clash, true);
    atomic_fetch_add(&job->runs[item], 1);
    uint64_t state = item;
    for (size_t i = 0; i < 1 + item % 7 * 100; i++)
        job->results[item] ^= random_bits(&state);
    atomic_fetch_sub(&job->busy[worker], 1);
    for (size_t k = 0; k < 3; k++)
        if (job->bad[k] == item && job->silent) return ICL_ERR_NUMERIC;
    for (size_t k = 0; k < 3; k++)
        if (job->bad[k] == item) return icl_fail(err, ICL_ERR_NUMERIC, "item %zu is bad", item);
    return ICL_OK;
}

static struct job *new_job(unsigned threads)
{
    struct job *job = calloc(1, sizeof *job);
    assert_non_null(job);
    job->threads = threads;
    for (size_t k = 0; k < 3; k++)
        job->bad[k] = SIZE_MAX;
    return job;
}

static void every_item_runs_once(void **state)
{
    (void)state;
    struct job *reference = new_job(1);
    assert_int_equal(icl_parallel_for(1, ITEMS, work, reference, NULL), ICL_OK);
    for (unsigned threads = 0; threads <= MOST_THREADS; threads++) {
        struct job *job = new_job(threads == 0 ? MOST_THREADS : threads);
        if (threads == 0 && icl_processor_count() > MOST_THREADS) {
            free(job);
            continue; /* the job counts the workers of at most so many threads; 1 to 16 are all tried below */
        }
        struct icl_error err;
        assert_ok(icl_parallel_for(threads, ITEMS, work, job, &err));
        for (size_t i = 0; i < ITEMS; i++)
            assert_int_equal(job->runs[i], 1);
        assert_memory_equal(job->results, reference->results, sizeof job->results);
        assert_false(job->clash);
        free(job);
    }
    free(reference);
}

static void few_items_need_few_threads(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 3; count++) {
        struct job *job = new_job((unsigned)count);
        assert_int_equal(icl_parallel_for(1000000, count, work, job, NULL), ICL_OK);
        for (size_t i = 0; i < ITEMS; i++)
            assert_int_equal(job->runs[i], i < count);
        assert_false(job->clash);
        free(job);
    }
}

static void the_lowest_failure_is_told(void **state)
{
    (void)state;
    for (int repeat = 0; repeat < 200; repeat++) {
        const unsigned threads = 1 + (unsigned)repeat % 8;
        struct job *job = new_job(threads);
        /* Items 7 to 9 run close together; the first of them is told, whichever ends first. */
        job->bad[0] = 9;
        job->bad[1] = 7;
        job->bad[2] = 8;
        struct icl_error err;
        const icl_status status = icl_parallel_for(threads, ITEMS, work, job, &err);
        assert_failure(status, ICL_ERR_NUMERIC, &err, "item 7 is bad");
        for (size_t i = 0; i <= 7; i++)
            assert_int_equal(job->runs[i], 1);
        if (threads == 1)
            for (size_t i = 8; i < ITEMS; i++)
                assert_int_equal(job->runs[i], 0);
        free(job);
    }
}

static void the_rest_is_not_started(void **state)
{
    (void)state;
    struct job *job = new_job(1);
    job->bad[0] = 5;
    assert_int_equal(icl_parallel_for(1, ITEMS, work, job, NULL), ICL_ERR_NUMERIC);
    for (size_t i = 0; i < ITEMS; i++)
        assert_int_equal(job->runs[i], i <= 5);
    free(job);
    job = new_job(1);
    job->bad[0] = 5;
    job->silent = true;
    struct icl_error err;
    const icl_status status = icl_parallel_for(1, ITEMS, work, job, &err);
    assert_failure(status, ICL_ERR_NUMERIC, &err, "item 5", icl_status_text(ICL_ERR_NUMERIC));
    free(job);
}

struct race {
    pthread_barrier_t both;
    size_t late; /* of items 0 and 1, the one that fails after the other */
    atomic_bool first_failed;
    atomic_int others;
};

static void rest(long milliseconds)
{
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000}, NULL);
}

static icl_status fail_in_order(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct race *race = context;
    (void)worker;
    if (item > 1) {
        atomic_fetch_add(&race->others, 1);
        rest(1);
        return ICL_OK;
    }
    pthread_barrier_wait(&race->both);
    if (item == race->late) {
        while (!atomic_load(&race->first_failed))
            rest(1);
        rest(20); /* until the other failure is surely on record; too short a rest could only hide a fault */
    }
    atomic_store(&race->first_failed, true);
    return icl_fail(err, ICL_ERR_NUMERIC, "item %zu is bad", item);
}

static void time_does_not_choose_the_error(void **state)
{
    (void)state;
    for (size_t late = 0; late < 2; late++) {
        struct race race = {.late = late};
        assert_int_equal(pthread_barrier_init(&race.both, NULL, 2), 0);
        struct icl_error err;
        const icl_status status = icl_parallel_for(2, 2, fail_in_order, &race, &err);
        assert_failure(status, ICL_ERR_NUMERIC, &err, "item 0 is bad");
        pthread_barrier_destroy(&race.both);
    }
}

static icl_status fail_first(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct race *race = context;
    (void)worker;
    if (item < 2) pthread_barrier_wait(&race->both);
    if (item == 0) return icl_fail(err, ICL_ERR_NUMERIC, "item 0 is bad");
    atomic_fetch_add(&race->others, 1);
    rest(1);
    return ICL_OK;
}

/* The failure of one worker stops the others as well. */
static void the_others_stop_too(void **state)
{
    (void)state;
    struct race race = {0};
    assert_int_equal(pthread_barrier_init(&race.both, NULL, 2), 0);
    assert_int_equal(icl_parallel_for(2, ITEMS, fail_first, &race, NULL), ICL_ERR_NUMERIC);
    assert_in_range(race.others, 1, ITEMS - 2);
    pthread_barrier_destroy(&race.both);
}

static icl_status note_thread(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    pthread_t *threads = context;
    (void)err;
    (void)item;
    if (worker == 0) threads[0] = pthread_self();
    return ICL_OK;
}

static void worker_zero_is_the_caller(void **state)
{
    (void)state;
    pthread_t threads[1] = {pthread_self()};
    assert_int_equal(icl_parallel_for(2, 100, note_thread, threads, NULL), ICL_OK);
    assert_true(pthread_equal(threads[0], pthread_self()));
    assert_true(icl_processor_count() >= 1);
}

static icl_status meet(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)item;
    (void)worker;
    (void)err;
    pthread_barrier_wait(context);
    return ICL_OK;
}

/* Three items that wait for each other end only if three threads really run. */
static void threads_run_together(void **state)
{
    (void)state;
    pthread_barrier_t barrier;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 3), 0);
    assert_int_equal(icl_parallel_for(3, 9, meet, &barrier, NULL), ICL_OK);
    pthread_barrier_destroy(&barrier);
}

struct activity {
    struct icl_progress progress;
    size_t steps;
};

static icl_status step(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct activity *activity = context;
    (void)item;
    (void)worker;
    (void)err;
    icl_progress_step(&activity->progress, activity->steps);
    return ICL_OK;
}

/* What an activity of `total` writes to a standard error that is a file, when `items` steps are made by two threads. */
static char *logged(size_t total, size_t items, size_t steps, bool quiet)
{
    struct activity activity = {.steps = steps};
    fflush(stderr);
    const int saved = dup(STDERR_FILENO);
    const int log = open(in_folder("log"), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_true(saved >= 0 && log >= 0);
    dup2(log, STDERR_FILENO);
    close(log);
    icl_progress_begin(&activity.progress, "pairs", total, quiet);
    const icl_status status = icl_parallel_for(2, items, step, &activity, NULL);
    icl_progress_end(&activity.progress);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    assert_int_equal(status, ICL_OK);
    size_t size;
    return read_bytes(in_folder("log"), &size);
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

static void progress_is_a_few_lines_in_a_log(void **state)
{
    (void)state;
    char *text = logged(1000, 1000, 1, false);
    assert_int_equal(count_lines(text), 10);
    assert_non_null(strstr(text, "pairs: 10 % (100/1000)"));
    assert_non_null(strstr(text, "pairs: 100 % (1000/1000)"));
    assert_null(strpbrk(text, "\r\x1b"));
    free(text);
    text = logged(3, 3, 1, false);
    assert_int_equal(count_lines(text), 3);
    assert_non_null(strstr(text, "pairs: 30 % (1/3)"));
    free(text);
    /* More than the total is the total. */
    text = logged(10, 4, SIZE_MAX, false);
    assert_int_equal(count_lines(text), 1);
    assert_non_null(strstr(text, "pairs: 100 % (10/10)"));
    free(text);
    text = logged(100, 100, 1, true);
    assert_string_equal(text, "");
    free(text);
    text = logged(0, 100, 1, false);
    assert_string_equal(text, "");
    free(text);
}

static void progress_is_a_bar_on_a_terminal(void **state)
{
    (void)state;
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0) skip(); /* a system without pseudo-terminals */
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    char name[PATH_MAX];
    assert_int_equal(ptsname_r(master, name, sizeof name), 0);
    const int terminal = open(name, O_RDWR | O_NOCTTY);
    const int saved = dup(STDERR_FILENO);
    assert_true(terminal >= 0 && saved >= 0);
    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    fflush(stderr);
    dup2(terminal, STDERR_FILENO);
    struct icl_progress progress;
    icl_progress_begin(&progress, "pairs", 4, false);
    for (int i = 0; i < 4; i++)
        icl_progress_step(&progress, 1);
    icl_progress_end(&progress);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    char text[4096];
    size_t n = 0;
    while (n < sizeof text - 1 && (n == 0 || text[n - 1] != '\n')) {
        const ssize_t got = read(master, text + n, sizeof text - 1 - n);
        assert_true(got > 0);
        n += (size_t)got;
    }
    close(terminal);
    close(master);
    text[n] = '\0';
    assert_non_null(strstr(text, "\rpairs [##############################] 100 % (4/4)"));
    /* One line, drawn over and over, ended once. */
    assert_int_equal(count_lines(text), 1);
    assert_int_equal(text[n - 1], '\n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_runs_once),
        cmocka_unit_test(few_items_need_few_threads),
        cmocka_unit_test(the_lowest_failure_is_told),
        cmocka_unit_test(the_rest_is_not_started),
        cmocka_unit_test(time_does_not_choose_the_error),
        cmocka_unit_test(the_others_stop_too),
        cmocka_unit_test(worker_zero_is_the_caller),
        cmocka_unit_test(threads_run_together),
        cmocka_unit_test(progress_is_a_few_lines_in_a_log),
        cmocka_unit_test(progress_is_a_bar_on_a_terminal),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
