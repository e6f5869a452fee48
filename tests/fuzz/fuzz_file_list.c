/* Lists of files that stand in the folder of a data set. */
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"
#include "trainer/data_check.h"

static char folder[64];

static void remove_folder(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/iclab-files.tsv", folder);
    (void)remove(path);
    (void)remove(folder);
}

static icl_status visit(void *context, const struct icl_file_check *check, struct icl_error *err)
{
    (void)context;
    (void)err;
    FUZZ_CHECK(check->name[0] != '/' && strstr(check->name, "..") == NULL);
    return ICL_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct icl_data_set set = {.name = "fuzz", .format = ICL_DATA_FOLDERS};
    struct icl_error err = {0};
    const char *path = fuzz_file(bytes, size);
    bool listed = false;
    if (folder[0] == '\0') {
        char link[128];
        strcpy(folder, "/tmp/iclab_fuzz_XXXXXX");
        FUZZ_CHECK(mkdtemp(folder) != NULL);
        atexit(remove_folder);
        snprintf(link, sizeof link, "%s/iclab-files.tsv", folder);
        FUZZ_CHECK(symlink(path, link) == 0);
    }
    fuzz_check_status(icl_data_check_files(&set, folder, visit, NULL, &listed, &err), &err);
    return 0;
}
