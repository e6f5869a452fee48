/* Lists of runs, with a stand-in for training: order, reuse, stops, locks between processes, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/atomic_file.h"
#include "experiments/ranks.h"
#include "experiments/runs.h"

enum { RUNS = 6, PATH = 512 };

static char folder[64];
static volatile int stop;
static size_t stop_at;       /* the stand-in is told to stop in its run of this number, from 1 */
static size_t begun;         /* runs the stand-in began in this process */
static useconds_t each;      /* what a run takes */
static const char *failure;  /* what the stand-in fails with */
static bool overtaken;       /* another process finishes every run right after the first look at it */
static size_t waited, noted; /* calls of `note` */

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/iclab-runs-XXXXXX");
    stop = 0;
    stop_at = begun = waited = noted = 0;
    each = 0;
    overtaken = false;
    failure = NULL;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* The result of a run: a function of its seed. */
static double accuracy_of(uint64_t seed)
{
    return 1 / (1 + sqrt((double)seed));
}

static const char *in(const char *out, const char *name)
{
    static char path[2 * PATH];
    snprintf(path, sizeof path, "%s/%s", out, name);
    return path;
}

static void append(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static icl_status train(const struct icl_train_spec *spec, const struct icl_train_options *options,
                        struct icl_train_result *result, struct icl_error *err)
{
    char line[64];
    begun++;
    assert_true(options->resume);
    ICL_TRY(icl_make_folders(options->out, err));
    snprintf(line, sizeof line, "%d\n", (int)spec->seed);
    append(in(folder, "log"), line);
    if (failure != NULL) return icl_fail(err, ICL_ERR_NUMERIC, "%s", failure);
    usleep(each);
    *result = (struct icl_train_result){.outcome = ICL_OUTCOME_STOPPED};
    if (begun == stop_at) return ICL_OK;
    append(in(options->out, "done"), "x");
    *result = (struct icl_train_result){.outcome = ICL_OUTCOME_FINISHED, .valid_accuracy = accuracy_of(spec->seed)};
    return ICL_OK;
}

static icl_status look(const char *path, const struct icl_train_spec *spec, bool *found,
                       struct icl_train_result *result, struct icl_error *err)
{
    *found = access(in(path, "done"), F_OK) == 0;
    if (overtaken && !*found) {
        ICL_TRY(icl_make_folders(path, err));
        append(in(path, "done"), "x");
    }
    if (*found)
        *result = (struct icl_train_result){.outcome = ICL_OUTCOME_FINISHED, .valid_accuracy = accuracy_of(spec->seed)};
    return ICL_OK;
}

static void note(void *context, const struct icl_run_note *n)
{
    (void)context;
    assert_true(n->place >= 1 && n->place <= n->count);
    waited += n->waiting;
    noted += !n->waiting;
}

static void make_list(struct icl_run *run)
{
    memset(run, 0, RUNS * sizeof *run);
    for (size_t i = 0; i < RUNS; i++) {
        icl_train_spec_default(&run[i].spec);
        run[i].spec.seed = 3 + 5 * i;
    }
}

static struct icl_runs_options options_of(bool leave)
{
    return (struct icl_runs_options){.out = folder,
                                     .threads = 1,
                                     .quiet = true,
                                     .leave = leave,
                                     .stop = &stop,
                                     .note = note,
                                     .train = train,
                                     .read = look};
}

static icl_status do_list(struct icl_run *run, bool leave, bool *stopped, struct icl_error *err)
{
    const struct icl_runs_options options = options_of(leave);
    make_list(run);
    return icl_runs_do(run, RUNS, &options, stopped, err);
}

static void assert_done(const struct icl_run *run)
{
    for (size_t i = 0; i < RUNS; i++) {
        assert_true(run[i].done);
        assert_true(run[i].result.valid_accuracy == accuracy_of(3 + 5 * i));
    }
}

/* No lock is left in OUT/runs. */
static void assert_no_locks(void)
{
    char command[PATH];
    snprintf(command, sizeof command, "test -z \"$(ls %s/runs | grep '[.]lock$')\"", folder);
    assert_int_equal(system(command), 0);
}

/* The seeds in the log, each on its line. */
static size_t read_log(int *seed, size_t room)
{
    FILE *file = fopen(in(folder, "log"), "r");
    assert_non_null(file);
    size_t count = 0;
    while (count < room && fscanf(file, "%d", &seed[count]) == 1)
        count++;
    fclose(file);
    return count;
}

static void test_list(void **state)
{
    (void)state;
    struct icl_run run[RUNS];
    struct icl_error err;
    bool stopped = true;
    int seed[2 * RUNS];
    assert_int_equal(do_list(run, false, &stopped, &err), ICL_OK);
    assert_false(stopped);
    assert_done(run);
    assert_int_equal(begun, RUNS);
    assert_int_equal(noted, RUNS);
    assert_int_equal(read_log(seed, 2 * RUNS), RUNS);
    for (size_t i = 0; i < RUNS; i++)
        assert_int_equal(seed[i], 3 + 5 * i);
    assert_no_locks();
    /* again: everything is reused */
    assert_int_equal(do_list(run, false, &stopped, &err), ICL_OK);
    assert_done(run);
    assert_int_equal(begun, RUNS);
    assert_int_equal(waited, 0);
}

static void test_stop(void **state)
{
    (void)state;
    struct icl_run run[RUNS];
    struct icl_error err;
    bool stopped = false;
    stop_at = 3;
    assert_int_equal(do_list(run, false, &stopped, &err), ICL_OK);
    assert_true(stopped);
    assert_int_equal(begun, 3);
    assert_true(run[1].done);
    assert_false(run[2].done);
    assert_false(run[3].done);
    assert_no_locks();
    stop = 1; /* asked to stop before anything */
    assert_int_equal(do_list(run, false, &stopped, &err), ICL_OK);
    assert_true(stopped);
    assert_int_equal(begun, 3);
    stop = 0;
    assert_int_equal(do_list(run, false, &stopped, &err), ICL_OK);
    assert_false(stopped);
    assert_done(run);
    assert_int_equal(begun, 3 + 4); /* the third again, and the rest */
}

static void test_failure(void **state)
{
    (void)state;
    struct icl_run run[RUNS];
    struct icl_error err;
    bool stopped;
    failure = "the tea is cold";
    assert_int_equal(do_list(run, false, &stopped, &err), ICL_ERR_NUMERIC);
    assert_string_equal(err.message, failure);
    assert_int_equal(begun, 1);
    assert_no_locks();
}

static void test_folders(void **state)
{
    (void)state;
    struct icl_run run[RUNS];
    struct icl_error err;
    bool stopped;
    struct icl_runs_options options = options_of(false);
    make_list(run);
    options.out = "";
    assert_int_equal(icl_runs_do(run, RUNS, &options, &stopped, &err), ICL_ERR_USAGE);
    char file[PATH];
    snprintf(file, sizeof file, "%s/file", folder);
    append(file, "x");
    options.out = file;
    assert_int_not_equal(icl_runs_do(run, RUNS, &options, &stopped, &err), ICL_OK);
    assert_non_null(strstr(err.message, file));
    assert_int_equal(begun, 0);
}

/* Starts a process that holds the lock of a run for a while and then, if told so, leaves its result. Returns when the
 * lock is held. */
static pid_t holder(const struct icl_run *run, useconds_t time, bool finishes)
{
    char path[PATH], byte;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    snprintf(path, sizeof path, "%s/runs/%s", folder, run->name);
    const pid_t child = fork();
    if (child == 0) {
        char lock[PATH + 8];
        snprintf(lock, sizeof lock, "%s.lock", path);
        if (icl_make_folders(path, NULL) != ICL_OK) _exit(1);
        const int fd = open(lock, O_RDWR | O_CREAT, 0666);
        if (fd < 0 || flock(fd, LOCK_EX) != 0 || write(ready[1], "x", 1) != 1) _exit(1);
        usleep(time);
        if (finishes) append(in(path, "done"), "x");
        _exit(0); /* the name of the lock stays, as after a kill */
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void test_locked(void **state)
{
    (void)state;
    struct icl_run run[RUNS];
    struct icl_error err;
    bool stopped;
    make_list(run);
    for (size_t i = 0; i < RUNS; i++)
        icl_run_name(&run[i], run[i].name);
    pid_t other = holder(&run[2], 400000, true);
    assert_int_equal(do_list(run, true, &stopped, &err), ICL_OK); /* leaves it */
    assert_false(stopped);
    assert_int_equal(begun, RUNS - 1);
    assert_false(run[2].done);
    assert_int_equal(waited, 0);
    assert_int_equal(do_list(run, false, &stopped, &err), ICL_OK); /* awaits it */
    assert_int_equal(begun, RUNS - 1);
    assert_int_equal(waited, 1);
    assert_done(run);
    assert_int_equal(waitpid(other, NULL, 0), other);
}

static void test_taken_over(void **state)
{
    (void)state;
    struct icl_run run[RUNS];
    struct icl_error err;
    bool stopped;
    make_list(run);
    for (size_t i = 0; i < RUNS; i++)
        icl_run_name(&run[i], run[i].name);
    const pid_t other = holder(&run[0], 300000, false); /* ends without a result */
    assert_int_equal(do_list(run, false, &stopped, &err), ICL_OK);
    assert_done(run);
    assert_int_equal(begun, RUNS);
    assert_no_locks();
    assert_int_equal(waitpid(other, NULL, 0), other);
}

static void test_overtaken(void **state)
{
    (void)state;
    struct icl_run run[RUNS];
    struct icl_error err;
    bool stopped;
    overtaken = true;
    assert_int_equal(do_list(run, false, &stopped, &err), ICL_OK);
    assert_done(run);
    assert_int_equal(begun, 0);
}

/* Four processes at once on one list: every run is done once, and all see all results. */
static void test_shared(void **state)
{
    (void)state;
    enum { PROCESSES = 4 };
    struct icl_run run[RUNS];
    struct icl_error err;
    bool stopped;
    pid_t child[PROCESSES];
    int seed[2 * RUNS];
    each = 30000;
    for (size_t p = 0; p < PROCESSES; p++) {
        child[p] = fork();
        if (child[p] != 0) continue;
        bool fine = do_list(run, false, &stopped, &err) == ICL_OK && begun < RUNS;
        for (size_t i = 0; i < RUNS; i++)
            fine = fine && run[i].done && run[i].result.valid_accuracy == accuracy_of(3 + 5 * i);
        _exit(fine ? 0 : 1);
    }
    for (size_t p = 0; p < PROCESSES; p++) {
        int outcome = -1;
        assert_int_equal(waitpid(child[p], &outcome, 0), child[p]);
        assert_int_equal(outcome, 0);
    }
    assert_int_equal(read_log(seed, 2 * RUNS), RUNS);
    int sum = 0;
    for (size_t i = 0; i < RUNS; i++)
        sum += seed[i];
    assert_int_equal(sum, 3 + 8 + 13 + 18 + 23 + 28);
    assert_no_locks();
}

static void test_names(void **state)
{
    (void)state;
    struct icl_run run = {.record_steps = 0};
    char plain[ICL_RUN_NAME], other[ICL_RUN_NAME], wanted[ICL_RUN_NAME + 32];
    icl_train_spec_default(&run.spec);
    icl_run_name(&run, plain);
    icl_train_spec_name(&run.spec, other);
    assert_string_equal(plain, other);
    run.record_steps = 7;
    run.capture = true;
    run.capture_images = 500;
    icl_run_name(&run, other);
    snprintf(wanted, sizeof wanted, "%s-every7-capture500", plain);
    assert_string_equal(other, wanted);
}

/* Outside of mpirun a process is alone; its share of the processors is all of them. */
static void test_alone(void **state)
{
    (void)state;
    struct icl_ranks ranks;
    unsetenv("OMPI_COMM_WORLD_SIZE");
    assert_int_equal(icl_ranks_begin(&ranks, NULL), ICL_OK);
    assert_int_equal(ranks.rank, 0);
    assert_int_equal(ranks.size, 1);
    assert_null(ranks.library);
    assert_int_equal(icl_ranks_threads(&ranks, 3), 3);
    assert_true(icl_ranks_threads(&ranks, 0) >= 1);
    ranks.neighbours = 100000; /* more ranks than processors: one thread each */
    assert_int_equal(icl_ranks_threads(&ranks, 0), 1);
    icl_ranks_abort(&ranks, 1); /* does nothing */
    icl_ranks_end(&ranks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_list, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_stop, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_failure, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_folders, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_locked, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_taken_over, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_overtaken, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_shared, make_folder, remove_folder),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
