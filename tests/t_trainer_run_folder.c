/* Folders of runs: what is refused, what is cut back, what stays as it is. */
#include "tests/train_support.h"

#include <fcntl.h>
#include <sys/file.h>

/* A run without interruption, for comparison. */
static void whole_run(void **state)
{
    (void)state;
    struct icl_error err;
    const struct icl_train_spec spec = small_spec();
    const struct icl_train_options options = options_for(in_folder("loop"));
    struct icl_train_result result;
    assert_ok(icl_train(&spec, &options, &result, &err));
    assert_int_equal(result.outcome, ICL_OUTCOME_FINISHED);
}

/* A run of two epochs, stopped after `steps` steps, its checkpoint there. */
static void stop_after(const struct icl_train_spec *spec, const char *run, size_t steps)
{
    struct icl_error err;
    struct icl_train_options options = options_for(run);
    struct icl_train_result result;
    const int stop = 1;
    options.stop = &stop;
    options.resume = true;
    for (size_t k = 0; k < steps; k++)
        assert_ok(icl_train(spec, &options, &result, &err));
    assert_int_equal(result.outcome, ICL_OUTCOME_STOPPED);
}

static void folders(void **state)
{
    (void)state;
    struct icl_error err;
    const struct icl_train_spec spec = small_spec();
    struct icl_train_spec other = spec;
    char run[RUN_NAME], file[PATH_MAX];
    snprintf(run, sizeof run, "%s", in_folder("folder"));
    struct icl_train_options options = options_for(run);
    struct icl_train_result result;
    bool found = true;
    assert_ok(icl_train_result_read(run, &spec, &found, &result, &err));
    assert_false(found);

    /* What is wrong before the start makes no folder. */
    snprintf(other.data, sizeof other.data, "no-such-data");
    assert_int_not_equal(icl_train(&other, &options, &result, &err), ICL_OK);
    assert_non_null(strstr(err.message, "no-such-data"));
    other = spec;
    other.rate = -1;
    assert_failure(icl_train(&other, &options, &result, &err), ICL_ERR_USAGE, &err, "rate");
    assert_int_not_equal(access(run, F_OK), 0);

    stop_after(&spec, run, 3);
    snprintf(file, sizeof file, "%s/.iclab-0123456789abcdef.tmp", run); /* as a kill leaves it */
    write_bytes(file, "x", 1);
    assert_ok(icl_train_result_read(run, &spec, &found, &result, &err));
    assert_false(found);
    assert_failure(icl_train(&spec, &options, &result, &err), ICL_ERR_INPUT, &err, "folder", "holds a run already");
    options.resume = true;
    other = spec;
    other.seed++;
    assert_failure(icl_train(&other, &options, &result, &err), ICL_ERR_INPUT, &err, "spec.txt", "'seed 12' there");
    assert_failure(icl_train_result_read(run, &other, &found, &result, &err), ICL_ERR_INPUT, &err, "spec.txt");
    options.record_steps = 2;
    assert_failure(icl_train(&spec, &options, &result, &err), ICL_ERR_INPUT, &err, "--record-steps 0");
    options.record_steps = 0;

    /* Somebody else is at work. */
    snprintf(file, sizeof file, "%s/lock", run);
    const int lock = open(file, O_RDWR);
    assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
    assert_failure(icl_train(&spec, &options, &result, &err), ICL_ERR_INPUT, &err, "another process");
    close(lock);

    assert_ok(icl_train(&spec, &options, &result, &err));
    assert_int_equal(result.outcome, ICL_OUTCOME_FINISHED);
    same_results(run, in_folder("loop"));
    snprintf(file, sizeof file, "%s/.iclab-0123456789abcdef.tmp", run);
    assert_int_not_equal(access(file, F_OK), 0);

    /* A place that is a file, a result that is none. */
    write_bytes(in_folder("plain"), "x", 1);
    options.out = in_folder("plain");
    assert_failure(icl_train(&spec, &options, &result, &err), ICL_ERR_INPUT, &err, "plain");
    snprintf(file, sizeof file, "%s/result.json", run);
    write_bytes(file, "{\"outcome\": \"finished\"", 22);
    assert_failure(icl_train_result_read(run, &spec, &found, &result, &err), ICL_ERR_INPUT, &err, "result.json",
                   "line 1");
    write_bytes(file, "{\"outcome\": \"lost\"}", 19);
    assert_failure(icl_train_result_read(run, NULL, &found, &result, &err), ICL_ERR_INPUT, &err, "no outcome");
    write_bytes(file, "{\"outcome\": \"finished\", \"steps\": -1}", 36);
    assert_failure(icl_train_result_read(run, NULL, &found, &result, &err), ICL_ERR_INPUT, &err, "'steps'");
}

/* A checkpoint or a table that does not fit: one line, and every byte stays. */
static void damaged_folders(void **state)
{
    (void)state;
    struct icl_error err;
    const struct icl_train_spec spec = small_spec();
    char run[RUN_NAME], file[PATH_MAX];
    snprintf(run, sizeof run, "%s", in_folder("damaged"));
    struct icl_train_options options = options_for(run);
    struct icl_train_result result;
    options.resume = true;
    stop_after(&spec, run, 6);
    static const struct {
        const char *name, *reason;
    } files[] = {{"checkpoint.bin", "is cut short"}, {"metrics.tsv", "shorter than when the checkpoint was written"},
                 {"epochs.tsv", "shorter"},          {"layers.tsv", "shorter"},
                 {"norms.tsv", "shorter"},           {"histograms.npy", "shorter"}};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        size_t size[2], now;
        snprintf(file, sizeof file, "%s/%s", run, files[k].name);
        char *bytes = read_bytes(file, &size[0]);
        assert_int_equal(truncate(file, (off_t)size[0] - 1), 0);
        snprintf(file, sizeof file, "%s/metrics.tsv", run);
        char *metrics = read_bytes(file, &size[1]);
        assert_failure(icl_train(&spec, &options, &result, &err), ICL_ERR_INPUT, &err, files[k].name, files[k].reason);
        char *after = read_bytes(file, &now);
        assert_int_equal(now, size[1]);
        assert_memory_equal(after, metrics, now);
        snprintf(file, sizeof file, "%s/%s", run, files[k].name);
        write_bytes(file, bytes, size[0]);
        free(bytes);
        free(metrics);
        free(after);
    }
    snprintf(file, sizeof file, "%s/norms.tsv", run);
    assert_int_equal(rename(file, in_folder("aside")), 0);
    assert_failure(icl_train(&spec, &options, &result, &err), ICL_ERR_INPUT, &err, "norms.tsv",
                   "the checkpoint wants it");
    assert_int_equal(rename(in_folder("aside"), file), 0);

    /* More than the checkpoint knows is cut: what a kill leaves. */
    static const char *const grown[] = {"metrics.tsv", "epochs.tsv", "layers.tsv", "norms.tsv", "histograms.npy"};
    for (size_t k = 0; k < sizeof grown / sizeof *grown; k++) {
        snprintf(file, sizeof file, "%s/%s", run, grown[k]);
        FILE *stream = fopen(file, "a");
        assert_non_null(stream);
        fputs("6\t2\t0.5 half a ro", stream);
        fclose(stream);
    }
    assert_ok(icl_train(&spec, &options, &result, &err));
    same_results(run, in_folder("loop"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_run),
        cmocka_unit_test(folders),
        cmocka_unit_test(damaged_folders),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
