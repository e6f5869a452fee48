/* A handler that the program installed itself stays. (That the default one goes is seen by
 * t_experiments_multinormal, which would abort.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_errno.h>

#include "core/gsl_errors.h"

static int reported;

static void own_handler(const char *reason, const char *file, int line, int code)
{
    (void)reason;
    (void)file;
    (void)line;
    (void)code;
    reported++;
}

static void keeps_the_programs_handler(void **state)
{
    (void)state;
    gsl_set_error_handler(own_handler);
    icl_gsl_errors_as_codes();
    icl_gsl_errors_as_codes();
    gsl_error("a test", __FILE__, __LINE__, GSL_EDOM);
    assert_int_equal(reported, 1);
    gsl_error_handler_t *const handler = gsl_set_error_handler_off();
    assert_true(handler == own_handler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_the_programs_handler)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
