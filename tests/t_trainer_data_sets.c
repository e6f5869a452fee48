/* Names of data sets, where they are looked for, and the checks of their files. */
#include <sys/stat.h>

#include "tests/data_support.h"

#include <ctype.h>
#include <zlib.h>

#include "trainer/data.h"
#include "trainer/data_check.h"

static struct icl_error err;

static void the_table_is_sound(void **state)
{
    (void)state;
    size_t count = 0;
    for (const struct icl_data_set *set = icl_data_sets; set->name != NULL; set++, count++) {
        struct icl_data_choice choice;
        assert_ok(icl_data_choose(set->name, &choice, &err));
        assert_ptr_equal(choice.set.name, set->name);
        assert_int_equal(choice.noise, -1);
        assert_true(set->train > 0 && set->valid > 0 && set->classes > 1 && set->height > 0 && set->width > 0);
        assert_in_range(set->channels, 1, 3);
        assert_non_null(set->terms);
        for (size_t c = 0; c < set->channels; c++)
            assert_true(set->mean[c] > 0 && set->mean[c] < 1 && set->sd[c] > 0 && set->sd[c] < 1);
        /* There is a way to get it. */
        assert_true(set->address != NULL || set->how != NULL || set->format == ICL_DATA_PLANTED);
        for (const struct icl_data_file *file = set->file; file->name != NULL; file++) {
            const char *const sums[] = {file->md5, file->content};
            for (size_t s = 0; s < 2; s++)
                assert_true(sums[s] == NULL || (strlen(sums[s]) == 32 && strspn(sums[s], "0123456789abcdef") == 32));
        }
    }
    assert_int_equal(count, 12);
}

static void names_with_sizes_and_noise(void **state)
{
    (void)state;
    struct icl_data_choice choice;
    assert_ok(icl_data_choose("planted-9x31x2-17", &choice, &err));
    assert_int_equal(choice.set.height, 9);
    assert_int_equal(choice.set.width, 31);
    assert_int_equal(choice.set.channels, 2);
    assert_int_equal(choice.set.classes, 17);
    assert_ok(icl_data_choose("imagewoof-noisy50", &choice, &err));
    assert_string_equal(choice.set.name, "imagewoof");
    assert_int_equal(choice.noise, 50);
    assert_ok(icl_data_choose("my-birds", &choice, &err));
    assert_string_equal(choice.set.name, "my-birds");
    assert_int_equal(choice.set.format, ICL_DATA_FOLDERS);
    static const char *const bad[][2] = {{"", "mnist"},
                                         {"../x", "fashion-mnist"},
                                         {"a/b", "cifar-10"},
                                         {".x", "ilsvrc2012"},
                                         {"planted-", "planted-HxWxC-K"},
                                         {"planted-8x8x3", "planted-HxWxC-K"},
                                         {"planted-8x8x4-2", "1 to 3 channels"},
                                         {"planted-8x0x3-2", "planted-HxWxC-K"},
                                         {"planted-8x8x3-0", "planted-HxWxC-K"},
                                         {"planted-8x8x3-2x", "planted-HxWxC-K"},
                                         {"planted-8x8x3-70000", "planted-HxWxC-K"},
                                         {"planted-5000x8x3-2", "planted-HxWxC-K"},
                                         {"planted-4096x4096x3-2", "512 MiB"},
                                         {"planted8x8x3-2", "planted-HxWxC-K"},
                                         {"imagenette-noisy", "-noisy0, 1, 5, 25 or 50"},
                                         {"imagenette-noisy2", "-noisy0, 1, 5, 25 or 50"},
                                         {"imagenette-noisy05", "-noisy0, 1, 5, 25 or 50"},
                                         {"mnist-noisy5", "no noisy labels of mnist"},
                                         {"my-birds-noisy5", "mnist"}};
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++)
        assert_failure(icl_data_choose(bad[b][0], &choice, &err), ICL_ERR_USAGE, &err, bad[b][1]);
    char longest[70];
    memset(longest, 'a', sizeof longest);
    longest[64] = '\0';
    assert_failure(icl_data_choose(longest, &choice, &err), ICL_ERR_USAGE, &err, "mnist");
    longest[63] = '\0';
    assert_ok(icl_data_choose(longest, &choice, &err));
}

static const struct icl_data_set *row(const char *name)
{
    const struct icl_data_set *set = icl_data_sets;
    while (strcmp(set->name, name) != 0)
        set++;
    return set;
}

static void places(void **state)
{
    (void)state;
    char path[ICL_DATA_PATH], home[ICL_DATA_PATH];
    setenv("HOME", in_folder("home"), 1);
    unsetenv("ICLAB_DATA");
    unsetenv("ICLAB_FASHION_MNIST");
    snprintf(home, sizeof home, "%s/.local/share/iclab", in_folder("home"));
    assert_ok(icl_data_root(NULL, path, &err));
    assert_string_equal(path, home);
    assert_ok(icl_data_root("/given", path, &err));
    assert_string_equal(path, "/given");
    assert_failure(icl_data_locate(row("cifar-100"), NULL, path, &err), ICL_ERR_INPUT, &err,
                   "/.local/share/iclab/cifar-100", "iclab data fetch cifar-100");
    setenv("ICLAB_DATA", in_folder("data"), 1);
    assert_failure(icl_data_locate(row("ilsvrc2012"), NULL, path, &err), ICL_ERR_INPUT, &err, "/data/ilsvrc2012",
                   "image-net.org");
    struct icl_data_choice mine;
    assert_ok(icl_data_choose("mine", &mine, &err));
    assert_failure(icl_data_locate(&mine.set, NULL, path, &err), ICL_ERR_INPUT, &err, "no data set is called 'mine'",
                   "/data/mine");
    /* Under its own name, or that of the archive. */
    placed("data/cifar-10-batches-bin/x");
    assert_ok(icl_data_locate(row("cifar-10"), NULL, path, &err));
    assert_string_equal(path, in_folder("data/cifar-10-batches-bin"));
    placed("data/cifar-10/x");
    assert_ok(icl_data_locate(row("cifar-10"), NULL, path, &err));
    assert_string_equal(path, in_folder("data/cifar-10"));
    assert_failure(icl_data_locate(row("cifar-10"), "/given", path, &err), ICL_ERR_INPUT, &err, "/given/cifar-10");
    /* Fashion-MNIST: the variable of its own, then the root. */
    placed("data/fashion-mnist/x");
    assert_ok(icl_data_locate(row("fashion-mnist"), NULL, path, &err));
    assert_string_equal(path, in_folder("data/fashion-mnist"));
    setenv("ICLAB_FASHION_MNIST", in_folder("data/cifar-10"), 1);
    assert_ok(icl_data_locate(row("fashion-mnist"), NULL, path, &err));
    assert_string_equal(path, in_folder("data/cifar-10"));
    assert_ok(icl_data_locate(row("fashion-mnist"), in_folder("data"), path, &err));
    assert_string_equal(path, in_folder("data/fashion-mnist"));
    setenv("ICLAB_FASHION_MNIST", "/nowhere", 1);
    assert_failure(icl_data_locate(row("fashion-mnist"), NULL, path, &err), ICL_ERR_INPUT, &err, "/nowhere",
                   "ICLAB_FASHION_MNIST");
    unsetenv("ICLAB_FASHION_MNIST");
    unsetenv("ICLAB_DATA");
    unsetenv("HOME");
    assert_failure(icl_data_root(NULL, path, &err), ICL_ERR_INPUT, &err, "ICLAB_DATA", "HOME");
}

/* RFC 1321, appendix A.5. */
static void checksums(void **state)
{
    (void)state;
    char md5[ICL_MD5_TEXT];
    uint64_t bytes = 0;
    const char *path = in_folder("message");
    write_bytes(path, "message digest", 14);
    for (int unzip = 0; unzip < 2; unzip++) {
        assert_ok(icl_md5_file(path, unzip == 1, &bytes, md5, &err));
        assert_int_equal(bytes, 14);
        assert_string_equal(md5, "f96b697d7cb7938d525a2f31aaf161d0");
    }
    /* a pipe would make it wait for ever */
    const char *pipe = in_folder("pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(icl_md5_file(pipe, false, &bytes, md5, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "pipe: is no plain file"));
    path = in_folder("message");
    write_bytes(path, "", 0);
    assert_ok(icl_md5_file(path, false, &bytes, md5, &err));
    assert_string_equal(md5, "d41d8cd98f00b204e9800998ecf8427e");
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, "message digest", 14), 14);
    assert_int_equal(gzclose(file), Z_OK);
    assert_ok(icl_md5_file(path, true, &bytes, md5, &err));
    assert_int_equal(bytes, 14);
    assert_string_equal(md5, "f96b697d7cb7938d525a2f31aaf161d0");
    size_t size;
    char *zipped = read_bytes(path, &size);
    write_bytes(path, zipped, size - 5);
    free(zipped);
    assert_failure(icl_md5_file(path, true, &bytes, md5, &err), ICL_ERR_INPUT, &err, "message", "unzipped");
    assert_failure(icl_md5_file("/nowhere", false, &bytes, md5, &err), ICL_ERR_INPUT, &err, "/nowhere");
}

/* One letter a file: what became of it. */
static icl_status note(void *context, const struct icl_file_check *check, struct icl_error *unused)
{
    (void)unused;
    char *letters = context;
    letters[strlen(letters)] = "odmu"[check->state];
    return ICL_OK;
}

static void files_of_the_table(void **state)
{
    (void)state;
    const struct icl_data_set set = {.name = "mnist",
                                     .format = ICL_DATA_IDX,
                                     .file = {{"a.gz", 14, "f96b697d7cb7938d525a2f31aaf161d0", NULL},
                                              {"b.gz", 0, NULL, "f96b697d7cb7938d525a2f31aaf161d0"},
                                              {"c.gz", 14, NULL, NULL}}};
    bool listed = false;
    char letters[8] = "";
    placed("set/x");
    write_bytes(in_folder("set/a.gz"), "message digest", 14);
    write_bytes(in_folder("set/b.gz"), "message digest", 14);
    write_bytes(in_folder("set/c.gz"), "message digest", 14);
    assert_ok(icl_data_check_files(&set, in_folder("set"), note, letters, &listed, &err));
    assert_true(listed);
    assert_string_equal(letters, "oou");
    write_bytes(in_folder("set/a.gz"), "message dihest", 14);
    write_bytes(in_folder("set/b.gz"), "\x1f\x8b\x08 broken", 10);
    write_bytes(in_folder("set/c.gz"), "message", 7);
    memset(letters, 0, sizeof letters);
    assert_ok(icl_data_check_files(&set, in_folder("set"), note, letters, &listed, &err));
    assert_string_equal(letters, "ddd");
    /* Unpacked: the sum of the contents still counts. */
    assert_int_equal(rename(in_folder("set/a.gz"), in_folder("set/a")), 0);
    unlink(in_folder("set/b.gz"));
    write_bytes(in_folder("set/b"), "message digest", 14);
    unlink(in_folder("set/c.gz"));
    memset(letters, 0, sizeof letters);
    assert_ok(icl_data_check_files(&set, in_folder("set"), note, letters, &listed, &err));
    assert_string_equal(letters, "uom");
}

static void a_list_of_files(void **state)
{
    (void)state;
    const struct icl_data_set set = {.name = "own", .format = ICL_DATA_FOLDERS};
    bool listed = true;
    char letters[8] = "";
    write_bytes(placed("own/train/b/2.jpg"), "message digest", 14);
    write_bytes(placed("own/train/a/1.jpg"), "abc", 3);
    write_bytes(placed("own/x.csv"), "", 0);
    assert_ok(icl_data_check_files(&set, in_folder("own"), note, letters, &listed, &err));
    assert_false(listed);
    assert_ok(icl_data_write_list(in_folder("own"), &err));
    size_t size;
    char *text = read_bytes(in_folder("own/iclab-files.tsv"), &size);
    assert_string_equal(text, "path\tbytes\tmd5\n"
                              "train/a/1.jpg\t3\t900150983cd24fb0d6963f7d28e17f72\n"
                              "train/b/2.jpg\t14\tf96b697d7cb7938d525a2f31aaf161d0\n"
                              "x.csv\t0\td41d8cd98f00b204e9800998ecf8427e\n");
    free(text);
    assert_ok(icl_data_check_files(&set, in_folder("own"), note, letters, &listed, &err));
    assert_true(listed);
    assert_string_equal(letters, "ooo");
    write_bytes(in_folder("own/train/b/2.jpg"), "message digesu", 14);
    unlink(in_folder("own/x.csv"));
    memset(letters, 0, sizeof letters);
    assert_ok(icl_data_check_files(&set, in_folder("own"), note, letters, &listed, &err));
    assert_string_equal(letters, "odm");
    static const char *const bad[] = {"path\tbytes\tmd5\nx\n", "path\tbytes\tmd5\nx\t3\t12\n",
                                      "path\tbytes\tmd5\n../x\t3\t900150983cd24fb0d6963f7d28e17f72\n",
                                      "path\tbytes\tmd5\nx\t-3\t900150983cd24fb0d6963f7d28e17f72\n"};
    for (size_t b = 0; b < 4; b++) {
        write_bytes(in_folder("own/iclab-files.tsv"), bad[b], strlen(bad[b]));
        assert_failure(icl_data_check_files(&set, in_folder("own"), note, letters, &listed, &err), ICL_ERR_INPUT, &err,
                       "iclab-files.tsv", "line 2");
    }
}

/* Debian's files are what the table says, and its mean and sd are theirs. */
static void fashion_mnist_where_it_is_installed(void **state)
{
    (void)state;
    if (access("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz", R_OK) != 0) {
        print_message("the package dataset-fashion-mnist is not installed\n");
        skip();
    }
    bool listed;
    char letters[8] = "";
    assert_ok(
        icl_data_check_files(row("fashion-mnist"), "/usr/share/datasets/fashion-mnist", note, letters, &listed, &err));
    assert_string_equal(letters, "oooo");
    struct icl_data *data;
    enum { BATCH = 1000, SIZE = 28 * 28 };
    unsetenv("ICLAB_DATA");
    unsetenv("ICLAB_FASHION_MNIST");
    setenv("HOME", "/nowhere", 1);
    assert_ok(icl_data_open("fashion-mnist", ICL_SPLIT_TRAIN, 0, 0, NULL, &data, &err));
    float *images = malloc(BATCH * SIZE * sizeof *images);
    uint32_t labels[BATCH], per_class[10] = {0};
    double sum = 0, square = 0;
    for (size_t first = 0; first < 60000; first += BATCH) {
        assert_ok(icl_data_batch(data, NULL, 0, 0, NULL, first, BATCH, NULL, images, labels, &err));
        for (size_t i = 0; i < (size_t)BATCH * SIZE; i++) {
            sum += (double)images[i];
            square += (double)images[i] * (double)images[i];
        }
        for (size_t i = 0; i < BATCH; i++)
            per_class[labels[i]]++;
    }
    /* Mean and sd are given to 8 digits, values are floats: 1e-6 of 47 million. */
    const double n = 60000. * SIZE;
    assert_true(fabs(sum / n) < 1e-6 && fabs(sqrt(square / n) - 1) < 1e-6);
    for (size_t k = 0; k < 10; k++)
        assert_int_equal(per_class[k], 6000);
    free(images);
    icl_data_close(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sound),
        cmocka_unit_test(names_with_sizes_and_noise),
        cmocka_unit_test(places),
        cmocka_unit_test(checksums),
        cmocka_unit_test(files_of_the_table),
        cmocka_unit_test(a_list_of_files),
        cmocka_unit_test(fashion_mnist_where_it_is_installed),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
