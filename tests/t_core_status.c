/* Status codes and the one-line error record. */
#include "tests/core_support.h"

static void every_status_has_text_and_exit_code(void **state)
{
    (void)state;
    static const int codes[ICL_STATUS_COUNT] = {
        [ICL_OK] = 0,     [ICL_ERR_USAGE] = 2,   [ICL_ERR_INPUT] = 2,  [ICL_ERR_MEMORY] = 3,
        [ICL_ERR_IO] = 3, [ICL_ERR_NUMERIC] = 3, [ICL_ERR_DEVICE] = 3,
    };
    for (int s = 0; s < ICL_STATUS_COUNT; s++) {
        assert_int_equal(icl_status_exit_code((icl_status)s), codes[s]);
        assert_true(strlen(icl_status_text((icl_status)s)) > 0);
        for (int t = 0; t < s; t++)
            assert_string_not_equal(icl_status_text((icl_status)s), icl_status_text((icl_status)t));
    }
    assert_int_equal(icl_status_exit_code(ICL_STATUS_COUNT), 3);
    assert_int_equal(icl_status_exit_code((icl_status)-1), 3);
    assert_string_equal(icl_status_text(ICL_STATUS_COUNT), "unknown status");
}

static void fail_fills_the_record(void **state)
{
    (void)state;
    struct icl_error err;
    memset(&err, 0x5a, sizeof err);
    assert_int_equal(icl_fail(&err, ICL_ERR_INPUT, "%s: byte %d: %s", "a.npy", 17, "odd"), ICL_ERR_INPUT);
    assert_int_equal(err.status, ICL_ERR_INPUT);
    assert_string_equal(err.message, "a.npy: byte 17: odd");
    assert_int_equal(icl_fail(NULL, ICL_ERR_IO, "nobody listens"), ICL_ERR_IO);
    assert_int_equal(icl_fail_memory(&err, "a thing"), ICL_ERR_MEMORY);
    assert_failure(err.status, ICL_ERR_MEMORY, &err, "a thing", "memory");
}

static void messages_stay_one_line_and_are_cut(void **state)
{
    (void)state;
    struct icl_error err;
    icl_fail(&err, ICL_ERR_INPUT, "two\nlines\r\tand \x1b[31mcolour\x7f, caf\xc3\xa9");
    assert_string_equal(err.message, "two?lines??and ?[31mcolour?, caf\xc3\xa9");
    char lengthy[3 * sizeof err.message];
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    icl_fail(&err, ICL_ERR_INPUT, "%s", lengthy);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
}

static int evaluations;

static icl_status counted(icl_status status)
{
    evaluations++;
    return status;
}

static icl_status forward(icl_status status)
{
    ICL_TRY(counted(status));
    return ICL_ERR_NUMERIC;
}

static void try_forwards_once(void **state)
{
    (void)state;
    evaluations = 0;
    assert_int_equal(forward(ICL_ERR_IO), ICL_ERR_IO);
    assert_int_equal(evaluations, 1);
    assert_int_equal(forward(ICL_OK), ICL_ERR_NUMERIC);
    assert_int_equal(evaluations, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_text_and_exit_code),
        cmocka_unit_test(fail_fills_the_record),
        cmocka_unit_test(messages_stay_one_line_and_are_cut),
        cmocka_unit_test(try_forwards_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
