/* A team of threads that stays: for work of microseconds, where starting threads (core/threads.h) would cost more than
 * the work. */
#ifndef ICLAB_CORE_TEAM_H
#define ICLAB_CORE_TEAM_H

#include <stddef.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct icl_team;

/* What every worker does, `worker` in 0 .. size-1; the calling thread is worker 0. */
typedef void (*icl_team_work)(void *context, unsigned worker);

/* Starts threads - 1 threads (threads 0: icl_processor_count()). Owned by the caller: icl_team_free. Where the system
 * gives no thread: ICL_ERR_MEMORY. */
icl_status icl_team_create(unsigned threads, struct icl_team **team, struct icl_error *err);

/* Ends the threads. NULL is allowed. */
void icl_team_free(struct icl_team *team);

unsigned icl_team_size(const struct icl_team *team);

/* Every worker calls work(context, worker) once; returns when all are done. One caller at a time, not from within. */
void icl_team_run(struct icl_team *team, icl_team_work work, void *context);

/* Within a run: no worker passes before all have come here, and what each wrote before is seen by all after. Every
 * worker must make the same calls. Waits by spinning for about a tenth of a millisecond, then sleeps; a team of more
 * threads than processors sleeps at once. */
void icl_team_barrier(struct icl_team *team);

#ifdef __cplusplus
}
#endif

#endif
