/* Work shared among threads without letting their number change a result. */
#ifndef ICLAB_CORE_THREADS_H
#define ICLAB_CORE_THREADS_H

#include <stddef.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One item of work. `item` says which; it must write only to slots that belong to that item, or to the workspace of
 * `worker` (0 .. threads-1), and read no other item's results: then the outcome does not depend on `threads`. */
typedef icl_status (*icl_work)(void *context, size_t item, unsigned worker, struct icl_error *err);

/* The number of processors this process may use, at least 1. */
unsigned icl_processor_count(void);

/* Runs items 0..count-1 on `threads` threads (0: icl_processor_count()), taking the next free item as one ends.
 * If items fail, the rest is not started and the error of the lowest failed item is returned. Returns after all
 * threads have ended. The calling thread is worker 0. */
icl_status icl_parallel_for(unsigned threads, size_t count, icl_work work, void *context, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
