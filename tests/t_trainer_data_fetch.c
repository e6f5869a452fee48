/* Downloads from a server on loopback: whole, cut, resumed, of a wrong sum, and archives. */
#include "tests/data_support.h"

#include <md5.h>

#include "tests/helpers/file_server.h"
#include "trainer/data_check.h"
#include "trainer/data_fetch.h"

static struct icl_error err;
static struct file_server server;
static pthread_t thread;
static char address[64], root[PATH_MAX];

enum { SIZE = 300000 };
static uint8_t first_file[SIZE];
static char first_md5[33], archive_md5[33];

static const char *at_server(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "server/%s", name);
    return placed(path);
}

static int begin(void **state)
{
    if (make_folder(state) != 0) return 1;
    uint64_t random = 3, bytes;
    for (size_t i = 0; i < SIZE; i++)
        first_file[i] = (uint8_t)random_bits(&random);
    write_bytes(at_server("first.gz"), first_file, SIZE);
    write_bytes(at_server("second.gz"), "second", 6);
    write_bytes(placed("pack/top/train/a/1.jpg"), "one", 3);
    write_bytes(placed("pack/top/list.csv"), "two", 3);
    char command[2 * PATH_MAX];
    snprintf(command, sizeof command, "tar -C %s -czf %s top", in_folder("pack"), at_server("pack.tgz"));
    if (system(command) != 0) return 1;
    if (icl_md5_file(at_server("first.gz"), false, &bytes, first_md5, &err) != ICL_OK) return 1;
    if (icl_md5_file(at_server("pack.tgz"), false, &bytes, archive_md5, &err) != ICL_OK) return 1;
    if (!file_server_open(&server, in_folder("server"))) return 1;
    snprintf(address, sizeof address, "http://127.0.0.1:%u/", server.port);
    snprintf(root, sizeof root, "%s/root", folder);
    unsetenv("http_proxy");
    setenv("no_proxy", "127.0.0.1", 1);
    return pthread_create(&thread, NULL, file_server_run, &server);
}

static int end(void **state)
{
    shutdown(server.socket, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(server.socket);
    return remove_folder(state);
}

static int clear(void **state)
{
    (void)state;
    server.cut = -1;
    server.no_ranges = false;
    server.requests = 0;
    if (access(root, F_OK) == 0) (void)nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}

static struct icl_data_set files(void)
{
    return (struct icl_data_set){
        .name = "some",
        .address = address,
        .terms = "none",
        .file = {{"first.gz", SIZE, first_md5, NULL}, {"second.gz", 6, "a9f0e61a137d86aa9db53465e0801612", NULL}}};
}

static struct icl_data_set archive(void)
{
    return (struct icl_data_set){.name = "packed",
                                 .format = ICL_DATA_FOLDERS,
                                 .folder = "top",
                                 .address = address,
                                 .terms = "none",
                                 .file = {{"pack.tgz", 0, archive_md5, NULL}}};
}

static void assert_content(const char *name, const void *bytes, size_t size)
{
    size_t got;
    char *content = read_bytes(in_folder(name), &got);
    assert_int_equal(got, size);
    assert_memory_equal(content, bytes, size);
    free(content);
}

static void whole_files(void **state)
{
    (void)state;
    const struct icl_data_set set = files();
    bool there = true;
    assert_ok(icl_data_fetch(&set, root, NULL, false, &there, &err));
    assert_false(there);
    assert_content("root/some/first.gz", first_file, SIZE);
    assert_content("root/some/second.gz", "second", 6);
    assert_int_equal(count_entries(in_folder("root/some")), 2);
    assert_int_equal(server.requests, 2);
    assert_ok(icl_data_fetch(&set, root, NULL, false, &there, &err));
    assert_true(there);
    assert_int_equal(server.requests, 2);
    /* What is there and differs is left alone. */
    write_bytes(in_folder("root/some/second.gz"), "sekond", 6);
    assert_failure(icl_data_fetch(&set, root, NULL, false, &there, &err), ICL_ERR_INPUT, &err, "second.gz", "md5",
                   "a9f0e61a137d86aa9db53465e0801612");
    assert_content("root/some/second.gz", "sekond", 6);
}

static void a_cut_download_goes_on(void **state)
{
    (void)state;
    const struct icl_data_set set = files();
    bool there;
    server.cut = 100000;
    assert_failure(icl_data_fetch(&set, root, NULL, false, &there, &err), ICL_ERR_IO, &err, "curl", "first.gz.part");
    assert_content("root/some/first.gz.part", first_file, 100000);
    server.cut = 50000;
    assert_failure(icl_data_fetch(&set, root, NULL, false, &there, &err), ICL_ERR_IO, &err, "first.gz.part");
    assert_int_equal(server.last_start, 100000);
    assert_content("root/some/first.gz.part", first_file, 150000);
    assert_ok(icl_data_fetch(&set, root, NULL, false, &there, &err));
    assert_content("root/some/first.gz", first_file, SIZE);
    assert_int_equal(count_entries(in_folder("root/some")), 2);
    assert_int_equal(server.requests, 4);
}

static void a_server_that_cannot_go_on(void **state)
{
    (void)state;
    const struct icl_data_set set = files();
    bool there;
    write_bytes(placed("root/some/first.gz.part"), first_file, 1000);
    server.no_ranges = true;
    assert_ok(icl_data_fetch(&set, root, NULL, false, &there, &err));
    assert_content("root/some/first.gz", first_file, SIZE);
}

static void a_part_that_was_complete(void **state)
{
    (void)state;
    const struct icl_data_set set = files();
    bool there;
    write_bytes(placed("root/some/first.gz.part"), first_file, SIZE);
    assert_ok(icl_data_fetch(&set, root, NULL, false, &there, &err));
    assert_int_equal(server.requests, 1);
    assert_content("root/some/first.gz", first_file, SIZE);
}

static void wrong_sums_and_sizes(void **state)
{
    (void)state;
    struct icl_data_set set = files();
    bool there;
    set.file[0].md5 = "00000000000000000000000000000000";
    assert_failure(icl_data_fetch(&set, root, NULL, false, &there, &err), ICL_ERR_INPUT, &err, "first.gz.part",
                   "00000000000000000000000000000000", first_md5, "removed");
    assert_int_equal(count_entries(in_folder("root/some")), 0);
    set.file[0].md5 = first_md5;
    set.file[0].bytes = SIZE - 1;
    assert_failure(icl_data_fetch(&set, root, NULL, false, &there, &err), ICL_ERR_INPUT, &err, "300000 bytes", "299999",
                   "removed");
    assert_int_equal(count_entries(in_folder("root/some")), 0);
}

static void what_is_not_there(void **state)
{
    (void)state;
    struct icl_data_set set = files();
    bool there;
    set.file[1].name = "third.gz";
    assert_failure(icl_data_fetch(&set, root, NULL, false, &there, &err), ICL_ERR_IO, &err, "404");
    assert_content("root/some/first.gz", first_file, SIZE);
    assert_int_equal(count_entries(in_folder("root/some")), 1);
    assert_failure(icl_data_fetch(&set, root, "http://127.0.0.1:1", false, &there, &err), ICL_ERR_IO, &err, "curl");
    set.address = NULL;
    set.how = "ask the owner";
    assert_failure(icl_data_fetch(&set, root, NULL, false, &there, &err), ICL_ERR_INPUT, &err, "some", "ask the owner");
    set.file[1].name = "second.gz";
    address[strlen(address) - 1] = '\0'; /* the slash is put in */
    assert_ok(icl_data_fetch(&set, root, address, false, &there, &err));
    strcat(address, "/");
    write_bytes(in_folder("plain"), "", 0);
    assert_failure(icl_data_fetch(&set, in_folder("plain"), address, false, &there, &err), ICL_ERR_INPUT, &err, "plain",
                   "not a folder");
    const char *path = getenv("PATH");
    char *kept = strdup(path);
    setenv("PATH", "/nowhere", 1);
    clear(NULL);
    assert_failure(icl_data_fetch(&set, root, address, false, &there, &err), ICL_ERR_IO, &err, "curl", "install");
    setenv("PATH", kept, 1);
    free(kept);
}

static void archives(void **state)
{
    (void)state;
    struct icl_data_set set = archive();
    bool there;
    server.cut = 20;
    assert_failure(icl_data_fetch(&set, root, NULL, false, &there, &err), ICL_ERR_IO, &err, "pack.tgz.part");
    assert_int_equal(count_entries(root), 1);
    assert_ok(icl_data_fetch(&set, root, NULL, false, &there, &err));
    assert_int_equal(server.last_start, 20);
    assert_false(there);
    assert_int_equal(count_entries(root), 1);
    assert_content("root/packed/train/a/1.jpg", "one", 3);
    assert_content("root/packed/list.csv", "two", 3);
    static const char list[] = "path\tbytes\tmd5\nlist.csv\t3\tb8a9f715dbb64fd5c56e7783c6820a61\n"
                               "train/a/1.jpg\t3\tf97c5d29941bfb1b2fdab0874906ab82\n";
    assert_content("root/packed/iclab-files.tsv", list, sizeof list - 1);
    /* What is there is never touched. */
    write_bytes(in_folder("root/packed/list.csv"), "mine", 4);
    assert_ok(icl_data_fetch(&set, root, NULL, false, &there, &err));
    assert_true(there);
    assert_content("root/packed/list.csv", "mine", 4);
}

static void a_broken_archive(void **state)
{
    (void)state;
    struct icl_data_set set = archive();
    bool there;
    set.file[0] = (struct icl_data_file){"first.gz", SIZE, first_md5, NULL};
    assert_failure(icl_data_fetch(&set, root, NULL, false, &there, &err), ICL_ERR_INPUT, &err, "first.gz",
                   "cannot be unpacked");
    /* The archive itself has its sum and stays; nothing else does. */
    assert_int_equal(count_entries(root), 1);
    write_bytes(in_folder("root/packed"), "", 0);
    assert_failure(icl_data_fetch(&set, root, NULL, false, &there, &err), ICL_ERR_INPUT, &err, "packed", "no folder");
}

int main(void)
{
    if (system("command -v curl >/dev/null && command -v tar >/dev/null") != 0) {
        puts("1..0 # SKIP curl or tar is not installed");
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(whole_files, clear),
        cmocka_unit_test_setup(a_cut_download_goes_on, clear),
        cmocka_unit_test_setup(a_server_that_cannot_go_on, clear),
        cmocka_unit_test_setup(a_part_that_was_complete, clear),
        cmocka_unit_test_setup(wrong_sums_and_sizes, clear),
        cmocka_unit_test_setup(what_is_not_there, clear),
        cmocka_unit_test_setup(archives, clear),
        cmocka_unit_test_setup(a_broken_archive, clear),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
