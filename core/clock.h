/* Time that only goes forward. */
#ifndef ICLAB_CORE_CLOCK_H
#define ICLAB_CORE_CLOCK_H

#ifdef __cplusplus
extern "C" {
#endif

/* Seconds of the monotonic clock since some moment that stays the same: differences mean something. */
double icl_clock_seconds(void);

#ifdef __cplusplus
}
#endif

#endif
