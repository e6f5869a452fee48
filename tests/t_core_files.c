/* Files that appear whole or not at all, and folders. */
#include "tests/core_support.h"

#include <sys/wait.h>

#include "core/atomic_file.h"

static void check_content(const char *path, const char *wanted)
{
    size_t size;
    char *bytes = read_bytes(path, &size);
    assert_int_equal(size, strlen(wanted));
    assert_string_equal(bytes, wanted);
    free(bytes);
}

static void appears_with_the_commit(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_atomic_file file;
    const char *path = in_folder("result.tsv");
    const size_t before = count_entries(folder);
    assert_ok(icl_atomic_open(&file, path, &err));
    fputs("a\tb\n", file.stream);
    fflush(file.stream);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(count_entries(folder), before + 1);
    assert_ok(icl_atomic_commit(&file, &err));
    check_content(path, "a\tb\n");
    assert_int_equal(count_entries(folder), before + 1);
    icl_atomic_abort(&file);
    check_content(path, "a\tb\n");

    /* A second result replaces the first only when it is whole. */
    assert_ok(icl_atomic_open(&file, path, &err));
    fputs("new", file.stream);
    fflush(file.stream);
    check_content(path, "a\tb\n");
    assert_ok(icl_atomic_commit(&file, &err));
    check_content(path, "new");

    assert_ok(icl_atomic_open(&file, path, &err));
    fputs("never", file.stream);
    icl_atomic_abort(&file);
    check_content(path, "new");
    assert_int_equal(count_entries(folder), before + 1);
    icl_atomic_abort(&file);
    struct icl_atomic_file zero = {0};
    icl_atomic_abort(&zero);
}

static void has_the_rights_of_any_new_file(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_atomic_file file;
    const mode_t mask = umask(027);
    assert_ok(icl_atomic_open(&file, in_folder("rights"), &err));
    assert_ok(icl_atomic_commit(&file, &err));
    umask(mask);
    struct stat info;
    assert_int_equal(stat(in_folder("rights"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void writes_through_links(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_atomic_file file;
    write_bytes(in_folder("target"), "old", 3);
    assert_int_equal(symlink("target", in_folder("link")), 0);
    assert_ok(icl_atomic_open(&file, in_folder("link"), &err));
    fputs("fresh", file.stream);
    assert_ok(icl_atomic_commit(&file, &err));
    check_content(in_folder("target"), "fresh");
    struct stat info;
    assert_int_equal(lstat(in_folder("link"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
}

static void works_in_the_current_folder(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_atomic_file file;
    char before[PATH_MAX];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    assert_ok(icl_atomic_open(&file, "plain", &err));
    fputs("x", file.stream);
    assert_ok(icl_atomic_commit(&file, &err));
    assert_int_equal(chdir(before), 0);
    check_content(in_folder("plain"), "x");
}

/* A device is written to where it is; renaming would replace it. */
static void devices_stay_devices(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_atomic_file file;
    struct stat info;
    assert_ok(icl_atomic_open(&file, "/dev/null", &err));
    fputs("nothing", file.stream);
    assert_ok(icl_atomic_commit(&file, &err));
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));

    /* A small write fails in the flush of the commit, a large one before it. */
    for (size_t size = 1; size <= (1 << 20); size <<= 20) {
        assert_ok(icl_atomic_open(&file, "/dev/full", &err));
        for (size_t i = 0; i < size; i++)
            putc('x', file.stream);
        const icl_status status = icl_atomic_commit(&file, &err);
        assert_failure(status, ICL_ERR_IO, &err, "/dev/full", "writing failed");
        assert_null(file.stream);
    }
    assert_int_equal(stat("/dev/full", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
}

static void failed_commits_clean_up(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_atomic_file file;
    const size_t before = count_entries(folder);
    /* The disk gives out: the stream is made to fail by turning it towards a full device. */
    assert_ok(icl_atomic_open(&file, in_folder("full"), &err));
    fputs("some text", file.stream);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_true(dup2(fileno(full), fileno(file.stream)) >= 0);
    fclose(full);
    icl_status status = icl_atomic_commit(&file, &err);
    assert_failure(status, ICL_ERR_IO, &err, "full", "No space");
    assert_int_equal(count_entries(folder), before);

    /* A write in the middle fails and the later ones succeed. */
    assert_ok(icl_atomic_open(&file, in_folder("hole"), &err));
    const int good = dup(fileno(file.stream));
    full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_true(good >= 0 && dup2(fileno(full), fileno(file.stream)) >= 0);
    fclose(full);
    fputs("lost", file.stream);
    assert_int_not_equal(fflush(file.stream), 0);
    assert_true(dup2(good, fileno(file.stream)) >= 0);
    close(good);
    fputs("kept", file.stream);
    status = icl_atomic_commit(&file, &err);
    assert_failure(status, ICL_ERR_IO, &err, "hole", "writing failed");
    assert_int_equal(count_entries(folder), before);

    /* The place is taken by a folder in the meantime: the rename fails. */
    assert_ok(icl_atomic_open(&file, in_folder("taken"), &err));
    assert_int_equal(mkdir(in_folder("taken"), 0777), 0);
    status = icl_atomic_commit(&file, &err);
    assert_failure(status, ICL_ERR_IO, &err, "taken", "directory");
    assert_int_equal(count_entries(folder), before + 1);
    assert_int_equal(rmdir(in_folder("taken")), 0);
}

static void refuses_bad_places(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_atomic_file file;
    icl_status status = icl_atomic_open(&file, in_folder(""), &err);
    assert_failure(status, ICL_ERR_INPUT, &err, "directory");
    status = icl_atomic_open(&file, "", &err);
    assert_failure(status, ICL_ERR_INPUT, &err, "empty");
    status = icl_atomic_open(&file, in_folder("no/such/place"), &err);
    assert_failure(status, ICL_ERR_IO, &err, "no/such/place", "No such file");
    icl_atomic_abort(&file);
    write_bytes(in_folder("file"), "x", 1);
    status = icl_atomic_open(&file, in_folder("file/below"), &err);
    assert_failure(status, ICL_ERR_IO, &err, "file/below", "Not a directory");

    assert_int_equal(mkdir(in_folder("locked"), 0555), 0);
    assert_int_equal(chmod(folder, 0755), 0);
    const bool root = geteuid() == 0;
    if (root) assert_int_equal(seteuid(NOBODY), 0);
    status = icl_atomic_open(&file, in_folder("locked/a"), &err);
    const icl_status below = status;
    assert_failure(below, ICL_ERR_IO, &err, "locked/a", "Permission denied");
    status = icl_make_folders(in_folder("locked/a/b"), &err);
    assert_failure(status, ICL_ERR_IO, &err, "locked/a", "Permission denied");
    if (root) assert_int_equal(seteuid(0), 0);
    assert_int_equal(count_entries(in_folder("locked")), 0);
}

/* In a child, whose standard output is a file or a full device. */
static int run_to_stdout(const char *path)
{
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct icl_error err;
        struct icl_atomic_file file;
        if (freopen(path, "w", stdout) == NULL || icl_atomic_open(&file, "-", &err) != ICL_OK) _exit(9);
        if (file.stream != stdout || file.temporary != NULL) _exit(8);
        fputs("to standard output\n", file.stream);
        const icl_status status = icl_atomic_commit(&file, &err);
        if (status != ICL_OK) _exit(strstr(err.message, "standard output") != NULL ? 7 : 6);
        _exit(0);
    }
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    return WEXITSTATUS(result);
}

static void dash_is_standard_output(void **state)
{
    (void)state;
    assert_int_equal(run_to_stdout(in_folder("stdout")), 0);
    check_content(in_folder("stdout"), "to standard output\n");
    assert_int_equal(run_to_stdout("/dev/full"), 7);
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static void makes_folders(void **state)
{
    (void)state;
    struct icl_error err;
    assert_ok(icl_make_folders(in_folder("one/two//three/"), &err));
    assert_true(is_folder(in_folder("one/two/three")));
    assert_ok(icl_make_folders(in_folder("one/two/three"), &err));
    assert_ok(icl_make_folders("/", &err));
    assert_ok(icl_make_folders(".", &err));
    write_bytes(in_folder("one/file"), "x", 1);
    icl_status status = icl_make_folders(in_folder("one/file"), &err);
    assert_failure(status, ICL_ERR_INPUT, &err, "one/file", "not a folder");
    status = icl_make_folders(in_folder("one/file/below"), &err);
    assert_failure(status, ICL_ERR_INPUT, &err, "one/file", "not a folder");
    status = icl_make_folders("", &err);
    assert_failure(status, ICL_ERR_INPUT, &err, "empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appears_with_the_commit), cmocka_unit_test(has_the_rights_of_any_new_file),
        cmocka_unit_test(writes_through_links),    cmocka_unit_test(works_in_the_current_folder),
        cmocka_unit_test(devices_stay_devices),    cmocka_unit_test(failed_commits_clean_up),
        cmocka_unit_test(refuses_bad_places),      cmocka_unit_test(dash_is_standard_output),
        cmocka_unit_test(makes_folders),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
