/* Status codes and one-line error messages: the only error channel of iclab. */
#ifndef ICLAB_CORE_STATUS_H
#define ICLAB_CORE_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum icl_status {
    ICL_OK = 0,
    ICL_ERR_USAGE,   /* the caller's options make no sense: exit 2 */
    ICL_ERR_INPUT,   /* the data cannot be used: exit 2 */
    ICL_ERR_MEMORY,  /* allocation failed: exit 3 */
    ICL_ERR_IO,      /* reading or writing failed: exit 3 */
    ICL_ERR_NUMERIC, /* an algorithm did not converge or left its domain: exit 3 */
    ICL_ERR_DEVICE,  /* a GPU is not there or failed: exit 3 */
    ICL_STATUS_COUNT
} icl_status;

/* One line that says what was wrong, where and why. Owned by the caller, never allocated.
 * An error record is filled by the function that fails first; callers pass it on unchanged. */
struct icl_error {
    icl_status status;
    char message[512];
};

#if defined(__GNUC__)
#define ICL_PRINTF(format_index, first_arg) __attribute__((format(printf, format_index, first_arg)))
#else
#define ICL_PRINTF(format_index, first_arg)
#endif

/* A short constant text for `status` ("bad input", ...); never NULL. */
const char *icl_status_text(icl_status status);

/* The process exit code for `status`: 0 ok, 2 usage or input, 3 anything else. */
int icl_status_exit_code(icl_status status);

/* Makes control characters of `text` into '?', so that it is one line on a terminal. */
void icl_one_line(char *text);

/* Writes the message into `err` (which may be NULL), cuts it at one line, and returns `status`,
 * so that `return icl_fail(err, ICL_ERR_INPUT, "%s: ...", path);` reads as one statement. */
icl_status icl_fail(struct icl_error *err, icl_status status, const char *format, ...) ICL_PRINTF(3, 4);

/* The standard out-of-memory error, naming what was to be allocated. */
icl_status icl_fail_memory(struct icl_error *err, const char *what);

/* Forwards a failure: evaluates `expression` once and returns its status unless it is ICL_OK. */
#define ICL_TRY(expression)                                                                                            \
    do {                                                                                                               \
        const icl_status icl_try_status_ = (expression);                                                               \
        if (icl_try_status_ != ICL_OK) return icl_try_status_;                                                         \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
