/* Runs the files of a target's corpus through it, and prints TAP. Without arguments: tests/fuzz/corpus/NAME for the
 * program fuzz_NAME, from the top of the tree; otherwise the files given. */
#include <dirent.h>

#include "tests/fuzz/fuzz.h"

enum { MOST = 1 << 20 };

static int run(const char *path)
{
    static uint8_t piece[MOST];
    FILE *file = fopen(path, "rb");
    if (file == NULL) return 1;
    const size_t size = fread(piece, 1, MOST, file);
    fclose(file);
    /* A copy of exactly this size, so that reading on is seen. */
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    if (bytes == NULL) return 1;
    memcpy(bytes, piece, size);
    (void)LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return 0;
}

static int report(int number, const char *path)
{
    const int failed = run(path);
    printf("%sok %d - %s\n", failed ? "not " : "", number, path);
    return failed;
}

int main(int argc, char **argv)
{
    int count = 0, failed = 0;
    if (argc > 1) {
        for (; count < argc - 1; count++)
            failed |= report(count + 1, argv[count + 1]);
    } else {
        const char *slash = strrchr(argv[0], '/'), *name = slash != NULL ? slash + 1 : argv[0];
        char folder[512], path[1024];
        struct dirent **entries;
        snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s", strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name);
        const int found = scandir(folder, &entries, NULL, alphasort);
        for (int i = 0; i < found; i++) {
            snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
            if (entries[i]->d_name[0] != '.') failed |= report(++count, path);
            free(entries[i]);
        }
        if (found >= 0) free(entries);
    }
    printf("1..%d\n", count);
    return failed || count == 0;
}
