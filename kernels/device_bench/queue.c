/* Memory, queue, recorded work, the clock. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/device_bench/trial_internal.h"

enum { WORDS = 5003 };

struct queue {
    uint32_t *words;
    struct trial_area *from, *to;
};

static void queue_make(struct trial *t)
{
    struct queue *q = t->state = trial_host(t, sizeof *q);
    snprintf(t->label, sizeof t->label, "%d words", WORDS);
    if (q == NULL) return;
    q->words = trial_host(t, WORDS * sizeof *q->words);
    if (q->words == NULL) return;
    trial_words(t, WORDS, q->words);
    q->from = trial_upload(t, q->words, WORDS * sizeof *q->words, WORDS * sizeof *q->words);
    q->to = trial_area(t, WORDS * sizeof *q->words);
}

/* All but the first and last word are copied, then some of the middle cleared. */
static void queue_work(struct trial *t)
{
    const struct queue *q = t->state;
    char *from = trial_at(t, q->from), *to = trial_at(t, q->to);
    t->call->copy(t->device, from + 4, (WORDS - 2) * 4, to + 4);
    t->call->clear(t->device, to + 400, 36);
}

static void queue_check(struct trial *t)
{
    const struct queue *q = t->state;
    uint32_t *want = trial_host(t, WORDS * sizeof *want);
    if (want == NULL) return;
    memcpy(want, q->words, WORDS * sizeof *want);
    want[0] = want[WORDS - 1] = UINT32_MAX;
    memset(want + 100, 0, 36);
    trial_same_bytes(t, "copied and cleared", trial_read(t, q->to), want, WORDS * sizeof *want);
}

/* ---- memory of the host ---- */

static void host_check(struct trial *t)
{
    const struct queue *q = t->state;
    struct icl_error err;
    void *locked = NULL;
    trial_fail(t, t->call->take_host(t->device, WORDS * 4, &locked, &err), &err);
    if (locked == NULL) return;
    memcpy(locked, q->words, WORDS * 4);
    t->call->upload(t->device, locked, WORDS * 4, trial_at(t, q->to));
    trial_fail(t, t->call->finish(t->device, &err), &err);
    memset(locked, 0, WORDS * 4);
    t->call->download(t->device, trial_at(t, q->to), WORDS * 4, locked);
    trial_fail(t, t->call->finish(t->device, &err), &err);
    if (t->status == ICL_OK) trial_same_bytes(t, "up and down", locked, q->words, WORDS * 4);
    t->call->release_host(t->device, locked);

    void *nothing = locked;
    trial_fail(t, t->call->take(t->device, 0, &nothing, &err), &err);
    if (nothing != NULL) trial_problem(t, "memory of 0 bytes");
    t->call->release(t->device, NULL);
    t->call->release_host(t->device, NULL);
    if (t->call->take(t->device, SIZE_MAX / 4, &nothing, &err) != ICL_ERR_MEMORY || nothing != NULL)
        trial_problem(t, "more memory than there is: no failure");
    for (int k = 0; k < 3; k++) { /* aligned */
        trial_fail(t, t->call->take(t->device, 1 + (size_t)k, &nothing, &err), &err);
        if ((uintptr_t)nothing % 256 != 0) trial_problem(t, "memory that is not aligned");
        t->call->release(t->device, nothing);
    }
}

/* ---- recorded work, done again ---- */

static void nothing_yet(struct trial *t)
{
    (void)t;
}

static void graph_check(struct trial *t)
{
    const struct queue *q = t->state;
    struct icl_error err;
    struct icl_device_graph *graph;
    t->call->record_begin(t->device);
    t->call->copy(t->device, trial_at(t, q->from), WORDS * 4, trial_at(t, q->to));
    trial_fail(t, t->call->record_end(t->device, &graph, &err), &err);
    for (int turn = 0; turn < 3 && t->status == ICL_OK; turn++) {
        const uint32_t *before = trial_read(t, q->to);
        if (turn == 0 && before != NULL && before[0] != UINT32_MAX) trial_problem(t, "recorded work was done");
        trial_words(t, WORDS, q->words);
        t->call->upload(t->device, q->words, WORDS * 4, trial_at(t, q->from));
        t->call->replay(t->device, graph);
        trial_same_bytes(t, "recorded copy", trial_read(t, q->to), q->words, WORDS * 4);
    }
    t->call->graph_release(t->device, graph);
    t->call->graph_release(t->device, NULL);
}

/* ---- the clock ---- */

struct count {
    struct trial *t;
    unsigned calls;
};

static void counted(void *context)
{
    struct count *count = context;
    count->calls++;
    queue_work(count->t);
}

static void time_check(struct trial *t)
{
    struct icl_error err;
    struct count count = {t, 0};
    double seconds = NAN;
    trial_fail(t, t->call->time(t->device, counted, &count, 7, &seconds, &err), &err);
    if (count.calls != 7) trial_problem(t, "%u calls, not 7", count.calls);
    if (!(seconds >= 0.0 && seconds < 60.0)) trial_problem(t, "%g seconds", seconds);
}

/* ---- rates ---- */

struct copies {
    struct trial_numbers from, to;
};

static void copy_make(struct trial *t)
{
    struct copies *c = t->state = trial_host(t, sizeof *c);
    if (c == NULL) return;
    const size_t count = t->tiny ? 1 << 10 : t->measuring ? (size_t)1 << 27 : 1003;
    c->from = trial_normal(t, ICL_STORAGE_F32, count, 0, 1);
    c->to = trial_room(t, ICL_STORAGE_F32, count);
    snprintf(t->label, sizeof t->label, "%zu x 4 B", count);
    t->peak = TRIAL_COPY;
    t->amount = 8.0 * (double)count;
}

static void copy_work(struct trial *t)
{
    const struct copies *c = t->state;
    t->call->copy(t->device, trial_at(t, c->from.area), 4 * c->from.count, trial_at(t, c->to.area));
}

static void copy_check(struct trial *t)
{
    const struct copies *c = t->state;
    trial_same(t, "copy", trial_read_floats(t, &c->to), c->from.host, c->from.count);
}

static void clear_make(struct trial *t)
{
    copy_make(t);
    t->amount /= 2;
}

static void clear_work(struct trial *t)
{
    const struct copies *c = t->state;
    t->call->clear(t->device, trial_at(t, c->to.area), 4 * c->to.count);
}

static void clear_check(struct trial *t)
{
    const struct copies *c = t->state;
    const float *zeros = trial_host(t, 4 * c->to.count);
    trial_same(t, "clear", trial_read_floats(t, &c->to), zeros, c->to.count);
}

const struct trial_row trial_rows_queue[] = {
    {"queue",
     {TRIAL_MEMBER(upload), TRIAL_MEMBER(download), TRIAL_MEMBER(finish)},
     2,
     0,
     queue_make,
     queue_work,
     queue_check,
     NULL},
    {"memory",
     {TRIAL_MEMBER(take), TRIAL_MEMBER(release), TRIAL_MEMBER(take_host), TRIAL_MEMBER(release_host)},
     1,
     0,
     queue_make,
     nothing_yet,
     host_check,
     NULL},
    {"recorded work",
     {TRIAL_MEMBER(record_begin), TRIAL_MEMBER(record_end), TRIAL_MEMBER(replay), TRIAL_MEMBER(graph_release)},
     1,
     0,
     queue_make,
     nothing_yet,
     graph_check,
     NULL},
    {"time", {TRIAL_MEMBER(time)}, 1, 0, queue_make, nothing_yet, time_check, NULL},
    {"copy", {TRIAL_MEMBER(copy)}, 2, 1, copy_make, copy_work, copy_check, NULL},
    {"clear", {TRIAL_MEMBER(clear)}, 2, 1, clear_make, clear_work, clear_check, NULL},
    {0},
};
