/* iclab bench cuda: what a CUDA device does in how much time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"
#include "estimators/device_bench.h"
#include "trainer/device_bench.h"

static icl_status run(struct icl_device *device, struct icl_device_bench_counts *counts, struct icl_error *err)
{
    const struct icl_device_bench_options options = {.seed = 1, .check = true, .time = true};
    struct icl_device_peaks peaks;
    ICL_TRY(icl_bench_device_peaks(device, stdout, &peaks, err));
    ICL_TRY(icl_bench_device(device, &options, &peaks, stdout, counts, err));
    ICL_TRY(icl_bench_device_pairs(device, options.seed, stdout, counts, err));
    return icl_bench_device_steps(device, &options, &peaks, stdout, counts, err);
}

icl_status cli_bench_cuda(const struct cli_bench_settings *settings, struct icl_error *err)
{
    (void)settings;
    struct icl_device *device;
    ICL_TRY(icl_device_open(ICL_DEVICE_CUDA, &device, NULL, err));
    const char *emulated = getenv("ICLAB_BENCH_EMULATED");
    icl_status status = ICL_OK;
    struct icl_device_bench_counts counts = {0};
    if (device->facts.emulated && (emulated == NULL || strcmp(emulated, "1") != 0))
        status = icl_fail(err, ICL_ERR_DEVICE, "CUDA: the processor plays this device: there is nothing to measure");
    else
        status = run(device, &counts, err);
    icl_device_close(device);
    if (status == ICL_OK && counts.failed + counts.missing > 0)
        return icl_fail(err, ICL_ERR_NUMERIC, "CUDA: %zu checks failed, %zu kernels are missing", counts.failed,
                        counts.missing);
    return status;
}
