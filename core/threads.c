#include "core/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

unsigned icl_processor_count(void)
{
    cpu_set_t allowed;
    /* The set holds 1024 processors; on larger machines the call fails and the plain count serves. */
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) > 0)
        return (unsigned)CPU_COUNT(&allowed);
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

/* What the workers of one loop share. */
struct loop {
    icl_work work;
    void *context;
    size_t count;
    atomic_size_t next;          /* the next item to start */
    atomic_size_t lowest_failed; /* SIZE_MAX: none */
    pthread_mutex_t lock;        /* guards `error` */
    struct icl_error error;      /* that of the lowest failed item */
};

struct worker {
    struct loop *loop;
    unsigned number;
};

static void record_failure(struct loop *loop, size_t item, const struct icl_error *error)
{
    pthread_mutex_lock(&loop->lock);
    if (item < atomic_load(&loop->lowest_failed)) {
        atomic_store(&loop->lowest_failed, item);
        loop->error = *error;
    }
    pthread_mutex_unlock(&loop->lock);
}

/* Items are started in order and a started one always runs, so everything below a failed item has run in the end: which
 * error is the lowest does not depend on timing. */
static void *run_worker(void *argument)
{
    const struct worker *worker = argument;
    struct loop *loop = worker->loop;
    for (;;) {
        if (atomic_load(&loop->lowest_failed) != SIZE_MAX) return NULL;
        const size_t item = atomic_fetch_add(&loop->next, 1);
        if (item >= loop->count) return NULL;
        struct icl_error error = {0};
        const icl_status status = loop->work(loop->context, item, worker->number, &error);
        if (status == ICL_OK) continue;
        if (error.message[0] == '\0') icl_fail(&error, status, "item %zu: %s", item, icl_status_text(status));
        error.status = status;
        record_failure(loop, item, &error);
        return NULL;
    }
}

icl_status icl_parallel_for(unsigned threads, size_t count, icl_work work, void *context, struct icl_error *err)
{
    if (threads == 0) threads = icl_processor_count();
    if (threads > count) threads = (unsigned)count;
    if (count == 0) return ICL_OK;
    struct loop loop = {.work = work, .context = context, .count = count, .lock = PTHREAD_MUTEX_INITIALIZER};
    atomic_init(&loop.next, 0);
    atomic_init(&loop.lowest_failed, SIZE_MAX);
    pthread_t *handles = calloc(threads, sizeof *handles);
    struct worker *workers = calloc(threads, sizeof *workers);
    if (handles == NULL || workers == NULL) {
        free(handles);
        free(workers);
        return icl_fail_memory(err, "threads");
    }
    for (unsigned t = 0; t < threads; t++)
        workers[t] = (struct worker){&loop, t};
    /* Fewer threads than asked for are slower, not wrong. */
    unsigned started = 1;
    while (started < threads && pthread_create(&handles[started], NULL, run_worker, &workers[started]) == 0)
        started++;
    run_worker(&workers[0]);
    for (unsigned t = 1; t < started; t++)
        pthread_join(handles[t], NULL);
    free(handles);
    free(workers);
    pthread_mutex_destroy(&loop.lock);
    if (atomic_load(&loop.lowest_failed) == SIZE_MAX) return ICL_OK;
    if (err != NULL) *err = loop.error;
    return loop.error.status;
}
