/* Registries of claims. */
#include "experiments/registry.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct icl_error err = {0};
    struct icl_registry registry = {0};
    char *text = fuzz_text(bytes, size);
    fuzz_check_status(icl_registry_parse(text, &registry, &err), &err);
    free(text);
    for (size_t i = 0; i < registry.count; i++) {
        FUZZ_CHECK(icl_claim_matches(&registry.claim[i], registry.claim[i].id));
        (void)icl_quantity_keep(registry.claim[i].quantity);
    }
    icl_registry_free(&registry);
    return 0;
}
