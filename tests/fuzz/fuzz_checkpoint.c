/* Checkpoints, as they are and with the checksum put right, so that inputs get behind it: nothing is touched unless the
 * whole file is good. */
#include <zlib.h>

#include "tests/fuzz/fuzz.h"
#include "trainer/checkpoint_internal.h"

enum { PARAMETERS = 5, RUNNING = 4 };

struct arrays {
    float parameters[PARAMETERS], first[PARAMETERS];
    double running[RUNNING];
};

static void read_once(const uint8_t *bytes, size_t size)
{
    struct icl_error err = {0};
    struct arrays a, poison;
    struct icl_train_state state, state_poison;
    bool found;
    memset(&a, 0xee, sizeof a);
    memset(&state, 0xdd, sizeof state);
    poison = a;
    state_poison = state;
    const struct icl_train_arrays arrays = {.parameters = a.parameters,
                                            .first = a.first,
                                            .running = a.running,
                                            .parameter_count = PARAMETERS,
                                            .first_count = PARAMETERS,
                                            .running_count = RUNNING};
    const icl_status status =
        icl_checkpoint_read(fuzz_file(bytes, size), "net small\nseed 3\n", &state, &arrays, &found, &err);
    fuzz_check_status(status, &err);
    FUZZ_CHECK(found == (status == ICL_OK));
    if (status == ICL_OK) return;
    FUZZ_CHECK(memcmp(a.parameters, poison.parameters, sizeof a.parameters) == 0);
    FUZZ_CHECK(memcmp(a.first, poison.first, sizeof a.first) == 0);
    FUZZ_CHECK(memcmp(a.running, poison.running, sizeof a.running) == 0);
    FUZZ_CHECK(memcmp(&state, &state_poison, sizeof state) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    read_once(bytes, size);
    if (size < sizeof(uint32_t)) return 0;
    uint8_t *right = malloc(size);
    FUZZ_CHECK(right != NULL);
    memcpy(right, bytes, size);
    const uint32_t crc = (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, size - sizeof crc);
    memcpy(right + size - sizeof crc, &crc, sizeof crc);
    read_once(right, size);
    free(right);
    return 0;
}
