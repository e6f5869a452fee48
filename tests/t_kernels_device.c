/* A device: opening, memory, queue, recorded work, time; on the emulated one. */
#include "device_support.h"

static void test_there_and_back(void **state)
{
    (void)state;
    enum { N = 1000 };
    struct icl_device *device = device_open();
    float *x = check_inputs(41, N);
    const float *there = device_floats(device, x, N);
    device_check_same_f32(device, there, x, N, "upload and download");
    device_close(device);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_there_and_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
