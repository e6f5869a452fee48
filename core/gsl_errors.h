/* GSL's errors as status codes. */
#ifndef ICLAB_CORE_GSL_ERRORS_H
#define ICLAB_CORE_GSL_ERRORS_H

#ifdef __cplusplus
extern "C" {
#endif

/* To be called before the first use of GSL in a function whose GSL calls may fail. GSL's default handler aborts the
 * process, which a library must not do: the first call here switches that handler off, so that GSL returns its codes.
 * A handler the program installed before is left in place. Thread-safe, cheap after the first call. */
void icl_gsl_errors_as_codes(void);

#ifdef __cplusplus
}
#endif

#endif
