/* IDX files; the first byte chooses images or labels, and the limit. */
#include "tests/fuzz/fuzz.h"
#include "trainer/images.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct icl_error err = {0};
    if (size == 0) return 0;
    const char *path = fuzz_file(bytes + 1, size - 1);
    const size_t limit = bytes[0] >> 1 & 7;
    if ((bytes[0] & 1) != 0) {
        size_t count = 0;
        uint8_t *labels = NULL;
        const icl_status status = icl_labels_read(path, 10, limit, &count, &labels, &err);
        fuzz_check_status(status, &err);
        for (size_t i = 0; i < count; i++)
            FUZZ_CHECK(labels[i] < 10);
        free(labels);
    } else {
        struct icl_images images = {0};
        fuzz_check_status(icl_images_read(path, limit, &images, &err), &err);
        fuzz_touch(images.pixels, images.count * images.height * images.width);
        icl_images_free(&images);
    }
    return 0;
}
