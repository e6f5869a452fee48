/* Which table a process gets, by processor and environment. The choice is made once in a process, so every case runs in
 * a child of its own. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernels_check.h"

enum { CHILD_PASSED = 0, CHILD_FAILED = 1, CHILD_SKIPPED = 77 };

/* Runs `body` in a child with one variable set; the test passes, fails or is skipped as the child says. */
static void in_child(int (*body)(void), const char *variable, const char *value)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (variable != NULL) setenv(variable, value, 1);
        _exit(body());
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CHILD_SKIPPED) skip();
    assert_int_equal(WEXITSTATUS(status), CHILD_PASSED);
}

static int judge(bool good)
{
    return good ? CHILD_PASSED : CHILD_FAILED;
}

/* The name of the fastest variant this machine has. */
static const char *fastest(void)
{
    const char *name = NULL;
    for (size_t i = 0; icl_cpu_variants[i] != NULL; i++)
        if (icl_cpu_variants[i]->supported()) name = icl_cpu_variants[i]->name;
    return name;
}

static int is_reference(void)
{
    return judge(strcmp(icl_kernels()->name, "reference") == 0 && strcmp(icl_kernels()->blas, "reference") == 0 &&
                 strcmp(icl_kernels()->blas_core, "none") == 0 && strcmp(icl_cpu_best()->name, "portable") == 0);
}

static int is_portable(void)
{
    return judge(strcmp(icl_kernels()->name, "portable") == 0 && strcmp(icl_cpu_best()->name, "portable") == 0);
}

static int is_fastest(void)
{
    return judge(strcmp(icl_kernels()->name, fastest()) == 0 && strcmp(icl_cpu_best()->name, fastest()) == 0);
}

static int is_avx2(void)
{
    const struct icl_cpu_variant *const *at = icl_cpu_variants;
    while (*at != NULL && strcmp((*at)->name, "avx2") != 0)
        at++;
    if (*at == NULL || !(*at)->supported()) return CHILD_SKIPPED;
    return judge(strcmp(icl_kernels()->name, "avx2") == 0);
}

static void environment_names_the_table(void **state)
{
    (void)state;
    in_child(is_reference, "ICLAB_KERNELS", "reference");
    in_child(is_portable, "ICLAB_KERNELS", "portable");
    in_child(is_fastest, "ICLAB_KERNELS", "no such variant");
    in_child(is_fastest, NULL, NULL);
    in_child(is_avx2, "ICLAB_KERNELS", "avx2");
}

static int same_draws(void)
{
    const struct icl_stream stream = {.seed = 8, .purpose = ICL_PURPOSE_LAW};
    double z[700], expected;
    icl_random_normal(&stream, 1, 700, z);
    for (size_t i = 0; i < 700; i++) {
        double u;
        icl_random_uniform(&stream, 1 + i, 1, &u);
        expected = icl_normal_quantile(u);
        if (check_first_difference_f64(&z[i], &expected, 1) != 1) return CHILD_FAILED;
    }
    return CHILD_PASSED;
}

static void draws_do_not_depend_on_it(void **state)
{
    (void)state;
    in_child(same_draws, "ICLAB_KERNELS", "reference");
    in_child(same_draws, "ICLAB_KERNELS", "avx2");
    in_child(same_draws, NULL, NULL);
}

static int user_core_is_kept(void)
{
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return CHILD_SKIPPED;
#else
    return CHILD_SKIPPED;
#endif
    setenv("OPENBLAS_NUM_THREADS", "5", 1);
    if (strcmp(icl_kernels()->blas, "openblas") != 0) return CHILD_SKIPPED;
    const char *core = getenv("OPENBLAS_CORETYPE"), *threads = getenv("OPENBLAS_NUM_THREADS");
    return judge(strcmp(icl_kernels()->blas_core, "Haswell") == 0 && core != NULL && strcmp(core, "Haswell") == 0 &&
                 threads != NULL && strcmp(threads, "5") == 0);
}

static int environment_is_restored(void)
{
    unsetenv("OPENBLAS_NUM_THREADS");
    unsetenv("OPENBLAS_CORETYPE");
    if (strcmp(icl_kernels()->blas, "openblas") != 0) return CHILD_SKIPPED;
    return judge(getenv("OPENBLAS_CORETYPE") == NULL && getenv("OPENBLAS_NUM_THREADS") == NULL);
}

static int core_fits_processor(void)
{
    unsetenv("OPENBLAS_CORETYPE");
    if (strcmp(icl_kernels()->blas, "openblas") != 0) return CHILD_SKIPPED;
#if defined(__x86_64__)
    if (strcmp(fastest(), "avx512") == 0) return judge(strcmp(icl_kernels()->blas_core, "SkylakeX") == 0);
    if (strcmp(fastest(), "avx2") == 0) return judge(strcmp(icl_kernels()->blas_core, "Haswell") == 0);
#endif
    return judge(strcmp(icl_kernels()->blas_core, "none") != 0);
}

static void openblas_core(void **state)
{
    (void)state;
    in_child(core_fits_processor, NULL, NULL);
    in_child(user_core_is_kept, "OPENBLAS_CORETYPE", "Haswell");
    in_child(environment_is_restored, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(environment_names_the_table),
        cmocka_unit_test(draws_do_not_depend_on_it),
        cmocka_unit_test(openblas_core),
    };
    return cmocka_run_group_tests_name("kernels/dispatch", tests, NULL, NULL);
}
