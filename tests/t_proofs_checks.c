/* Every check on finite laws, on a few of them: each tries as many cases as it is told, and all come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proofs/interval/check.h"

enum { LAWS = 150 };

static const struct check *const tables[] = {checks_c01, checks_c02, checks_c03, checks_c04, checks_c05,
                                             checks_c06, checks_c07, checks_c08, checks_c09, checks_mixed_information};

static struct check_run run_of(const struct check *check, uint64_t seed)
{
    struct check_run run = {
        .log = stderr, .seed = seed, .laws = LAWS, .bits = 128, .most_bits = 4096, .name = check->name};
    check->run(&run);
    return run;
}

static void checks_hold(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const struct check *check = tables[t]; check->name != NULL; check++) {
            const struct check_run run = run_of(check, 7);
            if (run.cases != LAWS || run.certain != LAWS)
                fail_msg("%s: %ld of %ld cases certain, %d wanted", check->name, run.certain, run.cases, LAWS);
            assert_int_equal(run.excluded + run.undecided, 0);
        }
}

static int free_caches(void **state)
{
    (void)state;
    flint_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(checks_hold)};
    return cmocka_run_group_tests(tests, NULL, free_caches);
}
