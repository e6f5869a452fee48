/* The judge of the rigorous checks: true, false and undecidable statements, told apart, counted and logged. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proofs/interval/check.h"

/* Two numbers n/d in balls of radius 2^(exponent - narrowing * bits), and never narrower than 2^least; or NaN. */
struct balls {
    const char *left, *right;
    slong exponent, narrowing, least;
};

enum { EXACT = -1000000, NOT_A_NUMBER = 1000, FIRST_BITS = 64, MOST_BITS = 1024 };

static void enclose_one(arb_t value, const char *text, const struct balls *balls, slong bits)
{
    fmpq_t exact;
    fmpq_init(exact);
    assert_int_equal(fmpq_set_str(exact, text, 10), 0);
    arb_set_fmpq(value, exact, 4096);
    const slong wanted = balls->exponent - balls->narrowing * bits;
    if (balls->exponent != EXACT) arb_add_error_2exp_si(value, wanted > balls->least ? wanted : balls->least);
    if (balls->exponent == NOT_A_NUMBER) arb_indeterminate(value);
    fmpq_clear(exact);
}

static void enclose_balls(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct balls *balls = a_case;
    enclose_one(left, balls->left, balls, bits);
    enclose_one(right, balls->right, balls, bits);
}

static void print_balls(FILE *stream, const void *a_case)
{
    const struct balls *balls = a_case;
    fprintf(stream, "  case of %s and %s", balls->left, balls->right);
}

typedef void judge_balls(struct check_run *run, enclose_sides *sides, print_case *print, const void *a_case);

enum verdict { CERTAIN, EXCLUDED, UNDECIDED };

static struct check_run judged(judge_balls *judge, const struct balls *balls, char **log)
{
    size_t size;
    struct check_run run = {
        .log = open_memstream(log, &size), .bits = FIRST_BITS, .most_bits = MOST_BITS, .name = "trial"};
    judge(&run, enclose_balls, print_balls, balls);
    fclose(run.log);
    return run;
}

static void expect(judge_balls *judge, struct balls balls, enum verdict verdict, bool retried)
{
    char *log = NULL;
    const struct check_run run = judged(judge, &balls, &log);
    assert_int_equal(run.cases, 1);
    assert_int_equal(run.certain, verdict == CERTAIN);
    assert_int_equal(run.excluded, verdict == EXCLUDED);
    assert_int_equal(run.undecided, verdict == UNDECIDED);
    assert_int_equal(run.retried, retried);
    if (verdict == CERTAIN) {
        assert_string_equal(log, "");
    } else {
        assert_non_null(strstr(log, verdict == EXCLUDED ? "is excluded" : "is not decided"));
        assert_non_null(strstr(log, "trial: "));
        assert_non_null(strstr(log, "\n  left  "));
        assert_non_null(strstr(log, "\n  right "));
        assert_non_null(strstr(log, "case of "));
    }
    free(log);
}

static const struct balls third = {"1/3", "1/3", -130, 0, EXACT};

static void equal_numbers(void **state)
{
    (void)state;
    expect(check_equal, third, CERTAIN, false);
    expect(check_equal, (struct balls){"0", "0", EXACT, 0, EXACT}, CERTAIN, false);
    expect(check_equal, (struct balls){"-5", "-5", -110, 0, EXACT}, CERTAIN, false);
    /* different */
    expect(check_equal, (struct balls){"1/3", "33/100", -130, 0, EXACT}, EXCLUDED, false);
    expect(check_equal, (struct balls){"1/3", "-1/3", -130, 0, EXACT}, EXCLUDED, false);
    expect(check_equal,
           (struct balls){"1", "1000000000000000000000000000000000001/1000000000000000000000000000000000000", -130, 0,
                          EXACT},
           EXCLUDED, false);
    /* narrow enough at 128 bits only, and never */
    expect(check_equal, (struct balls){"1/3", "1/3", 0, 1, EXACT}, CERTAIN, true);
    expect(check_equal, (struct balls){"1/3", "1/3", 0, 0, EXACT}, UNDECIDED, true);
    expect(check_equal, (struct balls){"1/3", "1/3", 0, 1, -90}, UNDECIDED, true);
    expect(check_equal, (struct balls){"1/3", "1/3", NOT_A_NUMBER, 0, EXACT}, UNDECIDED, true);
}

/* 1e-30 of the larger side is 2^-99.7 of it, each side has a radius of its own, and nothing counts as smaller than
 * 1e-10. */
static void widths_of_equal_numbers(void **state)
{
    (void)state;
    expect(check_equal, (struct balls){"1", "1", -101, 0, EXACT}, CERTAIN, false);
    expect(check_equal, (struct balls){"1", "1", -100, 0, EXACT}, UNDECIDED, true);
    expect(check_equal, (struct balls){"1024", "1024", -91, 0, EXACT}, CERTAIN, false);
    expect(check_equal, (struct balls){"1024", "1024", -90, 0, EXACT}, UNDECIDED, true);
    expect(check_equal, (struct balls){"0", "0", -134, 0, EXACT}, CERTAIN, false);
    expect(check_equal, (struct balls){"0", "0", -132, 0, EXACT}, UNDECIDED, true);
    char *log = NULL;
    const struct balls wide = {"1", "1", -101, 0, EXACT};
    const struct check_run run = judged(check_equal, &wide, &log);
    assert_true(fabs(run.widest / ldexp(1, -100) - 1) < 1e-6);
    free(log);
}

static void ordered_numbers(void **state)
{
    (void)state;
    judge_balls *const judges[] = {check_less, check_at_most};
    for (int j = 0; j < 2; j++) {
        expect(judges[j], (struct balls){"1/3", "34/100", -130, 0, EXACT}, CERTAIN, false);
        expect(judges[j], (struct balls){"-1/3", "-1/4", -130, 0, EXACT}, CERTAIN, false);
        expect(judges[j], (struct balls){"34/100", "1/3", -130, 0, EXACT}, EXCLUDED, false);
        expect(judges[j], third, UNDECIDED, true);
        expect(judges[j], (struct balls){"1/3", "34/100", 60, 1, EXACT}, CERTAIN, true);
        expect(judges[j], (struct balls){"34/100", "1/3", 60, 1, EXACT}, EXCLUDED, true);
        expect(judges[j], (struct balls){"1/3", "34/100", 0, 0, EXACT}, UNDECIDED, true);
        expect(judges[j], (struct balls){"1/3", "34/100", NOT_A_NUMBER, 0, EXACT}, UNDECIDED, true);
    }
    /* exactly equal */
    expect(check_less, (struct balls){"1/4", "1/4", EXACT, 0, EXACT}, EXCLUDED, false);
    expect(check_at_most, (struct balls){"1/4", "1/4", EXACT, 0, EXACT}, CERTAIN, false);
}

static void only_some_failures_are_shown(void **state)
{
    (void)state;
    char *log = NULL;
    size_t size;
    struct check_run run = {
        .log = open_memstream(&log, &size), .bits = FIRST_BITS, .most_bits = MOST_BITS, .name = "trial"};
    const struct balls wrong = {"1", "2", -130, 0, EXACT};
    for (int i = 0; i < 12; i++)
        check_equal(&run, enclose_balls, print_balls, &wrong);
    fclose(run.log);
    int shown = 0;
    for (const char *at = log; (at = strstr(at, "trial: ")) != NULL; at++)
        shown++;
    assert_int_equal(run.excluded, 12);
    assert_int_equal(shown, 5);
    free(log);
}

static int free_caches(void **state)
{
    (void)state;
    flint_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_numbers),
        cmocka_unit_test(widths_of_equal_numbers),
        cmocka_unit_test(ordered_numbers),
        cmocka_unit_test(only_some_failures_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, free_caches);
}
