/* Specifications of training runs: what is read and written again reads as the same. */
#include "tests/fuzz/fuzz.h"
#include "trainer/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct icl_error err = {0};
    struct icl_train_spec spec, again;
    char *text = fuzz_text(bytes, size);
    const icl_status status = icl_train_spec_parse(text, &spec, &err);
    fuzz_check_status(status, &err);
    free(text);
    if (status != ICL_OK) return 0;
    char first[ICL_SPEC_TEXT], second[ICL_SPEC_TEXT], name[ICL_SPEC_NAME];
    icl_train_spec_text(&spec, first);
    FUZZ_CHECK(icl_train_spec_parse(first, &again, &err) == ICL_OK);
    icl_train_spec_text(&again, second);
    FUZZ_CHECK(strcmp(first, second) == 0);
    fuzz_check_status(icl_train_spec_check(&spec, &err), &err);
    icl_train_spec_name(&spec, name);
    return 0;
}
