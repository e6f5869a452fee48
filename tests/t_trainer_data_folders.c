/* Folders of class folders: order, limits, batches of decoded files, changed labels, what is refused. */
#include "tests/data_support.h"

#include "trainer/data.h"
#include "trainer/noisy_labels.h"

enum { SIDE = 24 };
static struct icl_error err;
static uint8_t pixels[SIDE * SIDE * 3];

/* A file of one colour; its number is what the test finds it by. */
static void put_image(const char *name, unsigned level)
{
    memset(pixels, (int)level, sizeof pixels);
    write_jpeg(placed(name), pixels, SIDE, SIDE, 3, 95, false);
}

/* Classes a (3), b (1), c (2), in the order of bytes: capitals first. */
static const char *const train_names[] = {"own/train/a/Z.JPEG", "own/train/a/a.jpg",  "own/train/a/b.JPG",
                                          "own/train/b/1.jpeg", "own/train/c/10.jpg", "own/train/c/9.jpg"};

static int write_good(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++)
        put_image(train_names[5 - i], 20 * (5 - i));
    put_image("own/val/c/x.jpg", 200);
    put_image("own/val/a/x.jpg", 210);
    put_image("own/val/b/x.jpg", 220);
    write_bytes(placed("own/train/a/notes.txt"), "x", 1);
    write_bytes(placed("own/train/a/.hidden.jpg"), "x", 1);
    write_bytes(placed("own/train/readme"), "x", 1);
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    return nftw(in_folder("own"), remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static unsigned level_of(const struct icl_data *data, const float *image)
{
    const struct icl_data_info *info = icl_data_info(data);
    return (unsigned)lrint(255 * ((double)image[0] * (double)info->sd[0] + (double)info->mean[0]));
}

static void assert_samples(const struct icl_data *data, const unsigned *level, const unsigned *label, size_t count)
{
    const struct icl_data_info *info = icl_data_info(data);
    const size_t size = info->height * info->width * 3;
    float *images = malloc(count * size * sizeof *images);
    uint32_t labels[16];
    assert_int_equal(info->count, count);
    assert_ok(icl_data_batch(data, NULL, 0, 0, NULL, 0, count, NULL, images, labels, &err));
    for (size_t i = 0; i < count; i++) {
        assert_in_range(level_of(data, images + i * size) + 2, level[i], level[i] + 4);
        assert_int_equal(labels[i], label[i]);
    }
    free(images);
}

static void files_are_sorted_by_class_and_name(void **state)
{
    (void)state;
    struct icl_data *data;
    const unsigned levels[] = {0, 20, 40, 60, 80, 100}, labels[] = {0, 0, 0, 1, 2, 2};
    assert_ok(icl_data_open("own", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err));
    const struct icl_data_info *info = icl_data_info(data);
    assert_int_equal(info->classes, 3);
    assert_int_equal(info->height, 128);
    assert_int_equal(info->channels, 3);
    assert_string_equal(icl_data_class_name(data, 1), "b");
    assert_true(info->memory > 100 && info->memory < 4096);
    assert_samples(data, levels, labels, 6);
    icl_data_close(data);
    assert_ok(icl_data_open("own", ICL_SPLIT_VALID, 0, 16, folder, &data, &err));
    assert_int_equal(icl_data_info(data)->width, 16);
    assert_samples(data, (const unsigned[]){210, 220, 200}, (const unsigned[]){0, 1, 2}, 3);
    icl_data_close(data);
}

static void a_limit_is_spread_over_the_classes(void **state)
{
    (void)state;
    struct icl_data *data;
    assert_ok(icl_data_open("own", ICL_SPLIT_TRAIN, 3, 16, folder, &data, &err));
    assert_samples(data, (const unsigned[]){0, 40, 80}, (const unsigned[]){0, 0, 2}, 3);
    icl_data_close(data);
    assert_ok(icl_data_open("own", ICL_SPLIT_TRAIN, 1, 16, folder, &data, &err));
    assert_samples(data, (const unsigned[]){0}, (const unsigned[]){0}, 1);
    icl_data_close(data);
    assert_ok(icl_data_open("own", ICL_SPLIT_TRAIN, 4, 16, folder, &data, &err));
    assert_samples(data, (const unsigned[]){0, 20, 60, 80}, (const unsigned[]){0, 0, 1, 2}, 4);
    icl_data_close(data);
}

/* Decoded, cropped, flipped and moved: the same on any number of threads, and the first bad file is the one named. */
static void threads_agree(void **state)
{
    (void)state;
    struct icl_data *data;
    const struct icl_augmentation all = {.resized_crop = true, .flip = true, .pad = 2};
    enum { N = 6, OUT = 16 };
    static float one[N * OUT * OUT * 3], other[N * OUT * OUT * 3];
    uint32_t labels[N];
    for (unsigned i = 0; i < 6; i++) {
        paint_smooth(pixels, SIDE, SIDE, 3, i);
        write_jpeg(placed(train_names[i]), pixels, SIDE, SIDE, 3, 90, false);
    }
    assert_ok(icl_data_open("own", ICL_SPLIT_TRAIN, 0, OUT, folder, &data, &err));
    assert_ok(icl_data_batch(data, &all, 5, 1, NULL, 0, N, NULL, one, labels, &err));
    struct icl_team *team;
    assert_ok(icl_team_create(3, &team, &err));
    assert_ok(icl_data_batch(data, &all, 5, 1, NULL, 0, N, team, other, labels, &err));
    assert_memory_equal(one, other, sizeof one);
    assert_ok(icl_data_batch(data, &all, 5, 2, NULL, 0, N, team, other, labels, &err));
    assert_memory_not_equal(one, other, sizeof one);
    for (unsigned i = 1; i < 6; i += 2)
        write_bytes(placed(train_names[i]), "no", 2);
    for (int trial = 0; trial < 20; trial++)
        assert_failure(icl_data_batch(data, &all, 5, 2, NULL, 0, N, team, other, labels, &err), ICL_ERR_INPUT, &err,
                       "own/train/a/a.jpg");
    /* Of two failures at a time the first of the batch counts, also where it takes longer: a large file without end. */
    enum { LARGE = 1500 };
    uint8_t *large = calloc((size_t)LARGE * LARGE, 3);
    size_t size;
    assert_non_null(large);
    paint_smooth(large, LARGE, LARGE, 3, 1);
    write_jpeg(placed(train_names[1]), large, LARGE, LARGE, 3, 95, false);
    free(large);
    char *bytes = read_bytes(in_folder(train_names[1]), &size);
    write_bytes(in_folder(train_names[1]), bytes, size - 2);
    free(bytes);
    write_bytes(in_folder(train_names[2]), "no", 2);
    for (int trial = 0; trial < 5; trial++)
        assert_failure(icl_data_batch(data, &all, 5, 2, NULL, 0, N, team, other, labels, &err), ICL_ERR_INPUT, &err,
                       "own/train/a/a.jpg", "remature end");
    assert_int_equal(unlink(in_folder(train_names[0])), 0);
    assert_failure(icl_data_batch(data, NULL, 0, 0, NULL, 0, N, NULL, other, labels, &err), ICL_ERR_INPUT, &err,
                   "own/train/a/Z.JPEG");
    icl_team_free(team);
    icl_data_close(data);
}

#define assert_refused(split, ...)                                                                                     \
    do {                                                                                                               \
        struct icl_data *data_ = NULL;                                                                                 \
        assert_failure(icl_data_open("own", split, 0, 0, folder, &data_, &err), ICL_ERR_INPUT, &err, __VA_ARGS__);     \
        assert_null(data_);                                                                                            \
    } while (0)

static void refuses_odd_folders(void **state)
{
    (void)state;
    assert_int_equal(unlink(in_folder("own/val/b/x.jpg")), 0);
    assert_refused(ICL_SPLIT_VALID, "own/val/b", "holds no JPEG file");
    assert_int_equal(rmdir(in_folder("own/val/b")), 0);
    assert_refused(ICL_SPLIT_VALID, "own/val", "class b is not there");
    put_image("own/val/b/x.jpg", 1);
    put_image("own/val/aa/x.jpg", 1);
    assert_refused(ICL_SPLIT_VALID, "own/val", "class aa is not among");
    put_image("own/train/aa/x.jpg", 1);
    put_image("own/val/d/x.jpg", 1);
    assert_refused(ICL_SPLIT_VALID, "own/val", "class d is not among");
    assert_int_equal(unlink(in_folder("own/train/b/1.jpeg")), 0);
    assert_refused(ICL_SPLIT_TRAIN, "own/train/b", "holds no JPEG file");
    assert_int_equal(rename(in_folder("own/train"), in_folder("own/elsewhere")), 0);
    assert_refused(ICL_SPLIT_TRAIN, "own/train", "cannot be read");
    write_bytes(placed("own/train"), "", 0);
    assert_refused(ICL_SPLIT_TRAIN, "own/train", "cannot be read");
    unlink(in_folder("own/train"));
    assert_int_equal(mkdir(in_folder("own/train"), 0755), 0);
    assert_refused(ICL_SPLIT_TRAIN, "own/train", "holds no folder of a class");
}

/* Imagenette has ten classes. */
static void wrong_number_of_classes(void **state)
{
    (void)state;
    struct icl_data *data;
    assert_int_equal(rename(in_folder("own"), in_folder("imagenette-160")), 0);
    assert_failure(icl_data_open("imagenette-160", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err), ICL_ERR_INPUT, &err,
                   "imagenette-160/train", "3 classes", "has 10");
    assert_failure(icl_data_open("imagenette-160", ICL_SPLIT_TRAIN, 0, 5000, folder, &data, &err), ICL_ERR_USAGE, &err,
                   "5000");
    assert_int_equal(rename(in_folder("imagenette-160"), in_folder("own")), 0);
}

/* A set of ten classes with a list of changed labels. */
static void changed_labels(void **state)
{
    (void)state;
    struct icl_data *data;
    char text[4096] = "path,noisy_labels_0,noisy_labels_1,noisy_labels_25,is_valid\r\n";
    for (int k = 9; k >= 0; k--) {
        char name[64];
        snprintf(name, sizeof name, "imagenette2-160/train/n%d/x.JPEG", k);
        put_image(name, (unsigned)(10 * k));
        snprintf(name, sizeof name, "imagenette2-160/val/n%d/x.JPEG", k);
        put_image(name, (unsigned)(10 * k));
        snprintf(text + strlen(text), 100, "train/n%d/x.JPEG,n%d,n%d,n%d,False\r\n", k, k, (k + 1) % 10, k * 3 % 10);
    }
    write_bytes(placed("imagenette2-160/noisy_imagenette.csv"), text, strlen(text));
    static const struct {
        const char *name;
        enum icl_split split;
        unsigned factor, shift;
    } cases[] = {{"imagenette-160", ICL_SPLIT_TRAIN, 1, 0},
                 {"imagenette-160-noisy0", ICL_SPLIT_TRAIN, 1, 0},
                 {"imagenette-160-noisy1", ICL_SPLIT_TRAIN, 1, 1},
                 {"imagenette-160-noisy25", ICL_SPLIT_TRAIN, 3, 0},
                 {"imagenette-160-noisy25", ICL_SPLIT_VALID, 1, 0}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        assert_ok(icl_data_open(cases[c].name, cases[c].split, 0, 0, folder, &data, &err));
        assert_string_equal(icl_data_info(data)->name, cases[c].name);
        for (unsigned k = 0; k < 10; k++)
            assert_int_equal(icl_data_label(data, k), (k * cases[c].factor + cases[c].shift) % 10);
        icl_data_close(data);
    }
    assert_failure(icl_data_open("imagenette-160-noisy50", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err), ICL_ERR_INPUT,
                   &err, "noisy_imagenette.csv", "line 1", "noisy_labels_50");
    put_image("imagenette2-160/train/n3/y.JPEG", 0);
    assert_failure(icl_data_open("imagenette-160-noisy1", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err), ICL_ERR_INPUT,
                   &err, "no line for train/n3/y.JPEG");
    unlink(in_folder("imagenette2-160/train/n3/y.JPEG"));
    memcpy(strstr(text, "x.JPEG,n9,") + 7, "n7,m0", 5);
    write_bytes(placed("imagenette2-160/noisy_imagenette.csv"), text, strlen(text));
    assert_failure(icl_data_open("imagenette-160-noisy1", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err), ICL_ERR_INPUT,
                   &err, "label m0", "no class");
    unlink(in_folder("imagenette2-160/noisy_imagenette.csv"));
    assert_failure(icl_data_open("imagenette-160-noisy1", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err), ICL_ERR_INPUT,
                   &err, "noisy_imagenette.csv");
}

static void bad_lists(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } cases[] = {{"", "no rows"},
                 {"path,noisy_labels_1\n", "no rows"},
                 {"path,noisy_labels_5\na,b\n", "line 1: no column noisy_labels_1"},
                 {"paths,noisy_labels_1\na,b\n", "line 1: no column path"},
                 {"path,noisy_labels_1\na,b\nc\n", "line 3: not as many cells"},
                 {"path,noisy_labels_1\na,b,c\n", "line 2: not as many cells"},
                 {"path,noisy_labels_1\na,\n", "line 2: an empty cell"},
                 {"path,noisy_labels_1\n,b\n", "line 2: an empty cell"},
                 {"path,noisy_labels_1\na,b\nc,d\na,d\n", "two lines for a"},
                 {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,1,2,3,4,5,6,7\n", "line 1: too many columns"}};
    const char *path = in_folder("list.csv");
    struct icl_noisy_labels labels = {.count = 77};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        write_bytes(path, cases[c].text, strlen(cases[c].text));
        assert_failure(icl_noisy_labels_read(path, 1, &labels, &err), ICL_ERR_INPUT, &err, "list.csv", cases[c].reason);
        assert_int_equal(labels.count, 77);
    }
    write_bytes(path, "path,noisy_labels_1\na\0b,c\n", 26);
    assert_failure(icl_noisy_labels_read(path, 1, &labels, &err), ICL_ERR_INPUT, &err, "line 2", "zero byte");
    write_bytes(path, "path,noisy_labels_1\n\nb,2\na,1", 28);
    assert_ok(icl_noisy_labels_read(path, 1, &labels, &err));
    assert_int_equal(labels.count, 2);
    assert_string_equal(icl_noisy_label(&labels, "a"), "1");
    assert_string_equal(icl_noisy_label(&labels, "b"), "2");
    assert_null(icl_noisy_label(&labels, "c"));
    icl_noisy_labels_free(&labels);
    assert_int_equal(labels.count, 0);
    write_bytes(path, "path,noisy_labels_1\r\na,1\r\n\r\n", 28);
    assert_ok(icl_noisy_labels_read(path, 1, &labels, &err));
    assert_string_equal(icl_noisy_label(&labels, "a"), "1");
    icl_noisy_labels_free(&labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_sorted_by_class_and_name, write_good, remove_all),
        cmocka_unit_test_setup_teardown(a_limit_is_spread_over_the_classes, write_good, remove_all),
        cmocka_unit_test_setup_teardown(threads_agree, write_good, remove_all),
        cmocka_unit_test_setup_teardown(refuses_odd_folders, write_good, remove_all),
        cmocka_unit_test_setup_teardown(wrong_number_of_classes, write_good, remove_all),
        cmocka_unit_test(changed_labels),
        cmocka_unit_test(bad_lists),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
