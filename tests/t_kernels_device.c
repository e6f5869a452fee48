/* A device: opening and its failures, memory, queue, recorded work, time; on the emulated one. The kernels that are put
 * into its queue are clear() and copy(), which every device has. */
#include "device_support.h"

#include <limits.h>

#include "config.h"
#include "core_support.h"

/* What the next device to be opened will do wrong; "" for nothing. */
static void set_fault(const char *fault)
{
    assert_int_equal(setenv("ICLAB_EMULATED_FAULT", fault, 1), 0);
}

static int no_fault(void **state)
{
    (void)state;
    set_fault("");
    device_find_plugin();
    return 0;
}

/* n bytes that differ. */
static unsigned char *some_bytes(uint64_t seed, size_t n)
{
    unsigned char *bytes = malloc(n);
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)random_bits(&seed);
    return bytes;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static void test_choices(void **state)
{
    (void)state;
    struct icl_error err;
    char why[ICL_DEVICE_WHY] = "x";
    struct icl_device *device = (struct icl_device *)why;
    assert_ok(icl_device_open(ICL_DEVICE_CPU, &device, why, &err));
    assert_null(device);
    assert_string_equal(why, "");
    assert_ok(icl_device_open(ICL_DEVICE_AUTO, &device, why, &err));
    assert_non_null(device);
    assert_string_equal(why, "");
    icl_device_close(device);
    icl_device_close(NULL);
    assert_string_equal(icl_device_choices[ICL_DEVICE_CPU], "cpu");
    assert_string_equal(icl_device_choices[ICL_DEVICE_AUTO], "auto");
    assert_string_equal(icl_device_choices[ICL_DEVICE_CUDA], "cuda");
    assert_null(icl_device_choices[3]);
}

static void test_facts(void **state)
{
    (void)state;
    struct icl_device *device = device_open();
    assert_string_equal(device->facts.name, "emulated");
    assert_non_null(strstr(device->facts.version, "CUDA 13.0, driver 13.0, compute capability 9.0, "));
    assert_int_equal(device->facts.multiprocessors, 4);
    assert_int_equal(device->facts.memory, UINT64_C(4) << 30);
    device_close(device);
}

/* What opening says when it fails, by force and when the processor may do it instead. */
static void check_no_device(const char *a, const char *b)
{
    struct icl_error err;
    struct icl_device *device;
    char why[ICL_DEVICE_WHY];
    assert_failure(icl_device_open(ICL_DEVICE_CUDA, &device, NULL, &err), ICL_ERR_DEVICE, &err, a, b);
    assert_null(device);
    assert_int_equal(icl_status_exit_code(err.status), 3);
    struct icl_error untouched = {.status = ICL_OK, .message = "untouched"};
    assert_int_equal(icl_device_open(ICL_DEVICE_AUTO, &device, why, &untouched), ICL_OK);
    assert_null(device);
    assert_string_equal(why, err.message);
    assert_string_equal(untouched.message, "untouched");
    assert_int_equal(icl_device_open(ICL_DEVICE_AUTO, &device, NULL, NULL), ICL_OK);
}

static void test_no_device(void **state)
{
    (void)state;
    static const char *const table[][3] = {
        {"no-driver", "CUDA: no driver", "CUDA 13.0 or later is needed"},
        {"old-driver", "CUDA: the driver is one for CUDA 12.2", "13.0 or later is needed"},
        {"no-device", "CUDA: the driver knows no device", ""},
        {"old-device", "CUDA: emulated has compute capability 8.0", "9.0 or later is needed"}};
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        set_fault(table[k][0]);
        check_no_device(table[k][1], table[k][2]);
    }
    set_fault("");
    device_close(device_open());
}

static void use_plugin(const char *path)
{
    assert_int_equal(path == NULL ? unsetenv("ICLAB_DEVICE_PLUGIN") : setenv("ICLAB_DEVICE_PLUGIN", path, 1), 0);
}

/* Compiles `source` to a library of that name; skips without a compiler. */
static const char *library(const char *name, const char *source)
{
    char file[PATH_MAX], command[3 * PATH_MAX];
    snprintf(file, sizeof file, "%s.c", in_folder(name));
    write_bytes(file, source, strlen(source));
    snprintf(command, sizeof command, "gcc -shared -fPIC -o '%s' '%s' 2>/dev/null", in_folder(name), file);
    if (system(command) != 0) skip(); /* NOLINT: the test's own names */
    return in_folder(name);
}

static void test_plugins(void **state)
{
    (void)state;
    char saved[PATH_MAX];
    snprintf(saved, sizeof saved, "%s", getenv("ICLAB_DEVICE_PLUGIN"));
    use_plugin(in_folder("nothing.so"));
    check_no_device("the plug-in cannot be loaded", "nothing.so");
    write_bytes(in_folder("text.so"), "text", 4);
    use_plugin(in_folder("text.so"));
    check_no_device("the plug-in cannot be loaded", "text.so");
    use_plugin(library("other.so", "int something = 3;"));
    check_no_device("other.so", "no plug-in of iclab");
    use_plugin(library("version.so", "const struct { const char *v; unsigned long n; void *open; } icl_device_plugin ="
                                     " {\"0.0.7\", 1, 0};"));
    check_no_device("a plug-in of iclab 0.0.7", ICL_VERSION);
    use_plugin(library("size.so", "const struct { const char *v; unsigned long n; void *open; } icl_device_plugin ="
                                  " {\"" ICL_VERSION "\", 1, 0};"));
    check_no_device("a plug-in of another build", "make cuda");
    /* Set to nothing is not set: the program itself, which the loader takes "" for, is no plug-in. */
    use_plugin("");
    struct icl_device *device;
    char why[ICL_DEVICE_WHY];
    assert_int_equal(icl_device_open(ICL_DEVICE_AUTO, &device, why, NULL), ICL_OK);
    assert_null(strstr(why, "no plug-in of iclab"));
    icl_device_close(device);
    use_plugin(saved);
    device_close(device_open());
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void test_there_and_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 7, 8, 255, 256, 257, 4095, 4096, 4097, 100003};
    struct icl_device *device = device_open();
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const size_t n = sizes[k];
        unsigned char *x = some_bytes(41 + k, n);
        void *a = device_put(device, x, n), *b = device_room(device, n);
        assert_int_equal((uintptr_t)a % 256, 0);
        device->call->copy(device, a, n, b);
        device->call->clear(device, a, n / 2);
        device_check_bytes(device, b, x, n, "upload, copy, download");
        memset(x, 0, n / 2);
        device_check_bytes(device, a, x, n, "clear");
        free(x);
    }
    device_close(device);
}

static void test_nothing(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_device *device = device_open();
    void *memory = &err;
    assert_ok(device->call->take(device, 0, &memory, &err));
    assert_null(memory);
    memory = &err;
    assert_ok(device->call->take_host(device, 0, &memory, &err));
    assert_null(memory);
    device->call->release(device, NULL);
    device->call->release_host(device, NULL);
    device->call->graph_release(device, NULL);
    device->call->upload(device, NULL, 0, NULL);
    device->call->download(device, NULL, 0, NULL);
    device->call->copy(device, NULL, 0, NULL);
    device->call->clear(device, NULL, 0);
    assert_ok(device->call->finish(device, &err));
    device_close(device);
}

/* Other memory may change after upload; that of take_host is read when the queue is done. */
static void test_pinned_memory(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_device *device = device_open();
    void *memory;
    assert_ok(device->call->take_host(device, 100, &memory, &err));
    unsigned char *pinned = memory, plain[100], wanted[100];
    memset(pinned, 1, 100);
    memset(plain, 2, 100);
    void *from_pinned = device_put(device, pinned, 100), *from_plain = device_put(device, plain, 100);
    memset(plain, 3, 100);
    memset(wanted, 1, 100);
    device_check_bytes(device, from_pinned, wanted, 100, "pinned");
    memset(wanted, 2, 100);
    device_check_bytes(device, from_plain, wanted, 100, "plain");
    device->call->download(device, from_plain, 100, pinned);
    device_finish(device);
    assert_memory_equal(pinned, wanted, 100);
    device->call->release_host(device, pinned);
    device_close(device);
}

static void test_short_memory(void **state)
{
    (void)state;
    struct icl_error err;
    set_fault("memory:10485760");
    struct icl_device *device = device_open();
    assert_int_equal(device->facts.memory, 10 << 20);
    void *most, *more;
    assert_ok(device->call->take(device, 8 << 20, &most, &err));
    assert_failure(device->call->take(device, 3 << 20, &more, &err), ICL_ERR_MEMORY, &err, "emulated",
                   "3 MiB are wanted", " of 10 MiB are free");
    assert_null(more);
    assert_ok(device->call->finish(device, &err)); /* told once */
    assert_ok(device->call->take(device, 1 << 20, &more, &err));
    device->call->release(device, more);
    device->call->release(device, most);
    assert_ok(device->call->take(device, (10 << 20) - (64 << 10), &most, &err)); /* all but a device's own room */
    device->call->release(device, most);
    assert_failure(device->call->take(device, SIZE_MAX / 2, &more, &err), ICL_ERR_MEMORY, &err, " of 10 MiB are free");
    device_close(device);

    set_fault("pinned");
    device = device_open();
    assert_failure(device->call->take_host(device, 5 << 20, &more, &err), ICL_ERR_MEMORY, &err,
                   "5 MiB of the host's memory cannot be locked");
    assert_null(more);
    assert_ok(device->call->finish(device, &err));
    device_close(device);
}

/* ---- failures ---------------------------------------------------------------------------------------------------- */

/* What was put in before the failure is done, what came after it is not; then all is well again. */
static void test_failure_in_the_queue(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_device *device = device_open();
    unsigned char ones[16], zeros[16] = {0};
    memset(ones, 1, sizeof ones);
    void *a = device_put(device, ones, 16), *b = device_put(device, ones, 16);
    device->call->clear(device, a, 16);
    device->call->copy(device, a, 17, b); /* too far */
    device->call->clear(device, b, 16);
    device->call->clear(device, b, 1000); /* a second failure is not told */
    assert_failure(device->call->finish(device, &err), ICL_ERR_DEVICE, &err,
                   "emulated: copy: ", "cudaErrorInvalidValue");
    assert_ok(device->call->finish(device, &err));
    device_check_bytes(device, a, zeros, 16, "before the failure");
    device_check_bytes(device, b, ones, 16, "after the failure");
    device->call->clear(device, b, 16);
    device_check_bytes(device, b, zeros, 16, "after it was told");
    device_close(device);
}

/* Everything a device that is lost is asked for. */
static void check_lost(struct icl_device *device, void *memory, struct icl_device_graph *graph)
{
    struct icl_error err;
    double seconds;
    void *more;
    char host[8] = "unread", first[sizeof err.message];
    for (int k = 0; k < 2; k++)
        assert_failure(device->call->finish(device, &err), ICL_ERR_DEVICE, &err, "emulated: the device is lost");
    strcpy(first, err.message);
    assert_failure(device->call->take(device, 8, &more, &err), ICL_ERR_DEVICE, &err, "the device is lost");
    assert_null(more);
    assert_failure(device->call->take_host(device, 8, &more, &err), ICL_ERR_DEVICE, &err, "the device is lost");
    assert_null(more);
    device->call->upload(device, host, 8, memory);
    device->call->download(device, memory, 8, host);
    device->call->replay(device, graph);
    assert_failure(device->call->finish(device, &err), ICL_ERR_DEVICE, &err, "the device is lost");
    assert_string_equal(err.message, first); /* what was first */
    assert_string_equal(host, "unread");
    struct icl_device_graph *recorded = graph;
    device->call->record_begin(device);
    assert_failure(device->call->record_end(device, &recorded, &err), ICL_ERR_DEVICE, &err, "the device is lost");
    assert_null(recorded);
    assert_failure(device->call->time(device, NULL, NULL, 0, &seconds, &err), ICL_ERR_DEVICE, &err, "is lost");
}

/* Recorded work on memory that has been released: as on a device, a wrong address cannot be made good. */
static void test_lost_device(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_device *device = device_open();
    void *memory = device_room(device, 8), *gone;
    assert_ok(device->call->take(device, 8, &gone, &err));
    struct icl_device_graph *graph;
    device->call->record_begin(device);
    device->call->clear(device, gone, 8);
    assert_ok(device->call->record_end(device, &graph, &err));
    device->call->replay(device, graph);
    device_finish(device);
    device->call->release(device, gone);
    device->call->clear(device, memory, 8);
    device->call->replay(device, graph);
    device->call->clear(device, memory, 8);
    check_lost(device, memory, graph);
    device->call->graph_release(device, graph);
    device->call->release(device, memory);
    device_array_count = 0;
    icl_device_close(device);
    device_close(device_open()); /* another one works */
}

/* ---- recorded work ----------------------------------------------------------------------------------------------- */

static void test_recorded_work(void **state)
{
    (void)state;
    enum { N = 300 };
    struct icl_error err;
    struct icl_device *device = device_open();
    unsigned char *x = some_bytes(5, N), *y = some_bytes(6, N), wanted[N];
    void *from = device_put(device, x, N), *to = device_put(device, y, N);
    struct icl_device_graph *graph;
    device->call->record_begin(device);
    device->call->copy(device, from, N, to);
    device->call->clear(device, to, N / 2);
    assert_ok(device->call->record_end(device, &graph, &err));
    assert_non_null(graph);
    device_check_bytes(device, to, y, N, "recorded, not done");
    for (uint64_t k = 0; k < 3; k++) { /* what it reads changes */
        unsigned char *now = some_bytes(100 + k, N);
        device->call->upload(device, now, N, from);
        device->call->replay(device, graph);
        memcpy(wanted, now, N);
        memset(wanted, 0, N / 2);
        device_check_bytes(device, to, wanted, N, "replayed");
        free(now);
    }
    device->call->upload(device, x, N, from);
    device->call->replay(device, graph);
    device->call->graph_release(device, graph); /* waits */
    memcpy(wanted, x, N);
    memset(wanted, 0, N / 2);
    device_check_bytes(device, to, wanted, N, "released");
    device_close(device);
    free(x);
    free(y);
}

static void test_nothing_recorded(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_device *device = device_open();
    struct icl_device_graph *graph;
    assert_failure(device->call->record_end(device, &graph, &err), ICL_ERR_DEVICE, &err, "nothing is recorded");
    assert_null(graph);
    device->call->record_begin(device);
    assert_ok(device->call->record_end(device, &graph, &err)); /* no work is work, too */
    device->call->replay(device, graph);
    device_finish(device);
    device->call->graph_release(device, graph);
    device->call->replay(device, NULL);
    assert_failure(device->call->finish(device, &err), ICL_ERR_DEVICE, &err, "nothing was recorded");
    device_close(device);
}

/* A failure before recording: nothing is recorded, and record_end tells it. */
static void test_recording_after_a_failure(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_device *device = device_open();
    void *a = device_room(device, 8);
    struct icl_device_graph *graph;
    device->call->clear(device, a, 9);
    device->call->record_begin(device);
    device->call->clear(device, a, 8);
    assert_failure(device->call->record_end(device, &graph, &err), ICL_ERR_DEVICE, &err, "clear");
    assert_null(graph);
    device->call->record_begin(device);
    device->call->clear(device, a, 9); /* and one within */
    device->call->clear(device, a, 8);
    assert_failure(device->call->record_end(device, &graph, &err), ICL_ERR_DEVICE, &err, "clear");
    assert_null(graph);
    assert_ok(device->call->finish(device, &err));
    device_close(device);
}

static void test_failures_to_record(void **state)
{
    (void)state;
    static const char *const faults[] = {"capture-begin", "capture-end"};
    struct icl_error err;
    for (size_t k = 0; k < 2; k++) {
        set_fault(faults[k]);
        struct icl_device *device = device_open();
        void *a = device_room(device, 8);
        struct icl_device_graph *graph;
        device->call->record_begin(device);
        device->call->clear(device, a, 8);
        assert_failure(device->call->record_end(device, &graph, &err), ICL_ERR_DEVICE, &err, "recording", "cudaError");
        assert_null(graph);
        device->call->clear(device, a, 8); /* not lost */
        assert_ok(device->call->finish(device, &err));
        device_close(device);
    }
}

static void no_work(void *context)
{
    (void)context;
}

/* What may not be done while work is recorded. */
enum misplaced { UPLOAD, DOWNLOAD, REPLAY, AGAIN, FINISH, TIME, RELEASE, RELEASE_HOST, GRAPH_RELEASE, MISPLACED };

static icl_status misplace(struct icl_device *device, enum misplaced what, void *memory, struct icl_error *err)
{
    static char host[8];
    double seconds;
    void *pinned = NULL;
    struct icl_device_graph *graph = NULL;
    if (what == RELEASE_HOST) assert_int_equal(device->call->take_host(device, 8, &pinned, err), ICL_OK);
    if (what == GRAPH_RELEASE || what == REPLAY) {
        device->call->record_begin(device);
        assert_int_equal(device->call->record_end(device, &graph, err), ICL_OK);
    }
    device->call->record_begin(device);
    device->call->clear(device, memory, 8);
    icl_status status = ICL_OK;
    switch (what) {
    case UPLOAD:
        device->call->upload(device, host, 8, memory);
        break;
    case DOWNLOAD:
        device->call->download(device, memory, 8, host);
        break;
    case REPLAY:
        device->call->replay(device, graph);
        break;
    case AGAIN:
        device->call->record_begin(device);
        break;
    case FINISH:
        status = device->call->finish(device, err);
        break;
    case TIME:
        status = device->call->time(device, no_work, NULL, 1, &seconds, err);
        break;
    case RELEASE:
        device->call->release(device, memory);
        break;
    case RELEASE_HOST:
        device->call->release_host(device, pinned);
        break;
    default:
        device->call->graph_release(device, graph);
    }
    struct icl_device_graph *recorded = NULL;
    struct icl_error second;
    const icl_status ended = device->call->record_end(device, &recorded, status == ICL_OK ? err : &second);
    assert_int_equal(ended, ICL_ERR_DEVICE);
    assert_null(recorded);
    if (what == REPLAY) device->call->graph_release(device, graph);
    return ICL_ERR_DEVICE;
}

static void test_misplaced_in_a_recording(void **state)
{
    (void)state;
    static const char *const names[MISPLACED] = {"upload", "download", "replay",       "record_begin", "finish",
                                                 "time",   "release",  "release_host", "graph_release"};
    struct icl_error err;
    for (enum misplaced what = 0; what < MISPLACED; what++) {
        struct icl_device *device = device_open();
        void *memory;
        assert_ok(device->call->take(device, 8, &memory, &err));
        assert_failure(misplace(device, what, memory, &err), ICL_ERR_DEVICE, &err, names[what],
                       "while work is recorded");
        if (what != RELEASE) {
            device->call->clear(device, memory, 8);
            assert_ok(device->call->finish(device, &err));
            device->call->release(device, memory);
        }
        device_close(device);
    }
}

static void test_no_memory_while_recording(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_device *device = device_open();
    void *a = device_room(device, 8), *memory = a;
    struct icl_device_graph *graph;
    device->call->record_begin(device);
    assert_failure(device->call->take(device, 8, &memory, &err), ICL_ERR_DEVICE, &err, "take while work is recorded");
    assert_null(memory);
    memory = a;
    assert_failure(device->call->take_host(device, 8, &memory, &err), ICL_ERR_DEVICE, &err, "take_host while work");
    assert_null(memory);
    device->call->clear(device, a, 8);
    assert_ok(device->call->record_end(device, &graph, &err)); /* the recording is as it was */
    device->call->graph_release(device, graph);
    device->call->record_begin(device);
    device->call->clear(device, a, 8);
    device_array_count = 0;
    device->call->release(device, a);
    icl_device_close(device); /* while recording */
}

/* ---- time -------------------------------------------------------------------------------------------------------- */

struct work {
    struct icl_device *device;
    void *memory;
    size_t bytes;
    unsigned calls;
};

static void clear_some(void *context)
{
    struct work *work = context;
    work->calls++;
    work->device->call->clear(work->device, work->memory, work->bytes);
}

static void test_time(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_device *device = device_open();
    struct work work = {device, device_room(device, 1 << 20), 1 << 20, 0};
    double seconds = -1;
    assert_ok(device->call->time(device, clear_some, &work, 7, &seconds, &err));
    assert_int_equal(work.calls, 7);
    assert_true(seconds > 0 && seconds < 60);
    assert_ok(device->call->time(device, clear_some, &work, 0, &seconds, &err));
    assert_true(seconds >= 0 && seconds < 1);
    assert_int_equal(work.calls, 7);
    work.bytes++;
    assert_failure(device->call->time(device, clear_some, &work, 3, &seconds, &err), ICL_ERR_DEVICE, &err, "clear");
    assert_int_equal(work.calls, 10);
    assert_ok(device->call->finish(device, &err));
    device_close(device);
    set_fault("clock");
    device = device_open();
    work.calls = 0;
    work.device = device;
    assert_failure(device->call->time(device, clear_some, &work, 3, &seconds, &err), ICL_ERR_DEVICE, &err, "clock");
    assert_int_equal(work.calls, 0);
    device_close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(test_choices, no_fault),
                                       cmocka_unit_test_setup(test_facts, no_fault),
                                       cmocka_unit_test_setup(test_no_device, no_fault),
                                       cmocka_unit_test_setup(test_plugins, no_fault),
                                       cmocka_unit_test_setup(test_there_and_back, no_fault),
                                       cmocka_unit_test_setup(test_nothing, no_fault),
                                       cmocka_unit_test_setup(test_pinned_memory, no_fault),
                                       cmocka_unit_test_setup(test_short_memory, no_fault),
                                       cmocka_unit_test_setup(test_failure_in_the_queue, no_fault),
                                       cmocka_unit_test_setup(test_lost_device, no_fault),
                                       cmocka_unit_test_setup(test_recorded_work, no_fault),
                                       cmocka_unit_test_setup(test_nothing_recorded, no_fault),
                                       cmocka_unit_test_setup(test_recording_after_a_failure, no_fault),
                                       cmocka_unit_test_setup(test_failures_to_record, no_fault),
                                       cmocka_unit_test_setup(test_misplaced_in_a_recording, no_fault),
                                       cmocka_unit_test_setup(test_no_memory_while_recording, no_fault),
                                       cmocka_unit_test_setup(test_time, no_fault)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
