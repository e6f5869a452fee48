/* CIFAR files; the first byte chooses 10 or 100 classes, and the limit. */
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"
#include "trainer/data.h"

static char root[64];

static void remove_links(void)
{
    char path[128];
    const char *const names[] = {"cifar-10/test_batch.bin", "cifar-100/test.bin", "cifar-10", "cifar-100", "."};
    for (size_t i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/%s", root, names[i]);
        (void)remove(i < 4 ? path : root);
    }
}

/* The files of both kinds are links to the file in memory. */
static void make_links(const char *target)
{
    char path[128];
    strcpy(root, "/tmp/iclab_fuzz_XXXXXX");
    FUZZ_CHECK(mkdtemp(root) != NULL);
    atexit(remove_links);
    const char *const names[] = {"cifar-10", "cifar-100", "cifar-10/test_batch.bin", "cifar-100/test.bin"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", root, names[i]);
        FUZZ_CHECK((i < 2 ? mkdir(path, 0700) : symlink(target, path)) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct icl_error err = {0};
    struct icl_data *data = NULL;
    if (size == 0) return 0;
    const char *path = fuzz_file(bytes + 1, size - 1);
    if (root[0] == '\0') make_links(path);
    const char *name = (bytes[0] & 1) != 0 ? "cifar-100" : "cifar-10";
    fuzz_check_status(icl_data_open(name, ICL_SPLIT_VALID, bytes[0] >> 1 & 3, 0, root, &data, &err), &err);
    for (size_t i = 0; data != NULL && i < icl_data_info(data)->count; i++) {
        static float image[32 * 32 * 3];
        uint32_t label = 0;
        FUZZ_CHECK(icl_data_batch(data, NULL, 0, 0, NULL, i, 1, NULL, image, &label, &err) == ICL_OK);
        FUZZ_CHECK(label < icl_data_info(data)->classes);
        fuzz_touch(image, sizeof image);
    }
    icl_data_close(data);
    return 0;
}
