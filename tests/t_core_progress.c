/* Progress in a log: a line a tenth, a rate where there is a unit, nothing where it is quiet. */
#include "tests/core_support.h"

#include "core/progress.h"

/* What the activity writes to standard error; free() it. */
static char *watch(const char *unit, size_t before, bool quiet)
{
    struct icl_progress progress;
    size_t size;
    fflush(stderr);
    const int saved = dup(STDERR_FILENO);
    FILE *log = fopen(in_folder("log"), "w");
    assert_non_null(log);
    assert_true(saved >= 0 && dup2(fileno(log), STDERR_FILENO) >= 0);
    if (unit == NULL && before == 0)
        icl_progress_begin(&progress, "working", 200, quiet);
    else
        icl_progress_resume(&progress, "working", unit, 200, before, quiet);
    for (size_t done = before; done < 200; done += 5)
        icl_progress_step(&progress, 5);
    icl_progress_step(&progress, 100); /* more than there is */
    icl_progress_end(&progress);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    fclose(log);
    return read_bytes(in_folder("log"), &size);
}

static size_t lines_of(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void a_line_a_tenth(void **state)
{
    (void)state;
    char *text = watch(NULL, 0, false);
    assert_int_equal(lines_of(text), 10);
    assert_non_null(strstr(text, "working: 10 % (20/200) after 0 s\n"));
    assert_non_null(strstr(text, "working: 100 % (200/200) after 0 s\n"));
    assert_null(strstr(text, "/s"));
    free(text);
}

static void rates_of_what_is_done_now(void **state)
{
    (void)state;
    char *text = watch("images", 130, false);
    /* 65 % are done: the tenths from 70 % on. */
    assert_int_equal(lines_of(text), 4);
    assert_int_equal(strncmp(text, "working: 70 % (140/200) after 0 s, ", 35), 0);
    assert_non_null(strstr(text, " images/s, 0 s left\n"));
    free(text);
    text = watch("images", 200, false);
    assert_string_equal(text, "");
    free(text);
}

static void nothing_when_quiet(void **state)
{
    (void)state;
    char *text = watch("images", 0, true);
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_line_a_tenth), cmocka_unit_test(rates_of_what_is_done_now),
                                       cmocka_unit_test(nothing_when_quiet)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
