/* JPEG files; the first byte chooses the size and the part. */
#include "tests/fuzz/fuzz.h"
#include "trainer/data_internal.h"

static struct icl_crop choose(const void *context, size_t height, size_t width)
{
    const uint8_t *byte = context;
    if ((*byte & 1) != 0) return icl_centre_crop(height, width);
    return icl_draw_crop(*byte, 0, 0, height, width);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const size_t sides[] = {1, 8, 17, 64};
    static float out[64 * 64 * 3];
    struct icl_error err = {0};
    struct icl_scratch scratch[3] = {{0}};
    if (size == 0) return 0;
    const size_t side = sides[bytes[0] >> 1 & 3];
    const icl_status status =
        icl_jpeg_read(fuzz_file(bytes + 1, size - 1), choose, bytes, side, side, scratch, out, &err);
    fuzz_check_status(status, &err);
    for (size_t i = 0; status == ICL_OK && i < side * side * 3; i++)
        FUZZ_CHECK(out[i] >= -.01F && out[i] <= 255.01F); /* weights sum to 1 but for rounding */
    for (size_t k = 0; k < 3; k++)
        free(scratch[k].memory);
    return 0;
}
