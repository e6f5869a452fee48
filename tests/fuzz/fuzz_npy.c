/* .npy files, read whole and mapped. */
#include "core/npy.h"
#include "core/npy_map.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct icl_error err = {0};
    struct icl_array array = {0};
    const icl_status status = icl_npy_read(fuzz_file(bytes, size), &array, &err);
    fuzz_check_status(status, &err);
    if (status == ICL_OK) fuzz_touch(array.data, icl_array_size(&array) * sizeof *array.data);
    icl_array_free(&array);
    return 0;
}
