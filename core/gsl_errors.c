#include "core/gsl_errors.h"

#include <pthread.h>
#include <stddef.h>

#include <gsl/gsl_errno.h>

static void switch_default_handler_off(void)
{
    gsl_error_handler_t *previous = gsl_set_error_handler_off();
    /* NULL stands for the default handler; anything else is the program's own choice. */
    if (previous != NULL) gsl_set_error_handler(previous);
}

void icl_gsl_errors_as_codes(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    /* Fails only for an invalid control block, which a static initialiser rules out. */
    (void)pthread_once(&once, switch_default_handler_off);
}
