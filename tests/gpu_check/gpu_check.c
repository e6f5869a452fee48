/* Checks a device and measures it: `make gpu-check`. Needs no library but libc and libm.
 *   gpu-check [--seed N] [--only TEXT] [--check] [--time] [--small] [--emulated]
 * Without --check and --time both are done. --small leaves out the comparison of losses with the processor's. Exit
 * status: 0 all is right, 1 a check failed or is missing, 2 usage, 3 no device, or one that failed. Nothing is printed
 * as measured on a device that the processor plays, which is taken with --emulated alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/device_bench.h"

static int usage(void)
{
    fputs("usage: gpu-check [--seed N] [--only TEXT] [--check] [--time] [--small] [--emulated]\n", stderr);
    return 2;
}

static int failed(const struct icl_error *err)
{
    fprintf(stderr, "gpu-check: %s\n", err->message);
    return icl_status_exit_code(err->status);
}

struct asked {
    struct icl_device_bench_options options;
    bool small, emulated;
};

static bool read_arguments(int count, char **argument, struct asked *asked)
{
    for (int i = 1; i < count; i++) {
        const bool more = i + 1 < count;
        if (strcmp(argument[i], "--check") == 0) {
            asked->options.check = true;
        } else if (strcmp(argument[i], "--time") == 0) {
            asked->options.time = true;
        } else if (strcmp(argument[i], "--small") == 0) {
            asked->small = true;
        } else if (strcmp(argument[i], "--emulated") == 0) {
            asked->emulated = true;
        } else if (strcmp(argument[i], "--only") == 0 && more) {
            asked->options.only = argument[++i];
        } else if (strcmp(argument[i], "--seed") == 0 && more) {
            char *end;
            asked->options.seed = strtoull(argument[++i], &end, 10);
            if (*end != '\0' || end == argument[i]) return false;
        } else {
            return false;
        }
    }
    if (!asked->options.check && !asked->options.time) asked->options.check = asked->options.time = true;
    return true;
}

static icl_status run(struct icl_device *device, const struct asked *asked, struct icl_device_bench_counts *counts,
                      struct icl_error *err)
{
    struct icl_device_peaks peaks = {0};
    if (asked->options.time) ICL_TRY(icl_bench_device_peaks(device, stdout, &peaks, err));
    ICL_TRY(icl_bench_device(device, &asked->options, &peaks, stdout, counts, err));
    if (asked->options.check && !asked->small)
        ICL_TRY(icl_bench_device_losses(device, &asked->options, stdout, counts, err));
    if (asked->options.time) ICL_TRY(icl_bench_device_steps(device, &asked->options, &peaks, stdout, counts, err));
    return ICL_OK;
}

int main(int argc, char **argv)
{
    struct asked asked = {.options.seed = 1};
    if (!read_arguments(argc, argv, &asked)) return usage();
    struct icl_error err = {0};
    struct icl_device *device;
    if (icl_device_open(ICL_DEVICE_CUDA, &device, NULL, &err) != ICL_OK) return failed(&err);
    if (device->facts.emulated && !asked.emulated) {
        fprintf(stderr, "gpu-check: %s is no device: see --emulated\n", device->facts.name);
        icl_device_close(device);
        return 3;
    }
    struct icl_device_bench_counts counts = {0};
    printf("# inputs from seed %llu\n", (unsigned long long)asked.options.seed);
    const icl_status status = run(device, &asked, &counts, &err);
    icl_device_close(device);
    printf("# %zu checks passed, %zu failed, %zu missing\n", counts.passed, counts.failed, counts.missing);
    if (fflush(stdout) != 0 || ferror(stdout)) return 3;
    if (status != ICL_OK) return failed(&err);
    return counts.failed + counts.missing > 0 || (asked.options.check && counts.passed == 0) ? 1 : 0;
}
