/* Lists of changed labels. */
#include "tests/fuzz/fuzz.h"
#include "trainer/noisy_labels.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct icl_error err = {0};
    struct icl_noisy_labels labels = {0};
    fuzz_check_status(icl_noisy_labels_read(fuzz_file(bytes, size), 5, &labels, &err), &err);
    for (size_t i = 0; i < labels.count; i++)
        FUZZ_CHECK(icl_noisy_label(&labels, labels.row[i].path) == labels.row[i].label);
    icl_noisy_labels_free(&labels);
    return 0;
}
