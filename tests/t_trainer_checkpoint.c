/* Checkpoints that read back to the bit or not at all, and files that are cut back to them. */
#include "tests/core_support.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/npy.h"
#include "core/npy_stream.h"
#include "trainer/checkpoint_internal.h"
#include "trainer/live_file_internal.h"

enum { PARAMETERS = 302, RUNNING = 22 };
static const char spec[] = "data planted\nnet thread07\nseed 3\n";

/* Arrays of a run, filled with high-entropy bits. */
struct arrays {
    float parameters[PARAMETERS], first[PARAMETERS], second[PARAMETERS];
    double running[RUNNING];
};

static struct icl_train_arrays view(struct arrays *a)
{
    return (struct icl_train_arrays){a->parameters, a->first,   a->second,  a->running,
                                     PARAMETERS,    PARAMETERS, PARAMETERS, RUNNING};
}

static void fill(struct arrays *a, struct icl_train_state *state, uint64_t seed)
{
    print_message("bits of seed %llu\n", (unsigned long long)seed);
    for (size_t i = 0; i < sizeof *a; i++)
        ((unsigned char *)a)[i] = (unsigned char)random_bits(&seed);
    for (size_t i = 0; i < sizeof *state; i++)
        ((unsigned char *)state)[i] = (unsigned char)random_bits(&seed);
}

/* A checkpoint as bytes; free() it. */
static char *make(struct arrays *a, struct icl_train_state *state, size_t *size)
{
    struct icl_error err;
    const struct icl_train_arrays arrays = view(a);
    fill(a, state, 41);
    assert_ok(icl_checkpoint_write(in_folder("good"), spec, state, &arrays, &err));
    return read_bytes(in_folder("good"), size);
}

static void reads_back(void **unused)
{
    (void)unused;
    struct icl_error err;
    struct arrays a, b;
    struct icl_train_state state, read;
    size_t size;
    bool found;
    free(make(&a, &state, &size));
    memset(&b, 0xee, sizeof b);
    const struct icl_train_arrays arrays = view(&b);
    assert_ok(icl_checkpoint_read(in_folder("good"), spec, &read, &arrays, &found, &err));
    assert_true(found);
    assert_memory_equal(&a, &b, sizeof a);
    assert_memory_equal(&state, &read, sizeof state);
    assert_ok(icl_checkpoint_read(in_folder("none"), spec, &read, &arrays, &found, &err));
    assert_false(found);

    /* Without arrays of the optimiser, and without norms. */
    struct icl_train_arrays few = {.parameters = a.parameters, .parameter_count = PARAMETERS};
    assert_ok(icl_checkpoint_write(in_folder("few"), spec, &state, &few, &err));
    few.parameters = b.parameters;
    memset(&b, 0xee, sizeof b);
    assert_ok(icl_checkpoint_read(in_folder("few"), spec, &read, &few, &found, &err));
    assert_true(found);
    assert_memory_equal(a.parameters, b.parameters, sizeof a.parameters);
}

/* Reads the bytes as a checkpoint: a failure, after which nothing has changed. */
static void refuse(const void *bytes, size_t size, const char *text, struct icl_error *err)
{
    struct arrays b, poison;
    struct icl_train_state state, state_poison;
    bool found;
    memset(&b, 0xee, sizeof b);
    memset(&state, 0xdd, sizeof state);
    poison = b;
    state_poison = state;
    const struct icl_train_arrays arrays = view(&b);
    write_bytes(in_folder("bad"), bytes, size);
    assert_int_equal(icl_checkpoint_read(in_folder("bad"), text, &state, &arrays, &found, err), ICL_ERR_INPUT);
    assert_int_equal(err->status, ICL_ERR_INPUT);
    assert_non_null(strstr(err->message, "bad: "));
    assert_false(found);
    assert_memory_equal(&b, &poison, sizeof b);
    assert_memory_equal(&state, &state_poison, sizeof state);
}

static void every_bit_counts(void **unused)
{
    (void)unused;
    struct icl_error err;
    struct arrays a;
    struct icl_train_state state;
    size_t size;
    char *bytes = make(&a, &state, &size);
    uint64_t bits = 7;
    for (size_t i = 0; i < size; i += i < 400 || i + 40 > size ? 1 : 3) {
        const char mask = (char)(1U << random_bits(&bits) % 8);
        bytes[i] ^= mask;
        refuse(bytes, size, spec, &err);
        bytes[i] ^= mask;
    }
    free(bytes);
}

static void every_length_counts(void **unused)
{
    (void)unused;
    struct icl_error err;
    struct arrays a;
    struct icl_train_state state;
    size_t size;
    char *bytes = make(&a, &state, &size);
    for (size_t cut = 0; cut < size; cut += cut < 400 || cut + 40 > size ? 1 : 13) {
        refuse(bytes, cut, spec, &err);
        assert_non_null(strstr(err.message, "is cut short"));
    }
    refuse(bytes, size + 1, spec, &err); /* read_bytes adds a zero */
    assert_non_null(strstr(err.message, "longer"));
    free(bytes);
}

static void says_what_is_wrong(void **unused)
{
    (void)unused;
    struct icl_error err;
    struct arrays a;
    struct icl_train_state state;
    size_t size;
    bool found;
    char *bytes = make(&a, &state, &size);
    refuse(bytes, size, "data planted\nnet thread07\nseed 4\n", &err);
    assert_non_null(strstr(err.message, "another specification: 'seed 3' there, 'seed 4' here"));
    refuse(bytes, size, "data planted\nnet thread06\nseed 3\n", &err);
    assert_non_null(strstr(err.message, "'net thread07' there, 'net thread06' here"));
    refuse(bytes, size, "data planted\nnet thread07\nseed 3\nmore\n", &err);
    assert_non_null(strstr(err.message, "'' there, 'more' here"));
    refuse("#!/bin/sh\n", 10, spec, &err);
    assert_non_null(strstr(err.message, "cut short"));
    bytes[size / 2] ^= 1;
    refuse(bytes, size, spec, &err);
    assert_non_null(strstr(err.message, "damaged"));
    bytes[0] = 'x';
    refuse(bytes, size, spec, &err);
    assert_non_null(strstr(err.message, "is no checkpoint"));
    bytes[0] = 'i';
    bytes[12]++; /* the version, behind magic and byte order */
    refuse(bytes, size, spec, &err);
    assert_non_null(strstr(err.message, "version"));

    /* The same specification, but data of another shape. */
    const struct icl_train_arrays arrays = view(&a);
    const size_t counts[4] = {PARAMETERS - 1, PARAMETERS - 1, PARAMETERS - 1, RUNNING - 2};
    for (int k = 0; k < 4; k++) {
        struct icl_train_arrays other = arrays;
        *(k == 0   ? &other.parameter_count
          : k == 1 ? &other.first_count
          : k == 2 ? &other.second_count
                   : &other.running_count) = counts[k];
        const icl_status status = icl_checkpoint_read(in_folder("good"), spec, &state, &other, &found, &err);
        assert_failure(status, ICL_ERR_INPUT, &err, "good", "another network", "302 parameters");
    }
    assert_failure(icl_checkpoint_read(folder, spec, &state, &arrays, &found, &err), ICL_ERR_INPUT, &err, folder,
                   "no plain file");
    free(bytes);
}

/* A checkpoint that cannot be written leaves the one before as it was. */
static void keeps_the_one_before(void **unused)
{
    (void)unused;
    struct icl_error err;
    struct arrays a;
    struct icl_train_state state;
    size_t size, after;
    char *bytes = make(&a, &state, &size);
    const struct icl_train_arrays arrays = view(&a);
    const size_t entries = count_entries(folder);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 1000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const icl_status status = icl_checkpoint_write(in_folder("good"), spec, &state, &arrays, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_failure(status, ICL_ERR_IO, &err, "good", "writing failed");
    char *now = read_bytes(in_folder("good"), &after);
    assert_int_equal(after, size);
    assert_memory_equal(now, bytes, size);
    assert_int_equal(count_entries(folder), entries);
    assert_failure(icl_checkpoint_write(in_folder("no/such"), spec, &state, &arrays, &err), ICL_ERR_IO, &err,
                   "no/such");
    free(now);
    free(bytes);
}

/* ---- files that grow ------------------------------------------------------------------------------------------ */

static void check_content(const char *path, const char *wanted)
{
    size_t size;
    char *bytes = read_bytes(path, &size);
    assert_int_equal(size, strlen(wanted));
    assert_string_equal(bytes, wanted);
    free(bytes);
}

static void live_files(void **unused)
{
    (void)unused;
    struct icl_error err;
    struct icl_live_file file;
    const char head[] = "# one\n# two\n";
    char path[PATH_MAX];
    strcpy(path, in_folder("live.tsv"));
    write_bytes(path, "something older and much longer than the new text", 49);
    assert_ok(icl_live_create(&file, path, head, sizeof head - 1, &err));
    assert_ok(icl_live_append(&file, "a\tb\n", 4, &err));
    check_content(path, "# one\n# two\na\tb\n"); /* at once */
    assert_ok(icl_live_append(&file, "1\t2\n", 4, &err));
    assert_ok(icl_live_sync(&file, &err));
    assert_int_equal(file.length, 8);
    icl_live_close(&file);
    icl_live_close(&file);

    /* Going on from a checkpoint that knew 4 bytes, with another command in the `#` lines. */
    assert_ok(icl_live_reopen(&file, path, 0, 8, "a\tb\n", true, &err));
    assert_int_equal(file.fd, -1);
    check_content(path, "# one\n# two\na\tb\n1\t2\n");
    assert_ok(icl_live_reopen(&file, path, 0, 4, "a\tb\n", false, &err));
    check_content(path, "# one\n# two\na\tb\n");
    assert_ok(icl_live_append(&file, "3\t4\n", 4, &err));
    check_content(path, "# one\n# two\na\tb\n3\t4\n");
    icl_live_close(&file);

    assert_failure(icl_live_reopen(&file, path, 0, 9, "a\tb\n", false, &err), ICL_ERR_INPUT, &err, "live.tsv",
                   "shorter");
    assert_int_equal(file.fd, -1);
    /* Another line of names, a row cut in two; not a plain file. */
    assert_failure(icl_live_reopen(&file, path, 0, 8, "a\tc\n", true, &err), ICL_ERR_INPUT, &err, "live.tsv",
                   "is not what was written");
    assert_failure(icl_live_reopen(&file, path, 0, 7, "a\tb\n", false, &err), ICL_ERR_INPUT, &err, "live.tsv",
                   "is not what was written");
    assert_failure(icl_live_reopen(&file, path, 2, 8, "\x93NUMPY", false, &err), ICL_ERR_INPUT, &err, "live.tsv",
                   "is not what was written");
    check_content(path, "# one\n# two\na\tb\n3\t4\n");
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    for (int check = 0; check < 2; check++)
        assert_failure(icl_live_reopen(&file, in_folder("pipe"), 0, 0, "", check == 1, &err), ICL_ERR_INPUT, &err,
                       "pipe: is no plain file");
    assert_failure(icl_live_reopen(&file, in_folder("gone.tsv"), 0, 0, "", true, &err), ICL_ERR_INPUT, &err,
                   "gone.tsv");
    assert_int_not_equal(access(in_folder("gone.tsv"), F_OK), 0);
    assert_failure(icl_live_create(&file, in_folder("no/such"), head, 1, &err), ICL_ERR_IO, &err, "no/such");
    write_bytes(path, "# only\n", 7);
    assert_ok(icl_live_reopen(&file, path, 0, 0, "", false, &err));
    assert_int_equal(file.head, 7);
    icl_live_close(&file);
    assert_ok(icl_live_create(&file, "/dev/full", "", 0, &err));
    assert_failure(icl_live_append(&file, "row\n", 4, &err), ICL_ERR_IO, &err, "/dev/full", "writing failed");
    icl_live_close(&file);
}

/* A .npy file that grows is one after every step. */
static void growing_arrays(void **unused)
{
    (void)unused;
    struct icl_error err;
    struct icl_live_file file;
    unsigned char head[ICL_NPY_GROWING_HEADER];
    struct icl_array shape = {.ndim = 3, .shape = {0, 2, 3}};
    char path[PATH_MAX];
    strcpy(path, in_folder("grow.npy"));
    icl_npy_growing_header(&shape, ICL_I64, head);
    assert_ok(icl_live_create(&file, path, head, sizeof head, &err));
    for (size_t row = 0; row < 12; row++) {
        int64_t values[6];
        for (size_t i = 0; i < 6; i++)
            values[i] = (int64_t)(100 * row + i);
        assert_ok(icl_live_append(&file, values, sizeof values, &err));
        shape.shape[0] = row + 1;
        icl_npy_growing_header(&shape, ICL_I64, head);
        assert_ok(icl_live_rehead(&file, head, &err));
        struct icl_array read;
        assert_ok(icl_npy_read(path, &read, &err));
        assert_int_equal(read.shape[0], row + 1);
        assert_int_equal(read.dtype, ICL_I64);
        for (size_t i = 0; i < 6 * (row + 1); i++)
            assert_same(read.data[i], (double)(100 * (i / 6) + i % 6));
        icl_array_free(&read);
    }
    icl_live_close(&file);
    /* The longest header there can be still fits. */
    shape = (struct icl_array){.ndim = 4, .shape = {SIZE_MAX / 4096, 16, 8, 8}};
    icl_npy_growing_header(&shape, ICL_F32, head);
    assert_int_equal(head[ICL_NPY_GROWING_HEADER - 1], '\n');
    assert_non_null(memchr(head, '}', sizeof head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_back),           cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(every_length_counts),  cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(keeps_the_one_before), cmocka_unit_test(live_files),
        cmocka_unit_test(growing_arrays),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
